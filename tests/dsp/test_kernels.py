"""Every other kernel against a slow and obvious twin."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import stats

from dsp import Flag, Settings
from dsp._pooling import normal_confidence, student_confidence, trimmed_mean
from dsp._power import add_squares, log_indices
from dsp._quality import TALLIES, judge, limits, observe, reset, seat_flags
from dsp._robust import remember, rescale
from dsp._synchrony import independent_share, isc

FINITE = st.floats(-5, 5, allow_subnormal=False)
HOLES = st.one_of(FINITE, st.just(np.nan))


# --- correlation


def pairwise_isc(y: np.ndarray) -> tuple[float, float]:
    """Between over within, pair by pair and sample by sample."""
    between = within = pairs = 0.0
    for sample in y:
        present = sample[~np.isnan(sample)]
        for k, a in enumerate(present):
            for b in present[k + 1 :]:
                between += 2 * a * b
                within += a * a + b * b
                pairs += 1
    return (between / within if within > 0 else np.nan), pairs


@given(hnp.arrays(np.float64, st.tuples(st.integers(1, 12), st.integers(0, 6)), elements=HOLES))
@settings(max_examples=60, deadline=None)
def test_isc_is_the_pairwise_correlation(y: np.ndarray) -> None:
    np.testing.assert_allclose(isc(y), pairwise_isc(y), rtol=1e-9, atol=1e-9)


def test_isc_is_the_formula_of_the_literature_where_nothing_is_missing() -> None:
    y = np.random.default_rng(1).normal(size=(200, 9))
    a, b = np.sum(y.sum(axis=1) ** 2), np.sum(y**2)
    assert isc(y) == pytest.approx(((a - b) / (8 * b), 200 * 36))


def test_isc_of_equal_seats_is_one() -> None:
    y = np.repeat(np.random.default_rng(1).normal(size=(50, 1)), 5, axis=1)
    assert isc(y)[0] == pytest.approx(1)


def test_independent_share_agrees_with_all_lags_at_full_resolution() -> None:
    rng = np.random.default_rng(2)
    noise = rng.normal(size=(2560 + 16, 30))
    y = np.stack([noise[i : i + 2560] for i in range(16)]).sum(axis=0)
    spectrum = np.abs(np.fft.rfft(y, 8192, axis=0)) ** 2
    mean = np.mean(np.fft.irfft(spectrum, axis=0) / np.sum(y**2, axis=0), axis=1)
    want = 1 / (1 + 2 * np.sum(mean[1:128] ** 2))
    assert independent_share(y, 1, 127) == pytest.approx(want, rel=1e-9)
    assert independent_share(y, 4, 32) == pytest.approx(want, rel=0.05)


# --- robust scale


@given(
    hnp.arrays(np.float32, st.tuples(st.integers(1, 3), st.integers(1, 70)),
               elements=st.floats(0, 2**20, width=32)),
    st.integers(0, 80),
)  # fmt: skip
@settings(max_examples=60, deadline=None)
def test_rescale_finds_the_upper_median_exactly(ring: np.ndarray, held: int) -> None:
    got = np.empty(len(ring))
    rescale(ring, np.full(len(ring), held), 5, got)
    values = ring[:, :held]
    if values.shape[1] < min(held, 5) or held < 5:
        assert np.isnan(got).all()
        return
    middle = np.sort(values, axis=1)[:, values.shape[1] // 2].astype(np.float64)
    np.testing.assert_array_equal(got, np.where(middle > 0, 1.4826 * middle, np.nan))


def test_remember_keeps_every_eighth_slot_of_living_channels() -> None:
    broad = -np.arange(40.0).reshape(20, 2)
    broad[4, 0] = np.nan
    ring, held = np.zeros((2, 2), dtype=np.float32), np.zeros(2, dtype=np.int64)
    remember(broad, 20, 12, np.array([0, int(Flag.RAILED)]), int(Flag.RAILED), ring, held)
    assert held.tolist() == [1, 0]  # slots 16 (missing) and 24
    assert ring[0, 0] == 24
    remember(broad, 20, 16, np.array([0, 0]), int(Flag.RAILED), ring, held)
    assert held.tolist() == [4, 3]
    assert ring.tolist() == [[16, 32], [33, 17]]


# --- quality


def flags_of(x: np.ndarray, broad: np.ndarray | None = None, scale: float = 10.0) -> Flag:
    """Judge one channel's second; without `broad` the raw signal stands for the filtered one."""
    x = np.asarray(x, dtype=np.float32).reshape(-1, 1)
    filtered = x.astype(np.float64) if broad is None else np.reshape(broad, (-1, 1))
    tally, verdict = np.empty((TALLIES, 1)), np.empty(1, dtype=np.int64)
    reset(tally)
    cut = len(x) // 3
    for part in (slice(0, cut), slice(cut, None)):
        scaled = np.empty_like(filtered[part])
        observe(x[part], filtered[part], np.array([scale]), 4.0, tally, scaled)
    judge(tally, np.array([scale]), limits(Settings()), verdict)
    return Flag(int(verdict[0]))


WAVE = 20 * np.sin(np.arange(250) * 0.3)


