"""The commands `hall festival …`.

`hall` lists them on every call: only the command line's own libraries are imported here, and the
service when a command runs.
"""

from __future__ import annotations

import typer

from festival_api.commands._edition import check, openapi
from festival_api.commands._keeping import admin, backup, migrate, restore
from festival_api.commands._serving import serve
from festival_api.commands._telling import Telling

__all__ = ["app"]

app = typer.Typer(
    cls=Telling, help="Run the festival's service: entries, jury, awards.", no_args_is_help=True
)
app.command()(check)
app.command()(serve)
app.command()(migrate)
app.command()(admin)
app.command()(backup)
app.command()(restore)
app.command()(openapi)
