"""What the audience should be told of a film, and is not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from narrative._film import Film, Scene
from narrative._problem import Problem

__all__ = ["content_problems"]

_LANGUAGES: Final = ("en", "zh-Hant")
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
    if not film.synopsis:
        remedy = "Add synopsis: {en: ..., zh-Hant: ...}: the programme prints it."
        yield Problem(film.where(), "the film has no synopsis", remedy, "note")
    yield from _untranslated("the title", film.title, film.where("title"))
    yield from _untranslated("the synopsis", film.synopsis, film.where("synopsis"))
    for warning in film.warnings:
        yield from _untranslated("a warning", warning, film.where("warnings"))
    for scene in film.scenes.values():
        yield from _untranslated("the title of a scene", scene.title, scene.where("title"))
        for warning in scene.warnings:
            yield from _untranslated("the warning of a scene", warning, scene.where("warnings"))


def _untranslated(what: str, text: Mapping[str, str], where: str) -> Iterator[Problem]:
    for language in _LANGUAGES:
        if text and language not in text:
            remedy = f"Add {language}: ..., so that every visitor can read it."
            yield Problem(where, f"{what} is not given in {language}", remedy, "note")


def _marks(film: Film) -> Iterator[Problem]:
    """Find flashes that a scene knows of, and the audience is not told."""
    if film.photosensitive:
        return
    remedy = "Add photosensitive: true at the top of the film, so that the audience is told."
    unmarked: list[Film | Scene] = [film]
    for scene in film.scenes.values():
        if not scene.photosensitive:
            unmarked.append(scene)
        else:
            what = "a scene is marked photosensitive, the film is not"
            yield Problem(scene.where("photosensitive"), what, remedy, "warning")
    for told in unmarked:
        if _tell_of_flashes(told.warnings):
            what = "a warning tells of flashes, but the film is not marked photosensitive"
            yield Problem(told.where("warnings"), what, remedy, "warning")


def _tell_of_flashes(warnings: tuple[Mapping[str, str], ...]) -> bool:
    texts = (text.lower() for warning in warnings for text in warning.values())
    return any(word in text for text in texts for word in _FLASHES)
