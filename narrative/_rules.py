"""What every scene must keep, whatever graph it stands in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction
from itertools import islice
from typing import Final

from narrative._duration import to_ns
from narrative._film import Scene
from narrative._guard import Expr, For, format_number, shortest_window_s, walk
from narrative._problem import Problem
from narrative._shots import NOTICE_S, SHORTEST_S, cut_count, shown_threads
from narrative._written import Cuts, Written

__all__ = ["length_problems", "scene_problems"]

_LEAD_IN_S: Final = 60.0
"""Shortest lead-in: the baseline needs a quiet minute (facts on the decision rule, 3)."""

_SETTLING_S: Final = 2.0
"""A cut raises synchrony by itself; what is read sooner is the cut, not the film."""


def scene_problems(written: Written, fps: Fraction) -> Iterator[Problem]:
    """Yield what is wrong with a scene by itself."""
    scene = written.scene
    yield from _picture(scene)
    yield from _way_out(scene)
    if scene.lead_in:
        yield from _lead_in(scene)
    yield from _window(scene)
    yield from _bumper(scene)
    yield from _threads(written, fps)
    if scene.length_s is not None:
        yield from length_problems(scene, scene.length_s, "length")
        yield from _late_cues(scene, scene.length_s)


def length_problems(scene: Scene, length_s: float, key: str) -> Iterator[Problem]:
    """Yield what is wrong with a scene that lasts `length_s`, as said by its `key`."""
    name, window = scene.of, scene.reading
    if scene.lead_in and length_s < _LEAD_IN_S:
        what = f'lead-in "{name}" lasts {format_number(length_s)} s'
        yield _problem(scene, key, what, "Make it 60 s at least: the baseline needs that long.")
    if window is None:
        return
    latest = format_number(max(length_s - NOTICE_S, 0))
    left_ns = to_ns(length_s) - to_ns(window.to_s)
    if left_ns < 0:
        what = f'the reading window of "{name}" ends after its clip'
        yield _problem(scene, "reading", what, f"End it at {latest} s or before.")
    elif left_ns < to_ns(NOTICE_S):
        what = f'the reading window of "{name}" ends less than 1 s before the cut'
        yield _problem(scene, "reading", what, f"End it at {latest} s: the player needs notice.")


def _picture(scene: Scene) -> Iterator[Problem]:
    name = scene.name
    if "clip" not in scene.source and "threads" not in scene.source:
        remedy = f"Add clip: clips/{name.rpartition('.')[2]}.mkv, or threads:."
        yield _problem(scene, "", f'scene "{name}" has no clip', remedy)
    if "clip" in scene.source and "threads" in scene.source:
        yield _problem(scene, "clip", f'scene "{name}" has a clip and threads', "Keep one of them.")


def _way_out(scene: Scene) -> Iterator[Problem]:
    name = scene.name
    if scene.ending:
        for key in ("branches", "default", "linear", "reading", "bumper"):
            if key in scene.source:
                what = f'ending "{name}" has "{key}"'
                yield _problem(scene, key, what, f"Remove {key}, or ending: true.")
    elif "default" not in scene.source:
        what = f'scene "{name}" has no default and is no ending'
        remedy = (
            "Add default: with the scene that follows when no branch is taken, or ending: true."
        )
        yield _problem(scene, "", what, remedy)


def _lead_in(scene: Scene) -> Iterator[Problem]:
    if scene.branches:
        remedy = "Let the baseline settle: move them to the next scene."
        yield _problem(scene, "branches", f'lead-in "{scene.name}" has branches', remedy)
    if "threads" in scene.source:
        remedy = "Give it one clip: a cut would disturb the baseline."
        yield _problem(scene, "threads", f'lead-in "{scene.name}" has threads', remedy)


def _bumper(scene: Scene) -> Iterator[Problem]:
    if "bumper" not in scene.source or scene.ending:
        return
    if "branches" not in scene.source:
        what = f'"{scene.name}" has a bumper but no branches'
        yield _problem(scene, "bumper", what, "Add the branches it waits for, or remove bumper.")
    if "threads" in scene.source:
        what = f'"{scene.name}" has a bumper and threads'
        yield _problem(scene, "bumper", what, "Let a scene with one clip wait.")


def _late_cues(scene: Scene, length_s: float) -> Iterator[Problem]:
    for index, cue in enumerate(scene.cues):
        if cue.at_s >= length_s:
            at, lasts = format_number(cue.at_s), format_number(round(length_s, 3))
            what = f'a cue at {at} s in "{scene.name}", which lasts {lasts} s'
            remedy = "Move it forward, or to the start of the next scene."
            yield _problem(scene, f"cues.{index}", what, remedy)


# reading windows ------------------------------------------------------------------


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
    if window.from_s < _SETTLING_S:
        what = f'the reading window of "{name}" opens less than 2 s after the cut'
        yield _problem(scene, "reading", what, "Start it at 2 s: a cut raises synchrony by itself.")
    if window.to_s <= window.from_s:
        what = f'the reading window of "{name}" ends before it opens'
        yield _problem(scene, "reading", what, "Write the earlier time in from.")
        return
    guards = (branch.when.tree for branch in scene.branches)
    shown = f"a reading window of {format_number(window.length_s)} s"
    yield from _too_long(scene, "branches", guards, window.length_s, shown)


def _too_long(
    scene: Scene, key: str, guards: Iterable[Expr], length_s: float, shown: str
) -> Iterator[Problem]:
    """Find durations that cannot pass within the time in which guards are evaluated."""
    for index, guard in enumerate(guards):
        for node in walk(guard):
            if isinstance(node, For) and shortest_window_s(node) > length_s:
                what = f"for {format_number(node.duration_s)} s cannot come true in {shown}"
                remedy = "Make the window longer or the duration shorter."
                yield _problem(scene, f"{key}.{index}.when", what, remedy)


# threads --------------------------------------------------------------------------


def _threads(written: Written, fps: Fraction) -> Iterator[Problem]:
    scene, cuts = written.scene, written.cuts
    if "threads" not in scene.source:
        if cuts is not None:
            what = f'"{scene.name}" has cuts but no threads'
            yield _problem(scene, "cuts", what, "Add threads: {anna: ..., ben: ...}.")
        return
    if len(written.threads) == 1:
        remedy = "Add another, or write clip: instead of threads: and cuts:."
        yield _problem(scene, "threads", f'"{scene.name}" has only one thread', remedy)
    if cuts is None:
        remedy = "Add cuts: {every: 6 s, branches: [{when: engagement.trend < 0, to: other}]}."
        yield _problem(scene, "", f'"{scene.name}" has threads but no cuts', remedy)
    if scene.length_s is None:
        if "length" not in scene.source:
            remedy = "Add length: 60 s, as long as the threads are."
            yield _problem(scene, "", f'"{scene.name}" has threads but no length', remedy)
        return
    yield from _short_threads(written, scene.length_s, fps)
    if cuts is not None and len(written.threads) > 1:
        yield from _cuts(written, cuts, scene.length_s)


def _short_threads(written: Written, length_s: float, fps: Fraction) -> Iterator[Problem]:
    scene = written.scene
    for thread, clip in written.threads.items():
        if clip.out_frame is None:
            continue
        lasts_s = float((clip.out_frame - clip.in_frame) / fps)
        if lasts_s < length_s - 0.5 / float(fps):
            what = (
                f'thread "{thread}" of "{scene.name}" lasts {format_number(round(lasts_s, 3))} s,'
                f" the scene {format_number(length_s)} s"
            )
            yield Problem(clip.where, what, "Move its out point, or make the scene shorter.")


def _cuts(written: Written, cuts: Cuts, length_s: float) -> Iterator[Problem]:
    scene = written.scene
    if cuts.every_s is None:
        return
    if cuts.every_s < SHORTEST_S:
        what = f'"{scene.name}" cuts every {format_number(cuts.every_s)} s'
        remedy = "Write 3 s or more: the player needs time for each cut."
        yield _problem(scene, "cuts", what, remedy)
        return
    count = cut_count(length_s, cuts.every_s)
    if count == 0:
        what = f'"{scene.name}" ends before it can cut between its threads'
        remedy = "Make it longer, or cut more often: the last cut is 3 s before the end or sooner."
        yield _problem(scene, "cuts", what, remedy)
        return
    shown = next(islice(shown_threads(written, cuts), min(count, len(written.threads)), None))
    for thread, clip in written.threads.items():
        if thread not in shown:
            what = f'thread "{thread}" of "{scene.name}" is never shown'
            remedy = "Let a branch of cuts lead to it, or remove it."
            yield Problem(clip.where, what, remedy)
    guards = (branch.when.tree for branch in cuts.branches)
    until_s = count * cuts.every_s - NOTICE_S
    told = f"the {format_number(until_s)} s before the last cut"
    yield from _too_long(scene, "cuts", guards, until_s, told)


def _problem(scene: Scene, key: str, what: str, remedy: str) -> Problem:
    return Problem(scene.where(key), what, remedy)
