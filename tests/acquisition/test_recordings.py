"""Recordings come through every path as their files have them, to the last bit and gap."""

import numpy as np
import pytest
from brainflow.data_filter import DataFilter

from acquisition import RecordingSpec, SourceError, device_key, make_source
from acquisition._rows import RowFormat, check_rows, write_rows

LAYOUT = RowFormat(rows=8, package=0, timestamp=6, eeg=(1, 2, 3, 4))


def recording(name, root, seats, boards=False, **more):
    names = tuple(f"S{n}" for n in range(seats))
    return RecordingSpec(name, str(root), names, boards=boards, **more)


def test_muse_samples_are_the_files(data_root, cache, virtually):
    heard = virtually(make_source(recording("muse-audience", data_root, 44), cache), [0, 200])
    with np.load(data_root / "muse-audience/muse_audience_p300.npz") as file:
        counts = file["eeg_uv_x10"]
    assert np.array_equal(np.stack(heard.samples), (counts / 10).astype("f4").transpose(0, 2, 1))
    assert all(np.array_equal(index, np.arange(27583)) for index in heard.index)


def test_arithmetic_is_rest_rest_task_with_gaps_of_a_second(data_root, cache, virtually):
    heard = virtually(make_source(recording("arithmetic36", data_root, 2), cache), [0, 200])
    with np.load(data_root / "arithmetic36/eegmat36_12ch_250hz.npz") as file:
        task = file["task"][1] / 50
    assert np.array_equal(heard.samples[1][-15000:], task.T.astype("f4"))
    assert np.array_equal(
        heard.batches[1].runs[3:, 1:], [[0, 15000], [15250, 15000], [30500, 15000]]
    )


def test_cyton_samples_are_the_texts(data_root, cache, virtually):
    heard = virtually(make_source(recording("openbci-cyton", data_root, 1), cache), [0, 200])
    assert np.array_equal(heard.index[0], np.arange(22490))
    assert heard.samples[0][0, 0] == np.float32(61379.36)
    assert heard.samples[0][4, 5] == np.float32(-3309.31)


@pytest.mark.parametrize(
    ("name", "seats", "start_s", "stop_s"),
    [
        ("muse-audience", 5, 40.0, 42.0),
        ("arithmetic36", 3, 59.5, 61.5),
        ("openbci-cyton", 1, 0.0, 1.5),
        pytest.param("muse-audience", 44, 40.0, 50.0, marks=pytest.mark.full),
        pytest.param("arithmetic36", 35, 56.0, 66.0, marks=pytest.mark.full),
        pytest.param("openbci-cyton", 1, 10.0, 20.0, marks=pytest.mark.full),
    ],
)
def test_boards_play_every_sample(
    name, seats, start_s, stop_s, data_root, cache, virtually, really
):
    part = {"start_s": start_s, "stop_s": stop_s}
    direct = make_source(recording(name, data_root, seats, **part), cache)
    boards = make_source(recording(name, data_root, seats, boards=True, **part), cache)
    expected = virtually(direct, [0, 300])
    played = really(boards, lambda count: False)
    for seat in range(seats):
        assert np.array_equal(played.index[seat], expected.index[seat])
        assert np.array_equal(played.samples[seat], expected.samples[seat])


@pytest.mark.parametrize("step_s", [0.013, 0.1, 7.0])
def test_any_reading_pace_gives_the_same_samples(step_s, data_root, cache, virtually):
    spec = recording("arithmetic36", data_root, 2, start_s=58.0, stop_s=62.0)
    whole = virtually(make_source(spec, cache), [0, 10])
    times = list(np.arange(0, 4 + step_s, step_s))
    pieces = virtually(make_source(spec, cache), times)
    assert np.array_equal(np.stack(whole.samples), np.stack(pieces.samples))
    assert np.array_equal(np.stack(whole.index), np.stack(pieces.index))


def test_a_sample_comes_when_its_time_has_passed(data_root, cache, virtually):
    spec = recording("muse-audience", data_root, 1)
    heard = virtually(make_source(spec, cache), [5.0, 5.0, 5.25, 6.0])
    assert [batch.runs[:, 2].sum() for batch in heard.batches] == [0, 0, 64, 192]


def test_records_can_be_chosen_and_each_is_a_device(data_root, cache, virtually):
    chosen = recording("muse-audience", data_root, 2, records=(9, 4), stop_s=1.0)
    usual = recording("muse-audience", data_root, 10, stop_s=1.0)
    some, many = (virtually(make_source(spec, cache), [0, 2]) for spec in (chosen, usual))
    assert np.array_equal(some.samples[0], many.samples[9])
    assert np.array_equal(some.samples[1], many.samples[4])
    assert device_key(chosen) == (device_key(usual)[9], device_key(usual)[4])


def test_an_excerpt_of_nothing_but_a_gap_is_refused(data_root, cache):
    spec = recording("arithmetic36", data_root, 1, start_s=60.2, stop_s=60.8)
    with pytest.raises(SourceError, match="only a gap"):
        make_source(spec, cache).open()


def test_files_are_what_brainflow_itself_reads(tmp_path):
    index = np.array([0, 1, 2, 700, 701])
    counts = np.array([[0, 1, -1, 9999, -32768], [5, -10, 100, 0, 7]] * 2, np.int32)
    file = tmp_path / "rows.tsv"
    write_rows(file, LAYOUT, index, counts, 2, 256.0)
    rows = DataFilter.read_file(str(file))
    assert np.array_equal(rows[1:5], counts / 100)
    assert np.array_equal(rows[0], index % 256)
    assert np.abs(rows[6] - index / 256).max() < 1e-6
    assert not rows[[5, 7]].any()
    check_rows(file, LAYOUT, 5)


@pytest.mark.parametrize("damage", [b"", b"0\t1\n", b"garbage"])
def test_a_damaged_playback_file_is_refused_instead_of_played_as_silence(damage, tmp_path):
    file = tmp_path / "rows.tsv"
    write_rows(file, LAYOUT, np.arange(9), np.ones((4, 9), np.int32), 1, 256.0)
    text = file.read_bytes()
    file.write_bytes(text[: len(text) // 2] + damage if damage else b"")
    with pytest.raises(SourceError, match="delete it, it is made again"):
        check_rows(file, LAYOUT, 9)


def test_a_file_that_is_another_recording_is_refused(tmp_path, cache):
    file = tmp_path / "muse.npz"
    np.savez(file, eeg_uv_x10=np.zeros((2, 4, 100), np.int16))
    for damage in (None, b"no zip at all"):
        if damage:
            file.write_bytes(damage)
        source = make_source(recording("muse-audience", file, 2), cache)
        with pytest.raises(SourceError, match=r"muse.npz is not that recording .*fetch it again"):
            source.open()


def test_a_converted_file_is_kept_and_made_from_the_content(data_root, tmp_path, really):
    spec = recording("openbci-cyton", data_root, 1, boards=True, start_s=3.0, stop_s=3.2)
    really(make_source(spec, tmp_path), lambda count: False)
    (kept,) = tmp_path.iterdir()
    stamp = kept.stat().st_mtime_ns
    really(make_source(spec, tmp_path), lambda count: False)
    assert [file.stat().st_mtime_ns for file in tmp_path.iterdir()] == [stamp]
