"""The pre-rolled clips behind the running one."""

from collections.abc import Iterable
from dataclasses import replace

from playback._port import Driver
from playback._types import Clip, Readiness

# Candidates that are opened at once, beside the running clip. On two cores one takes 0.25 s of a
# core at 1080 lines, and 0.5 s ten seconds from a key frame; all six are there within 4 s.
MOST_PREROLLED = 6


class Reel:
    """Keeps the driver's slots: one foreground, and a candidate per scene asked for.

    Parameters
    ----------
    driver : Driver
        Where the clips are opened.
    clips : dict of str to Clip
        The clip of every scene.
    """

    def __init__(self, driver: Driver, clips: dict[str, Clip]) -> None:
        self._driver, self._clips = driver, clips
        self._slots: dict[str, int] = {}
        self._foreground: int | None = None
        self._recalled: int | None = None
        self._next_slot = 0
        # Frames by which the in point of the recalled clip was moved forward.
        self.moved = 0

    def want(self, scenes: Iterable[str]) -> None:
        """Pre-roll the first `MOST_PREROLLED` of `scenes` and release every other candidate."""
        wanted = list(scenes)[:MOST_PREROLLED]
        for scene in [scene for scene in self._slots if scene not in wanted]:
            self._driver.release(self._slots.pop(scene))
        for scene in wanted:
            if scene not in self._slots:
                self._slots[scene] = self._prepared(self._clips[scene])

    def _prepared(self, clip: Clip) -> int:
        """Pre-roll `clip` in a new slot."""
        slot, self._next_slot = self._next_slot, self._next_slot + 1
        self._driver.prepare(slot, clip)
        return slot

    def recall(self, scene: str, frame: int) -> None:
        """Pre-roll `scene` from `frame` on, to be the foreground."""
        clip, self.moved = self._clips[scene], frame
        rest = replace(clip, first_frame=clip.first_frame + frame, frames=clip.frames - frame)
        self._recalled = self._prepared(rest)

    @property
    def recalled(self) -> Readiness:
        """How far the recalled clip is."""
        slot = self._recalled
        return Readiness.FAILED if slot is None else self._driver.readiness(slot)

    def bring_back(self) -> None:
        """Put the recalled clip on the screen."""
        self._foreground, self._recalled = self._recalled, None
        if self._foreground is not None:
            self._driver.cut(self._foreground)

    def readiness(self, scene: str) -> Readiness:
        """How far the candidate for `scene` is."""
        slot = self._slots.get(scene)
        return Readiness.OPENING if slot is None else self._driver.readiness(slot)

    def cut(self, scene: str) -> None:
        """Put the candidate for `scene` on the screen and release what was there."""
        slot = self._slots.pop(scene)
        self._driver.cut(slot)
        self.drop()
        self._foreground = slot

    def drop(self) -> None:
        """Release the foreground, and what was recalled to be it."""
        for slot in (self._foreground, self._recalled):
            if slot is not None:
                self._driver.release(slot)
        self._foreground = self._recalled = None
        self.moved = 0

    @property
    def broken(self) -> bool:
        """Whether the foreground cannot be decoded any more."""
        slot = self._foreground
        return slot is not None and self._driver.readiness(slot) is Readiness.FAILED
