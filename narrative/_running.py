"""How long a film lasts: at least, at most, and on average.

The average is that of an audience as likely to meet each branch as none of them: a Markov chain
over scenes and film time, followed from the start. Guards are not looked at, so that a film may
last that long which no audience sees; the simulator knows better.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from narrative._film import Film, Media, Scene
from narrative._soonest import soonest_s

__all__ = ["RunningTime", "defaults_s", "earliest_s", "planned_lengths", "running_time"]

_Floats: TypeAlias = NDArray[np.float64]
_Places: TypeAlias = NDArray[np.intp]

_CELLS: Final = 4_096
"""Moments that are told apart in one scene, at most: two seconds of two hours."""

_ROOM: Final = 4_000_000
"""Moments of all scenes together."""

_SLACK_S: Final = 1e-6
"""What sums of times may be off by: far less than a frame."""

_STEPS: Final = 10_000
"""After so many steps the rest counts as if it lasted for `max_runtime`."""


@dataclass(frozen=True, slots=True)
class RunningTime:
    """How long a film lasts, in seconds.

    Parameters
    ----------
    shortest_s, longest_s : float
        Of all paths; from `max_runtime` on only defaults are taken.
    expected_s : float
        Mean, where each branch and the default are equally likely.
    defaults_s : float
        Where no branch is ever taken.
    reached_s : Mapping of str to float
        Shortest film time at which each scene is entered; without those that never are.
    """

    shortest_s: float
    expected_s: float
    longest_s: float
    defaults_s: float
    reached_s: Mapping[str, float]


def planned_lengths(film: Film, media: Mapping[str, Media | str] | None = None) -> dict[str, float]:
    """Give each scene's length as its clip has it, or else as it is planned.

    Parameters
    ----------
    film : Film
        From `load_film`.
    media : Mapping of str to Media or str, optional
        Facts about the clips, as `check_film` takes them.

    Returns
    -------
    dict of str to float
        Flat scene to seconds; without those of which neither is known.
    """
    lengths = {name: _length_s(film, scene, media or {}) for name, scene in film.scenes.items()}
    return {name: length_s for name, length_s in lengths.items() if length_s}


def _length_s(film: Film, scene: Scene, media: Mapping[str, Media | str]) -> float | None:
    facts = media.get(scene.clip)
    out = scene.out_frame
    if isinstance(facts, Media):
        out = facts.frames if out is None else min(out, facts.frames)
    if out is not None and out > scene.in_frame:
        return float((out - scene.in_frame) / film.fps)
    return scene.length_s


def running_time(film: Film, lengths_s: Mapping[str, float]) -> RunningTime:
    """Work out how long a film lasts.

    Parameters
    ----------
    film : Film
        From `load_film`.
    lengths_s : Mapping of str to float
        Each scene's length in seconds, above zero.

    Returns
    -------
    RunningTime
        Shortest and defaults exact; expected and longest to a moment (a frame of a short film, a
        second of a long one) in whether a branch is still open.
    """
    reached_s = earliest_s(film, lengths_s)
    endings = [name for name in reached_s if film.scenes[name].default is None]
    longest_s, expected_s = _Sweep(film, lengths_s).whole()
    return RunningTime(
        shortest_s=min(reached_s[name] + lengths_s[name] for name in endings),
        expected_s=expected_s,
        longest_s=longest_s,
        defaults_s=defaults_s(film, lengths_s)[film.start],
        reached_s=reached_s,
    )


def _decides_s(scene: Scene) -> float:
    """Scene time at which its branch is chosen."""
    return scene.reading.to_s if scene.reading else 0.0


def earliest_s(film: Film, lengths_s: Mapping[str, float]) -> dict[str, float]:
    """Give the shortest film time at which each scene is entered, in seconds.

    A branch is open as long as it is chosen before `max_runtime`; scenes that cannot be entered
    are left out. Parameters as of `running_time`.
    """

    def onwards(name: str, entered_s: float) -> Iterable[str]:
        scene = film.scenes[name]
        if entered_s + _decides_s(scene) < film.max_runtime_s:
            return scene.candidates
        return () if scene.default is None else (scene.default,)

    return soonest_s([film.start], lengths_s, onwards)


def defaults_s(film: Film, lengths_s: Mapping[str, float]) -> dict[str, float]:
    """Give how long a film goes on from the beginning of each scene if only defaults are taken.

    In seconds; parameters as of `running_time`.
    """
    rest: dict[str, float] = {}
    for name in film.scenes:
        chain: list[str] = []
        at: str | None = name
        while at is not None and at not in rest:
            chain.append(at)
            at = film.scenes[at].default
        after_s = 0.0 if at is None else rest[at]
        for scene in reversed(chain):
            after_s += lengths_s[scene]
            rest[scene] = after_s
    return rest


class _Sweep:
    """All paths at once, forward in film time.

    Scenes that ask are nodes; what lies between them is a way, with the time it takes. A moment
    holds, for a node, the probability of entering it then, that times the film time, and the
    latest film time of any path.
    """

    def __init__(self, film: Film, lengths_s: Mapping[str, float]) -> None:
        nodes = [scene for scene in film.scenes.values() if scene.branches]
        self._place = {scene.name: number for number, scene in enumerate(nodes)}
        self._film, self._lengths_s = film, lengths_s
        rest = defaults_s(film, lengths_s)
        self._rest_s = np.array([*(rest[scene.name] for scene in nodes), 0.0])
        # The last place is the film's end.
        decides = [_decides_s(scene) for scene in nodes]
        self._closes_s = np.array([*(film.max_runtime_s - at_s for at_s in decides), -np.inf])
        ways = [
            [self._onwards(target, lengths_s[scene.name]) for target in _targets(scene)]
            for scene in nodes
        ]
        self._degree = np.array([len(way) for way in ways], dtype=np.intp)
        self._first = np.cumsum(self._degree) - self._degree
        self._to = np.array([to for way in ways for to, _ in way], dtype=np.intp)
        self._takes_s = np.array([takes_s for way in ways for _, takes_s in way])
        self._longest_s = self._ended = self._ended_s = 0.0

    def _onwards(self, name: str | None, takes_s: float) -> tuple[int, float]:
        """Follow defaults from a scene to the next that asks, or to the end."""
        while name is not None and name not in self._place:
            takes_s += self._lengths_s[name]
            name = self._film.scenes[name].default
        return (len(self._place) if name is None else self._place[name]), takes_s

    def whole(self) -> tuple[float, float]:
        """Give the longest and the expected running time."""
        count = len(self._place)
        horizon_s = max(float(self._closes_s[:-1].max(initial=0.0)), 1.0)
        cells = min(_CELLS, max(_ROOM // max(count, 1), 64))
        self._cell_s = max(float(1 / self._film.fps), horizon_s / cells)
        room = count, int(horizon_s / self._cell_s) + 2
        self._mass, self._moment = np.zeros(room), np.zeros(room)
        self._latest = np.full(room, -np.inf)
        to, at_s = self._onwards(self._film.start, 0.0)
        self._arrive(np.array([to]), np.array([1.0]), np.array([at_s]))
        self._arrive_late(np.array([to]), np.array([at_s]))
        self._go(room[1])
        return self._longest_s, self._ended_s / self._ended

    def _go(self, cells: int) -> None:
        """Go through all moments; within a stretch, until no way comes back into it."""
        quickest_s = float(self._takes_s.min(initial=np.inf))
        width = int(min(max(quickest_s / self._cell_s, 1), cells))
        begin = 0
        for _ in range(_STEPS):
            if not self._step(np.s_[:, begin : begin + width]):
                begin += width
            if begin >= cells:
                return
        self._give_up()

    def _step(self, stretch: tuple[slice, slice]) -> bool:
        """Take all ways out of the moments of a stretch; tell whether there were any."""
        mass, moment, latest = self._mass[stretch], self._moment[stretch], self._latest[stretch]
        node, cell = np.nonzero(mass)
        if len(node):
            way, of = self._ways(node)
            share = mass[node, cell] / self._degree[node]
            mean_s = moment[node, cell] / mass[node, cell]
            mass[node, cell] = moment[node, cell] = 0.0
            self._arrive(self._to[way], share[of], mean_s[of] + self._takes_s[way])
        late, cell = np.nonzero(latest > -np.inf)
        if len(late):
            way, of = self._ways(late)
            last_s = latest[late, cell]
            latest[late, cell] = -np.inf
            self._arrive_late(self._to[way], last_s[of] + self._takes_s[way])
        return bool(len(node) or len(late))

    def _ways(self, nodes: _Places) -> tuple[_Places, _Places]:
        """Number of every way out of these nodes, and which of the nodes it is out of."""
        degree = self._degree[nodes]
        of = np.repeat(np.arange(len(nodes)), degree)
        within = np.arange(len(of)) - np.repeat(np.cumsum(degree) - degree, degree)
        return self._first[nodes][of] + within, of

    def _arrive(self, to: _Places, share: _Floats, at_s: _Floats) -> None:
        """Add probability to moments, or to the end if nothing is asked any more."""
        over = self._closed(to, at_s)
        self._ended += float(share[over].sum())
        self._ended_s += float((share[over] * (at_s[over] + self._rest_s[to[over]])).sum())
        go = ~over
        cell = self._cells(at_s[go])
        moment = to[go] * self._mass.shape[1] + cell
        np.add.at(self._mass.reshape(-1), moment, share[go])
        np.add.at(self._moment.reshape(-1), moment, share[go] * at_s[go])

    def _arrive_late(self, to: _Places, at_s: _Floats) -> None:
        """Keep the latest time of each moment, and of the end."""
        over = self._closed(to, at_s)
        ends_s = at_s[over] + self._rest_s[to[over]]
        self._longest_s = max(self._longest_s, float(ends_s.max(initial=0.0)))
        go = ~over
        moment = to[go] * self._latest.shape[1] + self._cells(at_s[go])
        np.maximum.at(self._latest.reshape(-1), moment, at_s[go])

    def _closed(self, to: _Places, at_s: _Floats) -> NDArray[np.bool_]:
        return at_s >= self._closes_s[to] - _SLACK_S

    def _cells(self, at_s: _Floats) -> _Places:
        return ((at_s + _SLACK_S) / self._cell_s).astype(np.intp)

    def _give_up(self) -> None:
        """Count what still runs as if it did so until `max_runtime`."""
        at_s = self._film.max_runtime_s
        node, _ = np.nonzero(self._mass)
        left = self._mass[self._mass > 0.0]
        self._ended += float(left.sum())
        self._ended_s += float((left * (at_s + self._rest_s[node])).sum())
        live, _ = np.nonzero(self._latest > -np.inf)
        last_s = at_s + self._rest_s[live]
        self._longest_s = max(self._longest_s, float(last_s.max(initial=0.0)))


def _targets(scene: Scene) -> list[str | None]:
    return [*(branch.to for branch in scene.branches), scene.default]