@pytest.mark.parametrize(
    ("x", "scale", "want"),
    [
        (WAVE, 10, Flag(0)),
        (WAVE * 0.01, 10, Flag.FLAT),
        (np.full(250, 187_500), np.nan, Flag.FLAT | Flag.RAILED),
        (np.full(250, -187_500), np.nan, Flag.FLAT | Flag.RAILED),
        (np.clip(WAVE, -20, 15), 10, Flag.RAILED),
        (WAVE * 6, 40, Flag.PEAK_TO_PEAK),
        (WAVE, 41, Flag.NOISY),
        (WAVE, 4, Flag.CLIPPED),
        (np.where(np.arange(250) % 5, WAVE, np.nan), 10, Flag.LOSS),
        (np.full(250, np.nan), np.nan, Flag.LOSS),
    ],
)
def test_each_fault_raises_its_flag_and_no_other(x: np.ndarray, scale: float, want: Flag) -> None:
    assert flags_of(x, scale=scale) == want


def test_an_offset_alone_is_no_fault() -> None:
    assert flags_of(WAVE + 30_000, broad=WAVE) == Flag(0)


def test_scaling_clips_to_zero_and_keeps_missing_samples_missing() -> None:
    x = np.array([[1.0], [np.nan], [50.0]], dtype=np.float32)
    broad = np.array([[8.0], [3.0], [-41.0]])
    tally, scaled = np.empty((TALLIES, 1)), np.empty((3, 1))
    reset(tally)
    observe(x, broad, np.array([10.0]), 4.0, tally, scaled)
    np.testing.assert_array_equal(scaled[:, 0], [0.8, np.nan, 0.0])


def test_a_seat_has_the_flags_of_all_its_electrodes() -> None:
    flags = np.empty(3, dtype=np.int64)
    verdict = np.array([1, 8, 0, 0, 4, 4])
    seat_flags(verdict, np.array([0, 0, 0, 9, 99, 99]), np.array([0, 0, 0, 7, 0, 0]), 50, 2, flags)
    assert flags.tolist() == [Flag.FLAT | Flag.NOISY, Flag.SETTLING, Flag.ABSENT]


# --- power


@given(
    hnp.arrays(np.float64, (2, 3, 4), elements=st.floats(0.01, 100)),
    hnp.arrays(np.float64, (2, 4), elements=st.integers(0, 30).map(float)),
)
@settings(max_examples=60, deadline=None)
def test_log_indices_against_a_plain_loop(squares: np.ndarray, counts: np.ndarray) -> None:
    sites = np.array([[True, True], [False, True]])
    up = np.array([[False, False, True], [True, False, False]])
    down = np.array([[True, True, False], [False, True, False]])
    got = np.empty((2, 2))
    log_indices(squares, counts, 20.0, sites, up, down, got)
    for index in range(2):
        for seat in range(2):
            columns = 2 * seat + np.flatnonzero(sites[index])
            n = counts[:, columns].sum(axis=0)
            if (n < 20).any():
                assert np.isnan(got[index, seat])
                continue
            power = (squares[:, :, columns].sum(axis=0) / n).mean(axis=1)
            want = np.log(power[up[index]].sum()) - np.log(power[down[index]].sum())
            assert got[index, seat] == pytest.approx(want, abs=1e-12)


def test_squares_skip_what_is_missing() -> None:
    bands = np.random.default_rng(1).normal(size=(4, 30, 5))
    bands[:, 3:9, 2] = np.nan
    squares, counts = np.ones((3, 5)), np.ones(5)
    add_squares(bands, 26, squares, counts)
    np.testing.assert_allclose(squares, 1 + np.nansum(bands[1:, :26] ** 2, axis=1))
    assert counts.tolist() == [27, 27, 21, 27, 27]


# --- pooling


@given(st.lists(st.floats(-3, 3), min_size=2, max_size=60), st.integers(0, 99))
@settings(max_examples=60, deadline=None)
def test_pooling_against_scipy_whatever_the_order(values: list[float], seed: int) -> None:
    x = np.array(values)
    count, mean, error = trimmed_mean(np.append(x, np.nan), 0.1)
    assert count == len(x)
    assert mean == pytest.approx(stats.trim_mean(x, 0.1), abs=1e-12)
    assert error == pytest.approx(stats.sem(x), abs=1e-12)
    shuffled = np.random.default_rng(seed).permutation(x)
    assert trimmed_mean(shuffled, 0.1) == (count, mean, error)


def test_fewer_than_two_values_have_no_mean() -> None:
    for values in ([], [np.nan], [1.0, np.nan]):
        assert np.isnan(trimmed_mean(np.array(values), 0.1)[1:]).all()


@pytest.mark.parametrize("t", [-4.0, -0.3, 0.0, 1.0, 3.0])
def test_confidences_are_one_minus_the_two_sided_p(t: float) -> None:
    assert student_confidence(t, 12) == pytest.approx(1 - 2 * stats.t.sf(abs(t), 11))
    assert normal_confidence(t) == pytest.approx(1 - 2 * stats.norm.sf(abs(t)))
