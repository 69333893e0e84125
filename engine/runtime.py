"""One step of the hall: what came in, what follows from it.

`Runtime` owns no clock, device, file or socket. The live engine, the rehearsal on a virtual clock
and the simulated shows of the tests all drive this same object.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import dsp
from acquisition import Headset
from engine.directing import Directing
from engine.norms import Norms
from engine.records import (
    Calibrated,
    Consent,
    Control,
    DecisionRecord,
    Frame,
    SeatRequest,
    Standing,
    StateRecord,
)
from engine.sensing import Sensing
from narrative import Film
from playback import FilmTable, Levels, Plan, PlayerEvent


@dataclass(frozen=True, slots=True)
class Inputs:
    """What reached the engine since the last step, and the hall time now (ns)."""

    now_ns: int
    frames: tuple[Frame, ...] = ()
    events: tuple[PlayerEvent, ...] = ()
    requests: tuple[SeatRequest, ...] = ()


@dataclass(frozen=True, slots=True)
class Outputs:
    """What follows from one step.

    Attributes
    ----------
    step : int
        The step's number, from 0.
    states : tuple of StateRecord
        One for each tick that closed.
    plans : tuple of Plan
        For the player: what to pre-roll, or the choice.
    decision : DecisionRecord or None
        At a branch point; its plan is among `plans`.
    heard : str or None
        A scene that came on the screen, as it was written, for a simulated audience to hear.
    levels : tuple of Levels
        For the player: how loud clips are to sound, where that has changed.
    notes : tuple of str
        What the film drives and no output takes, in words.
    """

    step: int
    states: tuple[StateRecord, ...]
    plans: tuple[Plan, ...]
    decision: DecisionRecord | None
    heard: str | None
    levels: tuple[Levels, ...] = ()
    notes: tuple[str, ...] = ()


class Runtime:
    """The engine's deterministic core.

    Parameters
    ----------
    sources : sequence of tuple of Headset
        The headsets of each source.
    consents : mapping of str to Consent
        Each seat's consent at the start.
    settings : dsp.Settings
        The recipe's numbers.
    film : Film
        The branch graph.
    table : FilmTable
        The film as the player has it.
    term : int
        This engine's number.
    origin_ns : int
        Hall time of the show's origin, in ns.
    standing : Standing, optional
        Where an engine before this one stood.
    control : Control, optional
        What steers in a study; without one the audience does.
    zones : mapping of str to sequence of str, optional
        Seats by zone of the hall.
    norms : Norms, optional
        Of the film's scenes.
    calibrated : Calibrated, optional
        What the show takes from a calibration.
    seed : int
        Of the film's chances.
    """

    def __init__(
        self,
        sources: Sequence[tuple[Headset, ...]],
        consents: Mapping[str, Consent],
        settings: dsp.Settings,
        film: Film,
        table: FilmTable,
        term: int,
        origin_ns: int,
        standing: Standing | None = None,
        control: Control | None = None,
        zones: Mapping[str, Sequence[str]] | None = None,
        norms: Norms | None = None,
        calibrated: Calibrated | None = None,
        seed: int = 0,
    ) -> None:
        course = standing.course if standing else None
        self.sensing = Sensing(sources, consents, settings, origin_ns, standing, zones, calibrated)
        self.directing = Directing(
            film, table, term, origin_ns, course, control, norms, tuple(zones or ()), seed
        )
        self._film = film
        self._step = 0

    @property
    def standing(self) -> Standing:
        """Where this engine stands."""
        control = self.directing.control
        return Standing(
            self.sensing.tick,
            self.sensing.memory(),
            self.directing.course,
            control.seed if control else None,
        )

    def step(self, inputs: Inputs) -> Outputs:
        """Take in what came, close the ticks that are due, decide if it is time."""
        plans = []
        heard = None
        for request in inputs.requests:
            self.sensing.set_consent(request.seat, request.consent)
        for event in inputs.events:
            heard = self._film.scenes[event.scene].of if event.kind == "started" else heard
            follow_film(event, self._film, self.directing, self.sensing)
            plan = self.directing.on_event(event)
            if plan is not None:
                plans.append(plan)
        for frame in inputs.frames:
            self.sensing.place(frame)
        states = []
        while self.sensing.due(inputs.now_ns):
            states.append(self.sensing.close())
            self.directing.observe(states[-1])
        decision = self.directing.decide(inputs.now_ns, self._step)
        if decision is not None:
            plans.append(decision.plan)
        outputs = Outputs(
            self._step,
            tuple(states),
            tuple(plans),
            decision,
            heard,
            self.directing.levels(),
            self.directing.notes(inputs.now_ns),
        )
        self._step += 1
        return outputs


def follow_film(event: PlayerEvent, film: Film, directing: Directing, sensing: Sensing) -> None:
    """Tell the sensing of cuts, of returns from the slate, and of the lead-in's end."""
    entered = event.visit > directing.visit
    if entered or event.kind == "resumed":
        sensing.cut(event.hall_ns)
    leaving = film.scenes.get(directing.scene)
    if entered and leaving and leaving.lead_in and not film.scenes[event.scene].lead_in:
        sensing.freeze_baseline()
