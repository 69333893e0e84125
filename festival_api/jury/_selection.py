"""Stage 2 decided: pure, from its records alone.

Weighted totals are adjusted for the severity of jurors (`festival_api.scoring`), the quota draws
the line, and the published order resolves who is level on it. The same is done for each dimension
alone, for the tables; that decides nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final, Literal

from festival_api import scoring
from festival_api.jury._record import Inputs, Points, Record, Share, Void, WorkLeft
from festival_api.texts import sha256_hex

METHOD: Final = "selection-1"


class CountedReview(Record):
    """A review that counts; `sha256` is of all that the juror wrote."""

    entry: str
    juror: str
    faction: str
    revision: int
    sha256: str
    scores: dict[str, int]


class SelectionRules(Record):
    """What the edition asks of stage 2."""

    weights: dict[str, int]
    per_work: int
    per_faction: dict[str, int]
    quota: Share
    ties: Literal["committee", "all_pass", "draw"]
    adjustment: Literal["two_way", "raw"]


class Choice(Record):
    """Which of the works that nothing else tells apart the committee lets pass, and why."""

    works: tuple[str, ...]
    reason: str


class WithoutExtra(Record):
    """Works near the line that got no further juror, and why not."""

    works: tuple[str, ...] = ()
    reason: str = ""


class CommittedSeed(Record):
    """A seed, and its SHA-256 that was public before the stage opened."""

    seed: str
    commitment: str


class SelectionInputs(Inputs):
    """All that stage 2 is decided from."""

    method: Literal["selection-1"] = METHOD
    rules: SelectionRules
    works: tuple[str, ...]
    left: tuple[WorkLeft, ...]
    opinions: tuple[CountedReview, ...]
    void: tuple[Void, ...]
    without_extra: WithoutExtra = WithoutExtra()
    choice: Choice | None = None
    seed: CommittedSeed | None = None

    @property
    def reasons(self) -> str:
        """Why works near the line got no further juror, and why the committee chose as it did."""
        choice = self.choice.reason if self.choice else ""
        return "\n".join(reason for reason in (self.without_extra.reason, choice) if reason)


class AdjustedScore(Record):
    """An adjusted score and its standard error, in micro-points."""

    micro: int
    se_micro: int | None


class SelectedWork(Record):
    """What a work came to.

    `rung` is what decided: score, faction, committee, all_pass or draw; "open" while it waits for
    the committee, and `passed` is null then.
    """

    entry: str
    rank: int
    passed: bool | None
    rung: str
    raw: Points
    adjusted: AdjustedScore
    lowest_faction: Points
    factions: dict[str, Points]
    dimensions: dict[str, Points]
    dimensions_adjusted: dict[str, AdjustedScore]


class JurorSeverity(Record):
    """How harsh a juror is: micro-points that works lose by meeting this one."""

    juror: str
    faction: str
    reviews: int
    micro: int
    se_micro: int


class SelectionResult(Record):
    """What stage 2 came to.

    `eligible` works and `quota` places; `line` is the adjusted score of the last place.
    `adjustment` is "raw" where scores could not or should not be adjusted, for the reason that
    stands beside it.
    """

    eligible: int
    quota: int
    line: int | None
    adjustment: Literal["two_way", "raw"]
    adjustment_reason: Literal["few_reviews", "disconnected", "no_freedom", "edition"] | None
    adjustment_about: tuple[str, ...]
    error_micro: int | None
    near: tuple[str, ...]
    tied: tuple[str, ...]
    left: int
    by_work: tuple[SelectedWork, ...]
    jurors: tuple[JurorSeverity, ...]

    @property
    def kind(self) -> str:
        """What sort of decision it is."""
        return "selection"

    @property
    def open(self) -> tuple[str, ...]:
        """The works that wait for the committee."""
        return tuple(work.entry for work in self.by_work if work.passed is None)


def select(inputs: SelectionInputs) -> SelectionResult:
    """Decide stage 2.

    Raises
    ------
    ValueError
        Reviews are not on exactly these works or not of these dimensions, a juror reviewed a work
        twice, the committee chose what it cannot, or the seed is not the one that was committed.
    """
    reviews = [
        scoring.Review(one.entry, one.juror, one.faction, one.scores) for one in inputs.opinions
    ]
    if {review.work for review in reviews} != set(inputs.works):
        raise ValueError("reviews and works do not fit together")
    weights, rules = inputs.rules.weights, inputs.rules
    means = scoring.means(reviews, weights)
    total = _adjusted(scoring.weighted(reviews, weights), rules.adjustment)
    standings = [
        scoring.Standing(work.work, work.micro, work.se_micro, means[work.work].lowest_faction)
        for work in total.works
    ]
    settled = scoring.settle(
        standings, rules.quota.numerator, rules.quota.denominator, _last_rung(inputs)
    )
    outcomes = {outcome.work: outcome for outcome in settled.outcomes}
    dimensions = {name: _dimension(reviews, name, rules.adjustment) for name in sorted(weights)}
    by_work = tuple(
        SelectedWork(
            entry=work.work,
            rank=1 + sum(other.micro > work.micro for other in total.works),
            passed=outcomes[work.work].passed,
            rung=outcomes[work.work].rung,
            raw=_points(work.raw),
            adjusted=_score(work),
            lowest_faction=_points(means[work.work].lowest_faction),
            factions=_each(means[work.work].factions),
            dimensions=_each(means[work.work].dimensions),
            dimensions_adjusted={name: by[work.work] for name, by in dimensions.items()},
        )
        for work in total.works
    )
    by_edition = rules.adjustment == "raw"
    factions = {review.juror: review.faction for review in reviews}
    return SelectionResult(
        eligible=settled.cut.eligible,
        quota=settled.cut.quota,
        line=settled.cut.line,
        adjustment=total.method,
        adjustment_reason="edition" if by_edition else total.reason,
        adjustment_about=() if by_edition else total.about,
        error_micro=total.error_micro,
        near=settled.near,
        tied=settled.cut.tied,
        left=settled.left,
        by_work=by_work,
        jurors=tuple(
            JurorSeverity(
                juror=one.juror,
                faction=factions[one.juror],
                reviews=one.reviews,
                micro=one.micro,
                se_micro=one.se_micro,
            )
            for one in total.jurors
        ),
    )


def _last_rung(inputs: SelectionInputs) -> scoring.Last:
    if inputs.rules.ties == "all_pass":
        return "all_pass"
    if inputs.rules.ties == "draw":
        if inputs.seed is None or sha256_hex(inputs.seed.seed) != inputs.seed.commitment:
            raise ValueError("the seed is not the one that was committed")
        return scoring.Draw(inputs.seed.seed.encode())
    if inputs.choice is None:
        return None
    return scoring.Choice(frozenset(inputs.choice.works), inputs.choice.reason)


def _adjusted(
    scores: Iterable[scoring.Score], adjustment: Literal["two_way", "raw"]
) -> scoring.Adjusted:
    given = tuple(scores)
    if adjustment == "two_way":
        return scoring.two_way(given)
    # Nobody has more scores than there are: plain means.
    return scoring.two_way(given, min_reviews=len(given) + 1)


def _dimension(
    reviews: Iterable[scoring.Review], name: str, adjustment: Literal["two_way", "raw"]
) -> dict[str, AdjustedScore]:
    scores = [scoring.Score(one.work, one.juror, one.points[name]) for one in reviews]
    return {work.work: _score(work) for work in _adjusted(scores, adjustment).works}


def _score(work: scoring.WorkScore) -> AdjustedScore:
    return AdjustedScore(micro=work.micro, se_micro=work.se_micro)


def _points(mean: scoring.Mean) -> Points:
    return Points(total=mean.total, count=mean.count)


def _each(means: Mapping[str, scoring.Mean]) -> dict[str, Points]:
    return {name: _points(mean) for name, mean in means.items()}
