"""Which guards can come true: against all worlds there are, and in the words of a film."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import combinations, product
from random import Random
from typing import TypeAlias

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from narrative import (
    Domain,
    Film,
    Names,
    Variable,
    always,
    implied,
    in_words,
    overlap,
    parse_guard,
    satisfiable,
    shadowed,
    witness,
)
from narrative._guard import (
    And,
    Compare,
    Count,
    Elapsed,
    Expr,
    Flag,
    For,
    Not,
    Or,
    Quantity,
    SignalValue,
    Visits,
    walk,
)

FLAGS = ("met_anna", "rain", "brave")
NAMES = Names(
    scenes=("harbour", "storm"),
    variables={
        **{name: Variable(name, 0, 1, flag=True) for name in FLAGS},
        "courage": Variable("courage", 0, 3, flag=False),
    },
)
DOMAIN = Domain(
    variables={**{name: {0, 1} for name in FLAGS}, "courage": range(4)},
    visits={"storm": range(1, 4)},
    elapsed_s=(0.0, 600.0),
    confidence=0.95,
)


def tree(text: str) -> Expr:
    guard, problems = parse_guard(text, NAMES)
    assert guard is not None, problems
    return guard.tree


# in the words of a film -----------------------------------------------------------

ROSE = "engagement > 0.7 and engagement.t > 3"


@pytest.mark.parametrize(
    "text",
    [
        "engagement > 1 and engagement < 0.5",
        "engagement > 1 and not engagement > 0.5",
        "engagement < -0.7 and engagement.t > 3 for 5 s",  # a value and its t have one sign
        "engagement.zone(left) > 0 and engagement.zone(left).t < 0",
        "engagement.confidence < 0.9",  # less sure than the film asks: unknown
        "engagement.confidence > 1",
        "courage > 3",
        "courage > 1 and courage < 2",
        "visits(storm) < 1",
        "visits(storm) >= 1 and visits(storm) > 3",
        "elapsed > 10 min",
        "met_anna and not met_anna",
        "(met_anna or rain) and not met_anna and (brave or not rain) and not brave",
        f"({ROSE} and met_anna for 5 s) and not met_anna",
        "(met_anna for 5 s) and (not met_anna for 3 s)",
        "(courage > 2 or rain for 5 s) and courage < 1 and not rain",
        f"({ROSE} for 5 s) and not (engagement > 0.7 for 3 s)",
        "(engagement > 1 for 5 s) and not (engagement > 0 or rain for 5 s)",
        "(elapsed > 5 min and synchrony > 3 for 5 s) and elapsed < 4 min",
        "not (engagement > 1 or engagement <= 1 for 5 s)",
    ],
)
def test_never(text: str) -> None:
    assert satisfiable(tree(text), DOMAIN) is False
    assert witness(tree(text), DOMAIN) is None


@pytest.mark.parametrize(
    "text",
    [
        f"({ROSE} for 5 s) and not met_anna and courage >= 2",
        "(engagement > 1 for 5 s) and engagement < 0",  # it was so before
        "(engagement > 1 for 5 s) and (engagement < 0 for 5 s)",
        "(engagement > 1 for 3 s) and not (engagement > 1 for 5 s)",
        "(engagement > 1 for 5 s) and not (engagement > 2 for 5 s)",
        "engagement > 1 and engagement.zone(left) < 0 and synchrony.trend < 0",
        "engagement.trend > 0 and engagement < 0",
        "(elapsed < 4 min and synchrony > 3 for 5 s) and elapsed > 5 min",
        "chance(0.3) and not chance(0.3)",  # two draws
        "not chance(0.3) or met_anna and not met_anna",
        "(chance(0.3) and engagement > 1 for 5 s) and not (chance(0.3) and engagement > 1 for 5 s)",
        "visits(harbour) > 1000000",
    ],
)
def test_sometimes(text: str) -> None:
    assert satisfiable(tree(text), DOMAIN)
    assert always(tree(text), DOMAIN) is False


@pytest.mark.parametrize(
    "text",
    [
        "engagement > 1 or engagement <= 1",
        "met_anna or not met_anna",
        "courage >= 0 and elapsed <= 10 min and visits(storm) >= 1",
        "courage < 2 or courage > 1",
        "engagement.confidence >= 0.95",
        "engagement > -1 or engagement < 1 for 5 s",
        "engagement.t > 0 or not engagement > 0",
    ],
)
def test_always(text: str) -> None:
    assert always(tree(text), DOMAIN)
    assert satisfiable(tree(text), DOMAIN)


@pytest.mark.parametrize(
    ("by", "what"),
    [
        ("engagement > 1", "engagement > 0.5"),
        ("engagement.t > 3", "engagement > 0"),
        ("courage > 2", "courage >= 2"),
        ("engagement > 1 for 5 s", "engagement > 1 for 3 s"),
        ("engagement > 1 and rain for 5 s", "(engagement > 0 for 5 s) and rain"),
        ("elapsed > 5 min and synchrony > 3 for 5 s", "elapsed > 5 min"),
        (ROSE, f"{ROSE} or chance(0.3)"),
    ],
)
def test_one_way_only(by: str, what: str) -> None:
    assert implied(tree(what), tree(by), DOMAIN)
    assert implied(tree(by), tree(what), DOMAIN) is False
    assert overlap(tree(by), tree(what), DOMAIN)


@pytest.mark.parametrize(
    ("by", "what"),
    [
        ("engagement > 1 for 5 s", "engagement > 1"),  # the last tick may differ
        ("engagement > 1 for 3 s", "engagement > 1 for 5 s"),
        ("met_anna", "engagement > 1 or engagement <= 1"),  # it may be unknown
        ("met_anna", "met_anna and chance(0.9)"),
        ("chance(0.3)", "chance(0.3)"),
    ],
)
def test_not_implied(by: str, what: str) -> None:
    assert implied(tree(what), tree(by), DOMAIN) is False


def test_earlier_guards_cover_a_later_one_together() -> None:
    guards = [tree(text) for text in ("met_anna", "not met_anna and courage < 2", "courage < 1")]
    assert [shadowed(guards, index, DOMAIN) for index in range(3)] == [False, False, True]
    assert implied(guards[0], guards[2], DOMAIN) is False
    assert implied(guards[1], guards[2], DOMAIN) is False


def test_an_unknown_reading_leads_past_guards_that_cover_all_its_values() -> None:
    guards = [tree(text) for text in ("synchrony > 3", "synchrony <= 3", "met_anna")]
    assert shadowed(guards, 2, DOMAIN) is False
    guards[2] = tree("met_anna and synchrony > 1")
    assert shadowed(guards, 2, DOMAIN)


def test_a_narrower_domain_knows_more() -> None:
    guard = tree("met_anna and courage > 1 and elapsed > 2 min and visits(harbour) < 2")
    assert satisfiable(guard, DOMAIN)
    for narrower in (
        DOMAIN.narrowed(variables={"met_anna": {0}}),
        DOMAIN.narrowed(variables={"courage": {0, 1}}),
        DOMAIN.narrowed(variables={"courage": set()}),
        DOMAIN.narrowed(elapsed_s=(0.0, 90.0)),
        DOMAIN.narrowed(visits={"harbour": {2, 5}}),
    ):
        assert satisfiable(guard, narrower) is False
    assert always(tree("courage < 1 or courage > 2"), DOMAIN.narrowed({"courage": {0, 3}}))


def test_the_domain_of_a_film_and_of_a_scene(film: Film) -> None:
    variables = {"courage": Variable("courage", 0, 3, flag=False)}
    film = replace(film, variables=variables, max_runtime_s=600.0, confidence=0.95)
    storm = replace(film.scenes["storm"], confidence=0.9)
    whole, there = Domain.of(film), Domain.of(film, storm)
    for text in ("courage > 3", "elapsed > 601 s", "engagement.confidence < 0.95"):
        assert satisfiable(tree(text), whole) is False
    assert satisfiable(tree("visits(storm) < 1"), whole)
    assert satisfiable(tree("visits(storm) < 1"), there) is False
    assert satisfiable(tree("visits(harbour) < 1"), there)
    assert satisfiable(tree("engagement.confidence < 0.95"), there)


def test_a_witness_in_words() -> None:
    example = witness(tree(f"({ROSE} for 5 s) and not met_anna and courage > 1"), DOMAIN)
    assert example is not None
    assert in_words(example) == f"{ROSE} for 5 s, not met_anna, courage = 2"
    example = witness(tree(f"not ({ROSE} for 5 s) and elapsed >= 90 s and met_anna"), DOMAIN)
    assert example is not None
    assert in_words(example) == f"not ({ROSE} for 5 s), elapsed = 90 s, met_anna"


def test_a_witness_tells_a_value_that_follows_from_its_t() -> None:
    example = witness(tree("engagement.t < 0 and (rain or engagement < 0)"), DOMAIN)
    assert example is not None
    assert in_words(example) == "engagement.t = -1, engagement = -1"


def test_a_witness_tells_only_what_matters() -> None:
    assert witness(tree("met_anna or rain and courage > 2"), DOMAIN) == {Flag("met_anna"): True}
    assert witness(tree("met_anna or not met_anna or rain"), DOMAIN.narrowed({"rain": {1}})) == {}


# size -----------------------------------------------------------------------------


def _wide(seed: int) -> list[Expr]:
    """34 guards over 62 flags, half of them with readings: a scene of the largest known film."""
    draw = Random(seed)

    def flag() -> Expr:
        name = Flag(f"p_{draw.randrange(62)}")
        return name if draw.random() < 0.7 else Not(name)

    def guard() -> Expr:
        either = Or((flag(), And((flag(), flag()))))
        return And((flag(), either, *(flag() for _ in range(draw.randrange(3)))))

    reading = tree(f"{ROSE} for 5 s")
    return [And((reading, guard())) if draw.random() < 0.5 else guard() for _ in range(34)]


def test_a_scene_of_34_guards_over_62_flags_is_analysed() -> None:
    guards, domain = _wide(6), Domain()
    draw = Random(7)
    samples = [{Flag(f"p_{number}"): draw.randrange(2) for number in range(62)} for _ in range(300)]
    reached = set()
    for sample in samples:
        flags = Domain({flag.name: {value} for flag, value in sample.items()})
        taken = [index for index, guard in enumerate(guards) if satisfiable(guard, flags)]
        reached.update(taken[:1])
    shadows = [shadowed(guards, index, domain) for index in range(34)]
    assert None not in shadows
    assert reached
    assert not any(shadows[index] for index in reached)
    guards[33] = And((guards[3], guards[5]))
    assert shadowed(guards, 33, domain)
    for one, other in combinations(guards, 2):
        assert overlap(one, other, domain) is not None
        assert implied(one, other, domain) is not None


def test_what_is_too_hard_is_unknown() -> None:
    """Nine pigeons in eight holes: no, but nobody shows it quickly."""
    pigeons = [[Flag(f"p_{pigeon}_{hole}") for hole in range(8)] for pigeon in range(9)]
    alone = [
        Not(And((one, other)))
        for hole in range(8)
        for one, other in combinations([pigeon[hole] for pigeon in pigeons], 2)
    ]
    crowd = And((*(Or(tuple(holes)) for holes in pigeons), *alone))
    assert satisfiable(crowd, Domain()) is None
    assert implied(Flag("rain"), crowd, Domain()) is None
    assert witness(crowd, Domain()) is None


# every world there is -------------------------------------------------------------

World: TypeAlias = Mapping[Quantity | Flag | For, float | None]

VALUE, T = SignalValue("engagement", "value"), SignalValue("engagement", "t")
SYNCHRONY = SignalValue("synchrony", "value")
COURAGE, STORM = Count("courage"), Visits("storm")
THRESHOLDS: dict[Quantity, tuple[float, ...]] = {
    VALUE: (0, 1),
    T: (0, 1),
    SYNCHRONY: (1, 2),
    COURAGE: (1, 2),
    STORM: (2,),
    Elapsed(): (60,),
}
CELLS: dict[Quantity | Flag, tuple[float, ...]] = {
    VALUE: (-1, 0, 0.5, 1, 2),
    T: (-1, 0, 0.5, 1, 2),
    SYNCHRONY: (0, 1, 1.5, 2, 3),
    COURAGE: (0, 1, 2, 3),
    STORM: (1, 2, 3),
    Elapsed(): (0, 60, 600),
    Flag("met_anna"): (0, 1),
    Flag("rain"): (0, 1),
}
COMPARISONS = st.sampled_from(list(THRESHOLDS)).flatmap(
    lambda quantity: st.builds(
        Compare,
        st.just(quantity),
        st.sampled_from(["<", "<=", ">", ">="]),
        st.sampled_from(THRESHOLDS[quantity]),
    )
)
TESTS = COMPARISONS | st.sampled_from([Flag("met_anna"), Flag("rain")])


def _larger(parts: st.SearchStrategy[Expr]) -> st.SearchStrategy[Expr]:
    several = st.lists(parts, min_size=2, max_size=3).map(tuple)
    return st.builds(Not, parts) | st.builds(And, several) | st.builds(Or, several)


TREES = st.recursive(TESTS, _larger, max_leaves=5)


def _subjects(*trees: Expr) -> list[Quantity | Flag]:
    nodes = [node for tree in trees for node in walk(tree)]
    named = [node.quantity if isinstance(node, Compare) else node for node in nodes]
    return list(dict.fromkeys(subject for subject in named if subject in CELLS))


def _worlds(*trees: Expr, unknown: bool = True) -> Iterator[World]:
    """All worlds that these guards can tell apart."""
    subjects = _subjects(*trees)
    cells = [
        (*CELLS[subject], None) if unknown and isinstance(subject, SignalValue) else CELLS[subject]
        for subject in subjects
    ]
    for values in product(*cells):
        world = dict(zip(subjects, values, strict=True))
        if _agrees(world):
            yield world


def _agrees(world: World) -> bool:
    """A value and its t are known together, and have the same sign."""
    if not {VALUE, T} <= world.keys():
        return True
    value, t = world[VALUE], world[T]
    if value is None or t is None:
        return value is t
    return (value > 0) == (t > 0) and (value < 0) == (t < 0)


def _judge(tree: Expr, world: World) -> bool | None:
    """Judge a guard by Kleene's tables."""
    match tree:
        case Flag():
            return world[tree] == 1
        case For(body):  # a witness says it, or its body changes with nothing that does
            told = world.get(tree)
            unread = {subject: None for subject in world if isinstance(subject, SignalValue)}
            return _judge(body, {**world, **unread}) if told is None else told == 1
        case Compare(quantity, operator, number):
            value = world[quantity]
            if value is None:
                return None
            return {
                "<": value < number,
                "<=": value <= number,
                ">": value > number,
                ">=": value >= number,
            }[operator]
        case Not(body):
            inner = _judge(body, world)
            return None if inner is None else not inner
        case And(parts) | Or(parts):
            verdicts = [_judge(part, world) for part in parts]
            decides = isinstance(tree, Or)
            return decides if decides in verdicts else None if None in verdicts else not decides
    raise AssertionError(tree)


