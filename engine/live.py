"""The engine process: takes in what workers and player send, steps the runtime, sends what follows.

It is the only writer of the session. If it dies, the workers keep ten minutes of samples and the
player finishes the film along its defaults.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

import msgspec
import structlog

from engine import logs
from engine.config import Show, load_show
from engine.link import Caller, Desk, Inlet, Outlet, Peer, wait_any
from engine.places import Places
from engine.player import PlayerRequest
from engine.records import (
    Answer,
    Consent,
    EngineRequest,
    Frame,
    SeatRequest,
)
from engine.runtime import Inputs, Outputs, Runtime
from engine.screening import configuration_of, runtime_of, warm_up
from engine.session import SessionWriter
from engine.status import Status, Watcher
from engine.worker import BLOCK, WorkerNote, WorkerOrder
from playback import Command, PlayerEvent

_STEP_MS = 20
_STATUS_NS = 200_000_000
# Three minutes: what the curves of a console that was restarted begin with.
_STATUS_KEPT_NS = 180_000_000_000
_OPENING_LIMIT_NS = 60_000_000_000
_BACKLOG_NS = 500_000_000


class Job(msgspec.Struct, frozen=True):
    """What the supervisor tells the engine.

    Attributes
    ----------
    folder, show, session : str
        The running show's place; the show file; the session to write.
    on_request : bool
        Wait for a start request once everything is open, instead of starting at once.
    """

    folder: str
    show: str
    session: str
    on_request: bool = False


class LiveEngine:
    """One engine on real processes.

    Parameters
    ----------
    show : Show
        The checked show.
    places : Places
        Where its sockets are.
    session : Path
        The file to write.
    clock : callable
        Gives hall time in ns.
    on_request : bool
        Wait for a start request once everything is open.
    """

    def __init__(
        self,
        show: Show,
        places: Places,
        session: Path,
        clock: Callable[[], int],
        *,
        on_request: bool,
    ) -> None:
        self._show = show
        self._clock = clock
        self._log = structlog.get_logger().bind(part="engine")
        self._workers = [Inlet(places.worker(i)) for i in range(len(show.sources))]
        self._player = Inlet(places.player_events)
        self._player_desk = Caller(places.player_desk)
        self._desk = Desk(places.engine_desk)
        self._outlet = Outlet(places.engine_status, keep_ns=_STATUS_KEPT_NS)
        self._session = session
        self._term = places.next_term()
        self._consents = show.consents
        self._wanted = not on_request
        self._requests: list[SeatRequest] = []
        self._early: list[PlayerEvent] = []
        self._faults: dict[str, str] = {}
        self._watcher = Watcher(show, self._faults)
        self._ended = False
        self._status_ns = 0

    def run(self) -> None:
        """Open, start, step until the film has ended, seal the session."""
        self._log.info("preparing filters")
        warm_up()
        self._wait_for_workers()
        self._wait_for_start()
        origin_ns = self._clock()
        configuration = msgspec.structs.replace(
            configuration_of(self._show, self._term, origin_ns), consents=self._consents
        )
        self._requests.clear()
        runtime = runtime_of(configuration, self._show.film)
        writer = SessionWriter(self._session, configuration)
        for worker in self._workers:
            worker.note(msgspec.msgpack.encode(WorkerOrder("start")))
        self._tell_player(PlayerRequest(command=Command("start", operator="engine")))
        self._note_faults(writer, origin_ns)
        parent = os.getppid()
        while not self._ended and os.getppid() == parent:
            self._step(runtime, writer)
        writer.finish(self._clock())
        self._log.info("session sealed", path=str(writer.path))

    def close(self) -> None:
        """Disconnect from everything."""
        peers: list[Peer] = [*self._workers, self._player, self._player_desk]
        for peer in (*peers, self._desk, self._outlet):
            peer.close()

    def _wait_for_workers(self) -> None:
        """Wait until every source is open or has failed; those that failed stay out."""
        waiting = dict(enumerate(self._workers))
        limit_ns = self._clock() + _OPENING_LIMIT_NS
        while waiting and self._clock() < limit_ns:
            wait_any(waiting.values(), _STEP_MS)
            for number in list(waiting):
                for message in waiting[number].receive(self._clock()):
                    if message.parts[0] != BLOCK:
                        self._hear_worker(number, message.parts[1])
                        del waiting[number]
                        break
            self._desk.serve(self._answer)
            self._publish_phase(f"opening {len(waiting)} sources")
        for number in waiting:
            self._faults[self._show.sources[number].name] = "did not open within 60 s"

    def _wait_for_start(self) -> None:
        """Stand by until somebody starts the film; the player may have been started already."""
        while not self._wanted:
            wait_any((self._desk, self._player), _STEP_MS)
            self._desk.serve(self._answer)
            self._early += self._events(self._clock())
            self._wanted |= any(event.kind == "started" for event in self._early)
            self._publish_phase("ready")

    def _hear_worker(self, number: int, note: bytes) -> None:
        said = msgspec.msgpack.decode(note, type=WorkerNote)
        name = self._show.sources[number].name
        self._log.info("source " + said.kind, source=name, why=said.text)
        if said.kind == "failed":
            self._faults[name] = said.text

    def _note_faults(self, writer: SessionWriter, now_ns: int) -> None:
        for name, why in self._faults.items():
            writer.note(now_ns, "fault", f"{name}: {why}")

    def _step(self, runtime: Runtime, writer: SessionWriter) -> None:
        wait_any((*self._workers, self._player, self._desk), _STEP_MS)
        now_ns = self._clock()
        self._desk.serve(self._answer)
        frames = self._frames(now_ns)
        events = (*self._early, *self._events(now_ns))
        self._early = []
        requests, self._requests = tuple(self._requests), []
        # After a stall the backlog is taken in small steps, as if it had come in time.
        while frames and now_ns - frames[0].read_ns > 2 * _BACKLOG_NS:
            until = frames[0].read_ns + _BACKLOG_NS
            part = tuple(frame for frame in frames if frame.read_ns <= until)
            frames = frames[len(part) :]
            self._take(runtime, writer, Inputs(until, frames=part))
        outputs = self._take(runtime, writer, Inputs(now_ns, tuple(frames), events, requests))
        self._ended = self._ended or any(event.kind == "ended" for event in events)
        if now_ns - self._status_ns >= _STATUS_NS or outputs.decision or requests:
            self._status_ns = now_ns
            self._publish(self._watcher.status(runtime, now_ns))

    def _take(self, runtime: Runtime, writer: SessionWriter, inputs: Inputs) -> Outputs:
        """Step, write, and only then tell the player: what is decided is on its way to the disk."""
        outputs = runtime.step(inputs)
        writer.write(inputs, outputs)
        self._watcher.see(outputs)
        for plan in outputs.plans:
            self._tell_player(PlayerRequest(plan=plan))
        if outputs.heard is not None:
            order = msgspec.msgpack.encode(WorkerOrder("hear", outputs.heard))
            for worker in self._workers:
                worker.note(order)
        if outputs.decision is not None:
            self._log.info("decided", why=outputs.decision.decision.explanation)
        return outputs

    def _frames(self, now_ns: int) -> list[Frame]:
        """Everything the workers sent, in the order in which it was read."""
        frames = []
        for number, worker in enumerate(self._workers):
            for message in worker.receive(now_ns):
                kind, *parts = message.parts
                if kind == BLOCK:
                    read_ns = int.from_bytes(parts[0], "little")
                    frames.append(Frame(number, message.seq, read_ns, parts[1], parts[2]))
                else:
                    self._hear_worker(number, parts[0])
        return sorted(frames, key=lambda frame: (frame.read_ns, frame.source))

    def _events(self, now_ns: int) -> list[PlayerEvent]:
        for refused in self._player_desk.answers():
            self._log.debug("player answered", answer=refused)
        return [
            msgspec.msgpack.decode(message.parts[0], type=PlayerEvent)
            for message in self._player.receive(now_ns)
        ]

    def _answer(self, request: bytes) -> bytes:
        try:
            wanted = msgspec.msgpack.decode(request, type=EngineRequest)
        except msgspec.MsgspecError as error:
            return msgspec.msgpack.encode(Answer(False, f"not understood: {error}"))
        if wanted.seat is not None:
            return msgspec.msgpack.encode(self._admit(wanted.seat))
        return msgspec.msgpack.encode(self._start())

    def _start(self) -> Answer:
        """Start the film as soon as everything is open; asked again, nothing changes."""
        self._wanted = True
        return Answer(True, "the film starts as soon as every source is open or has failed")

    def _admit(self, wanted: SeatRequest) -> Answer:
        now = self._consents.get(wanted.seat)
        if now is None:
            return Answer(False, f"there is no seat {wanted.seat}; the show file names the seats")
        if now == Consent.WITHDRAWN:
            return Answer(False, f"seat {wanted.seat} has withdrawn; that holds for the whole show")
        self._consents[wanted.seat] = wanted.consent
        self._requests.append(wanted)
        return Answer(True, f"seat {wanted.seat}: {now} -> {wanted.consent}")

    def _tell_player(self, request: PlayerRequest) -> None:
        if not self._player_desk.post(msgspec.msgpack.encode(request)):
            self._log.error("the player does not take messages; it goes on along its defaults")

    def _publish(self, status: Status) -> None:
        self._outlet.publish(self._clock(), msgspec.msgpack.encode(status))
        self._outlet.serve()

    def _publish_phase(self, phase: str) -> None:
        now_ns = self._clock()
        if now_ns - self._status_ns >= _STATUS_NS:
            self._status_ns = now_ns
            self._publish(Status(self._show.title, phase, faults=dict(self._faults)))


def run(job: Job, clock: Callable[[], int] = time.monotonic_ns) -> None:
    """Run one engine."""
    engine = LiveEngine(
        load_show(Path(job.show)),
        Places(Path(job.folder)),
        Path(job.session),
        clock,
        on_request=job.on_request,
    )
    try:
        engine.run()
    finally:
        engine.close()


def main() -> None:
    """Run the job whose file is named on the command line."""
    logs.configure()
    run(msgspec.json.decode(Path(sys.argv[1]).read_bytes(), type=Job))


if __name__ == "__main__":
    main()
