"""Correlated components: by brute force, by what was planted, on the Muse audience; and in use."""

from collections.abc import Callable
from dataclasses import asdict

import numpy as np
import pytest
from scipy import linalg

from dsp import (
    SIGNALS,
    Analyzer,
    AudienceState,
    Components,
    Covariances,
    Group,
    Settings,
    cleaned,
    components,
    correlation_of,
    covariances,
    null_deviation,
    tick_slots,
)
from dsp._signals import component

Samples = np.ndarray
Run = Callable[..., list[AudienceState]]
Noise = Callable[..., Samples]
Muse = tuple[Group, Samples]

NO_NOTCH = Settings(notch_quality=1e6)
"""The reference took no mains notch."""


def brute_force(y: Samples) -> tuple[np.ndarray, np.ndarray]:
    """Covariances within and between, pair by pair and sample by sample."""
    seats, channels = y.shape[1:]
    within, between = np.zeros((2, channels, channels))
    for sample in y:
        for k in range(seats):
            for other in range(seats):
                if k == other or np.isnan(sample[[k, other]]).any():
                    continue
                within += np.outer(sample[k], sample[k])
                between += np.outer(sample[k], sample[other])
    return within, between


@pytest.fixture
def holed() -> Samples:
    """A few seats with a common signal and some missing electrodes."""
    rng = np.random.default_rng(5)
    y = rng.normal(size=(60, 5, 3))
    y[..., 0] += 0.8 * rng.normal(size=(60, 1))
    y[rng.random(y.shape) < 0.1] = np.nan
    return y


def test_covariances_are_those_of_all_pairs(holed: Samples) -> None:
    within, between = brute_force(holed)
    sums = covariances(holed)
    np.testing.assert_allclose(sums.within, within)
    np.testing.assert_allclose(sums.between, between)
    weights = np.array([0.5, -0.2, 0.3])
    expected = weights @ between @ weights / (weights @ within @ weights)
    assert correlation_of(sums, weights) == pytest.approx(expected)


def test_parts_of_an_audience_add_up(holed: Samples) -> None:
    whole = covariances(holed)
    parts = covariances(holed[:, :2]) + covariances(holed[:, 2:])
    np.testing.assert_array_equal(parts.seats, whole.seats)
    np.testing.assert_allclose(parts.within, whole.within)
    np.testing.assert_allclose(parts.between, whole.between)
    assert parts.pairs == whole.pairs
    early = whole.during(slice(20))
    np.testing.assert_allclose(early.between, covariances(holed[:20]).between)


@pytest.mark.parametrize("shrinkage", [0.0, 0.1, 0.5])
def test_components_solve_the_eigenvalue_problem(holed: Samples, shrinkage: float) -> None:
    within, between = brute_force(holed)
    shrunk = (1 - shrinkage) * within + shrinkage * np.trace(within) / 3 * np.eye(3)
    values, vectors = linalg.eig(np.linalg.solve(shrunk, between))
    order = np.argsort(-values.real)
    found = components(covariances(holed), shrinkage)
    for w, expected in zip(found.weights, vectors.real.T[order], strict=True):
        assert np.abs(w).sum() == pytest.approx(1)
        assert w[np.argmax(np.abs(w))] > 0
        assert abs(np.dot(w, expected)) == pytest.approx(
            np.linalg.norm(w) * np.linalg.norm(expected)
        )
    sizes = [w @ between @ w / (w @ within @ w) for w in found.weights]
    np.testing.assert_allclose(found.isc, sizes)
    assert sizes == sorted(sizes, reverse=True)


def test_the_forward_model_shows_where_a_component_was_planted() -> None:
    rng = np.random.default_rng(2)
    shared, planted = rng.normal(size=(4000, 1, 1)), np.array([1.0, 0.5, 0.0, -0.5])
    mixed = np.eye(4) + 0.6 * np.eye(4, k=1)
    y = rng.normal(size=(4000, 12, 4)) @ mixed + shared * planted
    found = components(covariances(y))
    first = found.forward[0] / found.forward[0, 0]
    np.testing.assert_allclose(first, planted, atol=0.07)
    best = np.linalg.solve(mixed.T @ mixed + np.outer(planted, planted), planted)
    cosine = found.weights[0] @ best / np.linalg.norm(best) / np.linalg.norm(found.weights[0])
    assert cosine > 0.98
    assert found.isc[0] > 10 * abs(found.isc[1])


def test_an_empty_hall_is_refused() -> None:
    nobody = np.full((50, 3, 2), np.nan)
    with pytest.raises(ValueError, match="no two seats"):
        components(covariances(nobody))
    assert np.isnan(correlation_of(covariances(nobody), [1.0, 0.0]))
    assert null_deviation(nobody[..., 0], 250.0) == float("inf")


def test_strangers_scatter_by_the_closed_form(noise: Noise) -> None:
    y = cleaned(noise(3, 200.0, 8, 1, 250.0), 250.0, Settings())[500:, :, 0]
    z = []
    for first in range(0, len(y) - 1249, 1250):
        window = y[first : first + 1250]
        sums = covariances(window[..., None])
        z.append(correlation_of(sums, [1.0]) / null_deviation(window, 250.0))
    assert np.std(z) == pytest.approx(1.0, abs=0.25)
    assert abs(np.mean(z)) < 0.5


