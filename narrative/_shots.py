"""Scenes of parallel threads and loops that wait, written out as plain scenes.

A scene of threads becomes one shot for each thread and stretch between two cuts, `chase.anna.2`;
a loop one round for each time it is shown, `waiting.2`. Shots that no way leads to, such as the
first of a thread that does not begin, are left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from math import floor
from typing import Final

from narrative._duration import exactly, to_ns
from narrative._film import Ahead, Branch, Cue, Scene, Window
from narrative._guard import Guard
from narrative._written import OTHER, Cuts, Written

__all__ = ["NOTICE_S", "SHORTEST_S", "cut_count", "entrance", "shown_threads", "write_out"]

SHORTEST_S: Final = 3.0
"""A last stretch shorter than this is joined to the one before; cuts are no closer."""

NOTICE_S: Final = 1.0
"""The player must have the decision this long before the cut, to pre-roll the clip."""


def entrance(written: Written) -> str:
    """Return the name of the plain scene that is entered with a written one."""
    name = written.scene.name
    return f"{name}.{written.cuts.first}.1" if written.cuts and written.threads else name


def write_out(written: Written, entrances: Mapping[str, str], fps: Fraction) -> Iterator[Scene]:
    """Yield the plain scenes of a written one.

    Parameters
    ----------
    written : Written
        A scene in which nothing is wrong.
    entrances : Mapping of str to str
        Every written scene -> the plain one that is entered with it.
    fps : Fraction
        Frames per second.

    Yields
    ------
    Scene
        Shots in order of time, those of one stretch in order of their threads; rounds in order.
    """
    scene = _entering(written.scene, entrances)
    if written.threads and written.cuts:
        yield from _shots(scene, written, written.cuts, fps)
    elif written.bumper > 1:
        yield from _rounds(scene, written.bumper)
    else:
        yield scene


def _entering(scene: Scene, entrances: Mapping[str, str]) -> Scene:
    """Let a scene lead to plain ones."""

    def plain(target: str | None) -> str | None:
        return None if target is None else entrances.get(target, target)

    branches = tuple(
        replace(branch, to=entrances.get(branch.to, branch.to)) for branch in scene.branches
    )
    return replace(
        scene, branches=branches, default=plain(scene.default), linear=plain(scene.linear)
    )


def _rounds(scene: Scene, times: int) -> Iterator[Scene]:
    names = [scene.name, *(f"{scene.name}.{turn}" for turn in range(2, times + 1))]
    following = [*names[1:], scene.default]
    for turn, (name, default) in enumerate(zip(names, following, strict=True)):
        sets = scene.sets if turn == 0 else ()
        yield replace(scene, name=name, default=default, sets=sets, of=scene.name, turn=turn)


# threads ------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Stretch:
    """What lies between two cuts, in frames of the scene."""

    number: int
    start: int
    end: int
    is_last: bool


def cut_count(length_s: float, every_s: float) -> int:
    """Return how often a scene of threads may cut: no later than 3 s before its end."""
    return max(floor((exactly(length_s) - exactly(SHORTEST_S)) / exactly(every_s)), 0)


def shown_threads(written: Written, cuts: Cuts) -> Iterator[tuple[str, ...]]:
    """Yield for each stretch the threads that can be on the screen in it, without end."""
    threads = tuple(written.threads)
    leads = {
        thread: {_to(branch, thread, threads) for branch in cuts.branches} for thread in threads
    }
    shown = {cuts.first}
    while True:
        yield tuple(thread for thread in threads if thread in shown)
        if len(shown) < len(threads):
            shown = shown.union(*(leads[thread] for thread in threads if thread in shown))


def _shots(scene: Scene, written: Written, cuts: Cuts, fps: Fraction) -> Iterator[Scene]:
    stretches = _stretches(scene.length_s or 0.0, cuts.every_s or SHORTEST_S, fps)
    for stretch, shown in zip(stretches, shown_threads(written, cuts), strict=False):
        for thread in shown:
            yield _shot(scene, written, cuts, thread, stretch, fps)


def _stretches(length_s: float, every_s: float, fps: Fraction) -> Iterator[_Stretch]:
    start, count = 0, cut_count(length_s, every_s)
    for number in range(1, count + 1):
        end = _frame(number * exactly(every_s), fps)
        yield _Stretch(number, start, end, is_last=False)
        start = end
    yield _Stretch(count + 1, start, _frame(exactly(length_s), fps), is_last=True)


def _shot(
    scene: Scene, written: Written, cuts: Cuts, thread: str, stretch: _Stretch, fps: Fraction
) -> Scene:
    """Write out one thread's shot of one stretch."""
    clip = written.threads[thread]
    offset_s, end_s = float(stretch.start / fps), float(stretch.end / fps)
    shot = replace(
        scene,
        name=_name(scene, thread, stretch.number),
        clip=clip.file,
        length_s=float((stretch.end - stretch.start) / fps),
        reading=_moved(scene.reading, offset_s),
        in_frame=clip.in_frame + stretch.start,
        out_frame=clip.in_frame + stretch.end,
        sets=scene.sets if stretch.number == 1 else (),
        cues=_cues(scene.cues, offset_s, None if stretch.is_last else end_s),
        of=scene.name,
        turn=stretch.number - 1,
        offset_s=offset_s,
        continues=stretch.number > 1,
        source={**scene.source, "clip": clip.where},
    )
    if stretch.is_last:
        return shot
    return _cosmetic(shot, written, cuts, thread)


