"""Roles: given by administrators alone, to proven accounts, never two that exclude each other."""

import pytest
from sqlalchemy import select

from festival_api import accounts
from festival_api.refusals import Refusal
from festival_api.store import tables as t

ROLES = "/api/editions/hkaiiff-2026/roles"


def refused(answer, code: str, status: int) -> bool:
    assert (answer.json()["code"], answer.status_code) == (code, status), answer.text
    return True


def test_a_role_is_given_held_listed_and_taken_away(people):
    admin, other = people.admin(), people.entrant(email="lam@example.org")
    given = admin.post(ROLES, json={"email": " LAM@example.org", "role": "office"})
    assert given.status_code == 201
    assert given.json() | {"granted_at": None} == {
        "account": other.account,
        "email": "lam@example.org",
        "name": given.json()["name"],
        "role": "office",
        "granted_at": None,
    }
    again = admin.put(f"{ROLES}/office/{other.account}")
    assert (again.status_code, again.json()) == (200, given.json())
    assert other.get("/api/me").json()["roles"] == {"hkaiiff-2026": ["office"]}
    assert admin.get(ROLES).json() == {"items": [given.json()], "next": None}

    assert admin.delete(f"{ROLES}/office/{other.account}").status_code == 204
    assert admin.delete(f"{ROLES}/office/{other.account}").status_code == 204
    assert other.get("/api/me").json()["roles"] == {}
    assert admin.get(ROLES).json() == {"items": [], "next": None}


def test_the_list_comes_in_pieces_without_gap_or_overlap(people):
    admin = people.admin()
    held = sorted(people.office().account for _ in range(5))
    found, after = [], None
    while True:
        page = admin.get(ROLES, params={"limit": 2} | ({"after": after} if after else {})).json()
        found += [item["account"] for item in page["items"]]
        after = page["next"]
        if after is None:
            break
    assert found == held
    for params in ({"limit": 0}, {"limit": 201}, {"after": "'; --"}):
        assert refused(admin.get(ROLES, params=params), "invalid", 422)


@pytest.mark.parametrize("who", ["entrant", "office", "auditor", "juror", "visitor"])
def test_nobody_but_an_administrator_gives_or_sees_roles(people, visitor, who):
    asks = {
        "entrant": people.entrant,
        "office": people.office,
        "auditor": people.auditor,
        "juror": lambda: people.juror("art"),
        "visitor": lambda: visitor,
    }[who]()
    account = people.account(email="lam@example.org")
    code, status = ("not_signed_in", 401) if who == "visitor" else ("not_allowed", 403)
    for answer in (
        asks.get(ROLES),
        asks.post(ROLES, json={"email": "lam@example.org", "role": "office"}),
        asks.put(f"{ROLES}/auditor/{account}"),
        asks.delete(f"{ROLES}/office/{account}"),
    ):
        assert refused(answer, code, status)


def test_unknown_and_unproven_accounts_roles_and_editions_are_refused(people):
    admin = people.admin()
    waiting = people.account(email="waiting@example.org", confirmed=False)
    for answer in (
        admin.post(ROLES, json={"email": "nobody@example.org", "role": "office"}),
        admin.post(ROLES, json={"email": "waiting@example.org", "role": "office"}),
        admin.put(f"{ROLES}/office/{waiting}"),
        admin.put(f"{ROLES}/office/{'0' * 32}"),
    ):
        assert refused(answer, "unknown_account", 404)
    elsewhere = "/api/editions/nowhere/roles"
    for answer in (
        admin.get(elsewhere),
        admin.post(elsewhere, json={"email": "a@example.org", "role": "office"}),
        admin.put(f"{elsewhere}/office/{waiting}"),
        admin.delete(f"{elsewhere}/office/{waiting}"),
    ):
        assert refused(answer, "unknown_edition", 404)
    for answer in (
        admin.put(f"{ROLES}/juror/{admin.account}"),
        admin.put(f"{ROLES}/office/{admin.account.upper()}x"),
        admin.post(ROLES, json={"email": "a@example.org", "role": "admin"}),
    ):
        assert refused(answer, "invalid", 422)


def test_office_auditor_and_juror_are_never_one_person(festival, people):
    admin = people.admin()
    office, auditor, juror = people.office(), people.auditor(), people.juror("ethics")
    for answer in (
        admin.put(f"{ROLES}/auditor/{office.account}"),
        admin.put(f"{ROLES}/office/{auditor.account}"),
        admin.put(f"{ROLES}/office/{juror.account}"),
        admin.put(f"{ROLES}/auditor/{juror.account}"),
    ):
        assert refused(answer, "role_conflict", 409)
    with festival.database.read() as c:
        for account in (office.account, auditor.account):
            with pytest.raises(Refusal, match="role_conflict"):
                accounts.refuse_conflicting_roles(c, "hkaiiff-2026", account)
        accounts.refuse_conflicting_roles(c, "hkaiiff-2026", juror.account)
        accounts.refuse_conflicting_roles(c, "another-edition", office.account)


def test_a_juror_who_retired_has_judged_all_the_same(festival, people, clock):
    admin, juror = people.admin(), people.juror("art")
    with festival.database.write() as c:
        c.execute(t.jurors.update().values(retired_at=clock()))
    assert juror.get("/api/me").json()["roles"] == {}
    assert refused(admin.put(f"{ROLES}/office/{juror.account}"), "role_conflict", 409)


def test_who_gave_a_role_is_written_down(festival, people):
    admin, other = people.admin(), people.entrant()
    admin.put(f"{ROLES}/auditor/{other.account}")
    with festival.database.read() as c:
        (row,) = c.execute(select(t.roles)).all()
    assert (row.account, row.role, row.granted_by) == (other.account, "auditor", admin.account)
    assert row.granted_at == festival.clock()


def test_administrators_see_and_dismiss_each_other_but_never_the_last(people, visitor):
    first, second = people.admin(), people.admin()
    listed = first.get("/api/administrators").json()["items"]
    assert {one["account"] for one in listed} == {first.account, second.account}
    one = f"/api/administrators/{second.account}"
    for client in (people.office(), people.auditor(), people.entrant()):
        assert refused(client.get("/api/administrators"), "not_allowed", 403)
        assert refused(client.delete(one), "not_allowed", 403)
    assert refused(visitor.delete(one), "not_signed_in", 401)
    assert [first.delete(one).status_code for _ in range(2)] == [204, 204]
    assert refused(second.get("/api/administrators"), "not_allowed", 403)
    assert refused(first.delete(f"/api/administrators/{first.account}"), "last_administrator", 409)
    assert first.delete(f"/api/administrators/{'0' * 32}").status_code == 204
    assert len(first.get("/api/administrators").json()["items"]) == 1
