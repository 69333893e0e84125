"""Flashes by the rules of WCAG 2.3.1 and ITU-R BT.1702, on pictures made for each rule."""

import io
from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from playback._flashes import (
    CHROMA_STEP,
    DARKER_BELOW,
    LINEAR,
    LUMINANCE_STEP,
    RED_STEP,
    FlashMeter,
    Turns,
    cells,
    luminance,
    redness,
    small_size,
)

FPS = 24
SIZE = (160, 90)
BLACK, WHITE, RED = (0, 0, 0), (255, 255, 255), (255, 0, 0)
Colour = tuple[int, int, int]


def picture(colour: Colour, part: float = 1.0, beside: Colour = BLACK) -> np.ndarray:
    """The left `part` of the width in one colour, the rest in another."""
    made = np.full((SIZE[1], SIZE[0], 3), beside, np.uint8)
    made[:, : round(SIZE[0] * part)] = colour
    return made


def judged(pictures: Iterator[np.ndarray], fps: float = FPS) -> tuple[tuple[str, int], ...]:
    meter = FlashMeter()
    for frame, made in enumerate(pictures):
        meter.take(frame / fps, made)
    return tuple((found.kind, found.flashes) for found in meter.found)


def flashing(
    hz: float,
    light: Colour = WHITE,
    dark: Colour = BLACK,
    part: float = 1.0,
    seconds: float = 3.0,
    fps: float = FPS,
) -> Iterator[np.ndarray]:
    for frame in range(round(seconds * fps)):
        lit = int(2 * hz * frame / fps + 1e-9) % 2
        yield picture(light if lit else dark, part, dark)


@pytest.mark.parametrize("fps", [24, 24000 / 1001, 25, 30, 48, 60])
def test_four_flashes_a_second_are_too_many_and_two_are_not(fps: float) -> None:
    assert judged(flashing(4, fps=fps), fps) == (("general", 4),)
    assert judged(flashing(2, fps=fps), fps) == ()
    assert judged(flashing(3, fps=fps), fps) == ()


@pytest.mark.parametrize("hz", [5, 6, 8, 12])
def test_the_fastest_flashes_are_counted(hz: int) -> None:
    ((kind, count),) = judged(flashing(hz))
    assert kind == "general"
    assert count == hz


def test_three_flashes_alone_are_allowed_and_four_are_not() -> None:
    for flashes, found in ((3, 0), (4, 1)):
        burst = [picture(WHITE if frame % 6 >= 3 else BLACK) for frame in range(6 * flashes)]
        still = [picture(BLACK)] * 48
        assert len(judged(iter([*still, *burst, *still]))) == found


@pytest.mark.parametrize(("part", "found"), [(0.1, 0), (0.24, 0), (0.28, 1), (0.6, 1)])
def test_it_takes_more_than_a_quarter_of_the_picture(part: float, found: int) -> None:
    assert len(judged(flashing(5, part=part))) == found


def grey(level: float) -> Colour:
    """The grey of a relative luminance."""
    code = int(np.argmin(np.abs(LINEAR - level)))
    return (code, code, code)


@pytest.mark.parametrize(
    ("dark", "light", "found"),
    [(0.0, 0.08, 0), (0.0, 0.12, 1), (0.4, 0.45, 0), (0.76, 0.9, 1), (0.84, 1.0, 0)],
)
def test_it_takes_a_tenth_of_the_luminance_below_four_fifths(
    dark: float, light: float, found: int
) -> None:
    assert len(judged(flashing(5, grey(light), grey(dark)))) == found


def test_saturated_red_is_judged_apart() -> None:
    dim = (120, 0, 0)
    assert judged(flashing(5, dim)) == (("red", 5),)
    assert judged(flashing(5, dim, part=0.2)) == ()
    # Red against another colour of the same luminance.
    green = grey(0.2126 / 0.7152)[0]
    assert judged(flashing(5, RED, (0, green, 0))) == (("red", 5),)
    # The same change without a saturated red, and noise that only looks saturated.
    assert judged(flashing(5, (120, 70, 70))) == ()
    assert judged(flashing(5, (30, 0, 0))) == ()


def test_a_blue_flash_of_little_luminance_is_none() -> None:
    assert judged(flashing(5, (0, 0, 255))) == ()


def test_cuts_and_fades_are_no_flashes() -> None:
    rng = np.random.default_rng(3)
    shots = [rng.integers(0, 255, (90, 160, 3), dtype=np.uint8) for _ in range(8)]
    shots = [np.asarray(Image.fromarray(s[:4, :6]).resize(SIZE)) for s in shots]
    # Eight shots in sixteen seconds, and fades to black and white between them.
    hard = [shot for shot in shots for _ in range(48)]
    assert judged(iter(hard)) == ()
    levels = np.abs(np.sin(np.linspace(0, 8 * np.pi, 8 * 48)))
    assert (
        judged((shot * level).astype(np.uint8) for shot, level in zip(hard, levels, strict=True))
        == ()
    )


