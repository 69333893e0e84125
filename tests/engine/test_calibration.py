"""Calibration: what was planted in an audience is found, and nothing else is claimed."""

import os
import subprocess
import sys
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import NamedTuple

import msgspec
import numpy as np
import pytest

import dsp
from engine.calibrating import make_film, recordings_in, write_show
from engine.calibration import (
    CLIP,
    EYES_CLOSED,
    EYES_OPEN,
    FILM_TEXT,
    FLASHES,
    FPS,
    LENGTH_S,
    SCENES,
    TONE_S,
    Calibration,
    CalibrationError,
    SeatCalibration,
    alpha_check,
    analyse,
    fit,
    flash_frames,
    lags_of,
    read,
    write,
)
from engine.config import Show, ShowError, load_show
from engine.grid import Grid
from engine.rehearsal import rehearse
from engine.replay import replay
from engine.session import decode, read_configuration
from engine.session import read as read_session
from playback import Card, Command, Sketch, make_cards, make_sketches

TODAY, STATE = "2026-11-25", "/audience/state"

AUDIENCE = """
[[sources]]
kind = "simulated"
seats = "A1..A14"
seed = 7
consent = "research"
strengths = { noisy = 0.0 }

[[sources]] # a slow headset
kind = "simulated"
seats = "B1..B5"
seed = 7
consent = "recorded"
strengths = { noisy = 0.0, late_ms = 60.0 }

[[sources]] # alpha stays as it is
kind = "simulated"
seats = "C1..C4"
seed = 7
consent = "research"
strengths = { noisy = 0.0, alpha_rise = 0.0 }

[[sources]] # nothing but the rail
kind = "simulated"
seats = ["D1"]
seed = 7
consent = "research"
strengths = { railed = 1.0 }

[[sources]] # no record
kind = "simulated"
seats = "E1..E5"
seed = 7
consent = "joined"
strengths = { noisy = 0.0 }
"""
SHOW = 'title = "Late"\nfilm = "nowhere.yaml"\ndriver = "silent"\n' + AUDIENCE


