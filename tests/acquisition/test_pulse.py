"""The pulse sensor: simulated, on boards, and put beside EEG that comes in another stream."""

import time
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.signal import butter, find_peaks, sosfiltfilt

from acquisition import SIMULATED_CHANNELS, BrainFlowSpec, SimulatedSpec, make_source
from acquisition._alongside import DELAY_S, Alongside
from acquisition._boards import PLAYBACK, Board, find_board
from acquisition._brainflow import Reader
from hardware import MONTAGES

RATE = 250
SEATS = tuple(f"S{n}" for n in range(20))
PULSED = (*SIMULATED_CHANNELS, "PPG")
MUSE = (*MONTAGES["MUSE_2_BOARD"], "PPG")


# --- simulated hearts


def watch(spec, scenes):
    """Show scenes of (name, seconds); give samples (seats, samples, channels), none lost."""
    source = make_source(spec, Path())
    source.start(0)
    source.read(0)
    now, pieces = 0, []
    for scene, seconds in scenes:
        source.hear(scene)
        now += seconds
        batch = source.read(now * 10**9)
        pieces.append(batch.samples.reshape(len(spec.seats), -1, len(spec.channels)))
    return np.concatenate(pieces, axis=1)


def beats(light):
    """Samples at which a heart beat: where blood takes the most light."""
    wave = sosfiltfilt(butter(2, (0.6, 4), "bandpass", fs=RATE, output="sos"), -light)
    return find_peaks(wave, distance=0.35 * RATE, prominence=wave.std())[0]


def rates_of(x, start_s, stop_s):
    """Median heart rate of every seat in a stretch, in beats per minute."""
    part = x[:, start_s * RATE : stop_s * RATE, -1].astype(np.float64)
    return np.array([60 * RATE / np.median(np.diff(beats(light))) for light in part])


@pytest.fixture(scope="module")
def gripped():
    spec = SimulatedSpec(SEATS, 5, PULSED, responses=(("grip", 1.0),), loss=0.0)
    return watch(spec, [("titles", 60), ("grip", 60)])


def test_a_pulse_sensor_changes_nothing_in_the_eeg(gripped):
    spec = SimulatedSpec(SEATS, 5, responses=(("grip", 1.0),), loss=0.0)
    assert np.array_equal(gripped[:, :, :-1], watch(spec, [("titles", 60), ("grip", 60)]))


def test_hearts_at_rest_beat_at_rates_of_their_own(gripped):
    rest = rates_of(gripped, 0, 60)
    assert 50 < rest.min() < 65
    assert 75 < rest.max() < 90
    assert rest.std() > 5


def test_light_is_large_and_blood_takes_a_hundredth_of_it(gripped):
    light = gripped[:, : 60 * RATE, -1].astype(np.float64)
    assert ((light > 5e4) & (light < 5e5)).all()
    sos = butter(2, (0.6, 4), "bandpass", fs=RATE, output="sos")
    wave = sosfiltfilt(sos, light, axis=1)
    low, high = np.quantile(wave, [0.05, 0.95], axis=1)
    share = (high - low) / light.mean(axis=1)
    assert 0.005 < np.median(share) < 0.02


def test_hearts_sway_with_the_breath(gripped):
    sways = []
    for light in gripped[:, : 60 * RATE, -1].astype(np.float64):
        at = beats(light)
        times, intervals = at[1:] / RATE, np.diff(at) / RATE
        even = np.interp(np.arange(2, 58, 0.25), times, intervals)
        power = np.abs(np.fft.rfft(np.hanning(even.size) * (even - even.mean()))) ** 2
        f = np.fft.rfftfreq(even.size, 0.25)
        sways.append(power[(f > 0.17) & (f < 0.33)].sum() / power[f > 0.02].sum())
    assert np.median(sways) > 0.5


def test_a_gripping_scene_quickens_the_hearts_slowly(gripped):
    rest, soon, late = (rates_of(gripped, *part) for part in ((30, 60), (60, 68), (95, 120)))
    assert 3 < np.mean(late - rest) < 8
    assert np.mean(soon - rest) < 0.7 * np.mean(late - rest)


def test_hearts_of_another_seed_or_seat_are_others():
    one, other = (
        watch(SimulatedSpec(seats, seed, PULSED, loss=0.0), [("", 2)])[0, :, -1]
        for seats, seed in ((("A1",), 1), (("A1",), 2))
    )
    neighbour = watch(SimulatedSpec(("A2",), 1, PULSED, loss=0.0), [("", 2)])[0, :, -1]
    assert not np.array_equal(one, other)
    assert not np.array_equal(one, neighbour)


def test_sensors_slip_now_and_then():
    spec = SimulatedSpec(tuple(f"S{n}" for n in range(60)), 3, PULSED, loss=0.0)
    light = watch(spec, [("", 60)])[:, :, -1].astype(np.float64)
    stray = np.abs(light - np.median(light, axis=1, keepdims=True)) / np.median(light)
    assert 0.1 < (stray.max(axis=1) > 0.03).mean() < 0.6


