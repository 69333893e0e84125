"""The period of a wave: the first high peak of its autocorrelation."""

from typing import NamedTuple

import numba
import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

LEAST_R = 0.5
"""A weaker peak is no rhythm (measured: not one of 144,500 windows of white noise, 8 s long and
between 0.5 and 5 Hz, has a higher one)."""

OCTAVE = 0.85
"""The first peak this near to the highest is the period's: whatever repeats after one period does
so after two, and noise would choose between them. Lower, and a second wave within the period would
be taken for it (measured: dicrotic waves of half the systolic one's height are told apart)."""


class Work(NamedTuple):
    """Room for a window; what lies beyond it is zero."""

    x: Floats  # [window + longest lag]
    there: Floats
    sums: Floats  # [lags]
    pairs: Floats
    r: Floats

    @classmethod
    def room(cls, length: int, first_lag: int, last_lag: int) -> "Work":
        """Make it."""
        long, lags = length + last_lag, last_lag - first_lag + 1
        return cls(np.zeros(long), np.zeros(long), *(np.zeros(lags) for _ in range(3)))


@numba.njit(cache=True, nogil=True, error_model="numpy")
def autocorrelate(work: Work, length: int, first_lag: int, least: float, power: float) -> None:
    """Autocorrelation coefficients of a window, at every lag.

    ``r(lag) = mean(x[t] x[t + lag]) / power``, the mean over the pairs that are there; Rabiner 1977
    (doi:10.1109/TASSP.1977.1162905).

    Parameters
    ----------
    work
        ``x`` holds the window, 0 where missing, ``there`` 1 and 0; ``r`` is written: 0 where fewer
        than `least` pairs are there.
    length
        Of the window.
    first_lag
        In values; the others follow.
    least
        Share of a window that pairs must be.
    power
        Mean of the window's squares; above 0.
    """
    x, there, sums, pairs = work.x, work.there, work.sums, work.pairs
    lags = sums.shape[0]
    sums[:] = 0.0
    pairs[:] = 0.0
    count = 0.0
    for t in range(length):
        count += there[t]
        a, later = x[t], x[t + first_lag : t + first_lag + lags]
        for lag in range(lags):
            sums[lag] += a * later[lag]
    for t in range(length if count < length else 0):
        a, later = there[t], there[t + first_lag : t + first_lag + lags]
        for lag in range(lags):
            pairs[lag] += a * later[lag]
    for lag in range(lags):
        number = pairs[lag] if count < length else length - first_lag - lag
        work.r[lag] = sums[lag] / number / power if number >= least * length else 0.0


@numba.njit(cache=True, nogil=True, error_model="numpy")
def period(r: Floats, first_lag: int) -> float:
    """Place of the peak that is one period's, between the lags by a parabola; NaN where none is.

    Parameters
    ----------
    r : ndarray, shape (lags,)
        Autocorrelation coefficients.
    first_lag
        Lag of the first.
    """
    highest = LEAST_R
    for i in range(1, r.shape[0] - 1):
        if r[i - 1] < r[i] >= r[i + 1]:
            highest = max(highest, r[i])
    for i in range(1, r.shape[0] - 1):
        peak = r[i - 1] < r[i] >= r[i + 1]
        if peak and r[i] > LEAST_R and r[i] >= OCTAVE * highest:
            bend = 2.0 * r[i] - r[i - 1] - r[i + 1]
            return float(first_lag + i + (r[i + 1] - r[i - 1]) / (2.0 * bend))
    return float(np.nan)
