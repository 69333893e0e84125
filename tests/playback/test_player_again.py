"""A player that goes on in the place of one that died, and engines that say who they are."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from playback import (
    Command,
    FilmTable,
    Levels,
    Plan,
    Player,
    PlayerState,
    SilentDriver,
    TableError,
)

Make = Callable[..., Any]
PLAN = Plan(3, 1, "fork", ("right", "middle"), "left", 80)
FRESH = PlayerState(False, -1, "", 0, False, False, None, None, 0, False)


def test_the_state_of_a_new_player_is_that_of_no_player(play: Make, table: FilmTable) -> None:
    assert play().player.state == FRESH
    assert Player(table, SilentDriver(), FRESH).state == FRESH


def test_the_state_says_where_the_player_stands(running: Make) -> None:
    hand = running()
    hand.tick(10)
    hand.player.plan(replace(PLAN, choice="right"))
    hand.player.command(Command("hold"))
    hand.player.command(Command("take", 3))
    hand.player.command(Command("panic"))
    hand.player.levels(Levels(3, 1, -4.5))
    assert hand.player.state == PlayerState(
        started=True,
        visit=1,
        scene="fork",
        frame=10,
        paused=True,
        holding=True,
        taken="middle",
        plan=replace(PLAN, choice="right"),
        term=3,
        finished=False,
        gain_db=-4.5,
    )


def test_the_film_goes_on_as_loud_as_it_was(running: Make, again: Make) -> None:
    hand = running()
    hand.player.levels(Levels(3, 1, -4.5))
    after = again(hand)
    after.tick(2)
    assert after.driver.heard == (-4.5, None)


def test_the_film_goes_on_at_the_next_frame_at_full_level(running: Make, again: Make) -> None:
    hand = running()
    hand.tick(10)
    after = again(hand)
    assert (after.player.scene, after.player.visit, after.player.frame) == ("fork", 1, 11)
    after.tick(2)
    assert after.screen == [("fork.mkv", 11, 1.0), ("fork.mkv", 12, 1.0)]
    told = [(e.kind, e.by, e.visit, e.scene, e.frame) for e in after.events]
    assert told == [("paused", "player", 1, "fork", 11), ("resumed", "player", 1, "fork", 11)]
    assert "started again" in after.events[0].detail
    after.to_end()
    assert after.path() == [("left", "default"), ("end", "default")]
    assert after.player.visit == 3
    assert after.driver.slots == ()


@pytest.mark.parametrize(("frames", "first"), [(0, 0), (1, 0), (2, 0), (3, 1), (50, 48), (99, 97)])
def test_what_was_asked_for_and_never_seen_is_shown_again(
    running: Make, again: Make, frames: int, first: int
) -> None:
    hand = running()
    hand.tick(frames)
    after = again(hand, delay=3)
    after.tick()
    assert after.screen == [("fork.mkv", first, 1.0)]


def test_after_the_last_frame_it_is_shown_once_more(running: Make, again: Make) -> None:
    hand = running()
    hand.tick(99)
    after = again(hand)
    after.tick(2)
    assert after.screen == [("fork.mkv", 99, 1.0), ("left.mkv", 0, 1.0)]


def test_film_time_stands_until_the_clip_is_there(running: Make, again: Make) -> None:
    hand = running()
    hand.tick(10)
    slow = {"fork.mkv"}
    after = again(hand, never_ready=slow)
    after.tick(20)
    assert after.screen == [None] * 20
    assert after.player.frame == 11
    after.ns += 1_000_000_000
    after.player.tick(after.ns)
    slow.clear()
    after.tick()
    assert after.screen[-1] == ("fork.mkv", 11, 1.0)
    assert after.kinds() == ["paused", "resumed"]


def test_killed_again_before_the_film_goes_on_no_frame_is_lost(running: Make, again: Make) -> None:
    hand = running()
    hand.tick(10)
    once = again(hand, delay=3, never_ready={"fork.mkv"})
    once.tick(5)
    twice = again(again(once, delay=3), delay=3)
    twice.tick()
    assert twice.screen == [("fork.mkv", 8, 1.0)]


def test_panic_stays_in_force_until_resume(running: Make, again: Make) -> None:
    hand = running()
    hand.tick(10)
    hand.player.command(Command("panic"))
    hand.tick(5)
    after = again(hand)
    after.tick(200)
    assert set(after.screen) == {None}
    assert after.player.paused
    assert after.kinds() == ["paused"]
    after.player.command(Command("resume", operator="Ada"))
    after.tick(24)
    assert after.screen[-24] == ("fork.mkv", 16, pytest.approx(1 / 24))
    assert after.screen[-1] == ("fork.mkv", 39, 1.0)
    assert [(e.by, e.frame) for e in after.events if e.kind == "resumed"] == [("operator", 16)]


def test_resume_before_the_clip_is_there_counts_from_when_it_is(running: Make, again: Make) -> None:
    hand = running()
    hand.player.command(Command("panic"))
    slow = {"fork.mkv"}
    after = again(hand, never_ready=slow)
    after.player.command(Command("resume"))
    after.tick(12)
    assert after.kinds() == ["paused"]
    slow.clear()
    after.tick()
    assert after.screen[-1] == ("fork.mkv", 1, pytest.approx(1 / 24))
    assert after.kinds() == ["paused", "resumed"]


def test_panic_while_the_clip_is_awaited(running: Make, again: Make) -> None:
    hand = running()
    slow = {"fork.mkv"}
    after = again(hand, never_ready=slow)
    assert after.player.command(Command("panic")).what == "the slate is up"
    slow.clear()
    after.tick(50)
    assert set(after.screen) == {None}
    after.player.command(Command("resume"))
    after.tick()
    assert after.screen[-1] == ("fork.mkv", 1, 1.0)


def test_hold_take_plan_and_term_survive(running: Make, again: Make) -> None:
    hand = running()
    hand.player.plan(replace(PLAN, choice="right"))
    after = again(hand)
    assert not after.player.plan(replace(PLAN, term=2, choice="middle")).accepted
    after.to_end()
    assert after.path()[0] == ("right", "engine")
    hand.player.command(Command("hold"))
    holding = again(hand)
    holding.to_end()
    assert holding.path()[0] == ("left", "operator")
    hand.player.command(Command("take", 3))
    taking = again(hand)
    taking.to_end()
    assert taking.path()[0] == ("middle", "operator")


def test_a_late_choice_is_late_by_the_frames_of_the_whole_scene(running: Make, again: Make) -> None:
    hand = running()
    hand.tick(75)
    after = again(hand)
    after.tick(6)
    assert after.player.frame == 81
    assert "late" in after.player.plan(replace(PLAN, choice="right")).what


@pytest.mark.parametrize("visit", [0, 1])
def test_a_clip_that_is_gone_gives_way_to_its_default(play: Make, again: Make, visit: int) -> None:
    hand = play()
    hand.player.command(Command("start"))
    hand.until(["lead", "fork"][visit])
    after = again(hand, vanished={f"{hand.player.scene}.mkv"})
    after.tick()
    assert after.kinds() == ["paused", "fault", "started"]
    assert after.screen == [(["fork.mkv", "left.mkv"][visit], 0, 1.0)]
    assert after.player.visit == visit + 1


def test_a_clip_that_never_opens_gives_way_after_five_seconds(running: Make, again: Make) -> None:
    after = again(running(), never_ready={"fork.mkv"})
    after.until("left")
    assert after.screen.index(("left.mkv", 0, 1.0)) == 5 * 24 - 1
    assert after.kinds() == ["paused", "fault", "started"]


def test_an_ending_that_is_gone_ends(running: Make, again: Make) -> None:
    hand = running()
    hand.until("end")
    after = again(hand, vanished={"end.mkv"})
    after.to_end()
    assert after.kinds() == ["paused", "fault", "ended"]


def test_stop_while_the_clip_is_awaited(running: Make, again: Make) -> None:
    after = again(running(), never_ready={"fork.mkv"})
    after.tick(3)
    after.player.command(Command("stop"))
    after.tick(3)
    assert after.player.finished
    assert after.driver.slots == ()


def test_before_the_first_picture_the_film_starts(play: Make, again: Make) -> None:
    hand = play()
    hand.player.command(Command("hold"))
    waiting = again(hand)
    waiting.tick(5)
    assert waiting.screen == [None] * 5
    assert waiting.player.holding
    hand.player.command(Command("start"))
    after = again(hand)
    after.tick()
    assert after.screen == [("lead.mkv", 0, 1.0)]
    assert after.kinds() == ["started"]


def test_after_the_end_the_slate_stays(running: Make, again: Make) -> None:
    hand = running()
    hand.player.command(Command("stop"))
    after = again(hand)
    after.tick(50)
    assert after.player.finished
    assert (set(after.screen), after.events, after.driver.slots) == ({None}, [], ())
    assert not after.player.command(Command("start")).accepted


def test_a_state_of_another_film_is_refused(table: FilmTable) -> None:
    with pytest.raises(TableError, match="'elsewhere'"):
        Player(table, SilentDriver(), replace(FRESH, started=True, visit=0, scene="elsewhere"))


def test_engines_claim_their_term(play: Make) -> None:
    hand = play()
    assert hand.player.claim(2).accepted
    hand.player.command(Command("start"))
    hand.until("fork")
    assert not hand.player.plan(replace(PLAN, term=1)).accepted
    assert hand.player.claim(3).accepted
    assert hand.player.claim(3).accepted
    refused = hand.player.claim(2)
    assert not refused.accepted
    assert "superseded" in refused.what
    hand.tick()
    told = [(e.kind, e.by, e.term) for e in hand.events if e.kind == "claimed"]
    assert told == [("claimed", "engine", 2), ("claimed", "engine", 3)]


def test_a_claim_leaves_the_older_choice_until_the_newer_engine_plans(running: Make) -> None:
    hand = running()
    hand.player.plan(replace(PLAN, choice="right"))
    hand.player.claim(4)
    hand.to_end()
    assert hand.path()[2] == ("right", "engine")
