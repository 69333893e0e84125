"""How a child process of the presenter takes orders, and ends with it."""

import ctypes
import os
import queue
import signal
import sys
import threading
from typing import BinaryIO

# From Linux's <sys/prctl.h>.
PR_SET_PDEATHSIG = 1


class Orders:
    """The parent's orders, read by a thread of their own so that the end is never missed."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._lines: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        for line in self._stream:
            self._lines.put(line.strip())
        # The parent has gone. Nothing here is worth tidying up, and nothing may hold us.
        os._exit(0)

    def next(self, wait: bool, timeout_s: float | None = None) -> bytes | None:
        """Return the next order, or None if there is none (within the timeout, if we wait)."""
        try:
            return self._lines.get(block=wait, timeout=timeout_s)
        except queue.Empty:
            return None


def live_and_die_with_parent() -> None:
    """Leave Ctrl-C to the player, and have the kernel end us with it where it can."""
    # Ctrl-C in a terminal reaches every process of the show; only the player answers it.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if sys.platform.startswith("linux"):
        # Too, not instead: a library that hangs may hang the thread that reads orders.
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
