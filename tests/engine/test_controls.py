"""Controls for studies: who steers the film, what is recorded of it, and what the hall is told."""

import itertools
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TypeAlias

import msgspec
import pytest
from typer.testing import CliRunner

import narrative
from engine.checkpoint import Begun, Checkpoint, Mark
from engine.cli import app
from engine.config import Show, ShowError, load_show
from engine.control import LONGEST_LAG_S, SHORTEST_LAG_S, Sham, Yoked, settled
from engine.records import Control
from engine.rehearsal import Rehearsed, rehearse
from engine.replay import replay
from engine.runtime import Inputs, Outputs
from engine.screening import configuration_of, runtime_of
from engine.session import Configuration, decode, frames_of, read, read_configuration, read_path
from engine.status import Status, Watcher
from narrative import Reading, begin, decide, enter, observe
from playback import Command

WALK_FILM = """
title: {en: Walk}
fps: 24
start: lead_in
max_runtime: 10 min
scenes:
  lead_in: {clip: lead_in.mkv, length: 60 s, lead_in: true, default: walk}
  walk: {clip: walk.mkv, length: 50 s, default: question}
  question:
    clip: question.mkv
    length: 34 s
    reading: {from: 16 s, to: 32 s}
    branches:
      - {when: engagement > 0.4 and engagement.t > 3 for 5 s, to: gripped}
      - {when: elapsed < 0 s, to: together}
    default: calm
  gripped: {clip: gripped.mkv, length: 4 s, ending: true}
  together: {clip: together.mkv, length: 4 s, ending: true}
  calm: {clip: calm.mkv, length: 4 s, ending: true}
"""
"""A past for a sham to read, and a question whose window opens when it has faded."""

SHAM = Control("sham", seed=4)
ENGAGED = Reading(1.0, 0.999, 5.0, 12, "")


def blind_seed(arm: str) -> int:
    """Find a seed by which a blind study draws this arm."""
    return next(s for s in itertools.count() if settled(Control("blind"), s).arm == arm)


Screened: TypeAlias = tuple[Rehearsed, Path]


@pytest.fixture(scope="module")
def screened() -> dict[object, Screened]:
    """Screenings that have been made: what is asked for twice is shown once."""
    return {}


@pytest.fixture
def screen(screened, make_show, audience, tmp_path, tmp_path_factory) -> Callable[..., Screened]:
    """Show the walk to an audience that is engaged by some of its scenes, under a control."""

    def run(*engaging: str, control: Control | None = None, commands: tuple = ()) -> Screened:
        wanted = engaging, control, commands
        if wanted not in screened:
            responses = tuple((scene, 1.0) for scene in engaging)
            show = make_show(replace(audience(seats=12), responses=responses), film=WALK_FILM)
            session = tmp_path_factory.mktemp("screening") / "s.mcap"
            show = replace(show, control=control)
            screened[wanted] = rehearse(show, session, tmp_path, commands=commands), session
        return screened[wanted]

    return run


@pytest.fixture(scope="module")
def film() -> narrative.Film:
    return narrative.load_film(WALK_FILM, "film.yaml")


def yoked_to(session: Path) -> Control:
    return Control("yoked", session=session.name, path=read_path(session))


def recorded(session: Path) -> dict:
    """Give the one decision in a session, as its file has it."""
    (data,) = [data for topic, _, data in read(session) if topic == "/decision"]
    return msgspec.json.decode(data)


# Yoked


@pytest.mark.parametrize(
    ("theirs", "ours", "end"), [("question", "walk", "gripped"), ("walk", "question", "calm")]
)
def test_a_yoked_audience_sees_the_other_s_film(screen, theirs, ours, end):
    """Whatever it does itself: its own film would have ended otherwise."""
    other, session = screen(theirs)
    alone, _ = screen(ours)
    yoked, own_session = screen(ours, control=yoked_to(session))
    assert yoked.path == other.path
    assert yoked.path[-1] == end
    assert alone.path != yoked.path
    record = recorded(own_session)
    assert record["decision"]["by"] == "yoked"
    assert record["source"] == f"yoked to {session.name}, visit 2"
    met = record["decision"]["reasons"][0]["verdict"] == "true"
    assert met == (end == "calm")
    assert replay(own_session).identical


def test_a_yoked_audience_sees_what_the_other_s_operator_took(screen):
    _, session = screen("question", commands=((130.0, Command("take", 2, "test")),))
    yoked, _ = screen("question", control=yoked_to(session))
    assert yoked.path[-1] == "together"


