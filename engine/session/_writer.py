"""Write a screening as it happens, leaving out what is not to be recorded."""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
from pathlib import Path

import msgspec
import numpy as np

from engine.records import EventRecord, Frame, RequestRecord
from engine.runtime import Inputs, Outputs
from engine.session._file import Disk, SessionFile, create
from engine.session._parts import spill_path
from engine.session._seconds import source_second
from engine.session._topics import (
    Configuration,
    EegSecond,
    Note,
    PlanRecord,
    SessionError,
    StepsRecord,
    encode,
)

_SECOND_NS = 1_000_000_000
_RESERVE_BYTES = 64 * 1024 * 1024
"""What is left free of the refuge: sockets and journals live there too."""

_KEPT = frozenset({"/decision", "/plan", "/player/event", "/seat/consent", "/note"})
"""What is kept in memory where neither disk nor refuge takes anything."""


class SessionWriter:
    """Write a screening as it happens.

    A disk that refuses does not stop it: what it did not take, and all that follows, goes to the
    refuge. Where that refuses too the record of samples ends; decisions and what the player did
    are kept in memory until `finish`.

    Parameters
    ----------
    path : Path
        The file to make; its folder must exist.
    configuration : Configuration
        The first message.
    refuge : Path, optional
        Memory-backed folder to go on in; without it a disk that refuses is an error.
    disk : callable
        Makes files.

    Attributes
    ----------
    trouble : str
        Why the session is not where it should be; empty where it is.
    lost : int
        Samples of seats to be recorded that found no room anywhere.

    Raises
    ------
    SessionError
        The file cannot be made, and there is no refuge.
    """

    def __init__(
        self,
        path: Path,
        configuration: Configuration,
        *,
        refuge: Path | None = None,
        disk: Disk = create,
    ) -> None:
        self.path = path
        self.trouble = ""
        self.lost = 0
        self._refuge = refuge
        self._disk = disk
        self._spills = 0
        self._file: SessionFile | None = None
        self._pending: list[tuple[str, int, bytes]] = []
        self._origin_ns = configuration.origin_ns
        self._seats = [tuple(h.seat for h in source) for source in configuration.sources]
        self._consents = dict(configuration.consents)
        self._channels = [len(source[0].channels) for source in configuration.sources]
        self._frames: list[list[tuple[int, Frame]]] = [[] for _ in self._seats]
        self._nows: list[int] = []
        self._closed: list[int] = []
        self._first_step = 0
        self._flushed_ns = configuration.origin_ns
        self._keep("/configuration", configuration.origin_ns, configuration)
        try:
            self._open(path)
            self._put()
        except OSError as error:
            self._leave(error)

    def write(self, inputs: Inputs, outputs: Outputs) -> None:
        """Append one step; a decision in it is on its way to the disk when this returns."""
        now_ns, step = inputs.now_ns, outputs.step
        for request in inputs.requests:
            self._consents[request.seat] = request.consent
            self._keep("/seat/consent", now_ns, RequestRecord(step, request))
        for event in inputs.events:
            self._keep("/player/event", event.hall_ns, EventRecord(step, event))
        for frame in inputs.frames:
            self._frames[frame.source].append((step, self._allowed(frame)))
        for state in outputs.states:
            self._keep("/audience/state", self._origin_ns + state.t_ns, state)
        for plan in outputs.plans:
            self._keep("/plan", now_ns, PlanRecord(step, plan))
        if outputs.decision is not None:
            self._keep("/decision", now_ns, outputs.decision)
        for text in outputs.notes:
            self.note(now_ns, "cue", text)
        self._nows.append(now_ns)
        self._closed.append(outputs.states[-1].state.tick + 1 if outputs.states else -1)
        if outputs.decision is not None or self.due(now_ns):
            self.flush(now_ns)

    def due(self, now_ns: int) -> bool:
        """Tell whether a second has passed since the last flush."""
        return now_ns - self._flushed_ns >= _SECOND_NS

    @property
    def flushed_ns(self) -> int:
        """Hall time of the last flush, in ns."""
        return self._flushed_ns

    def note(self, now_ns: int, level: str, text: str) -> None:
        """Append something worth knowing, in words."""
        self._keep("/note", now_ns, Note(now_ns - self._origin_ns, level, text))

    def flush(self, now_ns: int) -> None:
        """Write the second so far and hand it to the operating system."""
        self._gather(now_ns)
        self._flushed_ns = now_ns
        try:
            self._put()
        except OSError as error:
            self._leave(error)

    def finish(self, now_ns: int) -> None:
        """Write what is left and seal the file."""
        self.flush(now_ns)
        if self._file is None:
            self.note(now_ns, "loss", f"{self.lost} samples found no room anywhere")
            self._take_refuge()
        if self._file is not None:
            try:
                self._file.finish()
            except OSError as error:
                # Everything was flushed: what misses the seal can be read, and is sealed later.
                self.trouble = self.trouble or f"{self.path} is not sealed ({error.strerror})"

    def _open(self, path: Path) -> None:
        self._where, self._whole = path, 0
        self._file = SessionFile(self._disk(path))

    def _keep(self, topic: str, t_ns: int, record: object) -> None:
        self._pending.append((topic, t_ns, encode(topic, record)))

    def _gather(self, now_ns: int) -> None:
        """Make the second's samples and steps ready to be written."""
        if not self._nows:
            return
        sources = tuple(
            source_second(source, frames, self._channels[source])
            for source, frames in enumerate(self._frames)
            if frames
        )
        self._keep("/eeg/local", now_ns, EegSecond("local", sources))
        steps = StepsRecord(self._first_step, tuple(self._nows), tuple(self._closed))
        self._keep("/engine/steps", now_ns, steps)
        self._first_step += len(self._nows)
        if self._file is None:
            self.lost += sum(_samples(frame) for frames in self._frames for _, frame in frames)
        self._frames = [[] for _ in self._seats]
        self._nows, self._closed = [], []

    def _put(self) -> None:
        if self._file is None:
            self._pending = [record for record in self._pending if record[0] in _KEPT]
            return
        if self._spills and shutil.disk_usage(self._refuge or "").free < _RESERVE_BYTES:
            raise OSError(errno.ENOSPC, "No space left in the refuge")
        for record in self._pending:
            self._file.write_raw(*record)
        self._file.flush()
        self._whole = self._file.size
        self._pending.clear()

    def _leave(self, error: OSError) -> None:
        """Turn to the refuge with everything that has not been taken."""
        self._cut_off()
        if self._refuge is None:
            raise SessionError(
                f"{self.path}: the session file cannot be written ({error.strerror}); "
                "free space or name another folder"
            ) from error
        self._take_refuge()
        where = self._refuge if self._file else "memory, without samples"
        self.trouble = f"{self.path} cannot be written ({error.strerror}): kept in {where}"
        if self._file is None:
            self._lose()

    def _cut_off(self) -> None:
        """Leave in the file what it has taken whole: the rest is written again elsewhere."""
        if self._file is not None:
            self._file.abandon()
            with contextlib.suppress(OSError):
                os.truncate(self._where, self._whole)
        self._file = None

    def _take_refuge(self) -> None:
        """Go on in a new file in the refuge, if it takes one."""
        assert self._refuge is not None
        self._spills += 1
        path = spill_path(self.path, self._refuge, self._spills)
        try:
            self._open(path)
            self._put()
        except OSError:
            self._cut_off()

    def _lose(self) -> None:
        """End the record of samples; count those that had been waiting."""
        for topic, _, data in self._pending:
            if topic == "/eeg/local":
                second = msgspec.msgpack.decode(data, type=EegSecond)
                self.lost += sum(
                    len(seat.samples) // 4 // self._channels[source.source]
                    for source in second.sources
                    for seat in source.seats
                )
        self._pending = [record for record in self._pending if record[0] in _KEPT]

    def _allowed(self, frame: Frame) -> Frame:
        """Take out the samples of seats that are not to be recorded."""
        seats = self._seats[frame.source]
        if all(self._consents[seat].records for seat in seats):
            return frame
        runs = frame.runs_array()
        keep = np.array(
            [self._consents[seats[ordinal]].records for ordinal in runs[:, 0]], np.bool_
        )
        samples = frame.samples_array(self._channels[frame.source])
        rows = np.repeat(keep, runs[:, 2])
        return msgspec.structs.replace(
            frame, runs=runs[keep].tobytes(), samples=samples[rows].tobytes()
        )


def _samples(frame: Frame) -> int:
    return int(frame.runs_array()[:, 2].sum())
