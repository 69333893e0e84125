"""Where boxes and arrows of a graph are drawn: columns from the start, left to right.

A box's layer is its shortest distance from the start, so that an arrow onwards spans one layer
only. Crossings are reduced by sorting each layer by the mean place of its neighbours, to and fro
(Sugiyama, Tagawa and Toda 1981, doi:10.1109/TSMC.1981.4308636). A layer of too many boxes takes
several columns. Arrows back run in lanes below.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, TypeAlias

__all__ = ["BOX", "Layout", "Point", "Route", "lay_out"]

Point: TypeAlias = tuple[float, float]

BOX: Final = (160.0, 46.0)
"""Width and height of a box."""

_GAP: Final = 110.0  # between columns
_ROW: Final = 18.0  # between boxes of a column, at least
_SWEEPS: Final = 12
_LANES: Final = (2.5, 7.0, 400.0)  # least and greatest distance, and what all shall take
_PORTS: Final = (0.24, 0.76)  # the stretch of a box's side where arrows leave and enter


@dataclass(frozen=True, slots=True)
class Route:
    """How an arrow runs.

    Parameters
    ----------
    points : tuple of (float, float)
        From its beginning to its tip. Two of an arrow onwards, which curves between them; four of
        one beside its column; six of one that goes back, a corner each.
    back : bool
        Whether it leads to an earlier column.
    """

    points: tuple[Point, ...]
    back: bool


@dataclass(frozen=True, slots=True)
class Layout:
    """A drawing's geometry, in pixels from its upper left corner.

    Parameters
    ----------
    width, height : float
        Of the whole.
    places : Mapping of str to (float, float)
        Upper left corner of each box.
    routes : Mapping of (str, str) to Route
        For each arrow.
    """

    width: float
    height: float
    places: Mapping[str, Point]
    routes: Mapping[tuple[str, str], Route]


def lay_out(start: str, boxes: Sequence[str], arrows: Collection[tuple[str, str]]) -> Layout:
    """Lay a graph out.

    Parameters
    ----------
    start : str
        The box at the left.
    boxes : sequence of str
        All boxes, `start` among them.
    arrows : collection of (str, str)
        From and to; loops onto the same box are drawn beside it.

    Returns
    -------
    Layout
        The same for the same graph.
    """
    layers = _layers(start, boxes, arrows)
    onwards = _onwards(layers, arrows)
    _sort(layers, onwards)
    rows = max(12, round(1.3 * len(boxes) ** 0.5))
    columns = [column for layer in layers for column in _broken(layer, rows)]
    middles = _middles(columns, onwards)
    lowest = min(middles.values()) - BOX[1] / 2
    places = {
        name: (number * (BOX[0] + _GAP) + _GAP / 2, middles[name] - BOX[1] / 2 - lowest)
        for number, column in enumerate(columns)
        for name in column
    }
    below = max(y for _, y in places.values()) + BOX[1]
    routes = _Routing(columns, places, arrows, below).all()
    deepest = max((y for route in routes.values() for _, y in route.points), default=below)
    width = len(columns) * (BOX[0] + _GAP)
    return Layout(width, max(below, deepest), places, routes)


def _broken(layer: Sequence[str], rows: int) -> list[list[str]]:
    """Break a layer into columns of equal height, each box near its place in the whole."""
    count = -(-len(layer) // rows)
    return [list(layer[number::count]) for number in range(count)]


def _layers(start: str, boxes: Sequence[str], arrows: Iterable[tuple[str, str]]) -> list[list[str]]:
    """Sort boxes into layers by their distance; what cannot be reached stands at the left."""
    following: dict[str, list[str]] = {name: [] for name in boxes}
    for source, target in arrows:
        following[source].append(target)
    distance = {start: 0}
    waiting = deque([start])
    while waiting:
        name = waiting.popleft()
        for target in following[name]:
            if target not in distance:
                distance[target] = distance[name] + 1
                waiting.append(target)
    layers: list[list[str]] = [[] for _ in range(max(distance.values()) + 1)]
    for name in boxes:
        layers[distance.get(name, 0)].append(name)
    return layers


_Neighbours: TypeAlias = Mapping[str, list[str]]


def _onwards(
    layers: list[list[str]], arrows: Iterable[tuple[str, str]]
) -> tuple[_Neighbours, _Neighbours]:
    """Give each box's neighbours in the layer before and in the one behind it."""
    layer = {name: number for number, names in enumerate(layers) for name in names}
    before: dict[str, list[str]] = {name: [] for name in layer}
    behind: dict[str, list[str]] = {name: [] for name in layer}
    for source, target in arrows:
        if layer[target] == layer[source] + 1:
            before[target].append(source)
            behind[source].append(target)
    return before, behind


