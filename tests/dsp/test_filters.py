"""The filter bank against scipy, under any chunking and any gaps."""

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import signal

from dsp import Settings
from dsp._filters import FilterState, design, filter_block

RATE = 250.0
MAX_GAP, SETTLING = 125, 500
SOS, STEADY = design(RATE, Settings())


def bank(x: np.ndarray, cuts: Sequence[int] = (), state: FilterState | None = None) -> np.ndarray:
    """Filter in pieces; shape (bands, samples, channels)."""
    state = state or FilterState.fresh(SOS, x.shape[1])
    pieces = []
    for part in np.split(x, sorted(cuts)):
        out = np.empty((len(SOS), len(part), x.shape[1]))
        filter_block(
            part, SOS, STEADY, MAX_GAP, SETTLING,
            state.notch, state.bands, state.last, state.gap, state.unsettled, out,
        )  # fmt: skip
        pieces.append(out)
    return np.concatenate(pieces, axis=1)


def eeg(seed: int, samples: int = 1500, channels: int = 3) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return rng.normal([-3000, 0, 40_000], 20, (samples, channels)).astype(np.float32)


def test_equals_scipy_started_in_the_steady_state_of_the_first_sample() -> None:
    x = eeg(1)
    got = bank(x)
    for band, sections in enumerate(SOS):
        for channel in range(3):
            start = signal.sosfilt_zi(sections) * x[0, channel]
            want, _ = signal.sosfilt(sections, x[:, channel].astype(np.float64), zi=start)
            np.testing.assert_allclose(
                got[band, SETTLING:, channel], want[SETTLING:], rtol=0, atol=1e-9
            )
    assert np.isnan(got[:, :SETTLING]).all()


@given(
    seed=st.integers(0, 99),
    cuts=st.lists(st.integers(0, 1500), max_size=8),
    gaps=st.lists(st.tuples(st.integers(0, 1499), st.integers(1, 300), st.integers(0, 2))),
)
@settings(max_examples=30, deadline=None)
def test_any_chunking_gives_the_same_bytes(
    seed: int, cuts: list[int], gaps: list[tuple[int, int, int]]
) -> None:
    x = eeg(seed)
    for first, length, channel in gaps:
        x[first : first + length, channel] = np.nan
    np.testing.assert_array_equal(bank(x, cuts), bank(x))


@given(first=st.integers(SETTLING, 1000), length=st.integers(1, MAX_GAP), seed=st.integers(0, 9))
@settings(max_examples=20, deadline=None)
def test_a_short_gap_is_bridged_with_the_last_sample(first: int, length: int, seed: int) -> None:
    x = eeg(seed)
    bridged = x.copy()
    bridged[first : first + length, 0] = x[first - 1, 0]
    x[first : first + length, 0] = np.nan
    got, want = bank(x), bank(bridged)
    assert np.isnan(got[:, first : first + length, 0]).all()
    want[:, first : first + length, 0] = np.nan
    np.testing.assert_array_equal(got, want)


@given(
    first=st.integers(SETTLING, 700), length=st.integers(MAX_GAP + 1, 250), seed=st.integers(0, 9)
)
@settings(max_examples=20, deadline=None)
def test_after_a_long_gap_a_channel_begins_anew(first: int, length: int, seed: int) -> None:
    x = eeg(seed)
    whole = bank(x)
    x[first : first + length, 0] = np.nan
    got = bank(x)
    anew = bank(x[first + length :])
    np.testing.assert_array_equal(got[:, first + length :, 0], anew[..., 0])
    np.testing.assert_array_equal(got[:, :first], whole[:, :first])
    np.testing.assert_array_equal(got[..., 1:], whole[..., 1:])


def test_an_electrode_offset_leaves_no_trace() -> None:
    flat = np.full((1500, 1), 187_000, dtype=np.float32)
    assert np.nanmax(np.abs(bank(flat))) < 1e-5


def test_infinite_samples_count_as_missing() -> None:
    x, y = eeg(3), eeg(3)
    x[600:610, 0] = np.inf
    y[600:610, 0] = np.nan
    np.testing.assert_array_equal(bank(x), bank(y))


def test_forgetting_a_channel_makes_it_fresh_and_leaves_the_others() -> None:
    x = eeg(4)
    state = FilterState.fresh(SOS, 3)
    bank(x[:700], state=state)
    state.forget(slice(0, 1))
    got = bank(x[700:], state=state)
    np.testing.assert_array_equal(got[..., 0], bank(x[700:])[..., 0])
    np.testing.assert_array_equal(got[..., 1:], bank(x)[:, 700:, 1:])


def test_mains_and_drift_are_taken_out_and_rhythms_stay_in_their_band() -> None:
    t = np.arange(5000) / RATE
    waves = np.stack([np.sin(2 * np.pi * f * t) for f in (0.1, 6, 10, 20, 50)], axis=1)
    power = np.mean(bank(waves.astype(np.float32))[:, 2500:] ** 2, axis=1)
    broad, theta, alpha, beta = power
    assert (theta.argmax(), alpha.argmax(), beta.argmax()) == (1, 2, 3)
    assert broad[0] < 1e-3
    assert (power[:, 4] < 1e-6).all()


def test_flushing_drops_only_vanishing_memory() -> None:
    state = FilterState.fresh(SOS, 1)
    state.notch[:] = 1e-300
    state.bands[:] = 1e-3
    state.flush()
    assert not state.notch.any()
    assert (state.bands == 1e-3).all()


def test_a_band_beyond_half_the_rate_is_refused() -> None:
    with pytest.raises(ValueError, match="under half"):
        design(60.0, Settings())
