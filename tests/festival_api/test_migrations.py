"""From one version of the tables to the next and back, on both databases."""

from __future__ import annotations

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.operations import Operations
from alembic.script import ScriptDirectory
from sqlalchemy import CheckConstraint, Column, Text, inspect, text
from sqlalchemy.exc import DBAPIError

from festival_api.store import Database, downgrade, migrate, state
from festival_api.store import tables as t
from festival_api.store._migrations import _SCRIPTS

REVISIONS = [one.revision for one in ScriptDirectory(str(_SCRIPTS)).walk_revisions()][::-1]


@pytest.fixture
def empty(empty_url):
    database = Database(empty_url)
    yield database
    database.close()


def names(database):
    with database.read() as c:
        return set(inspect(c).get_table_names())


def test_up_down_and_up_again(empty):
    assert state(empty) == "empty"
    migrate(empty)
    assert state(empty) == "current"
    assert names(empty) == {*t.metadata.tables, "alembic_version"}
    migrate(empty)
    downgrade(empty, "base")
    assert (state(empty), names(empty)) == ("empty", {"alembic_version"})
    migrate(empty)
    assert state(empty) == "current"


def test_each_step_can_be_taken_back(empty):
    for number, revision in enumerate(REVISIONS):
        migrate(empty, revision)
        downgrade(empty, REVISIONS[number - 1] if number else "base")
        migrate(empty, revision)
    assert state(empty) == "current"


def test_the_steps_lead_to_exactly_the_tables_of_the_program(database):
    with database.read() as c:
        context = MigrationContext.configure(
            c, opts={"compare_type": True, "compare_server_default": True}
        )
        assert compare_metadata(context, t.metadata) == []
        found = {table: inspect(c).get_check_constraints(table) for table in t.metadata.tables}
    told = {
        table.name: {one.name for one in table.constraints if isinstance(one, CheckConstraint)}
        for table in t.metadata.sorted_tables
    }
    assert {table: {one["name"] for one in checks} for table, checks in found.items()} == told


def test_a_step_that_fails_leaves_everything_as_it_was(empty):
    with empty.write() as c:
        c.execute(text("CREATE TABLE opinions (mine INTEGER)"))
        c.execute(text("INSERT INTO opinions VALUES (7)"))
    with pytest.raises(DBAPIError, match="opinions"):
        migrate(empty)
    assert names(empty) == {"opinions"}
    with empty.read() as c:
        assert c.execute(text("SELECT mine FROM opinions")).scalars().all() == [7]


def test_other_versions_and_other_programs_are_told_apart(empty):
    with empty.write() as c:
        c.execute(text("CREATE TABLE other (id INTEGER)"))
    assert state(empty) == "foreign"
    with empty.write() as c:
        c.execute(text("DROP TABLE other"))
    migrate(empty)
    with empty.write() as c:
        c.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    assert state(empty) == "newer"
    with empty.write() as c:
        c.execute(text("DELETE FROM alembic_version"))
    assert state(empty) == "foreign"


def test_tables_are_exchanged_without_losing_what_points_to_them(tmp_path):
    empty = Database(f"sqlite:///{tmp_path / 'a.db'}")
    migrate(empty)
    with empty.write() as c:
        c.execute(
            text("INSERT INTO accounts (id, language, admin, created_at) VALUES ('a', 'en', 1, 1)")
        )
        c.execute(text("INSERT INTO sessions VALUES ('t', 'a', 1, 2)"))
    with empty.rebuild() as c:
        steps = Operations(MigrationContext.configure(c))
        with steps.batch_alter_table("accounts", recreate="always") as accounts:
            accounts.add_column(Column("nickname", Text))
    with pytest.raises(RuntimeError, match="point to nothing"), empty.rebuild() as c:
        c.execute(text("DELETE FROM accounts"))
    with empty.read() as c:
        assert c.execute(text("SELECT account FROM sessions")).scalars().all() == ["a"]
        assert c.execute(text("SELECT id, nickname FROM accounts")).all() == [("a", None)]
    empty.close()
