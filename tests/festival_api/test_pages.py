"""Pages: two languages, only own scripts, every field of an entry, every word that scripts say."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, date, datetime
from html.parser import HTMLParser
from typing import get_args

import pytest
from fastapi.testclient import TestClient
from pydantic import ValidationError

from festival_api import accounts, jury, payments, uploads
from festival_api.editions import Text, table
from festival_api.entries import Draft
from festival_api.entries._states import MOVES, STATES
from festival_api.imports import Outcome
from festival_api.speech import LANGUAGES
from festival_api.web import pages
from festival_api.web.pages._words import GROUPS, WORDS

ENTRY = "0f" * 16
PATHS = [
    *("/", "/sign-up", "/sign-in", "/confirm", "/reset", "/email", "/me"),
    *("/entries/new", f"/entries/{ENTRY}", "/desk", f"/desk/{ENTRY}", "/committee", "/office"),
    *(f"/office/{one}" for one in ("jurors", "committee", "payments", "import", "roles")),
]
SCRIPTS = {
    name: file.content.decode()
    for name, file in pages.static_files().items()
    if name.endswith(".js")
}


class Read(HTMLParser):
    """A page's elements with their attributes, and its text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict, tuple]] = []
        self.text = ""
        self._open: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag, attributes):
        self.elements.append((tag, dict(attributes), tuple(self._open)))
        if tag not in ("meta", "link", "input", "br"):
            self._open.append(tag)

    def handle_endtag(self, tag):
        assert self._open.pop() == tag

    def handle_data(self, data):
        self.text += data

    def all(self, *tags):
        return [(attributes, above) for tag, attributes, above in self.elements if tag in tags]

    def values(self, attribute):
        return [found[attribute] for _, found, _ in self.elements if attribute in found]


def read(client, path, **headers):
    answer = client.get(path, headers=headers)
    assert answer.status_code == 200, answer.text
    return Read(answer.text)


# --- Every page. ---


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("path", PATHS)
def test_every_page_is_whole_and_all_its_own(visitor, path, language):
    answer = visitor.get(path, params={"lang": language})
    assert answer.status_code == 200
    assert answer.headers["content-security-policy"].startswith("default-src 'self';")
    assert answer.headers["content-language"] == language
    page = Read(answer.text)
    assert page.all("html")[0][0]["lang"] == language
    assert len(page.all("h1")) == 1
    # No script and no style in the page itself, and nothing from elsewhere.
    assert not page.all("style")
    for _, attributes, _ in page.elements:
        assert not [name for name in attributes if name == "style" or name.startswith("on")]
        for name in ("src", "href", "action"):
            assert not re.match(r"[a-z]+:|//", attributes.get(name, ""))
    for attributes, _ in page.all("script"):
        assert attributes.get("type") == "application/json" or attributes["src"]
    ids = page.values("id")
    assert len(ids) == len(set(ids))
    # Every field has its label, every label that is pointed to is there.
    for attributes, above in page.all("input", "select", "textarea"):
        assert "label" in above, attributes
    for ids_named in page.values("aria-labelledby"):
        assert set(ids_named.split()) <= set(ids)
    for address in page.values("href"):
        if address.startswith("#"):
            assert address[1:] in ids
    for form, _ in page.all("form"):
        assert form.keys() >= {"novalidate"}


