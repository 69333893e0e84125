"""A film against the facts of its clips."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction

from narrative._film import Film, Media, Scene
from narrative._guard import format_number
from narrative._problem import Problem, in_file_order
from narrative._rules import length_problems

__all__ = ["check_film"]


def check_film(film: Film, media: Mapping[str, Media | str]) -> tuple[Problem, ...]:
    """Check a loaded film against its clips.

    Parameters
    ----------
    film : Film
        From `load_film`.
    media : Mapping of str to Media or str
        For each clip, named as the film names it, its facts, or why it could not be
        read ("no such file").

    Returns
    -------
    tuple of Problem
        In file order; empty for a film that can be shown.
    """
    problems = (
        problem
        for scene in film.scenes.values()
        for problem in _clip(film.fps, scene, media.get(scene.clip, "nobody looked at it"))
    )
    return in_file_order(problems)


def _clip(fps: Fraction, scene: Scene, facts: Media | str) -> Iterator[Problem]:
    where = scene.source["clip"]
    if isinstance(facts, str):
        what = f'clip "{scene.clip}" of scene "{scene.name}" cannot be shown: {facts}'
        yield Problem(where, what, "The path is relative to the film file.")
        return
    if facts.fps != fps:
        what = f'clip "{scene.clip}" has {facts.fps} pictures a second, the film {fps}'
        yield Problem(where, what, f"Render the clip at {fps}, or change fps.")
        return
    length = facts.frames / facts.fps
    if scene.length_s is None:
        yield from length_problems(scene, float(length), "clip")
    elif abs(Fraction(scene.length_s) - length) * fps > 1 + Fraction(1, 10**6):
        lasts = format_number(round(float(length), 3))
        what = f'clip "{scene.clip}" lasts {lasts} s, not {format_number(scene.length_s)} s'
        remedy = f"Write length: {lasts} s, or render the clip anew."
        yield Problem(scene.source["length"], what, remedy)
