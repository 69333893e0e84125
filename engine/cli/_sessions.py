"""Commands about sessions: replay, recover."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer
from rich.markup import escape
from rich.table import Table

from engine.cli._base import out, progress_bar, refuse
from engine.places import Places
from engine.player import read_journal
from engine.replay import Replayed, replay
from engine.resume import path_of
from engine.session import is_whole, parts_of, read, recover


def replay_command(
    session: Annotated[Path, typer.Argument(metavar="SESSION.mcap")],
    change: Annotated[
        list[str] | None, typer.Option("--set", help="Change a setting: NAME=VALUE.")
    ] = None,
) -> None:
    """Compute a session's audience states and decisions again and compare byte for byte.

    Status 0 only when everything is identical.
    """
    seconds = _length_s(session)
    with progress_bar() as progress:
        task = progress.add_task("replaying", total=seconds)
        result = replay(
            session,
            dict(map(_setting, change or [])),
            lambda done_s: progress.update(task, completed=done_s),
        )
    _print_replay(result)
    if not result.identical:
        raise SystemExit(1)


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


def _print_replay(result: Replayed) -> None:
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
        out.print(f"recorded: {where}{escape(first.recorded)}", soft_wrap=True, highlight=False)
        out.print(f"replayed: {where}{escape(first.replayed)}", soft_wrap=True, highlight=False)
    elif result.identical:
        out.print("[green]identical, byte for byte[/]")
    else:
        out.print("[red]there was nothing to compare[/]")
