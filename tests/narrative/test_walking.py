"""The machine against its definitions, judged anew from all that has happened."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks._walking import WalkingMachine
from narrative import Reading, begin, choose, commit, decide, enter, observe, verdicts
from narrative._film import Ahead, Branch, Film, Scene, Set, Variable, Window
from narrative._guard import (
    And,
    Chance,
    Compare,
    Count,
    Elapsed,
    Expr,
    Flag,
    For,
    Guard,
    Not,
    Or,
    SignalValue,
    Visits,
    format_guard,
)
from narrative._machine import sets_of

SHOT_S = 6.0
VARIABLES = {
    "met_anna": Variable("met_anna", 0, 1, True),
    "courage": Variable("courage", 1, 3, False),
}

# Films ---------------------------------------------------------------------------------

QUANTITIES = st.sampled_from(
    [
        SignalValue("engagement", "value"),
        SignalValue("engagement", "trend"),
        SignalValue("engagement", "confidence"),
        SignalValue("engagement", "value", "left"),
        SignalValue("synchrony", "t"),
    ]
)
TERMS: st.SearchStrategy[Expr] = st.one_of(
    st.builds(Compare, QUANTITIES, st.sampled_from(["<", "<=", ">", ">="]), st.just(0.5)),
    st.sampled_from(
        [
            Flag("met_anna"),
            Compare(Count("courage"), ">=", 2.0),
            Compare(Elapsed(), ">", 20.0),
            Compare(Visits("harbour"), "<", 2.0),
            Compare(Visits("chase"), ">=", 2.0),
            Chance(0.5),
        ]
    ),
)


DURATIONS = st.sampled_from([0.5, 1.0, 2.0, 4.0, 5.5, 7.0, 9.0])
ENGAGED = Compare(SignalValue("engagement", "value"), ">", 0.5)


def _larger(parts: st.SearchStrategy[Expr]) -> st.SearchStrategy[Expr]:
    pair = st.tuples(parts, parts)
    joined = st.builds(Not, parts) | st.builds(And, pair) | st.builds(Or, pair)
    return joined | st.builds(For, parts, DURATIONS)


TREES = st.recursive(TERMS, _larger, max_leaves=4) | st.builds(For, TERMS, DURATIONS) | TERMS
RUNS = st.builds(For, st.just(ENGAGED) | st.just(And((ENGAGED, Chance(0.5)))), DURATIONS)
SETS = st.lists(
    st.sampled_from(
        [
            Set("met_anna", 1, adds=False),
            Set("met_anna", 0, adds=False),
            Set("courage", 2, adds=True),
            Set("courage", -1, adds=True),
            Set("courage", 0, adds=False),
        ]
    ),
    max_size=2,
).map(tuple)


def _guard(tree: Expr) -> Guard:
    return Guard(format_guard(tree), tree)


def _branches(
    trees: st.SearchStrategy[Expr], *targets: str
) -> st.SearchStrategy[tuple[Branch, ...]]:
    one = st.builds(Branch, st.builds(_guard, trees), st.sampled_from(targets), SETS)
    return st.lists(one, min_size=1, max_size=3).map(tuple)


def _scene(name: str, default: str | None, **more: object) -> Scene:
    plain: dict[str, object] = {
        "title": {},
        "clip": f"{name}.mkv",
        "length_s": SHOT_S,
        "lead_in": False,
        "reading": None,
        "branches": (),
        "ending": default is None,
    }
    return Scene(name=name, default=default, **{**plain, **more})  # type: ignore[arg-type]


@st.composite
def films(draw: st.DrawFn, trees: st.SearchStrategy[Expr], *starts: str) -> Film:
    """A harbour that leads anywhere, and a chase of two threads and three shots."""
    scenes = [
        _scene(
            "harbour",
            draw(st.sampled_from(["chase.anna.1", "calm"])),
            reading=Window(1.0, 5.0),
            branches=draw(_branches(trees, "harbour", "chase.anna.1", "calm")),
            sets=draw(SETS),
            confidence=draw(st.sampled_from([None, 0.5])),
        ),
        _scene("calm", "harbour", sets=draw(SETS)),
        _scene("dawn", None),
    ]
    last = draw(_branches(trees, "harbour", "calm", "dawn"))
    window = Window(draw(st.sampled_from([2.0, 7.0])), draw(st.sampled_from([10.0, 17.0])))
    cut = draw(_branches(trees, "other"))
    for thread, other in (("anna", "ben"), ("ben", "anna")):
        for shot in (1, 2, 3):
            offset_s = SHOT_S * (shot - 1)
            moved = Window(window.from_s - offset_s, window.to_s - offset_s)
            more: dict[str, object] = {"of": "chase", "turn": shot - 1, "offset_s": offset_s}
            more |= {"continues": shot > 1, "sets": draw(SETS) if shot == 1 else ()}
            if shot < 3:
                to = f"chase.{other}.{shot + 1}"
                # One thread may ask less than the other.
                own = cut if thread == "anna" else cut[:2]
                more |= {
                    "branches": tuple(Branch(branch.when, to) for branch in own),
                    "reading": Window(0.0, 5.0),
                    "cosmetic": True,
                    "confidence": 0.5,
                }
                if moved.to_s >= 0.0 and moved.from_s < SHOT_S:
                    more["ahead"] = Ahead(moved, last)
            else:
                more |= {"branches": last, "reading": moved}
            default = f"chase.{thread}.{shot + 1}" if shot < 3 else "calm"
            scenes.append(_scene(f"chase.{thread}.{shot}", default, **more))
    return Film(
        title={},
        fps=Fraction(24),
        start=draw(st.sampled_from(starts)),
        scenes={scene.name: scene for scene in scenes},
        max_runtime_s=draw(st.sampled_from([40.0, 1000.0])),
        confidence=0.95,
        signals=frozenset({"engagement", "synchrony"}),
        variables=VARIABLES,
        entrances={"harbour": "harbour", "calm": "calm", "dawn": "dawn", "chase": "chase.anna.1"},
    )


# Screenings -----------------------------------------------------------------------------

NUMBERS = st.sampled_from([None, 0.0, 1.0, 1.0, float("nan"), float("inf")])
READINGS = st.dictionaries(
    st.sampled_from(["engagement", "engagement.zone(left)", "synchrony"]),
    st.builds(
        Reading,
        st.sampled_from([None, 0.0, 1.0, 1.0, float("nan")]),
        st.sampled_from([None, 0.6, 0.99, 0.99, 0.99, float("inf")]),
        NUMBERS,
        st.just(20),
        st.just(""),
        NUMBERS,
    ),
)
STEPS = st.sampled_from([0.25, 0.5, 0.5, 1.0, 1.0, 1.5])
ANY_TICKS = st.lists(st.tuples(STEPS, READINGS), max_size=14)
HIGH = Reading(1.0, 0.99, 1.0, 20, "", 1.0)
STEADY = dict.fromkeys(["engagement", "engagement.zone(left)", "synchrony"], HIGH)
LONG_TICKS = st.lists(
    st.tuples(st.just(0.5), st.just(STEADY) | st.just(STEADY) | st.just(STEADY) | READINGS),
    min_size=10,
    max_size=13,
)
TICKS = LONG_TICKS | ANY_TICKS


LOW = dict.fromkeys(STEADY, Reading(0.0, 0.99, 0.0, 20, "", 0.0))
NEARLY_STEADY = st.lists(
    st.tuples(st.just(0.5), st.sampled_from([STEADY] * 7 + [LOW])), min_size=13, max_size=13
)

Ticks = list[tuple[float, Mapping[str, Reading]]]


@st.composite
def scenes(draw: st.DrawFn, steps: st.SearchStrategy[Ticks]) -> tuple[Ticks, int, int | None]:
    """A scene's ticks, how they are handed in, and what is taken instead of the choice."""
    time_s, ticks = draw(st.sampled_from([-0.5, 0.0, 0.5])), []
    for step_s, readings in draw(steps):
        time_s += step_s
        ticks.append((time_s, readings))
    ticks = [tick for tick in ticks if tick[0] < SHOT_S]
    return ticks, draw(st.integers(0, 14)), draw(st.sampled_from([None, None, None, None, 0, 1, 2]))


