// The core committee: finalists, and one ballot on each award.

import { onSubmit, read, refuse, tell } from "./forms.js";
import { ask, edition, language, make, moment, names, signedIn, titleOf, words } from "./talk.js";

const at = (id) => document.getElementById(id);
const here = `/api/editions/${edition}`;
const tiles = [...document.querySelectorAll("[data-award]")];
const inOrder = new Intl.Collator(language);

let titles;

/** Viewings and defences that one attended; none where the service does not tell. */
async function attended() {
  try {
    return (await ask("GET", `${here}/hearings`)).items;
  } catch (error) {
    if (["not_allowed", "not_in_committee"].includes(error.problem?.code)) return [];
    throw error;
  }
}

function finalist(id, hearings) {
  const own = hearings.filter((one) => one.entry === id);
  const told = own.map((one) => make("p", { className: "hint" }, words(`was_at_${one.kind}`, { moment: moment(one.held_at) })));
  return make("li", {}, make("h3", {}, titleOf(titles[id])), ...told);
}

function standingOf(award, open) {
  if (award.own !== null && !award.may_vote) return words("ballot_cast", { title: titleOf(titles[award.own]) });
  if (award.state === "counted") return words("ballots_counted");
  return award.may_vote || !open ? "" : words("no_vote");
}

function showAward(award, open) {
  const tile = tiles.find((one) => one.dataset.award === award.award);
  if (tile === undefined) return;
  tile.querySelector("[data-round]").hidden = award.round < 2;
  tile.querySelector("[data-count]").textContent = words("ballots", award);
  tile.querySelector("[data-own]").textContent = standingOf(award, open);
  const select = tile.querySelector("select");
  const options = award.candidates.map((id) => make("option", { value: id }, titleOf(titles[id])));
  options.sort((a, b) => inOrder.compare(a.text, b.text));
  select.replaceChildren(select.options[0], ...options);
  tile.querySelector("form").hidden = !award.may_vote;
}

async function show() {
  const [{ items: stages }, { items: results }, { items: awards }, seen] = await Promise.all([
    ask("GET", `${here}/stages`),
    ask("GET", `${here}/results`),
    ask("GET", `${here}/awards`),
    attended(),
  ]);
  titles = Object.fromEntries(results.flatMap((one) => one.passed.map((work) => [work.entry, work.title])));
  at("standing").textContent = `${words("stage", { stage: 3 })} — ${names("stage_states", stages[2].state)}`;
  const standing = [...new Set(awards.flatMap((award) => award.candidates ?? []))];
  standing.sort((a, b) => inOrder.compare(titleOf(titles[a]), titleOf(titles[b])));
  at("finalists").replaceChildren(...standing.map((id) => finalist(id, seen)));
  for (const award of awards.filter((one) => one.candidates !== null)) showAward(award, stages[2].state === "open");
  at("sitting").hidden = false;
}

for (const tile of tiles) {
  const form = tile.querySelector("form");
  onSubmit(form, async () => {
    await ask("POST", `${here}/awards/${tile.dataset.award}/ballots`, read(form));
    await show();
    tell(at("answer"), words("ballot_in"));
    tile.querySelector("[data-own]").scrollIntoView({ block: "center" });
  });
}

await signedIn();
try {
  await show();
} catch (error) {
  at("standing").textContent = "";
  refuse(at("main"), error);
}
