// A juror's desk.

import { refuse } from "./forms.js";
import { ask, edition, make, names, signedIn, titleOf, words } from "./talk.js";

const place = document.getElementById("stages");

function item(stage, work) {
  const address = `/desk/${work.entry}?stage=${stage}&edition=${encodeURIComponent(edition)}`;
  return make(
    "li",
    {},
    make("h3", {}, make("a", { href: address }, titleOf(work.title))),
    make("p", {}, make("span", { className: "badge" }, names("opinions", work.opinion)), ` ${names("categories", work.category)}`),
  );
}

function part({ stage, state, items }) {
  const left = items.filter((work) => work.opinion !== "submitted").length;
  const told = items.length ? words("works_left", { left, works: items.length }) : words("no_works");
  return make(
    "section",
    {},
    make("h2", {}, `${words("stage", { stage })} — ${names("stage_states", state)}`),
    make("p", {}, told),
    make("ul", { className: "entries" }, ...items.map((work) => item(stage, work))),
  );
}

await signedIn();
try {
  const { stages } = await ask("GET", `/api/editions/${edition}/jury/desk`);
  place.replaceChildren(...stages.map(part));
} catch (error) {
  place.replaceChildren();
  refuse(document.getElementById("main"), error);
} finally {
  place.ariaBusy = "false";
}
