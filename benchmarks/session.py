"""The session file: what a screening costs to write, to keep and to read, and to flush in time."""

from __future__ import annotations

import dataclasses
import functools
import itertools
import os
import time
from collections import deque
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from brainflow.data_filter import DataFilter
from numpy.typing import NDArray

from acquisition import make_source
from benchmarks._measure import Contender, Effort, figure, interleave, ratio, spread, stopwatch
from benchmarks._report import RATIO, Table
from benchmarks._shows import make_show, sample_film, viewers, workplace
from engine.config import Show
from engine.records import DecisionRecord, Frame
from engine.rehearsal import rehearse
from engine.runtime import Inputs, Outputs
from engine.screening import configuration_of, runtime_of
from engine.session import Configuration, SessionWriter, decode, frames_of, read
from engine.worker import READ_EVERY_MS

STEP_NS = READ_EVERY_MS * 1_000_000
DECIDE_AT = 24
"""Steps from a decision to the next: just before the second would be flushed anyway."""

FLUSHES = 40
"""Decisions a round."""

Steps = Sequence[tuple[Inputs, Outputs]]


def run(effort: Effort) -> list[Table]:
    """Measure writing and reading, then the flush before a decision."""
    with workplace() as folder:
        decision = _a_decision(folder)
        show = make_show(sample_film(), viewers(effort.seats))
        configuration = configuration_of(show, term=1, origin_ns=0)
        steps = _steps(show, configuration, effort.seconds, folder)
        return [
            _keeping(configuration, steps, effort, folder),
            _flushing(configuration, steps, decision, effort, folder),
        ]


def _a_decision(folder: Path) -> DecisionRecord:
    """Take the first decision of the sample film in an empty hall."""
    return rehearse(make_show(sample_film()), folder / "empty.mcap", folder).decisions[0]


