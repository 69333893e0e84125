"""From samples to the audience's state, tick by tick."""

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from dsp._baseline import Baseline, to_rows
from dsp._group import GroupState
from dsp._partial import WEIGHT, Z_STEPS, Partial, count_by_zone, distribute
from dsp._pool import Pool
from dsp._pooling import Audience
from dsp._quality import Flag
from dsp._settings import Settings
from dsp._signals import ALL, MEASURED, MEASURES, likeness
from dsp._surrogates import Surrogates, surrogates
from dsp._types import (
    TICKS_PER_SECOND,
    AudienceState,
    Group,
    Memory,
    Seats,
    tick_slots,
)

Bools = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]

_NO_ROWS: Ints = np.empty(0, dtype=np.int64)
_EYES_OPEN = np.array([measure.eyes_open for measure in MEASURES])
_RELAXATION = MEASURED.index("relaxation")


class Analyzer:
    """Computes an audience's state; the same input gives the same bytes.

    Filters run on every sample. Electrodes are judged, and signals computed, at the end of every
    full second of hall time (every tenth tick); between these a state repeats them, except that a
    seat which is no longer admitted leaves every signal within the very tick.

    Parameters
    ----------
    groups
        Seats by rate and montage. Groups of the same rate and synchrony component are correlated
        together.
    settings
        The recipe.
    memory
        What an analyzer before this one knew of the same seats.
    zones
        Seats by zone; a seat may be in none. Seats of other analyzers may be named.

    Raises
    ------
    ValueError
        Where a seat is in two groups or zones, a band lies beyond half a group's rate, or the
        memory is of other seats.
    """

    def __init__(
        self,
        groups: Sequence[Group],
        settings: Settings,
        memory: Memory | None = None,
        zones: Mapping[str, Sequence[str]] | None = None,
    ) -> None:
        self._settings = settings
        self._seats = tuple(seat for group in groups for seat in group.seats)
        if len(set(self._seats)) != len(self._seats):
            raise ValueError("a seat is in two groups: give each seat to one group")
        zones = zones or {}
        self._audience = Audience(tuple(zones), settings)
        self._zone_count = 1 + len(zones)
        self._zones = _zones_of(self._seats, zones)
        self._pools: dict[tuple[float, str], Pool] = {}
        self._groups = self._open(groups)
        starts = np.cumsum([0, *(len(group.seats) for group in groups)]).tolist()
        self._spans = [slice(first, stop) for first, stop in pairwise(starts)]
        self._baseline = Baseline(len(self._seats), settings)
        if memory is not None:
            self._baseline.recall(memory)
        shape = (len(MEASURES), len(self._seats))
        self._admitted: Bools = np.zeros(len(self._seats), dtype=np.bool_)
        self._offered: Bools = np.zeros(shape, dtype=np.bool_)
        for span, state in zip(self._spans, self._groups, strict=True):
            self._offered[:, span] = state.offered[:, None]
        self._values = np.full(shape, np.nan)
        self._covered = np.zeros(shape)
        self._asleep: Bools = np.zeros(len(self._seats), dtype=np.bool_)
        self._weights: Ints = np.zeros(shape, dtype=np.int64)
        self._marks: Ints = np.zeros(len(self._seats), dtype=np.int64)
        self._flags: Ints = self._marks.copy()
        self._told: tuple[int, ...] = tuple(self._flags.tolist())
        self._next_tick: int | None = None
        self._mark()
        self._pool(again=False)

    @property
    def seats(self) -> tuple[str, ...]:
        """All groups' seats, concatenated."""
        return self._seats

    @property
    def partial(self) -> Partial:
        """What these seats add to an audience, at the end of the last full second."""
        return self._partial

    def push(
        self,
        tick: int,
        blocks: Sequence[npt.NDArray[np.float32]],
        *,
        admitted: Bools,
        exclude_synchrony: bool = False,
    ) -> AudienceState:
        """Take in one tick and give the audience's state at its end.

        Parameters
        ----------
        tick
            Number of the tick; each is the last one plus 1.
        blocks : sequence of ndarray of float32, shape (samples, seats, channels)
            Per group the samples of `tick_slots` in microvolts (of a pulse sensor in its own
            units), NaN where missing.
        admitted : ndarray of bool, shape (all seats,)
            A seat that is not admitted contributes nothing from this tick on, also not with its
            past, which is wiped; admitted again it begins anew.
        exclude_synchrony
            Keep this tick out of every correlation: within 2 s of a cut, which raises it by
            itself.

        Returns
        -------
        AudienceState
            The state at the end of the tick.

        Raises
        ------
        ValueError
            Where a tick is left out or an array has another shape than announced.
        """
        self._check(tick, blocks, admitted)
        left = self._admitted & ~admitted
        if left.any():
            self._forget(np.flatnonzero(left).tolist())
        np.copyto(self._admitted, admitted)
        rows = {
            id(pool): pool.begin(*tick_slots(rate, tick)) for (rate, _), pool in self._pools.items()
        }
        for span, state, block in zip(self._spans, self._groups, blocks, strict=True):
            there = _NO_ROWS if exclude_synchrony else rows[id(state.pool)]
            state.push(tick, block, admitted[span], there)
        closing = (tick + 1) % TICKS_PER_SECOND == 0
        if closing:
            self._close_second(tick)
        elif left.any():
            self._pool(again=True)
        self._next_tick = tick + 1
        seats = self._tell_seats() if closing or left.any() else None
        return AudienceState(tick, self._signals, self._zone_signals, self._tell_flags(), seats)

    def surrogates(self, draws: int, seed: int) -> Surrogates | None:
        """Hold the last second's synchrony against the same seats' own pasts.

        Changes nothing.

        Parameters
        ----------
        draws
            How many surrogates; 200 to 1,000 serve.
        seed
            Of their lags.

        Returns
        -------
        Surrogates or None
            None where there is no synchrony, or too little past: less than `SHORTEST_LAG_S` and
            two windows.

        Raises
        ------
        ValueError
            Where `draws` is below 2.
        """
        parts = self._partial.correlations
        largest = max(parts, key=lambda key: (parts[key].seats.sum(), key), default=None)
        if largest is None or not parts[largest].alive:
            return None
        rng = np.random.default_rng(seed)
        return surrogates(self._pools[largest], self._settings, draws, rng)

    def freeze_baseline(self) -> None:
        """End the lead-in.

        Seats with `Settings.baseline_lead_in_s` of valid lead-in keep it as their baseline. All
        others go on collecting and stay unknown until they have `Settings.baseline_own_s` of
        valid data of their own. A second call does nothing.
        """
        self._baseline.freeze()

    def memory(self) -> Memory:
        """Give what another analyzer must know to go on where this one stands."""
        return self._baseline.memory()

    def _open(self, groups: Sequence[Group]) -> list[GroupState]:
        """Make the groups' states and the pools that they share."""
        members: dict[tuple[float, str], list[str]] = {}
        columns = []
        for group in groups:
            names = members.setdefault(_key(group), [])
            columns.append(len(names))
            names.extend(group.seats)
        zone_of = dict(zip(self._seats, self._zones.tolist(), strict=True))
        for key, names in members.items():
            zones = np.array([zone_of[name] for name in names], dtype=np.int64)
            self._pools[key] = Pool(key[0], names, zones, self._zone_count, self._settings)
        return [
            GroupState(group, self._settings, self._pools[_key(group)], column)
            for group, column in zip(groups, columns, strict=True)
        ]

    def _check(self, tick: int, blocks: Sequence[npt.NDArray[np.float32]], admitted: Bools) -> None:
        """Refuse what does not follow or does not fit."""
        if self._next_tick is not None and tick != self._next_tick:
            raise ValueError(f"tick {tick} follows tick {self._next_tick - 1}: push every tick")
        if admitted.shape != (len(self._seats),):
            raise ValueError(f"admitted has shape {admitted.shape}, seats are {len(self._seats)}")
        if len(blocks) != len(self._groups):
            raise ValueError(f"{len(blocks)} blocks for {len(self._groups)} groups: one for each")
        for state, block in zip(self._groups, blocks, strict=True):
            first, stop = tick_slots(state.group.rate, tick)
            shape = (stop - first, len(state.group.seats), len(state.group.channels))
            if block.shape != shape or block.dtype != np.float32:
                raise ValueError(
                    f"block of {state.group.seats} at tick {tick} is {block.dtype} {block.shape}: "
                    f"it must be float32 {shape}"
                )

    def _forget(self, seats: list[int]) -> None:
        """Wipe seats that left, and whatever of the audience's past they were in."""
        self._baseline.forget(seats)
        self._values[:, seats] = np.nan
        self._covered[:, seats] = 0.0
        self._asleep[seats] = False
        for span, state in zip(self._spans, self._groups, strict=True):
            own = [seat - span.start for seat in seats if span.start <= seat < span.stop]
            for seat in own:
                state.forget(seat)
            state.pool.forget([state.column + seat for seat in own])
        self._audience.forget()
        self._mark()

    def _close_second(self, tick: int) -> None:
        """Compute every signal at the end of a second."""
        blinkless = np.zeros(len(self._seats), dtype=np.bool_)
        for span, state in zip(self._spans, self._groups, strict=True):
            state.close_second(tick)
            self._values[:, span] = state.values
            self._covered[:, span] = state.covered
            blinkless[span] = state.blinkless
        self._baseline.update(self._values, self._covered)
        self._asleep[:] = blinkless & (self._baseline.z[_RELAXATION] > self._settings.eyes_closed_z)
        for pool in self._pools.values():
            pool.close_second(tick + 1)
        self._mark()
        self._pool(again=False)

    def _pool(self, *, again: bool) -> None:
        """Sum the seats up and pool every signal."""
        spare = self._over_seats(lambda pool: pool.spare)
        counts = ~np.isnan(self._baseline.z) & ~spare
        counts &= ~(_EYES_OPEN[:, None] & self._asleep)
        weights = np.where(counts, np.rint(self._baseline.weight * WEIGHT), 0)
        self._weights = weights.astype(np.int64)
        self._partial = self._sum_up()
        self._signals, self._zone_signals = self._audience.pool(self._partial, again=again)

    def _sum_up(self) -> Partial:
        """Make the partial of all seats."""
        limit = self._settings.z_limit
        shape = (len(MEASURES), self._zone_count)
        weights = np.zeros((*shape, 2 * round(limit * Z_STEPS) + 1), dtype=np.int64)
        squares, seats, offered, valid, known = np.zeros((5, *shape), dtype=np.int64)
        distribute(self._baseline.z, self._weights, self._zones, limit, weights, squares, seats)
        there = ~np.isnan(self._values)
        count_by_zone(self._offered, self._zones, offered)
        count_by_zone(there, self._zones, valid)
        count_by_zone(there & self._baseline.known, self._zones, known)
        correlations = {
            key: pool.partial(pool.spare) for key, pool in self._pools.items() if key[1] != ALL
        }
        return Partial(weights, squares, seats, offered, valid, known, correlations)

    def _over_seats(self, of: Callable[[Pool], npt.NDArray[Any]]) -> npt.NDArray[Any]:
        """Bring something of the pools' columns into the order of the seats."""
        parts = [of(state.pool)[state.column :][: len(state.group.seats)] for state in self._groups]
        return np.concatenate(parts) if parts else np.zeros(0, dtype=np.bool_)

    def _tell_seats(self) -> Seats:
        shares = self._over_seats(Pool.shares).tolist()
        return Seats(
            to_rows(self._values),
            to_rows(self._baseline.z),
            to_rows(self._weights / WEIGHT),
            tuple(None if share != share else share for share in shares),
        )

    def _mark(self) -> None:
        """Collect the flags that stay as they are until the next second."""
        self._marks[:] = 0
        self._marks[(self._offered & ~self._baseline.known).any(axis=0)] |= int(Flag.NO_BASELINE)
        self._marks[self._over_seats(lambda pool: pool.doubled)] |= int(Flag.DUPLICATE)
        self._marks[self._asleep] |= int(Flag.EYES_CLOSED)

    def _tell_flags(self) -> tuple[int, ...]:
        """Give the flags of every seat at this tick; the same tuple while nothing changes."""
        flags = self._marks.copy()
        for span, state in zip(self._spans, self._groups, strict=True):
            flags[span] |= state.flags
        flags[~self._admitted] = int(Flag.NOT_ADMITTED)
        if not np.array_equal(flags, self._flags):
            self._flags, self._told = flags, tuple(flags.tolist())
        return self._told


