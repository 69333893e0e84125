"""A film and its clips, probed and checked together."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import narrative
import playback
from narrative import Film, FilmError, Media, Problem
from playback import Clip, FilmTable, MediaError, MediaFacts, Needs, TableScene

_HASHED_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class FilmFile:
    """A film that is fit to be shown.

    Attributes
    ----------
    film : Film
        The branch graph.
    text : str
        Its source.
    table : FilmTable
        What the player gets.
    needs : Needs
        What the player's driver must be able to do.
    """

    film: Film
    text: str
    table: FilmTable
    needs: Needs


def load_film(path: Path) -> FilmFile:
    """Read a film, probe its clips and check the two together.

    Raises
    ------
    FileNotFoundError
        There is no such file.
    FilmError
        The film or a clip is not fit to be shown.
    """
    try:
        text = path.read_text("utf-8")
    except UnicodeDecodeError as error:
        problem = Problem(
            f"{path.name}:1:1", f"not UTF-8 text ({error.reason})", "Save it as UTF-8."
        )
        raise FilmError((problem,)) from None
    except IsADirectoryError:
        raise FileNotFoundError(path) from None
    film = narrative.load_film(text, path.name)
    facts = {scene.clip: _probe(path.parent / scene.clip) for scene in film.scenes.values()}
    media = {clip: _media(found) for clip, found in facts.items()}
    problems = narrative.check_film(film, media)
    if problems:
        raise FilmError(problems)
    return FilmFile(film, text, _table(film, path.parent, media), _needs(facts.values()))


def planned_table(film: Film) -> FilmTable:
    """Give a film as the player would have it, with every clip at the length it is planned at.

    Parameters
    ----------
    film : Film
        Its clips need not exist; scenes without a planned length count as one frame.
    """
    scenes = tuple(
        _entry(name, Clip(scene.clip, 0, max(1, round((scene.length_s or 0.0) * film.fps))), film)
        for name, scene in film.scenes.items()
    )
    return _as_table(film, scenes)


def where_read(film: Film, signal: str) -> str:
    """Give the place of the first guard that reads a signal which the film reads."""
    return next(
        scene.source[f"branches.{number}.when"]
        for scene in film.scenes.values()
        for number, branch in enumerate(scene.branches)
        if signal in branch.when.signals
    )


def film_hash(text: str, table: FilmTable) -> str:
    """Hash a film's text, and its clips' sizes and first and last megabytes."""
    digest = hashlib.sha256(text.encode())
    for entry in table.scenes:
        with open(entry.clip.path, "rb") as clip:
            size = clip.seek(0, os.SEEK_END)
            clip.seek(0)
            digest.update(f"{entry.scene} {size} ".encode() + clip.read(_HASHED_BYTES))
            clip.seek(max(0, size - _HASHED_BYTES))
            digest.update(clip.read(_HASHED_BYTES))
    return digest.hexdigest()


def _probe(path: Path) -> MediaFacts | str:
    try:
        return playback.probe(str(path))
    except MediaError as error:
        return str(error)


def _media(facts: MediaFacts | str) -> Media | str:
    if isinstance(facts, str):
        return facts
    return Media(facts.frames, facts.fps, facts.width, facts.height, facts.audio_rate)


def _needs(clips: Iterable[MediaFacts | str]) -> Needs:
    """Work out what the clips ask of a driver: their formats and their channels of sound."""
    facts = [clip for clip in clips if not isinstance(clip, str)]
    codecs = {codec for clip in facts for codec in clip.codecs}
    channels = max((clip.channels for clip in facts), default=0)
    return Needs(channels=channels, formats=tuple(sorted(codecs)))


def _table(film: Film, folder: Path, media: Mapping[str, Media | str]) -> FilmTable:
    entries = []
    for name, scene in film.scenes.items():
        facts = media[scene.clip]
        assert isinstance(facts, Media)
        clip = Clip(str((folder / scene.clip).resolve()), 0, facts.frames)
        entries.append(_entry(name, clip, film))
    return _as_table(film, tuple(entries))


def _entry(name: str, clip: Clip, film: Film) -> TableScene:
    scene = film.scenes[name]
    return TableScene(name, clip, scene.default, tuple(branch.to for branch in scene.branches))


def _as_table(film: Film, scenes: tuple[TableScene, ...]) -> FilmTable:
    title = film.title.get("en") or next(iter(film.title.values()), "")
    return FilmTable(film.fps.numerator, film.fps.denominator, film.start, scenes, title)