def _sort(layers: list[list[str]], onwards: tuple[_Neighbours, _Neighbours]) -> None:
    """Sort each layer by the mean place of its neighbours, and keep the best of all sweeps."""
    best, least = [list(layer) for layer in layers], float("inf")
    for sweep in range(_SWEEPS):
        before, behind = onwards
        neighbours = behind if sweep % 2 else before
        row = {name: place for layer in layers for name, place in _rows(layer)}
        for layer in reversed(layers) if sweep % 2 else layers:
            mean = {name: _mean([row[n] for n in neighbours[name]], row[name]) for name in layer}
            layer.sort(key=mean.__getitem__)
            row.update(_rows(layer))
        crossed = _crossings(layers, before)
        if crossed < least:
            best, least = [list(layer) for layer in layers], crossed
    layers[:] = best


def _rows(layer: Sequence[str]) -> list[tuple[str, float]]:
    """Give the places in a layer, 0 in its middle."""
    return [(name, place - (len(layer) - 1) / 2) for place, name in enumerate(layer)]


def _mean(values: Sequence[float], otherwise: float) -> float:
    return sum(values) / len(values) if values else otherwise


def _crossings(layers: list[list[str]], before: _Neighbours) -> int:
    """Count how often arrows onwards cross."""
    total = 0
    for earlier, layer in pairwise(layers):
        row = {name: place for place, name in enumerate(earlier)}
        counted = [0] * (len(earlier) + 1)  # a binary indexed tree over the places met so far
        met = 0
        for name in layer:
            places = sorted(row[source] for source in before[name])
            for place in places:
                total += met - _up_to(counted, place)
            for place in places:
                _count(counted, place)
            met += len(places)
    return total


def _up_to(counted: list[int], place: int) -> int:
    place, total = place + 1, 0
    while place > 0:
        total += counted[place]
        place -= place & -place
    return total


def _count(counted: list[int], place: int) -> None:
    place += 1
    while place < len(counted):
        counted[place] += 1
        place += place & -place


def _middles(
    columns: list[list[str]], onwards: tuple[_Neighbours, _Neighbours]
) -> dict[str, float]:
    """Move boxes up and down towards their neighbours, in their order and apart."""
    pitch = BOX[1] + _ROW
    at = {name: place * pitch for column in columns for name, place in _rows(column)}
    for sweep in range(_SWEEPS):
        neighbours = onwards[sweep % 2]
        for column in reversed(columns) if sweep % 2 else columns:
            wanted = [_mean([at[n] for n in neighbours[name]], at[name]) for name in column]
            at.update(zip(column, _apart(wanted, pitch), strict=True))
    return at


def _apart(wanted: Sequence[float], pitch: float) -> list[float]:
    """Move values apart to at least `pitch`, keeping their order, as little as can be.

    Values of a run that touch share their mean (isotonic regression: pool adjacent violators).
    """
    runs: list[tuple[float, int]] = []
    for place, value in enumerate(wanted):
        total, count = value - place * pitch, 1
        while runs and runs[-1][0] / runs[-1][1] > total / count:
            total, count = total + runs[-1][0], count + runs[-1][1]
            runs.pop()
        runs.append((total, count))
    means = [total / count for total, count in runs for _ in range(count)]
    return [mean + place * pitch for place, mean in enumerate(means)]