def warm_up() -> None:
    """Compile every kernel ahead of the show (seconds, once per machine; then a cache serves)."""
    group = Group(("a", "b", "c"), ("TP9", "TP10", "AF7", "PPG"), 250.0)
    brief = Settings(
        settling_s=0.1,
        power_window_s=1,
        isc_window_s=1,
        duplicate_s=1,
        duplicate_r=1,
        min_seats=2,
        baseline_lead_in_s=1,
        smoothing_s=1,
    )
    analyzer = Analyzer([group], brief)
    wave = np.random.default_rng(1).normal(0, 20, (250, 3, 4)).astype(np.float32)
    for tick in range(5 * TICKS_PER_SECOND):
        if tick == 2 * TICKS_PER_SECOND:
            analyzer.freeze_baseline()
        block = wave[tick % 10 * 25 :][:25]
        analyzer.push(tick, [block], admitted=np.array([True, True, tick < 45]))


def _key(group: Group) -> tuple[float, str]:
    """Name the pool of a group."""
    return group.rate, likeness(group.channels, group.weights)[0]


def _zones_of(seats: Sequence[str], zones: Mapping[str, Sequence[str]]) -> Ints:
    """Number of each seat's zone; 0 where it is in none."""
    named = [seat for members in zones.values() for seat in members]
    if len(set(named)) != len(named):
        raise ValueError("a seat is in two zones: give each seat to one zone")
    number = {seat: i for i, members in enumerate(zones.values(), 1) for seat in members}
    return np.array([number.get(seat, 0) for seat in seats], dtype=np.int64)
