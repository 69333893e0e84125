"""Boxes and arrows of a film's picture, as SVG elements."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from html import escape
from typing import Final

from narrative._folded import Arrow, Box, Kind, Way
from narrative._layout import BOX, Point, Route

__all__ = [
    "COLOURS",
    "FILLS",
    "arrow_element",
    "box_element",
    "colour",
    "outline",
    "percent",
    "plain",
    "tip_elements",
]

COLOURS: Final[Mapping[Way, str]] = {"default": "#33332f", "branch": "#3f74b5", "linear": "#b5562c"}
"""Of arrows."""

FILLS: Final[Mapping[Kind, str]] = {
    "lead-in": "#e3f2e6",
    "decision": "#e2edfb",
    "scene": "#f6f6f4",
    "ending": "#f9e3dd",
}
"""Of boxes, where no probability colours them."""

_STROKES: Final[Mapping[Kind, str]] = {
    "lead-in": "#2f7d45",
    "decision": "#2c62a8",
    "scene": "#77776f",
    "ending": "#a8412a",
}
_RADII: Final[Mapping[Kind, float]] = {"lead-in": 0.5, "scene": 0.1, "ending": 0.04}
_PALE, _FULL = (0xFF, 0xFF, 0xFF), (0xF0, 0x9A, 0x3E)
_PADDING: Final = 16.0
_BEND: Final = 6.0
_WIDE: Final = 3.0  # strokes beyond it have a larger tip


# boxes ----------------------------------------------------------------------------


def box_element(box: Box, place: Point, classes: str) -> str:
    """Draw a box; `share` colours it where it has one."""
    x, y = place
    fill = FILLS[box.kind] if box.share is None else colour(box.share)
    name = "" if box.title == box.name else box.name
    share = "" if box.share is None else percent(box.share)
    under = " · ".join(part for part in (share, name, box.remark) if part)
    told = (box.title, name, box.kind, box.remark, share)
    folded = outline(box.kind, (x + 4, y + 4), fill) if box.remark else ""
    middle = y + BOX[1] / 2
    lines = _line("name", box.title, 13.0, (x, middle - 2 if under else middle + 5))
    if under:
        lines += _line("small", under, 10.0, (x, middle + 13))
    title = plain("\n".join(part for part in told if part))
    return (
        f'<g class="{classes}"><title>{title}</title>'
        f"{folded}{outline(box.kind, place, fill)}{lines}</g>"
    )


def _line(kind: str, text: str, size: float, place: Point) -> str:
    """Write a line of text into the middle of a box."""
    fitted = plain(_fitted(text, size, BOX[0] - _PADDING))
    x, y = place[0] + BOX[0] / 2, place[1]
    return f'<text class="{kind}" x="{x:.1f}" y="{y:.1f}" text-anchor="middle">{fitted}</text>'


def outline(kind: Kind, place: Point, fill: str, size: tuple[float, float] = BOX) -> str:
    """Draw the shape of a kind of box: each can be told without its colour."""
    (x, y), (width, height) = place, size
    look = f'fill="{fill}" stroke="{_STROKES[kind]}" stroke-width="1.3"'
    if kind == "decision":
        cut = height / 4
        across, down = (x, x + cut, x + width - cut, x + width), (y, y + cut, y + height - cut)
        corners = [(1, 0), (2, 0), (3, 1), (3, 2), (2, 3), (1, 3), (0, 2), (0, 1)]
        edges = (*down, y + height)
        points = " ".join(f"{across[i]:.1f},{edges[j]:.1f}" for i, j in corners)
        return f'<polygon points="{points}" {look}/>'
    whole = _rectangle(x, y, width, height, _RADII[kind] * height, look)
    if kind != "ending":
        return whole
    inner = f'fill="none" stroke="{_STROKES[kind]}" stroke-width="1"'
    return whole + _rectangle(x + 3, y + 3, width - 6, height - 6, 1.0, inner)


def _rectangle(x: float, y: float, width: float, height: float, radius: float, look: str) -> str:
    return (
        f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" '
        f'rx="{radius:.1f}" {look}/>'
    )


def colour(share: float) -> str:
    """Give the colour of a probability; its root, so that rare scenes can be told from none."""
    part = min(max(share, 0.0), 1.0) ** 0.5
    mixed = (round(pale + (full - pale) * part) for pale, full in zip(_PALE, _FULL, strict=True))
    return "#" + "".join(f"{value:02x}" for value in mixed)


# arrows ---------------------------------------------------------------------------


def tip_elements() -> Iterator[str]:
    """Draw the tips of arrows of all colours, for narrow and wide ones."""
    for way, stroke in COLOURS.items():
        for name, size in ((way, 8), (f"{way}-wide", 15)):
            yield (
                f'<marker id="tip-{name}" viewBox="0 0 8 8" refX="7.5" refY="4" '
                f'markerWidth="{size}" markerHeight="{size}" markerUnits="userSpaceOnUse" '
                f'orient="auto"><path d="M0 0.5 L8 4 L0 7.5 Z" fill="{stroke}"/></marker>'
            )


def arrow_element(arrow: Arrow, route: Route, classes: str) -> str:
    """Draw an arrow; `share` is its width where it has one."""
    way = arrow.way
    width: str = ""
    tip: str = way
    if arrow.share is not None:
        stroke_px = 0.6 + 5.4 * arrow.share
        width = f' style="stroke-width:{stroke_px:.2f}px"'
        tip += "-wide" * (stroke_px > _WIDE)
    told = [f"{arrow.source} → {arrow.target}", *arrow.guards]
    told += ["default"] * arrow.default + ["linear path"] * arrow.linear
    told += [] if arrow.share is None else [percent(arrow.share)]
    title = plain("\n".join(told))
    return (
        f'<g class="{classes} {way}" stroke="{COLOURS[way]}"><title>{title}</title>'
        f'<path d="{_path(route.points)}"{width} marker-end="url(#tip-{tip})"/></g>'
    )


def _path(points: tuple[Point, ...]) -> str:
    """Curve between two points; go straight through more, and round the corners."""
    begin, *corners, end = points
    if not corners:
        half = (end[0] - begin[0]) / 2
        return f"M{_at(begin)} C{_at(begin, half)} {_at(end, -half)} {_at(end)}"
    bends = zip(points, corners, points[2:], strict=False)
    return f"M{_at(begin)} {' '.join(_bend(*bend) for bend in bends)} L{_at(end)}"


def _bend(before: Point, corner: Point, behind: Point) -> str:
    """Go to a corner and round it."""
    radius = min(_BEND, _distance(before, corner) / 2, _distance(corner, behind) / 2)
    begin, end = _towards(corner, before, radius), _towards(corner, behind, radius)
    return f"L{_at(begin)} Q{_at(corner)} {_at(end)}"


def _at(point: Point, aside: float = 0.0) -> str:
    return f"{point[0] + aside:.1f} {point[1]:.1f}"


def _distance(one: Point, two: Point) -> float:
    """Between two points on a horizontal or vertical line."""
    return abs(one[0] - two[0]) + abs(one[1] - two[1])


def _towards(one: Point, two: Point, length: float) -> Point:
    part = length / (_distance(one, two) or 1.0)
    return one[0] + (two[0] - one[0]) * part, one[1] + (two[1] - one[1]) * part


# text -----------------------------------------------------------------------------


def percent(share: float) -> str:
    """Write a probability, neither 0 nor 100 % where it is not quite."""
    if 0.0 < share < 0.001:
        return "< 0.1 %"
    if 0.999 < share < 1.0:
        return "> 99.9 %"
    return f"{100 * share:.3g} %"


def plain(text: str) -> str:
    """Escape a text, without what XML does not allow."""
    kept = (c for c in text if c == "\n" or unicodedata.category(c) not in ("Cc", "Cs", "Cn"))
    return escape("".join(kept))


def _fitted(text: str, size: float, width: float) -> str:
    """Cut a text to a width in pixels."""
    if _width(text, size) <= width:
        return text
    kept = list(text)
    while kept and _width(kept, size) > width - size:
        kept.pop()
    return "".join(kept).rstrip() + "…"


def _width(text: Iterable[str], size: float) -> float:
    """Estimate a text's width: a Chinese character is as wide as high."""
    return sum(size * (1.0 if unicodedata.east_asian_width(c) in "WF" else 0.48) for c in text)
