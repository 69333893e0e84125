"""What the console is told, and where it tells its address."""

from __future__ import annotations

from pathlib import Path

import msgspec

from engine.places import Places


class Job(msgspec.Struct, frozen=True):
    """What the supervisor tells the console.

    Attributes
    ----------
    folder, show : str
        The running show's place; the show file.
    port : int
        Port on the loopback address; 0, and a port that is taken, mean any free one.
    """

    folder: str
    show: str
    port: int = 0


def read_address(places: Places) -> str | None:
    """Tell where the console's page is; None while there is none."""
    try:
        return _file(places).read_text("utf-8") or None
    except FileNotFoundError:
        return None


def forget_address(places: Places) -> None:
    """Take an earlier show's address away."""
    _file(places).unlink(missing_ok=True)


def write_address(places: Places, address: str) -> None:
    """Tell where the console's page is."""
    _file(places).write_text(address, "utf-8")


def _file(places: Places) -> Path:
    return places.folder / "console-address"
