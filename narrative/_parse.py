"""The guard language's parser: recursive descent over the grammar in `_guard`."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Final, NoReturn, cast

from narrative._duration import UNITS_S, seconds
from narrative._guard import (
    And,
    Compare,
    Elapsed,
    Expr,
    For,
    Guard,
    Not,
    Operator,
    Or,
    Quantity,
    SignalValue,
    Visits,
)
from narrative._problem import did_you_mean
from narrative._signals import ATTRIBUTES, SIGNALS

__all__ = ["GuardProblem", "parse_guard"]

_MAX_DEPTH: Final = 32
_LIMIT: Final = 1e9  # numbers below it are told apart by nine decimals
_FLIPPED: Final[dict[str, Operator]] = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}
_TOKEN: Final = re.compile(
    r"(?P<number>-?[0-9]+(?:\.[0-9]+)?)"
    r"|(?P<word>[A-Za-z_][A-Za-z0-9_]*)"
    r"|(?P<mark><=|>=|==|!=|&&|\|\||[^\s])",
    re.ASCII,
)
_NOT_OURS: Final = {
    "=": "Readings are never exactly equal: use >= or <=.",
    "==": "Readings are never exactly equal: use >= or <=.",
    "!=": "Readings are never exactly equal: use > or <.",
    "&&": 'Write "and".',
    "||": 'Write "or".',
    "!": 'Write "not".',
}
_RESERVED: Final = frozenset({"and", "or", "not", "for"})


@dataclass(frozen=True, slots=True)
class GuardProblem:
    """What is wrong in a guard, at which character of its text."""

    offset: int
    what: str
    remedy: str


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str  # number, word, mark or end
    text: str
    offset: int


@dataclass(frozen=True, slots=True)
class _Number:
    value: float
    is_duration: bool
    offset: int


class _SyntaxError(Exception):
    """Ends the parse; its problem is noted already."""


def parse_guard(
    text: str, scenes: Collection[str]
) -> tuple[Guard | None, tuple[GuardProblem, ...]]:
    """Parse a guard.

    Parameters
    ----------
    text : str
        The guard as written; line breaks count as spaces.
    scenes : collection of str
        Names that `visits(...)` may ask for.

    Returns
    -------
    guard : Guard or None
        None where there is a problem.
    problems : tuple of GuardProblem
        All unknown names up to the first fault of grammar, and that fault.
    """
    parser = _Parser(text, scenes)
    try:
        tree = parser.whole()
    except _SyntaxError:
        return None, tuple(parser.problems)
    if parser.problems:
        return None, tuple(parser.problems)
    return Guard(" ".join(text.split()), tree), ()


class _Parser:
    """One guard's tokens, and how far they are read."""

    def __init__(self, text: str, scenes: Collection[str]) -> None:
        self.problems: list[GuardProblem] = []
        self._scenes = scenes
        self._tokens = [
            _Token(str(found.lastgroup), found.group(), found.start())
            for found in _TOKEN.finditer(text)
        ]
        self._tokens.append(_Token("end", "the end", len(text.rstrip())))
        self._at = 0
        self._depth = 0

    # tokens -------------------------------------------------------------------

    @property
    def _next(self) -> _Token:
        return self._tokens[self._at]

    def _take(self) -> _Token:
        token = self._next
        self._at += token.kind != "end"
        return token

    def _skip(self, text: str) -> bool:
        """Read the next token if it is this one."""
        found = self._next.text == text and self._next.kind != "end"
        self._at += found
        return found

    def _note(self, token: _Token | _Number, what: str, remedy: str) -> None:
        self.problems.append(GuardProblem(token.offset, what, remedy))

    def _fail(self, token: _Token | _Number, what: str, remedy: str) -> NoReturn:
        self._note(token, what, remedy)
        raise _SyntaxError

    def _unexpected(self, wanted: str, remedy: str) -> NoReturn:
        token = self._next
        shown = token.text if token.kind == "end" else f'"{token.text}"'
        self._fail(token, f"{shown} where {wanted} belongs", _NOT_OURS.get(token.text, remedy))

    # grammar ------------------------------------------------------------------

    def whole(self) -> Expr:
        """Read a guard, and nothing after it."""
        tree = self._guard()
        if self._next.kind != "end":
            if self._tokens[self._at - 1].text in UNITS_S:
                remedy = '"for" comes last. To bind it to a part, write (part for 5 s) and ...'
                self._unexpected("the end of the guard", remedy)
            self._unexpected('"and", "or", "for" or the end', 'Join conditions with "and" or "or".')
        return tree

    def _guard(self) -> Expr:
        """Read any [ "for" duration ], in parentheses or not."""
        self._depth += 1
        if self._depth > _MAX_DEPTH:
            self._fail(self._next, "parentheses too deep", f"Use at most {_MAX_DEPTH} levels.")
        tree = self._joined("or", Or, lambda: self._joined("and", And, self._test))
        if self._skip("for"):
            tree = For(tree, self._duration())
        self._depth -= 1
        return tree

    def _joined(
        self, word: str, make: Callable[[tuple[Expr, ...]], Expr], part: Callable[[], Expr]
    ) -> Expr:
        parts = [part()]
        while self._skip(word):
            parts.append(part())
        return parts[0] if len(parts) == 1 else make(tuple(parts))

    def _test(self) -> Expr:
        """Read [ "not" ] ( "(" guard ")" | comparison )."""
        negations = 0
        while self._skip("not"):
            negations += 1
        if negations > 1:
            self._fail(self._tokens[self._at - 1], '"not" twice in a row', "Leave both out.")
        tree = self._parenthesis() if self._skip("(") else self._comparison()
        return Not(tree) if negations else tree

    def _parenthesis(self) -> Expr:
        tree = self._guard()
        if not self._skip(")"):
            self._unexpected('")"', 'Close the parenthesis with ")".')
        return tree

    def _duration(self) -> float:
        token = self._next
        number = self._number() if token.kind == "number" else None
        if number is None or not number.is_duration:
            self._fail(token, '"for" needs a duration', "Write for 5 s (or ms, min).")
        if number.value <= 0:
            self._fail(
                token, '"for" needs a duration above zero', "Write for 5 s, or leave it out."
            )
        return number.value

    def _comparison(self) -> Compare:
        left, between = self._operand(), self._next
        if between.text not in _FLIPPED:
            self._unexpected("<, <=, > or >=", "Compare the reading with a number.")
        operator = cast(Operator, self._take().text)
        right = self._operand()
        if self._next.text in _FLIPPED:
            self._unexpected('"and", "or" or the end', 'Write "a > 1 and a < 2" for a range.')
        if isinstance(left, _Number):
            if isinstance(right, _Number):
                self._fail(left, "two numbers compared", f"Compare a reading: {_known()}.")
            return self._compare(right, _FLIPPED[operator], left)
        if not isinstance(right, _Number):
            self._fail(between, "two readings compared", "Compare each with a number of its own.")
        return self._compare(left, operator, right)

    def _compare(self, quantity: Quantity, operator: Operator, number: _Number) -> Compare:
        if isinstance(quantity, Elapsed) and not number.is_duration:
            self._note(number, '"elapsed" compared with a plain number', "Add a unit: 90 s, 2 min.")
        if not isinstance(quantity, Elapsed) and number.is_duration:
            self._note(number, f'"{quantity}" compared with a duration', "Leave the unit out.")
        return Compare(quantity, operator, number.value)

    # operands -----------------------------------------------------------------

    def _operand(self) -> Quantity | _Number:
        token = self._next
        if token.kind == "number":
            return self._number()
        if token.kind != "word" or token.text in _RESERVED:
            self._unexpected("a reading or a number", f"Readings: {_known()}.")
        self._take()
        if token.text == "elapsed":
            return Elapsed()
        if token.text == "visits":
            return self._visits()
        return self._signal(token)

    def _number(self) -> _Number:
        token = self._take()
        whole, _, decimals = token.text.lstrip("-").partition(".")
        unit = self._next.text if self._next.text in UNITS_S else ""
        long = len(whole) > 9 or len(decimals) > 9
        value = 0.0 if long else seconds(token.text, unit) if unit else float(token.text)
        if long or abs(value) >= _LIMIT:
            remedy = "Use at most nine digits on each side of the point."
            self._fail(token, "number too long", remedy)
        self._at += bool(unit)
        return _Number(value, bool(unit), token.offset)

    def _visits(self) -> Visits:
        if not self._skip("("):
            self._unexpected('"("', "Write visits(scene).")
        token = self._take()
        if token.kind != "word":
            self._fail(token, "visits() without a scene", "Write visits(scene).")
        if token.text not in self._scenes:
            self._note(
                token, f'there is no scene "{token.text}"', did_you_mean(token.text, self._scenes)
            )
        if not self._skip(")"):
            self._unexpected('")"', "Write visits(scene).")
        return Visits(token.text)

    def _signal(self, name: _Token) -> SignalValue:
        if name.text not in SIGNALS:
            words = [*SIGNALS, "elapsed", "visits"]
            self._note(name, f'there is no signal "{name.text}"', did_you_mean(name.text, words))
        if not self._skip("."):
            return SignalValue(name.text, "value")
        attribute = self._take()
        if attribute.text not in ATTRIBUTES:
            what = f'a signal has no ".{attribute.text}"'
            self._note(attribute, what, did_you_mean(attribute.text, ATTRIBUTES))
        return SignalValue(name.text, attribute.text)


def _known() -> str:
    return ", ".join([*SIGNALS, "elapsed", "visits(scene)"])
