"""Commands for the booth: the operator's, a seat's consent, and what the machine has."""

from __future__ import annotations

import os
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from engine.cli._base import out, refuse
from engine.cli._shows import SESSIONS, SessionFolder
from engine.doctor import findings
from engine.places import Places
from engine.records import Consent, SeatRequest
from engine.supervisor import command_player, set_consent
from playback import Command


def operate(
    kind: Annotated[str, typer.Argument(help="panic, resume, hold, auto, take, default or stop.")],
    number: Annotated[int | None, typer.Argument(help="With take: which branch, from 1.")] = None,
) -> None:
    """Give the running player an operator's command."""
    ack = command_player(Places.default(), Command(kind, number, os.environ.get("USER", "")))
    if not ack.accepted:
        refuse(ack.what)
    out.print(escape(ack.what))


def seat(name: str, consent: Consent) -> None:
    """Change a seat's consent during the show."""
    request = SeatRequest(name, consent, os.environ.get("USER", ""))
    answer = set_consent(Places.default(), request)
    if not answer.accepted:
        refuse(answer.what)
    out.print(escape(answer.what))


def doctor(sessions: SessionFolder = SESSIONS) -> None:
    """Say what this machine has for a show, and what to install."""
    table = Table("", "what", "found", "note", box=None)
    for finding in findings(sessions):
        mark = "[green]✓[/]" if finding.good else "[yellow]–[/]"
        table.add_row(mark, finding.what, escape(finding.found), escape(finding.remedy))
    out.print(table)
