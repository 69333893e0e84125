"""From one version of the tables to the next, and back."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect

from festival_api.store._database import Database

State = Literal["empty", "older", "current", "newer", "foreign"]

_SCRIPTS = Path(__file__).parent / "migrations"


def migrate(database: Database, target: str = "head") -> None:
    """Bring a database to a later version; all of it or nothing, and everything in it is kept.

    Parameters
    ----------
    database : Database
    target : str
        A revision, or "head" for the newest.
    """
    with database.rebuild() as c:
        command.upgrade(_config(c), target)


def downgrade(database: Database, target: str) -> None:
    """Bring a database back to an earlier version; what only the later one could hold is lost.

    Parameters
    ----------
    database : Database
    target : str
        A revision, or "base" for nothing at all.
    """
    with database.rebuild() as c:
        command.downgrade(_config(c), target)


def state(database: Database) -> State:
    """Tell how a database stands to this program.

    Returns
    -------
    "empty" (no tables), "older" (`migrate` helps), "current", "newer" (made by a later program) or
    "foreign" (holds something else).
    """
    scripts = ScriptDirectory(str(_SCRIPTS))
    with database.read() as c:
        tables = inspect(c).get_table_names()
        found = MigrationContext.configure(c).get_current_heads()
    if not found:
        return "foreign" if set(tables) - {"alembic_version"} else "empty"
    if found == tuple(scripts.get_heads()):
        return "current"
    known = {script.revision for script in scripts.walk_revisions()}
    return "older" if known.issuperset(found) else "newer"


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config
