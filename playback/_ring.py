"""The ring of decoded frames that a decoder child fills and the presenter empties.

One block of shared memory without a name (a memory file passed on as descriptor), so that
nothing is left behind however either side ends. A header of 64-bit integers, then `SLOTS` places
of one picture (I420) and one frame's sound (16-bit stereo) each. One writer, one reader: the
writer fills a place before it raises `WRITTEN`, the reader returns a place by telling the writer.
"""

import mmap
import os
import tempfile
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

# CasparCG's pre-roll at 24 frames per second: a quarter of a second.
SLOTS = 6
RATE = 48_000
GENERATION, STATE, WRITTEN = range(3)
STARTING, OPENING, DECODING, FAILED = range(4)
FRAME_NUMBERS = 8
SOUND_LENGTHS = FRAME_NUMBERS + SLOTS
HEADER = 4096


@dataclass(frozen=True, slots=True)
class House:
    """What every clip is conformed to: picture size in pixels, frames per second."""

    size: tuple[int, int]
    fps_num: int
    fps_den: int

    def samples_until(self, frame: int) -> int:
        """Samples of sound that belong to the first `frame` frames of a film."""
        return frame * RATE * self.fps_den // self.fps_num

    @property
    def picture_bytes(self) -> int:
        """Bytes of an I420 picture."""
        return self.size[0] * self.size[1] * 3 // 2

    @property
    def sound_bytes(self) -> int:
        """Most bytes one frame's sound can have."""
        return (self.samples_until(1) + 1) * 4

    @property
    def ring_bytes(self) -> int:
        """Bytes a ring takes."""
        return HEADER + SLOTS * (self.picture_bytes + self.sound_bytes)


def memory_file(size: int) -> int:
    """Return a descriptor of `size` bytes of shared memory that no path leads to."""
    if hasattr(os, "memfd_create"):
        descriptor = os.memfd_create("hall-frames")
    else:
        descriptor, path = tempfile.mkstemp()
        os.unlink(path)
    os.truncate(descriptor, size)
    return descriptor


class Ring:
    """Views into the shared memory; both sides make one from the same descriptor.

    Parameters
    ----------
    descriptor : int
        From `memory_file`, of `house.ring_bytes` bytes.
    house : House
        What the frames are conformed to.
    """

    def __init__(self, descriptor: int, house: House) -> None:
        self._memory = mmap.mmap(descriptor, house.ring_bytes)
        whole = np.frombuffer(self._memory, dtype=np.uint8)
        picture = house.picture_bytes
        self.header = whole[:HEADER].view(np.int64)
        places = whole[HEADER:].reshape(SLOTS, picture + house.sound_bytes)
        self.pictures = [place[:picture].reshape(-1, house.size[0]) for place in places]
        self._sounds = [place[picture:].view(np.int16).reshape(-1, 2) for place in places]

    def write(
        self, frame: int, picture: npt.NDArray[np.uint8], sound: npt.NDArray[np.int16]
    ) -> None:
        """Fill the next place; the caller knows that it is free."""
        place = int(self.header[WRITTEN]) % SLOTS
        self.pictures[place][:] = picture
        self._sounds[place][: len(sound)] = sound
        self.header[FRAME_NUMBERS + place] = frame
        self.header[SOUND_LENGTHS + place] = len(sound)
        self.header[WRITTEN] += 1

    def sound(self, place: int) -> npt.NDArray[np.int16]:
        """Return the sound at a place, shape (n, 2); a view, valid until the place is returned."""
        return self._sounds[place][: int(self.header[SOUND_LENGTHS + place])]
