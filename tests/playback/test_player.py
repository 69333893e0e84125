"""The player core on the silent driver: who decides what follows, and when."""

from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest

from playback import (
    MOST_PREROLLED,
    Bed,
    Clip,
    Command,
    FilmTable,
    Levels,
    Plan,
    Player,
    SilentDriver,
    TableError,
    TableScene,
)

Make = Callable[..., Any]


def plan(**changes: Any) -> Plan:
    whole = Plan(1, 1, "fork", ("right", "middle"), "left", 80)
    return replace(whole, **changes)


def test_slate_until_started_then_defaults_to_an_ending(play: Make) -> None:
    hand = play()
    hand.tick(10)
    assert hand.screen == [None] * 10
    assert (hand.player.visit, hand.player.scene) == (-1, "")
    hand.player.command(Command("start"))
    hand.to_end()
    assert hand.path() == [
        ("lead", "operator"),
        ("fork", "default"),
        ("left", "default"),
        ("end", "default"),
    ]
    assert hand.kinds() == ["started"] * 4 + ["ended"]
    assert hand.screen[-1] is None
    assert hand.driver.slots == ()


def test_every_frame_once_in_order_without_a_seam(play: Make) -> None:
    hand = play()
    hand.player.command(Command("start"))
    hand.to_end()
    shown = [(path, frame) for path, frame, _ in filter(None, hand.screen)]
    lengths = {"lead": 30, "fork": 100, "left": 40, "end": 20}
    assert shown == [(f"{name}.mkv", k) for name, n in lengths.items() for k in range(n)]


def test_events_carry_visit_frame_and_time(play: Make) -> None:
    hand = play()
    hand.player.command(Command("start"))
    hand.to_end()
    started = [event for event in hand.events if event.kind == "started"]
    assert [(event.visit, event.frame) for event in started] == [(0, 0), (1, 0), (2, 0), (3, 0)]
    frames = [round(event.hall_ns * 24 / 1e9) for event in started]
    assert frames == [0, 30, 130, 170]
    beats = [event.hall_ns / 1e9 for event in hand.events if event.kind == "position"]
    assert len(beats) == 190 // 12
    assert all(b - a == pytest.approx(0.5, abs=1e-6) for a, b in pairwise(beats))


def test_the_default_is_prerolled_as_soon_as_the_scene_starts(running: Make) -> None:
    hand = running()
    assert len(hand.driver.slots) == 2


def test_a_plan_prerolls_its_candidates_and_its_choice_is_followed(running: Make) -> None:
    hand = running()
    ack = hand.player.plan(plan())
    assert ack.accepted
    assert len(hand.driver.slots) == 4
    assert hand.player.plan(plan(choice="right")).accepted
    hand.to_end()
    assert hand.path()[2:] == [("right", "engine"), ("far", "default")]
    planned = [event for event in hand.events if event.kind == "planned"]
    assert [event.term for event in planned] == [1, 1]


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"visit": 0}, "wrong visit"),
        ({"scene": "lead"}, "wrong visit"),
        ({"choice": "far"}, "no branch"),
        ({"candidates": ("nowhere",)}, "no branch"),
        ({"deadline_frame": 5}, "late"),
        ({"term": 1}, "superseded"),
    ],
)
def test_refused_plans(running: Make, wrong: dict[str, Any], why: str) -> None:
    hand = running()
    hand.player.plan(plan(term=2))
    hand.tick(10)
    ack = hand.player.plan(replace(plan(term=2, choice="right"), **wrong))
    assert not ack.accepted
    assert why in ack.what
    hand.to_end()
    assert hand.path()[2] == ("left", "default")
    assert "refused" in hand.kinds()


def test_plans_outside_the_film_are_refused(play: Make) -> None:
    hand = play()
    assert not hand.player.plan(plan()).accepted
    hand.player.command(Command("start"))
    hand.to_end()
    assert not hand.player.plan(plan()).accepted


def test_choices_until_the_deadline_and_none_after_it(running: Make) -> None:
    hand = running()
    hand.player.plan(plan())
    hand.tick(80)
    assert hand.player.frame == 80
    assert hand.player.plan(plan(choice="right")).accepted
    hand.tick()
    late = hand.player.plan(plan(choice="middle", deadline_frame=99))
    assert not late.accepted
    assert "late" in late.what
    hand.to_end()
    assert hand.path()[2] == ("right", "engine")


