"""Simulated viewers before a calibration film: closed eyes, flashes, slow headsets."""

from pathlib import Path

import numpy as np
import pytest
from scipy.signal import butter, sosfilt

from acquisition import SimulatedSpec, SourceError, describe, make_source

RATE = 250
SEATS = tuple(f"S{n}" for n in range(12))
FLASHES = tuple(np.arange(1.0, 60.0, 0.7).tolist())


def watch(scenes: list[tuple[str, float]], start_s: float = 0.0, **more: object) -> np.ndarray:
    """Show scenes of (name, seconds); give samples (seats, samples, channels), none lost."""
    spec = SimulatedSpec(SEATS, 5, loss=0.0, noisy=0.0, clenches=0.0, **more)
    source = make_source(spec, Path())
    source.start(0)
    now = start_s
    source.read(round(now * 1e9))
    pieces = []
    for scene, seconds in scenes:
        source.hear(scene)
        now += seconds
        batch = source.read(round(now * 1e9))
        assert (batch.runs[:, 2] == batch.runs[0, 2]).all()
        pieces.append(batch.samples.reshape(len(SEATS), -1, len(spec.channels)))
    return np.concatenate(pieces, axis=1)


def band(x: np.ndarray, low: float, high: float) -> np.ndarray:
    sos = butter(2, (low, high), "bandpass", fs=RATE, output="sos")
    return sosfilt(sos, x - x[:, :1], axis=1)


def alpha(x: np.ndarray) -> np.ndarray:
    return np.log(np.mean(band(x[..., 7], 8, 13)[:, 2 * RATE :] ** 2, axis=1))


def evoked(x: np.ndarray, start_s: float, late_s: float = 0.0) -> np.ndarray:
    """Mean over seats and flashes at Oz, from the flash on."""
    y = band(x[..., 7], 1, 40)
    at = [round((start_s + flash + late_s) * RATE) for flash in FLASHES[:-1]]
    return np.mean([y[:, first : first + RATE // 2] for first in at], axis=(0, 1))


@pytest.mark.parametrize(("rise", "least", "most"), [(1.0, 0.7, 1.4), (0.0, -0.2, 0.2)])
def test_alpha_rises_behind_closed_eyes_and_nobody_blinks(rise, least, most):
    x = watch([("open", 30), ("closed", 30)], closed=("closed",), alpha_rise=rise)
    eyes_open, closed = x[:, : 30 * RATE], x[:, 31 * RATE :]
    assert least < np.mean(alpha(closed) - alpha(eyes_open)) < most
    forehead = [np.abs(band(part, 1, 20)[:, RATE:, 0]).max(axis=1) for part in (eyes_open, closed)]
    assert np.median(forehead[0]) > 60
    assert np.median(forehead[1]) < 40


def test_flashes_are_answered_when_they_come():
    x = watch([("dark", 10), ("flashes", 62)], flashes=(("flashes", FLASHES),))
    wave = evoked(x, 10.0)
    assert np.argmax(wave) / RATE == pytest.approx(0.1, abs=0.012)
    assert wave.max() > 4
    unseen = watch([("dark", 10), ("flashes", 62)], flashes=(("other", FLASHES),))
    assert np.abs(evoked(unseen, 10.0)).max() < 1.5


def test_a_source_that_starts_in_the_middle_sees_the_same_flashes():
    x = watch([("dark", 4), ("flashes", 62)], start_s=20.3, flashes=(("flashes", FLASHES),))
    assert np.argmax(evoked(x, 4.0)) / RATE == pytest.approx(0.1, abs=0.012)


def test_what_follows_a_scene_ends_its_flashes():
    x = watch([("dark", 10), ("flashes", 1.2), ("dark", 62)], flashes=(("flashes", FLASHES),))
    after = evoked(x[:, round(1.7 * RATE) :], 10.0)
    assert np.abs(after).max() < 1.5


def test_a_slow_headset_is_late_in_film_and_flashes():
    shared = {"flashes": (("flashes", FLASHES),), "synchrony": 6.0}
    scenes = [("film", 40), ("flashes", 62)]
    prompt, slow = (watch(scenes, late_ms=late, **shared) for late in (0.0, 80.0))
    assert np.argmax(evoked(slow, 40.0)) / RATE == pytest.approx(0.18, abs=0.012)
    one, other = (band(x[:, : 40 * RATE, 5], 1, 20).mean(axis=0) for x in (prompt, slow))
    lags = np.arange(-30, 31)
    matches = [one[100:-100] @ other[100 + lag : len(other) - 100 + lag] for lag in lags]
    assert lags[np.argmax(matches)] == 20


def test_a_headset_cannot_be_early():
    with pytest.raises(SourceError, match="late_ms"):
        describe(SimulatedSpec(("A1",), late_ms=-1.0))
