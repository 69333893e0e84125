"""Three-valued logic over a reading window, held against slow twins."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import product

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from narrative import (
    Branch,
    Decision,
    Film,
    Guard,
    Reading,
    Window,
    begin,
    enter,
    format_guard,
    observe,
)
from narrative import decide as decide_now
from narrative._guard import And, Compare, Elapsed, Expr, For, Not, Or, SignalValue

VERDICTS = (True, False, None)
TICK_S = 0.5
NAMES = {True: "true", False: "false", None: "unknown"}
ENGAGED = Compare(SignalValue("engagement", "value"), ">", 0.0)
IN_SYNC = Compare(SignalValue("synchrony", "value"), ">", 0.0)
LATE = Compare(Elapsed(), ">=", 66.0)

Decide = Callable[[Expr, list[tuple[bool | None, bool | None]]], Decision]


def _rank(verdict: bool | None) -> float:
    """Kleene's values as numbers: not is 1 - x, and is min, or is max."""
    return 0.5 if verdict is None else float(verdict)


def test_kleene_tables(decide: Decide) -> None:
    for one, other in product(VERDICTS, VERDICTS):
        ticks = [(one, other)]
        assert _verdict(decide, And((ENGAGED, IN_SYNC)), ticks) == min(_rank(one), _rank(other))
        assert _verdict(decide, Or((ENGAGED, IN_SYNC)), ticks) == max(_rank(one), _rank(other))
        assert _verdict(decide, Not(ENGAGED), ticks) == 1 - _rank(one)


def _verdict(decide: Decide, tree: Expr, ticks: list[tuple[bool | None, bool | None]]) -> float:
    return {"true": 1.0, "unknown": 0.5, "false": 0.0}[decide(tree, ticks).reasons[0].verdict]


def _reading(verdict: bool | None, how: int) -> Reading:
    """A reading that makes `> 0` have this verdict; unknown in one of four ways."""
    if verdict is None:
        return (
            Reading(None, None, None, 3, "3 valid seats of 8"),
            Reading(1.0, 0.5, 1.0, 20, ""),
            Reading(1.0, None, 1.0, 20, ""),
            Reading(float("nan"), 0.999, 1.0, 20, ""),
        )[how % 4]
    return Reading(1.0 if verdict else -1.0, 0.999, 4.0, 20, "")


@pytest.fixture(scope="session")
def decide(film: Film) -> Decide:
    """Decide on one guard after ticks of (engaged, in sync) verdicts from 3 s on."""

    def run(tree: Expr, ticks: list[tuple[bool | None, bool | None]]) -> Decision:
        branch = Branch(Guard(format_guard(tree), tree), "storm")
        harbour = replace(film.scenes["harbour"], reading=Window(3.0, 60.0), branches=(branch,))
        asked = replace(film, scenes={**film.scenes, "harbour": harbour})
        state = enter(asked, begin(asked), 0, "lead_in", 0.0)
        state = enter(asked, state, 1, "harbour", 60.0)
        heard = [
            (
                3.0 + index * TICK_S,
                {
                    "engagement": _reading(engaged, index),
                    "synchrony": _reading(in_sync, index + 1),
                },
            )
            for index, (engaged, in_sync) in enumerate(ticks)
        ]
        state = observe(asked, state, heard)
        return decide_now(asked, state, 3.0 + (len(ticks) - 1) * TICK_S)

    return run


def _larger(parts: st.SearchStrategy[Expr]) -> st.SearchStrategy[Expr]:
    pair = st.tuples(parts, parts)
    durations = st.sampled_from([0.5, 1.0, 1.5, 2.0])
    return (st.builds(Not, parts) | st.builds(And, pair) | st.builds(Or, pair)) | st.builds(
        For, parts, durations
    )


TREES = st.recursive(st.sampled_from([ENGAGED, IN_SYNC, LATE]), _larger, max_leaves=5)
TICKS = st.lists(
    st.tuples(st.sampled_from(VERDICTS), st.sampled_from(VERDICTS)), min_size=1, max_size=12
)


