// An entry of one's own: its sections, what is missing, its files, its price, what can be done with it.

import { Files } from "./files.js";
import { fill, freeze, linkTo, onSubmit, read, refuse, tell } from "./forms.js";
import { ask, edition, make, moment, money, names, signedIn, titleOf, words } from "./talk.js";

const at = (id) => document.getElementById(id);
const id = at("entry").dataset.entry;
const here = `/api/entries/${id}`;
const forms = [...document.querySelectorAll("form[data-sections]")];
const PAYING = `paying ${id}`;
const PAYMENT_LOOKS = 40;
const LOOK_MS = 3000;

let entry;
let quote = null;

// --- Showing. ---

function show(found) {
  entry = found;
  if (entry.edition !== edition) {
    location.replace(`/entries/${id}?edition=${encodeURIComponent(entry.edition)}`);
    return;
  }
  const can = (action) => entry.allowed.includes(action);
  const [name, next] = names("states", entry.state);
  at("title").textContent = titleOf(entry.draft.title);
  at("state").textContent = name;
  at("next").textContent = next;
  for (const form of forms) freeze(form, !can("edit"));
  // Last while there is something to fill in, first when all that is left is to pay or to wait.
  if (can("edit")) at("leave").before(at("finish"));
  else at("work").before(at("finish"));
  at("quote").hidden = !can("finalise");
  at("finalise").hidden = !can("finalise") || quote === null;
  at("reopen").hidden = !can("reopen");
  at("pay").hidden = !(entry.due?.amount > 0 && ["finalised", "submitted"].includes(entry.state));
  at("leave").hidden = !can("withdraw");
  at("withdraw-part").hidden = !can("withdraw") || can("finalise") && entry.snapshots.length === 0;
  at("discard-part").hidden = !can("discard") || entry.snapshots.length > 0;
  at("readiness").hidden = !can("finalise");
  showPrice();
}

function fillForms() {
  for (const form of forms) {
    fill(form, entry.draft);
    freeze(form, !entry.allowed.includes("edit"));
    delete form.dataset.changed;
  }
}

function showPrice() {
  const priced = quote ?? entry.due?.quote;
  const lines = [];
  if (priced) {
    const share = `${priced.factor_numerator}/${priced.factor_denominator}`;
    lines.push(
      make("p", { className: "sum" }, money(priced.amount, priced.currency)),
      make("p", {}, words("basis", {
        fee: names("fees", priced.fee_class),
        category: names("categories", priced.category),
        period: names("periods", priced.period),
        base: money(priced.base, priced.currency),
        share,
      }), " ", words(priced.student ? "student_fee" : "standard_fee")),
      make("p", {}, words(priced.locked_at ? "due_until" : "offer_until", { moment: moment(priced.expires_at) })),
    );
  }
  if (quote) at("agree-words").textContent = words("agree", { price: money(quote.amount, quote.currency) });
  if (!quote && entry.due) {
    const { currency } = entry.due.quote;
    lines.push(make("p", {}, words("paid_so_far", { paid: money(entry.due.paid, currency), due: money(entry.due.amount, currency) })));
  }
  at("price").replaceChildren(...lines);
}

async function showMissing() {
  if (!entry.allowed.includes("finalise")) return;
  const { ready, missing } = await ask("GET", `${here}/readiness`);
  const list = make("ul", {}, ...missing.map(linkTo));
  at("missing").replaceChildren(ready ? make("p", {}, words("ready")) : list);
}

async function showHistory() {
  const { items } = await ask("GET", `${here}/history`);
  const begun = make("li", {}, make("span", { className: "hint" }, moment(entry.created_at)), " ", words("begun"));
  const told = items.map((event) => {
    const what = `${names("actions", event.action)} (${names("askers", event.by)})`;
    const item = make("li", {}, make("span", { className: "hint" }, moment(event.at)), ` ${what}`);
    if (event.reason) item.append(` — ${event.reason}`);
    return item;
  });
  at("events").replaceChildren(begun, ...told);
  const links = entry.snapshots.map((n) => make("a", { href: `${here}/snapshots/${n}` }, words("snapshot", { n })));
  at("snapshots").replaceChildren(...links.flatMap((link) => [link, " "]));
}

function showFiles(files) {
  const selects = document.querySelectorAll("select[data-files]");
  for (const select of selects) offer(select, files);
  known = files;
}

let known = [];

function offer(select, files) {
  const { value } = select;
  const fit = files.filter((file) => file.kind === select.dataset.files);
  const options = fit.map((file) => make("option", { value: file.id }, file.name));
  select.replaceChildren(select.options[0], ...options);
  select.value = value;
  if (select.selectedIndex < 0) select.value = "";
}

const files = new Files(id, (found) => {
  showFiles(found);
  showMissing().catch(() => {});
});

