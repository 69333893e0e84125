"""The film simulator: how fast it is, and what its audiences are made of."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from benchmarks._large_film import large_film
from benchmarks._levels import SEATS, at_level
from benchmarks._measure import Effort, figure
from benchmarks._report import RATIO, Table
from engine.authoring import fit_audience, replay_pass, simulate_film
from narrative import (
    SIMULATED,
    AudienceModel,
    Film,
    SignalModel,
    load_film,
    planned_lengths,
)

WANTED = 100_000
"""Passes that a filmmaker should not wait long for."""

PASSES = 4_000
ALONE = 200
LEVELS = (-1.0, 0.0, 1.0)
LISTENED_S = 300.0


def run(effort: Effort) -> list[Table]:
    """Simulate the largest film, and fit audience models to simulated EEG.

    Parameters
    ----------
    effort : Effort
        4,000 passes and six audiences of five minutes at five rounds.
    """
    share = effort.rounds * effort.seconds / 50
    film = load_film(large_film(), "film.yaml")
    return [
        _speed(film, max(20, round(PASSES * share))),
        _fitted(max(1, round(6 * share)), max(40.0, LISTENED_S * share)),
    ]


def _speed(film: Film, passes: int) -> Table:
    lengths_s = planned_lengths(film)
    audience = AudienceModel()

    def simulate(count: int) -> _Cost:
        return _Cost.of(
            count,
            lambda: simulate_film(film, lengths_s, audience, passes=count, seed=1),
        )

    start = simulate(1)
    alone = simulate(min(passes, ALONE))
    costs = {
        "all cores": simulate(passes),
        "one process": _Cost(
            alone.passes, alone.seconds - start.seconds, alone.cpu_s - start.cpu_s
        ),
        "one pass told in words": _Cost.of(1, lambda: replay_pass(film, lengths_s, audience, 1, 1)),
    }
    ours = costs["all cores"]
    rows = tuple(
        (
            name,
            f"{cost.passes:,}",
            figure(1000 * cost.cpu_s / cost.passes),
            figure(cost.passes / cost.seconds),
            figure(cost.seconds / cost.passes * WANTED / 60),
            figure(cost.seconds / cost.passes / (ours.seconds / ours.passes)),
        )
        for name, cost in costs.items()
    )
    return Table(
        f"Passes through a film of {len(film.scenes)} scenes by the machine of the hall",
        ("", "passes", "CPU ms each", "passes a second", f"minutes for {WANTED:,}", RATIO),
        rows,
        (
            f"With the start of the processes. {os.cpu_count()} cores, load "
            f"{os.getloadavg()[0]:.1f} at the end: what else ran took its part of them.",
        ),
    )


@dataclass(frozen=True, slots=True)
class _Cost:
    """What some passes took, in s: of the clock, and of all processors together."""

    passes: int
    seconds: float
    cpu_s: float

    @staticmethod
    def of(passes: int, work: Callable[[], object]) -> _Cost:
        begun, used = time.perf_counter(), sum(os.times()[:4])
        work()
        return _Cost(passes, time.perf_counter() - begun, sum(os.times()[:4]) - used)


def _fitted(audiences: int, seconds: float) -> Table:
    """Fit models at each level, and set them beside the shipped figures."""
    fits = {
        level: [
            fit_audience(at_level(level, number, seconds)).signals
            for number in range(1, audiences + 1)
        ]
        for level in LEVELS
    }
    rows = []
    for name, shipped in SIMULATED.items():
        found = [[fit[name] for fit in fits[level] if name in fit] for level in LEVELS]
        if all(found):
            means = [_mean([one.means[1] for one in at]) for at in found]
            rows.append((name, *_middle(found[1], means), "1"))
            apart = abs(shipped.means[1] - means[1]) / shipped.sd
            rows.append((f"{name}, shipped", *_middle([shipped], shipped.means), figure(apart)))
    return Table(
        f"Readings of {SEATS} simulated viewers, as fitted and as shipped",
        (
            "",
            "mean at -1",
            "at 0",
            "at 1",
            "sd",
            "autocorrelation",
            "standard error",
            "seats",
            "unknown",
            RATIO,
        ),
        tuple(rows),
        (
            f"{audiences} audiences at each level, {seconds:.0f} s of each, after a lead-in of a "
            "minute and a minute to settle; spread and memory are those at level 0. The ratio of "
            "a shipped row is how far its mean at 0 is from the fitted one, in its sd. Unknown "
            "seconds are assumed.",
        ),
    )


def _middle(models: list[SignalModel], means: tuple[float, ...] | list[float]) -> tuple[str, ...]:
    return (
        *(f"{mean:.2f}" for mean in means),
        f"{_mean([one.sd for one in models]):.3f}",
        f"{_mean([one.autocorrelation for one in models]):.3f}",
        f"{_mean([one.standard_error for one in models]):.3f}",
        f"{_mean([one.seats for one in models]):.1f}",
        f"{_mean([one.unknown for one in models]):.3f}",
    )


def _mean(values: list[float]) -> float:
    return float(np.mean(values))
