"""The sound that the bed child decodes ahead and the presenter mixes: a ring for each bed.

One block of shared memory without a name. A header of 64-bit integers, then two seconds of 16-bit
stereo for each bed. One writer, one reader: the child fills a ring before it raises `WRITTEN`, the
presenter empties it before it raises `TAKEN`, both counted in samples since the bed was begun.
"""

import mmap

import numpy as np
import numpy.typing as npt

from playback._ring import RATE

PAGE = 4096
CAPACITY = 2 * RATE
BYTES_PER_SAMPLE = 4
# A bed's numbers in the header, after those of every child.
FIRST, NUMBERS = 8, 4
BEGUN, STATE_OF, WRITTEN_OF, TAKEN_OF = range(NUMBERS)


def bytes_for(beds: int) -> int:
    """Bytes of shared memory for so many beds."""
    return _header_bytes(beds) + beds * CAPACITY * BYTES_PER_SAMPLE


def _header_bytes(beds: int) -> int:
    """Whole pages for the numbers of so many beds."""
    return -(-8 * (FIRST + beds * NUMBERS) // PAGE) * PAGE


class BedRings:
    """Views into the shared memory; both sides make one from the same descriptor.

    Parameters
    ----------
    descriptor : int
        From `memory_file`, of `bytes_for(beds)` bytes.
    beds : int
        How many rings are in it.
    """

    def __init__(self, descriptor: int, beds: int) -> None:
        whole = np.frombuffer(mmap.mmap(descriptor, bytes_for(beds)), dtype=np.uint8)
        header = _header_bytes(beds)
        self.header = whole[:header].view(np.int64)
        self._numbers = self.header[FIRST : FIRST + beds * NUMBERS].reshape(beds, NUMBERS)
        self._rings = whole[header:].view(np.int16).reshape(beds, CAPACITY, 2)

    def numbers(self, bed: int) -> npt.NDArray[np.int64]:
        """Return the four numbers of a bed, to be read and written."""
        numbers: npt.NDArray[np.int64] = self._numbers[bed]
        return numbers

    def write(self, bed: int, samples: npt.NDArray[np.int16]) -> int:
        """Append as many samples as there is room for; returns how many."""
        numbers, ring = self._numbers[bed], self._rings[bed]
        room = CAPACITY - int(numbers[WRITTEN_OF] - numbers[TAKEN_OF])
        fitting = samples[: max(0, room)]
        ring[_places(int(numbers[WRITTEN_OF]), len(fitting))] = fitting
        numbers[WRITTEN_OF] += len(fitting)
        return len(fitting)

    def take(self, bed: int, count: int) -> npt.NDArray[np.int16]:
        """Take up to `count` samples, shape (n, 2)."""
        numbers, ring = self._numbers[bed], self._rings[bed]
        there = min(count, int(numbers[WRITTEN_OF] - numbers[TAKEN_OF]))
        samples: npt.NDArray[np.int16] = ring[_places(int(numbers[TAKEN_OF]), there)]
        numbers[TAKEN_OF] += there
        return samples


def _places(start: int, count: int) -> npt.NDArray[np.intp]:
    """Where samples `start` to `start + count` lie in a ring."""
    return np.arange(start, start + count, dtype=np.intp) % CAPACITY
