"""The filter bank against scipy, under any chunking and any gaps."""

from collections.abc import Sequence
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import signal

from dsp import Settings
from dsp._filters import BANDS, FilterState, Work, bridge, coefficients, design, filter_piece

RATE = 250.0
MAX_GAP, SETTLING = 125, 500
SOS = design(RATE, Settings())
SECTIONS = coefficients(SOS)


def bank(
    x: np.ndarray,
    cuts: Sequence[int] = (),
    state: FilterState | None = None,
    *,
    sections: np.ndarray = SECTIONS,
    piece: int = 2,
) -> SimpleNamespace:
    """Filter in chunks and in pieces of channels; the first band, and the sums."""
    channels = x.shape[1]
    state = state or FilterState.fresh(sections, channels)
    mains, counts = (np.zeros(channels, dtype=np.float32) for _ in range(2))
    squares = np.zeros((len(sections), channels), dtype=np.float32)
    absent = np.zeros(channels, dtype=np.float32)
    out = []
    for part in np.split(x, sorted(cuts)):
        work = Work.room(len(part), piece)
        filtered = np.empty_like(part)
        for first in range(0, channels, piece):
            stop = min(first + piece, channels)
            bridge(
                part, first, stop, absent, MAX_GAP, SETTLING,
                state.offset, state.last, state.gap, state.unsettled,
                work.held, work.hole, work.starts, work.started,
            )  # fmt: skip
            filter_piece(
                work.held, work.hole, work.starts, work.started, len(part), first, stop, sections,
                state.notch, state.bands, work.clean, work.wave, work.broad, mains, squares, counts,
            )  # fmt: skip
            filtered[:, first:stop] = work.broad[:, : stop - first]
        out.append(filtered)
    return SimpleNamespace(y=np.concatenate(out), mains=mains, squares=squares, counts=counts)


def eeg(seed: int, samples: int = 1500, channels: int = 3) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return rng.normal([-3000, 0, 40_000], 20, (samples, channels)).astype(np.float32)


def same(one: SimpleNamespace, other: SimpleNamespace) -> None:
    for name in ("y", "mains", "squares", "counts"):
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name))


@pytest.mark.parametrize("band", range(len(BANDS)))
def test_equals_scipy_to_single_precision(band: int) -> None:
    """Within 0.01 % of the signal, started in the steady state of the first sample."""
    x = eeg(1)
    got = bank(x, sections=np.ascontiguousarray(SECTIONS[[band]]))
    relative = (x - x[0]).astype(np.float64)
    want = signal.sosfilt(SOS[band], relative, axis=0)[SETTLING:]
    error = np.sqrt(np.mean((got.y[SETTLING:] - want) ** 2, axis=0) / np.mean(want**2, axis=0))
    assert (error < 1e-4).all()
    assert np.isnan(got.y[:SETTLING]).all()
    np.testing.assert_allclose(got.squares[0], np.sum(want**2, axis=0), rtol=1e-4)
    assert (got.counts == len(want)).all()


def test_an_electrode_that_drifts_costs_few_digits() -> None:
    """20 mV of drift leave less than 0.1 uV of rounding, half of what is called flat."""
    rng = np.random.default_rng(3)
    drift = np.cumsum(rng.normal(size=(30_000, 2)), axis=0)
    x = (drift / np.abs(drift).max(axis=0) * 20_000 + rng.normal(0, 10, drift.shape)).astype("f4")
    want = signal.sosfilt(SOS[0], (x - x[0]).astype(np.float64), axis=0)[SETTLING:]
    assert np.sqrt(np.mean((bank(x).y[SETTLING:] - want) ** 2)) < 0.15


def test_what_the_notch_takes_out_is_the_mains() -> None:
    t = np.arange(2500) / RATE
    x = np.stack([np.sin(2 * np.pi * f * t) for f in (10, 50, 60)], axis=1).astype(np.float32)
    ten, fifty, sixty = bank(x).mains / 2000
    assert fifty == pytest.approx(0.5, rel=0.02)
    assert ten < 0.001
    assert sixty < 0.02


