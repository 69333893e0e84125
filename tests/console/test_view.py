"""What is shown: from statuses and events to the page, without any page."""

from itertools import count

import pytest

import dsp
from engine.console import _panels as panels
from engine.console._curves import gaps, interval, options, thresholds
from engine.console._drawing import wrapped
from engine.console._layout import lay_out
from engine.console._page import pressed
from engine.console._state import PATIENCE_NS, SILENT_NS, Press, State, answered
from engine.console._view import (
    FLAGS,
    alarms,
    branches,
    can_start,
    clock,
    clock_text,
    decision_words,
    entered,
    following,
    press_answer,
    seat_kind,
    seat_view,
    ways,
)
from engine.console._words import Words
from engine.status import SeatStatus
from narrative import load_film
from playback import Command, Player, SilentDriver

NS = 1_000_000_000


@pytest.fixture
def asked(state, event):
    """The question is on the screen, at its second 10."""
    state.hear_all([event("started", 0, "lead_in", 0), event("started", 60)])
    state.hear_event(event("position", 70, frame=240))
    return state


# Seats


@pytest.mark.parametrize(
    ("seat", "kind"),
    [
        (SeatStatus("A1", "joined", 0, 0.1), "good"),
        (SeatStatus("A1", "joined", dsp.Flag.NO_BASELINE, 0.1), "baseline"),
        (SeatStatus("A1", "joined", dsp.Flag.NO_BASELINE | dsp.Flag.NOISY, 0.1), "degraded"),
        (SeatStatus("A1", "joined", dsp.Flag.RAILED, 0.1), "degraded"),
        (SeatStatus("A1", "joined", 0, 5.0), "silent"),
        (SeatStatus("A1", "joined", dsp.Flag.ABSENT, 0.1), "silent"),
        (SeatStatus("A1", "withdrawn", dsp.Flag.NOT_ADMITTED, 9.0), "withdrawn"),
    ],
)
def test_seats_by_quality(seat, kind, english):
    assert seat_kind(seat) == kind
    assert seat_view(seat, english).kind == kind


def test_every_flag_has_words(english):
    assert set(FLAGS) == set(dsp.Flag)
    words = seat_view(SeatStatus("A1", "joined", int(~dsp.Flag(0)), 0.1), english).words
    assert all(text in words for text in FLAGS.values())


# Countdown


def test_before_the_film_nothing_counts_down(state):
    assert clock(state, 0) is None
    assert following(state).scene == "lead_in"


def test_counting_down_to_decision_and_cut(asked):
    now = clock(asked, 70 * NS)
    assert (now.at_s, now.decision_s, now.cut_s) == (10.0, 12.0, 14.0)


def test_the_countdown_goes_on_between_the_players_words(asked):
    assert clock(asked, 71 * NS).cut_s == pytest.approx(13.0, abs=0.05)


def test_without_a_word_from_the_player_the_countdown_stands(asked):
    later = clock(asked, 70 * NS + SILENT_NS)
    assert clock(asked, 700 * NS) == later


def test_in_panic_the_countdown_stands(asked, event):
    asked.hear_event(event("paused", 70, frame=240))
    assert clock(asked, 75 * NS).cut_s == 14.0
    asked.hear_event(event("resumed", 80, frame=264))
    assert clock(asked, 81 * NS).cut_s == pytest.approx(12.0, abs=0.05)


def test_a_scene_without_branches_has_no_decision(state, event):
    state.hear_event(event("started", 0, "lead_in", 0))
    now = clock(state, 0)
    assert (now.decision_s, now.cut_s) == (None, 60.0)


def test_after_a_decision_only_the_cut_is_waited_for(asked, status, decision):
    asked.hear_status(status(82, decisions=(decision(),)), 82 * NS)
    assert clock(asked, 82 * NS).decision_s is None


# What follows


def test_the_default_follows_while_nobody_says_anything(asked):
    assert following(asked) == following(asked).__class__("calm", "default")


def test_a_prediction(asked, status, decision):
    asked.hear_status(status(70, preview=decision()), 70 * NS)
    assert (following(asked).scene, following(asked).by) == ("gripped", "predicted")
    asked.hear_status(status(71, preview=decision("calm", None, "default")), 71 * NS)
    assert (following(asked).scene, following(asked).by) == ("calm", "default")


