"""Generated landscapes: sky, light, land in layers, sea, weather."""

from typing import Protocol

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFilter

from playback._layers import Floats, Particles, Sheets, Strip, blend, haze, noise
from playback._palette import Colour, palette, seed_of
from playback._ridges import ridge_line


class Layer(Protocol):
    """Something that paints itself at a frame."""

    def paint(self, canvas: Image.Image, frame: int) -> None:
        """Paint onto `canvas`."""
        ...


class Landscape:
    """A moving landscape.

    Parameters
    ----------
    name : str
        Its palette; unknown names get one of their own.
    size : tuple of int
        Width and height in pixels.
    frames : int
        How long it must last.
    """

    def __init__(self, name: str, size: tuple[int, int], frames: int) -> None:
        self._palette = palette(name)
        self._rng = np.random.default_rng(seed_of(name))
        self._size, self._frames = size, frames
        self._scale = size[1] / 720
        self._sky = self._painted_sky()
        self._distance: list[Layer] = self._air()
        self._layers: list[Layer] = [*self._water(), *self._land(), *self._weather()]
        self._backdrop, self._painted = self._sky, -1

    def picture(self, frame: int) -> Image.Image:
        """Return the picture at `frame`, RGB."""
        # What is far away moves so slowly that every other frame is enough.
        if frame // 2 != self._painted:
            self._backdrop, self._painted = self._sky.copy(), frame // 2
            for layer in self._distance:
                layer.paint(self._backdrop, frame)
        canvas = self._backdrop.copy()
        for layer in self._layers:
            layer.paint(canvas, frame)
        return canvas

    def _has(self, feature: str) -> bool:
        return feature in self._palette.features

    def _painted_sky(self) -> Image.Image:
        """Gradient, glow, disc and fine grain against banding."""
        width, height = self._size
        p = self._palette
        stops = [0.0, p.skyline * 0.55, p.skyline, 1.0]
        colours = np.array([p.zenith, p.middle, p.horizon, p.horizon], dtype=np.float64)
        rows = np.arange(height) / height
        gradient = np.stack([np.interp(rows, stops, colours[:, c]) for c in range(3)], axis=1)
        sky = np.repeat(gradient[:, None], width, axis=1)
        y, x = np.mgrid[0:height, 0:width]
        away = np.hypot(x - p.light_at[0] * width, y - p.light_at[1] * height) / height
        glow = 0.55 * np.exp(-away * 3.2) + 0.35 * np.exp(-((away * 7) ** 2))
        if p.light_size and not self._has("rise"):
            glow = np.maximum(glow, np.clip((p.light_size - away) * height / 2, 0, 1))
        sky += (np.array(p.light) - sky) * glow[..., None]
        if self._has("galaxy"):
            sky += self._galaxy(x / height, y / height)[..., None] * np.array([74, 66, 112])
        sky += self._rng.normal(0, 1.1, (height, width, 1))
        return Image.fromarray(np.clip(sky, 0, 255).astype(np.uint8))

    def _galaxy(self, x: Floats, y: Floats) -> Floats:
        """A band of haze across the sky."""
        height, width = x.shape
        across = (y - 0.95 + 0.42 * x) / 0.2
        cloud = haze(self._rng, height, width, (height // 3, width // 4))
        veil: Floats = np.exp(-(across**2)) * (0.25 + 0.75 * cloud)
        return veil

    def _air(self) -> list[Layer]:
        """Stars, the rising sun and clouds."""
        layers: list[Layer] = []
        if self._has("stars"):
            many = 3 if self._has("galaxy") else 1
            layers.append(self._stars(560 * many, (240, 238, 246), 6))
        if self._has("rise"):
            layers.append(_Rise(self._palette.light, self._palette.light_at, self._size))
        if self._has("clouds"):
            layers += [self._clouds(0.30, 0.25, 0.0), self._clouds(0.7, 0.4, 0.25)]
        if self._has("lightning"):
            layers.append(_Lightning(self._rng, self._frames))
        return layers

    def _stars(self, count: int, colour: Colour, hold: int) -> Layer:
        """Stars that twinkle through four sheets."""
        width, height = self._size
        rows = int(height * self._palette.skyline)
        x, y = self._rng.integers(1, width - 1, count), self._rng.integers(1, rows - 1, count)
        strength = self._rng.pareto(2.0, count).clip(0.3, 2) / 2
        covers = []
        for _ in range(4):
            cover = np.zeros((rows, width))
            level = 255 * strength * self._rng.uniform(0.65, 1.0, count)
            for dy, dx, part in ((0, 0, 1), (0, 1, 0.45), (1, 0, 0.45), (0, -1, 0.3), (-1, 0, 0.3)):
                np.maximum.at(cover, (y + dy, x + dx), level * part)
            covers.append(cover.astype(np.uint8))
        return Sheets(covers, colour, 0, hold)

    def _clouds(self, speed: float, cover: float, lower: float) -> Layer:
        """A bank of clouds, lit by the light's colour."""
        view, height = self._size
        speed *= self._scale
        rows = int(height * self._palette.skyline * (0.75 - lower * 0.6))
        width = self._width(speed)
        body = haze(self._rng, rows, width, (rows // 3, view // 3))
        body *= np.sin(np.linspace(0.15, np.pi - 0.05, rows))[:, None]
        tint = np.array(blend(self._palette.middle, self._palette.light, 0.45))
        shade = np.array(blend(self._palette.middle, self._palette.zenith, 0.4))
        rgba = np.empty((rows, width, 4))
        rgba[..., :3] = shade + (tint - shade) * body[..., None]
        rgba[..., 3] = 255 * cover * np.clip((body - 0.35) * 2.2, 0, 1) ** 1.3
        return Strip(rgba, int(height * self._palette.skyline * lower), speed, view)

    def _water(self) -> list[Layer]:
        """Waves in layers from the horizon to the viewer, and glitter under the light."""
        if not self._has("sea"):
            return []
        p, (view, height) = self._palette, self._size
        horizon = int(height * p.skyline)
        count, layers = 9, []
        rough = 2.6 if self._has("rain") else 1.0
        for i in range(count):
            near = (i / (count - 1)) ** 1.6
            top = horizon + int((height - horizon) * near * 0.86)
            speed = (0.2 + 1.4 * near) * self._scale * (-1 if i % 2 else 1) * rough**0.5
            swell = (1 + 7 * near) * rough * self._scale
            below = horizon + int((height - horizon) * ((i + 1) / (count - 1)) ** 1.6 * 0.86)
            foot = height if i == count - 1 else min(height, below + int(8 * swell))
            width, rows = self._width(speed), foot - top + int(swell)
            line = swell * (1 + noise(self._rng, width, int((60 + 240 * near) * self._scale), 0.45))
            colour = blend(blend(p.horizon, p.middle, 0.3), p.near, 0.15 + 0.75 * near**0.6)
            crest = blend(colour, p.light, 0.30 - 0.12 * near)
            body = _body(line, rows, crest, colour, fade=(10 + 46 * near) * self._scale)
            layers.append(
                Strip(body, top - int(swell), speed, view, (2.2 * near * self._scale, 90 + 17 * i))
            )
        glitter = self._glitter(horizon)
        return [*layers[:6], glitter, *layers[6:]]

    def _glitter(self, horizon: int) -> Layer:
        """Short strokes of light on the water, in six sheets."""
        view, height = self._size
        rows = int((height - horizon) * 0.8)
        covers = []
        for _ in range(6):
            sheet = Image.new("L", (view, rows))
            draw = ImageDraw.Draw(sheet)
            for _ in range(170):
                depth = self._rng.uniform(0, 1) ** 1.4
                x = self._palette.light_at[0] * view
                x += self._rng.normal(0, (0.03 + 0.10 * depth) * view)
                y, length = depth * rows, (4 + 26 * depth) * self._scale
                level = int(self._rng.uniform(40, 190) * (1 - 0.55 * depth))
                draw.line((x - length, y, x + length, y), level, max(1, int(1 + 1.6 * depth)))
            covers.append(np.asarray(sheet.filter(ImageFilter.GaussianBlur(0.8 * self._scale))))
        return Sheets(covers, self._palette.light, horizon + 2, 6)

    def _land(self) -> list[Layer]:
        """The ridges, hazy far away and dark near by."""
        p, (view, height) = self._palette, self._size
        layers: list[Layer] = []
        count = len(p.ridges)
        for i, kind in enumerate(p.ridges):
            near = (i + 1) / count
            sea = self._has("sea")
            speed = (0.05 if sea else 0.12 + 1.1 * near**2) * self._scale
            width = self._width(speed)
            line, rise = ridge_line(self._rng, kind, width, near, self._scale)
            foot = p.skyline if sea else p.skyline + (0.9 - p.skyline) * near**1.5
            base = int(height * foot)
            rows = (base + 2 if sea else height) - (base - rise)
            colour = blend(
                p.horizon, p.near, (0.45 if sea else 0.2) + 0.75 * near * (0.6 if sea else 1)
            )
            mist = blend(colour, p.horizon, 0.55 * (1 - near) + 0.12)
            body = _body(line, rows, colour, mist, (90 + 260 * near) * self._scale, level=True)
            self._decorate(kind, body, line)
            if kind == "roof":
                body, base, rise = body[::-1], 0, 0
            layers.append(Strip(body, base - rise, speed, view))
        return layers

    def _decorate(self, kind: str, body: Floats, line: Floats) -> None:
        """Snow on peaks, lights in towns."""
        rows = np.arange(body.shape[0])[:, None]
        if kind == "snow":
            ragged = line + (30 + 34 * noise(self._rng, line.size, 24, 0.7)) * self._scale
            snow = np.clip((ragged - rows) / 3, 0, 1)[..., None]
            body[..., :3] += (np.array([238, 242, 248]) - body[..., :3]) * snow * 0.8
        if kind == "town":
            for _ in range(line.size // 7):
                x = int(self._rng.integers(2, line.size - 2))
                y = int(line[x] + self._rng.uniform(4, 60) * self._scale)
                if y + 2 < body.shape[0]:
                    body[y : y + 2, x : x + 2, :3] = (255, int(self._rng.integers(170, 230)), 120)

    def _weather(self) -> list[Layer]:
        """Rain, snow, embers and the lighthouse's beam."""
        layers: list[Layer] = []
        if self._has("beam"):
            layers.append(_Beam(self._palette.light, self._palette.light_at, self._size))
        if self._has("rain"):
            layers += [self._particles(260, (3.5, 22), (200, 214, 220), self._drops(0.16, 80))]
            layers += [self._particles(90, (5.0, 31), (220, 230, 235), self._drops(0.16, 120))]
        if self._has("snowfall"):
            layers += [self._particles(90, (0.7, 1.6), (250, 250, 250), self._dots(150))]
        if self._has("embers"):
            layers += [self._particles(100, (0.9, -1.7), (255, 150, 60), self._dots(230))]
            layers += [self._particles(40, (-0.8, -3.0), (255, 215, 130), self._dots(255))]
        return layers

    def _particles(
        self, count: int, speed: tuple[float, float], colour: Colour, sprites: list[Image.Image]
    ) -> Layer:
        """Scatter `count` particles over the picture."""
        places = self._rng.uniform(0, 1, (count, 2)) * (np.array(self._size) + 64)
        return Particles(places, sprites, colour, (speed[0] * self._scale, speed[1] * self._scale))

    def _drops(self, slant: float, level: int) -> list[Image.Image]:
        """Streaks of rain of four lengths."""
        sprites = []
        for length in (20, 26, 32, 40):
            rows = int(length * self._scale)
            sprite = Image.new("L", (int(rows * slant) + 2, rows))
            ImageDraw.Draw(sprite).line((0, 0, rows * slant, rows), level)
            sprites.append(sprite)
        return sprites

    def _dots(self, level: int) -> list[Image.Image]:
        """Soft dots of four sizes."""
        sprites = []
        for size in (3.0, 4.0, 5.0, 7.0):
            radius = max(2, round(size * self._scale))
            away = np.hypot(*np.mgrid[-radius : radius + 1, -radius : radius + 1]) / radius
            sprites.append(
                Image.fromarray((level * np.clip(1 - away, 0, 1) ** 0.8).astype(np.uint8))
            )
        return sprites

    def _width(self, speed: float) -> int:
        """Pixels a strip of this speed needs."""
        return self._size[0] + int(abs(speed) * self._frames) + 8


def _body(
    line: Floats, rows: int, edge: Colour, depth: Colour, fade: float, level: bool = False
) -> Floats:
    """Fill below a line, turning from `edge` to `depth` over `fade` pixels below it.

    With `level` the colours run level, as haze lies, instead of along the line, as light does.
    """
    below = np.arange(rows)[:, None] - line[None, :]
    part = np.clip((below + (line - line.min() if level else 0)) / fade, 0, 1)[..., None]
    rgba = np.empty((rows, line.size, 4))
    rgba[..., :3] = np.array(edge) + (np.array(depth, dtype=np.float64) - np.array(edge)) * part
    rgba[..., 3] = 255 * np.clip(below + 0.5, 0, 1)
    return rgba


def _disc(radius: int) -> npt.NDArray[np.uint8]:
    """A soft disc with its glow."""
    y, x = np.mgrid[-radius : radius + 1, -radius : radius + 1] / radius
    away = np.hypot(x, y)
    cover = np.maximum(np.clip((0.30 - away) * 40, 0, 1), 0.6 * np.exp(-away * 3.4) - 0.02)
    disc: npt.NDArray[np.uint8] = (255 * np.clip(cover, 0, 1) * (away < 1)).astype(np.uint8)
    return disc


class _Rise:
    """The sun, coming up slowly."""

    def __init__(self, colour: Colour, at: tuple[float, float], size: tuple[int, int]) -> None:
        self._colour = colour
        self._cover = Image.fromarray(_disc(int(size[1] * 0.2)))
        self._x, self._y = int(at[0] * size[0]), at[1] * size[1]
        self._speed = size[1] / 720 * 0.16

    def paint(self, canvas: Image.Image, frame: int) -> None:
        half = self._cover.width // 2
        corner = (self._x - half, round(self._y - self._speed * frame) - half)
        box = (*corner, corner[0] + self._cover.width, corner[1] + self._cover.height)
        canvas.paste(self._colour, box, self._cover)


class _Lightning:
    """A pale flash every few seconds, never two within a second."""

    def __init__(self, rng: np.random.Generator, frames: int) -> None:
        self._starts = [k + int(rng.integers(0, 60)) for k in range(48, frames + 48, 130)]

    def paint(self, canvas: Image.Image, frame: int) -> None:
        since = min((frame - start for start in self._starts if frame >= start), default=99)
        if since < 14:
            cover = Image.new("L", canvas.size, round(70 * (1 - since / 14) ** 2))
            canvas.paste((216, 226, 240), (0, 0, *canvas.size), cover)


class _Beam:
    """The lighthouse's two beams, turning once in ten seconds."""

    def __init__(self, colour: Colour, at: tuple[float, float], size: tuple[int, int]) -> None:
        self._colour = colour
        self._small = (size[0] // 8, size[1] // 8)
        self._x, self._y = at[0] * self._small[0], at[1] * self._small[1]

    def paint(self, canvas: Image.Image, frame: int) -> None:
        sheet = Image.new("L", self._small)
        draw = ImageDraw.Draw(sheet)
        turn = 2 * np.pi * frame / 240
        for side in (0.0, np.pi):
            reach, towards = np.cos(turn + side), max(0.0, np.sin(turn + side))
            for step in range(32, 0, -1):
                part = step / 32
                far = 1.1 * self._small[0] * reach * part
                spread = self._small[1] * (0.07 + 0.16 * towards) * part
                tip = (self._x + far, self._y - spread), (self._x + far, self._y + spread)
                draw.polygon([(self._x, self._y), *tip], round((104 + 50 * towards) * (1 - part)))
        draw.ellipse((self._x - 1.5, self._y - 1.5, self._x + 1.5, self._y + 1.5), 255)
        cover = sheet.filter(ImageFilter.GaussianBlur(1.2))
        left, top, right, foot = cover.getbbox() or (0, 0, 1, 1)
        self._cast(canvas, cover.crop((left, top, right, foot)), (left, top))

    def _cast(self, canvas: Image.Image, cover: Image.Image, corner: tuple[int, int]) -> None:
        """Enlarge the beams and lay them over the picture."""
        zoom = canvas.width // self._small[0]
        large = cover.resize((cover.width * zoom, cover.height * zoom), Image.Resampling.BILINEAR)
        canvas.paste(self._colour, (corner[0] * zoom, corner[1] * zoom), large)