@given(TREES)
def test_what_can_come_true_against_all_worlds(tree: Expr) -> None:
    assert satisfiable(tree, DOMAIN) == any(_judge(tree, world) for world in _worlds(tree))


@given(TREES)
def test_what_is_always_true_against_all_known_worlds(tree: Expr) -> None:
    known = _worlds(tree, unknown=False)
    assert always(tree, DOMAIN) == all(_judge(tree, world) for world in known)


@given(TREES, TREES)
@settings(max_examples=50)
def test_overlap_and_implication_against_all_worlds(one: Expr, other: Expr) -> None:
    worlds = [(_judge(one, world), _judge(other, world)) for world in _worlds(one, other)]
    assert overlap(one, other, DOMAIN) == any(a and b for a, b in worlds)
    assert implied(one, other, DOMAIN) == all(a for a, b in worlds if b)


@given(st.lists(TREES, min_size=2, max_size=3))
@settings(max_examples=50)
def test_shadows_against_all_worlds(trees: list[Expr]) -> None:
    *earlier, last = trees
    reached = any(
        _judge(last, world) and not any(_judge(tree, world) for tree in earlier)
        for world in _worlds(*trees)
    )
    assert shadowed(trees, len(earlier), DOMAIN) is not reached


@given(TREES)
def test_a_witness_makes_its_guard_true(tree: Expr) -> None:
    example = witness(tree, DOMAIN)
    assert (example is not None) == satisfiable(tree, DOMAIN)
    if example is not None:
        world = dict.fromkeys(_subjects(tree)) | example
        assert not {VALUE, T} <= example.keys() or _agrees(world)
        assert _true_whatever_is_left_open(tree, world)


