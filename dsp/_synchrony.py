"""Inter-subject correlation of one component over all seats that share it.

Everything that is summed over seats is summed in integers, so that neither the order of the seats
nor their distribution over machines leaves a trace, and a seat that leaves is taken out exactly.
"""

from collections.abc import Sequence
from math import sqrt

import numba
import numpy as np
import numpy.typing as npt

from dsp._partial import CorrelationPartial
from dsp._quality import RELEASE
from dsp._types import TICKS_PER_SECOND, Settings, tick_slots

Floats = npt.NDArray[np.float64]
Singles = npt.NDArray[np.float32]
Shorts = npt.NDArray[np.int16]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

FULL = 32_000
"""What a component at the clipping limit is stored as."""

MISSING = -32_768
"""What a missing sample is stored as."""

_LAG_S = 0.5  # beyond it the mean autocorrelation is gone
_LAG_RATE = 3.2  # times the low-pass: a squared correlation has twice the bandwidth, and skirts
_PAIRS_PER_SECOND = 2**15  # that are held against each other; in halls beyond 1,000 seats
# everybody's turn comes more rarely
_R_UNIT = 2.0**40  # a seat's autocorrelation of 1, as it is summed


@numba.njit(cache=True, nogil=True, error_model="numpy")
def combine(
    scaled: Singles,
    samples: int,
    weights: Singles,
    unit: float,
    first_seat: int,
    seats: int,
    zones: Ints,
    rows: Ints,
    ring: Shorts,
    sums: Ints,
) -> None:
    """Write a piece's weighted sum of channels into the ring, and add it to every sample's sums.

    A missing channel makes the sample missing.

    Parameters
    ----------
    scaled : ndarray, shape (at least samples, at least seats * channels)
        The piece's scaled and clipped channels.
    samples
        Length of the block.
    weights : ndarray, shape (channels,)
        0 leaves a channel out; magnitudes add up to 1.
    unit
        Integers per unit of `scaled`.
    first_seat, seats
        The piece's first column of the ring, and its number of seats.
    zones : ndarray, shape (columns,)
        Each seat's zone.
    rows : ndarray, shape (at least samples,)
        Where each sample lies in the ring.
    ring : ndarray of int16, shape (capacity, columns)
        Changed in place.
    sums : ndarray, shape (capacity, zones, 3)
        Seats there, sum and sum of squares of every sample; added to.
    """
    channels = weights.shape[0]
    for t in range(samples):
        kept, total = ring[rows[t]], sums[rows[t]]
        for seat in range(seats):
            value = np.float32(0.0)
            for channel in range(channels):
                if weights[channel] != 0.0:
                    value += weights[channel] * scaled[t, seat * channels + channel]
            column = first_seat + seat
            if value == value:
                whole = np.int64(np.rint(value * unit))
                zone = zones[column]
                kept[column] = whole
                total[zone, 0] += 1
                total[zone, 1] += whole
                total[zone, 2] += whole * whole
            else:
                kept[column] = MISSING


@numba.njit(cache=True, nogil=True, error_model="numpy")
def clear(rows: Ints, ring: Shorts, sums: Ints) -> None:
    """Make rows of the ring hold nothing; arrays as in `combine`."""
    for row in rows:
        ring[row, :] = MISSING
        sums[row, :, :] = 0


@numba.njit(cache=True, nogil=True, error_model="numpy")
def leave_out(rows: Ints, columns: Ints, zones: Ints, ring: Shorts, window: Ints) -> None:
    """Take some columns out of a window's sums, and leave the ring as it is.

    Parameters
    ----------
    rows, columns : ndarray
        The window's samples, and the seats.
    zones, ring
        As in `combine`.
    window : ndarray, shape (rows, zones, 3)
        Changed in place.
    """
    for t in range(rows.shape[0]):
        for column in columns:
            value = np.int64(ring[rows[t], column])
            if value != MISSING:
                zone = zones[column]
                window[t, zone, 0] -= 1
                window[t, zone, 1] -= value
                window[t, zone, 2] -= value * value


