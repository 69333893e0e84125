"""What the audience sees and hears, recorded: ``python -m benchmarks._tape FILE``.

The screen's top strip is sampled 500 times a second, the sink's monitor recorded beside it, until
standard input ends; then `FILE` (npz) holds times, levels and sound on one clock.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

from benchmarks._measure import UnavailableError
from benchmarks._room import RATE, SINK, SIZE
from playback._codes import BLOCKS, strip_height

SAMPLES_HZ = 500
COLUMNS = (
    ((np.arange(BLOCKS) + 0.5) * SIZE[0] / BLOCKS).astype(np.intp)[:, None] + np.arange(-8, 9, 4)
).ravel()
"""What is kept of the strip's middle row: five pixels of each block, of which the green."""
_CHUNK = 960


@dataclass
class Tape:
    """A recording that grows.

    Attributes
    ----------
    times : list of float
        Monotonic seconds at which the screen was looked at.
    rows : list of uint8 [columns]
        What was seen in the middle of the strip.
    chunks : list of bytes
        Sound, 16 bits mono.
    begun : float
        When its first sample was heard: the least arrival less what had been heard by then.
    """

    times: list[float] = field(default_factory=list)
    rows: list[NDArray[np.uint8]] = field(default_factory=list)
    chunks: list[bytes] = field(default_factory=list)
    begun: float = float("inf")
    over: bool = False

    def listen(self) -> None:
        """Record the sink's monitor."""
        command = ["parec", f"--device={SINK}.monitor", "--format=s16le", f"--rate={RATE}"]
        command += ["--channels=1", "--latency-msec=10", "--raw"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, bufsize=0) as recorder:
            assert recorder.stdout
            heard = 0
            while not self.over and (chunk := recorder.stdout.read(_CHUNK)):
                heard += len(chunk) // 2
                self.chunks.append(chunk)
                self.begun = min(self.begun, time.monotonic() - heard / RATE)
            recorder.terminate()

    def watch(self) -> None:
        """Look at the strip."""
        height = strip_height(SIZE[1])
        options = {
            "video_size": f"{SIZE[0]}x{height}",
            "framerate": str(SAMPLES_HZ),
            "draw_mouse": "0",
        }
        with av.open(os.environ["DISPLAY"], format="x11grab", options=options) as screen:
            for packet in screen.demux(video=0):
                if self.over:
                    break
                picture = np.frombuffer(bytes(packet), np.uint8).reshape(height, SIZE[0], 4)
                self.times.append(time.monotonic())
                self.rows.append(picture[height // 2, COLUMNS, 1].copy())

    def save(self, path: str) -> None:
        """Write all of it."""
        sound = np.frombuffer(b"".join(self.chunks), np.int16)
        rows = np.array(self.rows).reshape(-1, BLOCKS, 5)
        np.savez(path, times=self.times, rows=rows, sound=sound, begun=self.begun)


@contextmanager
def recording(path: Path, environment: Mapping[str, str]) -> Iterator[None]:
    """Record a room for a while, in a process of its own.

    Raises
    ------
    UnavailableError
        Screen or loudspeaker cannot be recorded.
    """
    with subprocess.Popen(
        [sys.executable, "-m", "benchmarks._tape", str(path)],
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as recorder:
        assert recorder.stdout
        if not recorder.stdout.readline():
            raise UnavailableError("the screen or the loudspeaker cannot be recorded here")
        yield
        recorder.communicate()


def main() -> None:
    """Record until standard input ends."""
    tape = Tape()
    threads = [threading.Thread(target=part) for part in (tape.listen, tape.watch)]
    for thread in threads:
        thread.start()
    while not tape.times or not tape.chunks:
        time.sleep(0.01)
    print("recording", flush=True)
    sys.stdin.read()
    tape.over = True
    for thread in threads:
        thread.join()
    tape.save(sys.argv[1])


if __name__ == "__main__":
    main()
