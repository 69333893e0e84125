"""One group of seats on its way from samples to measures and component."""

from typing import NamedTuple

import numba
import numpy as np
import numpy.typing as npt

from dsp._blinks import REFRACTORY_S, count_blinks
from dsp._filters import BANDS, FilterState, Work, bridge, filter_piece, sections
from dsp._pool import Pool
from dsp._power import log_indices
from dsp._pulse import Pulse
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
from dsp._robust import CODES, EVERY, MISSING, encode, rescale
from dsp._settings import Settings
from dsp._signals import BLINK_RATE, HEART_RATE, INDICES, MEASURES, likeness, sites_of
from dsp._synchrony import combine
from dsp._types import TICKS_PER_SECOND, Group, tick_slots
from hardware import electrodes_of

Floats = npt.NDArray[np.float64]
Singles = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]
Counts = npt.NDArray[np.int32]
Bools = npt.NDArray[np.bool_]

PIECE = 256
"""Channels that go through all kernels together: their state fits the processor's near caches."""

_UP = np.array([[band in index.up for band in BANDS] for index in INDICES], dtype=np.bool_)
_DOWN = np.array([[band in index.down for band in BANDS] for index in INDICES], dtype=np.bool_)
_BLINK, _HEART = MEASURES.index(BLINK_RATE), MEASURES.index(HEART_RATE)
_HERE, _GONE = np.float32(0.0), np.float32(np.nan)

_BLINKS_THAT_SHOW = 3
"""Only where blinks were seen before does their absence say anything."""


class Recipe(NamedTuple):
    """What never changes for a group, as the kernels take it."""

    sections: Singles
    max_gap: int
    settling: int
    clip: float
    channels: int
    piece: int  # seats
    forehead: Bools  # [channels]
    blinking: bool  # whether there is a forehead
    refractory: int
    weights: Singles  # [channels]: of the synchrony component
    unit: float  # of the pool's integers
    column: int  # first in the pool


class Second(NamedTuple):
    """What a second has brought so far."""

    tally: Singles  # [TALLIES, channels]
    mains: Singles  # [channels]
    codes: npt.NDArray[np.uint8]  # [remembered, channels]
    blinks: Counts  # [seats]
    watched: Counts

    @classmethod
    def begin(cls, seats: int, channels: int, remembered: int) -> "Second":
        """Make an empty one."""
        tally = np.empty((TALLIES, channels), dtype=np.float32)
        reset(tally)
        return cls(
            tally,
            np.zeros(channels, dtype=np.float32),
            np.full((remembered, channels), MISSING, dtype=np.uint8),
            np.zeros(seats, dtype=np.int32),
            np.zeros(seats, dtype=np.int32),
        )

    def clear(self) -> None:
        """Begin the next one."""
        reset(self.tally)
        for array in (self.mains, self.blinks, self.watched):
            array[:] = 0