@numba.njit(cache=True, nogil=True, error_model="numpy")
def take_out(rows: Ints, columns: Ints, zones: Ints, ring: Shorts, sums: Ints) -> None:
    """Make samples of some columns missing, as if they had never been there.

    Parameters
    ----------
    rows, columns : ndarray
        Which samples of which seats.
    zones, ring, sums
        As in `combine`; the latter two are changed in place.
    """
    for row in rows:
        for column in columns:
            value = np.int64(ring[row, column])
            if value != MISSING:
                zone = zones[column]
                sums[row, zone, 0] -= 1
                sums[row, zone, 1] -= value
                sums[row, zone, 2] -= value * value
                ring[row, column] = MISSING


@numba.njit(cache=True, nogil=True, error_model="numpy")
def lag_products(
    ring: Shorts, rows: Ints, lead: int, step: int, present: Ints, products: Ints
) -> None:
    """Each seat's products with its own past, over one second of every `step`-th sample.

    Parameters
    ----------
    ring : ndarray of int16, shape (capacity, columns)
        Components; missing ones count as 0.
    rows : ndarray, shape (lead + the second's samples,)
        Where the samples lie in the ring, from `lead` before the second on.
    lead
        Samples of the past; a multiple of `step`.
    step
        Lags advance by it.
    present : ndarray, shape (columns,)
        Written: the second's samples that are there, all of them.
    products : ndarray, shape (lead // step + 1, columns)
        Written: sums of products; row 0 is the energy.
    """
    columns = ring.shape[1]
    thin = (rows.shape[0] - 1) // step + 1
    whole = np.empty((thin, columns), dtype=np.int32)
    for t in range(thin):
        for k in range(columns):
            value = np.int32(ring[rows[t * step], k])
            whole[t, k] = value if value != MISSING else np.int32(0)
    present[:] = 0
    for row in rows[lead:]:
        for k in range(columns):
            present[k] += np.int64(ring[row, k] != MISSING)
    products[:] = 0
    past = lead // step
    for t in range(past, thin):
        for lag in range(past + 1):
            now, then, out = whole[t], whole[t - lag], products[lag]
            for k in range(columns):
                out[k] += np.int64(now[k]) * np.int64(then[k])


@numba.njit(cache=True, nogil=True, error_model="numpy")
def autocorrelation(products: Ints, counted: Bools, out: Ints) -> int:
    """Sum the seats' autocorrelations.

    Parameters
    ----------
    products : ndarray, shape (seconds, 1 + lags, columns)
        From `lag_products`.
    counted : ndarray of bool, shape (columns,)
        Seats that belong to the window.
    out : ndarray, shape (lags,)
        Written: sums over seats, in units of 2**-40.

    Returns
    -------
    int
        Seats with any energy.
    """
    out[:] = 0
    alive = 0
    for k in range(products.shape[2]):
        energy = 0
        for second in range(products.shape[0]):
            energy += products[second, 0, k]
        if energy == 0 or not counted[k]:
            continue
        alive += 1
        for lag in range(out.shape[0]):
            total = 0
            for second in range(products.shape[0]):
                total += products[second, lag + 1, k]
            out[lag] += np.int64(np.rint(np.float64(total) / np.float64(energy) * _R_UNIT))
    return alive


@numba.njit(cache=True, nogil=True, error_model="numpy")
def seat_products(ring: Shorts, rows: Ints, sums: Ints, shared: Ints, own: Ints) -> None:
    """Each seat's part of the correlation, over some samples.

    Parameters
    ----------
    ring : ndarray of int16, shape (capacity, columns)
        Components.
    rows : ndarray
        Where the samples lie in the ring.
    sums : ndarray, shape (capacity, zones, 3)
        As in `combine`.
    shared, own : ndarray, shape (columns,)
        Written: sums of y (S - y) and of y * y.
    """
    shared[:] = 0
    own[:] = 0
    for row in rows:
        total = 0
        for zone in range(sums.shape[1]):
            total += sums[row, zone, 1]
        for k in range(ring.shape[1]):
            value = np.int64(ring[row, k])
            if value != MISSING:
                shared[k] += value * (total - value)
                own[k] += value * value


