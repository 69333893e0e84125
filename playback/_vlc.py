"""The vlc driver: libVLC in children, each drawing into a window of ours."""

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from playback._abilities import VLC
from playback._children import Children
from playback._probe import picture_size
from playback._projector import Projector, VlcChild
from playback._sdl import SNAPSHOT_WIDTH, Window, has_gpu, sound_fault
from playback._slate import draw_slate
from playback._stage import Stage
from playback._types import Capabilities, Clip, DriverError, FilmTable, Readiness

# Children that wait for a clip, beside the one that plays.
WARM = 2
UNMIXED = "; music beds and levels are not played"


class VlcDriver:
    """Shows and sounds a film with libVLC.

    libVLC keeps its own time: `show` lets a clip run and watches that it is where the film is.
    A clip's first picture waits, painted, in a window behind the one that is seen; a cut raises
    that window and lets the clip go, in one tick. Faded pictures are copied from the window and
    mixed here. Music beds and levels are not played: libVLC mixes nothing for us.

    Parameters
    ----------
    table : FilmTable
        The film; its first clip sets the shape of the window.
    windowed : bool
        A window with a frame instead of a covered screen.

    Raises
    ------
    DriverError
        If no window can be opened, or libVLC cannot be given windows.
    MediaError
        If the first clip cannot be read.
    """

    def __init__(self, table: FilmTable, *, windowed: bool) -> None:
        clip = next(scene.clip for scene in table.scenes if scene.scene == table.start)
        width, height = picture_size(clip.path)
        size = (width // 2 * 2, height // 2 * 2)
        self._fps = table.fps
        sound = sound_fault()
        self._sound = not sound
        self._remark = (f"no sound: {sound}" if sound else "picture and sound") + UNMIXED
        # Without Xlib there is no OpenGL, which emulated takes a third of a core for each clip.
        options = [*([] if has_gpu() else ["--no-xlib"]), *(["--no-audio"] if sound else [])]
        # First of all: it loads its libraries while the window opens.
        self._children = Children(lambda: VlcChild(*options), WARM)
        try:
            self._window = Window(size, table.film, windowed, 1)
            self._stage = Stage(self._window.x11_name, self._window.extent)
        except DriverError:
            self._children.close()
            raise
        self._window.load_slate(draw_slate(size))
        self._projectors: dict[int, Projector] = {}
        self._foreground: Projector | None = None
        self._frame: int | None = None
        self._there = self._closed = False
        # The window that is seen where the slate is not, and how much of it.
        self._front: int | None = None
        self._level = 0.0

    @property
    def capabilities(self) -> Capabilities:
        """Picture always, sound where there is a device."""
        return replace(VLC, sound=self._sound, remark=self._remark)

    @property
    def decoders(self) -> dict[int, int]:
        """Process id of the player of every slot, for tests and the log."""
        return {slot: projector.pid for slot, projector in self._projectors.items()}

    def prepare(self, slot: int, clip: Clip) -> None:
        """Have a warm child open the clip and paint its first frame."""
        self._projectors[slot] = Projector(self._children, self._stage, clip, self._fps)

    def readiness(self, slot: int) -> Readiness:
        """Whether the first frame of `slot` is painted."""
        projector = self._projectors.get(slot)
        return projector.readiness if projector else Readiness.FAILED

    def cut(self, slot: int) -> None:
        """Show and sound `slot` from now on."""
        self._foreground = self._projectors[slot]
        self._frame = None

    def show(self, frame: int, level: float) -> bool:
        """Let the foreground run, or stand where it is; see `Driver.show`."""
        projector = self._foreground
        frozen = self._there and frame == self._frame
        if projector and frozen:
            projector.halt(frame)
        elif projector:
            self._there = projector.follow(frame, level)
            self._front = projector.window if self._there else self._front
        self._frame = frame
        self._present(level if self._front else 0.0)
        self._tend(running=not frozen)
        return self._there

    def mix(self, gain_db: float, bed: str | None) -> None:
        """Nothing is mixed: see `capabilities`."""

    def slate(self) -> None:
        """Show the slate for one tick; the foreground stands still."""
        if self._foreground and self._frame is not None:
            self._foreground.halt(self._frame)
        self._present(0.0)
        self._tend(running=False)

    def _present(self, level: float) -> None:
        """Show the window in front, or the slate, or a mixture of both."""
        self._stage.fit(self._window.extent)
        self._level = level
        if level >= 1 and self._front:
            self._stage.reveal(self._front)
            return
        picture = self._stage.pixels(self._front) if level > 0 and self._front else None
        self._stage.hide()
        self._window.mix(picture, level)

    def _tend(self, running: bool) -> None:
        """Look after the children."""
        for projector in self._projectors.values():
            foreground = projector is self._foreground
            at = self._frame or 0 if foreground else 0
            projector.tend(at, running and foreground)
        opening = (one.readiness is Readiness.OPENING for one in self._projectors.values())
        self._children.tend(hurry=any(opening))

    def snapshot(self) -> npt.NDArray[np.uint8] | None:
        """Return what is on the screen; see `Driver.snapshot`."""
        picture = self._stage.pixels(self._front) if self._level > 0 and self._front else None
        if picture is None:
            return self._window.snapshot(None, 0.0)
        step = max(1, picture.shape[1] // SNAPSHOT_WIDTH)
        small = picture[::step, ::step, 2::-1]
        return small if self._level >= 1 else (small * self._level).astype(np.uint8)

    def pressed(self) -> tuple[str, ...]:
        """Keys pressed in the window."""
        return self._window.pressed()

    def release(self, slot: int) -> None:
        """Give the slot's player back."""
        projector = self._projectors.pop(slot, None)
        if projector:
            projector.close()
        if projector is self._foreground:
            self._foreground = None

    def close(self) -> None:
        """End players and window."""
        if self._closed:
            return
        self._closed = True
        for slot in tuple(self._projectors):
            self.release(slot)
        self._children.close()
        self._stage.close()
        self._window.close()
