"""What every scene must keep, whatever graph it stands in."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from narrative._film import Scene
from narrative._guard import For, earliest_s, format_number, walk
from narrative._problem import Problem

__all__ = ["length_problems", "scene_problems"]

LEAD_IN_S: Final = 60.0
"""Shortest lead-in: the baseline needs a quiet minute (facts on the decision rule, 3)."""

SETTLING_S: Final = 2.0
"""A cut raises synchrony by itself; what is read sooner is the cut, not the film."""

NOTICE_S: Final = 1.0
"""The player must have the decision this long before the cut, to pre-roll the clip."""


def scene_problems(scene: Scene) -> Iterator[Problem]:
    """Yield what is wrong with a scene by itself."""
    yield from _way_out(scene)
    if scene.lead_in and scene.branches:
        remedy = "Let the baseline settle: move them to the next scene."
        yield _problem(scene, "branches", f'lead-in "{scene.name}" has branches', remedy)
    yield from _window(scene)
    if scene.length_s is not None:
        yield from length_problems(scene, scene.length_s, "length")


def length_problems(scene: Scene, length_s: float, key: str) -> Iterator[Problem]:
    """Yield what is wrong with a scene that lasts `length_s`, as said by its `key`."""
    name, window = scene.name, scene.reading
    if scene.lead_in and length_s < LEAD_IN_S:
        what = f'lead-in "{name}" lasts {format_number(length_s)} s'
        yield _problem(scene, key, what, "Make it 60 s at least: the baseline needs that long.")
    if window is None:
        return
    latest = format_number(max(length_s - NOTICE_S, 0))
    if window.to_s > length_s:
        what = f'the reading window of "{name}" ends after its clip'
        yield _problem(scene, "reading", what, f"End it at {latest} s or before.")
    elif window.to_s > length_s - NOTICE_S:
        what = f'the reading window of "{name}" ends less than 1 s before the cut'
        yield _problem(scene, "reading", what, f"End it at {latest} s: the player needs notice.")


def _way_out(scene: Scene) -> Iterator[Problem]:
    name = scene.name
    if scene.ending:
        for key in ("branches", "default", "reading"):
            if key in scene.source:
                what = f'ending "{name}" has "{key}"'
                yield _problem(scene, key, what, f"Remove {key}, or ending: true.")
    elif "default" not in scene.source:
        what = f'scene "{name}" has no default and is no ending'
        remedy = (
            "Add default: with the scene that follows when no branch is taken, or ending: true."
        )
        yield _problem(scene, "", what, remedy)


def _window(scene: Scene) -> Iterator[Problem]:
    name, window = scene.name, scene.reading
    if window is None:
        if scene.branches and "reading" not in scene.source:
            remedy = (
                "Add reading: {from: 3 s, to: 21 s}, the stretch in which guards are evaluated."
            )
            yield _problem(scene, "branches", f'scene "{name}" has branches but no reading', remedy)
        return
    if not scene.branches and "branches" not in scene.source and not scene.ending:
        what = f'scene "{name}" has a reading window but no branches'
        yield _problem(scene, "reading", what, "Remove it, or add branches.")
    if window.from_s < SETTLING_S:
        what = f'the reading window of "{name}" opens less than 2 s after the cut'
        yield _problem(scene, "reading", what, "Start it at 2 s: a cut raises synchrony by itself.")
    if window.to_s <= window.from_s:
        what = f'the reading window of "{name}" ends before it opens'
        yield _problem(scene, "reading", what, "Write the earlier time in from.")
        return
    yield from _too_long(scene, window.length_s)


def _too_long(scene: Scene, length_s: float) -> Iterator[Problem]:
    """Find durations that cannot pass within the window."""
    for index, branch in enumerate(scene.branches):
        for node in walk(branch.when.tree):
            if isinstance(node, For) and earliest_s(node) > length_s:
                what = (
                    f"for {format_number(node.duration_s)} s cannot come true"
                    f" in a reading window of {format_number(length_s)} s"
                )
                remedy = "Make the window longer or the duration shorter."
                yield _problem(scene, f"branches.{index}.when", what, remedy)


def _problem(scene: Scene, key: str, what: str, remedy: str) -> Problem:
    return Problem(scene.source.get(key, scene.source[""]), what, remedy)
