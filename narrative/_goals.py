"""What must hold for a guard to be true, or not: its tree with the negations pushed to the leaves.

A guard is unknown where a reading decides that is unknown, so there are four aims: true, false,
not true (false or unknown) and not false (true or unknown). Every comparison asks a quantity to
lie on one side of a number, which is why whatever a search knows of a quantity is one interval.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from math import ceil, floor
from typing import Final, Literal, TypeAlias

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
    Quantity,
    SignalValue,
    Visits,
)

__all__ = [
    "Aim",
    "Bound",
    "Either",
    "Every",
    "Goal",
    "Held",
    "Limit",
    "Missing",
    "Subject",
    "Topic",
    "goal_of",
    "topic_of",
]

Aim: TypeAlias = Literal["true", "false", "not true", "not false"]
Limit: TypeAlias = tuple[float, int]
"""An end of an interval: a number (0), or what lies just above (1) or just below it (-1)."""
Subject: TypeAlias = Quantity | Flag

_CONTRARY: Final[dict[Aim, Aim]] = {
    "true": "false",
    "false": "true",
    "not true": "not false",
    "not false": "not true",
}
_AFFIRMS: Final = ("true", "not false")


@dataclass(frozen=True, slots=True, eq=False)
class Topic:
    """A quantity or a flag, and the names under which a search keeps what it knows of it.

    Parameters
    ----------
    subject : Quantity or Flag
    key : str
        Its own name.
    reading : str
        The reading that must be known for it, as in `Missing`; empty for what is always known.
    twin : str
        Name of what has the same sign: of a value its t, of a t its value; else empty.
    changes : bool
        Whether it changes within a scene.
    whole : bool
        Whether it is a whole number; a flag is 0 or 1.
    """

    subject: Subject
    key: str
    reading: str
    twin: str
    changes: bool
    whole: bool


@dataclass(frozen=True, slots=True, eq=False)
class Bound:
    """What a topic is about is known, and at least (at most) as great as a limit.

    Parameters
    ----------
    topic : Topic
    limit : Limit
        Of whole numbers one of them.
    least : bool
        Whether the limit is the least allowed, or the greatest.
    """

    topic: Topic
    limit: Limit
    least: bool

    @property
    def contrary(self) -> Bound:
        """The other side of the limit."""
        number, beyond = self.limit
        step = -1 if self.least else 1
        other = (number + step, 0) if self.topic.whole else (number, beyond + step)
        return Bound(self.topic, other, not self.least)


@dataclass(frozen=True, slots=True, eq=False)
class Missing:
    """A reading is unknown; of a trend, which may be so alone, its name ends in `.trend`."""

    reading: str


@dataclass(frozen=True, slots=True, eq=False)
class Every:
    """All parts hold."""

    parts: tuple[Goal, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Either:
    """At least one part holds."""

    parts: tuple[Goal, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Held:
    """A `for` was kept up, or was not.

    Parameters
    ----------
    node : For
        Which.
    kept : bool
        Whether it was.
    inner : Goal
        What holds at some moment of the scene for that: of a `for` that was kept up its body,
        of another the body's contrary.
    """

    node: For
    kept: bool
    inner: Goal


Goal: TypeAlias = Bound | Missing | Every | Either | Held


@lru_cache(maxsize=8192)
def goal_of(tree: Expr, aim: Aim) -> Goal:
    """Return what must hold for a guard to come out as aimed at.

    Parameters
    ----------
    tree : Expr
        The guard.
    aim : {"true", "false", "not true", "not false"}

    Returns
    -------
    Goal
        Without `chance`, which each time it is asked may come out either way.
    """
    affirms = aim in _AFFIRMS
    match tree:
        case Chance():
            return Every(())
        case Flag():
            return Bound(topic_of(tree), (float(affirms), 0), affirms)
        case Compare():
            return _comparison(tree, aim)
        case Not(body):
            return goal_of(body, _CONTRARY[aim])
        case And(parts) | Or(parts):
            goals = tuple(goal_of(part, aim) for part in parts)
            return Every(goals) if isinstance(tree, And) == affirms else Either(goals)
        case For(body):
            return Held(tree, affirms, goal_of(body, aim))


def _comparison(tree: Compare, aim: Aim) -> Goal:
    topic = topic_of(tree.quantity)
    number, least = tree.number, tree.operator[0] == ">"
    limit = (number, 0 if "=" in tree.operator else 1 if least else -1)
    if topic.whole:
        whole = ceil(number) if least else floor(number)
        limit = (whole + limit[1] if whole == number else whole, 0)
    bound = Bound(topic, limit, least)
    if aim not in _AFFIRMS:
        bound = bound.contrary
    if topic.reading and aim.startswith("not"):
        return Either((Missing(topic.reading), bound))
    return bound


@lru_cache(maxsize=4096)
def topic_of(subject: Subject) -> Topic:
    """Name a subject."""
    match subject:
        case SignalValue(_, attribute):
            reading, key = subject.reading, str(subject)
            twin = {"value": f"{reading}.t", "t": reading}.get(attribute, "")
            trend = attribute == "trend"
            return Topic(subject, key, key if trend else reading, twin, changes=True, whole=False)
        case Elapsed():
            return Topic(subject, "elapsed", "", "", changes=True, whole=False)
        case Flag(name):
            return Topic(subject, name, "", "", changes=False, whole=True)
        case Count() | Visits():
            return Topic(subject, str(subject), "", "", changes=False, whole=True)
