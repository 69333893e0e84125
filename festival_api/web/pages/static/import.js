// The office: submissions from FilmFreeway, tried first and then brought in.

import { onSubmit, read, tell } from "./forms.js";
import { ask, edition, language, line, make, names, signedIn, words } from "./talk.js";

const at = (id) => document.getElementById(id);

function row(one) {
  const notes = [...one.notes, ...(one.waiver_reason ? [one.waiver_reason] : [])].map((note) => make("p", {}, note[language]));
  const title = one.entry ? make("a", { href: `/entries/${one.entry}` }, one.title) : one.title;
  return line(one.line, one.number, title, names("outcomes", one.outcome), make("div", {}, ...notes));
}

onSubmit(at("import"), async (button) => {
  at("report").hidden = true;
  const [file] = at("file").files;
  if (file === undefined) {
    tell(at("import"), words("choose_file"), { bad: true });
    return;
  }
  const asked = new URLSearchParams({ dry_run: button?.dataset.do !== "import" });
  const { categories = [] } = read(at("import"));
  for (const { name = "", category = "" } of categories) asked.append("category", `${name}=${category}`);
  const path = `/api/editions/${edition}/imports/filmfreeway?${asked}`;
  const report = await ask("POST", path, undefined, { raw: file, headers: { "Content-Type": "text/csv" } });
  at("report-title").textContent = words(report.dry_run ? "import_tried" : "import_done");
  const counts = Object.entries(report.counts).map(([outcome, count]) => `${count} × ${names("outcomes", outcome)}`);
  at("counts").textContent = counts.join(" · ") || words("import_empty");
  at("rows").replaceChildren(...report.rows.map(row));
  at("report").hidden = false;
  at("report-title").focus();
});

await signedIn();
