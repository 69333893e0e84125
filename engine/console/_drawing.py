"""Drawings of the page: the film's graph, seats as shapes, the slate."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from html import escape
from unicodedata import east_asian_width

from engine.console._layout import Layout
from engine.console._view import SeatKind, SeatView

_WIDTH, _HEIGHT = 112.0, 54.0
_GAP_X, _GAP_Y = 24.0, 14.0
_MARGIN = 14.0
_LINE = 21.0
_LINE_UNITS = 11
"""Latin letters that fit into a scene's box; a Chinese character counts as two."""

_SHAPES: dict[SeatKind, str] = {
    "good": '<circle cx="12" cy="12" r="9"/>',
    "degraded": '<path d="M12 2 L22.5 21 L1.5 21 Z"/><path class="ink" d="M12 8v7m0 2v2"/>',
    "baseline": '<circle class="hollow" cx="12" cy="12" r="8"/><path d="M12 4a8 8 0 0 1 0 16z"/>',
    "silent": '<rect class="hollow" x="4" y="4" width="16" height="16"/><path class="hollow" '
    'd="M8 8l8 8m0-8l-8 8"/>',
    "withdrawn": '<path class="hollow" d="M4 12h16"/>',
}


def seat_shape(kind: SeatKind) -> str:
    """Draw a seat's kind: a shape of its own, not only a colour."""
    return f'<svg viewBox="0 0 24 24" class="seat-{kind}" aria-hidden="true">{_SHAPES[kind]}</svg>'


def seat_grid(seats: Sequence[SeatView]) -> str:
    """Draw every seat with its name; the words come up under the pointer."""
    return "".join(
        f'<div class="seat" data-seat="{escape(seat.seat)}" data-words="{escape(seat.words)}">'
        f"{seat_shape(seat.kind)}<span>{escape(seat.seat)}</span></div>"
        for seat in seats
    )


@dataclass(frozen=True, slots=True)
class Course:
    """What of the film is shown in which light.

    Parameters
    ----------
    current : str
        The scene on the screen; empty before the film.
    path : tuple of str
        The scenes shown so far, in order.
    following : str
        The scene that follows as things stand; empty where none does.
    branches : collection of str
        The scenes that may follow.
    endings : collection of str
        Where the film ends.
    """

    current: str
    path: tuple[str, ...]
    following: str
    branches: Collection[str]
    endings: Collection[str]


def graph(layout: Layout, titles: dict[str, str], course: Course) -> str:
    """Draw the film from left to right."""
    width = layout.layers * (_WIDTH + _GAP_X) - _GAP_X + 2 * _MARGIN
    loops = any(layout.places[a][0] >= layout.places[b][0] for a, b in layout.edges)
    height = layout.rows * (_HEIGHT + _GAP_Y) + 2 * _MARGIN + (_HEIGHT if loops else 0)
    edges = sorted(layout.edges, key=lambda edge: _edge_class(edge, course))
    parts = [_edge(layout, edge, height, _edge_class(edge, course)) for edge in edges]
    parts += [_scene(layout, scene, height, titles, course) for scene in layout.places]
    return (
        f'<svg class="film" viewBox="0 0 {width:g} {height:g}" role="img" '
        f'preserveAspectRatio="xMidYMid meet">{"".join(parts)}</svg>'
    )


def _edge_class(edge: tuple[str, str], course: Course) -> str:
    """Class of an edge, in alphabetical order of what is drawn on top."""
    if edge == (course.current, course.following):
        return "edge-4-next"
    if edge in set(zip(course.path, course.path[1:], strict=False)):
        return "edge-3-taken"
    if edge[0] == course.current and edge[1] in course.branches:
        return "edge-2-open"
    return "edge-1-plain"


def _middle(place: tuple[int, float], height: float) -> tuple[float, float]:
    x, y = place
    return (
        _MARGIN + x * (_WIDTH + _GAP_X) + _WIDTH / 2,
        height / 2 + y * (_HEIGHT + _GAP_Y),
    )


def _edge(layout: Layout, edge: tuple[str, str], height: float, kind: str) -> str:
    points = [_middle(point, height) for point in layout.edges[edge]]
    if layout.places[edge[0]][0] >= layout.places[edge[1]][0]:
        return f'<path class="edge {kind}" d="{_loop(points[0], points[-1])}"/>'
    (x, y), *rest = points
    path = [f"M{x + _WIDTH / 2:.1f} {y:.1f}"]
    x += _WIDTH / 2
    for number, (to_x, to_y) in enumerate(rest, 1):
        left = to_x - _WIDTH / 2
        middle = (x + left) / 2
        path.append(f"C{middle:.1f} {y:.1f} {middle:.1f} {to_y:.1f} {left:.1f} {to_y:.1f}")
        x, y = left, to_y
        if number < len(rest):
            x = to_x + _WIDTH / 2
            path.append(f"L{x:.1f} {y:.1f}")
    return f'<path class="edge {kind}" d="{"".join(path)}"/>'


