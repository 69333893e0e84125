"""The simulated audience: repeatable, and in its statistics like the real one."""

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.signal import butter, sosfilt, welch

from acquisition import SIMULATED_CHANNELS, SimulatedSpec, make_source

RATE = 250
SEATS = tuple(f"S{n}" for n in range(20))
LEAD_S, GRIP_S = 64, 40


def watch(spec, scenes, step_s=1.0):
    """Show scenes of (name, seconds); give float64 (seats, samples, channels), NaN if lost."""
    source = make_source(spec, Path())
    source.open()
    source.start()
    source.read(0)
    total = round(sum(seconds for _, seconds in scenes) * spec.rate)
    eeg = np.full((len(spec.seats), total, len(spec.channels)), np.nan)
    ends = np.cumsum([seconds for _, seconds in scenes])
    now = 0.0
    for (scene, _), end in zip(scenes, ends, strict=True):
        source.hear(scene)
        times = [*np.arange(now + step_s, end, step_s), end]
        for time in times:
            batch = source.read(round(time * 1e9))
            at = 0
            for seat, first, count in batch.runs:
                eeg[seat, first : first + count] = batch.samples[at : at + count]
                at += count
            assert at == len(batch.samples)
        now = end
    return eeg


def band_pass(eeg, low, high):
    sos = butter(2, (low, high), "bandpass", fs=RATE, output="sos")
    return sosfilt(sos, eeg - eeg[:, :1], axis=1)[:, 4 * RATE :]


def columns(*names):
    return [SIMULATED_CHANNELS.index(name) for name in names]


def index_gain(eeg, numerator, denominator, names):
    """How far ln(numerator / denominator) rises from lead-in to scene, mean over seats."""
    indices = []
    for part in (eeg[:, 4 * RATE : LEAD_S * RATE], eeg[:, (LEAD_S + 10) * RATE :]):
        f, power = welch(part[:, :, columns(*names)], RATE, nperseg=2 * RATE, axis=1)
        band = [
            power[:, (f >= low) & (f < high)].sum(axis=1)
            for low, high in (*numerator, *denominator)
        ]
        top, bottom = band[: len(numerator)], band[len(numerator) :]
        indices.append(np.log(sum(top)) - np.log(sum(bottom)))
    return (indices[1] - indices[0]).mean()


THETA, ALPHA, BETA = (4, 8), (8, 13), (13, 30)


def synchrony(eeg, name="Pz"):
    """Audience inter-subject correlation of one electrode, as in the science page."""
    y = band_pass(eeg, 1, 20)[:, :, columns(name)[0]]
    y = y / (1.4826 * np.median(np.abs(y), axis=1, keepdims=True))
    y[np.abs(y) > 4] = 0
    own = (y**2).sum()
    return ((y.sum(axis=0) ** 2).sum() - own) / ((len(y) - 1) * own)


def audience(response, **more):
    spec = SimulatedSpec(SEATS, 5, responses=(("grip", response),), loss=0.0, noisy=0.0, **more)
    return watch(spec, [("titles", LEAD_S), ("grip", GRIP_S)])


@pytest.fixture(scope="module")
def gripped():
    return audience(1.0)


@pytest.fixture(scope="module")
def bored():
    return audience(-1.0)


@pytest.fixture(scope="module")
def indifferent():
    return audience(0.0)


@settings(max_examples=50)
@given(
    st.lists(st.integers(1, 700), min_size=1, max_size=12),
    st.lists(st.integers(1, 700), min_size=1, max_size=12),
    st.integers(0, 2**32),
    st.sampled_from([SIMULATED_CHANNELS, ("Fp1", "PPG")]),
)
def test_samples_do_not_depend_on_how_they_are_read(before, after, seed, channels):
    spec = SimulatedSpec(("A1", "A2"), seed, channels, responses=(("grip", 1.0),), loss=0.1)
    change = sum(before)
    ends = [np.cumsum(before), [change], change + np.cumsum(after), [change + sum(after)]]

    def read(first, second):
        source = make_source(spec, Path())
        source.start()
        source.read(0)
        batches = [source.read(int(at) * 4_000_000) for at in first]
        source.hear("grip")
        batches += [source.read(int(at) * 4_000_000) for at in second]
        return flat(batches)

    pieces, whole = read(ends[0], ends[2]), read(ends[1], ends[3])
    assert all(np.array_equal(a, b) for a, b in zip(pieces, whole, strict=True))


def flat(batches):
    """Seat and index of every sample, and the samples, in a common order."""
    where = np.concatenate(
        [
            [(seat, first + n) for n in range(count)]
            for b in batches
            for seat, first, count in b.runs
        ]
    )
    samples = np.concatenate([batch.samples for batch in batches])
    order = np.lexsort((where[:, 1], where[:, 0]))
    return where[order], samples[order]


def test_another_seed_is_another_audience():
    one, other = (watch(SimulatedSpec(("A1",), seed), [("", 2)]) for seed in (1, 2))
    assert not np.array_equal(one, other)


