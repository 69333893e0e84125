"""The driver that shows nothing: same clock, same answers, no window, sound or decoding."""

from collections.abc import Collection

from playback._abilities import SILENT
from playback._types import Capabilities, Clip, Readiness


class SilentDriver:
    """Plays into the void, for machines without display and for tests.

    Parameters
    ----------
    never_ready : collection of str, optional
        Clip paths that stay in pre-roll for ever, to try out the player's fallbacks.
    vanished : collection of str, optional
        Clip paths that cannot be opened. A set kept by the caller may grow during the show:
        a clip that is on the screen then fails there.
    """

    def __init__(self, never_ready: Collection[str] = (), vanished: Collection[str] = ()) -> None:
        self._never_ready, self._vanished = never_ready, vanished
        self._clips: dict[int, Clip] = {}
        self._foreground: int | None = None
        self._shown: tuple[str, int, float] | None = None
        self._mix: tuple[float, str | None] = (0.0, None)
        self._heard: tuple[float, str | None] | None = None

    @property
    def capabilities(self) -> Capabilities:
        """Neither picture nor sound."""
        return SILENT

    @property
    def shown(self) -> tuple[str, int, float] | None:
        """What this tick would show: clip path, frame of the file, level; None is the slate."""
        return self._shown

    @property
    def heard(self) -> tuple[float, str | None] | None:
        """What this tick would sound: the clip's gain in dB and the bed; None is silence."""
        return self._heard

    @property
    def slots(self) -> tuple[int, ...]:
        """The open slots."""
        return tuple(self._clips)

    def prepare(self, slot: int, clip: Clip) -> None:
        """Note the clip; nothing is opened."""
        self._clips[slot] = clip

    def readiness(self, slot: int) -> Readiness:
        """READY at once, unless the clip is one of those that never are."""
        clip = self._clips.get(slot)
        if clip is None or clip.path in self._vanished:
            return Readiness.FAILED
        return Readiness.OPENING if clip.path in self._never_ready else Readiness.READY

    def cut(self, slot: int) -> None:
        """Make `slot` the foreground."""
        self._foreground = slot

    def show(self, frame: int, level: float) -> bool:
        """Count a frame as shown, and what is heard with it."""
        self._heard = self._mix
        clip = self._clips.get(-1 if self._foreground is None else self._foreground)
        if clip is None or clip.path in self._vanished or frame >= clip.frames:
            return False
        self._shown = (clip.path, clip.first_frame + frame, level)
        return True

    def mix(self, gain_db: float, bed: str | None) -> None:
        """Note what is to be heard."""
        self._mix = (gain_db, bed)

    def slate(self) -> None:
        """Count a tick of the slate."""
        self._shown = self._heard = None

    def snapshot(self) -> None:
        """Nothing is to be seen."""

    def pressed(self) -> tuple[str, ...]:
        """No window, no keys."""
        return ()

    def release(self, slot: int) -> None:
        """Forget the clip."""
        self._clips.pop(slot, None)

    def close(self) -> None:
        """Forget all clips."""
        self._clips.clear()
