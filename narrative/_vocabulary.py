"""The film format's words: for each mapping of a film file its keys, with a line on each.

The loader refuses every other key, and the JSON Schema for editors is built from the same tables.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, TypeAlias, get_args

from narrative._duration import DURATION
from narrative._film import Drive

__all__ = [
    "ADDRESS",
    "BASELINES",
    "BED",
    "BRANCH",
    "BYTE",
    "CHANGE",
    "CHANNEL",
    "CLIP",
    "COUNT",
    "COUNT_MOST",
    "COUNT_START",
    "CUT",
    "CUTS",
    "DRIVES",
    "FILM",
    "FPS",
    "GAIN",
    "LANGUAGE",
    "LIGHTS",
    "MESSAGES",
    "MIDI",
    "MODULATION",
    "MOST_ARGUMENTS",
    "MOST_COUNTED",
    "NAME",
    "OSC",
    "PART",
    "PERCENT",
    "READING",
    "ROUNDS",
    "SCENE",
    "USE",
    "Choice",
    "Either",
    "Key",
    "Kind",
    "ListOf",
    "Named",
    "Scalar",
    "Table",
]

MOST_COUNTED: Final = 1000
"""Greatest value that a count may have."""

NAME: Final = r"[A-Za-z][A-Za-z0-9_]*"
"""Pattern of names: scenes, variables, beds, parts, parameters, threads."""

LANGUAGE: Final = r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*"
FPS: Final = r"[0-9]{1,6}(\.[0-9]{1,3}|/[1-9][0-9]{0,3})?"
GAIN: Final = r"(?P<amount>[+-]?[0-9]{1,3}(\.[0-9]{1,3})?)\s*dB"
PERCENT: Final = r"(?P<amount>[0-9]{1,3}(\.[0-9]{1,3})?)\s*%"
CHANGE: Final = r"[+-]?[0-9]{1,4}"
ADDRESS: Final = r"(/[^\s#*,?\[\]{}/]+)+"
"""An OSC address (OSC 1.0: what patterns are written with is no part of it)."""


@dataclass(frozen=True, slots=True)
class Scalar:
    """One value.

    Parameters
    ----------
    says : str
        What it is, for editors.
    types : tuple of str
        What YAML may take it for, in JSON's names.
    pattern : str
        What its text matches as a whole; empty for any.
    least, most : float or None
        Limits of a number, both included.
    """

    says: str
    types: tuple[str, ...] = ("string",)
    pattern: str = ""
    least: float | None = None
    most: float | None = None


@dataclass(frozen=True, slots=True)
class Choice:
    """One of these words."""

    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ListOf:
    """A list, of so many items at least and at most."""

    item: Kind
    least: int = 0
    most: int | None = None


@dataclass(frozen=True, slots=True)
class Named:
    """A mapping whose keys are names of the filmmaker's own, or language tags."""

    item: Kind
    pattern: str = NAME
    least: int = 0


@dataclass(frozen=True, slots=True)
class Either:
    """One of several kinds."""

    kinds: tuple[Kind, ...]


@dataclass(frozen=True, slots=True)
class Key:
    """A key of a mapping.

    Parameters
    ----------
    kind : Kind
        What its value may be.
    says : str
        One line for editors.
    needed : str
        What to write where it is missing; empty for a key that may be left out.
    """

    kind: Kind
    says: str
    needed: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """A mapping with keys of the format's own, and what to do instead of some others."""

    name: str
    keys: Mapping[str, Key]
    refused: Mapping[str, str] = field(default_factory=dict)


Kind: TypeAlias = Scalar | Choice | ListOf | Named | Either | Table

