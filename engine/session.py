"""The session file: one MCAP per screening, everything that happened in it.

The first message is the whole configuration. Samples go in as one message per node and second, in
which each seat's samples lie apart (so that each can have its own key) and the arrival boundaries
are kept; everything else is JSON with its schema inside. The file is flushed every second and
before every decision is sent: what a killed engine leaves can be read up to there.
"""

from __future__ import annotations

import functools
import struct
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO

import msgspec
import numpy as np
import zstandard
from mcap.exceptions import McapError
from mcap.records import Channel, McapRecord, Message
from mcap.stream_reader import StreamReader
from mcap.writer import Writer
from numpy.typing import NDArray

import dsp
from acquisition import Headset
from engine.records import (
    Consent,
    DecisionRecord,
    EventRecord,
    Frame,
    RequestRecord,
    StateRecord,
)
from engine.runtime import Inputs, Outputs
from playback import FilmTable, Plan, PlayerEvent

FORMAT = 1
"""Number of the session format."""

_SECOND_NS = 1_000_000_000


class SessionError(Exception):
    """A session file cannot be read or written; the message says which and what to do."""


class Configuration(msgspec.Struct, frozen=True):
    """The first message of a session: all that replay needs besides what happened.

    Attributes
    ----------
    format : int
        Number of the session format.
    versions : mapping of str to str
        Packages and their versions.
    title, started_at : str
        The show's title; wall-clock start (ISO 8601).
    origin_ns, term : int
        Hall time of the show's origin in ns; the engine's number.
    film_name, film_text, film_sha256 : str
        The film's file name and text; a hash over it and its clips.
    table : FilmTable
        The film as the player has it.
    sources : tuple of tuple of Headset
        The headsets of each source.
    consents : mapping of str to Consent
        Each seat's consent at the start.
    settings : dsp.Settings
        The recipe's numbers.
    """

    format: int
    versions: Mapping[str, str]
    title: str
    started_at: str
    origin_ns: int
    term: int
    film_name: str
    film_text: str
    film_sha256: str
    table: FilmTable
    sources: tuple[tuple[Headset, ...], ...]
    consents: Mapping[str, Consent]
    settings: dsp.Settings


class FrameRecord(msgspec.Struct, frozen=True, array_like=True):
    """One read of one source: where its arrival boundaries lie."""

    step: int
    seq: int
    read_ns: int
    runs: bytes


class SeatSamples(msgspec.Struct, frozen=True, array_like=True):
    """One seat's samples of a second (float32, uV); key 0 means they are not encrypted."""

    ordinal: int
    key_id: int
    samples: bytes


class SourceSecond(msgspec.Struct, frozen=True):
    """What one source gave in a second."""

    source: int
    frames: tuple[FrameRecord, ...]
    seats: tuple[SeatSamples, ...]


class EegSecond(msgspec.Struct, frozen=True):
    """What one node's sources gave in a second."""

    node: str
    sources: tuple[SourceSecond, ...]


class StepsRecord(msgspec.Struct, frozen=True):
    """The steps of a second: hall time of each (ns), and the ticks closed after each."""

    first_step: int
    now_ns: tuple[int, ...]
    closed: tuple[int, ...]


class Note(msgspec.Struct, frozen=True):
    """A fault or another thing worth knowing, in words."""

    t_ns: int
    level: str
    text: str


class PlanRecord(msgspec.Struct, frozen=True):
    """A plan that the player was sent, and the step in which it was."""

    step: int
    plan: Plan


TOPICS: Mapping[str, tuple[type, str]] = {
    "/configuration": (Configuration, "json"),
    "/eeg/local": (EegSecond, "msgpack"),
    "/engine/steps": (StepsRecord, "json"),
    "/audience/state": (StateRecord, "json"),
    "/decision": (DecisionRecord, "json"),
    "/plan": (PlanRecord, "json"),
    "/player/event": (EventRecord, "json"),
    "/player/journal": (PlayerEvent, "json"),
    "/seat/consent": (RequestRecord, "json"),
    "/note": (Note, "json"),
}
"""Topic -> type of its messages, and how they are encoded."""

