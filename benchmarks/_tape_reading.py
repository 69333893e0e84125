"""What a tape says, look by look and millisecond by millisecond."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks._room import CLIPS, RATE, tone_hz
from playback._codes import read_frame_code

HOP = RATE // 1000
QUIET = 0.1
"""A stretch is silent below this part of the usual loudness."""
NO_CODE = -1
_WINDOW = RATE // 200


@dataclass(frozen=True, slots=True)
class Reading:
    """A tape, read.

    Attributes
    ----------
    looks : float64 [looks]
        When the screen was looked at, in s.
    codes : int64 [looks]
        What was seen: clip * 65536 + frame, or `NO_CODE`.
    rows : uint8 [looks, pixels]
        The strip itself, at `benchmarks._tape.COLUMNS`.
    loudness : float64 [hops]
        Of the sound, 1 is usual; a hop is a millisecond.
    pitches : int [hops]
        Which tone is heard: clip * 2 + odd half second.
    begun : float
        When the sound begins, in s.
    """

    looks: NDArray[np.float64]
    codes: NDArray[np.int64]
    rows: NDArray[np.uint8]
    loudness: NDArray[np.float64]
    pitches: NDArray[np.intp]
    begun: float


def read_tape(path: Path) -> Reading:
    """Read a tape that `_tape` made."""
    with np.load(path) as tape:
        rows = tape["rows"]
        loudness, pitches = _tones(tape["sound"].astype(np.float64))
        begun = float(tape["begun"]) + _WINDOW / 2 / RATE
        flat = rows.reshape(len(rows), -1)
        return Reading(tape["times"], _codes(rows), flat, loudness, pitches, begun)


def _codes(rows: NDArray[np.uint8]) -> NDArray[np.int64]:
    """Read the code of every look; equal ones are read once."""
    known: dict[bytes, int] = {}
    found = np.empty(len(rows), np.int64)
    for number, row in enumerate(rows):
        levels = row.mean(axis=1)
        bits = (levels > (levels.max() + levels.min()) / 2).tobytes()
        if bits not in known:
            code = read_frame_code(np.repeat(row.reshape(1, -1), 8, axis=0))
            known[bits] = code.clip << 16 | code.frame if code else NO_CODE
        found[number] = known[bits]
    return found


def _tones(sound: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.intp]]:
    """Tell how loud it is, and which tone is heard, every millisecond."""
    at = np.arange(len(sound)) / RATE
    window = np.hanning(_WINDOW)
    levels = []
    for clip in range(CLIPS):
        for odd in (False, True):
            shifted = sound * np.exp(-2j * np.pi * tone_hz(clip, odd) * at)
            levels.append(np.abs(np.convolve(shifted, window, "valid"))[::HOP])
    tones = np.array(levels)
    loudest = tones.max(axis=0)
    usual = np.median(loudest[loudest > loudest.max() / 4])
    return loudest / usual, np.argmax(tones, axis=0)
