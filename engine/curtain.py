"""The curtain's process: it holds the slate below the film's window, and does nothing else.

When the player dies, its window goes with it; what is seen then, until the next one's window is
there, is the curtain.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import msgspec
import structlog

from engine import logs
from engine.link import Caller, LinkError
from engine.places import Places
from engine.player import PlayerRequest
from playback import Curtain, DriverError, FilmTable, MediaError

_LOOK_S = 2.0


class Job(msgspec.Struct, frozen=True):
    """What the supervisor tells the curtain.

    Attributes
    ----------
    folder : str
        The running show's place.
    table : FilmTable
        The film.
    """

    folder: str
    table: FilmTable


def run(job: Job) -> None:
    """Hang while there is a supervisor, or a player that has outlived it."""
    curtain = Curtain(job.table)
    parent = os.getppid()
    places = Places(Path(job.folder))
    try:
        while os.getppid() == parent or is_player_there(places):
            time.sleep(_LOOK_S)
    finally:
        curtain.close()


def is_player_there(places: Places, timeout_ms: int = 300) -> bool:
    """Tell whether a player answers: one may have outlived its supervisor."""
    caller = Caller(places.player_desk)
    try:
        caller.call(msgspec.msgpack.encode(PlayerRequest()), timeout_ms, "the player")
    except LinkError:
        return False
    finally:
        caller.close()
    return True


def main() -> None:
    """Run the job whose file is named on the command line."""
    logs.configure()
    try:
        run(msgspec.json.decode(Path(sys.argv[1]).read_bytes(), type=Job))
    except (DriverError, MediaError) as error:
        structlog.get_logger().info("no curtain", why=str(error))


if __name__ == "__main__":
    main()
