"""Sources of every kind, read to the end of a deadline."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from acquisition import (
    Batch,
    BrainFlowSpec,
    RecordingSpec,
    SimulatedSpec,
    Source,
    SourceSpec,
    make_source,
)
from hardware import MONTAGES

DEADLINE_S = 20.0


@dataclass
class Heard:
    """All that a source gave, per seat."""

    index: list[np.ndarray]
    samples: list[np.ndarray]
    batches: list[Batch]


def collect(batches: list[Batch], source: Source) -> Heard:
    """Sort batches by seat."""
    channels = len(source.headsets[0].channels)
    index = [[np.empty(0, np.int64)] for _ in source.headsets]
    samples = [[np.empty((0, channels), np.float32)] for _ in source.headsets]
    for batch in batches:
        parts = np.split(batch.samples, np.cumsum(batch.runs[:, 2])[:-1]) if len(batch.runs) else []
        for (seat, first, count), part in zip(batch.runs, parts, strict=True):
            index[seat].append(np.arange(first, first + count))
            samples[seat].append(part)
    return Heard([np.concatenate(i) for i in index], [np.concatenate(s) for s in samples], batches)


def listen_virtually(source: Source, times_s: list[float]) -> Heard:
    """Read a source at given times of a virtual clock."""
    source.open()
    source.start()
    try:
        return collect([source.read(round(t * 1e9)) for t in times_s], source)
    finally:
        source.close()


def listen_really(source: Source, enough: Callable[[int], bool], opened: bool = False) -> Heard:
    """Read a source in real time until it has finished or given enough of its first seat."""
    batches: list[Batch] = []
    given = 0
    if not opened:
        source.open()
    try:
        source.start()
        end = time.monotonic() + DEADLINE_S
        while not source.finished and not enough(given) and time.monotonic() < end:
            batches.append(source.read(time.monotonic_ns()))
            runs = batches[-1].runs
            given += int(runs[runs[:, 0] == 0, 2].sum())
            time.sleep(0.01)
        return collect(batches, source)
    finally:
        source.close()


@pytest.fixture(scope="session")
def virtually() -> Callable[[Source, list[float]], Heard]:
    return listen_virtually


@pytest.fixture(scope="session")
def really() -> Callable[..., Heard]:
    return listen_really


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("converted")


KINDS = (
    *("synthetic", "simulated", "muse", "arithmetic", "cyton", "muse boards", "cyton boards"),
    *("synthetic pulse", "simulated pulse"),
)


@pytest.fixture(params=KINDS)
def spec(request: pytest.FixtureRequest) -> SourceSpec:
    """One short source of each kind."""
    kind: str = request.param
    if kind == "synthetic":
        return BrainFlowSpec("SYNTHETIC_BOARD", ("A1", "A2"))
    if kind == "simulated":
        return SimulatedSpec(("A1", "A2", "A3"))
    if kind == "synthetic pulse":
        channels = (*MONTAGES["SYNTHETIC_BOARD"], "PPG")
        return BrainFlowSpec("SYNTHETIC_BOARD", ("A1", "A2"), channels=channels)
    if kind == "simulated pulse":
        return SimulatedSpec(("A1", "A2"), channels=("Fp1", "Fp2", "PPG"))
    root = str(request.getfixturevalue("data_root"))
    boards = kind.endswith("boards")
    if kind.startswith("muse"):
        return RecordingSpec("muse-audience", root, ("A1", "A2"), (7, 3), 5, 6, boards=boards)
    if kind.startswith("cyton"):
        return RecordingSpec("openbci-cyton", root, ("A1",), (), 30, 31, boards=boards)
    return RecordingSpec("arithmetic36", root, ("A1", "A2"), (), 59.5, 61.5, boards=boards)


@pytest.fixture
def source(spec: SourceSpec, cache: Path) -> Source:
    return make_source(spec, cache)