@numba.njit(cache=True, nogil=True, error_model="numpy")
def likest(ring: Shorts, rows: Ints, seat: int) -> tuple[float, int]:
    """Find the seat that is most like one.

    Parameters
    ----------
    ring : ndarray of int16, shape (capacity, columns)
        Components.
    rows : ndarray
        Where the samples lie in the ring.
    seat
        Its column.

    Returns
    -------
    r : float
        Correlation over the samples that both have; -1 where there is no other.
    other : int
        Column; -1 where there is none.
    """
    columns = ring.shape[1]
    both, mine, theirs = np.zeros((3, columns))
    for row in rows:
        a = np.float64(ring[row, seat])
        if a == MISSING:
            continue
        for k in range(columns):
            b = np.float64(ring[row, k])
            there = b != MISSING
            both[k] += a * b if there else 0.0
            mine[k] += a * a if there else 0.0
            theirs[k] += b * b if there else 0.0
    best, other = -1.0, -1
    for k in range(columns):
        if k != seat and mine[k] > 0.0 and theirs[k] > 0.0:
            r = both[k] / np.sqrt(mine[k] * theirs[k])
            if r > best:
                best, other = r, k
    return best, other


class Pool:
    """All seats whose components may be correlated: same rate, same component.

    Parameters
    ----------
    rate
        Sampling rate in Hz.
    names
        Seat of each column.
    zones : ndarray of int, shape (columns,)
        Each seat's zone.
    zone_count
        How many zones there are.
    settings
        Windows, clipping and coverage.
    """

    def __init__(
        self,
        rate: float,
        names: Sequence[str],
        zones: Ints,
        zone_count: int,
        settings: Settings,
    ) -> None:
        self.rate, self.zones, self._coverage = rate, zones, settings.coverage
        self.unit = FULL / settings.clip
        self._seconds = round(settings.isc_window_s)
        windows = (settings.isc_window_s, settings.share_window_s, settings.duplicate_s)
        self._memory = round(max(windows))
        # One second more than what is read: a withdrawal recomputes the last one.
        capacity = tick_slots(rate, (self._memory + 1) * TICKS_PER_SECOND)[1] + 1
        columns = len(zones)
        self.ring: Shorts = np.full((capacity, columns), MISSING, dtype=np.int16)
        self.sums: Ints = np.zeros((capacity, zone_count, 3), dtype=np.int64)
        self._step = max(1, int(rate / (_LAG_RATE * settings.low_pass_hz)))
        lags = max(1, round(_LAG_S * rate / self._step))
        self._lead = lags * self._step
        self._present: Ints = np.zeros((self._seconds, columns), dtype=np.int64)
        self._products: Ints = np.zeros((self._seconds, lags + 1, columns), dtype=np.int64)
        self._shared: Ints = np.zeros((self._memory, columns), dtype=np.int64)
        self._own: Ints = np.zeros((self._memory, columns), dtype=np.int64)
        self._end_tick: int | None = None
        self._limit = settings.duplicate_r
        self._watch_s = round(settings.duplicate_s)
        # By name, so that the order of the seats changes nothing.
        self.by_name: Ints = np.argsort(np.array(names))
        self._rank: Ints = np.argsort(self.by_name)
        self._twin: Ints = np.full(columns, -1, dtype=np.int64)

    @property
    def doubled(self) -> Bools:
        """Seats that give another seat's signal; shape (columns,)."""
        return np.asarray(self._twin >= 0)

    @property
    def spare(self) -> Bools:
        """Doubled seats that are not the first of theirs by name, and count no further."""
        return np.asarray(self.doubled & (self._rank > self._rank[self._twin]))

    def begin(self, first: int, stop: int) -> Ints:
        """Make room for a tick's samples; gives where they lie in the ring."""
        rows = self._rows(first, stop)
        clear(rows, self.ring, self.sums)
        return rows

    def blank(self, first: int, stop: int, columns: Sequence[int]) -> None:
        """Take samples back: slots `first` to `stop` of these columns count as missing."""
        rows = self._rows(first, stop)
        take_out(rows, np.array(columns, dtype=np.int64), self.zones, self.ring, self.sums)

    def forget(self, columns: Sequence[int]) -> None:
        """Wipe everything about some seats, and what others shared with them."""
        self.blank(0, len(self.ring), columns)
        self._present[:, columns] = 0
        self._products[..., columns] = 0
        self._twin[columns] = -1
        self._twin[np.isin(self._twin, columns)] = -1
        if self._end_tick is None:
            return
        for back in range(self._memory):
            self._share_second(self._end_tick - back * TICKS_PER_SECOND)

    def close_second(self, end_tick: int) -> None:
        """Take the second that ends before `end_tick` into the windows."""
        first, stop = self._span(end_tick, 1)
        second = end_tick // TICKS_PER_SECOND % self._seconds
        lag_products(
            self.ring, self._rows(first - self._lead, stop), self._lead, self._step,
            self._present[second], self._products[second],
        )  # fmt: skip
        self._end_tick = end_tick
        self._share_second(end_tick)
        self._watch(end_tick // TICKS_PER_SECOND)

    @property
    def window_samples(self) -> int:
        """Length of the window that ended with the last second."""
        assert self._end_tick is not None
        first, stop = self._span(self._end_tick, self._seconds)
        return stop - first

    def counted(self, excluded: Bools) -> Bools:
        """Seats that have enough of the window and are not excluded; shape (columns,)."""
        enough = self._present.sum(axis=0) >= self._coverage * self.window_samples
        return np.asarray(enough & ~excluded)

    def partial(self, excluded: Bools) -> CorrelationPartial:
        """Sum up the window over the seats that have enough of it and are not excluded."""
        if self._end_tick is None:
            nobody: Ints = np.zeros(self.sums.shape[1], dtype=np.int64)
            lags: Ints = np.zeros(self._products.shape[1] - 1, dtype=np.int64)
            return CorrelationPartial(nobody, self.sums[:0].copy(), lags, 0, self._step)
        rows = self._rows(*self._span(self._end_tick, self._seconds))
        counted = self.counted(excluded)
        sums = self.sums[rows]
        others = ~counted & (self._present.sum(axis=0) > 0)
        leave_out(rows, np.flatnonzero(others), self.zones, self.ring, sums)
        lagged = np.empty(self._products.shape[1] - 1, dtype=np.int64)
        alive = autocorrelation(self._products, counted, lagged)
        seats = np.bincount(self.zones[counted], minlength=self.sums.shape[1])
        return CorrelationPartial(seats, sums, lagged, alive, self._step)

    def shares(self) -> Floats:
        """Each seat's own correlation with the others, over `Settings.share_window_s`.

        Ki et al. 2016 (doi:10.1523/JNEUROSCI.2942-15.2016), for fixed weights:
        ``2 / (N - 1) * sum y (S - y) / (sum y^2 + mean of the others' sums of squares)``.

        Returns
        -------
        ndarray, shape (columns,)
            NaN for a seat, or an audience, that has nothing to correlate.
        """
        shared, own = self._shared.sum(axis=0), self._own.sum(axis=0).astype(np.float64)
        alive = own > 0
        others = np.count_nonzero(alive) - 1
        result = np.full(len(own), np.nan)
        if others > 0:
            mean_of_others = (own[alive].sum() - own[alive]) / others
            result[alive] = 2 / others * shared[alive] / (own[alive] + mean_of_others)
        return result

    def window(self, seconds: int) -> Floats:
        """Give the components of the last seconds, NaN where missing; shape (samples, columns)."""
        values = self.components(seconds)
        return np.where(values == MISSING, np.nan, values / self.unit)

    def components(self, seconds: int | None = None) -> Shorts:
        """Give the last seconds, by default all that are remembered, as they are stored."""
        assert self._end_tick is not None
        span = self._span(self._end_tick, self._memory if seconds is None else seconds)
        return self.ring[self._rows(*span)]

    def _watch(self, second: int) -> None:
        """Hold some seats against all others: everybody's turn comes once in the window."""
        columns = len(self.by_name)
        turns = max(self._watch_s, columns * columns // _PAIRS_PER_SECOND)
        rows = self._rows(*self._span(second * TICKS_PER_SECOND, self._watch_s))
        rows = rows[:: 2 * self._step]
        for column in self.by_name[second % turns :: turns].tolist():
            if np.count_nonzero(self.ring[rows, column] != MISSING) < self._coverage * len(rows):
                self._twin[column] = -1
                continue
            r, other = likest(self.ring, rows, column)
            release = RELEASE if self._twin[column] >= 0 else 1.0
            self._twin[column] = other if r > self._limit * release else -1

    def _share_second(self, end_tick: int) -> None:
        slot = end_tick // TICKS_PER_SECOND % self._memory
        rows = self._rows(*self._span(end_tick, 1))
        seat_products(self.ring, rows, self.sums, self._shared[slot], self._own[slot])

    def _span(self, end_tick: int, seconds: int) -> tuple[int, int]:
        first = tick_slots(self.rate, end_tick - seconds * TICKS_PER_SECOND)[0]
        return first, tick_slots(self.rate, end_tick)[0]

    def _rows(self, first: int, stop: int) -> Ints:
        """Where slots lie in the ring."""
        return np.arange(first, stop) % len(self.ring)


def independent_share(lagged: Ints, alive: int, step: int) -> float:
    """Independent samples per sample: 1 / (1 + 2 * sum of squared mean autocorrelation).

    The mean over seats is squared, not each seat's own autocorrelation, which would be too strict
    (measured: 1.3-3 % of strangers above the 5 % limit instead of 4-6 %). Lags advance in steps,
    which gives the same sum as long as ``rate / step`` is above twice the component's bandwidth.

    Parameters
    ----------
    lagged : ndarray, shape (lags,)
        Sums over seats, from `autocorrelation`.
    alive
        Seats behind them.
    step
        Lag step in samples.

    Returns
    -------
    float
        Between 0 and 1; 1 / `step` at most.
    """
    mean = lagged / _R_UNIT / alive
    return float(1.0 / (step * (1.0 + 2.0 * np.sum(mean**2))))


@numba.njit(cache=True, nogil=True, error_model="numpy")
def correlation(sums: Ints) -> tuple[float, float]:
    """Inter-subject correlation with fixed weights, in O(seats) per sample.

    With S the sum over seats, ISC = (sum of S^2 - B) / ((N - 1) B), B the sum of all squares;
    Dmochowski et al. 2012 (doi:10.3389/fnhum.2012.00112), Ki et al. 2016
    (doi:10.1523/JNEUROSCI.2942-15.2016). Missing samples leave the pairs they belong to, so that
    N is each sample's own number of seats.

    Parameters
    ----------
    sums : ndarray, shape (samples, zones, 3)
        Seats there, sum and sum of squares of every sample, in every zone.

    Returns
    -------
    correlation : float
        NaN where there is nothing to correlate.
    pairs : float
        Pairs of seats, summed over samples.
    """
    shared = own = pairs = 0.0
    for t in range(sums.shape[0]):
        present = total = squares = 0.0
        for zone in range(sums.shape[1]):
            present += np.float64(sums[t, zone, 0])
            total += np.float64(sums[t, zone, 1])
            squares += np.float64(sums[t, zone, 2])
        if present > 1.0:
            shared += total * total - squares
            own += (present - 1.0) * squares
            pairs += present * (present - 1.0) / 2.0
    return (shared / own if own > 0.0 else np.nan), pairs


def null_sd(share: float, pairs: float) -> float:
    """Closed-form standard deviation of the correlation of strangers.

    ``1 / sqrt(neff * L * N (N - 1) / 2)`` with neff the independent samples per second
    (`independent_share` times the rate) and L the window in seconds; checked on unrelated people
    (z sd 0.96-1.06).
    """
    return 1.0 / sqrt(share * pairs)
