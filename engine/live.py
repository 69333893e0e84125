"""The engine process: takes in what workers and player send, steps the runtime, sends what follows.

It is the only writer of its part of the session. If it dies, the workers keep ten minutes of
samples and the player goes on along its defaults; the engine that takes its place goes on from its
checkpoint, with everything that has been sent since. If two engines run, the higher term directs:
the other hears of it from the player, and leaves.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import msgspec
import structlog

from engine import logs
from engine.checkpoint import Begun, Checkpoint, Mark, load, save
from engine.config import Show, load_show
from engine.control import told
from engine.link import SOCKETS, Caller, Desk, Inlet, Net, Outlet, Peer, wait_any
from engine.places import Places
from engine.player import PlayerRequest
from engine.records import Answer, Consent, EngineRequest, Frame, SeatRequest, Standing
from engine.runtime import Inputs, Outputs, Runtime
from engine.screening import configuration_of, runtime_of, warm_up
from engine.session import Disk, SessionWriter, create, part_path
from engine.status import Status, Watcher
from engine.worker import BLOCK, WorkerNote, WorkerOrder
from playback import Command, PlayerEvent

STEP_MS = 20
"""The longest an engine waits for something to come."""

_STATUS_NS = 200_000_000
# Three minutes: what the curves of a console that was restarted begin with.
_STATUS_KEPT_NS = 180_000_000_000
_OPENING_LIMIT_NS = 60_000_000_000
_BACKLOG_NS = 500_000_000
_AGAIN_NS = 500_000_000
_SILENT_NS = 1_000_000_000
# After the film's end: what workers have sent may still be on its way.
_LINGER_NS = 600_000_000


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


class _Arrived(NamedTuple):
    """A frame, and the worker's life in which it was sent."""

    epoch: str
    frame: Frame


class _Hall(NamedTuple):
    """What an engine has from the show's start on."""

    origin_ns: int
    runtime: Runtime
    writer: SessionWriter


