"""Generated sound: a slow chord drone with bells, and the landscape's own noise."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from playback._loudness import loudness_of
from playback._palette import palette, seed_of

RATE = 48_000
# The codes of _codes.py begin at 15 kHz; nothing here may reach them.
TOP_HZ = 9_000.0
CHORD_S = 6.0
# EBU R 128.
TARGET_LUFS = -23.0
Floats = npt.NDArray[np.float64]

# Degrees of four chords, in semitones above the root.
MINOR = ((0, 7, 12, 15), (-4, 3, 8, 12), (-2, 5, 10, 14), (0, 7, 10, 15))
MAJOR = ((0, 7, 12, 16), (-3, 4, 9, 12), (-7, 5, 9, 12), (-5, 2, 11, 14))
OPEN = ((0, 7, 12, 14), (-2, 5, 12, 17), (0, 7, 14, 19), (-5, 2, 7, 14))


@dataclass(frozen=True, slots=True)
class Mood:
    """Root as a MIDI note, chords in semitones above it, and bells per minute."""

    root: int
    chords: tuple[tuple[int, ...], ...]
    bells: int


MOODS = {
    "lead_in": Mood(45, OPEN, 0),
    "harbour": Mood(48, MAJOR, 14),
    "storm": Mood(38, MINOR, 4),
    "calm": Mood(50, MAJOR, 18),
    "lighthouse": Mood(43, MINOR, 10),
    "cave": Mood(41, OPEN, 24),
    "forest": Mood(47, OPEN, 20),
    "summit": Mood(52, MAJOR, 12),
    "night": Mood(44, MINOR, 12),
    "dawn": Mood(49, MAJOR, 22),
    "stars": Mood(46, OPEN, 26),
    "embers": Mood(40, MINOR, 8),
}


def compose(landscape: str, seconds: float) -> Floats:
    """Return stereo sound for a landscape, shape (48000 * seconds, 2), full scale 1.

    It is as loud as EBU R 128 wants programmes, so that sketches and finished clips fit.
    """
    rng = np.random.default_rng(seed_of(landscape) + 1)
    mood = MOODS.get(landscape) or Mood(
        int(rng.integers(40, 52)), (MINOR, MAJOR, OPEN)[int(rng.integers(3))], 14
    )
    count = round(seconds * RATE)
    sound = 0.16 * _drone(rng, mood, count) + 0.10 * _bells(rng, mood, count)
    sound += _weather(rng, palette(landscape).features, count)
    sound = 0.9 * np.tanh(sound)
    loudness = loudness_of(sound, RATE) if count else None
    if loudness is None or loudness.integrated_lufs is None:
        # Too short to be measured: about what the gain of the others is.
        return 0.5 * sound
    level: Floats = sound * 10 ** ((TARGET_LUFS - loudness.integrated_lufs) / 20)
    return level


def _pitch(note: float) -> float:
    """Return the frequency of a MIDI note, in hertz."""
    return float(440.0 * 2 ** ((note - 69) / 12))


def _drone(rng: np.random.Generator, mood: Mood, count: int) -> Floats:
    """Chords that melt into each other, every voice breathing at its own pace."""
    sound = np.zeros((count, 2))
    length, overlap = int(CHORD_S * RATE), int(1.5 * RATE)
    for i, start in enumerate(range(0, count, length)):
        stop = min(count, start + length + overlap)
        time = np.arange(start, stop) / RATE
        ramp = np.arange(stop - start) / overlap
        rise = np.clip(ramp, 0, 1) if start else np.clip(ramp * 4, 0, 1)
        swell = np.sin(np.pi / 2 * rise) * np.sin(
            np.pi / 2 * np.clip(length / overlap + 1 - ramp, 0, 1)
        )
        for degree in (-12, *mood.chords[i % len(mood.chords)]):
            sound[start:stop] += swell[:, None] * _voice(rng, mood.root + degree, time)
    return sound


def _voice(rng: np.random.Generator, note: float, time: Floats) -> Floats:
    """One note, two partials a little out of tune to the left and to the right."""
    breath = 0.72 + 0.28 * np.sin(2 * np.pi * (rng.uniform(0.05, 0.16) * time + rng.uniform()))
    pan = rng.uniform(0.3, 0.7)
    base = _pitch(note)
    sides = []
    for detune, part in ((-0.0015, 1 - pan), (0.0015, pan)):
        phase = 2 * np.pi * base * (1 + detune) * time
        sides.append(part * (np.sin(phase) + 0.30 * np.sin(2 * phase) + 0.10 * np.sin(3 * phase)))
    return breath[:, None] * np.stack(sides, axis=1)


def _bells(rng: np.random.Generator, mood: Mood, count: int) -> Floats:
    """Single notes of the first chord, two octaves up, with one echo."""
    sound = np.zeros((count, 2))
    ring = np.arange(int(3.0 * RATE)) / RATE
    for _ in range(int(mood.bells * count / RATE / 60)):
        note = mood.root + 24 + int(rng.choice(mood.chords[0]))
        tone = np.exp(-2.4 * ring) * np.sin(2 * np.pi * _pitch(note) * ring)
        tone += 0.4 * np.exp(-5.0 * ring) * np.sin(2 * np.pi * 2.76 * _pitch(note) * ring)
        tone *= np.clip(ring * 200, 0, 1)
        start, side = int(rng.integers(0, count)), rng.uniform(0.2, 0.8)
        for delay, level in ((0, 1.0), (int(0.42 * RATE), 0.35)):
            at = start + delay
            piece = tone[: max(0, count - at)]
            sound[at : at + piece.size] += level * piece[:, None] * (1 - side, side)
            side = 1 - side
    return sound


def _weather(rng: np.random.Generator, features: tuple[str, ...], count: int) -> Floats:
    """Sea, rain, fire or wind, as shaped noise."""
    time = np.arange(count) / RATE
    surf = 0.45 + 0.35 * np.sin(2 * np.pi * time / 7.3) + 0.2 * np.sin(2 * np.pi * time / 4.7)
    if "rain" in features:
        wet = 0.05 * _noise(rng, count, 900.0, 5000.0) + 0.11 * _noise(rng, count, 40.0, 300.0)
        return wet + 0.05 * surf[:, None] * _noise(rng, count, 120.0, 900.0)
    if "sea" in features:
        return 0.07 * surf[:, None] ** 2 * _noise(rng, count, 150.0, 1400.0)
    if "embers" in features:
        sparks = (rng.uniform(size=(count, 2)) < 14 / RATE) * rng.uniform(0.2, 1.0, (count, 2))
        crackle = _shaped(sparks * 30, 600.0, 6000.0)
        return crackle + 0.05 * _noise(rng, count, 60.0, 400.0)
    gust = 0.6 + 0.4 * np.sin(2 * np.pi * time / 11.0)
    return 0.022 * gust[:, None] * _noise(rng, count, 200.0, 900.0)


def _noise(rng: np.random.Generator, count: int, low: float, high: float) -> Floats:
    """Stereo noise between two frequencies, of unit power."""
    sound = _shaped(rng.standard_normal((count, 2)), low, high)
    loudness: Floats = sound / np.sqrt(np.mean(sound**2))
    return loudness


def _shaped(sound: Floats, low: float, high: float) -> Floats:
    """Keep what lies between two frequencies, with gentle slopes and nothing above `TOP_HZ`."""
    spectrum = np.fft.rfft(sound, axis=0)
    frequency = np.maximum(np.fft.rfftfreq(sound.shape[0], 1 / RATE), 1.0)
    gain = 1 / (1 + (low / frequency) ** 4) / (1 + (frequency / high) ** 4)
    gain[frequency > TOP_HZ] = 0
    kept: Floats = np.fft.irfft(spectrum * gain[:, None], sound.shape[0], axis=0)
    return kept
