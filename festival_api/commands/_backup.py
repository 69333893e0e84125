"""Backups: one tar with the database, every uploaded file, and at its end their hashes.

The database goes first, as it stood at one moment; files are never changed once they are whole, so
what a file's row tells is what the tar holds. The tar is not compressed: films are.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import re
import shutil
import sqlite3
import subprocess
import tarfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, Any

from psycopg.conninfo import make_conninfo
from sqlalchemy import Connection

from festival_api.commands._telling import CommandError
from festival_api.store import Database, state

_MANIFEST = "manifest.json"
_DUMPS = {"sqlite": "database.sqlite", "postgresql": "database.pgdump"}
_FILE = re.compile(r"files/[0-9a-f]{2}/[0-9a-f]{32}", re.ASCII)
_LARGEST_MANIFEST = 2**30


@dataclass(frozen=True, slots=True)
class Kept:
    """What a backup holds: how many uploaded files, and how many bytes in all."""

    files: int
    bytes: int


class _Hashing(io.RawIOBase):
    """Hashes what is read through it."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file, self._hash = file, hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        data = self._file.read(size)
        self._hash.update(data)
        return data

    @property
    def sha256(self) -> str:
        return self._hash.hexdigest()


def write_backup(target: Path, database: Database, files: Path) -> Kept:
    """Write a backup.

    Parameters
    ----------
    target : Path
        The tar; it appears when it is whole.
    database : Database
    files : Path
        Folder of the uploaded files.

    Raises
    ------
    CommandError
        When `target` exists, or cannot be written.
    """
    if target.exists():
        raise CommandError(f"{target} exists already: give another name")
    dialect = database.dialect
    with _told(target), TemporaryDirectory(dir=target.parent, prefix=".backup-") as scratch:
        part = Path(scratch) / "backup.tar"
        dump = Path(scratch) / _DUMPS[dialect]
        _dump(database, dump)
        contents: dict[str, Any] = {}
        # It holds what people told in confidence.
        part.touch(0o600)
        with tarfile.open(part, "w") as tar:
            contents[dump.name] = _add(tar, dump, dump.name)
            for path in sorted(files.glob("??/*")):
                name = f"files/{path.relative_to(files).as_posix()}"
                # One that is gone by now was deleted meanwhile.
                if _FILE.fullmatch(name) and path.exists():
                    contents[name] = _add(tar, path, name)
            manifest = json.dumps({"format": 1, "database": dialect, "contents": contents}).encode()
            member = tarfile.TarInfo(_MANIFEST)
            member.size = len(manifest)
            tar.addfile(member, io.BytesIO(manifest))
        with part.open("rb") as file:
            os.fsync(file.fileno())
        part.replace(target)
    return Kept(len(contents) - 1, sum(one["size"] for one in contents.values()))


def read_backup(source: Path, database: Database, files: Path) -> Kept:
    """Bring back a backup; until all of it is verified, nothing is touched.

    Parameters
    ----------
    source : Path
        The tar.
    database : Database
        Empty, of the kind that the backup was made of.
    files : Path
        Folder of the uploaded files; empty or missing.

    Raises
    ------
    CommandError
        When the backup is damaged, or the target is not empty.
    """
    if state(database) != "empty":
        raise CommandError("the database is not empty: restore into an empty one")
    if files.exists() and any(files.iterdir()):
        raise CommandError(f"{files} is not empty: restore into an empty folder")
    with _told(source), TemporaryDirectory(dir=files.parent, prefix=".restore-") as scratch:
        staged = Path(scratch)
        found, manifest = _unpack(source, staged)
        if manifest.get("format") != 1 or manifest.get("contents") != found:
            raise CommandError(f"{source} is damaged: {_first_difference(found, manifest)}")
        if manifest["database"] != database.dialect:
            raise CommandError(
                f"this is a backup of {manifest['database']}, not of {database.dialect}: "
                f"give an address that begins with {manifest['database']}"
            )
        _load(database, staged / _DUMPS[database.dialect])
        (staged / "files").mkdir(exist_ok=True)
        if files.exists():
            files.rmdir()
        (staged / "files").replace(files)
    return Kept(len(found) - 1, sum(one["size"] for one in found.values()))


