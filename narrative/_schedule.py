"""What a film asks of the player and of the evening: candidates, decisions, running time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from narrative._film import Film
from narrative._guard import format_number
from narrative._multiplicity import decision_points
from narrative._problem import Problem
from narrative._running import defaults_s

__all__ = ["schedule_problems"]

_LEAST_P: Final = 0.001
"""The rule's own t > 3 gives p < 0.004 with 20 seats: a film that asks for less than a quarter of
it hears few of its audiences."""


def schedule_problems(
    film: Film, lengths_s: Mapping[str, float] | None, preroll: int | None
) -> Iterator[Problem]:
    """Yield what the hall cannot keep up with.

    Parameters
    ----------
    film : Film
        From `load_film`.
    lengths_s : Mapping of str to float or None
        Each scene's length in seconds; None if not all are known.
    preroll : int or None
        How many candidates the player can open at once; None where nobody knows.

    Yields
    ------
    Problem
        Warnings and notes.
    """
    if preroll is not None:
        yield from _candidates(film, preroll)
    yield from _linear(film)
    if lengths_s is not None:
        yield from _too_long(film, lengths_s)
        yield from _too_dense(film, lengths_s)


def _candidates(film: Film, preroll: int) -> Iterator[Problem]:
    for scene in film.scenes.values():
        count = len(scene.candidates)
        if count > preroll:
            what = f'{count} scenes may follow "{scene.of}", and the player opens {preroll} at once'
            remedy = (
                "The last of them may start late. Let fewer follow, or put a short scene between"
                " that has some of the branches."
            )
            where = scene.where("branches")
            yield Problem(where, what, remedy, "warning")


def _linear(film: Film) -> Iterator[Problem]:
    """Find steps of the director's path that no audience can make."""
    for scene in film.scenes.values():
        if scene.linear is not None and scene.linear not in scene.candidates:
            to = film.scenes[scene.linear].of
            what = f'the linear path goes from "{scene.of}" to "{to}", where no branch leads'
            remedy = "It is shown in linear screenings only; make sure that it is meant."
            yield Problem(scene.where("linear"), what, remedy, "note")


def _too_long(film: Film, lengths_s: Mapping[str, float]) -> Iterator[Problem]:
    lasts_s = defaults_s(film, lengths_s)[film.start]
    if lasts_s > film.max_runtime_s:
        what = (
            f"the defaults alone last {format_number(round(lasts_s, 1))} s,"
            f" longer than max_runtime ({format_number(film.max_runtime_s)} s)"
        )
        remedy = "Nothing is asked after max_runtime. Raise it, or shorten the defaults' path."
        yield Problem(film.where("max_runtime"), what, remedy, "warning")


def _too_dense(film: Film, lengths_s: Mapping[str, float]) -> Iterator[Problem]:
    points = decision_points(film, lengths_s)
    if points and (1.0 - film.confidence) / points < _LEAST_P:
        what = (
            f"{points} decision points on one path: each reading needs"
            f" p < {(1.0 - film.confidence) / points:.1g} to count"
        )
        most = int((1.0 - film.confidence) / _LEAST_P)
        remedy = (
            f"Few audiences are as sure as that. Ask {most} times at most: fewer loops, a shorter"
            " max_runtime, longer scenes; or accept a lower confidence."
        )
        yield Problem(film.where("max_runtime"), what, remedy, "warning")
