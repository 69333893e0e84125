"""What cells say: running times, countries, languages, years."""

from __future__ import annotations

import re
from functools import cache
from typing import Final

from babel import Locale

_UNITS: Final = {"h": 3600, "m": 60, "s": 1}
_WORDS: Final = re.compile(
    r"(?:(\d{1,4})\s*(?:hours?|hrs?|h))?[\s,]*"
    r"(?:(\d{1,5})\s*(?:minutes?|mins?|m))?[\s,]*"
    r"(?:(\d{1,6})\s*(?:seconds?|secs?|s))?",
    re.ASCII | re.IGNORECASE,
)
_CLOCK: Final = re.compile(r"(?:(\d{1,3}):)?(\d{1,3}):([0-5]\d)", re.ASCII)
_LONGEST_S: Final = 7 * 86_400

# Names that others use for what the Unicode data call otherwise.
_COUNTRIES: Final = {
    "hong kong": "HK",
    "macau": "MO",
    "macao": "MO",
    "russian federation": "RU",
    "korea, republic of": "KR",
    "republic of korea": "KR",
    "viet nam": "VN",
    "czech republic": "CZ",
    "turkey": "TR",
    "united states of america": "US",
    "usa": "US",
    "uk": "GB",
    "iran, islamic republic of": "IR",
    "taiwan, province of china": "TW",
    "palestine": "PS",
    "macedonia": "MK",
    "bosnia and herzegovina": "BA",
    "ivory coast": "CI",
    "myanmar": "MM",
}
_LANGUAGES: Final = {
    "mandarin": "cmn",
    "mandarin chinese": "cmn",
    "yue chinese": "yue",
    "no dialogue": "zxx",
    "none": "zxx",
    "silent": "zxx",
}


def seconds(text: str) -> int | None:
    """Read a running time: "1 hour 25 minutes 3 seconds", "0:12:30", "12:30" or "90" (minutes).

    Returns
    -------
    int or None
        Whole seconds, above 0; None for what is no running time.
    """
    text = " ".join(text.split())
    if re.fullmatch(r"\d{1,4}", text, re.ASCII):
        total = 60 * int(text)
    elif clock := _CLOCK.fullmatch(text):
        hours, minutes, rest = (int(part or 0) for part in clock.groups())
        if clock[1] is not None and minutes > 59:
            return None
        total = 3600 * hours + 60 * minutes + rest
    elif words := _WORDS.fullmatch(text):
        parts = zip(words.groups(), _UNITS.values(), strict=True)
        total = sum(int(part or 0) * unit for part, unit in parts)
    else:
        return None
    return total if 0 < total <= _LONGEST_S else None


def countries(text: str) -> list[str] | None:
    """Read English names of countries as ISO 3166-1 codes; None when one of them is none."""
    return _each(text, _known_countries())


def languages(text: str) -> list[str] | None:
    """Read English names of languages as tags; None when one of them is none."""
    # Some names come with their times: "Modern Greek (1453-)".
    bare = re.sub(r"\([^()]*\)", "", text)
    return _each(re.sub(r"(?i)\bmodern greek\b", "Greek", bare), _known_languages())


def year(text: str) -> int | None:
    """Read the year of a date that is written with four digits for it."""
    found = re.findall(r"(?<!\d)(?:19|20)\d\d(?!\d)", text, re.ASCII)
    return int(found[0]) if len(found) == 1 else None


def names(text: str) -> list[str]:
    """Read names that are separated by commas or line breaks."""
    return [name for part in re.split(r"[,;\r\n]", text) if (name := part.strip())]


def _each(text: str, known: dict[str, str]) -> list[str] | None:
    """Look names up, each once; a name may have a comma in it."""
    if text.casefold() in known:
        return [known[text.casefold()]]
    found = [known.get(name.casefold()) for name in names(text)]
    return None if None in found else list(dict.fromkeys(one for one in found if one))


@cache
def _known_countries() -> dict[str, str]:
    territories = {
        str(name).casefold(): code
        for code, name in Locale("en").territories.items()
        if len(code) == 2 and code.isalpha()
    }
    return territories | _COUNTRIES


@cache
def _known_languages() -> dict[str, str]:
    tags = {
        str(name).casefold(): code
        for code, name in Locale("en").languages.items()
        if "_" not in code
    }
    return tags | _LANGUAGES
