"""The player process: the film's clock, the driver, the plan, the operator's commands.

It needs nobody: given its table of defaults and a start it finishes the film alone, and journals
what it showed.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TextIO

import msgspec
import structlog

from engine import logs
from engine.link import Desk, Outlet
from engine.places import Places
from playback import (
    Ack,
    Command,
    Driver,
    DriverError,
    FilmTable,
    PictureFile,
    Plan,
    Player,
    PlayerEvent,
    make_driver,
)

_AFTER_END_S = 1.0
_SPIN_NS = 1_500_000
_PICTURE_NS = 500_000_000
_LOOK_NS = 20_000_000


class PlayerRequest(msgspec.Struct, frozen=True):
    """What comes to the player's desk: a plan or a command."""

    plan: Plan | None = None
    command: Command | None = None


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


def run(job: Job, clock: Callable[[], int] = time.monotonic_ns) -> None:
    """Play until the film has ended or the supervisor is gone and the film with it."""
    places = Places(Path(job.folder))
    log = structlog.get_logger().bind(part="player")
    outlet, desk = Outlet(places.player_events), Desk(places.player_desk)
    driver = make_driver(job.driver, job.table, windowed=job.windowed)
    picture = _Picture(places.picture, driver)
    log.info("player ready", driver=driver.capabilities.name, remark=driver.capabilities.remark)
    with places.journal.open("w", encoding="utf-8") as journal:
        try:
            _play(Player(job.table, driver), picture, clock, outlet, desk, journal)
        finally:
            picture.close()
            driver.close()
            desk.close()
            outlet.close()


def _play(
    player: Player,
    picture: _Picture,
    clock: Callable[[], int],
    outlet: Outlet,
    desk: Desk,
    journal: TextIO,
) -> None:
    def answer(request: bytes) -> bytes:
        return msgspec.msgpack.encode(_obey(player, request))

    parent = os.getppid()
    ended_ns: int | None = None
    while ended_ns is None or clock() - ended_ns < _AFTER_END_S * 1e9:
        now_ns = clock()
        _report(player.tick(now_ns), now_ns, outlet, journal)
        outlet.serve()
        picture.look(now_ns, (player.next_tick_ns or 0) - clock())
        if player.finished and ended_ns is None:
            ended_ns = now_ns
        if player.visit < 0 and os.getppid() != parent:
            return  # nobody is left who could start the film
        _wait_for_tick(player, clock, desk, answer)


def _wait_for_tick(
    player: Player,
    clock: Callable[[], int],
    desk: Desk,
    answer: Callable[[bytes], bytes],
) -> None:
    """Answer the desk until the next frame is due."""
    while (left_ns := (player.next_tick_ns or 0) - clock()) > _SPIN_NS:
        desk.wait(left_ns // 1_000_000)
        desk.serve(answer)
    desk.serve(answer)
    if (left_ns := (player.next_tick_ns or 0) - clock()) > 0:
        time.sleep(left_ns * 1e-9)


def _obey(player: Player, request: bytes) -> Ack:
    try:
        wanted = msgspec.msgpack.decode(request, type=PlayerRequest)
    except msgspec.MsgspecError as error:
        return Ack(False, f"not understood: {error}")
    if wanted.plan is not None:
        return player.plan(wanted.plan)
    if wanted.command is not None:
        return player.command(wanted.command)
    return Ack(True, "listening")


def _report(events: Iterable[PlayerEvent], now_ns: int, outlet: Outlet, journal: TextIO) -> None:
    for event in events:
        outlet.publish(now_ns, msgspec.msgpack.encode(event))
        if event.kind != "position":
            journal.write(msgspec.json.encode(event).decode() + "\n")
            journal.flush()


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
