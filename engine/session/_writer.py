"""Write a screening as it happens, leaving out what is not to be recorded."""

from __future__ import annotations

from pathlib import Path

import msgspec
import numpy as np

from engine.records import EventRecord, Frame, RequestRecord
from engine.runtime import Inputs, Outputs
from engine.session._file import SessionFile
from engine.session._seconds import source_second
from engine.session._topics import (
    Configuration,
    EegSecond,
    Note,
    PlanRecord,
    SessionError,
    StepsRecord,
)

_SECOND_NS = 1_000_000_000


class SessionWriter:
    """Write a screening as it happens.

    Parameters
    ----------
    path : Path
        The file to make; its folder must exist.
    configuration : Configuration
        The first message.
    """

    def __init__(self, path: Path, configuration: Configuration) -> None:
        try:
            self._file = SessionFile(path.open("xb"))
        except OSError as error:
            raise SessionError(
                f"{path}: the session file cannot be made ({error.strerror}); "
                "free space or name another folder"
            ) from error
        self.path = path
        self._origin_ns = configuration.origin_ns
        self._seats = [tuple(h.seat for h in source) for source in configuration.sources]
        self._consents = dict(configuration.consents)
        self._channels = [len(source[0].channels) for source in configuration.sources]
        self._frames: list[list[tuple[int, Frame]]] = [[] for _ in self._seats]
        self._nows: list[int] = []
        self._closed: list[int] = []
        self._first_step = 0
        self._flushed_ns = configuration.origin_ns
        self._file.write("/configuration", configuration.origin_ns, configuration)
        self._file.flush()

    def write(self, inputs: Inputs, outputs: Outputs) -> None:
        """Append one step; a decision in it is on its way to the disk when this returns."""
        now_ns, step = inputs.now_ns, outputs.step
        for request in inputs.requests:
            self._consents[request.seat] = request.consent
            self._file.write("/seat/consent", now_ns, RequestRecord(step, request))
        for event in inputs.events:
            self._file.write("/player/event", event.hall_ns, EventRecord(step, event))
        for frame in inputs.frames:
            self._frames[frame.source].append((step, self._allowed(frame)))
        for state in outputs.states:
            self._file.write("/audience/state", self._origin_ns + state.t_ns, state)
        for plan in outputs.plans:
            self._file.write("/plan", now_ns, PlanRecord(step, plan))
        if outputs.decision is not None:
            self._file.write("/decision", now_ns, outputs.decision)
        self._nows.append(now_ns)
        self._closed.append(outputs.states[-1].state.tick + 1 if outputs.states else -1)
        if outputs.decision is not None or now_ns - self._flushed_ns >= _SECOND_NS:
            self.flush(now_ns)

    def note(self, now_ns: int, level: str, text: str) -> None:
        """Append something worth knowing, in words."""
        self._file.write("/note", now_ns, Note(now_ns - self._origin_ns, level, text))

    def flush(self, now_ns: int) -> None:
        """Write the second so far and hand it to the operating system."""
        if self._nows:
            sources = tuple(
                source_second(source, frames, self._channels[source])
                for source, frames in enumerate(self._frames)
                if frames
            )
            self._file.write("/eeg/local", now_ns, EegSecond("local", sources))
            steps = StepsRecord(self._first_step, tuple(self._nows), tuple(self._closed))
            self._file.write("/engine/steps", now_ns, steps)
            self._first_step += len(self._nows)
            self._frames = [[] for _ in self._seats]
            self._nows, self._closed = [], []
        self._file.flush()
        self._flushed_ns = now_ns

    def finish(self, now_ns: int) -> None:
        """Write what is left and seal the file."""
        self.flush(now_ns)
        self._file.finish()

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
