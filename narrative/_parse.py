"""A guard's text to its tree, by recursive descent over the grammar in `_guard`."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from math import ceil, floor
from typing import Final, NoReturn, TypeAlias, cast

from narrative._duration import UNITS_S, seconds
from narrative._film import Variable
from narrative._guard import (
    And,
    Chance,
    Compare,
    Count,
    Elapsed,
    Expr,
    Flag,
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
from narrative._tokens import FOREIGN, GuardProblem, GuardSyntaxError, Token, Tokens

__all__ = ["RESERVED", "Names", "parse_guard"]

_MAX_DEPTH: Final = 32
_LIMIT: Final = 1e9  # numbers below it are told apart by nine decimals
_FLIPPED: Final[dict[str, Operator]] = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}
_EQUALS: Final = ("=", "==", "!=")
_JOINING: Final = frozenset({"and", "or", "not", "for"})
_QUANTITIES: Final = ("elapsed", "visits", "chance")

RESERVED: Final = frozenset({*_JOINING, *_QUANTITIES, "zone", *UNITS_S, *SIGNALS})
"""Words of the language, which no variable can be called."""


@dataclass(frozen=True, slots=True)
class Names:
    """What a film's guards may name.

    Parameters
    ----------
    scenes : collection of str
        Scenes that `visits(...)` may ask for.
    variables : Mapping of str to Variable
        The film's flags and counts.
    zones : collection of str or None
        The hall's zones; None where the hall is not known.
    """

    scenes: Collection[str]
    variables: Mapping[str, Variable] = field(default_factory=dict)
    zones: Collection[str] | None = None


@dataclass(frozen=True, slots=True)
class _Number:
    value: float
    is_duration: bool
    token: Token


_Operand: TypeAlias = Quantity | Flag | Chance | _Number


def parse_guard(text: str, names: Names) -> tuple[Guard | None, tuple[GuardProblem, ...]]:
    """Parse a guard.

    Parameters
    ----------
    text : str
        The guard as written; line breaks count as spaces.
    names : Names
        What it may name.

    Returns
    -------
    guard : Guard or None
        None where there is a problem.
    problems : tuple of GuardProblem
        All unknown names and wrong types up to the first fault of grammar, and that fault.
    """
    parser = _Parser(text, names)
    try:
        tree = parser.whole()
    except GuardSyntaxError:
        return None, tuple(parser.problems)
    if parser.problems:
        return None, tuple(parser.problems)
    return Guard(" ".join(text.split()), tree), ()


class _Parser(Tokens):
    """One guard's tokens, and what they mean."""

    def __init__(self, text: str, names: Names) -> None:
        super().__init__(text)
        self._names = names
        self._depth = 0

    # grammar ------------------------------------------------------------------

    def whole(self) -> Expr:
        """Read a guard, and nothing after it."""
        tree = self._guard()
        if self.next.kind != "end":
            if self.last.text in UNITS_S:
                remedy = '"for" comes last. To bind it to a part, write (part for 5 s) and ...'
                self.unexpected("the end of the guard", remedy)
            self.unexpected('"and", "or", "for" or the end', 'Join conditions with "and" or "or".')
        return tree

    def _guard(self) -> Expr:
        """Read any [ "for" duration ], in parentheses or not."""
        self._depth += 1
        if self._depth > _MAX_DEPTH:
            self.fail(self.next, "parentheses too deep", f"Use at most {_MAX_DEPTH} levels.")
        tree = self._joined("or", Or, lambda: self._joined("and", And, self._test))
        if self.skip("for"):
            tree = For(tree, self._duration())
        self._depth -= 1
        return tree

    def _joined(
        self, word: str, make: Callable[[tuple[Expr, ...]], Expr], part: Callable[[], Expr]
    ) -> Expr:
        parts = [part()]
        while self.skip(word):
            parts.append(part())
        return parts[0] if len(parts) == 1 else make(tuple(parts))

    def _test(self) -> Expr:
        """Read [ "not" ] ( "(" guard ")" | condition )."""
        negations = 0
        while self.skip("not"):
            negations += 1
        if negations > 1:
            self.fail(self.last, '"not" twice in a row', "Leave both out.")
        tree = self._parenthesis() if self.skip("(") else self._condition()
        return Not(tree) if negations else tree

    def _parenthesis(self) -> Expr:
        tree = self._guard()
        self.need(")", 'Close the parenthesis with ")".')
        return tree

    def _duration(self) -> float:
        token = self.next
        number = self._number() if token.kind == "number" else None
        if number is None or not number.is_duration:
            self.fail(token, '"for" needs a duration', "Write for 5 s (or ms, min).")
        if number.value <= 0:
            self.fail(token, '"for" needs a duration above zero', "Write for 5 s, or leave it out.")
        return number.value

    def _condition(self) -> Expr:
        """Read a flag, a draw, or a comparison."""
        start, left, between = self.next, self._operand(), self.next
        if isinstance(left, Flag | Chance):
            if between.text in _FLIPPED or between.text in _EQUALS:
                self._stands_alone(left, between)
            return left
        if between.text not in _FLIPPED:
            if isinstance(left, SignalValue) and left.signal not in SIGNALS:
                return Flag(left.signal)  # noted already; it may have been meant as a flag
            self._uncompared(start, left)
        operator = cast(Operator, self.take().text)
        right = self._operand()
        if self.next.text in _FLIPPED:
            self.unexpected('"and", "or" or the end', 'Write "a > 1 and a < 2" for a range.')
        if isinstance(right, Flag | Chance):
            self._stands_alone(right, between)
        if isinstance(left, _Number):
            if isinstance(right, _Number):
                self.fail(
                    left.token, "two numbers compared", f"Compare a reading: {self._known()}."
                )
            return self._compare(right, _FLIPPED[operator], left)
        if not isinstance(right, _Number):
            self.fail(between, "two readings compared", "Compare each with a number of its own.")
        return self._compare(left, operator, right)

    # types --------------------------------------------------------------------

    def _stands_alone(self, test: Flag | Chance, operator: Token) -> NoReturn:
        if isinstance(test, Chance):
            self.fail(operator, "chance compared", "It is true or false: write chance(0.3) alone.")
        name = test.name
        remedy = f"It is true or false: write {name} or not {name}."
        self.fail(operator, f'flag "{name}" compared', remedy)

    def _uncompared(self, start: Token, left: Quantity | _Number) -> NoReturn:
        """Say what to write after an operand that nothing is compared with."""
        if isinstance(left, Count | Visits):
            if self.next.text in _EQUALS:
                self._equated(left)
            if self.next.text not in FOREIGN:
                self.fail(start, f"{left} is a number, not true or false", f"Write {left} >= 1.")
        self.unexpected("<, <=, > or >=", "Compare the reading with a number.")

    def _equated(self, count: Count | Visits) -> NoReturn:
        word = self.take()
        number = self.next.text if self.next.kind == "number" else "2"
        remedy = f"Write {count} >= {number} and {count} <= {number}."
        if word.text == "!=":
            remedy = f"Write ({count} < {number} or {count} > {number})."
        self.fail(word, f'"{word.text}" where <, <=, > or >= belongs', remedy)

    def _compare(self, quantity: Quantity, operator: Operator, number: _Number) -> Compare:
        comparison = Compare(quantity, operator, number.value)
        if isinstance(quantity, SignalValue) and quantity.signal not in SIGNALS:
            return comparison  # noted already
        timed = isinstance(quantity, Elapsed)
        if timed and not number.is_duration:
            self.note(
                number.token, '"elapsed" compared with a plain number', "Add a unit: 90 s, 2 min."
            )
        if not timed and number.is_duration:
            self.note(number.token, f'"{quantity}" compared with a duration', "Leave the unit out.")
        elif isinstance(quantity, Count | Visits) and not number.value.is_integer():
            whole = ceil(number.value) if ">" in operator else floor(number.value)
            remedy = f"It is a whole number: write {quantity} {operator[0]}= {whole}."
            self.note(number.token, f'"{quantity}" compared with a fraction', remedy)
        return comparison

    # operands -----------------------------------------------------------------

    def _operand(self) -> _Operand:
        token = self.next
        if token.kind == "number":
            return self._number()
        if token.kind != "word" or token.text in _JOINING:
            self.unexpected("a reading or a number", f"Readings: {self._known()}.")
        self.take()
        match token.text:
            case "elapsed":
                return Elapsed()
            case "visits":
                return self._visits()
            case "chance":
                return self._chance()
        variable = self._names.variables.get(token.text)
        if variable is None:
            return self._signal(token)
        if self.next.text == ".":
            self.fail(self.next, f'variable "{token.text}" has no attributes', "Leave them out.")
        return Flag(variable.name) if variable.flag else Count(variable.name)

    def _number(self) -> _Number:
        token = self.take()
        whole, _, decimals = token.text.lstrip("-").partition(".")
        unit = self.next.text if self.next.text in UNITS_S else ""
        long = len(whole) > 9 or len(decimals) > 9
        value = 0.0 if long else seconds(token.text, unit) if unit else float(token.text)
        if long or abs(value) >= _LIMIT:
            remedy = "Use at most nine digits on each side of the point."
            self.fail(token, "number too long", remedy)
        if unit:
            self.take()
        return _Number(value, bool(unit), token)

    def _chance(self) -> Chance:
        remedy = "Write a number above 0 and below 1, as chance(0.3)."
        self.need("(", remedy)
        if self.next.kind != "number":
            self.unexpected("a probability", remedy)
        number = self._number()
        if number.is_duration or not 0 < number.value < 1:
            self.fail(number.token, "chance() without a probability", remedy)
        self.need(")", remedy)
        return Chance(number.value)

    def _visits(self) -> Visits:
        scene = self._name_in_parentheses("Write visits(scene).")
        if scene.text not in self._names.scenes:
            remedy = did_you_mean(scene.text, self._names.scenes)
            self.note(scene, f'there is no scene "{scene.text}"', remedy)
        return Visits(scene.text)

    def _signal(self, name: Token) -> SignalValue:
        signal = SIGNALS.get(name.text)
        if signal is None:
            known = f"signal{' or variable' if self._names.variables else ''}"
            words = [*SIGNALS, *self._names.variables, *_QUANTITIES]
            what = f'there is no {known} "{name.text}"'
            self.note(name, what, did_you_mean(name.text, words))
            if self.next.text == "(":
                raise GuardSyntaxError
        zone = attribute = ""
        while self.skip("."):
            word = self.take()
            if attribute or (zone and word.text == "zone"):
                remedy = f"Write the zone first, and one attribute last: {name.text}.zone(left).t."
                self.fail(word, f'"{word.text}" after ".{attribute or "zone"}"', remedy)
            if signal is not None and not signal.pooled and word.text in ("zone", "trend"):
                what = f'"{name.text}" has no {word.text}'
                self.note(word, what, f"Read synchrony.{word.text} instead.")
            if word.text == "zone":
                zone = self._zone(name)
            else:
                attribute = self._attribute(word)
        return SignalValue(name.text, attribute or "value", zone)

    def _attribute(self, word: Token) -> str:
        if word.text not in ATTRIBUTES:
            remedy = did_you_mean(word.text, [*ATTRIBUTES, "zone"])
            self.note(word, f'a signal has no ".{word.text}"', remedy)
            if self.next.text == "(":
                raise GuardSyntaxError
        return word.text

    def _zone(self, signal: Token) -> str:
        zone = self._name_in_parentheses(f"Write {signal.text}.zone(left).")
        zones = self._names.zones
        if zones is not None and zone.text not in zones:
            self.note(zone, f'there is no zone "{zone.text}"', did_you_mean(zone.text, zones))
        return zone.text

    def _name_in_parentheses(self, remedy: str) -> Token:
        """Read a scene's or a zone's name, which may have dots, dashes and any script."""
        self.need("(", remedy)
        first = self.next
        while self._is_part_of_name(self.next):
            self.take()
        if self.next is first:
            self.unexpected("a name", remedy)
        name = self.since(first)
        self.need(")", remedy)
        return Token("word", name, first.offset)

    def _is_part_of_name(self, token: Token) -> bool:
        if token.kind in ("word", "number"):
            return token.text not in _JOINING
        return token.kind == "mark" and (token.text in (".", "-") or not token.text.isascii())

    def _known(self) -> str:
        return ", ".join(
            [*SIGNALS, *self._names.variables, "elapsed", "visits(scene)", "chance(0.3)"]
        )
