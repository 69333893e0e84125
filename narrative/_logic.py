"""Three-valued logic over a reading window.

Kleene's strong logic (Introduction to Metamathematics, 1952, section 64): a verdict is
true or false only where it would be so whatever the unknown parts were. A reading is
unknown where it is missing, has no value, or is less sure than the film asks. That
goes for *low* readings too: `engagement < 0.4` out of noise would be a cut out of
noise just as `engagement > 0.4` would; only evidence leaves the default path. For the
same reason `.confidence` and `.trend` are gated like every other attribute.

`for D` says the same of a stretch: true once its body was true without interruption
for D; false where it was false at some tick, and no value of the unknown ticks would
have made it true; else unknown.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import blake2b
from operator import attrgetter
from typing import Final, NamedTuple, TypeAlias

from narrative._decision import Reading
from narrative._guard import SignalValue

__all__ = [
    "OPERATORS",
    "Judge",
    "Look",
    "Moment",
    "Run",
    "all_of",
    "any_of",
    "drawn",
    "finite",
    "longest",
    "looks",
    "negation",
    "reached",
    "reads",
    "step",
]

_INFINITY: Final = float("inf")

OPERATORS: Final[Mapping[str, Callable[[float, float], bool]]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


class Run(NamedTuple):
    """How long a `for`'s body has been true; times in ns of film time.

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


@dataclass(slots=True)
class Moment:
    """All that guards can look at, at one moment; the time is moved on from tick to tick.

    Parameters
    ----------
    variables : sequence of int
        In the film's order.
    visits : sequence of int
        Number of entries of each written scene, in the film's order.
    seed, began : int
        The screening's seed, and the visit whose draws hold.
    runs : sequence of Run
        One for each `for`.
    readings : Mapping of str to Reading
        By name.
    silence : str
        Why there are no readings at all; empty where there are.
    elapsed_s : float
        Film time.
    """

    variables: Sequence[int]
    visits: Sequence[int]
    seed: int
    began: int
    runs: Sequence[Run] = ()
    readings: Mapping[str, Reading] = field(default_factory=dict)
    silence: str = ""
    elapsed_s: float = 0.0


Judge: TypeAlias = Callable[[Moment], bool | None]
"""Tells whether a guard, or a part of it, is met; None where that is unknown."""

Look: TypeAlias = Callable[[Moment], tuple[float | None, str]]
"""Gives what is compared, and why it is unknown."""


def step(run: Run, verdict: bool | None, now_ns: int, needed_ns: int) -> Run:
    """Let a run go on by one tick."""
    certain, maybe, longest_ns, reached, possible, denied = run
    if verdict is False:
        if denied and certain is None and maybe is None:
            return run
        return Run(None, None, longest_ns, reached, possible, True)
    if maybe is None:
        maybe = now_ns
    possible = possible or now_ns - maybe >= needed_ns
    if verdict is None:
        return Run(None, maybe, longest_ns, reached, possible, denied)
    if certain is None:
        certain = now_ns
    held_ns = now_ns - certain
    longest_ns = max(longest_ns, held_ns)
    return Run(certain, maybe, longest_ns, reached or held_ns >= needed_ns, possible, denied)


@lru_cache(4096)
def drawn(seed: int, place: str, number: int, visit: int) -> float:
    """Draw a chance's number, evenly from 0 to below 1.

    Parameters
    ----------
    seed : int
        The screening's.
    place : str
        The scene whose guards hold the chance.
    number : int
        Of the chance among all of that scene's guards, from 0.
    visit : int
        The visit.
    """
    digest = blake2b(f"{seed} {visit} {number} {place}".encode(), digest_size=8).digest()
    return (int.from_bytes(digest) >> 11) * 2.0**-53


def all_of(parts: tuple[Judge, ...]) -> Judge:
    """Kleene's and: false beats unknown beats true."""

    def judge(moment: Moment) -> bool | None:
        verdict: bool | None = True
        for part in parts:
            one = part(moment)
            if one is False:
                return False
            if one is None:
                verdict = None
        return verdict

    return judge


def any_of(parts: tuple[Judge, ...]) -> Judge:
    """Kleene's or: true beats unknown beats false."""

    def judge(moment: Moment) -> bool | None:
        verdict: bool | None = False
        for part in parts:
            one = part(moment)
            if one is True:
                return True
            if one is None:
                verdict = None
        return verdict

    return judge


def negation(body: Judge) -> Judge:
    """Kleene's not."""

    def judge(moment: Moment) -> bool | None:
        one = body(moment)
        return None if one is None else not one

    return judge


def reads(
    quantity: SignalValue, test: Callable[[float, float], bool], number: float, least: float
) -> Judge:
    """Judge a reading; what is not finite is unknown."""
    name, attribute = quantity.reading, attrgetter(quantity.attribute)

    def judge(moment: Moment) -> bool | None:
        reading = moment.readings.get(name)
        if reading is None:
            return None
        value, confidence = reading.value, reading.confidence
        if value is None or confidence is None or not least <= confidence < _INFINITY:
            return None
        looked = attribute(reading)
        if looked is None or not -_INFINITY < value < _INFINITY > looked > -_INFINITY:
            return None
        return test(looked, number)

    return judge


def looks(quantity: SignalValue, least: float) -> Look:
    """Look a reading up."""

    def value(moment: Moment) -> tuple[float | None, str]:
        reading = moment.readings.get(quantity.reading)
        if moment.silence or reading is None:
            return None, moment.silence or "no reading"
        looked = finite(getattr(reading, quantity.attribute))
        if finite(reading.value) is None or looked is None:
            return None, reading.reason or f"no {quantity.attribute}"
        confidence = finite(reading.confidence)
        if confidence is None:
            return None, reading.reason or "no confidence"
        if confidence < least:
            return None, f"confidence {confidence:.3f} is below {least:g}"
        return looked, ""

    return value


def finite(number: float | None) -> float | None:
    """Give a number, or None where it is not finite."""
    return None if number is None or not -_INFINITY < number < _INFINITY else number


def reached(at: int) -> Judge:
    """Judge a `for`: false only on evidence, a false tick and no possible run.

    Not yet reached it is unknown while there are no readings: what was missed could have been
    what it waits for.
    """

    def judge(moment: Moment) -> bool | None:
        run = moment.runs[at]
        if run.reached:
            return True
        return False if run.denied and not run.possible and not moment.silence else None

    return judge


def longest(at: int) -> Look:
    """Look up how long a `for` has held, in seconds."""

    def value(moment: Moment) -> tuple[float | None, str]:
        unknown = reached(at)(moment) is None
        return moment.runs[at].longest_ns / 1e9, "the readings do not tell" if unknown else ""

    return value
