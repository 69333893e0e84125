"""The driver port's contract: every driver keeps it."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from playback import (
    Bed,
    Clip,
    Driver,
    DriverError,
    FilmTable,
    MediaError,
    Readiness,
    SilentDriver,
    TableScene,
    available_drivers,
    make_driver,
)

FRAMES = 24


def film(path: Path) -> FilmTable:
    scene = TableScene("only", Clip(str(path), 0, FRAMES), None, (), "drone")
    beds = (Bed("drone", str(path), -6.0, 0.1), Bed("gone", "gone.wav", 0.0, 0.1))
    return FilmTable(24, 1, "only", (scene,), "Contract", beds)


def tick_apart(driver: Driver) -> None:
    """Let a frame's time pass: drivers count what is late in ticks."""
    due = time.monotonic() + 1 / 24
    while time.monotonic() < due:
        driver.pressed()


def until(driver: Driver, slot: int, readiness: Readiness) -> None:
    patience = time.monotonic() + 60
    while driver.readiness(slot) is not readiness:
        assert time.monotonic() < patience, f"slot {slot} is {driver.readiness(slot)}"
        tick_apart(driver)
        driver.slate()


def shows(driver: Driver, frame: int) -> None:
    """Ask for a frame until it is there: decoding takes what it takes."""
    patience = time.monotonic() + 60
    while not driver.show(frame, 1.0):
        assert time.monotonic() < patience, f"frame {frame} never came"
        tick_apart(driver)


@pytest.fixture
def missing(tmp_path: Path) -> Clip:
    return Clip(str(tmp_path / "gone.mkv"), 0, FRAMES)


@pytest.fixture(params=["silent", "embedded", pytest.param("vlc", marks=pytest.mark.full)])
def driver(request: pytest.FixtureRequest, clips: list[Path], missing: Clip) -> Iterator[Driver]:
    if request.param == "silent":
        made: Driver = SilentDriver(vanished={missing.path})
    else:
        request.getfixturevalue("vlc_screen" if request.param == "vlc" else "no_screen")
        made = make_driver(request.param, film(clips[0]), windowed=True)
    yield made
    made.close()


@pytest.fixture
def clip(clips: list[Path]) -> Clip:
    return Clip(str(clips[1]), 0, FRAMES)


def test_a_prepared_clip_becomes_ready_and_shows_every_frame(driver: Driver, clip: Clip) -> None:
    driver.prepare(1, clip)
    until(driver, 1, Readiness.READY)
    driver.cut(1)
    assert driver.show(0, 1.0)
    for frame in range(1, FRAMES):
        shows(driver, frame)


def test_the_same_frame_again_is_a_freeze(driver: Driver, clip: Clip) -> None:
    driver.prepare(1, clip)
    until(driver, 1, Readiness.READY)
    driver.cut(1)
    assert [driver.show(0, level) for level in (1.0, 0.5, 0.0)] == [True] * 3


def test_frames_may_be_skipped(driver: Driver, clip: Clip) -> None:
    driver.prepare(1, clip)
    until(driver, 1, Readiness.READY)
    driver.cut(1)
    for frame in (0, 9, 20):
        shows(driver, frame)


def test_past_the_end_there_is_nothing(driver: Driver, clip: Clip) -> None:
    driver.prepare(1, clip)
    until(driver, 1, Readiness.READY)
    driver.cut(1)
    assert not driver.show(FRAMES, 1.0)


def test_a_cut_is_between_two_shows(driver: Driver, clip: Clip) -> None:
    for slot in (1, 2):
        driver.prepare(slot, clip)
        until(driver, slot, Readiness.READY)
    driver.cut(1)
    assert driver.show(0, 1.0)
    driver.cut(2)
    driver.release(1)
    assert driver.show(0, 1.0)
    assert driver.readiness(1) is Readiness.FAILED


def test_the_foreground_outlasts_the_slate(driver: Driver, clip: Clip) -> None:
    driver.prepare(1, clip)
    until(driver, 1, Readiness.READY)
    driver.cut(1)
    driver.show(0, 1.0)
    driver.slate()
    shows(driver, 1)


def test_a_missing_clip_fails_without_raising(driver: Driver, missing: Clip) -> None:
    driver.prepare(1, missing)
    until(driver, 1, Readiness.FAILED)
    driver.cut(1)
    assert not driver.show(0, 1.0)


def test_slots_nobody_knows(driver: Driver) -> None:
    assert driver.readiness(77) is Readiness.FAILED
    driver.release(77)


def test_before_anything_is_prepared(driver: Driver) -> None:
    driver.slate()
    assert not driver.show(0, 1.0)
    assert driver.pressed() == ()
    assert driver.capabilities.name in ("silent", "embedded", "vlc")


@pytest.mark.parametrize("bed", ["drone", "gone", None])
def test_what_is_mixed_changes_nothing_of_what_is_shown(
    driver: Driver, clip: Clip, bed: str | None
) -> None:
    driver.mix(0.0, bed)
    driver.slate()
    driver.prepare(1, clip)
    until(driver, 1, Readiness.READY)
    driver.cut(1)
    for frame, gain in enumerate((6.0, -60.0, -3.0, 0.0)):
        driver.mix(gain, bed)
        shows(driver, frame)
    driver.mix(0.0, None)
    shows(driver, 4)
    driver.slate()
    shows(driver, 5)


def test_who_does_not_mix_says_so(driver: Driver) -> None:
    capabilities = driver.capabilities
    assert capabilities.beds or "music beds" in capabilities.remark


def test_the_silent_driver_tells_what_would_be_heard() -> None:
    driver = SilentDriver()
    driver.prepare(1, Clip("a.mkv", 0, 3))
    driver.cut(1)
    driver.mix(-6.0, "drone")
    assert driver.heard is None
    driver.show(0, 1.0)
    assert driver.heard == (-6.0, "drone")
    driver.slate()
    assert driver.heard is None


def test_closing_twice(driver: Driver, clip: Clip) -> None:
    driver.prepare(1, clip)
    driver.close()
    driver.close()


def test_unknown_names_and_first_clips_are_refused(
    clips: list[Path], missing: Clip, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    with pytest.raises(DriverError, match="embedded, vlc, silent"):
        make_driver("celluloid", film(clips[0]))
    with pytest.raises(MediaError, match="no such file"):
        make_driver("embedded", film(Path(missing.path)))


def test_without_display_the_reason_is_given(
    clips: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    monkeypatch.setenv("SDL_VIDEODRIVER", "x11")
    with pytest.raises(DriverError, match="desktop session"):
        make_driver("embedded", film(clips[0]))
    embedded = available_drivers()[0]
    assert not embedded.picture
    assert "display" in embedded.reasons[0]


def test_an_invisible_video_driver_is_no_display(no_screen: None) -> None:
    embedded, vlc, silent = available_drivers()
    assert not vlc.picture
    assert not embedded.picture
    assert not embedded.sound
    assert "dummy" in embedded.reasons[0]
    assert silent.name == "silent"
