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

NAMES = ("filters", "tick", "replay", "session", "headsets", "rehearsal", "films", "machine")
DOCUMENT = Path(__file__).parent.parent / "docs" / "benchmarks.md"
# Named only: most take minutes. Their pages, and which of them draw a picture.
LONG = {
    "seams": "seams",
    "reliability": "reliability",
    "simulated": "reliability",
    "audience": "benchmarks",
    "simulator": "benchmarks",
    "evidence": "science",
    "false_branches": "science",
    "mindfulness": "science",
    "jury": "jury",
}
DRAWN = ("seams", "reliability", "audience")


def bench(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[NAME]...", help=", ".join((*NAMES, *LONG)))
    ] = None,
    to_document: Annotated[
        bool, typer.Option("--write", help="Put the tables into the documents.")
    ] = False,
    rounds: Annotated[int, typer.Option(min=1, help="Turns of each contender.")] = FULL.rounds,
) -> None:
    """Measure the hall beside its peers; without names, the short ones (under three minutes)."""
    known = (*NAMES, *LONG)
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
            write(page(name), name, tables, where)


def page(name: str) -> Path:
    """Give the document that a benchmark's tables belong in."""
    return DOCUMENT.with_name(f"{LONG[name]}.md") if name in LONG else DOCUMENT


def measure(name: str, effort: Effort, to_document: bool = False) -> list[Table]:
    """Run one benchmark, and draw its picture where it has one and that is wanted.

    Raises
    ------
    UnavailableError
        It cannot run here.
    """
    drawn = DOCUMENT.with_name("pictures") / f"{name}.png"
    pictures = [drawn] if to_document and name in DRAWN else []
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
