// The office: seats on the jury, and conflicts of interest.

import { fill, folded, onSubmit, read, refuse, tell } from "./forms.js";
import { all, ask, edition, line, make, moment, names, signedIn, titleOf, words } from "./talk.js";

const at = (id) => document.getElementById(id);
const here = `/api/editions/${edition}`;

let jurors = [];
let works = [];

const nameOf = (id) => jurors.find((one) => one.juror === id)?.name ?? words("name_erased");
const workOf = (id) => titleOf(works.find((one) => one.id === id)?.title);

function seat(juror) {
  if (juror.retired_at) return words("retired", { moment: moment(juror.retired_at) });
  return folded(words("end_seat", { name: nameOf(juror.juror) }), "retire", async () => {
    await ask("DELETE", `${here}/jurors/${juror.juror}`);
    await showJurors();
    tell(at("answer"), words("done"), { focus: true });
  });
}

function lifting(conflict) {
  if (conflict.lifted_at) return `${moment(conflict.lifted_at)} — ${conflict.lifted_why}`;
  return folded(words("lift"), "lift", async (form) => {
    await ask("POST", `${here}/conflicts/${conflict.id}/lift`, read(form));
    await showConflicts();
    tell(at("answer"), words("done"), { focus: true });
  });
}

function offer(pointer, options) {
  const select = at("conflict").querySelector(`[data-at="${pointer}"]`);
  select.replaceChildren(select.options[0], ...options.map(([value, text]) => make("option", { value }, text)));
}

async function showJurors() {
  ({ items: jurors } = await ask("GET", `${here}/jurors`));
  const rows = jurors.map((one) =>
    line(nameOf(one.juror), names("factions", one.faction), words(one.core ? "yes" : "no"), one.capacity ?? "", one.company ?? "", seat(one)),
  );
  at("jurors").replaceChildren(...rows);
  offer("/juror", jurors.map((one) => [one.juror, nameOf(one.juror)]));
}

async function showConflicts() {
  const found = await all(`${here}/conflicts?limit=200`);
  const rows = found.map((one) => {
    const tie = [names("ties", one.kind), one.note].filter(Boolean).join(" — ");
    const said = make("span", {}, names("tellers", one.declared_by), make("span", { className: "hint" }, ` ${moment(one.declared_at)}`));
    return line(nameOf(one.juror), workOf(one.entry), tie, said, lifting(one));
  });
  at("conflicts").replaceChildren(...rows);
}

onSubmit(at("appoint"), async () => {
  const { name } = await ask("POST", `${here}/jurors`, read(at("appoint")));
  fill(at("appoint"), {});
  await showJurors();
  tell(at("appoint"), words("appointed", { name }), { focus: true });
});
onSubmit(at("conflict"), async () => {
  await ask("POST", `${here}/conflicts`, read(at("conflict")));
  fill(at("conflict"), {});
  await showConflicts();
  tell(at("conflict"), words("done"), { focus: true });
});

await signedIn();
try {
  works = await all(`${here}/entries?limit=200`);
  offer("/entry", works.map((one) => [one.id, titleOf(one.title)]));
  await showJurors();
  await showConflicts();
} catch (error) {
  refuse(at("main"), error);
}
