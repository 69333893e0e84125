"""Codes in pictures and tones survive what happens to a capture."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from playback import FrameCode, read_frame_code, read_tone
from playback._codes import code_tone, draw_frame_code, strip_height
from playback._score import RATE, compose

codes = st.builds(FrameCode, st.integers(0, 255), st.integers(0, 65535))


def coded(code: FrameCode, size: tuple[int, int] = (1280, 720)) -> np.ndarray:
    picture = np.random.default_rng(code.frame).integers(0, 255, (size[1], size[0], 3), np.uint8)
    draw_frame_code(picture[: strip_height(size[1])], code)
    return picture


@given(codes)
def test_round_trip(code: FrameCode) -> None:
    assert read_frame_code(coded(code, (640, 360))) == code


@pytest.mark.parametrize("size", [(1920, 1080), (960, 540), (640, 360), (427, 240), (320, 180)])
@pytest.mark.parametrize("level", [1.0, 0.4, 0.15])
def test_scaled_and_faded(size: tuple[int, int], level: float) -> None:
    code = FrameCode(0b10110101, 12345)
    scaled = np.asarray(Image.fromarray(coded(code)).resize(size, Image.Resampling.BILINEAR))
    assert read_frame_code((scaled * level + 12).astype(np.uint8)) == code


def test_grey_pictures_are_read_too() -> None:
    assert read_frame_code(coded(FrameCode(3, 99))[..., 1]) == FrameCode(3, 99)


@given(codes, st.integers(4, 31))
def test_one_wrong_block_is_no_code(code: FrameCode, block: int) -> None:
    picture = coded(code, (640, 360))
    picture[:8, block * 20 : block * 20 + 20] = 232 - picture[0, block * 20, 0]
    assert read_frame_code(picture) is None


@given(st.integers(0, 255))
def test_pictures_without_a_code(level: int) -> None:
    assert read_frame_code(np.full((90, 160, 3), level, np.uint8)) is None


@pytest.mark.parametrize("clip", [0, 1, 17, 128, 255])
@pytest.mark.parametrize("landscape", ["storm", "calm", "embers"])
def test_tones_are_read_through_the_music(clip: int, landscape: str) -> None:
    music = compose(landscape, 2.0)
    sound = music + code_tone(clip, 0, len(music), RATE)[:, None]
    for half in range(4):
        start = half * RATE // 2 + 4000
        assert read_tone(sound[start : start + RATE // 20], RATE) == (clip, half % 2 == 1)


def test_music_alone_is_no_tone() -> None:
    assert read_tone(compose("storm", 1.0), RATE) is None
    assert read_tone(np.zeros(4800), RATE) is None
