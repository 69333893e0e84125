"""What the eyes tell: baselines with eyes open, and whether alpha rises when they close."""

from __future__ import annotations

from collections.abc import Sequence
from math import log, sqrt

import numpy as np
from numpy.typing import NDArray

import dsp
from engine.calibration._file import AlphaCheck, Baseline
from engine.calibration._film import EYES_CLOSED, EYES_OPEN, TONE_S
from engine.calibration._recorded import Recorded, last_tick_s

Floats = NDArray[np.float64]

_FEWEST_S = 15
_REACTION_S = 2.0  # until everybody has done what the card says
_SURE = 2.5  # standard errors
_SEEN = log(1.5)  # a rise that must show before a seat is said not to rise


def values_in(recorded: Recorded, scene: str) -> Floats:
    """Give every second's values of a scene whose windows lie wholly within it.

    Returns
    -------
    ndarray, shape (seconds, measures, seats)
        NaN where not valid.
    """
    start, end = recorded.scenes[scene]
    start += _REACTION_S + recorded.configuration.settings.power_window_s
    end -= TONE_S if scene == EYES_CLOSED else 0
    rows = [
        record.state.seats.values
        for record in recorded.states
        if record.state.seats is not None and start <= last_tick_s(record) <= end
    ]
    seats = sum(len(group.seats) for group in recorded.groups)
    return np.array(rows, dtype=np.float64).reshape(len(rows), len(dsp.MEASURED), seats)


def baselines(recorded: Recorded) -> list[dict[str, Baseline]]:
    """Find every seat's baselines, as a lead-in would give them."""
    settings = recorded.configuration.settings
    found = values_in(recorded, EYES_OPEN)
    own: list[dict[str, Baseline]] = [{} for _ in range(found.shape[2])]
    for i, name in enumerate(dsp.MEASURED):
        for seat, baseline in enumerate(own):
            values = found[:, i, seat]
            values = values[~np.isnan(values)]
            if len(values) >= _FEWEST_S:
                centre, spread = dsp.baseline_of(name, values, settings)
                baseline[name] = Baseline(centre, spread, len(values))
    return own


def alpha_checks(recorded: Recorded) -> list[AlphaCheck]:
    """Tell of every seat whether its alpha rises behind closed eyes."""
    window_s = recorded.configuration.settings.power_window_s
    relaxation = dsp.MEASURED.index("relaxation")
    eyes_open, closed = (
        values_in(recorded, scene)[:, relaxation] for scene in (EYES_OPEN, EYES_CLOSED)
    )
    return [
        alpha_check(own_open[~np.isnan(own_open)], own_closed[~np.isnan(own_closed)], window_s)
        for own_open, own_closed in zip(eyes_open.T, closed.T, strict=True)
    ]


def alpha_check(eyes_open: Floats, closed: Floats, window_s: float) -> AlphaCheck:
    """Compare ln alpha, second by second, of one seat.

    The values are means over `window_s` and overlap: so many of them hold one observation.
    """
    if min(len(eyes_open), len(closed)) < _FEWEST_S:
        return AlphaCheck("unknown")
    rise = float(closed.mean() - eyes_open.mean())
    error = sqrt(sum(part.var(ddof=1) * window_s / len(part) for part in (eyes_open, closed)))
    if rise > _SURE * error:
        return AlphaCheck("rises", rise, error)
    return AlphaCheck("does not rise" if _SURE * error < _SEEN else "unknown", rise, error)


def quality(recorded: Recorded) -> list[tuple[float, tuple[str, ...]]]:
    """Tell of every seat the share of good seconds, and what was often wrong."""
    first = recorded.scenes[EYES_OPEN][0] + _REACTION_S
    told: Sequence[tuple[int, ...]] = [
        record.state.flags for record in recorded.states if last_tick_s(record) > first
    ]
    flags = np.array(told, dtype=np.int64)
    result = []
    for own in flags.T:
        faults = own & int(dsp.FAULTS)
        often = tuple(
            str(flag.name)
            for flag in dsp.Flag
            if flag in dsp.FAULTS and np.mean((faults & int(flag)) != 0) >= 0.1
        )
        result.append((float(np.mean(faults == 0)), often))
    return result
