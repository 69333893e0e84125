"""A whole show on a virtual clock: how long an hour of film takes."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np

from acquisition import make_source
from benchmarks._measure import Effort, figure, interleave, ratio, spread, stopwatch
from benchmarks._report import RATIO, Table
from benchmarks._shows import make_show, sample_film, viewers, workplace
from engine.config import Show
from engine.rehearsal import READ_EVERY_FRAMES, rehearse

SEATS = 24
OURS = "Neural Hall, the whole show"


def run(effort: Effort) -> list[Table]:
    """Measure the sample film with a simulated audience."""
    seats = min(SEATS, effort.seats)
    show = make_show(sample_film(), viewers(seats))
    sessions = (f"{n}.mcap" for n in itertools.count())
    with workplace() as folder:
        result = rehearse(show, folder / next(sessions), folder)
        costs = interleave(
            {
                OURS: lambda: stopwatch(lambda: rehearse(show, folder / next(sessions), folder)),
                "floor: the simulated audience alone": lambda: stopwatch(
                    lambda: _audience_alone(show, result.seconds, folder)
                ),
            },
            effort.rounds,
        )
    ours = costs[OURS]
    costs["any player of recordings in real time"] = np.full_like(ours, result.seconds)
    rows = tuple(
        (name, spread(cost[:, 0] / result.seconds * 3600), ratio(cost, ours))
        for name, cost in costs.items()
    )
    return [
        Table(
            f"A show on a virtual clock: the sample film, {seats} simulated seats",
            ("", "s per hour of film", RATIO),
            rows,
            (
                f"{effort.rounds} rounds of {figure(result.seconds)} s of film, its "
                f"{len(result.decisions)} decisions, and its session file each time. Real time is "
                "what it says, not measured: playback boards and MNE-LSL's player know no other.",
            ),
        )
    ]


def _audience_alone(show: Show, seconds: float, folder: Path) -> None:
    """Draw the same samples at the same pace, and do nothing with them."""
    (part,) = show.sources
    source = make_source(part.spec, folder)
    source.open()
    source.start()
    step_ns = round(READ_EVERY_FRAMES / show.film.fps * 10**9)
    for now_ns in range(0, round(seconds * 1e9), step_ns):
        source.read(now_ns)
    source.close()
