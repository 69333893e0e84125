"""One writer at a time, readers that see one moment, and refusals where a database cannot."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, insert, select, update
from sqlalchemy.dialects import sqlite
from sqlalchemy.exc import IntegrityError

from festival_api.refusals import Refusal
from festival_api.store import Database, DatabaseError
from festival_api.store import tables as t
from festival_api.store._types import Instant

NOW = datetime(2026, 1, 1, tzinfo=UTC)

# Raises a number by reading it and writing it back: lost updates show. Also takes one of ten places
# while there are any: places given twice show.
COUNTING = """
import sys
from datetime import UTC, datetime
from sqlalchemy import func, insert, select, update
from festival_api.store import Database, new_id, tables as t

database = Database(sys.argv[1])
m, k = t.edition_versions, t.roles.c
for _ in range(25):
    with database.write() as c:
        count = int(c.execute(select(m.c.text)).scalar_one())
        c.execute(update(m).values(text=str(count + 1)))
    with database.write() as c:
        if c.execute(select(func.count()).select_from(t.seeds)).scalar_one() < 10:
            c.execute(insert(t.seeds).values(edition=new_id(), purpose="", commitment="", seed="",
                                             committed_at=datetime(2026, 1, 1, tzinfo=UTC)))
database.close()
"""


def count_of(database, table):
    with database.read() as c:
        return c.execute(select(func.count()).select_from(table)).scalar_one()


def put(c, name, text="0"):
    c.execute(
        insert(t.edition_versions).values(edition=name, sha256="", text=text, first_served_at=NOW)
    )


def test_processes_and_threads_write_one_after_the_other(database, database_url):
    with database.write() as c:
        put(c, "counter")
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", COUNTING, database_url], env=os.environ | {"PYTHONPATH": "."}
        )
        for _ in range(2)
    ]

    def count():
        for _ in range(25):
            with database.write() as c:
                text = t.edition_versions.c.text
                value = int(c.execute(select(text)).scalar_one())
                c.execute(update(t.edition_versions).values(text=str(value + 1)))

    threads = [threading.Thread(target=count) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [process.wait() for process in processes] == [0, 0]
    with database.read() as c:
        assert c.execute(select(t.edition_versions.c.text)).scalar_one() == "150"
    assert count_of(database, t.seeds) == 10


def test_what_fails_leaves_nothing(database):
    def stop(c):
        put(c, "a")
        raise LookupError

    def put_twice(c):
        put(c, "b")
        put(c, "b")

    def point_to_nobody(c):
        put(c, "c")
        session = {"token_sha256": "", "account": "nobody", "created_at": NOW, "expires_at": NOW}
        c.execute(insert(t.sessions).values(session))

    for error, attempt in (
        (LookupError, stop),
        (IntegrityError, put_twice),
        (IntegrityError, point_to_nobody),
    ):
        with pytest.raises(error), database.write() as c:
            attempt(c)
        assert count_of(database, t.edition_versions) == 0
    with database.write() as c:
        put(c, "c")
    assert count_of(database, t.edition_versions) == 1


def test_a_reader_sees_one_moment_and_changes_nothing(database):
    count = select(func.count()).select_from(t.edition_versions)
    with database.read() as before:
        assert before.execute(count).scalar_one() == 0
        with database.write() as c:
            put(c, "a")
        assert before.execute(count).scalar_one() == 0
    assert count_of(database, t.edition_versions) == 1


def test_who_waits_too_long_is_told_so(database_url):
    first, second = Database(database_url, patience_s=0.1), Database(database_url, patience_s=0.1)
    for other in (first, second):  # within the process, and from another one
        with first.write(), pytest.raises(Refusal, match=r"^busy"), other.write():
            pytest.fail("two writers at once")
    with second.write() as c:
        put(c, "a")
    first.close()
    second.close()


def test_a_full_disk_is_told_and_undone(tmp_path, empty_sqlite):
    path = tmp_path / "festival.db"
    path.write_bytes(empty_sqlite)
    database = Database(f"sqlite:///{path}")

    def fill(c):
        pages = c.exec_driver_sql("PRAGMA page_count").scalar_one()
        c.exec_driver_sql(f"PRAGMA max_page_count={pages + 1}")
        put(c, "a", text="x" * 100_000)

    with pytest.raises(Refusal, match=r"^unavailable"), database.write() as c:
        fill(c)
    assert count_of(database, t.edition_versions) == 0
    database.close()


@pytest.mark.parametrize("content", [b"no database at all" * 100, None])
def test_a_file_that_is_no_database_is_told(tmp_path, content):
    path = tmp_path / "folder" if content is None else tmp_path / "file"
    path.mkdir() if content is None else path.write_bytes(content)
    database = Database(f"sqlite:///{path}")
    with pytest.raises(Refusal, match=r"^unavailable"), database.read():
        pytest.fail("it was opened")
    database.close()


@pytest.mark.full
def test_a_lost_server_is_told(postgresql):
    database = Database(postgresql.new_database())
    with pytest.raises(Refusal, match=r"^unavailable"), database.read() as c:
        c.exec_driver_sql("SELECT pg_terminate_backend(pg_backend_pid())")
    with database.read() as c:
        assert c.exec_driver_sql("SELECT 1").scalar_one() == 1
    database.close()
    nowhere = Database("postgresql+psycopg://nobody@127.0.0.1:1/none")
    with pytest.raises(Refusal, match=r"^unavailable"), nowhere.read():
        pytest.fail("it was reached")
    nowhere.close()


@pytest.mark.parametrize(
    "url",
    [
        "",
        "a.db",
        "sqlite://",
        "sqlite:///",
        "sqlite:///:memory:",
        "mysql://host/base",
        "postgresql://host/base",
        "postgresql+psycopg://host:port/base",
    ],
)
def test_an_address_that_names_no_database_is_refused(url):
    with pytest.raises(DatabaseError, match="address"):
        Database(url)


def test_sqlite_is_set_to_keep_what_it_acknowledged(tmp_path):
    database = Database(f"sqlite:///{tmp_path / 'a.db'}")
    with database.read() as c:
        asked = {
            name: c.exec_driver_sql(f"PRAGMA {name}").scalar_one()
            for name in ("journal_mode", "synchronous", "foreign_keys", "secure_delete")
        }
    assert asked == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "secure_delete": 1}
    database.close()


@given(
    st.datetimes(min_value=datetime(1900, 1, 1), max_value=datetime(2200, 1, 1)),
    st.integers(-840, 840),
)
def test_instants_are_exact_in_any_zone(naive, minutes):
    at = naive.replace(tzinfo=timezone(timedelta(minutes=minutes)))
    kind, dialect = Instant(), sqlite.dialect()
    kept = kind.process_bind_param(at, dialect)
    assert isinstance(kept, int)
    assert kind.process_result_value(kept, dialect) == at
    with pytest.raises(ValueError, match="time zone"):
        kind.process_bind_param(naive, dialect)