def _add(tar: tarfile.TarFile, path: Path, name: str) -> dict[str, Any]:
    with path.open("rb") as file:
        # Of a file that still grows, as much as it has now.
        member = tarfile.TarInfo(name)
        member.size = os.fstat(file.fileno()).st_size
        hashing = _Hashing(file)
        tar.addfile(member, hashing)
    return {"size": member.size, "sha256": hashing.sha256}


def _unpack(source: Path, folder: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    """Write what a tar holds into a folder; give what was found, and what the manifest says."""
    found: dict[str, Any] = {}
    with tarfile.open(source, "r:") as tar:
        for member in tar:
            opened = tar.extractfile(member) if member.isreg() else None
            if opened is None or member.name in found:
                raise CommandError(f"{source} is damaged: {member.name!r} does not belong there")
            if member.name == _MANIFEST:
                return found, json.loads(opened.read(_LARGEST_MANIFEST))
            if member.name not in _DUMPS.values() and not _FILE.fullmatch(member.name):
                raise CommandError(f"{source} is damaged: {member.name!r} does not belong there")
            target = folder / member.name
            target.parent.mkdir(parents=True, exist_ok=True)
            hashing = _Hashing(opened)
            with target.open("xb") as file:
                shutil.copyfileobj(hashing, file, 2**20)
                file.flush()
                os.fsync(file.fileno())
            found[member.name] = {"size": target.stat().st_size, "sha256": hashing.sha256}
    raise CommandError(f"{source} is damaged: its end is missing")


def _first_difference(found: dict[str, Any], manifest: dict[str, Any]) -> str:
    told = manifest.get("contents")
    if manifest.get("format") != 1 or not isinstance(told, dict):
        return "its manifest cannot be read"
    name = next(name for name in sorted(found | told) if found.get(name) != told.get(name))
    return f"{name} is not what it was"


def _dump(database: Database, target: Path) -> None:
    if database.dialect == "postgresql":
        _run(
            database,
            "pg_dump",
            "--format=custom",
            "--no-owner",
            "--no-privileges",
            f"--file={target}",
        )
        return
    with database.read() as c, closing(sqlite3.connect(target)) as copy:
        _driver(c).backup(copy)
        if copy.execute("PRAGMA integrity_check").fetchone() != ("ok",):
            raise CommandError("the database is damaged: its integrity check fails")


def _load(database: Database, dump: Path) -> None:
    if database.dialect == "postgresql":
        _run(
            database,
            "pg_restore",
            "--no-owner",
            "--single-transaction",
            "--exit-on-error",
            str(dump),
        )
        return
    with closing(sqlite3.connect(dump)) as copy, database.engine.connect() as c:
        copy.backup(_driver(c))


def _driver(c: Connection) -> sqlite3.Connection:
    driver = c.connection.driver_connection
    assert isinstance(driver, sqlite3.Connection)
    return driver


def _run(database: Database, program: str, *arguments: str) -> None:
    """Run one of PostgreSQL's programs on the database; the password goes by the environment."""
    _, parts = database.engine.dialect.create_connect_args(database.engine.url)
    password = parts.pop("password", None)
    # What is not of the database but of the driver.
    parts.pop("context", None)
    environment = os.environ | ({"PGPASSWORD": password} if password else {})
    try:
        subprocess.run(
            [program, f"--dbname={make_conninfo(**parts)}", *arguments],
            env=environment,
            check=True,
            capture_output=True,
            text=True,
        )
    except FileNotFoundError:
        raise CommandError(f"{program} is missing: apt-get install postgresql-client") from None
    except subprocess.CalledProcessError as error:
        raise CommandError(f"{program} failed: {error.stderr.strip()}") from None


@contextmanager
def _told(path: Path) -> Iterator[None]:
    try:
        yield
    except (OSError, tarfile.TarError, ValueError) as error:
        raise CommandError(f"{path}: {error}") from error
