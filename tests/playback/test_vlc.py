"""The vlc driver in real time: what lies on its window, and what happens to its children."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from fractions import Fraction

import numpy as np
import pytest

from playback import (
    Clip,
    FilmTable,
    FrameCode,
    Player,
    PlayerState,
    Readiness,
    TableScene,
    read_frame_code,
)
from playback._sketch import Sketch, paint_sketch
from playback._vlc import VlcDriver

pytestmark = pytest.mark.full

FPS = 24
FRAMES = 120


@pytest.fixture(scope="module")
def long_clip(tmp_path_factory: pytest.TempPathFactory) -> Clip:
    path = tmp_path_factory.mktemp("long") / "long clip.mkv"
    sketch = Sketch(str(path), 7, "Long", "", FRAMES / FPS, "calm")
    paint_sketch(sketch, Fraction(FPS), (320, 180))
    return Clip(str(path), 0, FRAMES)


def film(clip: Clip) -> FilmTable:
    return FilmTable(FPS, 1, "only", (TableScene("only", clip, None, ()),), "Long")


class Show:
    """A driver with one clip, ticked in real time."""

    def __init__(self, clip: Clip) -> None:
        self.driver = VlcDriver(film(clip), windowed=True)
        self._due = time.monotonic()
        self.seen: list[FrameCode | None] = []
        self.driver.prepare(0, clip)
        while self.driver.readiness(0) is not Readiness.READY:
            self.wait()
            self.driver.slate()
        self.driver.cut(0)

    def wait(self) -> None:
        """Let the next tick come."""
        self._due = max(self._due + 1 / FPS, time.monotonic() - 0.5)
        while time.monotonic() < self._due:
            self.driver.pressed()

    def play(self, first: int, stop: int, until: Callable[[bool], bool] = lambda _: False) -> int:
        """Show frames, and return the first that was not asked for any more."""
        for frame in range(first, stop):
            self.wait()
            there = self.driver.show(frame, 1.0)
            picture = self.driver.snapshot()
            assert picture is not None
            self.seen.append(read_frame_code(picture))
            if until(there):
                return frame + 1
        return stop


@pytest.fixture
def show(vlc_screen: str, long_clip: Clip) -> Iterator[Show]:
    made = Show(long_clip)
    yield made
    made.driver.close()


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGSTOP])
def test_without_its_child_the_last_frame_stands_until_the_film_goes_on(
    show: Show, how: signal.Signals
) -> None:
    frame = show.play(0, 24)
    victim = show.driver.decoders[0]
    os.kill(victim, how)
    frame = show.play(frame, FRAMES, until=lambda there: not there)
    frame = show.play(frame, FRAMES, until=lambda there: there)
    assert show.driver.decoders[0] != victim
    frame = show.play(frame, frame + 12)
    dark = [n for n, code in enumerate(show.seen) if code is None]
    assert dark == []
    last = show.seen[-1]
    assert last
    assert last.clip == 7
    assert frame - last.frame < FPS / 2


def test_a_frozen_child_is_buried(show: Show) -> None:
    frame = show.play(0, 12)
    victim = show.driver.decoders[0]
    os.kill(victim, signal.SIGSTOP)
    frame = show.play(frame, FRAMES, until=lambda _: show.driver.decoders[0] != victim)
    show.play(frame, frame + 12)
    with pytest.raises(ProcessLookupError):
        os.kill(victim, 0)


def test_a_fade_goes_from_film_to_slate_and_back_to_the_same_place(show: Show) -> None:
    frame = show.play(0, 24)
    means = []
    for level in (0.75, 0.5, 0.25):
        show.wait()
        show.driver.show(frame, level)
        frame += 1
        picture = show.driver.snapshot()
        assert picture is not None
        means.append(float(np.mean(picture)))
    assert means == sorted(means, reverse=True)
    for _ in range(24):
        show.wait()
        show.driver.slate()
    slate = show.driver.snapshot()
    assert slate is not None
    assert read_frame_code(slate) is None
    frame = show.play(frame, frame + 24)
    last = show.seen[-1]
    assert last
    assert abs(frame - last.frame) < FPS / 2


def test_a_freeze_stands(show: Show) -> None:
    frame = show.play(0, 24)
    for _ in range(12):
        show.wait()
        assert show.driver.show(frame - 1, 1.0)
    first = read_frame_code(show.driver.snapshot())
    for _ in range(12):
        show.wait()
        assert show.driver.show(frame - 1, 1.0)
    assert read_frame_code(show.driver.snapshot()) == first
    assert first
    assert abs(first.frame - frame) < FPS / 4


@pytest.mark.parametrize("asked_for", [0, 1, 35, 47, 48, 100])
def test_a_resumed_player_begins_where_the_other_ended(
    vlc_screen: str, long_clip: Clip, asked_for: int
) -> None:
    driver = VlcDriver(film(long_clip), windowed=True)
    state = PlayerState(True, 0, "only", asked_for, False, False, None, None, 0, False)
    player = Player(film(long_clip), driver, state)
    codes: list[FrameCode | None] = []
    while len(codes) < 12:
        while time.monotonic_ns() < (player.next_tick_ns or 0):
            driver.pressed()
        events = player.tick(time.monotonic_ns())
        assert "fault" not in [event.kind for event in events]
        picture = driver.snapshot()
        assert picture is not None
        code = read_frame_code(picture)
        codes += [code] if code or codes else []
    driver.close()
    # libVLC seeks among pictures in the order of the file, which is not that of the film.
    assert codes[0]
    assert abs(codes[0].frame - (asked_for + 1)) <= 2
    assert None not in codes


def test_closing_leaves_no_process(show: Show) -> None:
    pids = [*show.driver.decoders.values(), *(child.pid for child in show.driver._children.warm)]
    show.driver.close()
    for pid in pids:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)
