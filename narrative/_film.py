"""A film, as loaded: scenes, branches, defaults.

What filmmakers write in short (parallel threads, loops that wait, parts that are used several
times) is written out when the file is read: a film holds plain scenes only, so that machine and
player need to know nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Literal, TypeAlias

from narrative._guard import Guard, SignalValue

__all__ = [
    "Ahead",
    "Bed",
    "Branch",
    "Cue",
    "Drive",
    "Film",
    "Media",
    "Modulation",
    "Output",
    "Scene",
    "Set",
    "Variable",
    "Window",
]

Output: TypeAlias = Literal["lights", "osc", "midi"]
Drive: TypeAlias = Literal["gain", "filter", "grade", "osc"]


@dataclass(frozen=True, slots=True)
class Window:
    """The stretch of a scene in which its guards are evaluated, both ends included.

    Parameters
    ----------
    from_s, to_s : float
        Scene time in seconds; `from_s` is below zero where the window opened in a shot before.
    """

    from_s: float
    to_s: float

    @property
    def length_s(self) -> float:
        """Seconds from end to end."""
        return self.to_s - self.from_s


@dataclass(frozen=True, slots=True)
class Variable:
    """What a film remembers: a flag, or a whole number from 0 to `most`.

    Parameters
    ----------
    name : str
        Its key in the film file.
    start : int
        Value at the film's beginning; a flag's is 0 or 1.
    most : int
        Greatest value; what would lead beyond stays there.
    flag : bool
        Whether it is one: guards name it, and do not compare it.
    """

    name: str
    start: int
    most: int
    flag: bool


@dataclass(frozen=True, slots=True)
class Set:
    """A change of a variable.

    Parameters
    ----------
    variable : str
        Which.
    value : int
        The new value, or what is added.
    adds : bool
        Whether it is added; the sum stays between 0 and the variable's `most`.
    """

    variable: str
    value: int
    adds: bool


@dataclass(frozen=True, slots=True)
class Branch:
    """Where the film goes if the audience meets a condition.

    Parameters
    ----------
    when : Guard
        The condition.
    to : str
        Name of the next scene.
    sets : tuple of Set
        What is remembered when it is taken.
    """

    when: Guard
    to: str
    sets: tuple[Set, ...] = ()


@dataclass(frozen=True, slots=True)
class Cue:
    """Something the house does at a moment of a scene.

    Parameters
    ----------
    at_s : float
        Scene time in seconds.
    output : {"lights", "osc", "midi"}
        Where it goes.
    target : str
        OSC address, or the MIDI message's kind ("note", "control", "program"); "house" for lights.
    values : tuple of float
        Level 0 to 1 for lights; OSC arguments; channel and data bytes for MIDI.
    fade_s : float
        Seconds that lights take; 0 for all else.
    """

    at_s: float
    output: Output
    target: str
    values: tuple[float, ...]
    fade_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Modulation:
    """A signal that drives something smoothly, through a whole scene.

    The reading is taken from `reads` to `gives` on a straight line, kept between its ends, and
    changes by no more than `slew` in a second. Unknown drives towards `rest`.

    Parameters
    ----------
    signal : SignalValue
        What is read.
    drives : {"gain", "filter", "grade", "osc"}
        Gain of the scene's sound in dB, low-pass of it in Hz, strength of the grade 0 to 1, or an
        OSC value.
    target : str
        OSC address, or the grade's file; empty for gain and filter.
    reads, gives : (float, float)
        Two readings, and the values at them.
    slew : float
        Most change in a second, in units of `gives`.
    rest : float
        Value without a reading.
    """

    signal: SignalValue
    drives: Drive
    target: str
    reads: tuple[float, float]
    gives: tuple[float, float]
    slew: float
    rest: float


@dataclass(frozen=True, slots=True)
class Bed:
    """Music that runs on across cuts, as long as the scenes name it.

    Parameters
    ----------
    name : str
        Its key in the film file.
    file : str
        Path as written in the film file, relative to that file.
    gain_db : float
        Level, in dB.
    fade_s : float
        How long it takes to come and to go.
    """

    name: str
    file: str
    gain_db: float
    fade_s: float


@dataclass(frozen=True, slots=True)
class Ahead:
    """Branches of a later shot of the same scene, whose guards are evaluated already now.

    Parameters
    ----------
    window : Window
        Their reading window, in the time of the shot that holds this.
    branches : tuple of Branch
        As in that later shot.
    """

    window: Window
    branches: tuple[Branch, ...]


@dataclass(frozen=True, slots=True)
class Scene:
    """One clip and where the film may go after it.

    A scene of parallel threads is written out as one shot for each thread and stretch between
    cuts, a loop that waits as one for each round: `of` names the scene that the filmmaker wrote.

    Parameters
    ----------
    name : str
        Its key in the film file; of a shot `chase.anna.2`, in a part `duel_anna.face`.
    title : Mapping of str to str
        Language tag (`en`, `zh-Hant`) to title; may be empty.
    clip : str
        Path as written in the film file, relative to that file.
    length_s : float or None
        Planned length; None leaves it to the clip.
    lead_in : bool
        Whether the audience's baseline freezes at its end.
    reading : Window or None
        When its guards are evaluated; None without branches.
    branches : tuple of Branch
        Tried in this order.
    default : str or None
        The next scene when no branch is taken; None for an ending.
    ending : bool
        Whether the film ends with it.
    in_frame : int
        First frame shown, counted in the clip.
    out_frame : int or None
        One past the last frame shown; None for the clip's end.
    linear : str or None
        The next scene on the director's path; None is the default.
    sets : tuple of Set
        What is remembered when it is entered.
    bed : str or None
        The music under it.
    cues : tuple of Cue
        In order of time.
    modulations : tuple of Modulation
        What signals drive.
    warnings : tuple of Mapping of str to str
        Of its content, by language tag.
    photosensitive : bool
        Whether the filmmaker knows of its flashes, and the audience is told.
    of : str
        The scene that was written; equal to `name` where the two are the same.
    turn : int
        Number of the shot or round within it, from 0; the scene counts as visited with the first.
    offset_s : float
        Time of its first frame within the scene that was written.
    continues : bool
        Whether it goes on from the shot before without a break: durations that guards count run
        on across the cut.
    cosmetic : bool
        Whether its branches choose the picture only: a wrong one changes nothing of the story,
        they count as no decision point, and `sets` nothing.
    confidence : float or None
        Its own least confidence; None is the film's.
    ahead : Ahead or None
        What is evaluated already for a later shot.
    source : Mapping of str to str
        Place in the film file of each key (`branches.0.when`), and of the name (`""`).
    """

    name: str
    title: Mapping[str, str]
    clip: str
    length_s: float | None
    lead_in: bool
    reading: Window | None
    branches: tuple[Branch, ...]
    default: str | None
    ending: bool
    in_frame: int = 0
    out_frame: int | None = None
    linear: str | None = None
    sets: tuple[Set, ...] = ()
    bed: str | None = None
    cues: tuple[Cue, ...] = ()
    modulations: tuple[Modulation, ...] = ()
    warnings: tuple[Mapping[str, str], ...] = ()
    photosensitive: bool = False
    of: str = ""
    turn: int = 0
    offset_s: float = 0.0
    continues: bool = False
    cosmetic: bool = False
    confidence: float | None = None
    ahead: Ahead | None = None
    source: Mapping[str, str] = field(default_factory=dict, compare=False, repr=False)

    def __post_init__(self) -> None:
        if not self.of:
            object.__setattr__(self, "of", self.name)

    @property
    def thread(self) -> str:
        """The thread that this shot shows, of a scene with several; else empty."""
        if self.name == self.of:
            return ""
        return self.name.removeprefix(f"{self.of}.").rpartition(".")[0]

    @property
    def is_decision_point(self) -> bool:
        """Whether the audience has a say in the story: cosmetic branches choose the picture."""
        return bool(self.branches) and not self.cosmetic

    @property
    def candidates(self) -> tuple[str, ...]:
        """Scenes that may follow: branch targets in order, then the default, none twice."""
        targets = [branch.to for branch in self.branches]
        if self.default is not None:
            targets.append(self.default)
        return tuple(dict.fromkeys(targets))

    def where(self, *keys: str) -> str:
        """Return the place of the first of these keys that is written, or else its own."""
        return next(self.source[key] for key in (*keys, "") if key in self.source)


@dataclass(frozen=True, slots=True)
class Film:
    """A branching film that has passed every check that needs no clip.

    Parameters
    ----------
    title : Mapping of str to str
        Language tag to title.
    fps : Fraction
        Frames per second of every clip.
    start : str
        Name of the first scene.
    scenes : Mapping of str to Scene
        In file order.
    max_runtime_s : float
        Film time in seconds from which on only defaults are taken.
    confidence : float
        A reading less sure than this counts as unknown.
    signals : frozenset of str
        Names of the signals its guards and modulations read.
    calibrated : bool
        Whether it has no lead-in, and takes the viewers' baselines from a calibration.
    variables : Mapping of str to Variable
        What it remembers.
    beds : Mapping of str to Bed
        Its music.
    synopsis : Mapping of str to str
        Language tag to a few sentences; may be empty.
    by : str
        Its maker; may be empty.
    warnings : tuple of Mapping of str to str
        Of its content, by language tag.
    photosensitive : bool
        Whether the audience is told of flashes.
    entrances : Mapping of str to str
        Scene that was written -> scene that is entered with it; itself for most.
    source : Mapping of str to str
        Place in the film file of each key, and of the file's beginning (`""`).
    """

    title: Mapping[str, str]
    fps: Fraction
    start: str
    scenes: Mapping[str, Scene]
    max_runtime_s: float
    confidence: float
    signals: frozenset[str]
    calibrated: bool = False
    variables: Mapping[str, Variable] = field(default_factory=dict)
    beds: Mapping[str, Bed] = field(default_factory=dict)
    synopsis: Mapping[str, str] = field(default_factory=dict)
    by: str = ""
    warnings: tuple[Mapping[str, str], ...] = ()
    photosensitive: bool = False
    entrances: Mapping[str, str] = field(default_factory=dict)
    source: Mapping[str, str] = field(default_factory=dict, compare=False, repr=False)

    @property
    def zones(self) -> frozenset[str]:
        """Names of the hall's zones that its guards and modulations read."""
        read = {zone for scene in self.scenes.values() for zone in _zones(scene)}
        return frozenset(read)

    def where(self, *keys: str) -> str:
        """Return the place of the first of these keys that is written, or else the beginning."""
        return next(self.source[key] for key in (*keys, "") if key in self.source)

    def as_linear(self) -> Film:
        """Give the director's cut: the same scenes, none of which asks the audience."""
        scenes = {
            name: replace(
                scene,
                branches=(),
                reading=None,
                ahead=None,
                default=scene.linear or scene.default,
            )
            for name, scene in self.scenes.items()
        }
        modulations = [m for scene in scenes.values() for m in scene.modulations]
        return replace(self, scenes=scenes, signals=frozenset(m.signal.signal for m in modulations))


def _zones(scene: Scene) -> frozenset[str]:
    guards = [branch.when for branch in scene.branches]
    modulated = {modulation.signal.zone for modulation in scene.modulations}
    return frozenset().union(*(guard.zones for guard in guards), modulated) - {""}


@dataclass(frozen=True, slots=True)
class Media:
    """Facts about one clip, as probed by whoever may open files.

    Parameters
    ----------
    frames : int
        Number of pictures.
    fps : Fraction
        Pictures per second.
    width, height : int
        Picture size in pixels.
    audio_rate : int or None
        Samples per second of its sound; None without sound.
    channels : int
        Channels of its sound.
    """

    frames: int
    fps: Fraction
    width: int
    height: int
    audio_rate: int | None
    channels: int = 0
