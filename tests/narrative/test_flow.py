"""Which memories a film may have where, against every memory that it can come to."""

from collections import deque
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks._large_film import large_film
from narrative import Film, Flow, flow_of, load_film
from narrative._guard import And, Compare, Count, Expr, Flag, For, Not, Or, Visits

HEAD = "title: {en: Flow}\nfps: 24\nstart: a\nmax_runtime: 10 min\n"


def film_of(scenes: str, variables: str = "") -> Film:
    end = "  end: {clip: end.mkv, length: 1 s, ending: true}\n"
    return load_film(f"{HEAD}{variables}scenes:\n{scenes}{end}", "film.yaml")


def scene(name: str, default: str, *branches: str, sets: str = "") -> str:
    text = f"  {name}: {{clip: {name}.mkv, length: 24 s, default: {default}"
    if sets:
        text += f", set: {{{sets}}}"
    if branches:
        text += f", reading: {{from: 3 s, to: 21 s}}, branches: [{', '.join(branches)}]"
    return text + "}\n"


def branch(when: str, to: str, sets: str = "") -> str:
    return f'{{when: "{when}", to: {to}{f", set: {{{sets}}}" if sets else ""}}}'


def values(flow: Flow, where: str, name: str) -> set[int]:
    return set(flow.domains[where].variables[name])


def test_what_a_branch_sets_is_known_behind_it_only() -> None:
    film = film_of(
        scene("a", "c", branch("synchrony > 3", "b", "anna: true"))
        + scene("b", "c")
        # Here both ways meet.
        + scene("c", "end"),
        "variables: {anna: false}\n",
    )
    flow = flow_of(film)
    assert values(flow, "a", "anna") == {0}
    assert values(flow, "b", "anna") == {1}
    assert values(flow, "c", "anna") == {0, 1}


def test_a_guard_tells_what_was_true_where_it_was_met_and_where_not() -> None:
    film = film_of(
        scene("a", "b", branch("synchrony > 3", "b", "anna: true, keys: +2"))
        + scene("b", "d", branch("anna and keys >= 1", "c"), branch("anna", "end"))
        + scene("c", "end")
        + scene("d", "end"),
        "variables: {anna: false, keys: {start: 0, most: 3}}\n",
    )
    flow = flow_of(film)
    assert (values(flow, "c", "anna"), values(flow, "c", "keys")) == ({1}, {2})
    assert values(flow, "d", "anna") == {0}


def test_what_is_never_true_closes_its_way() -> None:
    film = film_of(
        scene(
            "a", "end", branch("anna", "fog"), branch("not anna", "b"), branch("synchrony > 3", "c")
        )
        + scene("fog", "mist")
        + scene("mist", "end")
        + scene("b", "end")
        + scene("c", "end"),
        "variables: {anna: false}\n",
    )
    flow = flow_of(film)
    assert flow.ways == {("a", 1), ("b", None)}
    assert set(flow.domains) == {"a", "b", "end"}
    # Behind "not anna", which is always met, stands a default that is taken after max_runtime.
    assert flow.late == set()


def test_a_default_that_no_audience_takes_is_reached_late() -> None:
    film = film_of(
        scene("a", "b", branch("keys >= 0", "end")) + scene("b", "c") + scene("c", "end"),
        "variables: {keys: 0}\n",
    )
    flow = flow_of(film)
    assert flow.late == {"b", "c"}
    assert "b" not in flow.domains


@pytest.mark.parametrize(
    ("sets", "keys"),
    [("keys: +3", {2, 5}), ("keys: -1", {2, 1}), ("keys: -3", {2, 0}), ("keys: 4", {2, 4})],
)
def test_numbers_stay_between_their_ends(sets: str, keys: set[int]) -> None:
    film = film_of(
        scene("a", "b", branch("synchrony > 3", "b", sets)) + scene("b", "end"),
        "variables: {keys: {start: 2, most: 5}}\n",
    )
    assert values(flow_of(film), "b", "keys") == keys


def test_a_loop_counts_up_to_the_end() -> None:
    film = film_of(
        scene("a", "b", branch("synchrony > 3", "a", "keys: +1"))
        + scene("b", "end", branch("keys >= 5", "end"), branch("visits(a) >= 3", "end")),
        "variables: {keys: {start: 0, most: 5}}\n",
    )
    flow = flow_of(film)
    assert values(flow, "b", "keys") == {0, 1, 2, 3, 4, 5}
    assert set(flow.domains["b"].visits["a"]) == {1, 2, 3, 4}


def test_a_long_count_is_not_followed_step_by_step() -> None:
    """A thousand rounds are not walked: after some, all values are possible."""
    film = film_of(
        scene("a", "b", branch("synchrony > 3", "a", "n: +1"))
        + scene("b", "end", branch("n >= 1000", "end")),
        "variables: {n: 0}\n",
    )
    assert values(flow_of(film), "b", "n") == set(range(1001))


def test_time_closes_ways_too() -> None:
    film = film_of(
        scene("a", "b", branch("elapsed < 1 s", "c"))
        + scene("b", "end", branch("elapsed < 20 s", "c"), branch("elapsed < 30 s", "c"))
        + scene("c", "end")
    )
    flow = flow_of(film, {"a": 0.0, "b": 24.0})
    assert ("a", 0) not in flow.ways
    assert ("b", 0) not in flow.ways
    assert ("b", 1) in flow.ways


