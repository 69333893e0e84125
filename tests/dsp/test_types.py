"""The grid, the settings and the table of signals."""

from fractions import Fraction
from math import ceil

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dsp import SIGNALS, Group, Settings, likeness, regions_needed, signals_of, tick_slots
from dsp._signals import component

RATES = st.sampled_from([125.0, 128.0, 200.0, 250.0, 256.0, 500.0, 33.3])


@given(RATES, st.integers(0, 10**7))
def test_every_slot_lies_in_exactly_one_tick(rate: float, tick: int) -> None:
    first, stop = tick_slots(rate, tick)
    assert stop == tick_slots(rate, tick + 1)[0]
    assert first == ceil(Fraction(rate) * tick / 10)
    assert Fraction(first) >= Fraction(rate) * tick / 10 > first - 1


def test_a_muse_tick_holds_25_or_26_samples() -> None:
    lengths = [stop - first for first, stop in (tick_slots(256.0, tick) for tick in range(10))]
    assert sum(lengths) == 256
    assert set(lengths) == {25, 26}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("mains_hz", 0.0),
        ("clip", float("nan")),
        ("smoothing_s", float("inf")),
        ("high_pass_hz", 30.0),
        ("theta_hz", (8.0, 4.0)),
        ("coverage", 1.5),
        ("trim", 0.5),
        ("min_seats", 1),
        ("clip", 1e4),
        ("isc_window_s", 2.5),
        ("power_window_s", 0.0),
    ],
)
def test_a_setting_out_of_range_is_named(name: str, value: object) -> None:
    with pytest.raises(ValueError, match=name):
        Settings(**{name: value})


@pytest.mark.parametrize(
    "group",
    [
        (("a", "a"), ("Pz",), 250.0),
        (("a",), ("Pz", "Pz"), 250.0),
        (("a",), (), 250.0),
        (("a",), ("Pz",), 0.0),
        (("a",), ("Pz",), float("nan")),
    ],
)
def test_a_group_that_makes_no_sense_is_refused(group: tuple) -> None:
    with pytest.raises(ValueError, match=r"occurs twice|has no electrode|rate is"):
        Group(*group)


def test_a_muse_gives_no_engagement() -> None:
    muse = ("TP9", "AF7", "AF8", "TP10")
    assert signals_of(muse) == ("forehead_theta_alpha", "relaxation", "blink_rate", "synchrony")
    assert regions_needed("engagement") == ("parietal", "temporal")


def test_a_forehead_band_gives_no_synchrony() -> None:
    assert signals_of(("Fp1", "Fp2")) == ("forehead_theta_alpha", "blink_rate")
    assert component(("Fp1", "TP9")) is None


def test_a_pulse_sensor_gives_the_heart_rate() -> None:
    assert signals_of(("Fp1", "PPG")) == ("forehead_theta_alpha", "blink_rate", "heart_rate")
    assert regions_needed("heart_rate") == ("pulse",)
    assert likeness(("Fp1", "Fp2", "ppg"))[1] == (0.5, 0.5, 0)
    assert component(("TP9", "TP10", "PPG")) == ("mastoid", (0.5, 0.5, 0))


def test_old_names_are_understood() -> None:
    assert signals_of(("T5", "T6")) == ("engagement", "relaxation", "drowsiness", "synchrony")
    assert component(("Cz", "T5", "t6")) == ("posterior", (0, 0.5, 0.5))


def test_mastoids_come_first() -> None:
    assert component(("TP9", "Pz", "TP10")) == ("mastoid", (0.5, 0, 0.5))


def test_asking_for_an_unknown_signal_lists_those_there_are() -> None:
    with pytest.raises(ValueError, match="forehead_theta_alpha"):
        regions_needed("boredom")
    assert all(regions_needed(name) for name in SIGNALS)
