"""The peer of a worker process: BrainFlow's boards polled directly, in one plain process.

``python -m benchmarks._polled BOARDS SECONDS``: polls at a worker's rhythm, and prints one line of
JSON once every board gives samples, another at the end.
"""

from __future__ import annotations

import json
import os
import sys
import time
import warnings

import numpy as np
from brainflow.board_shim import BoardIds, BoardShim, BrainFlowInputParams

from benchmarks._measure import ages_s, cpu_s, memory_mb

POLL_EVERY_S = 0.04

BOARD = BoardIds.SYNTHETIC_BOARD.value


def main() -> None:
    """Measure as the command line says."""
    boards = [_board(number) for number in range(int(sys.argv[1]))]
    for board in boards:
        board.prepare_session()
        board.start_stream(7500)
    while not all(board.get_board_data_count() for board in boards):
        time.sleep(0.001)
    print(json.dumps({"streaming_ns": time.monotonic_ns()}), flush=True)
    print(json.dumps(_watch(boards, float(sys.argv[2]))), flush=True)
    for board in boards:
        board.release_session()


def _board(number: int) -> BoardShim:
    given = BrainFlowInputParams()
    given.serial_number = f"{os.getpid()}-{number}"  # equal parameters would be one board twice
    return BoardShim(BOARD, given)


def _watch(boards: list[BoardShim], seconds: float) -> dict[str, object]:
    """Poll, and note when samples were drained and when they were in hand."""
    stamp_row = BoardShim.get_timestamp_channel(BOARD)
    for board in boards:
        board.get_board_data()
    samples = 0
    arrivals: list[tuple[float, float]] = []
    at_drain: list[float] = []
    cpu, begun = cpu_s(os.getpid()), time.monotonic()
    while time.monotonic() - begun < seconds:
        time.sleep(POLL_EVERY_S)
        drained = time.monotonic()
        for board in boards:
            rows = board.get_board_data()
            samples += rows.shape[1]
            at_drain += [time.time() - rows[stamp_row, -1]] if rows.shape[1] else []
        arrivals.append((time.monotonic(), drained))
    took = time.monotonic() - begun
    return {
        "cpu": (cpu_s(os.getpid()) - cpu) / took,
        "memory_mb": memory_mb(os.getpid()),
        "rate": samples / len(boards) / took,
        "ages": ages_s(arrivals).tolist(),
        "at_drain": float(np.median(at_drain)),
    }


if __name__ == "__main__":
    # BrainFlow's first call imports pkg_resources, which warns of its own end.
    warnings.filterwarnings("ignore", message=".*pkg_resources")
    BoardShim.disable_board_logger()
    main()
