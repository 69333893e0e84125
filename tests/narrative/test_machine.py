"""The machine: what it decides, for whom, and that it is repeatable."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from narrative import Decision, Film, Machine, MachineError, Reading, load_film

Make = Callable[..., Reading]


def _hear(machine: Machine, signal: str, stretches: list[tuple[float, float, Reading]]) -> None:
    """Feed ten ticks a second over the whole scene; outside the stretches nothing is heard."""
    for tick in range(240):
        time_s = tick / 10
        heard = [r for first, last, r in stretches if first <= time_s <= last]
        machine.observe(time_s, {signal: heard[-1]} if heard else {})


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
    harbour: Machine, reading: Make, first: float, last: float, to: str
) -> None:
    low = reading(0.1)
    _hear(harbour, "engagement", [(0.0, 24.0, low), (first, last, reading(0.6))])
    assert harbour.decide(21.0).to == to


@pytest.mark.parametrize("between", [(0.1, 0.999), (0.6, 0.94), (None, None)])
def test_false_or_unknown_breaks_a_run(
    harbour: Machine, reading: Make, between: tuple[float | None, float | None]
) -> None:
    high = reading(0.6)
    broken = [(3.0, 7.9, high), (8.0, 8.0, reading(*between)), (8.1, 13.0, high)]
    _hear(harbour, "engagement", [*broken, (13.1, 24.0, reading(0.1))])
    assert harbour.decide(21.0).to == "calm"
    assert harbour.decide(21.0).reasons[0].held_s == 4.9


def test_once_reached_stays_reached(harbour: Machine, reading: Make) -> None:
    _hear(harbour, "engagement", [(4.0, 10.0, reading(0.6)), (10.1, 24.0, reading(-2.0))])
    decision = harbour.decide(21.0)
    assert (decision.to, decision.by, decision.branch) == ("storm", "audience", 0)
    assert decision.reasons[0].held_s == 6.0
    assert decision.reasons[0].terms[0].value == 0.6  # as it stood when it was reached
    assert dict(decision.readings)["engagement"].value == -2.0  # the last tick's


def test_without_for_the_end_of_the_window_counts(harbour: Machine, reading: Make) -> None:
    _hear(harbour, "synchrony", [(3.0, 20.9, reading(9.0)), (21.0, 21.0, reading(1.0))])
    assert harbour.decide(21.0).to == "calm"
    harbour.enter(2, "calm", 84.0)


def test_the_first_true_branch_is_taken(harbour: Machine, reading: Make) -> None:
    for tick in range(240):
        both = {"engagement": reading(0.6), "synchrony": reading(9.0)}
        harbour.observe(tick / 10, both)
    assert harbour.decide(21.0).branch == 0
    assert [reason.verdict for reason in harbour.decide(21.0).reasons] == ["true", "true"]


def test_silence_is_no_evidence(harbour: Machine, reading: Make) -> None:
    high = reading(0.6)
    for time_s in (3.0, 3.5, 4.0, 9.0):
        harbour.observe(time_s, {"engagement": high, "synchrony": reading(9.0)})
    decision = harbour.decide(21.0)
    assert decision.by == "default"
    assert decision.reasons[0].held_s == 1.0
    assert decision.reasons[1].terms[0].why == "no readings after 9.0 s"


def test_ticks_that_do_not_go_on_are_ignored(harbour: Machine, reading: Make) -> None:
    harbour.observe(21.0, {"synchrony": reading(9.0)})
    harbour.observe(21.0, {"synchrony": reading(0.0)})
    harbour.observe(20.0, {"synchrony": reading(0.0)})
    assert harbour.decide(21.0).to == "harbour"


def test_a_scene_begins_without_readings(harbour: Machine, reading: Make) -> None:
    _hear(harbour, "synchrony", [(3.0, 21.0, reading(9.0))])
    harbour.enter(2, harbour.decide(21.0).to, 84.0)
    assert harbour.decide(21.0).by == "default"
    assert harbour.decide(21.0).readings == ()


def test_elapsed_and_visits(film_text: str) -> None:
    text = film_text.replace("synchrony > 3", "elapsed >= 90 s and visits(harbour) >= 2")
    text = text.replace("to: harbour", "to: storm")
    text = text.replace("engagement > 0.4 for 5 s\n        to: storm", "elapsed < 90 s\n"
                        "        to: harbour")  # fmt: skip
    machine = Machine(load_film(text, "film.yaml"))
    machine.enter(0, "lead_in", 0.0)
    machine.enter(1, "harbour", 60.0)
    assert machine.decide(21.0).to == "harbour"
    machine.enter(2, "harbour", 84.0)
    assert machine.decide(21.0).to == "storm"
    assert [term.value for term in machine.decide(21.0).reasons[1].terms] == [105.0, 2.0]


# operator and max_runtime -----------------------------------------------------------


def test_hold_takes_the_default(harbour: Machine, reading: Make) -> None:
    _hear(harbour, "engagement", [(3.0, 21.0, reading(0.6))])
    held = harbour.decide(21.0, hold=True)
    assert (held.to, held.by, held.branch) == ("calm", "hold", None)
    assert held.reasons[0].verdict == "true"  # what the audience wanted is on record
    assert harbour.decide(21.0).to == "storm"  # and comes back with AUTO


def test_take_takes_a_branch_also_against_hold(harbour: Machine) -> None:
    taken = harbour.decide(5.0, hold=True, take=1)
    assert (taken.to, taken.by, taken.branch) == ("harbour", "operator", 1)
    with pytest.raises(MachineError, match="has 2 branches, none is 2"):
        harbour.decide(5.0, take=2)
    with pytest.raises(MachineError, match="none is -1"):
        harbour.decide(5.0, take=-1)


def test_after_max_runtime_only_defaults(film: Film, reading: Make) -> None:
    machine = Machine(film)
    machine.enter(0, "lead_in", 0.0)
    machine.enter(1, "harbour", 279.1)
    _hear(machine, "engagement", [(3.0, 21.0, reading(0.6))])
    assert machine.decide(20.8).by == "audience"
    late = machine.decide(20.9)
    assert (late.to, late.by) == ("calm", "max_runtime")
    assert machine.decide(21.0, take=0).by == "operator"


# order ------------------------------------------------------------------------------


def test_a_machine_follows_the_player_not_itself(harbour: Machine, reading: Make) -> None:
    _hear(harbour, "engagement", [(3.0, 21.0, reading(0.6))])
    assert harbour.decide(21.0).to == "storm"
    harbour.enter(2, "calm", 84.0)
    assert harbour.scene is not None
    assert (harbour.visit, harbour.scene.name) == (2, "calm")


@pytest.mark.parametrize(
    ("visit", "scene", "film_time_s", "message"),
    [
        (1, "storm", 84.0, "visit 1 cannot follow visit 1"),
        (0, "storm", 84.0, "visit 0 cannot follow visit 1"),
        (2, "fog", 84.0, 'there is no scene "fog"'),
        (2, "storm", 59.0, "59.0 s cannot follow 60.0 s"),
        (2, "storm", float("nan"), "film time nan"),
    ],
)
def test_an_illegal_entry_changes_nothing(
    harbour: Machine, reading: Make, visit: int, scene: str, film_time_s: float, message: str
) -> None:
    _hear(harbour, "engagement", [(3.0, 21.0, reading(0.6))])
    before = harbour.decide(21.0)
    with pytest.raises(MachineError, match=message):
        harbour.enter(visit, scene, film_time_s)
    assert harbour.decide(21.0) == before


def test_it_joins_a_film_that_runs(film: Film, reading: Make) -> None:
    """The player skips what it cannot play; an engine may start late."""
    machine = Machine(film)
    machine.enter(4, "harbour", 120.0)
    _hear(machine, "engagement", [(3.0, 21.0, reading(0.6))])
    assert machine.decide(21.0).to == "storm"
    assert machine.visit == 4


def test_nothing_to_decide(film: Film, harbour: Machine) -> None:
    machine = Machine(film)
    assert machine.preview() is None
    assert (machine.scene, machine.visit) == (None, -1)
    machine.observe(3.0, {})
    with pytest.raises(MachineError, match="no scene runs: call enter first"):
        machine.decide(0.0)
    harbour.enter(2, "calm", 84.0)
    assert harbour.preview() is None
    with pytest.raises(MachineError, match='"calm" is an ending'):
        harbour.decide(1.0)
    with pytest.raises(MachineError, match="scene time nan"):
        _entered(film).decide(float("nan"))


def _entered(film: Film) -> Machine:
    machine = Machine(film)
    machine.enter(0, "lead_in", 0.0)
    return machine


def test_a_scene_without_branches_goes_on(film: Film) -> None:
    decision = _entered(film).decide(59.0)
    assert (decision.to, decision.by, decision.reasons) == ("harbour", "default", ())


def test_preview_is_the_decision_as_things_stand(harbour: Machine, reading: Make) -> None:
    previews = []
    for tick in range(0, 22):
        harbour.observe(float(tick), {"engagement": reading(0.6)})
        preview = harbour.preview()
        assert preview is not None
        previews.append((preview.to, preview.reasons[0].held_s))
    assert previews[2] == ("calm", 0.0)
    assert previews[7] == ("calm", 4.0)
    assert previews[8] == ("storm", 5.0)
    assert harbour.preview() == harbour.decide(21.0)


def test_candidates_come_in_order_without_repeats(film: Film) -> None:
    assert film.scenes["harbour"].candidates == ("storm", "harbour", "calm")
    assert film.scenes["lead_in"].candidates == ("harbour",)
    assert film.scenes["calm"].candidates == ()
    assert [name for name, scene in film.scenes.items() if scene.needs_decision] == ["harbour"]
    assert film.signals == {"engagement", "synchrony"}


# explanations -------------------------------------------------------------------------


def test_explanations(harbour: Machine, reading: Make) -> None:
    _hear(harbour, "engagement", [(4.0, 10.0, reading(0.62, 0.997)), (10.1, 24.0, reading(0.1))])
    assert harbour.decide(21.0).explanation == (
        "storm: engagement > 0.4 (0.62), held 6.0 s of 5 s; confidence 0.997."
    )
    assert harbour.decide(21.0, hold=True).explanation == "calm by default: the operator holds."
    assert harbour.decide(21.0, take=1).explanation == "harbour: taken by the operator."
    assert harbour.decide(240.0).explanation == (
        "calm by default: the film has run its 300 s, branches are closed."
    )


def test_a_default_is_explained_by_what_was_missing(harbour: Machine, reading: Make) -> None:
    _hear(harbour, "engagement", [(4.0, 6.0, reading(0.62)), (6.1, 24.0, reading(0.1, 0.94))])
    assert harbour.decide(21.0).explanation == (
        "calm by default: not storm, engagement > 0.4 unknown (confidence 0.940 is below 0.95),"
        " held 2.0 s of 5 s; not harbour, synchrony > 3 unknown (no reading)."
    )


# repeatable, plain ----------------------------------------------------------------------

NUMBERS = st.none() | st.floats() | st.sampled_from([0.6, 0.999, 4.0])
READINGS = st.dictionaries(
    st.sampled_from(["engagement", "synchrony", "forehead_theta_alpha", "unheard_of"]),
    st.builds(Reading, NUMBERS, NUMBERS, NUMBERS, st.integers(0, 44), st.text()),
)
TICKS = st.lists(st.tuples(st.floats(), READINGS) | st.tuples(st.integers(0, 24), READINGS))


def _run(film: Film, ticks: Sequence[tuple[float, Mapping[str, Reading]]]) -> list[Decision]:
    machine = Machine(film)
    machine.enter(0, "lead_in", 0.0)
    machine.enter(1, "harbour", 60.0)
    decisions = []
    for time_s, readings in ticks:
        machine.observe(time_s, readings)
        preview = machine.preview()
        assert preview is not None
        decisions.append(preview)
    decisions += [machine.decide(21.0), machine.decide(21.0, hold=True), machine.decide(9, take=1)]
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
    machine, film_time_s, scene = Machine(film), 0.0, film.start
    for visit, in_step in enumerate(moods):
        machine.enter(visit, scene, film_time_s)
        if film.scenes[scene].ending:
            break
        synchrony = Reading(9.0 if in_step else -9.0, 1.0, 9.0, 44, "")
        for time_s in range(3, 22):
            machine.observe(float(time_s), {"synchrony": synchrony})
        scene = machine.decide(21.0).to
        film_time_s += 24.0 + wait_s
    assert film.scenes[scene].ending
