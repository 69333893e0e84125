"""The heart rate: planted pulses found again, noise refused, and a way apart from the EEG's."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import signal

from dsp import MEASURED, SIGNALS, Analyzer, AudienceState, Flag, Group, Settings, baseline_of
from dsp import tick_slots as slots_of
from dsp._period import OCTAVE, Work, autocorrelate, period
from dsp._pulse import BAND_HZ, Pulse, PulseState, follow, sections

Samples = np.ndarray
Run = Callable[..., list[AudienceState]]
Noise = Callable[..., Samples]

HEART = MEASURED.index("heart_rate")
MUSE = ("TP9", "AF7", "AF8", "TP10")
RATES_BPM = np.arange(40.0, 181.0, 5.0)
SETTLED_S = 11
"""The filter's settling, and a window behind it."""


def beats(bpm: Samples) -> Samples:
    """Phase of hearts of these rates, shape as `bpm` (samples, seats); each begins elsewhere."""
    start = np.random.default_rng(7).uniform(0, 1, bpm.shape[1])
    return np.cumsum(bpm, axis=0) + start


def light(phase: Samples, second: float = 0.35, place: float = 0.3) -> Samples:
    """Counts of a sensor: a systolic and a dicrotic wave that take a hundredth of the light."""
    beat = phase % 1
    wave = np.exp(-(((beat - 0.25) / 0.08) ** 2) / 2)
    wave += second * np.exp(-(((beat - 0.25 - place) / 0.1) ** 2) / 2)
    return (150_000 * (1 - 0.01 * wave)).astype(np.float32)


def steady(seconds: int, rate: int, bpm: Samples = RATES_BPM) -> Samples:
    """Phase of steady hearts."""
    return beats(np.broadcast_to(bpm / 60 / rate, (seconds * rate, len(bpm))))


def lifelike(seconds: int, rate: int, bpm: Samples = RATES_BPM) -> Samples:
    """Counts of hearts that sway with the breath, seen by a sensor that breathes and hisses."""
    rng = np.random.default_rng(11)
    breath = np.sin(2 * np.pi * 0.25 * np.arange(seconds * rate)[:, None] / rate)
    x = light(beats((bpm + 2 * breath) / 60 / rate))
    hiss = 0.4 * rng.standard_normal(x.shape)
    return (x - 1500 * (0.4 * breath + hiss)).astype(np.float32)


