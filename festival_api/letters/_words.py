"""What letters are filled with: one line each, in the recipient's language."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from babel.dates import format_datetime

from festival_api.editions import Text, format_money
from festival_api.speech import LANGUAGES, Language, say, translated

Word = str | int | Text | Mapping[Language, str]
"""A value for a placeholder: the same in both languages, or one for each."""

_LONGEST = 2000
_WRITTEN: Mapping[Language, tuple[str, str]] = {
    "en": ("d MMMM y, HH:mm", "en_HK"),
    "zh-Hant": ("y年M月d日 HH:mm", "zh_Hant_HK"),
}
# Marks that make text run the other way, or hide where it does.
_TURNING = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def money(amount: int, currency: str) -> Mapping[Language, str]:
    """Write an amount of minor units, as "US$562.50"."""
    return {language: format_money(amount, currency, language) for language in LANGUAGES}


def moment(at: datetime, zone: ZoneInfo | str) -> Mapping[Language, str]:
    """Write an instant in words, in the time zone of an edition."""
    zone = ZoneInfo(zone) if isinstance(zone, str) else zone
    local = at.astimezone(zone)
    return {
        language: f"{format_datetime(local, pattern, locale=locale)} ({zone.key})"
        for language, (pattern, locale) in _WRITTEN.items()
    }


def yes_no(flag: bool) -> Mapping[Language, str]:
    """Write a truth value."""
    word = say("yes") if flag else say("no")
    return {language: translated(word, language) for language in LANGUAGES}


def in_language(word: Word, language: Language) -> str:
    """Return a word in `language`: one line of 2,000 characters at most, no direction marks."""
    if isinstance(word, Text):
        word = word.in_(language)
    elif isinstance(word, Mapping):
        word = word[language]
    line = "".join(
        " " if unicodedata.category(letter) in ("Cc", "Cs", "Zl", "Zp") else letter
        for letter in str(word)
        if letter not in _TURNING
    )
    line = " ".join(line.split())
    return line if len(line) <= _LONGEST else line[: _LONGEST - 1] + "…"
