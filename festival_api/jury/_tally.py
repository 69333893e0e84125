"""An award decided: pure, from its ballots alone.

The work with most ballots wins. Where several have most, there is a second round among these. Are
they level again, the one that stood higher in stage 2 wins: first by its adjusted score, then by
the mean of the faction that thought least of it. Works that even that does not tell apart share the
award.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from fractions import Fraction
from typing import Final, Literal

from festival_api.jury._record import Inputs, Points, Record

METHOD: Final = "plurality-1"

Rung = Literal["ballots", "second_round", "evaluation", "shared", "second_round_due"]


class Ballot(Record):
    """One member's ballot, under the member's pseudonym."""

    juror: str
    entry: str


class VoidBallot(Ballot):
    """A ballot that was cast and does not count."""

    why: Literal["conflict_of_interest", "work_left", "not_viewed", "retired"]


class Round(Record):
    """One round: the works that stand, and the ballots."""

    candidates: tuple[str, ...]
    ballots: tuple[Ballot, ...]
    void: tuple[VoidBallot, ...]


class Finalist(Record):
    """Where a finalist stood in stage 2."""

    entry: str
    micro: int
    lowest_faction: Points


class AwardInputs(Inputs):
    """All that an award is decided from.

    `entitled` members may vote in the last round; those `recused` have a conflict of interest with
    a work that stands.
    """

    method: Literal["plurality-1"] = METHOD
    quorum: int
    panel: tuple[str, ...]
    entitled: tuple[str, ...]
    recused: tuple[str, ...]
    finalists: tuple[Finalist, ...]
    rounds: tuple[Round, ...]


class VoteCount(Record):
    """How many ballots a work has."""

    entry: str
    votes: int


class AwardResult(Record):
    """What an award came to.

    `winners` is empty while a second round is due among those `tied`; `rung` is what decided.
    """

    needed: int
    cast: int
    rounds: tuple[tuple[VoteCount, ...], ...]
    tied: tuple[str, ...]
    winners: tuple[str, ...]
    rung: Rung

    @property
    def kind(self) -> str:
        """What sort of decision it is."""
        return "award" if self.winners else "tie"


def needed(quorum: int, entitled: int) -> int:
    """Return how many ballots an award needs: the quorum, or all where fewer may vote, or one."""
    return max(1, min(quorum, entitled))


def tally(inputs: AwardInputs) -> AwardResult:
    """Count.

    Raises
    ------
    ValueError
        There are too few ballots, or one that should not be: of nobody entitled to it, a second
        one, or for a work that does not stand.
    """
    for one in inputs.rounds:
        _check(one)
    last = inputs.rounds[-1]
    if not {ballot.juror for ballot in last.ballots} <= set(inputs.entitled):
        raise ValueError("somebody voted who may not")
    least = needed(inputs.quorum, len(inputs.entitled))
    if len(last.ballots) < least:
        raise ValueError(f"there are {len(last.ballots)} ballots, {least} are needed")
    counts = [_counts(one) for one in inputs.rounds]
    most = counts[-1][0].votes
    top = tuple(count.entry for count in counts[-1] if count.votes == most)
    winners, rung = _winners(inputs, top)
    return AwardResult(
        needed=least,
        cast=len(last.ballots),
        rounds=tuple(counts),
        tied=top if len(top) > 1 else (),
        winners=winners,
        rung=rung,
    )


def _winners(inputs: AwardInputs, top: tuple[str, ...]) -> tuple[tuple[str, ...], Rung]:
    if len(top) == 1:
        return top, "ballots" if len(inputs.rounds) == 1 else "second_round"
    if len(inputs.rounds) == 1:
        return (), "second_round_due"
    standing = {finalist.entry: finalist for finalist in inputs.finalists}
    best = _best(top, lambda entry: Fraction(standing[entry].micro))
    best = _best(best, lambda entry: _mean(standing[entry].lowest_faction))
    return best, "evaluation" if len(best) == 1 else "shared"


def _check(one: Round) -> None:
    if not one.ballots:
        raise ValueError("nobody voted")
    if len({ballot.juror for ballot in one.ballots}) < len(one.ballots):
        raise ValueError("somebody voted twice")
    if not {ballot.entry for ballot in one.ballots} <= set(one.candidates):
        raise ValueError("a work has ballots and does not stand")


def _counts(one: Round) -> tuple[VoteCount, ...]:
    votes = Counter(ballot.entry for ballot in one.ballots)
    order = sorted(one.candidates, key=lambda entry: (-votes[entry], entry))
    return tuple(VoteCount(entry=entry, votes=votes[entry]) for entry in order)


def _best(works: tuple[str, ...], key: Callable[[str], Fraction]) -> tuple[str, ...]:
    highest = max(key(work) for work in works)
    return tuple(work for work in works if key(work) == highest)


def _mean(points: Points) -> Fraction:
    return Fraction(points.total, points.count)