def test_without_a_plan_the_deadline_is_twelve_frames_before_the_end(running: Make) -> None:
    hand = running()
    hand.tick(89)
    assert not hand.player.plan(plan(choice="right", deadline_frame=99)).accepted


def test_a_preroll_that_arrives_after_the_choice_does_not_undo_it(running: Make) -> None:
    hand = running()
    hand.player.plan(plan(choice="right"))
    hand.player.plan(plan())
    hand.to_end()
    assert hand.path()[2] == ("right", "engine")


def test_a_newer_engine_overrides_and_the_older_is_refused(running: Make) -> None:
    hand = running()
    hand.player.plan(plan(choice="right"))
    assert hand.player.plan(plan(term=7, choice="middle")).accepted
    assert not hand.player.plan(plan(term=6, choice="right")).accepted
    hand.to_end()
    assert hand.path()[2] == ("middle", "engine")


def test_a_newer_engine_that_only_prerolls_voids_the_older_choice(running: Make) -> None:
    hand = running()
    hand.player.plan(plan(choice="right"))
    hand.player.plan(plan(term=2))
    hand.to_end()
    assert hand.path()[2] == ("left", "default")


COMMANDS_BEFORE_THE_CUT = [
    (["hold"], ("left", "operator")),
    (["hold", "auto"], ("right", "engine")),
    (["take 3"], ("middle", "operator")),
    (["hold", "take 3"], ("middle", "operator")),
    (["take 3", "hold"], ("middle", "operator")),
    (["take 3", "auto"], ("right", "engine")),
    (["default"], ("left", "operator")),
    (["take 3", "default"], ("left", "operator")),
    (["default", "take 1"], ("right", "operator")),
]


@pytest.mark.parametrize(("commands", "follows"), COMMANDS_BEFORE_THE_CUT)
@pytest.mark.parametrize("before_the_plan", [True, False])
def test_the_operator_decides(
    running: Make, commands: list[str], follows: tuple[str, str], before_the_plan: bool
) -> None:
    hand = running()
    if not before_the_plan:
        assert hand.player.plan(plan(choice="right")).accepted
    for text in commands:
        kind, _, number = text.partition(" ")
        assert hand.player.command(Command(kind, int(number) if number else None, "Ada")).accepted
    if before_the_plan:
        assert hand.player.plan(plan(choice="right")).accepted
    hand.to_end()
    assert hand.path()[2] == follows
    decided = [event for event in hand.events if event.kind in ("held", "released", "taken")]
    names = {"hold": "held", "auto": "released", "take": "taken", "default": "taken"}
    assert [event.kind for event in decided] == [names[text.split()[0]] for text in commands]
    assert "Ada" in decided[0].detail


def test_hold_lasts_until_auto_and_take_only_for_its_scene(play: Make) -> None:
    hand = play()
    hand.player.command(Command("hold"))
    hand.player.command(Command("start"))
    hand.until("fork")
    hand.player.plan(plan(choice="right"))
    hand.player.command(Command("take", 3))
    hand.until("middle")
    assert hand.player.holding
    hand.to_end()
    assert [by for _, by in hand.path()] == ["operator"] * 4


@pytest.mark.parametrize("number", [None, 0, 4])
def test_take_of_a_branch_that_is_not_there(running: Make, number: int | None) -> None:
    hand = running()
    ack = hand.player.command(Command("take", number))
    assert not ack.accepted
    assert "3 branches" in ack.what


def test_unknown_and_untimely_commands_are_refused(play: Make) -> None:
    hand = play()
    for kind in ("dance", "panic", "take", "default"):
        assert not hand.player.command(Command(kind)).accepted
    hand.player.command(Command("start"))
    hand.until("end")
    assert not hand.player.command(Command("take", 1)).accepted
    hand.to_end()
    assert not hand.player.command(Command("panic")).accepted
    assert not hand.player.command(Command("start")).accepted


