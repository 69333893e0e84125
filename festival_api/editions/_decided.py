"""One decision as it is told, and the words that such sentences are made of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from babel.dates import format_date

from festival_api.editions._basics import Fraction, Text, both

__all__ = ["Decided", "day", "decided", "joined", "listed", "percent"]


@dataclass(frozen=True, slots=True)
class Decided:
    """What an edition decides where the festival's own text is open or says two things.

    Attributes
    ----------
    number : int
        Of the question, always the same.
    question, answer : Text
        One sentence each.
    setting : str
        Where in the edition it is decided.
    value : object
        What is set there, as plain JSON values.
    """

    number: int
    question: Text
    answer: Text
    setting: str
    value: Any


def decided(
    number: int, setting: str, value: Any, question: tuple[str, str], answer: Text
) -> Decided:
    """Make a decision; `question` in English and Chinese."""
    return Decided(number, both(*question), answer, setting, value)


def day(value: date) -> Text:
    """Write a day in both languages: 1 May 2026."""
    return both(
        format_date(value, "long", locale="en_GB"), format_date(value, "long", locale="zh_Hant")
    )


def percent(share: Fraction) -> str:
    """Write a share in per cent where that is whole, as a fraction otherwise."""
    whole, rest = divmod(share.numerator * 100, share.denominator)
    return f"{share.numerator}/{share.denominator}" if rest else f"{whole}%"


def listed(texts: Sequence[Text]) -> Text:
    """Write a list within a sentence."""
    return both(", ".join(t.en for t in texts), "、".join(t.zh_hant for t in texts))


def joined(texts: Sequence[Text]) -> Text:
    """Write several clauses as one sentence."""
    return both("; ".join(t.en for t in texts), "；".join(t.zh_hant for t in texts))
