"""The filter bank alone: a mains notch, then five band-passes, tick by tick."""

from __future__ import annotations

from typing import Any, Protocol

import numba
import numpy as np
from brainflow.data_filter import DataFilter, FilterTypes
from numpy.typing import NDArray
from scipy import signal

import dsp
from benchmarks._measure import Effort, Floats, figure, interleave, ratio, spread, stopwatch
from benchmarks._report import RATIO, Table
from benchmarks._shows import brain_noise

# The kernel has no name in the shop window; the whole analyzer is measured in `tick`.
from dsp._filters import BANDS, ORDER, FilterState, Work, bridge, coefficients, design, filter_piece
from dsp._group import PIECE

CHANNELS = 8
RATE = 250.0
TICK = 25
SETTLED = 4 * int(RATE)

SETTINGS = dsp.Settings()

Block = NDArray[Any]
"""A matrix in the layout and precision that a bank likes best."""


class _Bank(Protocol):
    """Takes a matrix in its own layout and gives every band of it."""

    def layout(self, x: Floats) -> Block:
        """Lay [samples, channels] out as this bank likes it best."""

    def push(self, x: Block) -> Block:
        """Filter one block."""

    def common(self, bands: Block) -> Floats:
        """Give the result as [bands, samples, channels]."""


@numba.njit(cache=True, nogil=True, error_model="numpy")
def _pieces(
    x: Block, absent: Block, gap: int, settling: int, sections: Block, state: FilterState,
    work: Work, mains: Block, squares: Block, counts: Block, out: Block,
) -> None:  # fmt: skip
    """Walk the pieces as `dsp._group.take` does, with the bank alone."""
    samples, channels = x.shape
    for first in range(0, channels, PIECE):
        stop = min(first + PIECE, channels)
        bridge(
            x, first, stop, absent, gap, settling, state.offset, state.last, state.gap,
            state.unsettled, work.held, work.hole, work.starts, work.started,
        )  # fmt: skip
        filter_piece(
            work.held, work.hole, work.starts, work.started, samples, first, stop, sections,
            state.notch, state.bands, work.clean, work.wave, work.broad, mains, squares, counts,
        )  # fmt: skip
        for t in range(samples):
            out[t, first:stop] = work.broad[t, : stop - first]


class _Hall:
    """Our kernels: float32 in, every channel at once, gaps allowed, power of every band."""

    def __init__(self, channels: int) -> None:
        self._sections = coefficients(design(RATE, SETTINGS))
        self._state = FilterState.fresh(self._sections, channels)
        self._gap = round(SETTINGS.max_gap_s * RATE)
        self._settling = round(SETTINGS.settling_s * RATE)
        self._mains, self._counts = (np.zeros(channels, np.float32) for _ in range(2))
        self._squares = np.zeros((len(BANDS), channels), np.float32)
        self._absent = np.zeros(channels, np.float32)
        self._work = Work.room(TICK, PIECE)
        self._out = np.empty((TICK, channels), np.float32)

    def layout(self, x: Floats) -> Block:
        return np.ascontiguousarray(x, np.float32)

    def push(self, x: Block) -> Block:
        if len(x) != len(self._out):
            self._work = Work.room(len(x), PIECE)
            self._out = np.empty_like(x)
        _pieces(
            x, self._absent, self._gap, self._settling, self._sections, self._state, self._work,
            self._mains, self._squares, self._counts, self._out,
        )  # fmt: skip
        return self._out

    def common(self, bands: Block) -> Floats:
        return bands[None].astype(np.float64)


class _Scipy:
    """`scipy.signal.sosfilt` on one matrix, its state carried from tick to tick."""

    def __init__(self, channels: int) -> None:
        sos = design(RATE, SETTINGS)
        self._notch, self._bands = sos[0, :1].copy(), [band[1:].copy() for band in sos]
        self._notch_state = np.zeros((1, channels, 2))
        self._states = [np.zeros((len(band), channels, 2)) for band in self._bands]

    def layout(self, x: Floats) -> Block:
        return np.ascontiguousarray(x.T)

    def push(self, x: Block) -> Floats:
        clean, self._notch_state = signal.sosfilt(self._notch, x, zi=self._notch_state)
        out = np.empty((len(self._bands), *x.shape))
        for i, band in enumerate(self._bands):
            out[i], self._states[i] = signal.sosfilt(band, clean, zi=self._states[i])
        return out

    def common(self, bands: Floats) -> Floats:
        return bands.transpose(0, 2, 1)


