"""Headset processes in real time: their cost, how fresh their samples are, how fast they open."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO

import numpy as np
from numpy.typing import NDArray

from acquisition import BrainFlowSpec
from benchmarks._measure import (
    Effort,
    Floats,
    UnavailableError,
    ages_s,
    cpu_s,
    figure,
    interleave,
    memory_mb,
    need_proc,
    ratio,
    spread,
)
from benchmarks._report import RATIO, Table, noted
from engine.link import Inlet, wait_any
from engine.worker import BLOCK, READ_EVERY_MS, make_job

HALLS = (44, 64)
ALONE = 6
TURNS = 2
LOOK_MS = 20
LIMIT_S = 60.0
CHECKOUT = Path(__file__).parent.parent


@dataclass(frozen=True, slots=True)
class Watched:
    """What some processes showed.

    Attributes
    ----------
    start_s : float
        From the first process's start until every headset gave samples.
    cpu, receiver : float
        Cores used by the headset processes, and by whoever takes their samples.
    memory_mb : float
        PSS of one of them.
    rate : float
        Samples per second and headset that arrived.
    ages : tuple of float
        Seconds since the newest samples in hand were drained, every millisecond.
    at_drain : float or None
        Median age of the newest sample at the drain, where the process saw its stamp.
    """

    start_s: float
    cpu: float
    receiver: float
    memory_mb: float
    rate: float
    ages: tuple[float, ...]
    at_drain: float | None = None


def run(effort: Effort) -> list[Table]:
    """Measure groups of synthetic boards in one process, then one process for each board.

    Raises
    ------
    UnavailableError
        The system does not tell what a process costs.
    """
    need_proc()
    seconds = effort.seconds / TURNS
    sizes = sorted({min(size, effort.seats) for size in HALLS})
    alone = min(ALONE, effort.seats)
    tables = [_compare(1, size, seconds) for size in sizes]
    tables.append(_compare(alone, 1, seconds / 2))
    return noted(
        tables,
        f"{TURNS} turns of {seconds:g} s of real time, {seconds / 2:g} s in the last table; no "
        "warm-up. CPU: user and system of the headset processes in percent of a core; receiving: "
        "of the process that takes the samples over the link (the direct poller has none); the "
        "ratio counts both. Age: since the newest samples in hand were drained, looked at every "
        f"millisecond; both mean to drain every {READ_EVERY_MS} ms. At drain: how old the newest "
        "sample was then, median, by BrainFlow's own stamps (a worker sends packet counts, not "
        "stamps). MB: PSS of one headset process. Start: from the first process until every "
        "board gives samples.",
    )


def _compare(processes: int, boards: int, seconds: float) -> Table:
    seen: dict[str, list[Watched]] = {
        "Neural Hall: engine.worker": [],
        "BrainFlow polled directly": [],
    }
    ours, theirs = seen

    def watch_ours() -> Sequence[float]:
        seen[ours].append(_watch_ours(processes, boards, seconds))
        return [seen[ours][-1].cpu + seen[ours][-1].receiver]

    def watch_theirs() -> Sequence[float]:
        seen[theirs].append(_watch_theirs(processes, boards, seconds))
        return [seen[theirs][-1].cpu]

    costs = interleave({ours: watch_ours, theirs: watch_theirs}, TURNS, warm_up=False)
    rows = tuple(_row(name, watched, costs[name], costs[ours]) for name, watched in seen.items())
    what = f"{boards} synthetic boards in one process"
    return Table(
        what if processes == 1 else f"{processes} processes of one synthetic board each",
        ("", "CPU %", "receiving %", RATIO, "age ms p50", "p99", "at drain", "Hz", "MB", "start s"),
        rows,
    )


def _row(name: str, watched: list[Watched], cost: Floats, ours: Floats) -> tuple[str, ...]:
    ages = np.concatenate([turn.ages for turn in watched]) * 1e3
    return (
        name,
        spread([turn.cpu * 100 for turn in watched]),
        spread([turn.receiver * 100 for turn in watched]),
        ratio(cost, ours),
        *map(figure, np.percentile(ages, (50, 99)).tolist()),
        spread([turn.at_drain * 1e3 for turn in watched if turn.at_drain is not None] or [np.nan]),
        spread([turn.rate for turn in watched]),
        spread([turn.memory_mb for turn in watched]),
        spread([turn.start_s for turn in watched]),
    )


def _watch_ours(processes: int, boards: int, seconds: float) -> Watched:
    with TemporaryDirectory(prefix="hall-") as name, ExitStack() as stack:
        folder = Path(name)
        begun = time.monotonic()
        pids, inlets = [], []
        for number in range(processes):
            endpoint = f"ipc://{folder / f'worker-{number}'}"
            seats = tuple(f"S{number}-{k}" for k in range(boards))
            job = folder / f"worker-{number}.json"
            spec = BrainFlowSpec("SYNTHETIC_BOARD", seats)
            job.write_bytes(make_job(f"worker-{number}", endpoint, folder, spec))
            process = stack.enter_context(_process(["engine.worker", str(job)]))
            pids.append(process.pid)
            inlets.append(Inlet(endpoint))
            stack.callback(inlets[-1].close)
        _until_streaming(inlets, boards)
        start_s = time.monotonic() - begun
        return _receive(inlets, pids, boards, seconds, start_s)


def _receive(
    inlets: list[Inlet], pids: list[int], boards: int, seconds: float, start_s: float
) -> Watched:
    """Take samples in as the engine does, looking how old the newest are."""
    arrivals: list[list[tuple[float, float]]] = [[] for _ in inlets]
    samples = 0
    begun_ns, cpu, own = time.monotonic_ns(), sum(map(cpu_s, pids)), time.process_time()
    until_ns = begun_ns + round(seconds * 1e9)
    while (now_ns := time.monotonic_ns()) < until_ns:
        wait_any(inlets, LOOK_MS)
        for inlet, arrived in zip(inlets, arrivals, strict=True):
            for drained_ns, runs in _blocks(inlet, now_ns):
                arrived.append((time.monotonic_ns() * 1e-9, drained_ns * 1e-9))
                samples += int(runs[:, 2].sum())
    took = (time.monotonic_ns() - begun_ns) * 1e-9
    return Watched(
        start_s,
        (sum(map(cpu_s, pids)) - cpu) / took,
        (time.process_time() - own) / took,
        float(np.median([memory_mb(pid) for pid in pids])),
        samples / boards / len(inlets) / took,
        tuple(np.concatenate([ages_s(arrived) for arrived in arrivals]).tolist()),
    )


def _blocks(inlet: Inlet, now_ns: int) -> Iterator[tuple[int, NDArray[np.int64]]]:
    """Give each block's moment of draining, and its runs."""
    for message in inlet.receive(now_ns):
        if message.parts[0] == BLOCK:
            runs = np.frombuffer(message.parts[2], np.int64).reshape(-1, 3)
            yield int.from_bytes(message.parts[1], "little"), runs


