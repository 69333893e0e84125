"""A simulated jury, to see how well a rule finds the best works.

The model: works have a quality of mean 0 and standard deviation 1, jurors a severity of mean 0 and
the condition's spread, and every score an error of its own. A juror writes down the nearest whole
number to 5.5 + 1.5 (quality - severity + error), but not below 1 nor above 10. Works are dealt to
the jurors at random, or in the order of a stream: each seat of the jury takes the works in the
order of their quality, blurred by `DRIFT`, and each juror a stretch of it, so that some see mostly
strong works and some mostly weak ones.

Error, drift and the 1.5 were fitted to the published table of recalls; nothing else was.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from festival_api.scoring import Score, quota, two_way

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

PUBLISHED_ERROR = 0.45
"""Standard error of a published recall, in percent: 0.4 to 0.5."""

WORKS = 240
SHARE = (2, 5)
MIDDLE, POINTS, LOWEST, HIGHEST = 5.5, 1.5, 1, 10
ERROR = 0.97
"""Standard deviation of a score's own error, in standard deviations of quality."""
DRIFT = 0.6
"""Standard deviation of what blurs the order of a stream, likewise."""


@dataclass(frozen=True, slots=True, eq=False)
class Condition:
    """A festival, and the share of the true best that each rule found in the published table.

    Attributes
    ----------
    name : str
        In words.
    published : mapping of str to float
        Rule to recall in percent.
    jurors, seats : int
        How many jurors there are, and how many see each work.
    spread : float
        Standard deviation of the jurors' severities, in standard deviations of quality.
    streamed : bool
        Works are dealt in the order of a stream.
    """

    name: str
    published: Mapping[str, float]
    jurors: int = 60
    seats: int = 3
    spread: float = 1.0
    streamed: bool = False


RAW, MEDIAN, Z, TWO_WAY = "raw mean", "median", "z-score", "two-way"

CONDITIONS = (
    Condition(
        "severities spread by 1 sd",
        {RAW: 73.7, MEDIAN: 69.8, Z: 77.9, TWO_WAY: 78.5},
    ),
    Condition(
        "spread by 0.3 sd",
        {RAW: 78.4, MEDIAN: 74.9, Z: 77.8, TWO_WAY: 78.0},
        spread=0.3,
    ),
    Condition(
        "1 sd, streamed",
        {RAW: 74.0, MEDIAN: 70.8, Z: 54.7, TWO_WAY: 79.7},
        streamed=True,
    ),
    Condition(
        "1 sd, 144 jurors",
        {RAW: 74.0, MEDIAN: 71.4, Z: 75.5, TWO_WAY: 76.4},
        jurors=144,
    ),
    Condition("1 sd, 4 jurors a work", {RAW: 76.2, MEDIAN: 74.2, Z: 80.7}, seats=4),
    Condition("1 sd, 5 jurors a work", {RAW: 78.6, MEDIAN: 73.8, Z: 82.3}, seats=5),
    Condition("all equally severe", {RAW: 78.9, MEDIAN: 75.5, Z: 77.6}, spread=0.0),
)


def recalls(condition: Condition, repetitions: int, seed: int) -> dict[str, Floats]:
    """Simulate festivals, and see how many of the true best each rule selects.

    Parameters
    ----------
    condition : Condition
        What kind.
    repetitions : int
        How many.
    seed : int
        Of the first; the others follow from it.

    Returns
    -------
    dict of str to float64 [repetitions]
        Rule to percent of the true best that it selects.
    """
    places = quota(WORKS, *SHARE)
    found: dict[str, list[float]] = {rule: [] for rule in RULES}
    for repetition in range(repetitions):
        rng = np.random.default_rng((seed, repetition))
        quality = rng.standard_normal(WORKS)
        severity = condition.spread * rng.standard_normal(condition.jurors)
        panels = deal(condition, quality, rng)
        error = ERROR * rng.standard_normal(panels.shape)
        felt = quality[:, None] - severity[panels] + error
        scores = np.rint(MIDDLE + POINTS * felt).clip(LOWEST, HIGHEST).astype(np.int64)
        best = set(_first(quality, places))
        for rule, estimate in RULES.items():
            chosen = best & set(_first(estimate(panels, scores), places))
            found[rule].append(100 * len(chosen) / places)
    return {rule: np.array(values) for rule, values in found.items()}