def test_panic_fades_over_a_second_and_resume_comes_back_at_the_same_frame(running: Make) -> None:
    hand = running()
    hand.tick(9)
    hand.player.command(Command("panic"))
    hand.tick(24)
    levels = [shown[2] for shown in hand.screen[-24:-1]]
    assert levels == pytest.approx([1 - k / 24 for k in range(1, 24)])
    stopped = hand.player.frame
    hand.tick(100)
    assert hand.screen[-100:] == [None] * 100
    assert hand.player.frame == stopped
    assert hand.player.paused
    hand.player.command(Command("resume"))
    hand.tick(24)
    assert hand.screen[-24] == ("fork.mkv", stopped + 1, pytest.approx(1 / 24))
    assert hand.screen[-1] == ("fork.mkv", stopped + 24, 1.0)
    assert hand.kinds()[-2:] == ["paused", "resumed"]


def test_panic_twice_is_at_once_and_both_are_idempotent(running: Make) -> None:
    hand = running()
    for _ in range(3):
        assert hand.player.command(Command("panic")).accepted
    hand.tick()
    assert hand.screen[-1] is None
    for _ in range(2):
        assert hand.player.command(Command("resume")).accepted
    hand.tick(30)
    assert hand.screen[-1][2] == 1.0
    assert [kind for kind in hand.kinds() if kind in ("paused", "resumed")] == [
        "paused",
        "resumed",
    ]


def test_no_cut_happens_behind_the_slate(running: Make) -> None:
    hand = running()
    hand.tick(95)
    hand.player.command(Command("panic"))
    hand.tick(200)
    assert (hand.player.scene, hand.player.frame) == ("fork", 99)
    hand.player.command(Command("resume"))
    hand.tick()
    assert hand.player.scene == "left"


def test_stop_raises_the_slate_and_ends(running: Make) -> None:
    hand = running()
    hand.player.command(Command("stop", operator="Ada"))
    hand.tick()
    assert hand.player.finished
    assert hand.screen[-1] is None
    assert (hand.events[-1].kind, hand.events[-1].by) == ("ended", "operator")
    assert hand.tick(100) == []


def test_a_choice_that_is_not_ready_is_waited_for_then_the_default_is_taken(running: Make) -> None:
    hand = running(never_ready={"right.mkv"})
    hand.player.plan(plan(choice="right"))
    hand.to_end()
    assert hand.path()[2] == ("left", "default")
    assert hand.screen.count(("fork.mkv", 99, 1.0)) == 13
    underflow = next(event for event in hand.events if event.kind == "underflow")
    assert underflow.detail.startswith("12 frames")


def test_a_choice_that_becomes_ready_while_waiting_is_taken(running: Make) -> None:
    slow = {"right.mkv"}
    hand = running(never_ready=slow)
    hand.player.plan(plan(choice="right"))
    hand.tick(102)
    slow.clear()
    hand.to_end()
    assert hand.path()[2] == ("right", "engine")


def test_a_default_that_is_not_ready_gives_way_to_whatever_is(running: Make) -> None:
    hand = running(never_ready={"left.mkv"})
    hand.player.plan(plan())
    hand.to_end()
    assert hand.path()[2] == ("right", "player")


def test_a_vanished_choice_costs_no_frame(running: Make) -> None:
    hand = running(vanished={"right.mkv"})
    hand.player.plan(plan(choice="right"))
    hand.to_end()
    assert hand.path()[2] == ("left", "default")
    assert "underflow" not in hand.kinds()


def test_a_clip_that_breaks_on_the_screen_gives_way_to_its_default(running: Make) -> None:
    broken: set[str] = set()
    hand = running(vanished=broken)
    hand.tick(20)
    broken.add("fork.mkv")
    hand.tick()
    assert hand.screen[-1] == ("left.mkv", 0, 1.0)
    assert hand.kinds()[-2:] == ["fault", "started"]


def test_when_the_default_fails_too_the_slate_bridges_to_the_next_default(running: Make) -> None:
    hand = running(vanished={"left.mkv"})
    hand.to_end()
    assert hand.path()[1:] == [("fork", "default"), ("end", "default")]
    fault = next(event for event in hand.events if event.kind == "fault")
    assert fault.scene == "left"
    assert hand.screen.count(None) == 1 + 2  # one to bridge, two after the end