def _twin(tree: Expr, ticks: list[tuple[bool | None, bool | None]], now: int) -> bool | None:
    """Judge a guard at a tick from the whole history, by the definitions."""
    match tree:
        case Not(body):
            inner = _twin(body, ticks, now)
            return None if inner is None else not inner
        case And(parts) | Or(parts):
            pick = min if isinstance(tree, And) else max
            rank = pick(_rank(_twin(part, ticks, now)) for part in parts)
            return {0.0: False, 0.5: None, 1.0: True}[rank]
        case For(body, duration_s):
            past = [_twin(body, ticks, tick) for tick in range(now + 1)]
            stretches = list(_stretches(past, round(duration_s / TICK_S)))
            certain = any(all(verdict is True for verdict in part) for part in stretches)
            possible = any(all(verdict is not False for verdict in part) for part in stretches)
            denied = any(verdict is False for verdict in past)
            return True if certain else False if denied and not possible else None
    if tree == LATE:
        return 63.0 + now * TICK_S >= 66.0
    return ticks[now][0 if tree == ENGAGED else 1]


def _stretches(past: list[bool | None], steps: int) -> Iterator[list[bool | None]]:
    """All stretches of the past that last so many steps."""
    for first in range(len(past) - steps):
        yield past[first : first + steps + 1]


@given(TREES, TICKS)
def test_guards_against_the_slow_twin(
    decide: Decide, tree: Expr, ticks: list[tuple[bool | None, bool | None]]
) -> None:
    verdict = decide(tree, ticks).reasons[0].verdict
    assert verdict == NAMES[_twin(tree, ticks, len(ticks) - 1)]


@given(st.lists(st.sampled_from(VERDICTS), min_size=1, max_size=8), st.integers(1, 5))
def test_for_is_known_only_where_no_unknown_tick_matters(
    decide: Decide, ticks: list[bool | None], steps: int
) -> None:
    tree = For(ENGAGED, steps * TICK_S)
    choices = [VERDICTS[:2] if tick is None else (tick,) for tick in ticks]
    completions = {
        any(all(part) for part in _stretches(list(completed), steps))
        for completed in product(*choices)
    }
    expected = completions.pop() if len(completions) == 1 else None
    if expected is False and False not in ticks:
        expected = None  # too short to be true, but nothing speaks against it
    verdict = decide(tree, [(tick, None) for tick in ticks]).reasons[0].verdict
    assert verdict == NAMES[expected]


@given(TREES, st.integers(1, 12))
def test_unknown_never_triggers(decide: Decide, tree: Expr, length: int) -> None:
    assume(not any(node == LATE for node in _nodes(tree)))
    decision = decide(tree, [(None, None)] * length)
    assert decision.by == "default"
    assert decision.reasons[0].verdict == "unknown"


def _nodes(tree: Expr) -> Iterator[Expr]:
    yield tree
    match tree:
        case And(parts) | Or(parts):
            for part in parts:
                yield from _nodes(part)
        case Not(body) | For(body):
            yield from _nodes(body)


@given(TREES, TICKS)
def test_more_knowledge_never_changes_a_known_verdict(
    decide: Decide, tree: Expr, ticks: list[tuple[bool | None, bool | None]]
) -> None:
    before = decide(tree, ticks).reasons[0].verdict
    assume(before != "unknown")
    filled = [tuple(True if verdict is None else verdict for verdict in tick) for tick in ticks]
    assert decide(tree, filled).reasons[0].verdict == before  # type: ignore[arg-type]  # pairs


def test_low_readings_need_evidence_too(decide: Decide) -> None:
    not_engaged = Compare(SignalValue("engagement", "value"), "<", 2.0)
    assert decide(not_engaged, [(True, None)]).by == "audience"
    assert decide(not_engaged, [(None, None)] * 4).by == "default"
    assert decide(Not(ENGAGED), [(None, None)] * 4).by == "default"


def test_confidence_is_no_way_round_the_gate(decide: Decide) -> None:
    unsure = Compare(SignalValue("engagement", "confidence"), "<", 0.9)
    assert decide(unsure, [(None, None), (None, None)]).reasons[0].verdict == "unknown"
