"""The heart rate of every seat: autocorrelation of its photoplethysmogram."""

from functools import lru_cache
from math import ceil, floor
from typing import NamedTuple

import numba
import numpy as np
import numpy.typing as npt

from dsp._filters import NEVER
from dsp._period import Work, autocorrelate, period
from dsp._settings import Settings

Floats = npt.NDArray[np.float64]
Singles = npt.NDArray[np.float32]
Counts = npt.NDArray[np.int32]
Bools = npt.NDArray[np.bool_]

WINDOW_S = 8
"""Of the autocorrelation: five beats of the slowest heart."""

SLOWEST_BPM, FASTEST_BPM = 40.0, 180.0

BAND_HZ = (0.5, 5.0)
"""From below the slowest heart, which keeps its first harmonic the largest, to above the fastest;
breathing and light are outside."""

STILL = 1e-6
"""A sensor that moves by less, in parts of its light, is stuck: what is left is rounding."""

_RATE = 50.0
_ORDER = 2


class PulseState(NamedTuple):
    """Memory of a group's pulses; changed in place by `follow`."""

    total: Floats  # [seats]: of the samples that are to become one
    seen: Counts  # [seats]: how many there are
    offset: Floats  # [seats]: first value since the filter began
    last: Floats  # [seats]: last value seen, relative to it
    gap: Counts  # [seats]: values missing since
    unsettled: Counts  # [seats]: values until the output counts
    memory: Floats  # [sections, 2, seats]
    ring: Singles  # [seats, values of a window]: the band, NaN where it does not count

    @classmethod
    def fresh(cls, seats: int, length: int) -> "PulseState":
        """State of seats of which nothing has been seen."""
        return cls(
            np.zeros(seats),
            np.zeros(seats, dtype=np.int32),
            np.zeros(seats),
            np.zeros(seats),
            np.full(seats, NEVER, dtype=np.int32),
            np.zeros(seats, dtype=np.int32),
            np.zeros((_ORDER, 2, seats)),
            np.full((seats, length), np.nan, dtype=np.float32),
        )

    def forget(self, seat: int) -> None:
        """Make a seat start anew with its next sample."""
        for array in (self.total, self.seen, self.offset, self.last, self.unsettled):
            array[seat] = 0
        self.gap[seat] = NEVER
        self.memory[..., seat] = 0.0
        self.ring[seat] = np.nan


@lru_cache(maxsize=16)
def sections(rate: float) -> Floats:
    """Give b0, b1, b2, a1, a2 of the band-pass's sections; kept, so that nobody may write it."""
    from scipy import signal  # takes seconds to load

    sos = signal.butter(_ORDER, BAND_HZ, "bandpass", fs=rate, output="sos")
    return np.ascontiguousarray(sos[:, [0, 1, 2, 4, 5]])


