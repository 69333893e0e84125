"""From a calibration session to what a show may use of it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection
from pathlib import Path

import numpy as np

import dsp
from engine.calibration._file import (
    FORMAT,
    Calibration,
    Lag,
    MontageCalibration,
    SeatCalibration,
)
from engine.calibration._film import CLIP, FLASHES, FPS, flash_frames
from engine.calibration._lags import Answer, lags_of
from engine.calibration._measures import alpha_checks, baselines, quality
from engine.calibration._recorded import Recorded, load
from engine.calibration._weights import fit
from engine.grid import Float32
from hardware import electrodes_of

_AFTER_CUT_S = 2.0  # a cut raises correlation by itself
_SETTLING_S = 3.0  # before a stretch, for filters


def analyse(
    path: Path,
    made: str,
    recordings: Collection[str] = (),
    progress: Callable[[float], None] = lambda seconds: None,
) -> Calibration:
    """Analyse a session of the calibration film.

    Parameters
    ----------
    path : Path
        The session.
    made : str
        Today, ISO 8601.
    recordings : collection of str
        Seats that are played from a recording: their lag is 0 by definition.
    progress : callable
        Called with the seconds of the session read so far.

    Raises
    ------
    SessionError
        The file is no session.
    CalibrationError
        It is of another film, or the film did not run through.
    """
    recorded = load(path, progress)
    montages, lags = [], []
    for group, samples in zip(recorded.groups, recorded.samples, strict=True):
        montages.append(_montage(recorded, group, samples))
        lags += [
            Lag(0.0, 0.0, reason="a recording: 0 by definition") if seat in recordings else lag
            for seat, lag in zip(group.seats, _lags(recorded, group, samples), strict=True)
        ]
    names = [seat for group in recorded.groups for seat in group.seats]
    seats = zip(
        names, quality(recorded), alpha_checks(recorded), lags, baselines(recorded), strict=True
    )
    return Calibration(
        FORMAT,
        recorded.configuration.versions,
        made,
        path.name,
        hashlib.sha256(path.read_bytes()).hexdigest(),
        tuple(montages),
        tuple(
            SeatCalibration(name, *good, alpha, lag, own)
            for name, good, alpha, lag, own in seats
            if name not in recorded.left_out
        ),
    )


def _montage(recorded: Recorded, group: dsp.Group, samples: Float32) -> MontageCalibration:
    start, end = recorded.scenes[CLIP]
    clip, first = _cleaned(recorded, group, samples, start + _AFTER_CUT_S, end)
    return fit(group, clip[round((start + _AFTER_CUT_S) * group.rate) - first :])


def _lags(recorded: Recorded, group: dsp.Group, samples: Float32) -> list[Lag]:
    start, end = recorded.scenes[FLASHES]
    electrodes = len(electrodes_of(group.channels))
    clean, first = _cleaned(recorded, group, samples[:, :, :electrodes], start, end)
    weights = np.array(dsp.likeness(group.channels)[1][:electrodes], np.float32)
    component = np.tensordot(clean, weights, 1)
    flashes = (start + np.array(flash_frames()) / FPS) * group.rate - first
    return [_lag(answer) for answer in lags_of(component, group.rate, flashes)]


def _lag(answer: Answer) -> Lag:
    def ms(seconds: float | None) -> float | None:
        return None if seconds is None else seconds * 1000

    return Lag(ms(answer.lag_s), ms(answer.error_s), ms(answer.latency_s), answer.t, answer.reason)


def _cleaned(
    recorded: Recorded, group: dsp.Group, samples: Float32, start_s: float, end_s: float
) -> tuple[Float32, int]:
    """Clean a stretch, filters settled; gives it and the slot of its first sample."""
    first = max(0, round((start_s - _SETTLING_S) * group.rate))
    stop = round(end_s * group.rate)
    settings = recorded.configuration.settings
    return dsp.cleaned(samples[first:stop], group.rate, settings), first
