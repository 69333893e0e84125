"""Scores adjusted for jurors: against exact fractions, against dense least squares, and by laws."""

import random
from collections import Counter
from dataclasses import replace
from fractions import Fraction
from math import floor

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from festival_api.scoring import MIN_REVIEWS, Mean, Review, Score, means, two_way, weighted


def festival(works: int, jurors: int, seats: int, seed: int) -> list[Score]:
    """A jury of equal loads that gives any points from 1 to 10."""
    lot = random.Random(seed)
    deck = [juror % jurors for juror in range(works * seats)]
    while True:
        lot.shuffle(deck)
        panels = [deck[k : k + seats] for k in range(0, len(deck), seats)]
        for _ in range(200):
            bad = [panel for panel in panels if len(set(panel)) < seats]
            if not bad:
                return [
                    Score(f"w{work}", f"j{juror}", lot.randint(1, 10))
                    for work, panel in enumerate(panels)
                    for juror in panel
                ]
            for panel in bad:
                other, a, b = lot.choice(panels), lot.randrange(seats), lot.randrange(seats)
                panel[a], other[b] = other[b], panel[a]


@st.composite
def juries(draw):
    """Few works and jurors, any scores, most of the pairs scored: dyadic and other denominators."""
    works, jurors = draw(st.integers(4, 7)), draw(st.integers(2, 4))
    pairs = [(work, juror) for work in range(works) for juror in range(jurors)]
    scored = draw(st.sets(st.sampled_from(pairs), min_size=len(pairs) - 3))
    return [Score(f"w{w}", f"j{j}", draw(st.integers(-50, 400))) for w, j in sorted(scored)]


def normal_equations(scores):
    """The bordered normal equations: works, jurors (severities), and their weighted sum of 0."""
    works = sorted({score.work for score in scores})
    jurors = sorted({score.juror for score in scores})
    place = {name: k for k, name in enumerate([*works, *jurors])}
    size = len(place) + 1
    matrix = [[0] * size for _ in range(size)]
    right = [0] * size
    for score in scores:
        design = {place[score.work]: 1, place[score.juror]: -1}
        for a, x in design.items():
            right[a] += x * score.value
            for b, y in design.items():
                matrix[a][b] += x * y
        matrix[-1][place[score.juror]] += 1
        matrix[place[score.juror]][-1] += 1
    return works, jurors, matrix, right


def solve(matrix, right):
    """Gauss and Jordan, in fractions."""
    rows = [[*map(Fraction, row), Fraction(b)] for row, b in zip(matrix, right, strict=True)]
    for k in range(len(rows)):
        pivot = next(i for i in range(k, len(rows)) if rows[i][k])
        rows[k], rows[pivot] = rows[pivot], rows[k]
        rows[k] = [x / rows[k][k] for x in rows[k]]
        for i, row in enumerate(rows):
            if i != k and row[k]:
                rows[i] = [x - row[k] * y for x, y in zip(row, rows[k], strict=True)]
    return [row[-1] for row in rows]


def micro(value: Fraction) -> int:
    return floor(value * 10**6 + Fraction(1, 2))


@given(juries())
def test_the_integers_are_the_exact_solution_rounded(scores):
    found = two_way(scores)
    assume(found.method == "two_way")
    works, jurors, matrix, right = normal_equations(scores)
    exact = dict(zip([*works, *jurors], solve(matrix, right)[:-1], strict=True))
    assert {w.work: w.micro for w in found.works} == {w: micro(exact[w]) for w in works}
    assert {j.juror: j.micro for j in found.jurors} == {j: micro(exact[j]) for j in jurors}
    squares = sum((s.value - exact[s.work] + exact[s.juror]) ** 2 for s in scores)
    assert found.freedom == len(scores) - len(works) - len(jurors) + 1
    assert found.error_micro == pytest.approx(float(squares / found.freedom) ** 0.5 * 1e6, abs=0.51)


def test_true_halves_are_rounded_up_whatever_the_way_to_them():
    """Where everybody scores everything, works keep their means; a 128th has a half micro-point."""
    lot = random.Random(5)
    scores = [Score(f"w{w}", f"j{j}", lot.randint(0, 100)) for w in range(6) for j in range(128)]
    found = two_way(scores)
    assert found.method == "two_way"
    assert [w.micro for w in found.works] == [micro(w.raw.value) for w in found.works]
    assert any(w.raw.total % 2 for w in found.works)


