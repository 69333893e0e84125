"""A hall of any size on one core, in a process of its own.

``python -m benchmarks._halls SEATS LEAD_IN_S SECONDS`` prints what it cost as JSON.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

import dsp
from benchmarks._measure import need_proc
from benchmarks._one_core import elsewhere, one_core
from benchmarks._peers import BLOCK, CHANNELS, RATE, SETTINGS, Samples

BLOCK_MS = 1000 / dsp.TICKS_PER_SECOND
_OFFSET_UV = 1000.0
_SPARE = 1 << 20


class Ran(msgspec.Struct, frozen=True):
    """What a hall cost.

    Attributes
    ----------
    seats : int
        How many.
    seconds : tuple of float
        Of every block, in order.
    base_mb, most_mb : float
        Resident memory before the analyzer was made, its input included, and the most of it while
        it was measured.
    unknown : tuple of str
        Signals that had no value at the end.
    """

    seats: int
    seconds: tuple[float, ...]
    base_mb: float
    most_mb: float
    unknown: tuple[str, ...]

    @property
    def grown_mb(self) -> float:
        """What the analyzer itself holds at most."""
        return self.most_mb - self.base_mb


def run_hall(seats: int, lead_in_s: int, seconds: int) -> Ran:
    """Run a hall for whole seconds after its lead-in, in a process that has one core."""
    return elsewhere(Ran, "_halls", str(seats), str(lead_in_s), str(seconds))


def _run_hall(seats: int, lead_in_s: int, seconds: int) -> Ran:
    dsp.warm_up()
    pool = _noise(seats)
    names = tuple(f"S{i + 1}" for i in range(seats))
    admitted = np.ones(seats, np.bool_)
    base_mb = _resident_mb("VmRSS")
    analyzer = dsp.Analyzer([dsp.Group(names, CHANNELS, float(RATE))], SETTINGS)
    lead_in, stop = (s * dsp.TICKS_PER_SECOND for s in (lead_in_s, lead_in_s + seconds))
    taken = []
    signals: tuple[dsp.Pooled, ...] = ()
    for tick in range(stop):
        if tick == lead_in:
            analyzer.freeze_baseline()
            # From here on the kernel counts the most anew.
            Path("/proc/self/clear_refs").write_text("5")
        block = _block(pool, seats, tick)
        begun = time.perf_counter()
        signals = analyzer.push(tick, [block], admitted=admitted).signals
        taken.append(time.perf_counter() - begun)
    return Ran(
        seats,
        tuple(taken[lead_in:]),
        base_mb,
        _resident_mb("VmHWM"),
        tuple(f"{signal.name} ({signal.reason})" for signal in signals if signal.value is None),
    )


def _noise(seats: int) -> NDArray[np.float32]:
    """Make one block's worth of noise and some more, in which every block begins elsewhere."""
    size = BLOCK * seats * len(CHANNELS) + _SPARE
    noise = np.random.default_rng(1).standard_normal(size, dtype=np.float32)
    noise *= 10.0
    noise += _OFFSET_UV
    return noise


def _block(noise: NDArray[np.float32], seats: int, tick: int) -> Samples:
    """Look at the noise from another place every tick; nothing is copied."""
    # An odd number of cache lines on, round and round: no place comes twice within an hour.
    first = 16 * (tick * 40_503 % (_SPARE // 16))
    size = BLOCK * seats * len(CHANNELS)
    return noise[first : first + size].reshape(BLOCK, seats, len(CHANNELS))


def _resident_mb(name: str) -> float:
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(f"{name}:"):
            return int(line.split()[1]) * 1024 / 1e6
    raise OSError(f"/proc tells no {name}")


def main() -> None:
    """Run the hall that the command line asks for."""
    need_proc()
    with one_core():
        ran = _run_hall(*map(int, sys.argv[1:]))
    sys.stdout.buffer.write(msgspec.json.encode(ran))


if __name__ == "__main__":
    main()