def _true_whatever_is_left_open(tree: Expr, world: World) -> bool:
    flags = [flag for flag, value in world.items() if isinstance(flag, Flag) and value is None]
    worlds = [
        {**world, **dict(zip(flags, values, strict=True))}
        for values in product((0, 1), repeat=len(flags))
    ]
    return all(_judge(tree, world) for world in worlds)


# through time ---------------------------------------------------------------------

Tick: TypeAlias = Mapping[Quantity | Flag, float | None]

WINDOW_S = 2
BEYOND_1, BEYOND_2 = tree("synchrony > 1"), tree("synchrony > 2")
TIMED = st.recursive(
    st.sampled_from([BEYOND_1, BEYOND_2, Flag("rain"), tree("courage >= 2")]),
    lambda parts: _larger(parts) | st.builds(For, parts, st.sampled_from([1.0, 2.0])),
    max_leaves=4,
).filter(lambda tree: _longest_s(tree) <= WINDOW_S)


def _longest_s(tree: Expr) -> float:
    """Seconds until a guard's last `for` can have been reached."""
    match tree:
        case For(body, duration_s):
            return duration_s + _longest_s(body)
        case Not(body):
            return _longest_s(body)
        case And(parts) | Or(parts):
            return max(map(_longest_s, parts))
    return 0.0