def test_a_prediction_about_another_visit_is_not_shown(asked, event, status, decision):
    asked.hear_status(status(70, preview=decision(), decisions=(decision(),)), 70 * NS)
    asked.hear_event(event("started", 84, visit=2))
    assert following(asked).by == "default"
    assert [branch.report for branch in branches(asked)] == [None, None]


def test_the_operator_goes_before_the_audience(asked, event, status, decision):
    asked.hear_status(status(82, decisions=(decision(),)), 82 * NS)
    assert (following(asked).scene, following(asked).by) == ("gripped", "audience")
    for kind, detail, scene, by in [
        ("held", "HOLD: defaults until AUTO (console)", "calm", "hold"),
        ("taken", "TAKE 2: together follows (console)", "together", "operator"),
        ("taken", "DEFAULT: calm follows", "calm", "operator"),
        ("released", "AUTO: the audience decides (window)", "gripped", "audience"),
    ]:
        asked.hear_event(event(kind, 83, detail=detail))
        assert (following(asked).scene, following(asked).by) == (scene, by)


def test_hold_outlives_the_scene_and_take_does_not(asked, event):
    asked.hear_event(event("held", 71, detail="HOLD: defaults until AUTO"))
    asked.hear_event(event("taken", 72, detail="TAKE 1: gripped follows"))
    asked.hear_event(event("started", 84, "gripped", 2))
    assert (asked.holding, asked.taken) == (True, "")
    assert following(asked).by == "none"


def test_the_console_and_the_player_agree_on_what_follows(state):
    """The player itself, through every command of the operator."""
    player = Player(state.show.table, SilentDriver())
    player.command(Command("start"))
    run(player, state, 61.0)
    assert state.scene == "question"
    for kind, number, scene in [
        ("take", 2, "together"),
        ("hold", None, "together"),
        ("auto", None, "calm"),
        ("hold", None, "calm"),
        ("take", 1, "gripped"),
        ("default", None, "calm"),
        ("take", 2, "together"),
    ]:
        assert player.command(Command(kind, number, "console")).accepted
        run(player, state, 0.5)
        assert following(state).scene == scene
        assert state.holding == player.holding
    player.command(Command("panic"))
    run(player, state, 5.0)
    assert state.paused
    player.command(Command("resume"))
    run(player, state, 30.0)
    assert not state.paused
    assert state.path == {0: "lead_in", 1: "question", 2: "together"}
    assert state.ended


def run(player: Player, state: State, seconds: float) -> None:
    """Tick the player by its own grid, and let the console hear of it."""
    until_ns = (player.next_tick_ns or 0) + seconds * NS
    while (now_ns := player.next_tick_ns or 0) < until_ns:
        state.hear_all(player.tick(now_ns))


def test_branches_carry_their_conditions(asked, status, decision):
    asked.hear_status(status(70, preview=decision()), 70 * NS)
    first, second = branches(asked)
    assert (first.number, first.scene, first.verdict) == (1, "gripped", "true")
    assert (second.number, second.scene, second.verdict) == (2, "together", "false")


# Silence


def test_all_is_well(asked, status, english):
    asked.hear_status(status(70), 70 * NS)
    assert alarms(asked, 71 * NS, english) == ()


def test_a_silent_engine_is_said_in_big_letters(asked, event, status, say):
    asked.hear_status(status(70), 70 * NS)
    asked.hear_event(event("position", 73, frame=300))
    (alarm,) = alarms(asked, 73 * NS, say)
    assert "3 " in alarm.title
    assert alarm.title in panels.alarm_bar(asked, 73 * NS, say)
    asked.hear_status(status(74), 73 * NS)
    assert alarms(asked, 73 * NS, say) == ()


def test_a_silent_player_is_said_first(asked, status, english):
    asked.hear_status(status(70), 70 * NS)
    player, engine = alarms(asked, 75 * NS, english)
    assert "PLAYER" in player.title
    assert "ENGINE" in engine.title


def test_an_engine_may_take_its_time_to_say_its_first_word(state, english):
    state.hear_player(PATIENCE_NS)
    assert alarms(state, PATIENCE_NS, english) == ()
    state.hear_player(PATIENCE_NS + NS)
    assert len(alarms(state, PATIENCE_NS + NS, english)) == 1


def test_after_the_end_silence_is_no_alarm(asked, event, english):
    asked.hear_event(event("ended", 90, "calm", 2))
    assert alarms(asked, 900 * NS, english) == ()
    assert clock(asked, 900 * NS) is None
    assert following(asked).by == "none"


# Presses


