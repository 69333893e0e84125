"""The table of files: announcing, listing, deleting, and opening what is complete.

======== =========================================================================
State    Meaning
======== =========================================================================
incoming bytes are still to come
hashing  all bytes are here; the SHA-256 over them is not yet known
complete verified: the row's SHA-256 is that of the bytes
damaged  not what was announced, or not a file of this kind; the bytes are gone
deleted  removed by its owner, expired or erased; name and bytes are gone
======== =========================================================================
"""

from __future__ import annotations

import mimetypes
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Row, func, insert, or_, select, tuple_, update

from festival_api import entries
from festival_api.accounts import Actor
from festival_api.refusals import Refusal
from festival_api.store import new_id
from festival_api.store import tables as t
from festival_api.uploads._keeping import free_bytes
from festival_api.uploads._kinds import KINDS
from festival_api.uploads._metadata import NewFile
from festival_api.uploads._refusals import (
    ENTRY_NOT_DRAFT,
    FILE_INCOMPLETE,
    NO_ROOM,
    TOO_MANY_FILES,
    UNKNOWN_FILE,
)

# An upload that no byte was added to for so long is given up, and a damaged file no longer shown.
LASTS = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file of an entry.

    Attributes
    ----------
    id, entry : str
        Identifiers.
    kind : str
        One of `KINDS`.
    name, media_type : str
        Labels, cleaned; of a document, the media type is that of its content.
    size, received : int
        Bytes announced, and bytes that are on the disk.
    sha256 : str or None
        Announced; once complete, true.
    state : str
        See above.
    created_at : datetime
    expires_at : datetime or None
        When an unfinished upload is given up.
    completed_at : datetime or None
        When the last byte was verified.
    """

    id: str
    entry: str
    kind: str
    name: str
    media_type: str
    size: int
    received: int
    sha256: str | None
    state: str
    created_at: datetime
    expires_at: datetime | None
    completed_at: datetime | None

    @property
    def plain_name(self) -> str:
        """A name that says nothing of who made the file."""
        return self.kind + (mimetypes.guess_extension(self.media_type) or "")


def create(
    c: Connection, folder: Path, entry: str, actor: Actor, new: NewFile, now: datetime
) -> StoredFile:
    """Take note of a file whose bytes will come.

    Raises
    ------
    Refusal
        `unknown_entry`, `entry_not_draft`, `too_many_files` or `no_room`.
    """
    if entries.of_owner(c, entry, actor).state != "draft":
        raise ENTRY_NOT_DRAFT()
    limit = KINDS[new.kind].files
    f = t.files.c
    held = c.execute(
        select(func.count()).where(
            f.entry == entry, f.kind == new.kind, f.state.in_(("incoming", "hashing", "complete"))
        )
    ).scalar_one()
    if held >= limit:
        raise TOO_MANY_FILES({"limit": limit}, limit=limit, kind=new.kind)
    if new.size > free_bytes(folder):
        raise NO_ROOM()
    stored = StoredFile(
        id=new_id(),
        entry=entry,
        kind=new.kind,
        name=new.name,
        media_type=new.media_type,
        size=new.size,
        received=0,
        sha256=new.sha256,
        state="incoming",
        created_at=now,
        expires_at=now + LASTS,
        completed_at=None,
    )
    c.execute(
        insert(t.files).values({name: getattr(stored, name) for name in StoredFile.__slots__})
    )
    return stored


def find(c: Connection, file: str) -> StoredFile:
    """Read a file that is not deleted.

    Raises
    ------
    Refusal
        `unknown_file`.
    """
    row = c.execute(select(t.files).where(t.files.c.id == file)).first()
    if row is None or row.state == "deleted":
        raise UNKNOWN_FILE()
    return _stored(row)


def changeable_by(c: Connection, file: str, actor: Actor) -> StoredFile:
    """Read a file that `actor` may add to or delete: the owner's, of a draft.

    Raises
    ------
    Refusal
        `not_confirmed`; `unknown_file`, also for files of others; `entry_not_draft`.
    """
    actor.require_confirmed()
    stored = find(c, file)
    if _entry_of(c, stored, actor, entries.of_owner).state != "draft":
        raise ENTRY_NOT_DRAFT()
    return stored


def seen_by(c: Connection, file: str, actor: Actor) -> StoredFile:
    """Read a file that `actor` may see: the owner's, and for office and auditor what was sent in.

    Raises
    ------
    Refusal
        `not_confirmed`; `unknown_file`, also for files that are not for `actor`.
    """
    actor.require_confirmed()
    stored = find(c, file)
    _entry_of(c, stored, actor, entries.seen_by)
    return stored


def files_of(
    c: Connection, entry: str, actor: Actor, after: str | None, limit: int
) -> list[StoredFile]:
    """List an entry's files, oldest first, from behind the file `after`.

    Raises
    ------
    Refusal
        `unknown_entry`, also for entries that are not for `actor`.
    """
    entries.seen_by(c, entry, actor)
    f = t.files.c
    asked = select(t.files).where(f.entry == entry, f.state != "deleted")
    if after is not None:
        last = select(f.created_at).where(f.id == after, f.entry == entry).scalar_subquery()
        asked = asked.where(tuple_(f.created_at, f.id) > tuple_(last, after))
    rows = c.execute(asked.order_by(f.created_at, f.id).limit(limit))
    return [_stored(row) for row in rows]


def open_file(c: Connection, file: str) -> StoredFile:
    """Read a file whose bytes are complete and verified; who may have them is the caller's to know.

    Raises
    ------
    Refusal
        `unknown_file` or `file_incomplete`.
    """
    stored = find(c, file)
    if stored.state == "damaged":
        raise UNKNOWN_FILE()
    if stored.state != "complete":
        raise FILE_INCOMPLETE()
    return stored


def delete(c: Connection, file: str, actor: Actor) -> None:
    """Delete one file of a draft; its bytes are for `remove_bytes`, after the transaction.

    Raises
    ------
    Refusal
        `unknown_file` or `entry_not_draft`.
    """
    _delete(c, [changeable_by(c, file, actor).id])


def delete_files_of(c: Connection, entry: str) -> list[str]:
    """Delete all files of an entry that is erased or removed.

    Returns
    -------
    list of str
        Their identifiers, for `remove_bytes` once the transaction is kept.
    """
    f = t.files.c
    gone = c.execute(select(f.id).where(f.entry == entry, f.state != "deleted")).scalars().all()
    return _delete(c, gone)


def expire(c: Connection, now: datetime) -> list[str]:
    """Give up uploads that nothing was added to for a week, and damaged files of that age.

    Returns
    -------
    list of str
        Their identifiers, for `remove_bytes` once the transaction is kept.
    """
    f = t.files.c
    unfinished = (f.state == "incoming") & (f.expires_at <= now)
    damaged = (f.state == "damaged") & (f.created_at <= now - LASTS)
    return _delete(c, c.execute(select(f.id).where(or_(unfinished, damaged))).scalars().all())


def _entry_of(
    c: Connection,
    stored: StoredFile,
    actor: Actor,
    ask: Callable[[Connection, str, Actor], entries.Entry],
) -> entries.Entry:
    try:
        return ask(c, stored.entry, actor)
    except Refusal as refusal:
        if refusal.kind is entries.UNKNOWN_ENTRY:
            raise UNKNOWN_FILE() from refusal
        raise


def _delete(c: Connection, files: Sequence[str]) -> list[str]:
    c.execute(
        update(t.files)
        .where(t.files.c.id.in_(files))
        .values(state="deleted", name="", media_type="", expires_at=None)
    )
    return list(files)


def _stored(row: Row[Any]) -> StoredFile:
    return StoredFile(**{name: getattr(row, name) for name in StoredFile.__slots__})
