"""Commands about films: check, and sketch what is missing."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from engine.cli._base import out, progress_bar, refuse
from engine.config import load_film
from narrative import Film, decision_points
from narrative import load_film as parse_film
from playback import Sketch, make_sketches


def check(path: Annotated[Path, typer.Argument(metavar="FILM.yaml")]) -> None:
    """Check a film and its clips before anyone sits down."""
    try:
        checked = load_film(path)
    except FileNotFoundError:
        refuse(f"there is no film at {path}")
    film = checked.film
    frames = {entry.scene: entry.clip.frames for entry in checked.table.scenes}
    listing = Table("scene", "seconds", "reads", "then", box=None)
    for name, scene in film.scenes.items():
        then = [f"{branch.to} when {branch.when.text}" for branch in scene.branches]
        then.append(f"{scene.default} by default" if scene.default else "the end")
        window = scene.reading
        reads = f"{window.from_s:g}-{window.to_s:g} s" if window else ""
        listing.add_row(
            name, f"{float(frames[name] / film.fps):.1f}", reads, escape("\n".join(then))
        )
    out.print(listing)
    out.print(_points(film, {name: float(n / film.fps) for name, n in frames.items()}))
    out.print(f"[green]{escape(path.name)} is fit to be shown.[/]")


def _points(film: Film, lengths_s: Mapping[str, float]) -> str:
    """Say how sure each reading must be, so that the whole film is."""
    points = decision_points(film, lengths_s)
    if not points:
        return "no decision points"
    what = f"{points} decision points on the longest path" if points > 1 else "1 decision point"
    p = (1 - film.confidence) / points
    each = " each" if points > 1 else ""
    return f"{what}: a confidence of {film.confidence:g} means p < {p:.2g}{each}"


def sketch(path: Annotated[Path, typer.Argument(metavar="FILM.yaml")]) -> None:
    """Make a generated stand-in for every clip that is missing and has a `length`."""
    if not path.is_file():
        refuse(f"there is no film at {path}")
    sketch_missing(path)


def sketch_missing(path: Path) -> None:
    """Make the clips that are missing."""
    film = parse_film(path.read_text("utf-8"), path.name)
    sketches = _missing(film, path.parent)
    if not sketches:
        return
    with progress_bar() as progress:
        task = progress.add_task("making clips", total=None)
        make_sketches(
            sketches,
            fps=film.fps,
            progress=lambda done, total: progress.update(task, completed=done, total=total),
        )


def _missing(film: Film, folder: Path) -> list[Sketch]:
    sketches = []
    for number, (name, scene) in enumerate(film.scenes.items(), start=1):
        path = folder / scene.clip
        if path.exists():
            continue
        if scene.length_s is None:
            refuse(f"{scene.source['']}: scene {name} has no clip and no `length` to sketch one by")
        path.parent.mkdir(parents=True, exist_ok=True)
        titles = scene.title
        sketches.append(
            Sketch(
                path=str(path),
                number=number,
                title=titles.get("en", name),
                subtitle=titles.get("zh-Hant", ""),
                seconds=scene.length_s,
                landscape=name,
            )
        )
    return sketches
