"""The hall's sample grid: every seat's samples on one time axis, closed tick by tick.

Slot *s* of a group lies at ``s / rate`` seconds of hall time after the show's origin. Recordings
and simulated viewers are placed by their own sample index; live headsets by a running regression of
packet count against arrival. What is missing stays NaN. A tick is closed once; samples that come
later are counted, and stay out of what is computed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

import dsp
from acquisition import Headset

TICK_NS = 100_000_000
"""A tick: 100 ms of hall time, in ns."""

LIVE_LIMIT_NS = 250_000_000
"""How long after its end a tick waits for a live headset."""

RECORDED_LIMIT_NS = 2_000_000_000
"""How long after its end a tick waits for a recording: playback boards run up to 1 % slow."""

_RING_S = 8.0
_HALF_TIME_S = 90.0
_TRUSTED_SPAN_S = 10.0
_HYSTERESIS_SLOTS = 0.75
_RESTART_S = 1.0

Float32 = NDArray[np.float32]
Int64 = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Placed:
    """What became of the samples of one frame.

    Attributes
    ----------
    late : int
        Samples whose tick had been closed.
    ahead : int
        Samples further ahead than the ring reaches.
    """

    late: int
    ahead: int


class Grid:
    """Sample rings of all seats, and the rule by which ticks close.

    Parameters
    ----------
    sources : sequence of tuple of Headset
        The headsets of each source, in the order their runs count seats.
    origin_ns : int
        Hall time of slot 0 and of the start of tick 0, in ns.
    first_tick : int
        The tick that is open first; what lies before it counts as late.
    weights : sequence of tuple of float
        Of each source's synchrony component; empty for the montages' own.

    Attributes
    ----------
    groups : tuple of dsp.Group
        Seats that share rate, montage and weights, in order of first appearance.
    tick : int
        The tick that is open.
    """

    def __init__(
        self,
        sources: Sequence[tuple[Headset, ...]],
        origin_ns: int,
        first_tick: int = 0,
        weights: Sequence[tuple[float, ...]] = (),
    ) -> None:
        members: dict[tuple[float, tuple[str, ...], tuple[float, ...]], list[Headset]] = {}
        self._places: list[tuple[int, Int64]] = []
        for headsets, own in zip(sources, weights or [()] * len(sources), strict=True):
            key = (headsets[0].rate, headsets[0].channels, own)
            group = members.setdefault(key, [])
            first = len(group)
            group.extend(headsets)
            index = list(members).index(key)
            self._places.append((index, np.arange(first, len(group), dtype=np.int64)))
        self.groups = tuple(
            dsp.Group(tuple(h.seat for h in group), channels, rate, own)
            for (rate, channels, own), group in members.items()
        )
        self._rings = [
            _Ring(group, tuple(members.values())[i], origin_ns, first_tick)
            for i, group in enumerate(self.groups)
        ]
        self.origin_ns = origin_ns
        self.tick = first_tick

    def place(self, source: int, read_ns: int, runs: Int64, samples: Float32) -> Placed:
        """Put one frame's samples into their slots.

        Parameters
        ----------
        source : int
            Ordinal of the source the frame came from.
        read_ns : int
            Hall time at which the worker drained the headset, in ns.
        runs : int64 [runs, 3]
            Seat ordinal in the source, index of the first sample, number of samples.
        samples : float32 [samples, channels]
            In uV.
        """
        group, columns = self._places[source]
        ring = self._rings[group]
        late, ahead = _place(
            runs, samples, columns, ring.samples, ring.open_slot, read_ns, self.origin_ns,
            ring.group.rate, ring.live, ring.newest, ring.heard_ns, ring.shift, ring.fit,
        )  # fmt: skip
        return Placed(late, ahead)

    def due(self, now_ns: int) -> bool:
        """Tell whether the open tick may close: every live seat has reached it, or time is up."""
        end_ns = self.origin_ns + (self.tick + 1) * TICK_NS
        return now_ns >= end_ns and all(
            ring.complete(self.tick, end_ns, now_ns) for ring in self._rings
        )

    def close(self) -> list[Float32]:
        """Close the open tick.

        Returns
        -------
        list of float32 [slots, seats, channels]
            One block per group, in uV, NaN where no sample came.
        """
        blocks = [ring.take(self.tick) for ring in self._rings]
        self.tick += 1
        return blocks

    def wipe(self, seat: int) -> None:
        """Forget a seat (counted as in the states): its samples that wait, and its clock."""
        for ring in self._rings:
            seats = ring.samples.shape[1]
            if 0 <= seat < seats:
                ring.samples[:, seat] = np.nan
                ring.shift[seat] = 0
                ring.fit[seat] = 0.0
            seat -= seats

    def silent_ns(self, now_ns: int) -> list[int]:
        """Time since each seat's last samples came, in ns, in the order of the groups."""
        return [now_ns - heard for ring in self._rings for heard in ring.heard_ns.tolist()]


