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
    """

    kind: str
    scene: str = ""


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


def run(job: Job) -> None:
    """Serve one source until the supervisor is gone or ends this process."""
    log = structlog.get_logger().bind(worker=job.name)
    spec: SourceSpec = msgspec.json.decode(job.spec, type=_SPECS[job.kind])
    outlet = Outlet(job.endpoint)
    source = make_source(spec, Path(job.cache))
    parent = os.getppid()
    try:
        source.open()
        _say(outlet, WorkerNote("opened"))
        log.info("source opened", seats=len(source.headsets))
        _serve(source, outlet, parent)
    except SourceError as error:
        log.error("source failed", why=str(error))
        _say(outlet, WorkerNote("failed", str(error)))
        while os.getppid() == parent:
            outlet.wait(1000)
            outlet.serve()
    finally:
        source.close()
        outlet.close()


def _serve(source: Source, outlet: Outlet, parent: int) -> None:
    started = finished = False
    if source.headsets[0].live:
        source.start()
        started = True
    beat_ns = 0
    while os.getppid() == parent:
        # Whoever speaks cuts the wait short; what is left of it is waited for, and no more.
        left_ns = beat_ns + READ_EVERY_MS * 1_000_000 - time.monotonic_ns()
        outlet.wait(max(1, -(-left_ns // 1_000_000)))
        for note in outlet.serve():
            order = msgspec.msgpack.decode(note, type=WorkerOrder)
            if order.kind == "start":
                source.start()
                started = True
            else:
                source.hear(order.scene)
        now_ns = time.monotonic_ns()
        if now_ns - beat_ns < READ_EVERY_MS * 1_000_000:
            continue
        beat_ns = now_ns
        if not started:
            continue
        batch = source.read(now_ns)
        if len(batch.runs):
            stamp = now_ns.to_bytes(8, "little")
            outlet.publish(now_ns, BLOCK, stamp, batch.runs.tobytes(), batch.samples.tobytes())
        if source.finished and not finished:
            finished = True
            _say(outlet, WorkerNote("finished"))


def _say(outlet: Outlet, note: WorkerNote) -> None:
    outlet.publish(time.monotonic_ns(), NOTE, msgspec.msgpack.encode(note))


def main() -> None:
    """Run the job whose file is named on the command line."""
    logs.configure()
    run(msgspec.json.decode(Path(sys.argv[1]).read_bytes(), type=Job))


if __name__ == "__main__":
    main()
