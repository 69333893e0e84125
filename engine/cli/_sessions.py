"""Commands about sessions: show, replay, signals, recover."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer
from rich.markup import escape
from rich.table import Table

from engine.cli._base import out, progress_bar, refuse
from engine.control import told
from engine.places import Places
from engine.player import read_journal
from engine.records import Control
from engine.replay import NullCheck, Replayed, replay
from engine.resume import path_of
from engine.session import (
    decode,
    is_whole,
    parts_of,
    read,
    read_configuration,
    read_path,
    recover,
)
from engine.signals import draw, page, png_of, read_signals

Unblind = Annotated[bool, typer.Option("--unblind", help="Tell a blind study's arm.")]


def show_command(
    session: Annotated[Path, typer.Argument(metavar="SESSION.mcap")], unblind: Unblind = False
) -> None:
    """Tell what was shown in a session, and why.

    Of a blind study it tells the arm, and the decisions' reasons, only with --unblind.
    """
    configuration = read_configuration(session)
    with progress_bar() as progress:
        progress.add_task("reading", total=None)
        path = read_path(session)
        records = [decode(topic, data) for topic, _, data in read(session) if topic == "/decision"]
    control = configuration.control
    seats = sum(len(headsets) for headsets in configuration.sources)
    out.print(f"[bold]{escape(configuration.title)}[/] {configuration.started_at}, {seats} seats")
    out.print(f"film {escape(configuration.film_name)} {configuration.film_sha256[:12]}")
    if control is not None:
        out.print(_study(control, unblind=unblind), highlight=False)
    for record in records if unblind else [told(record, control) for record in records]:
        line = f"{record.t_ns * 1e-9:6.1f} s  {record.decision.explanation}"
        out.print(escape(line), soft_wrap=True, highlight=False)
    out.print(escape(" → ".join(scene for _, scene in path)), soft_wrap=True, highlight=False)


def replay_command(
    session: Annotated[Path, typer.Argument(metavar="SESSION.mcap")],
    change: Annotated[
        list[str] | None, typer.Option("--set", help="Change a setting: NAME=VALUE.")
    ] = None,
    surrogates: Annotated[
        int | None,
        typer.Option(
            min=200,
            max=1000,
            help="Hold each synchrony that a decision read against N surrogates.",
        ),
    ] = None,
    unblind: Unblind = False,
) -> None:
    """Compute a session's audience states and decisions again and compare byte for byte.

    Status 0 only when everything is identical.
    """
    control = read_configuration(session).control
    seconds = _length_s(session)
    with progress_bar() as progress:
        task = progress.add_task("replaying", total=seconds)
        result = replay(
            session,
            dict(map(_setting, change or [])),
            lambda done_s: progress.update(task, completed=done_s),
            surrogates=surrogates or 0,
        )
    if control is not None:
        out.print(_study(control, unblind=unblind), highlight=False)
    values = unblind or control is None or not control.blind
    if surrogates is not None and values:
        _print_checks(result.checks)
    _print_replay(result, values=values)
    if not result.identical:
        raise SystemExit(1)


def signals_command(
    session: Annotated[Path, typer.Argument(metavar="SESSION.mcap")],
    folder: Annotated[
        Path | None, typer.Option("--out", help="Where to write; otherwise beside the session.")
    ] = None,
    png: Annotated[bool, typer.Option("--png", help="The picture alone.")] = False,
    html: Annotated[bool, typer.Option("--html", help="The page alone.")] = False,
    unblind: Unblind = False,
) -> None:
    """Draw what the audience's state was made of, as a picture and as a page with tables.

    Seats that allow no recording are in the pooled curves alone. Readings beside decisions tell a
    blind study's arm: these it draws only with --unblind.
    """
    control = read_configuration(session).control
    if control is not None and control.blind and not unblind:
        refuse(f"{session}: the study is blind, and its signals tell the arm; --unblind draws them")
    with progress_bar() as progress:
        task = progress.add_task("reading", total=None)
        signals = read_signals(
            session, lambda seconds: progress.update(task, description=f"reading {seconds:5.0f} s")
        )
        progress.update(task, description="drawing")
        picture = png_of(draw(signals))
    stem = (folder or session.parent) / f"{session.stem}.signals"
    if png or not html:
        _write(stem.with_name(f"{stem.name}.png"), picture)
    if html or not png:
        _write(stem.with_name(f"{stem.name}.html"), page(signals, picture).encode())


def recover_command(session: Annotated[Path, typer.Argument(metavar="SESSION.mcap")]) -> None:
    """Make one sealed file of what a crash left, with the cuts that the player made alone.

    A show that was to go on (`hall show --resume`) is then over.
    """
    places = Places.default()
    if not parts_of(session, places.folder):
        refuse(f"{session}: there is no such file")
    if is_whole(session, places.folder):
        out.print(f"{escape(str(session))} is sealed already")
        return
    events = read_journal(places.journal) if places.holds(session) else []
    counts = recover(session, events, refuge=places.folder)
    path_of(session).unlink(missing_ok=True)
    table = Table("topic", "messages", box=None)
    for topic, count in counts.items():
        table.add_row(topic, str(count))
    out.print(table)
    out.print(f"[green]{escape(str(session))} is sealed.[/]")


def _write(path: Path, data: bytes) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    except OSError as error:
        refuse(f"{path}: cannot be written ({error.strerror}); name another folder (--out)")
    out.print(f"wrote {escape(str(path))}", soft_wrap=True, highlight=False)


def _length_s(session: Path) -> float:
    """Length of a screening, from the times of its messages."""
    times = [t_ns for _, t_ns, _ in read(session)]
    return (times[-1] - times[0]) * 1e-9 if times else 0.0


def _setting(text: str) -> tuple[str, Any]:
    name, _, value = text.partition("=")
    try:
        return name, msgspec.json.decode(value)
    except msgspec.DecodeError:
        refuse(f"--set {text}: write it as NAME=VALUE, for example --set smoothing_s=6")


def _study(control: Control, *, unblind: bool) -> str:
    """Tell what steered; of a blind study only if asked."""
    if control.blind and not unblind:
        return "study: blind (--unblind tells the arm)"
    if control.kind == "yoked":
        return f"study: yoked to {escape(control.session)}"
    arm = f", arm {control.arm}" if control.blind else ""
    return f"study: {control.kind}{arm}, seed {control.seed}"


def _print_checks(checks: Sequence[NullCheck]) -> None:
    """Tell what chance makes of the synchrony that decisions read."""
    if not checks:
        out.print("no decision read synchrony: there is nothing to hold against surrogates")
        return
    table = Table("at", "scene", box=None)
    for heading in ("seats", "ISC", "z, closed form", "z, surrogates", "p"):
        table.add_column(heading, justify="right")
    for check in checks:
        found = check.found
        cells = ["", "unknown, or without a past", "", "", ""]
        if found is not None:
            numbers = (found.raw, found.closed_form_z, found.z, found.p)
            forms = (".4f", ".2f", ".2f", ".4f")
            cells = [str(found.seats), *map(format, numbers, forms)]
        table.add_row(f"{check.t_s:.1f} s", escape(check.scene), *cells)
    out.print(table)
    draws = next((check.found.draws for check in checks if check.found), 0)
    if draws:
        out.print(f"{draws} surrogates each: p, one-sided, is {1 / (1 + draws):.4f} at least")


def _print_replay(result: Replayed, *, values: bool) -> None:
    """Tell what was compared; the values that differ only if they may be told."""
    out.print(
        f"compared {result.states} audience states, {result.decisions} decisions, "
        f"{result.plans} plans"
    )
    if result.states_unrecorded:
        out.print(
            f"not compared: {result.states_unrecorded} audience states in which seats counted that "
            "are not recorded (their decisions were replayed from the recorded states)"
        )
    speed = result.hall_s / result.took_s if result.took_s else 0.0
    out.print(
        f"{result.hall_s:.1f} s of screening in {result.took_s:.2f} s: "
        f"{speed:.0f} times real time, start-up excluded"
    )
    if result.first is not None:
        first = result.first
        out.print(
            f"[red]{result.differences} differ; first the {first.what} at {first.t_s:.1f} s[/]"
        )
        where = f"{first.where} " if first.where else ""
        if not values:
            out.print("the study is blind: --unblind tells the values")
            return
        out.print(f"recorded: {where}{escape(first.recorded)}", soft_wrap=True, highlight=False)
        out.print(f"replayed: {where}{escape(first.replayed)}", soft_wrap=True, highlight=False)
    elif result.identical:
        out.print("[green]identical, byte for byte[/]")
    else:
        out.print("[red]there was nothing to compare[/]")