@numba.njit(cache=True, nogil=True, error_model="numpy")
def take(
    x: Singles,
    first_slot: int,
    absent: Singles,
    recipe: Recipe,
    filters: FilterState,
    unit: Singles,
    level: Singles,
    wait: Counts,
    work: Work,
    second: Second,
    held: int,
    squares: Singles,
    counts: Singles,
    zones: Ints,
    rows: Ints,
    ring: npt.NDArray[np.int16],
    sums: Ints,
) -> int:
    """Take a tick through all kernels, piece by piece.

    Parameters
    ----------
    x : ndarray, shape (samples, channels)
        Microvolts, NaN where missing.
    first_slot
        The block's first sample slot.
    absent : ndarray, shape (channels,)
        NaN at channels of seats that are not admitted, otherwise 0.
    recipe, filters, work, second
        The group's.
    unit : ndarray, shape (channels,)
        One over the robust standard deviations.
    level, wait : ndarray, shape (seats,)
        As in `count_blinks`.
    held
        Rows of ``second.codes`` that are written.
    squares, counts : ndarray
        As in `filter_piece`, the running second's.
    zones, rows, ring, sums
        As in `combine`; no rows where this tick stays out of synchrony.

    Returns
    -------
    int
        Rows of ``second.codes`` that are written now.
    """
    samples, channels = x.shape
    width = recipe.piece * recipe.channels
    rows_now = held
    for first in range(0, channels, width):
        stop = min(first + width, channels)
        first_seat, seats = first // recipe.channels, (stop - first) // recipe.channels
        bridge(
            x, first, stop, absent, recipe.max_gap, recipe.settling,
            filters.offset, filters.last, filters.gap, filters.unsettled,
            work.held, work.hole, work.starts, work.started,
        )  # fmt: skip
        filter_piece(
            work.held, work.hole, work.starts, work.started, samples, first, stop,
            recipe.sections, filters.notch, filters.bands, work.clean, work.wave,
            work.broad, second.mains, squares, counts,
        )  # fmt: skip
        observe(
            x, first, stop, absent, work.broad, unit, recipe.clip, second.tally, work.scaled
        )  # fmt: skip
        rows_now = encode(work.broad, first_slot, samples, first, stop, second.codes, held)
        if recipe.blinking:
            count_blinks(
                work.broad, samples, recipe.forehead, first_seat, seats, level,
                recipe.refractory, wait, second.blinks, second.watched,
            )  # fmt: skip
        if rows.shape[0] == samples:
            combine(
                work.scaled, samples, recipe.weights, recipe.unit,
                recipe.column + first_seat, seats, zones, rows, ring, sums,
            )  # fmt: skip
    return rows_now


