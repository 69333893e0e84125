"""Parallel threads: cuts between files at the same timecode, far from key frames."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path

import av
import msgspec
import numpy as np
import pytest

from playback import (
    MOST_PREROLLED,
    Clip,
    Command,
    FilmTable,
    FrameCode,
    Plan,
    Player,
    TableScene,
    read_frame_code,
    read_tone,
)
from playback._codes import code_tone, draw_frame_code, strip_height
from playback._embedded import EmbeddedDriver
from playback._sound import RAMP

FPS, RATE, TICK = 24, 48_000, 2000
# Which thread each shot is of: cuts between two files, shots that go on in the same one, and a
# third thread in the first one's file.
PATH = "abaabbcbaba"
NUMBER = {"a": 1, "b": 2}


class Tape:
    """A device that plays a tick's sound per tick and keeps all of it."""

    def __init__(self) -> None:
        self.queued = 0
        self.given: list[np.ndarray] = []

    def push(self, samples: np.ndarray) -> None:
        self.queued += len(samples)
        self.given.append(samples)

    def run(self) -> None:
        """Nothing waits for it."""

    def play(self) -> None:
        self.queued -= TICK

    def close(self) -> None:
        """Nothing is held."""


def sound_of(name: str, samples: int) -> np.ndarray:
    """The thread's sound, int16, shape (samples, 2): noise, and the tones of its code."""
    rng = np.random.default_rng(NUMBER[name])
    noise = rng.normal(0, 0.02, (samples, 2)) + code_tone(NUMBER[name], 0, samples, RATE)[:, None]
    return (noise * 32767).astype(np.int16)