_TEXT = Scalar("A text on one line.", ("string", "number", "boolean"))
_NAMED = Scalar("A name: letters, digits and _, a letter first.", pattern=NAME)
_TARGET = Scalar("A scene.", pattern=rf"{NAME}(\.{NAME})*")
_FLAG = Scalar("true or false.", ("boolean",))
_DURATION = Scalar("A duration: 24 s, 500 ms, 2 min.", pattern=DURATION)
_NUMBER = Scalar("A number.", ("number",))
_CONFIDENCE = Scalar("From 0.5 to below 1.", ("number",), least=0.5, most=0.999999999)
COUNT_START = Scalar("A whole number.", ("integer",), least=0, most=MOST_COUNTED)
COUNT_MOST = Scalar(f"1 to {MOST_COUNTED}.", ("integer",), least=1, most=MOST_COUNTED)
ROUNDS = Scalar("2 to 1000.", ("integer",), least=2, most=1000)
_FRAMES = Scalar(
    'A timecode at the film\'s fps ("01:00:04:12"), or a whole number of frames.',
    ("string", "integer"),
    pattern=r"[0-9]{2}:[0-5][0-9]:[0-5][0-9]:[0-9]{2,3}|[0-9]{1,9}",
)
_GAIN = Scalar("A gain: -12 dB.", pattern=GAIN)
_PERCENT = Scalar("0 % to 100 %.", pattern=PERCENT)
_GUARD = Scalar("A condition: engagement > 0.7 and engagement.t > 3 for 5 s.")
_SIGNAL = Scalar("A signal: engagement, engagement.trend, engagement.zone(left).")
_CHANGE = Scalar(
    "true or false for a flag; for a count 2 (sets), +1 or -1 (adds).",
    ("boolean", "integer", "string"),
    pattern=CHANGE,
)
_ARGUMENT = Scalar("A value for the parameter.", ("string", "number", "boolean"))
_TEXTS = Named(_TEXT, LANGUAGE)
_WARNINGS = ListOf(_TEXTS)
_SETS = Named(_CHANGE)
_PAIR = ListOf(_NUMBER, 2, 2)

BYTE = Scalar("0 to 127.", ("integer",), least=0, most=127)
CHANNEL = Scalar("1 to 16.", ("integer",), least=1, most=16)

MESSAGES = Choice(("note", "control", "program"))
DRIVES = Choice(get_args(Drive))
BASELINES = Choice(("lead_in", "calibration"))
MOST_ARGUMENTS: Final = 16
"""Of an OSC message."""

CLIP = Table(
    "clip",
    {
        "file": Key(_TEXT, "Path, relative to the film file.", "file: clips/reel1.mkv"),
        "in": Key(_FRAMES, "First frame shown; the clip's first without it."),
        "out": Key(_FRAMES, "First frame not shown any more; the clip's end without it."),
    },
)
_CLIP = Either((_TEXT, CLIP))

READING = Table(
    "reading",
    {
        "from": Key(_DURATION, "When guards begin to be evaluated, in scene time.", "from: 3 s"),
        "to": Key(_DURATION, "When they stop; 1 s before the cut at the latest.", "to: 21 s"),
    },
)

BRANCH = Table(
    "branch",
    {
        "when": Key(_GUARD, "The condition.", "when: engagement > 0.7 for 5 s"),
        "to": Key(
            _TARGET, "The scene that follows if it is met.", "to: and the scene that follows"
        ),
        "set": Key(_SETS, "Variables changed when it is taken."),
    },
)

CUT = Table(
    "cut",
    {
        "when": Key(_GUARD, "The condition.", "when: engagement.trend < 0"),
        "to": Key(_NAMED, "A thread, or other: the next in order.", "to: other"),
    },
    refused={"set": "A cut chooses the picture only. Put set: into the scene, or into a branch."},
)

CUTS = Table(
    "cuts",
    {
        "every": Key(_DURATION, "Time between two possible cuts; 3 s or more.", "every: 6 s"),
        "first": Key(_NAMED, "The thread that begins; without it, the first."),
        "confidence": Key(_CONFIDENCE, "Least confidence of what these branches read."),
        "branches": Key(
            ListOf(CUT, 1),
            "Tried in this order at each cut; without one that is met, the thread goes on.",
            "branches: [{when: engagement.trend < 0, to: other}]",
        ),
    },
)

_AT = Key(_DURATION, "Scene time.", "at: 0 s")

LIGHTS = Table(
    "lights",
    {
        "at": _AT,
        "lights": Key(_PERCENT, "Level of the house lights.", "lights: 10 %"),
        "in": Key(_DURATION, "How long they take."),
    },
)

OSC = Table(
    "osc",
    {
        "at": _AT,
        "osc": Key(Scalar("An OSC address.", pattern=ADDRESS), "Address.", "osc: /lamp/1"),
        "values": Key(ListOf(_NUMBER, 0, MOST_ARGUMENTS), "Its arguments."),
    },
)

MIDI = Table(
    "midi",
    {
        "at": _AT,
        "midi": Key(MESSAGES, "Kind of message.", "midi: note"),
        "channel": Key(CHANNEL, "1 to 16.", "channel: 1"),
        "values": Key(
            ListOf(BYTE, 1, 2),
            "Note and velocity, controller and value, or program; 0 to 127.",
            "values: [60, 90]",
        ),
    },
)

