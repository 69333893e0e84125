"""Two minutes before the doors: calibrate."""

from __future__ import annotations

import datetime
import hashlib
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from engine.calibrating import make_film, recordings_in, write_show
from engine.calibration import (
    FILM_TEXT,
    AlphaCheck,
    Calibration,
    Lag,
    MontageCalibration,
    SeatCalibration,
    analyse,
    write,
)
from engine.cli._base import cache, out, progress_bar
from engine.cli._shows import SESSIONS, SessionFolder, rehearse_show, run_show
from engine.config import load_show


def calibrate(
    path: Annotated[Path, typer.Argument(metavar="SHOW.toml")],
    session: Annotated[
        Path | None, typer.Option(metavar="SESSION.mcap", help="Only analyse this one.")
    ] = None,
    out_file: Annotated[
        Path | None,
        typer.Option("--out", help="The file to write; left out: beside the show file."),
    ] = None,
    sessions: SessionFolder = SESSIONS,
    windowed: Annotated[bool, typer.Option(help="A window, not the whole screen.")] = False,
    virtual: Annotated[
        bool, typer.Option("--virtual", help="One process, virtual clock, no picture.")
    ] = False,
) -> None:
    """Show a show's audience the calibration film, and tell what their headsets give.

    Two minutes: eyes open, eyes closed, soft flashes with clicks, a short clip. They give every
    seat's baselines, whether its alpha rises behind closed eyes, its lag, and the weights of the
    synchrony component. The show may name the file that is written.
    """
    recordings = recordings_in(path)
    if session is None:
        show = load_show(_laid_out(path), boards=not virtual)
        if virtual:
            session = rehearse_show(show, sessions)
        else:
            session = run_show(show, sessions, windowed=windowed, wait=False, with_console=None)
    with progress_bar() as progress:
        task = progress.add_task("analysing", total=None)
        found = analyse(
            session,
            datetime.date.today().isoformat(),
            recordings,
            lambda done_s: progress.update(task, completed=done_s),
        )
    _print(found)
    target = out_file or path.with_name(f"{path.stem}.calibration.json")
    write(found, target)
    out.print(f"calibration {escape(str(target))}", soft_wrap=True, highlight=False)


def _laid_out(path: Path) -> Path:
    """Make the calibration film, unless it is there, and a show file beside it."""
    mark = hashlib.sha256(FILM_TEXT.encode()).hexdigest()[:12]
    folder = cache() / f"calibration-{mark}"
    with progress_bar() as progress:
        task = progress.add_task("making the calibration film", total=None)
        make_film(folder, lambda done, total: progress.update(task, completed=done, total=total))
    return write_show(path, folder)


def _print(found: Calibration) -> None:
    columns = ("seat", "good", "often wrong", "closed eyes: alpha", "lag", "after the flash")
    table = Table(*columns, "ln alpha, eyes open", box=None)
    for seat in found.seats:
        table.add_row(
            escape(seat.seat),
            f"{seat.good:.0%}",
            ", ".join(seat.faults).lower(),
            _alpha(seat.alpha),
            _lag(seat.lag),
            "" if seat.lag.after_flash_ms is None else f"{seat.lag.after_flash_ms:.0f} ms",
            _baseline(seat),
        )
    out.print(table)
    for montage in found.montages:
        for line in _montage(montage):
            out.print(escape(line), soft_wrap=True, highlight=False)


def _alpha(check: AlphaCheck) -> str:
    colour = {"rises": "green", "does not rise": "red", "unknown": "yellow"}[check.verdict]
    told = f"[{colour}]{check.verdict}[/]"
    return told if check.rise is None else f"{told} {check.rise:+.2f} ± {check.standard_error:.2f}"


def _lag(lag: Lag) -> str:
    if lag.ms is None:
        return f"[yellow]unknown[/]: {escape(lag.reason)}"
    if lag.reason:
        return f"{lag.ms:.0f} ms, {escape(lag.reason)}"
    return f"{lag.ms:+.0f} ± {lag.standard_error_ms:.0f} ms"


def _baseline(seat: SeatCalibration) -> str:
    own = seat.baselines.get("relaxation")
    return "[yellow]unknown[/]" if own is None else f"{own.centre:.2f} ± {own.spread:.2f}"


def _montage(montage: MontageCalibration) -> list[str]:
    weighed = [
        f"{name} {weight:+.2f}"
        for name, weight in zip(montage.channels, montage.weights, strict=True)
        if weight
    ]
    lines = [
        f"synchrony of {len(montage.seats)} seats at {montage.rate:g} Hz: {', '.join(weighed)}",
        f"  {montage.why}",
    ]
    if montage.isc is not None:
        lines.append(
            f"  correlation in the clip {montage.isc:.4f}; in the half not fitted to: fitted "
            f"{montage.held_out:.4f}, the montage's own {montage.held_out_own:.4f}"
        )
    return lines
