"""Journeys: ways through a film that must keep working, walked through the real machine.

::

    title: The brave ending
    seed: 3                       # of chances; 0 without it
    steps:
      - {in: harbour, shows: {engagement: 0.9, synchrony: unknown}, to: storm}
      - {in: storm, take: fog}    # the operator takes it
      - {in: fog, hold: true, to: calm}
    ends: dawn

Scenes are named as they were written, or by the names of their shots. What an audience `shows` it
shows through the whole scene, and surely; what is not named is unknown. Between the steps nothing
is shown, so that a step may be left out where the film comes there by itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import copysign
from typing import Final

from narrative._deciding import decide
from narrative._decision import Decision, Reading
from narrative._film import Film, Scene
from narrative._machine import begin, commit, enter, observe
from narrative._problem import FilmError, Problem, did_you_mean
from narrative._sheet import Keys, Sheet, UnreadableError
from narrative._signals import SIGNALS
from narrative._state import MachineState
from narrative._values import flag, number, whole
from narrative._vocabulary import Key, ListOf, Named, Scalar, Table
from narrative._yaml import MapNode, Node

__all__ = ["Journey", "Step", "load_journey", "run_journey"]

_TICK_S: Final = 0.25
_SEATS: Final = 20
_SURE: Final = 0.9999
_T: Final = 9.0
_MOST_SEED: Final = 10**9

_TEXT: Final = Scalar("A text.")
_STEP: Final = Table(
    "step",
    {
        "in": Key(_TEXT, "The scene that runs.", "in: and the scene"),
        "shows": Key(Named(_TEXT), "What the audience shows in it."),
        "take": Key(_TEXT, "The scene that the operator takes."),
        "hold": Key(_TEXT, "Whether the operator holds."),
        "to": Key(_TEXT, "The scene that must follow."),
    },
)
_JOURNEY: Final = Table(
    "journey",
    {
        "title": Key(_TEXT, "What it is about."),
        "seed": Key(_TEXT, "Of the film's chances."),
        "steps": Key(ListOf(_STEP), "The way.", "steps: [{in: harbour, to: storm}]"),
        "ends": Key(_TEXT, "The ending that must be reached."),
    },
)


@dataclass(frozen=True, slots=True)
class Step:
    """One scene of a journey.

    Parameters
    ----------
    scene : str
        The scene, as the journey names it.
    shows : Mapping of str to Reading
        By name.
    take, to : str or None
        What the operator takes, and what must follow.
    hold : bool
        Whether the operator holds.
    where : str
        Its place in the journey's file.
    """

    scene: str
    shows: Mapping[str, Reading]
    take: str | None
    hold: bool
    to: str | None
    where: str


@dataclass(frozen=True, slots=True)
class Journey:
    """A way through a film that must keep working.

    Parameters
    ----------
    title : str
        What it is about; may be empty.
    seed : int
        Of the film's chances.
    steps : tuple of Step
        In order.
    ends : str or None
        The ending that must be reached.
    where : str
        Place of `ends`, or of the file's beginning.
    """

    title: str
    seed: int
    steps: tuple[Step, ...]
    ends: str | None
    where: str


def load_journey(text: str, name: str, film: Film) -> Journey:
    """Read a journey.

    Parameters
    ----------
    text : str
        The file's content, YAML.
    name : str
        The file's name, as problems shall show it.
    film : Film
        What it leads through.

    Raises
    ------
    FilmError
        With all problems found, each with its line and column.
    """
    sheet = Sheet(text, name)
    try:
        journey = _journey(sheet, film)
    except UnreadableError:
        raise FilmError(sheet.problems) from None
    if sheet.problems:
        raise FilmError(sheet.problems)
    return journey


def _journey(sheet: Sheet, film: Film) -> Journey:
    root = sheet.root("steps")
    keys = sheet.mapping(root, _JOURNEY, "the journey")
    nodes = sheet.items(keys.node("steps"), "steps") if "steps" in keys else []
    if "steps" in keys and not nodes:
        sheet.note(keys.node("steps"), "there are no steps", "Write - {in: scene, to: scene}.")
    return Journey(
        title=keys.read("title", Sheet.text, ""),
        seed=keys.read("seed", _seed, 0),
        steps=tuple(_step(sheet, node, film) for node in nodes),
        ends=_scene(keys, "ends", film),
        where=sheet.where(keys.node("ends") if "ends" in keys else root),
    )


def _seed(sheet: Sheet, node: Node, what: str) -> int | None:
    return whole(sheet, node, what, 0, _MOST_SEED)


def _step(sheet: Sheet, node: Node, film: Film) -> Step:
    keys = sheet.mapping(node, _STEP, "a step")
    return Step(
        scene=_scene(keys, "in", film) or film.start,
        shows=keys.read("shows", _shows, {}),
        take=_scene(keys, "take", film),
        hold=keys.read("hold", flag, False),
        to=_scene(keys, "to", film),
        where=sheet.where(node),
    )


def _scene(keys: Keys, key: str, film: Film) -> str | None:
    def known(sheet: Sheet, node: Node, what: str) -> str | None:
        text = sheet.text(node, what)
        names = dict.fromkeys((*film.entrances, *film.scenes))
        if text is None or text in names:
            return text
        sheet.note(node, f'{what}: there is no scene "{text}"', did_you_mean(text, names))
        return None

    return keys.read(key, known, None)


def _shows(sheet: Sheet, node: Node, what: str) -> dict[str, Reading]:
    """Read what the audience shows: signals of the hall or of a zone, each with its number."""
    if not isinstance(node, MapNode):
        sheet.note(node, f"{what} is no mapping", "Write {engagement: 0.9, synchrony: unknown}.")
        return {}
    shown: dict[str, Reading] = {}
    for key, entry in sheet.entries(node, what).items():
        name, _, attribute = key.partition(".trend")
        signal = name.partition(".zone(")[0]
        if signal not in SIGNALS or attribute or (name != signal and not name.endswith(")")):
            sheet.note(entry.key, f'there is no signal "{key}"', did_you_mean(signal, SIGNALS))
            continue
        text = sheet.text(entry.value, key)
        if text == "unknown":
            continue
        value = number(sheet, entry.value, key)
        if value is not None:
            shown[name] = _reading(shown.get(name), value, trend=name != key)
    return shown


def _reading(before: Reading | None, number: float, *, trend: bool) -> Reading:
    """Give a reading that is sure, with this value or this trend."""
    value = before.value if before else 0.0
    slope = before.trend if before else 0.0
    value, slope = (value, number) if trend else (number, slope)
    return Reading(value, _SURE, copysign(_T, value or 0.0), _SEATS, "", slope)


def run_journey(
    film: Film, journey: Journey, lengths_s: Mapping[str, float]
) -> tuple[Problem, ...]:
    """Walk a journey through the machine.

    Parameters
    ----------
    film : Film
        From `load_film`.
    journey : Journey
        From `load_journey`.
    lengths_s : Mapping of str to float
        Length of every scene, in seconds.

    Returns
    -------
    tuple of Problem
        Empty if the film went as it must; otherwise the first step at which it did not, where it
        went, and why.
    """
    walk = _Walk(film, journey.seed, lengths_s)
    for count, step in enumerate(journey.steps, start=1):
        if not walk.come_to(step.scene):
            what = f"step {count}: the film does not come to {step.scene}: {walk.way}"
            return (Problem(step.where, what, "Add the step at which it leaves this way."),)
        problem = _walked(walk, step, count)
        if problem is not None:
            return (problem,)
    if journey.ends is not None and not walk.come_to(journey.ends, leave=True):
        what = f"the film does not end with {journey.ends}: {walk.way}"
        return (Problem(journey.where, what, "Correct `ends`, or the film."),)
    return ()


def _walked(walk: _Walk, step: Step, count: int) -> Problem | None:
    if walk.scene.default is None:
        if step.to is None and step.take is None:
            return None
        what = f"step {count}: {walk.scene.name} is an ending, nothing follows it"
        return Problem(step.where, what, "Leave out what shall follow, or correct the film.")
    if not walk.leave(step):
        what = f"step {count}: no branch of {step.scene} leads to {step.take}"
        return Problem(step.where, what, "Take one of its branches.")
    wanted = step.to or step.take
    if wanted is None or _is(walk.film, walk.scene, wanted):
        return None
    what = f"step {count}: {step.scene} should lead to {wanted}, and led to {walk.scene.name}"
    why = "; ".join(decision.explanation.rstrip(".") for decision in walk.decisions[-1:])
    return Problem(step.where, f"{what} ({why})", "Correct the step, or the film.")


class _Walk:
    """One screening, scene by scene."""

    def __init__(self, film: Film, seed: int, lengths_s: Mapping[str, float]) -> None:
        self.film = film
        self.decisions: list[Decision] = []
        self._lengths_s = lengths_s
        self._path: list[str] = []
        self._time_s = 0.0
        self._state: MachineState = begin(film, seed)
        self._go(film.start)

    @property
    def scene(self) -> Scene:
        """The scene that runs."""
        return self.film.scenes[self._state.scene]

    @property
    def way(self) -> str:
        """The last scenes, and why the film went to the very last."""
        path = " -> ".join(self._path[-6:])
        why = self.decisions[-1].explanation.rstrip(".") if self.decisions else ""
        return f"{path} ({why})" if why else path

    def come_to(self, scene: str, *, leave: bool = False) -> bool:
        """Go on, with nothing shown, until a scene runs; with `leave` until the film is over."""
        while self.scene.default is not None:
            if not leave and _is(self.film, self.scene, scene):
                return True
            self._decide({}, None, hold=False)
        return _is(self.film, self.scene, scene)

    def leave(self, step: Step) -> bool:
        """Take a step: through all shots of a scene if it is named as it was written.

        Returns
        -------
        bool
            False where the operator finds no branch to take.
        """
        of, name = self.scene.of, self.scene.name
        found = step.take is None
        while True:
            branch = self._branch_to(step.take)
            found = found or branch is not None
            self._decide(step.shows, branch, hold=step.hold)
            one_shot = step.scene == name != of
            if one_shot or self.scene.of != of or not self.scene.turn or self.scene.ending:
                return found

    def _branch_to(self, scene: str | None) -> int | None:
        """Give the branch that leads to a scene."""
        if scene is None:
            return None
        targets = [self.film.scenes[branch.to] for branch in self.scene.branches]
        return next((n for n, to in enumerate(targets) if _is(self.film, to, scene)), None)

    def _decide(self, shows: Mapping[str, Reading], take: int | None, *, hold: bool) -> None:
        """Show the scene to its end, decide, and go on."""
        scene, length_s = self.scene, self._lengths_s[self.scene.name]
        at_s = min(scene.reading.to_s, length_s) if scene.reading else length_s
        ticks = [(time_s, shows) for time_s in _times(at_s, length_s)]
        until = [tick for tick in ticks if tick[0] <= at_s]
        self._state = observe(self.film, self._state, until)
        decision = decide(self.film, self._state, at_s, hold=hold, take=take)
        self._state = observe(self.film, self._state, ticks[len(until) :])
        self._state = commit(self.film, self._state, decision.branch)
        self._time_s += length_s
        self.decisions.append(decision)
        self._go(decision.to)

    def _go(self, scene: str) -> None:
        self._state = enter(self.film, self._state, len(self._path), scene, self._time_s)
        self._path.append(scene)


def _times(at_s: float, length_s: float) -> Iterator[float]:
    """Give the times of a scene's ticks, one of them when it is decided."""
    regular = [number * _TICK_S for number in range(int(length_s / _TICK_S) + 1)]
    yield from sorted({*regular, max(at_s, 0.0)})


def _is(film: Film, scene: Scene, name: str) -> bool:
    """Whether a scene, or one of its shots, goes by this name."""
    return name in (scene.name, scene.of) or film.entrances.get(name) == scene.name
