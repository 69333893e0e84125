"""Commands that look after what the service keeps."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from festival_api.commands._options import FOLDER, Address, Folder, files_in, open_database
from festival_api.commands._telling import CommandError, out

if TYPE_CHECKING:
    from festival_api.store import Database


def migrate(folder: Folder = FOLDER, database: Address = "") -> None:
    """Bring the database to this program's version; make a backup first."""
    from festival_api.store import migrate, state

    with closing(open_database(database, folder)) as opened:
        before = state(opened)
        if before in ("newer", "foreign"):
            raise CommandError(_why_not(before))
        migrate(opened)
    out.print("nothing to do" if before == "current" else "the database is of this version now")


def admin(
    email: Annotated[
        str, typer.Argument(help="Address of a confirmed account.", show_default=False)
    ],
    folder: Folder = FOLDER,
    database: Address = "",
) -> None:
    """Make somebody administrator, who appoints office and auditors."""
    from festival_api.accounts import make_admin

    with closing(open_database(database, folder)) as opened:
        refuse_other_versions(opened)
        with opened.write() as c:
            make_admin(c, email)
    out.print(f"{email} is administrator", markup=False, highlight=False)


def backup(
    file: Annotated[Path, typer.Argument(help="The tar to write.", show_default=False)],
    folder: Folder = FOLDER,
    database: Address = "",
) -> None:
    """Write database and files into one tar, with their hashes; the service may go on meanwhile."""
    from festival_api.commands._backup import write_backup
    from festival_api.store import state

    with closing(open_database(database, folder)) as opened:
        if (found := state(opened)) in ("empty", "foreign"):
            raise CommandError(_why_not(found))
        written = write_backup(file, opened, files_in(folder))
    out.print(
        f"{file}: the database and {written.files} files, {written.bytes:,} bytes", highlight=False
    )


def restore(
    file: Annotated[Path, typer.Argument(help="A tar that backup wrote.", show_default=False)],
    folder: Folder = FOLDER,
    database: Address = "",
) -> None:
    """Bring back a backup into an empty folder and database; every hash is verified first."""
    from festival_api.commands._backup import read_backup

    with closing(open_database(database, folder)) as opened:
        restored = read_backup(file, opened, files_in(folder))
    out.print(f"restored: the database and {restored.files} files", highlight=False)


def refuse_other_versions(database: Database) -> None:
    """Go on only with a database of this program's version.

    Raises
    ------
    CommandError
    """
    from festival_api.store import state

    found = state(database)
    if found != "current":
        raise CommandError(_why_not(found))


def _why_not(found: str) -> str:
    return {
        "empty": "the database is empty: `hall festival serve` makes its tables",
        "older": "the database is of an older version: back it up, and run `hall festival migrate`",
        "newer": "the database is of a newer version than this program: use the newer program",
        "foreign": "the database holds something else: give another address",
    }[found]
