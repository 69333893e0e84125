"""Guards made ready, once for a film: trees become functions that are asked at every tick."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from narrative._duration import to_ns
from narrative._guard import (
    And,
    Chance,
    Compare,
    Count,
    Elapsed,
    Expr,
    Flag,
    For,
    Not,
    Or,
    SignalValue,
    Visits,
)
from narrative._logic import (
    OPERATORS,
    Judge,
    Look,
    Moment,
    all_of,
    any_of,
    drawn,
    longest,
    looks,
    negation,
    reached,
    reads,
)

__all__ = ["Condition", "Counted", "Prepared", "Preparing"]


class Counted(NamedTuple):
    """A `for` made ready: what it counts, and for how long.

    `chances` are the numbers of the chances in it: two that are written alike are one only
    where there is none.
    """

    node: For
    chances: tuple[int, ...]
    body: Judge
    needed_ns: int


class Condition(NamedTuple):
    """A part of a guard that reports name: what it is and how to ask it.

    `plain` is False within `not`. `value` gives what is compared, and why it is unknown. `run`
    is the place of a `for`'s run.
    """

    node: Compare | Flag | Chance | For
    plain: bool
    judge: Judge
    value: Look
    run: int | None = None


class Prepared(NamedTuple):
    """A guard made ready, with its conditions in the order of the text.

    `run` is the place of its run, if the whole of it is a `for`.
    """

    judge: Judge
    conditions: tuple[Condition, ...]
    run: int | None


@dataclass(slots=True)
class Preparing:
    """Makes the guards of one scene ready, in the order in which they are tried.

    Parameters
    ----------
    place : str
        Which scene's draws they use.
    confidence : float
        Below it a reading is unknown.
    variables, visits : Mapping of str to int
        Where a moment has each variable, and each scene's visits.
    counted : list of Counted
        Every `for` so far, inner ones first; those that are equal once, having the same past.
    """

    place: str
    confidence: float
    variables: Mapping[str, int]
    visits: Mapping[str, int]
    counted: list[Counted] = field(default_factory=list)
    _chances: int = 0

    def prepare(self, tree: Expr) -> Prepared:
        """Make a guard ready."""
        found: list[Condition | None] = []
        judge = self._judge(tree, True, found)
        conditions = tuple(condition for condition in found if condition)
        if isinstance(tree, For):
            return Prepared(judge, conditions[1:], conditions[0].run)
        return Prepared(judge, conditions, None)

    def _judge(self, tree: Expr, plain: bool, found: list[Condition | None]) -> Judge:
        if isinstance(tree, (And, Or)):
            parts = tuple(self._judge(part, plain, found) for part in tree.parts)
            return all_of(parts) if isinstance(tree, And) else any_of(parts)
        if isinstance(tree, Not):
            return negation(self._judge(tree.body, not plain, found))
        place = len(found)
        found.append(None)
        condition = self._condition(tree, plain, found)
        found[place] = condition
        return condition.judge

    def _condition(
        self, node: Compare | Flag | Chance | For, plain: bool, found: list[Condition | None]
    ) -> Condition:
        match node:
            case Compare(SignalValue() as quantity, sign, number):
                judge = reads(quantity, OPERATORS[sign], number, self.confidence)
                return Condition(node, plain, judge, looks(quantity, self.confidence))
            case Compare(Elapsed(), sign, number):
                return _compares(node, plain, lambda moment: moment.elapsed_s, sign, number)
            case Compare(Visits(scene), sign, number):
                at = self.visits[scene]
                return _compares(node, plain, lambda moment: moment.visits[at], sign, number)
            case Compare(Count(name), sign, number):
                at = self.variables[name]
                return _compares(node, plain, lambda moment: moment.variables[at], sign, number)
            case Flag(name):
                at = self.variables[name]
                return Condition(
                    node, plain, lambda moment: moment.variables[at] > 0, lambda _: (None, "")
                )
            case Chance(probability):
                self._chances += 1
                return _draws(node, plain, self.place, self._chances - 1, probability)
            case For():
                return self._counts(node, plain, found)
        raise AssertionError(node)

    def _counts(self, node: For, plain: bool, found: list[Condition | None]) -> Condition:
        first = self._chances
        body = self._judge(node.body, plain, found)
        chances = tuple(range(first, self._chances))
        same = [(known.node, known.chances) for known in self.counted]
        if (node, chances) in same:
            at = same.index((node, chances))
        else:
            at = len(same)
            self.counted.append(Counted(node, chances, body, to_ns(node.duration_s)))
        return Condition(node, plain, reached(at), longest(at), at)


def _compares(
    node: Compare, plain: bool, look: Callable[[Moment], float], sign: str, number: float
) -> Condition:
    """Make a comparison ready whose quantity is always known."""
    test = OPERATORS[sign]
    return Condition(
        node,
        plain,
        lambda moment: test(look(moment), number),
        lambda moment: (float(look(moment)), ""),
    )


def _draws(node: Chance, plain: bool, place: str, number: int, probability: float) -> Condition:
    def draw(moment: Moment) -> float:
        return drawn(moment.seed, place, number, moment.began)

    return Condition(
        node, plain, lambda moment: draw(moment) < probability, lambda moment: (draw(moment), "")
    )
