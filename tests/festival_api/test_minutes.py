"""Tables and minutes: what a closed stage came to, for those who may read it, and safe to open."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from datetime import UTC, datetime
from html.parser import HTMLParser

import pytest
from sqlalchemy import update

from festival_api.jury._documents import Heading, Paragraph, Rows, as_html, as_markdown
from festival_api.store import tables as t
from festival_api.texts import canonical
from festival_api.web._app import attach

EDITION = "hkaiiff-2026"
API = f"/api/editions/{EDITION}"
CHECKS = ("ai_native", "feasibility", "ethics")
DIMENSIONS = (
    "technological_innovation",
    "artistic_achievement",
    "commercial_value",
    "social_impact",
)
EVIL = "=SUM(A1)<script>alert(1)</script>|*x*"


def done(answer, status=200):
    assert answer.status_code == status, answer.text
    return answer


def refused(answer, status, code):
    assert (answer.status_code, answer.json().get("code")) == (status, code), answer.text


class Closed:
    """An edition with works in stages 1 and 2, ready to be closed."""

    def __init__(self, people, app) -> None:
        self.people = people
        self.office, self.auditor = people.office(), people.auditor()
        self.jury = [people.juror(name) for name in ("technology", "ethics", "art", "community")]
        loaded = people.festival.loaded(EDITION)
        awards = tuple(one for one in loaded.edition.awards if one.announced)
        rules = loaded.edition.settings.model_copy(
            update={"awards_counted": sum(one.counted for one in awards)}
        )
        small = loaded.edition.model_copy(update={"awards": awards, "settings": rules})
        people.festival = replace(
            people.festival, editions={EDITION: replace(loaded, edition=small)}
        )
        attach(app, people.festival, lambda: None)

    def post(self, path, body=None, client=None):
        return done((client or self.office).post(f"{API}/{path}", json=body))

    def get(self, path, client=None, **options):
        return (client or self.office).get(f"{API}/{path}", **options)

    def first(self) -> list[str]:
        """Close stage 1 with one work that passes and one that fails one check."""
        title = {"en": EVIL, "zh-Hant": "第二件"}
        works = [*self.people.works(1), *self.people.works(1, made={"title": title})]
        self.post("stages/1/open")
        for work in works:
            for juror in self.jury[:2]:
                passed = {"passed": True, "reason": ""}
                failed = {"passed": work == works[0], "reason": "canary"}
                checks = {"ai_native": passed, "feasibility": passed, "ethics": failed}
                self.people.opinion(1, work, juror, {"checks": checks, "comment": "canary"})
        self.people.festival.clock.now = datetime(2026, 4, 2, tzinfo=UTC)
        self.post("stages/1/close", {})
        return works

    def second(self, count=5) -> list[str]:
        """Close stage 2 with works whose scores rise; every juror has seen all."""
        works = sorted(self.people.works(count, state="recognised"))
        self.people.stage(1, "published")
        self.post("stages/2/open")
        for number, work in enumerate(works):
            for place, juror in enumerate(self.jury):
                scores = dict.fromkeys(DIMENSIONS, 10 * number + 5 * place + number * place % 3)
                rest = {"comments": {}, "comment": "canary", "confidence": None, "runs": []}
                self.people.opinion(2, work, juror, {"scores": scores, **rest})
        body = {"juror": self.jury[0].account, "entry": works[0], "kind": "family"}
        done(self.office.post(f"{API}/conflicts", json=body), 201)
        self.post("stages/2/close", {"line_reason": EVIL})
        return works


@pytest.fixture
def closed(people, app, clock) -> Closed:
    clock.now = datetime(2026, 3, 31, tzinfo=UTC)
    return Closed(people, app)


def table(answer):
    text = done(answer).content.decode("utf-8-sig")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    return list(csv.DictReader(io.StringIO(text)))


# --- Tables. ---


def test_stage_1_as_a_table(closed):
    works = closed.first()
    rows = {row["entry"]: row for row in table(closed.get("stages/1/works.csv"))}
    assert [rows[work]["recognised"] for work in works] == ["yes", "no"]
    assert (rows[works[1]]["ethics_passed"], rows[works[1]]["ethics_failed"]) == ("0", "2")
    assert rows[works[1]]["title_en"] == f"'{EVIL}", "a spreadsheet runs nothing"


def test_stage_2_as_tables(closed):
    works = closed.second()
    rows = table(closed.get("stages/2/works.csv"))
    assert [row["entry"] for row in rows] == works[::-1]
    assert [row["passed"] for row in rows] == ["yes"] * 2 + ["no"] * 3
    best, worst = rows[0], rows[-1]
    assert (best["reviews"], worst["reviews"]) == ("4", "3"), "what is void is not counted"
    assert int(best["sum"]) == sum(int(best[f"{id_}_sum"]) for id_ in DIMENSIONS)
    assert int(best["art_sum"]) == 4 * (40 + 10 + 8 % 3)
    assert worst["technology_sum"] == ""
    assert int(best["social_impact_adjusted_micro"]) > int(worst["social_impact_adjusted_micro"])
    jurors = table(closed.get("stages/2/jurors.csv"))
    pseudonyms = {f"juror-{juror.account[:8]}" for juror in closed.jury}
    assert {row["juror"] for row in jurors} == pseudonyms
    assert {row["reviews"] for row in jurors} == {"4", "5"}
    severities = {row["juror"]: int(row["severity_micro"]) for row in jurors}
    harshest = f"juror-{closed.jury[0].account[:8]}"
    assert max(severities, key=severities.get) == harshest


EXPORTS = ("works.csv", "minutes.html", "minutes.md")


def test_nothing_is_told_before_a_stage_is_closed(closed, people, visitor):
    for path in [f"stages/{stage}/{what}" for stage in (1, 2) for what in EXPORTS]:
        for client in (closed.office, closed.auditor):
            refused(closed.get(path, client), 409, "not_decided")
    closed.first()
    closed.post("stages/1/reopen", {"reason": "Why."})
    refused(closed.get("stages/1/works.csv"), 409, "not_decided")
    closed.post("stages/1/close", {})
    for what in EXPORTS:
        done(closed.get(f"stages/1/{what}", closed.auditor))
        for client in (closed.jury[0], people.entrant(), people.admin()):
            refused(closed.get(f"stages/1/{what}", client), 403, "not_allowed")
        refused(closed.get(f"stages/1/{what}", visitor), 401, "not_signed_in")


# --- Minutes. ---


class Page(HTMLParser):
    """The text of a page, and its elements."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.language, self.cells = "", []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.tags.add(tag)
        self.language = self.language or dict(attributes).get("lang", "")

    def handle_data(self, data):
        self.cells.append(data)

    def says(self, words: str) -> bool:
        return words in self.cells


