"""The player process: the film's clock, the driver, the plan, the operator's commands.

It needs nobody: given its table of defaults and a start it finishes the film alone, and journals
what it showed.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

import msgspec
import structlog

from engine import logs
from engine.keepsake import Keepsake, recall
from engine.link import SOCKETS, Desk, Net, Outlet
from engine.places import Places
from playback import (
    Ack,
    Command,
    Driver,
    DriverError,
    FilmTable,
    Levels,
    PictureFile,
    Plan,
    Player,
    PlayerEvent,
    PlayerState,
    make_driver,
)

_AFTER_END_S = 1.0
_SPIN_NS = 1_500_000
_PICTURE_NS = 500_000_000
_LOOK_NS = 20_000_000


class PlayerRequest(msgspec.Struct, frozen=True):
    """What comes to the player's desk: a plan, a command, an engine's term, a level of sound."""

    plan: Plan | None = None
    command: Command | None = None
    claim: int | None = None
    levels: Levels | None = None


class Job(msgspec.Struct, frozen=True):
    """What the supervisor tells the player.

    Attributes
    ----------
    folder : str
        The running show's place.
    driver : str
        Name of the driver.
    table : FilmTable
        The film.
    windowed : bool
        A window instead of the whole screen.
    """

    folder: str
    driver: str
    table: FilmTable
    windowed: bool = False


class _Picture:
    """What the audience sees, as a file: looked at between ticks, where there is time."""

    def __init__(self, path: Path, driver: Driver) -> None:
        self._driver = driver
        self._file = PictureFile(path)
        self._due_ns = 0

    def look(self, now_ns: int, left_ns: int) -> None:
        """Keep the picture fresh; `left_ns` is the time until the next frame."""
        if now_ns >= self._due_ns and left_ns > _LOOK_NS:
            self._file.offer(self._driver.snapshot())
            self._due_ns = now_ns + _PICTURE_NS

    def close(self) -> None:
        self._file.close()


class LivePlayer:
    """One player, a turn at a time.

    Parameters
    ----------
    table : FilmTable
        The film.
    driver : Driver
        Where it is played; closed by its owner.
    places : Places
        Where its sockets are, its journal, and the state of a player before it.
    net : Net
        What carries its messages.
    """

    def __init__(
        self, table: FilmTable, driver: Driver, places: Places, *, net: Net = SOCKETS
    ) -> None:
        self._outlet = Outlet(places.player_events, net=net)
        self._desk = Desk(places.player_desk, net=net)
        self._player = Player(table, driver, _state_before(places.player_state))
        self._keepsake = Keepsake(places.player_state)
        self._journal = places.journal.open("a", encoding="utf-8")
        self._log = structlog.get_logger().bind(part="player")

    @property
    def next_tick_ns(self) -> int:
        """Hall time at which the next frame is due, in ns."""
        return self._player.next_tick_ns or 0

    @property
    def begun(self) -> bool:
        """Whether the film has begun."""
        return self._player.visit >= 0

    @property
    def finished(self) -> bool:
        """Whether the film has ended."""
        return self._player.finished

    def tick(self, now_ns: int) -> None:
        """Present what is due, and tell of what has happened."""
        events = self._player.tick(now_ns)
        self._keep()
        for event in events:
            self._outlet.publish(now_ns, msgspec.msgpack.encode(event))
            if event.kind != "position":
                self._write(event)
        self._outlet.serve()

    def serve(self) -> None:
        """Answer whoever asks."""
        self._desk.serve(self._answer)

    def wait(self, timeout_ms: int) -> None:
        """Wait until somebody asks something, at most `timeout_ms`."""
        self._desk.wait(timeout_ms)

    def close(self) -> None:
        """Let go of everything but the driver."""
        self._journal.close()
        self._keepsake.close()
        self._desk.close()
        self._outlet.close()

    def _answer(self, request: bytes) -> bytes:
        ack = self._obey(request)
        self._keep()  # what was promised outlives this process
        return msgspec.msgpack.encode(ack)

    def _obey(self, request: bytes) -> Ack:
        try:
            wanted = msgspec.msgpack.decode(request, type=PlayerRequest)
        except msgspec.MsgspecError as error:
            return Ack(False, f"not understood: {error}")
        if wanted.plan is not None:
            return self._player.plan(wanted.plan)
        if wanted.command is not None:
            return self._player.command(wanted.command)
        if wanted.claim is not None:
            return self._player.claim(wanted.claim)
        if wanted.levels is not None:
            return self._player.levels(wanted.levels)
        return Ack(True, "listening")

    def _keep(self) -> None:
        self._keepsake.keep(msgspec.json.encode(self._player.state))

    def _write(self, event: PlayerEvent) -> None:
        try:
            self._journal.write(msgspec.json.encode(event).decode() + "\n")
            self._journal.flush()
        except OSError as error:
            self._log.error("the journal cannot be written", why=error.strerror)


def run(job: Job, clock: Callable[[], int] = time.monotonic_ns) -> None:
    """Play until the film has ended or the supervisor is gone and the film with it."""
    places = Places(Path(job.folder))
    driver = make_driver(job.driver, job.table, windowed=job.windowed)
    live = LivePlayer(job.table, driver, places)
    picture = _Picture(places.picture, driver)
    structlog.get_logger().bind(part="player").info(
        "player ready", driver=driver.capabilities.name, remark=driver.capabilities.remark
    )
    try:
        _play(live, picture, clock)
    finally:
        picture.close()
        driver.close()
        live.close()


def _play(live: LivePlayer, picture: _Picture, clock: Callable[[], int]) -> None:
    parent = os.getppid()
    ended_ns: int | None = None
    while ended_ns is None or clock() - ended_ns < _AFTER_END_S * 1e9:
        now_ns = clock()
        live.tick(now_ns)
        picture.look(now_ns, live.next_tick_ns - clock())
        if live.finished and ended_ns is None:
            ended_ns = now_ns
        if not live.begun and os.getppid() != parent:
            return  # nobody is left who could start the film
        _wait_for_tick(live, clock)


def _wait_for_tick(live: LivePlayer, clock: Callable[[], int]) -> None:
    """Answer whoever asks until the next frame is due."""
    while (left_ns := live.next_tick_ns - clock()) > _SPIN_NS:
        live.wait(left_ns // 1_000_000)
        live.serve()
    live.serve()
    if (left_ns := live.next_tick_ns - clock()) > 0:
        time.sleep(left_ns * 1e-9)


def _state_before(path: Path) -> PlayerState | None:
    """Read where the player before this one stood; None where there was none."""
    kept = recall(path)
    return None if kept is None else msgspec.json.decode(kept, type=PlayerState)


def read_journal(path: Path) -> list[PlayerEvent]:
    """Read a player's journal; a last line that was cut off is left out."""
    if not path.exists():
        return []
    lines = path.read_bytes().split(b"\n")[:-1]
    return [msgspec.json.decode(line, type=PlayerEvent) for line in lines]


def _ask_for_priority() -> None:
    """Go before everything else where the system allows it; the decoders stay ordinary."""
    try:
        policy = os.SCHED_RR | os.SCHED_RESET_ON_FORK
        os.sched_setscheduler(0, policy, os.sched_param(1))
    except (AttributeError, PermissionError):
        structlog.get_logger().info("no real-time priority: a busy machine may cost frames")


def main() -> None:
    """Run the job whose file is named on the command line."""
    logs.configure()
    _ask_for_priority()
    try:
        run(msgspec.json.decode(Path(sys.argv[1]).read_bytes(), type=Job))
    except DriverError as error:
        structlog.get_logger().error("no player", why=str(error))
        sys.exit(1)


if __name__ == "__main__":
    main()