def test_start_waits_for_the_engine_and_closes_once_the_film_runs(state, event, status):
    assert not can_start(state, NS)
    state.hear_status(status(), NS)
    assert can_start(state, NS)
    state.hear_event(event("started", 2, "lead_in", 0))
    assert not can_start(state, 3 * NS)


def test_start_is_open_without_an_engine_too(state):
    assert can_start(state, PATIENCE_NS + NS)


def test_the_answer_stands_beside_the_press(say):
    press = Press(1, "take", 2, 0)
    assert press_answer(press, say) in panels.answer(press, say)
    silent = answered(press, "silent", "")
    assert press_answer(silent, say) == say("no answer")
    shown = panels.answer(answered(press, "accepted", "TAKE 2: gripped follows"), say)
    assert "accepted" in shown
    assert say.scene("gripped") in shown


@pytest.mark.parametrize(
    ("name", "code", "wanted"),
    [
        ("Escape", "Escape", ("panic", None)),
        ("h", "KeyH", ("hold", None)),
        ("H", "KeyH", ("hold", None)),
        ("Process", "KeyH", ("hold", None)),
        ("ㄘ", "KeyH", ("hold", None)),
        ("a", "KeyQ", ("auto", None)),
        ("3", "Digit3", ("take", 3)),
        ("3", "Numpad3", ("take", 3)),
        ('"', "Digit3", ("take", 3)),
        ("0", "Digit0", None),
        (" ", "Space", None),
        ("Enter", "Enter", None),
        ("F5", "F5", None),
        ("d", "KeyD", ("default", None)),
        ("r", "KeyR", ("resume", None)),
        ("s", "KeyS", ("start", None)),
        ("x", "KeyX", None),
    ],
)
def test_keys(name, code, wanted):
    assert pressed(name, code) == wanted


# Curves


def test_the_band_is_two_standard_errors(status):
    engagement, *_, synchrony = status(value=1.0).signals
    assert interval(engagement) == (0.5, 1.5)
    assert interval(synchrony) == (-1.0, 3.0)
    assert interval(status(value=None).signals[0]) is None


def test_curves_reach_back_three_minutes(state, status):
    for step in range(1200):
        state.hear_status(status(step * 0.2), step)
    times = [moment.hall_s for moment in state.moments]
    assert times[-1] - times[0] <= 180.0
    assert len(times) == pytest.approx(300, abs=70)


def test_what_is_unknown_is_a_gap_with_its_reason(state, status, english):
    values = [1.0, None, None, 1.0, None]
    for second, value in zip(count(), values):
        state.hear_status(status(float(second), value, "" if value else f"reason {second}"), 0)
    assert gaps(state.moments, 0) == [(1.0, 2.0, "reason 2"), (4.0, 4.0, "reason 4")]
    line = options(tuple(state.moments), 0, 4.0, (), english, timed=True)["series"][2]
    assert [value for _, value in line["data"]] == values


def test_while_the_engine_is_silent_time_goes_on_and_values_are_unknown(state, status, english):
    state.hear_status(status(100.0), 5 * NS)
    assert panels.hall_clock(state, 15 * NS) == "0:01:50"
    (signal, *_) = state.status.signals
    assert "1.00" in panels.signal_line(signal, False, english)
    assert "the engine is silent" in panels.signal_line(signal, True, english)
    line = options(tuple(state.moments), 0, state.hall_s(15 * NS), (), english, timed=True)
    assert line["series"][2]["data"] == [[-10.0, 1.0]]


def test_an_engine_that_starts_anew_starts_the_curves_anew(state, status):
    state.hear_status(status(100.0), 0)
    state.hear_status(status(1.0), 0)
    assert [moment.hall_s for moment in state.moments] == [1.0]


def test_thresholds_are_those_of_the_scene(show):
    assert thresholds(show, "question", "engagement") == (0.4,)
    assert thresholds(show, "question", "synchrony") == (3.0,)
    assert thresholds(show, "question", "forehead_theta_alpha") == ()
    assert thresholds(show, "", "engagement") == ()


# Words and drawings


def test_decisions_in_words(decision, english, chinese):
    assert decision_words(decision(), english) == (
        "Gripped: engagement > 0.4 (0.75), held 5.1 of 5 s"
    )
    by_default = decision_words(decision("calm", None, "default"), chinese)
    assert by_default.startswith("依預設走「平靜」：未走「入迷」，投入度 > 0.4 (0.75)")
    assert "入迷" in decision_words(decision(by="operator"), chinese)
    assert "平靜" in decision_words(decision("calm", None, "hold"), chinese)
    assert "平靜" in decision_words(decision("calm", None, "max_runtime"), chinese)


