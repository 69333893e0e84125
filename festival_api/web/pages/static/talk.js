// Talks with the interface, and in the language of the page.

const spoken = JSON.parse(document.getElementById("spoken").textContent);

export const language = document.documentElement.lang;
export const edition = document.body.dataset.edition;

/** What things are called: `names("states", "draft")`; what has no name keeps its own. */
export function names(group, id) {
  return spoken[group]?.[id] ?? id;
}

/** In which place of its group something is named, for putting things in order; the unnamed come last. */
export function place(group, id) {
  const found = Object.keys(spoken[group]).indexOf(id);
  return found < 0 ? Number.MAX_SAFE_INTEGER : found;
}

/** A sentence of the page's language, with its placeholders filled. */
export function words(key, values = {}) {
  const sentence = spoken.words[key];
  if (sentence === undefined) throw new Error(`no words for ${key}`);
  return sentence.replace(/\{(\w+)\}/g, (_, name) => values[name]);
}

/** An instant as it is written in the festival's own time zone. */
export function moment(instant) {
  const style = { dateStyle: "long", timeStyle: "short", timeZone: spoken.zone };
  return `${new Intl.DateTimeFormat(spoken.locale, style).format(new Date(instant))} (${spoken.zone_name})`;
}

/** An amount of minor units as it is written in Hong Kong: US$562.50. */
export function money(amount, currency) {
  const format = new Intl.NumberFormat(spoken.locale, { style: "currency", currency });
  return format.format(amount / 10 ** format.resolvedOptions().maximumFractionDigits);
}

// An instant read as a wall clock of the festival's zone, in milliseconds; wall clocks know no zone.
function wallOf(instant) {
  const parts = new Intl.DateTimeFormat("en-GB", {
    timeZone: spoken.zone, hourCycle: "h23", year: "numeric", month: "numeric", day: "numeric", hour: "numeric", minute: "numeric",
  }).formatToParts(instant);
  const { year, month, day, hour, minute } = Object.fromEntries(parts.map(({ type, value }) => [type, Number(value)]));
  return Date.UTC(year, month - 1, day, hour, minute);
}

/** What a field for date and time shows of an instant in the festival's own time zone. */
export function onTheWall(instant) {
  return new Date(wallOf(new Date(instant))).toISOString().slice(0, 16);
}

/** The instant of a date and time in the festival's own time zone; what is none is left as it is. */
export function instantOf(local) {
  const wall = Date.parse(`${local}Z`);
  if (Number.isNaN(wall)) return local;
  // Twice, since the distance between clocks may differ between the first guess and the instant.
  const guess = wall - (wallOf(wall) - wall);
  return new Date(guess - (wallOf(guess) - wall)).toISOString();
}

const digitsOf = (currency) => new Intl.NumberFormat("en", { style: "currency", currency }).resolvedOptions().maximumFractionDigits;

/** An amount of minor units as it is typed: 562.50. */
export function typed(amount, currency) {
  return (amount / 10 ** digitsOf(currency)).toFixed(digitsOf(currency));
}

/** The minor units of an amount that was typed; null where it is none. */
export function minor(text, currency) {
  const [, whole, part = ""] = /^\s*(\d{1,12})(?:\.(\d*))?\s*$/.exec(text ?? "") ?? [];
  const digits = digitsOf(currency);
  return whole === undefined || part.length > digits ? null : Number(whole + part.padEnd(digits, "0"));
}

/** A title in the page's language, or in the one that there is. */
export function titleOf(title) {
  return title?.[language] ?? title?.en ?? title?.["zh-Hant"] ?? title?.original ?? words("untitled");
}

/** The service's "no", as a problem document. */
export class Refused extends Error {
  constructor(problem) {
    super(problem.detail);
    this.problem = problem;
  }
}

/** Ask the interface; gives the answer's document, throws `Refused`. */
export async function ask(method, path, body, { headers = {}, raw, signal, answered } = {}) {
  const sent = { Accept: "application/json", "Accept-Language": language, ...headers };
  if (body !== undefined) sent["Content-Type"] = "application/json";
  const content = body === undefined ? raw : JSON.stringify(body);
  let answer;
  try {
    answer = await fetch(path, { method, headers: sent, body: content, signal, cache: "no-store" });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Refused({ code: "offline", detail: words("offline") });
  }
  if (!answer.ok) throw new Refused(await problemOf(answer));
  answered?.(answer);
  const type = answer.headers.get("Content-Type") ?? "";
  return answer.status !== 204 && type.startsWith("application/json") ? answer.json() : null;
}

async function problemOf(answer) {
  try {
    return await answer.json();
  } catch {
    // A proxy's own page, or the answer to HEAD, which has no body.
    return { code: `http_${answer.status}`, detail: words("unreadable", { status: answer.status }) };
  }
}

/** Every item of a list that comes in pages. */
export async function all(path) {
  const found = [];
  let after = null;
  do {
    const address = new URL(path, location.origin);
    if (after !== null) address.searchParams.set("after", after);
    const page = await ask("GET", address.pathname + address.search);
    found.push(...page.items);
    after = page.next;
  } while (after !== null);
  return found;
}

let asked;

/** One's own account, or null. */
export function whoIs() {
  asked ??= ask("GET", "/api/me").catch((error) => {
    if (error.problem?.code === "not_signed_in") return null;
    throw error;
  });
  return asked;
}

/** One's own account; who is not signed in is led there first. */
export async function signedIn() {
  const me = await whoIs();
  if (me !== null) return me;
  const here = location.pathname + location.search;
  location.replace(`/sign-in?next=${encodeURIComponent(here)}`);
  return new Promise(() => {});
}

/** A row of a table. */
export function line(...cells) {
  return make("tr", {}, ...cells.map((cell) => make("td", {}, cell)));
}

/** Make an element: `make("p", { className: "hint" }, "text", child)`. */
export function make(tag, properties = {}, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}
