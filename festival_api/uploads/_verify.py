"""Verifying a file once all its bytes are here: its SHA-256, and that it is what its kind asks."""

from __future__ import annotations

import fcntl
import hashlib
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import select, update

from festival_api.refusals import Refusal
from festival_api.store import Database
from festival_api.store import tables as t
from festival_api.uploads._keeping import path_of, remove_bytes
from festival_api.uploads._kinds import HEAD_BYTES, KINDS, document_type
from festival_api.uploads._refusals import HASH_MISMATCH, WRONG_FILE_TYPE

# Files up to this size are verified while their last request waits, which takes a second at most;
# larger ones afterwards.
VERIFIED_AT_ONCE = 256 * 1024**2


def verify(database: Database, folder: Path, file: str, now: datetime) -> Refusal | None:
    """Verify a file that has all its bytes, reading it from the disk.

    The bytes of a file that fails are removed. Several may try at once, one does it.

    Parameters
    ----------
    database : Database
        Asked before and after; no transaction is open while the file is read.
    folder : Path
        Of the bytes.
    file : str
        The file's identifier; one that does not wait to be verified is left alone.
    now : datetime
        When it counts as completed.

    Returns
    -------
    Refusal or None
        `hash_mismatch` or `wrong_file_type`, when the file is damaged now.
    """
    f = t.files.c
    with database.read() as c:
        row = c.execute(
            select(f.kind, f.sha256, f.media_type).where(f.id == file, f.state == "hashing")
        ).first()
    if row is None:
        return None
    try:
        with path_of(folder, file).open("rb") as opened:
            fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
            media_type = document_type(opened.read(HEAD_BYTES))
            opened.seek(0)
            found = hashlib.file_digest(opened, "sha256").hexdigest()
    except (BlockingIOError, FileNotFoundError):
        # Somebody else verifies it, or it was deleted meanwhile.
        return None
    refusal = None
    values: dict[str, Any] = {"state": "complete", "sha256": found, "completed_at": now}
    if KINDS[row.kind].document:
        values["media_type"] = media_type or row.media_type
        refusal = None if media_type else WRONG_FILE_TYPE()
    if row.sha256 is not None and row.sha256 != found:
        words = {"found": found, "declared": row.sha256}
        refusal = HASH_MISMATCH(dict(words), **words)
    if refusal is not None:
        values = {"state": "damaged"}
    with database.write() as c:
        c.execute(update(t.files).where(f.id == file, f.state == "hashing").values(values))
    if refusal is not None:
        remove_bytes(folder, [file])
    return refusal


def verify_waiting(database: Database, folder: Path, now: datetime) -> int:
    """Verify every file that waits for it; a large film takes minutes.

    Returns
    -------
    int
        How many there were.
    """
    with database.read() as c:
        waiting = c.execute(
            select(t.files.c.id).where(t.files.c.state == "hashing").order_by(t.files.c.id)
        ).scalars()
        files = list(waiting)
    for file in files:
        verify(database, folder, file, now)
    return len(files)
