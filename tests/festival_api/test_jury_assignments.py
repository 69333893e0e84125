"""Who judges what: drawn, by hand, ended; and how far a stage is."""

from __future__ import annotations

from collections import Counter

import pytest
from sqlalchemy import delete, select

from festival_api import jury
from festival_api.refusals import Refusal
from festival_api.store import tables as t

EDITION = "hkaiiff-2026"
API = f"/api/editions/{EDITION}"
FACTIONS = ("art", "technology", "ethics", "community")
VERDICT = {"checks": {c: {"passed": True} for c in ("ai_native", "feasibility", "ethics")}}


@pytest.fixture
def office(people):
    return people.office()


@pytest.fixture
def per_work(shipped):
    """The edition, but each work is reviewed by every faction."""
    stage_2 = shipped.edition.stage_2.model_copy(update={"coverage": "per_work", "minimum": 4})
    return shipped.edition.model_copy(update={"stage_2": stage_2})


def pairs(database, stage, **where):
    a = t.assignments.c
    with database.read() as c:
        query = select(t.assignments).where(a.stage == stage, a.ended_at.is_(None))
        return {(row.juror, row.entry) for row in c.execute(query.filter_by(**where))}


def draw(office, stage, **body):
    answer = office.post(f"{API}/stages/{stage}/assignments", json=body)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_stage_1_gives_each_work_its_factions_with_equal_loads(people, office, database):
    jurors = {
        people.juror(faction).account: faction
        for faction in ("technology", "technology", "ethics", "ethics", "art")
    }
    works = people.works(8, state="in_recognition")
    people.works(2, state="submitted")
    people.stage(1, "open")
    drawn = draw(office, 1, seed="a seed")
    assert (drawn["made"], drawn["shortfalls"], drawn["seed"]) == (16, [], "a seed")
    made = pairs(database, 1)
    for work in works:
        assert {jurors[j] for j, w in made if w == work} == {"technology", "ethics"}
    assert set(Counter(juror for juror, _ in made).values()) == {4}
    assert len(pairs(database, 1, seed="a seed", why="drawn", made_by=office.account)) == 16

    assert draw(office, 1)["made"] == 0, "asked again, it adds what is missing: nothing"
    assert pairs(database, 1) == made
    with database.read() as c:
        letters = c.execute(select(t.letters).where(t.letters.c.kind == "assigned")).all()
    assert {letter.account for letter in letters} == {j for j, f in jurors.items() if f != "art"}


def test_pool_coverage_asks_for_the_minimum_and_no_faction(people, office, database, shipped):
    assert shipped.edition.stage_2.coverage == "pool"
    for _ in range(3):
        people.juror("art")
    people.works(4, state="in_evaluation")
    people.stage(2, "open")
    drawn = draw(office, 2)
    assert (drawn["made"], drawn["shortfalls"]) == (4 * shipped.edition.stage_2.minimum, [])


def test_coverage_per_work_gives_each_work_every_faction(people, per_work, database, clock):
    jurors = {people.juror(f).account: f for f in FACTIONS * 2}
    works = people.works(6, state="in_evaluation")
    people.stage(2, "open")
    with database.write() as c:
        assert jury.assign_stage(c, per_work, 2, "s", None, clock()).made == 24
    for work in works:
        assert {jurors[j] for j, w in pairs(database, 2) if w == work} == set(FACTIONS)


def test_the_seed_decides(people, database, clock, shipped):
    for faction in ("technology", "ethics") * 3:
        people.juror(faction)
    people.works(9, state="in_recognition")
    people.stage(1, "open")

    def drawn(seed):
        with database.write() as c:
            c.execute(delete(t.assignments))
            jury.assign_stage(c, shipped.edition, 1, seed, None, clock())
        return pairs(database, 1)

    assert drawn("one") == drawn("one") != drawn("two")


