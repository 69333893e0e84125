"""What the film commands share, and two of them: sketch what is missing, and test journeys."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, TypeAlias

import typer
from rich.markup import escape

from engine.authoring import (
    known_lengths,
    read_film,
    sketch_bed,
)
from engine.cli._base import cache, err, out, progress_bar, refuse
from engine.packages import film_at
from narrative import Film, FilmError, Problem, Severity, load_journey, run_journey
from playback import Sketch, make_sketches

FilmPath: TypeAlias = Annotated[Path, typer.Argument(metavar="FILM.yaml")]

STYLES: Mapping[Severity, str] = {"error": "red", "warning": "yellow", "note": "dim"}


def film_file(path: Path) -> Path:
    """Give the film file that was named, out of its package if it is in one."""
    try:
        return film_at(path, cache())
    except FileNotFoundError:
        refuse(f"there is no film at {path}")


def load(path: Path) -> Film:
    """Load a film, or say why not."""
    try:
        return read_film(film_file(path))
    except FileNotFoundError:
        refuse(f"there is no film at {path}")


def print_problems(problems: Sequence[Problem]) -> None:
    """Tell problems, errors where errors belong."""
    for problem in problems:
        to = err if problem.severity == "error" else out
        style = STYLES[problem.severity]
        to.print(f"  {escape(str(problem))}", style=style, soft_wrap=True, highlight=False)


def count(number: int, what: str) -> str:
    """Tell how many of something."""
    return f"{number} {what}{'' if number == 1 else 's'}"


def test(path: FilmPath) -> None:
    """Run a film's journeys, `journeys/*.yaml` beside it: ways that must keep working.

    Status 0 only if every one of them went as it is written.
    """
    film, folder = load(path), film_file(path).parent / "journeys"
    journeys = sorted(folder.glob("*.yaml"))
    if not journeys:
        refuse(f"there are no journeys in {folder}; write some: hall film new shows how")
    lengths_s = known_lengths(film, folder.parent)
    failed = 0
    for file in journeys:
        problems = _travel(film, file, lengths_s)
        failed += bool(problems)
        mark = "[red]broken[/]" if problems else "[green]holds [/]"
        out.print(f"{mark} {escape(file.name)}", highlight=False)
        print_problems(problems)
    out.print(f"{len(journeys) - failed} of {count(len(journeys), 'journey')} hold")
    if failed:
        raise SystemExit(1)


def _travel(film: Film, file: Path, lengths_s: dict[str, float]) -> tuple[Problem, ...]:
    try:
        text = file.read_text("utf-8")
        return run_journey(film, load_journey(text, file.name, film), lengths_s)
    except FilmError as error:
        return error.problems
    except UnicodeDecodeError:
        return (Problem(f"{file.name}:1:1", "not UTF-8 text", "Save it as UTF-8."),)


def sketch(path: FilmPath) -> None:
    """Make a generated stand-in for every missing clip that has a `length`, and for music."""
    if not path.is_file():
        refuse(f"there is no film at {path}")
    sketch_missing(path)


def sketch_missing(path: Path) -> None:
    """Make the clips and the music that are missing."""
    film = read_film(path)
    for bed in film.beds.values():
        if not (path.parent / bed.file).exists():
            sketch_bed(path.parent / bed.file)
    sketches = _sketches(film, path.parent)
    if not sketches:
        return
    with progress_bar() as progress:
        task = progress.add_task("making clips", total=None)
        make_sketches(
            sketches,
            fps=film.fps,
            progress=lambda done, total: progress.update(task, completed=done, total=total),
        )


def is_sketchable(film: Film, folder: Path) -> bool:
    """Tell whether a clip is missing that could be sketched."""
    scenes = film.scenes.values()
    return any(s.length_s is not None and not (folder / s.clip).exists() for s in scenes)


def _sketches(film: Film, folder: Path) -> list[Sketch]:
    """Work out what to draw: each missing file once, as long as its longest user needs it."""
    sketches: dict[str, Sketch] = {}
    for name, scene in film.scenes.items():
        path = folder / scene.clip
        if path.exists():
            continue
        if scene.length_s is None:
            refuse(f"{scene.source['']}: scene {name} has no clip and no `length` to sketch one by")
        seconds = float(scene.in_frame / film.fps) + scene.length_s
        earlier = sketches.get(scene.clip)
        if earlier is not None and earlier.seconds >= seconds:
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        titles = scene.title
        sketches[scene.clip] = Sketch(
            path=str(path),
            number=earlier.number if earlier else len(sketches) + 1,
            title=titles.get("en", scene.of),
            subtitle=titles.get("zh-Hant", ""),
            seconds=seconds,
            landscape=name,
        )
    return list(sketches.values())
