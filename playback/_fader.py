"""Between film and slate."""


class Fader:
    """Moves the level from 1 (film) to 0 (slate) and back, a step per tick.

    Parameters
    ----------
    frames : int
        Length of a full fade.
    """

    def __init__(self, frames: int) -> None:
        self._frames = frames
        self._step = frames
        self.down = False

    def lower(self) -> None:
        """Fade to the slate; asked again, go there at once."""
        if self.down:
            self._step = 0
        self.down = True

    def lift(self) -> None:
        """Fade back to the film."""
        self.down = False

    def move(self) -> None:
        """Go one tick further."""
        self._step = max(0, self._step - 1) if self.down else min(self._frames, self._step + 1)

    @property
    def level(self) -> float:
        """1 is the film, 0 the slate."""
        return self._step / self._frames

    @property
    def frozen(self) -> bool:
        """Whether the slate is up by the operator's wish, so that film time stands still."""
        return self.down and self._step == 0
