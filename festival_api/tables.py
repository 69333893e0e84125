"""Tables as CSV files for spreadsheet programs, which run what looks like a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

__all__ = ["csv_bytes"]

# What begins a formula, in any width, also behind spaces; a tab or line break before one is skipped
# by some programs.
_FORMULA = tuple("=+-@＝＋－＠")
_SKIPPED = tuple("\t\r\n")


def csv_bytes(header: Sequence[str], rows: Iterable[Sequence[str | int | None]]) -> bytes:
    """Write a table.

    Parameters
    ----------
    header : sequence of str
        Names of the columns.
    rows : iterable of sequence of str, int or None
        Texts, whole numbers, or nothing. A text that a spreadsheet would take for a formula gets an
        apostrophe in front, as the spreadsheet itself would write it.

    Returns
    -------
    bytes
        CSV (RFC 4180) in UTF-8 with a byte order mark: without it spreadsheets read Chinese as
        noise.
    """
    text = io.StringIO()
    # Texts are always quoted, so that no separator a spreadsheet may choose splits them.
    writer = csv.writer(text, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\r\n")
    writer.writerow(header)
    writer.writerows([_cell(value) for value in row] for row in rows)
    return text.getvalue().encode("utf-8-sig")


def _cell(value: str | int | None) -> str | int:
    if value is None:
        return ""
    if isinstance(value, int):
        return value
    if value.startswith(_SKIPPED) or value.lstrip().startswith(_FORMULA):
        return f"'{value}"
    return value
