"""Who reviews what: drawn by lot, with equal loads, and with every gap named."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, replace

import numpy as np

from festival_api.scoring._flow import LOTS, Bools, Problem, solve
from festival_api.scoring._two_way import MIN_REVIEWS

Pair = tuple[str, str]
"""A juror, and a work."""

_DRAWS = 8
"""How often the lots are drawn anew where works and jurors fall into parts."""


@dataclass(frozen=True, slots=True)
class Juror:
    """Somebody who can be given works.

    Attributes
    ----------
    faction : str
        The one the juror belongs to.
    capacity : int or None
        Most works in all; None: no limit. Whoever is to get no more has 0, and keeps what is there.
    """

    faction: str
    capacity: int | None = None

    def __post_init__(self) -> None:
        if self.capacity is not None and self.capacity < 0:
            raise ValueError(f"a juror cannot take {self.capacity} works")


@dataclass(frozen=True, slots=True)
class Shortfall:
    """Jurors that a work cannot be given.

    Attributes
    ----------
    work : str
        Its name.
    faction : str or None
        Whose jurors are missing; None: of any faction.
    missing : int
        How many.
    conflicted, full : tuple of str
        Jurors of that faction, by name, who have a conflict with the work, and the others who do
        not review it: they have all the works they can take.
    """

    work: str
    faction: str | None
    missing: int
    conflicted: tuple[str, ...]
    full: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Assignment:
    """Who reviews what.

    Attributes
    ----------
    added : tuple of (str, str)
        New pairs of juror and work, sorted.
    loads : mapping of str to int
        Juror to number of works, with those from before.
    shortfalls : tuple of Shortfall
        What could not be met, by work.
    connected : bool
        Works and jurors hang together, so that the scores can be adjusted.
    """

    added: tuple[Pair, ...]
    loads: Mapping[str, int]
    shortfalls: tuple[Shortfall, ...]
    connected: bool


def assign(
    works: Iterable[str],
    jurors: Mapping[str, Juror],
    conflicts: Set[Pair],
    existing: Set[Pair],
    per_work: int,
    per_faction: Mapping[str, int],
    seed: bytes,
    min_reviews: int = MIN_REVIEWS,
) -> Assignment:
    """Draw the jurors of every work.

    As many places as possible are filled; then as many as possible of those that factions must
    fill; then, if that leaves nothing unfilled, jurors who would get too few works to be worth
    their while get none; then loads are as equal as all this permits (least sum of squares); then
    lots from the seed decide.

    Parameters
    ----------
    works : iterable of str
        Names, in any order.
    jurors : mapping of str to Juror
        By name.
    conflicts, existing : set of (str, str)
        Pairs of juror and work that must not be, and that are already and stay.
    per_work : int
        Least jurors of each work.
    per_faction : mapping of str to int
        Faction to its least jurors of each work.
    seed : bytes
        Equal seeds give equal assignments.
    min_reviews : int
        Least works that are worth a juror's while; see `two_way`.

    Raises
    ------
    ValueError
        An existing pair is of an unknown juror or work, or in conflict; or a number is negative.
    """
    if min(per_work, min_reviews, *per_faction.values()) < 0:
        raise ValueError("no number of jurors or works is negative")
    order = sorted(set(works))
    names = sorted(jurors, key=lambda name: (jurors[name].faction, name))
    for juror, work in sorted(existing):
        if juror not in jurors or work not in set(order):
            raise ValueError(f"{juror} on {work}: no such juror or no such work")
        if (juror, work) in conflicts:
            raise ValueError(f"{juror} on {work} is in conflict: void the review first")
    had = _table(order, names, existing)
    problem = _problem(order, names, jurors, had, conflicts, per_work, per_faction)
    draws: list[Bools] = []
    connected = False
    while not connected and len(draws) < _DRAWS:
        lots = [[_lot(seed, len(draws), name, work) for work in order] for name in names]
        lotted = replace(problem, lots=np.array(lots, dtype=np.float64).reshape(had.shape))
        draws.append(_without_light(lotted, min_reviews))
        connected = _connected(had | draws[-1])
    chosen = draws[-1] if connected else draws[0]
    added = {(names[j], order[w]) for j, w in np.argwhere(chosen).tolist()}
    loads = Counter(juror for juror, _ in added | existing)
    return Assignment(
        added=tuple(sorted(added)),
        loads={name: loads[name] for name in sorted(names)},
        shortfalls=_shortfalls(order, jurors, conflicts, added | existing, per_work, per_faction),
        connected=connected,
    )


def pick_extra(
    work: str,
    jurors: Mapping[str, Juror],
    conflicts: Set[Pair],
    existing: Set[Pair],
    seed: bytes,
    min_reviews: int = MIN_REVIEWS,
) -> str | Shortfall:
    """Choose one more juror for a work whose place is in doubt.

    Parameters
    ----------
    work : str
        Its name.
    jurors, conflicts, seed
        See `assign`.
    existing : set of (str, str)
        All pairs of juror and work so far.
    min_reviews : int
        See `assign`.

    Returns
    -------
    str or Shortfall
        A juror who then has at least `min_reviews` works, if there is one; from the faction that
        the work has met least; with the fewest works; by lot. Or why there is none.

    Raises
    ------
    ValueError
        An existing pair is of an unknown juror.
    """
    for juror, at in sorted(existing):
        if juror not in jurors:
            raise ValueError(f"{juror} on {at}: no such juror")
    loads = Counter(juror for juror, _ in existing)
    met = Counter(jurors[juror].faction for juror, at in existing if at == work)
    others = [name for name in sorted(jurors) if (name, work) not in existing]

    def order(name: str) -> tuple[bool, int, int, int]:
        light = loads[name] + 1 < min_reviews
        return light, met[jurors[name].faction], loads[name], _lot(seed, 0, name, work)

    free = [
        name
        for name in others
        if (name, work) not in conflicts and loads[name] < _most(jurors[name], loads[name] + 1)
    ]
    return min(free, key=order) if free else _shortfall(work, None, 1, others, conflicts)


def _problem(
    works: Sequence[str],
    names: Sequence[str],
    jurors: Mapping[str, Juror],
    had: Bools,
    conflicts: Set[Pair],
    per_work: int,
    per_faction: Mapping[str, int],
) -> Problem:
    """Put the question into numbers, but for the lots."""
    factions = sorted({juror.faction for juror in jurors.values()} | set(per_faction))
    faction = np.array([factions.index(jurors[name].faction) for name in names], dtype=np.int64)
    least = np.array([per_faction.get(name, 0) for name in factions], dtype=np.int64)
    met = np.zeros((len(factions), len(works)), dtype=np.int64)
    np.add.at(met, faction, had)
    load = had.sum(axis=1)
    wanted = np.maximum(least[:, None] - met, 0)
    needed = np.maximum(per_work - had.sum(axis=0), 0)
    places = np.maximum(needed, wanted.sum(axis=0))
    most = [_most(jurors[name], len(works)) for name in names]
    return Problem(
        faction=faction,
        load=load,
        room=np.maximum(np.array(most, dtype=np.int64) - load, 0),
        allowed=~had & ~_table(works, names, conflicts),
        wanted=wanted,
        places=places,
        spare=places - needed,
        lots=np.zeros(had.shape),
    )


def _without_light(problem: Problem, min_reviews: int) -> Bools:
    """Solve, and leave out jurors who would have next to nothing to do, the least loaded first."""
    best = solve(problem)
    new = problem.load == 0
    while problem.allowed.shape[1] >= min_reviews:
        loads = best.sum(axis=1)
        light = np.flatnonzero(new & (loads > 0) & (loads < min_reviews))
        light = light[np.lexsort((problem.lots[light].sum(axis=1), loads[light]))]
        # As many stay as there are full loads among them; if that is too few, fewer leave.
        leave = len(light) - int(loads[light].sum()) // max(min_reviews, 1)
        while leave:
            room = problem.room.copy()
            room[light[:leave]] = 0
            smaller = replace(problem, room=room)
            trial = solve(smaller)
            if _unmet(problem, trial) == _unmet(problem, best):
                problem, best = smaller, trial
                break
            leave //= 2
        else:
            break
    return best


def _unmet(problem: Problem, added: Bools) -> tuple[int, int]:
    """Count the places that are empty and should not be, and the jurors missing from factions."""
    given = np.zeros(problem.wanted.shape, dtype=np.int64)
    np.add.at(given, problem.faction, added)
    needed = problem.places - problem.spare
    return (
        int(np.maximum(needed - added.sum(axis=0), 0).sum()),
        int(np.maximum(problem.wanted - given, 0).sum()),
    )


def _shortfalls(
    works: Sequence[str],
    jurors: Mapping[str, Juror],
    conflicts: Set[Pair],
    pairs: Set[Pair],
    per_work: int,
    per_faction: Mapping[str, int],
) -> tuple[Shortfall, ...]:
    """Name what is missing, and who could not help."""
    met: Counter[tuple[str, str | None]] = Counter((work, None) for _, work in pairs)
    met.update((work, jurors[juror].faction) for juror, work in pairs)
    wanted = [(None, per_work), *sorted(per_faction.items())]
    return tuple(
        _shortfall(
            work,
            faction,
            least - met[work, faction],
            [
                name
                for name in sorted(jurors)
                if faction in (None, jurors[name].faction) and (name, work) not in pairs
            ],
            conflicts,
        )
        for work in works
        for faction, least in wanted
        if met[work, faction] < least
    )


def _shortfall(
    work: str, faction: str | None, missing: int, others: Sequence[str], conflicts: Set[Pair]
) -> Shortfall:
    conflicted = tuple(name for name in others if (name, work) in conflicts)
    full = tuple(name for name in others if (name, work) not in conflicts)
    return Shortfall(work, faction, missing, conflicted, full)


def _most(juror: Juror, works: int) -> int:
    return works if juror.capacity is None else juror.capacity


def _lot(seed: bytes, draw: int, juror: str, work: str) -> int:
    """Draw a number below `LOTS` that depends on nothing but what is passed."""
    name = seed + f"{draw}\0{juror}\0{work}".encode()
    return int.from_bytes(hashlib.sha256(name).digest()[:8]) % LOTS


def _table(works: Sequence[str], names: Sequence[str], pairs: Set[Pair]) -> Bools:
    """Put pairs into a table [jurors, works]."""
    return np.array(
        [(name, work) in pairs for name in names for work in works], dtype=np.bool_
    ).reshape(len(names), len(works))


def _connected(pairs: Bools) -> bool:
    """Tell whether all works, and the jurors who have any, hang together."""
    reached = np.zeros(pairs.shape[1], dtype=np.bool_)
    reached[:1] = True
    while True:
        grown = reached | pairs[pairs[:, reached].any(axis=1)].any(axis=0)
        if (grown == reached).all():
            return bool(reached.all())
        reached = grown
