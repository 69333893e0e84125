"""The narrative machine on a film of the largest kind, beside its definitions taken literally."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from itertools import count
from typing import Final

from benchmarks._large_film import large_film
from benchmarks._measure import Contender, Effort, interleave, ratio, spread, stopwatch
from benchmarks._report import RATIO, Table
from benchmarks._walking import WalkingMachine
from narrative import Film, Reading, Scene, begin, choose, commit, enter, load_film, observe

PASSES: Final = 10
TICKS: Final = 18
"""A reading window of the film at one reading a second."""

_SIGNALS: Final = ("engagement", "synchrony", "forehead_theta_alpha")

Ticks = Sequence[tuple[float, Mapping[str, Reading]]]


def run(effort: Effort) -> list[Table]:
    """Pass through the film with audiences whose readings are there already.

    Parameters
    ----------
    effort : Effort
        How many rounds, of ten passes each.
    """
    film = load_film(large_film(), "film.yaml")
    audience = _Audience(film)
    shown = sum(_pass(film, audience, seed) for seed in range(PASSES))
    contenders: dict[str, Contender] = {
        "machine": _timed(lambda seed: _pass(film, audience, seed)),
        "its definitions": _timed(lambda seed: _walk(film, audience, seed)),
    }
    costs = interleave(contenders, effort.rounds)
    ours = costs["machine"]
    rows = tuple(
        (
            name,
            spread((1e3 * cost).mean(axis=1)),
            spread((1e6 * PASSES / shown * cost).mean(axis=1)),
            ratio(cost, ours),
        )
        for name, cost in costs.items()
    )
    note = (
        f"One core; a pass is {shown / PASSES:.0f} scenes, {TICKS} readings of three signals in"
        " every window. Definitions: trees are walked over the whole past at every decision."
    )
    title = f"Passes through a film of {len(film.scenes)} scenes"
    return [Table(title, ("", "ms a pass", "us a scene", RATIO), rows, (note,))]


class _Audience:
    """Readings for every scene, made beforehand: what they cost is not the machine's."""

    def __init__(self, film: Film) -> None:
        draw = random.Random(1)
        pool = [
            Reading(draw.gauss(0, 0.6), draw.choice((0.9999, 0.5)), draw.gauss(0, 3), 20, "", 0.0)
            for _ in range(200)
        ]
        self._ticks: dict[str, list[Ticks]] = {
            name: [
                [
                    (scene.reading.from_s + n, {signal: draw.choice(pool) for signal in _SIGNALS})
                    for n in range(TICKS)
                ]
                for _ in range(5)
            ]
            for name, scene in film.scenes.items()
            if scene.reading
        }

    def ticks(self, scene: str, number: int) -> Ticks:
        """Give a scene's readings."""
        ticks = self._ticks.get(scene)
        return ticks[number % len(ticks)] if ticks else ()


def _timed(work: Callable[[int], int]) -> Contender:
    def contend() -> list[float]:
        return [cost for seed in range(PASSES) for cost in stopwatch(partial(work, seed))]

    return contend


def _pass(film: Film, audience: _Audience, seed: int) -> int:
    """Pass through the film by the machine; gives the number of scenes."""
    state, name, film_time_s = begin(film, seed), film.start, 0.0
    for visit in count():
        state = enter(film, state, visit, name, film_time_s)
        scene = film.scenes[name]
        if scene.default is None:
            return visit + 1
        state = observe(film, state, audience.ticks(name, visit + seed))
        _, branch = choose(film, state, _end_s(scene))
        state = commit(film, state, branch)
        name = scene.default if branch is None else scene.branches[branch].to
        film_time_s += scene.length_s or 0.0
    raise AssertionError


def _walk(film: Film, audience: _Audience, seed: int) -> int:
    """The same, by the definitions."""
    machine, name, film_time_s = WalkingMachine(film, seed), film.start, 0.0
    for visit in count():
        machine.enter(visit, name, film_time_s)
        scene = film.scenes[name]
        if scene.default is None:
            return visit + 1
        machine.observe(audience.ticks(name, visit + seed))
        _, branch = machine.choose(_end_s(scene))
        machine.commit(branch)
        name = scene.default if branch is None else scene.branches[branch].to
        film_time_s += scene.length_s or 0.0
    raise AssertionError


def _end_s(scene: Scene) -> float:
    return scene.reading.to_s if scene.reading else scene.length_s or 0.0
