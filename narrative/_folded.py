"""A film's graph as its maker drew it: one box for each written scene, its shots folded in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from narrative._film import Film, Scene

__all__ = ["Arrow", "Box", "Folded", "Kind", "Way", "fold"]

Kind: TypeAlias = Literal["lead-in", "decision", "scene", "ending"]
Way: TypeAlias = Literal["default", "branch", "linear"]


@dataclass(frozen=True, slots=True)
class Box:
    """A scene as written.

    Parameters
    ----------
    name : str
        `Scene.of`.
    title : str
        In the language asked for, else in any, else the name.
    kind : {"lead-in", "decision", "scene", "ending"}
        What it is to the audience; cosmetic cuts are no decision.
    remark : str
        What is folded into it ("10 shots", "up to 4 rounds"), or "".
    share : float or None
        Probability of being shown.
    """

    name: str
    title: str
    kind: Kind
    remark: str
    share: float | None = None


@dataclass(slots=True)
class Arrow:
    """All that leads from one box to another.

    Parameters
    ----------
    source, target : str
        Names of boxes.
    guards : list of str
        Conditions of the branches, in their order.
    default : bool
        Whether the default leads there.
    linear : bool
        Whether only the director's path does.
    share : float or None
        Probability of being taken.
    """

    source: str
    target: str
    guards: list[str] = field(default_factory=list)
    default: bool = False
    linear: bool = False
    share: float | None = None

    @property
    def way(self) -> Way:
        """By what the film goes along it, mostly: how it is drawn."""
        return "linear" if self.linear else "default" if self.default else "branch"


@dataclass(frozen=True, slots=True)
class Folded:
    """Boxes and arrows in the film's order.

    Parameters
    ----------
    start : str
        Name of the first box.
    boxes : Mapping of str to Box
        By name.
    arrows : tuple of Arrow
        At most one from any box to any other.
    """

    start: str
    boxes: Mapping[str, Box]
    arrows: tuple[Arrow, ...]


def fold(
    film: Film,
    language: str = "en",
    share: Mapping[str, float] | None = None,
    edge_share: Mapping[tuple[str, int | None], float] | None = None,
) -> Folded:
    """Fold shots and rounds into the scenes that were written.

    Parameters
    ----------
    film : Film
        From `load_film`.
    language : str
        Of the titles.
    share : Mapping of str to float, optional
        Probability of each scene, by flat name.
    edge_share : Mapping of (str, int or None) to float, optional
        Probability of each way on, by flat name and branch; None is the default.

    Returns
    -------
    Folded
        What is to be drawn.
    """
    shots: dict[str, list[Scene]] = {}
    for scene in film.scenes.values():
        shots.setdefault(scene.of, []).append(scene)
    boxes = {of: _box(of, scenes, language, share) for of, scenes in shots.items()}
    arrows: dict[tuple[str, str], Arrow] = {}
    for scene in film.scenes.values():
        _add_arrows(film, scene, arrows, edge_share)
    return Folded(film.scenes[film.start].of, boxes, tuple(arrows.values()))


def _box(of: str, scenes: list[Scene], language: str, share: Mapping[str, float] | None) -> Box:
    title = scenes[0].title
    shown = title.get(language) or next(iter(title.values()), of)
    part = None
    if share is not None:
        part = min(1.0, sum(share.get(scene.name, 0.0) for scene in scenes if scene.turn == 0))
    return Box(of, shown, _kind(scenes), _remark(scenes), part)


def _kind(scenes: list[Scene]) -> Kind:
    if any(scene.ending for scene in scenes):
        return "ending"
    if any(scene.is_decision_point for scene in scenes):
        return "decision"
    return "lead-in" if any(scene.lead_in for scene in scenes) else "scene"


def _remark(scenes: list[Scene]) -> str:
    if len(scenes) == 1:
        return ""
    if any(scene.continues or scene.cosmetic for scene in scenes):
        return f"{len(scenes)} shots"
    return f"up to {len(scenes)} rounds"


def _add_arrows(
    film: Film,
    scene: Scene,
    arrows: dict[tuple[str, str], Arrow],
    edge_share: Mapping[tuple[str, int | None], float] | None,
) -> None:
    ways: list[tuple[int | None, str]] = [(i, b.to) for i, b in enumerate(scene.branches)]
    if scene.default is not None:
        ways.append((None, scene.default))
    for index, to in ways:
        target = film.scenes[to]
        if target.of == scene.of and target.turn > scene.turn:
            continue  # From shot to shot.
        arrow = arrows.setdefault((scene.of, target.of), Arrow(scene.of, target.of))
        if index is None:
            arrow.default = True
        elif scene.branches[index].when.text not in arrow.guards:
            arrow.guards.append(scene.branches[index].when.text)
        if edge_share is not None:
            taken = edge_share.get((scene.name, index), 0.0)
            arrow.share = min(1.0, (arrow.share or 0.0) + taken)
    if scene.linear is not None:
        target = film.scenes[scene.linear]
        key = (scene.of, target.of)
        if key not in arrows and target.of != scene.of:
            arrows[key] = Arrow(*key, linear=True)
