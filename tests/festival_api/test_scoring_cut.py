"""The quota, the line, and the published order that resolves a tie on it."""

import hashlib
from fractions import Fraction
from math import ceil

import pytest
from hypothesis import given
from hypothesis import strategies as st

from festival_api.scoring import (
    Choice,
    Draw,
    Mean,
    Standing,
    cut,
    drawn,
    near_line,
    quota,
    settle,
)

SEED = bytes.fromhex("5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328")


@st.composite
def rankings(draw):
    """Up to twelve works of few different scores and faction means, so that ties are usual."""
    count = draw(st.integers(0, 12))
    return [
        Standing(
            f"w{k}",
            draw(st.integers(0, 3)),
            draw(st.none() | st.integers(0, 2)),
            Mean(draw(st.integers(1, 6)), draw(st.integers(1, 3))),
        )
        for k in range(count)
    ]


shares = st.integers(1, 7).flatmap(lambda d: st.tuples(st.integers(0, d), st.just(d)))
lasts = st.sampled_from([None, "all_pass", Draw(SEED)])


def standing(work: str, micro: int, lowest: Mean | None = None) -> Standing:
    return Standing(work, micro, None, lowest or Mean(1, 1))


@pytest.mark.parametrize("share", [(2, 5), (3, 5), (1, 3), (0, 1), (1, 1), (40, 100)])
def test_places_are_the_share_rounded_up(share):
    for eligible in range(501):
        assert quota(eligible, *share) == ceil(eligible * Fraction(*share))


@pytest.mark.parametrize("share", [(-1, 5), (6, 5), (0, 0), (1, 0), (1, -2)])
def test_a_share_that_is_none_is_refused(share):
    with pytest.raises(ValueError, match="between 0 and 1"):
        quota(10, *share)


@given(rankings(), shares, lasts, st.randoms(use_true_random=False))
def test_the_order_of_the_works_decides_nothing(ranked, share, last, lot):
    expected = settle(ranked, *share, last)
    lot.shuffle(ranked)
    assert settle(ranked, *share, last) == expected


@given(rankings(), shares)
def test_the_line_parts_the_works(ranked, share):
    found = cut(ranked, *share)
    micro = {s.work: s.micro for s in ranked}
    assert sorted(found.passed + found.tied + found.failed) == sorted(micro)
    assert len(found.passed) + found.left == found.quota == ceil(len(ranked) * Fraction(*share))
    assert all(micro[work] == found.line for work in found.tied)
    assert bool(found.tied) == (0 < found.left < len(found.tied))
    if found.quota:
        assert found.line == sorted(micro.values(), reverse=True)[found.quota - 1]
        assert min(micro[work] for work in found.passed + found.tied) == found.line
        assert all(micro[work] < found.line for work in found.failed)
    else:
        assert found.line is None


@given(rankings(), shares, lasts)
def test_nobody_passes_before_a_better_work(ranked, share, last):
    settled = settle(ranked, *share, last)
    key = {s.work: (s.micro, s.lowest.value) for s in ranked}
    passed = [o.work for o in settled.outcomes if o.passed]
    failed = [o.work for o in settled.outcomes if o.passed is False]
    waiting = settled.open
    assert sorted(key) == [o.work for o in settled.outcomes]
    assert all(key[a] >= key[b] for a in passed for b in failed)
    assert len({key[work] for work in waiting}) <= 1
    if last is None:
        assert len(passed) + settled.left == settled.cut.quota
        assert bool(waiting) == (0 < settled.left < len(waiting))
    elif last == "all_pass":
        extra = [o.work for o in settled.outcomes if o.rung == "all_pass"]
        assert len(passed) >= settled.cut.quota
        assert (len(passed) > settled.cut.quota) == bool(extra)
    else:
        assert len(passed) == settled.cut.quota
    if last is not None:
        assert not waiting
        assert settled.left == 0


@given(rankings(), shares)
def test_works_near_the_line_are_those_within_their_own_error(ranked, share):
    found = cut(ranked, *share)
    near = near_line(ranked, found)
    if found.line is None or len(found.passed) == len(ranked):
        assert near == ()
    else:
        line = found.line
        assert set(found.tied) <= set(near)
        assert near == tuple(
            sorted(
                s.work
                for s in ranked
                if s.micro - (s.se_micro or 0) <= line <= s.micro + (s.se_micro or 0)
            )
        )
    assert settle(ranked, *share).near == near


