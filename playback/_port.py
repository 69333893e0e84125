"""The port: what the player core asks of a driver. One page, all of it."""

from typing import Protocol

import numpy as np
import numpy.typing as npt

from playback._types import Capabilities, Clip, Readiness


class Driver(Protocol):
    """Shows frames and sounds them.

    A *slot* is one opened clip; the core numbers them and never uses a number twice. All calls
    come from one thread, the one that made the driver, and return within a few milliseconds:
    whatever takes time (opening, decoding) happens elsewhere. No call raises for a clip's sake.

    The rules are CasparCG's: the caller's clock pulls, once per frame; what is late is replaced
    by a repeated frame; picture and sound come from the same slot in the same tick.
    """

    @property
    def capabilities(self) -> Capabilities:
        """What this driver can do here."""
        ...

    def prepare(self, slot: int, clip: Clip) -> None:
        """Begin to pre-roll `clip`: open it and decode its first frames, in the background."""
        ...

    def readiness(self, slot: int) -> Readiness:
        """How far `slot` is; FAILED also for a foreground that cannot be decoded any more."""
        ...

    def cut(self, slot: int) -> None:
        """Make `slot` the foreground from the next `show` on; the old one waits for release."""
        ...

    def show(self, frame: int, level: float) -> bool:
        """Present one tick: a frame of the foreground and exactly that frame's sound.

        Parameters
        ----------
        frame : int
            Frame of the clip, from 0; it may jump ahead after a stall. The same frame as in
            the last tick is a freeze: its picture again, in silence.
        level : float
            1 is the film, 0 the slate; in between picture and sound are faded.

        Returns
        -------
        bool
            Whether the frame was there. If not, the last picture was repeated in silence.
        """
        ...

    def mix(self, gain_db: float, bed: str | None) -> None:
        """Set what is heard from the next `show` on.

        Parameters
        ----------
        gain_db : float
            Level of the foreground's own sound, reached over 100 ms, or at once where the next
            `show` is the first after a cut.
        bed : str or None
            The music bed that plays under it. It runs with the ticks of `show`, whatever is
            shown, and stands still on the slate.
        """
        ...

    def slate(self) -> None:
        """Present one tick of the slate, in silence; foreground and bed stay open."""
        ...

    def snapshot(self) -> npt.NDArray[np.uint8] | None:
        """What the audience sees now, small: RGB, shape (height, width, 3), about 320 wide.

        None where nothing is shown.
        """
        ...

    def pressed(self) -> tuple[str, ...]:
        """Keys pressed in the driver's window since the last call, by SDL's key names.

        "Close" stands for the closed window of a driver in windowed mode.
        """
        ...

    def release(self, slot: int) -> None:
        """Close `slot`. Unknown slots are ignored."""
        ...

    def close(self) -> None:
        """End window, sound and decoders. May be called twice."""
        ...
