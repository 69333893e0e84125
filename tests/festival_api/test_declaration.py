"""What an entry has to say and show: the declaration, each category's evidence, both languages."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from festival_api import entries

RUN = {"run": "run 1", "seed": "17", "recording_sha256": "a" * 64, "link": "https://e.org/1"}
OTHER_RUN = {"run": "run 2", "seed": "18", "recording_sha256": "b" * 64, "link": "https://e.org/2"}
PERSON = {"name": "Lee Siu Ming", "shown": "voice", "consent": True}


@pytest.fixture
def owner(people):
    return people.entrant()


def lacking(owner, entry: str) -> list[tuple[str, str]]:
    answer = owner.get(f"/api/entries/{entry}/readiness")
    assert answer.status_code == 200, answer.text
    assert answer.json()["ready"] is (not answer.json()["missing"])
    return [(one["code"], one["where"]) for one in answer.json()["missing"]]


def finalise(owner, entry: str, version: int = 1):
    quote = owner.post(f"/api/entries/{entry}/quote").json()
    price = {"amount": quote.get("amount", 0), "currency": quote.get("currency", "USD")}
    return owner.post(f"/api/entries/{entry}/finalise", json={"version": version, **price})


def changed(draft: dict, place: Sequence[str | int], value: object) -> dict:
    """Copy a draft with the value at one place replaced; None takes it out."""
    draft = copy.deepcopy(draft)
    inside = draft
    for step in place[:-1]:
        inside = inside[step]
    if value is None:
        del inside[place[-1]]
    else:
        inside[place[-1]] = value
    return draft


@pytest.mark.parametrize("category", ["generative_linear", "interactive", "synthetic_performance"])
def test_a_whole_draft_lacks_nothing(owner, people, category):
    entry = people.begun(owner, category)
    assert lacking(owner, entry) == []
    assert finalise(owner, entry).status_code == 200


def test_the_example_of_the_description_lacks_nothing(owner):
    [example] = entries.Draft.model_json_schema()["examples"]
    begun = owner.post("/api/editions/hkaiiff-2026/entries", json={"draft": example})
    assert lacking(owner, begun.json()["id"]) == []


LACKING = [
    # What is taken out or changed, and what is missing then.
    (["title", "en"], None, "translation_missing", "/title/en"),
    (["title", "zh-Hant"], None, "translation_missing", "/title/zh-Hant"),
    (["title", "zh-Hant"], "  ", "translation_missing", "/title/zh-Hant"),
    (["synopsis", "zh-Hant"], None, "translation_missing", "/synopsis/zh-Hant"),
    (
        ["warnings", "note"],
        {"en": "Loud."},
        "translation_missing",
        "/warnings/note/zh-Hant",
    ),
    (["category"], None, "incomplete", "/category"),
    (["languages"], None, "incomplete", "/languages"),
    (["countries"], [], "incomplete", "/countries"),
    (["year"], None, "incomplete", "/year"),
    (["makers"], [], "incomplete", "/makers"),
    (["contact"], None, "incomplete", "/contact"),
    (["warnings"], None, "incomplete", "/warnings"),
    (["runtime_seconds"], None, "runtime_required", "/runtime_seconds"),
    (["runtime_seconds"], 0, "runtime_required", "/runtime_seconds"),
    (["links"], None, "film_required", "/links"),
    (["declaration", "tools"], [], "ai_declaration_required", "/declaration/tools"),
    (["declaration", "human_role"], " ", "ai_declaration_required", "/declaration/human_role"),
    (
        ["declaration", "process"],
        None,
        "ai_declaration_required",
        "/declaration/process/statement",
    ),
    (
        ["declaration", "rights", "statement"],
        "",
        "ai_declaration_required",
        "/declaration/rights/statement",
    ),
    (
        ["declaration", "rights", "held"],
        False,
        "ai_declaration_required",
        "/declaration/rights/held",
    ),
    (["declaration", "likeness"], None, "consent_required", "/declaration/likeness"),
    (
        ["declaration", "likeness"],
        {"none_depicted": False},
        "consent_required",
        "/declaration/likeness",
    ),
]


def test_each_thing_that_is_missing_is_named_and_stops_finalising(owner, people):
    whole = people.draft()
    address = "/api/editions/hkaiiff-2026/entries"
    for place, value, code, where in LACKING:
        body = {"draft": changed(whole, place, value)}
        entry = owner.post(address, json=body).json()["id"]
        assert lacking(owner, entry) == [(code, where)]
        refused = finalise(owner, entry)
        assert (refused.status_code, refused.json()["code"]) == (422, code)
        assert refused.json()["where"] == where


def test_an_empty_declaration_is_refused_whole(owner, people):
    for empty in (None, {}):
        entry = people.begun(owner, declaration=empty)
        found = lacking(owner, entry)
        assert [code for code, _ in found] == ["ai_declaration_required"] * 5 + ["consent_required"]
        refused = finalise(owner, entry)
        assert (refused.status_code, refused.json()["code"]) == (422, "ai_declaration_required")
        assert [(one["code"], one["where"]) for one in refused.json()["missing"]] == found


def test_what_is_missing_is_told_in_both_languages(owner, people):
    entry = people.begun(owner, title={"en": "The Lamp"})
    [one] = owner.get(f"/api/entries/{entry}/readiness").json()["missing"]
    assert set(one["detail"]) == {"en", "zh-Hant"}
    assert one["detail"]["en"].startswith("/title/zh-Hant is missing.")


def test_everything_missing_is_told_at_once(owner):
    entry = owner.post("/api/editions/hkaiiff-2026/entries", json={"draft": {}}).json()["id"]
    codes = [code for code, _ in lacking(owner, entry)]
    assert codes.count("translation_missing") == 4
    assert codes.count("incomplete") == 7
    assert codes.count("ai_declaration_required") == 5
    assert codes[-1] == "consent_required"


def test_a_film_is_an_upload_or_a_link(owner, people):
    trailer = [{"kind": "trailer", "url": "https://films.example.org/trailer"}]
    entry = people.begun(owner, links=trailer)
    assert lacking(owner, entry) == [("film_required", "/links")]
    people.file(entry, "trailer")
    assert lacking(owner, entry) == [("film_required", "/links")]
    people.file(entry, "film")
    assert lacking(owner, entry) == []


@pytest.mark.parametrize("state", ["incoming", "hashing", "damaged"])
def test_no_upload_may_be_left_half_done(owner, people, state):
    entry = people.begun(owner)
    file = people.file(entry, "film", state=state)
    assert lacking(owner, entry) == [("file_unfinished", f"/files/{file}")]
    assert finalise(owner, entry).json()["code"] == "file_unfinished"


def test_deleted_uploads_are_no_evidence_and_no_obstacle(owner, people):
    entry = people.begun(owner, links=None)
    people.file(entry, "film", state="deleted")
    assert lacking(owner, entry) == [("film_required", "/links")]


def test_an_interactive_work_is_played_from_somewhere(owner, people):
    places = ("/evidence/instructions", "/evidence/entry_point")
    both = [("entry_point_required", place) for place in places]
    entry = people.begun(owner, "interactive", evidence=None)
    assert lacking(owner, entry) == both
    refused = finalise(owner, entry)
    assert (refused.status_code, refused.json()["code"]) == (422, "entry_point_required")
    entry = people.begun(owner, "interactive", evidence={"instructions": "Walk."})
    assert lacking(owner, entry) == both[1:]
    # A film shows no way in; a build does, uploaded or linked.
    people.file(entry, "film")
    assert lacking(owner, entry) == both[1:]
    people.file(entry, "build")
    assert lacking(owner, entry) == []
    build = [{"kind": "build", "url": "https://example.org/build.zip"}]
    entry = people.begun(owner, "interactive", evidence={"instructions": "Walk."}, links=build)
    assert lacking(owner, entry) == []


def system(people, owner, **sections) -> str:
    entry = people.begun(owner, "generative_system", **sections)
    people.file(entry, "system_package", sha256="c" * 64)
    return entry


def test_a_system_comes_as_a_package_with_instructions(owner, people):
    runs = [RUN, OTHER_RUN]
    entry = people.begun(owner, "generative_system", runs=runs, evidence=None)
    assert lacking(owner, entry) == [
        ("package_required", "/files"),
        ("package_required", "/evidence/instructions"),
    ]
    people.file(entry, "system_package", sha256=None)
    people.file(entry, "build")
    assert ("package_required", "/files") in lacking(owner, entry)
    people.file(entry, "system_package")
    assert lacking(owner, entry) == [("package_required", "/evidence/instructions")]
    assert finalise(owner, entry).json()["code"] == "package_required"


@pytest.mark.parametrize(
    ("runs", "where"),
    [
        (None, "/runs"),
        ([RUN], "/runs"),
        ([RUN, RUN], "/runs"),
        ([RUN, OTHER_RUN | {"seed": RUN["seed"]}], "/runs"),
        ([RUN, OTHER_RUN | {"run": RUN["run"]}], "/runs"),
        ([RUN, {name: OTHER_RUN[name] for name in OTHER_RUN if name != "link"}], "/runs/1"),
        ([RUN, OTHER_RUN | {"file": "0" * 32}], "/runs/1"),
    ],
)
def test_a_system_shows_at_least_two_runs_of_different_seeds(owner, people, runs, where):
    entry = system(people, owner, runs=runs)
    assert lacking(owner, entry) == [("run_evidence_required", where)]
    refused = finalise(owner, entry)
    assert (refused.status_code, refused.json()["code"]) == (422, "run_evidence_required")


def test_an_uploaded_recording_is_the_one_that_was_declared(owner, people):
    entry = system(people, owner)
    recording = people.file(entry, "run_recording", sha256="b" * 64)
    trailer = people.file(entry, "trailer", sha256="b" * 64)
    run = {name: OTHER_RUN[name] for name in OTHER_RUN if name != "link"}
    for file, sha256, found in (
        (recording, "b" * 64, []),
        (recording, "d" * 64, [("run_evidence_required", "/runs/1")]),
        (trailer, "b" * 64, [("run_evidence_required", "/runs/1")]),
    ):
        runs = [RUN, run | {"file": file, "recording_sha256": sha256}]
        version = owner.get(f"/api/entries/{entry}").json()["version"]
        owner.patch(f"/api/entries/{entry}", json={"version": version, "draft": {"runs": runs}})
        assert lacking(owner, entry) == found


@pytest.mark.parametrize("category", ["synthetic_performance", "generative_linear"])
def test_each_person_shown_has_consented(owner, people, category):
    declaration = people.draft()["declaration"]

    def entry(*persons: dict) -> str:
        likeness = {"none_depicted": False, "persons": list(persons)}
        return people.begun(owner, category, declaration=declaration | {"likeness": likeness})

    assert lacking(owner, entry(PERSON)) == []
    against = entry(PERSON, PERSON | {"consent": False})
    place = "/declaration/likeness/persons/1/consent"
    assert lacking(owner, against) == [("consent_required", place)]
    refused = finalise(owner, against)
    assert (refused.status_code, refused.json()["code"]) == (422, "consent_required")


def test_a_consent_that_is_named_is_among_the_uploads(owner, people):
    entry = people.begun(owner, "synthetic_performance")
    paper, photo = people.file(entry, "consent"), people.file(entry, "still")
    place = "/declaration/likeness/persons/0/document"
    declaration = people.draft()["declaration"]
    for version, (document, found) in enumerate(
        [(paper, []), (photo, [("file_missing", place)]), ("0" * 32, [("file_missing", place)])], 1
    ):
        persons = [PERSON | {"document": document}]
        likeness = {"none_depicted": False, "persons": persons}
        change = {"declaration": declaration | {"likeness": likeness}}
        owner.patch(f"/api/entries/{entry}", json={"version": version, "draft": change})
        assert lacking(owner, entry) == found


def test_a_digital_human_may_be_met_live(owner, people):
    evidence = {"entry_point": "https://example.org/meet"}
    entry = people.begun(owner, "synthetic_performance", links=None, evidence=evidence)
    assert lacking(owner, entry) == []
    entry = people.begun(owner, "synthetic_performance", links=None)
    assert lacking(owner, entry) == [("film_required", "/links")]


def test_the_students_fee_needs_its_proof(owner, people):
    entry = people.begun(owner, student=True)
    assert lacking(owner, entry) == [("proof_required", "/files")]
    assert finalise(owner, entry).json()["code"] == "proof_required"
    people.file(entry, "student_proof")
    assert lacking(owner, entry) == []


def test_a_category_that_the_edition_dropped_is_named(owner, people, festival, shipped):
    entry = people.begun(owner)
    left = tuple(one for one in shipped.edition.categories if one.id != "generative_linear")
    edition = shipped.edition.model_copy(update={"categories": left})
    with festival.database.read() as c:
        loaded = replace(shipped, edition=edition)
        [found] = entries.readiness(c, loaded, entries.find(c, entry))
    assert (found.kind.code, found.where) == ("unknown_category", "/category")


sections = st.fixed_dictionaries(
    {},
    optional={
        "title": st.fixed_dictionaries({}, optional={"en": st.text(), "zh-Hant": st.text()}),
        "runtime_seconds": st.integers(-2, 10**7),
        "year": st.integers(1990, 2110),
        "company": st.text(max_size=400),
        "student": st.booleans() | st.none(),
        "declaration": st.fixed_dictionaries({}, optional={"human_role": st.text()}),
    },
)


@given(sections, sections)
def test_sections_are_merged_and_nothing_else(first, second):
    try:
        draft, change = entries.Draft.model_validate(first), entries.Draft.model_validate(second)
    except ValueError:
        return
    merged = draft.with_(change)
    for name in entries.Draft.model_fields:
        assert getattr(merged, name) == getattr(change if name in second else draft, name)
    assert entries.Draft.model_validate(merged.plain()).plain() == merged.plain()