_ENCODE: Mapping[str, Callable[[Any], bytes]] = {
    "json": msgspec.json.Encoder().encode,
    "msgpack": msgspec.msgpack.Encoder().encode,
}


def encode(topic: str, record: object) -> bytes:
    """Encode a record as its topic's messages are."""
    return _ENCODE[TOPICS[topic][1]](record)


@functools.cache
def _decoder(topic: str) -> Callable[[bytes], Any]:
    kind, encoding = TOPICS[topic]
    if encoding == "json":
        return msgspec.json.Decoder(kind).decode
    return msgspec.msgpack.Decoder(kind).decode


def decode(topic: str, data: bytes) -> Any:
    """Decode one message of a topic.

    Raises
    ------
    SessionError
        The message does not have the form this version knows.
    """
    try:
        return _decoder(topic)(data)
    except msgspec.MsgspecError as error:
        raise SessionError(
            f"a message on {topic} cannot be understood ({error}); was the session written by "
            "another version of Neural Hall?"
        ) from error


class SessionFile:
    """An MCAP file with the hall's topics, open for writing.

    Parameters
    ----------
    stream : binary file
        Where it goes; closed by `finish`.
    """

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._writer = Writer(stream)
        self._writer.start(profile="", library="neural-hall")
        self._channels: dict[str, int] = {}
        self._sequence: dict[str, int] = {}

    def write(self, topic: str, t_ns: int, record: object) -> None:
        """Append one record at its hall time (ns)."""
        self.write_raw(topic, t_ns, encode(topic, record))

    def write_raw(self, topic: str, t_ns: int, data: bytes) -> None:
        """Append one record that is encoded already."""
        channel = self._channels.get(topic)
        if channel is None:
            channel = self._register(topic)
        sequence = self._sequence[topic] = self._sequence.get(topic, -1) + 1
        self._writer.add_message(channel, t_ns, data, t_ns, sequence)

    def flush(self) -> None:
        """Hand everything written to the operating system."""
        self._writer.flush()  # type: ignore[no-untyped-call]  # mcap has no types

    def finish(self) -> None:
        """Write the index and close the file."""
        self._writer.finish()  # type: ignore[no-untyped-call]  # mcap has no types
        self._stream.close()

    def _register(self, topic: str) -> int:
        kind, encoding = TOPICS[topic]
        schema = self._writer.register_schema(kind.__name__, "jsonschema", _schema(kind))
        self._channels[topic] = self._writer.register_channel(topic, encoding, schema)
        return self._channels[topic]


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
                _source_second(source, frames, self._channels[source])
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


def read(path: Path) -> Iterator[tuple[str, int, bytes]]:
    """Read a session's messages in the order in which they were written.

    A file that was cut off is read up to the cut.

    Yields
    ------
    topic : str
        One of `TOPICS`; others are left out.
    t_ns : int
        Hall time in ns.
    data : bytes
        The encoded record.

    Raises
    ------
    SessionError
        There is no such file, it is no session, or it was damaged after it had been sealed.
    """
    try:
        stream = path.open("rb")
    except OSError as error:
        raise SessionError(f"{path}: cannot be opened ({error.strerror})") from error
    with stream:
        if stream.read(8) != b"\x89MCAP0\r\n":
            raise SessionError(f"{path}: not a session file (sessions are *.mcap)")
        stream.seek(0)
        topics: dict[int, str] = {}
        for record in _records(stream, path):
            if isinstance(record, Channel) and record.topic in TOPICS:
                topics[record.id] = record.topic
            elif isinstance(record, Message) and record.channel_id in topics:
                yield topics[record.channel_id], record.log_time, record.data


def read_configuration(path: Path) -> Configuration:
    """Read a session's first message.

    Raises
    ------
    SessionError
        The file is no session, or was cut off before its first message.
    """
    for topic, _, data in read(path):
        if topic == "/configuration":
            configuration: Configuration = decode(topic, data)
            return configuration
    raise SessionError(f"{path}: holds no configuration; nothing was flushed before it was cut off")


def is_sealed(path: Path) -> bool:
    """Tell whether the file was finished: it ends in MCAP's closing magic."""
    with path.open("rb") as stream:
        stream.seek(0, 2)
        if stream.tell() < 16:
            return False
        stream.seek(-8, 2)
        return stream.read(8) == b"\x89MCAP0\r\n"


