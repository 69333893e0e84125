"""The database: opened, migrated, and written to by one transaction at a time.

Writers queue: on SQLite behind a lock of this process and ``BEGIN IMMEDIATE``, on PostgreSQL behind an advisory lock
that all processes share. The service writes little and must never count a place or a payment twice; a queue makes
every check-then-write right without a thought (decision 25).
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import QueuePool

from festival_api.refusals import Kind

BUSY = Kind("busy", 503, "The service is busy; nothing was changed. Try again in a moment.")

# Any number, the same in every process of the service.
_WRITERS = 0x4E48_4645
_LOCK_TIMEOUT_S = 5


class Database:
    """A database of the service.

    Parameters
    ----------
    url : str
        SQLAlchemy address: ``sqlite:///PATH`` or ``postgresql+psycopg://…``.
    """

    def __init__(self, url: str) -> None:
        self.engine = _open(url)
        self.dialect = self.engine.dialect.name
        self._writing: threading.Lock | None = (
            threading.Lock() if self.dialect == "sqlite" else None
        )

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Give one consistent view; changes nothing."""
        with self.engine.connect() as c:
            if self.dialect == "postgresql":
                c.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY"))
            else:
                c.exec_driver_sql("BEGIN")
            yield c
            c.rollback()

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """Give a transaction that no other writer overlaps; kept at the end, undone by any exception.

        Raises
        ------
        Refusal
            `busy`, when the other writers do not come to an end.
        """
        with self._queue(), self.engine.connect() as c:
            try:
                if self.dialect == "postgresql":
                    c.execute(text(f"SET LOCAL lock_timeout = '{_LOCK_TIMEOUT_S}s'"))
                    c.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _WRITERS})
                else:
                    c.exec_driver_sql("BEGIN IMMEDIATE")
            except OperationalError as error:
                raise BUSY() from error
            yield c
            c.commit()

    @contextmanager
    def _queue(self) -> Iterator[None]:
        if self._writing is None:
            yield
            return
        if not self._writing.acquire(timeout=_LOCK_TIMEOUT_S):
            raise BUSY()
        try:
            yield
        finally:
            self._writing.release()

    def close(self) -> None:
        """Let go of every connection."""
        self.engine.dispose()


def _open(url: str) -> Engine:
    if not url.startswith("sqlite"):
        return create_engine(url, pool_pre_ping=True)
    engine = create_engine(
        url, poolclass=QueuePool, connect_args={"check_same_thread": False, "timeout": _LOCK_TIMEOUT_S}
    )
    event.listen(engine, "connect", _prepare_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _record: object) -> None:
    # The driver would begin transactions by itself, and late; `write` begins them.
    connection.isolation_level = None
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")
