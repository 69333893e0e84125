"""The machine: what it decides, for whom, and that it is repeatable."""

import json
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks._large_film import large_film
from narrative import (
    Compare,
    Decision,
    Film,
    MachineError,
    MachineState,
    Reading,
    Scene,
    SignalValue,
    begin,
    commit,
    decide,
    enter,
    load_film,
    observe,
    preview,
    walk,
)

Make = Callable[..., Reading]


Stretches = list[tuple[float, float, Reading]]


def _hear(film: Film, state: MachineState, signal: str, stretches: Stretches) -> MachineState:
    """Feed ten ticks a second over the whole scene; outside the stretches nothing is heard."""
    ticks = []
    for tick in range(240):
        time_s = tick / 10
        heard = [r for first, last, r in stretches if first <= time_s <= last]
        ticks.append((time_s, {signal: heard[-1]} if heard else {}))
    return observe(film, state, ticks)


def _entered(film: Film, *scenes: tuple[str, float], first_visit: int = 0) -> MachineState:
    """Enter scenes, each at its film time."""
    state = begin(film)
    for visit, (scene, film_time_s) in enumerate(scenes, first_visit):
        state = enter(film, state, visit, scene, film_time_s)
    return state


# for, windows, silence ------------------------------------------------------------


@pytest.mark.parametrize(
    ("first", "last", "to"),
    [
        (10.0, 15.0, "storm"),  # five seconds, both ends counted
        (10.0, 14.9, "calm"),
        (3.0, 8.0, "storm"),  # at the beginning of the window
        (16.0, 21.0, "storm"),  # and at its end
        (0.0, 7.9, "calm"),  # what was before the window does not count
        (16.1, 24.0, "calm"),  # nor what comes after
    ],
)
def test_for_counts_within_the_window(
    film: Film, harbour: MachineState, reading: Make, first: float, last: float, to: str
) -> None:
    low = reading(0.1)
    state = _hear(film, harbour, "engagement", [(0.0, 24.0, low), (first, last, reading(0.6))])
    assert decide(film, state, 21.0).to == to


@pytest.mark.parametrize("between", [(0.1, 0.999), (0.6, 0.94), (None, None)])
def test_false_or_unknown_breaks_a_run(
    film: Film, harbour: MachineState, reading: Make, between: tuple[float | None, float | None]
) -> None:
    high = reading(0.6)
    broken = [(3.0, 7.9, high), (8.0, 8.0, reading(*between)), (8.1, 13.0, high)]
    state = _hear(film, harbour, "engagement", [*broken, (13.1, 24.0, reading(0.1))])
    assert decide(film, state, 21.0).to == "calm"
    assert decide(film, state, 21.0).reasons[0].held_s == 4.9


def test_once_reached_stays_reached(film: Film, harbour: MachineState, reading: Make) -> None:
    state = _hear(
        film, harbour, "engagement", [(4.0, 10.0, reading(0.6)), (10.1, 24.0, reading(-2.0))]
    )
    decision = decide(film, state, 21.0)
    assert (decision.to, decision.by, decision.branch) == ("storm", "audience", 0)
    assert decision.reasons[0].held_s == 6.0
    assert decision.reasons[0].terms[0].value == 0.6  # as it stood when it was reached
    assert dict(decision.readings)["engagement"].value == -2.0  # the last tick's


def test_without_for_the_end_of_the_window_counts(
    film: Film, harbour: MachineState, reading: Make
) -> None:
    state = _hear(
        film, harbour, "synchrony", [(3.0, 20.9, reading(9.0)), (21.0, 21.0, reading(1.0))]
    )
    assert decide(film, state, 21.0).to == "calm"
    assert enter(film, state, 2, "calm", 84.0).scene == "calm"


