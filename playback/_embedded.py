"""The embedded driver: decoding in children, one SDL2 window, one audio device."""

from collections import deque
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from playback._abilities import embedded
from playback._beds import Beds
from playback._children import Children
from playback._feed import RESTART_LEAD, Decoder, Feed
from playback._probe import picture_size
from playback._ring import House
from playback._slate import draw_slate
from playback._sound import Loudspeaker
from playback._types import Capabilities, Clip, DriverError, FilmTable, Readiness

# Sound needs a queue, and the picture waits for it: 3 frames at 24 frames per second.
DELAY_S = 0.125
# Decoders that wait for a clip.
WARM = 3


class EmbeddedDriver:
    """Shows and sounds a film with nothing but wheels: PyAV and SDL2.

    The presenter never decodes: it takes frames from the rings of decoder children. Pictures are
    shown, and sound is heard, `Capabilities.output_delay_frames` after `show`.

    Parameters
    ----------
    table : FilmTable
        The film; its first clip sets the size of the picture.
    windowed : bool
        A window with a frame instead of a covered screen.

    Raises
    ------
    DriverError
        If no window can be opened.
    MediaError
        If the first clip cannot be read.
    """

    def __init__(self, table: FilmTable, *, windowed: bool) -> None:
        clip = next(scene.clip for scene in table.scenes if scene.scene == table.start)
        width, height = picture_size(clip.path)
        size = (width // 2 * 2, height // 2 * 2)
        self._house = House(size, table.fps_num, table.fps_den)
        # First of all: it loads its libraries while we load SDL and open the window.
        self._children = Children(lambda: Decoder(self._house), WARM)
        self._delay = max(1, round(DELAY_S * table.fps))
        # One picture for each tick of delay, one on the screen, one to load into.
        self._places = self._delay + 2
        try:
            from playback._sdl import Window

            self._window = Window(size, table.film, windowed, self._places)
        except (DriverError, ImportError):
            self._children.close()
            raise
        self._window.load_slate(draw_slate(size))
        self._sound, self._remark = self._loudspeaker(float(self._delay / table.fps))
        # Where nothing is heard, nobody decodes music.
        self._beds = Beds(table.beds if self._sound else ())
        self._gain_db = self._level = 0.0
        self._feeds: dict[int, Feed] = {}
        self._foreground: Feed | None = None
        self._frame: int | None = None
        self._there = False
        self._place: int | None = None
        self._coming: deque[tuple[int | None, float]] = deque([(None, 0.0)] * self._delay)
        self._now: tuple[int | None, float] = (None, 0.0)
        self._sounding = self._continues = False
        self._ticks = 0
        self._closed = False

    @staticmethod
    def _loudspeaker(delay_s: float) -> tuple[Loudspeaker | None, str]:
        """Open the audio device, or say why the film is silent."""
        from playback._sdl import AudioDevice

        try:
            return Loudspeaker(AudioDevice(), delay_s), "picture and sound"
        except DriverError as error:
            return None, f"no sound: {error}"

    @property
    def capabilities(self) -> Capabilities:
        """Picture always, sound where there is a device."""
        return replace(
            embedded(),
            sound=self._sound is not None,
            output_delay_frames=self._delay,
            remark=self._remark,
        )

    @property
    def decoders(self) -> dict[int, int]:
        """Process id of the decoder of every slot, for tests and the log."""
        return {slot: feed.pid for slot, feed in self._feeds.items()}

    @property
    def supply(self) -> dict[int, int]:
        """Frames decoded and waiting, for every slot, for tests and the log."""
        return {slot: feed.supply for slot, feed in self._feeds.items()}

    def prepare(self, slot: int, clip: Clip) -> None:
        """Have a warm child open the clip and fill its ring."""
        self._feeds[slot] = Feed(self._children, clip)

    def readiness(self, slot: int) -> Readiness:
        """How far the ring of `slot` is filled."""
        feed = self._feeds.get(slot)
        return feed.readiness if feed else Readiness.FAILED

    def cut(self, slot: int) -> None:
        """Take pictures and sound from `slot` from now on."""
        feed = self._feeds[slot]
        self._continues = self._there and self._goes_on(feed.clip)
        self._foreground, self._frame = feed, None
        self._set_gain()

    def _goes_on(self, clip: Clip) -> bool:
        """Whether a clip goes on in the file where the foreground stands: no cut is heard there."""
        if not self._foreground or self._frame is None:
            return False
        old = self._foreground.clip
        return (clip.path, clip.first_frame) == (old.path, old.first_frame + self._frame + 1)

    def show(self, frame: int, level: float) -> bool:
        """Take a frame from the foreground's ring; see `Driver.show`."""
        feed = self._foreground
        frozen = self._there and frame == self._frame
        taken = feed.take(frame) if feed and not frozen else None
        if feed and taken:
            picture, sound = taken
            joins = self._sounding and (self._frame is not None or self._continues)
            self._place = self._free_place()
            self._window.load(self._place, picture)
            self._play(sound, level, joins, leaves=frame + 1 >= feed.clip.frames)
        else:
            self._play(None, level, joins=False, leaves=False)
        self._there = frozen or taken is not None
        self._frame = frame
        self._advance(self._place, level)
        return self._there

    def mix(self, gain_db: float, bed: str | None) -> None:
        """Set the clip's level and the bed; see `Driver.mix`."""
        self._gain_db = gain_db
        self._set_gain()
        self._beds.want(bed)

    def _set_gain(self) -> None:
        """Have the loudspeaker go to the clip's level."""
        if self._sound:
            cut = self._frame is None and not self._continues
            self._sound.set_gain(self._gain_db, at_once=cut)

    def slate(self) -> None:
        """Show the slate for one tick."""
        self._play(None, 0.0, joins=False, leaves=False)
        self._advance(None, 0.0)

    def _free_place(self) -> int:
        """Return a place whose picture is not waiting to be shown."""
        busy = {place for place, _ in (*self._coming, self._now)}
        return next(place for place in range(self._places) if place not in busy)

    def _play(
        self, sound: npt.NDArray[np.int16] | None, level: float, joins: bool, leaves: bool
    ) -> None:
        """Sound one tick; without sound, silence of the right length, and the bed with either."""
        self._ticks += 1
        if self._sound:
            self._beds.tend()
            clip = self._silence() if sound is None else sound
            heard = max(level, self._level) > 0
            under = self._beds.take(len(clip)) if heard else None
            joins = joins if sound is not None else not self._sounding
            self._sound.play(clip, level, joins=joins, leaves=leaves, under=under)
        self._sounding, self._level = sound is not None, level

    def _silence(self) -> npt.NDArray[np.int16]:
        """One tick's silence."""
        start, stop = (self._house.samples_until(k) for k in (self._ticks, self._ticks + 1))
        return np.zeros((stop - start, 2), np.int16)

    def _advance(self, place: int | None, level: float) -> None:
        """Queue this tick's picture, present the one that is due, look after the decoders."""
        self._coming.append((place, level))
        self._now = self._coming.popleft()
        self._window.present(*self._now)
        for feed in self._feeds.values():
            at = (self._frame or 0) + RESTART_LEAD if feed is self._foreground else 0
            feed.tend(at)
        opening = (feed.readiness is Readiness.OPENING for feed in self._feeds.values())
        self._children.tend(hurry=any(opening))

    def snapshot(self) -> npt.NDArray[np.uint8]:
        """Return what is on the screen; see `Driver.snapshot`."""
        return self._window.snapshot(*self._now)

    def pressed(self) -> tuple[str, ...]:
        """Keys pressed in the window."""
        return self._window.pressed()

    def release(self, slot: int) -> None:
        """Give the slot's decoder back."""
        feed = self._feeds.pop(slot, None)
        if feed:
            feed.close()
        if feed is self._foreground:
            self._foreground = None

    def close(self) -> None:
        """End decoders, sound and window."""
        if self._closed:
            return
        self._closed = True
        for slot in tuple(self._feeds):
            self.release(slot)
        self._children.close()
        self._beds.close()
        if self._sound:
            self._sound.close()
        self._window.close()
