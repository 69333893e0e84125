"""Sets of a film's possible memories as whole numbers: one bit for each value of each variable.

Joining two sets is an `or` of two numbers, what a guard leaves possible an `and`: a film of many
scenes is followed in milliseconds.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from narrative._film import Film, Scene, Set
from narrative._guard import (
    And,
    Compare,
    Count,
    Expr,
    Flag,
    For,
    Not,
    Or,
    Visits,
    comparisons,
    walk,
)
from narrative._logic import OPERATORS

__all__ = ["Asked", "Field", "Fields"]

_MOST_VISITS: Final = 1000
"""Visits are counted up to here; a guard that compares with more is left open."""


@dataclass(frozen=True, slots=True)
class Field:
    """Where the values of one variable, or of one scene's visits, lie in a state.

    Parameters
    ----------
    name : str
        Of the variable or the scene.
    shift : int
        Its lowest bit, for the value 0.
    levels : int
        Number of its values, from 0; of visits, the highest stands for itself and all above it.
    """

    name: str
    shift: int
    levels: int

    @property
    def mask(self) -> int:
        """All its bits."""
        return ((1 << self.levels) - 1) << self.shift

    def bits(self, values: Iterable[int]) -> int:
        """The bits of some values."""
        return sum(1 << (self.shift + value) for value in values)

    def values(self, state: int) -> frozenset[int]:
        """Its possible values in a state."""
        bits = state >> self.shift
        return frozenset(value for value in range(self.levels) if bits >> value & 1)

    def put(self, state: int, value: int) -> int:
        """Let it have this value only."""
        return state & ~self.mask | self.bits((min(value, self.levels - 1),))

    def added(self, state: int, amount: int) -> int:
        """Move its values by an amount, kept between its ends."""
        top = self.levels - 1
        bits = (state & self.mask) >> self.shift
        if amount >= 0:
            moved = bits << min(amount, top)
            moved = moved & ((1 << self.levels) - 1) | bool(moved >> self.levels) << top
        else:
            down = min(-amount, top)
            moved = bits >> down | bool(bits & ((1 << down) - 1))
        return state & ~self.mask | moved << self.shift


@dataclass(frozen=True, slots=True)
class Asked:
    """A guard, as far as a state can tell of it.

    Parameters
    ----------
    variables, visits : tuple of Field
        What it reads.
    reads : int
        Their bits.
    holds : int
        What stays possible where it is true.
    fails : int
        What stays possible where it is tried and not met: everything if it reads what can be
        unknown, or changes.
    exact : bool
        Whether every state within `holds` has a memory in which it is true.
    """

    variables: tuple[Field, ...]
    visits: tuple[Field, ...]
    reads: int
    holds: int
    fails: int
    exact: bool

    def empty(self, state: int) -> bool:
        """Whether a state leaves one of its fields without any value."""
        return any(not state & field.mask for field in (*self.variables, *self.visits))


class Fields:
    """Which bits of a state are whose, in one film.

    Parameters
    ----------
    film : Film
        From `load_film`.
    """

    def __init__(self, film: Film) -> None:
        self.variables: Mapping[str, Field] = {
            field.name: field
            for field in _stacked({name: v.most + 1 for name, v in film.variables.items()}, 0)
        }
        end = sum(field.levels for field in self.variables.values())
        self.visits: Mapping[str, Field] = {
            field.name: field for field in _stacked(_visits_asked(film), end)
        }
        self._everything = sum(f.mask for f in (*self.variables.values(), *self.visits.values()))
        values = {field: film.variables[name].start for name, field in self.variables.items()}
        values |= dict.fromkeys(self.visits.values(), 0)
        self.start = sum(field.bits((value,)) for field, value in values.items())

    def applied(self, state: int, sets: tuple[Set, ...]) -> int:
        """Change variables as a branch or a scene says."""
        for change in sets:
            field = self.variables[change.variable]
            state = (field.added if change.adds else field.put)(state, change.value)
        return state

    def entered(self, state: int, scene: Scene) -> int:
        """Enter a scene: its `sets`, and its visit."""
        state = self.applied(state, scene.sets)
        field = self.visits.get(scene.of) if scene.turn == 0 else None
        return state if field is None else field.added(state, 1)

    def widened(self, before: int, after: int) -> int:
        """Let what has grown have every value."""
        fields = (*self.variables.values(), *self.visits.values())
        for field in fields:
            if (before ^ after) & field.mask:
                after |= field.mask
        return after

    def ask(self, tree: Expr) -> Asked:
        """Work out what a state can tell of a guard."""
        variables = {field.name: field for field in self._read(tree, self.variables)}
        visits = {field.name: field for field in self._read(tree, self.visits)}
        fields = (*variables.values(), *visits.values())
        parts = list(_conjuncts(tree))
        pure = self._is_pure(tree)
        return Asked(
            tuple(variables.values()),
            tuple(visits.values()),
            reads=sum(field.mask for field in fields),
            holds=self._kept(parts),
            fails=self._kept(_conjuncts(_negated(tree))) if pure else self._everything,
            exact=pure and all(self._only(part) for part in parts),
        )

    def _kept(self, parts: Iterable[Expr]) -> int:
        """Keep the values that leave each part true which reads a single field."""
        kept = self._everything
        for part in parts:
            field = self._only(part)
            if field is not None:
                kept &= ~field.bits(v for v in range(field.levels) if not _true(part, v))
        return kept

    def _only(self, tree: Expr) -> Field | None:
        """The field that a tree reads, if it reads nothing else."""
        fields = {*self._read(tree, self.variables), *self._read(tree, self.visits)}
        return fields.pop() if len(fields) == 1 and self._is_pure(tree) else None

    def _read(self, tree: Expr, among: Mapping[str, Field]) -> Iterator[Field]:
        for node in walk(tree):
            match node:
                case Flag(name) | Compare(Count(name)):
                    found = self.variables[name]
                case Compare(Visits(name)) if name in self.visits:
                    found = self.visits[name]
                case _:
                    continue
            if among.get(found.name) is found:
                yield found

    def _is_pure(self, tree: Expr) -> bool:
        for node in walk(tree):
            match node:
                case And() | Or() | Not() | For() | Flag() | Compare(Count()):
                    continue
                case Compare(Visits(name)) if name in self.visits:
                    continue
                case _:
                    return False
        return True


def _stacked(levels: Mapping[str, int], shift: int) -> Iterator[Field]:
    """Lay fields out, one behind the other."""
    for name, count in levels.items():
        yield Field(name, shift, count)
        shift += count


def _visits_asked(film: Film) -> dict[str, int]:
    """Give, for each scene whose visits guards ask for, how many values are told apart."""
    asked: dict[str, float] = {}
    for scene in film.scenes.values():
        for branch in scene.branches:
            for term in comparisons(branch.when.tree):
                if isinstance(term.quantity, Visits):
                    name = term.quantity.scene
                    asked[name] = max(asked.get(name, 0.0), term.number)
    # One more than the greatest number compared with, and zero.
    return {name: math.floor(number) + 2 for name, number in asked.items() if number < _MOST_VISITS}


def _conjuncts(tree: Expr) -> Iterator[Expr]:
    """Split a tree into parts that are all true where it is."""
    match tree:
        case And(parts):
            for part in parts:
                yield from _conjuncts(part)
        case For(body):
            yield from _conjuncts(body)
        case Not(Or() | Not() as body):
            yield from _conjuncts(_negated(body))
        case _:
            yield tree


def _negated(tree: Expr) -> Expr:
    """Give the contrary of a tree that does not change within a scene, `not` moved inwards."""
    match tree:
        case Not(body):
            return body
        case Or(parts):
            return And(tuple(Not(part) for part in parts))
        case For(body):
            return _negated(body)
        case _:
            return Not(tree)


def _true(tree: Expr, value: int) -> bool:
    """Evaluate a tree that reads a single field."""
    match tree:
        case Flag():
            return value == 1
        case Compare(_, operator, number):
            return OPERATORS[operator](value, number)
        case Not(body):
            return not _true(body, value)
        case And(parts):
            return all(_true(part, value) for part in parts)
        case Or(parts):
            return any(_true(part, value) for part in parts)
        case For(body):
            return _true(body, value)
        case _:
            raise AssertionError(tree)
