"""When a part of a show is started again: a rule without a clock, and without processes."""

from __future__ import annotations

from enum import Enum

YOUNG_NS = 10_000_000_000
"""A part that ends before this age is not started again at once the next time."""

_FIRST_PAUSE_NS = 500_000_000
_LONGEST_PAUSE_NS = 10_000_000_000


class Deed(Enum):
    """What is to be done about a part."""

    NOTHING = "nothing"
    END = "end"
    START = "start"


class Keeper:
    """Tells when a part has hung, and when one that has ended is to be started again.

    The first time at once; one that keeps ending young after half a second, a second, two, and
    so on to ten seconds, so that a part that cannot run costs the others little.

    Parameters
    ----------
    patience_ns : int or None
        How long a part that has spoken may be silent before it counts as hung; None for ever.
    """

    def __init__(self, patience_ns: int | None = None) -> None:
        self._patience_ns = patience_ns
        self._started_ns = 0
        self._heard_ns: int | None = None
        self._due_ns: int | None = None
        self._young = 0

    def start(self, now_ns: int) -> None:
        """Note that the part is being started."""
        self._started_ns, self._heard_ns, self._due_ns = now_ns, None, None

    def hear(self, now_ns: int) -> None:
        """Note that the part has spoken."""
        self._heard_ns = now_ns

    def judge(self, now_ns: int, *, alive: bool, left: bool) -> Deed:
        """Say what is to be done.

        Parameters
        ----------
        now_ns : int
            Hall time in ns.
        alive : bool
            Whether there is a process.
        left : bool
            Whether it has ended by its own will, leaving its task to another: it is started
            again when that other is not heard any more.
        """
        if alive:
            return Deed.END if self._is_silent(now_ns, self._heard_ns) else Deed.NOTHING
        if left:
            since_ns = self._started_ns if self._heard_ns is None else self._heard_ns
            return Deed.START if self._is_silent(now_ns, since_ns) else Deed.NOTHING
        self._end(now_ns)
        due = self._due_ns is not None and now_ns >= self._due_ns
        return Deed.START if due else Deed.NOTHING

    def _is_silent(self, now_ns: int, since_ns: int | None) -> bool:
        """Tell whether that is too long ago; a part that has never spoken gets ready still."""
        if self._patience_ns is None or since_ns is None:
            return False
        return now_ns - since_ns > self._patience_ns

    def _end(self, now_ns: int) -> None:
        """Work out when a part that has ended is due, once for each end."""
        if self._due_ns is not None:
            return
        self._young = self._young + 1 if now_ns - self._started_ns < YOUNG_NS else 0
        longer = max(0, self._young - 1)
        pause_ns = min(_LONGEST_PAUSE_NS, _FIRST_PAUSE_NS << (longer - 1)) if longer else 0
        self._due_ns = now_ns + pause_ns
