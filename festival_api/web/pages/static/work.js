// A work as its juror sees it, and the juror's verdict or review.

import { done, fill, freeze, onSubmit, read, refuse, tell } from "./forms.js";
import { ask, edition, language, make, moment, names, place, signedIn, titleOf, words } from "./talk.js";

const at = (id) => document.getElementById(id);
const { entry } = at("work").dataset;
const stageAsked = new URLSearchParams(location.search).get("stage");
const here = `/api/editions/${edition}/jury/works/${entry}`;
const OPINIONS = { 1: "verdict", 2: "review" };

let view;

// --- The work. ---

const yes = (value) => words(value ? "yes" : "no");

/** Any part of a document as headed text. */
function told(value) {
  if (typeof value === "boolean") return make("span", {}, yes(value));
  if (Array.isArray(value)) return make("ul", {}, ...value.map((one) => make("li", {}, told(one))));
  if (value !== null && typeof value === "object") {
    const pairs = Object.entries(value).filter(([, part]) => part !== "" && part !== null && part?.length !== 0);
    pairs.sort(([a], [b]) => place("parts", a) - place("parts", b));
    return make("dl", {}, ...pairs.flatMap(([name, part]) => [make("dt", {}, names("parts", name)), make("dd", {}, told(part))]));
  }
  return make("span", { className: "text" }, names("values", String(value)));
}

function headed(title, ...content) {
  return make("section", {}, make("h2", {}, title), ...content);
}

function fileItem(file) {
  const address = `${here}/files/${file.id}`;
  return make("li", {}, make("a", { href: address }, names("files", file.kind)), make("span", { className: "hint" }, ` SHA-256 ${file.sha256.slice(0, 16)}…`));
}

function linkItem(link) {
  const button = make("button", { type: "button", className: "quiet" }, words("open_link", { kind: names("links", link.kind) }));
  const item = make("li", {}, button, make("p", { className: "hint" }, words("outside_blind")));
  button.addEventListener("click", async () => {
    try {
      const { url, password } = await ask("GET", `${here}/links/${link.number}`);
      const opened = make("p", {}, make("a", { href: url, rel: "noreferrer noopener", target: "_blank" }, url));
      if (password) opened.append(` — ${words("link_password", { password })}`);
      button.replaceWith(opened);
      opened.firstChild.focus();
    } catch (error) {
      refuse(at("main"), error);
    }
  });
  return item;
}

function showWork(work) {
  const parts = [];
  const facts = [names("categories", work.category)];
  if (work.runtime_seconds) facts.push(words("minutes", { minutes: Math.round(work.runtime_seconds / 60) }));
  if (work.languages.length) facts.push(work.languages.join(", "));
  parts.push(make("p", {}, facts.join(" · ")));
  const synopsis = work.synopsis[language] ?? work.synopsis.en;
  if (synopsis) parts.push(make("p", { className: "lead text" }, synopsis));
  if (work.makers) parts.push(make("p", {}, work.makers.map((maker) => `${maker.name} (${maker.role})`).join(", ")));
  if (work.files.length || work.links.length || work.instructions) {
    parts.push(headed(words("see_it"), make("p", { className: "text" }, work.instructions), make("ul", { className: "files" }, ...work.links.map(linkItem), ...work.files.map(fileItem))));
  }
  if (work.runs.length) parts.push(headed(words("runs"), told(work.runs)));
  parts.push(headed(words("declaration"), told(work.declaration)));
  parts.push(headed(words("warnings"), told({ ...work.warnings, ...work.accessibility })));
  at("title").textContent = titleOf(work.title);
  at("work").replaceChildren(...parts);
  at("work").ariaBusy = "false";
}

// --- The opinion. ---

const formOf = () => document.querySelector(`form[data-opinion=${OPINIONS[view.stage]}]`);

function standing() {
  const { opinion, state } = view;
  if (state !== "open") return words("stage_not_open", { state: names("stage_states", state) });
  if (opinion === null) return words("opinion_todo");
  if (opinion.state === "draft") return words("opinion_draft", { moment: moment(opinion.saved_at) });
  return words("opinion_submitted", { moment: moment(opinion.submitted_at) });
}

function showOpinion() {
  const form = formOf();
  const { opinion } = view;
  const open = view.state === "open";
  at("standing").textContent = standing();
  at(OPINIONS[view.stage]).hidden = false;
  form.querySelector("[data-revising]").hidden = !(opinion?.state === "submitted" || opinion?.revision > 1);
  freeze(form, !open);
  at("not-me").hidden = !open;
  at("abstain-part").hidden = opinion?.state === "submitted";
}

function fillOpinion() {
  const { opinion } = view;
  if (opinion === null) return;
  const reason = opinion.state === "draft" ? opinion.reason : "";
  fill(formOf(), { ...(opinion.verdict ?? opinion.review), note: opinion.note, reason });
}

async function save(form, submitter) {
  const kind = form.dataset.opinion;
  const body = read(form);
  // What nobody filled in is still asked for by name.
  if (kind === "verdict") body.checks ??= {};
  else body.scores ??= {};
  view.opinion = await ask("PUT", `${here}/${kind}`, body);
  if (submitter?.dataset.do !== "save") view.opinion = await ask("POST", `${here}/${kind}/submit`);
  delete form.dataset.changed;
  showOpinion();
  fillOpinion();
  tell(form, words(view.opinion.state === "submitted" ? "submitted" : "draft_kept"));
}

function leave(form, text) {
  at("verdict").hidden = at("review").hidden = at("work").hidden = true;
  at("standing").textContent = "";
  done(form, text, make("a", { className: "button", href: `/desk?edition=${encodeURIComponent(edition)}` }, words("my_desk")));
}

for (const form of document.querySelectorAll("form[data-opinion]")) {
  form.addEventListener("input", () => (form.dataset.changed = ""));
  onSubmit(form, (submitter) => save(form, submitter));
}
window.addEventListener("beforeunload", (event) => {
  if (document.querySelector("form[data-changed]")) event.preventDefault();
});
onSubmit(at("conflict"), async () => {
  await ask("POST", `${here}/conflicts`, read(at("conflict")));
  leave(at("conflict"), words("conflict_noted"));
});
onSubmit(at("abstain"), async () => {
  await ask("POST", `${here}/${OPINIONS[view.stage]}/abstain`, read(at("abstain")));
  leave(at("abstain"), words("abstained"));
});

await signedIn();
try {
  view = await ask("GET", stageAsked ? `${here}?stage=${encodeURIComponent(stageAsked)}` : here);
  showWork(view.work);
  fillOpinion();
  showOpinion();
} catch (error) {
  at("work").hidden = true;
  refuse(at("main"), error);
}
