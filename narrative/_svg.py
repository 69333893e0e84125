"""A film's graph as a picture: SVG text, without scripts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final, get_args

from narrative._film import Film
from narrative._folded import Folded, Kind, fold
from narrative._layout import Layout, lay_out
from narrative._shapes import (
    COLOURS,
    FILLS,
    arrow_element,
    box_element,
    colour,
    outline,
    percent,
    plain,
    tip_elements,
)

__all__ = ["as_svg"]

_MARGIN: Final = 24.0
_HEAD: Final = 84.0
_LEAST_WIDTH: Final = 1060.0  # of the legend
_SHARES: Final = (0.0, 0.01, 0.1, 0.5, 1.0)
_STYLE: Final = """\
.film-graph text { font-family: "Noto Sans", "Noto Sans TC", "Noto Sans CJK TC", sans-serif; \
fill: #1c1c1a }
.film-graph .name { font-size: 13px } .film-graph .key { font-size: 12px }
.film-graph .small { font-size: 10px; fill: #5b5b55 }
.film-graph .head { font-size: 17px; font-weight: bold }
.film-graph .way { fill: none; stroke-width: 1.2px }
.film-graph .back { opacity: 0.5 }
.film-graph .linear { stroke-dasharray: 5 4 }
.film-graph .way:hover { stroke-width: 3px; opacity: 1 }
.film-graph:has(.box:hover) g.way { opacity: 0.1 }"""
"""Prefixed throughout: inside a page, a style holds for all of it."""


def as_svg(
    film: Film,
    *,
    language: str = "en",
    share: Mapping[str, float] | None = None,
    edge_share: Mapping[tuple[str, int | None], float] | None = None,
) -> str:
    """Draw a film's graph.

    Written scenes are boxes, from the start at the left; what they lead to stands to the right of
    them, and ways back run below. A browser shows the conditions where one points at an arrow, and
    the ways in and out of a box where one points at it.

    Parameters
    ----------
    film : Film
        From `load_film`.
    language : str
        Of the titles; any other stands in for it.
    share : Mapping of str to float, optional
        Probability of each scene, by flat name: boxes are coloured by it.
    edge_share : Mapping of (str, int or None) to float, optional
        Probability of each way on, by flat name and branch (None: the default): the width of
        arrows.

    Returns
    -------
    str
        An `<svg>` element with its own white ground, as large as it needs to be.
    """
    graph = fold(film, language, share, edge_share)
    layout = lay_out(graph.start, list(graph.boxes), [(a.source, a.target) for a in graph.arrows])
    title = plain(film.title.get(language) or next(iter(film.title.values()), ""))
    width = round(max(layout.width + 2 * _MARGIN, _LEAST_WIDTH))
    height = round(layout.height + _HEAD + 2 * _MARGIN)
    numbers = {name: number for number, name in enumerate(graph.boxes)}
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" class="film-graph" width="{width}" '
        f'height="{height}" viewBox="0 0 {width} {height}" role="img">',
        f"<title>{title}</title>",
        "<style>",
        _STYLE,
        *(_pointed_at(number) for number in numbers.values()),
        "</style>",
        f"<defs>{''.join(tip_elements())}</defs>",
        f'<rect width="{width}" height="{height}" fill="#ffffff"/>',
        f'<text class="head" x="{_MARGIN}" y="34">{title}</text>',
        *_legend(share is not None, edge_share is not None),
        f'<g transform="translate({_MARGIN} {_HEAD + _MARGIN})">',
        *_arrows(graph, layout, numbers),
        *(
            box_element(box, layout.places[name], f"box b{numbers[name]}")
            for name, box in graph.boxes.items()
        ),
        "</g>",
        "</svg>",
    ]
    return "\n".join([*lines, ""])


def _pointed_at(number: int) -> str:
    """Let the arrows of a box stand out while one points at it."""
    return (
        f".film-graph:has(.b{number}:hover) g:is(.from{number},.to{number})"
        "{opacity:1;stroke-width:2.4px}"
    )


def _arrows(graph: Folded, layout: Layout, numbers: Mapping[str, int]) -> Iterator[str]:
    """Draw ways back first, so that they lie lowest, then branches, then defaults."""
    routed = [(arrow, layout.routes[arrow.source, arrow.target]) for arrow in graph.arrows]
    for arrow, route in sorted(routed, key=lambda one: (not one[1].back, one[0].default)):
        ends = f"from{numbers[arrow.source]} to{numbers[arrow.target]}"
        yield arrow_element(arrow, route, f"way {ends}{' back' if route.back else ''}")


def _legend(by_share: bool, by_width: bool) -> Iterator[str]:
    x, y = _MARGIN, 52.0
    for kind in get_args(Kind):
        yield outline(kind, (x, y), "#ffffff" if by_share else FILLS[kind], (30.0, 18.0))
        yield f'<text class="key" x="{x + 36}" y="{y + 13}">{kind}</text>'
        x += 112.0
    for way, stroke in COLOURS.items():
        yield (
            f'<path class="way {way}" stroke="{stroke}" d="M{x} {y + 9} h34" '
            f'marker-end="url(#tip-{way})"/>'
            f'<text class="key" x="{x + 40}" y="{y + 13}">{way}</text>'
        )
        x += 100.0
    if by_share:
        for number, share in enumerate(_SHARES):
            at = x + 44 * number
            yield (
                f'<rect x="{at}" y="{y}" width="42" height="18" fill="{colour(share)}" '
                f'stroke="#77776f" stroke-width="0.6"/>'
                f'<text class="small" x="{at + 21}" y="{y + 13}" text-anchor="middle">'
                f"{percent(share)}</text>"
            )
        what = "shown in so many screenings"
        what += "; an arrow's width: taken" if by_width else ""
        yield f'<text class="small" x="{x}" y="{y - 6}">{what}</text>'
