"""What many passes through a film add up to."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from math import sqrt
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt

from narrative import Film, Scene

Ints: TypeAlias = npt.NDArray[np.int64]

NEVER: Final = np.iinfo(np.int64).max
"""Number of the first pass that did what no pass did."""

_Z: Final = 1.959964
"""Of the normal law, for 95 %."""


@dataclass(frozen=True, slots=True)
class Share:
    """How often something happened.

    Parameters
    ----------
    hits, trials : int
        How often, of how many times.
    """

    hits: int
    trials: int

    @property
    def value(self) -> float:
        """The share itself; 0 without a trial."""
        return self.hits / self.trials if self.trials else 0.0

    @property
    def interval(self) -> tuple[float, float]:
        """Its 95 % interval, 0 to 1 without a trial (Wilson 1927).

        doi:10.1080/01621459.1927.10502953
        """
        n = self.trials
        if not n:
            return 0.0, 1.0
        square = _Z**2
        middle = (self.hits + square / 2) / (n + square)
        half = _Z / (n + square) * sqrt(self.hits * (n - self.hits) / n + square / 4)
        return max(0.0, middle - half), min(1.0, middle + half)


class Places:
    """Where in the counts each scene and each way of a film is.

    Parameters
    ----------
    film : Film
        From `load_film`.

    Attributes
    ----------
    scenes : Mapping of str to int
        Of each scene.
    written : Mapping of str to int
        Of each scene as the filmmaker wrote it.
    written_of : tuple of int
        By scene: its written one's.
    ways : tuple of (str, int or None)
        Scene and branch; None is the default, behind the scene's branches.
    first_way : Mapping of str to int
        Of a scene's first way; its branches follow in order.
    """

    def __init__(self, film: Film) -> None:
        self.scenes = {name: i for i, name in enumerate(film.scenes)}
        names = dict.fromkeys(scene.of for scene in film.scenes.values())
        self.written: Mapping[str, int] = {name: i for i, name in enumerate(names)}
        self.written_of = tuple(self.written[scene.of] for scene in film.scenes.values())
        ways: list[tuple[str, int | None]] = []
        self.first_way: dict[str, int] = {}
        for name, scene in film.scenes.items():
            self.first_way[name] = len(ways)
            ways += [(name, branch) for branch in range(len(scene.branches))]
            if scene.default is not None:
                ways.append((name, None))
        self.ways = tuple(ways)

    def way(self, scene: Scene, branch: int | None) -> int:
        """Give the place of a scene's branch; None is its default."""
        return self.first_way[scene.name] + (len(scene.branches) if branch is None else branch)


class Counts:
    """How often each of some things happened, and in which pass first.

    Parameters
    ----------
    size : int
        How many things.

    Attributes
    ----------
    times : ndarray of int64, shape (size,)
        How often.
    first : ndarray of int64, shape (size,)
        Number of the first pass in which it did; `NEVER` where it did in none.
    """

    def __init__(self, size: int) -> None:
        self.times = np.zeros(size, np.int64)
        self.first = np.full(size, NEVER)

    def note(self, number: int, happened: Collection[int]) -> None:
        """Count what happened in a pass; what happened twice is named twice."""
        places = np.fromiter(happened, np.int64, len(happened))
        np.add.at(self.times, places, 1)
        np.minimum.at(self.first, places, number)

    def first_pass(self, at: int) -> int | None:
        """Give the number of the first pass in which one of them happened."""
        number = int(self.first[at])
        return None if number == NEVER else number

    def add(self, other: Counts) -> None:
        """Add what happened in other passes."""
        self.times += other.times
        np.minimum(self.first, other.first, out=self.first)


@dataclass(slots=True)
class Tally:
    """Counts over passes; those of other passes can be added.

    Parameters
    ----------
    visits : Counts
        Entries, by scene.
    shown, ended : Counts
        Passes in which a written scene was shown, and that ended in it.
    taken : Counts
        By way.
    verdicts : Counts
        Three for each way: its guard was false, unknown, true when its scene was decided.
    cut : Counts
        Of one thing: passes that `max_runtime` led to a default.
    lasted : Counts
        Passes by running time, in whole seconds.
    passes : int
        All.
    """

    visits: Counts
    shown: Counts
    ended: Counts
    taken: Counts
    verdicts: Counts
    cut: Counts
    lasted: Counts
    passes: int = 0

    @staticmethod
    def empty(places: Places, seconds: int) -> Tally:
        """Give the counts of no pass, of a film that lasts less than so many seconds."""
        written, ways = len(places.written), len(places.ways)
        return Tally(
            visits=Counts(len(places.scenes)),
            shown=Counts(written),
            ended=Counts(written),
            taken=Counts(ways),
            verdicts=Counts(3 * ways),
            cut=Counts(1),
            lasted=Counts(seconds),
        )

    def add(self, other: Tally) -> None:
        """Add the counts of other passes."""
        self.passes += other.passes
        for name in ("visits", "shown", "ended", "taken", "verdicts", "cut", "lasted"):
            getattr(self, name).add(getattr(other, name))
