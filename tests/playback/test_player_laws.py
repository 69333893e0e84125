"""Whatever is sent to the player, it goes on and comes to an ending."""

from hypothesis import given, settings
from hypothesis import strategies as st

from playback import Command, FilmTable, Plan, Player, SilentDriver

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
kinds = ["start", "panic", "resume", "hold", "auto", "take", "default", "dance"]
commands = st.builds(Command, st.sampled_from(kinds), st.none() | st.integers(-1, 5))
ticks = st.integers(-2, 40)
clips = st.sets(st.sampled_from([f"{name}.mkv" for name in NAMES]), max_size=4)


@settings(max_examples=300, deadline=None)
@given(steps=st.lists(plans | commands | ticks, max_size=80), slow=clips, gone=clips)
def test_any_sequence_ends_in_an_ending(
    table: FilmTable, steps: list[Plan | Command | int], slow: set[str], gone: set[str]
) -> None:
    driver = SilentDriver(slow, gone)
    player = Player(table, driver)
    ns = 0
    for step in steps:
        if isinstance(step, Plan):
            player.plan(step)
        elif isinstance(step, Command):
            player.command(step)
        else:
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
