"""Where the scenes of a film stand on the page: layers from left to right, few crossings.

After Sugiyama, Tagawa and Toda, "Methods for Visual Understanding of Hierarchical System
Structures", IEEE Trans. SMC 11 (1981), doi:10.1109/TSMC.1981.4308636: layers by longest path,
waypoints where an edge passes a layer, order within the layers by barycentres.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeAlias

_SWEEPS = 8
_WAYPOINT_ROWS = 0.4
"""Height of a waypoint, in rows."""

Node: TypeAlias = str | tuple[str, str, int]
"""A scene, or the waypoint of an edge (from, to) in a layer."""

Successors: TypeAlias = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Layout:
    """Places in units of layers (x) and rows (y; 0 is the middle, down is positive).

    Parameters
    ----------
    places : dict of str to (int, float)
        Of each scene.
    edges : dict of (str, str) to tuple of (int, float)
        The points that an edge goes through, ends included. An edge back to an earlier layer, or
        to its own scene, has only its ends.
    layers : int
        How many layers there are.
    rows : float
        Height of the tallest layer, at least 1.
    """

    places: dict[str, tuple[int, float]]
    edges: dict[tuple[str, str], tuple[tuple[int, float], ...]]
    layers: int
    rows: float


def lay_out(start: str, successors: Successors) -> Layout:
    """Lay out what can be reached from `start`.

    Parameters
    ----------
    start : str
        The first scene; it stands leftmost.
    successors : mapping of str to sequence of str
        Where each scene may lead.
    """
    order, back = _forward(start, successors)
    depth = _depths(start, order, successors, back)
    layers: list[list[Node]] = [[] for _ in range(max(depth.values()) + 1)]
    for scene in order:
        layers[depth[scene]].append(scene)
    chains = {}
    for scene in order:
        for to in successors[scene]:
            if (scene, to) not in back:
                chain = _chain(scene, to, depth)
                chains[scene, to] = chain
                for layer, node in enumerate(chain[1:-1], depth[scene] + 1):
                    layers[layer].append(node)
    _untangle(layers, chains)
    y = {node: row for nodes in layers for node, row in _rows(nodes).items()}
    places = {scene: (depth[scene], y[scene]) for scene in order}
    edges = {
        edge: tuple((depth[edge[0]] + i, y[node]) for i, node in enumerate(chain))
        for edge, chain in chains.items()
    }
    edges |= {edge: (places[edge[0]], places[edge[1]]) for edge in back}
    return Layout(places, edges, len(layers), max(sum(map(_height, nodes)) for nodes in layers))


def _forward(start: str, successors: Successors) -> tuple[list[str], set[tuple[str, str]]]:
    """Order the scenes so that edges lead forward; edges that cannot are returned too."""
    finished: list[str] = []
    back: set[tuple[str, str]] = set()
    open_scenes = {start: iter(successors[start])}
    while open_scenes:
        scene, rest = next(reversed(open_scenes.items()))
        to = next(rest, None)
        if to is None:
            finished.append(scene)
            del open_scenes[scene]
        elif to in open_scenes:
            back.add((scene, to))
        elif to not in finished:
            open_scenes[to] = iter(successors[to])
    return finished[::-1], back


def _depths(
    start: str, order: Sequence[str], successors: Successors, back: set[tuple[str, str]]
) -> dict[str, int]:
    """Longest way from the start to each scene."""
    depth = {start: 0}
    for scene in order:
        for to in successors[scene]:
            if (scene, to) not in back:
                depth[to] = max(depth.get(to, 0), depth[scene] + 1)
    return depth


def _chain(scene: str, to: str, depth: Mapping[str, int]) -> list[Node]:
    """Return an edge's nodes, with a waypoint in each layer that it passes."""
    return [scene, *((scene, to, layer) for layer in range(depth[scene] + 1, depth[to])), to]


def _height(node: Node) -> float:
    return 1.0 if isinstance(node, str) else _WAYPOINT_ROWS


def _rows(nodes: Sequence[Node]) -> dict[Node, float]:
    """Stack a layer's nodes about the middle; gives the middle of each."""
    top = -sum(map(_height, nodes)) / 2
    rows = {}
    for node in nodes:
        rows[node] = top + _height(node) / 2
        top += _height(node)
    return rows


def _untangle(layers: list[list[Node]], chains: Mapping[tuple[str, str], list[Node]]) -> None:
    """Order each layer by the mean place of its neighbours, to and fro."""
    before: dict[Node, list[Node]] = {}
    after: dict[Node, list[Node]] = {}
    for chain in chains.values():
        for left, right in pairwise(chain):
            before.setdefault(right, []).append(left)
            after.setdefault(left, []).append(right)
    best, fewest = [list(layer) for layer in layers], _crossings(layers, after)
    for sweep in range(_SWEEPS):
        forth = sweep % 2 == 0
        neighbours = before if forth else after
        for here, there in _neighbouring(layers, forth):
            _sort(here, neighbours, _rows(there))
        if (crossings := _crossings(layers, after)) < fewest:
            best, fewest = [list(layer) for layer in layers], crossings
    layers[:] = best


def _neighbouring(layers: list[list[Node]], forth: bool) -> list[tuple[list[Node], list[Node]]]:
    pairs = list(zip(layers[1:], layers, strict=False))
    return pairs if forth else [(there, here) for here, there in reversed(pairs)]


def _sort(here: list[Node], neighbours: Mapping[Node, list[Node]], rows: dict[Node, float]) -> None:
    middle = _rows(here)

    def barycentre(node: Node) -> float:
        known = neighbours.get(node, [])
        return sum(rows[other] for other in known) / len(known) if known else middle[node]

    here.sort(key=barycentre)


def _crossings(layers: list[list[Node]], after: Mapping[Node, list[Node]]) -> int:
    count = 0
    for left, right in pairwise(layers):
        row = {node: index for index, node in enumerate(right)}
        ends = [row[to] for node in left for to in sorted(after.get(node, []), key=row.__getitem__)]
        count += sum(a > b for i, a in enumerate(ends) for b in ends[i + 1 :])
    return count
