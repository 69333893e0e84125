"""What the player is told and what it tells: plain values, ready for JSON."""

from dataclasses import dataclass
from enum import Enum
from fractions import Fraction


class PlaybackError(Exception):
    """Base of this package's errors."""


class TableError(PlaybackError):
    """The film's table cannot be played: the message names the scene and the remedy."""


class MediaError(PlaybackError):
    """A clip cannot be read: the message names the file and what is wrong with it."""


class DriverError(PlaybackError):
    """A driver cannot run here: the message says what is missing and what to install."""


@dataclass(frozen=True, slots=True)
class Clip:
    """A stretch of a media file.

    Parameters
    ----------
    path : str
        The media file.
    first_frame : int
        In point, in frames of the film from the file's start.
    frames : int
        Length in frames of the film, at least 1.
    """

    path: str
    first_frame: int
    frames: int


@dataclass(frozen=True, slots=True)
class TableScene:
    """One scene of the table of defaults.

    Parameters
    ----------
    scene : str
        Its name in the film.
    clip : Clip
        What it plays.
    default : str or None
        The scene that follows if nobody decides; None for an ending.
    targets : tuple of str
        The branch targets in the film's order: TAKE n is the n-th, from 1.
    bed : str or None, optional
        The music bed that plays under it.
    """

    scene: str
    clip: Clip
    default: str | None
    targets: tuple[str, ...]
    bed: str | None = None


@dataclass(frozen=True, slots=True)
class Bed:
    """Music under the scenes that name it, running on across their cuts, in a loop.

    It comes and goes over `fade_s`; once it has gone, it begins anew when it is named again.

    Parameters
    ----------
    name : str
        Its name in the film.
    path : str
        A file with sound.
    gain_db : float
        Its level, in dB.
    fade_s : float
        How long it takes to come and to go, in seconds.
    """

    name: str
    path: str
    gain_db: float
    fade_s: float


@dataclass(frozen=True, slots=True)
class FilmTable:
    """All a player needs to finish the film by itself.

    Parameters
    ----------
    fps_num, fps_den : int
        Frames per second as a fraction (24/1, 24000/1001).
    start : str
        The first scene.
    scenes : tuple of TableScene
        Every scene of the film.
    film : str
        The film's title.
    beds : tuple of Bed, optional
        The music beds that its scenes name.
    """

    fps_num: int
    fps_den: int
    start: str
    scenes: tuple[TableScene, ...]
    film: str
    beds: tuple[Bed, ...] = ()

    @property
    def fps(self) -> Fraction:
        """Frames per second."""
        return Fraction(self.fps_num, self.fps_den)


@dataclass(frozen=True, slots=True)
class Plan:
    """What the engine asks of the player for the end of the running scene.

    Parameters
    ----------
    term : int
        The sending engine's number; the highest wins.
    visit : int
        The visit the plan is about, counted from 0.
    scene : str
        The scene shown in that visit.
    candidates : tuple of str
        Scenes to pre-roll.
    default : str
        The scene that follows if no choice arrives in time.
    deadline_frame : int
        The last frame of the running scene at which a choice is taken.
    choice : str or None, optional
        The engine's decision; None asks for pre-roll only.
    """

    term: int
    visit: int
    scene: str
    candidates: tuple[str, ...]
    default: str
    deadline_frame: int
    choice: str | None = None


@dataclass(frozen=True, slots=True)
class Levels:
    """How loud the engine wants a clip's own sound.

    Every visit begins at 0 dB, unless its level was told during the visit before.

    Parameters
    ----------
    term : int
        The sending engine's number; the highest wins.
    visit : int
        The running visit, or the next.
    gain_db : float
        Gain in dB, -60 to +6; reached over 100 ms in a running visit.
    """

    term: int
    visit: int
    gain_db: float


@dataclass(frozen=True, slots=True)
class Command:
    """What the operator asks of the player.

    Parameters
    ----------
    kind : str
        "start", "panic", "resume", "hold", "auto", "take", "default" or "stop".
    number : int or None, optional
        For "take": the branch target, counted from 1.
    operator : str, optional
        Who asked, for the record.
    """

    kind: str
    number: int | None = None
    operator: str = ""