def write_thread(path: Path, name: str, frames: int, size: tuple[int, int]) -> Path:
    """A clip whose key frames lie ten seconds apart, with PCM, coded in every frame."""
    sound = sound_of(name, frames * TICK)
    grain = np.random.default_rng(7).integers(40, 180, (size[1], size[0] * 2, 3), dtype=np.uint8)
    with av.open(str(path), "w") as target:
        options = {"preset": "veryfast", "x264-params": "scenecut=0:bframes=3"}
        video = target.add_stream("libx264", rate=FPS, options=options)
        video.width, video.height = size
        video.pix_fmt, video.gop_size = "yuv420p", 250
        audio = target.add_stream("pcm_s16le", rate=RATE, layout="stereo")
        for frame in range(frames):
            at = frame % size[0]
            picture = np.ascontiguousarray(grain[:, at : at + size[0]])
            draw_frame_code(picture[: strip_height(size[1])], FrameCode(NUMBER[name], frame))
            target.mux(video.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
            wave = sound[frame * TICK : (frame + 1) * TICK].reshape(1, -1)
            block = av.AudioFrame.from_ndarray(wave, "s16", "stereo")
            block.rate, block.pts, block.time_base = RATE, frame * TICK, Fraction(1, RATE)
            target.mux(audio.encode(block))
        target.mux(video.encode(None))
    return path


def threads(paths: dict[str, Path], shots: int, frames: int) -> FilmTable:
    """Three threads in two files, cut every `frames`; each shot leads to the next of any."""
    files = {"a": paths["a"], "b": paths["b"], "c": paths["a"]}
    scenes = []
    for shot in range(shots):
        following = [f"{name}{shot + 1}" for name in files] if shot + 1 < shots else []
        for name, path in files.items():
            clip = Clip(str(path), shot * frames, frames)
            default = f"{name}{shot + 1}" if following else None
            scenes.append(TableScene(f"{name}{shot}", clip, default, tuple(following)))
    return FilmTable(FPS, 1, f"{PATH[0]}0", tuple(scenes), "Threads")


def asked(table: FilmTable, visit: int, frames: int, choice: bool) -> Plan:
    """What the engine asks for in a shot: all three threads, then one of them."""
    scene = next(one for one in table.scenes if one.scene == f"{PATH[visit]}{visit}")
    chosen = f"{PATH[visit + 1]}{visit + 1}" if choice else None
    return Plan(1, visit, scene.scene, scene.targets, scene.default or "", frames - 4, chosen)


def check_heard(heard: np.ndarray, frames: int, whole: dict[str, np.ndarray]) -> None:
    """Every sample is its thread's at the timecode, but for the ramps of cuts between files."""
    files = [{"c": "a"}.get(name, name) for name in PATH]
    for shot, name in enumerate(files):
        start, stop = shot * frames * TICK, (shot + 1) * frames * TICK
        cut_in = shot == 0 or files[shot - 1] != name
        cut_out = shot + 1 == len(PATH) or files[shot + 1] != name
        # The film comes from the slate, over its first tick.
        inner = slice(start + (RAMP * cut_in if shot else TICK), stop - RAMP * cut_out)
        assert np.array_equal(heard[inner], whole[name][inner]), f"shot {shot}"
        assert read_tone(heard[start + RAMP : start + TICK * 2], RATE) == (
            NUMBER[name],
            start * 2 // RATE % 2 == 1,
        )
        if cut_out:
            # Nothing louder, and no silence, where two files meet.
            seam = np.abs(heard[stop - RAMP : stop + RAMP].astype(int))
            assert seam.max() < 6000


@pytest.fixture(scope="module")
def short(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("threads")
    frames = 12 * len(PATH)
    return {n: write_thread(folder / f"{n}.mkv", n, frames, (320, 180)) for n in NUMBER}


@pytest.fixture
def driven(
    no_screen: None, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[FilmTable], tuple[EmbeddedDriver, Tape]]]:
    made: list[EmbeddedDriver] = []

    def make(table: FilmTable) -> tuple[EmbeddedDriver, Tape]:
        tape = Tape()
        monkeypatch.setattr("playback._sdl.AudioDevice", lambda: tape)
        made.append(EmbeddedDriver(table, windowed=True))
        return made[-1], tape

    yield make
    for driver in made:
        driver.close()


def test_cuts_between_threads_are_exact_in_picture_and_sound(
    driven: Callable[[FilmTable], tuple[EmbeddedDriver, Tape]], short: dict[str, Path]
) -> None:
    frames = 12
    table = threads(short, len(PATH), frames)
    driver, tape = driven(table)
    player = Player(table, driver)
    player.command(Command("start"))
    codes: list[FrameCode | None] = []
    events: list[str] = []
    first = len(tape.given)

    def supplied() -> bool:
        running, *candidates = [count for _, count in sorted(driver.supply.items())] or [0]
        at_end = player.frame + 1 >= frames
        return (at_end or running > 0) and all(count >= 6 for count in candidates)

    while not player.finished:
        patience = time.monotonic() + 60
        while not supplied() and time.monotonic() < patience:
            driver.pressed()
        begun = player.visit
        events += [event.kind for event in player.tick(player.next_tick_ns or 0)]
        codes.append(read_frame_code(driver.snapshot()))
        tape.play()
        if player.visit < 0:
            first = len(tape.given)
        if begun < player.visit < len(PATH) - 1:
            assert player.plan(asked(table, player.visit, frames, choice=False)).accepted
            assert player.plan(asked(table, player.visit, frames, choice=True)).accepted
            assert len(driver.supply) == 4
    for _ in range(driver.capabilities.output_delay_frames):
        driver.slate()
        codes.append(read_frame_code(driver.snapshot()))
    seen = [code for code in codes if code]
    files = [{"c": "a"}.get(name, name) for name in PATH]
    assert seen == [
        FrameCode(NUMBER[name], shot * frames + k)
        for shot, name in enumerate(files)
        for k in range(frames)
    ]
    assert "underflow" not in events
    heard = np.concatenate(tape.given[first:])
    check_heard(heard, frames, {n: sound_of(n, frames * len(PATH) * TICK) for n in NUMBER})


def test_three_threads_are_within_what_is_opened_at_once() -> None:
    assert MOST_PREROLLED >= 3


PLAY = """
import json, os, sys, time
import numpy as np
import playback._sdl
from playback import Command, FilmTable, Plan, Player, read_frame_code
from playback._embedded import EmbeddedDriver
import msgspec

job = json.loads(sys.stdin.read())
table = msgspec.convert(job["table"], FilmTable)
plans = [msgspec.convert(plan, Plan) for plan in job["plans"]]


class Tape:
    queued, given = 0, []

    def push(self, samples):
        self.queued += len(samples)
        self.given.append(samples)

    def run(self):
        pass

    def close(self):
        pass


tape = Tape()
playback._sdl.AudioDevice = lambda: tape
driver = EmbeddedDriver(table, windowed=True)
player = Player(table, driver)
try:
    # As the hall's player does: it goes before everything else, its decoders do not.
    os.sched_setscheduler(0, os.SCHED_RR | os.SCHED_RESET_ON_FORK, os.sched_param(1))
except PermissionError:
    pass
now = time.monotonic_ns()
while len(driver._children.warm) < 2 or any(child.starting for child in driver._children.warm):
    player.tick(now)
    tape.queued -= 2000
    time.sleep(max(0, (player.next_tick_ns - time.monotonic_ns()) / 1e9))
    now = time.monotonic_ns()
player.command(Command("start"))
codes, events, ready, first = [], [], [], len(tape.given)
left = 10
while left:
    left -= player.finished
    for event in player.tick(now):
        if event.kind in ("underflow", "fault", "refused"):
            events.append([event.kind, event.scene, event.frame, event.detail])
    tape.queued -= 2000
    code = read_frame_code(driver.snapshot())
    if player.visit < 0:
        first = len(tape.given)
    if code:
        codes.append([code.clip, code.frame])
    for plan in plans:
        # Three candidates as soon as the shot runs, the choice a second before its end.
        if plan.visit == player.visit and player.frame == (1 if plan.choice is None else 120):
            assert player.plan(plan).accepted
    if player.frame == 119:
        ready.append(sorted(count for count in driver.supply.values()))
    time.sleep(max(0, (player.next_tick_ns - time.monotonic_ns()) / 1e9))
    now = time.monotonic_ns()
driver.close()
np.save(sys.argv[1], np.concatenate(tape.given[first:]))
print(json.dumps({"codes": codes, "events": events, "ready": ready}))
"""


@pytest.mark.full
def test_ten_cuts_at_a_rhythm_of_six_seconds_in_real_time(tmp_path: Path) -> None:
    """No frame lost, repeated or late, three candidates opened in every shot, long GOPs."""
    frames = 6 * FPS
    paths = {
        n: write_thread(tmp_path / f"{n}.mkv", n, frames * len(PATH), (640, 360)) for n in NUMBER
    }
    table = threads(paths, len(PATH), frames)
    plans = [
        asked(table, visit, frames, choice)
        for visit in range(len(PATH) - 1)
        for choice in (False, True)
    ]
    job = json.dumps({"table": msgspec.to_builtins(table), "plans": msgspec.to_builtins(plans)})
    sink = {**os.environ, "SDL_VIDEODRIVER": "dummy", "SDL_AUDIODRIVER": "dummy"}
    command = [sys.executable, "-c", PLAY, str(tmp_path / "heard.npy")]
    said = subprocess.run(command, input=job, env=sink, capture_output=True, text=True, timeout=200)
    assert said.returncode == 0, said.stderr
    told = json.loads(said.stdout.splitlines()[-1])
    assert told["events"] == []
    files = [{"c": "a"}.get(name, name) for name in PATH]
    assert told["codes"] == [
        [NUMBER[name], shot * frames + k] for shot, name in enumerate(files) for k in range(frames)
    ]
    assert all(len(counts) == 4 and counts[0] >= 1 for counts in told["ready"][:-1])
    heard = np.load(tmp_path / "heard.npy")
    check_heard(heard, frames, {n: sound_of(n, frames * len(PATH) * TICK) for n in NUMBER})