@settings(max_examples=60, deadline=None)
@given(
    films(RUNS | TREES, "harbour", "chase.anna.1"),
    st.integers(0, 3),
    st.lists(scenes(TICKS), min_size=1, max_size=7),
)
def test_the_machine_does_what_its_definitions_say(
    film: Film, seed: int, shown: list[tuple[Ticks, int, int | None]]
) -> None:
    _compare(film, seed, shown)


@settings(max_examples=100, deadline=None)
@given(
    films(RUNS, "chase.anna.1"),
    st.integers(0, 9),
    st.lists(scenes(NEARLY_STEADY), min_size=3, max_size=3),
)
def test_runs_go_on_across_cuts_as_their_definitions_say(
    film: Film, seed: int, shown: list[tuple[Ticks, int, int | None]]
) -> None:
    _compare(film, seed, shown)


def _compare(film: Film, seed: int, shown: list[tuple[Ticks, int, int | None]]) -> None:
    state, twin = begin(film, seed), WalkingMachine(film, seed)
    scene, film_time_s = film.start, 0.0
    for visit, (ticks, handed, taken) in enumerate(shown):
        state = enter(film, state, visit, scene, film_time_s)
        twin.enter(visit, scene, film_time_s)
        assert dict(zip(VARIABLES, state.variables, strict=True)) == twin.variables
        running = film.scenes[scene]
        if running.default is None:
            break
        window = running.reading
        for part in (ticks[:handed], ticks[handed:]):
            state = observe(film, state, part)
            twin.observe(part)
            for at_s in {3.0, 5.0, window.to_s if window else 5.0}:
                assert list(verdicts(film, state, at_s)) == twin.verdicts(at_s)
        by, branch = choose(film, state, 5.0)
        assert (by, branch) == twin.choose(5.0)
        decision = decide(film, state, 5.0)
        assert (decision.by, decision.branch) == (by, branch)
        if taken is not None and taken < len(running.branches):
            branch = taken
        expected = dict(sets_of(film, state, branch))
        if taken != 1:  # the engine may not have come to decide
            state = commit(film, state, branch)
            twin.commit(branch)
        before = dict(zip(VARIABLES, state.variables, strict=True))
        scene = running.default if branch is None else running.branches[branch].to
        film_time_s += SHOT_S
        if taken != 1:
            after = enter(film, state, visit + 1, scene, film_time_s).variables
            assert before | expected == dict(zip(VARIABLES, after, strict=True))
