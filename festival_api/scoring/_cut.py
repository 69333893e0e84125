"""Who passes: a quota in whole numbers, and the published order that resolves a tie on its line.

1. An extra juror, for works within one standard error of the line: `Settled.near` names them.
   They are scored again, and all of this is computed anew.
2. The adjusted score: what lies strictly above the line passes.
3. Among equals on the line, the higher mean of the faction that thinks least of the work.
4. What the edition says: a choice of the committee with reasons, all of them, or a draw from a
   seed that was committed before.

All of it follows from the records passed in; nothing is decided by the order in which they come.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from festival_api.scoring._score import Mean

Names = tuple[str, ...]
Rung = Literal["score", "faction", "committee", "all_pass", "draw", "open"]


@dataclass(frozen=True, slots=True)
class Standing:
    """One eligible work in the ranking.

    Attributes
    ----------
    work : str
        Its name.
    micro : int
        Adjusted score in micro-points.
    se_micro : int or None
        Its standard error; None if unknown.
    lowest : Mean
        Mean of the faction that thinks least of it.
    """

    work: str
    micro: int
    se_micro: int | None
    lowest: Mean


@dataclass(frozen=True, slots=True)
class Cut:
    """Where the line falls.

    Attributes
    ----------
    eligible, quota : int
        How many works there are, and how many of them are to pass.
    line : int or None
        Adjusted score of the last place in micro-points; None if there is no place.
    passed, tied, failed : tuple of str
        Works above the line, on it, and below, by rank, equals by name. Where those on the line
        just fill the places, they are above it, and nobody is tied.
    left : int
        Places left for those who are tied.
    """

    eligible: int
    quota: int
    line: int | None
    passed: tuple[str, ...]
    tied: tuple[str, ...]
    failed: tuple[str, ...]
    left: int


@dataclass(frozen=True, slots=True)
class Choice:
    """What the committee decided about works that nothing else tells apart.

    Attributes
    ----------
    works : frozenset of str
        Which of them pass, as many as there are places.
    reason : str
        Why, for the minutes.
    """

    works: frozenset[str]
    reason: str


@dataclass(frozen=True, slots=True)
class Draw:
    """A draw by lot.

    Attributes
    ----------
    seed : bytes
        Committed before the scores were known, such as the day's checkpoint.
    """

    seed: bytes


Last = Choice | Draw | Literal["all_pass"] | None
"""The last rung; None: the committee has not decided yet."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a work.

    Attributes
    ----------
    work : str
        Its name.
    passed : bool or None
        None: it waits for the committee.
    rung : str
        What decided: ``score``, ``faction``, ``committee``, ``all_pass``, ``draw``; or ``open``.
    """

    work: str
    passed: bool | None
    rung: Rung


@dataclass(frozen=True, slots=True)
class Settled:
    """The result of a stage.

    Attributes
    ----------
    cut : Cut
        Where the line fell.
    near : tuple of str
        Works within one of their standard errors of the line, by name.
    outcomes : tuple of Outcome
        Of every eligible work, by name.
    left : int
        Places that wait for the committee.
    """

    cut: Cut
    near: tuple[str, ...]
    outcomes: tuple[Outcome, ...]
    left: int

    @property
    def open(self) -> tuple[str, ...]:
        """The works that wait for the committee."""
        return tuple(outcome.work for outcome in self.outcomes if outcome.rung == "open")


def quota(eligible: int, numerator: int, denominator: int) -> int:
    """Give the number of places, ``ceil(eligible * numerator / denominator)``.

    Raises
    ------
    ValueError
        The share does not lie between 0 and 1.
    """
    if not 0 <= numerator <= denominator or denominator == 0:
        raise ValueError(f"a quota lies between 0 and 1, not at {numerator}/{denominator}")
    return -(-eligible * numerator // denominator)


def cut(ranked: Iterable[Standing], numerator: int, denominator: int) -> Cut:
    """Draw the line.

    Parameters
    ----------
    ranked : iterable of Standing
        The eligible works, in any order: withdrawn and disqualified ones are no part of the quota.
    numerator, denominator : int
        The share that passes.

    Raises
    ------
    ValueError
        A work comes twice, or the share does not lie between 0 and 1.
    """
    standings = list(ranked)
    keys = {standing.work: Fraction(standing.micro) for standing in standings}
    if len(keys) < len(standings):
        raise ValueError("a work is ranked twice")
    places = quota(len(keys), numerator, denominator)
    passed, tied, failed = _parted(keys, places)
    line = min((keys[work] for work in tied or passed), default=None)
    return Cut(
        eligible=len(keys),
        quota=places,
        line=None if line is None else int(line),
        passed=passed,
        tied=tied,
        failed=failed,
        left=places - len(passed),
    )


def near_line(ranked: Iterable[Standing], found: Cut) -> tuple[str, ...]:
    """Name the works whose place an extra juror could change.

    Returns
    -------
    tuple of str
        Those within one of their own standard errors of the line, by name; none if the line parts
        nobody.
    """
    line = found.line
    if line is None or not found.tied + found.failed:
        return ()
    return tuple(sorted(s.work for s in ranked if abs(s.micro - line) <= (s.se_micro or 0)))


def settle(
    ranked: Iterable[Standing], numerator: int, denominator: int, last: Last = None
) -> Settled:
    """Decide who passes, and by what.

    Parameters
    ----------
    ranked : iterable of Standing
        The eligible works, in any order.
    numerator, denominator : int
        The share that passes.
    last : Choice, Draw, "all_pass" or None
        What resolves a tie that neither score nor factions resolve.

    Raises
    ------
    ValueError
        The committee chose works that are not tied, or not as many as there are places, or gave no
        reason, or had nothing to choose; a draw has no seed; or what `cut` refuses.
    """
    standings = tuple(ranked)
    found = cut(standings, numerator, denominator)
    lowest = {s.work: s.lowest.value for s in standings if s.work in found.tied}
    above, equals, below = _parted(lowest, found.left)
    left = found.left - len(above)
    outcomes = [
        *(Outcome(work, True, "score") for work in found.passed),
        *(Outcome(work, False, "score") for work in found.failed),
        *(Outcome(work, True, "faction") for work in above),
        *(Outcome(work, False, "faction") for work in below),
        *_last(equals, left, last),
    ]
    return Settled(
        cut=found,
        near=near_line(standings, found),
        outcomes=tuple(sorted(outcomes, key=lambda outcome: outcome.work)),
        left=left if last is None else 0,
    )


def drawn(works: Iterable[str], seed: bytes) -> tuple[str, ...]:
    """Order works by lot: by the SHA-256 of the seed followed by the work's name in UTF-8.

    Raises
    ------
    ValueError
        The seed is empty.
    """
    if not seed:
        raise ValueError("a draw needs a seed")
    return tuple(sorted(works, key=lambda work: hashlib.sha256(seed + work.encode()).digest()))


def _parted(keys: Mapping[str, Fraction], places: int) -> tuple[Names, Names, Names]:
    """Part works at the last place: those above it, those level with it, and those below.

    Works that are level and just fill the places count as above.
    """
    order = sorted(keys, key=lambda work: (-keys[work], work))
    if not places:
        return (), (), tuple(order)
    line = keys[order[places - 1]]
    above = tuple(work for work in order if keys[work] > line)
    level = tuple(work for work in order if keys[work] == line)
    below = tuple(work for work in order if keys[work] < line)
    if len(above) + len(level) == places:
        return above + level, (), below
    return above, level, below


def _last(equals: Names, left: int, last: Last) -> list[Outcome]:
    """Resolve what is left: `left` places for more works than that, or nothing."""
    if isinstance(last, Choice):
        if not last.reason.strip():
            raise ValueError("the committee's choice needs a reason")
        if not equals:
            raise ValueError("the committee has nothing to choose: every place has its work")
        if not last.works <= set(equals) or len(last.works) != left:
            raise ValueError(f"the committee chooses {left} of {len(equals)}: {', '.join(equals)}")
        return [Outcome(work, work in last.works, "committee") for work in equals]
    if isinstance(last, Draw):
        first = drawn(equals, last.seed)[:left]
        return [Outcome(work, work in first, "draw") for work in equals]
    if last == "all_pass":
        return [Outcome(work, True, "all_pass") for work in equals]
    return [Outcome(work, None, "open") for work in equals]
