"""``python -m benchmarks [NAME ...] [--write] [--rounds N]``."""

from __future__ import annotations

import importlib
import warnings
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from benchmarks._measure import FULL, Effort, UnavailableError
from benchmarks._report import DocumentError, Table, machine, show, write

NAMES = ("filters", "tick", "replay", "session", "headsets", "rehearsal")
DOCUMENT = Path(__file__).parent.parent / "docs" / "benchmarks.md"
# Named only: it takes minutes of real time, and has a page and a picture of its own.
SEAMS = "seams"
SEAMS_DOCUMENT = DOCUMENT.with_name("seams.md")
SEAMS_PICTURE = DOCUMENT.with_name("pictures") / "seams.png"


def bench(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[NAME]...", help=", ".join((*NAMES, SEAMS)))
    ] = None,
    to_document: Annotated[
        bool, typer.Option("--write", help="Put the tables into docs/benchmarks.md.")
    ] = False,
    rounds: Annotated[int, typer.Option(min=1, help="Turns of each contender.")] = FULL.rounds,
) -> None:
    """Measure the hall beside its peers; without names, all but seams (under three minutes)."""
    known = (*NAMES, SEAMS)
    unknown = sorted(set(names or ()) - set(known))
    if unknown:
        raise typer.BadParameter(f"there is no {', '.join(unknown)}; there are {', '.join(known)}")
    console = Console()
    where = machine()
    console.print(escape(where), soft_wrap=True)
    for name in names or NAMES:
        try:
            tables = measure(name, Effort(rounds, FULL.seats, FULL.seconds), to_document)
        except UnavailableError as error:
            console.print(f"[yellow]{name} is left out:[/] {escape(str(error))}", soft_wrap=True)
            continue
        for table in tables:
            show(table, console)
        if to_document:
            write(SEAMS_DOCUMENT if name == SEAMS else DOCUMENT, name, tables, where)


def measure(name: str, effort: Effort, to_document: bool = False) -> list[Table]:
    """Run one benchmark, and draw its picture where it has one and that is wanted.

    Raises
    ------
    UnavailableError
        It cannot run here.
    """
    pictures = [SEAMS_PICTURE] if to_document and name == SEAMS else []
    tables: list[Table] = importlib.import_module(f"benchmarks.{name}").run(effort, *pictures)
    return tables


def main() -> None:
    """Run the command line."""
    # BrainFlow's first call imports pkg_resources, which warns of its own end.
    warnings.filterwarnings("ignore", message=".*pkg_resources")
    try:
        typer.run(bench)
    except DocumentError as error:
        raise SystemExit(str(error)) from None


if __name__ == "__main__":
    main()
