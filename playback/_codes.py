"""The code in every frame and tone of a sketch clip, so that captures can be read back.

Picture: the top 1/45 of the height is 32 equal blocks, dark or light, from the left: sync
(light, dark, light, dark), clip (8 bits), frame (16 bits, counted from the clip's start modulo
65536), check (4 bits, CRC-4/ITU over clip and frame); bits most significant first. A reader takes
light and dark from the sync blocks, so that fades and other transfer curves do not hurt.

Sound: two quiet tones above the music, 15,000 + 50 (2 h + o) Hz and 17,000 + 50 (2 l + o) Hz,
where h and l are the high and low four bits of the clip and o is 1 in odd half seconds of it.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

BLOCKS = 32
SYNC = 0b1010
STRIP = 45
DARK, LIGHT = 24, 208
LEAST_CONTRAST = 12

TONE_BANDS_HZ = (15_000.0, 17_000.0)
TONE_STEP_HZ = 50.0
TONE_AMPLITUDE = 0.008
TONE_OVER_MEDIAN = 10.0


@dataclass(frozen=True, slots=True)
class FrameCode:
    """What a coded frame says of itself: clip 0-255, frame 0-65535."""

    clip: int
    frame: int


def _check(word: int) -> int:
    """CRC-4/ITU (x^4 + x + 1) of a 24-bit word."""
    register = word << 4
    for bit in range(27, 3, -1):
        if register >> bit & 1:
            register ^= 0b10011 << (bit - 4)
    return register


def draw_frame_code(strip: npt.NDArray[np.uint8], code: FrameCode) -> None:
    """Draw `code` all over `strip`, shape (strip_height(h), width[, channels]), in place."""
    word = code.clip << 16 | (code.frame & 0xFFFF)
    bits = SYNC << 28 | word << 4 | _check(word)
    edges = np.arange(BLOCKS + 1) * strip.shape[1] // BLOCKS
    for block in range(BLOCKS):
        light = bits >> (BLOCKS - 1 - block) & 1
        strip[:, edges[block] : edges[block + 1]] = LIGHT if light else DARK


def strip_height(height: int) -> int:
    """Rows of a picture of `height` rows that the code takes."""
    return max(4, height // STRIP)


def read_frame_code(picture: npt.NDArray[np.uint8]) -> FrameCode | None:
    """Read the code of a picture, scaled or faded, that fills its array.

    Parameters
    ----------
    picture : ndarray of uint8, shape (height, width) or (height, width, channels)
        At least 128 columns wide.

    Returns
    -------
    FrameCode or None
        None where the strip holds no code.
    """
    levels = _block_levels(picture)
    light, dark = levels[[0, 2]].min(), levels[[1, 3]].max()
    if light - dark < LEAST_CONTRAST:
        return None
    bits = 0
    for level in levels:
        bits = bits << 1 | int(level > (light + dark) / 2)
    word = bits >> 4 & 0xFFFFFF
    if bits >> 28 != SYNC or bits & 0xF != _check(word):
        return None
    return FrameCode(word >> 16, word & 0xFFFF)


def _block_levels(picture: npt.NDArray[np.uint8]) -> npt.NDArray[np.float64]:
    """Mean level of the inner part of every block."""
    height, width = picture.shape[:2]
    strip = strip_height(height)
    rows = picture[strip // 4 : max(strip // 4 + 1, strip * 3 // 4)].astype(np.float64)
    columns = rows.reshape(rows.shape[0], width, -1).mean(axis=(0, 2))
    at = (np.arange(BLOCKS)[:, None] + np.linspace(0.3, 0.7, 5)) * width / BLOCKS
    levels: npt.NDArray[np.float64] = columns[at.astype(np.intp)].mean(axis=1)
    return levels


def code_tone(clip: int, start: int, count: int, rate: int) -> npt.NDArray[np.float64]:
    """Return the tone of `clip` from sample `start` of it on, shape (count,), full scale 1."""
    sample = np.arange(start, start + count)
    odd = sample * 2 // rate % 2
    tone = np.zeros(count)
    for base, nibble in zip(TONE_BANDS_HZ, (clip >> 4, clip & 15), strict=True):
        frequency = base + TONE_STEP_HZ * (2 * nibble + odd)
        tone += np.sin(2 * np.pi * frequency * sample / rate)
    return TONE_AMPLITUDE * tone


def read_tone(samples: npt.NDArray[np.float64], rate: int) -> tuple[int, bool] | None:
    """Read the code of a stretch of sound.

    Parameters
    ----------
    samples : ndarray, shape (n,) or (n, channels)
        At least 40 ms, within one half second of a clip; any scale.
    rate : int
        Samples per second, at least 40,000.

    Returns
    -------
    tuple of (int, bool) or None
        Clip, and whether this is an odd half second; None where no tone stands out.
    """
    mono = np.asarray(samples, dtype=np.float64)
    mono = mono.mean(axis=1) if mono.ndim == 2 else mono
    spectrum = np.abs(np.fft.rfft(mono * np.hanning(mono.size), 1 << 16))
    values = [_loudest(spectrum, base, rate) for base in TONE_BANDS_HZ]
    if None in values:
        return None
    high, low = (value or 0 for value in values)
    return None if high % 2 != low % 2 else ((high >> 1) << 4 | low >> 1, bool(high % 2))


def _loudest(spectrum: npt.NDArray[np.float64], base: float, rate: int) -> int | None:
    """Return which of a band's 32 tones stands out, or None."""
    size = 2 * (spectrum.size - 1)
    at = np.round((base + TONE_STEP_HZ * np.arange(BLOCKS)) * size / rate).astype(np.intp)
    best = int(np.argmax(spectrum[at]))
    band = spectrum[at[0] : at[-1]]
    return best if spectrum[at[best]] > TONE_OVER_MEDIAN * np.median(band) + 1e-12 else None
