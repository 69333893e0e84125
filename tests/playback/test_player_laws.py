"""Whatever is sent to the player, it goes on and comes to an ending."""

from collections.abc import Callable
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from playback import Command, FilmTable, Levels, Plan, Player, SilentDriver

NAMES = ["lead", "fork", "left", "right", "middle", "end", "far", "nowhere"]
scenes = st.sampled_from(NAMES)
plans = st.builds(
    Plan,
    term=st.integers(0, 4),
    visit=st.integers(-1, 4),
    scene=scenes,
    candidates=st.lists(scenes, max_size=3).map(tuple),
    default=scenes,
    deadline_frame=st.integers(-5, 120),
    choice=st.none() | scenes,
)
levels = st.builds(Levels, st.integers(0, 4), st.integers(-1, 4), st.floats())
kinds = ["start", "panic", "resume", "hold", "auto", "take", "default", "dance"]
commands = st.builds(Command, st.sampled_from(kinds), st.none() | st.integers(-1, 5))
ticks = st.integers(-2, 40)
clips = st.sets(st.sampled_from([f"{name}.mkv" for name in NAMES]), max_size=4)


@settings(max_examples=300, deadline=None)
@given(
    steps=st.lists(plans | commands | levels | ticks | st.just("dies"), max_size=80),
    slow=clips,
    gone=clips,
)
def test_any_sequence_ends_in_an_ending(
    table: FilmTable,
    steps: list[Plan | Command | Levels | int | str],
    slow: set[str],
    gone: set[str],
) -> None:
    driver = SilentDriver(slow, gone)
    player = Player(table, driver)
    ns = 0
    for step in steps:
        if step == "dies":
            driver = SilentDriver(slow, gone)
            player = Player(table, driver, player.state)
        elif isinstance(step, Plan):
            player.plan(step)
        elif isinstance(step, Command):
            player.command(step)
        elif isinstance(step, Levels):
            player.levels(step)
            assert -60 <= player.state.gain_db <= 6
        elif isinstance(step, int):
            ns += step * 41_666_667
            for event in player.tick(ns):
                assert event.hall_ns == ns
        on_screen = driver.shown
        if on_screen and not player.finished:
            assert on_screen[0] == f"{player.scene}.mkv"
        assert len(driver.slots) <= 6
    player.command(Command("start"))
    player.command(Command("resume"))
    for _ in range(3000):
        ns += 41_666_667
        player.tick(ns)
        if player.finished:
            break
    assert player.finished
    assert driver.shown is None
    assert driver.slots == ()


@given(jitter=st.lists(st.integers(0, 30_000_000), min_size=300, max_size=300))
@settings(max_examples=30, deadline=None)
def test_jitter_below_a_frame_changes_nothing(table: FilmTable, jitter: list[int]) -> None:
    driver = SilentDriver()
    player = Player(table, driver)
    player.command(Command("start"))
    shown = []
    player.tick(0)
    for late in jitter:
        if player.finished:
            break
        shown.append(driver.shown)
        player.tick((player.next_tick_ns or 0) + late)
    frames = [frame for _, frame, _ in filter(None, shown)]
    assert frames == [*range(30), *range(100), *range(40), *range(20)]


Make = Callable[..., Any]
# What is asked of the player at a frame of the scenes on the path: (visit, frame, what).
asked = st.one_of(
    st.tuples(st.sampled_from(["hold", "auto", "default", "panic"]), st.none()),
    st.tuples(st.just("take"), st.integers(0, 4)),
    st.tuples(st.just("plan"), st.sampled_from([None, "left", "right", "middle"])),
    st.tuples(st.just("claim"), st.integers(1, 4)),
)
Script = dict[tuple[int, int], tuple[str, Any]]
scripts = st.dictionaries(st.tuples(st.integers(0, 3), st.integers(0, 99)), asked, max_size=12)


class Showing:
    """A film shown under a script, by one player or by many that die."""

    def __init__(self, hand: Any, script: Script, deaths: list[int]) -> None:
        self.hand, self._script, self._deaths = hand, dict(script), list(deaths)
        self.path: list[tuple[int, str, str]] = []
        self.shown: list[tuple[int, int]] = []

    def run(self, again: Make, delay: int) -> None:
        self.hand.player.command(Command("start"))
        for tick in range(2000):
            self._note(self.hand.tick())
            self._ask()
            while tick in self._deaths:
                self._deaths.remove(tick)
                self.hand = again(self.hand, delay=delay)
            if self.hand.player.paused and tick % 40 == 0:
                self.hand.player.command(Command("resume"))
            if self.hand.player.finished:
                return
        raise AssertionError("no ending")

    def _note(self, events: list[Any]) -> None:
        self.path += [(e.visit, e.scene, e.by) for e in events if e.kind == "started"]
        if self.hand.screen[-1]:
            here = (self.hand.player.visit, self.hand.screen[-1][1])
            # Shown again, a frame counts once.
            if not self.shown or here > self.shown[-1]:
                self.shown.append(here)

    def _ask(self) -> None:
        player = self.hand.player
        if player.state.visit < 0 or player.finished:
            return
        for place in sorted(k for k in self._script if k <= (player.visit, player.frame)):
            kind, what = self._script.pop(place)
            if kind == "plan":
                player.plan(Plan(3, 1, "fork", ("right", "middle"), "left", 80, what))
            elif kind == "claim":
                player.claim(what)
            else:
                player.command(Command(kind, what))


@settings(
    max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    script=scripts,
    deaths=st.lists(st.integers(0, 300), max_size=8),
    delay=st.integers(0, 3),
)
def test_players_that_die_show_the_same_film(
    play: Make,
    again: Make,
    script: Script,
    deaths: list[int],
    delay: int,
) -> None:
    calm, mortal = Showing(play(), script, []), Showing(play(), script, deaths)
    calm.run(again, delay)
    mortal.run(again, delay)
    assert mortal.path == calm.path
    assert mortal.shown == calm.shown