# --- boards


@pytest.mark.parametrize(
    ("name", "preset", "rate", "configs"),
    [
        ("SYNTHETIC_BOARD", 0, 250.0, ()),
        ("MUSE_2_BOARD", 2, 64.0, ("p50",)),
        ("MUSE_S_BOARD", 2, 64.0, ("p61",)),
        ("MUSE_2_BLED_BOARD", 2, 64.0, ("p50",)),
        ("MUSE_S_BLED_BOARD", 2, 64.0, ("p61",)),
    ],
)
def test_boards_tell_where_their_pulse_is(name, preset, rate, configs):
    pulse = find_board(name).pulse
    assert (pulse.preset, pulse.rate, pulse.configs) == (preset, rate, configs)
    assert pulse.apart == (preset != 0)


@pytest.mark.parametrize("name", ["CYTON_BOARD", "MUSE_2016_BOARD", "MUSE_S_ATHENA_BOARD"])
def test_boards_without_a_pulse_say_so(name):
    assert find_board(name).pulse is None


def test_a_synthetic_board_gives_its_light_beside_its_electrodes(tmp_path, really):
    channels = (*MONTAGES["SYNTHETIC_BOARD"], "ppg")
    spec = BrainFlowSpec("SYNTHETIC_BOARD", ("A1", "A2"), channels=channels)
    source = make_source(spec, tmp_path)
    assert source.headsets[0].channels[-1] == "PPG"
    heard = really(source, lambda count: count >= 250)
    for samples in heard.samples:
        assert samples.shape[1] == 17
        assert (samples[:, -1] > 1e5).all()


def test_without_being_asked_no_board_gives_a_pulse(tmp_path):
    for name in ("SYNTHETIC_BOARD", "MUSE_2_BOARD"):
        source = make_source(BrainFlowSpec(name, ("A1",)), tmp_path)
        assert source.headsets[0].channels == MONTAGES[name]


# --- two streams of one device


EEG_HZ, PPG_HZ = 256, 64
EEG_BURST, PPG_BURST = 12, 6


