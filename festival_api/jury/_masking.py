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
_WORD = re.compile(rf"[^\W_{_UNSPACED}]+|[{_UNSPACED}]")
_ADDRESS = re.compile(
    r"(?:https?://|www\.)[!-~]*[\w/]|[\w.+-]+@[\w-]+(?:\.[\w-]+)+|@[\w.]{2,}",
    re.IGNORECASE | re.ASCII,
)
# A shorter part of a name is more often a word than a name.
_SHORTEST_PART = 3
_SHORTEST_NAME = 2
# In words, or in letters of unspaced scripts.
_LONGEST_NAME = 60
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
        written: list[list[str]] = []
        self._parts: set[str] = set()
        for person in people:
            parts = ["".join(_words(part)) for part in person.split()]
            # As it is, the other way round, and with the first or the last part moved.
            written += (parts, parts[::-1], parts[1:] + parts[:1], parts[-1:] + parts[:-1])
            words = _words(person)
            self._parts |= {w for w in words if len(w) >= _SHORTEST_PART and not _unspaced(w)}
        for company in companies:
            written += (_words(company), company_core(company).split())
        joined = map("".join, written)
        self._names = {name for name in joined if len(name) >= _SHORTEST_NAME}
        self._beginnings = {name[:n] for name in self._names for n in range(1, len(name) + 1)}

    def text(self, text: str) -> str:
        """Return `text` without the names."""
        folded, places = _folded(text)
        spans = [match.span() for match in _ADDRESS.finditer(text)]
        words = list(_WORD.finditer(folded))
        at = 0
        while at < len(words):
            first = places[words[at].start()]
            count = self._words_of_name(words, at)
            if not count and words[at][0] in self._parts:
                count = int(text[first] != text[first].lower())
            if count:
                spans.append((first, places[words[at + count - 1].end() - 1] + 1))
            at += count or 1
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

    def _words_of_name(self, words: list[re.Match[str]], at: int) -> int:
        """Return how many words make the longest name that begins at one; 0 where none does."""
        name, longest = "", 0
        for count, word in enumerate(words[at : at + _LONGEST_NAME], 1):
            name += word[0]
            if name not in self._beginnings:
                break
            if name in self._names:
                longest = count
        return longest


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
    return _WORD.findall(_folded(name)[0])


def _unspaced(word: str) -> bool:
    return re.search(f"[{_UNSPACED}]", word) is not None