@pytest.mark.parametrize(
    "path",
    [
        ((0, "lead_in"), (1, "walk"), (2, "calm"), (3, "gripped")),
        ((0, "lead_in"), (1, "walk"), (2, "question"), (3, "lead_in")),
        ((0, "lead_in"), (1, "walk"), (2, "question")),
        (),
    ],
)
def test_where_the_other_film_was_elsewhere_the_default_is_taken(film, path):
    state, yoked = enter(film, begin(film), 2, "question", 110.0), Yoked("other.mcap", path)
    yoked.enter(2, film.scenes["question"])
    shown = {"engagement": ENGAGED}
    ticks = [(tick / 10, yoked.observe(tick, tick / 10, shown)) for tick in range(160, 321)]
    own = decide(film, observe(film, state, ticks), 32.0)
    assert own.to == "gripped"
    decision, source = yoked.settle(own)
    assert (decision.to, decision.branch, decision.by) == ("calm", None, "yoked")
    assert source in decision.explanation


# Sham


@pytest.mark.parametrize(("engaging", "end"), [("walk", "gripped"), ("question", "calm")])
def test_a_sham_follows_the_past_and_not_the_audience(screen, engaging, end):
    alone, _ = screen(engaging)
    sham, session = screen(engaging, control=SHAM)
    assert sham.path[-1] == end
    assert alone.path[-1] != end
    record = recorded(session)
    assert record["decision"]["by"] == ("sham" if end == "gripped" else "default")
    assert record["source"].startswith("sham: readings of ")
    assert record["source"] in record["decision"]["explanation"]
    assert SHORTEST_LAG_S <= float(record["source"].split()[3]) <= 66.0
    assert replay(session).identical


def test_a_sham_repeats_itself_by_its_seed(film):
    lags = [lags_of(Sham(seed), film) for seed in (1, 1, 2)]
    assert lags[0] == lags[1] != lags[2]


def test_without_a_past_the_sham_takes_the_default(make_show, audience, tmp_path):
    """The short film asks right after its lead-in."""
    show = replace(make_show(audience()), control=SHAM)
    result = rehearse(show, tmp_path / "s.mcap", tmp_path)
    assert result.path[-1] == "calm"
    assert recorded(tmp_path / "s.mcap")["source"] == "sham: no past to read"


@pytest.mark.parametrize("seed", range(20))
def test_a_sham_reads_nothing_of_its_own_window_and_nothing_of_the_lead_in(film, seed):
    """Each tick's value says when it was read; a minute's pause falls into the window."""
    sham = Sham(seed)
    sham.enter(0, film.scenes["lead_in"])
    sham.enter(1, film.scenes["walk"])
    for tick in range(500):
        sham.observe(tick * 10**8, tick / 10, at(tick))
    sham.enter(2, film.scenes["question"])
    read_at = {}
    for tick in range(500, 1420):
        paused = 700 < tick <= 1300
        scene_s = None if paused else (tick - 500 - 600 * (tick > 1300)) / 10
        given = sham.observe(tick * 10**8, scene_s, at(tick))
        if given:
            read_at[tick] = given["engagement"].value
    lags = {tick - then for tick, then in read_at.items()}
    assert len(lags) == 1
    assert lags.pop() > SHORTEST_LAG_S * 10
    assert min(read_at) == 660
    assert max(read_at.values()) < 660


def at(tick: int) -> dict[str, Reading]:
    return {"engagement": replace(ENGAGED, value=float(tick))}


def test_lags_differ_between_visits_and_do_not_outgrow_what_is_kept(film):
    lags = lags_of(Sham(1), film)
    assert len(set(lags)) > 30
    assert SHORTEST_LAG_S < min(lags) < 150
    assert LONGEST_LAG_S >= max(lags) > 450


def lags_of(sham: Sham, film: narrative.Film) -> list[float]:
    """Give the lags, in s, of forty visits after more than half an hour."""
    sham.enter(0, film.scenes["walk"])
    for tick in range(20_000):
        sham.observe(tick * 10**8, tick / 10, at(tick))
    lags = []
    for visit in range(1, 41):
        sham.enter(visit, film.scenes["question"])
        now = 20_000 + visit
        lags.append((now - sham.observe(now * 10**8, 20.0, at(now))["engagement"].value) / 10)
    return lags


# Blind


def test_both_arms_come_up_about_as_often():
    arms = [settled(Control("blind"), seed).arm for seed in range(1000)]
    assert set(arms) == {"audience", "sham"}
    assert 400 < arms.count("sham") < 600


def test_a_screening_draws_its_own_arm_and_records_it(make_show):
    show = replace(make_show(), control=Control("blind"))
    drawn = [configuration_of(show, 1, 0).control for _ in range(40)]
    assert {control.arm for control in drawn} == {"audience", "sham"}
    assert all(settled(Control("blind"), control.seed) == control for control in drawn)