def drained(lost, step_s, late_s, seconds=8):
    """What each read of a poller finds: indices of the EEG, and of the PPG without `lost` packets.

    Packets arrive when they are full, those of the PPG `late_s` later.
    """
    eeg = np.arange(seconds * EEG_HZ // EEG_BURST * EEG_BURST)
    ppg = np.arange(seconds * PPG_HZ // PPG_BURST * PPG_BURST)
    ppg = ppg[~np.isin(ppg // PPG_BURST, list(lost))]
    eeg_at = (eeg // EEG_BURST + 1) * EEG_BURST / EEG_HZ
    ppg_at = (ppg // PPG_BURST + 1) * PPG_BURST / PPG_HZ + late_s
    for start, stop in pairwise(np.arange(0, seconds + 1, step_s)):
        yield (
            eeg[(eeg_at >= start) & (eeg_at < stop)],
            ppg[(ppg_at >= start) & (ppg_at < stop)],
        )


def placed(drains):
    """Put a ramp beside the EEG whose value is its own place; gives the EEG's indices too."""
    alongside = Alongside(EEG_HZ, PPG_HZ)
    index, values = [], []
    for eeg, ppg in drains:
        index.append(eeg)
        values.append(alongside.place(eeg, ppg, ppg * (EEG_HZ / PPG_HZ)))
        assert values[-1].shape == eeg.shape
    return np.concatenate(index), np.concatenate(values)


@given(
    st.sets(st.integers(1, 80), max_size=30),
    st.sampled_from([0.011, 0.02, 0.05]),
    st.floats(0.0, 0.03),
)
def test_a_slower_stream_lies_on_the_grid_of_the_eeg(lost, step_s, late_s):
    """One constant apart, whatever is lost; and nothing where more than 0.25 s are."""
    index, values = placed(drained(lost, step_s, late_s))
    known = ~np.isnan(values)
    shift = (values - index)[known]
    np.testing.assert_allclose(shift, shift[0], atol=1e-6)
    assert abs(shift[0] + DELAY_S * EEG_HZ) < 0.15 * EEG_HZ
    ppg = np.arange(8 * PPG_HZ // PPG_BURST * PPG_BURST)
    came = 4.0 * ppg[~np.isin(ppg // PPG_BURST, list(lost))]
    for place, there in zip(index + shift[0], known, strict=True):
        before, after = came[came < place], came[came > place]
        if before.size and after.size and place not in came:
            assert there == (after[0] - before[-1] <= 0.25 * EEG_HZ), place


def test_a_first_sample_waits_for_nothing():
    alongside = Alongside(EEG_HZ, PPG_HZ)
    nothing = np.empty(0, np.int64)
    assert np.isnan(alongside.place(np.arange(24), nothing, np.empty(0))).all()
    assert alongside.place(nothing, nothing, np.empty(0)).size == 0
    assert np.isnan(alongside.place(nothing, np.arange(6), np.zeros(6))).size == 0


def test_streams_that_drift_apart_are_brought_together_again():
    """A headset whose slower clock runs 5 % slow: never later than it was by more than a delay."""
    alongside = Alongside(EEG_HZ, PPG_HZ)
    given_, values = 0, []
    for read in range(1, 60 * 20):
        eeg = np.arange((read - 1) * EEG_HZ // 20, read * EEG_HZ // 20)
        ppg = np.arange(given_, int(read * PPG_HZ * 0.95 / 20))
        given_ += ppg.size
        values.append(alongside.place(eeg, ppg, ppg / (0.95 * PPG_HZ)))
    late = np.arange(np.concatenate(values).size) / EEG_HZ - np.concatenate(values)
    known = ~np.isnan(late)
    assert known[EEG_HZ:].mean() > 0.7
    assert (np.abs(late[known] - DELAY_S) < DELAY_S + 0.1).all()


def test_a_stall_of_one_stream_is_made_up_for():
    alongside = Alongside(EEG_HZ, PPG_HZ)
    held, values = [], []
    for read in range(1, 20 * 20):
        eeg = np.arange((read - 1) * EEG_HZ // 20, read * EEG_HZ // 20)
        held.append(np.arange((read - 1) * PPG_HZ // 20, read * PPG_HZ // 20))
        ppg = np.empty(0, np.int64)
        if not 100 <= read < 140:  # two seconds
            ppg, held = np.concatenate(held), []
        values.append(alongside.place(eeg, ppg, 4.0 * ppg))
    found = np.concatenate(values)
    index = np.arange(found.size)
    known = ~np.isnan(found)
    assert known[EEG_HZ : 5 * EEG_HZ].all()
    assert known[9 * EEG_HZ :].all()
    np.testing.assert_allclose((index - found)[9 * EEG_HZ :], DELAY_S * EEG_HZ, atol=5)


def test_a_muse_on_a_playback_board_gives_its_pulse(tmp_path):
    """BrainFlow's own two streams, with packets lost: 0.09 s are bridged, 0.38 s are not."""
    kind = find_board("MUSE_2_BOARD")
    seconds, zero_s = 3, 1_700_000_000.0
    i, j = np.arange(seconds * EEG_HZ), np.arange(seconds * PPG_HZ)
    eeg, anc = np.zeros((i.size, kind.layout.rows)), np.zeros((j.size, 6))
    eeg[:, kind.layout.package] = (i // EEG_BURST + 65_530) % 65_536
    eeg[:, kind.layout.timestamp] = zero_s + i / EEG_HZ
    eeg[:, kind.layout.eeg[2]] = i
    anc[:, 0] = (j // PPG_BURST + 65_533) % 65_536
    anc[:, kind.pulse.row] = 100_000 + 4 * j
    anc[:, 4] = zero_s + j / PPG_HZ
    files = {"file": tmp_path / "eeg.tsv", "file_anc": tmp_path / "anc.tsv"}
    kept = ~np.isin(j // PPG_BURST, [10, 18, 19, 20, 21])
    for rows, file in zip((eeg, anc[kept]), files.values(), strict=True):
        np.savetxt(file, rows, delimiter="\t", fmt="%.6f")
    params = {name: str(file) for name, file in files.items()}
    params |= {"master_board": kind.number, "serial_number": "M1"}
    board = Board("M1", kind, PLAYBACK, params, ("loopback_false", "old_timestamps"))
    reader = Reader(board, kind.pulse)
    index, samples = [], []
    board.open()
    try:
        board.start()
        end = time.monotonic() + 20
        while sum(part.size for part in index) < i.size and time.monotonic() < end:
            got, values = reader.read(time.monotonic_ns())
            index.append(got)
            samples.append(values)
            time.sleep(0.01)
    finally:
        board.close()
    index, samples = np.concatenate(index), np.concatenate(samples)
    assert np.array_equal(index, i)
    assert np.array_equal(samples[:, 2], i)
    shift = samples[:, -1] - 100_000 - index
    known = ~np.isnan(shift)
    apart = np.unique(shift[known].round(3))
    # Two threads play the two files; the first of them to begin decides by a read or two.
    assert apart.size == 1
    assert abs(apart[0] + DELAY_S * EEG_HZ) < 0.15 * EEG_HZ
    edges = np.flatnonzero(np.diff(known.astype(int)))
    gap = 4 * ((22 - 18) * PPG_BURST + 1)
    assert edges.size == 3
    assert edges[2] - edges[1] == gap
