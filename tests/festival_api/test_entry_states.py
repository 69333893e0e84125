"""Where entries stand: the table says it, and nothing else is possible."""

from __future__ import annotations

import itertools

import pytest
from sqlalchemy import select, update

from festival_api import entries
from festival_api.refusals import Refusal
from festival_api.store import tables as t

# Written out again, from the festival's rules: action, states before, state after, who asks.
RULES = [
    ("finalise", "draft", "finalised", "owner"),
    ("reopen", "finalised lapsed", "draft", "owner"),
    (
        "withdraw",
        "draft finalised lapsed submitted in_recognition recognised in_evaluation finalist",
        "withdrawn",
        "owner",
    ),
    ("accept_free", "finalised", "submitted", "office"),
    (
        "disqualify",
        "submitted in_recognition recognised in_evaluation finalist",
        "disqualified",
        "office",
    ),
    ("pay", "finalised lapsed", "submitted", "service"),
    ("lapse", "finalised", "lapsed", "service"),
    ("open_recognition", "submitted", "in_recognition", "service"),
    ("recognise", "in_recognition", "recognised", "service"),
    ("refuse_recognition", "in_recognition", "not_recognised", "service"),
    ("open_evaluation", "recognised", "in_evaluation", "service"),
    ("select", "in_evaluation", "finalist", "service"),
    ("pass_over", "in_evaluation", "not_selected", "service"),
]
STATES = [
    *("draft", "finalised", "lapsed", "submitted", "in_recognition", "recognised"),
    *("not_recognised", "in_evaluation", "finalist", "not_selected", "withdrawn", "disqualified"),
]


@pytest.fixture
def entry(people) -> str:
    [entry] = people.works(1)
    return entry


def stand(c, entry: str, state: str) -> None:
    c.execute(update(t.entries).where(t.entries.c.id == entry).values(state=state))


def state_of(c, entry: str) -> str:
    return c.execute(select(t.entries.c.state).where(t.entries.c.id == entry)).scalar_one()


def test_the_table_is_the_rules():
    assert set(entries.STATES) == set(STATES)
    assert {
        (name, state, row.after, row.by)
        for name, row in entries.MOVES.items()
        for state in row.before
    } == {(name, state, after, by) for name, before, after, by in RULES for state in before.split()}


def test_every_move_from_every_state_is_made_or_refused(festival, clock, entry):
    with festival.database.write() as c:
        for state, (action, before, after, by) in itertools.product(STATES, RULES):
            stand(c, entry, state)
            if state in before.split():
                assert entries.move(c, entry, action, None, clock.now) == after
                assert state_of(c, entry) == after
                continue
            with pytest.raises(Refusal) as refused:
                entries.move(c, entry, action, None, clock.now)
            assert refused.value.kind is entries.WRONG_STATE
            assert refused.value.facts["state"] == state
            assert refused.value.facts["action"] == action
            possible = {
                name for name, froms, _, who in RULES if who == by and state in froms.split()
            }
            assert (
                set(refused.value.facts["allowed"])
                - {
                    "edit",
                    "discard",
                    "decide_student_proof",
                }
                == possible
            )
            assert state_of(c, entry) == state


def test_an_unknown_entry_is_not_moved(festival, clock):
    with festival.database.write() as c, pytest.raises(Refusal) as refused:
        entries.move(c, "0" * 32, "withdraw", None, clock.now)
    assert refused.value.kind is entries.UNKNOWN_ENTRY


def test_every_move_is_written_down_and_a_refused_one_is_not(festival, clock, people, entry):
    office = people.account()
    with festival.database.write() as c:
        entries.move(c, entry, "open_recognition", None, clock.now)
        clock.forward(hours=1)
        with pytest.raises(Refusal):
            entries.move(c, entry, "select", None, clock.now)
        entries.move(c, entry, "disqualify", office, clock.now, "No AI was used.")
        told = entries.history(c, entry)
    assert [(e.action, e.before, e.after, e.by, e.reason) for e in told] == [
        ("open_recognition", "submitted", "in_recognition", "service", ""),
        ("disqualify", "in_recognition", "disqualified", "office", "No AI was used."),
    ]
    assert told[1].at == clock.now


def test_history_is_told_without_naming_accounts(people, entry):
    owner = people.entrant()
    mine = people.finalised(owner)
    owner.post(f"/api/entries/{mine}/withdraw", json={"reason": "It is not good enough."})
    answer = people.office().get(f"/api/entries/{mine}/history")
    assert [(one["action"], one["by"]) for one in answer.json()["items"]] == [
        ("finalise", "owner"),
        ("withdraw", "owner"),
    ]
    assert owner.account not in answer.text


def test_a_student_waits_for_the_office_before_the_jury(festival, clock, entry):
    with festival.database.write() as c:
        for proof, ready in (("waiting", False), ("accepted", True), ("none", True)):
            stand(c, entry, "submitted")
            c.execute(update(t.entries).where(t.entries.c.id == entry).values(student_proof=proof))
            assert entries.ready_for_recognition(c, "hkaiiff-2026") == (
                ([entry], {}) if ready else ([], {entry: ["student_proof"]})
            )
            if ready:
                entries.move(c, entry, "open_recognition", None, clock.now)
                continue
            with pytest.raises(Refusal) as refused:
                entries.move(c, entry, "open_recognition", None, clock.now)
            assert refused.value.kind is entries.HELD
            assert refused.value.facts == {"why": ["student_proof"]}


def test_refusals_on_the_web_name_what_can_be_done_instead(people, entry):
    owner = people.entrant()
    mine = people.begun(owner)
    reopened = owner.post(f"/api/entries/{mine}/reopen")
    assert reopened.status_code == 409
    assert reopened.json()["code"] == "wrong_state"
    assert reopened.json()["state"] == "draft"
    assert set(reopened.json()["allowed"]) == {"finalise", "withdraw", "edit", "discard"}
    free = people.office().post(f"/api/entries/{entry}/accept-free", json={"reason": "A guest."})
    assert free.json()["code"] == "wrong_state"
    assert set(free.json()["allowed"]) == {"disqualify", "decide_student_proof"}


def test_the_diagram_draws_the_whole_table():
    drawn = entries.states_as_mermaid().splitlines()
    assert drawn[:2] == ["stateDiagram-v2", "  [*] --> draft"]
    for action, before, after, by in RULES:
        for state in before.split():
            assert f"  {state} --> {after}: {action} ({by})" in drawn
    ends = {line.split()[0] for line in drawn if line.endswith("--> [*]")}
    assert ends == {"withdrawn", "disqualified", "not_recognised", "not_selected"}
