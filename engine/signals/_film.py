"""What was on the screen, and who chose it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Generic, TypeVar

import narrative
from engine.records import DecisionRecord
from playback import PlayerEvent

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Timed(Generic[T]):
    """Something, and its hall time in s."""

    at_s: float
    what: T


@dataclass(frozen=True, slots=True)
class Visit:
    """A scene while it was on the screen.

    Parameters
    ----------
    number : int
        Counted from 0.
    scene : str
        Its name in the film.
    start_s, stop_s : float
        Hall time in s.
    by : str
        Who cut to it: "engine", "default", "operator", "player", or "" where that is not known.
    """

    number: int
    scene: str
    start_s: float
    stop_s: float
    by: str


@dataclass(frozen=True, slots=True)
class Choice:
    """Which way the film went at a branch point.

    Parameters
    ----------
    at_s : float
        Hall time in s: of the engine's decision, or of the cut where there was none.
    visit : int
        The visit that it ended.
    scene, to : str
        That visit's scene, and the one that followed it on the screen.
    by : str
        Who chose it: the decision's own word where the engine's decision was followed, otherwise
        the player's.
    record : DecisionRecord or None
        The engine's decision; None where no engine decided.
    """

    at_s: float
    visit: int
    scene: str
    to: str
    by: str
    record: DecisionRecord | None


def visits_of(
    events: Sequence[Timed[PlayerEvent]], film: narrative.Film, end_s: float
) -> tuple[Visit, ...]:
    """Tell what was on the screen when.

    Parameters
    ----------
    events : sequence of Timed
        Of the player, in order.
    film : narrative.Film
        The film.
    end_s : float
        Hall time at which the session ends.
    """
    first: dict[int, Timed[PlayerEvent]] = {}
    for timed in events:
        if timed.what.visit >= 0:
            first.setdefault(timed.what.visit, timed)
    fps = float(film.fps)
    # A visit whose start nobody heard of is known by a later frame of it.
    starts = [timed.at_s - timed.what.frame / fps for timed in first.values()]
    ended = [timed.at_s for timed in events if timed.what.kind == "ended"]
    last_s = max([*ended, *starts], default=end_s) if ended else max([end_s, *starts])
    return tuple(
        Visit(
            number,
            timed.what.scene,
            start_s,
            stop_s,
            timed.what.by if timed.what.kind == "started" else "",
        )
        for (number, timed), (start_s, stop_s) in zip(
            first.items(), pairwise([*starts, last_s]), strict=True
        )
    )


def pauses_of(
    events: Sequence[Timed[PlayerEvent]], end_s: float
) -> tuple[tuple[float, float], ...]:
    """Tell from when to when film time stood still."""
    pauses = []
    since_s: float | None = None
    for timed in events:
        if timed.what.kind == "paused" and since_s is None:
            since_s = timed.at_s
        elif timed.what.kind in ("resumed", "ended") and since_s is not None:
            pauses.append((since_s, timed.at_s))
            since_s = None
    if since_s is not None:
        pauses.append((since_s, end_s))
    return tuple(pauses)


def choices_of(
    visits: Sequence[Visit], decisions: Sequence[Timed[DecisionRecord]], film: narrative.Film
) -> tuple[Choice, ...]:
    """Tell which way the film went wherever it could have gone another.

    Parameters
    ----------
    visits : sequence of Visit
        What was on the screen.
    decisions : sequence of Timed
        The engines'; of one visit the last counts.
    film : narrative.Film
        The film.
    """
    decided = {timed.what.decision.visit: timed for timed in decisions}
    after = {visit.number: following for visit, following in pairwise(visits)}
    branching = {visit.number for visit in visits if film.scenes[visit.scene].branches}
    scenes = {visit.number: visit.scene for visit in visits}
    return tuple(
        _decided(timed, after.get(number))
        if (timed := decided.get(number))
        else _undecided(number, scenes[number], after[number])
        for number in sorted(decided.keys() | (branching & after.keys()))
    )


def _decided(timed: Timed[DecisionRecord], after: Visit | None) -> Choice:
    decision = timed.what.decision
    followed = after is None or after.by in ("engine", "")
    return Choice(
        timed.at_s,
        decision.visit,
        decision.scene,
        after.scene if after else decision.to,
        decision.by if followed or after is None else after.by,
        timed.what,
    )


def _undecided(number: int, scene: str, after: Visit) -> Choice:
    return Choice(after.start_s, number, scene, after.scene, after.by, None)
