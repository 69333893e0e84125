"""Three-valued evaluation of guards over a reading window.

Kleene's strong logic (Introduction to Metamathematics, 1952, section 64): a verdict is
true or false only where it would be so whatever the unknown parts were. A reading is
unknown where it is missing, has no value, or is less sure than the film asks. That
goes for *low* readings too: `engagement < 0.4` out of noise would be a cut out of
noise just as `engagement > 0.4` would; only evidence leaves the default path. For the
same reason `.confidence` is gated like every other attribute.

`for D` says the same of a stretch: true once its body was true without interruption
for D; false where it was false at some tick, and no value of the unknown ticks would
have made it true; else unknown.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from narrative._decision import Reading
from narrative._duration import to_ns
from narrative._guard import (
    And,
    Compare,
    Elapsed,
    Expr,
    For,
    Not,
    Or,
    SignalValue,
    Visits,
    walk,
)

__all__ = ["Facts", "Run", "advance", "all_of", "any_of", "fresh_runs", "judge", "negate"]

_OPERATORS: Final[Mapping[str, Callable[[float, float], bool]]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


@dataclass(frozen=True, slots=True)
class Facts:
    """All that guards can look at, at one moment.

    Parameters
    ----------
    readings : Mapping of str to Reading
        By signal name, every number in them finite.
    silence : str
        Why there are no readings at all; empty where there are.
    confidence : float
        Below it a reading is unknown.
    elapsed_s : float
        Film time.
    visits : Mapping of str to int
        Number of entries of each scene.
    """

    readings: Mapping[str, Reading]
    silence: str
    confidence: float
    elapsed_s: float
    visits: Mapping[str, int]

    def look(self, quantity: SignalValue | Elapsed | Visits) -> tuple[float | None, str]:
        """Return a quantity's value, or None and why it is unknown."""
        match quantity:
            case Elapsed():
                return self.elapsed_s, ""
            case Visits(scene):
                return float(self.visits.get(scene, 0)), ""
            case SignalValue(signal, attribute):
                why = self._unknown(signal, attribute)
                return (None if why else getattr(self.readings[signal], attribute)), why

    def _unknown(self, signal: str, attribute: str) -> str:
        reading = self.readings.get(signal)
        if self.silence or reading is None:
            return self.silence or "no reading"
        if reading.value is None or getattr(reading, attribute) is None:
            return reading.reason or f"no {attribute}"
        if reading.confidence is None:
            return reading.reason or "no confidence"
        if reading.confidence < self.confidence:
            return f"confidence {reading.confidence:.3f} is below {self.confidence:g}"
        return ""


@dataclass(slots=True)
class Run:
    """How long a `for`'s body has been true; times in ns of scene time.

    `certain_since` starts the present run of true ticks, `possible_since` that of
    ticks not false. `reached` and `possible` say whether such a run was ever long
    enough, `denied` whether any tick was false.
    """

    certain_since: int | None = None
    possible_since: int | None = None
    longest_ns: int = 0
    reached: bool = False
    possible: bool = False
    denied: bool = False

    def step(self, now_ns: int, body: bool | None, needed_ns: int) -> None:
        """Go on by one tick."""
        self.denied |= body is False
        self.certain_since = _since(self.certain_since, now_ns, body is True)
        self.possible_since = _since(self.possible_since, now_ns, body is not False)
        if self.certain_since is not None:
            self.longest_ns = max(self.longest_ns, now_ns - self.certain_since)
        if self.possible_since is not None:
            self.possible |= now_ns - self.possible_since >= needed_ns
        self.reached = self.longest_ns >= needed_ns

    @property
    def verdict(self) -> bool | None:
        """True once reached; false only on evidence: a false tick, and no possible run."""
        if self.reached:
            return True
        return False if self.denied and not self.possible else None


def _since(since: int | None, now_ns: int, goes_on: bool) -> int | None:
    if not goes_on:
        return None
    return now_ns if since is None else since


def negate(verdict: bool | None) -> bool | None:
    """Kleene's not."""
    return None if verdict is None else not verdict


def all_of(verdicts: Iterable[bool | None]) -> bool | None:
    """Kleene's and: false beats unknown beats true."""
    seen = set(verdicts)
    return False if False in seen else None if None in seen else True


def any_of(verdicts: Iterable[bool | None]) -> bool | None:
    """Kleene's or: true beats unknown beats false."""
    seen = set(verdicts)
    return True if True in seen else None if None in seen else False


def compare(term: Compare, facts: Facts) -> bool | None:
    """Judge one comparison; None where the quantity is unknown."""
    value, _ = facts.look(term.quantity)
    return None if value is None else _OPERATORS[term.operator](value, term.number)


def fresh_runs(trees: Iterable[Expr]) -> dict[For, Run]:
    """Return a run for each `for` of these guards, inner ones first.

    Equal ones share theirs, having the same past.
    """
    nodes = (node for tree in trees for node in reversed(tuple(walk(tree))))
    return {node: Run() for node in nodes if isinstance(node, For)}


def advance(runs: Mapping[For, Run], facts: Facts, now_ns: int) -> None:
    """Let every run go on by the tick at `now_ns`."""
    for node, run in runs.items():
        run.step(now_ns, judge(node.body, facts, runs), to_ns(node.duration_s))


def judge(tree: Expr, facts: Facts, runs: Mapping[For, Run]) -> bool | None:
    """Judge a guard as things stand.

    A `for` not yet reached is unknown while there are no readings: what was missed
    could have been what it waits for.
    """
    match tree:
        case Compare():
            return compare(tree, facts)
        case Not(body):
            return negate(judge(body, facts, runs))
        case And(parts):
            return all_of(judge(part, facts, runs) for part in parts)
        case Or(parts):
            return any_of(judge(part, facts, runs) for part in parts)
        case For():
            verdict = runs[tree].verdict
            return None if facts.silence and not verdict else verdict
