"""Music beds: looped, faded and mixed; what was heard is read back from the audio device."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path

import av
import numpy as np
import pytest

from playback import Bed, Clip, FilmTable, MediaError, Readiness, TableScene
from playback._bed_decoder import looped
from playback._beds import STARTS
from playback._embedded import EmbeddedDriver
from playback._sound import RAMP

RATE, TICK, FRAMES = 48_000, 2000, 240
LENGTH = 31_234


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


def write_wav(path: Path, samples: np.ndarray, rate: int = RATE) -> Path:
    with av.open(str(path), "w") as target:
        stream = target.add_stream("pcm_s16le", rate=rate, layout="stereo")
        block = av.AudioFrame.from_ndarray(samples.reshape(1, -1), "s16", "stereo")
        block.rate = rate
        target.mux(stream.encode(block))
    return path


@pytest.fixture(scope="module")
def music() -> np.ndarray:
    """A bed of 0.65 s, no multiple of a tick: slow noise, so that a click stands out."""
    rng = np.random.default_rng(5)
    knots = rng.integers(-6000, 6000, (65, 2))
    at = np.arange(LENGTH) / LENGTH * 64
    sides = [np.interp(at, np.arange(65), np.append(knots[:-1, k], knots[0, k])) for k in (0, 1)]
    return np.stack(sides, axis=1).astype(np.int16)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, music: np.ndarray) -> Path:
    made = tmp_path_factory.mktemp("beds")
    write_wav(made / "music.wav", music)
    write_wav(made / "other.wav", np.full((RATE, 2), 3000, np.int16))
    with av.open(str(made / "mute.mkv"), "w") as target:
        video = target.add_stream("libx264", rate=24)
        video.width, video.height, video.pix_fmt = 64, 36, "yuv420p"
        for _ in range(FRAMES):
            grey = np.full((36, 64), 90, np.uint8)
            target.mux(video.encode(av.VideoFrame.from_ndarray(grey, format="gray")))
        target.mux(video.encode(None))
    return made


class Hall:
    """The embedded driver with mute clips, so that beds are all that is heard."""

    def __init__(self, folder: Path, tape: Tape, **fades: float) -> None:
        self.tape = tape
        self.clip = Clip(str(folder / "mute.mkv"), 0, FRAMES)
        scene = TableScene("only", self.clip, None, ())
        beds = tuple(Bed(n, str(folder / f"{n}.wav"), 0.0, fade) for n, fade in fades.items())
        self.driver = EmbeddedDriver(
            FilmTable(24, 1, "only", (scene,), "Beds", beds), windowed=True
        )
        self.frame = 0
        self.driver.prepare(0, self.clip)
        until = time.monotonic() + 60
        while self.driver.readiness(0) is not Readiness.READY and time.monotonic() < until:
            self.driver.pressed()
        self.driver.cut(0)
        while not self.full() and time.monotonic() < until:
            self.driver.pressed()
        tape.given.clear()

    def full(self) -> bool:
        """Whether every bed's ring holds two seconds, or never will."""
        tracks = self.driver._beds._tracks.values()
        rings = self.driver._beds._child.rings
        numbers = [rings.numbers(track._number) for track in tracks]
        return all(
            n[0] == t._generation and (n[1] == 3 or n[2] - n[3] >= 90_000)
            for n, t in zip(numbers, tracks, strict=True)
        )

    def supplied(self) -> None:
        """Wait until the next frame is decoded: late pictures are another test's concern."""
        until = time.monotonic() + 60
        while self.driver.supply[max(self.driver.supply)] == 0 and time.monotonic() < until:
            self.driver.pressed()

    def show(self, ticks: int, level: float = 1.0) -> np.ndarray:
        """Show frames and return what was heard meanwhile."""
        before = len(self.tape.given)
        for _ in range(ticks):
            self.supplied()
            self.driver.show(self.frame, level)
            self.frame += 1
            self.tape.play()
        return np.concatenate(self.tape.given[before:]).astype(int)

    def slate(self, ticks: int) -> np.ndarray:
        before = len(self.tape.given)
        for _ in range(ticks):
            self.driver.slate()
            self.tape.play()
        return np.concatenate(self.tape.given[before:]).astype(int)


