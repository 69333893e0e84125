"""Scene norms: measured from test screenings, and what a film reads by them."""

import re
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from math import sqrt
from pathlib import Path
from typing import TypeAlias

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

import dsp
from acquisition import Headset
from engine.cli import app
from engine.config import Show, ShowError, load_show
from engine.console._words import Words
from engine.norming import measure
from engine.norms import Montage, Norms, SceneNorm, engaged_share, montages_of, recipe_of
from engine.records import Calibrated, StateRecord
from engine.rehearsal import Rehearsed, rehearse
from engine.replay import replay
from engine.session import SessionError, decode, read, read_configuration
from narrative import Reading
from playback import Command, Sketch, make_sketches

FILM = """
title: {en: Shares}
fps: 24
start: lead_in
max_runtime: 10 min
scenes:
  lead_in: {clip: lead_in.mkv, length: 60 s, lead_in: true, default: question}
  question:
    clip: question.mkv
    length: 34 s
    reading: {from: 3 s, to: 32 s}
    branches:
      - {when: engaged_share > 0.6 for 3 s, to: hasty}
    default: calm
  hasty:
    clip: hasty.mkv
    length: 12 s
    reading: {from: 3 s, to: 9 s}
    branches:
      - {when: engaged_share > 0, to: together}
    default: calm
  together: {clip: together.mkv, length: 4 s, ending: true}
  calm: {clip: calm.mkv, length: 4 s, ending: true}
"""
"""A scene that is long enough for a norm, and one whose window ends too soon after the cut."""

Screened: TypeAlias = tuple[Rehearsed, Path]
Screen: TypeAlias = Callable[..., Screened]


@pytest.fixture(scope="module")
def screened() -> dict[object, Screened]:
    """Screenings that have been made: what is asked for twice is shown once."""
    return {}


@pytest.fixture
def screen(screened, make_show, audience, tmp_path, tmp_path_factory) -> Screen:
    """Show the film to simulated viewers."""

    def run(
        seed: int,
        norms: Norms | None = None,
        commands: tuple = (),
        film: str = FILM,
        **strengths: float,
    ) -> Screened:
        wanted = seed, commands, film, norms is None, tuple(strengths.items())
        if wanted not in screened:
            show: Show = make_show(audience(20, seed, **strengths), film=film)
            session = tmp_path_factory.mktemp("screening") / f"{seed}.mcap"
            shown = replace(show, norms=norms)
            screened[wanted] = rehearse(shown, session, tmp_path, commands=commands), session
        return screened[wanted]

    return run


@pytest.fixture
def tests_of(screen) -> Callable[[], list[Path]]:
    """Two test screenings."""
    return lambda: [screen(seed)[1] for seed in (1, 2)]


@pytest.fixture
def norms(tests_of) -> Norms:
    return measure(tests_of())


def states(session: Path) -> list[StateRecord]:
    return [decode(topic, data) for topic, _, data in read(session) if topic == "/audience/state"]


def raw_at(session: Path, seconds: range) -> list[float]:
    """Correlation at the end of these seconds of hall time."""
    found = {round(s.t_ns * 1e-8): s.state.signals[-1] for s in states(session)}
    return [found[10 * second].raw for second in seconds]


# --- measuring


def test_a_norm_is_the_mean_over_windows_within_the_scene(norms, tests_of):
    """The question runs from 60 to 94 s of hall time; the first window within it ends at 70 s."""
    means = [np.mean(raw_at(session, range(70, 93))) for session in tests_of()]
    found = norms.scenes["question"]
    assert (found.screenings, found.seats, found.refused) == (2, 20, "")
    assert found.mean == pytest.approx(np.mean(means))
    assert found.sd == pytest.approx(np.std(means, ddof=1))
    errors = [
        np.mean([s.state.signals[-1].standard_error for s in states(session)[699:920:10]])
        for session in tests_of()
    ]
    among_strangers = sqrt(np.sum(np.square(errors))) / 2
    assert found.standard_error == pytest.approx(max(found.sd / sqrt(2), among_strangers))


def test_the_file_says_of_which_film_recipe_and_screenings(norms, tests_of):
    configuration = read_configuration(tests_of()[0])
    assert norms.film_name == "film.yaml"
    assert norms.film_sha256 == configuration.film_sha256
    assert norms.versions == configuration.versions
    assert norms.recipe == recipe_of(dsp.Settings())
    assert norms.montages == (Montage(configuration.sources[0][0].channels),)
    assert norms.sessions == ("1.mcap", "2.mcap")
    assert msgspec.json.decode(msgspec.json.encode(norms), type=Norms) == norms


