"""Colours and contents of the painted landscapes, by name."""

import zlib
from dataclasses import dataclass, replace

import numpy as np

Colour = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Palette:
    """How a landscape looks.

    Parameters
    ----------
    zenith, middle, horizon : tuple of int
        Sky colours, RGB, from top to horizon.
    near : tuple of int
        Colour of the nearest layer; the others lie between it and the horizon.
    light : tuple of int
        Colour of sun, moon or glow.
    light_at : tuple of float
        Its place in parts of width and height.
    light_size : float
        Radius of its disc in parts of the height; 0 for a glow without disc.
    ridges : tuple of str
        Layers of land from far to near: "hills", "peaks", "snow", "firs", "roof", "town" or
        "tower".
    skyline : float
        Height of the horizon in parts of the height, from the top.
    features : tuple of str
        "sea", "stars", "clouds", "rain", "embers", "snowfall", "beam", "lightning", "rise".
    """

    zenith: Colour
    middle: Colour
    horizon: Colour
    near: Colour
    light: Colour = (255, 240, 210)
    light_at: tuple[float, float] = (0.7, 0.35)
    light_size: float = 0.0
    ridges: tuple[str, ...] = ("hills", "hills", "hills")
    skyline: float = 0.6
    features: tuple[str, ...] = ()


PALETTES = {
    "lead_in": Palette(
        (8, 12, 34),
        (24, 44, 84),
        (96, 126, 150),
        (8, 14, 26),
        (210, 226, 240),
        (0.5, 0.5),
        ridges=("hills", "hills", "hills", "firs"),
        skyline=0.68,
        features=("stars", "clouds"),
    ),
    "harbour": Palette(
        (24, 34, 74),
        (140, 92, 116),
        (250, 178, 112),
        (18, 22, 40),
        (255, 214, 150),
        (0.32, 0.50),
        0.045,
        ("hills", "town"),
        0.56,
        ("clouds", "sea"),
    ),
    "storm": Palette(
        (16, 22, 30),
        (46, 58, 66),
        (112, 124, 122),
        (8, 14, 20),
        (190, 205, 205),
        (0.6, 0.3),
        ridges=("peaks",),
        skyline=0.52,
        features=("clouds", "lightning", "sea", "rain"),
    ),
    "calm": Palette(
        (92, 140, 184),
        (176, 204, 214),
        (250, 232, 206),
        (34, 82, 112),
        (255, 250, 232),
        (0.64, 0.36),
        0.05,
        ("hills", "hills"),
        0.52,
        ("clouds", "sea"),
    ),
    "lighthouse": Palette(
        (6, 10, 30),
        (16, 30, 62),
        (60, 84, 118),
        (4, 8, 18),
        (255, 236, 186),
        (0.76, 0.40),
        ridges=("hills", "tower"),
        skyline=0.62,
        features=("stars", "sea", "beam"),
    ),
    "cave": Palette(
        (40, 92, 104),
        (92, 168, 166),
        (206, 236, 214),
        (6, 8, 12),
        (240, 255, 236),
        (0.46, 0.44),
        ridges=("peaks", "hills", "hills", "roof"),
        skyline=0.6,
        features=("clouds", "snowfall"),
    ),
    "forest": Palette(
        (96, 132, 120),
        (160, 186, 158),
        (226, 230, 192),
        (10, 26, 22),
        (255, 250, 214),
        (0.36, 0.3),
        0.0,
        ("hills", "firs", "firs", "firs"),
        0.42,
        ("clouds",),
    ),
    "summit": Palette(
        (40, 82, 146),
        (122, 164, 206),
        (232, 232, 226),
        (24, 38, 62),
        (255, 252, 240),
        (0.24, 0.24),
        0.04,
        ("snow", "snow", "peaks", "firs"),
        0.56,
        ("clouds", "snowfall"),
    ),
    "night": Palette(
        (4, 6, 20),
        (14, 22, 52),
        (48, 62, 96),
        (2, 4, 10),
        (226, 232, 246),
        (0.72, 0.24),
        0.05,
        ("peaks", "hills", "firs"),
        0.66,
        ("stars", "clouds"),
    ),
    "dawn": Palette(
        (58, 66, 122),
        (206, 126, 132),
        (255, 206, 140),
        (36, 26, 52),
        (255, 236, 190),
        (0.56, 0.52),
        0.06,
        ("peaks", "hills", "hills", "firs"),
        0.58,
        ("rise", "clouds"),
    ),
    "stars": Palette(
        (2, 3, 12),
        (10, 10, 34),
        (38, 26, 66),
        (2, 2, 8),
        (170, 150, 230),
        (0.42, 0.4),
        ridges=("hills", "firs"),
        skyline=0.82,
        features=("stars", "galaxy"),
    ),
    "embers": Palette(
        (16, 6, 12),
        (70, 16, 18),
        (214, 84, 34),
        (8, 3, 5),
        (255, 170, 84),
        (0.5, 0.66),
        ridges=("peaks", "hills", "firs"),
        skyline=0.64,
        features=("clouds", "embers"),
    ),
}


def seed_of(name: str) -> int:
    """Return the seed of a name, the same on every machine."""
    return zlib.crc32(name.encode())


def palette(name: str) -> Palette:
    """Return the palette of a landscape; an unknown name gets one of its own, seeded by it."""
    if name in PALETTES:
        return PALETTES[name]
    rng = np.random.default_rng(seed_of(name))
    base = PALETTES[sorted(PALETTES)[int(rng.integers(len(PALETTES)))]]
    turn = rng.permutation(3)

    def turned(colour: Colour) -> Colour:
        red, green, blue = (round(0.6 * colour[i] + 0.4 * colour[int(turn[i])]) for i in range(3))
        return red, green, blue

    return replace(
        base,
        zenith=turned(base.zenith),
        middle=turned(base.middle),
        horizon=turned(base.horizon),
        light_at=(float(rng.uniform(0.2, 0.8)), base.light_at[1]),
    )