class GroupState:
    """Streaming state of one group; a pulse sensor goes a way of its own.

    Parameters
    ----------
    group
        Seats, channels and rate.
    settings
        The recipe.
    pool, column
        Where its component goes: the pool and its first column there.
    """

    def __init__(self, group: Group, settings: Settings, pool: Pool, column: int) -> None:
        self.group = group
        self._settings = settings
        electrodes = electrodes_of(group.channels)
        seats, channels = len(group.seats), len(electrodes)
        total = seats * channels
        self._shape = (seats, channels)
        self.pool, self.column = pool, column
        self._sites: Bools = np.array([sites_of(index, electrodes) for index in INDICES])
        self.offered: Bools = np.array([any(sites_of(m, group.channels)) for m in MEASURES])
        self._recipe = _recipe(group, electrodes, settings, pool, column)
        self._filters = FilterState.fresh(self._recipe.sections, total)
        samples = int(group.rate / TICKS_PER_SECOND) + 1
        self._pulse: Pulse | None = None
        if self.offered[_HEART]:
            self._pulse = Pulse(seats, group.rate, settings)
            self._eeg: Singles = np.empty((samples, seats, channels), dtype=np.float32)
        self._work = Work.room(samples, self._recipe.piece * channels)
        self._absent: Singles = np.zeros(total, dtype=np.float32)

        remembered = int(group.rate / EVERY) + 1
        self._second = Second.begin(seats, total, remembered)
        self._held = 0  # rows of its codes
        self._taken = 0  # samples of it
        shape = (round(settings.scale_window_s), total, remembered)
        self._codes = np.full(shape, MISSING, dtype=np.uint8)
        self._histogram = np.zeros((total, CODES), dtype=np.uint16)
        self._histogram[:, MISSING] = shape[0] * shape[2]
        self._least_held = max(1, int(group.rate / EVERY))
        self._scale: Singles = np.full(total, np.nan, dtype=np.float32)
        self._unit: Singles = self._scale.copy()

        seconds = round(settings.power_window_s)
        self._squares = np.zeros((seconds, len(BANDS), total), dtype=np.float32)
        self._counts = np.zeros((seconds, total), dtype=np.float32)

        self._limits = limits(settings)
        self._calm: Singles = np.full(total, np.nan, dtype=np.float32)
        self._verdict: Ints = np.zeros(total, dtype=np.int64)
        self.flags: Ints = np.full(seats, int(Flag.ABSENT), dtype=np.int64)
        self.values: Floats = np.full((len(MEASURES), seats), np.nan)
        self.covered: Floats = np.zeros((len(MEASURES), seats))

        self._level: Singles = np.full(seats, np.nan, dtype=np.float32)
        self._wait: Counts = np.zeros(seats, dtype=np.int32)
        self._blinked: Ints = np.zeros(seats, dtype=np.int64)
        self._blinks: Ints = np.zeros((round(settings.blink_window_s), 2, seats), dtype=np.int64)

    def push(
        self,
        tick: int,
        block: npt.NDArray[np.float32],
        admitted: Bools,
        rows: Ints,
    ) -> None:
        """Take in one tick.

        Parameters
        ----------
        tick
            Its number.
        block : ndarray of float32, shape (samples, seats, channels)
            Microvolts (of a pulse sensor its own units), NaN where missing.
        admitted : ndarray of bool, shape (seats,)
            All others' samples are not looked at.
        rows
            Where the samples lie in the pool's ring; none keeps them out of synchrony.
        """
        first, stop = tick_slots(self.group.rate, tick)
        self._absent.reshape(self._shape)[:] = np.where(admitted, _HERE, _GONE)[:, None]
        if self._pulse is not None:
            self._pulse.push(first, block[:, :, -1], admitted)
            np.copyto(self._eeg[: stop - first], block[:, :, :-1])
            block = self._eeg[: stop - first]
        second = self._second_of(tick)
        self._held = take(
            np.ascontiguousarray(block).reshape(stop - first, -1),
            first,
            self._absent,
            self._recipe,
            self._filters,
            self._unit,
            self._level,
            self._wait,
            self._work,
            self._second,
            self._held,
            self._squares[second],
            self._counts[second],
            self.pool.zones,
            rows,
            self.pool.ring,
            self.pool.sums,
        )
        self._taken += stop - first
        self._look()

    def close_second(self, tick: int) -> None:
        """Judge the electrodes, take back what they spoiled, and compute the measures."""
        second = self._second_of(tick)
        squares, counts, fresh = self._squares[second], self._counts[second], self._second
        judge(
            fresh.tally, self._taken, squares, fresh.mains, counts, self._scale, self._limits,
            self._calm, self._verdict,
        )  # fmt: skip
        unusable = (self._verdict & UNUSABLE) != 0
        counts[unusable] = 0.0
        squares[:, unusable] = 0.0
        self._take_back_component(tick)
        rescale(
            fresh.codes, self._held, tick // TICKS_PER_SECOND % self._codes.shape[0],
            self._verdict, DEAD, self._codes, self._histogram, self._least_held,
            self._scale, self._unit,
        )  # fmt: skip
        log_indices(
            self._squares, self._counts, len(self._counts) * self.group.rate,
            self._settings.coverage, self._sites, _UP, _DOWN, self.values, self.covered,
        )  # fmt: skip
        self._close_blinks(tick)
        if self._pulse is not None:
            self._pulse.close_second(self.values[_HEART], self.covered[_HEART])
        fresh.clear()
        self._held = self._taken = 0
        following = (second + 1) % len(self._counts)
        self._squares[following] = 0.0
        self._counts[following] = 0.0
        self._filters.flush()
        self._look()

    def forget(self, seat: int) -> None:
        """Wipe everything about a seat; the pool is wiped by whoever owns it."""
        channels = slice(seat * self._shape[1], (seat + 1) * self._shape[1])
        self._filters.forget(channels)
        self._codes[:, channels] = MISSING
        self._histogram[channels] = 0
        self._histogram[channels, MISSING] = self._codes.shape[0] * self._codes.shape[2]
        self._scale[channels] = np.nan
        self._unit[channels] = np.nan
        self._squares[..., channels] = 0.0
        self._counts[:, channels] = 0.0
        fresh = self._second
        reset(fresh.tally[:, channels])
        fresh.mains[channels] = 0.0
        fresh.codes[:, channels] = MISSING
        fresh.blinks[seat] = fresh.watched[seat] = self._wait[seat] = 0
        self._blinked[seat] = 0
        self._blinks[..., seat] = 0
        self._level[seat] = np.nan
        self._calm[channels] = np.nan
        self._verdict[channels] = 0
        if self._pulse is not None:
            self._pulse.forget(seat)
        self.flags[seat] = int(Flag.ABSENT)
        self.values[:, seat] = np.nan
        self.covered[:, seat] = 0.0

    @property
    def blinkless(self) -> Bools:
        """Seats whose blinks show, but not one in the window; shape (seats,)."""
        watched = self._blinks[:, 1].sum(axis=0)
        enough = watched >= self._settings.coverage * len(self._blinks) * self.group.rate
        shows = self._blinked >= _BLINKS_THAT_SHOW
        return np.asarray(shows & enough & (self._blinks[:, 0].sum(axis=0) == 0))

    def _second_of(self, tick: int) -> int:
        return tick // TICKS_PER_SECOND % len(self._counts)

    def _look(self) -> None:
        state = self._filters
        seat_flags(
            self._verdict, state.gap, state.unsettled, self._recipe.max_gap, self._shape[1],
            self.flags,
        )  # fmt: skip

    def _take_back_component(self, tick: int) -> None:
        """Blank the last second of seats whose component used a dead electrode."""
        dead = (self._verdict & DEAD).reshape(self._shape) != 0
        seats = np.flatnonzero((dead & (self._recipe.weights != 0.0)).any(axis=1))
        if seats.size:
            first = tick_slots(self.group.rate, tick - tick % TICKS_PER_SECOND)[0]
            stop = tick_slots(self.group.rate, tick)[1]
            self.pool.blank(first, stop, (self.column + seats).tolist())

    def _close_blinks(self, tick: int) -> None:
        """Count the second's blinks in, and set the level of the next one."""
        if not self._recipe.blinking:
            return
        window = self._blinks
        slot = tick // TICKS_PER_SECOND % len(window)
        window[slot] = self._second.blinks, self._second.watched
        dead = (self._verdict & DEAD).reshape(self._shape) != 0
        window[slot][:, (dead & self._recipe.forehead).any(axis=1)] = 0
        self._blinked += window[slot, 0]
        count, watched = window.sum(axis=0)
        whole = len(window) * self.group.rate
        enough = watched >= self._settings.coverage * whole
        minutes = np.where(enough, watched, np.nan) / (60 * self.group.rate)
        self.values[_BLINK] = np.sqrt(count / minutes)
        self.covered[_BLINK] = np.where(enough, np.minimum(watched / whole, 1.0), 0.0)
        scale = self._scale.reshape(self._shape)[:, self._recipe.forehead].mean(axis=1)
        np.maximum(self._settings.blink_uv, self._settings.clip * scale, out=self._level)


def _recipe(
    group: Group, electrodes: tuple[str, ...], settings: Settings, pool: Pool, column: int
) -> Recipe:
    channels = len(electrodes)
    weights = likeness(group.channels, group.weights)[1][:channels]
    forehead: Bools = np.array(sites_of(BLINK_RATE, electrodes), dtype=np.bool_)
    return Recipe(
        sections(group.rate, settings),
        round(settings.max_gap_s * group.rate),
        round(settings.settling_s * group.rate),
        settings.clip,
        channels,
        max(1, PIECE // channels),
        forehead,
        bool(forehead.any()),
        round(REFRACTORY_S * group.rate),
        np.array(weights, dtype=np.float32),
        pool.unit,
        column,
    )