def test_the_first_true_branch_is_taken(film: Film, harbour: MachineState, reading: Make) -> None:
    both = {"engagement": reading(0.6), "synchrony": reading(9.0)}
    state = observe(film, harbour, [(tick / 10, both) for tick in range(240)])
    assert decide(film, state, 21.0).branch == 0
    assert [reason.verdict for reason in decide(film, state, 21.0).reasons] == ["true", "true"]


def test_silence_is_no_evidence(film: Film, harbour: MachineState, reading: Make) -> None:
    high = reading(0.6)
    heard = {"engagement": high, "synchrony": reading(9.0)}
    state = observe(film, harbour, [(time_s, heard) for time_s in (3.0, 3.5, 4.0, 9.0)])
    decision = decide(film, state, 21.0)
    assert decision.by == "default"
    assert decision.reasons[0].held_s == 1.0
    assert decision.reasons[1].terms[0].why == "no readings after 9.0 s"


def test_ticks_that_do_not_go_on_are_ignored(
    film: Film, harbour: MachineState, reading: Make
) -> None:
    state = observe(film, harbour, [(21.0, {"synchrony": reading(9.0)})])
    low = {"synchrony": reading(0.0)}
    assert observe(film, state, [(21.0, low), (20.0, low), (float("nan"), low)]) == state
    assert decide(film, state, 21.0).to == "harbour"


def test_a_scene_begins_without_readings(film: Film, harbour: MachineState, reading: Make) -> None:
    state = _hear(film, harbour, "synchrony", [(3.0, 21.0, reading(9.0))])
    state = enter(film, state, 2, decide(film, state, 21.0).to, 84.0)
    assert decide(film, state, 21.0).by == "default"
    assert decide(film, state, 21.0).readings == ()


def test_elapsed_and_visits(film_text: str) -> None:
    text = film_text.replace("synchrony > 3", "elapsed >= 90 s and visits(harbour) >= 2")
    text = text.replace("to: harbour", "to: storm")
    text = text.replace("engagement > 0.4 for 5 s\n        to: storm", "elapsed < 90 s\n"
                        "        to: harbour")  # fmt: skip
    film = load_film(text, "film.yaml")
    state = _entered(film, ("lead_in", 0.0), ("harbour", 60.0))
    assert decide(film, state, 21.0).to == "harbour"
    state = enter(film, state, 2, "harbour", 84.0)
    assert decide(film, state, 21.0).to == "storm"
    assert [term.value for term in decide(film, state, 21.0).reasons[1].terms] == [105.0, 2.0]


# operator and max_runtime -----------------------------------------------------------


def test_hold_takes_the_default(film: Film, harbour: MachineState, reading: Make) -> None:
    state = _hear(film, harbour, "engagement", [(3.0, 21.0, reading(0.6))])
    held = decide(film, state, 21.0, hold=True)
    assert (held.to, held.by, held.branch) == ("calm", "hold", None)
    assert held.reasons[0].verdict == "true"  # what the audience wanted is on record
    assert decide(film, state, 21.0).to == "storm"  # and comes back with AUTO


def test_take_takes_a_branch_also_against_hold(film: Film, harbour: MachineState) -> None:
    state = harbour
    taken = decide(film, state, 5.0, hold=True, take=1)
    assert (taken.to, taken.by, taken.branch) == ("harbour", "operator", 1)
    with pytest.raises(MachineError, match="has 2 branches, none is 2"):
        decide(film, state, 5.0, take=2)
    with pytest.raises(MachineError, match="none is -1"):
        decide(film, state, 5.0, take=-1)


def test_after_max_runtime_only_defaults(film: Film, reading: Make) -> None:
    state = _entered(film, ("lead_in", 0.0), ("harbour", 279.1))
    state = _hear(film, state, "engagement", [(3.0, 21.0, reading(0.6))])
    assert decide(film, state, 20.8).by == "audience"
    late = decide(film, state, 20.9)
    assert (late.to, late.by) == ("calm", "max_runtime")
    assert decide(film, state, 21.0, take=0).by == "operator"


# order ------------------------------------------------------------------------------


