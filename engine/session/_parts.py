"""The files of one session while it is written, and the one file that they become.

An engine that takes another's place writes a part of its own; a part whose disk refuses goes on in
the refuge. Each part begins with its own configuration; a continuation does not.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from engine.session._file import Disk, SessionFile, create, is_sealed, read, read_configuration
from engine.session._topics import Note, SessionError, decode
from playback import PlayerEvent


def part_path(session: Path, term: int, refuge: Path | None = None) -> Path:
    """Name the file that an engine of this term writes: the session itself, if it is the first.

    It is not where another could make no file of its own, and all it wrote lies in the refuge.
    """
    is_first = not parts_of(session, refuge)
    return session if is_first else session.with_name(f"{session.stem}.term-{term}.mcap")


def spill_path(part: Path, refuge: Path, number: int) -> Path:
    """Name a part's continuation in the refuge."""
    return refuge / f"{part.stem}.spill-{number}.mcap"


def parts_of(session: Path, refuge: Path | None = None) -> list[Path]:
    """List the files of a session in their order: engine by engine, each with its continuations.

    Parameters
    ----------
    session : Path
        What the whole is, or will be, called.
    refuge : Path, optional
        Where continuations may lie, also of parts that could not be made at all.
    """
    pattern = re.compile(re.escape(session.stem) + r"(?:\.term-(\d+))?(?:\.spill-(\d+))?\.mcap")
    folders = {session.parent, refuge or session.parent}
    found = [
        (int(match[1] or 0), int(match[2] or 0), path)
        for folder in folders
        if folder.is_dir()
        for path in folder.iterdir()
        if (match := pattern.fullmatch(path.name))
    ]
    return [path for _, _, path in sorted(found)]


def recover(
    session: Path,
    journal: Sequence[PlayerEvent] = (),
    *,
    refuge: Path | None = None,
    disk: Disk = create,
) -> dict[str, int]:
    """Make one sealed file of what engines have left, and add the cuts the player made alone.

    The parts are removed only when the sealed file is complete.

    Parameters
    ----------
    session : Path
        The session.
    journal : sequence of PlayerEvent
        The player's own journal; events that the session has already are left out.
    refuge : Path, optional
        Where continuations may lie.
    disk : callable
        Makes files.

    Returns
    -------
    dict of str to int
        Messages per topic in the sealed file.

    Raises
    ------
    SessionError
        Nothing can be read, or the sealed file cannot be written: then all parts are left.
    """
    files = parts_of(session, refuge)
    if not files:
        raise SessionError(f"{session}: there is no such file")
    # A file that was killed, or refused, before its first flush holds nothing.
    parts = [path for path in files if next(read(path), None)] if len(files) > 1 else files
    read_configuration(parts[0] if parts else session)
    sealed = session.with_suffix(".recovering")
    sealed.unlink(missing_ok=True)
    try:
        counts = _merge(parts, journal, SessionFile(disk(sealed)))
        sealed.replace(session)
    except OSError as error:
        sealed.unlink(missing_ok=True)
        left = ", ".join(map(str, files))
        raise SessionError(
            f"{session}: cannot be sealed ({error.strerror}); free space, then run hall session "
            f"recover. What was recorded lies in {left}"
        ) from error
    for path in files:
        if path != session:
            path.unlink()
    return counts


def is_whole(session: Path, refuge: Path | None = None) -> bool:
    """Tell whether a session is one sealed file, with nothing left beside it."""
    return parts_of(session, refuge) == [session] and is_sealed(session)


def _merge(
    parts: Sequence[Path], journal: Sequence[PlayerEvent], file: SessionFile
) -> dict[str, int]:
    counts: dict[str, int] = {}
    known: set[tuple[str, int, int]] = set()
    t_ns = origin_ns = 0
    for part in parts:
        for topic, t_ns, data in read(part):
            if topic == "/configuration":
                origin_ns = decode(topic, data).origin_ns
            if topic in ("/player/event", "/player/journal"):
                record = decode(topic, data)
                known.add(_identity(getattr(record, "event", record)))
            file.write_raw(topic, t_ns, data)
            counts[topic] = counts.get(topic, 0) + 1
    unheard_end = any(e.kind == "ended" and _identity(e) not in known for e in journal)
    if unheard_end or not is_sealed(parts[-1]):
        text = "the last engine ended before the film: what was measured since is not here"
        file.write("/note", t_ns, Note(t_ns - origin_ns, "loss", text))
        counts["/note"] = counts.get("/note", 0) + 1
    for event in journal:
        if _identity(event) not in known:
            file.write("/player/journal", event.hall_ns, event)
            counts["/player/journal"] = counts.get("/player/journal", 0) + 1
    file.finish()
    return counts


def _identity(event: PlayerEvent) -> tuple[str, int, int]:
    return event.kind, event.visit, event.hall_ns
