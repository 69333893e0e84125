"""Scores as they were given, and their plain means."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True, slots=True)
class Score:
    """What one juror gave one work: a total, or one dimension.

    Attributes
    ----------
    work, juror : str
        Names; a juror scores a work once.
    value : int
        Points.
    """

    work: str
    juror: str
    value: int

    def __post_init__(self) -> None:
        if type(self.value) is not int:
            raise ValueError(f"{self.juror} on {self.work}: {self.value!r} is no whole number")


@dataclass(frozen=True, slots=True)
class Review:
    """One juror's whole review of one work.

    Attributes
    ----------
    work, juror, faction : str
        Names.
    points : mapping of str to int
        Dimension to points.
    """

    work: str
    juror: str
    faction: str
    points: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Mean:
    """A mean that is kept exactly.

    Attributes
    ----------
    total : int
        Sum of the points.
    count : int
        How many, at least one.
    """

    total: int
    count: int

    @property
    def value(self) -> Fraction:
        """The mean itself, which compares without rounding."""
        return Fraction(self.total, self.count)


@dataclass(frozen=True, slots=True)
class Means:
    """The plain means of one work.

    Attributes
    ----------
    dimensions : mapping of str to Mean
        Of all jurors, for each dimension.
    factions : mapping of str to Mean
        Of the weighted total, for each faction that reviewed the work.
    """

    dimensions: Mapping[str, Mean]
    factions: Mapping[str, Mean]

    @property
    def lowest_faction(self) -> Mean:
        """The mean of the faction that thinks least of the work."""
        return min(self.factions.values(), key=lambda mean: (mean.value, mean.count))


def weighted(reviews: Iterable[Review], weights: Mapping[str, int]) -> tuple[Score, ...]:
    """Sum each review's points into one score.

    Parameters
    ----------
    reviews : iterable of Review
        In any order.
    weights : mapping of str to int
        Dimension to what a point in it counts, 0 or more. A single dimension of weight 1 gives that
        dimension's scores.

    Returns
    -------
    tuple of Score
        In the order of `reviews`.

    Raises
    ------
    ValueError
        A review lacks a dimension, or has one too many.
    """
    return tuple(Score(r.work, r.juror, _total(r, weights)) for r in reviews)


def means(reviews: Iterable[Review], weights: Mapping[str, int]) -> dict[str, Means]:
    """Make the tables that stand beside the adjusted scores.

    Parameters
    ----------
    reviews : iterable of Review
        In any order.
    weights : mapping of str to int
        Dimension to what a point in it counts towards the total.

    Returns
    -------
    dict of str to Means
        By work, sorted.

    Raises
    ------
    ValueError
        A review lacks a dimension, or has one too many.
    """
    dimensions: dict[str, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
    factions: dict[str, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
    for review in reviews:
        factions[review.work][review.faction].append(_total(review, weights))
        for dimension, points in review.points.items():
            dimensions[review.work][dimension].append(points)
    return {
        work: Means(_mean_of_each(dimensions[work]), _mean_of_each(factions[work]))
        for work in sorted(factions)
    }


def _total(review: Review, weights: Mapping[str, int]) -> int:
    if review.points.keys() != weights.keys():
        raise ValueError(
            f"{review.juror} on {review.work}: scored {', '.join(sorted(review.points))}, "
            f"the dimensions are {', '.join(sorted(weights))}"
        )
    return sum(weights[dimension] * points for dimension, points in review.points.items())


def _mean_of_each(points: Mapping[str, list[int]]) -> dict[str, Mean]:
    return {name: Mean(sum(points[name]), len(points[name])) for name in sorted(points)}
