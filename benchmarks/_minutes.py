"""Minutes to judge: a lead-in of a minute, then minutes in which something changes or nothing.

All are arrays [samples, seats, channels] in uV, NaN where a sample is missing. Every one follows
from its size and number alone.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import dsp
from acquisition import SIMULATED_CHANNELS, SimulatedSpec, SourceSpec, describe, make_source
from benchmarks._shows import recording

Float32 = NDArray[np.float32]

LEAD_IN_S = 60.0
MINUTE_S = 60.0
GAP_S = 1.0
PEOPLE = 35
RUNS = 44
"""Of the arithmetic and of the Muse recording."""

_MUSE_S = 107.0
_POSTERIOR = ("P3", "Pz", "P4")
"""All that synchrony needs."""


@dataclass(frozen=True, slots=True)
class Shown:
    """An audience's samples, and what is to be judged in them.

    Attributes
    ----------
    group : dsp.Group
        The seats.
    samples : float32 [samples, seats, channels]
        In uV. The baseline freezes after `LEAD_IN_S`.
    judged : dict of str to (float, float)
        Name of each stretch, and where it lies, in s.
    """

    group: dsp.Group
    samples: Float32
    judged: dict[str, tuple[float, float]]


def simulated(seats: int, number: int, *, shared: bool) -> Shown:
    """Show the simulated audience two minutes in which its engagement stays the same.

    Parameters
    ----------
    seats, number : int
        Each number is another audience.
    shared : bool
        Whether they see the same film; otherwise nothing that they do is common, and they wear
        the posterior electrodes only.
    """
    names = tuple(f"A{seat + 1}" for seat in range(seats))
    channels = SIMULATED_CHANNELS if shared else _POSTERIOR
    seed = 100_000 * seats + number
    spec = SimulatedSpec(names, seed=seed, channels=channels, synchrony=float(shared))
    samples = _read(spec, LEAD_IN_S + MINUTE_S)
    group = dsp.Group(names, spec.channels, spec.rate)
    return Shown(group, samples, {"minute": (LEAD_IN_S, LEAD_IN_S + MINUTE_S)})


def surrogate(seats: int, number: int) -> Shown:
    """Make a null minute out of real rest.

    Seats are drawn anew. Each has one of its two rest minutes, by lot, as lead-in and the other
    as the minute, either turned by a random lag; where its ends meet is a gap, and so is the
    second between both.
    """
    group, samples = _recorded("arithmetic36", PEOPLE, 3 * MINUTE_S + 2 * GAP_S)
    rng = np.random.default_rng([1, seats, number])
    length, start = round(MINUTE_S * group.rate), round((MINUTE_S + GAP_S) * group.rate)
    drawn = rng.choice(PEOPLE, seats, replace=False)
    out = np.full((start + length, seats, samples.shape[2]), np.nan, np.float32)
    for seat, person in enumerate(drawn):
        rests = [samples[:length, person], samples[start : start + length, person]]
        for place, rest in zip((0, start), rng.permutation(2), strict=True):
            lag = int(rng.integers(length))
            out[place : place + length, seat] = _turned(rests[rest], lag, round(group.rate))
    return Shown(_some(group, drawn), out, {"minute": (_second(1), _second(1) + MINUTE_S)})


def arithmetic(seats: int, number: int) -> Shown:
    """Show people drawn anew their first rest as lead-in, their second rest, and the task."""
    group, samples = _recorded("arithmetic36", PEOPLE, 3 * MINUTE_S + 2 * GAP_S)
    drawn = np.random.default_rng([2, seats, number]).choice(PEOPLE, seats, replace=False)
    judged = {
        name: (_second(at), _second(at) + MINUTE_S) for name, at in (("rest", 1), ("task", 2))
    }
    return Shown(_some(group, drawn), np.ascontiguousarray(samples[:, drawn]), judged)


def muse(seats: int, number: int) -> Shown:
    """Show runs drawn anew the images that all of them saw; the last 47 s are judged."""
    group, samples = _recorded("muse-audience", RUNS, _MUSE_S)
    drawn = np.random.default_rng([3, seats, number]).choice(RUNS, seats, replace=False)
    taken = np.ascontiguousarray(samples[:, drawn])
    return Shown(_some(group, drawn), taken, {"images": (LEAD_IN_S, _MUSE_S)})


def _second(part: int) -> float:
    """Tell where a part of the arithmetic recording begins, in s."""
    return part * (MINUTE_S + GAP_S)


def _some(group: dsp.Group, drawn: NDArray[np.int64]) -> dsp.Group:
    return dsp.Group(tuple(group.seats[k] for k in drawn), group.channels, group.rate)


def _turned(x: Float32, lag: int, gap: int) -> Float32:
    """Begin a recording at a lag and append what came before, with a gap where its ends meet."""
    out = np.roll(x, -lag, axis=0)
    join = len(x) - lag
    out[max(join - gap // 2, 0) : join + gap // 2] = np.nan
    return out


@functools.cache
def _recorded(name: str, records: int, seconds: float) -> tuple[dsp.Group, Float32]:
    """Read a recording once in each process."""
    spec = recording(name, records, boards=False)
    headsets = describe(spec)
    group = dsp.Group(spec.seats, headsets[0].channels, headsets[0].rate)
    return group, _read(spec, seconds)


def _read(spec: SourceSpec, seconds: float) -> Float32:
    """Take so many seconds of a source, all at once."""
    headsets = describe(spec)
    source = make_source(spec, Path())
    source.open()
    source.start(0)
    source.read(0)
    batch = source.read(round(seconds * 1e9))
    source.close()
    samples = round(seconds * headsets[0].rate)
    out = np.full((samples, len(headsets), len(headsets[0].channels)), np.nan, np.float32)
    at = 0
    for seat, first, count in batch.runs.tolist():
        out[first : first + count, seat] = batch.samples[at : at + count]
        at += count
    return out