def rates_of(x: Samples, rate: int) -> tuple[Samples, Samples]:
    """Heart rates and covered shares, (seconds, seats)."""
    seats = x.shape[1]
    pulse = Pulse(seats, float(rate), Settings())
    told = np.full((len(x) // rate, 2, seats), -1.0)
    for second, (own, covered) in enumerate(told):
        part = x[second * rate : (second + 1) * rate]
        pulse.push(second * rate, part, np.ones(seats, dtype=np.bool_))
        pulse.close_second(own, covered)
    return told[:, 0], told[:, 1]


# --- what is found


@pytest.mark.parametrize("rate", [125, 200, 250, 256])
def test_steady_rates_are_found_within_two_beats(rate: int) -> None:
    found, covered = rates_of(light(steady(25, rate)), rate)
    error = np.abs(found[SETTLED_S:] - RATES_BPM)
    assert error.max() < 2, f"worst error {error.max():.2f} bpm"
    assert (covered[SETTLED_S:] == 1).all()


@pytest.mark.parametrize("rate", [250, 256])
def test_lifelike_rates_are_found_within_three_beats(rate: int) -> None:
    found, _ = rates_of(lifelike(60, rate), rate)
    error = np.abs(found[SETTLED_S:] - RATES_BPM)
    known = np.isfinite(error)
    assert known.mean() > 0.95, f"{known.mean():.1%} of the seconds have a rate"
    assert error[known].max() < 3, f"worst error {error[known].max():.2f} bpm"


@pytest.mark.parametrize(("second", "place"), [(0.5, 0.3), (0.5, 0.45), (0.15, 0.4)])
def test_neither_two_beats_nor_half_a_beat_win(second: float, place: float) -> None:
    found, _ = rates_of(light(steady(40, 250), second, place), 250)
    np.testing.assert_allclose(found[SETTLED_S:], np.tile(RATES_BPM, (29, 1)), atol=2)


def test_noise_has_no_heart_rate() -> None:
    white = np.random.default_rng(3).normal(150_000, 500, (120 * 250, 50)).astype(np.float32)
    found, _ = rates_of(white, 250)
    none = np.isnan(found[SETTLED_S:]).mean()
    assert none >= 0.95, f"{none:.2%} of the seconds of white noise have no rate"


def test_a_sensor_that_shows_nothing_has_no_heart_rate() -> None:
    x = light(steady(60, 250))
    x[20 * 250 :] = x[20 * 250]
    found, covered = rates_of(x, 250)
    assert np.isfinite(found[19]).all()
    assert np.isnan(found[29:]).all()
    assert not covered[29:].any()
    assert np.isnan(rates_of(np.full_like(x, 7.0), 250)[0]).all()


def test_a_change_of_rate_shows_within_a_window() -> None:
    bpm = np.where(np.arange(60 * 250) < 30 * 250, 60.0, 75.0)[:, None] / 60 / 250
    found, _ = rates_of(light(beats(bpm)), 250)
    assert found[29, 0] == pytest.approx(60, abs=1)
    assert found[40, 0] == pytest.approx(75, abs=1)


# --- what is missing


def test_lost_packets_cost_coverage_and_not_the_rate() -> None:
    x = light(steady(60, 250))
    lost = np.random.default_rng(5).random((60 * 10, x.shape[1])) < 0.1
    x[np.repeat(lost, 25, axis=0)] = np.nan
    found, covered = rates_of(x, 250)
    error = np.abs(found[SETTLED_S:] - RATES_BPM)
    known = np.isfinite(error)
    assert known.mean() > 0.98
    assert np.quantile(error[known], 0.99) < 2
    assert covered[SETTLED_S:][known].mean() == pytest.approx(0.9, abs=0.02)
    assert np.isnan(found[covered == 0]).all()


def test_a_window_that_is_half_empty_has_no_rate() -> None:
    x = light(steady(40, 250))
    x[15 * 250 : 20 * 250] = np.nan
    x[15 * 250 : 17 * 250, 0] = np.inf
    found, covered = rates_of(x, 250)
    assert np.isfinite(found[[14, 18, 32]]).all()
    assert np.isnan(found[[19, 20, 21, 22]]).all()
    assert (covered[18] == 0.5).all()
    assert (covered[32] == 1).all()


def test_noise_with_holes_has_hardly_a_rate_either() -> None:
    rng = np.random.default_rng(4)
    white = rng.normal(150_000, 500, (120 * 250, 50)).astype(np.float32)
    white[np.repeat(rng.random((120 * 10, 50)) < 0.45, 25, axis=0)] = np.nan
    none = np.isnan(rates_of(white, 250)[0][SETTLED_S:]).mean()
    assert none >= 0.95, f"{none:.2%} of the seconds of noise with holes have no rate"


# --- laws


@given(st.lists(st.integers(1, 400), min_size=1, max_size=40), st.sampled_from([250, 256, 125]))
@settings(max_examples=25, deadline=None)
def test_how_samples_are_cut_changes_nothing(cuts: list[int], rate: int) -> None:
    x = lifelike(14, rate, RATES_BPM[::7])
    x[3 * rate : 3 * rate + 40, 1] = np.nan
    everybody = np.ones(x.shape[1], dtype=np.bool_)
    told = np.empty((2, 2, x.shape[1]))
    for ends, (own, covered) in zip(([len(x)], np.cumsum(cuts)), told, strict=True):
        pulse = Pulse(x.shape[1], float(rate), Settings())
        first = 0
        for stop in [*(end for end in ends if end < len(x)), len(x)]:
            pulse.push(first, x[first:stop], everybody)
            first = stop
        pulse.close_second(own, covered)
    np.testing.assert_array_equal(told[0], told[1])
    assert np.isfinite(told[0]).all()


def test_a_seat_that_is_forgotten_begins_anew() -> None:
    x = light(steady(30, 250))
    everybody = np.ones(x.shape[1], dtype=np.bool_)
    old, new = (Pulse(x.shape[1], 250.0, Settings()) for _ in range(2))
    old.push(0, x[: 15 * 250 + 3], everybody)
    for seat in range(1, x.shape[1]):
        old.forget(seat)
    told = np.empty((4, x.shape[1]))
    for pulse, (own, covered) in ((old, told[:2]), (new, told[2:])):
        pulse.push(15 * 250 + 3, x[15 * 250 + 3 :], everybody)
        pulse.close_second(own, covered)
    np.testing.assert_array_equal(told[:2, 1:], told[2:, 1:])
    assert np.isfinite(told[:, 0]).all()


def test_nobody_looks_at_a_seat_that_is_not_admitted() -> None:
    x = light(steady(15, 250))
    pulse = Pulse(x.shape[1], 250.0, Settings())
    pulse.push(0, x, np.arange(x.shape[1]) != 2)
    own, covered = np.empty((2, x.shape[1]))
    pulse.close_second(own, covered)
    assert np.flatnonzero(np.isnan(own)).tolist() == [2]
    assert covered[2] == 0


# --- kernels and their twins


@given(st.integers(0, 2**32), st.floats(0, 0.7), st.booleans())
@settings(max_examples=40, deadline=None)
def test_autocorrelation_is_that_of_its_pairs(seed: int, missing: float, whole: bool) -> None:
    rng = np.random.default_rng(seed)
    length, first, last = 60, 4, 20
    x = rng.standard_normal(length)
    there = np.ones(length) if whole else (rng.random(length) > missing).astype(np.float64)
    work = Work.room(length, first, last)
    work.x[:length], work.there[:length] = x * there, there
    power = np.mean(x[there == 1] ** 2)
    autocorrelate(work, length, first, 0.1, power)
    for lag in range(first, last + 1):
        pairs = [x[t] * x[t + lag] for t in range(length - lag) if there[t] and there[t + lag]]
        want = 0.0
        if len(pairs) >= 0.1 * length:
            want = np.mean(pairs) / power
        assert work.r[lag - first] == pytest.approx(want)


@given(st.floats(10.0, 40.0), st.floats(0.55, 1.0))
def test_the_peak_lies_between_the_lags(beat: float, height: float) -> None:
    lags = np.arange(5, 90)
    r = height * np.cos(2 * np.pi * lags / beat)
    assert period(r, 5) == pytest.approx(beat, rel=0.02)
    assert np.isnan(period(0.49 / height * r, 5))


def test_of_peaks_of_one_height_the_first_is_the_beat() -> None:
    r = np.zeros(60)
    r[[12, 30, 48]] = 0.9 * OCTAVE + 0.001, 0.9, 0.6
    assert period(r, 10) == 22
    r[12] -= 0.002
    assert period(r, 10) == 40


def test_means_of_samples_are_filtered_as_scipy_filters_them() -> None:
    rng = np.random.default_rng(6)
    x = rng.normal(150_000, 900, (2000, 3)).astype(np.float32)
    x[777, 1] = np.nan
    state = PulseState.fresh(3, 400)
    follow(x, 0, np.ones(3, dtype=np.bool_), 5, 25, 0, sections(50.0), state)
    means = np.nanmean(x.astype(np.float64).reshape(400, 5, 3), axis=1)
    sos = signal.butter(2, BAND_HZ, "bandpass", fs=50.0, output="sos")
    want = signal.sosfilt(sos, means - means[0], axis=0)
    np.testing.assert_allclose(state.ring.T, want, rtol=1e-4, atol=1e-2)


# --- in the analyzer

SHORT = Settings(baseline_lead_in_s=10, baseline_own_s=12, min_seats=4)


@pytest.fixture(scope="module")
def eeg(noise: Noise) -> Samples:
    """Ten Muse seats, 40 s."""
    return noise(21, 40, 10, 4, 250.0)


@pytest.fixture(scope="module")
def hearts() -> Samples:
    """Their pulse: the rates rise by 8 bpm at 25 s; shape (samples, 10, 1)."""
    rise = np.where(np.arange(40 * 250) < 25 * 250, 0.0, 8.0)[:, None]
    bpm = np.linspace(55, 90, 10) + rise
    return light(beats(bpm / 60 / 250))[:, :, None]


def group(*channels: str) -> Group:
    return Group(tuple(f"s{i}" for i in range(10)), channels, 250.0)


def of(state: AudienceState, name: str) -> object:
    return state.signals[SIGNALS.index(name)]


def test_rising_hearts_are_a_rising_signal(run: Run, eeg: Samples, hearts: Samples) -> None:
    x = np.concatenate((eeg, hearts), axis=2)
    states = run([group(*MUSE, "PPG")], [x], settings=SHORT, freeze_at=170)
    before, after = of(states[249], "heart_rate"), of(states[-1], "heart_rate")
    assert abs(before.value) < 0.5
    assert after.value > 2
    assert after.confidence > 0.99
    assert after.seats == 10
    assert [round(value) for value in states[239].seats.values[HEART]] == pytest.approx(
        np.linspace(55, 90, 10), abs=1.5
    )


@pytest.mark.parametrize("channels", [MUSE, ("Fp1", "Fp2"), ("Fp1", "Pz", "Oz", "P3")])
def test_a_pulse_changes_nothing_else(
    run: Run, eeg: Samples, hearts: Samples, channels: tuple[str, ...]
) -> None:
    """No flag, no scale, no correlation: the sensor's units are not the electrodes'."""
    electrodes = np.ascontiguousarray(eeg[:, :, : len(channels)])
    wild = hearts.copy()
    wild[30 * 250 :, 3] = 1e7
    wild[35 * 250 :, 4] = np.nan
    x = np.concatenate((electrodes, wild), axis=2)

    def leaving(tick: int) -> np.ndarray:
        return np.arange(10) != (6 if tick > 333 else 99)

    how = {"settings": SHORT, "freeze_at": 240, "admitted": leaving, "excluded": range(50, 70)}
    plain = run([group(*channels)], [electrodes], **how)
    pulsed = run([group(*channels, "PPG")], [x], **how)
    for one, other in zip(plain, pulsed, strict=True):
        assert without_heart(one) == without_heart(other)


def without_heart(state: AudienceState) -> AudienceState:
    """A state without heart rate, and without what seats lack for it."""
    seats = state.seats
    if seats is not None:
        rows = [own[:HEART] for own in (seats.values, seats.zs, seats.weights)]
        seats = type(seats)(*rows, seats.shares)
    signals = tuple(pooled for pooled in state.signals if pooled.name != "heart_rate")
    flags = tuple(flag & ~Flag.NO_BASELINE for flag in state.flags)
    return replace(state, signals=signals, flags=flags, seats=seats)


def test_who_leaves_takes_the_pulse_along(run: Run, eeg: Samples, hearts: Samples) -> None:
    x = np.concatenate((eeg, hearts), axis=2)

    def away(tick: int) -> np.ndarray:
        return np.arange(10) != (5 if tick == 203 else 99)

    states = run([group(*MUSE, "PPG")], [x], settings=SHORT, freeze_at=240, admitted=away)
    own = [s.seats.values[HEART][5] for s in states if s.seats]
    known = [value is not None for value in own]
    # Two seconds settling and four for half a window, from the tick after its absence.
    assert known[6:20] == [True] * 14
    assert known[20:27] == [False] * 7
    assert known[27:] == [True] * (len(known) - 27)


def test_headsets_without_a_sensor_say_why(run: Run, eeg: Samples, hearts: Samples) -> None:
    state = run([group(*MUSE)], [eeg], settings=SHORT)[-1]
    assert of(state, "heart_rate").reason == "no seat has a pulse sensor"
    x = np.concatenate((eeg, hearts), axis=2)[:200]
    state = run([group(*MUSE, "PPG")], [x], settings=SHORT)[-1]
    assert of(state, "heart_rate").reason == "0 valid seats, 4 needed"


def test_another_analyzer_goes_on_with_the_hearts_baselines(eeg: Samples, hearts: Samples) -> None:
    x = np.concatenate((eeg, hearts), axis=2)
    groups = [group(*MUSE, "PPG")]
    first = Analyzer(groups, SHORT)
    everybody = np.ones(10, dtype=np.bool_)
    for tick in range(250):
        if tick == 240:
            first.freeze_baseline()
        first.push(tick, [x[slice(*slots_of(250.0, tick))]], admitted=everybody)
    second = Analyzer(groups, SHORT, first.memory())
    for tick in range(250, 400):
        state = second.push(tick, [x[slice(*slots_of(250.0, tick))]], admitted=everybody)
    assert of(state, "heart_rate").value > 2


def test_a_calm_heart_is_not_measured_by_its_calm() -> None:
    calm = np.full(40, 61.0)
    assert baseline_of("heart_rate", calm, Settings()) == (61.0, 2.0)
    assert baseline_of("heart_rate", calm, Settings(heart_floor=3.5)) == (61.0, 3.5)
    lively = np.tile([50.0, 60.0, 70.0], 20)
    assert baseline_of("heart_rate", lively, Settings()) == (60.0, pytest.approx(14.826))


@pytest.mark.parametrize(
    ("channels", "weights", "text"),
    [
        (("PPG",), (), "no electrode"),
        (("PPG", "Pz"), (), "must come last"),
        (("Pz", "ppg", "Oz"), (), "must come last"),
        (("Pz", "PPG"), (0.5, 0.5), "pulse sensor's must be 0"),
    ],
)
def test_a_sensor_in_the_wrong_place_is_refused(
    channels: tuple[str, ...], weights: tuple[float, ...], text: str
) -> None:
    with pytest.raises(ValueError, match=text):
        Group(("a",), channels, 250.0, weights)
