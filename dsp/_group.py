"""One group of seats on its way from samples to indices and component."""

import numpy as np
import numpy.typing as npt

from dsp._filters import BANDS, FilterState, design, filter_block
from dsp._power import add_squares, log_indices
from dsp._quality import (
    DEAD,
    TALLIES,
    UNUSABLE,
    Flag,
    judge,
    limits,
    observe,
    reset,
    seat_flags,
)
from dsp._robust import EVERY, remember, rescale
from dsp._signals import INDICES, component, index_sites
from dsp._synchrony import Pool, combine
from dsp._types import TICKS_PER_SECOND, Group, Settings, tick_slots

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

_POWER = BANDS[1:]
_UP = np.array([[band in index.up for band in _POWER] for index in INDICES], dtype=np.bool_)
_DOWN = np.array([[band in index.down for band in _POWER] for index in INDICES], dtype=np.bool_)


class GroupState:
    """Streaming state of one group.

    Parameters
    ----------
    group
        Seats, channels and rate.
    settings
        The recipe.
    pool, column
        Where its synchrony component goes: the pool and its first column there; None where the
        montage has no component.
    """

    def __init__(self, group: Group, settings: Settings, pool: Pool | None, column: int) -> None:
        self.group = group
        self._settings = settings
        seats, channels = len(group.seats), len(group.channels)
        total = seats * channels
        self._shape = (seats, channels)
        self._pool, self._column = pool, column
        found = component(group.channels)
        self._weights: Floats = np.array(found[1] if found else (0.0,) * channels)
        self._sites: Bools = np.array([index_sites(index, group.channels) for index in INDICES])
        self.offered: Bools = np.atleast_1d(self._sites.any(axis=1))

        self._sos, self._steady = design(group.rate, settings)
        self._filters = FilterState.fresh(self._sos, total)
        self._max_gap = round(settings.max_gap_s * group.rate)
        self._settling = round(settings.settling_s * group.rate)
        longest = int(group.rate / TICKS_PER_SECOND) + 1
        self._input = np.empty((longest, seats, channels), dtype=np.float32)
        self._bands: Floats = np.empty((len(BANDS), longest, total))
        self._scaled: Floats = np.empty((longest, total))

        remembered = max(1, round(settings.scale_window_s * group.rate / EVERY))
        self._magnitudes = np.zeros((total, remembered), dtype=np.float32)
        self._held: Ints = np.zeros(total, dtype=np.int64)
        self._least_held = max(1, int(group.rate / EVERY))
        self._scale: Floats = np.full(total, np.nan)

        seconds = max(1, round(settings.power_window_s))
        self._squares: Floats = np.zeros((seconds, len(_POWER), total))
        self._counts: Floats = np.zeros((seconds, total))
        self._least_count = settings.coverage * seconds * group.rate

        self._limits = limits(settings)
        self._tally: Floats = np.empty((TALLIES, total))
        reset(self._tally)
        self._verdict: Ints = np.zeros(total, dtype=np.int64)
        self.flags: Ints = np.full(seats, int(Flag.ABSENT), dtype=np.int64)
        self.index: Floats = np.full((len(INDICES), seats), np.nan)

    def push(
        self,
        tick: int,
        block: npt.NDArray[np.float32],
        admitted: Bools,
        exclude_synchrony: bool,
    ) -> None:
        """Take in one tick's samples, shape (samples, seats, channels), NaN where missing."""
        first, stop = tick_slots(self.group.rate, tick)
        samples = stop - first
        self._input[:samples] = block
        self._input[:, ~admitted] = np.nan
        x = self._input[:samples].reshape(samples, -1)
        state, second = self._filters, tick // TICKS_PER_SECOND % len(self._counts)
        filter_block(
            x,
            self._sos,
            self._steady,
            self._max_gap,
            self._settling,
            state.notch,
            state.bands,
            state.last,
            state.gap,
            state.unsettled,
            self._bands,
        )
        broad = self._bands[0]
        add_squares(self._bands, samples, self._squares[second], self._counts[second])
        observe(x, broad, self._scale, self._settings.clip, self._tally, self._scaled)
        remember(broad, samples, first, self._verdict, DEAD, self._magnitudes, self._held)
        if self._pool:
            if exclude_synchrony:
                self._pool.blank(first, stop, self._columns())
            else:
                combine(self._scaled, samples, self._weights, first, self._column, self._pool.ring)
        if (tick + 1) % TICKS_PER_SECOND == 0:
            self._close_second(tick, second)
        seat_flags(
            self._verdict, state.gap, state.unsettled, self._max_gap, self._shape[1], self.flags
        )

    def forget(self, seat: int) -> None:
        """Wipe everything about a seat, here and in the pool."""
        channels = slice(seat * self._shape[1], (seat + 1) * self._shape[1])
        self._filters.forget(channels)
        self._magnitudes[channels] = 0.0
        self._held[channels] = 0
        self._scale[channels] = np.nan
        self._squares[..., channels] = 0.0
        self._counts[:, channels] = 0.0
        reset(self._tally[:, channels])
        self._verdict[channels] = 0
        self.flags[seat] = int(Flag.ABSENT)
        self.index[:, seat] = np.nan
        if self._pool:
            self._pool.ring[:, self._column + seat] = np.nan

    def _columns(self) -> slice:
        """Where this group sits in the pool."""
        return slice(self._column, self._column + self._shape[0])

    def _close_second(self, tick: int, second: int) -> None:
        """Judge the electrodes, take back what they spoiled, and compute the indices."""
        judge(self._tally, self._scale, self._limits, self._verdict)
        reset(self._tally)
        unusable = (self._verdict & UNUSABLE) != 0
        self._counts[second, unusable] = 0.0
        self._squares[second][:, unusable] = 0.0
        self._take_back_component(tick)
        rescale(self._magnitudes, self._held, self._least_held, self._scale)
        log_indices(
            self._squares, self._counts, self._least_count, self._sites, _UP, _DOWN, self.index
        )
        following = (second + 1) % len(self._counts)
        self._squares[following] = 0.0
        self._counts[following] = 0.0
        self._filters.flush()

    def _take_back_component(self, tick: int) -> None:
        """Blank the last second of seats whose component used a dead electrode."""
        dead = (self._verdict & DEAD).reshape(self._shape) != 0
        seats = np.flatnonzero((dead & (self._weights != 0.0)).any(axis=1))
        if self._pool and seats.size:
            first = tick_slots(self.group.rate, tick - tick % TICKS_PER_SECOND)[0]
            stop = tick_slots(self.group.rate, tick)[1]
            self._pool.blank(first, stop, (self._column + seats).tolist())
