"""The grid: every sample in its slot, gaps open, ticks closed once."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from acquisition import Headset
from engine.grid import LIVE_LIMIT_NS, RECORDED_LIMIT_NS, TICK_NS, Grid

RATE = 250.0
CHANNELS = ("T7", "T8")


def headset(seat: str, live: bool = False, rate: float = RATE) -> Headset:
    return Headset(seat, CHANNELS, rate, live)


def run(ordinal: int, first: int, count: int) -> np.ndarray:
    return np.array([[ordinal, first, count]], np.int64)


def numbered(first: int, count: int) -> np.ndarray:
    """Samples that say their own index."""
    return np.repeat(np.arange(first, first + count, dtype=np.float32)[:, None], 2, axis=1)


def test_recorded_samples_lie_at_their_index_whatever_the_arrival():
    grid = Grid([(headset("A"), headset("B"))], 0)
    grid.place(0, 5_000_000_000, run(1, 0, 30), numbered(0, 30))
    grid.place(0, 5_500_000_000, run(0, 10, 20), numbered(10, 20))
    (block,) = grid.close()
    assert block.shape == (25, 2, 2)
    np.testing.assert_array_equal(block[:, 1, 0], np.arange(25))
    assert np.isnan(block[:10, 0]).all()
    np.testing.assert_array_equal(block[10:, 0, 0], np.arange(10, 25))


def test_sources_of_one_montage_and_rate_make_one_group():
    grid = Grid([(headset("A"),), (headset("C", rate=256.0),), (headset("B"),)], 0)
    assert [group.seats for group in grid.groups] == [("A", "B"), ("C",)]
    grid.place(2, 0, run(0, 0, 25), numbered(0, 25))
    first, second = grid.close()
    np.testing.assert_array_equal(first[:, 1, 0], np.arange(25))
    assert np.isnan(first[:, 0]).all()
    assert np.isnan(second).all()


def test_late_and_far_samples_are_counted_and_left_out():
    grid = Grid([(headset("A"),)], 0)
    grid.close()
    placed = grid.place(0, 0, run(0, 20, 10), numbered(20, 10))
    assert (placed.late, placed.ahead) == (5, 0)
    placed = grid.place(0, 0, run(0, 25 + 1990, 20), numbered(2015, 20))
    assert (placed.late, placed.ahead) == (0, 10)
    (block,) = grid.close()
    np.testing.assert_array_equal(block[:5, 0, 0], np.arange(25, 30))
    assert np.isnan(block[5:]).all()


def test_a_tick_closes_when_every_live_seat_has_reached_it():
    grid = Grid([(headset("A"), headset("B"))], 0)
    grid.place(0, TICK_NS, run(0, 0, 25), numbered(0, 25))
    assert not grid.due(TICK_NS)
    grid.place(0, TICK_NS, run(1, 0, 24), numbered(0, 24))
    assert not grid.due(TICK_NS)
    grid.place(0, TICK_NS, run(1, 24, 1), numbered(24, 1))
    assert not grid.due(TICK_NS - 1), "a tick never closes before its end"
    assert grid.due(TICK_NS)


@pytest.mark.parametrize(("live", "limit_ns"), [(True, LIVE_LIMIT_NS), (False, RECORDED_LIMIT_NS)])
def test_a_slow_seat_is_waited_for_only_so_long(live, limit_ns):
    grid = Grid([(headset("A", live),)], 0)
    end_ns = 50 * TICK_NS
    for _ in range(49):
        grid.close()
    grid.place(0, end_ns, run(0, 0, 1000), numbered(0, 1000))
    grid.place(0, end_ns + limit_ns - 1, run(0, 1000, 1), numbered(1000, 1))
    if not live:
        assert not grid.due(end_ns + limit_ns - 1)
    assert grid.due(end_ns + limit_ns)


def test_a_silent_seat_holds_nobody_up():
    grid = Grid([(headset("A"), headset("B"))], 0)
    grid.place(0, 0, run(1, 0, 1), numbered(0, 1))
    for _ in range(40):
        grid.close()
    now_ns = 41 * TICK_NS
    grid.place(0, now_ns, run(0, 0, 25 * 41), numbered(0, 25 * 41))
    assert grid.due(now_ns)


def test_an_empty_hall_ticks_with_the_clock():
    grid = Grid([], 0)
    assert grid.due(TICK_NS)
    assert grid.close() == []


@settings(max_examples=12)
@given(
    ppm=st.floats(-100, 100),
    jitter_ms=st.floats(0, 30),
    seed=st.integers(0, 2**16),
)
def test_live_samples_are_placed_by_arrival_within_the_jitter(ppm, jitter_ms, seed):
    """Planted truth: a drifting headset read every 40 ms, delays added; ten minutes of it."""
    rng = np.random.default_rng(seed)
    origin_ns = 7_000_000_000
    grid = Grid([(headset("A", live=True),)], origin_ns)
    index, slots = 0, []
    period_s = 1 / (RATE * (1 + ppm * 1e-6))
    for read in range(1, 15_000):
        read_s = read * 0.04
        count = int(read_s / period_s) - index
        read_ns = origin_ns + int((read_s + rng.uniform(0, jitter_ms / 1000)) * 1e9)
        grid.place(0, read_ns, run(0, 1000 + index, count), numbered(index, count))
        index += count
        while grid.due(read_ns):
            (block,) = grid.close()
            first = (grid.tick - 1) * 25
            present = np.flatnonzero(~np.isnan(block[:, 0, 0]))
            slots += [(first + int(i), int(block[i, 0, 0])) for i in present]
    settled = np.array([pair for pair in slots if pair[0] > 60 * RATE])
    error_s = settled[:, 0] / RATE - settled[:, 1] * period_s
    # What arrival cannot tell is the mean delay: half a read and half the jitter.
    assert np.std(error_s) < 0.005
    assert abs(np.mean(error_s)) < 0.045


def test_a_restarted_headset_is_placed_afresh():
    grid = Grid([(headset("A", live=True),)], 0)
    grid.place(0, 1_000_000_000, run(0, 0, 10), numbered(0, 10))
    for _ in range(89):
        grid.close()
    grid.place(0, 9_000_000_000, run(0, 10, 10), numbered(10, 10))
    (block,) = grid.close()
    np.testing.assert_array_equal(block[16:, 0, 0], np.arange(10, 19))
