"""Who reviews what: the best there is, whatever the order, with every gap named."""

import itertools
import random
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from festival_api.scoring import MIN_REVIEWS, Juror, Shortfall, assign, pick_extra

SEED = b"checkpoint of the day"
FACTIONS = ("art", "technology", "ethics", "community")


@st.composite
def tiny(draw):
    """At most twelve pairs: all ways to choose among them can be tried."""
    works = [f"w{k}" for k in range(draw(st.integers(1, 3)))]
    jurors = {
        f"j{k}": Juror(draw(st.sampled_from("ab")), draw(st.none() | st.integers(0, 3)))
        for k in range(draw(st.integers(1, 4)))
    }
    pairs = list(itertools.product(jurors, works))
    conflicts = draw(st.sets(st.sampled_from(pairs), max_size=4))
    existing = draw(st.sets(st.sampled_from(pairs), max_size=2)) - conflicts
    per_faction = draw(st.dictionaries(st.sampled_from("abc"), st.integers(0, 2), max_size=3))
    return works, jurors, conflicts, existing, draw(st.integers(0, 3)), per_faction


def worth(pairs, works, jurors, per_work, per_faction):
    """What is to be made small, the weightiest first."""
    met = Counter(work for _, work in pairs)
    of_faction = Counter((work, jurors[juror].faction) for juror, work in pairs)
    loads = Counter(juror for juror, _ in pairs)
    return (
        sum(max(0, per_work - met[work]) for work in works),
        sum(max(0, n - of_faction[w, f]) for w in works for f, n in per_faction.items()),
        sum(load * load for load in loads.values()),
    )


@settings(max_examples=150)
@given(tiny())
def test_no_other_choice_is_better(case):
    works, jurors, conflicts, existing, per_work, per_faction = case
    found = assign(*case, SEED, min_reviews=1)
    free = sorted(set(itertools.product(jurors, works)) - conflicts - existing)
    best = min(
        worth(pairs, works, jurors, per_work, per_faction)
        for size in range(len(free) + 1)
        for chosen in itertools.combinations(free, size)
        if _fits(pairs := existing | set(chosen), existing, jurors)
    )
    pairs = existing | set(found.added)
    assert worth(pairs, works, jurors, per_work, per_faction) == best
    assert not existing & set(found.added)
    assert not conflicts & set(found.added)
    assert _fits(pairs, existing, jurors)
    assert found.loads == {name: sum(j == name for j, _ in pairs) for name in jurors}


def _fits(pairs, existing, jurors):
    loads, before = Counter(j for j, _ in pairs), Counter(j for j, _ in existing)
    return all(
        juror.capacity is None or loads[name] <= max(juror.capacity, before[name])
        for name, juror in jurors.items()
    )


@pytest.mark.parametrize("seed", [b"%d" % k for k in range(5)])
def test_a_chain_of_exchanges_finds_the_only_way(seed):
    """Work k may go to juror k or k + 1, the last to juror 0 alone; each juror takes one."""
    works = [f"w{k:02}" for k in range(20)]
    jurors = {f"j{k:02}": Juror(FACTIONS[k % 4], 1) for k in range(20)}
    open_to = {w: {f"j{k:02}", f"j{k + 1:02}"} for k, w in enumerate(works)} | {"w19": {"j00"}}
    conflicts = {(j, w) for j in jurors for w in works if j not in open_to[w]}
    found = assign(works, jurors, conflicts, set(), 1, {}, seed, min_reviews=1)
    assert dict(found.added) == {f"j{(k + 1) % 20:02}": works[k] for k in range(20)}


@given(tiny())
def test_what_is_missing_is_named_with_those_who_cannot_help(case):
    works, jurors, conflicts, existing, per_work, per_faction = case
    found = assign(*case, SEED, min_reviews=2)
    pairs = existing | set(found.added)
    least = {None: per_work, **per_faction}
    missing = {
        (work, faction): least[faction] - have
        for work in works
        for faction in least
        if (have := sum(w == work and faction in (None, jurors[j].faction) for j, w in pairs))
        < least[faction]
    }
    assert {(s.work, s.faction): s.missing for s in found.shortfalls} == missing
    for gap in found.shortfalls:
        others = {
            name
            for name, juror in jurors.items()
            if gap.faction in (None, juror.faction) and (name, gap.work) not in pairs
        }
        assert set(gap.conflicted) == {name for name in others if (name, gap.work) in conflicts}
        assert set(gap.full) == others - set(gap.conflicted)
        for name in gap.full:
            assert jurors[name].capacity is not None
            assert found.loads[name] >= jurors[name].capacity


