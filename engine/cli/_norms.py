"""The command that makes a film's norms."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rich.markup import escape
from rich.table import Table

from engine.cli._base import out, progress_bar, refuse
from engine.norming import measure
from engine.norms import Norms, above_chance


def norms(
    sessions: Annotated[list[Path], typer.Argument(metavar="SESSION.mcap...")],
    path: Annotated[Path, typer.Option("--out", metavar="FILM.norms.json", help="Written anew.")],
) -> None:
    """Measure how alike test audiences were in each scene of one film.

    A show that names the file reads the engaged share of its audience.
    """
    with progress_bar() as progress:
        task = progress.add_task("measuring", total=len(sessions))

        def tell(session: Path) -> None:
            progress.update(task, description=escape(session.name))

        measured = measure(sessions, tell, lambda: progress.advance(task))
    out.print(_table(measured))
    if all(norm.refused for norm in measured.scenes.values()):
        refuse("no scene has a norm: nothing is written; it takes two screenings of a scene")
    try:
        path.write_bytes(msgspec.json.format(msgspec.json.encode(measured), indent=2) + b"\n")
    except OSError as error:
        refuse(f"{path} cannot be written ({error.strerror}); name another place")
    out.print(f"norms {escape(str(path))}", soft_wrap=True)


def _table(norms: Norms) -> Table:
    table = Table("scene", box=None)
    for heading in ("screenings", "seats", "ISC", "sd", "± se"):
        table.add_column(heading, justify="right")
    table.add_column("")
    for name, norm in norms.scenes.items():
        numbers = (norm.mean, norm.sd, norm.standard_error)
        cells = ["" if number is None else f"{number:.4f}" for number in numbers]
        remark = norm.refused or ("" if above_chance(norm) else "not above chance: never read")
        table.add_row(name, str(norm.screenings), f"{norm.seats:.0f}", *cells, remark)
    return table
