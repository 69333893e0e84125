"""What the machine takes in and gives out: plain values, ready for JSON."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

__all__ = ["By", "Decision", "GuardReport", "Reading", "Term", "Verdict"]

Verdict: TypeAlias = Literal["true", "false", "unknown"]
By: TypeAlias = Literal[
    "audience", "default", "hold", "operator", "max_runtime", "yoked", "sham", "study"
]


@dataclass(frozen=True, slots=True)
class Reading:
    """One signal of the audience at one tick.

    Parameters
    ----------
    value : float or None
        In units of the audience's quiet state (mean baseline z; z for synchrony; a share
        for the engaged share); None where it is unknown.
    confidence : float or None
        1 - p of the value differing from the quiet state, in either direction, at any of
        the film's decision points.
    t : float or None
        Mean over its standard error, across seats.
    seats : int
        Number of valid seats it was made from.
    reason : str
        Why it is unknown, in words for a projectionist; else empty.
    trend : float or None
        Change of the value in a second.
    """

    value: float | None
    confidence: float | None
    t: float | None
    seats: int
    reason: str
    trend: float | None = None


@dataclass(frozen=True, slots=True)
class Term:
    """One condition within a guard, as it stood.

    Parameters
    ----------
    text : str
        The condition, `engagement > 0.4`, a flag, a chance, or an inner `... for 5 s`.
    value : float or None
        What was compared: the reading, for `for` the longest run in seconds, for a chance what
        was drawn; None for a flag.
    confidence : float or None
        Confidence of the reading.
    verdict : {"true", "false", "unknown"}
    why : str
        Why it is unknown; else empty.
    """

    text: str
    value: float | None
    confidence: float | None
    verdict: Verdict
    why: str


@dataclass(frozen=True, slots=True)
class GuardReport:
    """One branch's guard, and what came of it.

    Parameters
    ----------
    when : str
        The guard's text.
    to : str
        The branch's target.
    verdict : {"true", "false", "unknown"}
    held_s, needed_s : float or None
        Longest uninterrupted run and the run asked for; None for a guard that does
        not end in `for`.
    terms : tuple of Term
        In the order of the text: as they stood when the run was reached, or else at
        the last tick.
    """

    when: str
    to: str
    verdict: Verdict
    held_s: float | None
    needed_s: float | None
    terms: tuple[Term, ...]


@dataclass(frozen=True, slots=True)
class Decision:
    """Where the film goes after a scene, and why.

    Parameters
    ----------
    visit : int
        Number of the scene shown, from 0.
    scene, to : str
        The scene that runs, and the one that follows.
    branch : int or None
        Index of the branch taken; None for the default.
    by : {"audience", "default", "hold", "operator", "max_runtime", "yoked", "sham", "study"}
        Who or what decided. The last three are never the machine's own: the caller marks with
        them a choice that it took from another screening ("yoked"), from other readings than
        those of now ("sham"), or whose source it does not tell ("study").
    scene_time_s : float
        When, in seconds since the scene's first frame.
    reasons : tuple of GuardReport
        One per branch, in order.
    readings : tuple of (str, Reading)
        The last tick's, by name.
    explanation : str
        One English line for the projectionist and the filmmaker.
    sets : tuple of (str, int)
        Variables that change on the way into `to`, by the branch and by that scene, with their
        new values; in the film's order.
    """

    visit: int
    scene: str
    to: str
    branch: int | None
    by: By
    scene_time_s: float
    reasons: tuple[GuardReport, ...]
    readings: tuple[tuple[str, Reading], ...]
    explanation: str
    sets: tuple[tuple[str, int], ...] = ()