@st.composite
def festivals(draw):
    """Real sizes: 20 to 80 works, 8 to 30 jurors of four factions, 3 to 5 jurors a work."""
    lot = random.Random(draw(st.integers(0, 10**6)))
    works = [f"w{k}" for k in range(draw(st.integers(20, 80)))]
    count = draw(st.integers(8, 30))
    jurors = {f"j{k}": Juror(FACTIONS[k % 4]) for k in range(count)}
    pairs = list(itertools.product(jurors, works))
    conflicts = set(lot.sample(pairs, draw(st.integers(0, len(pairs) // 20))))
    per_faction = draw(st.sampled_from([{}, dict.fromkeys(FACTIONS, 1)]))
    return works, jurors, conflicts, draw(st.integers(3, 5)), per_faction


@settings(max_examples=25)
@given(festivals(), st.integers(0, 2**32).map(lambda n: n.to_bytes(5, "big")))
def test_a_festival_is_assigned_fairly(festival, seed):
    works, jurors, conflicts, per_work, per_faction = festival
    found = assign(works, jurors, conflicts, set(), per_work, per_faction, seed)
    assert found.connected
    assert not conflicts & set(found.added)
    least = {None: per_work, **per_faction}
    free = {
        (work, faction): sum(
            faction in (None, juror.faction) and (name, work) not in conflicts
            for name, juror in jurors.items()
        )
        for work in works
        for faction in least
    }
    assert {(s.work, s.faction): s.missing for s in found.shortfalls} == {
        at: least[at[1]] - count for at, count in free.items() if count < least[at[1]]
    }
    busy = [load for load in found.loads.values() if load]
    assert min(busy) >= MIN_REVIEWS
    if not per_faction:
        assert max(busy) - min(busy) <= 1


@settings(max_examples=10)
@given(festivals(), st.randoms(use_true_random=False))
def test_the_order_of_what_is_passed_does_not_matter(festival, lot):
    works, jurors, conflicts, per_work, per_faction = festival
    expected = assign(works, jurors, conflicts, set(), per_work, per_faction, SEED)
    names = list(jurors)
    lot.shuffle(works)
    lot.shuffle(names)
    shuffled = {name: jurors[name] for name in names}
    assert assign(works, shuffled, conflicts, set(), per_work, per_faction, SEED) == expected


def jury(count: int, capacity: int | None = None) -> dict[str, Juror]:
    return {f"j{k:03}": Juror(FACTIONS[k % 4], capacity) for k in range(count)}


def test_another_seed_is_another_draw():
    works = [f"w{k}" for k in range(30)]
    one, other = (assign(works, jury(10), set(), set(), 3, {}, seed) for seed in (b"1", b"2"))
    shared = len(set(one.added) & set(other.added))
    assert shared < 60


def test_lots_favour_no_juror_and_no_work():
    """Each of 36 pairs comes in half of 200 draws, within four standard errors."""
    works = [f"w{k}" for k in range(6)]
    seen = Counter(
        pair
        for draw in range(200)
        for pair in assign(works, jury(6), set(), set(), 3, {}, b"%d" % draw, 1).added
    )
    assert len(seen) == 36
    assert all(abs(count - 100) < 4 * 50**0.5 for count in seen.values())


def test_a_whole_festival_has_equal_loads_and_one_of_each_faction():
    works = [f"w{k}" for k in range(240)]
    conflicts = {(f"j{k % 60:03}", f"w{(7 * k) % 240}") for k in range(200)}
    found = assign(works, jury(60), conflicts, set(), 4, dict.fromkeys(FACTIONS, 1), SEED)
    assert set(found.loads.values()) == {16}
    panels = Counter((work, jury(60)[juror].faction) for juror, work in found.added)
    assert set(panels.values()) == {1}
    assert len(panels) == 960
    assert found.connected


def test_nobody_is_asked_for_a_handful():
    """720 places for 240 jurors: 180 get four works, and 60 stay at home."""
    found = assign([f"w{k}" for k in range(240)], jury(240), set(), set(), 3, {}, SEED)
    assert Counter(found.loads.values()) == {4: 180, 0: 60}
    assert found.shortfalls == ()


def test_where_nobody_can_get_more_than_a_handful_all_share_it():
    found = assign(["w1", "w2", "w3"], jury(9), set(), set(), 3, {}, SEED)
    assert set(found.loads.values()) == {1}


def test_a_handful_is_better_than_a_gap():
    """Two jurors of tax law who can take three works each are needed for six."""
    jurors = {**jury(8), "e1": Juror("tax", 3), "e2": Juror("tax", 3)}
    found = assign([f"w{k}" for k in range(6)], jurors, set(), set(), 2, {"tax": 1}, SEED)
    assert found.loads["e1"] == found.loads["e2"] == 3
    assert found.shortfalls == ()


def test_fewer_jurors_with_a_handful_are_better():
    """Nobody can take four of six works: three jurors take two each, and two stay at home."""
    found = assign([f"w{k}" for k in range(6)], jury(5, capacity=2), set(), set(), 1, {}, SEED)
    assert sorted(found.loads.values()) == [0, 0, 2, 2, 2]
    assert found.shortfalls == ()


def test_work_that_comes_late_is_added_to_what_is_there():
    works = [f"w{k}" for k in range(20)]
    first = assign(works, jury(8), set(), set(), 3, {}, SEED)
    again = assign(works, jury(8), set(), set(first.added), 3, {}, SEED)
    assert again.added == ()
    late = assign([*works, "late"], jury(8), set(), set(first.added), 3, {}, SEED)
    assert {work for _, work in late.added} == {"late"}
    assert len(late.added) == 3
    assert max(late.loads.values()) - min(late.loads.values()) <= 1


def test_lots_are_drawn_anew_where_works_fall_into_parts():
    """Two jurors for each of six works: of forty first draws about half hang together."""
    works = [f"w{k}" for k in range(6)]
    found = [assign(works, jury(6), set(), set(), 2, {}, b"%d" % k, 1) for k in range(40)]
    assert all(one.connected for one in found)


def test_works_that_share_no_juror_are_said_to_be_apart():
    works = ["a1", "a2", "b1", "b2"]
    jurors = {name: Juror("art") for name in ("x1", "x2", "y1", "y2")}
    conflicts = {(j, w) for j in jurors for w in works if (j[0] == "x") != (w[0] == "a")}
    assert not assign(works, jurors, conflicts, set(), 2, {}, SEED).connected
    assert assign(works, jurors, conflicts - {("x1", "b1")}, {("x1", "b1")}, 2, {}, SEED).connected


def test_a_festival_without_works_or_jurors_has_nothing_to_assign():
    assert assign([], jury(3), set(), set(), 3, {}, SEED).added == ()
    assert assign(["w", "v", "w"], {}, set(), set(), 2, {"art": 1}, SEED).shortfalls == (
        Shortfall("v", None, 2, (), ()),
        Shortfall("v", "art", 1, (), ()),
        Shortfall("w", None, 2, (), ()),
        Shortfall("w", "art", 1, (), ()),
    )


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"existing": {("j000", "w")}, "conflicts": {("j000", "w")}}, "j000 on w is in conflict"),
        ({"existing": {("nobody", "w")}}, "nobody on w: no such juror"),
        ({"existing": {("j000", "gone")}}, "j000 on gone: no such juror or no such work"),
        ({"per_work": -1}, "negative"),
        ({"per_faction": {"art": -1}}, "negative"),
    ],
)
def test_what_cannot_be_meant_is_refused(changed, said):
    asked = {"conflicts": set(), "existing": set(), "per_work": 1, "per_faction": {}, **changed}
    with pytest.raises(ValueError, match=said):
        assign(["w"], jury(2), seed=SEED, **asked)


