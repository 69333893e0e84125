"""Guards and decisions in words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from narrative._decision import By, GuardReport, Term, Verdict
from narrative._film import Film, Scene
from narrative._guard import (
    Chance,
    Compare,
    Expr,
    Flag,
    For,
    SignalValue,
    format_guard,
    format_number,
    walk,
)
from narrative._logic import Moment, Run, finite
from narrative._preparing import Condition, Prepared
from narrative._program import Question

__all__ = ["explain", "report", "terms"]

_MOST_SAID: Final = 4
"""Branches of which an explanation tells; of more it tells how many they are."""


def report(
    question: Question, number: int, moment: Moment, stood: tuple[Term, ...] | None
) -> GuardReport:
    """Report one branch; `stood` are its conditions as they were when its run was reached."""
    branch, guard = question.branches[number], question.guards[number]
    run, needed_s = _run(question, guard, moment.runs)
    return GuardReport(
        when=branch.when.text,
        to=branch.to,
        verdict=_verdict(guard.judge(moment)),
        held_s=None if run is None else run.longest_ns / 1e9,
        needed_s=needed_s,
        terms=terms(guard, moment) if stood is None else stood,
    )


def _run(
    question: Question, guard: Prepared, runs: Sequence[Run]
) -> tuple[Run | None, float | None]:
    """Give the run that a guard ends in, and how long it must be in seconds."""
    if guard.run is None:
        return None, None
    return runs[guard.run], question.counted[guard.run].node.duration_s


def terms(guard: Prepared, moment: Moment) -> tuple[Term, ...]:
    """Give a guard's conditions as they stand, in the order of the text."""
    return tuple(_term(condition, moment) for condition in guard.conditions)


def _term(condition: Condition, moment: Moment) -> Term:
    node = condition.node
    value, why = condition.value(moment)
    confidence = None
    if isinstance(node, Compare) and isinstance(node.quantity, SignalValue):
        reading = moment.readings.get(node.quantity.reading)
        confidence = None if reading is None else finite(reading.confidence)
    return Term(format_guard(node), value, confidence, _verdict(condition.judge(moment)), why)


def _verdict(value: bool | None) -> Verdict:
    return "unknown" if value is None else "true" if value else "false"


def explain(
    film: Film,
    scene: Scene,
    question: Question | None,
    to: str,
    branch: int | None,
    by: By,
    reasons: Sequence[GuardReport],
) -> str:
    """Say in one line where the film goes and why."""
    match by:
        case "operator":
            return f"{to}: taken by the operator."
        case "hold":
            return f"{to} by default: the operator holds."
        case "max_runtime":
            longest = format_number(film.max_runtime_s)
            return f"{to} by default: the film has run its {longest} s, branches are closed."
    if question is None or not reasons:
        return f"{to}: nothing else follows."
    told = list(zip(question.guards, reasons, strict=True))
    if branch is None:
        return _one_line(f"{to} by default: {_failures(told)}.")
    met = _met(*told[branch])
    before = f"; {_failures(told[:branch])}" if branch else ""
    return _one_line(f"{to}: {met}{before}{_untried(reasons[branch + 1 :], to)}.")


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _met(guard: Prepared, reason: GuardReport) -> str:
    """Say what met a guard, and how sure that is."""
    met = [pair for pair in _pairs(guard, reason) if _speaks_for(*pair)]
    told = [pair for pair in _pairs(guard, reason, inner=False) if _speaks_for(*pair)]
    said = " and ".join(_fact(*pair) for pair in told) or reason.when
    held = "" if reason.held_s is None else f" held {_number(reason.held_s)} s"
    confidences = [term.confidence for _, term in met if term.confidence is not None]
    return f"{said}{held}{_chance(min(confidences)) if confidences else ''}"


def _pairs(
    guard: Prepared, reason: GuardReport, *, inner: bool = True
) -> list[tuple[Condition, Term]]:
    """Pair a guard's conditions with their terms; without what is within an inner `for`."""
    pairs: list[tuple[Condition, Term]] = []
    skipped = 0
    for condition, term in zip(guard.conditions, reason.terms, strict=True):
        if inner or not skipped:
            pairs.append((condition, term))
            node = condition.node
            skipped = _conditions_in(node.body) if isinstance(node, For) else 0
        else:
            skipped -= 1
    return pairs


def _conditions_in(tree: Expr) -> int:
    return sum(isinstance(node, (Compare, Flag, Chance, For)) for node in walk(tree))


def _speaks_for(condition: Condition, term: Term) -> bool:
    """Whether a term, as it stands, helps its guard to be met."""
    return term.verdict == ("true" if condition.plain else "false")


def _chance(confidence: float) -> str:
    """Write how likely chance alone is to give such a reading."""
    p = 1.0 - confidence
    return ", p < 0.001" if p < 0.001 else f", p = {p:.3f}"


def _failures(told: Sequence[tuple[Prepared, GuardReport]]) -> str:
    """Say of branches why they are not taken; of many, of the first."""
    said = [f"not {reason.to} ({_failed(guard, reason)})" for guard, reason in told[:_MOST_SAID]]
    left = len(told) - len(said)
    return "; ".join([*said, f"nor {left} others"] if left else said)


def _failed(guard: Prepared, reason: GuardReport) -> str:
    """Say what kept a guard from being met: what speaks against it, and what is unknown and why."""
    pairs = _pairs(guard, reason, inner=False)
    known = [pair for pair in pairs if pair[1].verdict != "unknown"]
    said = [_fact(*pair) for pair in known if not _speaks_for(*pair)]
    unknown: dict[str, list[str]] = {}
    for _, term in pairs:
        if term.verdict == "unknown":
            unknown.setdefault(term.why, []).append(term.text)
    said += [f"{', '.join(texts)} unknown: {why}" for why, texts in unknown.items()]
    if reason.held_s is not None and reason.needed_s is not None:
        said.append(f"held {_number(reason.held_s)} s of {format_number(reason.needed_s)} s")
    return ", ".join(said) or reason.when


def _untried(reasons: Sequence[GuardReport], to: str) -> str:
    """Name the targets that come after the one taken."""
    others = list(dict.fromkeys(reason.to for reason in reasons if reason.to != to))
    if len(others) > _MOST_SAID:
        return f"; {len(others)} others not tried"
    return f"; {', '.join(others)} not tried" if others else ""


def _fact(condition: Condition, term: Term) -> str:
    """Say how a condition stands: `engagement 0.82 > 0.7`, `not met_anna`."""
    true = term.verdict == "true"
    match condition.node:
        case Compare(quantity, operator, number) if term.value is not None:
            value, unit = _number(term.value), " s" if str(quantity) == "elapsed" else ""
            than = f"{operator} {format_number(number)}{unit}"
            return f"{quantity} {value}{unit} {'' if true else 'is not '}{than}"
        case Chance():
            return f"{term.text} drew {_number(term.value or 0.0)}"
        case For(body, duration_s):
            asked = "" if true else f" of {format_number(duration_s)} s"
            return f"{format_guard(body)} held {_number(term.value or 0.0)} s{asked}"
    return term.text if true else f"not {term.text}"


def _number(value: float) -> str:
    """Write a number with two decimals; a small one, as trends are, with two digits."""
    return format_number(round(value, 2) if abs(value) >= 0.1 else float(f"{value:.2g}"))