def test_viewers_of_other_groups_see_the_same_film():
    groups = [
        watch(SimulatedSpec(seats, 9, synchrony=8.0, loss=0.0), [("", 40)])
        for seats in (SEATS[:8], SEATS[8:])
    ]
    left, right = (band_pass(group, 1, 20)[:, :, columns("Pz")[0]].mean(0) for group in groups)
    assert np.corrcoef(left, right)[0, 1] > 0.5


def test_scalp_eeg_is_ten_microvolts_with_a_falling_spectrum(indifferent):
    eeg = indifferent[:, :, columns("P3", "Pz", "P4", "T7", "T8")]
    assert 7 < np.median(band_pass(eeg, 1, 40).std(axis=1)) < 14
    f, power = welch(eeg[:, 4 * RATE :], RATE, nperseg=2 * RATE, axis=1)
    mean = power.mean(axis=(0, 2))
    at = [
        mean[(f >= low) & (f < high)].mean() for low, high in ((1, 3), (4, 8), (16, 30), (60, 90))
    ]
    assert all(low > high for low, high in pairwise(at))
    alpha = mean[(f >= 9) & (f < 12)].mean()
    assert alpha > 1.5 * mean[(f >= 13) & (f < 15)].mean()


def test_a_gripping_scene_raises_engagement_where_it_can_be_seen(gripped, indifferent, bored):
    sites = ("P3", "Pz", "P4", "T7", "T8")
    gains = [
        index_gain(eeg, [BETA], [ALPHA, THETA], sites) for eeg in (bored, indifferent, gripped)
    ]
    assert gains[0] < -0.2
    assert abs(gains[1]) < 0.1
    assert gains[2] > 0.3


def test_a_gripping_scene_raises_theta_over_alpha_on_the_forehead(gripped, indifferent):
    gain, none = (
        index_gain(eeg, [THETA], [ALPHA], ("Fp1", "Fp2")) for eeg in (gripped, indifferent)
    )
    assert gain > 0.2
    # Both audiences are the same but for their answer, blinks in the theta band included.
    assert gain - none > 0.3


def test_synchrony_is_as_small_as_in_real_audiences_and_follows_the_grip(gripped, bored):
    scene = slice((LEAD_S + 6) * RATE, None)
    assert 0.01 < synchrony(gripped[:, scene]) < 0.06
    assert abs(synchrony(bored[:, scene])) < 0.006


def test_without_synchrony_viewers_are_strangers():
    eeg = audience(1.0, synchrony=0.0)
    assert abs(synchrony(eeg)) < 0.003


def test_eyes_blink_at_the_forehead_alone(indifferent):
    slow = band_pass(indifferent, 0.5, 10)
    peaks = slow.max(axis=1)
    assert np.median(peaks[:, columns("Fp1", "Fp2")]) > 60
    assert np.median(peaks[:, columns("P3", "Pz", "P4", "Oz")]) < 45


def test_jaws_clench_at_the_temples():
    spec = SimulatedSpec(SEATS, clenches=20.0, loss=0.0, noisy=0.0)
    fast = band_pass(watch(spec, [("", 20)]), 60, 110).std(axis=1).mean(axis=0)
    assert fast[columns("T7", "T8")].min() > 2 * fast[columns("P3", "Pz", "P4", "Oz")].max()


@pytest.mark.parametrize("mains_hz", [50.0, 60.0])
def test_mains_hums_at_its_frequency_and_not_in_step(mains_hz):
    spec = SimulatedSpec(SEATS, mains=20.0, mains_hz=mains_hz, loss=0.0)
    eeg = watch(spec, [("", 10)])
    f, power = welch(eeg, RATE, nperseg=2 * RATE, axis=1)
    assert (f[np.argmax(power[:, f > 20], axis=1) + np.argmax(f > 20)] == mains_hz).all()
    together = np.abs(np.corrcoef(band_pass(eeg, mains_hz - 2, mains_hz + 2)[:, :, 5]))
    assert together[np.triu_indices(len(SEATS), 1)].min() < 0.2


def test_packets_are_lost_in_gaps_of_the_stated_share():
    lost = np.isnan(watch(SimulatedSpec(SEATS, loss=0.05), [("", 30)]))
    assert 0.04 < lost.mean() < 0.06
    assert (lost.all(axis=2) == lost.any(axis=2)).all()


def test_bad_electrodes_are_noisy_or_at_the_rail():
    noisy = watch(SimulatedSpec(SEATS, noisy=0.2, loss=0.0), [("", 10)])
    share = (band_pass(noisy, 1, 40).std(axis=1)[:, 2:] > 40).mean()
    assert 0.1 < share < 0.3
    railed = watch(SimulatedSpec(SEATS, railed=1.0, loss=0.0), [("", 1)])
    assert (railed == 187500).all()


def test_offsets_are_large_and_drift_slowly(indifferent):
    assert np.abs(indifferent.mean(axis=1)).max() > 1000
    seconds = indifferent[:, : 60 * RATE].reshape(len(SEATS), 60, RATE, -1).mean(axis=2)
    drift = np.abs(seconds[:, -5:].mean(axis=1) - seconds[:, :5].mean(axis=1))
    assert 3 < np.median(drift) < 100
