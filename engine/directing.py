"""From audience states to the film's course: the second half of the runtime.

Deterministic: decisions follow from the recorded states, the player's events and the step times
alone, so that every session replays its decisions, also where samples were not recorded.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import dsp
from engine.control import steering
from engine.effects import Effects
from engine.grid import TICK_NS
from engine.norms import ENGAGED_SHARE, Norms, engaged_share
from engine.records import Control, Course, DecisionRecord, StateRecord
from narrative import (
    Decision,
    Film,
    Reading,
    begin,
    commit,
    decide,
    decision_points,
    enter,
    observe,
    over_film,
    preview,
    sets_of,
)
from playback import FilmTable, Levels, Plan, PlayerEvent

COMMIT_FRAMES = 12
"""Frames before the cut at which the player takes its default if no decision has come."""

_MARGIN_NS = 250_000_000
"""How long before the deadline the engine decides with what it has."""

_SYNCHRONY: Final = dsp.SIGNALS.index(dsp.SYNCHRONY)


class Directing:
    """Follow the film through the player's events, and decide at its branch points.

    Parameters
    ----------
    film : Film
        The branch graph.
    table : FilmTable
        The clips' lengths, as the player has them.
    term : int
        This engine's number.
    origin_ns : int
        Hall time of the show's origin, in ns.
    course : Course, optional
        Where the film has been under an engine before this one.
    control : Control, optional
        What steers in a study; without one the audience does.
    norms : Norms, optional
        Of the film's scenes.
    zones : sequence of str
        Names of the hall's zones, in the order of the states.
    seed : int
        Of the film's chances; a course brings its own.

    Attributes
    ----------
    control : Control or None
        The same.
    ended : bool
        Whether the film is over.
    """

    def __init__(
        self,
        film: Film,
        table: FilmTable,
        term: int,
        origin_ns: int,
        course: Course | None = None,
        control: Control | None = None,
        norms: Norms | None = None,
        zones: Sequence[str] = (),
        seed: int = 0,
    ) -> None:
        self.control = control
        self._steering = steering(control)
        self._film = film
        self._norms = norms
        self._zones = [(at, zone) for at, zone in enumerate(zones) if zone in film.zones]
        self._frames = {entry.scene: entry.clip.frames for entry in table.scenes}
        self._fps = table.fps_num / table.fps_den
        lengths_s = {scene: frames / self._fps for scene, frames in self._frames.items()}
        self._points = decision_points(film, lengths_s)
        self._term = term
        self._origin_ns = origin_ns
        self._state = course.machine if course else begin(film, seed)
        self._effects = Effects(film, term, course.sounding if course else None)
        self._decided = True
        self._zero_ns: int | None = None
        self._since_ns = 0
        self._newest_ns = -1
        self.ended = False
        if course and self.scene:
            scene = film.scenes[self.scene]
            self._steering.enter(self.visit, scene)
            self._effects.go_on(self.visit, scene)
            self._zero_ns, self._decided = course.zero_ns, course.decided
            self._since_ns = course.zero_ns or 0

    @property
    def visit(self) -> int:
        """The scene visit on the screen; -1 before the film."""
        return self._state.visit

    @property
    def scene(self) -> str:
        """The scene on the screen; "" before the film."""
        return self._state.scene

    @property
    def course(self) -> Course:
        """Where the film stands."""
        return Course(self._state, self._zero_ns, self._decided, self._effects.sounding)

    def on_event(self, event: PlayerEvent) -> Plan | None:
        """Take in what the player did; gives the plan to pre-roll by, in a new scene.

        Whatever tells of a new visit tells where the film is: its start may have been missed.
        """
        plan = self._enter(event) if event.visit > self.visit else None
        if event.kind in ("paused", "ended"):
            self._zero_ns = None
            self.ended |= event.kind == "ended"
        elif event.kind == "resumed":
            self._zero_ns = self._zero(event)
            self._since_ns = event.hall_ns - self._origin_ns
        return plan

    def observe(self, record: StateRecord) -> None:
        """Read one audience state, in the scene it belongs to."""
        self._newest_ns = record.t_ns
        stands = self._zero_ns is None
        scene_s = None if stands else self._scene_time(record.t_ns)
        readings = self._readings(record)
        steering = self._steering.observe(record.t_ns, scene_s, readings)
        if scene_s is None or not self.scene:
            return
        corrected = {name: _over_film(one, self._points) for name, one in steering.items()}
        # A cut that chooses the picture only may be wrong, and is no decision point.
        own = steering if self._film.scenes[self.scene].cosmetic else corrected
        self._state = observe(self._film, self._state, [(scene_s, own)], [(scene_s, corrected)])
        # In a study the sound would tell whose readings steer.
        self._effects.observe(readings if self.control is None else {}, TICK_NS * 1e-9)

    def decide(self, now_ns: int, step: int) -> DecisionRecord | None:
        """Decide, if the reading window has closed or the deadline is near."""
        if self._decided or self._zero_ns is None or not self._due(now_ns - self._origin_ns):
            return None
        self._decided = True
        t_ns = now_ns - self._origin_ns
        decision, source = self._settled(decide(self._film, self._state, self._scene_time(t_ns)))
        self._state = commit(self._film, self._state, decision.branch)
        self._effects.decide(decision.to)
        age_ns = t_ns - self._newest_ns if self._newest_ns >= 0 else -1
        return DecisionRecord(
            step, t_ns, age_ns, decision, replace(self._plan(), choice=decision.to), source
        )

    def preview(self) -> Decision | None:
        """Give the decision as it would be now; None where the scene has none to make."""
        decision = None if self._decided else preview(self._film, self._state)
        return None if decision is None else self._settled(decision)[0]

    def notes(self, now_ns: int) -> tuple[str, ...]:
        """Tell of cues that are due, and of what else the film drives and no output takes."""
        return self._effects.notes(self.scene_time_s(now_ns))

    def levels(self) -> tuple[Levels, ...]:
        """Give the levels of sound that have changed."""
        return self._effects.levels()

    def levels_again(self) -> tuple[Levels, ...]:
        """Give the levels of sound, also those that were given before."""
        return self._effects.level()

    def scene_time_s(self, now_ns: int) -> float | None:
        """Seconds into the scene on the screen; None while the film stands still."""
        return None if self._zero_ns is None else self._scene_time(now_ns - self._origin_ns)

    def waits_for(self, plan: Plan, now_ns: int) -> bool:
        """Tell whether the player could still take this plan."""
        at_s = self.scene_time_s(now_ns)
        in_time = at_s is not None and at_s * self._fps < plan.deadline_frame
        return in_time and plan.visit == self.visit

    def window(self) -> tuple[float, float] | None:
        """Reading window of the scene on the screen, in seconds; None where it has none."""
        scene = self._film.scenes.get(self.scene)
        return (scene.reading.from_s, scene.reading.to_s) if scene and scene.reading else None

    def _enter(self, event: PlayerEvent) -> Plan | None:
        self._follow(event.visit, event.scene)
        self._zero_ns = self._since_ns = self._zero(event)
        return None if self._decided else self._plan()

    def _follow(self, visit: int, scene: str) -> None:
        frames = round(self._state.entered_s * self._fps)
        if self.scene:
            frames += self._frames[self.scene]
        self._state = enter(self._film, self._state, visit, scene, frames / self._fps)
        entered = self._film.scenes[scene]
        self._steering.enter(visit, entered)
        self._effects.enter(visit, entered)
        self._decided = not entered.branches

    def _settled(self, decision: Decision) -> tuple[Decision, str]:
        """Give the decision that stands, and where it comes from if not from now and here."""
        settled, source = self._steering.settle(decision)
        if settled.branch != decision.branch:
            settled = replace(settled, sets=sets_of(self._film, self._state, settled.branch))
        return settled, source

    def _zero(self, event: PlayerEvent) -> int:
        """Time of the scene's frame 0, since the origin, if it has run without a stop."""
        return event.hall_ns - self._origin_ns - round(event.frame / self._fps * 1e9)

    def _due(self, t_ns: int) -> bool:
        window = self.window()
        assert window is not None
        assert self._zero_ns is not None
        if self._newest_ns - self._zero_ns >= window[1] * 1e9:
            return True
        deadline_ns = self._zero_ns + round(self._deadline() / self._fps * 1e9)
        return t_ns >= deadline_ns - _MARGIN_NS

    def _deadline(self) -> int:
        return self._frames[self.scene] - COMMIT_FRAMES

    def _plan(self) -> Plan:
        scene = self._film.scenes[self.scene]
        assert scene.default is not None
        targets = dict.fromkeys([branch.to for branch in scene.branches] + [scene.default])
        return Plan(
            term=self._term,
            visit=self.visit,
            scene=self.scene,
            candidates=tuple(targets),
            default=scene.default,
            deadline_frame=self._deadline(),
        )

    def _scene_time(self, t_ns: int) -> float:
        assert self._zero_ns is not None
        return (t_ns - self._zero_ns) * 1e-9

    def _readings(self, record: StateRecord) -> dict[str, Reading]:
        """Read the state, in the scene it belongs to: the hall, and the zones the film names."""
        signals = record.state.signals
        readings = {signal.name: _reading(signal) for signal in signals}
        for at, zone in self._zones:
            readings |= {
                f"{signal.name}.zone({zone})": _reading(signal) for signal in record.state.zones[at]
            }
        if self._norms is not None or ENGAGED_SHARE in self._film.signals:
            readings[ENGAGED_SHARE] = self._share(record.t_ns, signals[_SYNCHRONY])
        return readings

    def _share(self, t_ns: int, synchrony: dsp.Pooled) -> Reading:
        """Read the engaged share, once the correlation's window lies within the scene."""
        if self._norms is not None:
            # A state repeats the synchrony of the last full second.
            window_ns = round(self._norms.recipe["isc_window_s"] * 1e9)
            if t_ns - t_ns % 1_000_000_000 - window_ns < self._since_ns:
                why = "the correlation's window reaches back before the cut"
                return Reading(None, None, None, synchrony.seats, why)
        return engaged_share(synchrony, self.scene, self._norms)


def _reading(signal: dsp.Pooled) -> Reading:
    return Reading(
        signal.value, signal.confidence, signal.t, signal.seats, signal.reason, signal.trend
    )


def _over_film(reading: Reading, points: int) -> Reading:
    """Correct a reading's confidence for the film's decision points."""
    if reading.confidence is None:
        return reading
    return replace(reading, confidence=over_film(reading.confidence, points))
