"""What films have beyond scenes and branches: in the engine, from states to cuts and sound."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

import dsp
import narrative
from acquisition import SimulatedSpec
from engine.config import Show, ShowError, load_show, planned_table
from engine.directing import Directing
from engine.records import Course, StateRecord
from engine.rehearsal import rehearse
from engine.replay import replay
from engine.screening import configuration_of, runtime_of
from engine.session import decode, film_of, read, read_configuration
from narrative import Decision, Film
from playback import Levels, PlayerEvent

FILM = """\
title: {en: Tides}
fps: 24
start: lead_in
max_runtime: 10 min
variables: {met_anna: false, courage: 0}
scenes:
  lead_in: {clip: l.mkv, length: 60 s, lead_in: true, default: storm}
  storm:
    clip: {file: reel.mkv, in: "00:00:01:00", out: "00:00:25:00"}
    reading: {from: 3 s, to: 21 s}
    branches:
      - {when: engagement.zone(left) > 0.7 for 5 s, to: chase, set: {met_anna: true, courage: +2}}
      - {when: engagement.trend > 1, to: calm}
    default: calm
    linear: chase
    cues:
      - {at: 2 s, lights: 10 %, in: 3 s}
      - {at: 2 s, osc: /lamp/1, values: [0.5, 1]}
      - {at: 8 s, midi: note, channel: 1, values: [60, 90]}
    modulations:
      - {signal: engagement, from: [-1, 1], drives: gain, to: [-6, 0], slew: 2, rest: -3}
      - {signal: engagement, from: [-1, 1], drives: osc, target: /fog, to: [0, 1], slew: 1, rest: 0}
  chase:
    threads: {anna: anna.mkv, ben: ben.mkv}
    length: 24 s
    cuts:
      every: 6 s
      confidence: 0.5
      branches: [{when: engagement > 0 for 3 s, to: other}]
    reading: {from: 6 s, to: 20 s}
    branches:
      - {when: engagement > 0.5 for 10 s, to: dawn}
    default: calm
  calm: {clip: c.mkv, length: 4 s, ending: true}
  dawn: {clip: d.mkv, length: 4 s, ending: true}
