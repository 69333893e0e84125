"""Commands that try a film on audiences: simulate, and watch, which does so on every save."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from engine.authoring import (
    Preview,
    Watched,
    film_changes,
    findings,
    known_lengths,
    pass_lines,
    read_audience,
    replay_pass,
    simulate_film,
    simulation_page,
    summary_lines,
    watch_film,
)
from engine.cli._base import cache, err, out, progress_bar, refuse
from engine.cli._check import figure_lines
from engine.cli._films import FilmPath, film_file, load, print_problems

_SHOWN = 12
"""Findings that are printed; the page has all."""


def simulate(
    path: FilmPath,
    passes: Annotated[int, typer.Option(help="How many audiences.", min=1)] = 10_000,
    seed: Annotated[int, typer.Option(help="Another one gives other audiences.", min=0)] = 1,
    audience: Annotated[
        Path | None,
        typer.Option(
            metavar="SESSION.mcap|SHOW.toml",
            help="Audiences like a recorded one, or like a show's simulated viewers.",
        ),
    ] = None,
    page: Annotated[
        Path | None, typer.Option("--page", metavar="OUT.html", help="Write it all as a page.")
    ] = None,
    number: Annotated[
        int | None, typer.Option("--pass", min=1, help="Tell one pass in words, and nothing else.")
    ] = None,
) -> None:
    """Show a film to thousands of simulated audiences, and tell where they get to.

    Every pass can be told again by its number: the same film, seed and audience give the same.
    """
    film = load(path)
    lengths_s = known_lengths(film, film_file(path).parent)
    viewers = read_audience(audience)
    if number is not None:
        for line in pass_lines(film, replay_pass(film, lengths_s, viewers, seed, number)):
            out.print(escape(line), soft_wrap=True, highlight=False)
        return
    with progress_bar() as progress:
        task = progress.add_task("simulating", total=passes)
        done = simulate_film(
            film,
            lengths_s,
            viewers,
            passes=passes,
            seed=seed,
            progress=lambda done, total: progress.update(task, completed=done, total=total),
        )
    found = findings(film, done)
    for line in summary_lines(film, done):
        out.print(escape(line), soft_wrap=True, highlight=False)
    like = f" --audience {audience}" if audience is not None else ""
    command = f"hall film simulate {path} --seed {seed}{like}"
    for finding in found[:_SHOWN]:
        out.print(escape(str(finding)), style="yellow", soft_wrap=True, highlight=False)
        if finding.number is not None:
            again = f"  again: {command} --pass {finding.number}"
            out.print(escape(again), soft_wrap=True, highlight=False)
    if len(found) > _SHOWN:
        out.print(f"and {len(found) - _SHOWN} more findings; --page writes all of them")
    if page is not None:
        try:
            page.write_text(simulation_page(film, done, found, command), "utf-8")
        except OSError as error:
            refuse(f"{page}: cannot be written ({error.strerror})")
        err.print(f"wrote {escape(str(page))}", soft_wrap=True, highlight=False)


def watch(
    path: FilmPath,
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="On the loopback address; 0: any free one.")
    ] = 8710,
) -> None:
    """Check and simulate a film on every save, and show the outcome in a browser.

    The page reloads itself. Clips that are not there yet do not matter. Ctrl-C ends it.
    """
    if path.suffix != ".yaml" or not path.is_file():
        refuse(f"there is no film file at {path}")
    with Preview(port) as preview:
        out.print(f"watching {escape(str(path))}; page: {preview.address} (Ctrl-C ends)")
        try:
            for _ in film_changes(path):
                watched = watch_film(path, cache())
                preview.show(watched.page)
                _tell(watched, path)
        except KeyboardInterrupt:
            out.print("")


def _tell(watched: Watched, path: Path) -> None:
    """Tell in a few lines how the film stands."""
    checked = watched.checked
    counts = {
        severity: sum(problem.severity == severity for problem in checked.problems)
        for severity in ("error", "warning", "note")
    }
    said = ", ".join(f"{n} {what}{'s' * (n > 1)}" for what, n in counts.items() if n)
    style = "red" if counts["error"] else "yellow" if counts["warning"] else "green"
    out.print(f"{watched.at} {path.name}: {said or 'fine'}", style=style, highlight=False)
    print_problems([problem for problem in checked.problems if problem.severity == "error"])
    if checked.figures is not None:
        out.print(f"  {list(figure_lines(checked.figures))[1]}", highlight=False)
    for line in watched.summary:
        out.print(f"  {escape(line)}", soft_wrap=True, highlight=False)