def test_capacity_is_kept_and_what_is_missing_is_named(people, office):
    full = people.juror("technology", capacity=1)
    people.juror("ethics")
    works = people.works(3, state="in_recognition")
    people.stage(1, "open")
    drawn = draw(office, 1)
    assert drawn["made"] == 4
    shorts = drawn["shortfalls"]
    assert len(shorts) == 2
    assert {short["entry"] for short in shorts} < set(works)
    assert {short["faction"] for short in shorts} == {"technology"}
    assert all(short["full"] == [full.account] for short in shorts)


def test_an_abstention_is_a_gap_that_the_next_draw_fills_with_another(people, office, database):
    first = people.juror("technology")
    people.juror("ethics")
    [work] = people.works(1, state="in_recognition")
    people.stage(1, "open")
    draw(office, 1)
    at = f"{API}/jury/works/{work}/verdict/abstain"
    assert first.post(at, json={"reason": " "}).json()["code"] == "reason_required"
    assert first.post(at, json={"reason": "I do not speak it."}).status_code == 204
    assert first.post(at, json={"reason": "again"}).json()["code"] == "unknown_work"
    assert draw(office, 1)["shortfalls"][0]["conflicted"] == [first.account]
    second = people.juror("technology")
    assert draw(office, 1)["made"] == 1
    assert (second.account, work) in pairs(database, 1)
    with database.read() as c:
        ended = c.execute(select(t.assignments).where(t.assignments.c.ended_at.is_not(None)))
        assert [row.ended_why for row in ended] == ["I do not speak it."]


def test_by_hand(people, office, database):
    juror = people.juror("technology")
    [work] = people.works(1, state="in_recognition")
    [other] = people.works(1, state="in_evaluation")
    people.stage(1, "open")
    at = f"{API}/stages/1/assignments/{work}/{juror.account}"
    assert office.put(at).status_code == 204
    assert office.put(at).status_code == 204
    assert pairs(database, 1, why="by_hand") == {(juror.account, work)}

    for entry, who, status, code in (
        (work, people.juror("art").account, 403, "faction_not_in_stage"),
        (work, people.entrant().account, 404, "unknown_juror"),
        (other, juror.account, 409, "not_in_stage"),
        ("0" * 32, juror.account, 409, "not_in_stage"),
    ):
        answer = office.put(f"{API}/stages/1/assignments/{entry}/{who}")
        assert (answer.status_code, answer.json()["code"]) == (status, code)

    assert office.delete(at).json()["code"] == "reason_required"
    assert office.delete(at, params={"reason": "ill"}).status_code == 204
    assert office.delete(at, params={"reason": "ill"}).json()["code"] == "unknown_assignment"
    assert office.put(at).status_code == 204, "what was ended can be made again"
    with database.read() as c:
        a = t.assignments.c
        turns = c.execute(select(a.turn, a.ended_why).order_by(a.turn)).all()
    assert turns == [(1, "ill"), (2, None)]


def test_nobody_takes_a_submitted_opinion_out_of_the_count(people, office):
    juror = people.juror("technology")
    [work] = people.works(1, state="in_recognition")
    people.stage(1, "open")
    people.assign(1, work, juror)
    at = f"{API}/jury/works/{work}/verdict"
    juror.put(at, json=VERDICT)
    juror.post(f"{at}/submit")
    for answer in (
        office.delete(
            f"{API}/stages/1/assignments/{work}/{juror.account}", params={"reason": "wrong result"}
        ),
        juror.post(f"{at}/abstain", json={"reason": "regret"}),
    ):
        assert (answer.status_code, answer.json()["code"]) == (409, "opinion_submitted")


@pytest.mark.parametrize(
    ("state", "code"), [(None, "stage_not_open"), ("closed", "stopped"), ("published", "stopped")]
)
def test_only_an_open_stage_is_assigned(people, office, state, code):
    juror = people.juror("technology")
    [work] = people.works(1, state="in_recognition")
    people.assign(1, work, juror)
    if state:
        people.stage(1, state)
    at = f"{API}/stages/1/assignments"
    one = f"{at}/{work}/{juror.account}"
    for answer in (
        office.post(at, json={}),
        office.put(one),
        office.delete(one, params={"reason": "x"}),
    ):
        assert (answer.status_code, answer.json()["code"]) == (409, code)


