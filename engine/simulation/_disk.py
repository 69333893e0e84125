"""A disk in virtual time: slow, full, read-only.

What a killed process has not handed over is lost.
"""

from __future__ import annotations

import errno
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO, cast

from engine.simulation._world import World

_BUFFER = 64 * 1024


class SimDisk:
    """Makes files in a folder that may refuse.

    Parameters
    ----------
    world : World
        Chance.
    folder : Path
        Files in it are on this disk; all others are in memory and never refused.

    Attributes
    ----------
    full, read_only : bool
        How it refuses.
    slow_ns : int
        How long a write takes at most.
    """

    def __init__(self, world: World, folder: Path) -> None:
        self._world = world
        self._folder = folder
        self.full = self.read_only = self.memory_full = False
        self.slow_ns = 0
        self._owed_ns = 0

    def create(self, path: Path) -> BinaryIO:
        """Make a file that must not be there yet."""
        on_disk = path.parent == self._folder
        if on_disk and self.read_only:
            raise OSError(errno.EROFS, "Read-only file system", str(path))
        return cast("BinaryIO", _File(path, lambda: self._ask(on_disk)))

    def owed_ns(self) -> int:
        """Take what the process that has just had its turn must still wait for the disk."""
        owed, self._owed_ns = self._owed_ns, 0
        return owed

    def _ask(self, on_disk: bool) -> None:
        """Let a write happen, or refuse it; half of it is then on the disk."""
        if on_disk and self.slow_ns:
            self._owed_ns += self._world.rng.randrange(self.slow_ns)
        if on_disk and self.read_only:
            raise OSError(errno.EROFS, "Read-only file system")
        if self.full if on_disk else self.memory_full:
            raise OSError(errno.ENOSPC, "No space left on device")


class _File:
    """A file that buffers as Python's do, and forgets its buffer where they would write it."""

    def __init__(self, path: Path, ask: Callable[[], None]) -> None:
        self._file = path.open("xb", buffering=0)
        self._ask = ask
        self._buffer = bytearray()

    def write(self, data: bytes) -> int:
        self._buffer += data
        if len(self._buffer) > _BUFFER:
            self.flush()
        return len(data)

    def flush(self) -> None:
        if not self._buffer:
            return
        try:
            self._ask()
        except OSError:
            self._file.write(self._buffer[: len(self._buffer) // 2])
            raise
        self._file.write(self._buffer)
        self._buffer.clear()

    def tell(self) -> int:
        return self._file.tell() + len(self._buffer)

    def close(self) -> None:
        if not self._file.closed:
            self.flush()
            self._file.close()

    def __del__(self) -> None:
        # Closed without `flush`, as the system closes what a killed process had open.
        if hasattr(self, "_file"):
            self._file.close()
