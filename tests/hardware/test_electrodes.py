import pytest

from hardware import (
    ELECTRODES,
    MONTAGES,
    PULSE,
    REGIONS,
    canonical,
    electrodes_of,
    unknown_channels,
)


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ("FP1", "Fp1"),
        ("fpz", "Fpz"),
        ("T3", "T7"),
        ("t4", "T8"),
        ("T5", "P7"),
        ("T6", "P8"),
        (" pz ", "Pz"),
        ("tp10", "TP10"),
        ("ppg", "PPG"),
        ("banana", "banana"),
    ],
)
def test_names_of_any_time_and_case_become_those_of_today(given, name):
    assert canonical(given) == name


def test_canonical_names_stay_as_they_are():
    assert {canonical(name) for name in ELECTRODES} == ELECTRODES
    assert not unknown_channels(ELECTRODES)


def test_no_channel_lies_in_two_regions_and_all_are_known():
    everything = [name for region in REGIONS.values() for name in region]
    assert len(everything) == len(set(everything))
    assert set(everything) <= ELECTRODES | {PULSE}


def test_a_pulse_sensor_is_a_channel_and_no_electrode():
    assert PULSE not in ELECTRODES
    assert not unknown_channels(["Fp1", "PPG"])
    assert electrodes_of(["Fp1", "t5", "ppg"]) == ("Fp1", "t5")
    assert not any(PULSE in montage for montage in MONTAGES.values())


def test_unknown_names_are_listed_as_given():
    assert unknown_channels(["Fp1", "X1", "T5", "Leg"]) == ("X1", "Leg")


@pytest.mark.parametrize("board", MONTAGES)
def test_montages_name_distinct_known_electrodes(board):
    names = MONTAGES[board]
    assert len(set(names)) == len(names)
    assert not unknown_channels(names)


def test_a_muse_covers_no_engagement_site_and_a_cyton_does():
    engagement = REGIONS["parietal"] | REGIONS["temporal"]
    assert not engagement & set(MONTAGES["MUSE_2_BOARD"])
    assert engagement & set(MONTAGES["CYTON_BOARD"]) == {"P7", "P8"}