def test_an_extra_juror_beside_an_unknown_one_is_refused():
    with pytest.raises(ValueError, match="nobody on w: no such juror"):
        pick_extra("w", jury(2), set(), {("nobody", "w")}, SEED)


def test_whoever_is_to_get_no_more_keeps_what_is_there():
    jurors = {**jury(4), "gone": Juror("art", 0)}
    existing = {("gone", "w0"), ("gone", "w1")}
    found = assign(["w0", "w1", "w2"], jurors, set(), existing, 2, {"art": 1}, SEED)
    assert found.loads["gone"] == 2
    assert Counter(work for _, work in found.added) == {"w0": 1, "w1": 1, "w2": 2}
    assert pick_extra("w2", jurors, set(), existing | set(found.added), SEED) != "gone"


def test_a_capacity_is_not_negative():
    with pytest.raises(ValueError, match="-1 works"):
        Juror("art", -1)


def test_an_extra_juror_is_one_who_knows_the_field_from_another_faction():
    """j000 (art) is on the work; of the others, community has met it least, and j003 has less."""
    jurors = {**jury(8), "new": Juror("community")}
    works = [f"w{k}" for k in range(5)]
    existing = {
        (name, work) for name in jury(8) for work in works if name != "j003" or work != "w4"
    }
    existing -= {(name, "w0") for name in jury(8) if name not in ("j000", "j001", "j002")}
    assert pick_extra("w0", jurors, set(), existing, SEED) == "j003"
    assert pick_extra("w0", jurors, {("j003", "w0")}, existing, SEED) == "j007"
    assert pick_extra("w0", jurors, set(), existing, SEED, min_reviews=1) == "new"


def test_an_extra_juror_who_is_not_there_is_explained():
    existing = {("j000", "w"), *(("j001", f"v{k}") for k in range(3))}
    gap = pick_extra("w", jury(3, capacity=3), {("j002", "w")}, existing, SEED)
    assert gap == Shortfall("w", None, 1, ("j002",), ("j001",))


def test_an_extra_juror_is_drawn_among_equals_by_the_seed():
    picks = {pick_extra("w", jury(8), set(), set(), b"%d" % k, 1) for k in range(40)}
    assert len(picks) > 4
    assert pick_extra("w", jury(8), set(), set(), b"1") == pick_extra(
        "w", dict(reversed(jury(8).items())), set(), set(), b"1"
    )
