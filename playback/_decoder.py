"""A decoder child: opens one clip at a time and keeps its ring of frames full.

Run as `python -m playback._decoder DESCRIPTOR WIDTH HEIGHT FPS_NUM FPS_DEN`. Orders come as lines
on standard input: `open GENERATION FIRST FRAMES AT PATH` (PATH as JSON; AT is the frame of the
clip to begin with), `next` for each place returned, `close`. The end of the input, which is also
the parent's end, ends the child whatever it is doing.
"""

import contextlib
import ctypes
import json
import os
import queue
import signal
import sys
import threading
from typing import BinaryIO

import av

from playback._conform import conformed
from playback._ring import (
    DECODING,
    FAILED,
    GENERATION,
    OPENING,
    SLOTS,
    STATE,
    WRITTEN,
    House,
    Ring,
)
from playback._types import Clip, MediaError

# From Linux's <sys/prctl.h>.
PR_SET_PDEATHSIG = 1


class _Orders:
    """The parent's orders, read by a thread of their own so that the end is never missed."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._lines: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        for line in self._stream:
            self._lines.put(line.strip())
        # The parent has gone. Nothing here is worth tidying up, and nothing may hold us.
        os._exit(0)

    def next(self, wait: bool) -> bytes | None:
        """Return the next order, or None if there is none and we do not wait."""
        try:
            return self._lines.get(block=wait)
        except queue.Empty:
            return None


def serve(ring: Ring, house: House, orders: _Orders) -> None:
    """Obey orders for ever."""
    ring.header[STATE] = OPENING
    order: bytes | None = None
    while True:
        order = order or orders.next(wait=True)
        if order is not None and order.startswith(b"open "):
            order = _play(order, ring, house, orders)
        else:
            order = None


def _play(order: bytes, ring: Ring, house: House, orders: _Orders) -> bytes | None:
    """Decode one clip until another order comes, and return that order."""
    _, generation, first, frames, at, path = order.split(b" ", 5)
    ring.header[[STATE, WRITTEN]] = OPENING, 0
    ring.header[GENERATION] = int(generation)
    clip = Clip(json.loads(path), int(first), int(frames))
    free = SLOTS
    try:
        with contextlib.closing(conformed(clip, int(at), house)) as source:
            for frame, picture, sound in source:
                while (new := orders.next(wait=free == 0)) is not None:
                    if new != b"next":
                        return new
                    free += 1
                ring.write(frame, picture, sound)
                ring.header[STATE] = DECODING
                free -= 1
    except (MediaError, av.FFmpegError, OSError):
        ring.header[STATE] = FAILED
    return None


def _die_with_parent() -> None:
    """On Linux have the kernel end us, too: a library that hangs may hang our reader thread."""
    if sys.platform.startswith("linux"):
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def main() -> None:
    """Run the child."""
    # Ctrl-C in a terminal reaches every process of the show; only the player answers it.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _die_with_parent()
    # Not set_level: its callback needs the GIL in libav threads, and closing a clip then hangs.
    av.logging.set_libav_level(av.logging.PANIC)
    descriptor, width, height, fps_num, fps_den = (int(word) for word in sys.argv[1:6])
    house = House((width, height), fps_num, fps_den)
    ring = Ring(descriptor, house)
    serve(ring, house, _Orders(sys.stdin.buffer))


if __name__ == "__main__":
    main()