def _loop(start: tuple[float, float], end: tuple[float, float]) -> str:
    """Lead back over the tops of the scenes."""
    top = min(start[1], end[1]) - _HEIGHT
    return (
        f"M{start[0]:.1f} {start[1] - _HEIGHT / 2:.1f}"
        f"C{start[0]:.1f} {top:.1f} {end[0]:.1f} {top:.1f} {end[0] - 10:.1f} "
        f"{end[1] - _HEIGHT / 2:.1f}"
    )


def _scene(
    layout: Layout, scene: str, height: float, titles: dict[str, str], course: Course
) -> str:
    x, y = _middle(layout.places[scene], height)
    kinds = {
        "current": scene == course.current,
        "next": scene == course.following,
        "open": scene in course.branches,
        "been": scene in course.path,
        "ending": scene in course.endings,
    }
    classes = " ".join(["scene", *(kind for kind, holds in kinds.items() if holds)])
    left, top = x - _WIDTH / 2, y - _HEIGHT / 2
    box = f'<rect x="{left:.1f}" y="{top:.1f}" width="{_WIDTH:g}" height="{_HEIGHT:g}" rx="8"/>'
    inner = (
        f'<rect class="inner" x="{left + 4:.1f}" y="{top + 4:.1f}" width="{_WIDTH - 8:g}" '
        f'height="{_HEIGHT - 8:g}" rx="5"/>'
        if kinds["ending"]
        else ""
    )
    mark = "▶" if kinds["current"] else "◆" if kinds["next"] else "✓" if kinds["been"] else ""
    sign = (
        f'<g class="mark"><circle cx="{left + 2:.1f}" cy="{top + 2:.1f}" r="11"/>'
        f'<text x="{left + 2:.1f}" y="{top + 2:.1f}">{mark}</text></g>'
        if mark
        else ""
    )
    return f'<g class="{classes}">{box}{inner}{_label(titles[scene], x, y)}{sign}</g>'


def _label(title: str, x: float, y: float) -> str:
    lines = wrapped(title)
    first = y - (len(lines) - 1) * _LINE / 2
    return "".join(
        f'<text x="{x:.1f}" y="{first + _LINE * number:.1f}">{escape(line)}</text>'
        for number, line in enumerate(lines)
    )


def wrapped(title: str) -> list[str]:
    """Break a title into at most two lines that fit a scene's box; what is left over is cut.

    Parameters
    ----------
    title : str
        Latin words or Chinese characters.
    """
    words = title.split(" ") if " " in title or _units(title) <= _LINE_UNITS else list(title)
    glue = " " if " " in title else ""
    lines = [""]
    for word in words:
        joined = f"{lines[-1]}{glue}{word}" if lines[-1] else word
        if _units(joined) <= _LINE_UNITS or not lines[-1]:
            lines[-1] = joined
        else:
            lines.append(word)
    shown = [_cut(line) for line in lines[:2]]
    if len(lines) > 2 and not shown[-1].endswith("…"):
        shown[-1] = _cut(shown[-1] + "…" * _LINE_UNITS)
    return shown


def _cut(line: str) -> str:
    if _units(line) <= _LINE_UNITS:
        return line
    while _units(line) > _LINE_UNITS - 1:
        line = line[:-1]
    return line + "…"


def _units(text: str) -> int:
    return sum(2 if east_asian_width(letter) in "WF" else 1 for letter in text)


def slate(title: str, lit: bool) -> str:
    """Draw what the audience sees where the player gives no picture: a title on the slate."""
    ink = "#e8ecf4" if lit else "#8d97a8"
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 480 270" width="480" height="270">'
        '<rect width="480" height="270" fill="#0a0c14"/>'
        '<circle cx="240" cy="105" r="46" fill="none" stroke="#d4be94" stroke-width="3" '
        'opacity=".7"/><path d="M196 105h26l8-18 12 36 8-18h34" fill="none" stroke="#d4be94" '
        'stroke-width="3" opacity=".7" stroke-linejoin="round"/>'
        f'<text x="240" y="215" fill="{ink}" font-size="30" text-anchor="middle" '
        f'font-family="Noto Sans CJK TC,Noto Sans TC,PingFang TC,Microsoft JhengHei,sans-serif">'
        f"{escape(title)}</text></svg>"
    )
