"""Guards that would branch by chance, or on a reading of the scene before.

The rule and its measured rates are in docs/science.md: a mean beyond a floor and t > 3, or
synchrony > 3, without a break for 5 s.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from narrative._film import Film, Scene
from narrative._guard import (
    And,
    Compare,
    Expr,
    For,
    Not,
    Operator,
    Or,
    SignalValue,
    format_number,
    shortest_window_s,
    walk,
)
from narrative._problem import Problem
from narrative._signals import SIGNALS, Signal
from narrative._words import listed

__all__ = ["evidence_problems"]

_T: Final = 3.0
_HELD_S: Final = 5.0
_CONTRARY: Final[Mapping[Operator, Operator]] = {"<": ">=", "<=": ">", ">": "<=", ">=": "<"}


def evidence_problems(film: Film) -> Iterator[Problem]:
    """Yield what readings cannot bear.

    Parameters
    ----------
    film : Film
        From `load_film`.

    Yields
    ------
    Problem
        Warnings and notes.
    """
    for scene in film.scenes.values():
        # What chooses the picture only may do so on little evidence.
        if not scene.cosmetic:
            yield from _too_early(scene)
            for index, branch in enumerate(scene.branches):
                where = scene.where(f"branches.{index}.when")
                yield from _weak(branch.when.tree, where)


def _too_early(scene: Scene) -> Iterator[Problem]:
    """Find windows in which signals still tell of the scene before."""
    window = scene.reading
    trees = [branch.when.tree for branch in scene.branches if branch.when.signals]
    if window is None or not trees:
        return
    # A shot's window is in its own time, the signals follow the whole scene.
    opens_s, ends_s = window.from_s + scene.offset_s, window.to_s + scene.offset_s
    where = scene.where("reading")
    needed_s, slowest = max(_needs(tree) for tree in trees)
    if ends_s < needed_s:
        what = (
            f'the reading window of "{scene.of}" ends at {format_number(ends_s)} s, and'
            f" {_follows(slowest)}: it is asked about the scene before"
        )
        remedy = f"End the window at {format_number(needed_s)} s or later, in a longer scene."
        yield Problem(where, what, remedy, "warning")
        return
    kept = [tree for tree in trees if any(isinstance(node, For) for node in walk(tree))]
    slowest = max((_slowest(tree) for tree in kept), key=_memory_s, default="")
    if slowest and opens_s < _memory_s(slowest):
        what = (
            f"the reading window opens at {format_number(opens_s)} s, and {_follows(slowest)}:"
            " its beginning hears the scene before"
        )
        follows = format_number(_memory_s(slowest))
        remedy = f"Open it at {follows} s, if this scene alone shall count."
        yield Problem(where, what, remedy, "note")


def _needs(tree: Expr) -> tuple[float, str]:
    """Tell how far into a scene a guard can hear it, and by which signal."""
    slowest = _slowest(tree)
    return _memory_s(slowest) + shortest_window_s(tree), slowest


def _slowest(tree: Expr) -> str:
    return max(sorted(quantity.signal for _, quantity in _claims(tree)), key=_memory_s)


def _memory_s(signal: str) -> float:
    return SIGNALS[signal].memory_s


def _follows(signal: str) -> str:
    return f"{signal} takes {format_number(_memory_s(signal))} s to follow a scene"


def _weak(tree: Expr, where: str) -> Iterator[Problem]:
    """Find guards that ask less than the rule."""
    if _support(tree) == "exempt":
        names = sorted({q.signal for _, q in _claims(tree) if SIGNALS[q.signal].exempt})
        what = f"a branch hangs on {listed(names)} alone, which drifts or is noisy by itself"
        remedy = (
            "No rate of false branches is promised for it: ask for engagement or synchrony too."
        )
        yield Problem(where, what, remedy, "warning")
    for reading, name in sorted({(q.reading, q.signal) for _, q in _claims(tree)}):
        signal = SIGNALS[name]
        if signal.exempt or signal.floor is None:
            continue
        missing = list(_missing(tree, reading, signal, signal.floor))
        if missing:
            what = f"{reading} is asked less than the decision rule: it wants {listed(missing)}"
            remedy = (
                "What asks less is met by chance in more than one quiet minute of a hundred. Write"
                f" {_rule(reading, signal, signal.floor)}."
            )
            yield Problem(where, what, remedy, "warning")


def _missing(tree: Expr, reading: str, signal: Signal, floor: float) -> Iterator[str]:
    """Say what a guard leaves out of the rule for a reading."""
    asked = [(compare, q) for compare, q in _claims(tree) if q.reading == reading]
    values = [compare for compare, q in asked if q.attribute == "value"]
    if not values or any(not _beyond(compare, floor) for compare in values):
        yield f"a value beyond {format_number(floor)}"
    if signal.needs_baseline and not any(
        q.attribute == "t" and _beyond(compare, _T) for compare, q in asked
    ):
        yield f"t beyond {format_number(_T)}"
    if _held_s(tree, reading) < _HELD_S:
        yield f"{format_number(_HELD_S)} s without a break"


def _rule(reading: str, signal: Signal, floor: float) -> str:
    least = format_number(floor)
    with_t = f" and {reading}.t > {format_number(_T)}" if signal.needs_baseline else ""
    return f"{reading} > {least}{with_t} for {format_number(_HELD_S)} s (or downwards, < -{least})"


def _beyond(compare: Compare, floor: float) -> bool:
    """Whether a comparison asks for a value at least that far from rest, up or down."""
    up = compare.operator.startswith(">")
    return compare.number >= floor if up else compare.number <= -floor


def _claims(tree: Expr, negated: bool = False) -> Iterator[tuple[Compare, SignalValue]]:
    """Yield the comparisons of signals as they stand behind their `not`s."""
    match tree:
        case Compare(SignalValue() as quantity, operator, number):
            asked = _CONTRARY[operator] if negated else operator
            yield Compare(quantity, asked, number), quantity
        case Not(body):
            yield from _claims(body, not negated)
        case For(body):
            yield from _claims(body, negated)
        case And(parts) | Or(parts):
            for part in parts:
                yield from _claims(part, negated)


def _held_s(tree: Expr, reading: str, held_s: float = 0.0) -> float:
    """Tell how long a reading's value must stay where it is asked, at least."""
    match tree:
        case Compare(SignalValue() as quantity) if quantity.reading == reading:
            return held_s
        case For(body, duration_s):
            return _held_s(body, reading, max(held_s, duration_s))
        case Not(body):
            return _held_s(body, reading, held_s)
        case And(parts):
            return _least((_held_s(part, reading, held_s) for part in parts), most=True)
        case Or(parts):
            return _least((_held_s(part, reading, held_s) for part in parts), most=False)
        case _:
            return float("inf")


def _least(held: Iterator[float], *, most: bool) -> float:
    asked = [one for one in held if one != float("inf")]
    return (max if most else min)(asked, default=float("inf"))


def _support(tree: Expr) -> str:
    """Tell what evidence is enough to meet a guard: "exempt", "firm", or "" for none."""
    match tree:
        case Compare(SignalValue(signal)):
            return "exempt" if SIGNALS[signal].exempt else "firm"
        case Not(body) | For(body):
            return _support(body)
        case And(parts):
            found = {_support(part) for part in parts}
            return "firm" if "firm" in found else "exempt" if "exempt" in found else ""
        case Or(parts):
            found = {_support(part) for part in parts}
            return "exempt" if "exempt" in found else "firm" if "firm" in found else ""
        case _:
            return ""