class LiveEngine:
    """One engine, a turn at a time.

    Parameters
    ----------
    show : Show
        The checked show.
    places : Places
        Where its sockets are, and the checkpoint of an engine before it.
    session : Path
        The session; the file written is named after it.
    clock : callable
        Gives hall time in ns.
    on_request : bool
        Wait for a start request once everything is open.
    net : Net
        What carries its messages.
    disk : callable
        Makes the session's files.

    Attributes
    ----------
    over : bool
        Whether the film has ended, or another engine directs it.
    """

    def __init__(
        self,
        show: Show,
        places: Places,
        session: Path,
        clock: Callable[[], int],
        *,
        on_request: bool,
        net: Net = SOCKETS,
        disk: Disk = create,
    ) -> None:
        self.term = places.next_term()
        self.over = False
        self._show = show
        self._places = places
        self._session = session
        self._clock = clock
        self._disk = disk
        self._log = structlog.get_logger().bind(part="engine", term=self.term)
        self._before = load(places.checkpoint, show.film_sha256)
        self._consents = dict(self._before.consents if self._before else show.consents)
        begun = self._before.begun if self._before else None
        marks = begun.workers if begun else (Mark("", 0),) * len(show.sources)
        self._marks = list(marks)
        self._workers = [
            Inlet(places.worker(number), mark.seq, mark.epoch, net=net)
            for number, mark in enumerate(marks)
        ]
        mark = begun.player if begun else Mark("", 0)
        self._player = Inlet(places.player_events, mark.seq, mark.epoch, net=net)
        self._player_desk = Caller(places.player_desk, net=net)
        self._desk = Desk(places.engine_desk, net=net)
        self._outlet = Outlet(places.engine_status, keep_ns=_STATUS_KEPT_NS, net=net)
        self._wanted = not on_request
        self._opening = set(range(len(show.sources)))
        self._opened_by_ns = self._leave_by_ns = 0
        self._early: list[PlayerEvent] = []
        self._requests: list[SeatRequest] = []
        self._faults: dict[str, str] = {}
        self._watcher = Watcher(show, self._faults)
        self._hall: _Hall | None = None
        self._plan = begun.plan if begun else None
        self._heard_term = 0
        self._heard_ns = [0] * len(show.sources)
        self._said_ns = self._status_ns = self._saved_ns = -1

    @property
    def peers(self) -> tuple[Peer, ...]:
        """Whoever may say something to it."""
        return (*self._workers, self._player, self._player_desk, self._desk)

    def turn(self) -> None:
        """Take in what has come and do what follows from it; waits for nothing."""
        now_ns = self._clock()
        self._desk.serve(self._answer)
        events = self._events(now_ns)
        # On this machine an engine is told by the folder, elsewhere by the player.
        newest = max(self._heard_term, self._places.newest_term())
        if newest > self.term:
            self._stand_down(now_ns, newest)
        elif self._hall is not None:
            self._step(self._hall, now_ns, events)
        elif self._before is not None and self._before.begun is not None:
            self._early = events
            self._go_on(self._before.begun, now_ns)
        else:
            self._prepare(now_ns, events)

    def close(self) -> None:
        """Disconnect from everything."""
        for peer in (*self.peers, self._outlet):
            peer.close()

    def leave(self) -> None:
        """Say what has not arrived, and seal what has."""
        if self._hall is not None:
            self._note_unheard(self._hall, self._clock())
        self._seal()

    def _seal(self) -> None:
        if self._hall is not None:
            self._hall.writer.finish(self._clock())
            self._log.info("session sealed", path=str(self._hall.writer.path))
        self.over = True

    def _prepare(self, now_ns: int, events: list[PlayerEvent]) -> None:
        """Wait until every source is open or has failed, and until the film is to start."""
        for number, worker in enumerate(self._workers):
            for message in worker.receive(now_ns):
                # What live headsets measure before the show is nobody's business.
                if message.parts[0] != BLOCK:
                    self._hear_worker(number, message.parts[1])
                    self._opening.discard(number)
        self._opened_by_ns = self._opened_by_ns or now_ns + _OPENING_LIMIT_NS
        if now_ns > self._opened_by_ns:
            for number in self._opening:
                self._faults[self._show.sources[number].name] = "did not open within 60 s"
            self._opening.clear()
        self._early += events
        # The player may have been started already: by an operator whom no engine answered.
        self._wanted |= any(event.visit >= 0 for event in events)
        if self._opening:
            self._publish_phase(f"opening {len(self._opening)} sources")
        elif self._wanted:
            self._begin(now_ns, now_ns, None)
        else:
            self._publish_phase("ready")

    def _go_on(self, begun: Begun, now_ns: int) -> None:
        """Take the place of an engine that is gone; what it decided stands."""
        if self._plan is not None:
            self._plan = replace(self._plan, term=self.term)
        origin_ns = now_ns if begun.origin_ns is None else begun.origin_ns
        self._begin(now_ns, origin_ns, begun.standing)
        assert self._hall is not None
        note = self._hall.writer.note
        note(now_ns, "recovery", f"the engine of term {self.term} goes on where another stood")
        if begun.origin_ns is None:
            note(
                now_ns, "loss", "the show was interrupted: what was measured meanwhile is not here"
            )

    def _begin(self, now_ns: int, origin_ns: int, standing: Standing | None) -> None:
        configuration = msgspec.structs.replace(
            configuration_of(self._show, self.term, origin_ns, standing),
            consents=dict(self._consents),
        )
        runtime = runtime_of(configuration, self._show.film)
        if standing is not None:
            keep = [self._consents[seat].records for seat in runtime.sensing.seats]
            shown = msgspec.structs.replace(standing, memory=standing.memory.only(keep))
            configuration = msgspec.structs.replace(configuration, standing=shown)
        writer = SessionWriter(
            part_path(self._session, self.term, self._places.folder),
            configuration,
            refuge=self._places.folder,
            disk=self._disk,
        )
        self._hall = _Hall(origin_ns, runtime, writer)
        if standing is None:
            self._marks = [Mark(worker.epoch, worker.next_seq) for worker in self._workers]
        self._requests.clear()
        for name, why in self._faults.items():
            writer.note(now_ns, "fault", f"{name}: {why}")
        self._save(self._hall)
        self._say(self._hall, now_ns)

    def _step(self, hall: _Hall, now_ns: int, events: list[PlayerEvent]) -> None:
        frames = self._frames(hall, now_ns)
        events = [*self._early, *events]
        requests, self._requests = tuple(self._requests), []
        # After a stall the backlog is taken in small steps, as if it had come in time.
        while frames and now_ns - frames[0].frame.read_ns > 2 * _BACKLOG_NS:
            until_ns = frames[0].frame.read_ns + _BACKLOG_NS
            part = [arrived for arrived in frames if arrived.frame.read_ns <= until_ns]
            frames = frames[len(part) :]
            past = [event for event in events if event.hall_ns <= until_ns]
            events = self._early = [event for event in events if event.hall_ns > until_ns]
            self._take(hall, until_ns, part, past)
        self._early = []
        outputs = self._take(hall, now_ns, frames, events)
        if requests:
            # What was measured before a seat allowed it is not recorded: hence a step of its own.
            self._take(hall, now_ns, (), (), requests)
        if now_ns - self._said_ns >= _AGAIN_NS:
            self._say(hall, now_ns)
        if hall.runtime.directing.ended:
            self._leave_by_ns = self._leave_by_ns or now_ns + _LINGER_NS
            if now_ns >= self._leave_by_ns:
                self.leave()
        if now_ns - self._status_ns >= _STATUS_NS or outputs.decision or requests:
            self._publish_status(hall, now_ns)

    def _take(
        self,
        hall: _Hall,
        now_ns: int,
        frames: Sequence[_Arrived],
        events: Sequence[PlayerEvent],
        requests: Sequence[SeatRequest] = (),
    ) -> Outputs:
        """Step, write, and only then tell the player: what is decided is on its way to the disk."""
        inputs = Inputs(
            now_ns, tuple(arrived.frame for arrived in frames), tuple(events), tuple(requests)
        )
        outputs = hall.runtime.step(inputs)
        hall.writer.write(inputs, outputs)
        for epoch, frame in frames:
            self._marks[frame.source] = Mark(epoch, frame.seq + 1, frame.read_ns)
        self._watcher.see(outputs)
        self._plan = outputs.plans[-1] if outputs.plans else self._plan
        if hall.writer.flushed_ns != self._saved_ns:
            # Only now: what the checkpoint takes for written must be written.
            self._save(hall)
        for plan in outputs.plans:
            self._tell_player(PlayerRequest(plan=plan))
        for levels in outputs.levels:
            self._tell_player(PlayerRequest(levels=levels))
        for note in outputs.notes:
            self._log.info("not done", why=note)
        if outputs.heard is not None:
            self._order(WorkerOrder("hear", outputs.heard), range(len(self._workers)))
        if outputs.decision is not None:
            record = told(outputs.decision, hall.runtime.directing.control)
            self._log.info("decided", why=record.decision.explanation)
        return outputs

    def _say(self, hall: _Hall, now_ns: int) -> None:
        """Say again what may not have been heard; whoever has heard it takes no notice."""
        self._said_ns = now_ns
        directing = hall.runtime.directing
        if self._heard_term < self.term:
            self._tell_player(PlayerRequest(claim=self.term))
        if directing.visit < 0:
            self._tell_player(PlayerRequest(command=Command("start", operator="engine")))
        elif self._plan is not None and directing.waits_for(self._plan, now_ns):
            self._tell_player(PlayerRequest(plan=self._plan))
        for levels in directing.levels_again():
            self._tell_player(PlayerRequest(levels=levels))
        silent = [n for n, heard in enumerate(self._heard_ns) if now_ns - heard > _SILENT_NS]
        self._order(WorkerOrder("start", at_ns=hall.origin_ns), silent)
        if directing.scene:
            of = self._show.film.scenes[directing.scene].of
            self._order(WorkerOrder("hear", of), silent)

    def _save(self, hall: _Hall) -> None:
        self._saved_ns = hall.writer.flushed_ns
        begun = Begun(
            hall.origin_ns,
            hall.runtime.standing,
            self._plan,
            tuple(self._marks),
            Mark(self._player.epoch, self._player.next_seq - len(self._early)),
        )
        self._put(begun)

    def _put(self, begun: Begun | None) -> None:
        checkpoint = Checkpoint(self._show.film_sha256, dict(self._consents), begun)
        try:
            save(self._places.checkpoint, checkpoint)
        except OSError as error:
            self._faults["checkpoint"] = f"{self._places.checkpoint}: {error.strerror}"

    def _stand_down(self, now_ns: int, newest: int) -> None:
        """Leave the film to an engine of a higher term."""
        why = f"term {newest} directs: term {self.term} leaves"
        self._log.warning("superseded", why=why)
        if self._hall is not None:
            self._hall.writer.note(now_ns, "recovery", why)
        self._seal()

    def _frames(self, hall: _Hall, now_ns: int) -> list[_Arrived]:
        """Everything the workers sent, in the order in which it was read."""
        arrived = []
        for number, worker in enumerate(self._workers):
            lost, epoch = worker.lost, worker.epoch
            for message in worker.receive(now_ns):
                kind, *parts = message.parts
                if kind == BLOCK:
                    self._heard_ns[number] = now_ns
                    read_ns = int.from_bytes(parts[0], "little")
                    frame = Frame(number, message.seq, read_ns, parts[1], parts[2])
                    arrived.append(_Arrived(message.epoch, frame))
                else:
                    self._hear_worker(number, parts[0])
            self._note_losses(hall, now_ns, number, worker.lost - lost, epoch)
        return sorted(arrived, key=lambda one: (one.frame.read_ns, one.frame.source))

    def _note_losses(
        self, hall: _Hall, now_ns: int, number: int, messages: int, epoch: str
    ) -> None:
        """Write down what can never be had: no sample is missing without a reason."""
        name = self._show.sources[number].name
        if messages:
            hall.writer.note(now_ns, "loss", f"{name}: {messages} messages waited too long")
        if epoch and self._workers[number].epoch != epoch:
            hall.writer.note(
                now_ns, "loss", f"{name} was started again: what it had not sent yet is gone"
            )

    def _note_unheard(self, hall: _Hall, now_ns: int) -> None:
        """Write down since when nothing of a source has arrived, where that is long ago."""
        for source, mark in zip(self._show.sources, self._marks, strict=True):
            read_ns = max(hall.origin_ns, mark.read_ns)
            if now_ns - read_ns > _LINGER_NS:
                since_s = (read_ns - hall.origin_ns) * 1e-9
                text = f"nothing of {source.name} after {since_s:.2f} s has arrived"
                hall.writer.note(now_ns, "end", text)

    def _events(self, now_ns: int) -> list[PlayerEvent]:
        self._player_desk.answers()  # what the player has taken it tells in its events
        events = [
            msgspec.msgpack.decode(message.parts[0], type=PlayerEvent)
            for message in self._player.receive(now_ns)
        ]
        self._heard_term = max([self._heard_term, *(event.term for event in events)])
        return events

    def _hear_worker(self, number: int, note: bytes) -> None:
        said = msgspec.msgpack.decode(note, type=WorkerNote)
        name = self._show.sources[number].name
        self._log.info("source " + said.kind, source=name, why=said.text)
        if said.kind == "failed":
            self._faults[name] = said.text
        elif said.kind == "opened":
            self._faults.pop(name, None)

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
        # An engine that takes this one's place must know before anybody is told.
        if self._hall is not None:
            self._hall.writer.flush(self._clock())
            self._save(self._hall)
        else:
            self._put(None)
        return Answer(True, f"seat {wanted.seat}: {now} -> {wanted.consent}")

    def _tell_player(self, request: PlayerRequest) -> None:
        if self._player_desk.post(msgspec.msgpack.encode(request)) is None:
            self._log.error("the player does not take messages; it goes on along its defaults")

    def _order(self, order: WorkerOrder, workers: Sequence[int]) -> None:
        body = msgspec.msgpack.encode(order)
        for number in workers:
            self._workers[number].note(body)

    def _publish_status(self, hall: _Hall, now_ns: int) -> None:
        self._status_ns = now_ns
        if hall.writer.trouble:
            self._faults["session"] = hall.writer.trouble
        self._publish(self._watcher.status(hall.runtime, now_ns))

    def _publish(self, status: Status) -> None:
        self._outlet.publish(self._clock(), msgspec.msgpack.encode(status))
        self._outlet.serve()

    def _publish_phase(self, phase: str) -> None:
        now_ns = self._clock()
        if now_ns - self._status_ns >= _STATUS_NS:
            self._status_ns = now_ns
            self._publish(Status(self._show.title, phase, faults=dict(self._faults)))


def run(job: Job, clock: Callable[[], int] = time.monotonic_ns) -> None:
    """Get one engine ready; run it as soon as a line comes on standard input."""
    show = load_show(Path(job.show))
    warm_up()
    parent = os.getppid()
    if not sys.stdin.readline():
        return  # nobody is left who could want it
    engine = LiveEngine(
        show, Places(Path(job.folder)), Path(job.session), clock, on_request=job.on_request
    )
    try:
        while not engine.over and os.getppid() == parent:
            engine.turn()
            wait_any(engine.peers, STEP_MS)
        if not engine.over:
            engine.leave()
    finally:
        engine.close()


def main() -> None:
    """Run the job whose file is named on the command line."""
    logs.configure()
    run(msgspec.json.decode(Path(sys.argv[1]).read_bytes(), type=Job))


if __name__ == "__main__":
    main()
