"""What every source promises, kept by each kind."""

import msgspec
import numpy as np
import pytest

from acquisition import describe, device_key, make_source
from hardware import unknown_channels


def one_second(count):
    return count >= 250


def test_it_is_described_before_it_is_opened(spec, source):
    headsets = describe(spec)
    assert headsets == source.headsets
    assert [headset.seat for headset in headsets] == list(spec.seats)
    assert len({(headset.channels, headset.rate) for headset in headsets}) == 1
    assert not unknown_channels(headsets[0].channels)


def test_every_seat_has_a_device_of_its_own(spec):
    keys = device_key(spec)
    assert len(set(keys)) == len(keys) == len(spec.seats)


def test_its_description_survives_the_way_to_a_worker(spec):
    assert msgspec.json.decode(msgspec.json.encode(spec), type=type(spec)) == spec


def test_it_gives_whole_runs_of_rising_index(source, really):
    heard = really(source, one_second)
    for batch in heard.batches:
        assert batch.runs.dtype == np.int64
        assert batch.samples.dtype == np.float32
        assert batch.runs.shape[1:] == (3,)
        assert batch.samples.shape == (batch.runs[:, 2].sum(), len(source.headsets[0].channels))
        ordered = np.lexsort((batch.runs[:, 1], batch.runs[:, 0]))
        assert (ordered == np.arange(len(ordered))).all()
    for index in heard.index:
        assert index.size >= 200
        assert index[0] < 5
        assert (np.diff(index) > 0).all()
    assert all(np.isfinite(samples).all() for samples in heard.samples)


def test_it_can_be_closed_twice_and_leaves_no_board(spec, cache, really):
    for _ in range(2):
        source = make_source(spec, cache)
        assert really(source, lambda count: count > 0).index[0].size
        source.close()


def test_starting_twice_is_starting_once(source):
    source.open()
    try:
        source.start()
        source.start()
        source.hear("anything")
        source.read(0)
    finally:
        source.close()


def test_closed_before_opened_is_no_error(source):
    source.close()


@pytest.mark.parametrize("spec", ["muse", "arithmetic", "cyton", "muse boards"], indirect=True)
def test_a_recording_finishes_with_its_last_sample(source, really):
    assert not source.finished
    really(source, lambda count: False)
    assert source.finished


@pytest.mark.parametrize("spec", ["synthetic", "simulated"], indirect=True)
def test_a_live_audience_never_finishes(source, really):
    really(source, one_second)
    assert not source.finished
