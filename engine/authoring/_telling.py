"""Simulations and passes in words and figures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from engine.authoring._simulate import Pass
from engine.authoring._simulation import Simulation
from engine.authoring._tally import Counts
from narrative import Film, Reading

_ENDINGS: Final = 8
"""Endings that a summary names."""


def summary_lines(film: Film, simulation: Simulation) -> tuple[str, ...]:
    """Tell in a few lines how long the film lasts and how it ends."""
    times = running_times(simulation.tally.lasted)
    lines = [
        f"{simulation.passes:,} passes of seed {simulation.seed}: {clock(times.median)} at the "
        f"median, {clock(times.shortest)} to {clock(times.longest)}"
    ]
    ends = sorted(endings(film), key=lambda name: -simulation.ended(name).hits)
    for name in ends[:_ENDINGS]:
        share = simulation.ended(name)
        low, high = share.interval
        lines.append(
            f"  ends with {name}: {percent(share.value)} ({percent(low)} to {percent(high)})"
        )
    if len(ends) > _ENDINGS:
        rest = sum(simulation.ended(name).hits for name in ends[_ENDINGS:])
        lines.append(
            f"  with one of {len(ends) - _ENDINGS} others: {percent(rest / simulation.passes)}"
        )
    return tuple(lines)


def pass_lines(film: Film, run: Pass) -> tuple[str, ...]:
    """Tell one pass scene by scene, with the readings at every decision and its reasons."""
    lines = [
        f"pass {run.number} of seed {run.seed}: {len(run.steps)} scenes, {clock(run.length_s)}"
    ]
    for step in run.steps:
        title = film.scenes[step.scene].title.get("en", "")
        lines.append(f"{clock(step.entered_s):>8}  {step.scene}  {title}".rstrip())
        if step.decision is not None:
            lines.append(f"          {step.decision.explanation}")
            lines += [f"            {name}: {_told(r)}" for name, r in step.decision.readings]
            lines += [f"            {name} = {value}" for name, value in step.decision.sets]
    return tuple(lines)


@dataclass(frozen=True, slots=True)
class RunningTimes:
    """How long passes lasted, in whole seconds."""

    shortest: int
    median: int
    longest: int


def running_times(lasted: Counts) -> RunningTimes:
    """Find the shortest, median and longest pass."""
    seconds = np.flatnonzero(lasted.times)
    below = np.cumsum(lasted.times[seconds])
    middle = int(np.searchsorted(below, (below[-1] + 1) // 2))
    return RunningTimes(int(seconds[0]), int(seconds[middle]), int(seconds[-1]))


def endings(film: Film) -> tuple[str, ...]:
    """Name the film's endings, as written."""
    return tuple(dict.fromkeys(s.of for s in film.scenes.values() if s.default is None))


def clock(seconds: float) -> str:
    """Write a time as 1:02:03, or 2:03."""
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def percent(share: float) -> str:
    """Write a share in percent, small ones with two digits."""
    return f"{share * 100:.2g} %" if 0 < share < 0.001 else f"{share * 100:.1f} %"


def _told(reading: Reading) -> str:
    if reading.value is None:
        return f"unknown, {reading.reason}"
    parts = [f"{reading.value:.2f}"]
    if reading.t is not None:
        parts.append(f"t {reading.t:.1f}")
    if reading.confidence is not None:
        parts.append(f"confidence {reading.confidence:.3f}")
    if reading.trend is not None:
        parts.append(f"trend {reading.trend:+.3f}")
    return ", ".join(parts)