class Calibrated(NamedTuple):
    """A calibration, its session, and the show it is of."""

    found: Calibration
    session: Path
    folder: Path

    def seats(self, row: str) -> list[SeatCalibration]:
        return [seat for seat in self.found.seats if seat.seat.startswith(row)]


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Lay the calibration film out, small."""
    folder = tmp_path_factory.mktemp("film")
    cards = [
        Card(str(folder / f"{name}.mkv"), name, "", LENGTH_S[name])
        for name in SCENES
        if name != CLIP
    ]
    clip = Sketch(str(folder / f"{CLIP}.mkv"), 1, CLIP, "", LENGTH_S[CLIP], "harbour")
    small = {"fps": Fraction(FPS), "size": (64, 48), "progress": lambda done, total: None}
    make_cards(cards, **small)
    make_sketches([clip], **small)
    make_film(folder, lambda done, total: None)
    return folder


@pytest.fixture(scope="module")
def calibrated(film: Path, tmp_path_factory: pytest.TempPathFactory) -> Calibrated:
    """Calibrate the audience on a virtual clock."""
    folder = tmp_path_factory.mktemp("show")
    (folder / "late.toml").write_text(SHOW)
    show = load_show(write_show(folder / "late.toml", film), boards=False)
    session = folder / "calibration.mcap"
    assert rehearse(show, session, folder).path == SCENES
    found = analyse(session, TODAY)
    write(found, folder / "late.calibration.json")
    return Calibrated(found, session, folder)


# --- what was planted


def test_lags_are_found_where_they_were_planted(calibrated: Calibrated) -> None:
    known = 0
    for row, planted in (("A", 0.0), ("B", 60.0), ("C", 0.0)):
        for seat in calibrated.seats(row):
            if seat.lag.ms is None:
                assert seat.lag.reason
                continue
            known += 1
            assert abs(seat.lag.ms - planted) < 5 + 2 * seat.lag.standard_error_ms
            assert seat.lag.after_flash_ms == pytest.approx(116 + planted, abs=20)
    assert known >= 17


def test_alpha_that_does_not_rise_is_told(calibrated: Calibrated) -> None:
    assert {seat.alpha.verdict for seat in calibrated.seats("A")} == {"rises"}
    assert {seat.alpha.verdict for seat in calibrated.seats("C")} == {"does not rise"}


def test_a_dead_headset_is_unknown_in_everything(calibrated: Calibrated) -> None:
    (dead,) = calibrated.seats("D")
    assert dead.good == 0
    assert "RAILED" in dead.faults
    assert dead.alpha.verdict == "unknown"
    assert dead.lag.ms is None
    assert not dead.baselines


def test_baselines_are_those_of_the_seconds_with_eyes_open(calibrated: Calibrated) -> None:
    messages = read_session(calibrated.session)
    states = [decode(topic, data).state for topic, _, data in messages if topic == STATE]
    seconds = [state for state in states if (state.tick + 1) % 10 == 0]
    groups = Grid(read_configuration(calibrated.session).sources, 0).groups
    names = [seat for group in groups for seat in group.seats]
    own = [state for state in seconds if 6.0 <= (state.tick + 1) / 10 <= LENGTH_S[EYES_OPEN]]
    for seat in calibrated.seats("A"):
        for i, name in enumerate(dsp.SIGNALS[:-1]):
            values = [state.seats.values[i][names.index(seat.seat)] for state in own]
            values = [value for value in values if value is not None]
            if name in seat.baselines:
                assert seat.baselines[name].centre == pytest.approx(np.median(values))
                assert seat.baselines[name].seconds == len(values)
                assert seat.baselines[name].spread >= 0.05
        # Half a minute holds one window of blinks.
        assert "blink_rate" not in seat.baselines
        assert {"engagement", "relaxation"} <= set(seat.baselines)


def test_who_allows_no_record_is_not_in_the_file(calibrated: Calibrated) -> None:
    assert calibrated.seats("E") == []
    assert calibrated.found.montages[0].seats[-1] == "E5"


def test_a_recording_has_no_lag_by_definition(calibrated: Calibrated, tmp_path: Path) -> None:
    show = tmp_path / "played.toml"
    show.write_text(
        'film = "f.yaml"\n[[sources]]\nkind = "recording"\nrecording = "muse-audience"\n'
        'seats = "A1..A2"\n[[sources]]\nkind = "simulated"\nseats = "B1..B2"\n'
    )
    assert recordings_in(show) == {"A1", "A2"}
    found = analyse(calibrated.session, TODAY, recordings_in(show))
    lags = {seat.seat: seat.lag for seat in found.seats}
    assert lags["A1"].ms == 0
    assert "recording" in lags["A1"].reason
    assert lags["A3"] == next(s.lag for s in calibrated.found.seats if s.seat == "A3")


# --- lags and closed eyes, by themselves


@pytest.fixture
def answers() -> Callable[..., np.ndarray]:
    """Components of viewers who answer to the flashes, each at its lag (ms), in noise."""

    def make(lags_ms: list[float], size: float, rate: float = 250.0) -> np.ndarray:
        rng = np.random.default_rng(4)
        time = np.arange(round(30 * rate)) / rate
        flashes = np.array(flash_frames()) / FPS
        y = np.empty((len(time), len(lags_ms)))
        for k, lag in enumerate(lags_ms):
            since = time[:, None] - flashes - lag / 1000
            wave = np.exp(-(((since - 0.1) / 0.02) ** 2)) - np.exp(-(((since - 0.16) / 0.03) ** 2))
            noise = np.convolve(rng.normal(size=len(time)), np.ones(6) / 6**0.5, "same")
            y[:, k] = noise + size * wave.sum(axis=1)
        return y

    return make


@pytest.mark.parametrize("rate", [200.0, 256.0])
def test_a_lag_lies_between_samples(answers: Callable[..., np.ndarray], rate: float) -> None:
    planted = [0.0, 1.0, -2.5, 0.5, 77.3, -41.0, 0.0, 2.0]
    found = lags_of(answers(planted, 3.0, rate), rate, np.array(flash_frames()) / FPS * rate)
    middle = np.median(planted)
    for answer, ms in zip(found, planted, strict=True):
        assert answer.lag_s is not None
        assert answer.error_s < 0.003
        assert abs(answer.lag_s * 1000 - ms + middle) < 3 * answer.error_s * 1000 + 0.5


def test_noise_has_no_lag(answers: Callable[..., np.ndarray]) -> None:
    found = lags_of(answers([0.0] * 100, 0.0), 250.0, np.array(flash_frames()) / FPS * 250)
    silent = [answer for answer in found if answer.lag_s is None]
    assert len(silent) >= 98
    assert all("chance" in answer.reason for answer in silent)


def test_too_few_seats_or_flashes_have_no_lag(answers: Callable[..., np.ndarray]) -> None:
    flashes = np.array(flash_frames()) / FPS * 250
    three = lags_of(answers([0.0] * 3, 3.0), 250.0, flashes)
    assert all(answer.lag_s is None and "too few" in answer.reason for answer in three)
    y = answers([0.0] * 6, 3.0)
    y[:5000, 2] = np.nan
    gappy = lags_of(y, 250.0, flashes)
    assert [answer.lag_s is None for answer in gappy] == [k == 2 for k in range(6)]


@pytest.mark.parametrize(
    ("rise", "spread", "seconds", "verdict"),
    [
        (1.0, 0.2, 20, "rises"),
        (0.0, 0.1, 20, "does not rise"),
        (-1.0, 0.1, 20, "does not rise"),
        (0.2, 1.0, 20, "unknown"),
        (1.0, 0.2, 8, "unknown"),
    ],
)
def test_closed_eyes(rise: float, spread: float, seconds: int, verdict: str) -> None:
    values = spread * np.resize([1.0, -1.0], seconds)
    assert alpha_check(values, values + rise, 4.0).verdict == verdict


# --- weights

SITES = ("Fp1", "P3", "Pz", "P4", "T7")


def watch(shared: list[float], seats: int = 12, seconds: float = 32.0) -> tuple:
    """A group, and its clip: noise, and something shared at every site by its strength."""
    rng = np.random.default_rng(8)
    n = round(seconds * 250)
    y = rng.normal(size=(n, seats, len(SITES)))
    y += rng.normal(size=(n, 1, 1)) * np.array(shared)
    group = dsp.Group(tuple(f"s{k}" for k in range(seats)), SITES, 250.0)
    return group, y.astype(np.float32)


def test_weights_are_found_where_they_were_planted() -> None:
    found = fit(*watch([0.0, 0.0, 0.3, 0.0, 0.0]))
    assert found.fitted
    assert found.weights[2] > 0.8
    assert sum(map(abs, found.weights)) == pytest.approx(1)
    assert found.held_out > 1.5 * found.held_out_own
    assert found.isc == pytest.approx(0.3**2 / (1 + 0.3**2), rel=0.2)
    assert np.argmax(found.forward) == 2


def test_eye_movements_win_no_weight() -> None:
    found = fit(*watch([0.9, 0.0, 0.3, 0.0, 0.0]))
    assert found.weights[0] == 0
    assert found.weights[2] > 0.8


@pytest.mark.parametrize(
    ("seen", "why"),
    [
        (watch([0.0] * 5), "chance"),
        (watch([0.0, 0.3, 0.3, 0.3, 0.3]), "as well"),
        (watch([0.0, 0.0, 0.3, 0.0, 0.0], seats=3), "4 seats"),
        (watch([0.0, 0.0, 0.3, 0.0, 0.0], seconds=29.0), "30 s"),
    ],
)
def test_without_proof_the_montages_own_weights_stay(seen: tuple, why: str) -> None:
    found = fit(*seen)
    assert not found.fitted
    assert why in found.why
    assert found.weights == (0.0, 0.25, 0.25, 0.25, 0.25)


def test_a_muse_audience_keeps_its_mastoids(data_root: Path) -> None:
    with np.load(data_root / "muse-audience" / "muse_audience_p300.npz") as file:
        x = (file["eeg_uv_x10"] * np.float32(0.1)).astype(np.float32).transpose(2, 0, 1)
    muse = dsp.Group(tuple(f"A{i}" for i in range(44)), ("TP9", "AF7", "AF8", "TP10"), 256.0)
    found = fit(muse, dsp.cleaned(x, 256.0, dsp.Settings()))
    assert found.weights == (0.5, 0.0, 0.0, 0.5)
    assert found.held_out == pytest.approx(0.0190, abs=0.0003)
    assert found.held_out_own == pytest.approx(0.0191, abs=0.0003)


# --- the film


def test_the_flashes_keep_below_the_limits() -> None:
    frames = np.array(flash_frames())
    assert np.diff(frames).min() >= FPS / 2
    assert 1.3 < FPS / np.diff(frames).mean() < 1.7
    assert len(set(np.diff(frames))) > 5
    assert frames[-1] < (LENGTH_S[FLASHES] - 1) * FPS


def test_two_minutes() -> None:
    assert sum(LENGTH_S.values()) == 120
    assert LENGTH_S[EYES_CLOSED] > TONE_S


# --- what is no calibration


def test_a_session_of_another_film_is_refused(make_show, audience, tmp_path: Path) -> None:
    rehearse(make_show(audience(seats=2)), tmp_path / "s.mcap", tmp_path)
    with pytest.raises(CalibrationError, match="calibration film"):
        analyse(tmp_path / "s.mcap", TODAY)


@pytest.mark.parametrize(
    ("commands", "why"),
    [
        ([(40.0, Command("panic")), (50.0, Command("resume"))], "stopped in eyes_closed"),
        ([(70.0, Command("stop"))], "clip was not shown"),
    ],
)
def test_a_film_that_did_not_run_through_is_refused(
    make_show, audience, tmp_path: Path, commands: list, why: str
) -> None:
    show = make_show(audience(seats=2), film=FILM_TEXT)
    rehearse(show, tmp_path / "s.mcap", tmp_path, commands=commands)
    with pytest.raises(CalibrationError, match=why):
        analyse(tmp_path / "s.mcap", TODAY)


def test_the_file_comes_back_as_it_was(calibrated: Calibrated, tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    write(calibrated.found, path)
    assert read(path) == calibrated.found
    assert '"verdict": "rises"' in path.read_text()
    write(msgspec.structs.replace(calibrated.found, format=99), path)
    with pytest.raises(CalibrationError, match="format 99"):
        read(path)
    path.write_text("{}")
    with pytest.raises(CalibrationError, match="no calibration"):
        read(path)


# --- the command


@pytest.fixture
def hall(tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run `hall calibrate` in a folder of its own."""

    def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-W", "ignore", "-m", "engine.cli", "calibrate", *map(str, arguments)],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            env={
                **os.environ,
                "PYTHONPATH": str(Path(__file__).parents[2]),
                "XDG_CACHE_HOME": str(tmp_path / "cache"),
                "COLUMNS": "200",
            },
            timeout=280,
        )

    return run