def test_a_machine_follows_the_player_not_itself(
    film: Film, harbour: MachineState, reading: Make
) -> None:
    state = _hear(film, harbour, "engagement", [(3.0, 21.0, reading(0.6))])
    assert decide(film, state, 21.0).to == "storm"
    state = enter(film, commit(film, state, 0), 2, "calm", 84.0)
    assert (state.visit, state.scene) == (2, "calm")


@pytest.mark.parametrize(
    ("visit", "scene", "film_time_s", "message"),
    [
        (1, "storm", 84.0, "visit 1 cannot follow visit 1"),
        (0, "storm", 84.0, "visit 0 cannot follow visit 1"),
        (2, "fog", 84.0, 'there is no scene "fog"'),
        (2, "storm", 59.0, "59.0 s cannot follow 60.0 s"),
        (2, "storm", float("nan"), "film time nan"),
        (2, "storm", 1e12, "film time"),
    ],
)
def test_an_illegal_entry_is_refused(
    film: Film, harbour: MachineState, visit: int, scene: str, film_time_s: float, message: str
) -> None:
    with pytest.raises(MachineError, match=message):
        enter(film, harbour, visit, scene, film_time_s)


def test_it_joins_a_film_that_runs(film: Film, reading: Make) -> None:
    """The player skips what it cannot play; an engine may start late."""
    state = _entered(film, ("harbour", 120.0), first_visit=4)
    state = _hear(film, state, "engagement", [(3.0, 21.0, reading(0.6))])
    assert decide(film, state, 21.0).to == "storm"
    assert state.visit == 4


def test_nothing_to_decide(film: Film, harbour: MachineState) -> None:
    state = begin(film)
    assert preview(film, state) is None
    assert (state.scene, state.visit) == ("", -1)
    assert observe(film, state, [(3.0, {})]) == state
    with pytest.raises(MachineError, match="no scene runs: call enter first"):
        decide(film, state, 0.0)
    with pytest.raises(MachineError, match="no scene runs"):
        commit(film, state, None)
    state = enter(film, harbour, 2, "calm", 84.0)
    assert preview(film, state) is None
    with pytest.raises(MachineError, match='"calm" is an ending'):
        decide(film, state, 1.0)
    with pytest.raises(MachineError, match="none is 2"):
        commit(film, harbour, 2)
    for no_time in (float("nan"), float("inf"), 1e299):
        with pytest.raises(MachineError, match="scene time"):
            decide(film, harbour, no_time)


def test_a_scene_without_branches_goes_on(film: Film) -> None:
    decision = decide(film, _entered(film, ("lead_in", 0.0)), 59.0)
    assert (decision.to, decision.by, decision.reasons) == ("harbour", "default", ())


def test_preview_is_the_decision_as_things_stand(
    film: Film, harbour: MachineState, reading: Make
) -> None:
    previews, state = [], harbour
    for tick in range(0, 22):
        state = observe(film, state, [(float(tick), {"engagement": reading(0.6)})])
        shown = preview(film, state)
        assert shown is not None
        previews.append((shown.to, shown.reasons[0].held_s))
    assert previews[2] == ("calm", 0.0)
    assert previews[7] == ("calm", 4.0)
    assert previews[8] == ("storm", 5.0)
    assert preview(film, state) == decide(film, state, 21.0)


def test_candidates_come_in_order_without_repeats(film: Film) -> None:
    assert film.scenes["harbour"].candidates == ("storm", "harbour", "calm")
    assert film.scenes["lead_in"].candidates == ("harbour",)
    assert film.scenes["calm"].candidates == ()
    assert [name for name, scene in film.scenes.items() if scene.is_decision_point] == ["harbour"]
    assert film.signals == {"engagement", "synchrony"}


# explanations -------------------------------------------------------------------------


