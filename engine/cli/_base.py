"""What all commands share: where they print, how they refuse, where they keep things."""

from __future__ import annotations

from typing import NoReturn

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from engine.places import cache_folder as cache

__all__ = ["cache", "err", "out", "progress_bar", "refuse"]

out = Console()
err = Console(stderr=True)


def refuse(why: str) -> NoReturn:
    """Say why not, and leave with status 1."""
    err.print(escape(why), style="red", soft_wrap=True, highlight=False)
    raise SystemExit(1)


def progress_bar() -> Progress:
    """Show long work as it goes, beside the output."""
    return Progress(TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn(), console=err)
