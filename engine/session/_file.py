"""The MCAP file itself: written topic by topic, read as far as it goes."""

from __future__ import annotations

import contextlib
import struct
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO, TypeAlias

import zstandard
from mcap.exceptions import McapError
from mcap.records import Channel, McapRecord, Message
from mcap.stream_reader import StreamReader
from mcap.writer import Writer

from engine.session._topics import (
    TOPICS,
    Configuration,
    SessionError,
    decode,
    encode,
    json_schema,
)

Disk: TypeAlias = Callable[[Path], BinaryIO]
"""Makes a new file; raises OSError where it cannot, as do the file's own methods."""

_MAGIC = b"\x89MCAP0\r\n"


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

    @property
    def size(self) -> int:
        """Bytes of it so far; after `flush` all of them are with the operating system."""
        return self._stream.tell()

    def abandon(self) -> None:
        """Close the file as it is; what has not been flushed may or may not be in it."""
        with contextlib.suppress(OSError):
            self._stream.close()

    def finish(self) -> None:
        """Write the index and close the file."""
        self._writer.finish()  # type: ignore[no-untyped-call]  # mcap has no types
        self._stream.close()

    def _register(self, topic: str) -> int:
        kind, encoding = TOPICS[topic]
        schema = self._writer.register_schema(kind.__name__, "jsonschema", json_schema(kind))
        self._channels[topic] = self._writer.register_channel(topic, encoding, schema)
        return self._channels[topic]


def create(path: Path) -> BinaryIO:
    """Make a file that must not be there yet."""
    return path.open("xb")


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
        start = stream.read(8)
        if _MAGIC.startswith(start) and start != _MAGIC:
            return  # cut off before it began
        if start != _MAGIC:
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


def read_path(path: Path) -> tuple[tuple[int, str], ...]:
    """Read what was on a session's screen: each visit and its scene, in order.

    Raises
    ------
    SessionError
        The file is no session, or nothing was on the screen.
    """
    shown: dict[int, str] = {}
    for topic, _, data in read(path):
        if topic in ("/player/event", "/player/journal"):
            record = decode(topic, data)
            event = getattr(record, "event", record)
            if event.visit >= 0:
                shown.setdefault(event.visit, event.scene)
    if not shown:
        raise SessionError(f"{path}: nothing was on the screen; the film was never started")
    return tuple(sorted(shown.items()))


def is_sealed(path: Path) -> bool:
    """Tell whether the file was finished: it ends in MCAP's closing magic."""
    with path.open("rb") as stream:
        stream.seek(0, 2)
        if stream.tell() < 16:
            return False
        stream.seek(-8, 2)
        return stream.read(8) == _MAGIC


def _records(stream: BinaryIO, path: Path) -> Iterator[McapRecord]:
    """Records up to the end; up to the cut in a file that was never sealed."""
    try:
        yield from StreamReader(stream).records
    except (McapError, ValueError, struct.error, zstandard.ZstdError) as error:
        if is_sealed(path):
            raise SessionError(
                f"{path}: damaged at byte {stream.tell()} ({error}); take it from a copy"
            ) from error
