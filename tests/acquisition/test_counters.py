"""Unwrapping the packet counter: any loss that time can tell is reconstructed."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from acquisition._counters import COUNTERS, Counter, Unwrapper

RATE = 250.0
SECOND = 10**9

segments = st.lists(
    st.tuples(
        st.integers(0, 20_000),  # samples lost
        st.integers(1, 120),  # samples that come
        st.floats(0, 0.6),  # how late they come, s
    ),
    max_size=12,
)


def numbers_of(packets, counter):
    """The counter's row for true packet numbers."""
    return (packets * counter.divisor % (counter.modulus * counter.divisor)).astype(float)


def drains(index, arrival, step_s=0.05):
    """Cut samples into what each read of a poller finds."""
    order = 0
    now = arrival[0]
    while order < len(index):
        stop = int(np.searchsorted(arrival, now, side="right"))
        yield index[order:stop], round(now * SECOND)
        order = stop
        now += step_s


@given(segments, st.sampled_from([-1e-4, 0.0, 1e-4]), st.integers(0, 255))
def test_any_loss_that_the_elapsed_time_resolves_is_reconstructed(losses, drift, first_number):
    index, late = [np.arange(50)], [np.full(50, 0.05)]
    for lost, came, delay in losses:
        start = index[-1][-1] + 1 + lost
        index.append(np.arange(start, start + came))
        late.append(np.full(came, delay))
    true = np.concatenate(index)
    arrival = np.maximum.accumulate(true / (RATE * (1 + drift)) + np.concatenate(late))
    counter = Counter(256)
    unwrapper = Unwrapper(counter, RATE)
    found = [
        unwrapper.place(numbers_of(part + first_number, counter), now)
        for part, now in drains(true, arrival)
    ]
    assert np.array_equal(np.concatenate(found), true)


@given(st.sets(st.integers(1, 400), max_size=200), st.lists(st.integers(1, 50), max_size=20))
def test_packets_of_many_samples_are_told_apart_however_they_are_drained(lost, cuts):
    counter = Counter(65536, burst=12)
    packets = np.array([n for n in range(401) if n not in lost])
    true = (packets[:, np.newaxis] * 12 + np.arange(12)).ravel()
    numbers = numbers_of(np.repeat(packets + 65_500, 12), counter)
    edges = np.minimum(np.cumsum(cuts), len(true)) if cuts else []
    unwrapper = Unwrapper(counter, 256.0)
    parts = np.split(np.arange(len(true)), edges)
    found = [unwrapper.place(numbers[part], 0) for part in parts]
    assert np.array_equal(np.concatenate(found), true)


def test_a_reader_that_slept_loses_nothing():
    unwrapper = Unwrapper(Counter(256), RATE)
    unwrapper.place(np.arange(10.0), 0)
    index = unwrapper.place(np.arange(10.0, 1510.0) % 256, 6 * SECOND)
    assert np.array_equal(index, np.arange(10, 1510))


@pytest.mark.parametrize("loss_s", [1.024, 2.048, 60 * 1.024])
def test_whole_turns_of_the_counter_are_not_lost(loss_s):
    unwrapper = Unwrapper(Counter(256), RATE)
    unwrapper.place(np.arange(10.0), 0)
    for tick in range(int(loss_s * 20)):
        unwrapper.place(np.empty(0), tick * SECOND // 20)
    index = unwrapper.place(np.arange(10.0, 12.0), round((0.01 + loss_s) * SECOND))
    assert index[0] == 10 + round(loss_s * RATE)


def test_a_headset_one_percent_slow_gains_no_turn_in_an_hour():
    unwrapper = Unwrapper(Counter(256), RATE)
    true = np.arange(round(3600 * RATE * 0.99))
    for part in np.split(true, range(250, true.size, 250)):
        index = unwrapper.place(part % 256.0, round(part[-1] / (RATE * 0.99) * SECOND))
    assert index[-1] == true[-1]


def test_a_daisy_counts_in_twos():
    counter = COUNTERS["CYTON_DAISY_BOARD"]
    index = Unwrapper(counter, 125.0).place(np.array([251.0, 253.0, 255.0, 1.0, 5.0]), 0)
    assert list(index) == [0, 1, 2, 3, 5]


def test_boards_of_unknown_counter_are_counted_as_they_come():
    unwrapper = Unwrapper(None, RATE)
    assert list(unwrapper.place(np.array([7.0, 7.0, 99.0]), 0)) == [0, 1, 2]
    assert list(unwrapper.place(np.array([3.0]), SECOND)) == [3]
