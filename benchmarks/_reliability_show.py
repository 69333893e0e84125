"""One real show with one fault in it: ``python -m benchmarks._reliability_show FAULT FOLDER``.

The folder holds film, show file and clips; the session goes into its folder ``sessions``. Prints
a `Story` as JSON.
"""

from __future__ import annotations

import errno
import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import msgspec

from engine.config import load_show
from engine.console import read_address
from engine.link import Inlet, wait_any
from engine.places import Places
from engine.supervisor import News, RunningShow, watch
from playback import PlayerEvent

FILM = """
title: {en: Faults}
fps: 24
start: opening
max_runtime: 5 min
scenes:
  opening: {clip: clip 0.mkv, length: 2 s, default: question}
  question:
    clip: clip 1.mkv
    length: 21 s
    reading: {from: 3 s, to: 20 s}
    branches:
      - {when: synchrony > 3 for 2 s, to: together}
    default: calm
  together: {clip: clip 2.mkv, length: 4 s, ending: true}
  calm: {clip: clip 3.mkv, length: 4 s, ending: true}
"""
SHOW = """
title = "Faults"
driver = "embedded"
film = "film.yaml"

[[sources]]
kind = "simulated"
seats = "A1..A16"
consent = "recorded"
seed = 3

[sources.strengths]
synchrony = 4.0
loss = 0.0
"""
LENGTHS_S = {"clip 0.mkv": 2, "clip 1.mkv": 21, "clip 2.mkv": 4, "clip 3.mkv": 4}
SCENE = "question"
CLIP = "clip 1.mkv"
INTO_S = 9.0
"""How far into the scene it happens."""

_SILENT_S, _HEARD_S = 0.5, 0.3


class Story(msgspec.Struct, frozen=True):
    """What was done, and what came of it.

    Attributes
    ----------
    struck_s : float
        Monotonic time of the fault, in s.
    back_s : float or None
        When the part was back, in s; None where only the tape can tell, or nothing went.
    outcome : str
        What the supervisor said of the session.
    """

    struck_s: float
    back_s: float | None
    outcome: str


@dataclass(frozen=True, slots=True)
class Fault:
    """What befalls a show.

    Attributes
    ----------
    part : str
        Whom; empty for nobody.
    signal : signal.Signals
        What it is sent.
    seconds : float
        How long after that it is continued; 0 for not at all.
    """

    part: str
    signal: signal.Signals = signal.SIGKILL
    seconds: float = 0.0


FAULTS = {
    "nothing": Fault(""),
    "engine killed": Fault("engine"),
    "engine stopped for 4 s": Fault("engine", signal.SIGSTOP, 4.0),
    "engine stopped for good": Fault("engine", signal.SIGSTOP),
    "player killed": Fault("player"),
    "player stopped for 1.5 s": Fault("player", signal.SIGSTOP, 1.5),
    "player stopped for good": Fault("player", signal.SIGSTOP),
    "decoder of the running clip killed": Fault("decoder"),
    "worker killed": Fault("worker-0"),
    "worker stopped for 4 s": Fault("worker-0", signal.SIGSTOP, 4.0),
    "console killed": Fault("console"),
    "curtain killed": Fault("curtain"),
    "supervisor and player killed, hall show --resume": Fault("supervisor"),
    "disk of the sessions full": Fault("disk"),
}
DISK = "disk of the sessions full"


class _Watch:
    """Lets the fault happen, and sees when the part is back.

    Parameters
    ----------
    fault : Fault
        What is to happen.
    running : RunningShow
        The show.
    places : Places
        Where it runs.
    session : Path
        What it writes.
    """

    def __init__(self, fault: Fault, running: RunningShow, places: Places, session: Path) -> None:
        self._fault = fault
        self._running = running
        self._places = places
        self._filler = session.with_name("filler")
        self._due_s = float("inf")
        self._goes_on: tuple[float, int] | None = None
        self._term = 0
        self._gone = False
        self.struck_s = 0.0
        self.back_s: float | None = None

    def see(self, news: News) -> None:
        """Take in the news, and do what is due."""
        for event in news.events:
            if event.kind == "started" and event.scene == SCENE:
                self._due_s = event.hall_ns * 1e-9 + INTO_S
        now_s = time.monotonic()
        if self._goes_on and now_s >= self._goes_on[0]:
            os.kill(self._goes_on[1], signal.SIGCONT)
            self._goes_on = None
        elif self.struck_s and self.back_s is None:
            self.back_s = now_s if self._is_back(news) else None
        elif not self.struck_s and now_s >= self._due_s:
            self._strike()

    def free_disk(self) -> bool:
        """Take away what filled the disk; False where nothing did."""
        is_filled = self._filler.exists()
        self._filler.unlink(missing_ok=True)
        return is_filled

    def _strike(self) -> None:
        part = self._fault.part
        self._term = self._places.newest_term()
        self.struck_s = time.monotonic()
        if part == "disk":
            _fill(self._filler)
        elif part:
            pid = _decoder(self._running) if part == "decoder" else self._running.pid(part)
            os.kill(pid, self._fault.signal)
            if self._fault.seconds:
                self._goes_on = self.struck_s + self._fault.seconds, pid

    def _is_back(self, news: News) -> bool:
        """Tell whether the part does again what it is there for."""
        status = news.status
        if self._fault.part == "console":
            self._gone |= any("console" in fault for fault in news.faults)
            return self._gone and _answers(self._places)
        if status is None:
            return False
        if self._fault.part == "engine":
            is_new = self._places.newest_term() > self._term or self._fault.seconds > 0
            return is_new and bool(status.scene)
        if self._fault.part.startswith("worker"):
            silent_s = max(seat.silent_s for seat in status.seats)
            self._gone |= silent_s > _SILENT_S
            return self._gone and silent_s < _HEARD_S
        return False


