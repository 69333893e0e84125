"""Guards as trees, and their text.

::

    guard      = any [ "for" duration ]
    any        = all { "or" all }
    all        = test { "and" test }
    test       = [ "not" ] ( "(" guard ")" | comparison | flag | "chance" "(" number ")" )
    comparison = quantity ("<" | "<=" | ">" | ">=") number, or the other way round
    quantity   = reading | "elapsed" | "visits" "(" scene ")" | count
    reading    = signal [ ".zone" "(" zone ")" ] [ ".value" | ".t" | ".confidence" | ".trend" ]

A flag and a count are the film's variables. `chance(0.3)` is drawn once in every visit.
Names of scenes and zones may have dots, dashes and letters of any script. A count and
`visits(...)` are compared with whole numbers, a probability is above 0 and below 1.

`for 5 s` is written last, in a guard or in a parenthesis, and binds to everything
before it there: `a > 1 and b > 2 for 5 s` asks that both were true together for five
seconds, `(a > 1 for 5 s) and b > 2` only that the first was. `not` binds closest,
then `and`, then `or`. `elapsed` is compared with a duration, all else with a number.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias

__all__ = [
    "And",
    "Chance",
    "Compare",
    "Count",
    "Elapsed",
    "Expr",
    "Flag",
    "For",
    "Guard",
    "Not",
    "Operator",
    "Or",
    "Quantity",
    "SignalValue",
    "Visits",
    "comparisons",
    "format_guard",
    "format_number",
    "shortest_window_s",
    "signal_values",
    "unit_of",
    "walk",
]

Operator: TypeAlias = Literal["<", "<=", ">", ">="]


@dataclass(frozen=True, slots=True)
class SignalValue:
    """An attribute of a signal's reading, of the hall or of a zone of it.

    Parameters
    ----------
    signal : str
        A name of `SIGNALS`.
    attribute : str
        "value", "t", "confidence" or "trend" (change of the value in a second).
    zone : str
        Name of the zone; empty for the hall.
    """

    signal: str
    attribute: str
    zone: str = ""

    @property
    def reading(self) -> str:
        """Name of the reading that has it: the signal's, with the zone behind it."""
        return f"{self.signal}.zone({self.zone})" if self.zone else self.signal

    def __str__(self) -> str:
        return self.reading if self.attribute == "value" else f"{self.reading}.{self.attribute}"


@dataclass(frozen=True, slots=True)
class Elapsed:
    """Film time in seconds since the first frame of the start scene."""

    def __str__(self) -> str:
        return "elapsed"


@dataclass(frozen=True, slots=True)
class Visits:
    """How often a scene has been entered in this screening, the present visit counted."""

    scene: str

    def __str__(self) -> str:
        return f"visits({self.scene})"


@dataclass(frozen=True, slots=True)
class Count:
    """A variable that is a whole number."""

    name: str

    def __str__(self) -> str:
        return self.name


Quantity: TypeAlias = SignalValue | Elapsed | Visits | Count


@dataclass(frozen=True, slots=True)
class Flag:
    """A variable that is yes or no."""

    name: str


@dataclass(frozen=True, slots=True)
class Chance:
    """A draw, true with this probability; one draw for each place in a film and each visit."""

    probability: float


@dataclass(frozen=True, slots=True)
class Compare:
    """A quantity against a number (seconds, for `elapsed`)."""

    quantity: Quantity
    operator: Operator
    number: float


@dataclass(frozen=True, slots=True)
class Not:
    """The contrary; unknown stays unknown."""

    body: Expr


@dataclass(frozen=True, slots=True)
class And:
    """All parts are true."""

    parts: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class Or:
    """At least one part is true."""

    parts: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class For:
    """The body was true without interruption for so many seconds."""

    body: Expr
    duration_s: float


Expr: TypeAlias = Compare | Flag | Chance | Not | And | Or | For


@dataclass(frozen=True, slots=True)
class Guard:
    """A branch's condition.

    Parameters
    ----------
    text : str
        As the filmmaker wrote it, on one line.
    tree : Expr
        What it means.
    """

    text: str
    tree: Expr

    @property
    def signals(self) -> frozenset[str]:
        """Names of the signals it reads."""
        return frozenset(value.signal for value in signal_values(self.tree))

    @property
    def zones(self) -> frozenset[str]:
        """Names of the zones it reads."""
        return frozenset(value.zone for value in signal_values(self.tree) if value.zone)

    def numbers(self, signal: str) -> tuple[float, ...]:
        """Numbers that it compares the signal's value with, rising."""
        value = SignalValue(signal, "value")
        terms = comparisons(self.tree)
        return tuple(sorted({term.number for term in terms if term.quantity == value}))


def walk(tree: Expr) -> Iterator[Expr]:
    """Yield the tree's nodes, each before its parts, in the order of the text."""
    yield tree
    match tree:
        case And(parts) | Or(parts):
            for part in parts:
                yield from walk(part)
        case Not(body) | For(body):
            yield from walk(body)


def comparisons(tree: Expr) -> Iterator[Compare]:
    """Yield the tree's comparisons, in the order of the text."""
    return (node for node in walk(tree) if isinstance(node, Compare))


def signal_values(tree: Expr) -> Iterator[SignalValue]:
    """Yield what the tree compares of signals, in the order of the text."""
    quantities = (term.quantity for term in comparisons(tree))
    return (quantity for quantity in quantities if isinstance(quantity, SignalValue))


def shortest_window_s(tree: Expr) -> float:
    """Return how long a reading window must be, in seconds, for the tree to come true in it."""
    match tree:
        case For(body, duration_s):
            return duration_s + shortest_window_s(body)
        case And(parts):
            return max((shortest_window_s(part) for part in parts), default=0.0)
        case Or(parts):
            return min((shortest_window_s(part) for part in parts), default=0.0)
        case _:
            return 0.0


def unit_of(quantity: Quantity) -> str:
    """Return what stands behind a number that the quantity is compared with."""
    return " s" if isinstance(quantity, Elapsed) else ""


def format_number(number: float) -> str:
    """Return a number as the guard language writes it: no exponent, no needless zeros."""
    text = f"{number:.9f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def format_guard(tree: Expr) -> str:
    """Return the tree as text; parsing that text gives the tree again.

    Parameters
    ----------
    tree : Expr
        Any guard.

    Returns
    -------
    str
        One line, with no more parentheses than needed.
    """
    match tree:
        case Compare(quantity, operator, number):
            return f"{quantity} {operator} {format_number(number)}{unit_of(quantity)}"
        case Flag(name):
            return name
        case Chance(probability):
            return f"chance({format_number(probability)})"
        case Not(body):
            return f"not {_inside(body, Not, And, Or, For)}"
        case And(parts):
            return " and ".join(_inside(part, And, Or, For) for part in parts)
        case Or(parts):
            return " or ".join(_inside(part, Or, For) for part in parts)
        case For(body, duration_s):
            return f"{_inside(body, For)} for {format_number(duration_s)} s"


def _inside(part: Expr, *wrapped: type) -> str:
    """Format a part, in parentheses where it would bind otherwise."""
    text = format_guard(part)
    return f"({text})" if isinstance(part, wrapped) else text