@numba.njit(cache=True, nogil=True, error_model="numpy")
def follow(
    x: Singles,
    first_slot: int,
    admitted: Bools,
    step: int,
    max_gap: int,
    settling: int,
    sections: Floats,
    state: PulseState,
) -> None:
    """Take in samples: mean of every `step` of them, band-pass, ring.

    Means leave out what is missing. Where nothing is left the filter runs on the last value, and
    nothing counts; after more than `max_gap` such values it begins anew, relative to its first.

    Parameters
    ----------
    x : ndarray, shape (samples, seats)
        In the sensor's units, NaN where missing.
    first_slot
        The block's first sample slot.
    admitted : ndarray of bool, shape (seats,)
        All others' samples are not looked at.
    step
        Samples that become one value; values begin at multiples of it.
    max_gap, settling
        In values.
    sections : ndarray, shape (sections, 5)
        From `sections`.
    state
        Changed in place.
    """
    for t in range(x.shape[0]):
        for k in range(x.shape[1]):
            if admitted[k] and abs(x[t, k]) < np.inf:
                state.total[k] += x[t, k]
                state.seen[k] += 1
        stop = first_slot + t + 1
        if stop % step:
            continue
        place = (stop // step - 1) % state.ring.shape[1]
        for k in range(x.shape[1]):
            there = state.seen[k] > 0
            if there:
                value = state.total[k] / state.seen[k]
                if state.gap[k] > max_gap:
                    state.offset[k] = value
                    state.memory[:, :, k] = 0.0
                    state.unsettled[k] = settling
                state.last[k] = value - state.offset[k]
                state.unsettled[k] = max(state.unsettled[k] - 1, 0)
            state.gap[k] = 0 if there else min(state.gap[k] + 1, NEVER)
            state.total[k] = state.seen[k] = 0
            y = state.last[k]
            for s in range(sections.shape[0]):
                b0, b1, b2, a1, a2 = sections[s]
                u = y
                y = b0 * u + state.memory[s, 0, k]
                state.memory[s, 0, k] = b1 * u - a1 * y + state.memory[s, 1, k]
                state.memory[s, 1, k] = b2 * u - a2 * y
            state.ring[k, place] = y if there and state.unsettled[k] == 0 else np.nan


@numba.njit(cache=True, nogil=True, error_model="numpy")
def heart_rates(
    ring: Singles,
    offset: Floats,
    oldest: int,
    per_minute: float,
    coverage: float,
    first_lag: int,
    work: Work,
    out: Floats,
    covered: Floats,
) -> None:
    """Heart rate of every seat, from the band of its last seconds.

    Parameters
    ----------
    ring : ndarray, shape (seats, values)
        The band, NaN where it does not count.
    offset : ndarray, shape (seats,)
        What was taken from the sensor's values.
    oldest
        Place of its oldest value.
    per_minute
        Values in a minute.
    coverage
        Share of the window that must be there.
    first_lag
        In values.
    work
        Room.
    out : ndarray, shape (seats,)
        Written: beats per minute, NaN where there is no pulse to be told.
    covered : ndarray, shape (seats,)
        Written: share of the window that was there.
    """
    length = ring.shape[1]
    for k in range(ring.shape[0]):
        count = squares = 0.0
        for t in range(length):
            value = ring[k, (oldest + t) % length]
            there = value == value
            work.x[t] = value if there else 0.0
            work.there[t] = 1.0 if there else 0.0
            count += work.there[t]
            squares += work.x[t] ** 2
        out[k], covered[k] = np.nan, 0.0
        moves = squares > count * (STILL * offset[k]) ** 2
        if moves and count >= coverage * length:
            autocorrelate(work, length, first_lag, coverage / 2, squares / count)
            out[k] = per_minute / period(work.r, first_lag)
            covered[k] = count / length if out[k] == out[k] else 0.0


class Pulse:
    """Streaming heart rates of one group.

    After Schaeck et al. 2017 (doi:10.23919/EUSIPCO.2017.8081656), who take the pulse of moving
    people from the autocorrelation of band-passed photoplethysmograms; viewers sit still, so that
    one sensor and no tracking will do.

    Parameters
    ----------
    seats
        How many.
    rate
        Sampling rate in Hz.
    settings
        Coverage, longest gap, settling time.
    """

    def __init__(self, seats: int, rate: float, settings: Settings) -> None:
        self._step = max(1, round(rate / _RATE))
        own_rate = rate / self._step
        self._per_minute = 60 * own_rate
        # One more at either end: a peak has two neighbours.
        self._first_lag = floor(self._per_minute / FASTEST_BPM) - 1
        last_lag = ceil(self._per_minute / SLOWEST_BPM) + 1
        self._length = round(WINDOW_S * own_rate)
        self._work = Work.room(self._length, self._first_lag, last_lag)
        self._state = PulseState.fresh(seats, self._length)
        self._sections = sections(own_rate)
        self._max_gap = round(settings.max_gap_s * own_rate)
        self._settling = round(settings.settling_s * own_rate)
        self._coverage = settings.coverage
        self._values = 0

    def push(self, first_slot: int, x: Singles, admitted: Bools) -> None:
        """Take in the group's samples of a tick, as `follow`."""
        follow(
            x, first_slot, admitted, self._step, self._max_gap, self._settling, self._sections,
            self._state,
        )  # fmt: skip
        self._values = (first_slot + x.shape[0]) // self._step

    def close_second(self, out: Floats, covered: Floats) -> None:
        """Write every seat's heart rate and the good share behind it, as `heart_rates`."""
        heart_rates(
            self._state.ring, self._state.offset, self._values % self._length, self._per_minute,
            self._coverage, self._first_lag, self._work, out, covered,
        )  # fmt: skip

    def forget(self, seat: int) -> None:
        """Wipe everything about a seat."""
        self._state.forget(seat)