def test_the_minutes_of_stage_1(closed):
    works = closed.first()
    page = Page(done(closed.get("stages/1/minutes.html")).text)
    assert page.language == "en"
    assert page.says("1 of 2 works were recognised; the festival expects about 60 of 100.")
    assert page.says(EVIL), "a title is text"
    assert page.tags == {
        *("html", "head", "meta", "title", "body", "h1", "h2", "p", "table", "tr", "th", "td")
    }
    assert page.says("0 : 2")
    office = closed.office.get("/api/me").json()["name"]
    assert page.says(office), "who opened and closed it"
    heads = done(closed.get("jury/decisions")).json()["items"]
    assert page.says(heads[0]["inputs_sha256"])
    assert works


def test_the_minutes_of_stage_2(closed):
    works = closed.second()
    closed.post("stages/2/publish")
    page = Page(done(closed.get("stages/2/minutes.html", closed.auditor)).text)
    [line] = [cell for cell in page.cells if cell.startswith("5 works, 2 places; the line lies at")]
    rows = table(closed.get("stages/2/works.csv"))
    assert line.endswith(f" {int(rows[1]['adjusted_micro']) / 1e6:.3f}.")
    assert page.says("Scores were adjusted for the severity of jurors.")
    assert page.says("conflict of interest (family)")
    assert any("for this reason: =SUM(A1)<script>" in cell for cell in page.cells)
    text = "".join(page.cells)
    assert "canary" not in text
    assert not any(juror.account[:8] in text for juror in closed.jury), "no pseudonym"
    assert works


