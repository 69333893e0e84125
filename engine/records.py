"""What enters the engine and what the session keeps, as plain data.

Stages speak their own vocabulary; these records carry it with hall time and step numbers.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Literal

import msgspec
import numpy as np
from numpy.typing import NDArray

import dsp
import narrative
import playback


class Consent(StrEnum):
    """What a viewer allows; each level includes those before it."""

    WITHDRAWN = "withdrawn"
    """Nothing: the seat is out of the average and out of the record."""
    JOINED = "joined"
    """To count in the room."""
    RECORDED = "recorded"
    """And to be in the session file."""
    RESEARCH = "research"
    """And to be handed to researchers."""

    @property
    def records(self) -> bool:
        """Whether samples may be written."""
        return self in (Consent.RECORDED, Consent.RESEARCH)


class Frame(msgspec.Struct, frozen=True, array_like=True):
    """One read of one source, as its worker sent it.

    Attributes
    ----------
    source : int
        Ordinal of the source in the show.
    seq : int
        The worker's number.
    read_ns : int
        Hall time of the read, in ns.
    runs : bytes
        int64 [runs, 3]: seat ordinal, first index, count.
    samples : bytes
        float32 [samples, channels], in uV.
    """

    source: int
    seq: int
    read_ns: int
    runs: bytes
    samples: bytes

    def runs_array(self) -> NDArray[np.int64]:
        """Give the runs as int64 [runs, 3]."""
        return np.frombuffer(self.runs, np.int64).reshape(-1, 3)

    def samples_array(self, channels: int) -> NDArray[np.float32]:
        """Give the samples as float32 [samples, channels]."""
        return np.frombuffer(self.samples, np.float32).reshape(-1, channels)


class SeatRequest(msgspec.Struct, frozen=True):
    """An operator's or a viewer's change of a seat's consent."""

    seat: str
    consent: Consent
    operator: str = ""


class Control(msgspec.Struct, frozen=True):
    """What steers the film in a study.

    Attributes
    ----------
    kind : {"yoked", "sham", "blind"}
        What the show file asks for.
    arm : {"audience", "yoked", "sham"} or None
        What steers; None until it has been drawn.
    seed : int or None
        Of the draws; None until there is one.
    session : str
        Of a yoked audience: the file name of the session it is yoked to.
    path : tuple of (int, str)
        That session's visits and their scenes, as they were on the screen.
    """

    kind: Literal["yoked", "sham", "blind"]
    arm: Literal["audience", "yoked", "sham"] | None = None
    seed: int | None = None
    session: str = ""
    path: tuple[tuple[int, str], ...] = ()

    @property
    def blind(self) -> bool:
        """Whether nobody in the hall may know the arm."""
        return self.kind == "blind"


class Calibrated(msgspec.Struct, frozen=True):
    """What a show takes from a calibration of its audience.

    Attributes
    ----------
    file : str
        Name of the calibration file.
    sha256 : str
        Its hash.
    weights : tuple of tuple of float
        Of the synchrony component, one tuple per source; empty for the montage's own.
    baselines : mapping of str to tuple
        By seat: centre and spread of every signal that has a baseline, in the order of
        `dsp.SIGNALS`; None where it has none. Empty where the film has a lead-in.
    """

    file: str
    sha256: str
    weights: tuple[tuple[float, ...], ...]
    baselines: Mapping[str, tuple[tuple[float, float] | None, ...]]


class Sounding(msgspec.Struct, frozen=True):
    """Where the effects of the scene on the screen stand.

    Attributes
    ----------
    modulations : narrative.Modulations
        Their values.
    told : int
        How many of its cues have been told of.
    """

    modulations: narrative.Modulations = narrative.Modulations()
    told: int = 0


class Course(msgspec.Struct, frozen=True):
    """Where the film stands, as an engine knows it.

    Attributes
    ----------
    machine : narrative.MachineState
        The scene on the screen, what the film remembers, what has been heard.
    zero_ns : int or None
        When the scene on the screen began, had it run without a stop, in ns since the show's
        origin; None while the film stands still.
    decided : bool
        Whether nothing is left to decide in it.
    sounding : Sounding
        Where its effects stand.
    """

    machine: narrative.MachineState
    zero_ns: int | None
    decided: bool
    sounding: Sounding = Sounding()


class Standing(msgspec.Struct, frozen=True):
    """Where an engine stands: what another goes on from.

    Attributes
    ----------
    tick : int
        The tick that is open.
    memory : dsp.Memory
        What is known of the seats.
    course : Course
        Where the film has been.
    seed : int or None
        Of the study's draws, so that another draws the same; None without a study.
    """

    tick: int
    memory: dsp.Memory
    course: Course
    seed: int | None = None


class EngineRequest(msgspec.Struct, frozen=True):
    """What comes to the engine's desk: a seat's consent, or the start of the film."""

    seat: SeatRequest | None = None
    start: bool = False


class Answer(msgspec.Struct, frozen=True):
    """The engine's answer to a request."""

    accepted: bool
    what: str


class StateRecord(msgspec.Struct, frozen=True):
    """An audience state, with its place in hall time.

    Attributes
    ----------
    t_ns : int
        Hall time of the tick's end since the show's origin, in ns.
    from_record : bool
        True if the samples behind it are all in the record, so that replay can compute it again.
    samples_crc32 : int
        CRC-32 of the tick's samples on the grid, so that a sample altered on an electrode that no
        signal reads is found too.
    state : dsp.AudienceState
        What the audience's signals are.
    """

    t_ns: int
    from_record: bool
    samples_crc32: int
    state: dsp.AudienceState


class EventRecord(msgspec.Struct, frozen=True):
    """A player event, and the step in which the engine took it in."""

    step: int
    event: playback.PlayerEvent


class RequestRecord(msgspec.Struct, frozen=True):
    """A consent change, and the step in which the engine took it in."""

    step: int
    request: SeatRequest


class DecisionRecord(msgspec.Struct, frozen=True, omit_defaults=True):
    """A decision, the plan it became, and when.

    Attributes
    ----------
    step : int
        The engine's step.
    t_ns : int
        Hall time since the show's origin, in ns.
    data_age_ns : int
        How old the newest audience state was, in ns; -1 if there was none.
    decision : narrative.Decision
        What was decided, and why.
    plan : playback.Plan
        What the player was told.
    source : str
        In a study, where the decision comes from if not from the audience's readings of now.
    """

    step: int
    t_ns: int
    data_age_ns: int
    decision: narrative.Decision
    plan: playback.Plan
    source: str = ""