def _films(*, unknown: bool) -> list[list[Tick]]:
    """All ways a reading window may go, one tick a second."""
    values = (0.0, 1.5, 3.0, None) if unknown else (0.0, 1.5, 3.0)
    return [
        [{Flag("rain"): rain, COURAGE: courage, SYNCHRONY: value} for value in readings]
        for rain, courage in product((0, 1), (1, 2))
        for readings in product(values, repeat=WINDOW_S + 1)
    ]


FILMS, KNOWN_FILMS = _films(unknown=True), _films(unknown=False)


def _verdicts(tree: Expr, ticks: list[Tick]) -> list[bool | None]:
    """Judge a guard at every tick of a window."""
    match tree:
        case For(body, duration_s):
            past = _verdicts(body, ticks)
            return [_kept(past[: now + 1], int(duration_s)) for now in range(len(ticks))]
        case Not(body):
            return [None if verdict is None else not verdict for verdict in _verdicts(body, ticks)]
        case And(parts) | Or(parts):
            decides = isinstance(tree, Or)
            together = zip(*(_verdicts(part, ticks) for part in parts), strict=True)
            return [
                decides if decides in found else None if None in found else not decides
                for found in together
            ]
    return [_judge(tree, tick) for tick in ticks]


def _kept(past: list[bool | None], steps: int) -> bool | None:
    stretches = [past[first : first + steps + 1] for first in range(len(past) - steps)]
    if any(all(verdict is True for verdict in stretch) for stretch in stretches):
        return True
    possible = any(all(verdict is not False for verdict in stretch) for stretch in stretches)
    return False if False in past and not possible else None


