"""What is in a session: its topics, and how each record is encoded."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import Any

import msgspec

import dsp
import narrative
from acquisition import Headset
from engine.norms import Norms
from engine.records import (
    Calibrated,
    Consent,
    Control,
    DecisionRecord,
    EventRecord,
    RequestRecord,
    Standing,
    StateRecord,
)
from playback import FilmTable, Plan, PlayerEvent

FORMAT = 1
"""Number of the session format."""


class SessionError(Exception):
    """A session file cannot be read or written; the message says which and what to do."""


class Configuration(msgspec.Struct, frozen=True):
    """The first message of a session: all that replay needs besides what happened.

    Another follows where another engine has taken over.

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
    standing : Standing or None
        Where the engine before this one stood, without the seats that allow no record; None at
        the beginning of a show.
    control : Control or None
        What steers in a study, with its arm and its seed; None where the audience simply does.
    zones : mapping of str to tuple of str
        Seats by zone of the hall.
    norms : Norms or None
        Of the film's scenes; None where the show has none.
    calibrated : Calibrated or None
        What the show takes from a calibration; None where it names none. Baselines of seats that
        allow no record are not in it.
    seed : int
        Of the film's chances.
    linear : bool
        Whether the film goes along the director's path.
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
    standing: Standing | None = None
    control: Control | None = None
    zones: Mapping[str, tuple[str, ...]] = {}
    norms: Norms | None = None
    calibrated: Calibrated | None = None
    seed: int = 0
    linear: bool = False


def film_of(configuration: Configuration) -> narrative.Film:
    """Give the film of a session, as it was shown.

    Raises
    ------
    narrative.FilmError
        This version does not take it.
    """
    return _film(configuration.film_text, configuration.film_name, configuration.linear)


@functools.lru_cache(2)
def _film(text: str, name: str, linear: bool) -> narrative.Film:
    """Read a film; every engine's part of a session holds the same."""
    film = narrative.load_film(text, name)
    return film.as_linear() if linear else film


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


def json_schema(kind: type) -> bytes:
    """JSON Schema with the object on top, as viewers of MCAP files expect it."""
    schema = msgspec.json.schema(kind)
    definitions = schema.pop("$defs", {})
    name = schema.pop("$ref", "").removeprefix("#/$defs/")
    top = definitions.pop(name, schema)
    return msgspec.json.encode({**top, **({"$defs": definitions} if definitions else {})})
