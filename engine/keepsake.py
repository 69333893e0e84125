"""A value in memory that outlives its process: whoever takes its place finds the last whole one.

A memory-mapped file with two places that take turns, each with a number and a checksum: a process
that is killed in the middle of writing leaves the value before. Writing waits for no disk.
"""

from __future__ import annotations

import mmap
import os
import struct
import zlib
from pathlib import Path

PLACE_BYTES = 64 * 1024
"""Room for one value with its head."""

_HEAD = struct.Struct("<QII")


class Keepsake:
    """Keep the newest of many values.

    Parameters
    ----------
    path : Path
        The file; it is made where there is none, and goes on where there is one.
    """

    def __init__(self, path: Path) -> None:
        self._number = max((number for number, _ in _whole(path)), default=0)
        with path.open("r+b" if path.exists() else "w+b") as file:
            # All of it now: memory that is promised and not there would end the process later.
            os.posix_fallocate(file.fileno(), 0, 2 * PLACE_BYTES)
            self._memory = mmap.mmap(file.fileno(), 2 * PLACE_BYTES)

    def keep(self, value: bytes) -> None:
        """Put a value in the place of the last but one.

        Raises
        ------
        ValueError
            It is larger than a place.
        """
        if len(value) > PLACE_BYTES - _HEAD.size:
            raise ValueError(f"{len(value)} bytes do not fit into a place of {PLACE_BYTES}")
        self._number += 1
        at = self._number % 2 * PLACE_BYTES
        body = at + _HEAD.size
        self._memory[body : body + len(value)] = value
        head = _HEAD.pack(self._number, len(value), zlib.crc32(value))
        self._memory[at:body] = head

    def close(self) -> None:
        """Let go of the file; the value stays."""
        self._memory.close()


def recall(path: Path) -> bytes | None:
    """Give the last whole value kept at `path`; None where there is none."""
    found = _whole(path)
    return max(found)[1] if found else None


def _whole(path: Path) -> list[tuple[int, bytes]]:
    """Read the values that are whole, each with its number."""
    if not path.exists():
        return []
    memory = path.read_bytes()
    found = []
    for at in (0, PLACE_BYTES):
        head = memory[at : at + _HEAD.size]
        if len(head) < _HEAD.size:
            continue
        number, length, checksum = _HEAD.unpack(head)
        value = memory[at + _HEAD.size : at + _HEAD.size + length]
        if number and len(value) == length and zlib.crc32(value) == checksum:
            found.append((number, value))
    return found