def _cosmetic(shot: Scene, written: Written, cuts: Cuts, thread: str) -> Scene:
    """Let a shot ask which thread comes next; the scene's own branches are ahead of it."""
    threads, number = tuple(written.threads), shot.turn + 2
    window, length_s = shot.reading, shot.length_s or 0.0
    reached = window is not None and window.from_s < length_s
    return replace(
        shot,
        reading=Window(0.0, length_s - NOTICE_S),
        branches=tuple(
            Branch(when, _name(written.scene, to, number))
            for when, to in _away(cuts, thread, threads)
        ),
        default=_name(written.scene, thread, number),
        linear=None,
        ending=False,
        lead_in=False,
        cosmetic=True,
        confidence=cuts.confidence or shot.confidence,
        ahead=Ahead(window, shot.branches) if window is not None and reached else None,
        source=_cut_places(shot.source, cuts, thread, threads),
    )


def _name(scene: Scene, thread: str, number: int) -> str:
    return f"{scene.name}.{thread}.{number}"


def _away(cuts: Cuts, thread: str, threads: tuple[str, ...]) -> Iterator[tuple[Guard, str]]:
    """Yield the cuts' guards that lead away from a thread, and the threads they lead to."""
    for branch in cuts.branches:
        to = _to(branch, thread, threads)
        if to != thread:
            yield branch.when, to


def _cut_places(
    source: Mapping[str, str], cuts: Cuts, thread: str, threads: tuple[str, ...]
) -> dict[str, str]:
    """Return the places of a cosmetic shot's keys."""
    places = {key: at for key, at in source.items() if not key.startswith("branches")}
    places |= {"default": source["cuts"], "reading": source["cuts"], "branches": source["cuts"]}
    away = [i for i, branch in enumerate(cuts.branches) if _to(branch, thread, threads) != thread]
    for index, written in enumerate(away):
        for key in ("when", "to"):
            places[f"branches.{index}.{key}"] = source.get(f"cuts.{written}.{key}", source["cuts"])
    return places


def _to(branch: Branch, thread: str, threads: tuple[str, ...]) -> str:
    """Return the thread that a cut's branch leads to."""
    if branch.to != OTHER:
        return branch.to
    return threads[(threads.index(thread) + 1) % len(threads)]


def _cues(cues: tuple[Cue, ...], from_s: float, to_s: float | None) -> tuple[Cue, ...]:
    """Return the cues of a stretch, in its own time; the last one has no end."""
    return tuple(
        replace(cue, at_s=max(cue.at_s - from_s, 0.0))
        for cue in cues
        if cue.at_s >= from_s and (to_s is None or cue.at_s < to_s)
    )


def _moved(window: Window | None, offset_s: float) -> Window | None:
    """Return a window in the time of a shot that begins later."""
    if window is None:
        return None
    return Window(_less(window.from_s, offset_s), _less(window.to_s, offset_s))


def _less(time_s: float, offset_s: float) -> float:
    return (to_ns(time_s) - to_ns(offset_s)) / 10**9


def _frame(at: Fraction, fps: Fraction) -> int:
    """Return the frame that is nearest to a time."""
    return floor(at * fps + Fraction(1, 2))
