"""How late each seat answers to a train of flashes.

Every seat's answer is held against the mean answer of the others, which is aligned by their own
lags in turn, until nothing moves any more: Woody 1967 (doi:10.1007/BF02474247).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

Floats = NDArray[np.float64]

REACH_S = 0.15
"""A lag is looked for this far to both sides of the others'."""

_ANSWER_S = 0.4
_ROUNDS = 5
_FEWEST_FLASHES = 15
_FEWEST_OTHERS = 3
_T = 4.0  # measured: 10 of 2,000 seats of noise reach it
_WORST_S = 0.02  # the hall's budget: with more, synchrony is lost


@dataclass(frozen=True, slots=True)
class Answer:
    """What was found of one seat.

    Attributes
    ----------
    lag_s, error_s : float or None
        Against the median of the seats, with its standard error; None where unknown.
    latency_s : float or None
        From the flash to the largest wave.
    t : float or None
        Of the match with the others, over flashes; None where there is nothing to match.
    reason : str
        Why the lag is unknown.
    """

    lag_s: float | None = None
    error_s: float | None = None
    latency_s: float | None = None
    t: float | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class _Match:
    """Best match of a seat's epochs with a template: lag and error in samples."""

    lag: float
    error: float
    t: float
    at_edge: bool

    @property
    def sure(self) -> bool:
        return self.t >= _T and not self.at_edge


def lags_of(y: NDArray[np.floating], rate: float, flashes: Floats) -> tuple[Answer, ...]:
    """Find every seat's lag.

    Parameters
    ----------
    y : ndarray, shape (samples, seats)
        One component of each, scaled and clipped; NaN where missing.
    rate : float
        Sampling rate in Hz.
    flashes : ndarray, shape (flashes,)
        Where the flashes lie, in samples, also between two.

    Returns
    -------
    tuple of Answer
        One per seat.
    """
    reach, width = round(REACH_S * rate), round(_ANSWER_S * rate)
    epochs = [_epochs(y[:, k], flashes, reach, width) for k in range(y.shape[1])]
    enough = [len(own) >= _FEWEST_FLASHES for own in epochs]
    means = [
        own.mean(axis=0) if some else np.zeros(width + 2 * reach)
        for own, some in zip(epochs, enough, strict=True)
    ]
    counted = np.array(enough)
    lags = np.zeros(len(epochs))
    matches: list[_Match | None] = [None] * len(epochs)
    aligned = _aligned(means, lags, reach, width)
    for _ in range(_ROUNDS):
        matches = [
            _matched(own, aligned[_others(counted, k)], reach) if some else None
            for k, (own, some) in enumerate(zip(epochs, enough, strict=True))
        ]
        sure = np.array([match is not None and match.sure for match in matches])
        found = np.array([match.lag if match else 0.0 for match in matches])
        if sure.sum() <= _FEWEST_OTHERS:
            break
        counted = sure
        lags = np.where(sure, found - np.median(found[sure]), 0.0)
        aligned = _aligned(means, lags, reach, width)
    wave = np.abs(aligned[counted].mean(axis=0)) if counted.any() else np.zeros(1)
    peak_s = float(np.argmax(wave)) / rate
    return tuple(
        _answer(match, lag / rate, peak_s, rate) for match, lag in zip(matches, lags, strict=True)
    )


def _epochs(own: NDArray[np.floating], flashes: Floats, reach: int, width: int) -> Floats:
    """Cut one seat's samples around every flash of which none is missing."""
    at = flashes[:, None] + np.arange(-reach, width + reach)
    low = np.floor(at).astype(np.int64)
    inside = (low[:, 0] >= 0) & (low[:, -1] + 1 < len(own))
    at, low = at[inside], low[inside]
    part = at - low
    cut = own[low] * (1 - part) + own[low + 1] * part
    return np.asarray(cut[~np.isnan(cut).any(axis=1)], np.float64)


def _aligned(means: list[Floats], lags: Floats, reach: int, width: int) -> Floats:
    """Take the seats' lags back: mean answers from the flash on, shape (seats, width)."""
    place = np.arange(width) + reach
    rows = [
        np.interp(place + lag, np.arange(len(mean)), mean)
        for mean, lag in zip(means, lags, strict=True)
    ]
    return np.array([row - row.mean() for row in rows])


def _others(counted: NDArray[np.bool_], seat: int) -> NDArray[np.bool_]:
    others = counted.copy()
    others[seat] = False
    return others


def _matched(own: Floats, others: Floats, reach: int) -> _Match | None:
    """Hold one seat's epochs against the mean answer of the others.

    The error of the peak's place is that of the slope there, over the peak's curvature; the
    slope's is read off the flashes, each of which has one of its own.
    """
    if len(others) < _FEWEST_OTHERS:
        return None
    template = others.mean(axis=0)
    each = sliding_window_view(own, len(template), axis=1) @ template
    mean = each.mean(axis=0)
    best = int(np.argmax(mean[1:-1])) + 1
    before, peak, after = mean[best - 1 : best + 2]
    error_of_mean = each[:, best].std(ddof=1) / np.sqrt(len(each))
    curvature = 2 * peak - before - after
    if error_of_mean == 0 or curvature <= 0:
        return _Match(0.0, np.inf, 0.0, at_edge=True)
    slopes = (each[:, best + 1] - each[:, best - 1]) / 2
    error = slopes.std(ddof=1) / np.sqrt(len(each)) / curvature
    place = best - reach + (after - before) / 2 / curvature
    at_edge = not 1 < best < len(mean) - 2
    return _Match(float(place), float(error), float(peak / error_of_mean), at_edge)


def _answer(match: _Match | None, lag_s: float, peak_s: float, rate: float) -> Answer:
    if match is None:
        return Answer(reason="too few flashes or other seats were recorded")
    if not match.sure:
        return Answer(t=match.t, reason="no answer to the flashes that stands out from chance")
    error_s = match.error / rate
    if error_s > _WORST_S:
        return Answer(t=match.t, reason=f"too uncertain ({error_s * 1000:.0f} ms)")
    return Answer(float(lag_s), error_s, float(peak_s + lag_s), match.t)