def test_minutes_speak_both_languages(closed):
    closed.first()
    page = Page(closed.get("stages/1/minutes.html?language=zh-Hant").text)
    assert page.language == "zh-Hant"
    assert page.says("第二件")
    assert page.says("倫理合規性")
    asked = closed.get("stages/1/minutes.html", headers={"Accept-Language": "zh-HK"})
    assert Page(asked.text).language == "zh-Hant"


def test_the_minutes_of_stage_3_are_sealed_until_it_is_published(closed, people):
    members = [
        people.juror(name, core=True) for name in ("art", "art", "ethics", "ethics", "technology")
    ]
    [work, other] = sorted(people.works(2, state="finalist"))
    for stage in (1, 2):
        people.stage(stage, "published")
    closed.post("stages/3/open")
    for entry in (work, other):
        body = {"entry": entry, "kind": "viewing", "held_at": people.festival.clock().isoformat()}
        body |= {"jurors": [member.account for member in members], "note": EVIL}
        done(closed.office.post(f"{API}/hearings", json=body), 201)
    for award in ("best_ai_native_film", "unicorn_gold", "responsible_ai"):
        voters = members[2:4] if award == "responsible_ai" else members
        for member in voters:
            body = {"entry": work}
            done(member.post(f"{API}/awards/{award}/ballots", json=body), 201)
        closed.post(f"awards/{award}/count")
    refused(closed.get("stages/3/minutes.html", closed.auditor), 409, "not_decided")
    closed.post("stages/3/close", {})
    refused(closed.get("stages/3/minutes.html"), 409, "not_decided")
    refused(closed.get("stages/3/works.csv"), 422, "invalid")
    done(closed.get("stages/3/minutes.html", closed.auditor))
    closed.post("stages/3/publish")
    page = Page(done(closed.get("stages/3/minutes.html")).text)
    assert page.says("Best AI-Native Film")
    assert page.says("most ballots")
    names = sorted(member.get("/api/me").json()["name"] for member in members)
    assert page.says(", ".join(names)), "who was present"
    assert page.says(EVIL)


def test_markdown_of_the_same(closed):
    closed.first()
    text = done(closed.get("stages/1/minutes.md")).text
    assert text.startswith("# ")
    assert "1 of 2 works were recognised" in text
    assert "<script>" not in text
    assert r"\<script\>alert\(1\)\</script\>\|\*x\*" in text


def test_what_people_wrote_is_no_markup():
    blocks = (
        Heading("<i>", 1),
        Paragraph("a\n# b & c [x](javascript:y)"),
        Rows(("<b>",), (("| |\n|",), ("\\",))),
    )
    html = as_html(blocks, "en")
    assert "<i>" not in html
    assert "<b>" not in html
    assert "a\n# b &amp; c" in html
    markdown = as_markdown(blocks)
    assert markdown == (
        "# \\<i\\>\n\na \\# b \\& c \\[x\\]\\(javascript:y\\)\n\n"
        "| \\<b\\> |\n| --- |\n| \\| \\| \\| |\n| \\\\ |\n"
    )


def test_an_erased_person_is_a_dash(closed, people):
    works = closed.first()
    with people.festival.database.write() as c:
        s = t.snapshots.c
        gone = canonical({"work": {"title": {"en": "▇▇▇", "zh-Hant": "▇▇▇"}}})
        c.execute(update(t.snapshots).where(s.entry == works[0]).values(content=gone, people=None))
        name = update(t.accounts).where(t.accounts.c.id == closed.office.account)
        c.execute(name.values(name=None))
    page = Page(done(closed.get("stages/1/minutes.html", closed.auditor)).text)
    assert page.says("▇▇▇")
    assert page.says("—")
