"""What the engine tells those who watch: a picture of the show, five times a second."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping

import msgspec

import dsp
from engine.config import Show
from engine.control import told
from engine.records import DecisionRecord
from engine.runtime import Outputs, Runtime
from narrative import Decision

_DECISIONS = 5


class SeatStatus(msgspec.Struct, frozen=True):
    """One seat: its consent, its quality flags (`dsp.Flag`), seconds since its last samples."""

    seat: str
    consent: str
    flags: int
    silent_s: float


class Status(msgspec.Struct, frozen=True):
    """The show as the engine sees it.

    Attributes
    ----------
    title, phase : str
        The show's title; "opening ..." or "running".
    hall_s : float
        Seconds since the show's origin.
    scene, visit : str, int
        What is on the screen.
    scene_s : float or None
        Seconds into the scene; None while the film stands still.
    window : tuple of float or None
        The scene's reading window, in seconds.
    preview : narrative.Decision or None
        The decision as it would be now, with its reasons; None where there is none to make.
    decisions : tuple of narrative.Decision
        The last five decisions, the newest last.
    signals : tuple of dsp.Pooled
        The audience.
    seats : tuple of SeatStatus
        Each seat.
    late : int
        Samples that came after their tick.
    faults : mapping of str to str
        Sources that failed, and why.
    study : str
        The kind of study that is under way; else empty. In a blind one there are no signals,
        no preview and no reasons: beside the film's course they would tell the arm.
    """

    title: str
    phase: str
    hall_s: float = 0.0
    scene: str = ""
    visit: int = -1
    scene_s: float | None = None
    window: tuple[float, float] | None = None
    preview: Decision | None = None
    decisions: tuple[Decision, ...] = ()
    signals: tuple[dsp.Pooled, ...] = ()
    seats: tuple[SeatStatus, ...] = ()
    late: int = 0
    faults: Mapping[str, str] = {}
    study: str = ""

    @property
    def next_if_now(self) -> str:
        """What would follow if the decision were made now; empty where there is none to make."""
        return self.preview.to if self.preview else ""

    @property
    def last_decision(self) -> str:
        """The last decision in words."""
        return self.decisions[-1].explanation if self.decisions else ""


class Watcher:
    """Remember what a status shows beyond the last step: the newest state and decisions.

    Parameters
    ----------
    show : Show
        The show.
    faults : mapping of str to str
        Sources that failed; the caller may add to it.
    """

    def __init__(self, show: Show, faults: Mapping[str, str]) -> None:
        self._title = show.title
        self._faults = faults
        self._state: dsp.AudienceState | None = None
        self._decisions: deque[DecisionRecord] = deque(maxlen=_DECISIONS)

    def see(self, outputs: Outputs) -> None:
        """Take in a step."""
        if outputs.states:
            self._state = outputs.states[-1].state
        if outputs.decision is not None:
            self._decisions.append(outputs.decision)

    def status(self, runtime: Runtime, now_ns: int) -> Status:
        """Draw the picture as it is now."""
        directing, sensing = runtime.directing, runtime.sensing
        state, control = self._state, directing.control
        blind = control is not None and control.blind
        silent_s = [ns * 1e-9 for ns in sensing.silent_ns(now_ns)]
        flags = state.flags if state else (0,) * len(silent_s)
        return Status(
            title=self._title,
            phase="running",
            hall_s=(now_ns - sensing.origin_ns) * 1e-9,
            scene=directing.scene,
            visit=directing.visit,
            scene_s=directing.scene_time_s(now_ns),
            window=directing.window(),
            preview=None if blind else directing.preview(),
            decisions=tuple(told(record, control).decision for record in self._decisions),
            signals=state.signals if state and not blind else (),
            seats=tuple(
                SeatStatus(seat, str(sensing.consent(seat)), flag, silent)
                for seat, flag, silent in zip(sensing.seats, flags, silent_s, strict=True)
            ),
            late=sensing.late,
            faults=dict(self._faults),
            study=control.kind if control else "",
        )
