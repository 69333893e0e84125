"""The guard language: what binds to what, what is refused where, and the way back to text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from narrative import SIGNALS, format_guard, parse_guard
from narrative._guard import And, Compare, Elapsed, Expr, For, Not, Or, SignalValue, Visits

SCENES = ("harbour", "storm")
NUMBERS = st.integers(1 - 10**12, 10**12 - 1).map(lambda n: n / 1000)
DURATIONS = st.integers(1, 10**6).map(lambda n: n / 1000)
COMPARISONS = st.builds(
    Compare,
    st.builds(SignalValue, st.sampled_from(sorted(SIGNALS)), st.sampled_from(["value", "t"]))
    | st.just(Elapsed())
    | st.builds(Visits, st.sampled_from(SCENES)),
    st.sampled_from(["<", "<=", ">", ">="]),
    NUMBERS,
)


def _larger(parts: st.SearchStrategy[Expr]) -> st.SearchStrategy[Expr]:
    several = st.lists(parts, min_size=2, max_size=3).map(tuple)
    return (
        st.builds(Not, parts)
        | st.builds(And, several)
        | st.builds(Or, several)
        | st.builds(For, parts, DURATIONS)
    )


TREES = st.recursive(COMPARISONS, _larger, max_leaves=6)


@given(TREES)
def test_text_and_tree_are_the_same(tree: Expr) -> None:
    text = format_guard(tree)
    guard, problems = parse_guard(text, SCENES)
    assert problems == ()
    assert guard is not None
    assert guard.tree == tree
    assert guard.text == text


def _tree(text: str) -> Expr:
    guard, problems = parse_guard(text, SCENES)
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


def test_durations_have_units() -> None:
    assert _tree("elapsed > 2 min") == _tree("elapsed > 120 s") == _tree("elapsed > 120000 ms")
    assert _tree(f"{A} for 500 ms") == For(_tree(A), 0.5)


@pytest.mark.parametrize(
    ("text", "what", "remedy"),
    [
        ("§", "the end where a reading or a number belongs", "synchrony"),
        ("§engagment > 1", 'no signal "engagment"', 'Did you mean "engagement"?'),
        ("engagement.§foo > 1", 'no ".foo"', "value, t, confidence"),
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
    guard, problems = parse_guard(text.replace("§", ""), SCENES)
    assert guard is None
    assert what in problems[-1].what
    assert remedy in problems[-1].remedy
    at_text = text.replace("§", "")[: problems[-1].offset].rstrip()
    assert at_text == text.partition("§")[0].rstrip()


def test_all_unknown_names_are_found() -> None:
    _, problems = parse_guard("engagment > 1 and syncrony > 3 or visits(stom) > 1", SCENES)
    assert [problem.offset for problem in problems] == [0, 18, 41]


@given(st.text() | st.text("()andorfts<>=. 0123456789-"))
def test_any_text_is_a_guard_or_has_problems(text: str) -> None:
    guard, problems = parse_guard(text, SCENES)
    assert (guard is None) == bool(problems)
    assert all(0 <= problem.offset <= len(text) for problem in problems)
