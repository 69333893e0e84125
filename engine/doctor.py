"""What this machine has for a show, and what to install."""

from __future__ import annotations

import ctypes.util
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from acquisition import BrainFlowSpec, SourceError, describe
from engine.config import data_folder
from playback import available_drivers

_ENOUGH_BYTES = 5 * 10**9


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at: whether it is there, what was found, what to do."""

    what: str
    good: bool
    found: str
    remedy: str = ""


def findings(sessions: Path) -> Iterator[Finding]:
    """Look at display, sound, libVLC, cores, boards, recordings and disk.

    Parameters
    ----------
    sessions : Path
        Folder in which sessions are kept.
    """
    cores = os.cpu_count() or 1
    yield Finding("cores", cores >= 2, str(cores), "" if cores >= 2 else "a show needs two")
    yield from _players()
    yield _vlc()
    yield _brainflow()
    data = data_folder()
    yield Finding(
        "recordings",
        data.is_dir(),
        str(data) if data.is_dir() else f"none at {data}",
        "" if data.is_dir() else "set HALL_DATA to a folder of recordings",
    )
    free = shutil.disk_usage(_existing(sessions)).free
    yield Finding(
        "disk",
        free >= _ENOUGH_BYTES,
        f"{free / 1e9:.0f} GB free for sessions",
        "" if free >= _ENOUGH_BYTES else "an evening of 64 headsets takes 5 GB",
    )


def _players() -> Iterator[Finding]:
    for facts in available_drivers():
        parts = [
            name for name, there in (("picture", facts.picture), ("sound", facts.sound)) if there
        ]
        found = " and ".join(parts) or "neither picture nor sound"
        good = facts.name == "silent" or (facts.picture and facts.sound)
        yield Finding(f"player: {facts.name}", good, found, "; ".join(facts.reasons))


def _vlc() -> Finding:
    library = ctypes.util.find_library("vlc")
    remedy = "" if library else "apt-get install libvlc5 vlc-plugin-base (optional)"
    return Finding("libVLC", bool(library), library or "not installed", remedy)


def _brainflow() -> Finding:
    try:
        describe(BrainFlowSpec("SYNTHETIC_BOARD", ("A1",)))
    except (SourceError, ImportError) as error:
        return Finding("BrainFlow", False, str(error), "make setup")
    return Finding("BrainFlow", True, "answers")


def _existing(folder: Path) -> Path:
    return next(parent for parent in (folder, *folder.resolve().parents) if parent.exists())