def test_the_command_analyses_a_session(hall, calibrated: Calibrated, tmp_path: Path) -> None:
    out = tmp_path / "again.json"
    told = hall(calibrated.folder / "late.toml", "--session", calibrated.session, "--out", out)
    assert told.returncode == 0, told.stderr
    assert "does not rise" in told.stdout
    assert "the montage's own" in told.stdout
    assert read(out) == msgspec.structs.replace(calibrated.found, made=read(out).made)


def test_the_command_refuses_what_is_no_session(hall, calibrated: Calibrated) -> None:
    show = calibrated.folder / "late.toml"
    for session, why in ((show, "not a session"), (calibrated.folder / "gone.mcap", "cannot be")):
        told = hall(show, "--session", session)
        assert told.returncode == 1
        assert why in told.stderr
        assert "fault of Neural Hall" not in told.stderr
    told = hall(calibrated.folder / "gone.toml")
    assert told.returncode == 1
    assert "gone.toml" in told.stderr


@pytest.mark.full
def test_the_command_makes_its_film_and_shows_it(hall, calibrated: Calibrated) -> None:
    show = calibrated.folder / "late.toml"
    told = hall(show, "--virtual", "--out", "new.json")
    assert told.returncode == 0, told.stderr
    assert "eyes_open → eyes_closed → flashes → clip" in told.stdout


