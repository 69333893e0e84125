"""The heart rate through a whole show: read, recorded, replayed, withdrawn, and missed in time."""

import re
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

import dsp
from acquisition import Headset
from engine.calibration import fit
from engine.config import ShowError, load_show
from engine.norms import Montage, montages_of
from engine.records import Calibrated, Consent, SeatRequest, StateRecord
from engine.rehearsal import rehearse
from engine.replay import replay
from engine.session import decode, read
from engine.signals import draw, read_signals
from playback import Sketch, make_sketches

HEART = dsp.SIGNALS.index("heart_rate")
PULSED = ("TP9", "AF7", "AF8", "TP10", "PPG")

FILM = """
title: {en: Hearts}
fps: 24
start: lead_in
max_runtime: 10 min
scenes:
  lead_in: {clip: lead_in.mkv, length: 60 s, lead_in: true, default: question}
  question:
    clip: question.mkv
    length: 40 s
    reading: {from: 10 s, to: 38 s}
    branches:
      - {when: heart_rate > 0.4 and heart_rate.t > 3 for 5 s, to: quick}
    default: calm
  quick: {clip: quick.mkv, length: 4 s, ending: true}
  calm: {clip: calm.mkv, length: 4 s, ending: true}
"""


@pytest.fixture
def viewers(audience):
    """Simulated viewers with a Muse's channels; their hearts follow the question."""

    def make(seats: int = 12, response: float = 1.0, **more):
        return replace(audience(seats=seats, response=response), channels=PULSED, **more)

    return make


def states(session: Path) -> list[StateRecord]:
    return [decode(topic, data) for topic, _, data in read(session) if topic == "/audience/state"]


def test_quick_hearts_take_their_branch_and_the_session_replays(make_show, viewers, tmp_path):
    session = tmp_path / "s.mcap"
    result = rehearse(make_show(viewers(), film=FILM), session, tmp_path)
    assert result.path == ("lead_in", "question", "quick")
    assert "> 0.4 and heart_rate.t" in result.decisions[0].decision.explanation
    again = replay(session)
    assert again.identical
    assert again.decisions == 1


@pytest.mark.parametrize("response", [0.0, -1.0])
def test_hearts_that_do_not_quicken_take_the_default(make_show, viewers, tmp_path, response):
    show = make_show(viewers(response=response), film=FILM)
    assert rehearse(show, tmp_path / "s.mcap", tmp_path).path == ("lead_in", "question", "calm")


def test_a_hall_without_sensors_takes_the_default(make_show, audience, tmp_path):
    """Of a show that was not loaded from a file, and so not refused."""
    session = tmp_path / "s.mcap"
    result = rehearse(make_show(audience(), film=FILM), session, tmp_path)
    assert result.path == ("lead_in", "question", "calm")
    assert states(session)[-1].state.signals[HEART].reason == "no seat has a pulse sensor"


def test_a_sensor_changes_no_other_signal(make_show, viewers, tmp_path):
    one, other = tmp_path / "1.mcap", tmp_path / "2.mcap"
    rehearse(make_show(viewers(), film=FILM), one, tmp_path)
    plain = replace(viewers(), channels=PULSED[:-1])
    rehearse(make_show(plain, film=FILM), other, tmp_path)
    # Until the first decision both halls see the same film.
    for pulsed, bare in zip(states(one)[:900], states(other)[:900], strict=True):
        assert pulsed.state.signals[:HEART] == bare.state.signals[:HEART]
        assert pulsed.state.signals[HEART + 1 :] == bare.state.signals[HEART + 1 :]


def test_who_withdraws_takes_the_pulse_along(make_show, viewers, tmp_path):
    session = tmp_path / "s.mcap"
    requests = [(80.05, SeatRequest("A3", Consent.WITHDRAWN))]
    rehearse(make_show(viewers(), film=FILM), session, tmp_path, requests=requests)
    told = {s.state.tick: s.state.seats.values[HEART][2] for s in states(session) if s.state.seats}
    assert np.isfinite([told[tick] for tick in (189, 489, 789)]).all()
    assert all(value is None for tick, value in told.items() if tick > 800)
    assert replay(session).identical


