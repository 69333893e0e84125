"""A small film, a hand that drives a player through it, and real clips of two seconds."""

import os
import subprocess
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path

import msgspec
import pytest

from playback import (
    Capabilities,
    Clip,
    Command,
    FilmTable,
    Player,
    PlayerEvent,
    PlayerState,
    SilentDriver,
    TableScene,
    available_drivers,
)
from playback._sketch import Sketch, paint_sketch

NS = 1_000_000_000
FPS = 24


def scene(name: str, frames: int, default: str | None, *targets: str) -> TableScene:
    return TableScene(name, Clip(f"{name}.mkv", 0, frames), default, targets)


class DelayedDriver(SilentDriver):
    """A silent driver whose pictures would be seen some ticks after they were asked for."""

    def __init__(self, delay: int, *faults: Collection[str]) -> None:
        super().__init__(*faults)
        self._delay = delay

    @property
    def capabilities(self) -> Capabilities:
        return replace(super().capabilities, output_delay_frames=self._delay)


def handed_on(state: PlayerState) -> PlayerState:
    """The state as another process reads it."""
    return msgspec.json.decode(msgspec.json.encode(state), type=PlayerState)


@dataclass
class Hand:
    """Ticks a player by its own grid and remembers all that came of it."""

    player: Player
    driver: SilentDriver
    ns: int = 0
    events: list[PlayerEvent] = field(default_factory=list)
    screen: list[tuple[str, int, float] | None] = field(default_factory=list)

    def tick(self, count: int = 1) -> list[PlayerEvent]:
        new: list[PlayerEvent] = []
        for _ in range(count):
            self.ns = self.player.next_tick_ns or self.ns
            new += self.player.tick(self.ns)
            self.screen.append(self.driver.shown)
        self.events += new
        return new

    def until(self, name: str, limit: int = 4000) -> list[PlayerEvent]:
        """Tick until scene `name` is on the screen, or the film has ended."""
        new: list[PlayerEvent] = []
        for _ in range(limit):
            if self.player.scene == name or self.player.finished:
                return new
            new += self.tick()
        raise AssertionError(f"{name} never came")

    def to_end(self, limit: int = 8000) -> list[PlayerEvent]:
        new: list[PlayerEvent] = []
        for _ in range(limit):
            if self.player.finished:
                return new + self.tick()
            new += self.tick()
        raise AssertionError("no ending")

    def kinds(self) -> list[str]:
        return [event.kind for event in self.events if event.kind != "position"]

    def path(self) -> list[tuple[str, str]]:
        return [(event.scene, event.by) for event in self.events if event.kind == "started"]


@pytest.fixture(scope="session")
def table() -> FilmTable:
    """lead -> fork -> (left | right | middle) -> end; left is the default, right ends far."""
    return FilmTable(
        FPS,
        1,
        "lead",
        (
            scene("lead", 30, "fork"),
            scene("fork", 100, "left", "right", "left", "middle"),
            scene("left", 40, "end"),
            scene("right", 40, "far"),
            scene("middle", 40, "end"),
            scene("end", 20, None),
            scene("far", 20, None),
        ),
        "Seven Scenes",
    )


@pytest.fixture
def play(table: FilmTable) -> Callable[..., Hand]:
    """Make a hand with a silent driver on which some clips misbehave."""

    def make(
        never_ready: Collection[str] = (),
        vanished: Collection[str] = (),
        film: FilmTable | None = None,
    ) -> Hand:
        driver = SilentDriver(never_ready, vanished)
        return Hand(Player(film or table, driver), driver)

    return make


@pytest.fixture
def again(table: FilmTable) -> Callable[..., Hand]:
    """Make a hand whose player, a second later, goes on where another's stood when it died."""

    def make(
        dead: Hand,
        delay: int = 0,
        never_ready: Collection[str] = (),
        vanished: Collection[str] = (),
    ) -> Hand:
        driver = DelayedDriver(delay, never_ready, vanished)
        return Hand(Player(table, driver, handed_on(dead.player.state)), driver, dead.ns + NS)

    return make


@pytest.fixture
def running(play: Callable[..., Hand]) -> Callable[..., Hand]:
    """The same, started and ticked until `fork` is on the screen."""

    def make(**faults: Collection[str]) -> Hand:
        hand = play(**faults)
        hand.player.command(Command("start"))
        hand.until("fork")
        return hand

    return make


SMALL = (320, 180)
CLIP_FRAMES = 24


@pytest.fixture(scope="session")
def clips(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Four sketches of a second each; the n-th carries the clip code n."""
    folder = tmp_path_factory.mktemp("clips")
    paths = [folder / f"clip {number}.mkv" for number in range(4)]
    for number, path in enumerate(paths):
        title = f"Clip {number}"
        sketch = Sketch(str(path), number, title, "", CLIP_FRAMES / FPS, "calm")
        paint_sketch(sketch, Fraction(FPS), SMALL)
    return paths


@pytest.fixture
def display() -> Iterator[str]:
    """An X server of our own, on a number it finds free."""
    read, write = os.pipe()
    command = ["Xvfb", "-displayfd", str(write), "-screen", "0", "640x360x24", "-nolisten", "tcp"]
    try:
        server = subprocess.Popen(command, pass_fds=(write,), stderr=subprocess.DEVNULL)
    except FileNotFoundError:
        os.close(read)
        pytest.skip("no Xvfb: apt-get install xvfb")
    finally:
        os.close(write)
    with os.fdopen(read) as answer:
        number = answer.readline().strip()
    yield f":{number}"
    server.terminate()
    server.wait()


@pytest.fixture
def vlc_screen(display: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """An X screen for the vlc driver in this process; without libVLC, says so."""
    monkeypatch.setenv("DISPLAY", display)
    monkeypatch.setenv("SDL_AUDIODRIVER", "dummy")
    monkeypatch.delenv("SDL_VIDEODRIVER", raising=False)
    _, vlc, _ = available_drivers()
    if not vlc.picture:
        message = f"no vlc driver here: {'; '.join(vlc.reasons)}"
        if os.environ.get("CI") == "true":
            pytest.fail(message)
        pytest.skip(message)
    return display


@pytest.fixture
def no_screen(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have SDL draw and sound nowhere, so that windows open on every machine."""
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    monkeypatch.setenv("SDL_AUDIODRIVER", "dummy")