def recover(path: Path, journal: Sequence[PlayerEvent] = ()) -> dict[str, int]:
    """Seal what a crash left, and add the cuts that the player made alone.

    The file is replaced only when the sealed copy is complete.

    Parameters
    ----------
    path : Path
        The session.
    journal : sequence of PlayerEvent
        The player's own journal; events that the session has already are left out.

    Returns
    -------
    dict of str to int
        Messages per topic in the sealed file.
    """
    read_configuration(path)
    sealed = path.with_suffix(".recovering")
    counts: dict[str, int] = {}
    known: set[tuple[str, int, int]] = set()
    file = SessionFile(sealed.open("wb"))
    for topic, t_ns, data in read(path):
        if topic in ("/player/event", "/player/journal"):
            record = decode(topic, data)
            known.add(_identity(getattr(record, "event", record)))
        file.write_raw(topic, t_ns, data)
        counts[topic] = counts.get(topic, 0) + 1
    for event in journal:
        if _identity(event) not in known:
            file.write("/player/journal", event.hall_ns, event)
            counts["/player/journal"] = counts.get("/player/journal", 0) + 1
    file.finish()
    sealed.replace(path)
    return counts


def frames_of(second: SourceSecond, channels: int) -> Iterator[tuple[int, Frame]]:
    """Put a second's frames together again, each with the step that took it in."""
    runs = [np.frombuffer(frame.runs, np.int64).reshape(-1, 3) for frame in second.frames]
    order = _by_seat(np.concatenate(runs))
    by_seat = np.frombuffer(b"".join(seat.samples for seat in second.seats), np.float32)
    samples = np.empty((order.size, channels), np.float32)
    samples[order] = by_seat.reshape(-1, channels)
    row = 0
    for frame, frame_runs in zip(second.frames, runs, strict=True):
        stop = row + int(frame_runs[:, 2].sum())
        yield (
            frame.step,
            Frame(second.source, frame.seq, frame.read_ns, frame.runs, samples[row:stop].tobytes()),
        )
        row = stop


def _source_second(source: int, frames: list[tuple[int, Frame]], channels: int) -> SourceSecond:
    runs = np.concatenate([frame.runs_array() for _, frame in frames])
    samples = np.concatenate([frame.samples_array(channels) for _, frame in frames])
    order = _by_seat(runs)
    sorted_samples = samples[order]
    counts = np.bincount(runs[:, 0], weights=runs[:, 2]).astype(np.int64)
    stops = np.cumsum(counts)
    seats = tuple(
        SeatSamples(ordinal, 0, sorted_samples[stop - count : stop].tobytes())
        for ordinal, (count, stop) in enumerate(zip(counts.tolist(), stops.tolist(), strict=True))
        if count
    )
    records = tuple(
        FrameRecord(step, frame.seq, frame.read_ns, frame.runs) for step, frame in frames
    )
    return SourceSecond(source, records, seats)


def _by_seat(runs: NDArray[np.int64]) -> NDArray[np.intp]:
    """Rows in the order of seats, each seat's in the order of arrival."""
    return np.argsort(np.repeat(runs[:, 0].astype(np.int16), runs[:, 2]), kind="stable")


def _identity(event: PlayerEvent) -> tuple[str, int, int]:
    return event.kind, event.visit, event.hall_ns


def _records(stream: BinaryIO, path: Path) -> Iterator[McapRecord]:
    """Records up to the end; up to the cut in a file that was never sealed."""
    try:
        yield from StreamReader(stream).records
    except (McapError, ValueError, struct.error, zstandard.ZstdError) as error:
        if is_sealed(path):
            raise SessionError(
                f"{path}: damaged at byte {stream.tell()} ({error}); take it from a copy"
            ) from error


def _schema(kind: type) -> bytes:
    """JSON Schema with the object on top, as viewers of MCAP files expect it."""
    schema = msgspec.json.schema(kind)
    definitions = schema.pop("$defs", {})
    name = schema.pop("$ref", "").removeprefix("#/$defs/")
    top = definitions.pop(name, schema)
    return msgspec.json.encode({**top, **({"$defs": definitions} if definitions else {})})
