"""Seconds of samples: taken apart by seat for the record, put together again for replay."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from engine.records import Frame
from engine.session._topics import FrameRecord, SeatSamples, SourceSecond


def source_second(source: int, frames: list[tuple[int, Frame]], channels: int) -> SourceSecond:
    """Take a second's frames, each with its step, apart by seat."""
    runs = np.concatenate([frame.runs_array() for _, frame in frames])
    samples = np.concatenate([frame.samples_array(channels) for _, frame in frames])
    order = _by_seat(runs)
    sorted_samples = samples[order]
    counts = np.bincount(runs[:, 0], weights=runs[:, 2]).astype(np.int64)
    stops = np.cumsum(counts)
    seats = tuple(
        SeatSamples(ordinal, 0, sorted_samples[stop - count : stop].tobytes())
        for ordinal, (count, stop) in enumerate(zip(counts.tolist(), stops.tolist(), strict=True))
        if count
    )
    records = tuple(
        FrameRecord(step, frame.seq, frame.read_ns, frame.runs) for step, frame in frames
    )
    return SourceSecond(source, records, seats)


def frames_of(second: SourceSecond, channels: int) -> Iterator[tuple[int, Frame]]:
    """Put a second's frames together again, each with the step that took it in."""
    runs = [np.frombuffer(frame.runs, np.int64).reshape(-1, 3) for frame in second.frames]
    order = _by_seat(np.concatenate(runs))
    by_seat = np.frombuffer(b"".join(seat.samples for seat in second.seats), np.float32)
    samples = np.empty((order.size, channels), np.float32)
    samples[order] = by_seat.reshape(-1, channels)
    row = 0
    for frame, frame_runs in zip(second.frames, runs, strict=True):
        stop = row + int(frame_runs[:, 2].sum())
        yield (
            frame.step,
            Frame(second.source, frame.seq, frame.read_ns, frame.runs, samples[row:stop].tobytes()),
        )
        row = stop


def _by_seat(runs: NDArray[np.int64]) -> NDArray[np.intp]:
    """Rows in the order of seats, each seat's in the order of arrival."""
    return np.argsort(np.repeat(runs[:, 0].astype(np.int16), runs[:, 2]), kind="stable")