"""


@pytest.fixture(scope="module")
def tides() -> Film:
    return narrative.load_film(FILM, "film.yaml")


def _state(
    tick: int,
    value: float | None,
    confidence: float = 0.9999,
    *,
    left: float = 0.0,
    trend: float = 0.0,
) -> StateRecord:
    """An audience of two zones, right and left, whose engagement is known at most."""
    unknown = tuple(
        dsp.Pooled(name, None, None, None, None, 0, reason="gone") for name in dsp.SIGNALS[1:]
    )

    def engaged(number: float | None) -> tuple[dsp.Pooled, ...]:
        one = dsp.Pooled("engagement", number, 0.2, 9.0, confidence, 12, trend=trend)
        return (one, *unknown)

    zones = (engaged(-left), engaged(left))
    audience = dsp.AudienceState(tick, engaged(value), zones, (), None)
    return StateRecord(tick * 100_000_000, True, 0, audience)


class _Screening:
    """A directing that is told of every scene and tick, as by a player that follows it."""

    def __init__(self, film: Film, course: Course | None = None, term: int = 1) -> None:
        self.film = film
        self.directing = Directing(
            film, planned_table(film), term, 0, course, zones=("right", "left"), seed=7
        )
        self.decisions: list[Decision] = []
        self.notes: list[str] = []
        self.levels: list[Levels] = []

    def start(self, visit: int, scene: str, tick: int) -> None:
        event = PlayerEvent("started", tick * 100_000_000, visit, scene, 0, "engine", 1, "")
        self.directing.on_event(event)

    def tick(self, record: StateRecord) -> Decision | None:
        self.directing.observe(record)
        decided = self.directing.decide(record.t_ns, 0)
        self.levels += self.directing.levels()
        self.notes += self.directing.notes(record.t_ns)
        if decided is None:
            return None
        self.decisions.append(decided.decision)
        return decided.decision

    def show(self, visit: int, scene: str, first: int, states: Sequence[StateRecord]) -> str:
        """Show one scene from its first tick; gives what follows."""
        self.start(visit, scene, first)
        to = self.film.scenes[scene].default or ""
        for record in states:
            decision = self.tick(record)
            to = decision.to if decision else to
        return to


def _states(first: int, count: int, **what: float) -> list[StateRecord]:
    value = what.pop("value", 0.0)
    return [_state(first + n, value, **what) for n in range(1, count + 1)]


def test_zones_and_trends_are_read_as_the_states_have_them(tides: Film) -> None:
    left, right, rising = _Screening(tides), _Screening(tides), _Screening(tides)
    assert left.show(1, "storm", 600, _states(600, 240, left=1.0)) == "chase.anna.1"
    assert left.decisions[0].sets == (("met_anna", 1), ("courage", 2))
    assert right.show(1, "storm", 600, _states(600, 240, left=-1.0)) == "calm"
    assert rising.show(1, "storm", 600, _states(600, 240, trend=1.5)) == "calm"
    assert rising.decisions[0].branch == 1
    assert "engagement.trend 1.5 > 1" in rising.decisions[0].explanation


def test_a_cut_of_the_picture_needs_no_confidence_over_the_film(tides: Film) -> None:
    """Two points ask for p < 0.025; a cosmetic cut is content with its own confidence of 0.5."""
    shown = _Screening(tides)
    to = shown.show(1, "chase.anna.1", 600, _states(600, 60, value=0.9, confidence=0.6))
    assert to == "chase.ben.2"
    assert dict(shown.decisions[0].readings)["engagement"].confidence == 0.6
    for visit, scene in ((2, "chase.ben.2"), (3, "chase.anna.3"), (4, "chase.ben.4")):
        first = 600 + 60 * (visit - 1)
        to = shown.show(visit, scene, first, _states(first, 60, value=0.9, confidence=0.96))
    assert to == "calm"  # 0.96 over the film is 0.92
    assert "confidence 0.920 is below 0.95" in shown.decisions[-1].explanation


def test_the_story_is_asked_across_the_cuts(tides: Film) -> None:
    shown, to = _Screening(tides), "chase.anna.1"
    for visit in range(1, 5):
        first = 600 + 60 * (visit - 1)
        to = shown.show(visit, to, first, _states(first, 60, value=0.9))
    assert to == "dawn"
    assert shown.decisions[-1].explanation == "dawn: engagement 0.9 > 0.5 held 13.9 s, p < 0.001."


@pytest.mark.parametrize("at", [1, 30, 100, 170, 185, 239])
def test_a_successor_decides_as_if_nothing_had_happened(tides: Film, at: int) -> None:
    """Variables, visits, running durations and levels are in the checkpoint."""
    whole, first = _Screening(tides), _Screening(tides)
    states = _states(600, 240, left=1.0)
    whole.show(1, "storm", 600, states)
    first.show(1, "storm", 600, states[:at])
    course = msgspec.msgpack.decode(msgspec.msgpack.encode(first.directing.course), type=Course)
    second = _Screening(tides, course, term=2)
    for record in states[at:]:
        second.tick(record)
    assert first.decisions + second.decisions == whole.decisions
    assert first.notes + second.notes == whole.notes
    for one in (second, whole):
        one.start(2, "chase.anna.1", 840)
        assert one.directing.course.machine.variables == (1, 2)
    assert second.directing.course == whole.directing.course


def test_what_has_no_output_is_told_once_in_a_visit(tides: Film) -> None:
    shown = _Screening(tides)
    shown.show(1, "storm", 600, _states(600, 100))
    assert shown.notes == [
        "modulation of storm: osc /fog by engagement: no output is built yet",
        "cue at 2.0 s of storm: lights 10 % in 3 s: no output is built yet",
        "cue at 2.0 s of storm: osc /lamp/1 0.5 1: no output is built yet",
        "cue at 8.0 s of storm: midi note 60 90 on channel 1: no output is built yet",
    ]
    shown.show(2, "storm", 800, _states(800, 30))
    assert len(shown.notes) == 7


def test_the_sound_follows_the_audience_and_is_at_rest_before_it_does(tides: Film) -> None:
    shown = _Screening(tides)
    shown.show(0, "lead_in", 0, _states(0, 3))
    assert shown.levels == [Levels(1, 1, -3.0)]  # the storm follows: told ahead
    shown.show(1, "storm", 600, _states(600, 30, value=1.0))
    gains = [level.gain_db for level in shown.levels[1:]]
    assert all(level.visit == 1 for level in shown.levels[1:])
    assert gains[:2] == pytest.approx([-2.8, -2.6])
    assert gains[-1] == 0.0
    assert len(gains) == 15  # what does not change is not told
    before = len(shown.levels)
    shown.start(2, "calm", 640)
    shown.tick(_state(641, 1.0))
    assert shown.levels[before:] == []  # a visit begins at 0 dB


def test_a_level_that_was_told_for_another_scene_is_taken_back(tides: Film) -> None:
    shown = _Screening(tides)
    shown.show(0, "lead_in", 0, _states(0, 3))
    shown.start(1, "calm", 600)  # the operator took another
    shown.tick(_state(601, 1.0))
    assert shown.levels[-1] == Levels(1, 1, 0.0)


# whole shows ------------------------------------------------------------------------------

SHOWN = FILM.replace("engagement.zone(left) > 0.7 for 5 s", "engagement > -9 or chance(0.5)")


@pytest.fixture
def a_screening(
    make_show: Callable[..., Show], audience: Callable[..., SimulatedSpec], tmp_path: Path
) -> Path:
    """A film of threads, cues, modulations and chances, seen by few viewers."""
    show = replace(make_show(audience(seats=12), film=SHOWN), seed=5)
    rehearse(show, tmp_path / "s.mcap", tmp_path)
    return tmp_path / "s.mcap"


def test_everything_is_recorded_and_replays(a_screening: Path) -> None:
    path, notes, decisions = [], [], []
    for topic, _, data in read(a_screening):
        record = decode(topic, data)
        if topic == "/player/event" and record.event.kind == "started":
            path.append(record.event.scene)
        if topic == "/note":
            notes.append((record.level, record.text))
        if topic == "/decision":
            decisions.append(record.decision)
    assert path[:3] == ["lead_in", "storm", "chase.anna.1"]
    assert len(path) == 7
    assert ("cue", "cue at 2.0 s of storm: lights 10 % in 3 s: no output is built yet") in notes
    assert decisions[0].sets == (("met_anna", 1), ("courage", 2))
    assert read_configuration(a_screening).seed == 5
    result = replay(a_screening)
    assert result.identical, result.first
    assert result.decisions == 5


def test_a_seed_is_drawn_once(make_show, audience) -> None:
    show = make_show(audience(seats=3))
    drawn = [configuration_of(show, 1, 0) for _ in range(3)]
    assert len({configuration.seed for configuration in drawn}) > 1
    standing = runtime_of(drawn[0], show.film).standing
    assert configuration_of(show, 2, 0, standing).seed == drawn[0].seed


# show files -------------------------------------------------------------------------------

SHOW = """\
{film}

