"""All seats whose components may be correlated, and what is known of them together."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from dsp._partial import CorrelationPartial
from dsp._quality import RELEASE
from dsp._settings import Settings
from dsp._synchrony import (
    FULL,
    LAG_S,
    MISSING,
    autocorrelation,
    clear,
    lag_products,
    leave_out,
    likest,
    seat_products,
    take_out,
)
from dsp._types import TICKS_PER_SECOND, tick_slots

Floats = npt.NDArray[np.float64]
Shorts = npt.NDArray[np.int16]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

_LAG_RATE = 3.2  # times the low-pass: a squared correlation has twice the bandwidth, and skirts
_PAIRS_PER_SECOND = 2**15  # that are held against each other; in halls beyond 1,000 seats
# everybody's turn comes more rarely


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
        lags = max(1, round(LAG_S * rate / self._step))
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
