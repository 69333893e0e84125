"""A whole show in one process on a virtual clock, as fast as it can.

The same runtime, player core, sources and session file as in the hall; only the link and the real
clock are missing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from acquisition import Source, make_source
from engine.config import Show
from engine.control import told
from engine.records import DecisionRecord, Frame, SeatRequest
from engine.runtime import Inputs, Outputs
from engine.screening import configuration_of, runtime_of
from engine.session import SessionWriter
from playback import Command, Player, PlayerEvent, SilentDriver

T = TypeVar("T")

READ_EVERY_FRAMES = 2
"""Sources are read at every second frame: about as often as a worker does."""


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """What came of a rehearsal.

    Attributes
    ----------
    path : tuple of str
        The scenes that were on the screen, in order.
    decisions : tuple of DecisionRecord
        Every decision with its reasons, as the hall may know them: a blind study's are in the
        session alone.
    seconds : float
        Hall time it took, in s.
    """

    path: tuple[str, ...]
    decisions: tuple[DecisionRecord, ...]
    seconds: float


def rehearse(
    show: Show,
    session: Path,
    cache: Path,
    *,
    requests: Sequence[tuple[float, SeatRequest]] = (),
    commands: Sequence[tuple[float, Command]] = (),
    progress: Callable[[float, str], None] = lambda seconds, scene: None,
) -> Rehearsed:
    """Run a show to its ending.

    Parameters
    ----------
    show : Show
        Loaded with ``boards=False``.
    session : Path
        The session file to write.
    cache : Path
        Folder for converted recordings.
    requests : sequence of (float, SeatRequest)
        Consent changes, each at its second.
    commands : sequence of (float, Command)
        What the operator does, each at its second.
    progress : callable
        Called about once a second of hall time with the second and the scene.
    """
    sources = [make_source(source.spec, cache) for source in show.sources]
    try:
        for source in sources:
            source.open()
        return _Rehearsal(show, sources, session, requests, commands).run(progress)
    finally:
        for source in sources:
            source.close()


class _Rehearsal:
    """The loop: player ticks at the film's rate, sources and runtime at half of it."""

    def __init__(
        self,
        show: Show,
        sources: Sequence[Source],
        session: Path,
        requests: Sequence[tuple[float, SeatRequest]],
        commands: Sequence[tuple[float, Command]],
    ) -> None:
        configuration = configuration_of(show, term=1, origin_ns=0)
        self._runtime = runtime_of(configuration, show.film)
        self._writer = SessionWriter(session, configuration)
        self._sources = sources
        self._player = Player(show.table, SilentDriver())
        self._fps = show.table.fps_num / show.table.fps_den
        self._requests, self._commands = list(requests), list(commands)
        self._seqs = [0] * len(sources)
        self._events: list[PlayerEvent] = []
        self._path: list[str] = []
        self._decisions: list[DecisionRecord] = []

    def run(self, progress: Callable[[float, str], None]) -> Rehearsed:
        for source in self._sources:
            source.start()
        self._player.command(Command("start"))
        frame = now_ns = 0
        while not self._player.finished:
            now_ns = round(frame / self._fps * 1e9)
            for command in _due(self._commands, now_ns):
                self._player.command(command)
            self._events += self._player.tick(now_ns)
            if frame % READ_EVERY_FRAMES == 0:
                self._step(now_ns)
            if frame % round(self._fps) == 0:
                progress(frame / self._fps, self._player.scene)
            frame += 1
        self._step(now_ns)
        self._writer.finish(now_ns)
        return Rehearsed(tuple(self._path), tuple(self._decisions), now_ns * 1e-9)

    def _step(self, now_ns: int) -> None:
        frames = []
        for number, source in enumerate(self._sources):
            batch = source.read(now_ns)
            if len(batch.runs):
                frames.append(
                    Frame(
                        number,
                        self._seqs[number],
                        now_ns,
                        batch.runs.tobytes(),
                        batch.samples.tobytes(),
                    )
                )
                self._seqs[number] += 1
        inputs = Inputs(
            now_ns, tuple(frames), tuple(self._events), tuple(_due(self._requests, now_ns))
        )
        self._events = []
        self._follow(inputs, self._runtime.step(inputs))

    def _follow(self, inputs: Inputs, outputs: Outputs) -> None:
        self._writer.write(inputs, outputs)
        self._path += [event.scene for event in inputs.events if event.kind == "started"]
        for plan in outputs.plans:
            self._player.plan(plan)
        for levels in outputs.levels:
            self._player.levels(levels)
        if outputs.heard is not None:
            for source in self._sources:
                source.hear(outputs.heard)
        if outputs.decision is not None:
            self._decisions.append(told(outputs.decision, self._runtime.directing.control))


def _due(timed: list[tuple[float, T]], now_ns: int) -> list[T]:
    """Take out what is due, in order."""
    due = [item for at_s, item in timed if at_s * 1e9 <= now_ns]
    timed[:] = [(at_s, item) for at_s, item in timed if at_s * 1e9 > now_ns]
    return due