def test_the_large_film_is_followed_to_the_end() -> None:
    film = load_film(large_film(), "film.yaml")
    flow = flow_of(film)
    assert len(flow.domains) + len(flow.late) == len(film.scenes)


# against every memory ---------------------------------------------------------------


NAMES = "abcd"
VARIABLES = "variables: {f: false, g: true, n: {start: 1, most: 3}}\n"
TESTS = ("f", "g", "n >= 2", "n < 1", "n > 2", "visits(a) >= 2", "visits(b) < 1", "synchrony > 3")


def guards() -> st.SearchStrategy[str]:
    plain = st.sampled_from(TESTS)
    return st.recursive(
        plain,
        lambda part: st.one_of(
            st.lists(part, min_size=2, max_size=3).map(lambda p: f"({' and '.join(p)})"),
            st.lists(part, min_size=2, max_size=3).map(lambda p: f"({' or '.join(p)})"),
            part.map(lambda p: f"not ({p})"),
            part.map(lambda p: f"({p} for 2 s)"),
        ),
        max_leaves=4,
    )


SETS = st.sampled_from(["", "f: true", "f: false", "g: false", "n: +1", "n: -2", "n: 3"])
BRANCHES = st.lists(st.tuples(guards(), st.sampled_from([*NAMES, "end"]), SETS), max_size=2)


def true(tree: Expr, facts: dict[str, int], signal: bool) -> bool:
    match tree:
        case Flag(name):
            return bool(facts[name])
        case Compare(Count(name) | Visits(name), operator, number):
            value = facts[name]
            return {
                "<": value < number,
                "<=": value <= number,
                ">": value > number,
                ">=": value >= number,
            }[operator]
        case Compare():
            return signal
        case Not(body):
            return not true(body, facts, signal)
        case For(body):
            return true(body, facts, signal)
        case And(parts):
            return all(true(part, facts, signal) for part in parts)
        case Or(parts):
            return any(true(part, facts, signal) for part in parts)
    raise AssertionError(tree)


def memories(film: Film) -> tuple[set[tuple[str, tuple[int, ...]]], set[tuple[str, int | None]]]:
    """Walk every memory that the film can come to, one after the other."""
    keys = [*film.variables, *NAMES]

    def enter(name: str, facts: dict[str, int], sets) -> tuple[str, tuple[int, ...]]:
        facts = dict(facts)
        for change in (*sets, *film.scenes[name].sets):
            most = film.variables[change.variable].most
            value = facts[change.variable] + change.value if change.adds else change.value
            facts[change.variable] = min(max(value, 0), most)
        if name in NAMES:
            facts[name] = min(facts[name] + 1, 3)
        return name, tuple(facts[key] for key in keys)

    begin = {v.name: v.start for v in film.variables.values()} | dict.fromkeys(NAMES, 0)
    waiting = deque([enter(film.start, begin, ())])
    seen, ways = set(waiting), set()
    while waiting:
        name, memory = waiting.popleft()
        here, facts = film.scenes[name], dict(zip(keys, memory, strict=True))
        if here.default is None:
            continue
        # A reading's value is free, and another for each branch.
        for signals in product([False, True], repeat=len(here.branches)):
            met = (
                index
                for index, one in enumerate(here.branches)
                if true(one.when.tree, facts, signals[index])
            )
            index = next(met, None)
            ways.add((name, index))
            to = here.default if index is None else here.branches[index].to
            sets = () if index is None else here.branches[index].sets
            following = enter(to, facts, sets)
            if following not in seen:
                seen.add(following)
                waiting.append(following)
    return seen, ways


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(BRANCHES, SETS), min_size=4, max_size=4))
def test_nothing_that_can_be_is_called_impossible(wanted) -> None:
    following = dict(zip(NAMES, [*NAMES[1:], "end"], strict=True))
    film = film_of(
        "".join(
            scene(name, following[name], *(branch(*one) for one in branches), sets=sets)
            for name, (branches, sets) in zip(NAMES, wanted, strict=True)
        ),
        VARIABLES,
    )
    flow = flow_of(film)
    seen, ways = memories(film)
    assert ways <= flow.ways
    keys = [*film.variables, *NAMES]
    for name, memory in seen:
        domain = flow.domains[name]
        for key, value in zip(keys, memory, strict=True):
            if key in film.variables:
                assert value in domain.variables[key]
            elif key in domain.visits and name != key:
                assert min(value, max(domain.visits[key])) in domain.visits[key]


def test_one_variable_by_itself_is_followed_exactly() -> None:
    film = film_of(
        scene("a", "b", branch("n >= 2", "c", "n: +1"), branch("synchrony > 3", "a", "n: +2"))
        + scene("b", "c", branch("n < 1", "a", "n: 2"))
        + scene("c", "d", branch("n > 2", "d", "n: -2"))
        + scene("d", "end", branch("not (n >= 3)", "a")),
        "variables: {n: {start: 0, most: 3}}\n",
    )
    flow = flow_of(film)
    seen, ways = memories(film)
    assert flow.ways == ways
    assert set(flow.domains) == {where for where, _ in seen}
    for name in flow.domains:
        assert values(flow, name, "n") == {memory[0] for where, memory in seen if where == name}
