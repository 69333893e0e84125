"""How often the decision rule branches where nothing happened, and where something did."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from types import MappingProxyType

import numpy as np
from rich.console import Console
from rich.progress import track
from scipy.stats import beta

import dsp
from benchmarks._measure import Effort
from benchmarks._minutes import PEOPLE, Shown, arithmetic, muse, simulated, surrogate
from benchmarks._redrawn import compare_rules
from benchmarks._report import Table
from benchmarks._rule import Verdict, guards, judge

SIZES = (8, 16, 32)
EXEMPT = ("relaxation", "drowsiness", "blink_rate")
"""Two drift through a sitting, and one counts events that come at random: no rate is asked of
them, and no branch should hang on one alone."""

PARTS = {"surrogate": 2, "arithmetic": 6, "muse": 6}
"""What follows from few people is not surer for being drawn more often."""

SIGNALS = tuple(signal for signal in dsp.SIGNALS if signal != "heart_rate")
"""Nobody here wears a pulse sensor."""

_FEW = 50

Task = tuple[str, int, int]
"""Kind of minute, seats, number."""

Outcome = dict[str, dict[str, Verdict]]

KINDS: Mapping[str, Callable[[int, int], Shown]] = MappingProxyType(
    {
        "same film": partial(simulated, shared=True),
        "nothing shared": partial(simulated, shared=False),
        "surrogate": surrogate,
        "arithmetic": arithmetic,
        "muse": muse,
    }
)


def run(effort: Effort) -> list[Table]:
    """Judge null minutes, real rest and real work.

    Parameters
    ----------
    effort : Effort
        300 simulated minutes for each size of the audience at five rounds, half as many
        surrogates, and a sixth as many draws of seats for what is no null minute.

    Raises
    ------
    UnavailableError
        The recordings are not there.
    """
    minutes = max(1, round(6 * effort.rounds * effort.seconds))
    sizes = [size for size in SIZES if size <= max(effort.seats, SIZES[0])]
    counts = {kind: max(1, minutes // PARTS.get(kind, 1)) for kind in KINDS}
    tasks = [
        (kind, seats, number)
        for kind, count in counts.items()
        for seats in sizes
        for number in range(count)
    ]
    tasks.append(("arithmetic", PEOPLE, 0))
    found = _Found(_outcomes(tasks))
    return [
        _nulls(
            "Simulated viewers at rest: independent minutes",
            found,
            lambda signal: "nothing shared" if signal == dsp.SYNCHRONY else "same film",
            sizes,
            (
                "Every minute is another audience with its own lead-in: blinks, jaw clenches, "
                "drift, lost packets and electrodes without contact; engagement stays the same. "
                "All see the same film; for synchrony they see nothing in common.",
                _COLUMNS,
            ),
        ),
        _nulls(
            "Surrogates of real rest: minutes that are not independent",
            found,
            lambda signal: "surrogate",
            sizes,
            (
                f"Seats drawn anew from {PEOPLE} people; of the two rest minutes of each, one by "
                "lot is the lead-in and the other the minute, each turned by a random lag. Only "
                f"{2 * PEOPLE} minutes of rest are behind all of them: the bound takes them for "
                "independent, which they are not.",
            ),
        ),
        _real(found, sizes),
        compare_rules(effort, sizes),
    ]


def upper_bound(hits: int, trials: int, level: float = 0.95) -> float:
    """One-sided upper confidence bound of a share (Clopper and Pearson 1934).

    Parameters
    ----------
    hits, trials : int
        How many, of how many.
    level : float
        Confidence.

    Returns
    -------
    float
        The share at which so few hits would have a probability of 1 - `level`
        (doi:10.1093/biomet/26.4.404).
    """
    return 1.0 if hits == trials else float(beta.ppf(level, hits + 1, trials - hits))


class _Found:
    """What every signal did in every minute."""

    def __init__(self, outcomes: Iterable[tuple[Task, Outcome]]) -> None:
        self._verdicts: dict[tuple[str, int, str, str], list[Verdict]] = {}
        for (kind, seats, _), outcome in outcomes:
            for stretch, signals in outcome.items():
                for signal, verdict in signals.items():
                    key = (kind, seats, stretch, signal)
                    self._verdicts.setdefault(key, []).append(verdict)

    def row(self, kind: str, seats: int, stretch: str, signal: str) -> tuple[str, ...]:
        """Write seats, minutes, known, and of each guard how often and at most how often."""
        verdicts = self._verdicts[kind, seats, stretch, signal]
        return (
            str(seats),
            str(len(verdicts)),
            f"{100 * np.mean([v.known for v in verdicts]):.0f} %",
            *(cell for guard in _GUARDS for cell in _share([v.met[guard] for v in verdicts])),
        )


_GUARDS = tuple(guards(dsp.SYNCHRONY))
_HEAD = ("", "seats", "minutes", "known")
_COLUMNS = (
    f"rose: {guards('SIGNAL')['rose']} (synchrony: {guards(dsp.SYNCHRONY)['rose']}), asked by the "
    "guards of a film between 2 and 60 s of the minute, at a film's usual confidence of 0.95; "
    f"fell: the same downwards. rose less: {guards('SIGNAL')['rose less']} "
    f"({guards(dsp.SYNCHRONY)['rose less']}). at most: one-sided 95 % bound of Clopper and "
    "Pearson. known: share of the time in which the signal had a value (it takes "
    f"{dsp.Settings().min_seats} valid seats)."
)


def _nulls(
    title: str,
    found: _Found,
    kind: Callable[[str], str],
    sizes: Sequence[int],
    notes: tuple[str, ...],
) -> Table:
    """Tell how often each signal branched where nothing changed; exempt signals last."""
    signals = sorted(SIGNALS, key=lambda signal: signal in EXEMPT)
    rows = tuple(
        (
            f"{signal} (exempt)" if signal in EXEMPT else signal,
            *found.row(kind(signal), seats, "minute", signal),
        )
        for signal in signals
        for seats in sizes
    )
    counts = tuple(cell for guard in _GUARDS for cell in (guard, "at most"))
    return Table(title, (*_HEAD, *counts), rows, notes)


def _real(found: _Found, sizes: Sequence[int]) -> Table:
    """Tell what each signal did in real rest and where something happened."""
    others = [signal for signal in SIGNALS if signal != dsp.SYNCHRONY]
    rows = [
        (f"{stretch}: {signal}", *found.row("arithmetic", seats, stretch, signal))
        for stretch, signals in (("rest", SIGNALS), ("task", others))
        for signal in signals
        for seats in (*sizes, PEOPLE)
    ]
    for name, kind, stretch in (
        ("Muse, images", "muse", "images"),
        ("simulated, same film", "same film", "minute"),
    ):
        rows += [
            (f"{name}: {dsp.SYNCHRONY}", *found.row(kind, seats, stretch, dsp.SYNCHRONY))
            for seats in sizes
        ]
    return Table(
        "Real rest and real work: draws of seats",
        (*_HEAD, *_GUARDS),
        tuple((*row[: len(_HEAD)], *row[len(_HEAD) :: 2]) for row in rows),
        (
            "The first minute of rest is the lead-in, the last the rest minute, and the task is "
            f"mental arithmetic: one sitting. With all {PEOPLE} people it is one observation; "
            "smaller numbers of seats are draws from the same people, and no bound follows from "
            "them. Muse: 60 s of lead-in and the 47 s after it, draws from 44 seats.",
        ),
    )


def _share(hits: Sequence[bool]) -> tuple[str, str]:
    """Write how many, and at most how many of a hundred."""
    count = sum(hits)
    return (
        f"{count} ({100 * count / len(hits):.3g} %)",
        f"{100 * upper_bound(count, len(hits)):.3g} %",
    )


def _outcomes(tasks: Sequence[Task]) -> Iterator[tuple[Task, Outcome]]:
    """Judge every minute, on all cores where there are many."""
    bar = partial(track, description="Minutes", total=len(tasks), console=Console(stderr=True))
    if len(tasks) < _FEW:
        yield from zip(tasks, bar(map(_outcome, tasks)), strict=True)
        return
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(os.cpu_count(), context, dsp.warm_up) as pool:
        # The longest first, so that no core is idle at the end.
        tasks = sorted(tasks, key=lambda task: -task[1])
        yield from zip(tasks, bar(pool.map(_outcome, tasks, chunksize=8)), strict=True)


def _outcome(task: Task) -> Outcome:
    kind, seats, number = task
    return judge(KINDS[kind](seats, number))
