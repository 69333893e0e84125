"""A worker process: one source, read many times a second, sent on with numbers.

BrainFlow's calls share one lock per process, so a headset that is switched off must never share a
process with one that works. The supervisor owns the workers; they outlive the engine.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import msgspec
import structlog

from acquisition import (
    BrainFlowSpec,
    RecordingSpec,
    SimulatedSpec,
    Source,
    SourceError,
    SourceSpec,
    make_source,
)
from engine import logs
from engine.link import Outlet

READ_EVERY_MS = 40
"""How often a worker drains its source."""

READ_EVERY_NS = READ_EVERY_MS * 1_000_000

BLOCK = b"block"
NOTE = b"note"

_SPECS: dict[str, type[SourceSpec]] = {
    kind.__name__: kind for kind in (BrainFlowSpec, RecordingSpec, SimulatedSpec)
}


class WorkerNote(msgspec.Struct, frozen=True):
    """What a worker says about its source besides samples.

    Attributes
    ----------
    kind : str
        "opened", "failed" or "finished".
    text : str
        What failed and what to do.
    """

    kind: str
    text: str = ""


class WorkerOrder(msgspec.Struct, frozen=True):
    """What the engine asks of a worker.

    Attributes
    ----------
    kind : str
        "start" or "hear".
    scene : str
        With "hear": the scene on the screen.
    at_ns : int or None
        With "start": hall time of the show's origin, in ns; None for now.
    """

    kind: str
    scene: str = ""
    at_ns: int | None = None


class Job(msgspec.Struct, frozen=True):
    """What the supervisor tells a worker.

    Attributes
    ----------
    name, endpoint, cache : str
        For the log; address of its outlet; folder for converted recordings.
    kind : str
        Name of the spec's class.
    spec : raw JSON
        The spec.
    """

    name: str
    endpoint: str
    cache: str
    kind: str
    spec: msgspec.Raw


def make_job(name: str, endpoint: str, cache: Path, spec: SourceSpec) -> bytes:
    """Write a worker's job."""
    raw = msgspec.Raw(msgspec.json.encode(spec))
    return msgspec.json.encode(Job(name, endpoint, str(cache), type(spec).__name__, raw))


class Worker:
    """One source on its way into an outlet, a turn at a time.

    Parameters
    ----------
    source : Source
        Not open yet; closed by its owner.
    outlet : Outlet
        Where its samples go.
    """

    def __init__(self, source: Source, outlet: Outlet) -> None:
        self._source = source
        self._outlet = outlet
        self._started = False
        self._over = False
        self._read_ns: int | None = None

    def open(self, now_ns: int) -> str:
        """Open the source; gives the reason if that fails, and says either to whoever listens."""
        try:
            self._source.open()
            if self._source.headsets[0].live:
                self._source.start()
                self._started = True
        except SourceError as error:
            self._fail(now_ns, str(error))
            return str(error)
        self._say(now_ns, WorkerNote("opened"))
        return ""

    def turn(self, now_ns: int) -> None:
        """Do what was asked, and read the source if it is time."""
        for note in self._outlet.serve():
            self._obey(msgspec.msgpack.decode(note, type=WorkerOrder), now_ns)
        if self.left_ns(now_ns) > 0:
            return
        self._read_ns = now_ns
        if self._started and not self._over:
            self._read(now_ns)

    def _read(self, now_ns: int) -> None:
        try:
            batch = self._source.read(now_ns)
        except SourceError as error:
            self._fail(now_ns, str(error))
            return
        if len(batch.runs):
            stamp = now_ns.to_bytes(8, "little")
            runs, samples = batch.runs.tobytes(), batch.samples.tobytes()
            self._outlet.publish(now_ns, BLOCK, stamp, runs, samples)
        if self._source.finished:
            self._over = True
            self._say(now_ns, WorkerNote("finished"))

    def left_ns(self, now_ns: int) -> int:
        """Time until the source is read again, in ns; 0 or less if it is time."""
        read_ns = -READ_EVERY_NS if self._read_ns is None else self._read_ns
        return read_ns + READ_EVERY_NS - now_ns

    def _obey(self, order: WorkerOrder, now_ns: int) -> None:
        if order.kind == "hear":
            self._source.hear(order.scene)
        elif not self._started and not self._over:
            self._started = True
            try:
                self._source.start(order.at_ns)
            except SourceError as error:
                self._fail(now_ns, str(error))

    def _fail(self, now_ns: int, why: str) -> None:
        self._over = True
        self._say(now_ns, WorkerNote("failed", why))

    def _say(self, now_ns: int, note: WorkerNote) -> None:
        self._outlet.publish(now_ns, NOTE, msgspec.msgpack.encode(note))


def run(job: Job) -> None:
    """Serve one source until the supervisor is gone or ends this process."""
    log = structlog.get_logger().bind(worker=job.name)
    spec: SourceSpec = msgspec.json.decode(job.spec, type=_SPECS[job.kind])
    outlet = Outlet(job.endpoint)
    source = make_source(spec, Path(job.cache))
    worker = Worker(source, outlet)
    parent = os.getppid()
    try:
        why = worker.open(time.monotonic_ns())
        log.info("source failed" if why else "source opened", seats=len(source.headsets), why=why)
        while os.getppid() == parent:
            # Whoever speaks cuts the wait short; what is left of it is waited for, and no more.
            left_ns = worker.left_ns(time.monotonic_ns())
            outlet.wait(max(1, -(-left_ns // 1_000_000)))
            worker.turn(time.monotonic_ns())
    finally:
        source.close()
        outlet.close()


def main() -> None:
    """Run the job whose file is named on the command line."""
    logs.configure()
    run(msgspec.json.decode(Path(sys.argv[1]).read_bytes(), type=Job))


if __name__ == "__main__":
    main()
