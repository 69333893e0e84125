"""What the audience sees, written down picture by picture."""

from __future__ import annotations

from dataclasses import dataclass

from engine.simulation._world import World
from playback import Clip, Readiness, SilentDriver

DARK = ("dark", 0)
SLATE = ("slate", 0)


@dataclass(slots=True)
class Trouble:
    """What has befallen clips and decoders.

    Attributes
    ----------
    vanished : set of str
        Clips that cannot be read any more.
    opening_ns : int
        How long a clip takes to get ready.
    late_until_ns : int
        Until when no decoder delivers.
    """

    vanished: set[str]
    opening_ns: int
    late_until_ns: int = 0


class Screen:
    """Everything that was on it: since when, and what.

    Attributes
    ----------
    pictures : list of (int, tuple)
        Hall time in ns, and clip and frame, `SLATE` or `DARK`.
    """

    def __init__(self, world: World) -> None:
        self._world = world
        self.pictures: list[tuple[int, tuple[str, int]]] = [(world.now_ns, DARK)]

    def show(self, picture: tuple[str, int]) -> None:
        """Note what is on the screen from now on."""
        if self.pictures[-1][1] != picture:
            self.pictures.append((self._world.now_ns, picture))


class WatchedDriver(SilentDriver):
    """The silent driver, with decoders that take time and fail, in front of a screen."""

    def __init__(self, world: World, screen: Screen, trouble: Trouble) -> None:
        super().__init__(vanished=trouble.vanished)
        self._world = world
        self._screen = screen
        self._trouble = trouble
        self._ready_ns: dict[int, int] = {}
        screen.show(SLATE)

    def prepare(self, slot: int, clip: Clip) -> None:
        """Note when the clip will be ready."""
        super().prepare(slot, clip)
        wait_ns = self._world.rng.randrange(self._trouble.opening_ns)
        self._ready_ns[slot] = self._world.now_ns + wait_ns

    def readiness(self, slot: int) -> Readiness:
        """Tell how far it is."""
        found = super().readiness(slot)
        late = self._world.now_ns < self._ready_ns.get(slot, 0)
        return Readiness.OPENING if found is Readiness.READY and late else found

    def show(self, frame: int, level: float) -> bool:
        """Present a frame, or repeat the last where no decoder delivers."""
        if self._world.now_ns < self._trouble.late_until_ns:
            return False
        shown = super().show(frame, level)
        if shown:
            assert self.shown is not None
            self._screen.show(self.shown[:2])
        return shown

    def slate(self) -> None:
        """Present the slate."""
        super().slate()
        self._screen.show(SLATE)