@pytest.fixture
def hall(
    no_screen: None, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., Hall]]:
    made: list[Hall] = []

    def make(**fades: float) -> Hall:
        tape = Tape()
        monkeypatch.setattr("playback._sdl.AudioDevice", lambda: tape)
        made.append(Hall(folder, tape, **fades))
        return made[-1]

    yield make
    for one in made:
        one.driver.close()


def steps(sound: np.ndarray) -> int:
    return int(np.abs(np.diff(sound, axis=0)).max())


def test_a_bed_is_heard_sample_for_sample_in_a_loop(
    hall: Callable[..., Hall], music: np.ndarray
) -> None:
    one = hall(music=0.0)
    one.driver.mix(0.0, "music")
    sound = one.show(40)
    expected = np.resize(music, (40 * TICK, 2)).astype(int)
    assert np.array_equal(sound[RAMP:], expected[RAMP:])
    assert steps(sound) <= steps(np.resize(music, (3 * LENGTH, 2)).astype(int)) + 20


def test_a_bed_runs_on_across_cuts_and_under_frames_that_stand(
    hall: Callable[..., Hall], music: np.ndarray
) -> None:
    one = hall(music=0.0)
    one.driver.mix(0.0, "music")
    first = one.show(5)
    one.driver.prepare(1, one.clip)
    while one.driver.readiness(1) is not Readiness.READY:
        one.driver.pressed()
    one.driver.cut(1)
    one.driver.release(0)
    one.driver.mix(-20.0, "music")
    one.frame = 0
    second = one.show(3)
    one.frame = 2
    standing = np.concatenate([one.show(1), np.zeros((0, 2), int)])
    sound = np.concatenate([first, second, standing])
    assert np.array_equal(sound[RAMP:], np.resize(music, sound.shape).astype(int)[RAMP:])