def test_explanations(film: Film, harbour: MachineState, reading: Make) -> None:
    state = _hear(
        film,
        harbour,
        "engagement",
        [(4.0, 10.0, reading(0.62, 0.997)), (10.1, 24.0, reading(0.1))],
    )
    assert decide(film, state, 21.0).explanation == (
        "storm: engagement 0.62 > 0.4 held 6 s, p = 0.003; harbour not tried."
    )
    assert decide(film, state, 21.0, hold=True).explanation == (
        "calm by default: the operator holds."
    )
    assert decide(film, state, 21.0, take=1).explanation == "harbour: taken by the operator."
    assert decide(film, state, 240.0).explanation == (
        "calm by default: the film has run its 300 s, branches are closed."
    )


def test_a_default_is_explained_by_what_was_missing(
    film: Film, harbour: MachineState, reading: Make
) -> None:
    unsure = [(4.0, 6.0, reading(0.62)), (6.1, 24.0, reading(0.1, 0.94))]
    state = _hear(film, harbour, "engagement", unsure)
    assert decide(film, state, 21.0).explanation == (
        "calm by default: not storm (engagement > 0.4 unknown: confidence 0.940 is below 0.95,"
        " held 2 s of 5 s); not harbour (synchrony > 3 unknown: no reading)."
    )


def test_a_small_trend_is_told_with_its_digits(film_text: str) -> None:
    film = load_film(film_text.replace("synchrony > 3", "synchrony.trend < 0"), "film.yaml")
    state = _entered(film, ("lead_in", 0.0), ("harbour", 60.0))
    state = observe(film, state, [(21.0, {"synchrony": Reading(1.0, 0.99, 9.0, 20, "", -0.0042)})])
    assert decide(film, state, 21.0).explanation.startswith(
        "harbour: synchrony.trend -0.0042 < 0, p = 0.010; not storm ("
    )


EVERYTHING = """\
title: {en: Everything}
fps: 24
start: harbour
max_runtime: 5 min
variables: {met_anna: false, courage: {start: 1, most: 3}}
scenes:
  harbour:
    clip: a.mkv
    length: 24 s
    reading: {from: 3 s, to: 21 s}
    branches:
      - {when: met_anna or courage >= 2, to: storm}
      - when: (synchrony.zone(left) > 0.4 for 2 s) and not met_anna
        to: fog
        set: {met_anna: true, courage: +1}
      - {when: chance(0.5), to: calm}
    default: calm
  storm: {clip: b.mkv, length: 12 s, default: calm}
  fog: {clip: c.mkv, length: 12 s, set: {courage: +3}, default: harbour}
  calm: {clip: d.mkv, length: 12 s, ending: true}
"""


def test_flags_counts_and_chances_are_explained_too(reading: Make) -> None:
    film = load_film(EVERYTHING.replace("met_anna or", "met_anna and"), "film.yaml")
    state = enter(film, begin(film, seed=3), 0, "harbour", 0.0)
    drew = decide(film, state, 21.0).reasons[2].terms[0].value
    assert drew is not None
    ticks = [(second / 2, {"synchrony.zone(left)": reading(0.5)}) for second in range(6, 43)]
    decision = decide(film, observe(film, state, ticks), 21.0)
    assert decision.explanation == (
        "fog: synchrony.zone(left) > 0.4 held 18 s and not met_anna, p = 0.001; not storm (not"
        " met_anna, courage 1 is not >= 2); calm not tried."
    )
    assert decision.sets == (("met_anna", 1), ("courage", 3))
    kept = enter(film, commit(film, state, 1), 1, "fog", 24.0)
    assert kept.variables == (1, 3)
    low = [(second / 2, {"synchrony.zone(left)": reading(0.2)}) for second in range(6, 43)]
    other = decide(film, observe(film, state, low), 21.0)
    held = "synchrony.zone(left) > 0.4 held 0 s of 2 s"
    assert f"not fog ({held})" in other.explanation
    assert f"chance(0.5) drew {round(drew, 2):g}" in other.explanation


