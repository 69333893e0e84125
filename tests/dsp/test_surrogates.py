"""Surrogates from each seat's own past, beside the closed form and beside slow twins."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from dsp import Analyzer, Group, Settings, Surrogates, tick_slots
from dsp._pool import Pool
from dsp._surrogates import SHORTEST_LAG_S, cut_correlations, surrogates
from dsp._synchrony import FULL, MISSING, correlation

Samples = np.ndarray
Noise = Callable[..., Samples]
MakePool = Callable[..., Pool]

TOLERANCE = 0.1
"""Surrogates' standard deviation beside the closed form's: as estimated from 400 draws over one
minute, in which some samples serve many cuts."""


def analyzer_of(group: Group, x: Samples, seconds: float) -> Analyzer:
    """Push samples, shape (samples, seats, channels), for some seconds."""
    analyzer = Analyzer([group], Settings())
    everybody = np.ones(len(group.seats), dtype=np.bool_)
    for tick in range(round(10 * seconds)):
        analyzer.push(tick, [x[slice(*tick_slots(group.rate, tick))]], admitted=everybody)
    return analyzer


def found(analyzer: Analyzer, draws: int = 400, seed: int = 1) -> Surrogates:
    result = analyzer.surrogates(draws, seed)
    assert result is not None
    return result


# --- the kernel


def correlate_slowly(past: Samples, lags: Samples, samples: int) -> tuple[float, float]:
    """One draw: cut every seat by itself, and correlate by the definition."""
    stop = past.shape[1] - lags
    cuts = np.stack([past[k, stop[k] - samples : stop[k]] for k in range(len(past))], axis=1)
    shared = own = pairs = 0.0
    for row in cuts.astype(np.float64):
        y = row[row != MISSING]
        shared += sum(a * b for i, a in enumerate(y) for j, b in enumerate(y) if i != j)
        own += (len(y) - 1) * float(np.sum(y**2)) if len(y) > 1 else 0.0
        pairs += len(y) * (len(y) - 1) / 2
    return (shared / own if own else np.nan), pairs


@given(
    hnp.arrays(
        np.int16, (4, 12), elements=st.sampled_from([MISSING, -FULL, -700, -3, 0, 5, 900, FULL])
    ),
    hnp.arrays(np.int64, (3, 4), elements=st.integers(0, 7)),
)
def test_cuts_against_the_definition(past: Samples, lags: Samples) -> None:
    shared, own, pairs = np.empty((3, 3))
    cut_correlations(past, lags, 5, shared, own, pairs)
    for draw in range(3):
        want, count = correlate_slowly(past, lags[draw], 5)
        assert pairs[draw] == count
        if np.isnan(want):
            assert own[draw] == 0
        else:
            assert shared[draw] / own[draw] == pytest.approx(want, abs=1e-12)


def test_surrogates_against_a_plain_loop(pool_of: MakePool) -> None:
    """Usable lags, draws by name, scaling by pairs, mean, spread and p, one after the other."""
    rng = np.random.default_rng(3)
    y = rng.normal(size=(40 * 50, 9))
    y[rng.random(y.shape) < 0.1] = np.nan
    names = [f"s{k}" for k in range(9)][::-1]
    pool = pool_of(50, y, names=names)
    past, samples, draws = pool.components(), 10 * 50, 30

    def cut(k: int, lag: int) -> Samples:
        return past[len(past) - lag - samples : len(past) - lag, k]

    lags_from = np.random.default_rng(8)
    lags = {}
    for k in np.argsort(names):
        lengths = range(round(SHORTEST_LAG_S * 50), len(past) - samples + 1)
        usable = [lag for lag in lengths if np.mean(cut(k, lag) != MISSING) >= 0.5]
        assert usable[0] == 250
        assert usable[-1] > 30 * 50  # half of a cut may lie before the recording
        lags[k] = lags_from.choice(usable, draws)
    raw, pairs = plain(past[-samples:])
    null = []
    for draw in range(draws):
        value, count = plain(np.stack([cut(k, lags[k][draw]) for k in range(9)], axis=1))
        null.append(value * np.sqrt(count / pairs))
    result = surrogates(pool, Settings(), draws, np.random.default_rng(8))
    assert result is not None
    assert (result.seats, result.draws) == (9, draws)
    assert result.raw == raw
    assert result.mean == pytest.approx(np.mean(null))
    assert result.sd == pytest.approx(np.std(null, ddof=1))
    assert result.p == (1 + sum(value >= raw for value in null)) / (1 + draws)


def plain(window: Samples) -> tuple[float, float]:
    """Correlation and pairs of a window, shape (samples, seats)."""
    there = window != MISSING
    y = np.where(there, window, 0).astype(np.int64)
    return correlation(np.stack([there.sum(1), y.sum(1), (y**2).sum(1)], axis=1)[:, None])


# --- strangers, and an audience


@pytest.mark.parametrize("seed", range(3))
def test_strangers_of_noise_are_as_the_closed_form_says(noise: Noise, seed: int) -> None:
    group = Group(tuple(f"N{k}" for k in range(16)), ("TP9", "TP10"), 250.0)
    result = found(analyzer_of(group, noise(seed, 62, 16, 2, 250.0), 62))
    assert result.seats == 16
    assert result.sd == pytest.approx(result.closed_form_sd, rel=TOLERANCE)
    assert abs(result.mean) < 0.2 * result.sd
    assert result.p > 0.001


@pytest.mark.parametrize("part", ["rest_first60", "rest_last60"])
def test_strangers_at_rest_are_as_the_closed_form_says(
    arithmetic: tuple[Group, dict[str, Samples]], part: str
) -> None:
    group, parts = arithmetic
    for seconds in (40, 60):
        result = found(analyzer_of(group, parts[part], seconds))
        assert result.sd == pytest.approx(result.closed_form_sd, rel=TOLERANCE)
        assert abs(result.mean) < 0.2 * result.sd
        assert result.z == pytest.approx(result.closed_form_z, abs=0.3)
        assert result.p > 0.05


@pytest.mark.parametrize("seconds", [40, 70, 100])
def test_an_audience_stands_out_of_its_own_past(muse: tuple[Group, Samples], seconds: int) -> None:
    analyzer = analyzer_of(*muse, seconds)
    result = found(analyzer)
    assert result.seats == 44
    assert result.p == 1 / 401
    assert result.z > 5
    assert result.z == pytest.approx(result.closed_form_z, rel=0.2)


# --- what they rest on


def test_the_state_is_not_touched(noise: Noise) -> None:
    group = Group(tuple(f"N{k}" for k in range(9)), ("TP9", "TP10"), 250.0)
    x = noise(5, 40, 9, 2, 250.0)
    asked, alone = analyzer_of(group, x, 39), analyzer_of(group, x, 39)
    assert found(asked) == found(asked)
    assert found(asked) != found(asked, seed=2)
    for tick in range(390, 400):
        block = x[slice(*tick_slots(250.0, tick))]
        admitted = np.ones(9, dtype=np.bool_)
        states = [each.push(tick, [block], admitted=admitted) for each in (asked, alone)]
        assert states[0] == states[1]


def test_the_window_is_that_of_the_state(noise: Noise) -> None:
    group = Group(tuple(f"N{k}" for k in range(9)), ("TP9", "TP10"), 250.0)
    x = noise(6, 40, 9, 2, 250.0)
    analyzer = analyzer_of(group, x, 39.9)
    state = analyzer.push(399, [x[9975:10000]], admitted=np.ones(9, dtype=np.bool_))
    result, synchrony = found(analyzer), state.signals[-1]
    assert (result.raw, result.seats) == (synchrony.raw, synchrony.seats)
    assert result.closed_form_sd == synchrony.standard_error
    assert result.closed_form_z == synchrony.value


@given(order=st.permutations(range(9)))
def test_the_order_of_the_seats_changes_nothing(pool_of: MakePool, order: list[int]) -> None:
    y = np.random.default_rng(4).normal(size=(60 * 32, 9))
    names = [f"s{k}" for k in range(9)]
    settings = Settings()
    there, turned = (
        surrogates(pool, settings, 20, np.random.default_rng(1))
        for pool in (
            pool_of(32, y, names=names),
            pool_of(32, y[:, order], names=[names[k] for k in order]),
        )
    )
    assert there is not None
    assert there == turned


def test_without_a_past_there_is_no_surrogate(noise: Noise) -> None:
    group = Group(tuple(f"N{k}" for k in range(9)), ("TP9", "TP10"), 250.0)
    x = noise(7, 40, 9, 2, 250.0)
    assert analyzer_of(group, x, 0.5).surrogates(200, 1) is None
    assert analyzer_of(group, x, 20).surrogates(200, 1) is None
    late = x.copy()
    late[: 25 * 250, 0] = np.nan
    result = analyzer_of(group, late, 40).surrogates(200, 1)
    assert result is not None
    assert result.seats == 8
    late[: 25 * 250, 1] = np.nan
    assert analyzer_of(group, late, 40).surrogates(200, 1) is None


def test_missing_samples_do_not_widen_the_null(pool_of: MakePool) -> None:
    """Cuts with holes have fewer pairs than the whole window; they are scaled to its number."""
    y = np.random.default_rng(9).normal(size=(60 * 50, 12))
    holes = y.copy()
    holes[: 50 * 50][np.arange(50 * 50) % 50 < 15] = np.nan
    spreads = []
    for values in (y, holes):
        result = surrogates(pool_of(50, values), Settings(), 800, np.random.default_rng(2))
        assert result is not None
        spreads.append(result.sd)
    assert spreads[1] == pytest.approx(spreads[0], rel=0.1)


def test_one_draw_is_refused(pool_of: MakePool) -> None:
    pool = pool_of(50, np.zeros((3000, 9)))
    with pytest.raises(ValueError, match="200 to 1,000"):
        surrogates(pool, Settings(), 1, np.random.default_rng(1))
