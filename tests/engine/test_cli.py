"""The command line as its users meet it: clear refusals, no tracebacks, telling statuses."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from engine.rehearsal import rehearse

CHECKOUT = Path(__file__).parents[2]

FILM = """\
title: {en: Short}
fps: 24
start: first
max_runtime: 1 min
scenes:
  first: {clip: only.mkv, length: 1 s, default: only}
  only: {clip: only.mkv, length: 1 s, ending: true}
"""


@pytest.fixture
def hall(tmp_path):
    """Run `hall` in an empty folder, with a place of its own."""

    def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-W", "ignore", "-m", "engine.cli", *arguments],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            env={
                **os.environ,
                "PYTHONPATH": str(CHECKOUT),
                "HALL_RUN": str(tmp_path / "run"),
                "XDG_CACHE_HOME": str(tmp_path / "cache"),
                "COLUMNS": "200",
                **environment,
            },
            timeout=120,
        )

    return run


@pytest.fixture
def film(tmp_path, only_clip):
    """Write a film beside its clip."""
    (tmp_path / "only.mkv").write_bytes(only_clip.read_bytes())

    def write(text: str = FILM) -> str:
        (tmp_path / "film.yaml").write_text(text)
        return "film.yaml"

    return write


BAD_FILMS = {
    "missing clip": (
        FILM.replace("first: {clip: only", "first: {clip: gone"),
        "film.yaml:6:",
        "gone.mkv",
    ),
    "branch to nowhere": (FILM.replace("default: only", "default: onyl"), "film.yaml:6:", '"only"'),
    "no default": (FILM.replace(", default: only", ""), "film.yaml:6:", "default"),
    "a loop of defaults": (
        FILM.replace("default: only", "default: first"),
        "film.yaml:6:",
        "ending",
    ),
    "broken YAML": (FILM.replace("{en: Short}", "{en: Short"), "film.yaml:", "YAML"),
}


@pytest.mark.parametrize("name", BAD_FILMS)
@pytest.mark.parametrize("command", ["film check", "show"])
def test_a_bad_film_is_refused_with_file_line_and_remedy(hall, film, tmp_path, name, command):
    text, place, words = BAD_FILMS[name]
    film(text)
    (tmp_path / "show.toml").write_text('film = "film.yaml"\n')
    target = "film.yaml" if command == "film check" else "show.toml"
    result = hall(*command.split(), target)
    assert result.returncode == 1
    assert place in result.stderr
    assert words in result.stderr
    assert "Traceback" not in result.stderr + result.stdout
    assert not (tmp_path / "sessions").exists()


def test_a_good_film_is_fit_to_be_shown(hall, film):
    result = hall("film", "check", film())
    assert result.returncode == 0
    assert "fit to be shown" in result.stdout


def test_sketches_stand_in_for_missing_clips(hall, tmp_path):
    (tmp_path / "film.yaml").write_text(FILM)
    assert hall("film", "check", "film.yaml").returncode == 1
    assert hall("film", "sketch", "film.yaml").returncode == 0
    assert hall("film", "check", "film.yaml").returncode == 0


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("show", "none.toml"), "none.toml"),
        (("film", "check", "none.yaml"), "there is no film at none.yaml"),
        (("film", "sketch", "none.yaml"), "there is no film at none.yaml"),
        (("replay", "none.mcap"), "none.mcap: cannot be opened"),
        (("session", "recover", "none.mcap"), "none.mcap: there is no such file"),
        (("session", "recover", "nowhere/none.mcap"), "none.mcap: there is no such file"),
        (("show",), "name a show file"),
        (("show", "--resume"), "no show was interrupted in sessions"),
        (("simulate", "--plant", "a-bug"), "there is no bug a-bug to plant"),
        (("operate", "panic"), "the player did not answer"),
        (("seat", "A1", "withdrawn"), "the engine did not answer"),
    ],
)
def test_what_is_not_there_is_said(hall, arguments, words):
    result = hall(*arguments)
    assert result.returncode == 1
    assert words in result.stderr
    assert "Traceback" not in result.stderr


def test_a_virtual_show_leaves_one_session_that_replays(hall, film, tmp_path):
    film()
    (tmp_path / "show.toml").write_text('film = "film.yaml"\n')
    result = hall("show", "show.toml", "--virtual")
    assert result.returncode == 0, result.stderr
    (session,) = (tmp_path / "sessions").iterdir()
    assert hall("replay", str(session)).returncode == 0


def test_replay_ends_with_status_1_where_something_differs(hall, make_show, audience, tmp_path):
    rehearse(make_show(audience(seats=9)), tmp_path / "s.mcap", tmp_path)
    result = hall("replay", "s.mcap")
    assert result.returncode == 0, result.stderr
    assert "identical, byte for byte" in result.stdout
    assert "compared 880 audience states, 1 decisions" in result.stdout
    result = hall("replay", "s.mcap", "--set", "smoothing_s=6")
    assert result.returncode == 1
    assert "first the audience state at" in result.stdout
    result = hall("replay", "s.mcap", "--set", "smooting_s=6")
    assert result.returncode == 1
    assert "unknown setting `smooting_s`" in result.stderr


def test_recover_says_what_it_saved(hall, make_show, audience, tmp_path):
    rehearse(make_show(audience(seats=9)), tmp_path / "s.mcap", tmp_path)
    data = (tmp_path / "s.mcap").read_bytes()
    (tmp_path / "s.mcap").write_bytes(data[: len(data) // 2])
    result = hall("session", "recover", "s.mcap")
    assert result.returncode == 0, result.stderr
    assert "/audience/state" in result.stdout
    assert "is sealed" in result.stdout
    assert "sealed already" in hall("session", "recover", "s.mcap").stdout


def test_doctor_says_what_to_install(hall, tmp_path):
    result = hall("doctor", HALL_DATA=str(tmp_path / "none"))
    assert result.returncode == 0
    for what in ("cores", "player: embedded", "libVLC", "BrainFlow", "recordings", "disk"):
        assert what in result.stdout
    assert "set HALL_DATA" in result.stdout


def test_simulated_shows_are_told_and_counted(hall):
    result = hall("simulate", "--shows", "2", "--seed", "5", "--story")
    assert result.returncode == 0, result.stderr
    assert "seed 5" in result.stdout
    assert "the film is over" in result.stdout
    assert "everything held in all of them" in result.stdout


def test_a_broken_show_is_told_with_the_command_that_shows_it_again(hall):
    result = hall("simulate", "--shows", "4", "--plant", "no-consent-filter")
    assert result.returncode == 1
    assert "BROKEN" in result.stdout
    again = re.search(r"again: hall (simulate .*)", result.stdout)
    assert again is not None
    told = hall(*again[1].split())
    assert told.returncode == 1
    assert "BROKEN" in told.stdout
