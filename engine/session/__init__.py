"""The session file: one MCAP per screening, everything that happened in it.

The first message is the whole configuration. Samples go in as one message per node and second, in
which each seat's samples lie apart (so that each can have its own key) and the arrival boundaries
are kept; everything else is JSON with its schema inside. The file is flushed every second and
before every decision is sent: what a killed engine leaves can be read up to there. An engine that
takes over writes a part of its own, and a disk that refuses has the rest written to memory;
`recover` makes one sealed file of it all.
"""

from engine.session._file import (
    Disk,
    SessionFile,
    create,
    is_sealed,
    read,
    read_configuration,
    read_path,
)
from engine.session._parts import is_whole, part_path, parts_of, recover
from engine.session._seconds import frames_of, source_second
from engine.session._topics import (
    FORMAT,
    TOPICS,
    Configuration,
    EegSecond,
    FrameRecord,
    Note,
    PlanRecord,
    SeatSamples,
    SessionError,
    SourceSecond,
    StepsRecord,
    decode,
    encode,
    film_of,
)
from engine.session._writer import SessionWriter

__all__ = [
    "FORMAT",
    "TOPICS",
    "Configuration",
    "Disk",
    "EegSecond",
    "FrameRecord",
    "Note",
    "PlanRecord",
    "SeatSamples",
    "SessionError",
    "SessionFile",
    "SessionWriter",
    "SourceSecond",
    "StepsRecord",
    "create",
    "decode",
    "encode",
    "film_of",
    "frames_of",
    "is_sealed",
    "is_whole",
    "part_path",
    "parts_of",
    "read",
    "read_configuration",
    "read_path",
    "recover",
    "source_second",
]
