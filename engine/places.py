"""Where a running show keeps its sockets, jobs, journal and logs, and where the cache is.

One show runs per machine and user: its folder is private to the user, since whoever can write to
these sockets can steer the film.
"""

from __future__ import annotations

import fcntl
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import IO


def cache_folder() -> Path:
    """Give the folder for what can be made again: converted recordings, unpacked films."""
    base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    folder = base / "neural-hall"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


class ShowRunningError(Exception):
    """Another show holds the place; the message says where."""


@dataclass(frozen=True, slots=True)
class Places:
    """The folder of a running show.

    Attributes
    ----------
    folder : Path
        It exists, and is the user's alone.
    """

    folder: Path

    @classmethod
    def default(cls) -> Places:
        """Give the user's place: `HALL_RUN`, or a folder in the runtime directory."""
        named = os.environ.get("HALL_RUN")
        runtime = os.environ.get("XDG_RUNTIME_DIR") or tempfile.gettempdir()
        return cls.make(Path(named or f"{runtime}/neural-hall-{os.getuid()}"))

    @classmethod
    def make(cls, folder: Path) -> Places:
        """Make the folder if it is not there.

        Raises
        ------
        ShowRunningError
            The folder belongs to somebody else.
        """
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if folder.stat().st_uid != os.getuid():
            raise ShowRunningError(f"{folder} belongs to another user: set HALL_RUN to your own")
        return cls(folder)

    def claim(self) -> IO[str]:
        """Hold the place while the returned file is open.

        Raises
        ------
        ShowRunningError
            A show is running here.
        """
        lock = (self.folder / "lock").open("w")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.close()
            raise ShowRunningError(
                f"a show is running already in {self.folder}: stop it, or set HALL_RUN to another "
                "folder"
            ) from None
        return lock

    def next_term(self) -> int:
        """Count engine starts: the number is higher at each call, whoever else calls."""
        with (self.folder / "term").open("a+") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            file.seek(0)
            term = int((file.read().split() or ["0"])[-1]) + 1
            # One more line in one write: there is no moment without a number.
            file.write(f"{term}\n")
        return term

    def raise_term(self, least: int) -> None:
        """Have the next term be higher than this one."""
        with (self.folder / "term").open("a") as file:
            file.write(f"{max(least, self.newest_term())}\n")

    def newest_term(self) -> int:
        """Tell the number of the last engine that was started; 0 before the first."""
        path = self.folder / "term"
        return int((path.read_bytes().split() or [b"0"])[-1]) if path.exists() else 0

    def job(self, name: str) -> Path:
        """Give the file that tells a process what to do."""
        return self.folder / f"{name}.json"

    def log(self, name: str) -> Path:
        """Give the file that a process logs to."""
        return self.folder / f"{name}.log"

    def worker(self, source: int) -> str:
        """Address of a worker's outlet."""
        return self._socket(f"worker-{source}")

    @property
    def player_events(self) -> str:
        """Address of the player's outlet."""
        return self._socket("player-events")

    @property
    def player_desk(self) -> str:
        """Address at which the player takes plans and commands."""
        return self._socket("player-desk")

    @property
    def engine_desk(self) -> str:
        """Address at which the engine takes requests."""
        return self._socket("engine-desk")

    @property
    def engine_status(self) -> str:
        """Address of the engine's status outlet."""
        return self._socket("engine-status")

    @property
    def journal(self) -> Path:
        """The player's own journal of what it showed."""
        return self.folder / "journal.jsonl"

    @property
    def checkpoint(self) -> Path:
        """Where the engine stands, for one that takes its place."""
        return self.folder / "checkpoint"

    @property
    def player_state(self) -> Path:
        """Where the player stands, for one that takes its place."""
        return self.folder / "player-state"

    def clear(self, session: Path) -> None:
        """Forget the last show: nothing of it must be taken for a beginning of the next."""
        for path in (self.checkpoint, self.player_state, self.journal, self.picture):
            path.unlink(missing_ok=True)
        self._session.write_text(str(session.resolve()), "utf-8")

    def holds(self, session: Path) -> bool:
        """Tell whether what lies here is of this session."""
        path = self._session
        return path.exists() and path.read_text("utf-8") == str(session.resolve())

    @property
    def _session(self) -> Path:
        return self.folder / "session"

    @property
    def picture(self) -> Path:
        """A small picture of what the audience sees, kept by the player for the console."""
        return self.folder / "picture.jpg"

    def _socket(self, name: str) -> str:
        return f"ipc://{self.folder / name}"