MODULATION = Table(
    "modulation",
    {
        "signal": Key(_SIGNAL, "What is read.", "signal: engagement"),
        "from": Key(_PAIR, "Two readings.", "from: [-1, 1]"),
        "drives": Key(
            DRIVES,
            "Gain of the sound in dB, its low-pass in Hz, strength of a grade, an OSC value.",
            "drives: gain",
        ),
        "to": Key(_PAIR, "The values at those readings.", "to: [-6, 0]"),
        "slew": Key(_NUMBER, "Most change in a second.", "slew: 2"),
        "rest": Key(_NUMBER, "The value without a reading.", "rest: -3"),
        "target": Key(_TEXT, "The OSC address, or the grade's LUT file."),
    },
)

SCENE = Table(
    "scene",
    {
        "title": Key(_TEXTS, "Title by language."),
        "clip": Key(_CLIP, "A file, or a stretch of one."),
        "threads": Key(Named(_CLIP, least=2), "Clips side by side, between which the film cuts."),
        "cuts": Key(CUTS, "When it cuts between the threads."),
        "length": Key(_DURATION, "Planned length; needed with threads."),
        "lead_in": Key(_FLAG, "The audience's baseline freezes at its end."),
        "reading": Key(READING, "When guards are evaluated."),
        "branches": Key(ListOf(BRANCH), "Where the film may go; tried in this order."),
        "default": Key(_TARGET, "The scene that follows when no branch is taken."),
        "linear": Key(_TARGET, "The next scene on the director's path; without it, the default."),
        "ending": Key(_FLAG, "The film ends with it."),
        "set": Key(_SETS, "Variables changed when it is entered."),
        "bed": Key(_NAMED, "The music under it."),
        "bumper": Key(ROUNDS, "How often it is shown while no branch is met, in all."),
        "confidence": Key(_CONFIDENCE, "Its own least confidence."),
        "warnings": Key(_WARNINGS, "Content warnings by language."),
        "photosensitive": Key(_FLAG, "It flashes, and the audience is told."),
        "cues": Key(ListOf(Either((LIGHTS, OSC, MIDI))), "What the house does, and when."),
        "modulations": Key(ListOf(MODULATION), "What signals drive."),
    },
)

USE = Table(
    "use",
    {
        "part": Key(_NAMED, "The part that is shown here.", "part: and its name"),
        "with": Key(Named(_ARGUMENT), "Its parameters' values."),
    },
    refused=dict.fromkeys(SCENE.keys, "Put it into the part's scenes, or remove part:."),
)

_SCENES = Named(Either((SCENE, USE)), least=1)

PART = Table(
    "part",
    {
        "parameters": Key(ListOf(_NAMED), "Names that stand as $name in its scenes."),
        "start": Key(_NAMED, "Its first scene.", "start: and the name of its first scene"),
        "scenes": Key(_SCENES, "Its scenes.", "scenes: and at least one"),
    },
)

BED = Table(
    "bed",
    {
        "file": Key(_TEXT, "Path, relative to the film file.", "file: music/drone.wav"),
        "gain": Key(_GAIN, "Level; 0 dB without it."),
        "fade": Key(_DURATION, "How long it takes to come and to go; 1 s without it."),
    },
)

COUNT = Table(
    "count",
    {
        "start": Key(COUNT_START, "Value at the beginning; 0 without it."),
        "most": Key(COUNT_MOST, "Greatest value."),
    },
)

FILM = Table(
    "film",
    {
        "title": Key(_TEXTS, "Title by language.", "title: {en: ..., zh-Hant: ...}"),
        "synopsis": Key(_TEXTS, "A few sentences by language."),
        "by": Key(_TEXT, "Who made it."),
        "warnings": Key(_WARNINGS, "Content warnings by language."),
        "photosensitive": Key(_FLAG, "It flashes, and the audience is told."),
        "fps": Key(
            Scalar(
                "24, 25, 30 or a fraction: 24000/1001.",
                ("integer", "number", "string"),
                pattern=FPS,
            ),
            "Frames per second of every clip.",
            "fps: 24",
        ),
        "start": Key(_TARGET, "The first scene.", "start: and the name of the first scene"),
        "max_runtime": Key(_DURATION, "After it only defaults are taken.", "max_runtime: 20 min"),
        "confidence": Key(_CONFIDENCE, "A reading less sure than this is unknown; 0.95."),
        "baseline": Key(BASELINES, "Where the viewers' baselines come from."),
        "variables": Key(
            Named(Either((_FLAG, COUNT_START, COUNT))),
            "What the film remembers: flags (false), counts (0) or {start: 1, most: 5}.",
        ),
        "beds": Key(Named(BED), "Music that runs on across cuts."),
        "parts": Key(Named(PART), "Sub-graphs that are used several times."),
        "scenes": Key(_SCENES, "The scenes.", "scenes: and at least one"),
    },
)
