"""Where something stands in a show file, and what may have been meant."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Say which of the known words was meant, or all of them."""
    names = sorted(known)
    close = difflib.get_close_matches(word, names, 1)
    return f"Did you mean `{close[0]}`?" if close else f"Known are: {', '.join(names)}."


class Lines:
    """Where in a TOML text a table or key stands: tomllib does not say."""

    def __init__(self, name: str, text: str) -> None:
        self._name = name
        self._lines = text.splitlines()

    def key(self, key: str) -> str:
        """Place of the first line that sets `key`, anywhere."""
        return self._place(self._find(key, range(len(self._lines))))

    def source(self, number: int, key: str = "") -> str:
        """Place of the `number`-th source, or of a key in it."""
        headers = list(self._headers())
        if number >= len(headers):
            return self._name
        end = headers[number + 1] if number + 1 < len(headers) else len(self._lines)
        found = self._find(key, range(headers[number], end)) if key else None
        return self._place(headers[number] if found is None else found)

    def _headers(self) -> Iterator[int]:
        for number, line in enumerate(self._lines):
            if re.match(r"\s*\[\[\s*sources\s*\]\]", line):
                yield number

    def _find(self, key: str, lines: range) -> int | None:
        pattern = re.compile(rf'\s*(\[+[\w.]*)?"?{re.escape(key)}"?\s*[=\]]')
        return next((number for number in lines if pattern.match(self._lines[number])), None)

    def _place(self, line: int | None) -> str:
        return self._name if line is None else f"{self._name}:{line + 1}"