def _until_streaming(inlets: list[Inlet], boards: int) -> None:
    """Wait until every headset of every worker has given samples."""
    missing = [set(range(boards)) for _ in inlets]
    limit = time.monotonic() + LIMIT_S
    while any(missing):
        if time.monotonic() > limit:
            raise UnavailableError(f"the headset processes did not all stream within {LIMIT_S:g} s")
        wait_any(inlets, LOOK_MS)
        for inlet, waiting in zip(inlets, missing, strict=True):
            for _, runs in _blocks(inlet, time.monotonic_ns()):
                waiting.difference_update(runs[:, 0].tolist())


def _watch_theirs(processes: int, boards: int, seconds: float) -> Watched:
    with ExitStack() as stack:
        begun_ns = time.monotonic_ns()
        command = ["benchmarks._polled", str(boards), str(seconds)]
        outputs = [_output(stack.enter_context(_process(command))) for _ in range(processes)]
        started = [json.loads(output.readline())["streaming_ns"] for output in outputs]
        results = [json.loads(output.readline()) for output in outputs]
    return Watched(
        (max(started) - begun_ns) * 1e-9,
        sum(result["cpu"] for result in results),
        0.0,
        float(np.median([result["memory_mb"] for result in results])),
        float(np.mean([result["rate"] for result in results])),
        tuple(age for result in results for age in result["ages"]),
        float(np.median([result["at_drain"] for result in results])),
    )


@contextmanager
def _process(command: list[str]) -> Iterator[subprocess.Popen[str]]:
    """A module running in a process of its own, ended at the latest when this is left."""
    process = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-m", *command],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        cwd=CHECKOUT,
        env=os.environ,
    )
    try:
        yield process
    finally:
        process.terminate()
        process.wait()
        _output(process).close()


def _output(process: subprocess.Popen[str]) -> IO[str]:
    assert process.stdout is not None
    return process.stdout
