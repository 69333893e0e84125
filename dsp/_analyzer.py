"""From samples to the audience's state, tick by tick."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from dsp._baseline import Baseline, to_rows
from dsp._group import GroupState
from dsp._pooling import normal_confidence, student_confidence, trimmed_mean
from dsp._quality import Flag
from dsp._signals import INDICES, SYNCHRONY, component, regions_needed
from dsp._synchrony import Correlation, Pool
from dsp._types import (
    TICKS_PER_SECOND,
    AudienceState,
    Group,
    Memory,
    Pooled,
    Settings,
    tick_slots,
)

Bools = npt.NDArray[np.bool_]


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

    Raises
    ------
    ValueError
        Where a seat is in two groups, a band lies beyond half a group's rate, or the memory is of
        other seats.
    """

    def __init__(
        self, groups: Sequence[Group], settings: Settings, memory: Memory | None = None
    ) -> None:
        self._settings = settings
        self._seats = tuple(seat for group in groups for seat in group.seats)
        if len(set(self._seats)) != len(self._seats):
            raise ValueError("a seat is in two groups: give each seat to one group")
        self._pools: dict[tuple[float, str], Pool] = {}
        self._groups = _states(groups, settings, self._pools)
        starts = np.cumsum([0, *(len(group.seats) for group in groups)]).tolist()
        self._spans = [slice(first, stop) for first, stop in pairwise(starts)]
        self._baseline = Baseline(len(INDICES), len(self._seats), settings)
        if memory is not None:
            self._baseline.recall(memory)
        self._admitted: Bools = np.zeros(len(self._seats), dtype=np.bool_)
        self._offered: Bools = np.zeros((len(INDICES), len(self._seats)), dtype=np.bool_)
        for span, state in zip(self._spans, self._groups, strict=True):
            self._offered[:, span] = state.offered[:, None]
        self._index = np.full((len(INDICES), len(self._seats)), np.nan)
        self._next_tick: int | None = None
        self._second_end: int | None = None
        self._pool_signals()

    @property
    def seats(self) -> tuple[str, ...]:
        """All groups' seats, concatenated."""
        return self._seats

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
            Per group the samples of `tick_slots` in microvolts, NaN where missing.
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
        self._admitted = admitted.copy()
        for span, state, block in zip(self._spans, self._groups, blocks, strict=True):
            state.push(tick, block, admitted[span], exclude_synchrony)
        if left.any():
            self._forget(np.flatnonzero(left).tolist())
        if (tick + 1) % TICKS_PER_SECOND == 0:
            self._close_second(tick + 1)
        elif left.any():
            self._pool_signals()
        self._next_tick = tick + 1
        return AudienceState(tick, self._signals, self._flags(), self._indices, self._zs)

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
        """Wipe seats that left, and correlate the last window again without them."""
        for seat in seats:
            self._baseline.forget(seat)
            self._index[:, seat] = np.nan
            for span, state in zip(self._spans, self._groups, strict=True):
                if span.start <= seat < span.stop:
                    state.forget(seat - span.start)
        if self._second_end is not None:
            self._correlate(self._second_end)

    def _close_second(self, end_tick: int) -> None:
        """Compute every signal at the end of a second."""
        for span, state in zip(self._spans, self._groups, strict=True):
            self._index[:, span] = state.index
        self._baseline.update(self._index)
        self._second_end = end_tick
        self._correlate(end_tick)
        self._pool_signals()

    def _correlate(self, end_tick: int) -> None:
        for pool in self._pools.values():
            pool.correlate(end_tick)

    def _pool_signals(self) -> None:
        """Make the parts of the state that change by the second."""
        indices = [self._pool_index(i, index.name) for i, index in enumerate(INDICES)]
        self._signals = (*indices, self._pool_synchrony())
        self._indices = to_rows(self._index)
        self._zs = to_rows(self._baseline.z)

    def _pool_index(self, i: int, name: str) -> Pooled:
        count, mean, error = trimmed_mean(self._baseline.z[i], self._settings.trim)
        if not self._offered[i].any():
            return _unknown(name, 0, f"no seat has {_either(regions_needed(name))} electrodes")
        if count < self._settings.min_seats:
            return _unknown(name, count, self._why_few(i, count))
        if error < _ALIKE:
            return _unknown(name, count, "all seats are alike: check for doubled devices")
        t = mean / error
        confidence = student_confidence(t, count)
        return Pooled(name, mean, error, t, confidence, count, None, "")

    def _pool_synchrony(self) -> Pooled:
        if not self._pools:
            needed = f"TP9 and TP10, or {_either(regions_needed(SYNCHRONY)[1:])} electrodes"
            return _unknown(SYNCHRONY, 0, f"no seat has {needed}")
        best: Correlation = max((p.latest for p in self._pools.values()), key=lambda c: c.seats)
        if best.value is None or best.null_sd is None:
            reason = self._too_few(best.seats)
            if best.seats >= self._settings.min_seats:
                reason = "nothing to correlate in the window"
            return _unknown(SYNCHRONY, best.seats, reason)
        if best.seats < self._settings.min_seats:
            return _unknown(SYNCHRONY, best.seats, self._too_few(best.seats), best.value)
        z = best.value / best.null_sd
        return Pooled(
            SYNCHRONY, z, best.null_sd, z, normal_confidence(z), best.seats, best.value, ""
        )

    def _why_few(self, i: int, count: int) -> str:
        """Tell seats that have no baseline yet from seats that are not valid."""
        valid = ~np.isnan(self._index[i])
        known = np.count_nonzero(valid & self._baseline.known[i])
        if known >= self._settings.min_seats:
            return "too few seconds since the baseline"
        if np.count_nonzero(valid) >= self._settings.min_seats:
            return "baseline not complete"
        return self._too_few(count)

    def _too_few(self, count: int) -> str:
        return f"{count} valid seat{'' if count == 1 else 's'}, {self._settings.min_seats} needed"

    def _flags(self) -> tuple[int, ...]:
        """Collect the flags of every seat at this tick."""
        flags = np.zeros(len(self._seats), dtype=np.int64)
        for span, state in zip(self._spans, self._groups, strict=True):
            flags[span] = state.flags
        waiting = (self._offered & ~self._baseline.known).any(axis=0)
        flags[waiting] |= int(Flag.NO_BASELINE)
        flags[~self._admitted] = int(Flag.NOT_ADMITTED)
        return tuple(flags.tolist())


