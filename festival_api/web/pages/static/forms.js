// Forms whose fields carry JSON pointers: filled from a document, read into one, marked with what does not fit.

import { Refused, make, words } from "./talk.js";

// --- Pointers. ---

const stepsOf = (pointer) => pointer.split("/").slice(1);

function get(tree, pointer) {
  return stepsOf(pointer).reduce((at, step) => at?.[step], tree);
}

function put(tree, pointer, value) {
  const steps = stepsOf(pointer);
  const last = steps.pop();
  let at = tree;
  steps.forEach((step, n) => {
    const next = steps[n + 1] ?? last;
    at[step] ??= /^\d+$/.test(next) ? [] : {};
    at = at[step];
  });
  at[last] = value;
}

/** Where a field stands in what is sent; in a row of a list that depends on the row. */
export function pointerOf(field) {
  const { at } = field.dataset;
  if (at.startsWith("/")) return at;
  const row = field.closest("[data-row]");
  const list = row.closest("[data-list]");
  const index = [...rowsOf(list)].indexOf(row);
  return `${list.dataset.list}/${index}${at && "/"}${at}`;
}

// --- Fields. ---

const inputs = (field) => (field.matches("fieldset") ? [...field.querySelectorAll("input")] : [field]);
const texts = (field) => (field.value.trim() === "" ? undefined : field.value);

function picked(field) {
  const found = inputs(field).filter((one) => one.checked).map((one) => one.value);
  return found.length ? found : undefined;
}

function number(text) {
  return /^\s*\d{1,15}\s*$/.test(text) ? Number(text) : text;
}

function seconds(text) {
  if (!/^\s*(\d{1,3}:)?\d{1,4}:\d{1,2}\s*$/.test(text)) return number(text);
  return text.split(":").reduce((sum, part) => sum * 60 + Number(part), 0);
}

function clock(total) {
  const two = (n) => String(n).padStart(2, "0");
  return `${Math.floor(total / 3600)}:${two(Math.floor(total / 60) % 60)}:${two(total % 60)}`;
}

// How each kind of field is read (undefined where nothing is filled in) and filled.
const KINDS = {
  text: { read: texts, write: (field, value) => (field.value = value ?? "") },
  secret: { read: (field) => field.value || undefined, write: (field) => (field.value = "") },
  choice: { read: texts, write: (field, value) => (field.value = value ?? "") },
  number: {
    read: (field) => (texts(field) === undefined ? undefined : number(field.value)),
    write: (field, value) => (field.value = value ?? ""),
  },
  runtime: {
    read: (field) => (texts(field) === undefined ? undefined : seconds(field.value)),
    write: (field, value) => (field.value = (value ?? "") === "" ? "" : clock(value)),
  },
  tags: {
    read: (field) => (texts(field) === undefined ? undefined : field.value.trim().split(/[\s,，、;；]+/u).filter(Boolean)),
    write: (field, value) => (field.value = (value ?? []).join(", ")),
  },
  flag: { read: (field) => field.checked, write: (field, value) => (field.checked = value ?? false) },
  answer: {
    read: (field) => (picked(field) === undefined ? undefined : picked(field)[0] === "true"),
    write: (field, value) => inputs(field).forEach((one) => (one.checked = one.value === String(value))),
  },
  pick: {
    read: (field) => picked(field)?.[0],
    write: (field, value) => inputs(field).forEach((one) => (one.checked = one.value === value)),
  },
  picks: {
    read: picked,
    write: (field, value) => inputs(field).forEach((one) => (one.checked = (value ?? []).includes(one.value))),
  },
};

const fieldsOf = (root) => root.querySelectorAll("[data-at]");

/** Read a form. An object is there when something in it is filled in; only then do unticked boxes say "false". */
export function read(form) {
  for (const list of form.querySelectorAll("[data-list]")) dropBlankRows(list);
  const tree = {};
  const unticked = [];
  for (const field of fieldsOf(form)) {
    const value = KINDS[field.dataset.kind].read(field);
    if (value === false && field.dataset.kind === "flag") unticked.push(pointerOf(field));
    else if (value !== undefined) put(tree, pointerOf(field), value);
  }
  for (const pointer of unticked) {
    const parent = get(tree, pointer.slice(0, pointer.lastIndexOf("/")));
    if (parent !== undefined) put(tree, pointer, false);
  }
  return tree;
}

/** Fill a form from a document. */
export function fill(form, tree) {
  for (const list of form.querySelectorAll("[data-list]")) {
    list.querySelector("[data-rows]").replaceChildren();
    for (const _ of get(tree, list.dataset.list) ?? []) addRow(list);
  }
  for (const field of fieldsOf(form)) KINDS[field.dataset.kind].write(field, get(tree, pointerOf(field)));
}

/** Let a form be read but not changed, or changed again. */
export function freeze(form, frozen) {
  for (const one of form.querySelectorAll("input, select, textarea, button")) one.disabled = frozen;
  form.querySelectorAll(".saving, [data-add], [data-remove]").forEach((one) => (one.hidden = frozen));
}

// --- Lists of rows. ---

const rowsOf = (list) => list.querySelectorAll("[data-row]");

function addRow(list) {
  const row = list.querySelector("template").content.firstElementChild.cloneNode(true);
  list.querySelector("[data-rows]").append(row);
  list.dispatchEvent(new CustomEvent("row", { bubbles: true, detail: row }));
  return row;
}

function dropBlankRows(list) {
  for (const row of rowsOf(list)) {
    const filled = [...fieldsOf(row)].some((field) => ![undefined, false].includes(KINDS[field.dataset.kind].read(field)));
    if (!filled) row.remove();
  }
}