def test_scenes_without_norm_are_listed_with_the_reason(norms, screen):
    assert norms.scenes["hasty"] == SceneNorm(
        0, 0.0, refused="its reading window ends too soon after the cut"
    )
    alone = measure([screen(1)[1]]).scenes["question"]
    assert (alone.screenings, alone.mean, alone.refused) == (1, None, "too few screenings")


def test_windows_across_a_pause_are_left_out(screen):
    """PANIC at 75 s; back after 90 s: the correlation's window is in the scene again from there."""
    commands = ((75.0, Command("panic")), (90.0, Command("resume")))
    _, session = screen(3, commands=commands)
    events = [decode(topic, data).event for topic, _, data in read(session) if "event" in topic]
    (paused,) = [event.hall_ns * 1e-9 for event in events if event.kind == "paused"]
    (resumed,) = [event.hall_ns * 1e-9 for event in events if event.kind == "resumed"]
    first = range(70, int(paused) + 1)
    last_s = 60 + 32 + resumed - paused
    second = range(int(np.ceil(resumed + 10)), int(last_s) + 1)
    assert len(first) > 3
    assert len(second) > 3
    raw = raw_at(session, first) + raw_at(session, second)
    _, other = screen(1)
    both = [np.mean(raw), np.mean(raw_at(other, range(70, 93)))]
    assert measure([session, other]).scenes["question"].mean == pytest.approx(np.mean(both))


def test_another_film_other_settings_and_the_same_screening_are_refused(tests_of, rewrite):
    first, second = tests_of()

    def other_film(topic: str, data: bytes, count: int) -> bytes:
        return data.replace(b'"film_sha256":""', b'"film_sha256":"b"')

    def other_recipe(topic: str, data: bytes, count: int) -> bytes:
        return data.replace(b'"clip":4.0', b'"clip":3.0') if topic == "/configuration" else data

    with pytest.raises(SessionError, match=r"altered\.mcap: of another film .* than .*1\.mcap"):
        measure([first, rewrite(second, other_film)])
    with pytest.raises(SessionError, match=r"clip 3\.0, .*1\.mcap with 4\.0"):
        measure([first, rewrite(second, other_recipe)])

    def other_headsets(topic: str, data: bytes, count: int) -> bytes:
        return data.replace(b'"Oz"', b'"O2"') if topic == "/configuration" else data

    with pytest.raises(SessionError, match=r"other headsets, .* than .*1\.mcap"):
        measure([first, rewrite(second, other_headsets)])
    with pytest.raises(SessionError, match=r"the same screening as .*1\.mcap"):
        measure([first, first])
    with pytest.raises(SessionError, match="name test screenings"):
        measure([])


def test_montages_are_told_by_electrodes_and_by_the_weights_of_a_calibration():
    muse = (Headset("A1", ("TP9", "TP10"), 256.0, live=True),)
    cap = (Headset("B1", ("Pz", "Oz"), 250.0, live=True),)
    own = (Montage(("Pz", "Oz")), Montage(("TP9", "TP10")))
    assert montages_of([muse, cap, muse], None) == own
    calibrated = Calibrated("c.json", "", ((0.4, 0.6), (), ()), {})
    assert montages_of([muse, cap, muse], calibrated) == (
        *own,
        Montage(("TP9", "TP10"), (0.4, 0.6)),
    )


# --- the share


def synchrony(raw: float | None, error: float | None = 0.002, reason: str = "") -> dsp.Pooled:
    z = None if raw is None or error is None or reason else raw / error
    confidence = None if z is None else dsp.normal_confidence(z)
    return dsp.Pooled("synchrony", z, error, z, confidence, 30, raw=raw, reason=reason)


def norms_of(mean: float | None, error: float | None = 0.001, refused: str = "") -> Norms:
    norm = SceneNorm(3, 30.0, mean, 0.001, error, refused)
    return Norms("film.yaml", "x", {}, {"isc_window_s": 10.0}, (), (), {"scene": norm})


