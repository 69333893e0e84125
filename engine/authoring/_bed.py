"""A stand-in for music that is not there yet."""

from __future__ import annotations

import wave
from pathlib import Path
from typing import Final

import numpy as np

__all__ = ["sketch_bed"]

_RATE: Final = 48_000
_SECONDS: Final = 12
_CHORD_HZ: Final = (110, 165, 220.5)
"""Each has whole periods in the length: the loop has no seam."""


def sketch_bed(path: Path) -> None:
    """Write a soft chord that swells and falls, in stereo, and can be looped."""
    time_s = np.arange(_RATE * _SECONDS) / _RATE
    swell = 0.6 - 0.4 * np.cos(2 * np.pi * time_s / _SECONDS)
    tones = sum(np.sin(2 * np.pi * hertz * time_s) for hertz in _CHORD_HZ)
    samples = np.round(tones / len(_CHORD_HZ) * swell * 0.1 * 32767).astype("<i2")
    path.parent.mkdir(parents=True, exist_ok=True)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(_RATE)
        file.writeframes(np.repeat(samples, 2).tobytes())