def test_a_default_that_never_opens_is_given_up(running: Make) -> None:
    hand = running(never_ready={"left.mkv"})
    hand.to_end()
    assert hand.path()[2] == ("end", "default")


def test_nothing_left_to_play_is_an_ending_on_the_slate(play: Make, table: FilmTable) -> None:
    hand = play(vanished={scene.clip.path for scene in table.scenes})
    hand.player.command(Command("start"))
    hand.to_end()
    assert hand.kinds() == ["fault"] * 4 + ["ended"]
    assert set(hand.screen) == {None}


def test_broken_defaults_in_a_loop_end() -> None:
    loop = FilmTable(24, 1, "a", (TableScene("a", Clip("a", 0, 5), "a", ()),), "Loop")
    player = Player(loop, SilentDriver(vanished={"a"}))
    player.command(Command("start"))
    for k in range(10):
        player.tick(k * 50_000_000)
    assert player.finished


def test_a_scene_may_follow_itself(play: Make) -> None:
    again = TableScene("a", Clip("a", 0, 5), "a", ("end",))
    film = FilmTable(24, 1, "a", (again, TableScene("end", Clip("e", 0, 5), None, ())), "Again")
    hand = play(film=film)
    hand.player.command(Command("start"))
    hand.tick(12)
    assert hand.player.visit == 2
    assert [shown[1] for shown in hand.screen] == [0, 1, 2, 3, 4, 0, 1, 2, 3, 4, 0, 1]


def test_a_long_stall_skips_frames_to_stay_on_the_clock(running: Make) -> None:
    hand = running()
    events = hand.player.tick(hand.ns + 41_666_667 * 10)
    assert hand.player.frame == 10
    assert [event.detail[:8] for event in events if event.kind == "underflow"] == ["9 frames"]


def test_between_two_frames_nothing_is_due(running: Make) -> None:
    hand = running()
    frame = hand.player.frame
    assert hand.player.tick(hand.ns + 1_000_000) == ()
    assert hand.player.tick(hand.ns - 1_000_000) == ()
    assert hand.player.frame == frame


@pytest.mark.parametrize(
    ("table", "word"),
    [
        (FilmTable(24, 1, "x", (), "F"), "start"),
        (FilmTable(0, 1, "a", (TableScene("a", Clip("a", 0, 5), None, ()),), "F"), "rate"),
        (FilmTable(24, 1, "a", (TableScene("a", Clip("a", 0, 0), None, ()),), "F"), "frame"),
        (FilmTable(24, 1, "a", (TableScene("a", Clip("a", 0, 5), "b", ()),), "F"), "'b'"),
        (FilmTable(24, 1, "a", (TableScene("a", Clip("a", 0, 5), None, ("a",)),), "F"), "default"),
        (FilmTable(24, 1, "a", (TableScene("a", Clip("a", 0, 5), None, ()),) * 2, "F"), "same"),
    ],
)
def test_tables_that_cannot_be_played_are_refused(table: FilmTable, word: str) -> None:
    with pytest.raises(TableError, match=word):
        Player(table, SilentDriver())


def with_beds(table: FilmTable) -> FilmTable:
    """The same film with music under lead and fork, and other music under right."""
    beds = {"lead": "drone", "fork": "drone", "right": "choir"}
    scenes = tuple(replace(scene, bed=beds.get(scene.scene)) for scene in table.scenes)
    music = (Bed("drone", "drone.wav", -12.0, 2.0), Bed("choir", "choir.wav", 0.0, 1.0))
    return replace(table, scenes=scenes, beds=music)


def test_beds_follow_the_scenes_that_name_them(play: Make, table: FilmTable) -> None:
    hand = play(film=with_beds(table))
    hand.tick(3)
    assert hand.driver.heard is None
    hand.player.command(Command("start"))
    heard = []
    while not hand.player.finished:
        hand.tick()
        heard.append(hand.driver.heard)
    # lead and fork, then left and end without, then the slate.
    assert heard[:130] == [(0.0, "drone")] * 130
    assert heard[130:190] == [(0.0, None)] * 60
    assert heard[190:] == [None]