def play(fault: Fault, folder: Path) -> Story:
    """Run one show, with the fault in its middle."""
    show = load_show(folder / "show.toml")
    places = Places.make(folder / "run")
    session = folder / "sessions" / "session.mcap"
    running = RunningShow(show, places, session, folder / "cache", "embedded", with_console=True)
    with places.claim(), running:
        stage = _Watch(fault, running, places, session)
        watch(running, stage.see)
        outcome = running.seal()
        if stage.free_disk():
            # As an operator would, with `hall session recover`.
            outcome += "; then: " + running.seal()
    return Story(stage.struck_s, stage.back_s, outcome.replace(f"{folder}/", ""))


def play_on(folder: Path) -> Story:
    """Run one show through the command line, kill it and its player, and go on with it."""
    places = Places.make(folder / "run")
    events = Inlet(places.player_events)
    hall = [sys.executable, "-m", "engine.cli", "show"]
    sessions = ["--sessions", str(folder / "sessions")]
    with (
        (folder / "hall.log").open("wb") as log,
        subprocess.Popen(
            [*hall, str(folder / "show.toml"), *sessions], stdout=log, stderr=log
        ) as first,
    ):
        until_s = _scene_s(events) + INTO_S
        events.close()
        time.sleep(max(0.0, until_s - time.monotonic()))
        player = _child(first.pid, "engine.player")
        struck_s = time.monotonic()
        first.kill()
        os.kill(player, signal.SIGKILL)
        first.wait()
        ended = subprocess.run(
            [*hall, "--resume", *sessions], check=False, input=b"y\n", stdout=log, stderr=log
        )
    return Story(struck_s, None, f"hall show --resume ended with status {ended.returncode}")


def _scene_s(events: Inlet) -> float:
    """Wait until the scene has begun; gives when that was, in s."""
    while True:
        wait_any((events,), 100)
        for message in events.receive(time.monotonic_ns()):
            event = msgspec.msgpack.decode(message.parts[0], type=PlayerEvent)
            if event.kind == "started" and event.scene == SCENE:
                return event.hall_ns * 1e-9


def _decoder(running: RunningShow) -> int:
    """Find the process that has the running clip open."""
    player = running.pid("player")
    for child in _children(player):
        for descriptor in Path(f"/proc/{child}/fd").iterdir():
            with suppress(FileNotFoundError):
                if descriptor.readlink().name == CLIP:
                    return child
    raise ProcessLookupError(f"no decoder has {CLIP} open")


def _child(parent: int, module: str) -> int:
    """Find a child by what it runs."""
    for child in _children(parent):
        if module.encode() in Path(f"/proc/{child}/cmdline").read_bytes().split(b"\0"):
            return child
    raise ProcessLookupError(f"no child runs {module}")


def _children(parent: int) -> list[int]:
    tasks = Path(f"/proc/{parent}/task").iterdir()
    return [int(child) for task in tasks for child in (task / "children").read_text().split()]


def _fill(path: Path) -> None:
    """Take all the room a disk has."""
    with path.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(1 << 12))
        except OSError as error:
            if error.errno != errno.ENOSPC:
                raise


def _answers(places: Places) -> bool:
    """Tell whether the console's page is served."""
    address = urlsplit(read_address(places) or "")
    try:
        socket.create_connection((address.hostname, address.port or 0), 0.1).close()
    except OSError:
        return False
    return True


def main() -> None:
    """Run the show that the command line names."""
    name, folder = sys.argv[1], Path(sys.argv[2])
    fault = FAULTS[name]
    story = play_on(folder) if fault.part == "supervisor" else play(fault, folder)
    print(msgspec.json.encode(story).decode())


if __name__ == "__main__":
    main()
