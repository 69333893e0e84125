"""Start the processes of a show, watch them, and clear up after them.

The player outlives everything: when the engine dies, the film goes on along its defaults, and what
the engine left of the session is sealed at the end.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Literal

import msgspec
import structlog

from engine import console, live, player
from engine.config import Show
from engine.link import Caller, Inlet, LinkError, wait_any
from engine.places import Places
from engine.records import Answer, EngineRequest, SeatRequest
from engine.session import SessionError, is_sealed, recover
from engine.status import Status
from engine.worker import make_job
from playback import Ack, Command, PlayerEvent

_PLAYER_LIMIT_S = 20.0
_SEAL_LIMIT_S = 15.0
_WATCH_MS = 100
_CONSOLE_PORT = 8460
_CONSOLE_PAUSE_NS = 1_000_000_000


@dataclass(frozen=True, slots=True)
class News:
    """What has happened since the last look.

    Attributes
    ----------
    status : Status or None
        The engine's newest picture of the show.
    events : tuple of PlayerEvent
        What the player did.
    faults : tuple of str
        Processes that ended and should not have.
    over : bool
        The player has ended.
    """

    status: Status | None
    events: tuple[PlayerEvent, ...]
    faults: tuple[str, ...]
    over: bool


class RunningShow:
    """A show's processes.

    Use as a context manager: leaving it ends every process, however it is left.

    Parameters
    ----------
    show : Show
        The checked show.
    places : Places
        Claimed by the caller.
    session : Path
        The session file to write.
    cache : Path
        Folder for converted recordings.
    driver : str
        "embedded", "vlc" or "silent".
    windowed : bool
        A window instead of the whole screen.
    on_request : bool
        The film waits for START.
    with_console : bool
        Serve the operator's page; a console that dies is started again.
    """

    def __init__(
        self,
        show: Show,
        places: Places,
        session: Path,
        cache: Path,
        driver: str,
        *,
        windowed: bool = False,
        on_request: bool = False,
        with_console: bool = False,
    ) -> None:
        self._show = show
        self._places = places
        self._session = session
        self._cache = cache
        self._driver = driver
        self._windowed = windowed
        self._on_request = on_request
        self._with_console = with_console
        self._console_ended_ns: int | None = None
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        self._gone: set[str] = set()
        self._status = Inlet(places.engine_status)
        self._events = Inlet(places.player_events)
        self._log = structlog.get_logger().bind(part="supervisor")

    def __enter__(self) -> RunningShow:
        for number, source in enumerate(self._show.sources):
            job = make_job(source.name, self._places.worker(number), self._cache, source.spec)
            self._start(f"worker-{number}", "engine.worker", job)
        self._start(
            "player",
            "engine.player",
            msgspec.json.encode(
                player.Job(str(self._places.folder), self._driver, self._show.table, self._windowed)
            ),
        )
        self._wait_for_player()
        self._start(
            "engine",
            "engine.live",
            msgspec.json.encode(
                live.Job(
                    str(self._places.folder),
                    str(self._show.path.resolve()),
                    str(self._session.resolve()),
                    self._on_request,
                )
            ),
        )
        console.forget_address(self._places)
        if self._with_console:
            self._start_console()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        for process in self._processes.values():
            process.terminate()
        for process in self._processes.values():
            try:
                process.wait(5)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self._status.close()
        self._events.close()

    def pid(self, part: str) -> int:
        """Give the process number of "engine", "player", "console" or "worker-0"."""
        return self._processes[part].pid

    def look(self) -> News:
        """Wait a moment and tell what is new."""
        wait_any((self._status, self._events), _WATCH_MS)
        now_ns = time.monotonic_ns()
        statuses = self._status.receive(now_ns)
        status = msgspec.msgpack.decode(statuses[-1].parts[0], type=Status) if statuses else None
        events = tuple(
            msgspec.msgpack.decode(message.parts[0], type=PlayerEvent)
            for message in self._events.receive(now_ns)
        )
        over = self._processes["player"].poll() is not None
        faults = self._faults(over) + self._keep_console(now_ns)
        return News(status, events, faults, over)

    def seal(self) -> str:
        """Wait for the engine to seal the session; seal it ourselves if the engine is dead.

        Returns
        -------
        str
            What came of it, in words.
        """
        engine = self._processes["engine"]
        try:
            engine.wait(_SEAL_LIMIT_S)
        except subprocess.TimeoutExpired:
            engine.kill()
            engine.wait()
        if not self._session.exists():
            return "the engine ended before it began a session"
        if is_sealed(self._session):
            return f"session {self._session}"
        try:
            recover(self._session, player.read_journal(self._places.journal))
        except SessionError as error:
            return str(error)
        return f"session {self._session}, recovered after the engine's end"

    def _start(self, name: str, module: str, job: bytes, mode: Literal["wb", "ab"] = "wb") -> None:
        path = self._places.job(name)
        path.write_bytes(job)
        with self._places.log(name).open(mode) as log:
            # A session of its own: Ctrl-C at the terminal must not reach the film.
            self._processes[name] = subprocess.Popen(
                [sys.executable, "-m", module, str(path)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                env={**os.environ, "PYTHONFAULTHANDLER": "1"},
            )

    def _start_console(self, mode: Literal["wb", "ab"] = "wb") -> None:
        job = console.Job(
            str(self._places.folder), str(self._show.path.resolve()), port=_CONSOLE_PORT
        )
        self._start("console", "engine.console", msgspec.json.encode(job), mode)

    def _keep_console(self, now_ns: int) -> tuple[str, ...]:
        """Start a console that has died again, a second later; gives what happened, in words."""
        if not self._with_console or self._processes["console"].poll() is None:
            return ()
        if self._console_ended_ns is None:
            self._console_ended_ns = now_ns
            return (f"the console ended and starts again; see {self._places.log('console')}",)
        if now_ns - self._console_ended_ns > _CONSOLE_PAUSE_NS:
            self._console_ended_ns = None
            self._start_console("ab")
        return ()

    def _wait_for_player(self) -> None:
        """Wait until the player answers, or has ended with a reason."""
        process = self._processes["player"]
        until = time.monotonic() + _PLAYER_LIMIT_S
        caller = Caller(self._places.player_desk)
        try:
            caller.post(msgspec.msgpack.encode(player.PlayerRequest()))
            while process.poll() is None and time.monotonic() < until:
                wait_any((caller,), _WATCH_MS)
                if caller.answers():
                    return
        finally:
            caller.close()
        self.__exit__(None, None, None)
        raise LinkError(f"the player did not start: {self._last_words('player')}")

    def _last_words(self, name: str) -> str:
        """Give the reason that ends a process's log, or say where the log is."""
        log = self._places.log(name)
        lines = log.read_bytes().splitlines()
        try:
            return str(msgspec.json.decode(lines[-1])["why"])
        except (IndexError, KeyError, TypeError, msgspec.DecodeError):
            return f"{log} says why"

    def _faults(self, over: bool) -> tuple[str, ...]:
        faults = []
        for name, process in self._processes.items():
            status = process.poll()
            ended_well = name == "console" or (status == 0 and (over or name == "engine"))
            if status is not None and name not in self._gone and not ended_well:
                self._gone.add(name)
                faults.append(f"{name} ended with status {status}; see {self._places.log(name)}")
        return tuple(faults)


def set_consent(places: Places, request: SeatRequest, timeout_ms: int = 2000) -> Answer:
    """Change a seat's consent in the running show.

    Raises
    ------
    LinkError
        No engine answered.
    """
    caller = Caller(places.engine_desk)
    try:
        body = msgspec.msgpack.encode(EngineRequest(seat=request))
        return msgspec.msgpack.decode(caller.call(body, timeout_ms, "the engine"), type=Answer)
    finally:
        caller.close()


def command_player(places: Places, command: Command, timeout_ms: int = 2000) -> Ack:
    """Give the player a command and wait for its answer.

    Raises
    ------
    LinkError
        No player answered.
    """
    caller = Caller(places.player_desk)
    try:
        request = msgspec.msgpack.encode(player.PlayerRequest(command=command))
        return msgspec.msgpack.decode(caller.call(request, timeout_ms, "the player"), type=Ack)
    finally:
        caller.close()


def watch(show: RunningShow, see: Callable[[News], None]) -> None:
    """Look until the film is over, handing on the news."""
    over = False
    while not over:
        news = show.look()
        see(news)
        over = news.over
