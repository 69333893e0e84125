"""A film file's text to a `Film`, or to everything that is wrong with it."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from fractions import Fraction
from itertools import chain
from typing import Final, TypeVar

import yaml

from narrative._film import Branch, Film, Scene, Window
from narrative._graph import graph_problems
from narrative._guard import Guard, Or
from narrative._parse import parse_guard
from narrative._problem import FilmError
from narrative._rules import scene_problems
from narrative._yaml import Entry, Node, Sheet

__all__ = ["load_film"]

T = TypeVar("T")

_FILM_KEYS: Final = ("title", "fps", "start", "max_runtime", "confidence", "baseline", "scenes")
_SCENE_KEYS: Final = (
    "title",
    "clip",
    "length",
    "lead_in",
    "reading",
    "branches",
    "default",
    "ending",
)
_CONFIDENCE: Final = 0.95
_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]*", re.ASCII)
_FPS: Final = re.compile(r"[0-9]{1,6}(\.[0-9]{1,3}|/[1-9][0-9]{0,3})?", re.ASCII)
_PROBABILITY: Final = re.compile(r"0\.[0-9]{1,9}", re.ASCII)
_NTSC: Final = {"23.976": "24000/1001", "29.97": "30000/1001", "59.94": "60000/1001"}
_UNREADABLE: Final = Guard("", Or(()))


def load_film(text: str, name: str) -> Film:
    """Read a film file.

    Parameters
    ----------
    text : str
        The file's content, YAML.
    name : str
        The file's name, as problems shall show it.

    Returns
    -------
    Film
        A film that passed every check that needs no clip: every default leads to an
        ending, every scene can be reached, every guard can be read and come true in
        its window.

    Raises
    ------
    FilmError
        With all problems found, each with its line and column.
    """
    sheet = Sheet(text, name)
    root = sheet.root()
    if root is None:
        raise FilmError(sheet.problems)
    film = _film(sheet, root)
    scenes = film.scenes.values()
    rules = chain.from_iterable(scene_problems(scene) for scene in scenes)
    problems = (*sheet.problems, *rules, *graph_problems(film))
    if problems:
        raise FilmError(problems)
    return film


def _film(sheet: Sheet, root: Node) -> Film:
    """Read the whole file; what cannot be read is noted and stands at a harmless value."""
    keys = sheet.mapping(root, "a film", _FILM_KEYS)

    def read(key: str, how: Callable[[Node, str], T | None], otherwise: T, remedy: str) -> T:
        if key not in keys:
            if remedy:
                sheet.note(root, f'the film has no "{key}"', remedy)
            return otherwise
        found = how(keys[key].value, key)
        return otherwise if found is None else found

    none: dict[str, Scene] = {}
    scenes = read("scenes", lambda n, _: _scenes(sheet, n), none, "Add scenes: and at least one.")
    guards = [branch.when for scene in scenes.values() for branch in scene.branches]
    return Film(
        title=read("title", sheet.titles, {}, "Add title: {en: ..., zh-Hant: ...}."),
        fps=read("fps", lambda n, _: _fps(sheet, n), Fraction(24), "Add fps: 24."),
        start=read("start", sheet.text, "", "Add start: and the name of the first scene."),
        scenes=scenes,
        max_runtime_s=read("max_runtime", sheet.length, 1.0, "Add max_runtime: 20 min."),
        confidence=read("confidence", lambda n, _: _confidence(sheet, n), _CONFIDENCE, ""),
        signals=frozenset().union(*(guard.signals for guard in guards)),
        calibrated=read("baseline", lambda n, _: _calibrated(sheet, n), False, ""),
        source=_places(sheet, root, keys),
    )


def _places(sheet: Sheet, owner: Node, keys: Mapping[str, Entry]) -> dict[str, str]:
    """Where the values of a mapping are."""
    return {"": sheet.where(owner)} | {key: sheet.where(keys[key].value) for key in keys}


def _fps(sheet: Sheet, node: Node) -> Fraction | None:
    text = sheet.text(node, "fps")
    if text is None:
        return None
    if text in _NTSC:
        sheet.note(node, f"fps {text} is rounded", f"Write {_NTSC[text]}.")
    elif not _FPS.fullmatch(text) or not 1 <= Fraction(text) <= 240:
        sheet.note(node, f'fps is "{text}"', "Write 24, 25, 30 or a fraction such as 24000/1001.")
    else:
        return Fraction(text)
    return None


def _confidence(sheet: Sheet, node: Node) -> float | None:
    text = sheet.text(node, "confidence")
    if text is None:
        return None
    if not _PROBABILITY.fullmatch(text) or not 0.5 <= float(text) < 1:
        sheet.note(node, f'confidence is "{text}"', "Write a number from 0.5 to below 1, as 0.95.")
        return None
    return float(text)


def _calibrated(sheet: Sheet, node: Node) -> bool:
    text = sheet.text(node, "baseline")
    if text not in (None, "lead_in", "calibration"):
        sheet.note(node, f'baseline is "{text}"', "Write lead_in or calibration.")
    return text == "calibration"


def _scenes(sheet: Sheet, node: Node) -> dict[str, Scene]:
    entries = sheet.mapping(node, "scenes", None)
    if isinstance(node, yaml.MappingNode) and not node.value:
        sheet.note(node, "there are no scenes", "Add at least one.")
    for name, entry in entries.items():
        if not _NAME.fullmatch(name):
            remedy = "Use Latin letters, digits and _, a letter first; other scripts go into title."
            sheet.note(entry.key, f'"{name}" cannot name a scene', remedy)
    return {name: _scene(sheet, name, entry, entries) for name, entry in entries.items()}


def _scene(sheet: Sheet, name: str, entry: Entry, scenes: Collection[str]) -> Scene:
    keys = sheet.mapping(entry.value, f'scene "{name}"', _SCENE_KEYS)
    places = _places(sheet, entry.key, keys)

    def read(key: str, how: Callable[[Node, str], T], otherwise: T) -> T:
        return how(keys[key].value, f"{name}.{key}") if key in keys else otherwise

    if "clip" not in keys:
        sheet.note(entry.key, f'scene "{name}" has no clip', f"Add clip: clips/{name}.mkv.")
    return Scene(
        name=name,
        title=read("title", sheet.titles, {}),
        clip=read("clip", sheet.text, None) or "",
        length_s=read("length", sheet.length, None),
        lead_in=read("lead_in", sheet.flag, False),
        reading=read("reading", lambda node, what: _window(sheet, node, what), None),
        branches=read(
            "branches", lambda node, what: _branches(sheet, node, what, scenes, places), ()
        ),
        default=read("default", sheet.text, None),
        ending=read("ending", sheet.flag, False),
        source=places,
    )


def _window(sheet: Sheet, node: Node, what: str) -> Window | None:
    keys = sheet.mapping(node, what, ("from", "to"))
    if isinstance(node, yaml.MappingNode) and len(keys) < 2:
        sheet.note(node, f"{what} needs from and to", "Write {from: 3 s, to: 21 s}.")
    ends = {key: sheet.duration(keys[key].value, f"{what}.{key}") for key in keys}
    from_s, to_s = ends.get("from"), ends.get("to")
    return None if from_s is None or to_s is None else Window(from_s, to_s)


def _branches(
    sheet: Sheet, node: Node, what: str, scenes: Collection[str], places: dict[str, str]
) -> tuple[Branch, ...]:
    """Read the branches, and enter their parts' places among the scene's."""
    branches: list[Branch] = []
    for item in sheet.items(node, what):
        keys = sheet.mapping(item, f"a branch of {what.partition('.')[0]}", ("when", "to"))
        for key in ("when", "to"):
            if key not in keys and isinstance(item, yaml.MappingNode):
                sheet.note(item, f'a branch without "{key}"', "Write when: and to: in each branch.")
        when = _guard(sheet, keys["when"].value, scenes) if "when" in keys else _UNREADABLE
        to = sheet.text(keys["to"].value, "to") if "to" in keys else None
        if to is not None:
            place = f"branches.{len(branches)}"
            places |= {f"{place}.{key}": sheet.where(keys[key].value) for key in keys}
            branches.append(Branch(when, to))
    return tuple(branches)


def _guard(sheet: Sheet, node: Node, scenes: Collection[str]) -> Guard:
    if not isinstance(node, yaml.ScalarNode):
        sheet.note(node, "when is not a text", "Write one condition, as engagement > 0.4 for 5 s.")
        return _UNREADABLE
    guard, problems = parse_guard(node.value, scenes)
    for problem in problems:
        sheet.note_inside(node, problem.offset, problem.what, problem.remedy)
    return guard or _UNREADABLE
