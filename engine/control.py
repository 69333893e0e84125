"""Studies: what steers the film where it is not simply the audience, and what is told of it.

Three controls answer three questions. A *yoked* audience sees the film that another audience
steered: the same picture without the bond between state and film. A *sham* audience steers by its
own readings of long ago: as lively and as well measured as those of now, and of another moment
(surrogate data by shift; Theiler et al. 1992, doi:10.1016/0167-2789(92)90102-S). In a *blind*
study a draw decides between the audience itself and the sham, and nobody in the hall is told.

Deterministic: what follows, follows from the control's own seed, the states and the visits. The
operator's rights lie with the player, and are the same under every control.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import replace
from math import ceil
from typing import Final

import msgspec

from engine.grid import TICK_NS
from engine.records import Control, DecisionRecord
from narrative import Decision, Reading, Scene

SHORTEST_LAG_S: Final = 30.0
"""Signals remember 8 to 10 s: readings this far apart have no sample in common."""

LONGEST_LAG_S: Final = 600.0
"""So that what is kept of the past stays small."""

_NO_READINGS: Mapping[str, Reading] = {}


class Steering:
    """The audience steers: its readings are those of now, and what follows from them stands.

    Other controls change one of the two.
    """

    def enter(self, visit: int, scene: Scene) -> None:
        """Follow the film into a scene."""

    def observe(
        self, t_ns: int, scene_s: float | None, readings: Mapping[str, Reading]
    ) -> Mapping[str, Reading]:
        """Take in one tick's readings, and give those to decide by.

        Parameters
        ----------
        t_ns : int
            The tick's end, in ns since the show's origin.
        scene_s : float or None
            The same in seconds since the scene's first frame; None while the film stands still.
        readings : mapping of str to Reading
            The audience's, by signal.
        """
        return readings

    def settle(self, decision: Decision) -> tuple[Decision, str]:
        """Give the decision that stands, and where it comes from if not from now and here."""
        return decision, ""


class Yoked(Steering):
    """Go where another audience's film went, visit by visit.

    What was on the other's screen counts, also where its operator chose: it is the film that is to
    be the same. Where the other film was in another scene at that visit, or had come to its end,
    the default is taken. The reasons in the decision are this audience's own.

    Parameters
    ----------
    session : str
        Name of the other session.
    path : sequence of (int, str)
        Its visits and their scenes.
    """

    def __init__(self, session: str, path: tuple[tuple[int, str], ...]) -> None:
        self._session = session
        self._path = dict(path)
        self._scene: Scene | None = None

    def enter(self, visit: int, scene: Scene) -> None:
        """Follow the film into a scene."""
        self._scene = scene

    def settle(self, decision: Decision) -> tuple[Decision, str]:
        """Take the other film's way from the same visit."""
        scene, visit = self._scene, decision.visit
        assert scene is not None
        assert scene.default is not None
        source = f"yoked to {self._session}, visit {visit}"
        targets = [branch.to for branch in scene.branches]
        to = self._path.get(visit + 1)
        together = self._path.get(visit) == scene.name and to in (scene.default, *targets)
        if to is None or not together:
            to = scene.default
            source += " (default: the other film was elsewhere)"
        yoked = replace(
            decision,
            to=to,
            branch=None if to == scene.default else targets.index(to),
            by="yoked",
            explanation=f"{to}: {source}.",
        )
        return yoked, source


class Sham(Steering):
    """Let the audience's past decide: for each visit, readings a drawn time before.

    The lag is drawn evenly, in ticks, between the shortest that keeps clear of the scene's own
    reading window (and of `SHORTEST_LAG_S`) and the longest that the past allows. The lead-in is
    no past: its readings are what all others are measured against. Without a past that is long
    enough nothing is known, and the film takes its default; so it is for a while after an engine
    was replaced, since the past is not handed on.

    Parameters
    ----------
    seed : int
        Of the draws.
    """

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._visit = -1
        self._scene: Scene | None = None
        self._past: dict[int, Mapping[str, Reading]] = {}
        self._opened_ns = -1
        self._lag_ns: int | None = None

    def enter(self, visit: int, scene: Scene) -> None:
        """Follow the film into a scene; its lag is drawn when its reading window opens."""
        self._visit, self._scene = visit, scene
        self._opened_ns, self._lag_ns = -1, None

    def observe(
        self, t_ns: int, scene_s: float | None, readings: Mapping[str, Reading]
    ) -> Mapping[str, Reading]:
        """Keep the readings for later, and give those of the lag before."""
        scene = self._scene
        self._past.pop(t_ns - round(LONGEST_LAG_S * 1e9) - TICK_NS, None)
        if scene is None or scene.lead_in:
            return _NO_READINGS
        self._past[t_ns] = readings
        if scene.reading is None or scene_s is None or scene_s < scene.reading.from_s:
            return _NO_READINGS
        if self._opened_ns < 0:
            self._opened_ns, self._lag_ns = t_ns, self._draw(t_ns, scene.reading.length_s)
        # After a pause in the window the lag may lead back into it.
        if self._lag_ns is None or t_ns - self._lag_ns >= self._opened_ns:
            return _NO_READINGS
        return self._past.get(t_ns - self._lag_ns, _NO_READINGS)

    def settle(self, decision: Decision) -> tuple[Decision, str]:
        """Say whose decision it is: a past audience's."""
        source = "sham: no past to read"
        if self._lag_ns is not None:
            source = f"sham: readings of {self._lag_ns * 1e-9:.1f} s before"
        explanation = f"{decision.explanation.removesuffix('.')} ({source})."
        by = "sham" if decision.by == "audience" else decision.by
        return replace(decision, by=by, explanation=explanation), source

    def _draw(self, t_ns: int, window_s: float) -> int | None:
        """Draw a lag in ns; None where the past is too short for any."""
        shortest = ceil(max(SHORTEST_LAG_S, window_s) * 1e9 / TICK_NS) + 1
        longest = (t_ns - next(iter(self._past))) // TICK_NS
        if longest < shortest:
            return None
        return random.Random(f"lag {self._seed} {self._visit}").randint(shortest, longest) * TICK_NS


def settled(control: Control, seed: int) -> Control:
    """Draw what is left to be drawn of a control.

    Parameters
    ----------
    control : Control
        As the show file asks for it.
    seed : int
        Of the draws, if the show file gives none.
    """
    if control.kind == "yoked":
        return msgspec.structs.replace(control, arm="yoked")
    own = seed if control.seed is None else control.seed
    steers = control.kind == "blind" and random.Random(f"arm {own}").random() < 0.5
    return msgspec.structs.replace(control, arm="audience" if steers else "sham", seed=own)


def steering(control: Control | None) -> Steering:
    """Give what steers under a control that is settled; without one the audience does."""
    match control:
        case Control(arm="yoked"):
            return Yoked(control.session, control.path)
        case Control(arm="sham", seed=int(seed)):
            return Sham(seed)
    return Steering()


def told(record: DecisionRecord, control: Control | None) -> DecisionRecord:
    """Give of a decision what the hall may know: in a blind study, where the film goes.

    Whoever sees readings beside a decision can tell whether it followed from them.
    """
    if control is None or not control.blind:
        return record
    explanation = f"{record.decision.to}: a study is under way."
    decision = replace(
        record.decision, by="study", reasons=(), readings=(), explanation=explanation
    )
    return msgspec.structs.replace(record, decision=decision, source="")
