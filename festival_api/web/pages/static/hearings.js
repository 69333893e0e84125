// The office: viewings and defences with who was there, and counting the committee's ballots.

import { fill, folded, onSubmit, read, refuse, tell } from "./forms.js";
import { all, ask, edition, instantOf, language, line, make, moment, names, onTheWall, signedIn, titleOf, words } from "./talk.js";

const at = (id) => document.getElementById(id);
const here = `/api/editions/${edition}`;

const inARow = new Intl.ListFormat(language);

let jurors = [];
let works = [];
let corrected = null;

const nameOf = (id) => jurors.find((one) => one.juror === id)?.name ?? words("name_erased");
const workOf = (id) => titleOf(works.find((one) => one.id === id)?.title);

function offerWhatThereIs() {
  const select = at("record").querySelector("[data-at='/entry']");
  const finalists = works.filter((one) => one.state === "finalist");
  select.replaceChildren(select.options[0], ...finalists.map((one) => make("option", { value: one.id }, titleOf(one.title))));
  const there = at("record").querySelector("[data-at='/jurors']");
  const members = jurors.filter((one) => one.core && !one.retired_at);
  there.append(...members.map((one) =>
    make("label", { className: "tick" }, make("input", { type: "checkbox", value: one.juror }), make("span", {}, nameOf(one.juror))),
  ));
}

/** Fill the form for the next record: a new one, or one that corrects another. */
function begin(tree, replaces) {
  corrected = replaces;
  fill(at("record"), tree);
  at("record").querySelector("[data-correcting]").hidden = replaces === null;
}

function correcting(hearing) {
  const button = make("button", { type: "button", className: "plain" }, words("correct"));
  button.addEventListener("click", () => {
    begin({ ...hearing, held_at: onTheWall(hearing.held_at), reason: "" }, hearing.id);
    at("record").querySelector("[data-at='/reason']").focus();
  });
  return button;
}

async function showHearings() {
  const { items } = await ask("GET", `${here}/hearings`);
  const list = items.map((one) => {
    const said = [`${names("hearings", one.kind)} — ${moment(one.held_at)}`, inARow.format(one.jurors.map(nameOf)), one.note];
    if (one.replaces) said.push(words("corrects", { reason: one.reason }));
    if (one.replaced_by) said.push(words("replaced"));
    const item = make("li", {}, make("h3", {}, workOf(one.entry)), ...said.filter(Boolean).map((text) => make("p", {}, text)));
    if (!one.replaced_by) item.append(correcting(one));
    return item;
  });
  at("hearings").replaceChildren(...(list.length ? list : [make("li", {}, words("no_hearings"))]));
}

function counting(award) {
  if (award.state === "counted") return words("ballots_counted");
  return folded(words("count", { award: names("awards", award.award) }), "count", async () => {
    const { state } = await ask("POST", `${here}/awards/${award.award}/count`);
    const counted = state === "counted";
    await showAwards();
    tell(at("answer"), words(counted ? "ballots_counted" : "second_round"), { focus: true });
  });
}

async function showAwards() {
  const { items } = await ask("GET", `${here}/awards`);
  at("awards").replaceChildren(...items.map((one) => line(names("awards", one.award), one.round, words("ballots", one), counting(one))));
}

onSubmit(at("record"), async () => {
  const body = read(at("record"));
  const { jurors: there = [] } = body;
  await ask("POST", `${here}/hearings`, { ...body, jurors: there, held_at: instantOf(body.held_at), replaces: corrected });
  begin({ kind: body.kind, held_at: body.held_at, jurors: there }, null);
  await showHearings();
  tell(at("record"), words("saved"), { focus: true });
});

at("anew").addEventListener("click", () => begin({ kind: "viewing", held_at: onTheWall(new Date()) }, null));

await signedIn();
try {
  ({ items: jurors } = await ask("GET", `${here}/jurors`));
  works = await all(`${here}/entries?limit=200`);
  offerWhatThereIs();
  begin({ kind: "viewing", held_at: onTheWall(new Date()) }, null);
  await showHearings();
  await showAwards();
} catch (error) {
  refuse(at("main"), error);
}
