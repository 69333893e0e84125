"""Tables of results: on the terminal, and in the document between its markers."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table as RichTable

RATIO = "ratio"
"""The column every table has."""

_PACKAGES = ("numpy", "scipy", "numba", "brainflow", "mcap", "msgspec", "pyzmq")


class DocumentError(Exception):
    """The document has no place for a result; the message says which."""


@dataclass(frozen=True, slots=True)
class Table:
    """One comparison.

    Attributes
    ----------
    title : str
        What work was done.
    columns : tuple of str
        First the contender's name; `RATIO` is one of them.
    rows : tuple of tuple of str
        Ours first.
    notes : tuple of str
        What the figures leave out, and what was checked.
    """

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...] = ()


def noted(tables: Sequence[Table], *notes: str) -> list[Table]:
    """Put notes that hold for all tables under the last one."""
    return [*tables[:-1], replace(tables[-1], notes=notes)]


def machine() -> str:
    """Say what is measured on, and how busy it is."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    packages = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in _PACKAGES)
    return (
        f"{_processor()}, {cores} cores, {platform.system()}, "
        f"load {os.getloadavg()[0]:.1f} before; "
        f"{platform.python_implementation()} {platform.python_version()}, {packages}"
    )


def show(table: Table, console: Console) -> None:
    """Print one table."""
    printed = RichTable(title=escape(table.title), title_justify="left", box=box.SIMPLE_HEAD)
    for number, column in enumerate(table.columns):
        printed.add_column(escape(column), justify="right" if number else "left")
    for row in table.rows:
        printed.add_row(*map(escape, row))
    console.print(printed)
    for note in table.notes:
        console.print(escape(note), style="dim")


def write(document: Path, name: str, tables: Sequence[Table], where: str) -> None:
    """Put a benchmark's tables between its markers in the document.

    Raises
    ------
    DocumentError
        The document has no such markers.
    """
    begin, end = f"<!-- begin: {name} -->", f"<!-- end: {name} -->"
    text = document.read_text("utf-8")
    pattern = re.compile(f"{re.escape(begin)}.*?{re.escape(end)}", re.DOTALL)
    if not pattern.search(text):
        raise DocumentError(f"{document.name} has no place for {name}: add {begin} and {end}")
    parts = [begin, f"Measured on: {where}.", *map(_markdown, tables), end]
    # A function as replacement: backslashes in a table mean themselves.
    document.write_text(pattern.sub(lambda found: "\n\n".join(parts), text), "utf-8")


def _markdown(table: Table) -> str:
    head = [_line(table.columns), _line(["---", *["---:"] * (len(table.columns) - 1)])]
    lines = [f"**{table.title}**", "", *head, *map(_line, table.rows)]
    lines += [part for note in table.notes for part in ("", note)]
    return "\n".join(lines)


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cell.replace('|', '/') for cell in cells)} |"


def _processor() -> str:
    """Name the processor, where the system tells."""
    info = Path("/proc/cpuinfo")
    found = re.search(r"^model name\s*: (.+)$", info.read_text(), re.M) if info.exists() else None
    return found[1] if found else platform.machine()