def test_everything_that_pages_and_scripts_load_is_there(visitor):
    wanted = {f"/static/{name}" for text in SCRIPTS.values() for name in imports(text)}
    for path in PATHS:
        page = read(visitor, path)
        wanted |= {one for one in page.values("src") + page.values("href") if "/static/" in one}
    assert wanted == {f"/static/{name}" for name in pages.static_files()}
    for path in sorted(wanted):
        answer = visitor.get(path)
        assert answer.status_code == 200
        again = visitor.get(path, headers={"If-None-Match": answer.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")
    assert visitor.get("/static/page.css").status_code == 404
    assert visitor.get("/static/..%2f_words.py").status_code == 404


def imports(text):
    return re.findall(r'from "\./([\w.]+)"', text)


def test_what_stands_in_an_address_stays_text(visitor):
    nasty = '"><script>alert(1)</script>'
    for name in ("lang", "x", nasty):
        answer = visitor.get("/sign-in", params={name: nasty})
        assert answer.status_code == 200
        assert "<script>alert" not in answer.text
    assert visitor.get("/", params={"edition": "hkaiiff-1999"}).status_code == 404
    assert visitor.get("/entries/none-of-ours").status_code == 422


def test_an_editions_own_texts_stay_text(app, visitor, festival, shipped):
    nasty = Text.model_validate({"en": "</script><b>A & B", "zh-Hant": "</script><b>甲"})
    [first, *others] = shipped.edition.categories
    categories = (first.model_copy(update={"name": nasty}), *others)
    edition = shipped.edition.model_copy(update={"motto": nasty, "categories": categories})
    editions = {edition.id: replace(shipped, edition=edition)}
    app.state.festival = replace(festival, editions=editions)
    for path in ("/", "/entries/new", f"/entries/{ENTRY}"):
        answer = visitor.get(path)
        assert "</script><b>" not in answer.text
        assert "</script><b>A & B" in Read(answer.text).text


@pytest.mark.parametrize("path", ["/nothing", "/entries/none-of-ours", "/?edition=hkaiiff-1999"])
def test_who_browses_to_a_page_that_is_not_there_gets_one_in_both_languages(visitor, path):
    answer = visitor.get(path, headers={"accept": "text/html,*/*;q=0.8"})
    assert answer.status_code == 404
    assert answer.headers["content-security-policy"] == pages.POLICY
    page = Read(answer.text)
    languages = [page.all("html")[0][0]["lang"], *page.values("lang")]
    assert set(languages) == set(LANGUAGES)
    assert len(page.all("h1")) == 1
    assert re.search("[A-Za-z]{4}", page.text)
    assert re.search("[\u4e00-\u9fff]{4}", page.text)
    for address in page.values("href"):
        assert visitor.get(address).status_code == 200


def test_programs_get_a_problem_document_also_where_pages_are(visitor):
    for path, accepted in [("/nothing", "*/*"), ("/api/nothing", "text/html")]:
        answer = visitor.get(path, headers={"accept": accepted})
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


# --- Languages. ---


def test_the_language_is_the_one_chosen_then_the_browsers(app):
    # The service is reached by HTTPS, so that its cookies are kept for that alone.
    visitor = TestClient(app, base_url="https://festival.example.org")

    def language(path, **headers):
        return read(visitor, path, **headers).all("html")[0][0]["lang"]

    chinese = {"accept-language": "zh-HK, en;q=0.5"}
    assert language("/") == "en"
    assert language("/", **chinese) == "zh-Hant"
    assert language("/?lang=fr", **chinese) == "zh-Hant"
    assert language("/?lang=en", **chinese) == "en"
    # What was chosen is remembered, until something else is chosen.
    assert language("/me", **chinese) == "en"
    assert language("/me?lang=zh-Hant") == "zh-Hant"
    assert language("/") == "zh-Hant"


def test_the_switch_keeps_the_rest_of_the_address(visitor):
    page = read(visitor, f"/desk/{ENTRY}?stage=2&lang=en")
    [(switch, _)] = [one for one in page.all("a") if one[0].get("class") == "language"]
    assert switch["href"] == "?stage=2&lang=zh-Hant"
    assert switch["lang"] == switch["hreflang"] == "zh-Hant"


# --- The front page. ---


def test_the_front_page_tells_what_the_festival_is(visitor, shipped):
    edition = shipped.edition
    for language in LANGUAGES:
        text = " ".join(read(visitor, f"/?lang={language}").text.split())
        said = [edition.motto, *edition.about, edition.venue.address]
        said += [part for one in edition.categories for part in (one.name, one.description)]
        said += [part for one in edition.programme for part in (one.title, one.description)]
        for one in said:
            assert " ".join(one.in_(language).split()) in text
    assert len(re.findall("<li>", visitor.get("/").text.partition('class="decisions"')[2])) == 18


def test_the_front_page_has_every_price(visitor, shipped):
    page = visitor.get("/").text
    prices = re.findall(r"<td[^>]*>(US\$[\d,.]+)</td>", page)
    assert [int(re.sub(r"\D", "", one)) for one in prices] == [
        price.amount for price in table(shipped.edition)
    ]
    # Half of the cells of a row, and its heading, are of the period that runs.
    assert page.count('class="now"') == 7


TITLES = ("The Wax Owl", "The Salt Road", "The Glass Tide")


class Judging:
    """Two stages of judging three works: one fails the first, one is a finalist."""

    def __init__(self, people, clock) -> None:
        clock.now = datetime(2026, 3, 31, tzinfo=UTC)
        self.people, self.clock, self.office = people, clock, people.office()
        factions = ("technology", "ethics", "art")
        self.jurors = [people.juror(faction) for faction in factions]
        self.works = [
            people.works(1, made={"title": {"en": title, "zh-Hant": "片"}})[0] for title in TITLES
        ]

    def do(self, stage, step, body=None):
        answer = self.office.post(f"/api/editions/hkaiiff-2026/stages/{stage}/{step}", json=body)
        assert answer.status_code == 200, answer.text

    def recognise(self, shipped) -> None:
        self.do(1, "open")
        for number, work in enumerate(self.works):
            verdict = {"passed": number > 0, "reason": "Why."}
            checks = {check.id: verdict for check in shipped.edition.stage_1.checks}
            for juror in self.jurors[:2]:
                self.people.opinion(1, work, juror, {"checks": checks, "comment": ""})
        self.clock.now = datetime(2026, 4, 2, tzinfo=UTC)
        self.do(1, "close", {})

    def evaluate(self, shipped) -> None:
        self.do(2, "open")
        for number, work in enumerate(self.works[1:]):
            scores = {one.id: 50 + 30 * number for one in shipped.edition.dimensions}
            review = {"scores": scores, "comments": {}, "comment": "", "confidence": None}
            for juror in self.jurors:
                self.people.opinion(2, work, juror, {**review, "runs": []})
        self.do(2, "close", {"line_reason": "They are far apart."})


def test_results_are_told_once_they_are_published(visitor, people, clock, shipped):
    def told():
        found = re.search(r'<section id="results".*?</section>', visitor.get("/").text, re.DOTALL)
        return re.sub(r"<[^>]+>|\s+", " ", found[0]) if found else ""

    judging = Judging(people, clock)
    judging.recognise(shipped)
    assert told() == "", "closed, and sealed"
    judging.do(1, "publish")
    assert "2 of 3 works were recognised" in told()
    judging.evaluate(shipped)
    assert not [title for title in TITLES if title in told()]
    judging.do(2, "publish")
    assert [title in told() for title in TITLES] == [False, False, True]


def test_awards_are_told_with_their_winners_in_the_pages_language(shipped):
    def decision(stage, award, *titles):
        works = [{"entry": ENTRY, "title": title, "left": left} for title, left in titles]
        hashes = {"inputs_sha256": "0" * 64, "result_sha256": "0" * 64}
        told = {"decision": ENTRY, "stage": stage, "award": award, "works": 3, "passed": works}
        return {**told, **hashes}

    lamp, sea = {"en": "The Lamp", "zh-Hant": "燈"}, {"en": "The Sea"}
    awards = [award.id for award in shipped.edition.awards]
    items = [
        decision(2, None, (lamp, None), (sea, "disqualified")),
        decision(3, awards[0], (lamp, None), (sea, "disqualified")),
        decision(3, awards[1]),
    ]
    results = jury.Results.model_validate({"items": items})
    told = pages.published(results, shipped.edition, "zh-Hant")
    names = [award.name.in_("zh-Hant") for award in shipped.edition.awards]
    won = (("燈", None), ("The Sea", "disqualified"))
    assert told.awards == ((names[0], won), (names[1], ()))
    # Who has left since is no finalist; of what was decided nothing is hidden.
    assert (told.judged, told.recognised, told.finalists) == (0, 0, ("燈",))


@pytest.mark.parametrize(
    ("now", "marked", "said"),
    [
        ("2025-10-31T15:59:59", "", "Entries open on 1 November 2025, 00:00 (Hong Kong"),
        ("2025-10-31T16:00:00", "Early entry", "31 January 2026, 23:59:59 (Hong Kong"),
        ("2026-01-31T15:59:59", "Early entry", "31 January 2026, 23:59:59 (Hong Kong"),
        ("2026-01-31T16:00:00", "Regular entry", "28 February 2026, 23:59:59 (Hong Kong"),
        ("2026-03-31T15:59:59", "Late entry", "31 March 2026, 23:59:59 (Hong Kong"),
        ("2026-03-31T16:00:00", "", "taken until 31 March 2026, 23:59:59 (Hong Kong"),
    ],
)
def test_the_running_period_is_marked_to_its_last_second(visitor, clock, now, marked, said):
    clock.now = datetime.fromisoformat(now).replace(tzinfo=UTC)
    page = visitor.get("/").text
    heads = re.findall(r'<th scope="col" class="now" aria-current="date">([^<]+)', page)
    assert heads == ([marked] if marked else [])
    assert said in page


def test_the_edition_that_is_on_or_comes_next_is_shown(shipped):
    this = shipped.edition
    later = this.model_copy(
        update={"id": "later", "first_day": date(2027, 5, 1), "last_day": date(2027, 5, 7)}
    )
    both = [later, this]
    # In Hong Kong 8 May begins at 16:00 UTC.
    assert pages.current(both, datetime(2026, 5, 7, 15, 59, tzinfo=UTC)) is this
    assert pages.current(both, datetime(2026, 5, 7, 16, 0, tzinfo=UTC)) is later
    assert pages.current(both, datetime(2030, 1, 1, tzinfo=UTC)) is later


def test_other_editions_have_their_pages(app, visitor, festival, shipped):
    past = shipped.edition.model_copy(
        update={"id": "past", "first_day": date(2024, 5, 1), "last_day": date(2024, 5, 7)}
    )
    both = {**festival.editions, "past": replace(shipped, edition=past)}
    app.state.festival = replace(festival, editions=both)
    assert 'href="/?edition=past"' in visitor.get("/").text
    other = read(visitor, "/entries/new?edition=past")
    assert other.all("body")[0][0]["data-edition"] == "past"


# --- Forms. ---


def test_the_form_of_an_entry_has_every_field_there_is(visitor):
    page = read(visitor, f"/entries/{ENTRY}")
    asked = set()
    place = None
    inside: list[str] = []
    for tag, attributes, above in page.elements:
        if tag == "form":
            place = attributes.get("data-sections")
        if "data-list" in attributes:
            inside = [attributes["data-list"], *above]
        if place is None or "data-at" not in attributes:
            continue
        at = attributes["data-at"]
        pointer = at if at.startswith("/") else f"{inside[0]}/0/{at}".rstrip("/")
        assert pointer.split("/")[1] in place.split(), pointer
        asked.add(pointer)
    sections = " ".join(page.values("data-sections")).split()
    assert sorted(sections) == sorted(set(sections)) == sorted(Draft.model_fields)
    assert asked == set(leaves(Draft.model_json_schema(by_alias=True)))


def leaves(schema, part=None, pointer=""):
    """Give a pointer to every leaf of a document; lists of words are leaves."""
    part = schema if part is None else part
    for option in part.get("anyOf", ()):
        if option.get("type") != "null":
            yield from leaves(schema, option, pointer)
            return
    if "$ref" in part:
        part = schema["$defs"][part["$ref"].rpartition("/")[2]]
    items = part.get("items", {})
    if "properties" in part:
        for name, below in part["properties"].items():
            yield from leaves(schema, below, f"{pointer}/{name}")
    elif "$ref" in items or pointer in ("/declaration/process/excerpts", "/countries"):
        yield from leaves(schema, items, f"{pointer}/0")
    else:
        yield pointer


def test_what_can_be_chosen_is_what_is_taken():
    schema = Draft.model_json_schema()["$defs"]

    def words(model, field):
        part = schema[model]["properties"][field]
        return set(part.get("enum") or part["items"]["enum"])

    assert set(GROUPS["uses"]) == words("Tool", "used_for")
    assert set(GROUPS["shown"]) == words("Depicted", "shown")
    assert set(GROUPS["links"]) == words("WorkLink", "kind")
    assert set(GROUPS["warnings"]) == words("Warnings", "kinds")
    premieres = Draft.model_json_schema()["properties"]["premiere"]["anyOf"][0]["enum"]
    assert set(GROUPS["premieres"]) == set(premieres)
    assert set(GROUPS["files"]) == set(uploads.KINDS)
    assert set(GROUPS["actions"]) == set(MOVES)
    assert set(pages.STATES) == set(STATES)
    kinds = jury.NewConflict.model_json_schema()["properties"]["kind"]["enum"]
    assert set(GROUPS["conflicts"]) == set(GROUPS["ties"]) == set(kinds)
    tellers = jury.ConflictView.model_json_schema()["properties"]["declared_by"]["enum"]
    assert set(GROUPS["tellers"]) == set(tellers)
    hearings = jury.NewHearing.model_json_schema()["properties"]["kind"]["enum"]
    assert set(GROUPS["hearings"]) == set(hearings)
    assert set(GROUPS["payments"]) == set(get_args(payments.State))
    assert set(GROUPS["refunds"]) == set(get_args(payments.RefundState))
    assert set(GROUPS["outcomes"]) == set(get_args(Outcome))
    assert set(GROUPS["roles"]) == set(get_args(accounts.Role))
    item = jury.Desk.model_json_schema()["$defs"]["DeskItem"]
    assert set(GROUPS["opinions"]) == set(item["properties"]["opinion"]["enum"])


def test_every_country_that_is_offered_is_taken():
    for language in LANGUAGES:
        for code, name in pages.countries(language):
            assert Draft(countries=(code,)).countries == (code,)
            assert name
    with pytest.raises(ValidationError):
        Draft(countries=("ZZ",))


def test_a_jurors_forms_follow_the_edition(visitor, shipped):
    page = read(visitor, f"/desk/{ENTRY}")
    pointers = page.values("data-at")
    edition = shipped.edition
    assert {p for p in pointers if p.startswith("/checks/")} == {
        f"/checks/{check.id}/{part}"
        for check in edition.stage_1.checks
        for part in ("passed", "reason")
    }
    assert {p for p in pointers if p.startswith("/scores/")} == {
        f"/scores/{dimension.id}" for dimension in edition.dimensions
    }


def test_the_committee_has_a_ballot_for_each_of_its_announced_awards(visitor, shipped):
    page = read(visitor, "/committee")
    assert page.values("data-award") == [
        award.id
        for award in shipped.edition.awards
        if award.announced and award.decided_by == "committee"
    ]


# --- What scripts say. ---


def test_scripts_have_all_their_words_and_no_more():
    literals = set()
    for text in SCRIPTS.values():
        literals |= set(re.findall(r'"(\w+)"', text))
        for first in re.findall(r"\bwords\(([^,()]*)", text):
            assert set(re.findall(r'"(\w+)"', first)) <= set(WORDS), first
    # These are put together from what the interface says.
    literals |= {word for word in WORDS if word.startswith(("file_", "was_at_", "wrong_"))}
    assert set(WORDS) - literals == set()


def test_scripts_name_only_groups_that_there_are(shipped):
    spoken = pages.spoken(shipped.edition, "en")
    for text in SCRIPTS.values():
        for group in re.findall(r'\b(?:names|place)\("(\w+)"', text):
            assert group in spoken


def test_scripts_make_no_page_from_text():
    for text in SCRIPTS.values():
        assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(", text)