// Rows come with their list of files; a recording brings its hash.
document.addEventListener("row", ({ detail: row }) => {
  for (const select of row.querySelectorAll("select[data-files]")) offer(select, known);
});
document.addEventListener("change", ({ target }) => {
  if (!target.matches("select[data-files=run_recording]")) return;
  const file = known.find((one) => one.id === target.value);
  const field = target.closest("[data-row]").querySelector("[data-at=recording_sha256]");
  if (file?.sha256) field.value = file.sha256;
});

/** The jury by name, for naming those who must not judge the entry. */
async function showJury() {
  const { items } = await ask("GET", `/api/editions/${edition}/jury`);
  const options = items.map((one) => make("option", { value: one.juror }, `${one.name ?? words("name_erased")} (${names("factions", one.faction)})`));
  const select = at("conflict").querySelector("[data-at='/juror']");
  select.replaceChildren(select.options[0], ...options);
  at("jury").hidden = !entry.allowed.includes("withdraw") || options.length === 0;
}

// --- Saving. ---

async function save(form) {
  const sections = form.dataset.sections.split(" ");
  const written = read(form);
  const draft = Object.fromEntries(sections.map((name) => [name, written[name] ?? null]));
  try {
    show(await ask("PATCH", here, { version: entry.version, draft }));
  } catch (error) {
    if (error.problem?.code !== "stale") throw pointed(error);
    at("stale").querySelector("p").textContent = error.problem.detail;
    at("stale").hidden = false;
    at("stale").scrollIntoView({ block: "center" });
    at("stale").querySelector("button").focus();
    return;
  }
  quote = null;
  show(entry);
  delete form.dataset.changed;
  form.querySelector("[data-saved]").textContent = words("saved");
  await showMissing();
}

/** Pointers of a change speak of its draft. */
function pointed(error) {
  for (const one of error.problem?.errors ?? []) one.where = one.where.replace(/^\/body\/draft/, "/body");
  return error;
}

for (const form of forms) {
  form.addEventListener("input", () => {
    form.dataset.changed = "";
    form.querySelector("[data-saved]").textContent = words("not_saved");
  });
  onSubmit(form, () => save(form));
}
const unsaved = () => forms.filter((form) => "changed" in form.dataset);
window.addEventListener("beforeunload", (event) => {
  if (unsaved().length) event.preventDefault();
});
at("stale").querySelector("button").addEventListener("click", () => {
  for (const form of forms) delete form.dataset.changed;
  location.reload();
});

// --- Doing. ---

async function act(path, body) {
  const found = await ask("POST", `${here}/${path}`, body);
  quote = null;
  show(found);
  fillForms();
  await Promise.all([showHistory(), showMissing(), files.show(entry.allowed.includes("edit"))]);
  at("title").scrollIntoView();
}

const ACTIONS = {
  quote: async (form) => {
    if (unsaved().length) {
      tell(form, words("save_first"), { bad: true });
      return;
    }
    quote = await ask("POST", `${here}/quote`);
    at("agree").checked = false;
    show(entry);
    at("agree").focus();
  },
  finalise: async (form) => {
    if (!at("agree").checked) {
      tell(form, words("tick_first"), { bad: true });
      return;
    }
    const { amount, currency } = quote;
    await act("finalise", { version: entry.version, amount, currency, quote: quote.id });
  },
  pay: async () => {
    const payment = await ask("POST", `${here}/payment`);
    sessionStorage.setItem(PAYING, "1");
    location.assign(payment.url ?? location.href);
  },
  reopen: () => act("reopen"),
  withdraw: (form) => act("withdraw", read(form)),
  conflict: async (form) => {
    await ask("POST", `${here}/conflicts`, read(form));
    fill(form, {});
    tell(form, words("juror_named"), { focus: true });
  },
  discard: async () => {
    await ask("DELETE", here);
    for (const form of forms) delete form.dataset.changed;
    location.assign("/me");
  },
};
for (const [name, action] of Object.entries(ACTIONS)) onSubmit(at(name), () => action(at(name)));

/** Who comes back from the provider's page sees the payment when the service has been told of it. */
async function awaitPayment() {
  if (!sessionStorage.getItem(PAYING)) return;
  sessionStorage.removeItem(PAYING);
  const before = entry.due?.paid;
  for (let looks = 0; looks < PAYMENT_LOOKS && entry.due?.amount > 0; looks += 1) {
    tell(at("answer"), words("awaiting_payment"));
    await new Promise((wait) => setTimeout(wait, LOOK_MS));
    show(await ask("GET", here));
  }
  const paid = entry.due?.paid !== before;
  tell(at("answer"), words(paid ? "payment_came" : "payment_open"));
  if (paid) await showHistory();
}

await signedIn();
try {
  show(await ask("GET", here));
  await files.show(entry.allowed.includes("edit"));
  fillForms();
  await Promise.all([showMissing(), showHistory(), showJury()]);
  at("entry").ariaBusy = "false";
  await awaitPayment();
} catch (error) {
  at("entry").hidden = entry === undefined;
  refuse(at("main"), error);
}
