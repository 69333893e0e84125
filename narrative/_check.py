"""A film against its clips, and against what branching film can get wrong."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import chain
from typing import Final

from narrative._branching import branching_problems
from narrative._clips import clip_problems
from narrative._content import content_problems
from narrative._evidence import evidence_problems
from narrative._film import Film, Media
from narrative._flow import flow_of
from narrative._problem import Problem, in_file_order, place_of
from narrative._running import earliest_s, planned_lengths
from narrative._schedule import schedule_problems
from narrative._words import and_more

__all__ = ["check_film"]

_NAMED: Final = 5
"""Places of one problem that are named one by one."""


def check_film(
    film: Film,
    media: Mapping[str, Media | str] | None = None,
    lengths_s: Mapping[str, float] | None = None,
    *,
    preroll: int | None = None,
) -> tuple[Problem, ...]:
    """Check a loaded film.

    Errors keep it from being shown; they concern its clips. Warnings and notes are about what an
    audience would not come to see, or decide by chance.

    Parameters
    ----------
    film : Film
        From `load_film`.
    media : Mapping of str to Media or str, optional
        For each clip, named as the film names it, its facts, or why it could not be
        read ("no such file"); without it no clip is looked at.
    lengths_s : Mapping of str to float, optional
        Each scene's length in seconds; without it that of `planned_lengths`.
    preroll : int, optional
        How many candidates the player can open at once.

    Returns
    -------
    tuple of Problem
        In file order, what has one cause said once.
    """
    if lengths_s is None:
        lengths_s = planned_lengths(film, media)
    timed = lengths_s.keys() >= film.scenes.keys()
    flow = flow_of(film, earliest_s(film, lengths_s) if timed else None)
    problems = chain(
        clip_problems(film, media) if media is not None else (),
        branching_problems(film, flow),
        evidence_problems(film),
        schedule_problems(film, lengths_s if timed else None, preroll),
        content_problems(film),
    )
    return in_file_order(_once(problems))


def _once(problems: Iterable[Problem]) -> Iterator[Problem]:
    """Say what is the same in several places at the first, and name the others."""
    places: dict[Problem, dict[str, None]] = {}
    for problem in problems:
        places.setdefault(replace(problem, where=""), {})[problem.where] = None
    for problem, where in places.items():
        first, *others = sorted(where, key=place_of)
        yield replace(problem, where=first, what=problem.what + _also(others))


def _also(others: list[str]) -> str:
    lines = list(dict.fromkeys(str(place_of(where)[0]) for where in others))
    if not lines:
        return ""
    return f" (also line{'s' * (len(lines) > 1)} {and_more(lines, _NAMED)})"