def test_hearts_have_a_panel_where_there_are_sensors(make_show, viewers, tmp_path):
    session = tmp_path / "s.mcap"
    rehearse(make_show(viewers(), film=FILM), session, tmp_path)
    signals = read_signals(session)
    assert "heart_rate" in signals.offered
    assert "heart_rate" in [axis.get_label() for axis in draw(signals).axes]
    assert signals.value[HEART, 95] > 0.4


# --- what synchrony is made of


def test_norms_are_of_the_electrodes_alone():
    bare, pulsed = (
        (Headset("A1", channels, 256.0, live=True),) for channels in (PULSED[:-1], PULSED)
    )
    assert montages_of([pulsed], None) == montages_of([bare], None) == (Montage(PULSED[:-1]),)
    weights = (0.5, 0.0, 0.0, 0.5)
    one, other = (Calibrated("c", "", (own,), {}) for own in (weights, (*weights, 0.0)))
    assert montages_of([bare], one) == montages_of([pulsed], other)


def test_a_calibration_gives_the_sensor_no_weight():
    """Not even where all sensors show the same, and every electrode noise."""
    rng = np.random.default_rng(5)
    group = dsp.Group(tuple(f"A{n}" for n in range(8)), PULSED, 50.0)
    clip = rng.standard_normal((50 * 60, 8, 5)).astype(np.float32)
    clip[:, :, 4] = rng.standard_normal((50 * 60, 1))
    clip[:, :, 0] += 0.7 * rng.standard_normal((50 * 60, 1)).astype(np.float32)
    montage = fit(group, clip)
    assert montage.fitted
    assert montage.weights[4] == 0
    assert abs(montage.weights[0]) > 0.5
    assert dsp.Group(group.seats, PULSED, 50.0, montage.weights).weights == montage.weights


# --- the show file

SHOW = """\
film = "film.yaml"
driver = "silent"

[[sources]]
kind = "simulated"
seats = "A1..A9"
channels = ["Fp1", "Fp2", "Pz", "PPG"]
"""


@pytest.fixture(scope="module")
def film(tmp_path_factory) -> Path:
    """Lay the film out, every scene with one clip of a minute."""
    folder = tmp_path_factory.mktemp("film")
    text = re.sub(r"clip: \w+", "clip: minute", re.sub(r"length: \d+ s", "length: 60 s", FILM))
    (folder / "film.yaml").write_text(text)
    minute = Sketch(str(folder / "minute.mkv"), 1, "Minute", "", 60.0, "calm")
    make_sketches([minute], fps=Fraction(24), size=(64, 48), progress=lambda done, total: None)
    return folder


@pytest.fixture
def show_file(film):
    """Write a show file beside the film."""

    def write(text: str) -> Path:
        path = film / "show.toml"
        path.write_text(text)
        return path

    return write


def problems(path: Path) -> list[str]:
    with pytest.raises(ShowError) as caught:
        load_show(path)
    return [str(problem) for problem in caught.value.problems]


def test_a_film_of_hearts_is_refused_in_a_show_without_sensors(show_file):
    asked = show_file(SHOW)
    assert load_show(asked).sources[0].headsets[0].channels[-1] == "PPG"
    (refused,) = problems(show_file(SHOW.replace(', "PPG"', "")))
    assert "the film reads heart_rate, which no headset of the show gives" in refused
    assert 'Name "PPG" last in the channels' in refused


def test_a_sensor_that_is_not_there_is_refused_by_its_source(show_file):
    board = '[[sources]]\nkind = "brainflow"\nboard = "MUSE_2016_BOARD"\nseats = ["M1"]\n'
    board += 'channels = ["TP9", "AF7", "AF8", "TP10", "PPG"]\n'
    told = problems(show_file(SHOW + board))
    assert any("show.toml:8: MUSE_2016_BOARD has no pulse sensor" in text for text in told)
    assert not any("heart_rate" in text for text in told)
