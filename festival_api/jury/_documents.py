"""Small documents of headings, paragraphs and tables, written as HTML or Markdown."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import escape

from festival_api.speech import Language

# Letters that mean something in Markdown or start HTML in it.
_MEANING = re.compile(r"([\\`*_{}\[\]<>()#+\-.!|~&])")


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading; the first is the title, and stands alone."""

    text: str
    level: int = 2


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Running text."""

    text: str


@dataclass(frozen=True, slots=True)
class Rows:
    """A table."""

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


Block = Heading | Paragraph | Rows


def as_html(blocks: tuple[Block, ...], language: Language) -> str:
    """Write a page that needs nothing from outside."""
    body = "\n".join(_html(block) for block in blocks)
    title = escape(next(block.text for block in blocks if isinstance(block, Heading)))
    return (
        f'<!DOCTYPE html>\n<html lang="{language}">\n<head><meta charset="utf-8">'
        f"<title>{title}</title></head>\n<body>\n{body}\n</body>\n</html>\n"
    )


def as_markdown(blocks: tuple[Block, ...]) -> str:
    """Write Markdown; what people wrote is text in it, never markup."""
    return "\n\n".join(_markdown(block) for block in blocks) + "\n"


def _html(block: Block) -> str:
    if isinstance(block, Heading):
        return f"<h{block.level}>{escape(block.text)}</h{block.level}>"
    if isinstance(block, Paragraph):
        return f"<p>{escape(block.text)}</p>"
    rows = "\n".join(_html_row(row, "td") for row in block.rows)
    return f"<table>\n{_html_row(block.header, 'th')}\n{rows}\n</table>"


def _html_row(cells: tuple[str, ...], tag: str) -> str:
    return "<tr>" + "".join(f"<{tag}>{escape(cell)}</{tag}>" for cell in cells) + "</tr>"


def _markdown(block: Block) -> str:
    if isinstance(block, Heading):
        return f"{'#' * block.level} {_plain(block.text)}"
    if isinstance(block, Paragraph):
        return _plain(block.text)
    lines = [block.header, ("---",) * len(block.header), *block.rows]
    written = [
        cells if number == 1 else tuple(_plain(cell) for cell in cells)
        for number, cells in enumerate(lines)
    ]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in written)


def _plain(text: str) -> str:
    return _MEANING.sub(r"\\\1", " ".join(text.split()))
