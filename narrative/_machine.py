"""The narrative machine: film, time and readings in; decisions with reasons out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from math import isfinite
from typing import Final

from narrative._decision import By, Decision, GuardReport, Reading, Term
from narrative._duration import to_ns
from narrative._film import Film, Scene, Window
from narrative._guard import For
from narrative._logic import Facts, Run, advance, fresh_runs, judge
from narrative._problem import MachineError
from narrative._report import explain, report, terms

__all__ = ["LONGEST_SILENCE_S", "Machine"]

LONGEST_SILENCE_S: Final = 1.0
"""Ticks further apart leave a stretch of which nothing is known."""


class Machine:
    """Follows one screening of a film and decides where it goes.

    It is deterministic and has no clock: equal calls give equal decisions. What is
    shown is the player's affair; the machine is told by `enter` and follows, also
    where its own decision came too late to be taken.

    Parameters
    ----------
    film : Film
        From `load_film`.
    """

    def __init__(self, film: Film) -> None:
        self._film = film
        self._scene: Scene | None = None
        self._visit = -1
        self._entered_s = 0.0
        self._visits: dict[str, int] = {}
        self._forget()

    def _forget(self) -> None:
        """Start a scene without readings."""
        scene = self._scene
        trees = [branch.when.tree for branch in scene.branches] if scene else []
        self._runs: dict[For, Run] = fresh_runs(trees)
        self._stood: dict[int, tuple[Term, ...]] = {}
        self._readings: dict[str, Reading] = {}
        self._tick_s: float | None = None

    @property
    def scene(self) -> Scene | None:
        """The scene that runs; None before the first."""
        return self._scene

    @property
    def visit(self) -> int:
        """Number of the scene that runs, from 0; -1 before the first."""
        return self._visit

    def enter(self, visit: int, scene: str, film_time_s: float) -> None:
        """Follow the film into a scene.

        Any scene of the film may come, and visits may be left out: the player skips a
        scene whose clip it cannot play, and a machine that starts late joins where the
        film is.

        Parameters
        ----------
        visit : int
            Number of the scene shown, higher each time.
        scene : str
            A scene of the film.
        film_time_s : float
            Film time of the scene's first frame, in seconds.

        Raises
        ------
        MachineError
            If there is no such scene, or visit or time run backwards. Nothing is changed.
        """
        if visit <= self._visit:
            raise MachineError(f"visit {visit} cannot follow visit {self._visit}: visits count up")
        if scene not in self._film.scenes:
            raise MachineError(f'there is no scene "{scene}" in this film')
        if not isfinite(film_time_s) or film_time_s < self._entered_s:
            raise MachineError(
                f"film time {film_time_s} s cannot follow {self._entered_s} s: give the film"
                " time of the scene's first frame"
            )
        self._visit, self._scene, self._entered_s = visit, self._film.scenes[scene], film_time_s
        self._visits[scene] = self._visits.get(scene, 0) + 1
        self._forget()

    def observe(self, scene_time_s: float, readings: Mapping[str, Reading]) -> None:
        """Take in one tick's readings.

        Ignored outside the reading window, and where time does not go on. Ticks more
        than `LONGEST_SILENCE_S` apart break the runs that `for` counts.

        Parameters
        ----------
        scene_time_s : float
            Time since the scene's first frame, in seconds.
        readings : Mapping of str to Reading
            By signal name; a missing one is unknown, and so is a number that is not
            finite.
        """
        window = self._scene.reading if self._scene else None
        if window is None or not window.from_s <= scene_time_s <= window.to_s:
            return
        if self._tick_s is not None and scene_time_s <= self._tick_s:
            return
        last_s = window.from_s if self._tick_s is None else self._tick_s
        if scene_time_s - last_s > LONGEST_SILENCE_S:
            advance(self._runs, self._facts(last_s, "no readings"), to_ns(last_s))
        self._tick_s = scene_time_s
        self._readings = {name: _finite(readings[name]) for name in sorted(readings)}
        facts = self._facts(scene_time_s, "")
        advance(self._runs, facts, to_ns(scene_time_s))
        self._keep_terms(facts)

    def _keep_terms(self, facts: Facts) -> None:
        """Keep the terms of each guard whose run was reached at this tick."""
        for index, branch in enumerate(self._scene.branches if self._scene else ()):
            tree = branch.when.tree
            reached = isinstance(tree, For) and judge(tree, facts, self._runs)
            if reached and index not in self._stood:
                self._stood[index] = terms(tree, facts, self._runs)

    def _facts(self, scene_time_s: float, silence: str) -> Facts:
        return Facts(
            readings={} if silence else self._readings,
            silence=silence,
            confidence=self._film.confidence,
            elapsed_s=self._entered_s + scene_time_s,
            visits=self._visits,
        )

    def preview(self) -> Decision | None:
        """Return what would be decided if the window ended at the last tick.

        Returns
        -------
        Decision or None
            None before the first scene and in an ending.
        """
        if self._scene is None or self._scene.default is None:
            return None
        return self.decide(self._tick_s or 0.0)

    def decide(
        self, scene_time_s: float, *, hold: bool = False, take: int | None = None
    ) -> Decision:
        """Decide where the film goes after the scene that runs.

        The first branch whose guard is true, else the default. A guard's value is
        that at the last tick of the reading window; a `for` once reached stays so. The
        machine does not change: the operator may take back what he took, and the
        audience's decision is there again.

        Parameters
        ----------
        scene_time_s : float
            Time since the scene's first frame, in seconds; usually the window's end.
        hold : bool
            The operator holds: the default.
        take : int, optional
            The operator takes this branch. It goes before `hold`, and is open after
            the film's `max_runtime` too: that is a person's choice.

        Returns
        -------
        Decision
            With the reasons of every branch, also where the operator decided.

        Raises
        ------
        MachineError
            If no scene runs, nothing follows it, or it has no such branch.
        """
        scene = self._scene
        if scene is None or scene.default is None:
            why = f'"{scene.name}" is an ending' if scene else "no scene runs: call enter first"
            raise MachineError(f"nothing to decide: {why}")
        if take is not None and not 0 <= take < len(scene.branches):
            raise MachineError(f'"{scene.name}" has {len(scene.branches)} branches, none is {take}')
        if not isfinite(scene_time_s):
            raise MachineError(f"scene time {scene_time_s} s: give seconds since the first frame")
        reasons = self._reasons(scene, scene_time_s)
        by, branch = self._choose(reasons, self._entered_s + scene_time_s, hold, take)
        to = scene.default if branch is None else scene.branches[branch].to
        return Decision(
            visit=self._visit,
            scene=scene.name,
            to=to,
            branch=branch,
            by=by,
            scene_time_s=scene_time_s,
            reasons=reasons,
            readings=tuple(self._readings.items()),
            explanation=explain(self._film, scene, to, branch, by, reasons),
        )

    def _reasons(self, scene: Scene, scene_time_s: float) -> tuple[GuardReport, ...]:
        if scene.reading is None:
            return ()
        now_s = min(scene_time_s, scene.reading.to_s)
        facts = self._facts(now_s, self._silence(scene.reading, now_s))
        return tuple(
            report(branch, facts, self._runs, self._stood.get(index))
            for index, branch in enumerate(scene.branches)
        )

    def _silence(self, window: Window, now_s: float) -> str:
        """Say why there are no readings at `now_s`; empty where there are."""
        if self._tick_s is None:
            opened = now_s >= window.from_s
            return "no readings in the window" if opened else "the window is not open yet"
        if now_s - self._tick_s > LONGEST_SILENCE_S:
            return f"no readings after {self._tick_s:.1f} s"
        return ""

    def _choose(
        self, reasons: tuple[GuardReport, ...], film_time_s: float, hold: bool, take: int | None
    ) -> tuple[By, int | None]:
        """Return who decides, and the branch (None for the default)."""
        if take is not None:
            return "operator", take
        if hold:
            return "hold", None
        if film_time_s >= self._film.max_runtime_s:
            return "max_runtime", None
        met = (index for index, reason in enumerate(reasons) if reason.verdict == "true")
        branch = next(met, None)
        return ("default", None) if branch is None else ("audience", branch)


def _finite(reading: Reading) -> Reading:
    """Return the reading with every number that is not finite as unknown."""
    return replace(
        reading,
        value=_known(reading.value),
        confidence=_known(reading.confidence),
        t=_known(reading.t),
    )


def _known(number: float | None) -> float | None:
    return None if number is None or not isfinite(number) else number
