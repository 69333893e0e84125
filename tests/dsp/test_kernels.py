"""Every other kernel against a slow and obvious twin."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import stats

from dsp import Flag, Settings
from dsp._blinks import count_blinks
from dsp._partial import WEIGHT, Z_STEPS, spread
from dsp._pool import Pool
from dsp._pooling import normal_confidence, student_confidence
from dsp._power import log_indices
from dsp._quality import TALLIES, judge, limits, observe, reset, seat_flags
from dsp._robust import CODES, EVERY, MISSING, encode, rescale
from dsp._synchrony import FULL, correlation, independent_share, likest

HOLES = st.one_of(st.floats(-4, 4, allow_subnormal=False), st.just(np.nan))
PoolOf = Callable[..., Pool]
SECOND = 100  # samples: the rate of these audiences


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


def sums_of(y: np.ndarray) -> np.ndarray:
    there = ~np.isnan(y)
    z = np.where(there, np.rint(y * 8000), 0)
    return np.stack([there.sum(1), z.sum(1), (z**2).sum(1)], axis=1).astype(np.int64)[:, None]


@given(hnp.arrays(np.float64, st.tuples(st.integers(1, 12), st.integers(0, 6)), elements=HOLES))
@settings(max_examples=60, deadline=None)
def test_correlation_is_the_pairwise_one(y: np.ndarray) -> None:
    whole = np.rint(y * 8000)
    got, pairs = correlation(sums_of(y))
    want, count = pairwise_isc(whole)
    np.testing.assert_allclose([got, pairs], [want, count], rtol=1e-9, atol=1e-9)


def test_correlation_is_the_formula_of_the_literature_where_nothing_is_missing() -> None:
    y = np.random.default_rng(1).normal(size=(200, 9))
    a, b = np.sum(y.sum(axis=1) ** 2), np.sum(y**2)
    want = pytest.approx(((a - b) / (8 * b), 200 * 36), rel=1e-3)
    assert correlation(sums_of(y)) == want


def smooth(seed: int, seconds: int, seats: int) -> np.ndarray:
    noise = np.random.default_rng(seed).normal(size=(seconds * SECOND + 8, seats))
    y = np.stack([noise[i : i + seconds * SECOND] for i in range(8)]).mean(axis=0)
    return np.clip(y / y.std(), -4, 4)


@given(
    holes=st.lists(st.tuples(st.integers(0, 1499), st.integers(1, 900), st.integers(0, 4))),
    seed=st.integers(0, 9),
)
@settings(max_examples=25, deadline=None)
def test_a_window_leaves_out_seats_that_were_not_there(
    pool_of: PoolOf, holes: list[tuple[int, int, int]], seed: int
) -> None:
    y = smooth(seed, 15, 5)
    for first, length, seat in holes:
        y[first : first + length, seat] = np.nan
    pool = pool_of(SECOND, y)
    part = pool.partial(np.zeros(5, dtype=np.bool_))
    window = y[-10 * SECOND :]
    counted = np.count_nonzero(~np.isnan(window), axis=0) >= 5 * SECOND
    assert part.seats.tolist() == [np.count_nonzero(counted)]
    want = pairwise_isc(np.rint(window[:, counted] * pool.unit))
    np.testing.assert_allclose(correlation(part.sums), want, rtol=1e-9, atol=1e-12)


def test_the_closed_forms_share_agrees_with_all_lags_at_full_resolution(
    pool_of: PoolOf,
) -> None:
    y = smooth(2, 11, 30)
    part = pool_of(SECOND, y).partial(np.zeros(30, dtype=np.bool_))
    window = y[-10 * SECOND :]
    spectrum = np.abs(np.fft.rfft(window, 4096, axis=0)) ** 2
    mean = np.mean(np.fft.irfft(spectrum, axis=0) / np.sum(window**2, axis=0), axis=1)
    want = 1 / (1 + 2 * np.sum(mean[1:51] ** 2))
    assert independent_share(part.lagged, part.alive, part.step) == pytest.approx(want, rel=0.02)


def test_each_seats_share_is_its_mean_correlation_with_the_others(
    pool_of: PoolOf,
) -> None:
    shared = smooth(3, 20, 1)
    y = np.clip(smooth(4, 20, 6) + shared * np.array([0, 0, 0.5, 0.5, 1, 1]), -4, 4)
    got = pool_of(SECOND, y, share_window_s=20).shares()
    for seat in range(6):
        others = np.delete(y, seat, axis=1)
        between = np.sum(y[:, [seat]] * others) / 5
        within = (np.sum(y[:, seat] ** 2) + np.sum(others**2) / 5) / 2
        assert got[seat] == pytest.approx(between / within, rel=1e-3)
    assert got[4] > got[2] > got[0]


@pytest.mark.parametrize("r", [1.0, 0.6])
def test_a_doubled_seat_is_found_and_the_first_by_name_stays(pool_of: PoolOf, r: float) -> None:
    y = smooth(5, 65, 12)
    y[:, 9] = np.clip(r * y[:, 2] + np.sqrt(1 - r**2) * y[:, 9], -4, 4)
    pool = pool_of(SECOND, y)
    assert np.flatnonzero(pool.doubled).tolist() == [2, 9]
    assert np.flatnonzero(pool.spare).tolist() == [9]
    names = [f"s{k:02}" for k in range(12)]
    names[9] = "a"
    assert np.flatnonzero(pool_of(SECOND, y, names=names).spare).tolist() == [2]
    pool.forget([2])
    assert not pool.doubled.any()


def test_the_likest_seat_is_the_one_with_the_highest_correlation(
    pool_of: PoolOf,
) -> None:
    y = smooth(6, 30, 7)
    y[:, 3] += 0.3 * y[:, 5]
    y[100:300, 3] = np.nan
    pool = pool_of(SECOND, y)
    rows = np.arange(30 * SECOND) % len(pool.ring)
    r, other = likest(pool.ring, rows, 3)
    there = ~np.isnan(y[:, 3])
    want = [
        np.sum(y[there, 3] * y[there, k])
        / np.sqrt(np.sum(y[there, 3] ** 2) * np.sum(y[there, k] ** 2))
        for k in range(7)
        if k != 3
    ]
    assert other == 5
    assert r == pytest.approx(max(want), abs=1e-3)


def test_a_component_is_stored_within_the_clipping_limit(
    pool_of: PoolOf,
) -> None:
    assert FULL < 2**15
    assert pool_of(SECOND, smooth(7, 1, 2), clip=6).unit == pytest.approx(FULL / 6)


# --- robust scale


@given(
    level=st.floats(0.5, 800),
    seed=st.integers(0, 99),
    lost=st.floats(0, 0.6),
    dead=st.lists(st.integers(0, 11), max_size=4),
)
@settings(max_examples=40, deadline=None)
def test_the_running_scale_is_the_exact_one_within_a_hundredth(
    level: float, seed: int, lost: float, dead: list[int]
) -> None:
    """Twelve seconds through a window of ten."""
    rng = np.random.default_rng(seed)
    x = rng.normal(0, level, (12, 250)).astype(np.float32)
    x[rng.random(x.shape) < lost] = np.nan
    codes = np.full((32, 1), MISSING, dtype=np.uint8)
    ring = np.full((10, 1, 32), MISSING, dtype=np.uint8)
    histogram = np.zeros((1, CODES), dtype=np.uint16)
    histogram[0, MISSING] = 320
    scale, unit = (np.empty(1, dtype=np.float32) for _ in range(2))
    for second, wave in enumerate(x):
        held = encode(wave[:, None].copy(), second * 250, 250, 0, 1, codes, 0)
        verdict = np.array([int(Flag.FLAT) if second in dead else 0])
        rescale(codes, held, second % 10, verdict, int(Flag.FLAT), ring, histogram, 10, scale, unit)
    kept = [
        abs(x[second, slot])
        for second in range(2, 12)
        for slot in range(250)
        if second not in dead and (second * 250 + slot) % EVERY == 0
    ]
    want = 1.4826 * np.nanmedian(kept)
    assert histogram.sum() == 320
    # Of few values the middle lies anywhere between two; a bin is up to 6 % wide.
    assert scale[0] == pytest.approx(want, rel=0.035)
    assert unit[0] == pytest.approx(1 / scale[0])


@pytest.mark.parametrize("level", [0.0, 0.01])
def test_what_is_below_all_codes_has_no_scale(level: float) -> None:
    codes = np.full((32, 1), MISSING, dtype=np.uint8)
    held = encode(np.full((250, 1), level, np.float32), 0, 250, 0, 1, codes, 0)
    histogram = np.zeros((1, CODES), dtype=np.uint16)
    histogram[0, MISSING] = 32
    ring = np.full((1, 1, 32), MISSING, dtype=np.uint8)
    scale, unit = (np.empty(1, dtype=np.float32) for _ in range(2))
    rescale(codes, held, 0, np.array([0]), 1, ring, histogram, 10, scale, unit)
    assert np.isnan(scale[0])


# --- quality


CLEAN = Flag(0)


def judged(
    x: np.ndarray,
    broad: np.ndarray | None = None,
    scale: float = 10.0,
    *,
    mains: float = 0.0,
    muscle: float = 1.0,
    calm: float = 1.0,
    was: Flag = CLEAN,
) -> Flag:
    """Judge one channel's second; without `broad` the raw signal stands for the filtered one."""
    x = np.asarray(x, dtype=np.float32).reshape(-1, 1)
    filtered = x if broad is None else np.reshape(broad, (-1, 1)).astype(np.float32)
    tally = np.empty((TALLIES, 1), dtype=np.float32)
    reset(tally)
    absent, unit = np.zeros(1, dtype=np.float32), np.array([1 / scale], dtype=np.float32)
    for part in (slice(0, len(x) // 3), slice(len(x) // 3, None)):
        observe(
            x[part], 0, 1, absent, filtered[part], unit, 4.0, tally, np.empty_like(filtered[part])
        )
    count = np.count_nonzero(~np.isnan(filtered))
    power = np.array([[np.nansum(filtered.astype(float) ** 2)], [muscle * count]], dtype="f4")
    verdict = np.array([int(was)])
    judge(
        tally, len(x), power, np.array([mains * count], "f4"), np.array([count], "f4"),
        np.array([scale], "f4"), limits(Settings()), np.array([calm], "f4"), verdict,
    )  # fmt: skip
    return Flag(int(verdict[0]))


WAVE = 20 * np.sin(np.arange(250) * 0.3)


@pytest.mark.parametrize(
    ("x", "scale", "want"),
    [
        (WAVE, 10, Flag(0)),
        (WAVE * 0.01, 10, Flag.FLAT),
        (np.clip(WAVE, -20, 15), 10, Flag.RAILED),
        (WAVE * 6, 40, Flag.PEAK_TO_PEAK),
        (WAVE, 41, Flag.NOISY),
        (WAVE, 4, Flag.CLIPPED),
        (np.where(np.arange(250) % 5, WAVE, np.nan), 10, Flag.LOSS),
        (np.full(250, np.nan), np.nan, Flag.LOSS),
    ],
)
def test_each_fault_raises_its_flag_and_no_other(x: np.ndarray, scale: float, want: Flag) -> None:
    assert judged(x, scale=scale) == want


def test_an_electrode_at_the_rail_is_railed_and_flat() -> None:
    for rail in (187_500, -187_500):
        assert judged(np.full(250, rail), np.zeros(250), np.nan) == Flag.FLAT | Flag.RAILED


def test_an_offset_alone_is_no_fault() -> None:
    assert judged(WAVE + 30_000, broad=WAVE) == Flag(0)


def test_mains_are_told_from_the_signal_by_their_share() -> None:
    power = float(np.mean(WAVE**2))
    assert judged(WAVE, mains=3.9 * power) == Flag(0)
    assert judged(WAVE, mains=4.1 * power) == Flag.MAINS


def test_muscles_are_told_by_the_rise_over_the_electrodes_own_level() -> None:
    assert judged(WAVE, muscle=50, calm=10) == Flag(0)
    assert judged(WAVE, muscle=70, calm=10) == Flag.MUSCLE
    assert judged(WAVE, muscle=70, calm=np.nan) == Flag(0)


@pytest.mark.parametrize(
    ("x", "scale", "flag"),
    [
        (WAVE * 0.04, 10, Flag.FLAT),
        (WAVE * 4.5, 40, Flag.PEAK_TO_PEAK),
        (WAVE, 35, Flag.NOISY),
        (WAVE, 4.95, Flag.CLIPPED),
    ],
)
def test_a_flag_that_is_up_goes_down_only_well_within_its_limit(
    x: np.ndarray, scale: float, flag: Flag
) -> None:
    assert judged(x, scale=scale) & flag == Flag(0)
    assert judged(x, scale=scale, was=flag) & flag


def test_scaling_clips_to_zero_and_keeps_missing_samples_missing() -> None:
    x = np.array([[1.0], [np.nan], [50.0]], dtype=np.float32)
    broad = np.array([[8.0], [np.nan], [-41.0]], dtype=np.float32)
    tally, scaled = np.empty((TALLIES, 1), np.float32), np.empty((3, 1), np.float32)
    reset(tally)
    absent, unit = np.zeros(1, dtype=np.float32), np.array([0.1], dtype=np.float32)
    observe(x, 0, 1, absent, broad, unit, 4.0, tally, scaled)
    np.testing.assert_allclose(scaled[:, 0], [0.8, np.nan, 0.0], rtol=1e-6)


def test_a_seat_has_the_flags_of_all_its_electrodes() -> None:
    flags = np.empty(3, dtype=np.int64)
    verdict = np.array([1, 8, 0, 0, 4, 4])
    gap, unsettled = (np.array(v, np.int32) for v in ([0, 0, 0, 9, 99, 99], [0, 0, 0, 7, 0, 0]))
    seat_flags(verdict, gap, unsettled, 50, 2, flags)
    assert flags.tolist() == [Flag.FLAT | Flag.NOISY, Flag.SETTLING, Flag.ABSENT]


# --- blinks


def blinks_of(wave: np.ndarray, level: float = 60.0, cuts: tuple[int, ...] = ()) -> tuple[int, int]:
    """Blinks in a seat's forehead, at 100 Hz, and the samples that were watched."""
    wait, blinks, watched = (np.zeros(1, dtype=np.int32) for _ in range(3))
    sites = np.array([True, False, True])
    for part in np.split(np.asarray(wave, dtype=np.float32), cuts):
        broad = np.stack([part * 0.5, part * 0, part * 1.5], axis=1)
        count_blinks(
            broad, len(part), sites, 0, 1, np.array([level], "f4"), 30, wait, blinks, watched
        )
    return int(blinks[0]), int(watched[0])


def blink(height: float, at: list[int], length: int = 2000) -> np.ndarray:
    t = np.arange(length)
    return sum(height * np.exp(-(((t - peak) / 10) ** 2)) for peak in at)


@given(cuts=st.lists(st.integers(0, 2000), max_size=5).map(sorted))
@settings(max_examples=20, deadline=None)
def test_blinks_are_counted_once_each_in_any_chunks(cuts: list[int]) -> None:
    assert blinks_of(blink(120, [200, 260, 900, 1990]), cuts=tuple(cuts)) == (4, 2000)


def test_what_is_small_or_downward_or_lasts_is_no_further_blink() -> None:
    assert blinks_of(blink(50, [200, 900]))[0] == 0
    assert blinks_of(blink(-200, [200, 900]))[0] == 0
    assert blinks_of(np.where(np.arange(2000) > 500, 100, 0))[0] == 1
    assert blinks_of(blink(120, [200]), level=np.nan) == (0, 0)
    missing = blink(120, [200, 900])
    missing[850:950] = np.nan
    assert blinks_of(missing) == (1, 1900)


# --- power


@given(
    hnp.arrays(np.float32, (2, 3, 4), elements=st.floats(0.125, 100, width=32)),
    hnp.arrays(np.float32, (2, 4), elements=st.integers(0, 30).map(float)),
)
@settings(max_examples=60, deadline=None)
def test_log_indices_against_a_plain_loop(squares: np.ndarray, counts: np.ndarray) -> None:
    sites = np.array([[True, True], [False, True]])
    up = np.array([[False, False, True], [True, False, False]])
    down = np.array([[True, True, False], [False, False, False]])
    got, covered = np.empty((2, 2)), np.empty((2, 2))
    log_indices(squares, counts, 50.0, 0.4, sites, up, down, got, covered)
    for index in range(2):
        for seat in range(2):
            columns = 2 * seat + np.flatnonzero(sites[index])
            n = counts[:, columns].sum(axis=0, dtype=float)
            if (n < 20).any():
                assert np.isnan(got[index, seat])
                assert covered[index, seat] == 0
                continue
            power = (squares[:, :, columns].sum(axis=0, dtype=float) / n).mean(axis=1)
            under = np.log(power[down[index]].sum()) if down[index].any() else 0.0
            want = np.log(power[up[index]].sum()) - under
            assert got[index, seat] == pytest.approx(want, abs=1e-6)
            assert covered[index, seat] == pytest.approx(min(n.min() / 50, 1))


# --- pooling


def histogram(z: np.ndarray, weights: np.ndarray) -> np.ndarray:
    bins = np.zeros(6 * Z_STEPS + 1, dtype=np.int64)
    np.add.at(bins, np.rint((z + 3) * Z_STEPS).astype(int), weights)
    return bins


@given(st.lists(st.integers(-3 * Z_STEPS, 3 * Z_STEPS), min_size=2, max_size=60))
@settings(max_examples=60, deadline=None)
def test_equal_weights_pool_as_in_scipy(steps: list[int]) -> None:
    z = np.array(steps) / Z_STEPS
    weights = np.full(len(z), WEIGHT)
    found = spread(histogram(z, weights), int(np.sum(weights**2)), 3.0, 0.1)
    assert found is not None
    assert found.effective == pytest.approx(len(z))
    assert found.standard_error == pytest.approx(stats.sem(z), abs=1e-9)
    if len(z) % 10 == 0:  # where a tenth of the seats is a whole number of them
        assert found.mean == pytest.approx(stats.trim_mean(z, 0.1), abs=1e-9)


@given(
    st.lists(
        st.tuples(st.integers(-3 * Z_STEPS, 3 * Z_STEPS), st.integers(1, WEIGHT)),
        min_size=3,
        max_size=40,
    )
)
@settings(max_examples=60, deadline=None)
def test_weights_pool_as_a_plain_loop_says(seats: list[tuple[int, int]]) -> None:
    z, weights = (np.array(v) for v in zip(*sorted(seats), strict=True))
    z = z / Z_STEPS
    found = spread(histogram(z, weights), int(np.sum(weights**2)), 3.0, 0.1)
    share = weights / weights.sum()
    mean = kept = at = 0.0
    for value, part in zip(z, share, strict=True):
        inner = max(0.0, min(at + part, 0.9) - max(at, 0.1))
        mean, kept, at = mean + inner * value, kept + inner, at + part
    effective = weights.sum() ** 2 / np.sum(weights**2)
    variance = np.sum(share * (z - np.sum(share * z)) ** 2) * effective / (effective - 1)
    assert found.mean == pytest.approx(mean / kept, abs=1e-9)
    assert found.effective == pytest.approx(effective)
    assert found.standard_error == pytest.approx(np.sqrt(variance / effective), abs=1e-9)


def test_fewer_than_two_seats_have_no_spread() -> None:
    for z in ([], [1.0]):
        weights = np.full(len(z), WEIGHT)
        found = spread(histogram(np.array(z), weights), int(np.sum(weights**2)), 3.0, 0.1)
        assert found is None


@pytest.mark.parametrize("t", [-4.0, -0.3, 0.0, 1.0, 3.0])
def test_confidences_are_one_minus_the_two_sided_p(t: float) -> None:
    assert student_confidence(t, 11) == pytest.approx(1 - 2 * stats.t.sf(abs(t), 11))
    assert normal_confidence(t) == pytest.approx(1 - 2 * stats.norm.sf(abs(t)))