@pytest.mark.parametrize("stage", [0, 3, 99])
def test_jurors_write_in_two_stages(office, stage):
    assert office.post(f"{API}/stages/{stage}/assignments", json={}).json()["code"] == (
        "unknown_stage"
    )
    assert office.get(f"{API}/stages/{stage}/progress").json()["code"] == "unknown_stage"


def test_an_extra_juror_is_of_the_faction_least_heard(people, database, clock, per_work):
    jurors = {people.juror(f).account: f for f in (*FACTIONS, "art")}
    [work] = people.works(1, state="in_evaluation")
    people.stage(2, "open")
    with database.write() as c:
        jury.assign_stage(c, per_work, 2, "s", None, clock())
    before = pairs(database, 2)
    assert len(before) == 4
    with database.write() as c:
        assert jury.assign_extra(c, per_work, 2, work, "s", None, clock()) is None
    [(extra, _)] = pairs(database, 2) - before
    assert jurors[extra] == "art"
    with database.write() as c:
        short = jury.assign_extra(c, per_work, 2, work, "s", None, clock())
    assert (short.entry, short.missing) == (work, 1)
    assert pairs(database, 2, why="extra") == {(extra, work)}
    with database.write() as c, pytest.raises(Refusal, match="not_in_stage"):
        jury.assign_extra(c, per_work, 2, "0" * 32, "s", None, clock())


def test_progress_counts_and_tells_no_opinion(people, office):
    technology, ethics = people.juror("technology"), people.juror("ethics", capacity=5)
    people.juror("art")
    links = [{"kind": "film", "url": "https://films.example.org/x"}]
    [work] = people.works(1, state="in_recognition", made={"links": links})
    people.works(1, state="withdrawn")
    people.stage(1, "open")
    draw(office, 1)
    at = f"{API}/jury/works/{work}/verdict"
    failed = {"passed": False, "reason": "zephyr"}
    technology.put(at, json={"checks": {**VERDICT["checks"], "ethics": failed}})
    before = office.get(f"{API}/stages/1/progress").json()
    technology.post(f"{at}/submit")
    answer = people.auditor().get(f"{API}/stages/1/progress")
    told = answer.json()
    assert (told["stage"], told["state"]) == (1, "open")
    assert before["works"][0]["lacks"] == 2, "a draft is no opinion"
    assert told["works"] == [
        {
            "entry": work,
            "title": told["works"][0]["title"],
            "assigned": 2,
            "submitted": 1,
            "lacks": 1,
            "lacks_of": {"ethics": 1},
            "links_outside_blind": 1,
        }
    ]
    assert {one["juror"]: (one["assigned"], one["submitted"]) for one in told["jurors"]} == {
        technology.account: (1, 1),
        ethics.account: (1, 0),
    }
    assert "zephyr" not in answer.text
    assert "passed" not in answer.text


@pytest.mark.parametrize("who", ["entrant", "auditor", "admin"])
def test_only_the_office_assigns(people, who):
    somebody = getattr(people, who)()
    at = f"{API}/stages/1/assignments"
    one = f"{at}/{'0' * 32}/{'1' * 32}"
    for answer in (somebody.post(at, json={}), somebody.put(one), somebody.delete(one)):
        assert (answer.status_code, answer.json()["code"]) == (403, "not_allowed")


def test_juror_and_work_that_left_count_towards_capacity(people, office, database):
    """One work was judged and then withdrawn; it was work all the same."""
    juror = people.juror("technology", capacity=2)
    people.stage(1, "open")
    [gone] = people.works(1, state="withdrawn")
    people.assign(1, gone, juror)
    people.works(3, state="in_recognition")
    draw(office, 1)
    assert len([pair for pair in pairs(database, 1) if pair[0] == juror.account]) == 2