@pytest.mark.parametrize("share", [0.25, 0.5, 0.75, 1.0, 1.2])
def test_the_share_that_attends_is_found_from_the_square_that_it_leaves(share):
    reading = engaged_share(synchrony(0.0184 * share**2), "scene", norms_of(0.0184))
    assert reading.value == pytest.approx(share)
    assert (reading.seats, reading.reason) == (30, "")


@given(st.floats(-0.1, 0.2), st.floats(1e-4, 0.02), st.floats(0.004, 0.1))
def test_a_share_is_never_surer_than_its_synchrony(raw, error, mean):
    found = synchrony(raw, error)
    reading = engaged_share(found, "scene", norms_of(mean))
    assert reading.value >= 0
    assert 0 <= reading.confidence <= found.confidence
    assert 0 <= reading.t <= max(found.t, 0) + 1e-12
    assert reading.t < mean / 0.001 + 1e-9


def test_a_negative_correlation_says_nothing():
    assert engaged_share(synchrony(-0.03), "scene", norms_of(0.0184)) == Reading(0, 0, 0, 30, "")


@pytest.mark.parametrize(
    ("found", "scene", "norms", "reason"),
    [
        (synchrony(0.02), "scene", None, "no norms: this is a test screening"),
        (synchrony(0.02), "other", norms_of(0.0184), "no norm of other"),
        (synchrony(0.02), "scene", norms_of(None, None, "too few screenings"), "no norm of scene"),
        (
            synchrony(0.02),
            "scene",
            norms_of(0.003, 0.001),
            "the norm of scene is not above chance",
        ),
        (synchrony(0.3, None, "more alike"), "scene", norms_of(0.0184), "more alike"),
        (synchrony(None, None, "too few"), "scene", norms_of(0.0184), "too few"),
    ],
)
def test_without_norm_or_synchrony_the_share_is_unknown(found, scene, norms, reason):
    assert engaged_share(found, scene, norms) == Reading(None, None, None, 30, reason)


def test_why_a_share_is_unknown_is_understood_in_the_console():
    reasons = [
        engaged_share(synchrony(0.02), "scene", norms).reason
        for norms in (None, norms_of(None, None), norms_of(0.003, 0.001))
    ]
    reasons.append("the correlation's window reaches back before the cut")
    say = Words("zh-Hant", {"scene": "場景"})
    assert all(re.search("[㐀-鿿]", say.sentence(reason)) for reason in reasons)
    assert "場景" in say.sentence(reasons[1])


# --- in the hall


def test_an_attentive_audience_takes_the_branch_and_replays(screen, norms):
    result, session = screen(4, norms)
    assert result.path[:3] == ("lead_in", "question", "hasty")
    question, hasty = (record.decision for record in result.decisions)
    assert question.explanation.startswith("hasty: engaged_share 0.")
    assert dict(question.readings)["engaged_share"].value > 0.6
    # Its window ends before the correlation's lies within the scene.
    assert hasty.by == "default"
    why = dict(hasty.readings)["engaged_share"].reason
    assert why == "the correlation's window reaches back before the cut"
    assert read_configuration(session).norms == norms
    assert replay(session).identical


def test_an_inattentive_audience_takes_the_default(screen, norms):
    """Half of the common response, a quarter of the correlation: half of the share."""
    result, session = screen(4, norms, synchrony=0.5)
    assert result.path == ("lead_in", "question", "calm")
    share = dict(result.decisions[0].decision.readings)["engaged_share"]
    assert share.value == pytest.approx(0.5, abs=0.1)
    assert share.confidence > 0.99
    assert replay(session).identical


def test_the_share_is_read_only_once_the_window_lies_within_the_scene(screen, norms):
    _, session = screen(4, norms)
    result = replay(session)
    assert result.decisions == 2
    (question, _) = screen(4, norms)[0].decisions
    held = question.decision.reasons[0].held_s
    # Known from 10 s after the cut to the window's end at 32 s.
    assert held == pytest.approx(22.0, abs=0.11)


def test_a_test_screening_reads_no_share(screen):
    result, session = screen(1)
    assert result.path == ("lead_in", "question", "calm")
    assert "no norms: this is a test screening" in result.decisions[0].decision.explanation
    assert replay(session).identical


SHARE_FILM = """
title: {en: Short}
fps: 24
start: only
max_runtime: 1 min
scenes:
  only:
    clip: only.mkv
    reading: {from: 2 s, to: 12 s}
    branches:
      - {when: engaged_share > 0.5, to: end}
    default: end
  end: {clip: end.mkv, ending: true}
"""


