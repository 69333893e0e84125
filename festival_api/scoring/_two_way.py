"""Scores adjusted for harsh and lenient jurors.

The model is ``score = work - severity + error``, solved by least squares over works and jurors at
once (two-way fixed effects): the bias term of Platt and Burges, Regularized least squares to remove
reviewer bias (2012), and of Lawrence, Reviewer calibration for NIPS (inverseprobability.com, 2014),
without their shrinkage towards equal jurors. A work is compared with what the same jurors gave to
others, so that it loses nothing by having met harsh ones, nor by having met jurors who saw strong
works.

Severities are counted from the mean over all scores given: each juror weighs as many times as they
scored. The mean over all scores is then the same before and after.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from festival_api.scoring._fixed import BITS, MICRO, dot, fixed, inverse_factor, micro, micro_root
from festival_api.scoring._score import Mean, Score

Reason = Literal["few_reviews", "disconnected", "no_freedom"]

MIN_REVIEWS = 4
"""A juror with fewer scores is not adjusted for: their severity would be mostly chance."""


@dataclass(frozen=True, slots=True)
class WorkScore:
    """What a work came to.

    Attributes
    ----------
    work : str
        Its name.
    raw : Mean
        Of the scores as given.
    micro : int
        Adjusted score in micro-points; works are ranked by this number.
    se_micro : int or None
        Its standard error in micro-points; None if no work was scored twice.
    """

    work: str
    raw: Mean
    micro: int
    se_micro: int | None

    @property
    def adjusted(self) -> float:
        """Adjusted score in points."""
        return self.micro / MICRO


@dataclass(frozen=True, slots=True)
class Severity:
    """How harsh a juror is.

    Attributes
    ----------
    juror : str
        Name.
    reviews : int
        How many works the juror scored.
    micro : int
        Micro-points that works lose by meeting this juror: above 0 harsh, below 0 lenient.
    se_micro : int
        Its standard error.
    """

    juror: str
    reviews: int
    micro: int
    se_micro: int


@dataclass(frozen=True, slots=True)
class Adjusted:
    """The result of all scores together.

    Attributes
    ----------
    method : "two_way" or "raw"
        "raw": the adjusted scores are the plain means.
    reason : str or None
        Why "raw": ``few_reviews`` (a juror has too few scores), ``disconnected`` (works and jurors
        fall into parts that nothing compares), ``no_freedom`` (as many unknowns as scores).
    about : tuple of str
        Jurors: those with too few scores, or one of each part.
    works : tuple of WorkScore
        By name.
    jurors : tuple of Severity
        By name; none if "raw".
    freedom : int
        Degrees of freedom of the error.
    error_micro : int or None
        Standard deviation of a single score's error, in micro-points; None without freedom.
    """

    method: Literal["two_way", "raw"]
    reason: Reason | None
    about: tuple[str, ...]
    works: tuple[WorkScore, ...]
    jurors: tuple[Severity, ...]
    freedom: int
    error_micro: int | None


def two_way(scores: Iterable[Score], min_reviews: int = MIN_REVIEWS) -> Adjusted:
    """Adjust scores for the severity of jurors, or say why not.

    Parameters
    ----------
    scores : iterable of Score
        In any order: the result is the same to the last digit, here and on any other machine.
    min_reviews : int
        Least scores of every juror for an adjustment.

    Returns
    -------
    Adjusted
        Standard errors are roots of ``sigma^2 (X'X)^-1`` with ``sigma^2`` the residual sum of
        squares over n - works - jurors + 1 (raw: n - works) degrees of freedom.

    Raises
    ------
    ValueError
        A juror scored a work twice.
    """
    ordered = sorted(scores, key=lambda score: (score.work, score.juror))
    for one, other in pairwise(ordered):
        if (one.work, one.juror) == (other.work, other.juror):
            raise ValueError(f"{one.juror} scored {one.work} twice")
    by_work: dict[str, list[Score]] = defaultdict(list)
    for score in ordered:
        by_work[score.work].append(score)
    reviews = Counter(score.juror for score in ordered)
    few = tuple(sorted(juror for juror, count in reviews.items() if count < min_reviews))
    parts = _parts(by_work.values())
    if few:
        return _raw(by_work, "few_reviews", few)
    if len(parts) > 1:
        return _raw(by_work, "disconnected", parts)
    if not ordered or len(ordered) < len(by_work) + len(reviews):
        return _raw(by_work, "no_freedom", ())
    return _solved(by_work, dict(sorted(reviews.items())))


def _raw(by_work: dict[str, list[Score]], reason: Reason, about: tuple[str, ...]) -> Adjusted:
    """Give plain means; errors from the spread of the scores within the works."""
    raw = {work: _mean(given) for work, given in by_work.items()}
    freedom = sum(mean.count for mean in raw.values()) - len(raw)
    squares = sum(
        fixed((score.value * mean.count - mean.total) ** 2, mean.count**2)
        for work, mean in raw.items()
        for score in by_work[work]
    )
    variance = squares // freedom if freedom else None
    works = tuple(
        WorkScore(
            work,
            mean,
            micro(fixed(mean.total, mean.count)),
            None if variance is None else micro_root(variance // mean.count),
        )
        for work, mean in raw.items()
    )
    error = None if variance is None else micro_root(variance)
    return Adjusted("raw", reason, about, works, (), freedom, error)


def _solved(by_work: dict[str, list[Score]], reviews: dict[str, int]) -> Adjusted:
    """Solve the normal equations of the jurors, from which the works are eliminated.

    With A the works x jurors table of who scored what, n_w and n_j their numbers of scores and n
    the number of all: G = diag(n_j) - A' diag(1/n_w) A + n_j n_j'/n is positive definite, and G s =
    b gives severities with a weighted sum of 0. Then Cov(s) = sigma^2 (G^-1 - 11'/n), and a work's
    adjusted score, its plain mean plus the mean severity of its jurors, has the variance sigma^2
    (1/n_w + a'G^-1 a / n_w^2 - 1/n).
    """
    place = {juror: k for k, juror in enumerate(reviews)}
    counts = list(reviews.values())
    scores = sum(counts)
    matrix = [[fixed(a * b, scores) for b in counts] for a in counts]
    below = [0] * len(counts)
    for k, count in enumerate(counts):
        matrix[k][k] += fixed(count)
    raw = {work: _mean(given) for work, given in by_work.items()}
    panels = {work: [place[score.juror] for score in given] for work, given in by_work.items()}
    for work, mean in raw.items():
        share = fixed(1, mean.count)
        for a, score in zip(panels[work], by_work[work], strict=True):
            below[a] += fixed(mean.total - score.value * mean.count, mean.count)
            for b in panels[work]:
                matrix[a][b] -= share
    columns = inverse_factor(matrix)
    rows = [list(row) for row in zip(*columns, strict=True)]
    half = [dot(row, below) >> BITS for row in rows]
    severity = [dot(column, half) >> BITS for column in columns]
    level = {
        work: fixed(mean.total, mean.count) + sum(severity[k] for k in panels[work]) // mean.count
        for work, mean in raw.items()
    }
    squares = sum(
        (fixed(score.value) - level[work] + severity[place[score.juror]]) ** 2 >> BITS
        for work, given in by_work.items()
        for score in given
    )
    freedom = scores - len(raw) - len(counts) + 1
    variance = squares // freedom

    def error(weights: list[int], divisor: int, own: int) -> int:
        """Error of a mean of severities, plus that of an own mean of scores."""
        width = dot(weights, weights) // divisor**2 >> BITS
        return micro_root(variance * (width + own - fixed(1, scores)) >> BITS)

    works = tuple(
        WorkScore(
            work,
            mean,
            micro(level[work]),
            error(
                [sum(parts) for parts in zip(*(columns[k] for k in panels[work]), strict=True)],
                mean.count,
                fixed(1, mean.count),
            ),
        )
        for work, mean in raw.items()
    )
    jurors = tuple(
        Severity(juror, reviews[juror], micro(severity[k]), error(columns[k], 1, 0))
        for juror, k in place.items()
    )
    return Adjusted("two_way", None, (), works, jurors, freedom, micro_root(variance))


def _mean(given: Sequence[Score]) -> Mean:
    return Mean(sum(score.value for score in given), len(given))


def _parts(panels: Iterable[Sequence[Score]]) -> tuple[str, ...]:
    """Name the first juror of each part of the graph of works and jurors."""
    head: dict[str, str] = {}

    def find(juror: str) -> str:
        while head.setdefault(juror, juror) != juror:
            juror = head[juror]
        return juror

    for panel in panels:
        for score in panel:
            one, other = sorted((find(panel[0].juror), find(score.juror)))
            head[other] = one
    return tuple(sorted({find(juror) for juror in list(head)}))