def _steps(show: Show, configuration: Configuration, seconds: float, folder: Path) -> Steps:
    """Everything that goes through the engine in some seconds of screening."""
    runtime = runtime_of(configuration, show.film)
    source = make_source(show.sources[0].spec, folder)
    source.open()
    source.start()
    steps = []
    for seq in range(round(seconds * 1e9) // STEP_NS):
        now_ns = seq * STEP_NS
        batch = source.read(now_ns)
        frame = Frame(0, seq, now_ns, batch.runs.tobytes(), batch.samples.tobytes())
        inputs = Inputs(now_ns, (frame,))
        steps.append((inputs, runtime.step(inputs)))
    source.close()
    return steps


def _keeping(configuration: Configuration, steps: Steps, effort: Effort, folder: Path) -> Table:
    headsets = configuration.sources[0]
    seats, channels, seconds = len(headsets), len(headsets[0].channels), steps[-1][0].now_ns * 1e-9
    matrix = _matrix(steps, seats, channels)
    keepers: dict[str, _Hall | _BrainFlow | _Raw] = {
        "Neural Hall: session file": _Hall(folder, configuration, steps),
        "BrainFlow CSV, one file per seat": _BrainFlow(folder, matrix),
        "floor: float32 on the disk": _Raw(folder, matrix),
    }
    contenders = {name: _write_and_read(keeper) for name, keeper in keepers.items()}
    costs = interleave(contenders, effort.rounds)
    ours = next(iter(costs.values()))
    rows = tuple(
        (
            name,
            figure(keeper.size() / seats / seconds * 3600 / 1e6),
            *(
                cell
                for i in (0, 1)
                for cell in (
                    spread(costs[name][:, i] / seconds * 1e3),
                    ratio(costs[name][:, i : i + 1], ours[:, i : i + 1]),
                )
            ),
        )
        for name, keeper in keepers.items()
    )
    return Table(
        f"Keeping a screening: {seats} seats x {channels} channels x {headsets[0].rate:g} Hz",
        ("", "MB per seat-hour", "write, ms", RATIO, "read, ms", RATIO),
        rows,
        (
            f"CPU ms of this process per second of screening; {effort.rounds} rounds of "
            f"{seconds:.0f} s. Ours holds arrival times, audience states, steps and the "
            "configuration besides the samples; the others the samples alone.",
        ),
    )


def _matrix(steps: Steps, seats: int, channels: int) -> NDArray[np.float32]:
    """All samples, [seats, samples, channels]; those lost on the way make seats shorter."""
    runs = [inputs.frames[0].runs_array() for inputs, _ in steps]
    samples = np.concatenate([inputs.frames[0].samples_array(channels) for inputs, _ in steps])
    seat = np.concatenate([np.repeat(r[:, 0], r[:, 2]) for r in runs])
    shortest = np.bincount(seat, minlength=seats).min()
    return np.stack([samples[seat == k][:shortest] for k in range(seats)])


class _Hall:
    """Our session file; reading puts every frame together again, as a replay does."""

    def __init__(self, folder: Path, configuration: Configuration, steps: Steps) -> None:
        self._path = folder / "kept.mcap"
        self._configuration, self._steps = configuration, steps
        self._channels = [len(source[0].channels) for source in configuration.sources]

    def write(self) -> None:
        self._path.unlink(missing_ok=True)
        writer = SessionWriter(self._path, self._configuration)
        for inputs, outputs in self._steps:
            writer.write(inputs, outputs)
        writer.finish(self._steps[-1][0].now_ns)

    def read(self) -> None:
        for topic, _, data in read(self._path):
            record = decode(topic, data)
            if topic == "/eeg/local":
                for source in record.sources:
                    deque(frames_of(source, self._channels[source.source]), 0)

    def size(self) -> int:
        return self._path.stat().st_size


class _BrainFlow:
    """BrainFlow's own file format, through its own writer and reader."""

    def __init__(self, folder: Path, matrix: NDArray[np.float32]) -> None:
        self._rows = [np.ascontiguousarray(seat.T, np.float64) for seat in matrix]
        self._paths = [folder / f"kept-{k}.csv" for k in range(len(matrix))]

    def write(self) -> None:
        for rows, path in zip(self._rows, self._paths, strict=True):
            DataFilter.write_file(rows, str(path), "w")

    def read(self) -> None:
        for path in self._paths:
            DataFilter.read_file(str(path))

    def size(self) -> int:
        return sum(path.stat().st_size for path in self._paths)


class _Raw:
    """The samples and nothing else."""

    def __init__(self, folder: Path, matrix: NDArray[np.float32]) -> None:
        self._path, self._matrix = folder / "kept.f32", matrix

    def write(self) -> None:
        self._matrix.tofile(self._path)

    def read(self) -> None:
        np.fromfile(self._path, np.float32)

    def size(self) -> int:
        return self._path.stat().st_size


def _write_and_read(keeper: _Hall | _BrainFlow | _Raw) -> Contender:
    return lambda: [
        *stopwatch(keeper.write, clock=time.process_time),
        *stopwatch(keeper.read, clock=time.process_time),
    ]


def _flushing(
    configuration: Configuration,
    steps: Steps,
    decision: DecisionRecord,
    effort: Effort,
    folder: Path,
) -> Table:
    record = b"".join(inputs.frames[0].samples for inputs, _ in steps[1 : DECIDE_AT + 1])
    path = folder / "flushed"
    contenders: dict[str, Contender] = {
        "Neural Hall: a decision, written and flushed": lambda: _flush_ours(
            path, configuration, steps, decision
        ),
        "floor: write() of the samples": lambda: _flush_plain(path, record, sync=False),
        "write() and fsync() of the samples": lambda: _flush_plain(path, record, sync=True),
    }
    costs = interleave(contenders, effort.rounds)
    ours = next(iter(costs.values()))
    rows = tuple(
        (
            name,
            *map(figure, (*(np.percentile(cost, (50, 99)) * 1e3).tolist(), cost.max() * 1e3)),
            ratio(cost, ours),
        )
        for name, cost in costs.items()
    )
    return Table(
        f"Before a decision is sent: {len(configuration.sources[0])} seats",
        ("", "p50 ms", "p99", "worst", RATIO),
        rows,
        (
            f"The worst moment: {DECIDE_AT * READ_EVERY_MS / 1000:g} s of samples "
            f"({figure(len(record) / 1e3)} kB) wait to be sorted, compressed and written with the "
            f"decision; {FLUSHES} flushes a round, {effort.rounds} rounds. Ours hands everything "
            "to the operating system without waiting for the disk: it survives the engine's "
            "death, not a power cut.",
        ),
    )


def _flush_ours(
    path: Path, configuration: Configuration, steps: Steps, decision: DecisionRecord
) -> list[float]:
    """Seconds that each step with a decision took."""
    path.unlink(missing_ok=True)
    writer = SessionWriter(path, configuration)
    taken = []
    for number, (inputs, outputs) in enumerate(
        itertools.islice(_again(steps), FLUSHES * DECIDE_AT)
    ):
        if (number + 1) % DECIDE_AT:
            writer.write(inputs, outputs)
        else:
            deciding = dataclasses.replace(outputs, decision=decision)
            taken += stopwatch(functools.partial(writer.write, inputs, deciding))
    writer.finish(inputs.now_ns)
    return taken


def _again(steps: Steps) -> Iterator[tuple[Inputs, Outputs]]:
    """The same steps again and again, time going on."""
    length_ns = len(steps) * STEP_NS
    for lap in itertools.count():
        for inputs, outputs in steps:
            now_ns = inputs.now_ns + lap * length_ns
            yield dataclasses.replace(inputs, now_ns=now_ns), outputs


def _flush_plain(path: Path, record: bytes, *, sync: bool) -> list[float]:
    def put() -> None:
        stream.write(record)
        stream.flush()
        if sync:
            os.fsync(stream.fileno())

    with path.open("wb") as stream:
        return stopwatch(put, FLUSHES)
