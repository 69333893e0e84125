"""What the console knows of the show: everything heard so far, and nothing computed from it."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Literal, TypeAlias

import dsp
from engine.config import Show
from engine.status import Status
from narrative import Decision
from playback import PlayerEvent

SILENT_NS = 2_000_000_000
"""After this long without a word, engine or player count as silent."""

PATIENCE_NS = 60_000_000_000
"""How long an engine may take to say its first word: it compiles its filters."""

CURVE_S = 180.0
"""How far back the curves go."""

_CURVE_STEP_S = 0.5
_LOG_LINES = 200
_PRESSES = 20

Outcome: TypeAlias = Literal["waiting", "accepted", "refused", "silent"]


@dataclass(frozen=True, slots=True)
class Press:
    """One press of a key or button, and what came of it.

    Parameters
    ----------
    serial : int
        Counts presses.
    kind : str
        A command of the player, or "seat".
    number : int or None
        Of TAKE.
    at_ns : int
        When.
    outcome : {"waiting", "accepted", "refused", "silent"}
        "silent": nobody answered within a second.
    answer : str
        The answer, in the words of who gave it.
    """

    serial: int
    kind: str
    number: int | None
    at_ns: int
    outcome: Outcome = "waiting"
    answer: str = ""


@dataclass(frozen=True, slots=True)
class Moment:
    """The audience at one time of the hall's clock (s)."""

    hall_s: float
    signals: tuple[dsp.Pooled, ...]


@dataclass(slots=True)
class State:
    """Everything heard; the methods take in one thing each.

    Parameters
    ----------
    show : Show
        The show file.
    born_ns : int
        When the console started.
    """

    show: Show
    born_ns: int
    status: Status | None = None
    status_ns: int = -1
    player_ns: int = -1
    position: PlayerEvent | None = None
    position_ns: int = -1
    path: dict[int, str] = field(default_factory=dict)
    origin_ns: int | None = None
    paused: bool = False
    holding: bool = False
    taken: str = ""
    ended: bool = False
    log: deque[PlayerEvent] = field(default_factory=lambda: deque(maxlen=_LOG_LINES))
    moments: deque[Moment] = field(default_factory=deque)
    presses: deque[Press] = field(default_factory=lambda: deque(maxlen=_PRESSES))

    def hear_status(self, status: Status, now_ns: int) -> None:
        """Take in what the engine publishes."""
        self.status, self.status_ns = status, now_ns
        last_s = self.moments[-1].hall_s if self.moments else float("-inf")
        if status.hall_s < last_s:
            self.moments.clear()  # another engine, another clock
        elif status.hall_s < last_s + _CURVE_STEP_S or not status.signals:
            return
        self.moments.append(Moment(status.hall_s, status.signals))
        while status.hall_s - self.moments[0].hall_s > CURVE_S:
            self.moments.popleft()

    def hear_player(self, now_ns: int) -> None:
        """Note that the player is alive."""
        self.player_ns = now_ns

    def hear_event(self, event: PlayerEvent) -> None:
        """Take in what the player did."""
        self.player_ns = max(self.player_ns, event.hall_ns)
        if event.visit >= 0 and event.kind in ("started", "position", "paused", "resumed"):
            self.position, self.position_ns = event, event.hall_ns
            self.path[event.visit] = event.scene
        match event.kind:
            case "started":
                self.taken = ""
                self.origin_ns = event.hall_ns if self.origin_ns is None else self.origin_ns
            case "paused":
                self.paused = True
            case "resumed":
                self.paused = False
            case "held":
                self.holding = True
            case "released":
                self.holding, self.taken = False, ""
            case "taken":
                self.taken = _followed(event.detail)
            case "ended":
                self.ended = True
        if event.kind != "position":
            self.log.append(event)

    def press(self, press: Press) -> None:
        """Note a press, or what came of one."""
        for index, known in enumerate(self.presses):
            if known.serial == press.serial:
                self.presses[index] = press
                return
        self.presses.append(press)

    def hear_all(self, events: Iterable[PlayerEvent]) -> None:
        """Take in many events."""
        for event in events:
            self.hear_event(event)

    @property
    def visit(self) -> int:
        """The visit on the screen; -1 before the film."""
        return self.position.visit if self.position else -1

    @property
    def scene(self) -> str:
        """The scene on the screen; empty before the film."""
        return self.position.scene if self.position else ""

    @property
    def started(self) -> bool:
        """Whether the film has begun."""
        return self.visit >= 0 or self.ended

    def decided(self) -> Decision | None:
        """The engine's decision about the visit on the screen, if it has made one."""
        for decision in reversed(self.status.decisions if self.status else ()):
            if decision.visit == self.visit:
                return decision
        return None

    def hall_s(self, now_ns: int) -> float:
        """Hall time, carried on from the engine's last word; it stands once the film has ended."""
        if self.status is None:
            return 0.0
        passed_ns = 0 if self.ended or self.status.phase != "running" else now_ns - self.status_ns
        return self.status.hall_s + passed_ns * 1e-9

    def engine_silent_s(self, now_ns: int) -> float | None:
        """Seconds without a word from the engine; None while that is as it should be."""
        since = self.born_ns + PATIENCE_NS - SILENT_NS if self.status is None else self.status_ns
        return None if self.ended else _silence(now_ns - since)

    def player_silent_s(self, now_ns: int) -> float | None:
        """Seconds without a word from the player; None while that is as it should be."""
        return None if self.ended else _silence(now_ns - max(self.player_ns, self.born_ns))


def _followed(detail: str) -> str:
    """Read the scene from the player's words: ``TAKE 2: storm follows (console)``."""
    return detail.partition(": ")[2].partition(" follows")[0]


def _silence(silent_ns: int) -> float | None:
    return silent_ns * 1e-9 if silent_ns > SILENT_NS else None


def answered(press: Press, outcome: Outcome, answer: str) -> Press:
    """Give the press with what came of it."""
    return replace(press, outcome=outcome, answer=answer)
