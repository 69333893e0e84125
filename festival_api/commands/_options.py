"""Options that several commands take, also from the environment."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from festival_api.store import Database

Folder = Annotated[
    Path,
    typer.Option(
        envvar="HALL_FESTIVAL_FOLDER", help="Where files, and by default all else, are kept."
    ),
]
Address = Annotated[
    str,
    typer.Option(
        "--database",
        envvar="HALL_FESTIVAL_DATABASE",
        help="sqlite:///PATH or postgresql+psycopg://…; festival.db in the folder when not given.",
        show_default=False,
    ),
]

FOLDER = Path("festival-data")


def files_in(folder: Path) -> Path:
    """Return where uploaded files lie."""
    return folder / "files"


def make_folder(folder: Path) -> None:
    """Make the folder of a service; what lies in it was told in confidence."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)


def open_database(address: str, folder: Path) -> Database:
    """Open the database at an address, or the folder's own."""
    from festival_api.store import Database

    make_folder(folder)
    return Database(address or f"sqlite:///{folder.resolve() / 'festival.db'}")