def error_of(values: Floats) -> float:
    """Give the standard error of a mean."""
    return float(values.std(ddof=1) / np.sqrt(len(values)))


def distance(values: Floats, published: float) -> float:
    """Give how many standard errors of the difference a mean lies from a published recall."""
    return abs(float(values.mean()) - published) / float(
        np.hypot(error_of(values), PUBLISHED_ERROR)
    )


def deal(condition: Condition, quality: Floats, rng: np.random.Generator) -> Ints:
    """Give every work its jurors, and every juror the same number of works.

    Returns
    -------
    int64 [works, seats]
        Numbers of jurors, different ones for each work.
    """
    panels = np.empty((WORKS, condition.seats), dtype=np.int64)
    jurors = rng.permutation(condition.jurors)
    deck = rng.permutation(np.resize(jurors, panels.size)).reshape(condition.seats, WORKS)
    for seat in range(condition.seats):
        order = np.arange(WORKS)
        given = deck[seat]
        if condition.streamed:
            order = np.argsort(quality + DRIFT * rng.standard_normal(WORKS))
            given = jurors[np.arange(WORKS) * condition.jurors // WORKS]
        panels[order, seat] = given
        _keep_apart(panels, seat, order)
    return panels


def _keep_apart(panels: Ints, seat: int, order: Ints) -> None:
    """Let works that meet a juror again change with the nearest work in the order that can."""
    for place, work in enumerate(order):
        if panels[work, seat] not in panels[work, :seat]:
            continue
        for other in order[np.argsort(np.abs(np.arange(WORKS) - place), kind="stable")]:
            mine, theirs = panels[work, seat], panels[other, seat]
            if theirs not in panels[work, :seat] and mine not in panels[other, :seat]:
                panels[work, seat], panels[other, seat] = theirs, mine
                break


def _first(values: Floats, places: int) -> list[int]:
    """Number the best works; equals by their numbers, which say nothing of quality."""
    order: list[int] = np.argsort(-values, kind="stable")[:places].tolist()
    return order


def _raw_mean(panels: Ints, scores: Ints) -> Floats:
    mean: Floats = scores.mean(axis=1)
    return mean


def _median(panels: Ints, scores: Ints) -> Floats:
    median: Floats = np.median(scores, axis=1)
    return median


def _z_score(panels: Ints, scores: Ints) -> Floats:
    """Measure each score by its juror's mean and standard deviation."""
    count = np.bincount(panels.ravel())
    mean = np.bincount(panels.ravel(), scores.ravel()) / count
    square = np.bincount(panels.ravel(), scores.ravel() ** 2.0) / count
    deviation = np.sqrt(np.maximum(square - mean**2, 0))
    deviation[deviation == 0] = np.inf
    z: Floats = ((scores - mean[panels]) / deviation[panels]).mean(axis=1)
    return z


def _two_way(panels: Ints, scores: Ints) -> Floats:
    given = (
        Score(f"{work:03}", f"{juror:03}", points)
        for work, row in enumerate(zip(panels.tolist(), scores.tolist(), strict=True))
        for juror, points in zip(*row, strict=True)
    )
    return np.array([work.micro for work in two_way(given).works], dtype=np.float64)


RULES: Mapping[str, Callable[[Ints, Ints], Floats]] = {
    RAW: _raw_mean,
    MEDIAN: _median,
    Z: _z_score,
    TWO_WAY: _two_way,
}
