"""Bytes on the disk: where they lie, how they go, and how they are held to the table of files."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, select, update

from festival_api.store import tables as t


@dataclass(frozen=True, slots=True)
class Reconciled:
    """What was brought into line, as identifiers of files.

    Attributes
    ----------
    moved : tuple of str
        Uploads that go on at another byte than the table had said, or whose unproven end was cut.
    damaged : tuple of str
        Finished files whose bytes are missing.
    removed : tuple of str
        Bytes of deleted files that were still there.
    unknown : tuple of str
        Files the table does not know. They are left alone: perhaps it is the table that is older.
    """

    moved: tuple[str, ...]
    damaged: tuple[str, ...]
    removed: tuple[str, ...]
    unknown: tuple[str, ...]


def path_of(folder: Path, file: str) -> Path:
    """Give the place of a file's bytes; it depends on the identifier alone."""
    return folder / file[:2] / file


def remove_bytes(folder: Path, files: Iterable[str]) -> None:
    """Remove the bytes of deleted files; for after the transaction that deleted them is kept."""
    for file in files:
        path_of(folder, file).unlink(missing_ok=True)


def free_bytes(folder: Path) -> int:
    """Tell how much room the disk under `folder` has, in bytes; make the folder if need be."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return shutil.disk_usage(folder).free


def durable(c: Connection, file: str, received: int, descriptor: int) -> int:
    """Bring one incoming upload into line with its bytes, and give the byte at which it goes on.

    What lies behind the byte the table knows was never confirmed to be on the disk, so it goes:
    after a power cut it may be anything.
    """
    on_disk = os.fstat(descriptor).st_size
    if on_disk > received:
        os.ftruncate(descriptor, received)
    elif on_disk < received:
        c.execute(update(t.files).where(t.files.c.id == file).values(received=on_disk))
    return min(on_disk, received)


def reconcile(c: Connection, folder: Path) -> Reconciled:
    """Bring table and disk into line after a crash; call it before anything is served.

    Parameters
    ----------
    c : Connection
        A writing transaction.
    folder : Path
        Of the bytes.
    """
    on_disk = {
        path.name: path for path in folder.glob("??/*") if path.name.startswith(path.parent.name)
    }
    moved, damaged, removed = [], [], []
    f = t.files.c
    for row in c.execute(select(f.id, f.state, f.size, f.received).order_by(f.id)):
        path = on_disk.pop(row.id, None)
        length = path.stat().st_size if path else 0
        if row.state == "incoming" and length != row.received:
            moved.append(row.id)
            if path is None:
                c.execute(update(t.files).where(f.id == row.id).values(received=0))
            else:
                with path.open("r+b") as opened:
                    durable(c, row.id, row.received, opened.fileno())
        elif row.state in ("hashing", "complete") and length != row.size:
            damaged.append(row.id)
            c.execute(update(t.files).where(f.id == row.id).values(state="damaged"))
        elif row.state in ("damaged", "deleted") and path:
            removed.append(row.id)
            path.unlink()
    return Reconciled(tuple(moved), tuple(damaged), tuple(removed), tuple(sorted(on_disk)))