def test_levels_are_taken_for_the_running_visit_and_gone_with_it(running: Make) -> None:
    hand = running()
    ack = hand.player.levels(Levels(1, 1, -6.0))
    assert ack.accepted
    assert "-6.0 dB" in ack.what
    hand.tick()
    assert hand.driver.heard == (-6.0, None)
    hand.until("left")
    assert hand.driver.heard == (0.0, None)


def test_levels_may_be_told_before_a_visit_begins(running: Make) -> None:
    hand = running()
    assert hand.player.levels(Levels(1, 1, -3.0)).accepted
    assert hand.player.levels(Levels(1, 2, -9.0)).accepted
    hand.tick()
    assert hand.driver.heard == (-3.0, None)
    hand.until("left")
    assert hand.driver.heard == (-9.0, None)
    hand.until("end")
    assert hand.driver.heard == (0.0, None)


@pytest.mark.parametrize(
    ("levels", "why"),
    [
        (Levels(1, 1, -6.0), "superseded"),
        (Levels(2, 0, -6.0), "wrong visit"),
        (Levels(2, 3, -6.0), "wrong visit"),
        (Levels(2, 1, 6.1), "-60 to +6 dB"),
        (Levels(2, 1, -61.0), "-60 to +6 dB"),
        (Levels(2, 1, float("nan")), "-60 to +6 dB"),
    ],
)
def test_refused_levels(running: Make, levels: Levels, why: str) -> None:
    hand = running()
    hand.player.claim(2)
    ack = hand.player.levels(levels)
    assert not ack.accepted
    assert why in ack.what
    hand.tick()
    assert hand.driver.heard == (0.0, None)


def test_levels_raise_the_term_and_are_no_news(running: Make) -> None:
    hand = running()
    for _ in range(10):
        assert hand.player.levels(Levels(7, 1, -6.0)).accepted
        hand.tick()
    assert [event.kind for event in hand.events[-10:]].count("claimed") == 1
    assert hand.kinds() == ["started", "started", "claimed"]
    assert not hand.player.plan(plan(term=6)).accepted


def test_levels_before_and_after_the_film(play: Make) -> None:
    hand = play()
    assert not hand.player.levels(Levels(1, -1, -6.0)).accepted
    assert hand.player.levels(Levels(1, 0, -6.0)).accepted
    hand.player.command(Command("start"))
    hand.tick()
    assert hand.driver.heard == (-6.0, None)
    hand.to_end()
    assert not hand.player.levels(Levels(1, hand.player.visit, -6.0)).accepted


@pytest.mark.parametrize(
    ("beds", "bed", "why"),
    [
        ((), "drone", "no music bed 'drone'"),
        ((Bed("a", "a.wav", 0.0, 1.0),) * 2, None, "two music beds"),
        ((Bed("a", "a.wav", 7.0, 1.0),), None, "7.0 dB"),
        ((Bed("a", "a.wav", 0.0, -1.0),), None, "fade over -1.0 s"),
        ((Bed("a", "a.wav", 0.0, float("inf")),), None, "fade over inf s"),
    ],
)
def test_beds_that_cannot_be_mixed(
    table: FilmTable, beds: tuple[Bed, ...], bed: str | None, why: str
) -> None:
    scenes = (replace(table.scenes[0], bed=bed), *table.scenes[1:])
    with pytest.raises(TableError, match=why):
        Player(replace(table, scenes=scenes, beds=beds), SilentDriver())


def test_no_more_candidates_are_opened_than_there_is_room_for() -> None:
    names = [f"b{n}" for n in range(12)]
    many = (
        TableScene("hub", Clip("hub.mkv", 0, 100), "b0", tuple(names)),
        *(TableScene(name, Clip(f"{name}.mkv", 0, 10), None, ()) for name in names),
    )
    driver = SilentDriver()
    player = Player(FilmTable(24, 1, "hub", many, "Many"), driver)
    player.command(Command("start"))
    player.tick(0)
    asked = Plan(1, 0, "hub", tuple(names), "b0", 80)
    assert player.plan(asked).accepted
    assert len(driver.slots) == 1 + MOST_PREROLLED
    assert player.plan(replace(asked, choice="b11")).accepted
    assert len(driver.slots) == 1 + MOST_PREROLLED
    for _ in range(120):
        player.tick(player.next_tick_ns or 0)
        if player.scene == "b11":
            break
    assert player.scene == "b11"