def test_an_engine_that_takes_over_keeps_what_was_drawn(make_show):
    """Also after the machine itself has stopped."""
    show = replace(make_show(), control=Control("blind"))
    for _ in range(8):
        first = configuration_of(show, 1, 0)
        standing = runtime_of(first, show.film).standing
        begun = Begun(0, standing, None, (), Mark("", 0))
        rested = Checkpoint("", {}, begun).without_times().begun
        assert rested is not None
        for handed_on in (standing, rested.standing):
            assert configuration_of(show, 2, 0, handed_on).control == first.control


@pytest.mark.parametrize(("arm", "end"), [("audience", "calm"), ("sham", "gripped")])
def test_each_arm_steers_and_is_in_the_session(screen, arm, end):
    result, session = screen("walk", control=Control("blind", seed=blind_seed(arm)))
    assert result.path[-1] == end
    control = read_configuration(session).control
    assert control is not None
    assert (control.kind, control.arm) == ("blind", arm)
    assert replay(session).identical


def test_the_hall_cannot_tell_the_arms_apart(screen, make_show, audience):
    """Both come to the same end; all that anybody watches is then the same, byte for byte."""
    told_of = {}
    for arm in ("audience", "sham"):
        seed = blind_seed(arm)
        result, session = screen("walk", "question", control=Control("blind", seed=seed))
        assert result.path[-1] == "gripped"
        assert [record.decision.explanation for record in result.decisions] == [
            "gripped: a study is under way."
        ]
        seen = list(statuses(session))
        assert seen[-1].study == "blind"
        assert not any(status.signals or status.preview for status in seen)
        assert seen[-1].decisions[0].to == "gripped"
        told_of[arm] = [msgspec.json.encode(status) for status in seen], result.decisions
    assert told_of["audience"] == told_of["sham"]


def test_without_a_blind_everything_is_told(screen):
    _, session = screen("walk", control=SHAM)
    seen = list(statuses(session))
    assert seen[-1].study == "sham"
    assert "sham: readings of" in seen[-1].last_decision
    assert seen[-1].signals
    assert any(status.preview for status in seen)


def statuses(session: Path) -> Iterator[Status]:
    """Give what the engine would have published, once a second: the session's steps again."""
    configuration = read_configuration(session)
    film = narrative.load_film(configuration.film_text, configuration.film_name)
    runtime = runtime_of(configuration, film)
    watcher = Watcher(a_show(configuration, film), {})
    frames, events = {}, {}
    for topic, _, data in read(session):
        record = decode(topic, data)
        if topic == "/eeg/local":
            for source in record.sources:
                channels = len(configuration.sources[source.source][0].channels)
                for step, frame in frames_of(source, channels):
                    frames.setdefault(step, []).append(frame)
        elif topic == "/player/event":
            events.setdefault(record.step, []).append(record.event)
        elif topic == "/engine/steps":
            for step, now_ns in enumerate(record.now_ns, record.first_step):
                inputs = Inputs(now_ns, tuple(frames.pop(step, ())), tuple(events.pop(step, ())))
                outputs: Outputs = runtime.step(inputs)
                watcher.see(outputs)
            yield watcher.status(runtime, record.now_ns[-1])


def a_show(configuration: Configuration, film: narrative.Film) -> Show:
    return Show(
        path=Path("show.toml"),
        title=configuration.title,
        driver="silent",
        film_path=Path("film.yaml"),
        film_text=configuration.film_text,
        film=film,
        film_sha256="",
        table=configuration.table,
        sources=(),
        settings=configuration.settings,
    )


@pytest.mark.parametrize("command", [("session", "show"), ("replay",)])
def test_the_command_line_tells_the_arm_only_when_asked(screen, command):
    said = {}
    for arm in ("audience", "sham"):
        _, session = screen("walk", control=Control("blind", seed=blind_seed(arm)))
        hidden = CliRunner().invoke(app, [*command, str(session)])
        shown = CliRunner().invoke(app, [*command, str(session), "--unblind"])
        assert hidden.exit_code == shown.exit_code == 0
        assert "study: blind" in hidden.output
        assert not any(word in hidden.output for word in ("arm ", "sham", "seed", "engagement"))
        said[arm] = shown.output
    for arm, output in said.items():
        assert f"study: blind, arm {arm}, seed {blind_seed(arm)}" in output


def test_a_difference_in_a_blind_session_is_named_without_its_values(screen, rewrite):
    _, session = screen("walk", control=Control("blind", seed=blind_seed("sham")))

    def alter(topic: str, data: bytes, count: int) -> bytes:
        return data.replace(b'"by":"sham"', b'"by":"audience"') if topic == "/decision" else data

    altered = rewrite(session, alter)
    hidden = CliRunner().invoke(app, ["replay", str(altered)])
    assert hidden.exit_code == 1
    assert "1 differ; first the decision" in hidden.output
    assert "sham" not in hidden.output
    assert '"sham"' in CliRunner().invoke(app, ["replay", str(altered), "--unblind"]).output


