// The office: stages of judging, and entries that wait for a decision.

import { fill, onSubmit, read, refuse, tell } from "./forms.js";
import { ask, edition, language, line, make, names, signedIn, titleOf, words } from "./talk.js";

const at = (id) => document.getElementById(id);
const here = `/api/editions/${edition}`;
const PAGE = 50;

const titles = {};
let after = null;
let state;

// --- Stages. ---

// What each button asks for: an address below the stage's, and what goes with it.
const STEPS = {
  open: () => ["open"],
  admit: () => ["admit"],
  draw: () => ["assignments", {}],
  line: () => ["line"],
  close: ({ reason, choice }, stage) => ["close", stage === "2" ? { line_reason: reason, choice } : {}],
  publish: () => ["publish"],
  reopen: ({ reason = "" }) => ["reopen", { reason }],
};

const tiles = [...document.querySelectorAll("[data-stage]")];

async function showStages() {
  const { items } = await ask("GET", `${here}/stages`);
  for (const { stage, state: now } of items) {
    const tile = tiles.find((one) => one.dataset.stage === String(stage));
    for (const one of tile.querySelectorAll("[data-when]")) one.hidden = !one.dataset.when.split(" ").includes(now);
    tile.querySelector("[data-state]").textContent = names("stage_states", now);
    if (stage < 3) tile.querySelector("[data-progress]").replaceChildren(...(await progress(stage)));
  }
}

async function progress(stage) {
  const found = await ask("GET", `${here}/stages/${stage}/progress`);
  const sum = (name) => found.works.reduce((total, work) => total + work[name], 0);
  const lacking = found.works.filter((work) => work.lacks > 0);
  for (const work of found.works) titles[work.entry] = work.title;
  const counts = { works: found.works.length, submitted: sum("submitted"), assigned: sum("assigned"), lacking: lacking.length };
  const told = [make("p", {}, words("progress", counts))];
  if (lacking.length) {
    const list = lacking.map((work) => make("li", {}, `${titleOf(work.title)} — ${words("lacks", { lacks: work.lacks })}`));
    told.push(make("details", {}, make("summary", {}, words("works_lacking")), make("ul", {}, ...list)));
  }
  return told;
}

/** Let the committee choose among works that nothing tells apart; no works, nothing to choose. */
function offer(tile, works = []) {
  const choice = tile.querySelector("[data-choice]");
  if (choice === null) return;
  const ticks = works.map((work) =>
    make("label", { className: "tick" }, make("input", { type: "checkbox", value: work }), make("span", {}, titleOf(titles[work]))),
  );
  fill(choice, {});
  choice.querySelector("fieldset").replaceChildren(choice.querySelector("legend"), ...ticks);
  choice.hidden = works.length === 0;
}

for (const tile of tiles) {
  const form = tile.querySelector("form");
  const { stage } = tile.dataset;
  const act = async (button) => {
    const [path, body] = STEPS[button.dataset.do](read(form), stage);
    let done;
    try {
      done = await ask("POST", `${here}/stages/${stage}/${path}`, body);
    } catch (error) {
      if (["tie_open", "nothing_to_choose"].includes(error.problem?.code)) offer(tile, error.problem.works);
      throw error;
    }
    offer(tile);
    const short = done.shortfalls?.length;
    tell(form, short ? words("shortfalls", { works: short }) : words("done"), { focus: true });
    await showStages();
  };
  onSubmit(form, act, { all: true });
}

// --- Entries. ---

/** Buttons that need a reason, or may have one. */
function deciding(entry, buttons) {
  const form = at("reasoned").content.firstElementChild.cloneNode(true);
  for (const [name, action] of buttons) {
    const button = make("button", { className: "quiet" }, words(name));
    button.dataset.do = name;
    form.querySelector("[data-buttons]").append(button);
    form[`do_${name}`] = action;
  }
  onSubmit(form, async (button) => {
    const [path, more] = form[`do_${button.dataset.do}`];
    const { reason = "" } = read(form);
    const changed = await ask("POST", `/api/entries/${entry.id}/${path}`, { ...more, reason });
    form.closest("tr").replaceWith(row({ ...entry, state: changed.state, student_proof: changed.student_proof }));
  });
  return form;
}

function decisions(entry) {
  const buttons = [];
  if (entry.state === "submitted" && entry.student_proof === "waiting") {
    buttons.push(["accept_proof", ["student-proof", { accepted: true }]], ["refuse_proof", ["student-proof", { accepted: false }]]);
  }
  if (entry.state === "finalised") buttons.push(["waive", ["accept-free", {}]]);
  if (["submitted", "in_recognition", "recognised", "in_evaluation", "finalist"].includes(entry.state)) {
    buttons.push(["disqualify", ["disqualify", {}]]);
  }
  if (!buttons.length) return "";
  return make("details", {}, make("summary", {}, words("decide")), deciding(entry, buttons));
}

function row(entry) {
  const cells = [
    make("a", { href: `/entries/${entry.id}` }, entry.title[language]),
    entry.category ? names("categories", entry.category) : "",
    names("state_names", entry.state),
    entry.student_proof === "none" ? "" : names("proofs", entry.student_proof),
    decisions(entry),
  ];
  return line(...cells);
}

async function showEntries() {
  const asked = new URLSearchParams({ limit: PAGE });
  if (state) asked.set("state", state);
  if (after) asked.set("after", after);
  const page = await ask("GET", `${here}/entries?${asked}`);
  at("entries").append(...page.items.map(row));
  after = page.next;
  at("more").hidden = after === null;
}

at("more").addEventListener("click", () => showEntries().catch((error) => refuse(at("main"), error)));
at("filter").addEventListener("submit", async (event) => {
  event.preventDefault();
  ({ state } = read(at("filter")));
  after = null;
  at("entries").replaceChildren();
  await showEntries().catch((error) => refuse(at("main"), error));
});

await signedIn();
try {
  await showEntries();
  await showStages();
} catch (error) {
  refuse(at("main"), error, { all: true });
}
