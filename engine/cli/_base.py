"""What all commands share: where they print, how they refuse, where they keep things."""

from __future__ import annotations

import os
from pathlib import Path
from typing import NoReturn

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

out = Console()
err = Console(stderr=True)


def refuse(why: str) -> NoReturn:
    """Say why not, and leave with status 1."""
    err.print(escape(why), style="red", soft_wrap=True, highlight=False)
    raise SystemExit(1)


def progress_bar() -> Progress:
    """Show long work as it goes, beside the output."""
    return Progress(TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn(), console=err)


def cache() -> Path:
    """Give the folder for what can be made again: converted recordings, the sample film."""
    base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    folder = base / "neural-hall"
    folder.mkdir(parents=True, exist_ok=True)
    return folder
