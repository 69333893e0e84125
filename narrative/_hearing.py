"""Readings of a window, taken in tick by tick."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from math import isfinite
from typing import Final

from narrative._decision import Reading, Term
from narrative._duration import to_ns
from narrative._guard import For
from narrative._logic import Moment, Run, finite, step
from narrative._program import Question
from narrative._report import terms
from narrative._state import Heard

__all__ = ["LATEST_S", "LONGEST_SILENCE_S", "fresh", "handed_on", "hear", "taken_over"]

LONGEST_SILENCE_S: Final = 1.0
"""Ticks further apart leave a stretch of which nothing is known."""

_SILENCE_NS: Final = to_ns(LONGEST_SILENCE_S)

LATEST_S: Final = 1e9
"""Times beyond are no film's."""


def fresh(question: Question | None) -> Heard:
    """Begin to hear for these branches."""
    return Heard(runs=(Run(),) * len(question.counted)) if question else Heard()


def handed_on(before: Question | None, heard: Heard, question: Question | None) -> Heard:
    """Begin to hear in a shot that goes on from the one before.

    What has been true lately has been so for as long as it was there; whether it was long enough
    is seen anew.
    """
    if before is None or question is None:
        return fresh(question)
    known = dict(zip(_keys(before), heard.going or heard.runs, strict=True))
    runs = (known.get(key, Run()) for key in _keys(question))
    return Heard(
        fed_ns=heard.fed_ns,
        runs=tuple(Run(run.certain_since, run.possible_since) for run in runs),
    )


def taken_over(heard: Heard, question: Question | None) -> Heard:
    """Go on hearing for branches that were asked ahead in shots before."""
    if question is None:
        return heard
    return heard if len(heard.runs) == len(question.counted) else fresh(question)


def _keys(question: Question) -> list[tuple[For, tuple[int, ...]]]:
    return [(counted.node, counted.chances) for counted in question.counted]


def hear(
    question: Question,
    heard: Heard,
    moment: Moment,
    entered_s: float,
    ticks: Iterable[tuple[float, Mapping[str, Reading]]],
) -> Heard:
    """Take in ticks.

    Parameters
    ----------
    question : Question
        The branches that are asked.
    heard : Heard
        What has been heard so far.
    moment : Moment
        Where the film stands; its time and readings are set here.
    entered_s : float
        Film time of the scene's first frame, in seconds.
    ticks : iterable of (float, Mapping of str to Reading)
        Seconds since the scene's first frame, and readings by name. Those outside the window are
        ignored, and those whose time does not go on.

    Returns
    -------
    Heard
        What has been heard now.
    """
    entered_ns, window = to_ns(entered_s), question.window
    last_s = LATEST_S if question.goes_on else window.to_s
    opened_ns = entered_ns + to_ns(window.from_s)
    tick_ns, fed_ns, stood = heard.tick_ns, heard.fed_ns, heard.stood
    newest: Mapping[str, Reading] | None = None
    closed = heard.runs if heard.going else None
    moment.runs = runs = list(heard.going or heard.runs)
    for scene_s, readings in ticks:
        if not window.from_s <= scene_s <= last_s:
            continue
        now_ns = entered_ns + to_ns(scene_s)
        before_ns = opened_ns if fed_ns is None else fed_ns
        if fed_ns is not None and now_ns <= fed_ns:
            continue
        if scene_s > window.to_s and closed is None:
            closed = tuple(runs)
        if now_ns - before_ns > _SILENCE_NS:
            _miss(question, moment, runs, before_ns)
        moment.readings, moment.silence, moment.elapsed_s = readings, "", now_ns / 1e9
        for at, (_, _, body, needed_ns) in enumerate(question.counted):
            before = runs[at]
            runs[at] = step(before, body(moment), now_ns, needed_ns)
            if closed is None and runs[at].reached and not before.reached:
                stood += _stood(question, moment, at)
        fed_ns = now_ns
        if closed is None:
            tick_ns, newest = now_ns, readings
    return Heard(
        tick_ns=tick_ns,
        fed_ns=fed_ns,
        readings=heard.readings if newest is None else _by_name(newest),
        runs=tuple(runs) if closed is None else closed,
        going=() if closed is None else tuple(runs),
        stood=stood,
    )


def _miss(question: Question, moment: Moment, runs: list[Run], at_ns: int) -> None:
    """Let every run go on by a moment of which nothing is known."""
    moment.readings, moment.silence, moment.elapsed_s = {}, "no readings", at_ns / 1e9
    for at, (_, _, body, needed_ns) in enumerate(question.counted):
        runs[at] = step(runs[at], body(moment), at_ns, needed_ns)


def _stood(
    question: Question, moment: Moment, run: int
) -> tuple[tuple[int, tuple[Term, ...]], ...]:
    """Keep the conditions of the guards whose run has just been reached."""
    return tuple((branch, terms(question.guards[branch], moment)) for branch in question.whole[run])


def _by_name(readings: Mapping[str, Reading]) -> tuple[tuple[str, Reading], ...]:
    """Give the readings by name, with every number that is not finite as unknown."""
    return tuple((name, _plain(readings[name])) for name in sorted(readings))


def _plain(reading: Reading) -> Reading:
    numbers = (reading.value, reading.confidence, reading.t, reading.trend)
    if all(number is None or isfinite(number) for number in numbers):
        return reading
    value, confidence, t, trend = map(finite, numbers)
    return replace(reading, value=value, confidence=confidence, t=t, trend=trend)
