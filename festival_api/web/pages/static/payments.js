// The office: payments, and giving money back.

import { folded, onSubmit, read, refuse, tell } from "./forms.js";
import { all, ask, edition, language, line, make, minor, moment, names, signedIn, titleOf, typed, words } from "./talk.js";

const at = (id) => document.getElementById(id);
const here = `/api/editions/${edition}`;
const PAGE = 50;

let after = null;
let chosen = {};
let works = [];

const workOf = (id) => titleOf(works.find((one) => one.id === id)?.title);

/** Once money went back, or did not, the payment is told anew. */
async function replaceRow(form, payment) {
  form.closest("tr").replaceWith(row(await ask("GET", `/api/payments/${payment.id}`)));
}

function giving(payment) {
  const left = payment.amount - payment.refunded;
  if (payment.state !== "paid" || left <= 0) return [];
  const part = folded(words("give_back"), "refund", async (form) => {
    const { amount: text, reason = "" } = read(form);
    const amount = minor(text, payment.currency);
    if (amount === null) {
      tell(form, words("no_amount", { example: typed(left, payment.currency) }), { bad: true });
      return;
    }
    await ask("POST", `/api/payments/${payment.id}/refunds`, { amount, reason });
    await replaceRow(form, payment);
    tell(at("answer"), words("given_back"), { focus: true });
  });
  part.querySelector("[data-at='/amount']").value = typed(left, payment.currency);
  return [part];
}

function refund(payment, one) {
  const told = make("p", {}, `${one.amount_text[language]} — ${names("refunds", one.state)} — ${one.reason[language]}`);
  if (!["failed", "asked"].includes(one.state)) return [told];
  const again = folded(words("refund_again"), "retry", async (form) => {
    await ask("POST", `/api/refunds/${one.id}/retry`);
    await replaceRow(form, payment);
    tell(at("answer"), words("given_back"), { focus: true });
  });
  return [told, again];
}

function row(payment) {
  const { basis } = payment;
  const what = [basis.category_name?.[language] ?? basis.category, names("fees", basis.fee_class), basis.period_name?.[language] ?? basis.period];
  const state = make("div", {}, names("payments", payment.state), make("p", { className: "hint" }, moment(payment.settled_at ?? payment.started_at)));
  if (payment.trouble) state.append(make("p", { className: "trouble" }, words("look_into")));
  return line(
    make("a", { href: `/entries/${payment.entry}` }, workOf(payment.entry)),
    `${what.join(" · ")}. ${words(basis.student ? "student_fee" : "standard_fee")}`,
    payment.amount_text[language],
    state,
    make("div", {}, ...payment.refunds.flatMap((one) => refund(payment, one)), ...giving(payment)),
  );
}

async function showPayments() {
  const asked = new URLSearchParams({ limit: PAGE, ...chosen });
  if (after) asked.set("after", after);
  const page = await ask("GET", `${here}/payments?${asked}`);
  at("payments").append(...page.items.map(row));
  after = page.next;
  at("more").hidden = after === null;
}

at("more").addEventListener("click", () => showPayments().catch((error) => refuse(at("main"), error)));
at("filter").addEventListener("submit", async (event) => {
  event.preventDefault();
  const { state, attention } = read(at("filter"));
  chosen = { ...(state && { state }), ...(attention && { attention }) };
  after = null;
  at("payments").replaceChildren();
  await showPayments().catch((error) => refuse(at("main"), error));
});

await signedIn();
try {
  works = await all(`${here}/entries?limit=200`);
  await showPayments();
} catch (error) {
  refuse(at("main"), error);
}
