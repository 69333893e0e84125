"""The decision rule, asked as a film asks it: guards of a scene, read tick by tick."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

import dsp
import narrative
from benchmarks._minutes import LEAD_IN_S, Shown

AFTER_CUT_S = 2.0
"""A film may not read sooner after a cut."""

_FILM = """
title: {{en: One minute}}
fps: 24
start: lead_in
max_runtime: 4 min
scenes:
  lead_in: {{clip: a.mkv, length: 60 s, lead_in: true, default: judged}}
  judged:
    clip: b.mkv
    length: 61 s
    reading: {{from: 2 s, to: 60 s}}
    branches:
{branches}
    default: stayed
  stayed: {{clip: c.mkv, length: 10 s, ending: true}}
  branched: {{clip: d.mkv, length: 10 s, ending: true}}
"""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a signal did in one stretch.

    Attributes
    ----------
    met : dict of str to bool
        Which of its `guards` were.
    known : float
        Share of the stretch in which the signal was known.
    """

    met: dict[str, bool]
    known: float


def guards(signal: str) -> dict[str, str]:
    """Write the rule for a signal, upwards and downwards; less: with a lower floor."""
    if signal == dsp.SYNCHRONY:
        return {
            "rose": "synchrony > 3 for 5 s",
            "fell": "synchrony < -3 for 5 s",
            "rose less": "synchrony > 2.5 for 5 s",
            "fell less": "synchrony < -2.5 for 5 s",
        }
    return {
        "rose": f"{signal} > 0.7 and {signal}.t > 3 for 5 s",
        "fell": f"{signal} < -0.7 and {signal}.t < -3 for 5 s",
        "rose less": f"{signal} > 0.4 and {signal}.t > 3 for 5 s",
        "fell less": f"{signal} < -0.4 and {signal}.t < -3 for 5 s",
    }


@functools.cache
def film() -> narrative.Film:
    """Give the film whose one decision has a branch for every guard of every signal."""
    conditions = [guard for signal in dsp.SIGNALS for guard in guards(signal).values()]
    branches = "\n".join(f"      - {{when: {guard}, to: branched}}" for guard in conditions)
    return narrative.load_film(_FILM.format(branches=branches), "film.yaml")


def judge(shown: Shown, settings: dsp.Settings | None = None) -> dict[str, dict[str, Verdict]]:
    """Analyze an audience tick by tick, and ask the film's guards in every judged stretch.

    Returns
    -------
    dict of str to dict of str to Verdict
        Stretch -> signal -> what it did.
    """
    states = analyze(shown, settings)
    return {
        name: _verdicts(states[_ticks(start) : _ticks(stop)])
        for name, (start, stop) in shown.judged.items()
    }


def analyze(shown: Shown, settings: dsp.Settings | None = None) -> list[dsp.AudienceState]:
    """Push all samples through the analyzer, and freeze the baseline after the lead-in."""
    group, samples = shown.group, shown.samples
    analyzer = dsp.Analyzer([group], settings or dsp.Settings())
    everybody = np.ones(len(group.seats), np.bool_)
    states = []
    for tick in range(int(len(samples) * dsp.TICKS_PER_SECOND / group.rate)):
        if tick == _ticks(LEAD_IN_S):
            analyzer.freeze_baseline()
        block = samples[slice(*dsp.tick_slots(group.rate, tick))]
        states.append(analyzer.push(tick, [block], admitted=everybody))
    return states


def _ticks(seconds: float) -> int:
    return round(seconds * dsp.TICKS_PER_SECOND)


def _verdicts(states: Sequence[dsp.AudienceState]) -> dict[str, Verdict]:
    asked = film()
    entered = narrative.enter(asked, narrative.begin(asked), 0, "judged", LEAD_IN_S)
    ticks = [((n + 1) / dsp.TICKS_PER_SECOND, _readings(s)) for n, s in enumerate(states)]
    heard = narrative.observe(asked, entered, ticks)
    reasons = narrative.decide(asked, heard, len(states) / dsp.TICKS_PER_SECOND).reasons
    true = {reason.when for reason in reasons if reason.verdict == "true"}
    read = states[_ticks(AFTER_CUT_S) :]
    known = np.mean([[s.value is not None for s in state.signals] for state in read], axis=0)
    return {
        signal: Verdict(
            {name: guard in true for name, guard in guards(signal).items()}, float(share)
        )
        for signal, share in zip(dsp.SIGNALS, known, strict=True)
    }


def _readings(state: dsp.AudienceState) -> dict[str, narrative.Reading]:
    return {
        signal.name: narrative.Reading(
            value=signal.value,
            confidence=signal.confidence,
            t=signal.t,
            seats=signal.seats,
            reason=signal.reason,
            trend=signal.trend,
        )
        for signal in state.signals
    }
