"""The guard language: what binds to what, what is refused where, and the way back to text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from narrative import RESERVED, SIGNALS, Names, Variable, format_guard, parse_guard
from narrative._guard import (
    And,
    Chance,
    Compare,
    Count,
    Elapsed,
    Expr,
    Flag,
    For,
    Not,
    Or,
    SignalValue,
    Visits,
)

SCENES = ("harbour", "storm", "chase.anna.2", "duel_anna.face")
ZONES = ("left", "front row", "左")
NAMES = Names(
    scenes=SCENES,
    variables={
        "met_anna": Variable("met_anna", 0, 1, flag=True),
        "courage": Variable("courage", 0, 1000, flag=False),
    },
    zones=ZONES,
)
OPERATORS = st.sampled_from(["<", "<=", ">", ">="])
NUMBERS = st.integers(1 - 10**12, 10**12 - 1).map(lambda n: n / 1000)
WHOLE = st.integers(-(10**9) + 1, 10**9 - 1).map(float)
DURATIONS = st.integers(1, 10**6).map(lambda n: n / 1000)
POOLED = sorted(name for name, signal in SIGNALS.items() if signal.pooled)
READINGS = st.builds(
    SignalValue, st.sampled_from(sorted(SIGNALS)), st.sampled_from(["value", "t", "confidence"])
) | st.builds(
    SignalValue,
    st.sampled_from(POOLED),
    st.sampled_from(["value", "t", "confidence", "trend"]),
    st.sampled_from(["", *ZONES]),
)
COMPARISONS = st.builds(Compare, READINGS | st.just(Elapsed()), OPERATORS, NUMBERS) | st.builds(
    Compare,
    st.builds(Visits, st.sampled_from(SCENES)) | st.just(Count("courage")),
    OPERATORS,
    WHOLE,
)
CHANCES = st.integers(1, 10**9 - 1).map(lambda n: Chance(n / 10**9))


def _larger(parts: st.SearchStrategy[Expr]) -> st.SearchStrategy[Expr]:
    several = st.lists(parts, min_size=2, max_size=3).map(tuple)
    return (
        st.builds(Not, parts)
        | st.builds(And, several)
        | st.builds(Or, several)
        | st.builds(For, parts, DURATIONS)
    )


TREES = st.recursive(COMPARISONS | st.just(Flag("met_anna")) | CHANCES, _larger, max_leaves=6)


@given(TREES)
def test_text_and_tree_are_the_same(tree: Expr) -> None:
    text = format_guard(tree)
    guard, problems = parse_guard(text, NAMES)
    assert problems == ()
    assert guard is not None
    assert guard.tree == tree
    assert guard.text == text


def _tree(text: str) -> Expr:
    guard, problems = parse_guard(text, NAMES)
    assert guard is not None, problems
    return guard.tree


A, B, C = "engagement > 0.4", "engagement.t > 3", "synchrony > 3"


def test_for_binds_to_all_before_it() -> None:
    assert _tree(f"{A} and {B} for 5 s") == For(And((_tree(A), _tree(B))), 5.0)
    assert _tree(f"{A} or {B} and {C} for 5 s") == For(_tree(f"{A} or {B} and {C}"), 5.0)
    assert _tree(f"not {A} for 5 s") == For(Not(_tree(A)), 5.0)


def test_for_in_a_parenthesis_binds_to_what_is_in_it() -> None:
    assert _tree(f"({A} for 5 s) and {B}") == And((For(_tree(A), 5.0), _tree(B)))
    assert _tree(f"{B} and ({A}) for 5 s") == For(And((_tree(B), _tree(A))), 5.0)


def test_not_binds_closest_then_and_then_or() -> None:
    assert _tree(f"not {A} and {B} or {C}") == Or((And((Not(_tree(A)), _tree(B))), _tree(C)))


def test_value_is_the_attribute_one_means() -> None:
    assert _tree("engagement.value > 0.4") == _tree("engagement > 0.4")


def test_the_number_may_come_first() -> None:
    assert _tree("0.4 < engagement") == _tree("engagement > 0.4")
    assert _tree("3 >= synchrony.t") == _tree("synchrony.t <= 3")


def test_a_zone_comes_before_the_attribute() -> None:
    assert _tree("engagement.zone(left) > 1") == Compare(
        SignalValue("engagement", "value", "left"), ">", 1.0
    )
    assert _tree("synchrony.zone(front  row).trend < 0") == Compare(
        SignalValue("synchrony", "trend", "front row"), "<", 0.0
    )
    assert _tree("engagement.zone(左).t > 3") == Compare(
        SignalValue("engagement", "t", "左"), ">", 3.0
    )


def test_where_the_hall_is_not_known_any_zone_may_be_named() -> None:
    guard, problems = parse_guard("engagement.zone(balcony) > 1", Names(SCENES))
    assert guard is not None
    assert problems == ()
    assert guard.zones == {"balcony"}


def test_flags_counts_and_draws() -> None:
    assert _tree("not met_anna and courage >= 2 and chance(0.3)") == And(
        (Not(Flag("met_anna")), Compare(Count("courage"), ">=", 2.0), Chance(0.3))
    )
    assert _tree("2 < courage") == _tree("courage > 2")
    assert _tree("met_anna for 5 s") == For(Flag("met_anna"), 5.0)


def test_scenes_may_have_dots() -> None:
    assert _tree("visits(duel_anna.face) > 1") == Compare(Visits("duel_anna.face"), ">", 1.0)
    assert _tree("visits(chase.anna.2) > 1") == Compare(Visits("chase.anna.2"), ">", 1.0)


def test_the_words_of_the_language_are_no_names() -> None:
    assert {"engagement", "elapsed", "visits", "chance", "zone", "and", "for", "s"} <= RESERVED


def test_durations_have_units() -> None:
    assert _tree("elapsed > 2 min") == _tree("elapsed > 120 s") == _tree("elapsed > 120000 ms")
    assert _tree(f"{A} for 500 ms") == For(_tree(A), 0.5)


@pytest.mark.parametrize(
    ("text", "what", "remedy"),
    [
        ("§", "the end where a reading or a number belongs", "synchrony"),
        ("§engagment > 1", '"engagment"', 'Did you mean "engagement"?'),
        ("engagement.§foo > 1", 'no ".foo"', "value, t, confidence, trend, zone"),
        ("engagement.§tend > 1", 'no ".tend"', 'Did you mean "trend"?'),
        ("engagement.§zon(left) > 1", 'no ".zon"', 'Did you mean "zone"?'),
        ("engagement.zone(§lefft) > 1", 'no zone "lefft"', 'Did you mean "left"?'),
        ("engagement.zone§ > 1", '">" where "("', "engagement.zone(left)"),
        ("engagement.zone(§) > 1", '")" where a name', "engagement.zone(left)"),
        ("engagement.t.§zone(left) > 1", '"zone" after ".t"', "engagement.zone(left).t"),
        ("engagement.zone(left).§zone(left) > 1", '"zone" after ".zone"', "one attribute"),
        ("engagement.value.§t > 1", '"t" after ".value"', "one attribute"),
        ("engaged_share.§zone(left) > 1", '"engaged_share" has no zone', "synchrony.zone"),
        ("engaged_share.§trend > 1", '"engaged_share" has no trend', "synchrony.trend"),
        ("§met_ana", 'no signal or variable "met_ana"', 'Did you mean "met_anna"?'),
        ("§corage > 2", 'no signal or variable "corage"', 'Did you mean "courage"?'),
        ("§elapsd > 3 s", '"elapsd"', 'Did you mean "elapsed"?'),
        ("§visit(storm) > 1", '"visit"', 'Did you mean "visits"?'),
        ("§chnce(0.3)", '"chnce"', 'Did you mean "chance"?'),
        ("met_anna §> 0", 'flag "met_anna" compared', "not met_anna"),
        ("0 §< met_anna", 'flag "met_anna" compared', "not met_anna"),
        ("met_anna §== true", 'flag "met_anna" compared', "not met_anna"),
        ("met_anna§.t > 3", 'variable "met_anna" has no attributes', "Leave them out"),
        ("§courage and met_anna", "courage is a number", "courage >= 1"),
        ("§visits(storm)", "visits(storm) is a number", "visits(storm) >= 1"),
        ("courage §== 2", '"==" where', "courage >= 2 and courage <= 2"),
        ("courage §!= 3", '"!=" where', "(courage < 3 or courage > 3)"),
        ("courage > §5 s", '"courage" compared with a duration', "Leave the unit out"),
        ("courage > §1.5", '"courage" compared with a fraction', "write courage >= 2"),
        ("courage <= §1.5", '"courage" compared with a fraction', "write courage <= 1"),
        ("§2.5 >= courage", '"courage" compared with a fraction', "write courage <= 2"),
        ("visits(storm) < §0.5", "compared with a fraction", "write visits(storm) <= 0"),
        ("chance§", "the end where", "chance(0.3)"),
        ("chance(§met_anna)", "where a probability", "chance(0.3)"),
        ("chance(§0)", "without a probability", "above 0 and below 1"),
        ("chance(§1)", "without a probability", "above 0 and below 1"),
        ("chance(§30 %)", "without a probability", "above 0 and below 1"),
        ("chance(§0.3 s)", "without a probability", "above 0 and below 1"),
        ("chance(0.3) §> 1", "chance compared", "chance(0.3) alone"),
        ("engagement §≥ 1", '"≥" where', "Write >="),
        ("visits(§stom) > 1", 'no scene "stom"', 'Did you mean "storm"?'),
        ("visits§ > 1", '">" where "("', "visits(scene)"),
        ("engagement§", "the end where <, <=, > or >=", "Compare the reading"),
        ("engagement §== 1", '"==" where', "use >= or <="),
        (f"{A} §&& {B}", '"&&" where', 'Write "and"'),
        ("0.1 < engagement §< 2", '"<" where', "for a range"),
        ("§1 < 2", "two numbers", "Compare a reading"),
        ("engagement §> synchrony", "two readings", "number of its own"),
        ("elapsed > §90", "plain number", "90 s"),
        ("engagement > §90 s", "with a duration", "Leave the unit out"),
        (f"{A} for §5", "needs a duration", "for 5 s"),
        (f"{A} for §0 s", "above zero", "for 5 s"),
        (f"({A}) for 5 s §and {B}", '"and" where the end', "(part for 5 s)"),
        (f"{A} §{B}", '"engagement" where', 'Join conditions with "and" or "or"'),
        (f"({A}§", 'the end where ")"', "Close the parenthesis"),
        (f"not §not {A}", '"not" twice', "Leave both out"),
        ("engagement > §1234567890", "too long", "nine digits"),
        ("(" * 32 + "§(", "too deep", "at most 32"),
        (f"{A} and §$", '"$" where', "Readings:"),
    ],
)
def test_faults_are_named_where_they_are(text: str, what: str, remedy: str) -> None:
    guard, problems = parse_guard(text.replace("§", ""), NAMES)
    assert guard is None
    assert what in problems[-1].what
    assert remedy in problems[-1].remedy
    at_text = text.replace("§", "")[: problems[-1].offset].rstrip()
    assert at_text == text.partition("§")[0].rstrip()


WORDS = [
    *("engagement", ".", "zone", "(", ")", "left", "trend", "met_anna", "courage", "chance"),
    *("visits", "storm", "elapsed", ">", "==", "0.5", "2", "s", "and", "not", "for", "x"),
]


def test_all_unknown_names_are_found() -> None:
    text = "engagment > 1 and syncrony > 3 or visits(stom) > 1 and met_ana and corage"
    _, problems = parse_guard(text, NAMES)
    assert [problem.offset for problem in problems] == [0, 18, 41, 55, 67]


@given(
    st.text()
    | st.text("()andorfts<>=. 0123456789-")
    | st.lists(st.sampled_from(WORDS), max_size=8).map(" ".join)
)
def test_any_text_is_a_guard_or_has_problems(text: str) -> None:
    guard, problems = parse_guard(text, NAMES)
    assert (guard is None) == bool(problems)
    assert all(0 <= problem.offset <= len(text) for problem in problems)