@pytest.fixture(scope="module")
def clips(tmp_path_factory) -> Path:
    """A film that reads the share, with its clips."""
    folder = tmp_path_factory.mktemp("film")
    sketches = [
        Sketch(str(folder / f"{name}.mkv"), 1, name, "", seconds, "calm")
        for name, seconds in (("only", 14.0), ("end", 1.0))
    ]
    make_sketches(sketches, fps=Fraction(24), size=(160, 96), progress=lambda done, total: None)
    (folder / "film.yaml").write_text(SHARE_FILM)
    return folder


def problems(path: Path) -> list[str]:
    with pytest.raises(ShowError) as caught:
        load_show(path)
    return [str(problem) for problem in caught.value.problems]


def test_a_show_names_the_norms_of_its_very_film(clips):
    path = clips / "show.toml"
    path.write_text('film = "film.yaml"\nnorms = "test"\n')
    show = load_show(path)
    assert show.norms is None
    path.write_text('film = "film.yaml"\n\nnorms = "film.norms.json"\n')
    (told,) = problems(path)
    assert told.startswith("show.toml:3: ")
    assert "hall norms SESSION..." in told

    def write(sha256: str, **changes: float) -> None:
        recipe = recipe_of(dsp.Settings()) | changes
        scenes = {"only": SceneNorm(2, 20.0, 0.02, 0.001, 0.001)}
        norms = Norms("film.yaml", sha256, {}, recipe, (), ("a.mcap",), scenes)
        (clips / "film.norms.json").write_bytes(msgspec.json.encode(norms))

    write(show.film_sha256)
    assert load_show(path).norms.scenes["only"].mean == 0.02
    write("another")
    assert "of another film (film.yaml), or of other clips" in problems(path)[0]
    write(show.film_sha256, clip=3.0)
    assert "was measured with clip 3.0, the show has 4.0" in problems(path)[0]
    write(show.film_sha256)
    path.write_text(path.read_text() + '[[sources]]\nkind = "simulated"\nseats = ["A1"]\n')
    assert "was measured with other headsets" in problems(path)[0]
    (clips / "film.norms.json").write_text('{"scenes": 1}')
    assert "holds no norms" in problems(path)[0]


def test_a_film_that_reads_the_share_is_refused_without_norms(clips):
    path = clips / "show.toml"
    path.write_text('film = "film.yaml"\n')
    (told,) = problems(path)
    assert told.startswith("film.yaml:11:16: engaged_share is read, and the show has no norms. ")
    assert 'norms = "FILM.norms.json"' in told
    assert 'norms = "test"' in told


# --- commands


def hall(*arguments: object) -> tuple[int, str]:
    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    return result.exit_code, result.output


def test_the_command_writes_what_was_measured(tests_of, norms, tmp_path):
    path = tmp_path / "film.norms.json"
    status, output = hall("norms", *tests_of(), "--out", path)
    assert status == 0
    assert msgspec.json.decode(path.read_bytes(), type=Norms) == norms
    (question,) = [line for line in output.splitlines() if "question" in line]
    assert f"{norms.scenes['question'].mean:.4f}" in question
    assert "ends too soon after the cut" in " ".join(output.split())


def test_without_any_norm_nothing_is_written(screen, tmp_path):
    path = tmp_path / "film.norms.json"
    status, output = hall("norms", screen(1)[1], "--out", path)
    assert status == 1
    assert "too few screenings" in output
    assert not path.exists()


def test_replay_holds_the_synchrony_that_was_read_against_surrogates(screen, norms):
    _, session = screen(4, norms)
    result = replay(session, surrogates=200)
    assert result.identical
    assert [(check.visit, check.scene) for check in result.checks] == [
        (1, "question"),
        (2, "hasty"),
    ]
    check = result.checks[0]
    synchrony = states(session)[round(check.t_s) * 10 - 1].state.signals[-1]
    assert check.found.raw == synchrony.raw
    assert check.found.closed_form_z == synchrony.value
    assert check.found.z == pytest.approx(synchrony.value, rel=0.2)
    assert check.found.p == 1 / 201
    status, output = hall("replay", session, "--surrogates", 200)
    assert status == 0
    assert f"{check.found.z:.2f}" in output
    assert "identical, byte for byte" in output
    assert replay(session).checks == []