[[sources]]
kind = "simulated"
seats = "A1..A3"
channels = ["P3", "P4", "O1"]

[zones]
left = ["A1"]
"""

REEL = """\
title: {en: Reel}
fps: 24
start: first
max_runtime: 1 min
beds: {drone: {file: drone.mkv, gain: -12 dB, fade: 2 s}}
scenes:
  first:
    clip: {file: reel.mkv, in: 2, out: 14}
    bed: drone
    default: second
    linear: third
  second: {clip: {file: reel.mkv, in: 14}, default: third}
  third: {clip: reel.mkv, ending: true}
"""


@pytest.fixture
def written(tmp_path: Path, only_clip: Path) -> Callable[[str, str], Path]:
    """Write a show and its film; every clip is one second long."""

    def write(film: str, section: str = 'film = "film.yaml"') -> Path:
        (tmp_path / "film.yaml").write_text(film)
        for name in ("reel.mkv", "drone.mkv"):
            (tmp_path / name).write_bytes(only_clip.read_bytes())
        (tmp_path / "show.toml").write_text(SHOW.format(film=section))
        return tmp_path / "show.toml"

    return write


def test_a_master_is_cut_by_in_and_out_frames(written: Callable[..., Path]) -> None:
    show = load_show(written(REEL))
    clips = {entry.scene: entry.clip for entry in show.table.scenes}
    stretches = {name: (clip.first_frame, clip.frames) for name, clip in clips.items()}
    assert stretches == {"first": (2, 12), "second": (14, 10), "third": (0, 24)}
    assert [entry.bed for entry in show.table.scenes] == ["drone", None, None]
    (bed,) = show.table.beds
    assert (bed.name, bed.gain_db, bed.fade_s) == ("drone", -12.0, 2.0)
    assert Path(bed.path).name == "drone.mkv"
    assert show.needs.beds


def test_a_hash_is_of_the_music_too(written: Callable[..., Path]) -> None:
    path = written(REEL)
    before = load_show(path).film_sha256
    assert load_show(path).film_sha256 == before
    with (path.parent / "drone.mkv").open("ab") as file:
        file.write(b"\0" * 64)
    assert load_show(path).film_sha256 != before


def test_the_directors_path_is_shown_where_the_show_asks_for_it(
    written: Callable[..., Path], tmp_path: Path
) -> None:
    show = load_show(written(REEL, '[film]\nfile = "film.yaml"\nlinear = true'))
    assert show.linear
    assert show.table.scenes[0].default == show.film.scenes["first"].default == "third"
    result = rehearse(show, tmp_path / "s.mcap", tmp_path)
    assert result.path == ("first", "third")
    assert film_of(read_configuration(tmp_path / "s.mcap")) == show.film
    assert load_show(written(REEL)).film.scenes["first"].default == "second"


DRIVEN = """\
    bed: drone
    modulations:
      - {signal: SIGNAL, from: [0, 1], drives: gain, to: [-6, 0], slew: 2, rest: -3}
"""


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        (
            "    bed: drone\n",
            DRIVEN.replace("SIGNAL", "synchrony.zone(lefd)"),
            "film.yaml:12:9: the show has no zone `lefd`. Did you mean `left`?",
        ),
        (
            "    bed: drone\n",
            DRIVEN.replace("SIGNAL", "blink_rate"),
            "film.yaml:12:9: the film reads blink_rate, which no headset of the show gives",
        ),
        ("drone.mkv", "hum.mkv", 'film.yaml:6:7: bed "drone": '),
    ],
)
def test_a_film_that_asks_for_more_than_there_is_is_refused(
    written: Callable[..., Path], old: str, new: str, problem: str
) -> None:
    film = REEL.replace(old, new).replace("fps: 24", "fps: 24\nbaseline: calibration")
    with pytest.raises(ShowError) as caught:
        load_show(written(film))
    assert [found for found in map(str, caught.value.problems) if problem in found], caught.value
