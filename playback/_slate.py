"""The slate: a dark picture with an emblem, and no words, so that it reads everywhere."""

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFilter

GROUND = np.array([10.0, 12.0, 20.0])
EMBLEM = (212, 190, 148)
OVERSAMPLING = 2


def draw_slate(size: tuple[int, int]) -> npt.NDArray[np.uint8]:
    """Draw the slate: a wave that becomes three paths, in a ring. Shape (height, width, 3)."""
    width, height = size
    bells = (np.exp(-(((np.arange(n) - n / 2) / (0.42 * height)) ** 2)) for n in (height, width))
    light = 1.0 + 1.1 * np.outer(*bells)
    ground = Image.fromarray((GROUND * light[..., None]).astype(np.uint8))
    cover = _emblem(height)
    corner = ((width - cover.width) // 2, (height - cover.height) // 2)
    glow = cover.filter(ImageFilter.GaussianBlur(height / 60)).point([k // 3 for k in range(256)])
    for layer in (glow, cover.point([round(k * 0.8) for k in range(256)])):
        ground.paste(EMBLEM, (*corner, corner[0] + layer.width, corner[1] + layer.height), layer)
    return np.array(ground)


def _emblem(height: int) -> Image.Image:
    """Return the emblem's cover, a third of the picture high."""
    side = height // 2 * OVERSAMPLING
    cover = Image.new("L", (side, side))
    draw = ImageDraw.Draw(cover)
    middle, radius, line = side / 2, side * 0.36, max(2, side // 90)
    ring = (middle - radius, middle - radius, middle + radius, middle + radius)
    draw.ellipse(ring, outline=255, width=line)
    part = np.linspace(0, 1, 160)
    wave = np.sin(part * 6 * np.pi) * np.exp(-(((part - 0.45) / 0.28) ** 2))
    fork = middle + radius * 0.02
    xs = middle - radius + part * (fork - middle + radius)
    draw.line(list(zip(xs, middle - wave * radius * 0.42, strict=True)), 255, line, "curve")
    for way in (-1, 0, 1):
        xs = fork + part * radius * 0.62
        ys = middle + way * radius * 0.40 * (3 * part**2 - 2 * part**3)
        draw.line(list(zip(xs, ys, strict=True)), 255, line, "curve")
        dot = (xs[-1] - line * 2, ys[-1] - line * 2, xs[-1] + line * 2, ys[-1] + line * 2)
        draw.ellipse(dot, 255)
    return cover.resize((side // OVERSAMPLING,) * 2, Image.Resampling.LANCZOS)
