"""The best way to give every work its jurors, as a flow of least cost.

Units flow from jurors through pairs of faction and work to works; what no juror can serve comes
from nobody, at the highest price. Successive shortest paths (Busacker and Gowen 1961; Ahuja,
Magnanti and Orlin, Network Flows, 1993, chapter 9.7) find the cheapest flow, Bellman and Ford's
method the paths, over whole tables at once. Costs are whole numbers below 2**53, which floats hold
exactly.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

LOTS = 1 << 12
"""Lots lie below this."""

_SOURCE, _WORK = -1, -2
"""Where a path comes from, beside the numbers of jurors, factions and works."""


@dataclass(frozen=True, slots=True)
class Problem:
    """What is to be assigned.

    Attributes
    ----------
    faction : int64 [jurors]
        Of each juror; ascending.
    load : int64 [jurors]
        Works each has already.
    room : int64 [jurors]
        How many more each may get.
    allowed : bool [jurors, works]
        Pairs that may be added.
    wanted : int64 [factions, works]
        Least further jurors of each faction.
    places : int64 [works]
        Further jurors each work may get, at least the sum of `wanted`.
    spare : int64 [works]
        How many of the places may stay empty.
    lots : float64 [jurors, works]
        Whole numbers below `LOTS` that decide among equally good assignments.
    """

    faction: Ints
    load: Ints
    room: Ints
    allowed: Bools
    wanted: Ints
    places: Ints
    spare: Ints
    lots: Floats


def solve(problem: Problem) -> Bools:
    """Choose the pairs to add.

    Returns
    -------
    bool [jurors, works]
        The choice that leaves the fewest places empty that should not be; among these the one with
        the fewest jurors missing from factions; then the smallest sum of squared loads; then the
        smallest sum of lots.
    """
    state = _State(problem)
    while problem.allowed.size and (state.served < problem.places).any():
        _follow(state, _paths(state))
    return state.added > 0


class _State:
    """An assignment that is the cheapest for the places it has filled so far.

    A cycle passes each juror once, so that one unit of a cost outweighs all that a cycle can change
    in the costs after it.
    """

    def __init__(self, problem: Problem) -> None:
        jurors, works = problem.allowed.shape
        self.problem = problem
        self.added = np.zeros((jurors, works), dtype=np.int64)
        self.more = np.zeros(jurors, dtype=np.int64)
        """Works each juror has got in addition."""
        self.given = np.zeros(problem.wanted.shape, dtype=np.int64)
        """Jurors of each faction that each work has got."""
        self.missing = np.zeros(works, dtype=np.int64)
        """Places of each work that nobody fills."""
        self.served = np.zeros(works, dtype=np.int64)
        self.load_cost = 2 * (jurors + 1) * LOTS
        most = int(problem.load.max(initial=0)) + works
        self.faction_cost = self.load_cost * (most + 2)
        self.missing_cost = self.faction_cost * (jurors + 2)
        if 4 * self.missing_cost > 2**53:
            raise ValueError(f"{jurors} jurors and {works} works are too many to assign at once")


@dataclass(slots=True)
class _Paths:
    """The cheapest path to every node, as the node before it; and what the path to a work costs."""

    juror: Ints
    pair: Ints
    work: Ints
    cost: Floats


def _paths(state: _State) -> _Paths:
    problem = state.problem
    jurors, works = state.added.shape
    column = np.arange(works)
    bounds = np.searchsorted(problem.faction, np.arange(len(problem.wanted) + 1))
    # What the steps cost: juror to pair and back, pair to work and back.
    step = np.where(problem.allowed & (state.added == 0), problem.lots, np.inf)
    undo = np.where(state.added > 0, -problem.lots, np.inf)
    enter = np.where(state.given < problem.wanted, -state.faction_cost, 0.0)
    leave = np.where(state.given <= problem.wanted, state.faction_cost, 0.0)
    leave[state.given == 0] = np.inf
    free = state.more < problem.room
    to_juror = np.where(free, state.load_cost * (problem.load + state.more + 1.0), np.inf)
    to_pair = np.full(problem.wanted.shape, np.inf)
    # No way back from a work to nobody: what nobody fills, no juror could fill for less.
    to_work = np.where(state.missing < problem.spare, 0.0, state.missing_cost)
    found = _Paths(
        juror=np.full(jurors, _SOURCE),
        pair=np.full(problem.wanted.shape, _SOURCE),
        work=np.full(works, _SOURCE),
        cost=to_work,
    )
    changed = True
    while changed:
        changed = False
        for f, (first, end) in enumerate(pairwise(bounds)):
            if first == end:
                continue
            reach = to_juror[first:end, None] + step[first:end]
            nearest = reach.argmin(axis=0)
            cost = reach[nearest, column]
            better = cost < to_pair[f]
            to_pair[f, better] = cost[better]
            found.pair[f, better] = first + nearest[better]
        reach = to_pair + enter
        nearest = reach.argmin(axis=0)
        cost = reach[nearest, column]
        better = cost < to_work
        to_work[better] = cost[better]
        found.work[better] = nearest[better]
        changed |= bool(better.any())
        reach = to_work + leave
        better_pairs = reach < to_pair
        to_pair[better_pairs] = reach[better_pairs]
        found.pair[better_pairs] = _WORK
        reach = to_pair[problem.faction] + undo
        nearest = reach.argmin(axis=1)
        cost = reach[np.arange(jurors), nearest]
        better = cost < to_juror
        to_juror[better] = cost[better]
        found.juror[better] = nearest[better]
        changed |= bool(better.any() or better_pairs.any())
    return found


def _follow(state: _State, paths: _Paths) -> None:
    """Fill a place of every open work whose path shares no node with one followed before.

    A path that shares none is as short after the others were followed as it was before.
    """
    used: set[Hashable] = set()
    for work in np.argsort(paths.cost, kind="stable").tolist():
        if state.served[work] == state.problem.places[work]:
            continue
        changes, nodes = _trace(state, paths, work)
        if used.isdisjoint(nodes):
            used |= nodes
            state.served[work] += 1
            for table, place, by in changes:
                table[place] += by


_Change = tuple[Ints, int | tuple[int, int], int]


def _trace(state: _State, paths: _Paths, work: int) -> tuple[list[_Change], set[Hashable]]:
    """Walk a path from its end to its source: what it changes, and by which nodes it goes."""
    faction = state.problem.faction
    changes: list[_Change] = []
    nodes: set[Hashable] = set()
    while True:
        nodes.add(("work", work))
        origin = int(paths.work[work])
        if origin == _SOURCE:
            changes.append((state.missing, work, 1))
            return changes, nodes
        changes.append((state.given, (origin, work), 1))
        while True:
            nodes.add((origin, work))
            juror = int(paths.pair[origin, work])
            if juror == _WORK:
                changes.append((state.given, (origin, work), -1))
                break
            nodes.add(juror)
            changes.append((state.added, (juror, work), 1))
            before = int(paths.juror[juror])
            if before == _SOURCE:
                changes.append((state.more, juror, 1))
                return changes, nodes
            work, origin = before, int(faction[juror])
            changes.append((state.added, (juror, work), -1))