# --- a show that names one

FILM = """
title: {en: Short}
fps: 24
start: question
baseline: calibration
max_runtime: 10 min
scenes:
  question:
    clip: only.mkv
    length: 24 s
    reading: {from: 3 s, to: 22 s}
    branches:
      - {when: engagement > 0.4 and engagement.t > 3 for 5 s, to: gripped}
    default: calm
  gripped: {clip: only.mkv, length: 24 s, ending: true}
  calm: {clip: only.mkv, length: 24 s, ending: true}
"""


def write_clip(path: Path, seconds: float) -> None:
    card = Card(str(path), "Only", "", seconds)
    make_cards([card], fps=Fraction(24), size=(64, 48), progress=lambda done, total: None)


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("only") / "only.mkv"
    write_clip(path, 24.0)
    return path.read_bytes()


@pytest.fixture
def name_it(calibrated: Calibrated, clip: bytes, tmp_path: Path) -> Callable[..., Show]:
    """Load a show that names the calibration, changed by a hand."""

    def load(
        audience: str = AUDIENCE.replace("seed = 7", "seed = 7\nresponses = { question = 1.0 }"),
        film: str = FILM,
        change: Callable[[Calibration], Calibration] = lambda found: found,
        key: str = 'calibration = "late.calibration.json"\n',
    ) -> Show:
        (tmp_path / "only.mkv").write_bytes(clip)
        (tmp_path / "film.yaml").write_text(film)
        write(change(calibrated.found), tmp_path / "late.calibration.json")
        (tmp_path / "show.toml").write_text(f'film = "film.yaml"\n{key}{audience}')
        return load_show(tmp_path / "show.toml", boards=False)

    return load


