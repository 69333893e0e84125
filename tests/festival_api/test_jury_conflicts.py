"""Conflicts of interest: declared, found, enforced when works are assigned, read and judged."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, update

from festival_api import jury
from festival_api.jury._relations import Relation, found_between, juror_party, work_party
from festival_api.store import tables as t

EDITION = "hkaiiff-2026"
NOW = datetime(2026, 4, 1, tzinfo=UTC)
API = f"/api/editions/{EDITION}"
VERDICT = {"checks": {c: {"passed": True} for c in ("ai_native", "feasibility", "ethics")}}
REVIEW = {
    "scores": dict.fromkeys(
        ("technological_innovation", "artistic_achievement", "commercial_value", "social_impact"),
        50,
    )
}


@pytest.fixture
def office(people):
    return people.office()


@pytest.fixture
def owner(people):
    return people.entrant()


@pytest.fixture
def work(people, owner):
    [work] = people.works(1, state="in_recognition", owner=owner.account)
    people.stage(1, "open")
    return work


def counted(database, stage=1):
    with database.read() as c:
        return [(one.entry, one.juror) for one in jury.submitted_opinions(c, EDITION, stage)]


def judged(juror, work, opinion="verdict", body=VERDICT):
    at = f"{API}/jury/works/{work}/{opinion}"
    assert juror.put(at, json=body).status_code == 200
    assert juror.post(f"{at}/submit").status_code == 200


def declared(client, juror, work, kind="family"):
    body = {"juror": juror.account, "kind": kind, "note": "cousins"}
    return client.post(f"/api/entries/{work}/conflicts", json=body)


def on_desk(juror, stage=1):
    items = juror.get(f"{API}/jury/desk").json()["stages"][stage - 1]["items"]
    return [item["entry"] for item in items]


def conflicts(office, **query):
    return office.get(f"{API}/conflicts", params=query).json()["items"]


# --- What shows by itself. ---


PEOPLE = {"contact": {"name": "A", "email": "lam@lab.hku.hk"}, "company": "Neon Lab Ltd"}


@pytest.mark.parametrize(
    ("email", "company", "kinds"),
    [
        ("someone@elsewhere.com", None, set()),
        ("LAM@lab.HKU.hk", None, {"own", "employer"}),
        ("chan@lab.hku.hk", None, {"employer"}),
        ("chan@hku.hk", None, {"employer"}),
        ("chan@other.lab.hku.hk", None, {"employer"}),
        ("chan@cuhk.hk", None, set()),
        ("chan@xhku.hk", None, set()),
        ("chan@elsewhere.com", "NEON LAB", {"employer"}),
        ("chan@elsewhere.com", "Neon Labs", set()),
        ("chan@elsewhere.com", "Ltd", set()),
        (None, "", set()),
    ],
)
def test_what_jurors_and_makers_have_in_common(email, company, kinds):
    juror = juror_party("j", email, company)
    work = work_party("o", "owner@proven.org", "Owner", PEOPLE)
    assert {one.kind for one in found_between(juror, work)} == kinds


def test_an_own_work_is_found_by_account_and_by_address():
    without_address = work_party("o", None, None, {})
    assert found_between(juror_party("o", None, None), without_address)[0].kind == "own"
    with_address = work_party("o", "Me@Proven.org", "Me", {})
    assert found_between(juror_party("j", "me@proven.org", None), with_address)[0].kind == "own"


def test_sharing_a_public_mail_provider_is_nothing_in_common():
    work = work_party("o", "a@gmail.com", "A", {"contact": {"name": "A", "email": "b@qq.com"}})
    for domain in ("gmail.com", "qq.com", "example.org"):
        assert found_between(juror_party("j", f"c@{domain}", None), work) == ()


# --- At assignment. ---


def test_nobody_is_drawn_for_an_own_work(people, office, owner, work, database):
    """The only technology juror entered the work: the work stays short of one, by name."""
    office.put(f"{API}/jurors/{owner.account}", json={"faction": "technology"})
    ethics = people.juror("ethics")
    answer = office.post(f"{API}/stages/1/assignments", json={}).json()
    assert answer["made"] == 1
    [short] = answer["shortfalls"]
    assert (short["entry"], short["faction"], short["missing"]) == (work, "technology", 1)
    assert short["conflicted"] == [owner.account]
    assert on_desk(ethics) == [work]
    assert on_desk(owner) == []
    [found] = conflicts(office)
    assert (found["kind"], found["declared_by"]) == ("own", "service")


def test_no_hand_assigns_against_a_conflict(people, office, owner, work):
    juror = people.juror("technology")
    assert declared(owner, juror, work).status_code == 201
    at = f"{API}/stages/1/assignments/{work}/{juror.account}"
    answer = office.put(at)
    assert (answer.status_code, answer.json()["code"]) == (409, "conflict_of_interest")
    assert answer.json()["kinds"] == ["family"]

    other = people.juror("technology")
    body = {"juror": other.account, "entry": work, "kind": "other"}
    [own] = [office.post(f"{API}/conflicts", json=body).json()]
    assert own["declared_by"] == "office"
    assert office.put(at.replace(juror.account, other.account)).status_code == 409


# --- At reading and writing. ---


@pytest.fixture
def assigned(people, work):
    juror = people.juror("technology")
    people.assign(1, work, juror)
    return juror


def test_a_conflict_that_comes_late_takes_the_work_from_the_juror(
    people, office, owner, work, assigned, database
):
    judged(assigned, work)
    assert counted(database) == [(work, assigned.account)]
    answer = declared(owner, assigned, work)
    assert answer.status_code == 201
    assert answer.json()["declared_by"] == "entrant"

    assert counted(database) == []
    [progress] = office.get(f"{API}/stages/1/progress").json()["works"]
    assert (progress["submitted"], progress["lacks"]) == (0, 2)
    assert on_desk(assigned) == []
    at = f"{API}/jury/works/{work}"
    for answer in (
        assigned.get(at),
        assigned.put(f"{at}/verdict", json=VERDICT),
        assigned.post(f"{at}/verdict/submit"),
        assigned.post(f"{at}/verdict/abstain", json={"reason": "x"}),
    ):
        assert (answer.status_code, answer.json()["code"]) == (404, "unknown_work")
    with database.read() as c:
        [opinion] = c.execute(select(t.opinions)).all()
        [assignment] = c.execute(select(t.assignments)).all()
    assert opinion.void_why == assignment.ended_why == "conflict of interest (family)"
    assert opinion.content, "what is void is kept"


def test_a_work_of_the_jurors_own_address_is_hidden_before_anybody_noticed(
    people, office, owner, work, assigned, database
):
    """The juror changes the address after the assignment: reading, writing and counting end."""
    judged(assigned, work)
    with database.write() as c:
        c.execute(
            update(t.accounts)
            .where(t.accounts.c.id == assigned.account)
            .values(email="a@studio.film", email_key="a@studio.film")
        )
        c.execute(
            update(t.accounts)
            .where(t.accounts.c.id == owner.account)
            .values(email="b@studio.film", email_key="b@studio.film")
        )
    at = f"{API}/jury/works/{work}"
    assert on_desk(assigned) == []
    assert assigned.get(at).json()["code"] == "unknown_work"
    assert assigned.put(f"{at}/verdict", json=VERDICT).json()["code"] == "unknown_work"
    people.juror("technology")
    assert office.post(f"{API}/stages/1/assignments", json={}).json()["made"] == 1
    assert counted(database) == []
    [found] = conflicts(office, entry=work)
    assert (found["kind"], found["declared_by"]) == ("employer", "service")


def test_an_address_of_the_entrant_that_is_not_proven_says_nothing(
    people, owner, work, assigned, database
):
    with database.write() as c:
        email = "same@studio.film"
        mine = t.accounts.c.id == assigned.account
        c.execute(update(t.accounts).where(mine).values(email=email, email_key=email))
        other = t.accounts.c.id == owner.account
        c.execute(update(t.accounts).where(other).values(email="x@studio.film", confirmed_at=None))
    assert on_desk(assigned) == [work]


def test_a_juror_declares_what_is_on_the_own_desk_and_nothing_else(
    people, office, work, assigned, database
):
    judged(assigned, work)
    [other] = people.works(1, state="in_recognition")
    body = {"kind": "collaborator"}
    answer = assigned.post(f"{API}/jury/works/{other}/conflicts", json=body)
    assert (answer.status_code, answer.json()["code"]) == (404, "unknown_work")
    answer = assigned.post(f"{API}/jury/works/{work}/conflicts", json=body)
    assert (answer.status_code, answer.json()["declared_by"]) == (201, "juror")
    again = assigned.post(f"{API}/jury/works/{work}/conflicts", json=body)
    assert again.json()["id"] == answer.json()["id"], "the same conflict twice is one"
    assert counted(database) == []
    assert len(conflicts(office)) == 1


@pytest.mark.parametrize("kind", ["friend", "", None, 7])
def test_kinds_are_a_closed_list(people, owner, work, kind):
    assert declared(owner, people.juror("art"), work, kind).status_code == 422


def test_entrants_declare_on_their_own_entries_about_jurors_only(people, owner, work, assigned):
    stranger = people.entrant()
    assert declared(stranger, assigned, work).json()["code"] == "unknown_entry"
    assert declared(people.office(), assigned, work).json()["code"] == "unknown_entry"
    assert declared(owner, stranger, work).json()["code"] == "unknown_juror"


def test_the_answer_does_not_tell_who_was_assigned(people, owner, work, assigned):
    free = people.juror("technology")
    answers = [declared(owner, juror, work).json() for juror in (assigned, free)]
    for answer in answers:
        del answer["id"], answer["juror"]
    assert answers[0] == answers[1]


# --- Lifting. ---


def test_the_office_lifts_with_a_reason_and_nothing_comes_back(
    people, office, owner, work, assigned, database
):
    judged(assigned, work)
    at = f"{API}/conflicts/{declared(owner, assigned, work).json()['id']}/lift"
    assert owner.post(at, json={"reason": "x"}).json()["code"] == "not_allowed"
    assert office.post(at, json={"reason": " "}).json()["code"] == "reason_required"
    lifted = office.post(at, json={"reason": "another person of that name"})
    assert lifted.json()["lifted_why"] == "another person of that name"
    assert office.post(at, json={"reason": "again"}).json()["code"] == "lifted_already"
    assert counted(database) == [], "void stays void"
    assert office.post(f"{API}/stages/1/assignments", json={}).json()["made"] == 0
    assert on_desk(assigned) == []

    by_hand = office.put(f"{API}/stages/1/assignments/{work}/{assigned.account}")
    assert by_hand.status_code == 204
    assert on_desk(assigned) == [work]
    judged(assigned, work)
    assert counted(database) == [(work, assigned.account)]
    with database.read() as c:
        revisions = c.execute(
            select(t.opinions.c.revision, t.opinions.c.void_at).order_by(t.opinions.c.revision)
        ).all()
    assert [(number, void is not None) for number, void in revisions] == [(1, True), (2, False)]


def test_a_found_conflict_once_lifted_is_not_found_again(people, office, owner, database):
    people.stage(1, "open")
    contact = {"contact": {"name": "A", "email": "a@hku.hk"}}
    [work] = people.works(1, state="in_recognition", who=contact)
    juror = people.client(people.account(email="b@hku.hk"))
    office.put(f"{API}/jurors/{juror.account}", json={"faction": "ethics"})
    office.post(f"{API}/stages/1/assignments", json={})
    [found] = conflicts(office)
    office.post(f"{API}/conflicts/{found['id']}/lift", json={"reason": "other faculty"})
    assert office.post(f"{API}/stages/1/assignments", json={}).json()["made"] == 1
    assert on_desk(juror) == [work]
    assert len(conflicts(office)) == 1


def test_an_own_work_stays_one(people, office, owner, work):
    office.put(f"{API}/jurors/{owner.account}", json={"faction": "ethics"})
    office.post(f"{API}/stages/1/assignments", json={})
    [own] = conflicts(office)
    answer = office.post(f"{API}/conflicts/{own['id']}/lift", json={"reason": "please"})
    assert (answer.status_code, answer.json()["code"]) == (409, "own_work")
    assert office.post(f"{API}/conflicts/{'0' * 32}/lift", json={"reason": "x"}).json()["code"] == (
        "unknown_conflict"
    )


def test_published_stages_keep_what_was_counted(people, office, owner, work, assigned, database):
    judged(assigned, work)
    people.stage(1, "published")
    declared(owner, assigned, work)
    assert counted(database) == [(work, assigned.account)]
    with database.read() as c:
        [row] = c.execute(select(t.opinions)).all()
    assert row.void_at is None
    people.stage(1, "open")
    assert counted(database) == [], "a stage that is not published counts nobody in conflict"


def test_conflicts_are_listed_page_by_page(people, office, owner, work):
    jurors = [people.juror("art") for _ in range(5)]
    for juror in jurors:
        declared(owner, juror, work)
    seen, after = [], {}
    while True:
        page = office.get(f"{API}/conflicts", params={"limit": 2, **after}).json()
        assert len(page["items"]) <= 2
        seen += [item["juror"] for item in page["items"]]
        if page["next"] is None:
            break
        after = {"after": page["next"]}
    assert sorted(seen) == sorted(juror.account for juror in jurors)
    assert [one["juror"] for one in conflicts(office, juror=jurors[0].account)] == [
        jurors[0].account
    ]
    assert owner.get(f"{API}/conflicts").json()["code"] == "not_allowed"


# --- Named by jurors before they see a work. ---


@pytest.mark.parametrize(
    ("name", "is_known"),
    [
        ("Lam Siu Ming", True),
        ("SIU-MING, LAM", True),
        ("林小明", True),
        ("Neon Lab", True),
        ("neon lab limited", True),
        ("lam@lab.hku.hk", True),
        ("hku.hk", True),
        ("chan@hku.hk", True),
        ("Lam", False),
        ("Siu Ming Lamb", False),
        ("明小林", False),
        ("hk", False),
        ("gmail.com", False),
    ],
)
def test_a_named_relation_is_recognised(name, is_known):
    makers = [{"name": "Lam Siu-ming", "role": "director"}, {"name": "林小明", "role": "editor"}]
    work = work_party("o", "owner@gmail.com", "Owner", PEOPLE | {"makers": makers})
    juror = juror_party("j", None, None, (Relation("family", name),))
    kinds = [one.kind for one in found_between(juror, work)]
    assert kinds == (["family"] if is_known else [])


def test_a_juror_names_relations_before_any_work_is_drawn(people, office, work, database):
    juror = people.juror("technology")
    at = f"{API}/jury/relations"
    with database.read() as c:
        [made_by] = c.execute(select(t.snapshots.c.people)).scalars()
    maker = json.loads(made_by)["makers"][0]["name"]
    body = {"kind": "collaborator", "name": maker.upper()}
    for _ in range(2):
        answer = juror.post(at, json=body)
        assert answer.status_code == 201
    assert [one["name"] for one in juror.get(at).json()["items"]] == [maker.upper()]
    drawn = office.post(f"{API}/stages/1/assignments", json={}).json()
    conflicted = {short["faction"]: short["conflicted"] for short in drawn["shortfalls"]}
    assert conflicted == {"technology": [juror.account], "ethics": []}
    [found] = conflicts(office)
    assert (found["kind"], found["declared_by"]) == ("collaborator", "service")
    assert juror.delete(at).status_code == 405, "what is named stays named"
    assert people.juror("art").get(at).json()["items"] == [], "everybody reads one's own"


def test_a_relation_named_late_takes_the_work_at_once(people, work, assigned, database):
    judged(assigned, work)
    with database.read() as c:
        [made_by] = c.execute(select(t.snapshots.c.people)).scalars()
    maker = json.loads(made_by)["makers"][0]["name"]
    body = {"kind": "family", "name": maker}
    assert assigned.post(f"{API}/jury/relations", json=body).status_code == 201
    assert on_desk(assigned) == []
    assert assigned.get(f"{API}/jury/works/{work}").json()["code"] == "unknown_work"
    with database.write() as c:
        assert jury.find_conflicts(c, EDITION, [work], NOW) == ((assigned.account, work),)
        assert jury.find_conflicts(c, EDITION, [work], NOW) == ()
    assert counted(database) == []


@pytest.mark.parametrize(
    "body", [{}, {"kind": "family"}, {"kind": "x", "name": "Ann"}, {"name": "A"}]
)
def test_a_relation_has_a_kind_and_a_name(people, body):
    assert people.juror("art").post(f"{API}/jury/relations", json=body).status_code == 422


# --- Laws. ---

EMAILS = st.sampled_from(
    ["a@hku.hk", "b@hku.hk", "a@x.hku.hk", "a@gmail.com", "b@gmail.com", "c@own.film", None]
)
COMPANIES = st.sampled_from(["Neon", "Neon Ltd", "霓虹有限公司", "", None])


@given(EMAILS, COMPANIES, EMAILS, EMAILS, COMPANIES)
def test_a_conflict_is_own_exactly_when_an_address_is_the_same(
    email, company, owner, contact, other
):
    people = {"contact": {"email": contact}, "company": other}
    work = work_party("o", owner, None, people)
    kinds = {one.kind for one in found_between(juror_party("j", email, company), work)}
    assert ("own" in kinds) == (email is not None and email in (owner, contact))
    assert kinds <= {"own", "employer"}