# The operator's rights


@pytest.mark.parametrize(
    ("command", "end"),
    [(Command("take", 2), "together"), (Command("hold"), "calm")],
)
@pytest.mark.parametrize("kind", ["yoked", "sham", "blind"])
def test_the_operator_decides_under_every_control(screen, kind, command, end):
    """Each control by itself would lead to `gripped`."""
    if kind == "yoked":
        path = ((0, "lead_in"), (1, "walk"), (2, "question"), (3, "gripped"))
        control = Control("yoked", session="other.mcap", path=path)
    else:
        control = Control(kind, seed=blind_seed("sham"))
    result, session = screen("walk", control=control, commands=((130.0, command),))
    assert result.path[-1] == end
    assert recorded(session)["decision"]["to"] == "gripped"
    assert replay(session).identical


# The show file

FILM = """
title: {en: Short}
fps: 24
start: first
max_runtime: 1 min
scenes:
  first: {clip: only.mkv, length: 1 s, default: only}
  only: {clip: only.mkv, length: 1 s, ending: true}
"""


@pytest.fixture
def show_file(tmp_path, only_clip) -> Callable[[str], Path]:
    """Write a show file beside a film, with these lines in it."""
    (tmp_path / "film.yaml").write_text(FILM)
    (tmp_path / "only.mkv").write_bytes(only_clip.read_bytes())

    def write(lines: str) -> Path:
        path = tmp_path / "show.toml"
        path.write_text(f'film = "film.yaml"\ndriver = "silent"\n{lines}\n')
        return path

    return write


def test_without_a_control_the_audience_steers(show_file):
    assert load_show(show_file("")).control is None


def test_a_yoked_show_takes_the_other_s_way_from_its_session(show_file, tmp_path):
    rehearse(load_show(show_file("")), tmp_path / "a.mcap", tmp_path)
    show = load_show(show_file('control = "yoked:a.mcap"'))
    path = ((0, "first"), (1, "only"))
    assert show.control == Control("yoked", session="a.mcap", path=path)
    assert configuration_of(show, 1, 0).control == replace_arm(show.control, "yoked")


def replace_arm(control: Control, arm: str) -> Control:
    return msgspec.structs.replace(control, arm=arm)


@pytest.mark.parametrize("kind", ["sham", "blind"])
def test_a_seed_is_read(show_file, kind):
    assert load_show(show_file(f'control = "{kind}"')).control == Control(kind)
    seeded = load_show(show_file(f'control = "{kind}"\nseed = 7'))
    assert seeded.control == Control(kind, seed=7)


@pytest.mark.parametrize(
    ("lines", "place", "words"),
    [
        ('control = "shame"', "show.toml:3", "Did you mean `sham`?"),
        ('control = "sham:a.mcap"', "show.toml:3", "no control"),
        ('control = "yoked:"', "show.toml:3", "no control"),
        ('control = "yoked:none.mcap"', "show.toml:3", "none.mcap: cannot be opened"),
        ('control = "yoked:film.yaml"', "show.toml:3", "film.yaml: not a session file"),
        ('control = "yoked:only"', "show.toml:3", "cannot be opened"),
        ("seed = 3", "show.toml:3", "nothing is drawn by this seed"),
        ('control = "sham"\nseed = -1', "show.toml:4", ">= 0"),
    ],
)
def test_what_is_no_control_is_refused(show_file, tmp_path, lines, place, words):
    (tmp_path / "only").mkdir()
    refuses(show_file(lines), place, words)


def refuses(path: Path, place: str, words: str) -> None:
    with pytest.raises(ShowError) as caught:
        load_show(path)
    (problem,) = caught.value.problems
    assert str(problem).startswith(place)
    assert words in str(problem)


def test_a_session_of_another_film_is_refused(show_file, tmp_path):
    rehearse(load_show(show_file("")), tmp_path / "a.mcap", tmp_path)
    (tmp_path / "film.yaml").write_text(FILM.replace("Short", "Shorter"))
    path = show_file('control = "yoked:a.mcap"')
    refuses(path, "show.toml:3", "a.mcap is of another film (film.yaml), or of other clips")


def test_a_session_that_was_cut_off_is_refused_until_it_is_recovered(show_file, tmp_path):
    session = tmp_path / "a.mcap"
    rehearse(load_show(show_file("")), session, tmp_path)
    session.write_bytes(session.read_bytes()[:-100])
    path = show_file('control = "yoked:a.mcap"')
    refuses(path, "show.toml:3", f"Run hall session recover {session}.")
