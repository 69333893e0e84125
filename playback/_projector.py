"""One clip in a libVLC child, drawn into one window: watched, and replaced where it dies."""

import json
import mmap
import time
from fractions import Fraction

import numpy as np

from playback._board import AHEAD_MS, BEAT_NS, PAGE, WANTED_MS
from playback._children import Child, Children
from playback._ring import DECODING, FAILED, GENERATION, STATE, memory_file
from playback._stage import Stage
from playback._types import Clip, Readiness

# Matroska keeps milliseconds: asked for a little earlier, a frame is never missed by rounding.
EARLIER_MS = 5
# A child that takes the place of another has this long to be ready, longer each time it fails.
RESTART_S = Fraction(3, 4)
STARTS = 3
# After so many looks at a black window it is the picture that is black.
BLACK_LOOKS = 24
# A child that says nothing for so long hangs.
SILENT_NS = 1_500_000_000
# A clip that has not painted its first picture by then is given up.
OPENING_NS = 4_000_000_000
# A clip further off than this, for so many ticks, is opened anew at the right place.
OFF_MS = 300
OFF_TICKS = 24


class VlcChild(Child):
    """A libVLC child and the page it shares with us.

    Parameters
    ----------
    options : str
        For libVLC.
    """

    def __init__(self, *options: str) -> None:
        descriptor = memory_file(PAGE)
        board = np.frombuffer(mmap.mmap(descriptor, PAGE), dtype=np.int64)
        super().__init__("playback._vlc_child", board, descriptor, *options)

    def open(self, path: str, start_ms: int, window: int) -> int:
        """Order a clip; returns the generation its reports will carry."""
        generation = self._next_generation()
        self.header[[BEAT_NS, AHEAD_MS]] = time.monotonic_ns(), 0
        self.order(f"open {generation} {window} {start_ms} {json.dumps(path)}")
        return generation

    @property
    def silent(self) -> bool:
        """Whether nothing has been heard of it for too long, since it can speak."""
        quiet_ns = time.monotonic_ns() - self.header[BEAT_NS]
        return not self.starting and bool(quiet_ns > SILENT_NS)


class _Run:
    """One child's go at a clip, from a frame on."""

    def __init__(self, child: VlcChild, window: int, clip: Clip, first: int, fps: Fraction) -> None:
        self.child, self.window, self.first = child, window, first
        self._clip, self._fps = clip, fps
        self.playing = False
        self._painted = False
        self._off = self._looks = 0
        self._patience_ns = time.monotonic_ns() + OPENING_NS
        self._generation = child.open(clip.path, self._place_ms(first), window)

    def _place_ms(self, frame: int) -> int:
        """Where a frame begins in the file."""
        return max(0, int((self._clip.first_frame + frame) * 1000 / self._fps) - EARLIER_MS)

    def _state(self) -> int:
        """What the child says of this clip; -1 while it has not heard of it."""
        header = self.child.header
        return int(header[STATE]) if header[GENERATION] == self._generation else -1

    @property
    def ready(self) -> bool:
        """Whether its first picture waits in its window, or it plays."""
        return self._painted and self._state() == DECODING

    def look(self, stage: Stage) -> None:
        """See whether the first picture is there: libVLC does not tell."""
        if self._painted or self._state() != DECODING:
            return
        self._looks += 1
        self._painted = stage.painted(self.window) or self._looks > BLACK_LOOKS

    @property
    def refused(self) -> bool:
        """Whether libVLC says that the clip cannot be played."""
        return self._state() == FAILED

    @property
    def lost(self) -> bool:
        """Whether it died, hangs, or is not where the film is."""
        late = not self.ready and time.monotonic_ns() > self._patience_ns
        return late or self.hangs or self._off >= OFF_TICKS

    @property
    def hangs(self) -> bool:
        """Whether nothing more can be expected of its child."""
        return not self.child.alive or self.child.silent

    def follow(self, frame: int) -> None:
        """Let it run; the film is at `frame`."""
        self.child.header[WANTED_MS] = self._place_ms(frame)
        if not self.playing:
            self.child.order("play")
        self._off = self._off + 1 if abs(self.child.header[AHEAD_MS]) > OFF_MS else 0
        self.playing = True

    def halt(self, frame: int) -> None:
        """Let it stand at `frame`, in silence."""
        if self.playing:
            self.child.order(f"pause {self._place_ms(frame)}")
        self.playing, self._off = False, 0


class Projector:
    """Shows one clip.

    Parameters
    ----------
    children : Children
        Where players are lent.
    stage : Stage
        Where windows are lent.
    clip : Clip
        What to play.
    fps : Fraction
        Frames per second of the film.
    """

    def __init__(
        self, children: Children[VlcChild], stage: Stage, clip: Clip, fps: Fraction
    ) -> None:
        self._children, self._stage, self.clip, self._fps = children, stage, clip, fps
        self._starts, self._level = 0, 1.0
        self._shown = self._failed = False
        self._run = self._started(0)
        # Opened where the film will soon be, to take the place of a run that is lost.
        self._spare: _Run | None = None

    def _started(self, first: int) -> _Run:
        """Have a child begin at a frame, in a window of its own."""
        self._starts += 1
        child, window = self._children.lend(), self._stage.lend()
        return _Run(child, window, self.clip, min(first, self.clip.frames - 1), self._fps)

    @property
    def pid(self) -> int:
        """Process id of the player, for tests and the log."""
        return self._run.child.pid

    @property
    def window(self) -> int:
        """The window in which it is seen."""
        return self._run.window

    @property
    def readiness(self) -> Readiness:
        """READY once the first picture lies on its window."""
        if self._failed:
            return Readiness.FAILED
        return Readiness.READY if self._shown or self._run.ready else Readiness.OPENING

    def follow(self, frame: int, level: float) -> bool:
        """Run with the film, which is at `frame`; False while the last picture stands."""
        self._take_over(frame)
        if self._run.lost or not self._run.ready or frame >= self.clip.frames:
            return False
        self._shown = True
        self._run.follow(frame)
        self._sound(level)
        return True

    def halt(self, frame: int) -> None:
        """Stand at `frame`, in silence."""
        self._run.halt(frame)

    def _sound(self, level: float) -> None:
        """Set the loudness, where it changes."""
        if level != self._level:
            self._run.child.order(f"level {level:.4f}")
        self._level = level

    def _take_over(self, frame: int) -> None:
        """Go over to the replacement once the film is where it begins."""
        if self._spare and self._spare.ready and frame >= self._spare.first:
            self._retire(self._run)
            self._run, self._spare = self._spare, None
            self._starts, self._level = 0, 1.0

    def tend(self, frame: int, running: bool) -> None:
        """Replace a run that is lost; call it every tick with the film's place in the clip."""
        run = self._spare or self._run
        run.look(self._stage)
        if self._failed or not (run.lost or run.refused):
            return
        if self._starts >= STARTS or (run.refused and not self._shown):
            self._failed = True
            return
        lead = round(RESTART_S * self._fps * max(1, self._starts)) if running else 0
        fresh = self._started(frame + lead)
        if run is self._run and self._shown:
            self._spare = fresh
        elif run is self._run:
            self._retire(run)
            self._run = fresh
        else:
            self._retire(run)
            self._spare = fresh

    def _retire(self, run: _Run) -> None:
        """Give back a run's child and window."""
        if run.hangs:
            self._children.discard(run.child)
        else:
            self._children.take_back(run.child)
        self._stage.take_back(run.window)

    def close(self) -> None:
        """Give back everything."""
        for run in (self._run, self._spare):
            if run:
                self._retire(run)