class _Ring:
    """One group's samples around the open tick."""

    def __init__(
        self, group: dsp.Group, headsets: Sequence[Headset], origin_ns: int, first_tick: int
    ) -> None:
        seats = len(group.seats)
        self.group = group
        self.samples: Float32 = np.full(
            (int(_RING_S * group.rate), seats, len(group.channels)), np.nan, np.float32
        )
        self.open_slot = dsp.tick_slots(group.rate, first_tick)[0]
        self.live = np.array([h.live for h in headsets])
        self.limit_ns = np.where(self.live, LIVE_LIMIT_NS, RECORDED_LIMIT_NS)
        self.newest = np.full(seats, -1, np.int64)
        self.heard_ns = np.full(seats, origin_ns + first_tick * TICK_NS, np.int64)
        self.shift = np.zeros(seats, np.int64)
        self.fit = np.zeros((seats, 8))

    def complete(self, tick: int, end_ns: int, now_ns: int) -> bool:
        stop = dsp.tick_slots(self.group.rate, tick)[1]
        waiting = self.newest + 1 < stop
        waiting &= now_ns - self.heard_ns <= self.limit_ns
        waiting &= now_ns < end_ns + self.limit_ns
        return not waiting.any()

    def take(self, tick: int) -> Float32:
        first, stop = dsp.tick_slots(self.group.rate, tick)
        block = np.empty((stop - first, *self.samples.shape[1:]), np.float32)
        _take(self.samples, first, block)
        self.open_slot = stop
        return block


@njit(cache=True)
def _take(ring, first, block):  # type: ignore[no-untyped-def]
    """Copy slots out of the ring and leave NaN behind."""
    for i in range(block.shape[0]):
        slot = (first + i) % ring.shape[0]
        for seat in range(block.shape[1]):
            for channel in range(block.shape[2]):
                block[i, seat, channel] = ring[slot, seat, channel]
                ring[slot, seat, channel] = np.nan


@njit(cache=True)
def _place(  # type: ignore[no-untyped-def]
    runs, samples, columns, ring, open_slot, read_ns, origin_ns, rate, live, newest, heard_ns,
    shift, fit,
):  # fmt: skip
    """Put every run into its slots; returns the samples that came late, and too far ahead."""
    late = 0
    ahead = 0
    row = 0
    for r in range(runs.shape[0]):
        seat = columns[runs[r, 0]]
        first = runs[r, 1]
        count = runs[r, 2]
        if live[seat]:
            shift[seat] = _follow(
                fit[seat], first + count - 1, read_ns, origin_ns, rate, shift[seat]
            )
        heard_ns[seat] = read_ns
        for i in range(count):
            slot = first + i + shift[seat]
            if slot < open_slot:
                late += 1
            elif slot >= open_slot + ring.shape[0]:
                ahead += 1
            else:
                newest[seat] = max(newest[seat], slot)
                for channel in range(ring.shape[2]):
                    ring[slot % ring.shape[0], seat, channel] = samples[row + i, channel]
        row += count
    return late, ahead


@njit(cache=True)
def _follow(fit, index, read_ns, origin_ns, rate, shift):  # type: ignore[no-untyped-def]
    """Move a live seat's shift from sample index to slot after its clock.

    Least squares of arrival over packet count, forgetting with a half-time of 90 s (as liblsl's
    dejitter: brainflow.md 4.3). `fit` holds: weight, first index, first arrival less origin (s),
    and the weighted means and moments x, y, xx, xy.
    """
    arrival = (read_ns - origin_ns) * 1e-9
    if fit[0] > 0.0:
        x = (index - fit[1]) / rate
        y = arrival - fit[2]
        expected = fit[4] + _slope(fit, x) * (x - fit[3])
        if abs(y - expected) > _RESTART_S:
            fit[0] = 0.0
    if fit[0] == 0.0:
        fit[:] = 0.0
        fit[0] = 1.0
        fit[1] = index
        fit[2] = arrival
        fit[7] = 0.0
        return int(np.floor(arrival * rate + 0.5)) - index
    x = (index - fit[1]) / rate
    y = arrival - fit[2]
    keep = fit[0] * 0.5 ** (max(x - fit[7], 0.0) / _HALF_TIME_S)
    weight = keep + 1.0
    dx = x - fit[3]
    dy = y - fit[4]
    fit[5] = (keep * fit[5] + keep / weight * dx * dx) / weight
    fit[6] = (keep * fit[6] + keep / weight * dx * dy) / weight
    fit[3] += dx / weight
    fit[4] += dy / weight
    fit[0] = weight
    fit[7] = x
    target = (fit[2] + fit[4] + _slope(fit, x) * (x - fit[3])) * rate - index
    if abs(target - shift) > _HYSTERESIS_SLOTS:
        return int(np.floor(target + 0.5))
    return shift


@njit(cache=True)
def _slope(fit, x):  # type: ignore[no-untyped-def]
    """Seconds of hall time per second of headset time; 1 until the span can be trusted."""
    if x < _TRUSTED_SPAN_S or fit[5] <= 0.0:
        return 1.0
    return fit[6] / fit[5]
