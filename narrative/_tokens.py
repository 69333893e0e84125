"""A guard's text as tokens, read one after another, and what is wrong with them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, NoReturn

__all__ = ["FOREIGN", "GuardProblem", "GuardSyntaxError", "Token", "Tokens"]

_TOKEN: Final = re.compile(
    r"(?P<number>-?[0-9]+(?:\.[0-9]+)?)"
    r"|(?P<word>[A-Za-z_][A-Za-z0-9_]*)"
    r"|(?P<mark><=|>=|==|!=|&&|\|\||[^\s])",
    re.ASCII,
)

FOREIGN: Final = {
    "=": "Readings are never exactly equal: use >= or <=.",
    "==": "Readings are never exactly equal: use >= or <=.",
    "!=": "Readings are never exactly equal: use > or <.",
    "≤": "Write <=.",
    "≥": "Write >=.",
    "&&": 'Write "and".',
    "||": 'Write "or".',
    "!": 'Write "not".',
}
"""Signs of other languages, and what to write instead."""


@dataclass(frozen=True, slots=True)
class GuardProblem:
    """What is wrong in a guard, at which character of its text."""

    offset: int
    what: str
    remedy: str


class GuardSyntaxError(Exception):
    """Ends the reading of a guard; its problem is noted already."""


@dataclass(frozen=True, slots=True)
class Token:
    """A number, word or mark, or the end of the text."""

    kind: str
    text: str
    offset: int


class Tokens:
    """One guard's tokens, and how far they are read.

    Attributes
    ----------
    problems : list of GuardProblem
        What was noted.
    """

    def __init__(self, text: str) -> None:
        self.problems: list[GuardProblem] = []
        self._text = text
        self._tokens = [
            Token(str(found.lastgroup), found.group(), found.start())
            for found in _TOKEN.finditer(text)
        ]
        self._tokens.append(Token("end", "the end", len(text.rstrip())))
        self._at = 0

    @property
    def next(self) -> Token:
        """The token that is read next."""
        return self._tokens[self._at]

    @property
    def last(self) -> Token:
        """The token that was read last."""
        return self._tokens[self._at - 1]

    def take(self) -> Token:
        """Read the next token."""
        token = self.next
        self._at += token.kind != "end"
        return token

    def skip(self, text: str) -> bool:
        """Read the next token if it is this one."""
        found = self.next.text == text and self.next.kind != "end"
        self._at += found
        return found

    def need(self, mark: str, remedy: str) -> None:
        """Read the next token, which must be this mark."""
        if not self.skip(mark):
            self.unexpected(f'"{mark}"', remedy)

    def since(self, first: Token) -> str:
        """Return the text from a token to the next one, without it, on one line."""
        return " ".join(self._text[first.offset : self.next.offset].split())

    def note(self, token: Token, what: str, remedy: str) -> None:
        """Note a problem after which reading goes on."""
        self.problems.append(GuardProblem(token.offset, what, remedy))

    def fail(self, token: Token, what: str, remedy: str) -> NoReturn:
        """Note a problem after which nothing more can be read."""
        self.note(token, what, remedy)
        raise GuardSyntaxError

    def unexpected(self, wanted: str, remedy: str) -> NoReturn:
        """Fail at the next token, where something else belongs."""
        token = self.next
        shown = token.text if token.kind == "end" else f'"{token.text}"'
        self.fail(token, f"{shown} where {wanted} belongs", FOREIGN.get(token.text, remedy))