@dataclass(frozen=True, slots=True)
class Ack:
    """The player's answer: whether it will, and what will happen or why not."""

    accepted: bool
    what: str


@dataclass(frozen=True, slots=True)
class PlayerEvent:
    """One thing that happened on the screen, for the journal and the engine.

    Parameters
    ----------
    kind : str
        "started" (a scene is on the screen), "position" (heartbeat), "paused" and "resumed"
        (film time stands still and goes on: by the operator, or by "player" where a player was
        started again), "planned", "claimed" (an engine's term is the highest now), "refused",
        "held" (HOLD: defaults follow), "released" (AUTO: the audience decides again), "taken"
        (TAKE or DEFAULT: the operator chose what follows), "underflow" (frames repeated or
        skipped), "fault" or "ended".
    hall_ns : int
        Hall time of the tick, in nanoseconds.
    visit : int
        The running visit, counted from 0; -1 before the film.
    scene : str
        The scene the event is about; empty before the film.
    frame : int
        Film position: frame of the running scene, counted from 0.
    by : str
        Who decided: "", "engine", "default", "operator", or "player" where it had to choose.
    term : int
        The term of the plan concerned, or the highest seen.
    detail : str
        The event in words.
    """

    kind: str
    hall_ns: int
    visit: int
    scene: str
    frame: int
    by: str
    term: int
    detail: str


@dataclass(frozen=True, slots=True)
class PlayerState:
    """Where a player stands: all that another needs to go on in its place.

    Parameters
    ----------
    started : bool
        Whether the film was asked to begin.
    visit : int
        The running visit, counted from 0; -1 before the film.
    scene : str
        The running scene; empty before the film.
    frame : int
        Film position: the frame of the running scene that was last asked for.
    paused, holding : bool
        Whether PANIC and HOLD are in force.
    taken : str or None
        The scene the operator chose to follow.
    plan : Plan or None
        The engine's plan for the running scene, with its choice.
    term : int
        The highest term seen.
    finished : bool
        Whether the film has ended.
    gain_db : float
        How loud the running clip's own sound is wanted, in dB.
    """

    started: bool
    visit: int
    scene: str
    frame: int
    paused: bool
    holding: bool
    taken: str | None
    plan: Plan | None
    term: int
    finished: bool
    gain_db: float = 0.0


class Readiness(Enum):
    """How far a pre-roll has come."""

    OPENING = "opening"
    READY = "ready"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a driver can do.

    Parameters
    ----------
    name : str
        The driver's name.
    picture, sound : bool
        Whether it shows and sounds on this machine.
    output_delay_frames : int
        Frames between `Driver.show` and the picture on the screen; sound is heard with it.
    remark : str
        One line for the operator, e.g. why there is no sound.
    exact_frames : bool
        Whether every frame from a clip's first to its last is shown, one per tick.
    sound_to_end : bool
        Whether a clip is heard to the end of its file.
    fade : bool
        Whether picture and sound can be anywhere between film and slate.
    channels : int
        Most channels of sound it plays without mixing them down.
    formats : tuple of str
        Names of the codecs it decodes, as FFmpeg calls them; empty if that is not known before
        a clip is opened.
    beds : bool
        Whether it plays music beds, and clips at another level than their own.
    """

    name: str
    picture: bool
    sound: bool
    output_delay_frames: int
    remark: str
    exact_frames: bool
    sound_to_end: bool
    fade: bool
    channels: int
    formats: tuple[str, ...] = ()
    beds: bool = False


@dataclass(frozen=True, slots=True)
class Needs:
    """What a film asks of its driver; see `Capabilities` for each. The default is nothing."""

    exact_frames: bool = False
    sound_to_end: bool = False
    fade: bool = False
    channels: int = 0
    formats: tuple[str, ...] = ()
    beds: bool = False
