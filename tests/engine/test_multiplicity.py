"""A film that asks often needs surer answers: confidence over all its decision points."""

from dataclasses import replace

import pytest
from typer.testing import CliRunner

import dsp
import narrative
from engine.cli import app
from engine.config import planned_table
from engine.directing import Directing
from engine.records import DecisionRecord, StateRecord
from engine.rehearsal import rehearse
from engine.replay import replay
from engine.session import decode, read
from playback import PlayerEvent

SCENE = """  {name}:
    clip: only.mkv
    length: 24 s
    reading: {{from: 3 s, to: 22 s}}
    branches:
      - {{when: {when}, to: {to}}}
    default: {default}
"""

ENDINGS = """  gripped: {clip: only.mkv, length: 4 s, ending: true}
  calm: {clip: only.mkv, length: 4 s, ending: true}
"""


def film_of(points: int, when: str = "engagement > 0.4 and engagement.t > 3 for 5 s") -> str:
    """Ask so many times one after the other; the branch leads to the end."""
    names = [f"question{number}" for number in range(points)]
    scenes = [
        SCENE.format(name=name, when=when, to="gripped", default=following)
        for name, following in zip(names, [*names[1:], "calm"], strict=True)
    ]
    head = "title: {en: Asked}\nfps: 24\nstart: lead_in\nmax_runtime: 10 min\nscenes:\n"
    lead_in = "  lead_in: {clip: only.mkv, length: 60 s, lead_in: true, default: question0}\n"
    return head + lead_in + "".join(scenes) + ENDINGS


def state(tick: int, confidence: float) -> StateRecord:
    """An audience that is engaged with this confidence, and of which nothing else is known."""
    engaged = dsp.Pooled("engagement", 0.8, 0.2, 4.0, confidence, 12)
    unknown = [
        dsp.Pooled(name, None, None, None, None, 0, reason="gone") for name in dsp.SIGNALS[1:]
    ]
    signals = (engaged, *unknown)
    return StateRecord(tick * 100_000_000, True, 0, dsp.AudienceState(tick, signals, (), (), None))


def decide(points: int, confidence: float) -> DecisionRecord:
    """Enter the first question at 60 s, hear of the audience, and decide at the window's end."""
    film = narrative.load_film(film_of(points), "film.yaml")
    directing = Directing(film, planned_table(film), term=1, origin_ns=0)
    for visit, (scene, at_s) in enumerate((("lead_in", 0), ("question0", 60))):
        directing.on_event(
            PlayerEvent("started", at_s * 1_000_000_000, visit, scene, 0, "default", 1, "")
        )
    for tick in range(600, 822):
        directing.observe(state(tick, confidence))
    record = directing.decide(82_200_000_000, step=0)
    assert record is not None
    return record


@pytest.mark.parametrize(
    ("points", "p", "to"),
    [
        (1, 0.049, "gripped"),
        (1, 0.051, "question1"),
        (2, 0.0249, "gripped"),
        (2, 0.0251, "question1"),
        (5, 0.0099, "gripped"),
        (5, 0.0101, "question1"),
    ],
)
def test_with_d_decision_points_a_reading_must_be_d_times_as_sure(points, p, to):
    """The film's floor is 0.95: p below 0.05 over the film."""
    decision = decide(points, 1 - p).decision
    assert decision.to == (to if points > 1 or to == "gripped" else "calm")
    reading = dict(decision.readings)["engagement"]
    assert reading.confidence == pytest.approx(1 - points * p)
    assert (reading.value, reading.t) == (0.8, 4.0)
    if to != "gripped":
        assert f"confidence {1 - points * p:.3f} is below 0.95" in decision.explanation


def test_what_is_unknown_stays_unknown():
    readings = dict(decide(3, 0.5).decision.readings)
    assert readings["engagement"].confidence == 0.0
    assert readings["synchrony"].confidence is None
    assert readings["synchrony"].reason == "gone"


def test_a_screening_decides_by_confidence_over_the_film_and_replays(make_show, audience, tmp_path):
    """The states keep each reading's own confidence, the decisions give the film's."""
    session = tmp_path / "s.mcap"
    spec = replace(audience(seats=12), responses=(("question2", 1.0),))
    result = rehearse(make_show(spec, film=film_of(3)), session, tmp_path)
    assert [record.decision.to for record in result.decisions] == [
        "question1",
        "question2",
        "gripped",
    ]
    states = {
        record.t_ns: record.state
        for record in (decode(t, data) for t, _, data in read(session) if t == "/audience/state")
    }
    for record in result.decisions:
        # Windows end at 22 s of their scenes, which end at 24 s.
        at_s = 60 + 24 * (record.decision.visit - 1) + 22
        read_last = states[at_s * 1_000_000_000]
        for signal in read_last.signals:
            reading = dict(record.decision.readings)[signal.name]
            if signal.confidence is not None:
                want = max(0.0, 1 - 3 * (1 - signal.confidence))
                assert reading.confidence == pytest.approx(want, abs=1e-12)
            assert (reading.value, reading.t) == (signal.value, signal.t)
    assert replay(session).identical


CHECKED = """
title: {{en: Checked}}
fps: 24
start: a
max_runtime: {longest}
scenes:
  a:
    clip: a.mkv
    length: 4 s
    reading: {{from: 2 s, to: 3 s}}
    branches: [{{when: synchrony > 3, to: a}}]
    default: end
  end: {{clip: end.mkv, length: 1 s, ending: true}}
"""


@pytest.mark.parametrize(
    ("longest", "told"),
    [
        ("4 s", "1 decision point: a confidence of 0.95 means p < 0.05"),
        ("16 s", "4 decision points on the longest path: a confidence of 0.95 means p < 0.013"),
    ],
)
def test_the_check_says_how_sure_each_reading_must_be(sketch_clips, tmp_path, longest, told):
    path = tmp_path / "film.yaml"
    path.write_text(CHECKED.format(longest=longest))
    sketch_clips(path, (64, 36))
    result = CliRunner().invoke(app, ["film", "check", str(path)])
    assert result.exit_code == 0
    assert told in " ".join(result.output.split())
