"""A film and all it needs, gathered for a package."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from engine.authoring._checking import read_film
from engine.packages import FILM, Manifest, PackageError, write_package, wrong_name
from narrative import Film

__all__ = ["files_of", "pack_film"]


def pack_film(path: Path, out: Path, progress: Callable[[int, int], object]) -> Manifest:
    """Pack a film with its clips, music, grades and journeys.

    Parameters
    ----------
    path : Path
        The film file.
    out : Path
        The package.
    progress : callable
        Called with the bytes done and all there are.

    Raises
    ------
    FileNotFoundError
        There is no such film file.
    FilmError
        The film cannot be loaded.
    PackageError
        A file is missing, or lies where a package cannot hold it.
    """
    files = files_of(path, read_film(path))
    total = 2 * sum(file.stat().st_size for file in files.values())
    done = 0

    def add(count: int) -> None:
        nonlocal done
        done += count
        progress(done, total)

    return write_package(out, files, add)


def files_of(path: Path, film: Film) -> dict[str, Path]:
    """Give a film's files by their names in a package.

    Raises
    ------
    PackageError
        A file is missing, or lies where a package cannot hold it.
    """
    files = {FILM: path}
    for where, name in _named(film):
        inside = name.removeprefix("./")
        if (why := wrong_name(inside)) is not None:
            raise PackageError(
                f'{where}: "{name}": {why}; keep it in the film\'s folder to pack it'
            )
        if not (path.parent / inside).is_file():
            raise PackageError(f'{where}: "{name}": there is no such file')
        files[inside] = path.parent / inside
    for journey in sorted(path.parent.glob("journeys/*.yaml")):
        files[f"journeys/{journey.name}"] = journey
    return files


def _named(film: Film) -> Iterator[tuple[str, str]]:
    """Yield the places at which the film names a file, and the file."""
    for scene in film.scenes.values():
        yield scene.where("clip"), scene.clip
        for number, modulation in enumerate(scene.modulations):
            if modulation.drives == "grade":
                place = f"modulations.{number}"
                yield scene.where(place), modulation.target
    for bed in film.beds.values():
        yield film.where(f"beds.{bed.name}"), bed.file
