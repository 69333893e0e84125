"""Flashes that can hurt photosensitive viewers: the rules of WCAG 2.3.1 and ITU-R BT.1702.

A *transition* is a change between a picture's adjacent extremes, a *flash* two opposing ones, and
no second may hold more than three that cover more than a quarter of the picture. Every number of
the rules stands beside its source below. Regular patterns (stripes), which BT.1702 and Ofcom
limit too, are not looked for.
"""

import io
from collections import deque
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np
import numpy.typing as npt

Kind = Literal["general", "red"]
Picture = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float32]
Mask = npt.NDArray[np.bool_]

# W3C, WCAG 2.2, "general flash and red flash thresholds": 10 % of the maximum relative luminance,
# where the darker image is below 0.80. ITU-R BT.1702-3 says 20 cd/m2 where the darker is below
# 160 cd/m2, the same on its screen of 200 cd/m2.
LUMINANCE_STEP, DARKER_BELOW = 0.1, 0.8
# WCAG 2.2: saturated is R / (R + G + B) of at least 0.8, and the states lie more than 0.2 apart in
# the CIE 1976 UCS diagram (ISO 9241-391).
SATURATED, CHROMA_STEP = 0.8, 0.2
# WCAG 2.0: (R - G - B) * 320 changes by more than 20 (Harding and Binnie 2002). It keeps the noise
# of dark pictures out, whose colour means nothing.
RED_STEP = 20 / 320
# BT.1702-3 and Ofcom: a quarter of the displayed picture. WCAG's 25 % of any 10 degrees of visual
# field depends on the seat.
AREA = 0.25
# WCAG and BT.1702-3: more than three in any second.
MOST_IN_A_SECOND = 3
# Parts of the picture that change within this time change together. The fastest flash of
# 24 pictures a second lasts longer.
TOGETHER_S = 0.07
# WCAG leaves fine balanced patterns out: what is smaller than a cell is averaged.
CELL = 5
WIDTH = 160
MOST_PICTURES = 20

# IEC 61966-2-1 (sRGB), as WCAG's "relative luminance" takes it.
_CODES = np.arange(256) / 255
LINEAR = np.where(_CODES <= 0.04045, _CODES / 12.92, ((_CODES + 0.055) / 1.055) ** 2.4).astype(
    np.float32
)
_TO_XYZ = np.array(
    [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]], np.float32
)
_WHITE_UV = (0.1978, 0.4683)


@dataclass(frozen=True, slots=True)
class Flashing:
    """A stretch of a clip that flashes more than the guideline allows.

    Parameters
    ----------
    kind : {"general", "red"}
        By luminance, or by saturated red.
    from_s, to_s : float
        The stretch, in seconds from the clip's first picture.
    worst_s : float
        Where its worst second begins.
    flashes : int
        Flashes in that second; more than three.
    area : float
        Largest part of the picture that flashes together, 0 to 1.
    pictures : tuple of bytes
        Two pictures of a flash as PNG, RGB, `WIDTH` wide; empty after the first `MOST_PICTURES`
        stretches of a clip.
    """

    kind: Kind
    from_s: float
    to_s: float
    worst_s: float
    flashes: int
    area: float
    pictures: tuple[bytes, ...] = ()


def small_size(width: int, height: int) -> tuple[int, int]:
    """Return the size at which pictures of a size are looked at: whole cells, about its shape."""
    return WIDTH, CELL * max(1, round(WIDTH * height / width / CELL))


