"""The office's entries: lists and tables without a score, waivers, disqualification."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from sqlalchemy import select

from festival_api import entries
from festival_api.store import tables as t
from festival_api.tables import csv_bytes

LIST = "/api/editions/hkaiiff-2026/entries"


@pytest.fixture
def owner(people):
    return people.entrant()


@pytest.fixture
def office(people):
    return people.office()


def code(answer) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def letters(festival, account: str) -> list[tuple[str, str]]:
    k = t.letters.c
    with festival.database.read() as c:
        return [tuple(row) for row in c.execute(select(k.kind, k.text).where(k.account == account))]


def ids(answer) -> list[str]:
    assert answer.status_code == 200, answer.text
    return [one["id"] for one in answer.json()["items"]]


def test_the_office_lists_what_was_finalised_by_state_and_category(owner, people, office, clock):
    people.begun(owner)
    first = people.finalised(owner)
    clock.forward(seconds=1)
    second = people.finalised(owner, "interactive")
    clock.forward(seconds=1)
    third = people.finalised(owner)
    owner.post(f"/api/entries/{third}/reopen")
    for reader in (office, people.auditor()):
        assert ids(reader.get(LIST)) == [first, second, third]
        assert ids(reader.get(f"{LIST}?state=finalised")) == [first, second]
        assert ids(reader.get(f"{LIST}?category=interactive")) == [second]
        assert ids(reader.get(f"{LIST}?state=withdrawn")) == []
        page = reader.get(f"{LIST}?limit=2")
        assert ids(reader.get(f"{LIST}?limit=2&after={page.json()['next']}")) == [third]
    line = office.get(LIST).json()["items"][0]
    assert set(line) == {
        "id",
        "edition",
        "state",
        "category",
        "title",
        "student_proof",
        "created_at",
        "changed_at",
    }
    assert line["title"] == {"en": "The Lamp That Waits", "zh-Hant": "守候的燈"}


def test_lists_and_tables_are_for_office_and_auditor_alone(people, visitor):
    for path in (LIST, f"{LIST}.csv"):
        assert code(visitor.get(path)) == (401, "not_signed_in")
        for other in (people.entrant(), people.juror("art"), people.admin()):
            assert code(other.get(path)) == (403, "not_allowed")
        assert people.auditor().get(path).status_code == 200
        assert code(people.office().get(path.replace("2026", "1999"))) == (404, "unknown_edition")


def test_a_fee_is_waived_with_a_reason(owner, people, festival, office):
    entry = people.finalised(owner)
    address = f"/api/entries/{entry}/accept-free"
    for empty in ({}, {"reason": ""}, {"reason": " \t "}):
        assert code(office.post(address, json=empty)) == (422, "invalid")
    answer = office.post(address, json={"reason": "Guest of the festival."})
    assert (answer.status_code, answer.json()["state"]) == (200, "submitted")
    assert answer.json()["due"]["amount"] == 0
    with festival.database.read() as c:
        event = entries.history(c, entry)[-1]
        assert entries.ready_for_recognition(c, "hkaiiff-2026") == ([entry], {})
    assert (event.action, event.by, event.reason) == (
        "accept_free",
        "office",
        "Guest of the festival.",
    )
    assert "Guest of the festival." in dict(letters(festival, owner.account))["accepted_free"]


def test_a_waived_fee_stays_waived_when_the_student_proof_is_refused(owner, people, office):
    entry = people.begun(owner, student=True)
    people.file(entry, "student_proof")
    body = {"version": 1, "amount": 16_875, "currency": "USD"}
    owner.post(f"/api/entries/{entry}/finalise", json=body)
    office.post(f"/api/entries/{entry}/accept-free", json={"reason": "A guest."})
    refusal = {"accepted": False, "reason": "Unreadable."}
    answer = office.post(f"/api/entries/{entry}/student-proof", json=refusal)
    assert answer.json()["due"]["amount"] == 0


def test_a_student_proof_is_offered_for_decision_where_there_is_one(owner, people, office):
    [plain] = people.works(1, owner=owner.account)
    entry = people.begun(owner, student=True)
    people.file(entry, "student_proof")
    body = {"version": 1, "amount": 16_875, "currency": "USD"}
    owner.post(f"/api/entries/{entry}/finalise", json=body)
    office.post(f"/api/entries/{entry}/accept-free", json={"reason": "A guest."})

    def offered(which):
        told = office.get(f"/api/entries/{which}").json()
        return told["state"] == "submitted" and "decide_student_proof" in told["allowed"]

    assert (offered(plain), offered(entry)) == (False, True)
    for accepted, still in ((False, True), (True, False)):
        said = {"accepted": accepted, "reason": "Looked at."}
        assert office.post(f"/api/entries/{entry}/student-proof", json=said).is_success
        assert offered(entry) is still


def test_an_entry_is_disqualified_with_a_reason_that_its_owner_reads(
    owner, people, festival, office
):
    [entry] = people.works(1, owner=owner.account)
    address = f"/api/entries/{entry}/disqualify"
    assert code(office.post(address, json={"reason": " "})) == (422, "invalid")
    answer = office.post(address, json={"reason": "No AI was used in it."})
    assert (answer.status_code, answer.json()["state"]) == (200, "disqualified")
    [(kind, text)] = letters(festival, owner.account)
    assert kind == "disqualified"
    assert "No AI was used in it." in text
    again = office.post(address, json={"reason": "Again."})
    assert code(again) == (409, "wrong_state")
    assert again.json()["allowed"] == []


@pytest.mark.parametrize("action", ["disqualify", "accept-free"])
def test_nobody_but_the_office_does_the_offices_work(owner, people, action):
    entry = people.finalised(owner)
    body = {"reason": "Because."}
    address = f"/api/entries/{entry}/{action}"
    assert code(owner.post(address, json=body)) == (403, "not_allowed")
    assert code(people.auditor().post(address, json=body)) == (403, "not_allowed")
    for other in (people.entrant(), people.juror("ethics"), people.admin()):
        assert code(other.post(address, json=body)) == (404, "unknown_entry")
    assert owner.get(f"/api/entries/{entry}").json()["state"] == "finalised"


def rows_of(data: bytes) -> list[dict[str, str]]:
    assert data.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")))


def test_the_table_holds_both_titles_people_and_money_without_formulas(owner, people, office):
    title = {"en": '=HYPERLINK("https://evil.example")', "zh-Hant": '＝守候,的"燈"'}
    entry = people.finalised(owner, title=title, company="@SUM(1)", premiere="world")
    people.begun(owner)
    answer = office.get(f"{LIST}.csv")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert "attachment" in answer.headers["content-disposition"]
    [row] = rows_of(answer.content)
    assert row["entry"] == entry
    assert row["title en"] == "'" + title["en"]
    assert row["title zh-Hant"] == "'" + title["zh-Hant"]
    assert row["company"] == "'@SUM(1)"
    assert row["makers"] == "Chan Tai Man (director)"
    assert (row["price"], row["paid"], row["due"], row["currency"]) == (
        "562.50",
        "0.00",
        "562.50",
        "USD",
    )
    assert (row["period"], row["support"], row["flashing light"]) == ("early", "priority", "no")


def test_the_table_is_of_the_last_snapshot_and_survives_erased_people(owner, people, office):
    entry = people.finalised(owner)
    owner.post(f"/api/entries/{entry}/reopen")
    change = {"title": {"en": "Second", "zh-Hant": "二"}}
    owner.patch(f"/api/entries/{entry}", json={"version": 1, "draft": change})
    [row] = rows_of(office.get(f"{LIST}.csv").content)
    assert row["title en"] == "The Lamp That Waits"
    body = {"version": 2, "amount": 56_250, "currency": "USD"}
    owner.post(f"/api/entries/{entry}/finalise", json=body)
    with people.festival.database.write() as c:
        c.execute(t.snapshots.update().values(people=None, people_salt=None))
    [row] = rows_of(office.get(f"{LIST}.csv").content)
    assert (row["title en"], row["makers"], row["contact e-mail"]) == ("Second", "", "")


cells = st.none() | st.integers() | st.text(st.characters(exclude_categories=["Cs"]))


@example([["\tx", "\rx", " =1"], ["\nx", "-1", "＝1"]])
@given(st.lists(st.lists(cells, min_size=3, max_size=3), max_size=4))
def test_whatever_is_written_no_cell_is_a_formula_and_nothing_is_lost(rows):
    data = csv_bytes(["a", "b", "c"], rows)
    read = list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))
    assert read[0] == ["a", "b", "c"]
    assert len(read) == len(rows) + 1
    for written, row in zip(rows, read[1:], strict=True):
        for value, cell in zip(written, row, strict=True):
            if isinstance(value, int):
                assert cell == str(value)
                continue
            assert cell in (value or "", f"'{value}")
            assert not cell.lstrip().startswith(("=", "+", "-", "@", "＝", "＋", "－", "＠"))
            assert not cell.startswith(("\t", "\r", "\n"))
