"""Cards: a sentence and a dot on grey, soft flashes with clicks, a tone at the end."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from playback._types import MediaError
from playback._whole import whole

if TYPE_CHECKING:
    from PIL import Image

FLASH_FRAMES = 2
"""A flash lasts so many frames."""

DARK, LIGHT = 96, 126
"""Grey of the card and of a flash, sRGB.

Their relative luminances, 0.117 and 0.209, lie less than a tenth of the screen's white apart: what
changes less is no flash to the guidelines on photosensitivity (WCAG 2.2, "general flash").
"""

_TONE_HZ, _CLICK_HZ, _CLICK_S = 440.0, 1000.0, 0.03
_TONE_LEVEL, _CLICK_LEVEL = 0.15, 0.3


@dataclass(frozen=True, slots=True)
class Card:
    """A card to be made.

    Parameters
    ----------
    path : str
        The Matroska file to write.
    title, subtitle : str
        What it says; a subtitle no font here can write is left out.
    seconds : float
        Length, rounded to whole frames.
    flashes : tuple of int, optional
        Frames at which a flash of `FLASH_FRAMES` begins, with a click.
    tone_s : float, optional
        How long before its end a gentle tone begins; 0 for none.
    """

    path: str
    title: str
    subtitle: str
    seconds: float
    flashes: tuple[int, ...] = ()
    tone_s: float = 0.0


def make_cards(
    cards: Sequence[Card],
    *,
    fps: Fraction,
    size: tuple[int, int] = (1280, 720),
    progress: Callable[[int, int], None],
) -> None:
    """Make cards; a file appears only when it is whole.

    Parameters
    ----------
    cards : sequence of Card
        What to make; existing files are replaced.
    fps : Fraction
        Frames per second.
    size : tuple of int, optional
        Width and height in pixels, both even.
    progress : callable
        Called with cards done and cards in all, first with 0.

    Raises
    ------
    MediaError
        If a card cannot be written; names it.
    """
    # Players and decoders, which make nothing, do not pay for the tools.
    import av

    from playback._painting import samples_of, write_clip

    progress(0, len(cards))
    for done, card in enumerate(cards, start=1):
        frames = max(1, round(card.seconds * fps))
        sound = card_sound(card, samples_of(frames, fps), fps)
        try:
            with whole(Path(card.path)) as part:
                write_clip(part, _pictures(card, frames, size), sound, fps, size)
        except (OSError, av.FFmpegError) as error:
            raise MediaError(f"{card.path}: cannot be made ({error})") from error
        progress(done, len(cards))


def card_sound(card: Card, samples: int, fps: Fraction) -> npt.NDArray[np.float64]:
    """Give the sound of a card at 48 kHz, shape (samples, 2)."""
    from playback._score import RATE

    sound = np.zeros(samples)
    time = np.arange(round(_CLICK_S * RATE)) / RATE
    click = _CLICK_LEVEL * np.sin(2 * np.pi * _CLICK_HZ * time) * np.exp(-time * 150)
    for frame in card.flashes:
        at = sound[frame * RATE * fps.denominator // fps.numerator :][: len(click)]
        at += click[: len(at)]
    end = sound[samples - round(card.tone_s * RATE) :] if card.tone_s else sound[:0]
    time = np.arange(len(end)) / RATE
    swell = np.sin(np.pi * np.minimum(time / max(card.tone_s, 1e-9), 1)) ** 2
    end += _TONE_LEVEL * swell * np.sin(2 * np.pi * _TONE_HZ * time)
    return np.repeat(sound[:, None], 2, axis=1)


def _pictures(card: Card, frames: int, size: tuple[int, int]) -> "Iterator[Image.Image]":
    """Give the card frame by frame, dark or light."""
    dark, light = (_face(card, grey, size) for grey in (DARK, LIGHT))
    lit = {flash + i for flash in card.flashes for i in range(FLASH_FRAMES)}
    for frame in range(frames):
        yield light if frame in lit else dark


def _face(card: Card, grey: int, size: tuple[int, int]) -> "Image.Image":
    """Draw a dot in the middle, and the words below it."""
    from PIL import Image, ImageDraw

    from playback._lettering import INK, font, writable

    face = Image.new("RGB", size, (grey,) * 3)
    draw = ImageDraw.Draw(face)
    x, y, unit = size[0] / 2, size[1] / 2, size[1] / 720
    draw.ellipse((x - 6 * unit, y - 6 * unit, x + 6 * unit, y + 6 * unit), INK)
    draw.text((x, y + 130 * unit), card.title, INK, font(card.title, round(36 * unit)), anchor="ms")
    if subtitle := writable(card.subtitle):
        letters = font(subtitle, round(30 * unit))
        draw.text((x, y + 185 * unit), subtitle, INK, letters, anchor="ms")
    return face