document.addEventListener("click", ({ target }) => {
  const list = target.closest?.("[data-list]");
  if (target.matches?.("[data-add]")) {
    addRow(list).querySelector("input, select, textarea").focus();
  } else if (target.matches?.("[data-remove]")) {
    target.closest("[data-row]").remove();
    list.querySelector("[data-add]").focus();
    list.dispatchEvent(new Event("input", { bubbles: true }));
  }
});

// --- What went well, and what did not. ---

/** Say something at a form, a page or a section: in its `.answer`. */
export function tell(root, text, { bad = false, more = [], focus = bad } = {}) {
  const place = root.matches(".answer") ? root : root.querySelector(".answer");
  place.classList.toggle("bad", bad);
  place.replaceChildren(make("p", {}, text), ...more);
  place.hidden = false;
  if (focus) place.focus();
}

/** Say that a form did what it is for; nothing is left to do with it. */
export function done(form, text, ...more) {
  const place = form.querySelector(".answer");
  form.replaceChildren(place);
  tell(place, text, { more, focus: true });
}

function clear(form) {
  const place = form.querySelector(".answer");
  if (place) place.hidden = true;
  form.querySelectorAll(".trouble").forEach((one) => one.remove());
  for (const one of form.querySelectorAll("[aria-invalid]")) {
    one.removeAttribute("aria-invalid");
    one.removeAttribute("aria-describedby");
  }
}

let count = 0;

/** The field, list or group of fields that a pointer speaks of, if there is one. */
export function find(root, pointer) {
  const all = [...root.querySelectorAll("[data-at], [data-list], [data-group]")];
  const places = all.map((one) => [one.dataset.list ?? one.dataset.group ?? pointerOf(one), one]);
  const fits = (at) => at === pointer || pointer.startsWith(`${at}/`) || at.startsWith(`${pointer}/`);
  const near = places.filter(([at]) => fits(at));
  near.sort(([a], [b]) => Math.abs(a.length - pointer.length) - Math.abs(b.length - pointer.length));
  return near[0]?.[1];
}

/** Go to what a pointer speaks of. */
export function goTo(pointer) {
  const place = find(document, pointer);
  if (place === undefined) return;
  place.scrollIntoView({ block: "center" });
  const first = place.matches("input, select, textarea") ? place : place.querySelector("input, select, textarea, [data-add]");
  first?.focus({ preventScroll: true });
}

function mark(form, pointer, text) {
  const field = find(form, pointer);
  if (field === undefined) return false;
  const trouble = make("p", { className: "trouble", id: `trouble-${(count += 1)}` }, text);
  (field.closest(".field") ?? field).append(trouble);
  for (const one of inputs(field).filter((one) => one.matches("input, select, textarea"))) {
    one.setAttribute("aria-invalid", "true");
    one.setAttribute("aria-describedby", trouble.id);
  }
  return true;
}

const WAYS_OUT = { not_confirmed: ["/confirm", "send_letter_again"], not_signed_in: ["/sign-in", "sign_in"] };
const OWN = ["type", "title", "status", "detail", "code", "errors", "missing", "links", "wrong"];

/** Show a refusal whole: what it says, and beside each field what does not fit there. */
export function refuse(form, error, { all = false } = {}) {
  if (!(error instanceof Refused)) {
    tell(form, words("fault"), { bad: true });
    throw error;
  }
  const { problem } = error;
  const more = [];
  const said = (where, what) => {
    if (!mark(form, where, what)) more.push(make("li", {}, where ? `${where}: ${what}` : what));
  };
  for (const { where, what } of problem.errors ?? []) said(where.replace(/^\/body/, ""), what);
  for (const one of problem.wrong ?? []) said(`/${"check" in one ? "checks" : "scores"}/${one.check ?? one.dimension}`, words(`wrong_${one.what}`));
  for (const one of problem.missing ?? []) more.push(linkTo(one));
  for (const one of problem.links ?? []) more.push(linkTo(one));
  if (all) {
    for (const [name, value] of Object.entries(problem)) {
      if (!OWN.includes(name)) more.push(make("li", {}, `${name}: ${JSON.stringify(value)}`));
    }
  }
  tell(form, problem.detail, { bad: true, more: more.length ? [make("ul", {}, ...more)] : [] });
  const [address, name] = WAYS_OUT[problem.code] ?? [];
  // In another window, so that what was filled in here stays.
  if (address) form.querySelector(".answer").append(make("a", { href: address, target: "_blank" }, words(name)));
  form.querySelector("[aria-invalid]")?.focus();
}

/** What a pointer speaks of, as the page calls it. */
function called(pointer) {
  const place = find(document, pointer)?.closest("[data-group], .field, .rows, section");
  const label = place?.querySelector(".label, h2, .tick > span");
  return label?.firstChild.textContent.trim() ?? pointer;
}

/** An item that says what is missing and leads there. */
export function linkTo({ where, detail }) {
  const said = detail[document.documentElement.lang].replace(where, called(where));
  const link = make("a", { href: "#main" }, said);
  link.addEventListener("click", (event) => {
    event.preventDefault();
    goTo(where);
  });
  return make("li", {}, link);
}

/** A form from a template of the page, behind words that open it. */
export function folded(opens, id, action, options) {
  const form = document.getElementById(id).content.firstElementChild.cloneNode(true);
  onSubmit(form, (submitter) => action(form, submitter), options);
  return make("details", {}, make("summary", {}, opens), form);
}

/** Carry out what a form is for, once at a time; refusals are shown in it. */
export function onSubmit(form, action, options) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (form.ariaBusy === "true") return;
    clear(form);
    form.ariaBusy = "true";
    try {
      await action(event.submitter);
    } catch (error) {
      refuse(form, error, options);
    } finally {
      form.ariaBusy = "false";
    }
  });
}
