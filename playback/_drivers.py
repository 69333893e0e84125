"""The drivers by name, and what of them can run on this machine."""

import os
import sys
from dataclasses import dataclass

from playback._port import Driver
from playback._silent import SilentDriver
from playback._types import DriverError, FilmTable

NAMES = ("embedded", "silent")


@dataclass(frozen=True, slots=True)
class DriverFacts:
    """Whether a driver can run here, and why, in a line each.

    Parameters
    ----------
    name : str
        The driver.
    picture, sound : bool
        Whether it could open a window and an audio device.
    reasons : tuple of str
        What was found, and what to install or set where something is missing.
    """

    name: str
    picture: bool
    sound: bool
    reasons: tuple[str, ...]


def make_driver(name: str, table: FilmTable, *, windowed: bool = False) -> Driver:
    """Make a driver.

    Parameters
    ----------
    name : str
        "embedded" or "silent".
    table : FilmTable
        The film; its first clip sets the size of the picture.
    windowed : bool, optional
        Open a window with a frame instead of covering the screen.

    Raises
    ------
    DriverError
        If there is no such driver, or it cannot run here; says what to install.
    MediaError
        If the film's first clip cannot be read.
    """
    if name == "silent":
        return SilentDriver()
    if name == "embedded":
        # SDL announces itself and takes its time: only who opens a window pays for it.
        from playback._embedded import EmbeddedDriver

        return EmbeddedDriver(table, windowed=windowed)
    raise DriverError(f"there is no driver {name!r}; there are {', '.join(NAMES)}")


def available_drivers() -> tuple[DriverFacts, ...]:
    """Say which drivers can run here, best first; raises nothing."""
    try:
        from playback._sdl import sound_fault, window_fault
    except ImportError as error:
        missing = (f"SDL2 cannot be loaded ({error}): pip install pysdl2 pysdl2-dll",)
        return DriverFacts("embedded", False, False, missing), _silent_facts()
    picture, sound = _display_fault() or window_fault(), sound_fault()
    reasons = (
        picture or "a window can be opened",
        sound or "there is an audio device",
    )
    return DriverFacts("embedded", not picture, not sound, reasons), _silent_facts()


def _silent_facts() -> DriverFacts:
    """Return what always holds."""
    return DriverFacts("silent", False, False, ("runs everywhere, shows and sounds nothing",))


def _display_fault() -> str:
    """Why no window can appear, where the environment alone tells; else empty."""
    if not sys.platform.startswith("linux") or os.environ.get("SDL_VIDEODRIVER"):
        return ""
    if os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"):
        return ""
    return "no display: neither DISPLAY nor WAYLAND_DISPLAY is set; start it in a desktop session"
