"""Layers of a landscape: painted once, moved per frame."""

import numpy as np
import numpy.typing as npt
from PIL import Image

from playback._palette import Colour

Floats = npt.NDArray[np.float64]
# A layer is kept shifted by quarters of a pixel, so that slow motion does not step.
PHASES = 4


def noise(rng: np.random.Generator, size: int, coarsest: int, roughness: float = 0.5) -> Floats:
    """Fractal noise on a line: octaves of smoothly joined random values, about -1 to 1."""
    total, weight = np.zeros(size), 1.0
    step = coarsest
    while step >= 2 and weight > 0.02:
        knots = rng.uniform(-1, 1, size // step + 3)
        at = np.arange(size) / step
        whole = at.astype(np.intp)
        part = at - whole
        part = part * part * (3 - 2 * part)
        total += weight * (knots[whole] * (1 - part) + knots[whole + 1] * part)
        weight *= roughness
        step //= 2
    return total


def haze(rng: np.random.Generator, height: int, width: int, grain: tuple[int, int]) -> Floats:
    """Smooth noise in the plane, 0 to 1; `grain` is the size of its largest spots."""
    total = np.zeros((height, width))
    for octave in range(4):
        cells = (
            max(2, (width << octave) // grain[1]),
            max(2, (height << octave) // grain[0]),
        )
        spots = rng.uniform(0, 255, cells[::-1]).astype(np.uint8)
        smooth = Image.fromarray(spots).resize((width, height), Image.Resampling.BICUBIC)
        total += np.asarray(smooth, dtype=np.float64) / 255 / 2**octave
    return np.clip((total / 1.875 - 0.25) / 0.5, 0, 1)


def blend(first: Colour, second: Colour, part: float) -> Colour:
    """Return the colour `part` of the way from `first` to `second`."""
    red, green, blue = (round(a + (b - a) * part) for a, b in zip(first, second, strict=True))
    return red, green, blue


class Strip:
    """A layer wider than the picture that glides past it.

    Parameters
    ----------
    rgba : ndarray of float, shape (height, width, 4)
        Colours 0-255 and cover 0-255; at least `view + |speed| * frames + 2` wide.
    top : int
        Where its first row lies in the picture.
    speed : float
        Pixels per frame; positive glides to the left.
    view : int
        Width of the picture.
    bob : tuple of float, optional
        Height in pixels and period in frames of a slow rise and fall.
    """

    def __init__(
        self,
        rgba: Floats,
        top: int,
        speed: float,
        view: int,
        bob: tuple[float, float] = (0.0, 1.0),
    ) -> None:
        self._top, self._speed, self._view, self._bob = top, speed, view, bob
        self._start = 0.0 if speed >= 0 else rgba.shape[1] - view - 2.0
        self._phases = [self._shifted(rgba, phase / PHASES) for phase in range(PHASES)]

    @staticmethod
    def _shifted(rgba: Floats, part: float) -> tuple[Image.Image, Image.Image]:
        """Colour and cover, moved left by part of a pixel."""
        ahead = np.roll(rgba, -1, axis=1)
        cover = rgba[..., 3:] * (1 - part) + ahead[..., 3:] * part
        colour = rgba[..., :3] * (1 - part) + ahead[..., :3] * part
        return (
            Image.fromarray(np.clip(colour, 0, 255).astype(np.uint8)),
            Image.fromarray(np.clip(cover[..., 0], 0, 255).astype(np.uint8)),
        )

    def paint(self, canvas: Image.Image, frame: int) -> None:
        """Paste the layer where it is at `frame`."""
        steps = round((self._start + self._speed * frame) * PHASES)
        left, phase = divmod(steps, PHASES)
        height, period = self._bob
        top = self._top + round(height * np.sin(2 * np.pi * frame / period))
        colour, cover = self._phases[phase]
        box = (left, 0, left + self._view, colour.height)
        canvas.paste(colour.crop(box), (0, top), cover.crop(box))


class Sheets:
    """A few transparent pictures shown in turn, each for some frames: glitter, twinkling.

    Parameters
    ----------
    covers : list of ndarray of uint8, shape (height, width)
        How much of the colour each shows.
    colour : tuple of int
        RGB.
    top : int
        Where their first row lies.
    hold : int
        Frames each is shown.
    """

    def __init__(
        self, covers: list[npt.NDArray[np.uint8]], colour: Colour, top: int, hold: int
    ) -> None:
        whole = [Image.fromarray(cover) for cover in covers]
        self._covers = []
        for cover, following in zip(whole, [*whole[1:], whole[0]], strict=True):
            self._covers += [cover, Image.blend(cover, following, 0.5)]
        self._colour, self._top, self._hold = colour, top, hold

    def paint(self, canvas: Image.Image, frame: int) -> None:
        """Paste the sheet whose turn it is, half-way faded into the next."""
        cover = self._covers[frame * 2 // self._hold % len(self._covers)]
        canvas.paste(self._colour, (0, self._top, cover.width, self._top + cover.height), cover)


class Particles:
    """Small sprites that fall or rise through the picture and come round again.

    Parameters
    ----------
    places : ndarray of float, shape (n, 2)
        Where each is at frame 0, in pixels from the left and the top.
    sprites : list of PIL.Image.Image
        Covers; the n-th particle wears the n-th, modulo their number.
    colour : tuple of int
        RGB.
    speed : tuple of float
        Pixels per frame to the right and down; each particle goes at 0.75 to 1.25 of it.
    """

    def __init__(
        self,
        places: Floats,
        sprites: list[Image.Image],
        colour: Colour,
        speed: tuple[float, float],
    ) -> None:
        self._places, self._sprites, self._colour = places, sprites, colour
        pace = np.linspace(0.75, 1.25, len(places))[:, None]
        self._speeds = np.array(speed) * pace

    def paint(self, canvas: Image.Image, frame: int) -> None:
        """Paste every particle where it is."""
        margin = self._sprites[0].height
        room = np.array([canvas.width + margin, canvas.height + margin])
        places = (self._places + self._speeds * frame) % room - margin
        for i, (x, y) in enumerate(places.astype(np.intp).tolist()):
            cover = self._sprites[i % len(self._sprites)]
            canvas.paste(self._colour, (x, y, x + cover.width, y + cover.height), cover)
