"""Commands that bring films in and out: new, import, export, pack, unpack, timeline, schema."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from engine.authoring import (
    Imported,
    Shot,
    import_story,
    import_timeline,
    known_lengths,
    new_film,
    pack_film,
    session_timeline,
    timeline_text,
    way_through,
)
from engine.cli._base import err, out, progress_bar, refuse
from engine.cli._films import FilmPath, film_file, load, print_problems
from engine.packages import SUFFIX, unpack
from narrative import Film, Problem, as_dot, as_mermaid, as_svg, film_schema
from playback import Clip

_STORIES = (".twee", ".tw", ".html", ".htm")


class Form(StrEnum):
    """What a film is written out as."""

    mermaid = "mermaid"
    dot = "dot"
    svg = "svg"
    otio = "otio"


def new(folder: Annotated[Path, typer.Argument(metavar="FOLDER")]) -> None:
    """Lay out a small film to start from, with journeys and an audience to try it on."""
    film = new_film(folder)
    out.print(f"wrote {escape(str(film))}, journeys, a show file and a README", soft_wrap=True)
    out.print(f"next: hall film sketch {escape(str(film))}", soft_wrap=True)


def schema() -> None:
    """Print the film format as a JSON Schema, for an editor's completion."""
    typer.echo(json.dumps(film_schema(), indent=2, ensure_ascii=False))


def pack(
    path: FilmPath,
    to: Annotated[Path | None, typer.Argument(metavar="[OUT.hallfilm]", show_default=False)] = None,
) -> None:
    """Pack a film with all it needs into one file for the hall; every part is hashed."""
    source = film_file(path)
    target = to or source.with_suffix(SUFFIX)
    if not source.is_file():
        refuse(f"there is no film at {path}")
    if target.suffix != SUFFIX:
        refuse(f"{target}: a package's name ends in {SUFFIX}")
    with progress_bar() as progress:
        task = progress.add_task("packing", total=None)
        manifest = pack_film(
            source,
            target,
            lambda done, total: progress.update(task, completed=done, total=total),
        )
    size = sum(entry.size for entry in manifest.files)
    out.print(
        f"wrote {escape(str(target))}: {len(manifest.files)} files, {size / 1e6:.1f} MB, "
        f"manifest {manifest.sha256[:12]}",
        soft_wrap=True,
    )


def unpack_command(
    package: Annotated[Path, typer.Argument(metavar="FILM.hallfilm")],
    to: Annotated[Path | None, typer.Argument(metavar="[FOLDER]", show_default=False)] = None,
) -> None:
    """Unpack a film package into a new folder; every part's hash is checked."""
    if not package.is_file():
        refuse(f"there is no package at {package}")
    folder = to or package.with_suffix("")
    with progress_bar() as progress:
        task = progress.add_task("unpacking", total=package.stat().st_size)
        manifest = unpack(package, folder, lambda done: progress.advance(task, done))
    out.print(f"wrote {len(manifest.files)} files to {escape(str(folder))}", soft_wrap=True)


def import_command(
    source: Annotated[Path, typer.Argument(metavar="STORY.twee|story.html|cut.otio")],
    to: Annotated[Path, typer.Option("--out", help="The film file; must not be there yet.")] = Path(
        "film.yaml"
    ),
) -> None:
    """Make a film of a Twine story or an editor's timeline, and list what could not be taken.

    Of a story: passages become scenes, links branches in their order, the first or one marked
    (default) the default. `[[...]] when GUARD` or a line `-> target when GUARD` gives a branch its
    guard. Tags: ending, lead-in, clip:file.mkv, length:24s, photosensitive.

    Of a timeline (.otio): the clips of the first video track, one after another.
    """
    if to.exists():
        refuse(f"{to} is there already; name another file (--out)")
    made = _imported(source, _text(source), to)
    to.parent.mkdir(parents=True, exist_ok=True)
    to.write_text(made.text, "utf-8")
    _tell("not taken, or guessed:", made.notes)
    out.print(f"wrote {escape(str(to))}", soft_wrap=True)
    if made.problems:
        err.print("before it can be shown:", style="red")
        print_problems(made.problems)
        raise SystemExit(1)
    out.print(f"next: hall film sketch {escape(str(to))}", soft_wrap=True)


def _imported(source: Path, text: str, to: Path) -> Imported:
    suffix = source.suffix.lower()
    if suffix == ".otio":
        here, there = source.parent.resolve(), to.parent.resolve()
        return import_timeline(text, source.name, to.name, source=here, target=there)
    if suffix not in _STORIES:
        refuse(f"{source}: neither a story ({', '.join(_STORIES)}) nor a timeline (.otio)")
    return import_story(text, source.name, to.name)


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except OSError as error:
        refuse(f"{path}: cannot be read ({error.strerror})")
    except UnicodeDecodeError:
        refuse(f"{path}: not UTF-8 text; save it as UTF-8")


def _tell(what: str, notes: Sequence[Problem]) -> None:
    if notes:
        out.print(what)
    for note in notes:
        out.print(f"  {escape(str(note))}", soft_wrap=True, highlight=False)


def export(
    path: FilmPath,
    form: Annotated[Form, typer.Option("--to", help="What to write.")],
    way: Annotated[
        str | None,
        typer.Option("--path", help="otio: scenes of one way, a,b,c; else the director's."),
    ] = None,
    to: Annotated[
        Path | None, typer.Option("--out", help="Where to write; otherwise to the terminal.")
    ] = None,
) -> None:
    """Write a film's graph as a drawing, or one way through it as an editor's timeline."""
    if way is not None and form is not Form.otio:
        raise typer.BadParameter("goes with --to otio only", param_hint="--path")
    film = load(path)
    drawn: dict[Form, Callable[[Film], str]] = {
        Form.mermaid: as_mermaid,
        Form.dot: as_dot,
        Form.svg: as_svg,
    }
    if form is Form.otio:
        _write(_cut(film, film_file(path).parent, way), to)
    else:
        _write(drawn[form](film), to)


def _cut(film: Film, folder: Path, way: str | None) -> str:
    """Write one way through a film as a timeline."""
    names = [name for name in (way or "").split(",") if name.strip()]
    lengths_s = known_lengths(film, folder)
    shots = []
    for name in way_through(film, [name.strip() for name in names]):
        scene = film.scenes[name]
        frames = max(1, round(lengths_s[name] * film.fps))
        shots.append(Shot(name, Clip(str(folder / scene.clip), scene.in_frame, frames)))
    title = film.title.get("en") or next(iter(film.title.values()))
    return timeline_text(title, film.fps, shots)


def timeline(
    session: Annotated[Path, typer.Argument(metavar="SESSION.mcap")],
    to: Annotated[Path, typer.Argument(metavar="OUT.otio")],
    unblind: Annotated[bool, typer.Option("--unblind", help="Tell a blind study's arm.")] = False,
) -> None:
    """Write what a screening showed as a timeline for an editor, its decisions as markers."""
    with progress_bar() as progress:
        progress.add_task("reading", total=None)
        text = session_timeline(session, unblind=unblind)
    _write(text, to)


def _write(text: str, to: Path | None) -> None:
    if to is None:
        typer.echo(text, nl=not text.endswith("\n"))
        return
    try:
        to.write_text(text, "utf-8")
    except OSError as error:
        refuse(f"{to}: cannot be written ({error.strerror})")
    out.print(f"wrote {escape(str(to))}", soft_wrap=True)