def test_every_panel_in_every_situation(state, event, status, decision, say):
    """Nothing fails on the way through a show, in no language."""
    layout = lay_out("lead_in", {n: s.candidates for n, s in state.show.film.scenes.items()})
    show_panels(state, layout, say)
    for hear in (
        lambda: state.hear_status(status(value=None, reason="no reading"), 0),
        lambda: state.hear_event(event("started", 0, "lead_in", 0)),
        lambda: state.hear_event(event("started", 60)),
        lambda: state.hear_status(status(preview=decision(), faults={"x": "y"}), 0),
        lambda: state.hear_event(event("fault", 61, detail="calm cannot be played")),
        lambda: state.hear_event(event("paused", 62, detail="PANIC (console)")),
        lambda: state.hear_status(status(1, decisions=(decision(),)), 0),
        lambda: state.hear_event(event("started", 90, "calm", 2, by="default")),
        lambda: state.hear_event(event("ended", 94, "calm", 2)),
    ):
        hear()
        show_panels(state, layout, say)


def show_panels(state, layout, say: Words) -> None:
    now_ns = 63 * NS
    for panel in (panels.alarm_bar, panels.lights, panels.stage, panels.countdown):
        assert "None" not in panel(state, now_ns, say)
    for panel in (panels.phase, panels.standby, panels.seats_legend, panels.decisions, panels.log):
        assert "None" not in panel(state, say)
    assert panels.film(state, layout, say).count("<rect") >= 5


def test_the_graph_tells_current_past_and_next(asked, status, decision, english):
    layout = lay_out("lead_in", {n: s.candidates for n, s in asked.show.film.scenes.items()})
    asked.hear_status(status(70, preview=decision()), 70 * NS)
    drawn = panels.film(asked, layout, english)
    assert 'class="scene been"' in drawn
    assert 'class="scene current been"' in drawn
    assert 'class="scene next open ending"' in drawn
    assert drawn.count('class="scene open ending"') == 2


def test_what_others_wrote_is_never_markup(state, event, status, english):
    state.hear_status(status(faults={"<script>": "<img>"}), 0)
    state.hear_event(event("fault", 1, detail="<b>"))
    assert "<script>" not in panels.log(state, english)
    assert "<b>" not in panels.log(state, english)


@pytest.mark.parametrize(
    ("title", "lines"),
    [
        ("Night", ["Night"]),
        ("The lighthouse", ["The", "lighthouse"]),
        ("風平浪靜", ["風平浪靜"]),
        ("潮汐之前的漫長等待", ["潮汐之前的", "漫長等待"]),
        ("A very long title that goes on", ["A very long", "title that…"]),
        ("Incomprehensibilities", ["Incomprehen", "sibilities"]),
    ],
)
def test_titles_are_broken_to_fit(title, lines):
    assert wrapped(title) == lines


def test_clock():
    assert clock_text(3723.9) == "1:02:03"
    assert clock_text(-1.0) == "0:00:00"


def test_the_graph_shows_scenes_as_they_were_written():
    film = load_film(
        """\
title: {en: Threads}
fps: 24
start: lead_in
max_runtime: 10 min
scenes:
  lead_in: {clip: a.mkv, length: 60 s, lead_in: true, default: chase}
  chase:
    threads: {anna: b.mkv, ben: c.mkv}
    length: 24 s
    cuts: {every: 6 s, branches: [{when: engagement.trend < 0, to: other}]}
    default: waiting
  waiting:
    clip: d.mkv
    length: 12 s
    reading: {from: 3 s, to: 11 s}
    bumper: 3
    branches: [{when: engagement > 0.7 for 5 s, to: chase}]
    default: end
  end: {clip: e.mkv, length: 6 s, ending: true}
""",
        "film.yaml",
    )
    assert ways(film) == {
        "lead_in": ("chase",),
        "chase": ("waiting",),
        "waiting": ("chase", "end"),
        "end": (),
    }
    assert {scene.thread for scene in film.scenes.values()} == {"", "anna", "ben"}
    assert {s.of for s in film.scenes.values() if s.thread} == {"chase"}
    path = ["lead_in", "chase.anna.1", "chase.ben.2", "waiting", "waiting.2", "end"]
    assert entered(film, path) == ("lead_in", "chase", "waiting", "end")