_End: TypeAlias = Callable[[tuple[str, str]], str]


class _Routing:
    """Ways of arrows: where they leave and enter boxes, and the lanes of those that go back."""

    def __init__(
        self,
        columns: list[list[str]],
        places: Mapping[str, Point],
        arrows: Collection[tuple[str, str]],
        below: float,
    ) -> None:
        self._column = {name: number for number, names in enumerate(columns) for name in names}
        self._row = {name: row for names in columns for row, name in enumerate(names)}
        self._places, self._arrows, self._below = places, list(arrows), below
        self._leaves = self._ports(lambda arrow: arrow[0], lambda arrow: arrow[1])
        self._enters = self._ports(lambda arrow: arrow[1], lambda arrow: arrow[0])

    def all(self) -> dict[tuple[str, str], Route]:
        """Give every arrow's way."""
        lanes = self._lanes([arrow for arrow in self._arrows if self._step(arrow) < 0])
        return {arrow: self._route(arrow, lanes) for arrow in self._arrows}

    def _step(self, arrow: tuple[str, str]) -> int:
        return self._column[arrow[1]] - self._column[arrow[0]]

    def _ports(self, own: _End, other: _End) -> dict[tuple[str, str], float]:
        """Spread the arrows of each box over its side, in the order of where they come from."""
        sides: dict[str, list[tuple[str, str]]] = {}
        for arrow in self._arrows:
            sides.setdefault(own(arrow), []).append(arrow)
        ports: dict[tuple[str, str], float] = {}
        for name, side in sides.items():
            # What goes back runs below, so it leaves and enters lowest.
            side.sort(key=lambda arrow: (self._step(arrow) < 0, self._places[other(arrow)][1]))
            for number, arrow in enumerate(side, start=1):
                part = _PORTS[0] + (_PORTS[1] - _PORTS[0]) * number / (len(side) + 1)
                ports[arrow] = self._places[name][1] + BOX[1] * part
        return ports

    def _lanes(self, back: list[tuple[str, str]]) -> dict[str, float]:
        """Give each target of arrows back a lane, the same for those that do not meet in it."""
        spans: dict[str, list[float]] = {}
        for source, target in back:
            spans.setdefault(target, [self._left(target)]).append(self._right(source))
        ends: list[list[tuple[float, float]]] = []
        lanes: dict[str, int] = {}
        for target in sorted(spans, key=lambda name: max(spans[name]) - min(spans[name])):
            begin, end = min(spans[target]), max(spans[target])
            free = (
                n for n, taken in enumerate(ends) if all(end < b or begin > e for b, e in taken)
            )
            lane = next(free, len(ends))
            if lane == len(ends):
                ends.append([])
            ends[lane].append((begin, end))
            lanes[target] = lane
        least, most, room = _LANES
        pitch = min(max(room / max(len(ends), 1), least), most)
        return {target: self._below + 2 * most + pitch * lane for target, lane in lanes.items()}

    def _left(self, name: str) -> float:
        """Where arrows come up to enter a box from below."""
        return self._places[name][0] - 14.0 - 4.0 * (self._row[name] % 8)

    def _right(self, name: str) -> float:
        """Where arrows go down that leave a box to go back."""
        return self._places[name][0] + BOX[0] + 10.0 + 4.0 * (self._row[name] % 8)

    def _route(self, arrow: tuple[str, str], lanes: Mapping[str, float]) -> Route:
        source, target = arrow
        begin = (self._places[source][0] + BOX[0], self._leaves[arrow])
        end = (self._places[target][0], self._enters[arrow])
        if self._step(arrow) > 0:
            return Route((begin, end), back=False)
        out = self._right(source)
        if self._step(arrow) == 0:
            tip = (self._places[target][0] + BOX[0], end[1])
            return Route((begin, (out, begin[1]), (out, end[1]), tip), back=False)
        down = lanes[target]
        into = self._left(target)
        corners = (out, begin[1]), (out, down), (into, down), (into, end[1])
        return Route((begin, *corners, end), back=True)
