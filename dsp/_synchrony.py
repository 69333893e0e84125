"""Inter-subject correlation of one component over all seats that share it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numba
import numpy as np
import numpy.typing as npt

from dsp._types import TICKS_PER_SECOND, Settings, tick_slots

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

_LAG_S = 0.5  # beyond it the mean autocorrelation is gone
_LAG_RATE = 3.2  # times the low-pass: a squared correlation has twice the bandwidth, and skirts


@numba.njit(cache=True, nogil=True, error_model="numpy")
def isc(y: Floats) -> tuple[float, float]:
    """Inter-subject correlation with fixed weights, in O(seats) per sample.

    With S the sum over seats, ISC = (sum of S^2 - B) / ((N - 1) B), B the sum of all squares;
    Dmochowski et al. 2012 (doi:10.3389/fnhum.2012.00112), Ki et al. 2016
    (doi:10.1523/JNEUROSCI.2942-15.2016). Missing samples leave the pairs they belong to, so that
    N is each sample's own number of seats.

    Parameters
    ----------
    y : ndarray, shape (samples, seats)
        Scaled component, dimensionless, NaN where missing.

    Returns
    -------
    correlation : float
        NaN where there is nothing to correlate.
    pairs : float
        Pairs of seats, summed over samples.
    """
    shared, own, pairs = 0.0, 0.0, 0.0
    for t in range(y.shape[0]):
        total, squares, present = 0.0, 0.0, 0.0
        for k in range(y.shape[1]):
            value = y[t, k]
            if value == value:
                total += value
                squares += value * value
                present += 1.0
        if present > 1.0:
            shared += total * total - squares
            own += (present - 1.0) * squares
            pairs += present * (present - 1.0) / 2.0
    return (shared / own if own > 0.0 else np.nan), pairs


@numba.njit(cache=True, nogil=True, error_model="numpy")
def independent_share(y: Floats, step: int, lags: int) -> float:
    """Independent samples per sample: 1 / (1 + 2 * sum of squared mean autocorrelation).

    The mean over seats is squared, not each seat's own autocorrelation, which would be too strict
    (measured: 1.3-3 % of strangers above the 5 % limit instead of 4-6 %). Lags advance in steps,
    which gives the same sum as long as ``rate / step`` is above twice the component's bandwidth,
    and every `step`-th sample is enough for the products.

    Parameters
    ----------
    y : ndarray, shape (samples, seats)
        Scaled component, NaN where missing.
    step
        Lag step in samples.
    lags
        Number of lags.

    Returns
    -------
    float
        Between 0 and 1; 1 / `step` at most.
    """
    samples = (y.shape[0] + step - 1) // step
    seats = y.shape[1]
    thin = np.empty((samples, seats))
    for t in range(samples):
        for k in range(seats):
            value = y[t * step, k]
            thin[t, k] = value if value == value else 0.0
    energy = np.zeros(seats)
    for t in range(samples):
        for k in range(seats):
            energy[k] += thin[t, k] * thin[t, k]
    alive = 0.0
    for k in range(seats):
        alive += 1.0 if energy[k] > 0.0 else 0.0
    squared = 0.0
    product = np.empty(seats)
    for lag in range(1, min(lags + 1, samples)):
        product[:] = 0.0
        for t in range(samples - lag):
            for k in range(seats):
                product[k] += thin[t, k] * thin[t + lag, k]
        mean = 0.0
        for k in range(seats):
            mean += product[k] / energy[k] / alive if energy[k] > 0.0 else 0.0
        squared += mean * mean
    return 1.0 / (step * (1.0 + 2.0 * squared))


@numba.njit(cache=True, nogil=True, error_model="numpy")
def combine(
    scaled: Floats, samples: int, weights: Floats, first: int, column: int, ring: Floats
) -> None:
    """Write the weighted sum of channels into the ring; a missing one makes the sample missing.

    Parameters
    ----------
    scaled : ndarray, shape (at least samples, seats * channels)
        Scaled and clipped channels.
    samples
        Length of the block.
    weights : ndarray, shape (channels,)
        0 leaves a channel out.
    first
        First sample slot.
    column
        The group's first column of the ring.
    ring : ndarray, shape (capacity, seats of the pool)
        Slot s is in row s modulo capacity; changed in place.
    """
    channels = weights.shape[0]
    for t in range(samples):
        row = (first + t) % ring.shape[0]
        for seat in range(scaled.shape[1] // channels):
            value = 0.0
            for channel in range(channels):
                if weights[channel] != 0.0:
                    value += weights[channel] * scaled[t, seat * channels + channel]
            ring[row, column + seat] = value


@dataclass(frozen=True, slots=True)
class Correlation:
    """An audience's inter-subject correlation over one window."""

    seats: int
    value: float | None
    null_sd: float | None


class Pool:
    """All seats whose components may be correlated: same rate, same component.

    Parameters
    ----------
    rate
        Sampling rate in Hz.
    seats
        Columns of the pool.
    settings
        Window and coverage.
    """

    def __init__(self, rate: float, seats: int, settings: Settings) -> None:
        self._rate = rate
        self._coverage = settings.coverage
        self._window_ticks = round(settings.isc_window_s) * TICKS_PER_SECOND
        # One second more than the window: a withdrawal recomputes the last one.
        capacity = tick_slots(rate, self._window_ticks + TICKS_PER_SECOND)[1] + 1
        self.ring: Floats = np.full((capacity, seats), np.nan)
        self._step = max(1, int(rate / (_LAG_RATE * settings.low_pass_hz)))
        self._lags = max(1, round(_LAG_S * rate / self._step))
        self.latest = Correlation(0, None, None)

    def blank(self, first: int, stop: int, columns: Sequence[int] | slice) -> None:
        """Take samples back: slots `first` to `stop` of these columns count as missing."""
        self.ring[np.arange(first, stop)[:, None] % len(self.ring), columns] = np.nan

    def correlate(self, end_tick: int) -> None:
        """Compute `latest` over the window that ends before `end_tick`."""
        first = tick_slots(self._rate, end_tick - self._window_ticks)[0]
        stop = tick_slots(self._rate, end_tick)[0]
        window = self._rows(first, stop)
        counted = np.count_nonzero(~np.isnan(window), axis=0) >= self._coverage * (stop - first)
        if not counted.all():
            window = np.ascontiguousarray(window[:, counted])
        value, pairs = isc(window)
        if np.isnan(value):
            self.latest = Correlation(window.shape[1], None, None)
            return
        share = independent_share(window, self._step, self._lags)
        self.latest = Correlation(window.shape[1], value, float(1.0 / np.sqrt(share * pairs)))

    def _rows(self, first: int, stop: int) -> Floats:
        """Copy slots `first` to `stop` out of the ring, in order."""
        start, end = first % len(self.ring), stop % len(self.ring)
        if start < end:
            return self.ring[start:end].copy()
        return np.concatenate((self.ring[start:], self.ring[:end]))
