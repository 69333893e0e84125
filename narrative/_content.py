"""What the audience should be told of a film, and is not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from narrative._film import Film
from narrative._problem import Problem

__all__ = ["content_problems"]

LANGUAGES: Final = ("en", "zh-Hant")
"""A festival's programme and slate are in both."""

_FLASHES: Final = ("flash", "strob", "photosens", "閃", "頻閃", "光敏")
"""Parts of words by which a warning of flashes is known."""


def content_problems(film: Film) -> Iterator[Problem]:
    """Yield missing translations and marks.

    Parameters
    ----------
    film : Film
        From `load_film`.

    Yields
    ------
    Problem
        Warnings and notes.
    """
    yield from _marks(film)
    place = film.source[""]
    if not film.synopsis:
        remedy = "Add synopsis: {en: ..., zh-Hant: ...}: the programme prints it."
        yield Problem(place, "the film has no synopsis", remedy, "note")
    yield from _untranslated("the title", film.title, film.source.get("title", place))
    yield from _untranslated("the synopsis", film.synopsis, film.source.get("synopsis", place))
    for warning in film.warnings:
        yield from _untranslated("a warning", warning, film.source.get("warnings", place))
    for scene in film.scenes.values():
        place = scene.source[""]
        where = scene.source.get("title", place)
        yield from _untranslated("the title of a scene", scene.title, where)
        for warning in scene.warnings:
            where = scene.source.get("warnings", place)
            yield from _untranslated("the warning of a scene", warning, where)


def _untranslated(what: str, text: Mapping[str, str], where: str) -> Iterator[Problem]:
    for language in LANGUAGES:
        if text and language not in text:
            remedy = f"Add {language}: ..., so that every visitor can read it."
            yield Problem(where, f"{what} is not given in {language}", remedy, "note")


def _marks(film: Film) -> Iterator[Problem]:
    """Find flashes that a scene knows of, and the audience is not told."""
    if film.photosensitive:
        return
    remedy = "Add photosensitive: true at the top of the film, so that the audience is told."
    for scene in film.scenes.values():
        if scene.photosensitive:
            where = scene.source.get("photosensitive", scene.source[""])
            yield Problem(
                where, "a scene is marked photosensitive, the film is not", remedy, "warning"
            )
        elif _tell_of_flashes(scene.warnings):
            where = scene.source.get("warnings", scene.source[""])
            what = "a warning tells of flashes, but the film is not marked photosensitive"
            yield Problem(where, what, remedy, "warning")
    if _tell_of_flashes(film.warnings):
        where = film.source.get("warnings", film.source[""])
        what = "a warning tells of flashes, but the film is not marked photosensitive"
        yield Problem(where, what, remedy, "warning")


def _tell_of_flashes(warnings: tuple[Mapping[str, str], ...]) -> bool:
    texts = (text.lower() for warning in warnings for text in warning.values())
    return any(word in text for text in texts for word in _FLASHES)
