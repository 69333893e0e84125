"""A whole tick of the audience's state, from samples on the grid to the pooled signals."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable

import numpy as np
from brainflow.data_filter import DataFilter
from scipy import signal

import dsp
from acquisition import SIMULATED_CHANNELS
from benchmarks._measure import Contender, Effort, Floats, figure, interleave, ratio, stopwatch
from benchmarks._report import RATIO, Table, noted
from benchmarks._shows import brain_noise
from dsp._filters import ORDER
from hardware import MONTAGES

MUSE_SEATS = 44
LOOP_S = 10
LEAD_IN_S = 60
SETTINGS = dsp.Settings()
BANDS = (SETTINGS.theta_hz, SETTINGS.alpha_hz, SETTINGS.beta_hz)


class _Hall:
    """`dsp.Analyzer`, with its baseline frozen: every path of it is walked."""

    def __init__(self, group: dsp.Group) -> None:
        self._analyzer = dsp.Analyzer([group], SETTINGS)
        self._rate = group.rate
        shape = (round(LOOP_S * group.rate), len(group.seats), len(group.channels))
        noise = brain_noise(shape[0], shape[1] * shape[2])
        self._noise = noise.reshape(shape).astype(np.float32)
        self._admitted = np.ones(len(group.seats), np.bool_)
        self._tick = 0
        for _ in range(LEAD_IN_S * dsp.TICKS_PER_SECOND):
            self.push()
        self._analyzer.freeze_baseline()

    def push(self) -> None:
        first, stop = dsp.tick_slots(self._rate, self._tick)
        start = first % len(self._noise)
        block = self._noise[start : start + stop - first]
        self._analyzer.push(self._tick, [block], admitted=self._admitted)
        self._tick += 1


class _PlainNumpy:
    """What one would write first: `sosfilt` per band, and a running mean of squares."""

    def __init__(self, group: dsp.Group) -> None:
        self._channels = len(group.seats) * len(group.channels)
        samples = dsp.tick_slots(group.rate, 0)[1]
        self._block = np.ascontiguousarray(brain_noise(samples, self._channels).T)
        notch = signal.iirnotch(SETTINGS.mains_hz, SETTINGS.notch_quality, fs=group.rate)
        self._sos = [signal.tf2sos(*notch)]
        order = ORDER
        self._sos += [
            signal.butter(order, b, "bandpass", fs=group.rate, output="sos") for b in BANDS
        ]
        self._states = [np.zeros((len(sos), self._channels, 2)) for sos in self._sos]
        window = round(SETTINGS.power_window_s * dsp.TICKS_PER_SECOND)
        self._squares = np.zeros((window, len(BANDS), self._channels))
        self._tick = 0

    def push(self) -> Floats:
        clean, self._states[0] = signal.sosfilt(self._sos[0], self._block, zi=self._states[0])
        squares = self._squares[self._tick % len(self._squares)]
        for band in range(len(BANDS)):
            i = band + 1
            out, self._states[i] = signal.sosfilt(self._sos[i], clean, zi=self._states[i])
            squares[band] = (out**2).mean(axis=1)
        self._tick += 1
        powers: Floats = np.log(self._squares.mean(axis=0))
        return powers


class _BrainFlow:
    """BrainFlow's `get_avg_band_powers` of every seat, over the same window."""

    def __init__(self, group: dsp.Group) -> None:
        samples = round(SETTINGS.power_window_s * group.rate)
        noise = brain_noise(samples, len(group.channels)).T
        self._window = np.ascontiguousarray(noise)
        self._channels = list(range(len(group.channels)))
        self._seats, self._rate = len(group.seats), int(group.rate)

    def push(self) -> None:
        for _ in range(self._seats):
            DataFilter.get_avg_band_powers(self._window, self._channels, self._rate, True)


KINDS: dict[str, tuple[type[_Hall | _PlainNumpy | _BrainFlow], str]] = {
    "Neural Hall: Analyzer.push": (_Hall, "all"),
    "numpy + scipy, one matrix": (_PlainNumpy, "band powers only"),
    "BrainFlow get_avg_band_powers": (_BrainFlow, "band powers only"),
}


def run(effort: Effort) -> list[Table]:
    """Measure the Muse hall, and the greatest one."""
    muse = min(MUSE_SEATS, effort.seats)
    tables = [
        _compare(dsp.Group(_names(muse), MONTAGES["MUSE_2_BOARD"], 256.0), effort),
        _compare(dsp.Group(_names(effort.seats), SIMULATED_CHANNELS, 250.0), effort),
    ]
    return noted(
        tables,
        f"{_ticks(effort)} ticks a round, {effort.rounds} rounds (BrainFlow: 2 ticks a round). "
        "'All' is filters, gaps, electrode quality, scale, powers, baseline, synchrony and "
        "pooling; every tenth tick closes a second, which is the p99. Band powers only: no gaps, "
        "no quality, no synchrony.",
        "kB allocated: most Python and numpy memory held beyond that before the tick, median "
        "over the ticks (and the worst tick), in a run of its own; what BrainFlow allocates "
        "in C++ is not seen.",
    )


def _ticks(effort: Effort) -> int:
    return round(effort.seconds * dsp.TICKS_PER_SECOND)


def _names(count: int) -> tuple[str, ...]:
    return tuple(f"S{i + 1}" for i in range(count))


def _compare(group: dsp.Group, effort: Effort) -> Table:
    ticks = _ticks(effort)
    made = {name: kind(group) for name, (kind, _) in KINDS.items()}
    contenders = {name: _timed(one.push, 2 if _slow(one) else ticks) for name, one in made.items()}
    costs = interleave(contenders, effort.rounds)
    ours = next(iter(costs.values()))
    rows = []
    for name, (_, does) in KINDS.items():
        ms = costs[name] * 1e3
        peak, worst = _allocated(made[name].push, 2 if _slow(made[name]) else ticks)
        rows.append(
            (
                name,
                does,
                *map(figure, (ms.mean(), *np.percentile(ms, (50, 99)).tolist(), ms.max())),
                ratio(costs[name], ours),
                f"{figure(peak / 1e3)} ({figure(worst / 1e3)})",
            )
        )
    return Table(
        f"One tick: {len(group.seats)} seats x {len(group.channels)} channels x {group.rate:g} Hz",
        ("", "computes", "mean ms", "p50", "p99", "worst", RATIO, "kB allocated"),
        tuple(rows),
    )


def _slow(one: object) -> bool:
    return isinstance(one, _BrainFlow)


def _timed(push: Callable[[], object], ticks: int) -> Contender:
    return lambda: stopwatch(push, ticks)


def _allocated(push: Callable[[], object], ticks: int) -> tuple[float, float]:
    """Bytes at the peak of a tick beyond those held before it: median and worst."""
    peaks = np.zeros(ticks)
    tracemalloc.start()
    try:
        push()
        for i in range(ticks):
            tracemalloc.reset_peak()
            before = tracemalloc.get_traced_memory()[0]
            push()
            peaks[i] = tracemalloc.get_traced_memory()[1] - before
    finally:
        tracemalloc.stop()
    return float(np.median(peaks)), float(peaks.max())
