"""Seal what a crash left."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from engine.session._file import SessionFile, read, read_configuration
from engine.session._topics import decode
from playback import PlayerEvent


def recover(path: Path, journal: Sequence[PlayerEvent] = ()) -> dict[str, int]:
    """Seal what a crash left, and add the cuts that the player made alone.

    The file is replaced only when the sealed copy is complete.

    Parameters
    ----------
    path : Path
        The session.
    journal : sequence of PlayerEvent
        The player's own journal; events that the session has already are left out.

    Returns
    -------
    dict of str to int
        Messages per topic in the sealed file.
    """
    read_configuration(path)
    sealed = path.with_suffix(".recovering")
    counts: dict[str, int] = {}
    known: set[tuple[str, int, int]] = set()
    file = SessionFile(sealed.open("wb"))
    for topic, t_ns, data in read(path):
        if topic in ("/player/event", "/player/journal"):
            record = decode(topic, data)
            known.add(_identity(getattr(record, "event", record)))
        file.write_raw(topic, t_ns, data)
        counts[topic] = counts.get(topic, 0) + 1
    for event in journal:
        if _identity(event) not in known:
            file.write("/player/journal", event.hall_ns, event)
            counts["/player/journal"] = counts.get("/player/journal", 0) + 1
    file.finish()
    sealed.replace(path)
    return counts


def _identity(event: PlayerEvent) -> tuple[str, int, int]:
    return event.kind, event.visit, event.hall_ns
