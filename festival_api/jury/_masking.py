"""Names taken out of texts, so that a juror reads what was made and not by whom.

A name is found however it is written: in capitals or not, with or without accents, in full-width
letters, with other signs between its parts, family name first, in the middle of Chinese text. Web
addresses, e-mail addresses and handles go whole. What lies in the work itself (its picture, its
credits) is beyond this.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from typing import Any

MASK = "▇▇▇"

# Scripts that set no spaces between words: a name there ends where the next letter begins.
_UNSPACED = (
    "\u0e00-\u0eff\u1000-\u11ff\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"
    "\U00020000-\U0003ffff"
)
_LETTER = rf"[^\W_{_UNSPACED}]"
_ADDRESS = re.compile(
    r"(?:https?://|www\.)[!-~]*[\w/]|[\w.+-]+@[\w-]+(?:\.[\w-]+)+|@[\w.]{2,}",
    re.IGNORECASE | re.ASCII,
)
# A shorter part of a name is more often a word than a name.
_SHORTEST_PART = 3
_LEGAL_FORMS = (
    "ab ag bv co company corp corporation gmbh inc incorporated kg limited llc llp ltd nv oy plc "
    "pte pty sa sarl sas spa srl"
)
_CHINESE_LEGAL_FORM = re.compile("(?:股份)?有限(?:責任)?公司$|公司$")


def company_core(name: str) -> str:
    """Return a company's name folded and without its legal form; may be empty."""
    words = _words(_CHINESE_LEGAL_FORM.sub("", name.strip()))
    while words and words[-1] in _LEGAL_FORMS.split():
        words.pop()
    return " ".join(words)


def name_key(name: str) -> str:
    """Fold a name of a person or a company for comparing, whichever part comes first."""
    words = company_core(name).split()
    return " ".join(words if any(map(_unspaced, words)) else sorted(words))


class Mask:
    """Hides the names of a work's makers.

    Parameters
    ----------
    people : iterable of str
        Full names; parts of three letters and more go as well where they begin with a capital.
    companies : iterable of str
        Names of companies; go with and without their legal form.
    """

    def __init__(self, people: Iterable[str], companies: Iterable[str] = ()) -> None:
        names, parts = set(), set()
        for person in people:
            words = _words(person)
            names |= {_pattern(words), _pattern(words[::-1])}
            parts |= {_pattern([w]) for w in words if len(w) >= _SHORTEST_PART and not _unspaced(w)}
        for company in companies:
            names |= {_pattern(_words(company)), _pattern(company_core(company).split())}
        self._names = _any_of(names)
        self._parts = _any_of(parts)

    def text(self, text: str) -> str:
        """Return `text` without the names."""
        folded, places = _folded(text)
        spans = [match.span() for match in _ADDRESS.finditer(text)]
        for pattern, capital in ((self._names, False), (self._parts, True)):
            for match in pattern.finditer(folded):
                first, last = places[match.start()], places[match.end() - 1]
                if not capital or text[first] != text[first].lower():
                    spans.append((first, last + 1))
        return _without(text, sorted(spans))

    def document(self, value: Any) -> Any:
        """Return plain JSON values with the names taken out of every text; keys stay."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, list | tuple):
            return [self.document(one) for one in value]
        if isinstance(value, dict):
            return {key: self.document(one) for key, one in value.items()}
        return value


def _without(text: str, spans: list[tuple[int, int]]) -> str:
    pieces, done = [], 0
    for start, end in spans:
        if end <= done:
            continue
        if start >= done:
            pieces += [text[done:start], MASK]
        done = end
    return "".join([*pieces, text[done:]])


def _folded(text: str) -> tuple[str, list[int]]:
    """Return the text's letters without case, accents and invisible signs, and where each stood."""
    letters, places = [], []
    for place, letter in enumerate(text):
        for part in unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", letter).casefold()):
            if unicodedata.category(part) not in ("Mn", "Cf"):
                letters.append(part)
                places.append(place)
    return "".join(letters), places


def _words(name: str) -> list[str]:
    """Return a name's words, and the letters of words in unspaced scripts one by one."""
    return re.findall(rf"{_LETTER}+|[{_UNSPACED}]", _folded(name)[0])


def _unspaced(word: str) -> bool:
    return re.search(f"[{_UNSPACED}]", word) is not None


def _pattern(words: list[str]) -> str:
    """Return a regular expression for words in a row; empty when they are too few letters."""
    joined = "".join(words)
    if len(joined) < 2:
        return ""
    before = "" if _unspaced(joined[0]) else f"(?<!{_LETTER})"
    after = "" if _unspaced(joined[-1]) else f"(?!{_LETTER})"
    return before + r"[\W_]*".join(map(re.escape, words)) + after


def _any_of(patterns: set[str]) -> re.Pattern[str]:
    # The longest first, so that a whole name is one mask and not one for each part.
    known = sorted(patterns - {""}, key=lambda one: (-len(one), one))
    return re.compile("|".join(known) if known else r"(?!)")
