"""Start the processes of a show, keep them running, and clear up after them.

Every part that ends before its time, or hangs, is started again and goes on where the one before
it stood. The player outlives everything: while there is no engine the film goes on along its
defaults. What engines left of the session is put together at the end.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

import msgspec

from engine import console, curtain, live, player
from engine.config import Show
from engine.keeper import Deed, Keeper
from engine.link import Caller, Inlet, LinkError, wait_any
from engine.places import Places
from engine.records import Answer, EngineRequest, SeatRequest
from engine.resume import Backup, Interrupted, restore
from engine.session import SessionError, is_whole, parts_of, recover
from engine.status import Status
from engine.worker import make_job
from playback import Ack, Command, PlayerEvent

_PLAYER_LIMIT_S = 20.0
_SEAL_LIMIT_S = 15.0
_WATCH_MS = 100
_CONSOLE_PORT = 8460
_COPY_NS = 1_000_000_000
# A start costs a core for seconds, and the film has just begun.
_SPARE_NS = 10_000_000_000

PLAYER_PATIENCE_NS = 3_000_000_000
"""How long a player may be silent before it counts as hung, in ns."""

ENGINE_PATIENCE_NS = 10_000_000_000
"""How long an engine may be silent before it counts as hung, in ns."""


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


class _Part:
    """One process of the show, started again when it ends before its time.

    Parameters
    ----------
    name, module : str
        What it is called, and what it runs.
    places : Places
        For its job and its log.
    job : bytes
        What it is told.
    patience_ns : int, optional
        How long it may be silent once it has spoken.
    with_spare : bool
        Whether another process of it waits, ready, for the first to end: it begins with a line
        on its standard input.
    """

    def __init__(
        self,
        name: str,
        module: str,
        places: Places,
        job: bytes,
        patience_ns: int | None = None,
        *,
        with_spare: bool = False,
    ) -> None:
        self.name = name
        self.keeper = Keeper(patience_ns)
        self._module = module
        self._log = places.log(name)
        self._path = places.job(name)
        self._path.write_bytes(job)
        self._log.unlink(missing_ok=True)
        self._with_spare = with_spare
        self._spare: subprocess.Popen[bytes] | None = None
        self.process = self._start()

    def _start(self) -> subprocess.Popen[bytes]:
        """Start it: the spare, if there is one."""
        self._status: int | None = None
        self._started_ns = time.monotonic_ns()
        self.keeper.start(self._started_ns)
        process, self._spare = self._spare or self._launch(), None
        if process.stdin:
            with contextlib.suppress(BrokenPipeError):
                process.stdin.write(b"go\n")
                process.stdin.close()
        return process

    def _launch(self) -> subprocess.Popen[bytes]:
        with self._log.open("ab") as log:
            # A session of its own: Ctrl-C at the terminal must not reach the film.
            return subprocess.Popen(
                [sys.executable, "-m", self._module, str(self._path)],
                stdin=subprocess.PIPE if self._with_spare else subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                env={**os.environ, "PYTHONFAULTHANDLER": "1"},
            )

    def _tend_spare(self, now_ns: int) -> None:
        """Have a spare, once the part has had the machine for itself for a while."""
        if self._spare and self._spare.poll() is not None:
            self._close_spare()
        if self._with_spare and not self._spare and now_ns - self._started_ns > _SPARE_NS:
            self._spare = self._launch()

    def _close_spare(self) -> None:
        if self._spare:
            self._spare.kill()
            self._spare.wait()
            if self._spare.stdin:
                self._spare.stdin.close()
        self._spare = None

    @property
    def finished(self) -> bool:
        """Whether it has ended as it should."""
        return self.process.poll() == 0

    def tend(self, now_ns: int) -> str:
        """Keep it running; gives what happened, in words, the moment it is noticed."""
        status = self.process.poll()
        is_news = self._status is None and status is not None
        self._status = status
        deed = self.keeper.judge(now_ns, alive=status is None, left=status == 0)
        self._tend_spare(now_ns)
        if deed is Deed.END:
            self.process.kill()
            self.process.wait()
            return f"{self.name} does not move any more, and is ended"
        if deed is Deed.START:
            self.process = self._start()
        if status and is_news:
            return f"{self.name} ended ({_how(status)}) and starts again; see {self._log}"
        return ""

    def last_words(self) -> str:
        """Give the reason that ends its log, or say where the log is."""
        lines = self._log.read_bytes().splitlines()
        try:
            return str(msgspec.json.decode(lines[-1])["why"])
        except (IndexError, KeyError, TypeError, msgspec.DecodeError):
            return f"{self._log} says why"

    def stop(self) -> None:
        """Ask it to end."""
        self._close_spare()
        self.process.terminate()

    def wait(self, seconds: float) -> None:
        """Wait until it has ended; end it if that takes too long."""
        try:
            self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


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
        Serve the operator's page.
    interrupted : Interrupted, optional
        A show to go on with, where it stood.
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
        interrupted: Interrupted | None = None,
    ) -> None:
        self._show = show
        self._places = places
        self._session = session
        self._cache = cache
        self._driver = driver
        self._windowed = windowed
        self._on_request = on_request
        self._with_console = with_console
        self._interrupted = interrupted
        begun = Interrupted(str(show.path.resolve()), str(session.resolve()), windowed)
        self._backup = Backup(begun, places)
        self._copied_ns = 0
        self._over = False
        self._parts: dict[str, _Part] = {}
        self._status = Inlet(places.engine_status)
        self._events = Inlet(places.player_events)

    def __enter__(self) -> RunningShow:
        try:
            self._start_all()
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def _start_all(self) -> None:
        if self._interrupted:
            restore(self._interrupted, self._places)
        else:
            self._places.clear(self._session)
        for number, source in enumerate(self._show.sources):
            job = make_job(source.name, self._places.worker(number), self._cache, source.spec)
            self._start(f"worker-{number}", "engine.worker", job)
        folder = str(self._places.folder)
        table = self._show.table
        if self._driver != "silent" and not self._windowed:
            self._start(
                "curtain", "engine.curtain", msgspec.json.encode(curtain.Job(folder, table))
            )
        self._start(
            "player",
            "engine.player",
            msgspec.json.encode(player.Job(folder, self._driver, table, self._windowed)),
            PLAYER_PATIENCE_NS,
        )
        self._wait_for_player()
        show, session = str(self._show.path.resolve()), str(self._session.resolve())
        engine_job = live.Job(folder, show, session, self._on_request)
        job = msgspec.json.encode(engine_job)
        self._start("engine", "engine.live", job, ENGINE_PATIENCE_NS, with_spare=True)
        console.forget_address(self._places)
        if self._with_console:
            console_job = console.Job(folder, show, port=_CONSOLE_PORT)
            self._start("console", "engine.console", msgspec.json.encode(console_job))

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        for part in self._parts.values():
            part.stop()
        for part in self._parts.values():
            part.wait(5)
        self._backup.close(over=self._over)
        self._status.close()
        self._events.close()

    def pid(self, part: str) -> int:
        """Give the process number of "engine", "player", "console" or "worker-0", as it is now."""
        return self._parts[part].process.pid

    def look(self) -> News:
        """Wait a moment, keep every part running, and tell what is new."""
        wait_any((self._status, self._events), _WATCH_MS)
        now_ns = time.monotonic_ns()
        statuses = self._status.receive(now_ns)
        status = msgspec.msgpack.decode(statuses[-1].parts[0], type=Status) if statuses else None
        events = tuple(
            msgspec.msgpack.decode(message.parts[0], type=PlayerEvent)
            for message in self._events.receive(now_ns)
        )
        if status:
            self._parts["engine"].keeper.hear(now_ns)
        if any(event.visit >= 0 for event in events):
            self._parts["player"].keeper.hear(now_ns)
        return News(status, events, self._tend(now_ns), self._parts["player"].finished)

    def _tend(self, now_ns: int) -> tuple[str, ...]:
        """Keep every part running that should run; gives what happened, in words."""
        if self._parts["player"].finished:
            return ()
        if now_ns - self._copied_ns > _COPY_NS:
            self._copied_ns = now_ns
            self._backup.keep()
        told = [part.tend(now_ns) for part in self._parts.values()]
        return tuple(words for words in told if words)

    def seal(self) -> str:
        """Wait for the engine to seal its part of the session; make one sealed file of all parts.

        Returns
        -------
        str
            What came of it, in words.
        """
        self._parts["engine"].wait(_SEAL_LIMIT_S)
        refuge = self._places.folder
        if is_whole(self._session, refuge):
            self._over = True
            return f"session {self._session}"
        if not parts_of(self._session, refuge):
            self._over = True
            return "the engine ended before it began a session"
        try:
            recover(self._session, player.read_journal(self._places.journal), refuge=refuge)
        except SessionError as error:
            return str(error)
        self._over = True
        return f"session {self._session}, put together after an interruption"

    def _start(
        self,
        name: str,
        module: str,
        job: bytes,
        patience_ns: int | None = None,
        *,
        with_spare: bool = False,
    ) -> None:
        part = _Part(name, module, self._places, job, patience_ns, with_spare=with_spare)
        self._parts[name] = part

    def _wait_for_player(self) -> None:
        """Wait until the player answers, or has ended with a reason."""
        part = self._parts["player"]
        until = time.monotonic() + _PLAYER_LIMIT_S
        caller = Caller(self._places.player_desk)
        try:
            caller.post(msgspec.msgpack.encode(player.PlayerRequest()))
            while part.process.poll() is None and time.monotonic() < until:
                wait_any((caller,), _WATCH_MS)
                if caller.answers():
                    return
        finally:
            caller.close()
        raise LinkError(f"the player did not start: {part.last_words()}")


def _how(status: int) -> str:
    """Tell in words how a process has ended."""
    return f"status {status}" if status >= 0 else f"killed by {signal.Signals(-status).name}"


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