def test_what_is_set_follows_the_way_that_was_taken() -> None:
    film = load_film(EVERYTHING, "film.yaml")
    state = enter(film, begin(film), 0, "harbour", 0.0)
    decided = commit(film, state, 1)
    assert enter(film, decided, 1, "fog", 24.0).variables == (1, 3)
    # The operator took another scene, or one that nobody decided on.
    assert enter(film, decided, 1, "calm", 24.0).variables == (0, 1)
    assert enter(film, state, 1, "fog", 24.0).variables == (1, 3)
    # A visit is missing: nobody knows which way it was; the scene's own are set.
    assert enter(film, decided, 2, "fog", 24.0).variables == (0, 3)


def test_one_draw_for_each_place_visit_and_seed() -> None:
    film = load_film(EVERYTHING, "film.yaml")
    drawn = {
        (seed, visit): decide(film, enter(film, begin(film, seed), visit, "harbour", 0.0), 21.0)
        .reasons[2]
        .terms[0]
        .value
        for seed in range(50)
        for visit in range(4)
    }
    assert len(set(drawn.values())) == 200
    assert 60 < sum(value < 0.5 for value in drawn.values() if value is not None) < 140


# repeatable, plain ----------------------------------------------------------------------

NUMBERS = st.none() | st.floats() | st.sampled_from([0.6, 0.999, 4.0])
READINGS = st.dictionaries(
    st.sampled_from(["engagement", "synchrony", "forehead_theta_alpha", "unheard_of"]),
    st.builds(Reading, NUMBERS, NUMBERS, NUMBERS, st.integers(0, 44), st.text()),
)
TICKS = st.lists(st.tuples(st.floats(), READINGS) | st.tuples(st.integers(0, 24), READINGS))


def _run(film: Film, ticks: Sequence[tuple[float, Mapping[str, Reading]]]) -> list[Decision]:
    state = _entered(film, ("lead_in", 0.0), ("harbour", 60.0))
    decisions = []
    for tick in ticks:
        state = observe(film, state, [tick])
        shown = preview(film, state)
        assert shown is not None
        decisions.append(shown)
    assert state == observe(film, _entered(film, ("lead_in", 0.0), ("harbour", 60.0)), ticks)
    decisions.append(decide(film, state, 21.0))
    decisions.append(decide(film, state, 21.0, hold=True))
    decisions.append(decide(film, state, 9, take=1))
    return decisions


@given(TICKS)
def test_the_same_calls_give_the_same_bytes(
    film: Film, ticks: list[tuple[float, dict[str, Reading]]]
) -> None:
    encoder = msgspec.json.Encoder()
    shuffled = [(time_s, dict(reversed(readings.items()))) for time_s, readings in ticks]
    assert [*map(encoder.encode, _run(film, ticks))] == [*map(encoder.encode, _run(film, shuffled))]


@given(TICKS)
def test_decisions_are_plain_json(
    film: Film, ticks: list[tuple[float, dict[str, Reading]]]
) -> None:
    for decision in _run(film, ticks):
        json.dumps(asdict(decision), allow_nan=False)
        encoded = msgspec.json.encode(decision)
        assert msgspec.json.decode(encoded, type=Decision) == decision
        assert "\n" not in decision.explanation


@given(st.lists(st.booleans(), min_size=20, max_size=20), st.floats(0.0, 60.0))
def test_every_screening_ends(film: Film, moods: list[bool], wait_s: float) -> None:
    """The harbour leads back to itself while the audience is in step; max_runtime ends it."""
    state, film_time_s, scene = begin(film), 0.0, film.start
    for visit, in_step in enumerate(moods):
        state = enter(film, state, visit, scene, film_time_s)
        if film.scenes[scene].ending:
            break
        heard = {"synchrony": Reading(9.0 if in_step else -9.0, 1.0, 9.0, 44, "")}
        state = observe(film, state, [(float(time_s), heard) for time_s in range(3, 22)])
        scene = decide(film, state, 21.0).to
        film_time_s += 24.0 + wait_s
    assert film.scenes[scene].ending


