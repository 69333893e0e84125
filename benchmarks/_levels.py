"""Simulated viewers whom a scene draws to a level, through `dsp`: models are held to them."""

from __future__ import annotations

from pathlib import Path

import numpy as np

import dsp
from acquisition import SimulatedSpec, make_source
from benchmarks._minutes import LEAD_IN_S, Float32, Shown
from benchmarks._rule import analyze

SEATS = 24
SETTLING_S = 60.0
"""After the scene has begun to draw them: all signals have followed."""

_SCENE = "scene"


def at_level(level: float, number: int, seconds: float) -> list[dsp.AudienceState]:
    """Let viewers watch a scene that draws them to a level, after a quiet lead-in.

    Parameters
    ----------
    level : float
        Engagement, -1 to 1.
    number : int
        Each is another audience.
    seconds : float
        Of what is given.

    Returns
    -------
    list of dsp.AudienceState
        Ten a second, once the signals have settled.
    """
    names = tuple(f"A{seat + 1}" for seat in range(SEATS))
    spec = SimulatedSpec(names, seed=number, responses=((_SCENE, level),))
    shown = Shown(dsp.Group(names, spec.channels, spec.rate), _seen(spec, SETTLING_S + seconds), {})
    return analyze(shown)[round((LEAD_IN_S + SETTLING_S) * dsp.TICKS_PER_SECOND) :]


def _seen(spec: SimulatedSpec, seconds: float) -> Float32:
    """Take the samples of the lead-in and of the scene."""
    source = make_source(spec, Path())
    source.open()
    source.start(0)
    source.read(0)
    length = round((LEAD_IN_S + seconds) * spec.rate)
    out = np.full((length, len(spec.seats), len(spec.channels)), np.nan, np.float32)
    for scene, end_s in (("", LEAD_IN_S), (_SCENE, LEAD_IN_S + seconds)):
        source.hear(scene)
        batch = source.read(round(end_s * 1e9))
        at = 0
        for seat, first, count in batch.runs.tolist():
            out[first : first + count, seat] = batch.samples[at : at + count]
            at += count
    source.close()
    return out
