"""The drivers by name, what of them can run on this machine, and which one a film gets."""

import ctypes
import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from playback._abilities import SILENT, VLC, embedded, missing
from playback._port import Driver
from playback._silent import SilentDriver
from playback._types import Capabilities, DriverError, FilmTable, Needs

# Best first, as docs/seams.md shows: the embedded driver's cuts are exact and without silence.
NAMES = ("embedded", "vlc", "silent")
VLC_PACKAGES = "apt-get install libvlc5 vlc-plugin-base vlc-plugin-video-output libxcb-composite0"
VLC_LIBRARY = "libvlc.so.5"
# Without these of its parts libVLC plays nothing that we make.
VLC_PLUGINS = (
    "access/libfilesystem_plugin.so",
    "demux/libmkv_plugin.so",
    "codec/libavcodec_plugin.so",
    "codec/libflac_plugin.so",
    "video_output/libxcb_x11_plugin.so",
)
WHY = {
    "embedded": "its cuts are exact to the frame, without silence (docs/seams.md)",
    "vlc": "its cuts are without black (docs/seams.md)",
    "silent": "shows and sounds nothing",
}


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
        "embedded", "vlc" or "silent".
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
    # SDL announces itself and takes its time: only who opens a window pays for it.
    if name == "embedded":
        # SDL would otherwise play to a window that nobody can see.
        if fault := _display_fault():
            raise DriverError(fault)
        from playback._embedded import EmbeddedDriver

        return EmbeddedDriver(table, windowed=windowed)
    if name == "vlc":
        if fault := _vlc_fault():
            raise DriverError(fault)
        from playback._vlc import VlcDriver

        return VlcDriver(table, windowed=windowed)
    raise _unknown(name)


def _unknown(name: str) -> DriverError:
    """Name the drivers there are."""
    return DriverError(f"there is no driver {name!r}; there are {', '.join(NAMES)}")


def available_drivers() -> tuple[DriverFacts, ...]:
    """Say which drivers can run here, best first; raises nothing."""
    return tuple(_look())


def choose(wanted: str, needs: Needs | None = None) -> tuple[str, str]:
    """Choose the driver a film is shown with.

    Parameters
    ----------
    wanted : str
        A driver's name, or "auto" for the best that runs here and can do what the film needs.
    needs : Needs, optional
        What the film needs; without it, nothing special.

    Returns
    -------
    name : str
        The driver.
    why : str
        One line for the operator.

    Raises
    ------
    DriverError
        If the driver is not there, or cannot do what the film needs; says what that is.
    """
    needs = needs or Needs()
    if wanted != "auto":
        lacks = missing(needs, _declared(wanted))
        if lacks:
            raise DriverError(f"the film needs {', '.join(lacks)}: not with the {wanted} driver")
        return wanted, "as the show file says"
    passed: list[str] = []
    for facts in _look():
        reasons = "; ".join(facts.reasons)
        lacks = missing(needs, _declared(facts.name))
        if lacks:
            passed.append(f"not {facts.name}: the film needs {', '.join(lacks)}")
        elif facts.picture or facts.name == "silent":
            return facts.name, "; ".join([*passed, f"{facts.name}: {WHY[facts.name]}", reasons])
        else:
            passed.append(f"not {facts.name}: {reasons}")
    raise DriverError("; ".join(passed))


def _declared(name: str) -> Capabilities:
    """Return what a driver can do wherever it runs."""
    declared: dict[str, Callable[[], Capabilities]] = {
        "embedded": embedded,
        "vlc": lambda: VLC,
        "silent": lambda: SILENT,
    }
    if name not in declared:
        raise _unknown(name)
    return declared[name]()


def _look() -> Iterator[DriverFacts]:
    """Look at one driver after the other."""
    try:
        from playback._sdl import sound_fault, window_fault
    except ImportError as error:
        missing_sdl = (f"SDL2 cannot be loaded ({error}): pip install pysdl2 pysdl2-dll",)
        yield DriverFacts("embedded", False, False, missing_sdl)
        yield DriverFacts("vlc", False, False, missing_sdl)
    else:
        picture, sound = _display_fault() or window_fault(), sound_fault()
        heard = sound or "there is an audio device"
        seen = (picture or "a window can be opened", heard)
        yield DriverFacts("embedded", not picture, not sound, seen)
        fault = picture or _vlc_fault()
        reasons = (fault,) if fault else ("libVLC is installed, and a window can be opened", heard)
        yield DriverFacts("vlc", not fault, not fault and not sound, reasons)
    yield DriverFacts("silent", False, False, ("runs everywhere, shows and sounds nothing",))


def _display_fault() -> str:
    """Why no window can appear, where the environment alone tells; else empty."""
    if not sys.platform.startswith("linux") or os.environ.get("SDL_VIDEODRIVER"):
        return ""
    if os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"):
        return ""
    return "no display: neither DISPLAY nor WAYLAND_DISPLAY is set; start it in a desktop session"


def _vlc_fault() -> str:
    """Why the vlc driver cannot run here; empty if it can."""
    if not sys.platform.startswith("linux"):
        return "the vlc driver needs X11, on Linux: use the embedded driver"
    from playback._stage import stage_fault

    try:
        ctypes.CDLL(VLC_LIBRARY)
    except OSError:
        return f"libVLC is not installed: {VLC_PACKAGES}"
    absent = [name for name in VLC_PLUGINS if not (_vlc_folder() / name).exists()]
    if absent:
        return f"parts of libVLC are missing ({', '.join(absent)}): {VLC_PACKAGES}"
    return stage_fault()


def _vlc_folder() -> Path:
    """Where the loaded libVLC keeps its plugins."""
    if named := os.environ.get("VLC_PLUGIN_PATH"):
        return Path(named)
    lines = Path("/proc/self/maps").read_text().splitlines()
    library = next(line.split()[-1] for line in lines if "/libvlc.so" in line)
    return Path(library).parent / "vlc" / "plugins"
