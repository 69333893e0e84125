"""The database: read as it stood at one moment, written to by one transaction at a time.

Writers queue: on SQLite behind a lock of this process and ``BEGIN IMMEDIATE``, on PostgreSQL behind
an advisory lock that all processes share. The service writes little and must never count a place or
a payment twice; a queue makes every check-then-write right without a thought (decision 25).
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.pool import QueuePool

from festival_api.refusals import Kind

_AGAIN = {"retry_after_s": 1}

BUSY = Kind("busy", 503, "The service is busy; nothing was changed. Try again in a moment.")
UNAVAILABLE = Kind(
    "unavailable",
    503,
    "The service's database cannot be used now. Try again later, and see first whether your last "
    "change was kept.",
)

# Any number, the same in every process of the service.
_WRITERS = 0x4E48_4645

# What a database says when others hold it, and when it cannot work: by SQLite's primary result code
# (https://sqlite.org/rescode.html), and by the first letters of PostgreSQL's SQLSTATE (its manual,
# appendix A).
_SQLITE_BUSY = (5, 6)  # BUSY, LOCKED
_SQLITE_UNAVAILABLE = (8, 10, 11, 13, 14, 26)  # READONLY, IOERR, CORRUPT, FULL, CANTOPEN, NOTADB
_POSTGRESQL_BUSY = (
    "55P03",
    "40001",
    "40P01",
    "53300",
)  # lock, serialization, deadlock, connections
_POSTGRESQL_UNAVAILABLE = ("08", "25006", "53", "57P", "58", "XX")


class DatabaseError(Exception):
    """An address names no database that can be opened; the text says why."""


class Database:
    """A database of the service.

    Parameters
    ----------
    url : str
        SQLAlchemy address: ``sqlite:///PATH`` or ``postgresql+psycopg://…``.
    patience_s : float
        How long to wait for other writers, or for a connection.

    Raises
    ------
    DatabaseError
        When the address is none of the two.
    """

    def __init__(self, url: str, patience_s: float = 5) -> None:
        self.engine = _open(url, patience_s)
        self._patience_s = patience_s
        self.dialect = self.engine.dialect.name
        self._writing = threading.Lock()

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Give the database as it stands at one moment; changes nothing.

        Raises
        ------
        Refusal
            `busy` or `unavailable`.
        """
        with _refusing(), self.engine.connect() as c:
            if self.dialect == "postgresql":
                c.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY"))
            else:
                c.exec_driver_sql("BEGIN")
            yield c
            c.rollback()

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """Give a transaction that no other writer overlaps; any exception undoes it.

        Raises
        ------
        Refusal
            `busy`, when the other writers do not come to an end; `unavailable`.
        """
        with _refusing(), self._queue(), self.engine.connect() as c:
            if self.dialect == "postgresql":
                # Not a stricter level: its view would be of the moment before the wait for the
                # lock.
                c.execute(text("SET TRANSACTION ISOLATION LEVEL READ COMMITTED"))
                c.execute(text(f"SET LOCAL lock_timeout = {round(1000 * self._patience_s)}"))
                c.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _WRITERS})
            else:
                c.exec_driver_sql("BEGIN IMMEDIATE")
            yield c
            c.commit()

    @contextmanager
    def rebuild(self) -> Iterator[Connection]:
        """Give a transaction like `write` in which tables may be exchanged for others.

        SQLite changes a table by copying it; with its foreign keys on, dropping the old one would
        take along what points to it. They are checked at the end instead.
        """
        if self.dialect == "postgresql":
            with self.write() as c:
                yield c
            return
        with _refusing(), self._queue(), self.engine.connect() as c:
            c.exec_driver_sql("PRAGMA foreign_keys=OFF")
            try:
                c.exec_driver_sql("BEGIN IMMEDIATE")
                yield c
                if c.exec_driver_sql("PRAGMA foreign_key_check").first() is not None:
                    raise RuntimeError("the new tables have rows that point to nothing")
                c.commit()
            finally:
                c.rollback()
                c.exec_driver_sql("PRAGMA foreign_keys=ON")

    @contextmanager
    def _queue(self) -> Iterator[None]:
        if not self._writing.acquire(timeout=self._patience_s):
            raise BUSY(_AGAIN)
        try:
            yield
        finally:
            self._writing.release()

    def close(self) -> None:
        """Let go of every connection."""
        self.engine.dispose()


def _open(url: str, patience_s: float) -> Engine:
    path = url.removeprefix("sqlite:///")
    known = path not in ("", ":memory:", url) or url.startswith("postgresql+psycopg://")
    if not known:
        raise DatabaseError("a database's address is sqlite:///PATH or postgresql+psycopg://…")
    try:
        if path == url:
            return create_engine(
                url, hide_parameters=True, pool_pre_ping=True, pool_size=10, pool_timeout=patience_s
            )
        engine = create_engine(
            url,
            hide_parameters=True,
            poolclass=QueuePool,
            # As many as the web framework has threads.
            pool_size=40,
            pool_timeout=patience_s,
            connect_args={"check_same_thread": False, "timeout": patience_s},
        )
    except (ArgumentError, ValueError) as error:
        raise DatabaseError(f"this is not a database's address: {error}") from error
    event.listen(engine, "connect", _prepare_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _record: object) -> None:
    # The driver would begin transactions by itself, and late; `write` begins them.
    connection.isolation_level = None
    # secure_delete: what a person had erased does not stay in the file's free pages.
    pragmas = ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON")
    for pragma in pragmas:
        connection.execute(f"PRAGMA {pragma}")


@contextmanager
def _refusing() -> Iterator[None]:
    try:
        yield
    except PoolTimeoutError as error:
        raise BUSY(_AGAIN) from error
    except DBAPIError as error:
        kind = UNAVAILABLE if error.connection_invalidated else _kind(error.orig)
        if kind is None:
            raise
        raise kind(_AGAIN) from error
    except sqlite3.Error as error:
        # What fails while a connection is prepared comes as the driver raised it.
        kind = _kind(error)
        if kind is None:
            raise
        raise kind(_AGAIN) from error


def _kind(error: BaseException | None) -> Kind | None:
    """Tell whether the database was busy or could not work; None: it was asked wrongly."""
    code = getattr(error, "sqlite_errorcode", None)
    if code is not None:
        if code & 0xFF in _SQLITE_BUSY:
            return BUSY
        return UNAVAILABLE if code & 0xFF in _SQLITE_UNAVAILABLE else None
    state = getattr(error, "sqlstate", None)
    if state is None:
        # psycopg has no SQLSTATE for what did not come from the server: it cannot be reached.
        return UNAVAILABLE if type(error).__name__ == "OperationalError" else None
    if state in _POSTGRESQL_BUSY:
        return BUSY
    return UNAVAILABLE if state.startswith(_POSTGRESQL_UNAVAILABLE) else None
