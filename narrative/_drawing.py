"""A film's graph as text for other tools: Mermaid, and Graphviz's DOT."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from narrative._film import Film
from narrative._folded import Arrow, Box, Kind, Way, fold
from narrative._shapes import FILLS

__all__ = ["as_dot", "as_mermaid"]

_MERMAID: Final[Mapping[Kind, tuple[str, str]]] = {
    "lead-in": ("([", "])"),
    "decision": ("{{", "}}"),
    "scene": ("[", "]"),
    "ending": ("[[", "]]"),
}
_MERMAID_LINES: Final[Mapping[Way, str]] = {"default": "==>", "branch": "-->", "linear": "-.->"}
_DOT: Final[Mapping[Kind, str]] = {
    "lead-in": 'shape=box, style="rounded,filled"',
    "decision": "shape=hexagon, style=filled",
    "scene": "shape=box, style=filled",
    "ending": "shape=box, peripheries=2, style=filled",
}
_DOT_LINES: Final[Mapping[Way, str]] = {"default": "bold", "branch": "solid", "linear": "dashed"}


def as_mermaid(film: Film, *, language: str = "en") -> str:
    """Write a film's graph as a Mermaid flowchart.

    Parameters
    ----------
    film : Film
        From `load_film`.
    language : str
        Of the titles; any other stands in for it.

    Returns
    -------
    str
        Text for a ```` ```mermaid ```` block; defaults are thick arrows, the linear path dotted.
    """
    graph = fold(film, language)
    numbers = {name: f"n{number}" for number, name in enumerate(graph.boxes)}
    lines = ["flowchart LR"]
    for name, box in graph.boxes.items():
        left, right = _MERMAID[box.kind]
        lines.append(f'  {numbers[name]}{left}"{_mermaid(_label(box, "<br/>"))}"{right}')
    for arrow in graph.arrows:
        line = _MERMAID_LINES[arrow.way]
        told = _mermaid("<br/>".join(_conditions(arrow)))
        label = f'|"{told}"|' if told else ""
        lines.append(f"  {numbers[arrow.source]} {line}{label} {numbers[arrow.target]}")
    return "\n".join([*lines, ""])


def as_dot(film: Film, *, language: str = "en") -> str:
    """Write a film's graph in Graphviz's language.

    Parameters
    ----------
    film : Film
        From `load_film`.
    language : str
        Of the titles; any other stands in for it.

    Returns
    -------
    str
        A `digraph`; defaults are bold, the linear path is dashed.
    """
    graph = fold(film, language)
    lines = [
        "digraph film {",
        '  rankdir=LR; node [fontname="sans-serif"]; edge [fontname="sans-serif", fontsize=9];',
    ]
    for name, box in graph.boxes.items():
        look = f"{_DOT[box.kind]}, fillcolor={_quoted(FILLS[box.kind])}"
        lines.append(f"  {_quoted(name)} [label={_quoted(_label(box, chr(10)))}, {look}];")
    for arrow in graph.arrows:
        label = _quoted("\n".join(_conditions(arrow)))
        ends = f"{_quoted(arrow.source)} -> {_quoted(arrow.target)}"
        lines.append(f"  {ends} [style={_DOT_LINES[arrow.way]}, label={label}];")
    return "\n".join([*lines, "}", ""])


def _label(box: Box, newline: str) -> str:
    parts = dict.fromkeys(part for part in (box.title, box.name, box.remark) if part)
    return newline.join(parts)


def _conditions(arrow: Arrow) -> Iterator[str]:
    """Give what leads along an arrow, the first of many conditions only."""
    yield from arrow.guards[:2]
    if len(arrow.guards) > 2:
        yield f"or {len(arrow.guards) - 2} more"


def _mermaid(text: str) -> str:
    """Escape what would end a Mermaid string or be taken for a tag, but keep line breaks."""
    lines = text.replace("\n", " ").split("<br/>")
    marks = {"#": "#35;", '"': "#quot;", "<": "#lt;", ">": "#gt;", "&": "#amp;", "\\": "#92;"}
    return "<br/>".join("".join(marks.get(char, char) for char in line) for line in lines)


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'
