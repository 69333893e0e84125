"""What is kept on the disk of a running show, so that it can go on after the machine has stopped.

The places where engine and player stand are in memory, where nothing waits for a disk; once a
second the supervisor copies them beside the session.
"""

from __future__ import annotations

import contextlib
import datetime
import os
import queue
import threading
from pathlib import Path

import msgspec

from engine.checkpoint import Checkpoint, save
from engine.keepsake import Keepsake, recall
from engine.places import Places
from playback import PlayerState

_SUFFIX = ".running"


class Interrupted(msgspec.Struct, frozen=True):
    """A show that has not come to its end.

    Attributes
    ----------
    show, session : str
        The show file; the session.
    windowed : bool
        Whether it was shown in a window.
    saved_at : str
        Wall-clock time of the last copy (ISO 8601).
    player, checkpoint, journal : bytes
        Where the player and the engine stood, and what had been shown; empty before there was
        any of it.
    """

    show: str
    session: str
    windowed: bool
    saved_at: str = ""
    player: bytes = b""
    checkpoint: bytes = b""
    journal: bytes = b""

    @property
    def stood(self) -> PlayerState | None:
        """Where the film stood; None if it had not been started."""
        return msgspec.json.decode(self.player, type=PlayerState) if self.player else None


class Backup:
    """Keeps an `Interrupted` up to date, in a thread: a slow disk delays nobody.

    Parameters
    ----------
    begun : Interrupted
        What is known from the start.
    places : Places
        Where engine and player stand.
    """

    def __init__(self, begun: Interrupted, places: Places) -> None:
        self._begun = begun
        self._places = places
        self._path = path_of(Path(begun.session))
        self._asked: queue.Queue[bool] = queue.Queue(1)
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def keep(self) -> None:
        """Have a copy made, unless one is being made."""
        with contextlib.suppress(queue.Full):
            self._asked.put_nowait(True)

    def close(self, *, over: bool) -> None:
        """Make the last copy; or, if the show is over and sealed, remove it."""
        self._asked.put(False)
        self._thread.join()
        with contextlib.suppress(OSError):
            if over:
                self._path.unlink(missing_ok=True)
            elif self._places.player_state.exists():
                self._copy()

    def _run(self) -> None:
        while self._asked.get():
            # A disk that refuses costs the copy; the session itself says so.
            with contextlib.suppress(OSError):
                self._copy()

    def _copy(self) -> None:
        copy = copied(self._begun, self._places)
        part = self._path.with_suffix(".part")
        with part.open("wb") as file:
            file.write(msgspec.msgpack.encode(copy))
            file.flush()
            os.fsync(file.fileno())
        part.replace(self._path)


def copied(begun: Interrupted, places: Places) -> Interrupted:
    """Give a running show as it stands now."""
    return msgspec.structs.replace(
        begun,
        saved_at=datetime.datetime.now().astimezone().isoformat(timespec="seconds"),
        player=recall(places.player_state) or b"",
        checkpoint=_content(places.checkpoint),
        journal=_content(places.journal),
    )


def path_of(session: Path) -> Path:
    """Name the copy that belongs to a session."""
    return session.with_suffix(_SUFFIX)


def find(folder: Path) -> Interrupted | None:
    """Find the newest show in a folder of sessions that has not come to its end."""
    if not folder.is_dir():
        return None
    newest_first = sorted(
        folder.glob(f"*{_SUFFIX}"), key=lambda path: path.stat().st_mtime, reverse=True
    )
    for path in newest_first:
        with contextlib.suppress(msgspec.MsgspecError):
            return msgspec.msgpack.decode(path.read_bytes(), type=Interrupted)
    return None


def restore(interrupted: Interrupted, places: Places) -> None:
    """Lay out the places as they were, for engine and player to go on from.

    Where the machine has not stopped they lie there still, newer than the copy. Hall time begins
    anew with the machine, and headsets and recordings with their workers: baselines, consents and
    the film's course are kept, times are not.
    """
    if not places.holds(Path(interrupted.session)):
        _lay_out(interrupted, places)
    content = _content(places.checkpoint)
    if content:
        checkpoint = msgspec.msgpack.decode(content, type=Checkpoint)
        save(places.checkpoint, checkpoint.without_times())


def _lay_out(interrupted: Interrupted, places: Places) -> None:
    places.clear(Path(interrupted.session))
    places.journal.write_bytes(interrupted.journal)
    places.checkpoint.write_bytes(interrupted.checkpoint)
    stood = interrupted.stood
    if stood is not None:
        keepsake = Keepsake(places.player_state)
        keepsake.keep(interrupted.player)
        keepsake.close()
        places.raise_term(stood.term)


def _content(path: Path) -> bytes:
    return path.read_bytes() if path.exists() else b""
