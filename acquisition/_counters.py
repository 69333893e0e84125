"""Packet counters unwrapped to absolute sample indices.

A counter of 8 bits shows a loss only modulo 256; how often it went round meanwhile follows
from the time that passed.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from acquisition._types import Indices

_TOLERANCE_S = 0.25
_LEAK = 0.01


@dataclass(frozen=True, slots=True)
class Counter:
    """How a board counts its packets.

    Attributes
    ----------
    modulus : int
        Packet numbers until it starts again.
    divisor : int
        What the number rises by per packet.
    burst : int
        Samples per packet, all under one number.
    """

    modulus: int
    divisor: int = 1
    burst: int = 1


_MUSE = Counter(65536, burst=12)
_BYTE = Counter(256)

COUNTERS: Mapping[str, Counter] = MappingProxyType(
    {
        "SYNTHETIC_BOARD": _BYTE,
        "CYTON_BOARD": _BYTE,
        "CYTON_DAISY_BOARD": Counter(128, divisor=2),
        "FREEEEG32_BOARD": _BYTE,
        "MUSE_2016_BOARD": _MUSE,
        "MUSE_2_BOARD": _MUSE,
        "MUSE_S_BOARD": _MUSE,
    }
)
"""Board -> its counter, as read in the sources of BrainFlow's drivers (cyton.cpp,
cyton_daisy.cpp, freeeeg32.cpp, muse.cpp, synthetic_board.cpp). Samples of other boards are
counted as they come, so that their losses are not seen."""

_MUSE_PULSE = Counter(65536, burst=6)

PULSE_COUNTERS: Mapping[str, Counter] = MappingProxyType(
    {"MUSE_2_BOARD": _MUSE_PULSE, "MUSE_S_BOARD": _MUSE_PULSE}
)
"""The same of photoplethysmographs that have a stream of their own (muse.cpp; older BrainFlows left
this counter at 0: their issue 860)."""


class Unwrapper:
    """Gives every sample of one board its absolute index, from 0.

    A loss of any length is reconstructed as long as what follows it comes at most 0.25 s
    earlier, and later by less than a turn of the counter (256 samples at 250 Hz: 1.02 s) less
    0.25 s, than the samples before. Whole turns are added so that the newest sample is the
    latest one that the elapsed time allows.

    Parameters
    ----------
    counter : Counter or None
        None counts the samples as they come.
    rate : float
        Nominal samples per second; the true one may differ by 1 %.
    """

    def __init__(self, counter: Counter | None, rate: float) -> None:
        self._counter = counter
        self._rate = rate
        self._last = -1
        self._number: int | None = None
        self._held = 0
        self._start_ns = 0
        self._read_ns = 0
        self._ceiling = 0.0

    def place(self, numbers: NDArray[np.float64], now_ns: int) -> Indices:
        """Index the samples of one drain.

        Parameters
        ----------
        numbers : ndarray of float64, shape (n,)
            The packet counter's row.
        now_ns : int
            When they were drained.

        Returns
        -------
        ndarray of int64, shape (n,)
            Rising indices.
        """
        asleep_ns, self._read_ns = now_ns - self._read_ns, now_ns
        if not numbers.size:
            return np.empty(0, np.int64)
        if self._counter is None:
            index = self._last + 1 + np.arange(numbers.size)
        else:
            index = self._unwrap(numbers.astype(np.int64) // self._counter.divisor, self._counter)
            self._add_turns(index, asleep_ns, self._counter.modulus * self._counter.burst)
        self._last = int(index[-1])
        return index

    def _unwrap(self, numbers: Indices, counter: Counter) -> Indices:
        """Take every step of the counter as the shortest possible."""
        before = (numbers[0] - 1) if self._number is None else self._number
        steps = np.diff(numbers, prepend=before) % counter.modulus
        if counter.burst == 1:
            self._number = int(numbers[-1])
            return self._last + np.cumsum((steps - 1) % counter.modulus + 1)
        order = np.arange(numbers.size)
        opened = np.maximum.accumulate(np.where(steps > 0, order, -self._held))
        within = order - opened
        packet = self._last // counter.burst + np.cumsum(steps)
        self._number, self._held = int(numbers[-1]), int(within[-1]) + 1
        return packet * counter.burst + within

    def _add_turns(self, index: Indices, asleep_ns: int, turn: int) -> None:
        """Add the whole turns that the elapsed time asks for."""
        if self._last < 0:
            self._start_ns, self._ceiling = self._read_ns, float(index[-1])
        elapsed = (self._read_ns - self._start_ns) * 1e-9 * self._rate
        spare = self._ceiling + elapsed + _TOLERANCE_S * self._rate - index[-1]
        # A silence of a whole turn ends with this drain, unless the reader itself slept so long.
        overslept = asleep_ns * 1e-9 * self._rate > turn
        at = np.argmax(np.diff(index, prepend=self._last)) if overslept else 0
        index[at:] += max(0, int(spare // turn)) * turn
        # A headset slower than nominal falls behind its first samples: let the ceiling sink
        # with every sample that came, but not in silence, which would hide whole turns.
        sunk = self._ceiling - _LEAK * index.size
        self._ceiling = max(sunk, float(index[-1]) - elapsed)
