"""A decoder child: opens one clip at a time and keeps its ring of frames full.

Run as `python -m playback._decoder DESCRIPTOR WIDTH HEIGHT FPS_NUM FPS_DEN`. Orders come as lines
on standard input: `open GENERATION FIRST FRAMES AT PATH` (PATH as JSON; AT is the frame of the
clip to begin with), `next` for each place returned, `close`. The end of the input, which is also
the parent's end, ends the child whatever it is doing.
"""

import contextlib
import json
import sys

import av

from playback._conform import conformed
from playback._orders import Orders, live_and_die_with_parent
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


def serve(ring: Ring, house: House, orders: Orders) -> None:
    """Obey orders for ever."""
    ring.header[STATE] = OPENING
    order: bytes | None = None
    while True:
        order = order or orders.next(wait=True)
        if order is not None and order.startswith(b"open "):
            order = _play(order, ring, house, orders)
        else:
            order = None


def _play(order: bytes, ring: Ring, house: House, orders: Orders) -> bytes | None:
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


def main() -> None:
    """Run the child."""
    live_and_die_with_parent()
    # Not set_level: its callback needs the GIL in libav threads, and closing a clip then hangs.
    av.logging.set_libav_level(av.logging.PANIC)
    descriptor, width, height, fps_num, fps_den = (int(word) for word in sys.argv[1:6])
    house = House((width, height), fps_num, fps_den)
    ring = Ring(descriptor, house)
    serve(ring, house, Orders(sys.stdin.buffer))


if __name__ == "__main__":
    main()
