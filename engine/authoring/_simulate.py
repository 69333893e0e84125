"""Thousands of passes through a film, by the machine that decides in the hall."""

from __future__ import annotations

import multiprocessing
import signal
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import count
from math import ceil
from types import MappingProxyType
from typing import Any, Final

from engine.authoring._simulation import Simulation
from engine.authoring._tally import Places, Tally
from narrative import (
    AudienceModel,
    By,
    Decision,
    Film,
    MachineState,
    Scene,
    Viewers,
    begin,
    choose,
    commit,
    decide,
    defaults_s,
    enter,
    observe,
    verdicts,
)

_FEW: Final = 1000
"""Fewer passes than this are over before other processes have started."""

_CHUNK: Final = 100
"""Passes that a process takes at a time."""

_COLUMN: Final[Mapping[bool | None, int]] = MappingProxyType({False: 0, None: 1, True: 2})
"""Where in the counts each verdict is."""


@dataclass(frozen=True, slots=True)
class Step:
    """A scene of a pass.

    Parameters
    ----------
    scene : str
        Which.
    entered_s : float
        Film time of its first frame, in s.
    decision : Decision or None
        What came of it; None where it asks nobody.
    """

    scene: str
    entered_s: float
    decision: Decision | None


@dataclass(frozen=True, slots=True)
class Pass:
    """One pass, scene by scene.

    Parameters
    ----------
    seed, number : int
        What it was drawn from.
    steps : tuple of Step
        In order.
    length_s : float
        Running time.
    """

    seed: int
    number: int
    steps: tuple[Step, ...]
    length_s: float


def simulate_film(
    film: Film,
    lengths_s: Mapping[str, float],
    audience: AudienceModel,
    *,
    passes: int,
    seed: int,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Simulation:
    """Show a film to many audiences.

    Parameters
    ----------
    film : Film
        From `load_film`, without errors.
    lengths_s : Mapping of str to float
        Each scene's length in seconds, above zero.
    audience : AudienceModel
        What they are drawn from.
    passes : int
        How many; they are numbered from 1.
    seed : int
        Equal seeds give equal passes, however many there are.
    progress : callable
        Called with the passes done, and all.

    Returns
    -------
    Simulation
        The same however many processes shared the work.
    """
    theatre = _Theatre(film, lengths_s, audience, seed)
    tally = theatre.empty()
    for part in _parts(theatre, (film, lengths_s, audience, seed), passes):
        tally.add(part)
        progress(tally.passes, passes)
    return Simulation(seed, tally, theatre.places, audience, theatre.viewers.missing)


def replay_pass(
    film: Film, lengths_s: Mapping[str, float], audience: AudienceModel, seed: int, number: int
) -> Pass:
    """Show one pass of a simulation again, with its readings and reasons.

    Parameters
    ----------
    film, lengths_s, audience, seed
        As given to `simulate_film`.
    number : int
        Of the pass, from 1.
    """
    theatre = _Theatre(film, lengths_s, audience, seed)
    steps = []
    for moment in theatre.show(number):
        decision = None
        if moment.by is not None:
            decision = decide(film, moment.state, moment.asked_s)
        steps.append(Step(moment.scene.name, moment.state.entered_s, decision))
    last = steps[-1]
    return Pass(seed, number, tuple(steps), last.entered_s + lengths_s[last.scene])


@dataclass(frozen=True, slots=True)
class _Moment:
    """The end of a scene: the machine's state, when it was asked, who decided, and which branch."""

    scene: Scene
    state: MachineState
    asked_s: float
    by: By | None
    branch: int | None


class _Theatre:
    """Shows a film to one audience after another."""

    def __init__(
        self, film: Film, lengths_s: Mapping[str, float], audience: AudienceModel, seed: int
    ) -> None:
        self.film = film
        self.places = Places(film)
        self.viewers = Viewers(audience, film, lengths_s)
        self._lengths_s = lengths_s
        self._seed = seed
        # From max_runtime on only defaults are taken.
        longest_s = film.max_runtime_s + max(defaults_s(film, lengths_s).values())
        self._seconds = ceil(longest_s) + 1

    def empty(self) -> Tally:
        """Give the counts of no pass."""
        return Tally.empty(self.places, self._seconds)

    def show(self, number: int) -> Iterator[_Moment]:
        """Show it once, and nobody intervenes."""
        film, sitting = self.film, self.viewers.sit(self._seed, number)
        state = begin(film, sitting.seed)
        name: str | None = film.start
        at_s = 0.0
        for visit in count():
            if name is None:
                return
            scene = film.scenes[name]
            state = enter(film, state, visit, name, at_s)
            ticks, ahead = sitting.enter(name, at_s)
            if ticks:
                state = observe(film, state, ticks, ahead)
            by, branch, asked_s = None, None, 0.0
            if scene.branches and scene.reading is not None:
                asked_s = scene.reading.to_s
                by, branch = choose(film, state, asked_s)
            yield _Moment(scene, state, asked_s, by, branch)
            if by is not None:
                state = commit(film, state, branch)
            at_s += self._lengths_s[name]
            name = scene.default if branch is None else scene.branches[branch].to

    def count(self, numbers: Iterable[int]) -> Tally:
        """Show it several times, and count."""
        tally = self.empty()
        for number in numbers:
            self._count(number, tally)
        return tally

    def _count(self, number: int, tally: Tally) -> None:
        places = self.places
        visits: list[int] = []
        taken: list[int] = []
        judged: list[int] = []
        late = False
        at_s, scene = 0.0, self.film.scenes[self.film.start]
        for moment in self.show(number):
            scene, at_s = moment.scene, moment.state.entered_s
            visits.append(places.scenes[scene.name])
            first = 3 * places.first_way[scene.name]
            if scene.default is not None:
                taken.append(places.way(scene, moment.branch))
            if moment.by is not None:
                late |= moment.by == "max_runtime"
                found = verdicts(self.film, moment.state, moment.asked_s)
                judged += [first + 3 * i + _COLUMN[one] for i, one in enumerate(found)]
        shown = {places.written_of[visit] for visit in visits}
        tally.passes += 1
        tally.visits.note(number, visits)
        tally.shown.note(number, shown)
        tally.taken.note(number, taken)
        tally.verdicts.note(number, judged)
        tally.ended.note(number, [places.written[scene.of]])
        tally.lasted.note(number, [int(at_s + self._lengths_s[scene.name])])
        tally.cut.note(number, [0] if late else [])


_here: dict[str, _Theatre] = {}
"""A process's own theatre."""


def _parts(theatre: _Theatre, of: tuple[Any, ...], passes: int) -> Iterator[Tally]:
    """Count on all cores; the parts come as they are done."""
    chunks = [
        range(first, min(first + _CHUNK, passes + 1)) for first in range(1, passes + 1, _CHUNK)
    ]
    if passes < _FEW:
        yield from map(theatre.count, chunks)
        return
    context = multiprocessing.get_context("spawn")
    with context.Pool(None, _open, of) as pool:
        yield from pool.imap_unordered(_count, chunks)


def _open(*of: Any) -> None:
    """Make a process ready; Ctrl-C is its parent's."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _here["theatre"] = _Theatre(*of)


def _count(numbers: range) -> Tally:
    return _here["theatre"].count(numbers)
