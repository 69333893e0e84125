"""Commands that need no running service: look at an edition, describe the interface."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from festival_api.commands._telling import out


def check(
    edition: Annotated[Path, typer.Argument(help="The edition's YAML file.", show_default=False)],
) -> None:
    """Check an edition, and print its prices, periods and decisions."""
    from festival_api.editions import check_report, load

    out.print(check_report(load(edition)))


def openapi() -> None:
    """Print the interface's description for programs (OpenAPI 3.1)."""
    from festival_api.web import description

    typer.echo(json.dumps(description(), ensure_ascii=False, indent=1))
