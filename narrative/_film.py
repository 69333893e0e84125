"""A film, as loaded: scenes, branches, defaults."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from narrative._guard import Guard

__all__ = ["Branch", "Film", "Media", "Scene", "Window"]


@dataclass(frozen=True, slots=True)
class Window:
    """The stretch of a scene in which its guards are evaluated, both ends included.

    Parameters
    ----------
    from_s, to_s : float
        Scene time in seconds.
    """

    from_s: float
    to_s: float

    @property
    def length_s(self) -> float:
        """Seconds from end to end."""
        return self.to_s - self.from_s


@dataclass(frozen=True, slots=True)
class Branch:
    """Where the film goes if the audience meets a condition.

    Parameters
    ----------
    when : Guard
        The condition.
    to : str
        Name of the next scene.
    """

    when: Guard
    to: str


@dataclass(frozen=True, slots=True)
class Scene:
    """One clip and where the film may go after it.

    Parameters
    ----------
    name : str
        Its key in the film file.
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
    source: Mapping[str, str] = field(default_factory=dict, compare=False, repr=False)

    @property
    def needs_decision(self) -> bool:
        """Whether the audience has a say in what follows."""
        return bool(self.branches)

    @property
    def candidates(self) -> tuple[str, ...]:
        """Scenes that may follow: branch targets in order, then the default, none twice."""
        targets = [branch.to for branch in self.branches]
        if self.default is not None:
            targets.append(self.default)
        return tuple(dict.fromkeys(targets))


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
        Names of the signals its guards read.
    calibrated : bool
        Whether it has no lead-in, and takes the viewers' baselines from a calibration.
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
    source: Mapping[str, str] = field(default_factory=dict, compare=False, repr=False)


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
    """

    frames: int
    fps: Fraction
    width: int
    height: int
    audio_rate: int | None