@given(
    seed=st.integers(0, 99),
    cuts=st.lists(st.integers(0, 1500), max_size=8),
    piece=st.integers(1, 4),
    gaps=st.lists(st.tuples(st.integers(0, 1499), st.integers(1, 300), st.integers(0, 2))),
)
@settings(max_examples=30, deadline=None)
def test_any_chunking_and_any_pieces_give_the_same_bytes(
    seed: int, cuts: list[int], piece: int, gaps: list[tuple[int, int, int]]
) -> None:
    x = eeg(seed)
    for first, length, channel in gaps:
        x[first : first + length, channel] = np.nan
    same(bank(x, cuts, piece=piece), bank(x))


@given(first=st.integers(SETTLING, 1000), length=st.integers(1, MAX_GAP), seed=st.integers(0, 9))
@settings(max_examples=20, deadline=None)
def test_a_short_gap_is_bridged_with_the_last_sample(first: int, length: int, seed: int) -> None:
    x = eeg(seed)
    bridged = x.copy()
    bridged[first : first + length, 0] = x[first - 1, 0]
    x[first : first + length, 0] = np.nan
    got, want = bank(x).y, bank(bridged).y
    assert np.isnan(got[first : first + length, 0]).all()
    want[first : first + length, 0] = np.nan
    np.testing.assert_array_equal(got, want)


@given(
    first=st.integers(SETTLING, 700), length=st.integers(MAX_GAP + 1, 250), seed=st.integers(0, 9)
)
@settings(max_examples=20, deadline=None)
def test_after_a_long_gap_a_channel_begins_anew(first: int, length: int, seed: int) -> None:
    x = eeg(seed)
    whole = bank(x).y
    x[first : first + length, 0] = np.nan
    got = bank(x).y
    anew = bank(x[first + length :]).y
    np.testing.assert_array_equal(got[first + length :, 0], anew[:, 0])
    np.testing.assert_array_equal(got[:first], whole[:first])
    np.testing.assert_array_equal(got[:, 1:], whole[:, 1:])


def test_an_electrode_offset_leaves_no_trace() -> None:
    flat = np.full((1500, 1), 187_000, dtype=np.float32)
    assert np.nanmax(np.abs(bank(flat).y)) == 0


def test_infinite_samples_count_as_missing() -> None:
    x, y = eeg(3), eeg(3)
    x[600:610, 0] = np.inf
    y[600:610, 0] = np.nan
    same(bank(x), bank(y))


def test_forgetting_a_channel_makes_it_fresh_and_leaves_the_others() -> None:
    x = eeg(4)
    state = FilterState.fresh(SECTIONS, 3)
    bank(x[:700], state=state)
    state.forget(slice(0, 1))
    got = bank(x[700:], state=state).y
    np.testing.assert_array_equal(got[:, 0], bank(x[700:]).y[:, 0])
    np.testing.assert_array_equal(got[:, 1:], bank(x).y[700:, 1:])


def test_mains_and_drift_are_taken_out_and_rhythms_stay_in_their_band() -> None:
    t = np.arange(5000) / RATE
    waves = np.stack([np.sin(2 * np.pi * f * t) for f in (0.1, 6, 10, 20, 37, 50)], axis=1)
    power = bank(waves.astype(np.float32)).squares / 4500
    assert [row.argmax() for row in power[1:]] == [1, 2, 3, 4]
    assert power[0, 0] < 1e-3
    assert (power[:, 5] < 1e-3).all()


def test_flushing_drops_only_vanishing_memory() -> None:
    state = FilterState.fresh(SECTIONS, 1)
    state.notch[:] = 1e-30
    state.bands[:] = 1e-3
    state.flush()
    assert not state.notch.any()
    assert (state.bands == np.float32(1e-3)).all()


def test_a_band_beyond_half_the_rate_is_refused() -> None:
    with pytest.raises(ValueError, match="under half"):
        design(60.0, Settings())
