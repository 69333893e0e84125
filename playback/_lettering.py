"""Titles and frame numbers in the picture."""

from fractions import Fraction
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont

Font = ImageFont.FreeTypeFont | ImageFont.ImageFont

# Where a font that can write Chinese is found on the systems halls run on.
CJK_FONTS = (
    "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/noto-cjk/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/google-noto-cjk/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/truetype/wqy/wqy-zenhei.ttc",
    "/usr/share/fonts/truetype/arphic/uming.ttc",
    "/usr/share/fonts/truetype/droid/DroidSansFallbackFull.ttf",
    "/System/Library/Fonts/PingFang.ttc",
    "/System/Library/Fonts/STHeiti Light.ttc",
    "C:/Windows/Fonts/msjh.ttc",
)
INK = (250, 248, 240)


def writable(text: str) -> str:
    """Return `text`, or nothing where it needs a font this machine does not have."""
    return text if text.isascii() or _cjk_font() else ""


def _cjk_font() -> str | None:
    """Return the first font here that writes Chinese."""
    return next((path for path in CJK_FONTS if Path(path).exists()), None)


def font(text: str, size: int) -> Font:
    """Return a font that can write `text`."""
    path = None if text.isascii() else _cjk_font()
    return ImageFont.truetype(path, size) if path else ImageFont.load_default(size)


class Lettering:
    """Paints a clip's title, subtitle, frame number and timecode.

    Parameters
    ----------
    title, subtitle : str
        The subtitle is left out where no font can write it.
    size : tuple of int
        Width and height of the picture.
    fps : Fraction
        Frames per second, for the timecode.
    """

    def __init__(self, title: str, subtitle: str, size: tuple[int, int], fps: Fraction) -> None:
        self._size, self._fps = size, fps
        unit = size[1] / 720
        self._margin = round(44 * unit)
        self._shadow = max(1, round(2 * unit))
        self._caption = self._captioned(title, writable(subtitle), unit)
        self._digits = _digits(round(24 * unit))

    def _captioned(self, title: str, subtitle: str, unit: float) -> tuple[Image.Image, Image.Image]:
        """Title and subtitle, as cover, and their shadow."""
        cover = Image.new("L", (self._size[0], round(150 * unit)))
        draw = ImageDraw.Draw(cover)
        bottom = cover.height - self._margin
        if subtitle:
            size = round(26 * unit)
            draw.text((self._margin, bottom), subtitle, 205, font(subtitle, size), anchor="ls")
            bottom -= round(40 * unit)
        size = round(44 * unit)
        draw.text((self._margin, bottom), title, 245, font(title, size), anchor="ls")
        left, top, right, foot = cover.getbbox() or (0, 0, 1, 1)
        edge = round(16 * unit)
        self._corner = (left - edge, self._size[1] - cover.height + top - edge)
        cover = cover.crop((left - edge, top - edge, right + edge, foot + edge))
        shade = cover.filter(ImageFilter.GaussianBlur(5 * unit))
        return cover, shade.point([min(255, round(1.2 * level)) for level in range(256)])

    def paint(self, canvas: Image.Image, frame: int) -> None:
        """Write onto `canvas` what belongs to `frame`."""
        cover, shade = self._caption
        x, y = self._corner
        box = (x, y, x + cover.width, y + cover.height)
        canvas.paste((0, 0, 0), box, shade)
        canvas.paste(INK, box, cover)
        self._number(canvas, self._timecode(frame))

    def _timecode(self, frame: int) -> str:
        """Return minutes, seconds and frames, and the frame number."""
        second, rest = divmod(frame, round(self._fps))
        return f"{second // 60:02}:{second % 60:02}:{rest:02}  {frame:05}"

    def _number(self, canvas: Image.Image, text: str) -> None:
        """Write digits from the right-hand margin, each as wide as the widest."""
        width = self._digits["0"].width
        left = canvas.width - self._margin - width * len(text)
        top = canvas.height - self._margin - self._digits["0"].height
        for i, sign in enumerate(text):
            if sign != " ":
                cover = self._digits[sign]
                x = left + i * width
                box = (x, top, x + cover.width, top + cover.height)
                canvas.paste((0, 0, 0), (x + self._shadow, top + self._shadow), cover)
                canvas.paste(INK, box, cover)


def _digits(size: int) -> dict[str, Image.Image]:
    """Return the signs of a timecode, all equally wide."""
    face = font("0", size)
    width = max(_width(face, sign) for sign in "0123456789:") + 1
    signs = {}
    for sign in "0123456789:":
        cover = Image.new("L", (width, round(size * 1.25)))
        ImageDraw.Draw(cover).text((width / 2, 0), sign, 225, face, anchor="ma")
        signs[sign] = cover
    return signs


def _width(font: Font, sign: str) -> int:
    """Width of a sign in pixels, rounded up."""
    return int(np.ceil(font.getlength(sign)))
