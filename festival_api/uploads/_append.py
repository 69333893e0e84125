"""Adding bytes to a file: one request at a time, each byte confirmed when it is on the disk."""

from __future__ import annotations

import base64
import errno
import fcntl
import hashlib
import os
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Protocol

from sqlalchemy import Connection, update

from festival_api.accounts import Actor
from festival_api.store import tables as t
from festival_api.uploads._files import LASTS, StoredFile, changeable_by
from festival_api.uploads._keeping import durable, path_of
from festival_api.uploads._refusals import (
    BAD_CHECKSUM,
    CHECKSUM_MISMATCH,
    NO_ROOM,
    OFFSET_MISMATCH,
    PAST_THE_END,
    UNKNOWN_FILE,
    UPLOAD_FINISHED,
    UPLOAD_LOCKED,
)

# So many bytes at most are sent again after a crash. Each confirmation costs a flush of the disk.
CONFIRMED_EVERY = 64 * 1024**2

# tus asks for SHA-1; it is held against noise on the line here, not against anybody.
CHECKSUMS = ("sha1", "sha256")

# What a file system says when it takes no more.
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


class _Hash(Protocol):
    def update(self, data: memoryview, /) -> None: ...

    def digest(self) -> bytes: ...


class Append:
    """The bytes of one request on their way into a file.

    It holds the file's lock until it is closed. The lock is the kernel's, on the file itself: it
    holds between processes, and a crash lets go of it.

    Parameters
    ----------
    descriptor : int
        The open, locked file; closed with this object.
    stored : StoredFile
        The file as the table has it; ``received`` is the byte the request begins at.
    checksum : tuple or None
        A fresh hash to be fed and the digest it should have, if the request brings a checksum.
    """

    def __init__(
        self, descriptor: int, stored: StoredFile, checksum: tuple[_Hash, bytes] | None
    ) -> None:
        self._descriptor, self._file, self._size = descriptor, stored.id, stored.size
        self._confirmed = self._at = stored.received
        self._hash: _Hash | None = checksum[0] if checksum else None
        self._expected = checksum[1] if checksum else b""

    def expect(self, offset: int, length: int | None) -> None:
        """Compare what the request says with where the file stands, before a byte is taken.

        Parameters
        ----------
        offset : int
            The byte the request begins at.
        length : int or None
            How many bytes it brings, if it says so.

        Raises
        ------
        Refusal
            `offset_mismatch` or `past_the_end`.
        """
        if offset != self._at:
            raise OFFSET_MISMATCH({"offset": self._at}, offset=self._at, sent=offset)
        if length is not None and offset + length > self._size:
            raise PAST_THE_END(size=self._size)

    def write(self, data: bytes | bytearray) -> None:
        """Add bytes; they are not confirmed yet.

        Raises
        ------
        Refusal
            `past_the_end`, when none of the request's unconfirmed bytes are kept, or `no_room`.
        """
        if self._at + len(data) > self._size:
            self._drop()
            raise PAST_THE_END(size=self._size)
        left = memoryview(data)
        while left:
            try:
                written = os.pwrite(self._descriptor, left, self._at)
            except OSError as error:
                raise _no_room(error) from error
            if self._hash is not None:
                self._hash.update(left[:written])
            self._at += written
            left = left[written:]

    @property
    def unconfirmed(self) -> int:
        """How many bytes are written and not yet confirmed."""
        return self._at - self._confirmed

    @property
    def due(self) -> bool:
        """Whether enough bytes have come to be confirmed; never before their checksum is known."""
        return self._hash is None and self.unconfirmed >= CONFIRMED_EVERY

    def check(self, *, broken: bool) -> None:
        """Compare the checksum at the end of the request.

        Parameters
        ----------
        broken : bool
            Whether the request ended before its time; bytes with a checksum are then of no use.

        Raises
        ------
        Refusal
            `checksum_mismatch`: none of the bytes are kept.
        """
        if self._hash is None:
            return
        if broken:
            self._drop()
        elif self._hash.digest() != self._expected:
            raise CHECKSUM_MISMATCH()

    def flush(self) -> None:
        """Bring the bytes to the disk; this may take seconds, so stay outside of transactions.

        Raises
        ------
        Refusal
            `no_room`: the unconfirmed bytes are not kept.
        """
        try:
            os.fsync(self._descriptor)
        except OSError as error:
            # What was not flushed is lost to the kernel too; asking again would not tell.
            self._drop()
            raise _no_room(error) from error

    def confirm(self, c: Connection, now: datetime) -> bool:
        """Write into the table what was flushed.

        Returns
        -------
        bool
            Whether this was the file's last byte: it waits for `verify` then.

        Raises
        ------
        Refusal
            `unknown_file`: it was deleted meanwhile.
        """
        whole = self._at == self._size
        changed = c.execute(
            update(t.files)
            .where(t.files.c.id == self._file, t.files.c.state == "incoming")
            .values(
                received=self._at,
                state="hashing" if whole else "incoming",
                expires_at=None if whole else now + LASTS,
            )
        )
        if changed.rowcount == 0:
            raise UNKNOWN_FILE()
        self._confirmed = self._at
        return whole

    def close(self) -> None:
        """Let go of the file."""
        os.close(self._descriptor)

    def _drop(self) -> None:
        os.ftruncate(self._descriptor, self._confirmed)
        self._at = self._confirmed


def begin_append(c: Connection, folder: Path, file: str, actor: Actor, checksum: str) -> Append:
    """Open a file for more bytes.

    Parameters
    ----------
    c : Connection
        A writing transaction: no other request may look at the file meanwhile.
    folder : Path
        Of the bytes.
    file : str
        The file's identifier.
    actor : Actor
        Who sends.
    checksum : str
        The value of ``Upload-Checksum``; empty without.

    Raises
    ------
    Refusal
        `unknown_file`, `entry_not_draft`, `upload_finished`, `upload_locked` or `bad_checksum`.
    """
    expected = _checksum(checksum) if checksum else None
    stored = changeable_by(c, file, actor)
    if stored.state == "damaged":
        raise UNKNOWN_FILE()
    if stored.state != "incoming":
        raise UPLOAD_FINISHED()
    try:
        descriptor = _open(path_of(folder, file))
    except OSError as error:
        raise _no_room(error) from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        received = durable(c, file, stored.received, descriptor)
    except BlockingIOError as error:
        os.close(descriptor)
        raise UPLOAD_LOCKED({"retry_after_s": 5}) from error
    return Append(descriptor, replace(stored, received=received), expected)


def _open(path: Path) -> int:
    flags = os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC
    if path.exists():
        return os.open(path, flags)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(path, flags | os.O_CREAT, 0o600)
    # The name, too, must outlast a power cut.
    for folder in (path.parent, path.parent.parent):
        opened = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        os.fsync(opened)
        os.close(opened)
    return descriptor


def _checksum(header: str) -> tuple[_Hash, bytes]:
    algorithm, _, digest = header.partition(" ")
    if algorithm not in CHECKSUMS:
        raise BAD_CHECKSUM()
    fresh = hashlib.new(algorithm, usedforsecurity=False)
    try:
        expected = base64.b64decode(digest, validate=True)
    except ValueError as error:
        raise BAD_CHECKSUM() from error
    if len(expected) != fresh.digest_size:
        raise BAD_CHECKSUM()
    return fresh, expected


def _no_room(error: OSError) -> Exception:
    return NO_ROOM() if error.errno in _FULL else error
