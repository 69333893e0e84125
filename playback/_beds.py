"""Music beds seen from the presenter: faded, mixed, and kept supplied by one child."""

import json

import numpy as np
import numpy.typing as npt

from playback._bed_ring import BEGUN, STATE_OF, BedRings, bytes_for
from playback._children import Child, Children
from playback._ring import FAILED, RATE, memory_file
from playback._sound import RAMP, Ramp, amplitude
from playback._types import Bed

Floats = npt.NDArray[np.float64]
# Ticks without a sample before the child counts as hung: it may be far from where it begins.
HUNG_TICKS = 144
# Children in all, before the film goes on without beds: a broken file may end one after another.
STARTS = 5
# Over which a bed that was starved comes back.
BACK = RATE // 10


class _BedChild(Child):
    """The bed child and its rings."""

    def __init__(self, beds: int) -> None:
        descriptor = memory_file(bytes_for(beds))
        self.rings = BedRings(descriptor, beds)
        super().__init__("playback._bed_decoder", self.rings.header, descriptor, beds)

    def begin(self, number: int, bed: Bed, at: int) -> int:
        """Order a bed from sample `at` of its loop on; returns the generation it will carry."""
        generation = self._next_generation()
        self.order(f"begin {number} {generation} {at} {json.dumps(bed.path)}")
        return generation


class _Track:
    """One bed: how loud it is, and where it stands.

    Parameters
    ----------
    number : int
        Its ring.
    bed : Bed
        What is played.
    child : _BedChild
        Who decodes it.
    """

    def __init__(self, number: int, bed: Bed, child: _BedChild) -> None:
        self._number, self._bed = number, bed
        self._amplitude, self._fade = amplitude(bed.gain_db), round(bed.fade_s * RATE)
        # Where it is on its way in, 0 to 1; a quarter of a sine makes that a level.
        self._way = Ramp(0.0)
        self._at, self._last = 0, np.zeros(2)
        self.starved = 0
        self.begin(child)

    def begin(self, child: _BedChild) -> None:
        """Have a child begin where this bed stands."""
        self._child = child
        self._generation = child.begin(self._number, self._bed, self._at)

    def go(self, wanted: bool) -> None:
        """Come in, or go."""
        if wanted != bool(self._way.target):
            # Without a fade, the ramp of a cut.
            self._way.go(float(wanted), max(RAMP, self._fade))

    @property
    def heard(self) -> bool:
        """Whether it is in, coming or going."""
        return not self._way.still or self._way.target > 0

    def take(self, count: int) -> Floats:
        """Return the next samples as they sound, shape (count, 2)."""
        rings = self._child.rings
        numbers = rings.numbers(self._number)
        begun = numbers[BEGUN] == self._generation
        samples = rings.take(self._number, count) if begun else np.zeros((0, 2), np.int16)
        self._at += len(samples)
        failed = begun and numbers[STATE_OF] == FAILED
        whole = len(samples) == count
        self.starved = 0 if whole or failed else self.starved + 1
        sound = self._faded(samples) if whole else self._torn(count)
        if not self.heard:
            self._at, self._last = 0, np.zeros(2)
            self.begin(self._child)
        return sound

    def _faded(self, samples: npt.NDArray[np.int16]) -> Floats:
        """Give samples the level they are heard at."""
        way = np.sin(np.pi / 2 * self._way.take(len(samples)))
        sound: Floats = samples * (self._amplitude * way)[:, None]
        self._last = sound[-1]
        return sound

    def _torn(self, count: int) -> Floats:
        """Let the sound die away where there is none, to come back softly."""
        if self._last.any():
            wanted, self._way = self._way.target, Ramp(0.0)
            self._way.go(wanted, BACK)
        sound = np.zeros((count, 2))
        ramp = min(RAMP, count)
        sound[:ramp] = self._last * np.cos(np.linspace(0, np.pi / 2, ramp))[:, None]
        self._last = np.zeros(2)
        return sound


class Beds:
    """The beds of a film, all decoded ahead, one of them wanted.

    Parameters
    ----------
    beds : tuple of Bed
        The film's; without any, no child is started.
    """

    def __init__(self, beds: tuple[Bed, ...]) -> None:
        self._tracks: dict[str, _Track] = {}
        self._children: Children[_BedChild] | None = None
        if not beds:
            return
        self._children = Children(lambda: _BedChild(len(beds)), 0)
        self._child, self._starts = self._children.lend(), 1
        for number, bed in enumerate(beds):
            self._tracks[bed.name] = _Track(number, bed, self._child)

    @property
    def pid(self) -> int:
        """Process id of the child, for tests and the log."""
        return self._child.pid

    def want(self, name: str | None) -> None:
        """Let one bed come in, and the others go."""
        for bed, track in self._tracks.items():
            track.go(bed == name)

    def take(self, count: int) -> Floats | None:
        """Return the next samples of all that is heard, shape (count, 2); None for nothing."""
        heard = [track.take(count) for track in self._tracks.values() if track.heard]
        return np.sum(heard, axis=0) if heard else None

    def tend(self) -> None:
        """Replace a child that died or hangs; call it every tick."""
        if not self._children or not self._tracks:
            return
        self._children.tend(hurry=True)
        starved = max(track.starved for track in self._tracks.values())
        if self._child.alive and starved < HUNG_TICKS:
            return
        self._children.discard(self._child)
        self._starts += 1
        if self._starts > STARTS:
            self._tracks.clear()
            return
        self._child = self._children.lend()
        for track in self._tracks.values():
            track.starved = 0
            track.begin(self._child)

    def close(self) -> None:
        """End the child."""
        if self._children:
            self._children.close()
            self._child.close()