EVENTS = st.lists(
    st.one_of(
        st.tuples(
            st.just("enter"),
            st.integers(-2, 40),
            st.sampled_from(["lead_in", "harbour", "storm", "calm", "nowhere", ""]),
            st.floats(),
        ),
        st.tuples(st.just("observe"), st.floats(), READINGS),
        st.tuples(st.just("decide"), st.floats(), st.booleans(), st.none() | st.integers(-1, 3)),
        st.tuples(st.just("commit"), st.none() | st.integers(-1, 3)),
    )
)


@given(EVENTS)
def test_any_order_of_events_is_followed_or_refused(
    film: Film, events: list[tuple[Any, ...]]
) -> None:
    """Nothing is raised but a refusal, and the film is always in one of its scenes."""
    state = begin(film)
    for kind, *given_ in events:
        try:
            match kind:
                case "enter":
                    state = enter(film, state, *given_)
                case "observe":
                    state = observe(film, state, [tuple(given_)])
                case "commit":
                    state = commit(film, state, *given_)
                case "decide":
                    decision = decide(film, state, given_[0], hold=given_[1], take=given_[2])
                    assert decision.to in film.scenes[state.scene].candidates
        except MachineError:
            continue
        assert state.scene in {"", *film.scenes}
        assert preview(film, state) is None or state.scene


def _screening(film: Film, seed: int) -> tuple[list[str], float]:
    """Show a film to an audience that is drawn: its path, and the film time of its end."""
    draw, state = random.Random(seed), begin(film, seed)
    path, film_time_s = [film.start], 0.0
    names = {signal for scene in film.scenes.values() for signal in _read_in(scene)}
    while True:
        scene = film.scenes[path[-1]]
        state = enter(film, state, len(path), scene.name, film_time_s)
        length_s = scene.length_s or 0.0
        film_time_s += length_s
        if scene.default is None:
            return path, film_time_s
        value = draw.gauss(0.0, 3.0)
        one = Reading(value, 0.999, 3 * value, 20, "", draw.gauss(0.0, 1.0))
        heard = dict.fromkeys(names, one)
        state = observe(film, state, [(second / 2, heard) for second in range(int(2 * length_s))])
        decision = decide(film, state, scene.reading.to_s if scene.reading else length_s)
        assert decision.to in scene.candidates
        state = commit(film, state, decision.branch)
        path.append(decision.to)


def _read_in(scene: Scene) -> set[str]:
    guards = [branch.when for branch in scene.branches]
    terms = [node for guard in guards for node in walk(guard.tree) if isinstance(node, Compare)]
    return {term.quantity.reading for term in terms if isinstance(term.quantity, SignalValue)}


def _by_defaults_s(film: Film, name: str) -> float:
    """Length of the way to an ending along the defaults, in seconds."""
    length_s, default = film.scenes[name].length_s or 0.0, film.scenes[name].default
    return length_s + (_by_defaults_s(film, default) if default else 0.0)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**32))
def test_a_film_with_everything_ends_and_is_the_same_with_the_same_seed(
    everything: Film, seed: int
) -> None:
    path, end_s = _screening(everything, seed)
    assert (path, end_s) == _screening(everything, seed)
    longest_s = max(_by_defaults_s(everything, name) for name in everything.scenes)
    assert everything.scenes[path[-1]].ending
    assert end_s < everything.max_runtime_s + longest_s + 1e-6


@pytest.fixture(scope="module")
def largest() -> Film:
    return load_film(large_film(), "film.yaml")


@settings(max_examples=5, deadline=None)
@given(st.integers(0, 2**32))
def test_the_largest_film_ends_too(largest: Film, seed: int) -> None:
    path, end_s = _screening(largest, seed)
    longest_s = max(_by_defaults_s(largest, name) for name in largest.scenes)
    assert largest.scenes[path[-1]].ending
    assert end_s < largest.max_runtime_s + longest_s + 1e-6
