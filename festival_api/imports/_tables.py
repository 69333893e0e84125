"""Bytes of a CSV file, as rows with their line numbers."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from festival_api.imports._refusals import COLUMNS_MISSING, COLUMNS_TWICE, TABLE_UNREADABLE

_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


@dataclass(frozen=True, slots=True)
class TableRow:
    """One row.

    Attributes
    ----------
    line : int
        On which it begins; a row may go over several.
    cells : mapping of str to str
        By the names of the columns that were asked for; what is not there is empty.
    found, expected : int
        How many cells it has, and how many columns there are.
    """

    line: int
    cells: Mapping[str, str]
    found: int
    expected: int


def read_table(
    data: bytes, required: Sequence[str], optional: Sequence[str]
) -> tuple[TableRow, ...]:
    """Read a table whose first row names its columns, in any order and case.

    Parameters
    ----------
    data : bytes
        UTF-8, UTF-16 with its mark, or else Windows-1252.
    required, optional : sequence of str
        Columns that are asked for.

    Raises
    ------
    Refusal
        `table_unreadable`, `columns_missing`, `columns_twice`.
    """
    reader = csv.reader(io.StringIO(_decoded(data), newline=""), strict=True)
    rows: list[TableRow] = []
    places: dict[str, int] | None = None
    columns = 0
    line = 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                if places is None:
                    places, columns = _places(cells, required, optional), len(cells)
                else:
                    asked = {
                        name: cells[place].strip() if place < len(cells) else ""
                        for name, place in places.items()
                    }
                    rows.append(TableRow(line, asked, len(cells), columns))
            line = reader.line_num + 1
    except csv.Error as error:
        raise TABLE_UNREADABLE({"line": line}, line=line) from error
    if places is None:
        _places([], required, optional)
    return tuple(rows)


def _decoded(data: bytes) -> str:
    try:
        for mark, encoding in _MARKS:
            if data.startswith(mark):
                return data.decode(encoding)
        try:
            return data.decode("utf-8")
        except UnicodeDecodeError:
            return data.decode("cp1252")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise TABLE_UNREADABLE({"line": line}, line=line) from error


def _places(
    header: Sequence[str], required: Sequence[str], optional: Sequence[str]
) -> dict[str, int]:
    """Find the columns that are asked for."""
    places: dict[str, list[int]] = {}
    for place, name in enumerate(header):
        places.setdefault(_folded(name), []).append(place)
    found = {name: places.get(_folded(name), []) for name in (*required, *optional)}
    if missing := [name for name in required if not found[name]]:
        raise COLUMNS_MISSING({"columns": missing}, columns=", ".join(missing))
    if twice := [name for name, where in found.items() if len(where) > 1]:
        raise COLUMNS_TWICE({"columns": twice}, columns=", ".join(twice))
    return {name: where[0] for name, where in found.items() if where}


def _folded(name: str) -> str:
    return " ".join(name.split()).casefold()