def test_cleaning_leaves_out_what_settles_is_missing_or_does_not_move(noise: Noise) -> None:
    x = noise(1, 12.0, 2, 2, 250.0) + np.float32(4000)
    x[1500:2000, 0, 0] = np.nan
    x[:, 1, 1] = 187_500.0
    y = cleaned(x, 250.0, Settings())
    there = ~np.isnan(y)
    assert not there[:499].any()
    assert there[501:, 1, 0].all()
    assert not there[:, 1, 1].any()
    assert not there[1500:2499, 0, 0].any()
    assert there[2501:, 0, 0].all()
    own = np.abs(y[there[:, 1, 0], 1, 0])
    assert 1.4826 * np.median(own) == pytest.approx(1, abs=0.01)
    assert own.max() <= 4


# --- the Muse audience


@pytest.fixture(scope="module")
def clean_muse(muse: Muse) -> Samples:
    return cleaned(muse[1], 256.0, NO_NOTCH)


def test_the_whole_recording_gives_the_golden_components(clean_muse: Samples) -> None:
    found: Components = components(covariances(clean_muse))
    np.testing.assert_allclose(found.isc, [0.01848, 0.00142, 0.00008, -0.0007], atol=0.0001)
    np.testing.assert_allclose(found.weights[0], np.array([8, 0, 0, 9]) / 17, atol=0.05)


def test_half_of_the_recording_predicts_the_other(clean_muse: Samples) -> None:
    sums: Covariances = covariances(clean_muse)
    half = len(clean_muse) // 2
    trained = components(sums.during(slice(half)))
    assert trained.isc[0] == pytest.approx(0.0187, abs=0.0002)
    held_out = correlation_of(sums.during(slice(half, None)), trained.weights[0])
    assert held_out == pytest.approx(0.0182, abs=0.0002)
    one = np.tensordot(clean_muse, trained.weights[0], 1)
    assert held_out / null_deviation(one[half:], 256.0) > 15


# --- fitted weights in use

SITES = ("Fp1", "P3", "Pz", "P4")
OWN = component(SITES)[1]  # type: ignore[index]


def play(run: Run, x: Samples, *weights: tuple[float, ...]) -> list[AudienceState]:
    """Run a hall whose seats are shared out over groups of these weights."""
    each = x.shape[1] // len(weights)
    spans = [slice(i * each, (i + 1) * each) for i in range(len(weights))]
    groups = [
        Group(tuple(f"s{k:02}" for k in range(span.start, span.stop)), SITES, 250.0, w)
        for span, w in zip(spans, weights, strict=True)
    ]
    return run(groups, [np.ascontiguousarray(x[:, span]) for span in spans])


@pytest.fixture(scope="module")
def hall(noise: Noise) -> Samples:
    """Twelve seats that share something at P4, and nothing elsewhere."""
    x = noise(4, 30.0, 12, 4, 250.0)
    x[..., 3] += np.float32(0.4) * noise(5, 30.0, 1, 1, 250.0)[..., 0]
    return x


def synchrony(states: list[AudienceState]) -> object:
    return states[-1].signals[SIGNALS.index("synchrony")]


def test_the_montages_own_weights_change_nothing(run: Run, hall: Samples) -> None:
    assert play(run, hall, ()) == play(run, hall, OWN)
    assert play(run, hall, (), ()) == play(run, hall, (), OWN)


def test_other_weights_change_synchrony_only(run: Run, hall: Samples) -> None:
    fixed, fitted = play(run, hall, ()), play(run, hall, (0.0, 0.0, 0.0, 1.0))
    assert synchrony(fitted).raw > 1.5 * synchrony(fixed).raw  # type: ignore[attr-defined]

    def other(state: AudienceState) -> dict[str, object]:
        rest = asdict(state)
        rest["signals"] = [s for s in rest["signals"] if s["name"] != "synchrony"]
        if rest["seats"]:
            del rest["seats"]["shares"]
        return rest

    assert [other(state) for state in fixed] == [other(state) for state in fitted]


def test_only_seats_of_the_same_weights_are_correlated(run: Run, hall: Samples) -> None:
    fitted = (0.0, 0.0, 0.0, 1.0)
    together = play(run, hall, fitted)
    assert play(run, hall, fitted, fitted) == together
    apart = play(run, hall, fitted, ())
    assert synchrony(together).seats == 12  # type: ignore[attr-defined]
    assert synchrony(apart).seats == 6  # type: ignore[attr-defined]


def test_the_order_of_channels_does_not_part_seats(hall: Samples) -> None:
    turned = SITES[::-1]
    groups = [
        Group(("a", "b"), SITES, 250.0, (0.0, 0.25, 0.0, 0.75)),
        Group(("c", "d"), turned, 250.0, (0.75, 0.0, 0.25, 0.0)),
    ]
    analyzer = Analyzer(groups, Settings(min_seats=4, isc_window_s=2))
    x = [hall[:, :2], np.ascontiguousarray(hall[:, 2:4, ::-1])]
    for tick in range(80):
        blocks = [part[slice(*tick_slots(250.0, tick))] for part in x]
        state = analyzer.push(tick, blocks, admitted=np.ones(4, dtype=np.bool_))
    assert state.signals[SIGNALS.index("synchrony")].seats == 4


@pytest.mark.parametrize(
    "weights", [(1.0,), (0.0,) * 4, (1.0, 1.0, 0.0, 0.0), (float("nan"), 1.0, 0.0, 0.0)]
)
def test_weights_that_do_not_fit_are_refused(weights: tuple[float, ...]) -> None:
    with pytest.raises(ValueError, match="weights"):
        Group(("a",), SITES, 250.0, weights)
