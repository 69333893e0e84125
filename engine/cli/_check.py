"""The command that checks a film, and how it tells what it found."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from enum import StrEnum
from itertools import groupby
from pathlib import Path
from typing import Annotated, TypeAlias

import msgspec
import typer
from rich.markup import escape

from engine.authoring import Checked, Figures, check_film_file, check_page, clock
from engine.cli._base import cache, err, out, progress_bar, refuse
from engine.cli._films import STYLES, FilmPath, count, film_file, is_sketchable, print_problems
from narrative import Problem, Severity
from playback import MOST_PREROLLED

ShowPath: TypeAlias = Annotated[
    Path | None, typer.Option("--show", metavar="SHOW.toml", help="Its headsets and zones count.")
]


class Format(StrEnum):
    """How a check tells what it found."""

    text = "text"
    json = "json"
    annotations = "annotations"


_ORDER: Sequence[Severity] = ("error", "warning", "note")
_WORKFLOW = {"error": "error", "warning": "warning", "note": "notice"}


def check(
    path: FilmPath,
    show: ShowPath = None,
    form: Annotated[Format, typer.Option("--format", help="For people or programs.")] = Format.text,
    quick: Annotated[
        bool, typer.Option("--quick", help="Do not look into the clips for loudness and flashes.")
    ] = False,
    page: Annotated[
        Path | None, typer.Option("--page", metavar="OUT.html", help="Write it all as a page.")
    ] = None,
) -> None:
    """Check a film and its clips before anyone sits down.

    Status 0 if it is fit to be shown, also with warnings; 1 if there are errors.
    """
    file = film_file(path)
    if not file.is_file():
        refuse(f"there is no film at {path}")
    checked = _checked(file, show, quick=quick)
    match form:
        case Format.text:
            _print_text(checked, path.name)
            if checked.film is not None and is_sketchable(checked.film, file.parent):
                err.print("hall film sketch draws a stand-in for every clip that is missing")
        case Format.json:
            typer.echo(_as_json(checked, path))
        case Format.annotations:
            for line in _annotations(checked.problems, path):
                typer.echo(line)
    if page is not None:
        _write_page(checked, path.name, page)
    if not checked.fit:
        raise SystemExit(1)


def _checked(file: Path, show: Path | None, *, quick: bool) -> Checked:
    if quick:
        return check_film_file(file, depth="clips", cache=cache(), show=show)
    with progress_bar() as progress:
        task = progress.add_task("checking", total=1.0)
        return check_film_file(
            file,
            depth="media",
            cache=cache(),
            show=show,
            progress=lambda what, done: progress.update(task, description=what, completed=done),
        )


def _print_text(checked: Checked, name: str) -> None:
    """Tell problems by severity, then figures, then whether it can be shown."""
    by_severity = sorted(checked.problems, key=lambda problem: _ORDER.index(problem.severity))
    for severity, problems in groupby(by_severity, key=lambda problem: problem.severity):
        found = list(problems)
        to = err if severity == "error" else out
        style = STYLES[severity]
        many = "s" if len(found) > 1 else ""
        to.print(f"{len(found)} {severity}{many}", style=f"bold {style}", highlight=False)
        print_problems(found)
    if checked.figures is not None:
        for line in figure_lines(checked.figures):
            out.print(line, soft_wrap=True, highlight=False)
    if checked.fit:
        out.print(f"[green]{escape(name)} is fit to be shown.[/]")


def figure_lines(figures: Figures) -> Iterator[str]:
    """Tell a film's figures in words."""
    yield (
        f"{count(figures.scenes, 'scene')}, {count(figures.endings, 'ending')}; at most "
        f"{count(figures.candidates, 'candidate')} to pre-roll at once (the player opens "
        f"{MOST_PREROLLED})"
    )
    shortest, expected, longest = map(
        clock, (figures.shortest_s, figures.expected_s, figures.longest_s)
    )
    yield (
        f"running time {shortest} to {longest}; {expected} if every branch is as likely "
        "as the default"
    )
    yield _points(figures)


def _points(figures: Figures) -> str:
    """Say how sure each reading must be, so that the whole film is."""
    if figures.p is None:
        return "no decision points"
    points = figures.decision_points
    what = f"{points} decision points on the longest path" if points > 1 else "1 decision point"
    each = " each" if points > 1 else ""
    confidence = 1 - figures.p * points
    return f"{what}: a confidence of {confidence:g} means p < {figures.p:.2g}{each}"


def _as_json(checked: Checked, path: Path) -> str:
    problems = []
    for problem in checked.problems:
        name, line, column = place_of(problem, path)
        problems.append(
            {
                "severity": problem.severity,
                "file": name,
                "line": line,
                "column": column,
                "what": problem.what,
                "remedy": problem.remedy,
            }
        )
    figures = msgspec.to_builtins(checked.figures)
    told = {"film": str(path), "fit": checked.fit, "problems": problems, "figures": figures}
    return json.dumps(told, indent=2, ensure_ascii=False)


def _annotations(problems: Sequence[Problem], path: Path) -> Iterator[str]:
    """Give problems as workflow commands, which GitHub shows at their lines."""
    for problem in problems:
        name, line, column = place_of(problem, path)
        place = f"file={_escaped(name, ':,')},line={line}"
        place += f",col={column}" if column else ""
        said = _escaped(f"{problem.what}. {problem.remedy}")
        yield f"::{_WORKFLOW[problem.severity]} {place}::{said}"


def _escaped(text: str, more: str = "") -> str:
    for char in f"%\r\n{more}":
        text = text.replace(char, f"%{ord(char):02X}")
    return text


def place_of(problem: Problem, path: Path) -> tuple[str, int, int]:
    """Give a problem's file, seen from here, line and column (0 where it has none)."""
    name, *numbers = problem.where.split(":")
    file = str(path) if name == path.name or path.suffix != ".yaml" else name
    line, column = (*(int(n) for n in numbers if n.isdigit()), 0, 0)[:2]
    return file, max(line, 1), column


def _write_page(checked: Checked, name: str, page: Path) -> None:
    try:
        page.write_text(check_page(checked, name), "utf-8")
    except OSError as error:
        refuse(f"{page}: cannot be written ({error.strerror})")
    err.print(f"wrote {escape(str(page))}", soft_wrap=True, highlight=False)
