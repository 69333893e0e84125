// The office: stages of judging, and entries that wait for a decision.

import { onSubmit, read, refuse, tell } from "./forms.js";
import { ask, edition, language, make, names, signedIn, words } from "./talk.js";

const at = (id) => document.getElementById(id);
const here = `/api/editions/${edition}`;
const PAGE = 50;

let after = null;
let state;

// --- Stages. ---

async function showProgress(tile) {
  const { stage } = tile.dataset;
  if (stage === "3") return;
  const found = await ask("GET", `${here}/stages/${stage}/progress`);
  const lacking = found.works.filter((work) => work.lacks > 0);
  const submitted = found.works.reduce((sum, work) => sum + work.submitted, 0);
  const assigned = found.works.reduce((sum, work) => sum + work.assigned, 0);
  const told = [
    make("p", {}, make("span", { className: "badge" }, names("stage_states", found.state))),
    make("p", {}, words("progress", { works: found.works.length, submitted, assigned, lacking: lacking.length })),
  ];
  if (lacking.length) {
    const list = lacking.map((work) => make("li", {}, `${work.title[language] ?? work.title.en} — ${words("lacks", { lacks: work.lacks })}`));
    told.push(make("details", {}, make("summary", {}, words("works_lacking")), make("ul", {}, ...list)));
  }
  tile.querySelector("[data-progress]").replaceChildren(...told);
}

for (const tile of document.querySelectorAll("[data-stage]")) {
  const form = tile.querySelector("form");
  const act = async (button) => {
    const body = button.dataset.do === "assignments" ? {} : undefined;
    const done = await ask("POST", `${here}/stages/${tile.dataset.stage}/${button.dataset.do}`, body);
    const told = done?.shortfalls?.length ? words("shortfalls", { works: done.shortfalls.length }) : words("done");
    tell(form, told);
    await showProgress(tile);
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
    names("proofs", entry.student_proof),
    decisions(entry),
  ];
  return make("tr", {}, ...cells.map((cell) => make("td", {}, cell)));
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
  for (const tile of document.querySelectorAll("[data-stage]")) await showProgress(tile);
} catch (error) {
  refuse(at("main"), error, { all: true });
}
