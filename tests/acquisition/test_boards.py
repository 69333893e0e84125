"""BrainFlow's measured traps, each stood against."""

import gc
import subprocess
import sys
from importlib.metadata import version

import numpy as np
import pytest

from acquisition import BrainFlowSpec, SourceError, device_key, make_source
from acquisition._boards import find_board
from acquisition._counters import COUNTERS
from hardware import MONTAGES


def synthetic(cache, *seats):
    return make_source(BrainFlowSpec("SYNTHETIC_BOARD", seats), cache)


def test_the_first_call_works_with_this_setuptools():
    # brainflow's first call, not its import, needs pkg_resources.
    assert int(version("setuptools").split(".")[0]) < 82
    assert find_board("CYTON_BOARD").rate == 250.0


@pytest.mark.parametrize("name", MONTAGES)
def test_default_montages_fit_the_rows_and_names_brainflow_gives(name):
    kind = find_board(name)
    assert kind.channels == MONTAGES[name]
    assert len(kind.channels) == len(kind.layout.eeg)


@pytest.mark.parametrize("name", COUNTERS)
def test_counters_are_known_of_boards_that_exist(name):
    assert find_board(name).name == name


def test_the_same_board_twice_is_refused_and_the_first_lives_on(cache, really):
    first, second = synthetic(cache, "A1"), synthetic(cache, "A1")
    first.open()
    with pytest.raises(SourceError, match=r"seat A1.*same parameters.*own device"):
        second.open()
    second.close()
    del second
    gc.collect()
    assert really(first, lambda count: count > 0, opened=True).index[0].size


def test_a_group_opens_whole_or_not_at_all(cache, really):
    taken, group = synthetic(cache, "B2"), synthetic(cache, "B1", "B2")
    taken.open()
    try:
        with pytest.raises(SourceError, match="seat B2"):
            group.open()
    finally:
        taken.close()
    assert all(index.size for index in really(group, lambda count: count > 50).index)


def test_a_port_that_is_not_there_is_said_with_its_remedy(cache):
    params = (("serial_port", "/dev/ttyNOWHERE"),)
    source = make_source(BrainFlowSpec("CYTON_BOARD", ("C4",), params), cache)
    with pytest.raises(SourceError, match=r"seat C4: CYTON_BOARD cannot be opened.*serial_port"):
        source.open()
    source.close()


def test_a_board_lost_meanwhile_is_said_by_seat(cache):
    source = synthetic(cache, "A1")
    source.open()
    source.start()
    source.close()
    with pytest.raises(SourceError, match=r"seat A1: SYNTHETIC_BOARD stopped"):
        source.read(0)


def test_two_headsets_at_one_address_are_the_same_device():
    port = ("serial_port", "/dev/ttyUSB0")
    one = BrainFlowSpec("CYTON_BOARD", ("A1",), (port,))
    other = BrainFlowSpec("CYTON_BOARD", ("A2",), (("timeout", 5), port))
    third = BrainFlowSpec("CYTON_BOARD", ("A3",), (("serial_port", "/dev/ttyUSB1"),))
    assert device_key(one) == device_key(other) != device_key(third)


def test_a_synthetic_board_misses_nothing_in_a_second(cache, really):
    heard = really(synthetic(cache, "A1", "A2"), lambda count: count >= 250)
    for index in heard.index:
        assert np.array_equal(index, np.arange(index.size))


def test_a_headset_process_does_not_load_what_only_simulation_needs():
    program = "import sys, acquisition; sys.exit('scipy.signal' in sys.modules)"
    command = [sys.executable, "-W", "ignore", "-c", program]
    assert subprocess.run(command, timeout=60).returncode == 0


def test_brainflow_says_nothing_at_its_first_call_nor_at_exit():
    program = (
        "from pathlib import Path; from acquisition import BrainFlowSpec, make_source\n"
        "source = make_source(BrainFlowSpec('SYNTHETIC_BOARD', ('A1',)), Path())\n"
        "source.open(); source.start()"
    )
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, timeout=60)
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, b"", b"")
