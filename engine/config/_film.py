"""A film and its clips, probed and checked together."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import narrative
import playback
from narrative import Film, FilmError, Media, Problem, Scene
from playback import Bed, Clip, FilmTable, MediaError, MediaFacts, Needs, TableScene

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
    facts = probe_clips(film, path.parent)
    media = {clip: media_of(found) for clip, found in facts.items()}
    faults = [p for p in narrative.check_film(film, media) if p.severity == "error"]
    faults.extend(bed_problems(film, path.parent))
    if faults:
        raise FilmError(faults)
    return FilmFile(film, text, _table(film, path.parent, media), _needs(film, facts.values()))


def probe_clips(film: Film, folder: Path) -> dict[str, MediaFacts | str]:
    """Look at every clip of a film once.

    Parameters
    ----------
    film : Film
        The film.
    folder : Path
        What its clips' paths are relative to.

    Returns
    -------
    dict of str to MediaFacts or str
        Clip as the film names it -> what it is, or why it cannot be read.
    """
    return {
        clip: _probe(folder / clip)
        for clip in dict.fromkeys(scene.clip for scene in film.scenes.values())
    }


def media_of(facts: MediaFacts | str) -> Media | str:
    """Give a clip's facts as the film's checks take them."""
    if isinstance(facts, str):
        return facts
    return Media(
        facts.frames, facts.fps, facts.width, facts.height, facts.audio_rate, facts.channels
    )


def bed_problems(film: Film, folder: Path) -> Iterator[Problem]:
    """Yield what is wrong with a film's music.

    Parameters
    ----------
    film : Film
        The film.
    folder : Path
        What its beds' paths are relative to.
    """
    for bed in film.beds.values():
        try:
            playback.probe_sound(str(folder / bed.file))
        except MediaError as error:
            place = film.where(f"beds.{bed.name}", "beds")
            yield Problem(place, f'bed "{bed.name}": {error}', "Correct its path, or the file.")


def as_shown(loaded: FilmFile, *, linear: bool) -> FilmFile:
    """Give a film as a show asks for it: as it is, or along the director's path."""
    if not linear:
        return loaded
    film = loaded.film.as_linear()
    table = replace(
        loaded.table,
        scenes=tuple(
            replace(entry, default=film.scenes[entry.scene].default, targets=())
            for entry in loaded.table.scenes
        ),
    )
    return replace(loaded, film=film, table=table)


def planned_table(film: Film) -> FilmTable:
    """Give a film as the player would have it, with every clip at the length it is planned at.

    Parameters
    ----------
    film : Film
        Its clips need not exist; scenes without a planned length count as one frame.
    """
    scenes = tuple(
        _entry(
            scene, scene.clip, scene.in_frame + max(1, round((scene.length_s or 0.0) * film.fps))
        )
        for scene in film.scenes.values()
    )
    beds = (Bed(bed.name, bed.file, bed.gain_db, bed.fade_s) for bed in film.beds.values())
    return _as_table(film, scenes, tuple(beds))


def where_read(film: Film, name: str) -> str:
    """Give the first place in a film that reads a signal, or a zone of the hall, of this name."""
    return next(place for scene in film.scenes.values() for place in _readings(scene, name))


def _readings(scene: Scene, name: str) -> Iterator[str]:
    for i, branch in enumerate(scene.branches):
        if name in branch.when.signals | branch.when.zones:
            yield scene.where(f"branches.{i}.when")
    for i, modulation in enumerate(scene.modulations):
        if name in (modulation.signal.signal, modulation.signal.zone):
            yield scene.where(f"modulations.{i}")


def film_hash(text: str, table: FilmTable) -> str:
    """Hash a film's text, and its clips' and beds' sizes and first and last megabytes."""
    files = {entry.clip.path: entry.scene for entry in reversed(table.scenes)}
    files |= {bed.path: bed.name for bed in table.beds}
    digest = hashlib.sha256(text.encode())
    for path, name in reversed(files.items()):
        with open(path, "rb") as clip:
            size = clip.seek(0, os.SEEK_END)
            clip.seek(0)
            digest.update(f"{name} {size} ".encode() + clip.read(_HASHED_BYTES))
            clip.seek(max(0, size - _HASHED_BYTES))
            digest.update(clip.read(_HASHED_BYTES))
    return digest.hexdigest()


def _probe(path: Path) -> MediaFacts | str:
    try:
        return playback.probe(str(path))
    except MediaError as error:
        return str(error)


def _needs(film: Film, clips: Iterable[MediaFacts | str]) -> Needs:
    """Work out what the film asks of a driver: formats, channels of sound, beds and levels."""
    facts = [clip for clip in clips if not isinstance(clip, str)]
    codecs = {codec for clip in facts for codec in clip.codecs}
    channels = max((clip.channels for clip in facts), default=0)
    return Needs(channels=channels, formats=tuple(sorted(codecs)), beds=bool(film.beds))


def _table(film: Film, folder: Path, media: Mapping[str, Media | str]) -> FilmTable:
    entries = []
    for scene in film.scenes.values():
        facts = media[scene.clip]
        assert isinstance(facts, Media)
        entries.append(_entry(scene, str((folder / scene.clip).resolve()), facts.frames))
    beds = (
        Bed(bed.name, str((folder / bed.file).resolve()), bed.gain_db, bed.fade_s)
        for bed in film.beds.values()
    )
    return _as_table(film, tuple(entries), tuple(beds))


def _entry(scene: Scene, path: str, end_frame: int) -> TableScene:
    """Give a scene with its stretch of the clip, to the clip's end where it names none."""
    until = end_frame if scene.out_frame is None else scene.out_frame
    clip = Clip(path, scene.in_frame, until - scene.in_frame)
    targets = tuple(branch.to for branch in scene.branches)
    return TableScene(scene.name, clip, scene.default, targets, scene.bed)


def _as_table(film: Film, scenes: tuple[TableScene, ...], beds: tuple[Bed, ...]) -> FilmTable:
    title = film.title.get("en") or next(iter(film.title.values()), "")
    fps = film.fps
    return FilmTable(fps.numerator, fps.denominator, film.start, scenes, title, beds)