def at_pz(found: Calibration) -> Calibration:
    """Let the montage's fitted weights be Pz alone."""
    (montage,) = found.montages
    weights = tuple(float(name == "Pz") for name in montage.channels)
    return msgspec.structs.replace(
        found, montages=(msgspec.structs.replace(montage, weights=weights, fitted=True),)
    )


def test_its_weights_and_baselines_serve_and_replay(name_it: Callable[..., Show], tmp_path) -> None:
    show = name_it(change=at_pz)
    session = tmp_path / "s.mcap"
    assert rehearse(show, session, tmp_path).path == ("question", "gripped")
    told = read_configuration(session).calibrated
    assert told.weights == ((0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0),) * 5
    assert "A1" in told.baselines
    assert "E1" not in told.baselines
    assert replay(session).identical
    rehearse(name_it(), tmp_path / "own.mcap", tmp_path)
    fitted, own = (
        [decode(t, d).state.signals[-1].raw for t, _, d in read_session(path) if t == STATE]
        for path in (session, tmp_path / "own.mcap")
    )
    assert fitted[200] != own[200]


def test_a_film_with_a_lead_in_takes_no_baselines(
    name_it: Callable[..., Show], tmp_path: Path
) -> None:
    lead_in = "  lead_in: {clip: lead_in.mkv, length: 60 s, lead_in: true, default: question}\n"
    film = FILM.replace("baseline: calibration\n", "").replace("start: question", "start: lead_in")
    write_clip(tmp_path / "lead_in.mkv", 60.0)
    assert name_it(film=film.replace("scenes:\n", f"scenes:\n{lead_in}")).calibrated.baselines == {}


def test_a_show_with_norms_keeps_the_montages_own_weights(name_it: Callable[..., Show]) -> None:
    key = 'calibration = "late.calibration.json"\nnorms = "test"\n'
    told = name_it(change=at_pz, key=key).calibrated
    assert told.weights == ((),) * 5
    assert told.baselines


def test_a_film_that_needs_a_calibration_says_so(name_it: Callable[..., Show]) -> None:
    with pytest.raises(ShowError, match=r"film.yaml:5.*calibration"):
        name_it(key="")


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (('"A1..A14"', '"A1..A15"'), r"show.toml:2: .*knows nothing of seat A15"),
        (('seats = "C1..C4"', 'seats = "C1..C4"\nrate = 500.0'), "another montage or rate"),
        (
            ('seats = "C1..C4"', 'seats = "C1..C4"\nchannels = ["P3", "Pz"]'),
            r"C1, C2, C3, C4 had another montage",
        ),
    ],
)
def test_an_audience_that_was_not_calibrated_is_refused(
    name_it: Callable[..., Show], change: tuple[str, str], why: str
) -> None:
    with pytest.raises(ShowError, match=why):
        name_it(audience=AUDIENCE.replace(*change))


def test_a_missing_file_is_refused(name_it: Callable[..., Show]) -> None:
    with pytest.raises(ShowError, match=r"show.toml:2: .*gone.json"):
        name_it(key='calibration = "gone.json"\n')
