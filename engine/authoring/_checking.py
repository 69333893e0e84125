"""A film checked before anyone sits down: its graph, its clips, what is in them, its figures."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, TypeAlias

from engine.authoring._media import Looked, inspect_clips, media_problems
from engine.config import ShowError, bed_problems, load_show, media_of, probe_clips
from narrative import (
    Film,
    FilmError,
    Problem,
    check_film,
    decision_points,
    in_file_order,
    load_film,
    planned_lengths,
    running_time,
)
from playback import MOST_PREROLLED

__all__ = ["Checked", "Depth", "Figures", "check_film_file", "known_lengths", "read_film"]

Depth: TypeAlias = Literal["graph", "clips", "media"]
"""How far a check goes: the film file alone, its clips' facts too, what is in the clips too."""

Progress: TypeAlias = Callable[[str, float], object]
"""Called with what is being done, and how much of it is done (0 to 1)."""


@dataclass(frozen=True, slots=True)
class Figures:
    """A film in numbers.

    Parameters
    ----------
    scenes, endings : int
        As the filmmaker wrote them.
    decision_points : int
        On the path that has most of them.
    p : float or None
        What each reading must be below, so that the film's confidence is kept; None where nothing
        is decided.
    shortest_s, expected_s, longest_s : float
        Running time; expected where every branch and the default are equally likely.
    candidates : int
        Most scenes that may follow one scene: the player opens so many at once.
    """

    scenes: int
    endings: int
    decision_points: int
    p: float | None
    shortest_s: float
    expected_s: float
    longest_s: float
    candidates: int


@dataclass(frozen=True, slots=True)
class Checked:
    """What a check found.

    Parameters
    ----------
    problems : tuple of Problem
        The film's, in file order, those of the show file last.
    film : Film or None
        None where it cannot be loaded.
    lengths_s : Mapping of str to float
        Length of each flat scene, as far as it is known.
    figures : Figures or None
        None where the film, or the length of a scene, is not known.
    looked : tuple of Looked
        What was found in the clips, if they were looked into.
    """

    problems: tuple[Problem, ...]
    film: Film | None = None
    lengths_s: Mapping[str, float] = field(default_factory=dict)
    figures: Figures | None = None
    looked: tuple[Looked, ...] = ()

    @property
    def fit(self) -> bool:
        """Whether the film can be shown."""
        return not any(problem.severity == "error" for problem in self.problems)


def read_film(path: Path) -> Film:
    """Read a film file; its clips are not looked at.

    Raises
    ------
    FileNotFoundError
        There is no such file.
    FilmError
        It is no film.
    """
    try:
        text = path.read_text("utf-8")
    except UnicodeDecodeError as error:
        what = f"not UTF-8 text ({error.reason})"
        raise FilmError([Problem(f"{path.name}:1:1", what, "Save it as UTF-8.")]) from None
    except IsADirectoryError:
        raise FileNotFoundError(path) from None
    return load_film(text, path.name)


def known_lengths(film: Film, folder: Path) -> dict[str, float]:
    """Give each flat scene's length in seconds: as planned, or where that is not said, its clip's.

    Raises
    ------
    FilmError
        A scene has neither a clip nor a planned length.
    """
    lengths_s = planned_lengths(film)
    if lengths_s.keys() < film.scenes.keys():
        facts = probe_clips(film, folder)
        lengths_s = planned_lengths(film, {clip: media_of(f) for clip, f in facts.items()})
    problems = [
        Problem(
            scene.source[""],
            f'scene "{scene.of}" has neither a clip nor a length',
            "Write length: 24 s, or correct the path of its clip.",
        )
        for name, scene in film.scenes.items()
        if name not in lengths_s
    ]
    if problems:
        raise FilmError(problems)
    return lengths_s


def check_film_file(
    path: Path,
    *,
    depth: Depth,
    cache: Path,
    show: Path | None = None,
    progress: Progress = lambda what, done: None,
) -> Checked:
    """Check a film file.

    Parameters
    ----------
    path : Path
        The film file.
    depth : {"graph", "clips", "media"}
        How far to go.
    cache : Path
        Folder for what can be made again: what was found in clips is kept there.
    show : Path, optional
        A show file: the film is checked against its headsets and zones too.
    progress : callable, optional
        Called with what is being done, and how much of it is done (0 to 1).

    Raises
    ------
    FileNotFoundError
        There is no such file.
    """
    try:
        film = read_film(path)
    except FilmError as error:
        return Checked(error.problems)
    facts = probe_clips(film, path.parent) if depth != "graph" else None
    media = {clip: media_of(found) for clip, found in facts.items()} if facts is not None else None
    lengths_s = planned_lengths(film, media)
    problems = check_film(film, media, lengths_s, preroll=MOST_PREROLLED)
    if depth != "graph":
        problems += tuple(bed_problems(film, path.parent))
    looked: tuple[Looked, ...] = ()
    if depth == "media" and facts is not None:
        readable = [clip for clip, found in facts.items() if not isinstance(found, str)]
        looked = inspect_clips(readable, path.parent, cache, progress)
        problems += tuple(media_problems(film, looked))
    return Checked(
        in_file_order(problems) + (_new(_show_problems(show), problems) if show else ()),
        film,
        lengths_s,
        _figures(film, lengths_s),
        looked,
    )


def _new(found: Sequence[Problem], known: Sequence[Problem]) -> tuple[Problem, ...]:
    """Leave out what is known: a show that is loaded checks its film too."""
    wrong = {problem.where for problem in known if problem.severity == "error"}
    return tuple(problem for problem in found if problem.where not in wrong)


def _show_problems(path: Path) -> tuple[Problem, ...]:
    """Give what is wrong with a show: what its film reads and it has not is among it."""
    try:
        load_show(path, boards=False)
    except ShowError as error:
        return tuple(error.problems)
    return ()


def _figures(film: Film, lengths_s: Mapping[str, float]) -> Figures | None:
    if not lengths_s.keys() >= film.scenes.keys():
        return None
    points = decision_points(film, lengths_s)
    time = running_time(film, lengths_s)
    written = {scene.of: scene for scene in film.scenes.values()}
    return Figures(
        scenes=len(written),
        endings=len({scene.of for scene in film.scenes.values() if scene.ending}),
        decision_points=points,
        p=(1 - film.confidence) / points if points else None,
        shortest_s=time.shortest_s,
        expected_s=time.expected_s,
        longest_s=time.longest_s,
        candidates=max(len(scene.candidates) for scene in film.scenes.values()),
    )
