"""Every description that cannot work is refused before anything is opened, with the remedy."""

import re

import pytest

from acquisition import BrainFlowSpec, RecordingSpec, SimulatedSpec, SourceError, describe


def board(name="CYTON_BOARD", seats=("A1",), **more):
    return BrainFlowSpec(name, seats, **more)


MUSE = ("TP9", "AF7", "AF8", "TP10")

NO_SOURCE = [
    (board("CYTONBOARD"), "did you mean CYTON_BOARD"),
    (board("cyton_board"), "did you mean CYTON_BOARD"),
    (board("TOASTER"), "hall doctor"),
    (board("PLAYBACK_FILE_BOARD"), "recording ="),
    (board("GFORCE_PRO_BOARD"), "gives no EEG"),
    (board("GANGLION_BOARD"), "give its 4 channels"),
    (board(seats=()), "no seat"),
    (board(seats=("A1", "A2")), "one source per headset"),
    (board("SYNTHETIC_BOARD", ("A1", "A1")), "seat A1 is named twice"),
    (board(params=(("serialport", "x"),)), "did you mean serial_port?"),
    (board(params=(("ip_port", "6677"),)), "ip_port = '6677' must be a whole number"),
    (board("MUSE_2_BOARD", channels=("TP9", "AF7")), "4 channels, but 2 names"),
    (board("MUSE_2_BOARD", channels=("TP9", "AF7", "AF8", "Leg")), "Leg: no electrodes"),
    (board("MUSE_2_BOARD", channels=("T5", "P7", "AF8", "TP10")), "channel P7 is named twice"),
    (board("MUSE_2_BOARD", channels=(*MUSE[:3], "PPG")), "4 channels beside PPG, but 3 names"),
    (board("MUSE_2_BOARD", channels=("PPG", *MUSE)), "PPG must be the last of its channels"),
    (board("MUSE_2_BOARD", channels=(*MUSE, "PPG", "ppg")), "channel PPG is named twice"),
    (board("MUSE_2016_BOARD", channels=(*MUSE, "PPG")), "MUSE_2016_BOARD has no pulse sensor"),
    (board("MUSE_S_ATHENA_BOARD", channels=(*MUSE, "PPG")), "has no pulse sensor"),
    (board(channels=(*"abcdefg", "PPG")), "take PPG out of its channels"),
    (SimulatedSpec(("A1",), channels=()), "0 channels"),
    (SimulatedSpec(("A1",), channels=("PPG",)), "0 channels"),
    (SimulatedSpec(("A1",), channels=("PPG", "Pz")), "PPG must be the last of its channels"),
    (SimulatedSpec(("A1",), responses=(("storm", 3.0),)), "'storm': engagement 3.0"),
    (SimulatedSpec(("A1",), loss=2.0), "loss is a share"),
    (SimulatedSpec(("A1",), synchrony=-1.0), "synchrony cannot be negative"),
    (SimulatedSpec(("A1",), seed=-1), "seed -1 must not be negative"),
    (SimulatedSpec(("A1",), rate=5.0), "64 to 2000"),
    (RecordingSpec("muse", ".", ("A1",)), "choose one of muse-audience, arithmetic36"),
    (RecordingSpec("muse-audience", "/nowhere", ("A1",)), "set HALL_DATA"),
]


@pytest.mark.parametrize(("spec", "text"), NO_SOURCE)
def test_it_is_refused_with_its_reason(spec, text):
    with pytest.raises(SourceError, match=re.escape(text)):
        describe(spec)


NO_RECORD = [
    ({"seats": tuple(f"S{n}" for n in range(45))}, "at most 44 seats"),
    ({"seats": ("A1", "A2"), "records": (0,)}, "one per seat"),
    ({"seats": ("A1", "A2"), "records": (3, 3)}, "record 3 is named twice"),
    ({"seats": ("A1",), "records": (44,)}, "records 0 to 43, not 44"),
    ({"seats": ("A1",), "start_s": 50.0, "stop_s": 40.0}, "from 50 to 40 s"),
    ({"seats": ("A1",), "stop_s": 200.0}, "lasts 107.7 s"),
    ({"seats": ("A1",), "channels": ("TP9",)}, "4 channels, but 1 names"),
    ({"seats": ("A1",), "channels": (*MUSE[:3], "PPG")}, "muse-audience has no pulse sensor"),
    ({"seats": ("A1",), "channels": (*MUSE, "PPG")}, "muse-audience has no pulse sensor"),
]


@pytest.mark.parametrize(("given", "text"), NO_RECORD)
def test_records_that_are_not_there_are_refused(given, text, data_root):
    with pytest.raises(SourceError, match=re.escape(text)):
        describe(RecordingSpec("muse-audience", str(data_root), **given))


def test_names_of_old_become_those_of_today():
    spec = board("BRAINBIT_BOARD")
    assert describe(spec)[0].channels == ("T7", "T8", "O1", "O2")
    spec = board("MUSE_2_BOARD", channels=("tp9", "FP1", "fp2", "T6"))
    assert describe(spec)[0].channels == ("TP9", "Fp1", "Fp2", "P8")
