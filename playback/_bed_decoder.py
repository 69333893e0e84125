"""The bed child: keeps the ring of every music bed full.

Run as `python -m playback._bed_decoder DESCRIPTOR BEDS`. Orders come as lines on standard input:
`begin BED GENERATION AT PATH` (PATH as JSON) plays a bed's loop from sample AT on. The end of the
input, which is also the parent's end, ends the child whatever it is doing.
"""

import json
import sys
from collections.abc import Iterator

import av
import numpy as np
import numpy.typing as npt

from playback._bed_ring import BEGUN, STATE_OF, TAKEN_OF, WRITTEN_OF, BedRings
from playback._orders import Orders, live_and_die_with_parent
from playback._ring import DECODING, FAILED, OPENING, RATE, STATE
from playback._types import MediaError

Sound = npt.NDArray[np.int16]
# How often full rings are looked at: a tenth of what they hold at the least.
BEAT_S = 0.1


def looped(path: str, at: int) -> Iterator[Sound]:
    """Decode a file for ever, from sample `at` of its loop on, without a gap where it closes.

    Yields
    ------
    ndarray of int16, shape (n, 2)
        Sound at 48 kHz.

    Raises
    ------
    MediaError
        If there is no sound in it.
    av.FFmpegError, OSError
        If it cannot be read.
    """
    while True:
        length = 0
        for block in _once(path):
            length += len(block)
            if at < len(block):
                yield block[at:]
            at = max(0, at - len(block))
        if not length:
            raise MediaError(f"{path}: there is no sound in it")
        at %= length


def _once(path: str) -> Iterator[Sound]:
    """Decode a file from its start to its end."""
    with av.open(path) as container:
        if not container.streams.audio:
            raise MediaError(f"{path}: there is no sound in it")
        resampler = av.AudioResampler(format="s16", layout="stereo", rate=RATE)
        for frame in container.decode(audio=0):
            yield from _stereo(resampler, frame)
        yield from _stereo(resampler, None)


def _stereo(resampler: av.AudioResampler, frame: av.AudioFrame | None) -> Iterator[Sound]:
    """Resample one block."""
    for block in resampler.resample(frame):
        yield block.to_ndarray().reshape(-1, 2).astype(np.int16, copy=False)


class _Loop:
    """One bed on its way into its ring."""

    def __init__(self, rings: BedRings, bed: int) -> None:
        self._rings, self._bed = rings, bed
        self._source: Iterator[Sound] = iter(())
        self._block = np.zeros((0, 2), np.int16)

    def begin(self, generation: int, at: int, path: str) -> None:
        """Empty the ring and play from sample `at` on."""
        self._source, self._block = looped(path, at), self._block[:0]
        numbers = self._rings.numbers(self._bed)
        numbers[[STATE_OF, WRITTEN_OF, TAKEN_OF]] = OPENING, 0, 0
        numbers[BEGUN] = generation

    def fill(self) -> bool:
        """Write one block, or what fits of it; False where there was nothing to do."""
        if not len(self._block):
            self._block = self._next()
        written = self._rings.write(self._bed, self._block)
        self._block = self._block[written:]
        return written > 0

    def _next(self) -> Sound:
        """Decode one more block; nothing before the first order, or after a fault."""
        numbers = self._rings.numbers(self._bed)
        try:
            for block in self._source:
                numbers[STATE_OF] = DECODING
                return block
        except (MediaError, av.FFmpegError, OSError):
            numbers[STATE_OF] = FAILED
            self._source = iter(())
        return self._block[:0]


def main() -> None:
    """Run the child."""
    live_and_die_with_parent()
    av.logging.set_libav_level(av.logging.PANIC)
    descriptor, beds = (int(word) for word in sys.argv[1:3])
    rings, orders = BedRings(descriptor, beds), Orders(sys.stdin.buffer)
    loops = [_Loop(rings, bed) for bed in range(beds)]
    rings.header[STATE] = OPENING
    busy = False
    while True:
        order = orders.next(wait=not busy, timeout_s=BEAT_S)
        if order is not None:
            _, bed, generation, at, path = order.split(b" ", 4)
            loops[int(bed)].begin(int(generation), int(at), json.loads(path))
        # Each in turn, however many have work.
        busy = sum(loop.fill() for loop in loops) > 0


if __name__ == "__main__":
    main()
