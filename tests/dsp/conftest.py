"""Recordings and audiences that several files of this folder use."""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from dsp import TICKS_PER_SECOND, Analyzer, AudienceState, Group, Settings, tick_slots
from dsp._pool import Pool
from dsp._synchrony import MISSING

Samples = npt.NDArray[np.float32]
Run = Callable[..., list[AudienceState]]

MUSE = ("TP9", "AF7", "AF8", "TP10")


@pytest.fixture(scope="session")
def muse(data_root: Path) -> tuple[Group, Samples]:
    """The Muse audience: its group, and samples in uV, shape (samples, 44, 4)."""
    with np.load(data_root / "muse-audience" / "muse_audience_p300.npz") as file:
        counts = file["eeg_uv_x10"]
    x = np.ascontiguousarray((counts * np.float32(0.1)).astype(np.float32).transpose(2, 0, 1))
    return Group(tuple(f"A{i}" for i in range(44)), MUSE, 256.0), x


@pytest.fixture(scope="session")
def arithmetic(data_root: Path) -> tuple[Group, dict[str, Samples]]:
    """The arithmetic recording: its group, and each part, shape (15000, 35, 12) in uV."""
    with np.load(data_root / "arithmetic36" / "eegmat36_12ch_250hz.npz") as file:
        unit = np.float32(file["uv_per_count"])
        parts = {
            name: np.ascontiguousarray((file[name] * unit).astype(np.float32).transpose(2, 0, 1))
            for name in ("rest_first60", "rest_last60", "task")
        }
        channels = tuple(str(name) for name in file["ch"])
    return Group(tuple(f"B{i}" for i in range(35)), channels, 250.0), parts


@pytest.fixture(scope="session")
def run() -> Run:
    """Push whole recordings through an analyzer and give every state."""

    def play(
        groups: Sequence[Group],
        samples: Sequence[Samples],
        *,
        settings: Settings | None = None,
        freeze_at: int | None = None,
        admitted: Callable[[int], npt.NDArray[np.bool_]] | None = None,
        excluded: Iterable[int] = (),
    ) -> list[AudienceState]:
        analyzer = Analyzer(groups, settings or Settings())
        everybody = np.ones(len(analyzer.seats), dtype=np.bool_)
        cut = frozenset(excluded)
        states = []
        for tick in range(int(len(samples[0]) * 10 / groups[0].rate)):
            if tick == freeze_at:
                analyzer.freeze_baseline()
            blocks = [
                x[slice(*tick_slots(group.rate, tick))]
                for group, x in zip(groups, samples, strict=True)
            ]
            present = admitted(tick) if admitted else everybody
            states.append(
                analyzer.push(tick, blocks, admitted=present, exclude_synchrony=tick in cut)
            )
        return states

    return play


@pytest.fixture(scope="session")
def pool_of() -> Callable[..., Pool]:
    """A pool into which components were pushed, shape (samples, seats), second by second."""

    def make(
        rate: int, y: npt.NDArray[np.float64], *, names: Sequence[str] = (), **changes: float
    ) -> Pool:
        seats = y.shape[1]
        zones = np.zeros(seats, dtype=np.int64)
        named = names or [f"s{k:02}" for k in range(seats)]
        pool = Pool(float(rate), named, zones, 1, Settings(**changes))
        for first in range(0, len(y) // rate * rate, rate):
            rows = pool.begin(first, first + rate)
            values = np.rint(y[first : first + rate] * pool.unit)
            there = ~np.isnan(values)
            whole = np.where(there, values, 0).astype(np.int64)
            pool.ring[rows] = np.where(there, values, MISSING).astype(np.int16)
            pool.sums[rows, 0] = np.stack([there.sum(1), whole.sum(1), (whole**2).sum(1)], axis=1)
            pool.close_second((first + rate) // rate * TICKS_PER_SECOND)
        return pool

    return make


@pytest.fixture(scope="session")
def noise() -> Callable[..., Samples]:
    """Unrelated 1/f noise with an alpha rhythm, about 10 uV, shape (samples, seats, channels)."""

    def make(seed: int, seconds: float, seats: int, channels: int, rate: float) -> Samples:
        rng = np.random.default_rng(seed)
        n = round(seconds * rate)
        spectrum = np.fft.rfft(rng.normal(size=(n, seats, channels)), axis=0)
        hertz = np.fft.rfftfreq(n, 1 / rate)[:, None, None]
        gain = 1 / np.sqrt(np.maximum(hertz, 0.5)) + 0.5 * np.exp(-(((hertz - 10) / 1.5) ** 2))
        x = np.fft.irfft(spectrum * gain, n, axis=0)
        return np.asarray(10 * x / x.std(), dtype=np.float32)

    return make


@pytest.fixture(scope="session")
def fires() -> Callable[[Sequence[AudienceState], str], bool]:
    """Whether the decision rule holds 5 s: t > 3 and mean z > 0.4 (synchrony: z > 3)."""

    def rule(states: Sequence[AudienceState], name: str) -> bool:
        held = longest = 0
        for state in states:
            pooled = next(p for p in state.signals if p.name == name)
            holds = (
                pooled.value is not None
                and pooled.t is not None
                and pooled.t > 3
                and pooled.value > 0.4
            )
            held = held + 1 if holds else 0
            longest = max(longest, held)
        return longest >= 50

    return rule
