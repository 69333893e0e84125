"""Replaying a session: how many times real time, beside merely reading the file."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
from mcap.stream_reader import StreamReader

from acquisition import make_source
from benchmarks._measure import (
    Effort,
    Floats,
    UnavailableError,
    figure,
    interleave,
    ratio,
    spread,
    stopwatch,
)
from benchmarks._report import RATIO, Table, noted
from benchmarks._shows import EXAMPLES, make_show, recording, workplace
from engine.rehearsal import rehearse
from engine.replay import replay
from engine.session import decode, read

MUSE = ("muse-audience", "muse.yaml", 44)
ARITHMETIC = ("arithmetic36", "arithmetic.yaml", 35)
PLAYED_S = 3.0


def run(effort: Effort) -> list[Table]:
    """Measure sessions of both recordings.

    Raises
    ------
    UnavailableError
        The recordings are not there.
    """
    with workplace() as folder:
        tables = [_compare(*which, effort, folder) for which in (MUSE, ARITHMETIC)]
    return noted(
        tables,
        f"{effort.rounds} rounds; start-up excluded (configuration, compiled kernels). Every "
        "replay was identical to its record, byte for byte. BrainFlow plays in real time by "
        f"design: one run of {_played_s(effort):g} s.",
    )


def _compare(name: str, film: str, seats: int, effort: Effort, folder: Path) -> Table:
    seats = min(seats, effort.seats)
    text = (EXAMPLES / "films" / film).read_text("utf-8")
    session = folder / f"{name}.mcap"
    show = make_show(text, recording(name, seats, boards=False))
    screening_s = rehearse(show, session, folder).seconds
    costs = interleave(
        {
            "hall replay": lambda: [_replay(session)],
            "floor: mcap StreamReader": lambda: stopwatch(lambda: _read_plainly(session)),
            "floor: and every record decoded": lambda: stopwatch(lambda: _decode_all(session)),
        },
        effort.rounds,
    )
    ours = costs["hall replay"]
    costs["BrainFlow playback boards"] = _played(name, seats, effort, folder) * screening_s
    rows = tuple(
        (
            contender,
            spread(screening_s / cost[:, 0]),
            spread(cost[:, 0] / screening_s * 1e3),
            # BrainFlow's pace is set by its clock and measured once, after the rounds.
            ratio(cost if len(cost) == len(ours) else np.full_like(ours, cost.mean()), ours),
        )
        for contender, cost in costs.items()
    )
    return Table(
        f"Replay of {name}: {seats} seats, {screening_s:.0f} s, "
        f"{figure(session.stat().st_size / 1e6)} MB",
        ("", "times real time", "ms per second of screening", RATIO),
        rows,
    )


def _replay(session: Path) -> float:
    result = replay(session)
    if not result.identical:
        raise RuntimeError(f"the replay is not identical: {result.first}")
    return result.took_s


def _read_plainly(session: Path) -> None:
    with session.open("rb") as stream:
        for _ in StreamReader(stream).records:
            pass


def _decode_all(session: Path) -> None:
    for topic, _, data in read(session):
        decode(topic, data)


def _played_s(effort: Effort) -> float:
    return min(PLAYED_S, effort.seconds)


def _played(name: str, seats: int, effort: Effort, folder: Path) -> Floats:
    """Seconds that BrainFlow's playback boards take per second of recording, [1, 1]."""
    length_s = _played_s(effort)
    spec = recording(name, seats, boards=True, stop_s=2 * length_s + 1)
    source = make_source(spec, folder)
    source.open()
    try:
        source.start()
        begun = time.perf_counter()
        time.sleep(length_s)
        samples = len(source.read(time.monotonic_ns()).samples)
        took = time.perf_counter() - begun
    finally:
        source.close()
    if not samples:
        raise UnavailableError("BrainFlow's playback boards gave nothing")
    return np.array([[took / (samples / seats / source.headsets[0].rate)]])
