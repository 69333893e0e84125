"""The curtain on an X screen: what is seen while a player is killed and another takes its place."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import av
import numpy as np
import pytest

from playback import Clip, Curtain, DriverError, FilmTable, TableScene, read_frame_code
from playback._slate import draw_slate
from playback._x11 import Server

pytestmark = pytest.mark.full

SIZE = (640, 360)
FRAMES = 24

FILM = """
import os, sys
from playback import Clip, FilmTable, TableScene

paths, frames = sys.argv[2:], 24
names = [f"s{n}" for n in range(99)]
scenes = tuple(
    TableScene(name, Clip(paths[n % len(paths)], 0, frames), follower, ())
    for n, (name, follower) in enumerate(zip(names, [*names[1:], None]))
)
table = FilmTable(24, 1, "s0", scenes, "Behind The Curtain")
"""

CURTAIN = f"""{FILM}
from playback import Curtain

curtain = Curtain(table)
print("up", flush=True)
sys.stdin.read()
curtain.close()
"""

PLAY = f"""{FILM}
import time
from pathlib import Path

import msgspec
from playback import Command, Player, PlayerState, make_driver

state = Path(sys.argv[1])
kept = msgspec.json.decode(state.read_bytes(), type=PlayerState) if state.exists() else None
driver = make_driver(os.environ["DRIVER"], table)
player = Player(table, driver, kept)
player.command(Command("start"))
while not player.finished:
    player.tick(time.monotonic_ns())
    state.with_suffix(".part").write_bytes(msgspec.json.encode(player.state))
    state.with_suffix(".part").replace(state)
    time.sleep(max(0, (player.next_tick_ns - time.monotonic_ns()) / 1e9))
"""


class Screen:
    """Looks at an X screen as fast as it can, and knows film and slate."""

    def __init__(self) -> None:
        self._server = Server()
        self._slate = draw_slate(SIZE)[..., ::-1].astype(np.int16)
        # What was seen, in order: a place in the film, "slate", or how far it is from the slate.
        self.seen: list[tuple[int, int] | str | float] = []

    def look(self) -> None:
        pixels = self._server.pixels(self._server.screen.root, (0, 0, *SIZE))
        picture = np.frombuffer(pixels, np.uint8).reshape(*SIZE[::-1], 4)[..., :3]
        if code := read_frame_code(picture):
            self._note((code.clip, code.frame))
            return
        off = np.abs(picture - self._slate)
        # Scaled by SDL, the emblem's edges are softer.
        self._note("slate" if np.median(off) <= 2 and off.mean() < 2 else float(off.mean()))

    def _note(self, what: tuple[int, int] | str | float) -> None:
        if self.seen[-1:] != [what]:
            self.seen.append(what)

    def until(self, enough: Callable[[], bool]) -> None:
        patience = time.monotonic() + 30
        while not enough():
            assert time.monotonic() < patience, self.seen[-5:]
            self.look()

    def film(self) -> list[tuple[int, int]]:
        return [what for what in self.seen if isinstance(what, tuple)]

    def close(self) -> None:
        self._server.close()


Start = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def start(display: str, clips: list[Path], tmp_path: Path) -> Iterator[Start]:
    """Start a process of the show; all are ended at last."""
    environment = {**os.environ, "DISPLAY": display, "SDL_AUDIODRIVER": "dummy"}
    environment.pop("SDL_VIDEODRIVER", None)
    made = []

    def make(script: str, driver: str = "") -> "subprocess.Popen[str]":
        command = [sys.executable, "-c", script, str(tmp_path / "state"), *map(str, clips)]
        pipe = subprocess.PIPE
        made.append(
            subprocess.Popen(
                command, env={**environment, "DRIVER": driver}, stdin=pipe, stdout=pipe, text=True
            )
        )
        return made[-1]

    yield make
    for process in made:
        process.kill()
        process.communicate()


@pytest.fixture
def screen(display: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Screen]:
    monkeypatch.setenv("DISPLAY", display)
    made = Screen()
    yield made
    made.close()


@pytest.mark.parametrize("driver", ["embedded", "vlc"])
def test_nothing_but_film_and_slate_is_seen_while_players_die(
    request: pytest.FixtureRequest, screen: Screen, start: Start, driver: str
) -> None:
    if driver == "vlc":
        request.getfixturevalue("vlc_screen")
    curtain = start(CURTAIN)
    assert curtain.stdout
    assert curtain.stdout.readline() == "up\n"
    screen.look()
    assert screen.seen == ["slate"]
    for pictures in (30, 60, 90):
        player = start(PLAY, driver)
        screen.until(lambda enough=pictures: len(screen.film()) > enough)
        player.send_signal(signal.SIGKILL)
        player.wait()
        screen.until(lambda: screen.seen[-1] == "slate")
    strange = [what for what in screen.seen if isinstance(what, float)]
    assert strange == []
    assert screen.seen.count("slate") == 4
    for at, what in enumerate(screen.seen[1:-1], 1):
        if what == "slate":
            (clip, frame), (clip_after, frame_after) = screen.seen[at - 1], screen.seen[at + 1]
            # As near as looking from outside can tell: at the same place.
            gone_on = (clip_after - clip + 1) % 4 * FRAMES - FRAMES + frame_after - frame
            assert abs(gone_on) < FRAMES / 2


def test_a_curtain_that_rises_late_stays_below_the_film(screen: Screen, start: Start) -> None:
    start(PLAY, "embedded")
    screen.until(lambda: len(screen.film()) > 2)
    screen.seen.clear()
    curtain = start(CURTAIN)
    assert curtain.stdout
    curtain.stdout.readline()
    screen.until(lambda: len(screen.film()) > FRAMES)
    assert len(screen.film()) == len(screen.seen)


def test_it_takes_no_keys(display: str, start: Start) -> None:
    curtain = start(CURTAIN)
    assert curtain.stdout
    curtain.stdout.readline()
    ask = ["xdotool", "search", "--name", "Neural Hall: the curtain"]
    environment = {**os.environ, "DISPLAY": display}
    window = subprocess.run(ask, env=environment, capture_output=True, text=True).stdout
    assert len(window.split()) == 1
    ask = ["xdotool", "getwindowfocus"]
    focus = subprocess.run(ask, env=environment, capture_output=True, text=True).stdout
    assert focus.split() != window.split()


def test_no_pointer_is_seen_over_it(display: str, start: Start) -> None:
    curtain = start(CURTAIN)
    assert curtain.stdout
    curtain.stdout.readline()
    size = f"{SIZE[0]}x{SIZE[1]}"
    with av.open(
        display, format="x11grab", options={"video_size": size, "draw_mouse": "1"}
    ) as grab:
        picture = next(grab.decode(video=0)).to_ndarray(format="rgb24")
    assert np.array_equal(picture, draw_slate(SIZE))


def test_without_an_x_server_the_reason_is_given(
    clips: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DISPLAY", raising=False)
    scene = TableScene("only", Clip(str(clips[0]), 0, FRAMES), None, ())
    with pytest.raises(DriverError, match="no X server"):
        Curtain(FilmTable(24, 1, "only", (scene,), "Dark"))
