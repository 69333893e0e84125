"""Drafts: begun, read, changed, thrown away, by their owners alone."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from sqlalchemy import func, select

from festival_api import entries
from festival_api.store import tables as t

BEGIN = "/api/editions/hkaiiff-2026/entries"


@pytest.fixture
def owner(people):
    return people.entrant()


def code(answer) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def test_an_empty_draft_is_begun_and_filled_section_by_section(owner, clock):
    begun = owner.post(BEGIN, json={"draft": {}})
    assert begun.status_code == 201
    entry = begun.json()
    assert (entry["state"], entry["version"]) == ("draft", 1)
    assert set(entry["allowed"]) == {"finalise", "withdraw", "edit", "discard"}
    address = f"/api/entries/{entry['id']}"

    title = {"title": {"en": "The Lamp", "zh-Hant": "燈"}}
    owner.patch(address, json={"version": 1, "draft": {**title, "year": 2025}})
    clock.forward(minutes=5)
    changed = owner.patch(address, json={"version": 2, "draft": {"runtime_seconds": 60}})
    assert changed.status_code == 200
    draft = {k: v for k, v in changed.json()["draft"].items() if v is not None}
    assert draft["title"]["zh-Hant"] == "燈"
    assert (draft["year"], draft["runtime_seconds"]) == (2025, 60)
    assert changed.json()["changed_at"] == "2025-11-15T04:05:00Z"

    # A section is replaced as a whole; null takes one out.
    owner.patch(address, json={"version": 3, "draft": {"title": {"en": "Lamp"}, "year": None}})
    read = owner.get(address).json()
    assert read["version"] == 4
    assert read["draft"]["title"] == {"original": None, "en": "Lamp", "zh-Hant": None}
    assert read["draft"]["year"] is None
    assert read["draft"]["runtime_seconds"] == 60


def test_who_read_an_older_version_writes_over_nothing(owner, people):
    entry = people.begun(owner)
    first = owner.patch(f"/api/entries/{entry}", json={"version": 1, "draft": {"year": 2024}})
    assert first.status_code == 200
    second = owner.patch(f"/api/entries/{entry}", json={"version": 1, "draft": {"year": 2023}})
    assert code(second) == (409, "stale")
    assert second.json()["version"] == 2
    assert owner.get(f"/api/entries/{entry}").json()["draft"]["year"] == 2024


MALFORMED = [
    ("title", {"en": "x" * 301}),
    ("title", {"en": "two\nlines"}),
    ("title", {"en": "nul\x00"}),
    ("title", {"fr": "La lampe"}),
    ("title", "The Lamp"),
    ("synopsis", {"en": "x" * 3001}),
    ("runtime_seconds", -1),
    ("runtime_seconds", 90.0),
    ("runtime_seconds", True),
    ("runtime_seconds", "90"),
    ("runtime_seconds", 10**30),
    ("languages", ["Cantonese"]),
    ("languages", ["en"] * 21),
    ("countries", ["hk"]),
    ("countries", ["ZZ"]),
    ("year", 1889),
    ("premiere", "galactic"),
    ("makers", [{"name": " ", "role": "director"}]),
    ("makers", [{"name": "Chan", "role": "director", "fee": 1}]),
    ("contact", {"name": "Chan", "email": "chan at example"}),
    ("contact", {"name": "Chan", "email": "chan@example.org\r\nBcc: all@example.org"}),
    ("links", [{"kind": "film", "url": "http://films.example.org/lamp"}]),
    ("links", [{"kind": "film", "url": "https://127.0.0.1/lamp"}]),
    ("links", [{"kind": "film", "url": "https://me:secret@films.example.org/lamp"}]),
    ("links", [{"kind": "film", "url": "https://films.example.org/"}] * 9),
    ("declaration", {"tools": [{"name": "Painter", "used_for": ["magic"]}]}),
    ("declaration", {"likeness": {"none_depicted": "yes"}}),
    (
        "declaration",
        {
            "likeness": {
                "none_depicted": True,
                "persons": [{"name": "Lee", "shown": "voice", "consent": True}],
            }
        },
    ),
    ("runs", [{"run": "1", "seed": "1", "recording_sha256": "A" * 64}]),
    ("student", 1),
    ("warnings", {"kinds": ["violence"]}),
    ("colour", "red"),
]


def test_a_malformed_section_is_refused_with_its_place(owner):
    for section, value in MALFORMED:
        answer = owner.post(BEGIN, json={"draft": {section: value}})
        assert code(answer) == (422, "invalid"), (section, value)
        places = [error["where"] for error in answer.json()["errors"]]
        assert any(f"/draft/{section}" in place for place in places), (section, value, places)


def test_texts_keep_every_letter_there_is(owner):
    title = {"en": "“½” 🎬 e\u0301 שלום", "zh-Hant": "𠮷野家"}
    entry = owner.post(BEGIN, json={"draft": {"title": title}}).json()["id"]
    kept = owner.get(f"/api/entries/{entry}").json()["draft"]["title"]
    assert kept["zh-Hant"] == "𠮷野家"
    assert kept["en"] == "“½” 🎬 é שלום"


def test_an_unknown_category_is_refused_from_the_start(owner, people):
    answer = owner.post(BEGIN, json={"draft": {"category": "opera"}})
    assert code(answer) == (422, "unknown_category")
    assert "generative_linear" in answer.json()["categories"]
    entry = people.begun(owner)
    answer = owner.patch(
        f"/api/entries/{entry}", json={"version": 1, "draft": {"category": "opera"}}
    )
    assert code(answer) == (422, "unknown_category")


def test_drafts_can_be_prepared_before_entries_open(owner, clock):
    clock.now = datetime(2025, 10, 1, tzinfo=UTC)
    assert owner.post(BEGIN, json={"draft": {}}).status_code == 201


def test_nothing_is_begun_after_entries_have_closed(people, clock):
    clock.now = datetime(2026, 3, 31, 15, 59, 59, 999_999, tzinfo=UTC)
    owner = people.entrant()
    assert owner.post(BEGIN, json={"draft": {}}).status_code == 201
    clock.forward(microseconds=1)
    assert code(owner.post(BEGIN, json={"draft": {}})) == (409, "closed")


def test_an_edition_has_to_exist(owner):
    answer = owner.post("/api/editions/hkaiiff-1999/entries", json={"draft": {}})
    assert code(answer) == (404, "unknown_edition")


def test_a_draft_is_thrown_away_whole(owner, people, festival):
    entry = people.begun(owner)
    owner.post(f"/api/entries/{entry}/quote")
    people.file(entry, "trailer")
    assert owner.delete(f"/api/entries/{entry}").status_code == 204
    assert code(owner.get(f"/api/entries/{entry}")) == (404, "unknown_entry")
    with festival.database.read() as c:
        for table in (t.entries, t.quotes, t.files, t.entry_events):
            assert c.execute(select(func.count()).select_from(table)).scalar_one() == 0


def test_what_was_finalised_once_is_not_thrown_away(owner, people):
    entry = people.finalised(owner)
    assert code(owner.delete(f"/api/entries/{entry}")) == (409, "wrong_state")
    owner.post(f"/api/entries/{entry}/reopen")
    assert code(owner.delete(f"/api/entries/{entry}")) == (409, "finalised_before")
    assert owner.get(f"/api/entries/{entry}/snapshots/1").status_code == 200


def test_only_drafts_are_changed(owner, people):
    entry = people.finalised(owner)
    answer = owner.patch(f"/api/entries/{entry}", json={"version": 1, "draft": {"year": 2024}})
    assert code(answer) == (409, "wrong_state")
    assert set(answer.json()["allowed"]) == {"reopen", "withdraw"}
    assert code(owner.post(f"/api/entries/{entry}/quote")) == (409, "wrong_state")


def test_an_entry_is_withdrawn_for_good(owner, people, festival):
    empty = owner.post(BEGIN, json={"draft": {}}).json()["id"]
    [submitted] = people.works(1, owner=owner.account)
    for entry, body in ((empty, {}), (submitted, {"reason": "It goes elsewhere."})):
        answer = owner.post(f"/api/entries/{entry}/withdraw", json=body)
        assert (answer.status_code, answer.json()["state"]) == (200, "withdrawn")
        assert answer.json()["allowed"] == []
        again = owner.post(f"/api/entries/{entry}/withdraw", json=body)
        assert code(again) == (409, "wrong_state")
    with festival.database.read() as c:
        sent = c.execute(select(t.letters.c.kind)).scalars().all()
        assert entries.history(c, submitted)[-1].reason == "It goes elsewhere."
    assert sent == ["withdrawn", "withdrawn"]


def test_own_entries_are_listed_page_by_page(owner, people, clock):
    made = []
    for _ in range(5):
        made.append(people.begun(owner))
        clock.forward(seconds=1)
    people.begun(people.entrant())
    seen, after = [], ""
    while True:
        page = owner.get(f"/api/entries?limit=2{after}").json()
        seen += [one["id"] for one in page["items"]]
        if page["next"] is None:
            break
        after = f"&after={page['next']}"
    assert seen == made
    assert owner.get("/api/entries?edition=other").json() == {"items": [], "next": None}
    assert owner.get(f"/api/entries?after={'0' * 32}").json()["items"] == []
    assert code(owner.get("/api/entries?limit=201")) == (422, "invalid")


WRITES = {
    "change": ("PATCH", "", {"version": 1, "draft": {}}),
    "discard": ("DELETE", "", None),
    "quote": ("POST", "/quote", None),
    "finalise": ("POST", "/finalise", {"version": 1, "amount": 1, "currency": "USD"}),
    "reopen": ("POST", "/reopen", None),
    "withdraw": ("POST", "/withdraw", {}),
}
READS = ["", "/readiness", "/history", "/snapshots/1"]


def test_others_never_learn_that_an_entry_is_there(people, visitor):
    owner = people.entrant()
    draft, finalised = people.begun(owner), people.finalised(owner)
    strangers = [people.entrant(), people.juror("art", core=True), people.admin()]
    for entry in (draft, finalised, "0" * 32):
        for stranger in strangers:
            answers = [stranger.get(f"/api/entries/{entry}{path}") for path in READS] + [
                stranger.request(method, f"/api/entries/{entry}{path}", json=body)
                for method, path, body in WRITES.values()
            ]
            assert {code(answer) for answer in answers} == {(404, "unknown_entry")}
            assert len({json.dumps(answer.json()) for answer in answers}) == 1
        assert code(visitor.get(f"/api/entries/{entry}")) == (401, "not_signed_in")


@pytest.mark.parametrize("role", ["office", "auditor"])
def test_the_office_sees_what_was_finalised_and_writes_for_nobody(people, role):
    owner = people.entrant()
    draft, finalised = people.begun(owner), people.finalised(owner)
    reader = getattr(people, role)()
    for path in READS:
        assert code(reader.get(f"/api/entries/{draft}{path}")) == (404, "unknown_entry")
    for path in ("", "/history", "/snapshots/1"):
        assert reader.get(f"/api/entries/{finalised}{path}").status_code == 200
    for method, path, body in WRITES.values():
        answer = reader.request(method, f"/api/entries/{finalised}{path}", json=body)
        assert code(answer) == (404, "unknown_entry")
    own = reader.get(f"/api/entries/{finalised}").json()["allowed"]
    assert own == (["accept_free"] if role == "office" else [])


def test_an_unproven_address_opens_nothing(people):
    newcomer = people.entrant(confirmed=False)
    assert code(newcomer.post(BEGIN, json={"draft": {}})) == (403, "not_confirmed")
    assert code(newcomer.get("/api/entries")) == (403, "not_confirmed")
    assert code(newcomer.get(f"/api/entries/{'0' * 32}")) == (403, "not_confirmed")


def test_an_entry_brought_from_elsewhere_keeps_its_number(people, festival, shipped, clock):
    draft, owner = entries.Draft.model_validate(people.draft()), people.account()
    with festival.database.write() as c:
        entry = entries.begin(c, shipped, owner, draft, clock.now, ("there", "7"))
        row = c.execute(select(t.entries).where(t.entries.c.id == entry.id)).one()
    assert (row.source, row.source_number) == ("there", "7")
    assert entry.draft == draft