@pytest.mark.parametrize(("jurors", "seats"), [(60, 3), (60, 4), (144, 3)])
def test_a_festival_agrees_with_dense_least_squares(jurors, seats):
    scores = festival(240, jurors, seats, seed=jurors + seats)
    found = two_way(scores)
    works, names, matrix, right = normal_equations(scores)
    inverse = np.linalg.inv(np.array(matrix, dtype=float))
    fitted = inverse @ right
    place = {name: k for k, name in enumerate([*works, *names])}
    rest = [s.value - fitted[place[s.work]] + fitted[place[s.juror]] for s in scores]
    variance = np.square(rest).sum() / (len(scores) - len(works) - len(names) + 1)
    errors = np.sqrt(variance * np.diag(inverse)[:-1])
    ours = [*found.works, *found.jurors]
    assert found.method == "two_way"
    assert np.allclose([one.micro / 1e6 for one in ours], fitted[:-1], rtol=0, atol=6e-7)
    assert np.allclose([one.se_micro / 1e6 for one in ours], errors, rtol=0, atol=6e-7)
    assert found.error_micro / 1e6 == pytest.approx(variance**0.5, abs=6e-7)


@given(st.randoms(use_true_random=False))
def test_the_order_of_the_scores_does_not_matter(lot):
    scores = festival(12, 6, 3, seed=1)
    expected = two_way(scores)
    lot.shuffle(scores)
    assert two_way(scores) == expected
    assert expected.method == "two_way"


@given(st.integers(-20, 20), st.integers(0, 5))
def test_a_juror_who_gives_everybody_more_changes_no_differences(points, juror):
    """The mean of all scores moves, and every work with it; the juror takes the rest."""
    scores = festival(12, 6, 3, seed=2)
    count = sum(score.juror == f"j{juror}" for score in scores)
    more = len(scores) * points
    shifted = [replace(s, value=s.value + more) if s.juror == f"j{juror}" else s for s in scores]
    before, after = two_way(scores), two_way(shifted)
    assert {b.micro - a.micro for a, b in zip(before.works, after.works, strict=True)} == {
        count * points * 10**6
    }
    assert [w.se_micro for w in after.works] == [w.se_micro for w in before.works]
    moved = {j.juror: j.micro for j in after.jurors}[f"j{juror}"]
    assert moved == before.jurors[juror].micro + (count * points - more) * 10**6


def test_without_errors_works_and_jurors_are_told_apart():
    """Each work misses the juror of its number: plain means would rank by who was absent."""
    merit = {"a": 20, "b": 30, "c": 40, "d": 50, "e": 60}
    severity = {"v": -6, "w": -2, "x": 0, "y": 2, "z": 6}
    scores = [
        Score(work, juror, merit[work] - severity[juror])
        for k, work in enumerate(merit)
        for n, juror in enumerate(severity)
        if k != n
    ]
    found = two_way(scores)
    assert {w.work: w.adjusted for w in found.works} == merit
    assert {j.juror: j.micro for j in found.jurors} == {j: s * 10**6 for j, s in severity.items()}
    assert {one.se_micro for one in (*found.works, *found.jurors)} == {0}
    assert found.works[0].raw == Mean(4 * 20 + -6, 4)


def test_severities_are_counted_from_the_mean_of_all_scores():
    scores = festival(16, 5, 3, seed=3)
    found = two_way(scores)
    assert len({j.reviews for j in found.jurors}) > 1
    assert abs(sum(j.reviews * j.micro for j in found.jurors)) <= len(scores) / 2
    mean = Fraction(sum(s.value for s in scores), len(scores))
    assert abs(sum(w.raw.count * w.micro for w in found.works) - len(scores) * mean * 10**6) <= 24


def test_the_digits_stay_what_they_are():
    """Decisions that were stored are computed again: other digits are another method."""
    values = [7, 4, 9, 6, 3, 8, 5, 2, 9, 8, 7, 5, 4, 6, 7, 3, 9, 2, 8, 6]
    pairs = [(w, j) for w in range(8) for j in range(4) if (w + 2 * j) % 5 not in (0, 3)]
    scores = [Score(f"w{w}", f"j{j}", v) for (w, j), v in zip(pairs, values, strict=True)]
    found = two_way(scores)
    assert (found.method, found.freedom, found.error_micro) == ("two_way", 9, 2777561)
    assert [(w.micro, w.se_micro) for w in found.works] == [
        (6620321, 1656356),
        (3977273, 2093665),
        (5394831, 1656356),
        (8382353, 2094486),
        (6117647, 2094486),
        (5620321, 1656356),
        (5477273, 2093665),
        (5728164, 1656356),
    ]
    assert [(j.reviews, j.micro, j.se_micro) for j in found.jurors] == [
        (5, 139037, 1243823),
        (5, 96257, 1181450),
        (5, 949198, 1181450),
        (5, -1184492, 1243823),
    ]


