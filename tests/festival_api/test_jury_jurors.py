"""Seats on the jury."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from festival_api.store import tables as t

EDITION = "hkaiiff-2026"
API = f"/api/editions/{EDITION}"
CHECKS = ("ai_native", "feasibility", "ethics")


@pytest.fixture
def office(people):
    return people.office()


def seat(client, account, **seat):
    return client.put(f"{API}/jurors/{account}", json={"faction": "technology", **seat})


def rows(database, table):
    with database.read() as c:
        return c.execute(select(table)).all()


def test_office_appoints_and_a_letter_says_so(people, office, database):
    account = people.account()
    answer = seat(office, account, capacity=12, company="Neon Lab Ltd")
    assert answer.status_code == 200
    told = answer.json()
    assert (told["faction"], told["core"], told["capacity"]) == ("technology", False, 12)
    assert told["retired_at"] is None
    [letter] = rows(database, t.letters)
    assert (letter.account, letter.kind) == (account, "juror_appointed")

    seat(office, account, core=True)
    assert len(rows(database, t.letters)) == 1, "a change of the seat is no appointment"
    [row] = rows(database, t.jurors)
    assert (row.core, row.capacity, row.company) == (True, 12, "Neon Lab Ltd")


def test_of_a_held_seat_what_is_not_given_stays(people, office, database):
    account = people.account(email="juror@example.org")
    seat(office, account, core=True, capacity=12)
    body = {"email": "juror@example.org", "faction": "technology"}
    told = office.post(f"{API}/jurors", json=body).json()
    assert (told["core"], told["capacity"]) == (True, 12)
    told = seat(office, account, core=False, capacity=None).json()
    assert (told["core"], told["capacity"]) == (False, None)
    # Who had left is appointed anew.
    seat(office, account, core=True)
    office.delete(f"{API}/jurors/{account}")
    assert seat(office, account).json()["core"] is False


def test_office_appoints_by_address(people, office):
    account = people.account(email="Juror@example.org")
    body = {"email": "juror@EXAMPLE.org", "faction": "art"}
    answer = office.post(f"{API}/jurors", json=body)
    assert answer.status_code == 201
    assert answer.json()["juror"] == account


@pytest.mark.parametrize(
    ("faction", "code"),
    [
        ([], "one_faction"),
        (["art", "ethics"], "one_faction"),
        ("marketing", "unknown_faction"),
        ("", "unknown_faction"),
    ],
)
def test_exactly_one_faction_of_the_edition(people, office, database, faction, code):
    answer = seat(office, people.account(), faction=faction)
    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert answer.json()["allowed"] == ["art", "technology", "ethics", "community"]
    assert rows(database, t.jurors) == []


def test_no_faction_at_all_is_refused(people, office):
    answer = office.put(f"{API}/jurors/{people.account()}", json={"core": True})
    assert (answer.status_code, answer.json()["code"]) == (422, "one_faction")


def test_an_unproven_address_gets_no_seat(people, office):
    account = people.account(confirmed=False, email="new@example.org")
    assert seat(office, account).json()["code"] == "unknown_account"
    body = {"email": "new@example.org", "faction": "art"}
    assert office.post(f"{API}/jurors", json=body).json()["code"] == "unknown_account"


@pytest.mark.parametrize("role", ["office", "auditor"])
def test_who_runs_or_audits_does_not_judge(people, office, role):
    other = getattr(people, role)()
    answer = seat(office, other.account)
    assert (answer.status_code, answer.json()["code"]) == (409, "role_conflict")


def test_a_juror_does_not_run_or_audit(people):
    juror = people.juror("art")
    answer = people.admin().put(f"{API}/roles/office/{juror.account}")
    assert (answer.status_code, answer.json()["code"]) == (409, "role_conflict")


def test_the_pseudonym_is_random_and_told_to_auditors_alone(people, office, database):
    account = people.account()
    seat(office, account)
    [row] = rows(database, t.jurors)
    assert row.pseudonym.startswith("juror-")
    assert row.pseudonym.removeprefix("juror-")[:6] not in account
    assert office.get(f"{API}/jurors").json()["items"][0]["pseudonym"] is None
    assert people.auditor().get(f"{API}/jurors").json()["items"][0]["pseudonym"] == row.pseudonym


def test_the_faction_is_fixed_by_the_first_submitted_opinion(people, office, database):
    juror = people.juror("technology")
    [work] = people.works(1, state="in_recognition")
    people.stage(1, "open")
    people.assign(1, work, juror)
    assert seat(office, juror.account, faction="ethics").json()["faction"] == "ethics"
    assert rows(database, t.assignments)[0].ended_why == "the juror changed to another faction"
    put = f"{API}/stages/1/assignments/{work}/{juror.account}"
    assert office.put(put).status_code == 204
    verdict = {"checks": {check: {"passed": True} for check in CHECKS}}
    at = f"{API}/jury/works/{work}/verdict"
    assert juror.put(at, json=verdict).status_code == 200
    assert juror.post(f"{at}/submit").status_code == 200
    answer = seat(office, juror.account, faction="technology")
    assert (answer.status_code, answer.json()["code"]) == (409, "faction_fixed")
    assert seat(office, juror.account, faction="ethics", core=True).status_code == 200


def test_retiring_ends_what_is_unfinished_and_keeps_what_is_submitted(people, office, database):
    juror = people.juror("technology")
    done, draft = people.works(2, state="in_recognition")
    people.stage(1, "open")
    verdict = {"checks": {check: {"passed": True} for check in CHECKS}}
    for work in (done, draft):
        people.assign(1, work, juror)
        assert juror.put(f"{API}/jury/works/{work}/verdict", json=verdict).status_code == 200
    juror.post(f"{API}/jury/works/{done}/verdict/submit")

    assert office.delete(f"{API}/jurors/{juror.account}").status_code == 204
    assert office.delete(f"{API}/jurors/{juror.account}").json()["code"] == "unknown_juror"
    assert juror.get(f"{API}/jury/desk").json()["code"] == "not_allowed"
    ended = {row.entry: row.ended_why for row in rows(database, t.assignments)}
    assert ended == {done: None, draft: "the juror retired"}
    works = office.get(f"{API}/stages/1/progress").json()["works"]
    assert {work["entry"]: work["submitted"] for work in works} == {done: 1, draft: 0}

    seat(office, juror.account)
    assert [
        item["entry"] for item in juror.get(f"{API}/jury/desk").json()["stages"][0]["items"]
    ] == [done]


def test_everybody_reads_the_names_and_nothing_else(people, office, visitor, database):
    seat(office, people.account(), faction="art", company="Neon Lab")
    seat(office, people.account(), faction="ethics", core=True)
    people.juror("community")
    answer = visitor.get(f"{API}/jury")
    assert answer.status_code == 200
    assert [item["faction"] for item in answer.json()["items"]] == ["art", "community", "ethics"]
    assert set(answer.json()["items"][0]) == {"juror", "name", "faction", "core"}
    for row in rows(database, t.jurors):
        assert row.pseudonym not in answer.text


@pytest.mark.parametrize("who", ["entrant", "auditor", "admin"])
def test_only_the_office_appoints_and_retires(people, who):
    somebody = getattr(people, who)()
    juror = people.juror("art")
    assert seat(somebody, people.account()).json()["code"] == "not_allowed"
    assert somebody.delete(f"{API}/jurors/{juror.account}").json()["code"] == "not_allowed"
    if who != "auditor":
        assert somebody.get(f"{API}/jurors").json()["code"] == "not_allowed"


def test_an_unknown_edition_is_none(office):
    assert office.get("/api/editions/other-2026/jurors").json()["code"] == "unknown_edition"