def cells(picture: Picture) -> Floats:
    """Average a small picture over its cells.

    Parameters
    ----------
    picture : ndarray of uint8, shape (height, width, 3)
        RGB, of a `small_size`.

    Returns
    -------
    ndarray of float32, shape (cells, 3)
        Linear light of each cell, 1 is white.
    """
    height, width = picture.shape[:2]
    grid = LINEAR[picture].reshape(height // CELL, CELL, width // CELL, CELL, 3)
    means: Floats = grid.mean(axis=(1, 3)).reshape(-1, 3)
    return means


def luminance(light: Floats) -> Floats:
    """Relative luminance of linear light, shape (cells, 1); 1 is white."""
    found: Floats = light @ _TO_XYZ[1:2].T
    return found


def redness(light: Floats) -> Floats:
    """Return what red flashes are judged by, shape (cells, 4).

    R - G - B or 0, the chromaticity u' and v', and whether it is a saturated red.
    """
    x, y, z = (light @ _TO_XYZ.T).T
    weight = x + 15 * y + 3 * z
    # Black has no colour of its own: it counts as white does.
    lit, weight = weight > 0, np.where(weight > 0, weight, 1)
    u, v = np.where(lit, 4 * x / weight, _WHITE_UV[0]), np.where(lit, 9 * y / weight, _WHITE_UV[1])
    red = np.maximum(0, light[:, 0] - light[:, 1] - light[:, 2])
    saturated = lit & (light[:, 0] >= SATURATED * light.sum(axis=1))
    return np.stack([red, u, v, saturated], axis=1).astype(np.float32)


def luminance_turns(old: Floats, new: Floats) -> Mask:
    """Whether luminance has changed by a transition of a general flash."""
    far = np.abs(new[:, 0] - old[:, 0]) >= LUMINANCE_STEP
    found: Mask = far & (np.minimum(new[:, 0], old[:, 0]) < DARKER_BELOW)
    return found


def redness_turns(old: Floats, new: Floats) -> Mask:
    """Whether red has changed by a transition of a red flash."""
    far = np.abs(new[:, 0] - old[:, 0]) > RED_STEP
    apart = np.hypot(new[:, 1] - old[:, 1], new[:, 2] - old[:, 2]) > CHROMA_STEP
    found: Mask = far & apart & ((new[:, 3] > 0) | (old[:, 3] > 0))
    return found


class Turns:
    """Follows every cell from extreme to extreme.

    Parameters
    ----------
    kind : {"general", "red"}
        What a transition is.
    """

    def __init__(self, kind: Kind) -> None:
        self._turns = luminance_turns if kind == "general" else redness_turns
        self._low: Floats | None = None
        self._high: Floats = np.zeros((0, 0), np.float32)
        self._way = np.zeros(0, np.int8)
        self._since = np.zeros(0)

    def take(self, at_s: float, state: Floats) -> tuple[Mask, Mask]:
        """Take the next picture's cells.

        Parameters
        ----------
        at_s : float
            Its time in seconds.
        state : ndarray, shape (cells, n)
            From `luminance` or `redness`; the first column goes up and down.

        Returns
        -------
        tuple of ndarray of bool, shape (cells,)
            Cells that have completed a flash by rising, and by falling.
        """
        if self._low is None:
            self._low, self._high = state.copy(), state.copy()
            self._way = np.zeros(len(state), np.int8)
            self._since = np.full(len(state), -np.inf)
        for extreme, beyond in (
            (self._low, state[:, 0] < self._low[:, 0]),
            (self._high, state[:, 0] > self._high[:, 0]),
        ):
            extreme[beyond] = state[beyond]
        rise = (self._way <= 0) & self._turns(self._low, state)
        fall = (self._way >= 0) & ~rise & self._turns(self._high, state)
        recent = at_s - self._since <= 1
        flashes = rise & (self._way < 0) & recent, fall & (self._way > 0) & recent
        for turned, way in ((rise, 1), (fall, -1)):
            self._way[turned], self._since[turned] = way, at_s
            # Both extremes begin anew: only the one ahead is asked for.
            self._low[turned] = self._high[turned] = state[turned]
        return flashes


@dataclass(slots=True)
class _Beats:
    """Flashes completed in one direction by enough of the picture at once."""

    done_s: npt.NDArray[np.float64]
    last_s: float = -np.inf
    recent: deque[tuple[float, float]] = field(default_factory=deque)
    picture: Picture | None = None

    def take(self, at_s: float, flashed: Mask, picture: Picture) -> bool:
        """Take the cells that completed a flash; whether that makes one of the picture."""
        if at_s - self.last_s <= TOGETHER_S:
            # The rest of the flash that was just counted.
            return False
        self.done_s[flashed] = at_s
        area = float(np.mean(at_s - self.done_s <= TOGETHER_S))
        if area <= AREA:
            return False
        self.last_s, self.picture = at_s, picture
        self.done_s[:] = -np.inf
        self.recent.append((at_s, area))
        while at_s - self.recent[0][0] >= 1 - 1e-6:
            self.recent.popleft()
        return True


class FlashMeter:
    """Finds the stretches of a clip that flash too much, picture by picture."""

    def __init__(self) -> None:
        self._turns: dict[Kind, Turns] = {"general": Turns("general"), "red": Turns("red")}
        self._beats: dict[Kind, tuple[_Beats, _Beats]] = {}
        self._found: list[Flashing] = []
        self._before: Picture | None = None
        self.brightest = 0.0

    def take(self, at_s: float, picture: Picture) -> None:
        """Look at the next picture.

        Parameters
        ----------
        at_s : float
            Its time in seconds, later than the last one's.
        picture : ndarray of uint8, shape (height, width, 3)
            RGB, of a `small_size`.
        """
        light = cells(picture)
        bright = luminance(light)
        self.brightest = max(self.brightest, float(bright.max()))
        self._judge("general", at_s, bright, picture)
        self._judge("red", at_s, redness(light), picture)
        self._before = picture

    def _judge(self, kind: Kind, at_s: float, state: Floats, picture: Picture) -> None:
        """Count one kind of flash."""
        if kind not in self._beats:
            never = np.full(len(state), -np.inf)
            self._beats[kind] = (_Beats(never.copy()), _Beats(never))
        flashed = self._turns[kind].take(at_s, state)
        for way, beats in enumerate(self._beats[kind]):
            counted = beats.take(at_s, flashed[way], picture)
            if counted and len(beats.recent) > MOST_IN_A_SECOND:
                self._note(kind, beats, self._beats[kind][1 - way])

    def _note(self, kind: Kind, beats: _Beats, other: _Beats) -> None:
        """Keep a second with too many flashes, joined to the stretch it overlaps."""
        from_s, to_s = beats.recent[0][0], beats.last_s
        area, flashes = max(area for _, area in beats.recent), len(beats.recent)
        last = next((one for one in reversed(self._found) if one.kind == kind), None)
        if last and from_s <= last.to_s:
            worse = flashes > last.flashes
            joined = replace(
                last,
                to_s=to_s,
                worst_s=from_s if worse else last.worst_s,
                flashes=max(flashes, last.flashes),
                area=max(area, last.area),
            )
            self._found[self._found.index(last)] = joined
            return
        pair = (other.picture if other.picture is not None else self._before, beats.picture)
        kept = pair if len(self._found) < MOST_PICTURES else ()
        pictures = tuple(_png(picture) for picture in kept if picture is not None)
        self._found.append(Flashing(kind, from_s, to_s, from_s, flashes, area, pictures))

    @property
    def found(self) -> tuple[Flashing, ...]:
        """The stretches found so far, in time."""
        return tuple(sorted(self._found, key=lambda one: one.from_s))


def _png(picture: Picture) -> bytes:
    """Encode a small picture."""
    # Players and decoders, which inspect nothing, do not pay for it.
    from PIL import Image

    file = io.BytesIO()
    Image.fromarray(picture).save(file, "png")
    return file.getvalue()
