"""What a recording says about the cuts in it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks._room import FPS
from benchmarks._tape_reading import NO_CODE, QUIET, read_tape

FRAME_MS = 1000 / FPS
_AROUND_S = 0.55
GRID_MS = np.arange(-150, 350, 2)
"""Moments around the time at which a new clip's first picture is due."""
OLD, NEW, NOTHING = range(3)


@dataclass(frozen=True, slots=True)
class Shown:
    """One picture while it stood on the screen."""

    scene: int
    clip: int
    frame: int
    since: float
    until: float


@dataclass(frozen=True, slots=True)
class Cut:
    """One cut, as seen and heard.

    Attributes
    ----------
    at : float
        When the first picture of the new clip was seen, in s.
    black_ms : float
        How long neither clip was seen.
    late_ms : float
        How long after its time that picture came.
    dropped : int
        Pictures of the new clip that were never seen, up to its last one seen.
    silence_ms : float
        How long nothing was heard around the cut.
    offset_ms : float
        How long after the picture its sound is heard; negative is early; NaN if not found.
    unwatched_ms : float
        The longest time between two looks at the screen around the cut.
    picture, sound : int8 [moments]
        `OLD`, `NEW` or `NOTHING` at each moment of `GRID_MS`.
    """

    at: float
    black_ms: float
    late_ms: float
    dropped: int
    silence_ms: float
    offset_ms: float
    unwatched_ms: float
    picture: NDArray[np.int8]
    sound: NDArray[np.int8]

    @property
    def step_ms(self) -> float:
        """From the last picture of the old clip to the first of the new."""
        return self.late_ms + FRAME_MS


@dataclass(frozen=True, slots=True)
class Recording:
    """A tape, read.

    Attributes
    ----------
    shown : tuple of Shown
        Every picture that stood on the screen.
    looks : float64 [looks]
        When the screen was looked at, in s.
    loudness : float64 [hops]
        Of the sound, 1 is usual; a hop is a millisecond.
    pitches : int [hops]
        Which tone is heard: clip * 2 + odd half second.
    begun : float
        When the sound begins, in s.
    """

    shown: tuple[Shown, ...]
    looks: NDArray[np.float64]
    loudness: NDArray[np.float64]
    pitches: NDArray[np.intp]
    begun: float

    def cuts(self) -> list[Cut]:
        """Read every cut."""
        pairs = zip(self.shown, self.shown[1:], strict=False)
        return [self._cut(a, b) for a, b in pairs if a.scene != b.scene]

    def _cut(self, a: Shown, b: Shown) -> Cut:
        scene = [picture for picture in self.shown if picture.scene == b.scene]
        seen = {picture.frame for picture in scene}
        return Cut(
            b.since,
            max(0.0, (b.since - a.until) * 1000),
            (b.since - a.since) * 1000 - FRAME_MS,
            max(seen) + 1 - len(seen),
            self._silence_ms(b.since),
            self._offset_ms(scene),
            self._unwatched_ms(b.since),
            *self._strips(a, b),
        )

    def _strips(self, a: Shown, b: Shown) -> tuple[NDArray[np.int8], NDArray[np.int8]]:
        """Tell what was seen and heard around a cut."""
        moments = a.since + FRAME_MS / 1000 + GRID_MS / 1000
        picture = np.where(moments >= b.since, NEW, NOTHING)
        picture[moments < a.until] = OLD
        hops = np.clip(((moments - self.begun) * 1000).astype(np.intp), 0, len(self.pitches) - 1)
        sound = np.where(self.pitches[hops] // 2 == b.clip, NEW, OLD)
        sound[self.loudness[hops] < QUIET] = NOTHING
        return picture.astype(np.int8), sound.astype(np.int8)

    def _unwatched_ms(self, at: float) -> float:
        """Tell how well the screen was watched around a moment."""
        looks = self.looks[np.abs(self.looks - at) < _AROUND_S / 2]
        return float(np.diff(looks).max() * 1000)

    def _silence_ms(self, at: float) -> float:
        """Count silent hops around a moment."""
        first, stop = (round((at + d - self.begun) * 1000) for d in (-_AROUND_S, _AROUND_S))
        return float((self.loudness[first:stop] < QUIET).sum())

    def _offset_ms(self, scene: list[Shown]) -> float:
        """Compare picture and sound where the clip's tone changes, half a second into it."""
        half = [picture.since for picture in scene if picture.frame == FPS // 2]
        if not half:
            return float("nan")
        first = max(0, round((half[0] - self.begun - 0.3) * 1000))
        heard = self.pitches[first : first + 600]
        changes = np.flatnonzero((heard[1:] == heard[:-1] + 1) & (heard[1:] % 2 == 1))
        if not changes.size:
            return float("nan")
        moment = self.begun + (first + int(changes[0]) + 1) / 1000
        return (moment - half[0]) * 1000


def read(path: Path) -> Recording:
    """Read a tape that `_tape` made."""
    tape = read_tape(path)
    shown = _pictures(tape.looks, tape.codes)
    return Recording(shown, tape.looks, tape.loudness, tape.pitches, tape.begun)


def _pictures(times: NDArray[np.float64], codes: NDArray[np.int64]) -> tuple[Shown, ...]:
    """Join the looks at the same picture; a scene ends where the clip changes."""
    found: list[Shown] = []
    dark = True
    for time, code in zip(times.tolist(), codes.tolist(), strict=True):
        if code == NO_CODE:
            dark = True
            continue
        seen: tuple[int, int] = divmod(code, 1 << 16)
        last = found[-1] if found else None
        if last and seen == (last.clip, last.frame):
            found[-1] = Shown(last.scene, *seen, last.since, time)
        else:
            if last and not dark:
                # Seen until the next one came; only darkness leaves a gap.
                found[-1] = Shown(last.scene, last.clip, last.frame, last.since, time)
            scene = 0 if last is None else last.scene + (seen[0] != last.clip)
            found.append(Shown(scene, *seen, time, time))
        dark = False
    return tuple(found)