_ALIKE = 1e-9  # standard error of z below which seats cannot be different people


def warm_up() -> None:
    """Compile every kernel ahead of the show (seconds, once per machine; then a cache serves)."""
    group = Group(("a", "b"), ("TP9", "TP10"), 250.0)
    analyzer = Analyzer([group], Settings(settling_s=0.1, isc_window_s=1))
    wave = np.sin(np.arange(100, dtype=np.float32)).reshape(25, 2, 2)
    for tick in range(3 * TICKS_PER_SECOND):
        analyzer.push(tick, [wave], admitted=np.ones(2, dtype=np.bool_))


def _states(
    groups: Sequence[Group], settings: Settings, pools: dict[tuple[float, str], Pool]
) -> list[GroupState]:
    """State of every group, with the pools they share (filled in)."""
    keys = [
        (group.rate, found[0]) if (found := component(group.channels)) else None for group in groups
    ]
    sizes: dict[tuple[float, str], int] = {}
    columns = []
    for group, key in zip(groups, keys, strict=True):
        columns.append(sizes.get(key, 0) if key else 0)
        if key:
            sizes[key] = sizes.get(key, 0) + len(group.seats)
    pools.update({key: Pool(key[0], size, settings) for key, size in sizes.items()})
    return [
        GroupState(group, settings, pools[key] if key else None, column)
        for group, key, column in zip(groups, keys, columns, strict=True)
    ]


def _either(regions: Sequence[str]) -> str:
    *others, last = regions
    return f"{', '.join(others)} or {last}" if others else last


def _unknown(name: str, seats: int, reason: str, raw: float | None = None) -> Pooled:
    return Pooled(name, None, None, None, None, seats, raw, reason)
