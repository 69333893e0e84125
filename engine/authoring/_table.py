"""Tables of a page, with bars."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape


@dataclass(frozen=True, slots=True)
class Row:
    """A table's row: its cells, the length of its bar, and whether it never happened."""

    cells: tuple[str, ...]
    bar: float = 0.0
    never: bool = False


def table(
    caption: str,
    heads: Sequence[str],
    rows: Iterable[Row],
    *,
    numbers: Sequence[int],
    bar: int | None = None,
    code: int | None = None,
) -> str:
    """Write a table whose first cells name its rows; a bar stands before column `bar`."""
    top = [
        f'<th scope="col"{_class(i, numbers)}>{escape(head)}</th>' for i, head in enumerate(heads)
    ]
    if bar is not None:
        top.insert(bar, "<th></th>")
    lines = []
    for row in rows:
        cells = [
            f"<td{_class(i, numbers)}>{_cell(text, code == i)}</td>"
            for i, text in enumerate(row.cells)
        ]
        cells[0] = f'<th scope="row">{escape(row.cells[0])}</th>'
        if bar is not None:
            drawn = f'<span style="width:{100 * row.bar:.1f}%"></span>' if row.bar else ""
            cells.insert(bar, f'<td class="bar">{drawn}</td>')
        never = ' class="never"' if row.never else ""
        lines.append(f"<tr{never}>{''.join(cells)}</tr>")
    return (
        f'<div class="scroll"><table><caption>{escape(caption)}</caption>'
        f"<thead><tr>{''.join(top)}</tr></thead>\n<tbody>\n" + "\n".join(lines) + "\n</tbody>"
        "</table></div>"
    )


def _class(i: int, numbers: Sequence[int]) -> str:
    return ' class="number"' if i in numbers else ""


def _cell(text: str, code: bool) -> str:
    return f"<code>{escape(text)}</code>" if code and text != "default" else escape(text)