def whole(works: int, jurors: str) -> list[Score]:
    """Everybody scores everything."""
    return [Score(f"w{k}", j, (7 * k + 3 * ord(j)) % 11) for k in range(works) for j in jurors]


def test_a_juror_with_too_few_scores_leaves_the_means_as_they_are():
    scores = [*whole(6, "ab"), *(Score(f"w{k}", "late", 9) for k in range(MIN_REVIEWS - 1))]
    found = two_way(scores)
    assert (found.method, found.reason, found.about) == ("raw", "few_reviews", ("late",))
    assert [w.micro for w in found.works] == [micro(w.raw.value) for w in found.works]
    assert found.jurors == ()
    assert two_way([*scores, Score("w3", "late", 9)]).method == "two_way"
    assert two_way(scores, min_reviews=3).method == "two_way"


def test_parts_that_nobody_compares_leave_the_means_as_they_are():
    apart = [replace(s, work=f"x{s.work}") for s in whole(5, "cd")]
    scores = [*whole(5, "ab"), *apart]
    found = two_way(scores)
    assert (found.method, found.reason, found.about) == ("raw", "disconnected", ("a", "c"))
    assert two_way([*scores, Score("xw0", "a", 5)]).method == "two_way"


def test_as_many_unknowns_as_scores_leave_the_means_as_they_are():
    found = two_way(whole(5, "a"))
    assert (found.method, found.reason) == ("raw", "no_freedom")
    assert {w.se_micro for w in found.works} == {None}
    assert found.error_micro is None
    assert two_way(whole(5, "ab")).method == "two_way"
    assert two_way([]).reason == "no_freedom"


def test_plain_means_have_errors_from_the_spread_within_works():
    values = {"a": (1, 3), "b": (4, 4), "c": (2, 9)}
    found = two_way(
        Score(w, f"{w}{k}", v) for w, pair in values.items() for k, v in enumerate(pair)
    )
    variance = (2 + 0 + 24.5) / 3
    assert found.reason == "few_reviews"
    assert [w.micro for w in found.works] == [2_000_000, 4_000_000, 5_500_000]
    assert [w.se_micro for w in found.works] == [round(1e6 * (variance / 2) ** 0.5)] * 3
    assert found.error_micro == round(1e6 * variance**0.5)
    assert found.freedom == 3


def test_a_work_scored_twice_by_a_juror_is_refused():
    with pytest.raises(ValueError, match="b scored w2 twice"):
        two_way([*whole(4, "ab"), Score("w2", "b", 3)])


@pytest.mark.parametrize("value", [True, 3.0, float("nan"), "3", None])
def test_a_score_is_a_whole_number(value):
    with pytest.raises(ValueError, match="juror on work"):
        Score("work", "juror", value)


REVIEWS = [
    Review("w", "j1", "art", {"craft": 70, "impact": 51}),
    Review("w", "j2", "art", {"craft": 40, "impact": 50}),
    Review("w", "j3", "ethics", {"craft": 60, "impact": 60}),
    Review("v", "j3", "ethics", {"craft": 1, "impact": 2}),
]


def test_tables_keep_means_exactly():
    found = means(REVIEWS, {"craft": 2, "impact": 1})
    assert list(found) == ["v", "w"]
    assert found["w"].dimensions == {"craft": Mean(170, 3), "impact": Mean(161, 3)}
    assert found["w"].factions == {"art": Mean(191 + 130, 2), "ethics": Mean(180, 1)}
    assert found["w"].lowest_faction == Mean(321, 2)
    assert found["w"].factions["art"].value == Fraction(321, 2)
    assert found["v"].lowest_faction == Mean(4, 1)


def test_reviews_are_weighted_into_scores():
    assert weighted(REVIEWS[:1], {"craft": 2, "impact": 1}) == (Score("w", "j1", 191),)
    assert Counter(s.value for s in weighted(REVIEWS, {"craft": 0, "impact": 1})) == Counter(
        [51, 50, 60, 2]
    )


@pytest.mark.parametrize("weights", [{"craft": 1}, {"craft": 1, "impact": 1, "new": 1}])
def test_a_review_of_other_dimensions_is_refused(weights):
    with pytest.raises(ValueError, match="j1 on w: scored craft, impact, the dimensions are craft"):
        means(REVIEWS, weights)
    with pytest.raises(ValueError, match="j1 on w"):
        weighted(REVIEWS, weights)
