"""One slot's supply of frames: a lent decoder child, watched and replaced."""

import json

import numpy as np
import numpy.typing as npt

from playback._children import Child, Children
from playback._ring import (
    FAILED,
    FRAME_NUMBERS,
    GENERATION,
    SLOTS,
    STATE,
    WRITTEN,
    House,
    Ring,
    memory_file,
)
from playback._types import Clip, Readiness

Picture = npt.NDArray[np.uint8]
Sound = npt.NDArray[np.int16]
# A child that takes the place of a dead one begins this far ahead of the film.
RESTART_LEAD = 3
# Starts in a row without a single frame before a clip counts as broken.
STARTS = 3
# Ticks without a frame before a child counts as hung: while it runs, and while it opens, which
# begins with loading its libraries and may go on far from a key frame.
HUNG_TICKS = 36
HUNG_OPENING_TICKS = 144
# Skipped frames whose sound is still played; more would only make the rest late.
CATCH_UP = 3


class Decoder(Child):
    """A decoder child and its ring."""

    def __init__(self, house: House) -> None:
        descriptor = memory_file(house.ring_bytes)
        self.ring = Ring(descriptor, house)
        numbers = (*house.size, house.fps_num, house.fps_den)
        super().__init__("playback._decoder", self.ring.header, descriptor, *numbers)

    def open(self, clip: Clip, at: int) -> int:
        """Order a clip from frame `at` on; returns the generation its frames will carry."""
        generation = self._next_generation()
        numbers = f"{generation} {clip.first_frame} {clip.frames} {at}"
        self.order(f"open {numbers} {json.dumps(clip.path)}")
        return generation

    def next(self) -> None:
        """Return a place of the ring."""
        self.order("next")


class Feed:
    """Frames of one clip.

    Parameters
    ----------
    children : Children
        Where decoders are lent.
    clip : Clip
        What to decode.
    """

    def __init__(self, children: Children[Decoder], clip: Clip) -> None:
        self._children, self.clip = children, clip
        self._starts = self._starved = self._opening = 0
        self._failed = False
        self._child = children.lend()
        self._open(0)

    def _open(self, at: int) -> None:
        """Have the child begin at frame `at`."""
        self._taken, self._holding = 0, False
        self._starts += 1
        self._generation = self._child.open(self.clip, at)

    @property
    def pid(self) -> int:
        """Process id of the decoder, for tests and the log."""
        return self._child.pid

    @property
    def readiness(self) -> Readiness:
        """READY once the ring is full, or holds the whole clip."""
        if self._failed:
            return Readiness.FAILED
        ready = self._taken or self._written >= min(SLOTS, self.clip.frames)
        return Readiness.READY if ready else Readiness.OPENING

    @property
    def supply(self) -> int:
        """Frames decoded and waiting."""
        return self._written - self._taken

    @property
    def _written(self) -> int:
        """Frames the child has written of what it was last asked for."""
        header = self._child.header
        return int(header[WRITTEN]) if header[GENERATION] == self._generation else 0

    def tend(self, frame: int) -> None:
        """Replace a dead or hung decoder so that it goes on at `frame`; call it every tick."""
        if self._failed:
            return
        header = self._child.header
        opening = self.readiness is Readiness.OPENING
        self._opening = self._opening + 1 if opening else 0
        # However long it took to open, it has its time to deliver.
        self._starved = 0 if opening else self._starved
        hung = self._opening >= HUNG_OPENING_TICKS or self._starved >= HUNG_TICKS
        if self._child.alive and not hung:
            refused = header[GENERATION] == self._generation and header[STATE] == FAILED
            self._failed = refused and self._taken >= self._written
            return
        if self._starts >= STARTS:
            self._failed = True
            return
        self._children.discard(self._child)
        self._child, self._starved, self._opening = self._children.lend(), 0, 0
        self._open(min(frame, self.clip.frames - 1))

    def take(self, frame: int) -> tuple[Picture, Sound] | None:
        """Take a frame and its sound, with the sound of a few that were skipped before it.

        The picture is a view, valid until the next call. None if the frame is not there.
        """
        self._give_back()
        ring, sounds = self._child.ring, []
        while self._taken < self._written:
            place = self._taken % SLOTS
            number = int(ring.header[FRAME_NUMBERS + place])
            if number > frame:
                break
            self._taken += 1
            self._holding = True
            if frame - number <= CATCH_UP:
                sounds.append(ring.sound(place).copy())
            if number == frame:
                self._starved = self._starts = 0
                return ring.pictures[place], np.concatenate(sounds)
            self._give_back()
        self._starved += 1
        return None

    def _give_back(self) -> None:
        """Return the place whose picture was last handed out."""
        if self._holding:
            self._child.next()
        self._holding = False

    def close(self) -> None:
        """Give the child back."""
        self._give_back()
        self._children.take_back(self._child)
