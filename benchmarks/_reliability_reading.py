"""What the tape of a show says of a fault, and what the session does."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks._reliability_show import LENGTHS_S, SCENE
from benchmarks._room import FPS, SIZE
from benchmarks._tape import COLUMNS
from benchmarks._tape_reading import NO_CODE, QUIET, Reading
from engine.records import EventRecord
from engine.replay import replay
from engine.session import (
    Configuration,
    EegSecond,
    SessionError,
    decode,
    is_whole,
    read,
    read_configuration,
)
from playback import PlayerEvent
from playback._codes import strip_height
from playback._slate import draw_slate

FRAME_MS = 1000 / FPS
FILM, STANDING, SLATE, DARK = range(4)
"""What is on the screen; a picture stands when its time is over by a frame."""
TONE, SILENCE = range(2)
_SLATE_TOLERANCE = 2


@dataclass(frozen=True, slots=True)
class Seen:
    """What the audience saw and heard between the film's first picture and its last.

    Attributes
    ----------
    dark_ms, slate_ms : float
        How long neither film nor slate was seen, and how long the slate.
    stood_ms : float
        The longest time a picture stood beyond its own.
    lost, twice : int
        Frames of the film never seen, and seen again after others.
    silence_ms : float
        How long nothing was heard.
    unwatched_ms : float
        The longest time between two looks at the screen.
    moves_s : float
        When the film ran again after the longest time it did not, in s.
    since, picture : float64 [changes], int8 [changes]
        What was on the screen, and since when, in s.
    sound_since, sound : float64 [changes], int8 [changes]
        What was heard.
    """

    dark_ms: float
    slate_ms: float
    stood_ms: float
    lost: int
    twice: int
    silence_ms: float
    unwatched_ms: float
    moves_s: float
    since: NDArray[np.float64]
    picture: NDArray[np.int8]
    sound_since: NDArray[np.float64]
    sound: NDArray[np.int8]


@dataclass(frozen=True, slots=True)
class Kept:
    """What there is of the show afterwards.

    Attributes
    ----------
    sealed, identical : bool
        Whether the session is one sealed file, and replays.
    decided : str
        Who chose the ending.
    missing_s : float
        Seconds of samples that are not in it, of each seat.
    notes : tuple of str
        What it says itself of what is missing.
    """

    sealed: bool
    identical: bool
    decided: str
    missing_s: float
    notes: tuple[str, ...]


def see(tape: Reading) -> Seen:
    """Tell what the audience saw and heard."""
    what = tape.codes.copy()
    slate = draw_slate(SIZE)[strip_height(SIZE[1]) // 2, COLUMNS, 1].astype(np.int16)
    is_slate = (np.abs(tape.rows - slate) <= _SLATE_TOLERANCE).all(axis=1)
    what[(what == NO_CODE) & is_slate] = -SLATE
    what[what == NO_CODE] = -DARK
    film = np.flatnonzero(what >= 0)
    first, last = int(film[0]), int(film[-1])
    looks, what = tape.looks[first : last + 1], what[first : last + 1]
    starts = np.flatnonzero(np.diff(what, prepend=what[0] - 1))
    since, shown = looks[starts], what[starts]
    lasted_ms = np.diff(since, append=looks[-1]) * 1000
    pictures = shown[shown >= 0]
    heard = _heard(tape, looks[0], looks[-1])
    return Seen(
        float(lasted_ms[shown == -DARK].sum()),
        float(lasted_ms[shown == -SLATE].sum()),
        float(max(0.0, lasted_ms[shown >= 0].max() - FRAME_MS)),
        _frames_of(pictures) - len(set(pictures.tolist())),
        len(pictures) - len(set(pictures.tolist())),
        float((heard == SILENCE).sum()),
        float(np.diff(looks).max() * 1000),
        _moves_s(since, shown),
        *_strip(since, shown, lasted_ms),
        *_changes(looks[0] + np.arange(len(heard)) / 1000, heard),
    )


def _frames_of(pictures: NDArray[np.int64]) -> int:
    """Count the frames of the scenes that were shown."""
    lengths = list(LENGTHS_S.values())
    return sum(lengths[clip] * FPS for clip in set((pictures >> 16).tolist()))


def _heard(tape: Reading, since: float, until: float) -> NDArray[np.int8]:
    """Tell for every millisecond whether there was sound."""
    first, stop = (round((at - tape.begun) * 1000) for at in (since, until))
    loudness = tape.loudness[max(0, first) : stop]
    return np.where(loudness < QUIET, SILENCE, TONE).astype(np.int8)


def _moves_s(since: NDArray[np.float64], shown: NDArray[np.int64]) -> float:
    """Find the end of the longest stretch without a new picture."""
    new = since[shown >= 0]
    gap = int(np.argmax(np.diff(new)))
    return float(new[gap + 1])


def _strip(
    since: NDArray[np.float64], shown: NDArray[np.int64], lasted_ms: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.int8]]:
    """Tell what was on the screen; the second half of a picture that stands is told apart."""
    times: list[float] = []
    kinds: list[int] = []
    for start, what, ms in zip(since.tolist(), shown.tolist(), lasted_ms.tolist(), strict=True):
        times.append(start)
        kinds.append(FILM if what >= 0 else -what)
        if what >= 0 and ms > 2 * FRAME_MS:
            times.append(start + FRAME_MS / 1000)
            kinds.append(STANDING)
    return _changes(np.array(times), np.array(kinds, np.int8))


def _changes(
    times: NDArray[np.float64], kinds: NDArray[np.int8]
) -> tuple[NDArray[np.float64], NDArray[np.int8]]:
    """Leave out what says the same again."""
    new = np.diff(kinds, prepend=-1) != 0
    return times[new], kinds[new]


def keep(session: Path, refuge: Path) -> Kept:
    """Tell what there is of the show afterwards."""
    try:
        identical = replay(session).identical
        notes, missing_s = _notes(session), _missing_s(session)
        decided = _decided(session)
    except SessionError as error:
        return Kept(False, False, "unknown", float("nan"), (str(error),))
    return Kept(is_whole(session, refuge), identical, decided, missing_s, notes)


def _events(session: Path) -> list[PlayerEvent]:
    """Read what the player did, also what it did alone."""
    found = []
    for topic, _, data in read(session):
        if topic in ("/player/event", "/player/journal"):
            record = decode(topic, data)
            found.append(record.event if isinstance(record, EventRecord) else record)
    return sorted(found, key=lambda event: event.hall_ns)


def _decided(session: Path) -> str:
    """Tell who chose the ending: the audience, or a default, of the engine's or the player's."""
    started = [event for event in _events(session) if event.kind == "started"]
    by = next((b.by for a, b in pairwise(started) if a.scene == SCENE), "")
    decisions = [
        decode(topic, data).decision for topic, _, data in read(session) if topic == "/decision"
    ]
    words = [d.by for d in decisions if d.scene == SCENE]
    return str(words[-1]) if by == "engine" and words else f"{by}, no engine"


def _notes(session: Path) -> tuple[str, ...]:
    """Read what the session says of its losses."""
    notes = [decode(topic, data) for topic, _, data in read(session) if topic == "/note"]
    return tuple(dict.fromkeys(note.text for note in notes if note.level == "loss"))


def _missing_s(session: Path) -> float:
    """Count what was measured until the film's end and is not there, in seconds of each seat."""
    start = read_configuration(session)
    headsets = start.sources[0]
    rate = headsets[0].rate
    ended_ns = max(event.hall_ns for event in _events(session) if event.kind == "ended")
    there = np.zeros((len(headsets), int((ended_ns - start.origin_ns) * rate / 1e9)), np.bool_)
    shift = 0
    for topic, _, data in read(session):
        if topic == "/configuration":
            configuration: Configuration = decode(topic, data)
            shift = round((configuration.origin_ns - start.origin_ns) * rate / 1e9)
        elif topic == "/eeg/local":
            _mark(there, decode(topic, data), shift)
    return float((~there).sum() / len(headsets) / rate)


def _mark(there: NDArray[np.bool_], second: EegSecond, shift: int) -> None:
    for source in second.sources:
        for frame in source.frames:
            for seat, first, count in np.frombuffer(frame.runs, np.int64).reshape(-1, 3).tolist():
                there[seat, shift + first : shift + first + count] = True
