"""Durations as filmmakers write them: `24 s`, `500 ms`, `2 min`."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Final

__all__ = ["DURATION", "UNITS_S", "exactly", "seconds", "to_ns", "written"]

UNITS_S: Final = {"ms": Fraction(1, 1000), "s": Fraction(1), "min": Fraction(60)}
"""Length of each unit, in seconds."""

DURATION: Final = r"(?P<amount>[0-9]{1,9}(?:\.[0-9]{1,9})?)\s*(?P<unit>ms|s|min)"
"""Pattern of a written duration."""

_WRITTEN: Final = re.compile(DURATION, re.ASCII)


def written(text: str) -> float | None:
    """Return the seconds of a written duration, or None where it is none.

    Parameters
    ----------
    text : str
        An amount of at most nine digits before and after the point, and a unit.

    Returns
    -------
    float or None
        Seconds, to the nanosecond.
    """
    found = _WRITTEN.fullmatch(text.strip())
    return seconds(found["amount"], found["unit"]) if found else None


def seconds(amount: str, unit: str) -> float:
    """Return `amount` of `unit` in seconds, rounded to the nanosecond."""
    return round(Fraction(amount) * UNITS_S[unit] * 10**9) / 10**9


def to_ns(seconds: float) -> int:
    """Return seconds as integer nanoseconds, so that durations add up exactly."""
    return round(seconds * 1e9)


def exactly(seconds: float) -> Fraction:
    """Return seconds as the fraction they stand for, to the nanosecond."""
    return Fraction(to_ns(seconds), 10**9)