class _BrainFlow:
    """BrainFlow's `DataFilter`, channel by channel; every call starts from nothing."""

    EDGES = (
        (SETTINGS.high_pass_hz, SETTINGS.low_pass_hz),
        SETTINGS.theta_hz,
        SETTINGS.alpha_hz,
        SETTINGS.beta_hz,
        SETTINGS.muscle_hz,
    )
    HALF_NOTCH = SETTINGS.mains_hz / SETTINGS.notch_quality / 2

    def __init__(self, channels: int) -> None:
        self._kind = FilterTypes.BUTTERWORTH.value

    def layout(self, x: Floats) -> Block:
        return np.ascontiguousarray(x.T)

    def push(self, x: Block) -> Floats:
        out = np.empty((len(self.EDGES), *x.shape))
        mains, half = SETTINGS.mains_hz, self.HALF_NOTCH
        for k in range(len(x)):
            clean = x[k].copy()
            DataFilter.perform_bandstop(
                clean, int(RATE), mains - half, mains + half, 1, self._kind, 0.0
            )
            out[:, k] = clean
            for i, (low, high) in enumerate(self.EDGES):
                DataFilter.perform_bandpass(out[i, k], int(RATE), low, high, ORDER, self._kind, 0.0)
        return out

    def common(self, bands: Floats) -> Floats:
        return bands.transpose(0, 2, 1)


BANKS: dict[str, tuple[type[_Hall | _Scipy | _BrainFlow], str]] = {
    "Neural Hall (Numba kernel)": (_Hall, "yes"),
    "scipy.signal.sosfilt, one matrix": (_Scipy, "yes"),
    "BrainFlow DataFilter, per channel": (_BrainFlow, "no"),
}


def run(effort: Effort) -> list[Table]:
    """Measure a tick of the greatest hall, and what each bank makes of chunks."""
    channels = effort.seats * CHANNELS
    ticks = max(1, round(effort.seconds * dsp.TICKS_PER_SECOND / 4))
    block = brain_noise(TICK, channels)
    contenders = {}
    for name, (kind, _) in BANKS.items():
        bank = kind(channels)
        x = bank.layout(block)
        contenders[name] = lambda bank=bank, x=x: stopwatch(lambda: bank.push(x), ticks)
    costs = interleave(contenders, effort.rounds)
    ours = next(iter(costs.values()))
    reference = _whole(_Scipy(CHANNELS))
    rows = tuple(
        (
            name,
            spread(costs[name].mean(axis=1) * 1e3),
            ratio(costs[name], ours),
            carries,
            f"{figure(100 * _error(_chunked(kind(CHANNELS)), _whole(kind(CHANNELS))))} %",
            f"{figure(100 * _error(_whole(kind(CHANNELS)), reference))} %",
        )
        for name, (kind, carries) in BANKS.items()
    )
    return [
        Table(
            f"Filter bank, one tick of 100 ms: {effort.seats} seats x {CHANNELS} channels x "
            f"{RATE:g} Hz, notch and {len(_BrainFlow.EDGES)} bands",
            ("", "ms per tick", RATIO, "carries state", "chunk error", "off scipy"),
            rows,
            (
                f"{ticks} ticks a round, {effort.rounds} rounds. Chunk error: RMS of (chunks of "
                f"{TICK} samples less the whole signal at once) over RMS of the whole, after "
                f"{SETTLED / RATE:g} s, on noise without offset. Off scipy: the same for the whole "
                "signal beside scipy's.",
                "Only ours takes NaN for a missing sample and starts at an electrode's offset.",
            ),
        )
    ]


def _whole(bank: _Bank) -> Floats:
    """Filter everything at once; the broad band, whose samples every bank gives."""
    return bank.common(bank.push(bank.layout(_long())))[:1, SETTLED:]


def _chunked(bank: _Bank) -> Floats:
    x = _long()
    parts = [bank.common(bank.push(bank.layout(x[i : i + TICK]))) for i in range(0, len(x), TICK)]
    return np.concatenate(parts, axis=1)[:1, SETTLED:]


def _long() -> Floats:
    """Noise without the electrodes' offset, which would make chunks look a hundred times worse."""
    return brain_noise(3 * SETTLED, CHANNELS, offset_uv=0.0)


def _error(one: Floats, other: Floats) -> float:
    """RMS of the difference over RMS of the second."""
    axes = (1, 2)
    return float(
        np.mean(np.sqrt(((one - other) ** 2).mean(axis=axes) / (other**2).mean(axis=axes)))
    )
