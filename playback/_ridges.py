"""Silhouettes of land: one height per column."""

import numpy as np

from playback._layers import Floats, noise


def ridge_line(
    rng: np.random.Generator, kind: str, width: int, near: float, scale: float
) -> tuple[Floats, int]:
    """Draw a ridge.

    Parameters
    ----------
    rng : numpy.random.Generator
        Where its shape comes from.
    kind : str
        See `Palette.ridges`.
    width : int
        Columns.
    near : float
        0 is far, 1 is near.
    scale : float
        Pixels per pixel of a 720-line picture.

    Returns
    -------
    tuple of (ndarray of float, shape (width,), int)
        Rows from the layer's top to the land, and how far the layer rises above its foot.
    """
    shapes = {
        "hills": (320, 0.32, 60 + 30 * near, 0.0),
        "peaks": (240, 0.52, 110 + 20 * near, 0.0),
        "snow": (300, 0.55, 150 + 20 * near, 0.0),
        "firs": (420, 0.35, 34, 34 + 74 * near),
        "roof": (200, 0.6, 70, 120),
        "town": (300, 0.3, 22, 26),
        "tower": (260, 0.4, 26, 190),
    }
    coarsest, roughness, swing, above = shapes[kind]
    land = swing * scale * (1 + noise(rng, width, int(coarsest * scale), roughness) / 1.6)
    if kind in ("peaks", "snow"):
        land = swing * scale * 1.9 * np.abs(land / (swing * scale) - 1)
    land = np.maximum(land, 0) + _growth(rng, kind, width, above * scale, scale)
    rise = int(land.max()) + 2
    return rise - land, rise


def _growth(rng: np.random.Generator, kind: str, width: int, height: float, scale: float) -> Floats:
    """What stands on the ridge."""
    grown = np.zeros(width)
    if kind == "firs":
        for centre in np.cumsum(rng.uniform(0.12, 0.5, int(width / height / 0.2)) * height):
            _fir(grown, centre, height * rng.uniform(0.55, 1.15))
    elif kind == "roof":
        for centre in np.cumsum(rng.uniform(20, 120, width // 40) * scale):
            _spike(grown, centre, height * rng.uniform(0.2, 1.2), rng.uniform(8, 30) * scale)
    elif kind == "town":
        for centre in np.cumsum(rng.uniform(8, 34, width // 12) * scale):
            _block(grown, centre, height * rng.uniform(0.2, 1.0), rng.uniform(6, 18) * scale)
        for centre in np.cumsum(rng.uniform(60, 240, width // 80) * scale):
            _block(grown, centre, height * rng.uniform(1.6, 3.0), 1.2 * scale)
    elif kind == "tower":
        centre = 0.76 * 1280 * scale
        _spike(grown, centre, 40 * scale, 300 * scale)
        _block(grown, centre, height * 0.86, 11 * scale)
        _block(grown, centre, height * 0.74, 14 * scale)
        _block(grown, centre, height * 0.95, 7 * scale)
    return grown


def _span(size: int, centre: float, half: float) -> slice:
    """Columns within `half` of `centre`."""
    return slice(max(0, int(centre - half)), max(0, min(size, int(centre + half) + 1)))


def _fir(grown: Floats, centre: float, height: float) -> None:
    """A conifer: branches in tiers, narrowing to the tip."""
    half = height * 0.2
    at = _span(grown.size, centre, half)
    away = np.abs(np.arange(at.start, at.stop) - centre) / half
    tiers = 7
    ragged = (np.floor((1 - away) * tiers) + 0.75 * ((1 - away) * tiers % 1) ** 2) / tiers
    grown[at] = np.maximum(grown[at], height * np.clip(ragged, 0.0, 1.0))


def _spike(grown: Floats, centre: float, height: float, half: float) -> None:
    """A cone with a curved flank."""
    at = _span(grown.size, centre, half)
    away = np.abs(np.arange(at.start, at.stop) - centre) / half
    grown[at] = np.maximum(grown[at], height * np.clip(1 - away, 0, 1) ** 1.6)


def _block(grown: Floats, centre: float, height: float, half: float) -> None:
    """A house or a mast."""
    at = _span(grown.size, centre, half)
    grown[at] = np.maximum(grown[at], height)
