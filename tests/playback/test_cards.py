"""Cards: flash and click on the very frame, softly; a tone where it belongs."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from playback import Card, MediaError, make_cards, probe
from playback._cards import DARK, FLASH_FRAMES, LIGHT

FPS, RATE = 24, 48_000


def make(card: Card) -> tuple[np.ndarray, np.ndarray]:
    """Make a card, and read it back: grey of every frame's corner, and the sound's loudness."""
    told: list[tuple[int, int]] = []
    size = (160, 90)
    make_cards([card], fps=Fraction(FPS), size=size, progress=lambda *done: told.append(done))
    assert told == [(0, 1), (1, 1)]
    with av.open(card.path) as clip:
        frames = [frame.to_ndarray(format="gray") for frame in clip.decode(video=0)]
    with av.open(card.path) as clip:
        blocks = [block.to_ndarray().reshape(-1, 2) for block in clip.decode(audio=0)]
    sound = np.abs(np.concatenate(blocks)[:, 0].astype(float)) / 32768
    return np.array([frame[2, 2] for frame in frames], dtype=float), sound


def test_a_flash_and_its_click_come_together(tmp_path: Path) -> None:
    flashes = (12, 30)
    grey, sound = make(Card(str(tmp_path / "c.mkv"), "Look", "請看", 2.0, flashes))
    lit = grey > grey.mean() + 10
    assert np.flatnonzero(lit).tolist() == [f + i for f in flashes for i in range(FLASH_FRAMES)]
    assert probe(str(tmp_path / "c.mkv")).frames == len(grey) == 2 * FPS
    loud = np.flatnonzero(sound > 0.05)
    starts = loud[np.diff(loud, prepend=-RATE) > RATE / 10]
    np.testing.assert_allclose(starts, np.array(flashes) * RATE / FPS, atol=RATE / 500)


def test_the_tone_ends_the_card(tmp_path: Path) -> None:
    grey, sound = make(Card(str(tmp_path / "c.mkv"), "Eyes closed", "", 3.0, tone_s=1.0))
    assert np.ptp(grey) <= 2
    assert sound[: 2 * RATE].max() == 0
    assert 0.1 < sound[2 * RATE :].max() < 0.2
    assert sound[-10:].max() < 0.01


def test_a_flash_is_soft() -> None:
    """Relative luminance as WCAG defines it: less than a tenth of white apart is no flash."""
    dark, light = (((grey / 255 + 0.055) / 1.055) ** 2.4 for grey in (DARK, LIGHT))
    assert 0.05 < light - dark < 0.1


def test_a_card_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    card = Card(str(tmp_path / "gone" / "c.mkv"), "Look", "", 1.0)
    with pytest.raises(MediaError, match=r"gone/c.mkv"):
        make_cards([card], fps=Fraction(FPS), size=(64, 48), progress=lambda done, total: None)