def test_a_bed_comes_and_goes_over_its_fade_and_begins_anew(
    hall: Callable[..., Hall], music: np.ndarray
) -> None:
    one = hall(other=0.5)
    one.driver.mix(0.0, "other")
    coming = one.show(14)[:, 0]
    way = np.sin(np.pi / 2 * np.minimum(1, np.arange(1, len(coming) + 1) / (RATE / 2)))
    assert np.allclose(coming, 3000 * way, atol=1)
    one.driver.mix(0.0, None)
    going = one.show(14)[:, 0]
    assert np.allclose(going[: RATE // 2 - 1], 3000 * way[: RATE // 2 - 1][::-1], atol=1)
    assert not going[RATE // 2 :].any()


def test_named_again_while_it_goes_a_bed_comes_back_from_there(hall: Callable[..., Hall]) -> None:
    one = hall(other=0.5)
    one.driver.mix(0.0, "other")
    one.show(14)
    one.driver.mix(0.0, None)
    going = one.show(4)[:, 0]
    one.driver.mix(0.0, "other")
    back = one.show(12)[:, 0]
    assert 2000 < going[-1] < 3000
    assert steps(np.concatenate([going, back])) <= 1
    assert back[-1] == 3000


def test_two_beds_cross_without_a_click(hall: Callable[..., Hall]) -> None:
    one = hall(music=0.3, other=0.3)
    one.driver.mix(0.0, "music")
    one.show(12)
    one.driver.mix(0.0, "other")
    sound = one.show(12)
    assert steps(sound) < 60
    assert (sound[-TICK:] == 3000).all()


def test_panic_fades_the_bed_and_it_waits_on_the_slate(
    hall: Callable[..., Hall], music: np.ndarray
) -> None:
    one = hall(music=0.0)
    one.driver.mix(0.0, "music")
    one.show(5)
    fading = np.concatenate([one.show(1, level=k / 8) for k in range(7, 0, -1)])
    silent = one.slate(10)
    heard = np.resize(music, (13 * TICK, 2)).astype(float)
    levels = np.concatenate([np.linspace(k / 8, (k - 1) / 8, TICK) for k in range(8, 1, -1)])
    assert np.abs(fading - heard[5 * TICK : 12 * TICK] * levels[:, None]).max() <= 1
    # The slate's first tick ends the fade; then film and bed stand still.
    assert silent[: TICK // 2].any()
    assert not silent[TICK:].any()
    back = np.concatenate([one.show(1, level=k / 2) for k in (1, 2, 2)])
    # It ran for 13 ticks: through the slate's first, in which the level came down.
    assert np.array_equal(back[2 * TICK :], np.resize(music, (16 * TICK, 2))[15 * TICK :])
    assert steps(np.concatenate([fading, silent, back])) < 60


def test_a_killed_child_is_replaced_where_the_bed_stands(
    hall: Callable[..., Hall], music: np.ndarray
) -> None:
    one = hall(music=0.0)
    one.driver.mix(0.0, "music")
    one.show(4)
    victim = one.driver._beds.pid
    os.kill(victim, signal.SIGKILL)
    os.waitid(os.P_PID, victim, os.WEXITED | os.WNOWAIT)
    torn = one.show(1)
    assert one.driver._beds.pid != victim
    until = time.monotonic() + 60
    while not one.full() and time.monotonic() < until:
        one.driver.pressed()
    back = one.show(4)
    whole = np.resize(music, (8 * TICK, 2)).astype(int)
    assert steps(np.concatenate([torn, back])) < 60
    assert np.array_equal(back[3 * TICK :], whole[7 * TICK : 8 * TICK])


def test_a_child_that_never_lives_is_given_up(hall: Callable[..., Hall]) -> None:
    one = hall(other=0.0)
    one.driver.mix(0.0, "other")
    one.show(2)
    for _ in range(STARTS):
        victim = one.driver._beds.pid
        os.kill(victim, signal.SIGKILL)
        os.waitid(os.P_PID, victim, os.WEXITED | os.WNOWAIT)
        one.show(1)
    assert not one.show(4)[TICK:].any()
    with pytest.raises(ProcessLookupError):
        os.kill(victim, 0)


def test_a_bed_that_is_not_there_is_silent(hall: Callable[..., Hall]) -> None:
    one = hall(gone=0.1, other=0.1)
    one.driver.mix(0.0, "gone")
    assert not one.show(3).any()
    one.driver.mix(0.0, "other")
    assert (one.show(6)[-TICK:] == 3000).all()


def test_closing_ends_the_child(hall: Callable[..., Hall]) -> None:
    one = hall(other=0.0)
    pid = one.driver._beds.pid
    one.driver.close()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


@pytest.mark.parametrize("at", [0, 1, 999, LENGTH - 1, LENGTH, 5 * LENGTH + 77])
def test_a_loop_begins_anywhere(folder: Path, music: np.ndarray, at: int) -> None:
    blocks = looped(str(folder / "music.wav"), at)
    sound = np.concatenate(list(islice(blocks, 200)))[: 2 * LENGTH]
    assert np.array_equal(
        sound, np.roll(np.tile(music, (3, 1)), -(at % LENGTH), axis=0)[: len(sound)]
    )


def test_loops_of_other_rates_close_without_a_gap(tmp_path: Path) -> None:
    wave = np.sin(2 * np.pi * 441 * np.arange(44_100) / 44_100) * 8000
    path = write_wav(tmp_path / "sine.wav", np.stack([wave, wave], axis=1).astype(np.int16), 44_100)
    sound = np.concatenate(list(islice(looped(str(path), 0), 400)))[: 3 * RATE]
    assert len(sound) == 3 * RATE
    assert steps(sound.astype(int)) < 2 * 8000 * 2 * np.pi * 441 / RATE
    assert np.abs(sound).reshape(-1, 480, 2).max(axis=1).min() > 7000


def test_what_holds_no_sound_is_no_bed(folder: Path) -> None:
    with pytest.raises(MediaError, match="there is no sound"):
        next(looped(str(folder / "mute.mkv"), 0))
    with pytest.raises(OSError, match="gone"):
        next(looped(str(folder / "gone.wav"), 0))
