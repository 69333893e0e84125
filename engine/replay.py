"""Replay: the recorded session through the same runtime, compared byte for byte.

Two things are compared. Decisions are made again from the recorded audience states, always.
Audience states are computed again from the samples, wherever all that count in them are in the
record.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

import dsp
from engine.directing import Directing
from engine.grid import TICK_NS
from engine.norms import ENGAGED_SHARE
from engine.records import DecisionRecord, EventRecord, Frame, RequestRecord, StateRecord
from engine.runtime import follow_film
from engine.sensing import Sensing
from engine.session import (
    Configuration,
    EegSecond,
    PlanRecord,
    SessionError,
    StepsRecord,
    decode,
    encode,
    film_of,
    frames_of,
    read,
    read_configuration,
)

_OF_SYNCHRONY = frozenset({dsp.SYNCHRONY, ENGAGED_SHARE})
"""Signals that are made of the correlation."""


@dataclass(frozen=True, slots=True)
class Difference:
    """The first place at which replay and record part.

    Attributes
    ----------
    what : str
        "audience state", "decision" or "plan".
    t_s : float
        Seconds since the show's origin.
    where : str
        The first field that differs, such as "state.signals.0.value"; empty if one is missing.
    recorded, replayed : str
        That field in the two, as JSON; "nothing" if one is missing.
    """

    what: str
    t_s: float
    where: str
    recorded: str
    replayed: str


@dataclass(frozen=True, slots=True)
class NullCheck:
    """A decision that read synchrony, and what chance makes of that synchrony.

    Attributes
    ----------
    t_s : float
        Seconds since the show's origin.
    visit : int
        The visit that was decided.
    scene : str
        Its scene.
    found : dsp.Surrogates or None
        Of the last full second before the decision; None where synchrony was unknown, or had no
        past.
    """

    t_s: float
    visit: int
    scene: str
    found: dsp.Surrogates | None


@dataclass(slots=True)
class Replayed:
    """What a replay compared.

    Attributes
    ----------
    states, decisions, plans : int
        Compared and identical.
    states_unrecorded : int
        Not compared: seats that allow no recording counted in them.
    differences : int
        Records that were not identical.
    first : Difference or None
        The first of them.
    checks : list of NullCheck
        Decisions that read synchrony, where surrogates were asked for.
    hall_s, took_s : float
        Seconds of the screening, and seconds the replay took, start-up excluded.
    """

    states: int = 0
    decisions: int = 0
    plans: int = 0
    states_unrecorded: int = 0
    differences: int = 0
    first: Difference | None = None
    checks: list[NullCheck] = field(default_factory=list)
    hall_s: float = 0.0
    took_s: float = 0.0

    @property
    def identical(self) -> bool:
        """Whether everything compared was the same, and there was something to compare."""
        return self.differences == 0 and self.states + self.decisions + self.states_unrecorded > 0


@dataclass(slots=True)
class _Recorded:
    """What the session holds for steps that have not been replayed yet."""

    events: dict[int, list[EventRecord]] = field(default_factory=dict)
    requests: dict[int, list[RequestRecord]] = field(default_factory=dict)
    frames: dict[int, list[Frame]] = field(default_factory=dict)
    states: dict[int, tuple[StateRecord, bytes]] = field(default_factory=dict)
    decisions: dict[int, bytes] = field(default_factory=dict)
    plans: dict[int, list[bytes]] = field(default_factory=dict)


def replay(
    path: Path,
    settings: Mapping[str, float | int] | None = None,
    progress: Callable[[float], None] = lambda seconds: None,
    *,
    surrogates: int = 0,
) -> Replayed:
    """Replay a session and compare what comes out with what was recorded.

    Parameters
    ----------
    path : Path
        The session.
    settings : mapping of str to number, optional
        Settings of `dsp.Settings` to change before replaying.
    progress : callable
        Called with the seconds replayed so far.
    surrogates : int
        How many to draw for every decision that reads synchrony; none by default. They are drawn
        from the replayed samples, and change nothing that is compared.

    Raises
    ------
    SessionError
        The file is no session, or a setting is unknown or out of range.
    """
    changes = settings or {}
    result = Replayed()
    # Start-up: compiled kernels are loaded with the first runtime.
    run = _Replay(_with(read_configuration(path), changes), result, surrogates)
    begun = time.perf_counter()
    for topic, _, data in read(path):
        if topic == "/configuration":
            run = _Replay(_with(decode(topic, data), changes), result, surrogates)
        elif run.take(topic, data):
            progress(result.hall_s)
    result.took_s = time.perf_counter() - begun
    return result


def _with(configuration: Configuration, changes: Mapping[str, float | int]) -> Configuration:
    return msgspec.structs.replace(
        configuration, settings=_changed(configuration.settings, changes)
    )


def _changed(settings: dsp.Settings, changes: Mapping[str, float | int]) -> dsp.Settings:
    values = msgspec.to_builtins(settings)
    for name in changes:
        if name not in values:
            raise SessionError(f"unknown setting `{name}`; known are: {', '.join(values)}")
    try:
        return msgspec.convert({**values, **changes}, dsp.Settings)
    except (msgspec.ValidationError, ValueError) as error:
        raise SessionError(f"setting refused: {error}") from error


class _Replay:
    """Both halves of one engine's runtime, driven from its part of the record."""

    def __init__(self, configuration: Configuration, result: Replayed, surrogates: int) -> None:
        self._film = film_of(configuration)
        self._sensing = Sensing(
            configuration.sources,
            configuration.consents,
            configuration.settings,
            configuration.origin_ns,
            configuration.standing,
            configuration.zones,
            configuration.calibrated,
        )
        course = configuration.standing.course if configuration.standing else None
        self._directing = Directing(
            self._film,
            configuration.table,
            configuration.term,
            configuration.origin_ns,
            course,
            configuration.control,
            configuration.norms,
            tuple(configuration.zones),
            configuration.seed,
        )
        self._surrogates = surrogates
        self._channels = [len(source[0].channels) for source in configuration.sources]
        self._closed = self._sensing.tick
        self._now_ns = configuration.origin_ns + self._closed * TICK_NS
        self._recorded = _Recorded()
        self.result = result

    def take(self, topic: str, data: bytes) -> bool:
        """Take in one message; with a second's steps that second is replayed: then True."""
        if topic != "/engine/steps":
            self._keep(topic, data)
            return False
        steps: StepsRecord = decode(topic, data)
        for i, (now_ns, closed) in enumerate(zip(steps.now_ns, steps.closed, strict=True)):
            self._step(steps.first_step + i, now_ns, closed)
        self.result.hall_s += (steps.now_ns[-1] - self._now_ns) * 1e-9
        self._now_ns = steps.now_ns[-1]
        return True

    def _keep(self, topic: str, data: bytes) -> None:
        kept = self._recorded
        if topic == "/eeg/local":
            second: EegSecond = decode(topic, data)
            for source in second.sources:
                for step, frame in frames_of(source, self._channels[source.source]):
                    kept.frames.setdefault(step, []).append(frame)
        elif topic == "/audience/state":
            record: StateRecord = decode(topic, data)
            kept.states[record.state.tick] = record, data
        elif topic == "/player/event":
            event: EventRecord = decode(topic, data)
            kept.events.setdefault(event.step, []).append(event)
        elif topic == "/seat/consent":
            request: RequestRecord = decode(topic, data)
            kept.requests.setdefault(request.step, []).append(request)
        elif topic == "/decision":
            decision: DecisionRecord = decode(topic, data)
            kept.decisions[decision.step] = data
        elif topic == "/plan":
            plan: PlanRecord = decode(topic, data)
            kept.plans.setdefault(plan.step, []).append(data)

    def _step(self, step: int, now_ns: int, closed: int) -> None:
        kept = self._recorded
        plans = []
        for request in kept.requests.pop(step, []):
            self._sensing.set_consent(request.request.seat, request.request.consent)
        for record in kept.events.pop(step, []):
            follow_film(record.event, self._film, self._directing, self._sensing)
            plan = self._directing.on_event(record.event)
            if plan is not None:
                plans.append(plan)
        # Within a step each frame touches its own source's seats only, so their order is free.
        for frame in kept.frames.pop(step, []):
            self._sensing.place(frame)
        while self._closed < closed:
            self._close()
        decision = self._directing.decide(now_ns, step)
        self._compare_decision(step, decision)
        if decision is not None:
            plans.append(decision.plan)
            self._check_null(decision)
        self._compare_plans(step, [PlanRecord(step, plan) for plan in plans])

    def _close(self) -> None:
        replayed = self._sensing.close()
        recorded, data = self._recorded.states.pop(self._closed)
        self._closed += 1
        if not recorded.from_record:
            self.result.states_unrecorded += 1
        else:
            self._compare(
                "audience state", recorded.t_ns, data, encode("/audience/state", replayed)
            )
            self.result.states += 1
        self._directing.observe(recorded)

    def _check_null(self, record: DecisionRecord) -> None:
        """Hold the synchrony that a decision read against surrogates, if that is asked for."""
        decision = record.decision
        guards = [branch.when for branch in self._film.scenes[decision.scene].branches]
        if self._surrogates and any(guard.signals & _OF_SYNCHRONY for guard in guards):
            found = self._sensing.surrogates(self._surrogates, seed=decision.visit)
            check = NullCheck(record.t_ns * 1e-9, decision.visit, decision.scene, found)
            self.result.checks.append(check)

    def _compare_decision(self, step: int, decision: DecisionRecord | None) -> None:
        recorded = self._recorded.decisions.pop(step, b"")
        replayed = encode("/decision", decision) if decision is not None else b""
        if recorded or replayed:
            t_ns = decision.t_ns if decision else decode("/decision", recorded).t_ns
            self._compare("decision", t_ns, recorded, replayed)
            self.result.decisions += 1

    def _compare_plans(self, step: int, plans: list[PlanRecord]) -> None:
        recorded = self._recorded.plans.pop(step, [])
        replayed = [encode("/plan", plan) for plan in plans]
        if recorded or replayed:
            self._compare("plan", self._closed * TICK_NS, _listed(recorded), _listed(replayed))
            self.result.plans += len(recorded)

    def _compare(self, what: str, t_ns: int, recorded: bytes, replayed: bytes) -> None:
        if recorded == replayed:
            return
        self.result.differences += 1
        if self.result.first is None:
            where = _first_difference(recorded, replayed)
            self.result.first = Difference(what, t_ns * 1e-9, *where)


def _listed(records: list[bytes]) -> bytes:
    """Join records to one JSON list; nothing stays nothing."""
    return b"[" + b",".join(records) + b"]" if records else b""


def _first_difference(recorded: bytes, replayed: bytes) -> tuple[str, str, str]:
    """Find the first field that differs between two JSON records."""
    if not recorded or not replayed:
        return "", recorded.decode() or "nothing", replayed.decode() or "nothing"
    path, one, two = _walk((), msgspec.json.decode(recorded), msgspec.json.decode(replayed))
    texts = [msgspec.json.encode(value).decode() for value in (one, two)]
    return ".".join(map(str, path)), texts[0], texts[1]


def _walk(path: tuple[object, ...], one: Any, two: Any) -> tuple[tuple[object, ...], Any, Any]:
    if isinstance(one, list) and isinstance(two, list) and len(one) == len(two):
        one, two = dict(enumerate(one)), dict(enumerate(two))
    if isinstance(one, dict) and isinstance(two, dict) and one.keys() == two.keys():
        key = next((key for key in one if one[key] != two[key]), None)
        return (path, one, two) if key is None else _walk((*path, key), one[key], two[key])
    return path, one, two