def test_cuts_faster_than_three_flashes_are_flashes() -> None:
    assert judged(picture(grey(0.1 + 0.3 * (k // 2 % 2))) for k in range(96)) == (("general", 6),)


def test_a_flash_may_ramp() -> None:
    ramps = 127 * (1 - np.cos(2 * np.pi * 4 * np.arange(96) / FPS))
    assert judged(picture((round(v),) * 3) for v in ramps) == (("general", 4),)


def test_flashes_in_different_places_add_up() -> None:
    """Lightning: the whole sky brightens at once, each time more in another part."""
    places = []
    for flash in range(5):
        bright = np.zeros((90, 160, 3), np.uint8)
        bright[:, flash * 20 : flash * 20 + 60] = 255
        places += [np.zeros((90, 160, 3), np.uint8)] * 2 + [bright] * 2
    assert judged(iter([*places, *[places[0]] * 40])) == (("general", 5),)


def test_a_fine_balanced_pattern_is_no_flash() -> None:
    board = (np.add.outer(np.arange(90), np.arange(160)) % 2 * 255).astype(np.uint8)
    pair = np.repeat(board[..., None], 3, axis=2)
    assert judged(pair if k % 2 else 255 - pair for k in range(96)) == ()


def test_a_stretch_says_where_it_is_and_shows_it() -> None:
    meter = FlashMeter()
    frames = [*flashing(2), *flashing(6, seconds=2.0), *[picture(BLACK)] * 72, *flashing(5)]
    for frame, made in enumerate(frames):
        meter.take(frame / FPS, made)
    first, second = meter.found
    assert first.from_s == pytest.approx(3.0, abs=0.5)
    assert first.to_s == pytest.approx(5.0, abs=0.2)
    assert first.from_s <= first.worst_s <= first.to_s - 0.5
    assert (first.flashes, second.flashes) == (6, 5)
    assert second.from_s > 8
    assert first.area == 1.0
    shown = [np.asarray(Image.open(io.BytesIO(png))) for png in first.pictures]
    assert sorted(float(one.mean()) for one in shown) == [0.0, 255.0]
    assert shown[0].shape == (90, 160, 3)


def test_small_sizes_are_whole_cells_of_about_the_pictures_shape() -> None:
    assert small_size(1920, 1080) == (160, 90)
    assert small_size(2048, 858) == (160, 65)
    assert small_size(640, 480) == (160, 120)
    assert small_size(5000, 10) == (160, 5)


def test_cells_and_colours_by_the_book() -> None:
    light = cells(picture(RED, 0.5, WHITE)).reshape(18, 32, 3)
    assert np.allclose(light[:, :16], (1, 0, 0))
    assert np.allclose(light[:, 16:], 1)
    colours = np.array([[1, 0, 0], [1, 1, 1], [0, 0, 0], [0, 1, 0]], np.float32)
    assert np.allclose(luminance(colours)[:, 0], (0.2126, 1, 0, 0.7152), atol=1e-4)
    found = redness(colours)
    assert found[:, 0].tolist() == [1, 0, 0, 0]
    # u', v' of sRGB's red primary, white and green primary (IEC 61966-2-1, CIE 1976).
    assert np.allclose(found[0, 1:3], (0.4507, 0.5229), atol=1e-3)
    assert np.allclose(found[1, 1:3], (0.1978, 0.4683), atol=1e-3)
    assert np.allclose(found[3, 1:3], (0.1250, 0.5625), atol=1e-3)
    assert found[:, 3].tolist() == [1, 0, 0, 0]


def slow_turns(kind: str, times: list[float], states: list[np.ndarray]) -> list[tuple[bool, bool]]:
    """One cell, looking back over all its past for each picture."""
    out: list[tuple[bool, bool]] = []
    begin, way, since = 0, 0, -np.inf
    for now in range(len(states)):
        past = states[begin : now + 1]
        low = min(past, key=lambda one: one[0])
        high = max(past, key=lambda one: one[0])
        turned = 0
        if way <= 0 and slow_transition(kind, low, states[now]):
            turned = 1
        elif way >= 0 and slow_transition(kind, high, states[now]):
            turned = -1
        flash = turned * way == -1 and times[now] - since <= 1
        out.append((flash and turned > 0, flash and turned < 0))
        if turned:
            begin, way, since = now, turned, times[now]
    return out


def slow_transition(kind: str, old: np.ndarray, new: np.ndarray) -> bool:
    if kind == "general":
        return abs(new[0] - old[0]) >= np.float32(LUMINANCE_STEP) and min(
            new[0], old[0]
        ) < np.float32(DARKER_BELOW)
    far = abs(new[0] - old[0]) > np.float32(RED_STEP)
    apart = np.hypot(new[1] - old[1], new[2] - old[2]) > np.float32(CHROMA_STEP)
    return bool(far and apart and (new[3] or old[3]))


@settings(max_examples=60)
@given(st.sampled_from(["general", "red"]), st.integers(0, 2**32 - 1), st.integers(2, 60))
def test_turns_are_those_of_a_slow_look_back(kind: str, seed: int, length: int) -> None:
    rng = np.random.default_rng(seed)
    columns = 1 if kind == "general" else 4
    states = rng.choice(np.linspace(0, 1, 9), (length, 5, columns)).astype(np.float32)
    times = np.cumsum(rng.choice([1 / 24, 1 / 12, 1.5], length, p=[0.6, 0.38, 0.02])).tolist()
    turns = Turns(kind)  # type: ignore[arg-type]
    quick = [turns.take(at, state) for at, state in zip(times, states, strict=True)]
    for cell in range(5):
        slow = slow_turns(kind, times, list(states[:, cell]))
        assert [(bool(up[cell]), bool(down[cell])) for up, down in quick] == slow
