"""The embedded driver under a player: what it showed is read back from its window."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from playback import (
    Clip,
    Command,
    FilmTable,
    FrameCode,
    Player,
    PlayerState,
    Readiness,
    TableScene,
    read_frame_code,
)
from playback._embedded import EmbeddedDriver
from playback._feed import HUNG_OPENING_TICKS, HUNG_TICKS

FRAMES = 24


def ring_of(clips: list[Path], scenes: int, frames: int = FRAMES) -> FilmTable:
    """A film of scenes in a row, clip n modulo the number of clips."""
    names = [f"s{n}" for n in range(scenes)]
    table = tuple(
        TableScene(name, Clip(str(clips[n % len(clips)]), 0, frames), follower, ())
        for n, (name, follower) in enumerate(zip(names, [*names[1:], None], strict=True))
    )
    return FilmTable(24, 1, "s0", table, "Ring")


class Screen:
    """A player on the embedded driver, ticked as fast as the decoders can follow."""

    def __init__(self, table: FilmTable, resume: PlayerState | None = None) -> None:
        self.driver = EmbeddedDriver(table, windowed=True)
        self.player = Player(table, self.driver, resume)
        self.frames = table.scenes[0].clip.frames
        self.codes: list[FrameCode | None] = []
        self.events: list[str] = []
        self.player.command(Command("start"))

    def supplied(self) -> bool:
        foreground, *candidates = sorted(self.driver.supply.items()) or [(0, 0)]
        at_end = self.player.frame + 1 >= self.frames
        return (at_end or foreground[1] > 0) and all(count >= 6 for _, count in candidates)

    def tick(self, wait: bool = True) -> None:
        patience = time.monotonic() + 20
        while wait and not self.supplied() and time.monotonic() < patience:
            self.driver.pressed()
        self.events += [e.kind for e in self.player.tick(self.player.next_tick_ns or 0)]
        self.codes.append(read_frame_code(self.driver.snapshot()))


@pytest.fixture
def screen(no_screen: None) -> Iterator[Callable[..., Screen]]:
    made: list[Screen] = []

    def make(table: FilmTable, resume: PlayerState | None = None) -> Screen:
        made.append(Screen(table, resume))
        return made[-1]

    yield make
    for one in made:
        one.driver.close()


def test_ten_cuts_without_a_lost_or_doubled_frame(
    screen: Callable[..., Screen], clips: list[Path]
) -> None:
    show = screen(ring_of(clips, 11, frames=12))
    while not show.player.finished:
        show.tick()
    for _ in range(show.driver.capabilities.output_delay_frames):
        show.tick(wait=False)
    seen = [code for code in show.codes if code]
    assert seen == [FrameCode(n % len(clips), k) for n in range(11) for k in range(12)]
    assert "underflow" not in show.events


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGSTOP])
def test_without_its_decoder_the_film_goes_on(
    screen: Callable[..., Screen], clips: list[Path], how: signal.Signals
) -> None:
    show = screen(ring_of(clips, 2))
    while None in show.codes[-3:] or not show.codes:
        show.tick()
    before = show.driver.decoders
    victim = next(iter(before.values()))
    os.kill(victim, how)
    if how == signal.SIGKILL:
        # Wait until it is dead, and leave it to the driver to bury it.
        os.waitid(os.P_PID, victim, os.WEXITED | os.WNOWAIT)
    while show.driver.decoders == before:
        show.tick(wait=False)
    while not show.player.finished:
        show.tick()
    first = next(k for k, code in enumerate(show.codes) if code)
    shown = show.codes[first:]
    assert None not in shown
    if how == signal.SIGKILL:
        assert FrameCode(0, FRAMES - 1) in shown
    last = [code.frame for code in shown if code and code.clip == 1]
    assert last == list(range(len(last)))
    assert len(last) > FRAMES / 2
    assert "fault" not in show.events


def test_a_decoder_that_opens_slowly_is_not_replaced_when_it_is_ready(
    no_screen: None, clips: list[Path]
) -> None:
    driver = EmbeddedDriver(ring_of(clips, 1), windowed=True)
    driver.prepare(0, Clip(str(clips[0]), 0, FRAMES))
    slow = driver.decoders[0]
    os.kill(slow, signal.SIGSTOP)
    for _ in range(HUNG_OPENING_TICKS - 1):
        driver.slate()
    os.kill(slow, signal.SIGCONT)
    while driver.readiness(0) is not Readiness.READY:
        driver.pressed()
    for _ in range(HUNG_TICKS):
        driver.slate()
    assert driver.decoders == {0: slow}
    driver.cut(0)
    assert driver.show(0, 1.0)
    driver.close()


@pytest.mark.parametrize("asked_for", [1, 2, 9, 22, 23])
def test_a_resumed_player_shows_what_was_never_seen_and_every_frame_after_it(
    screen: Callable[..., Screen], clips: list[Path], asked_for: int
) -> None:
    table = ring_of(clips, 2)
    dead = screen(table)
    while dead.player.frame < asked_for:
        dead.tick()
    state = dead.player.state
    dead.driver.close()
    show = screen(table, state)
    while not show.player.finished:
        show.tick()
    for _ in range(show.driver.capabilities.output_delay_frames):
        show.tick(wait=False)
    first = max(0, asked_for - 2)
    seen = [code for code in [*dead.codes, *show.codes] if code]
    whole = [FrameCode(0, k) for k in range(FRAMES)] + [FrameCode(1, k) for k in range(FRAMES)]
    assert [code for code in show.codes if code] == whole[first:]
    assert seen == whole
    assert "underflow" not in show.events


def test_levels_mix_film_and_slate(screen: Callable[..., Screen], clips: list[Path]) -> None:
    show = screen(ring_of(clips, 1))
    while not any(show.codes):
        show.tick()
    means = []
    for level in (1.0, 0.5, 0.0):
        for _ in range(4):
            show.tick()
        means.append(float(np.mean(show.driver._window.snapshot(show.driver._now[0], level))))
    assert means[0] > means[1] > means[2]


def test_closing_leaves_no_process(no_screen: None, clips: list[Path]) -> None:
    driver = EmbeddedDriver(ring_of(clips, 1), windowed=True)
    driver.prepare(0, Clip(str(clips[0]), 0, FRAMES))
    pid = driver.decoders[0]
    driver.close()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