TIED = [
    standing("above", 9_000_000),
    standing("kind", 5_000_000, Mean(10, 3)),
    standing("mixed", 5_000_000, Mean(33, 10)),
    standing("even", 5_000_000, Mean(66, 20)),
    standing("harsh", 5_000_000, Mean(3, 1)),
    standing("below", 1_000_000),
]


def told(settled) -> dict[str, tuple[bool | None, str]]:
    return {outcome.work: (outcome.passed, outcome.rung) for outcome in settled.outcomes}


def test_each_rung_tells_what_it_decided():
    """Three of six: one above the line, 10/3 > 33/10 = 66/20 > 3 on it, and one place for two."""
    settled = settle(TIED, 1, 2)
    assert settled.cut.tied == ("even", "harsh", "kind", "mixed")
    assert settled.open == ("even", "mixed")
    assert settled.left == 1
    assert told(settled) == {
        "above": (True, "score"),
        "kind": (True, "faction"),
        "mixed": (None, "open"),
        "even": (None, "open"),
        "harsh": (False, "faction"),
        "below": (False, "score"),
    }


def test_faction_means_alone_may_fill_the_places():
    settled = settle(TIED, 2, 3)
    assert settled.open == ()
    assert told(settled)["even"] == told(settled)["mixed"] == (True, "faction")
    assert told(settled)["harsh"] == (False, "faction")


def test_the_committee_chooses_and_says_why():
    choice = Choice(frozenset({"even"}), "Shown to more people at the hearing.")
    rungs = told(settle(TIED, 1, 2, choice))
    assert rungs["even"] == (True, "committee")
    assert rungs["mixed"] == (False, "committee")
    assert rungs["harsh"] == (False, "faction")


@pytest.mark.parametrize(
    ("works", "reason", "share", "said"),
    [
        ({"even"}, "  ", (1, 2), "needs a reason"),
        ({"even", "mixed"}, "both", (1, 2), "chooses 1 of 2: even, mixed"),
        (set(), "none", (1, 2), "chooses 1 of 2"),
        ({"harsh"}, "better", (1, 2), "chooses 1 of 2"),
        ({"harsh"}, "better", (2, 3), "nothing to choose"),
        (set(), "none", (0, 1), "nothing to choose"),
    ],
)
def test_a_choice_that_is_not_the_committees_is_refused(works, reason, share, said):
    with pytest.raises(ValueError, match=said):
        settle(TIED, *share, Choice(frozenset(works), reason))


def test_an_edition_may_let_all_pass():
    rungs = told(settle(TIED, 1, 2, "all_pass"))
    assert rungs["even"] == rungs["mixed"] == (True, "all_pass")
    assert rungs["harsh"] == (False, "faction")


def test_a_draw_follows_from_the_committed_seed_alone():
    works = [f"作品{k}" for k in range(40)]
    order = drawn(works, SEED)
    keys = [hashlib.sha256(SEED + work.encode("utf-8")).hexdigest() for work in order]
    assert keys == sorted(keys)
    assert set(order) == set(works)
    assert drawn(works, SEED[::-1]) != order
    winner = drawn(["even", "mixed"], SEED)[0]
    rungs = told(settle(TIED, 1, 2, Draw(SEED)))
    assert rungs["even"] == (winner == "even", "draw")
    assert rungs["mixed"] == (winner == "mixed", "draw")


def test_a_draw_without_a_seed_is_refused():
    with pytest.raises(ValueError, match="needs a seed"):
        settle(TIED, 1, 2, Draw(b""))


def test_a_work_is_ranked_once():
    with pytest.raises(ValueError, match="ranked twice"):
        cut([*TIED, TIED[0]], 1, 2)


def test_works_that_left_are_no_part_of_the_quota():
    """Two fifths of ten are four; of the nine that stay, still four; of the seven, three."""
    ranked = [standing(f"w{k}", 100 - k) for k in range(10)]
    assert [cut(ranked[:n], 2, 5).quota for n in (10, 9, 7)] == [4, 4, 3]
