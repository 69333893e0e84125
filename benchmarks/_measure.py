"""Contenders in turns, figures in words, and what a process costs."""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

Contender = Callable[[], Sequence[float]]
"""Does its work once and gives what that cost: one figure, or one per call within it."""


class UnavailableError(Exception):
    """A benchmark cannot run here; the message says what it needs."""


@dataclass(frozen=True, slots=True)
class Effort:
    """How much is measured.

    Attributes
    ----------
    rounds : int
        Turns of each contender, warm-up not counted.
    seats : int
        The greatest hall.
    seconds : float
        Of screening per turn.
    """

    rounds: int
    seats: int
    seconds: float


FULL = Effort(rounds=5, seats=64, seconds=10.0)
SMALLEST = Effort(rounds=1, seats=2, seconds=1.0)


def interleave(
    contenders: Mapping[str, Contender], rounds: int, *, warm_up: bool = True
) -> dict[str, Floats]:
    """Let contenders take turns; each round begins with another one.

    Parameters
    ----------
    contenders : mapping of str to callable
        Name to work.
    rounds : int
        Turns of each.
    warm_up : bool
        Let everyone go once before, unmeasured.

    Returns
    -------
    dict of str to float64 [rounds, figures]
        What each turn cost.
    """
    if warm_up:
        for work in contenders.values():
            work()
    names = list(contenders)
    costs: dict[str, list[Sequence[float]]] = {name: [] for name in names}
    for turn in range(rounds):
        first = turn % len(names)
        for name in names[first:] + names[:first]:
            costs[name].append(contenders[name]())
    return {name: np.array(cost, dtype=np.float64) for name, cost in costs.items()}


def stopwatch(
    work: Callable[[], object], calls: int = 1, clock: Callable[[], float] = time.perf_counter
) -> list[float]:
    """Time each of some calls, in s."""
    taken = []
    for _ in range(calls):
        begun = clock()
        work()
        taken.append(clock() - begun)
    return taken


def figure(value: float) -> str:
    """Write a number with three significant digits; NaN is what nobody knows."""
    if value != value:
        return "unknown"
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"


def spread(values: Sequence[float] | Floats) -> str:
    """Write the median of some rounds with their extremes."""
    middle, least, most = statistics.median(values), min(values), max(values)
    if figure(least) == figure(most):
        return figure(middle)
    return f"{figure(middle)} ({figure(least)}-{figure(most)})"


def ratio(theirs: Floats, ours: Floats) -> str:
    """Write what a row costs beside ours, compared round by round."""
    return spread(theirs.mean(axis=1) / ours.mean(axis=1))


def ages_s(arrivals: Sequence[tuple[float, float]]) -> Floats:
    """Tell how old the newest samples are, looked at every millisecond.

    Parameters
    ----------
    arrivals : sequence of (float, float)
        When samples came in hand, and when they had been drained from the headset, in s.

    Returns
    -------
    float64 [looks]
        Seconds since the newest samples in hand were drained.
    """
    came, drained = np.array(arrivals).T
    looks = np.arange(came[0], came[-1], 0.001)
    ages: Floats = looks - drained[np.searchsorted(came, looks, side="right") - 1]
    return ages


def cpu_s(pid: int) -> float:
    """Processor time a process has used, user and system, in s (Linux)."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def memory_mb(pid: int) -> float:
    """Proportional memory of a process (PSS: shared pages divided among their users), in MB."""
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) * 1024 / 1e6
    raise UnavailableError("this kernel tells no PSS")


def need_proc() -> None:
    """Refuse where processes cannot be looked at."""
    if not Path("/proc/self/smaps_rollup").exists():
        raise UnavailableError("needs Linux's /proc to see what a process costs")