@given(TIMED)
@settings(max_examples=50)
def test_what_cannot_come_true_never_does(tree: Expr) -> None:
    ends = [_verdicts(tree, ticks)[-1] for ticks in FILMS]
    if True in ends:
        assert satisfiable(tree, DOMAIN)
    elif _has_room(tree):
        assert satisfiable(tree, DOMAIN) is False


@given(TIMED)
@settings(max_examples=50)
def test_what_is_always_true_is_so_at_the_end_of_every_window(tree: Expr) -> None:
    ends = [_verdicts(tree, ticks)[-1] for ticks in KNOWN_FILMS]
    if always(tree, DOMAIN):
        assert all(ends)
    elif _has_room(tree):
        assert not all(ends)


@given(TIMED, TIMED)
@settings(max_examples=50)
def test_what_is_implied_comes_true_with_what_implies_it(one: Expr, other: Expr) -> None:
    ends = [(_verdicts(one, ticks)[-1], _verdicts(other, ticks)[-1]) for ticks in FILMS]
    if implied(one, other, DOMAIN):
        assert all(a for a, b in ends if b)
    if any(a and b for a, b in ends):
        assert overlap(one, other, DOMAIN)


@given(TIMED)
@settings(max_examples=50)
def test_a_witness_tells_which_runs_were_kept_up(tree: Expr) -> None:
    example = witness(tree, DOMAIN)
    assert (example is not None) == satisfiable(tree, DOMAIN)
    if example is not None:
        assert _true_whatever_is_left_open(tree, dict.fromkeys(_subjects(tree)) | example)


def _has_room(tree: Expr) -> bool:
    """Whether the window is long enough for all that may happen: a run, and a tick after it."""
    fors = sum(isinstance(node, For) for node in walk(tree))
    return fors <= 1 and _longest_s(tree) < WINDOW_S
