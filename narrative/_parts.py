"""Sub-graphs with parameters: where a scene uses a part, the part's scenes are written out.

This happens to the file's nodes, before anything is read, so that each fault keeps its place in
the part's text. A part sees its own scenes first, then those of whoever uses it, then the film's.
"""

from __future__ import annotations

import re
from collections import ChainMap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from narrative._problem import did_you_mean
from narrative._sheet import Entry, Keys, Sheet
from narrative._values import name
from narrative._vocabulary import NAME, PART, USE
from narrative._yaml import Filled, MapNode, Node, ScalarNode

__all__ = ["MOST_SCENES", "Placed", "Spot", "place_scenes", "scope_of"]

MOST_SCENES: Final = 20_000
"""A film's scenes, written out."""

_MOST_NODES: Final = 1_000_000
_MOST_CHARACTERS: Final = 10_000
_DEEPEST: Final = 5
_PARAMETER: Final = re.compile(rf"\$(?:\{{(?P<inside>{NAME})\}}|(?P<plain>{NAME}))", re.ASCII)


@dataclass(frozen=True, slots=True)
class Spot:
    """A scene to be read.

    Parameters
    ----------
    name : str
        Its whole name, `duel_anna.face`.
    entry : Entry
        Its key and its mapping.
    names : Mapping of str to str
        Names that it may use -> the scenes they mean.
    use : str
        The scene that uses the part it is in; empty outside of parts.
    """

    name: str
    entry: Entry
    names: Mapping[str, str]
    use: str


@dataclass(slots=True)
class Placed:
    """All scenes of a film, those of its parts written out.

    Parameters
    ----------
    spots : list of Spot
        In file order.
    names : dict of str to str
        Every written name -> the scene that is meant: of a scene that uses a part, its first.
    uses : dict of str to str
        Scenes that use a part -> their places.
    """

    spots: list[Spot] = field(default_factory=list)
    names: dict[str, str] = field(default_factory=dict)
    uses: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Part:
    name: str
    parameters: tuple[str, ...]
    start: Node
    scenes: Node


@dataclass(frozen=True, slots=True)
class _Argument:
    text: str
    names: Mapping[str, str]


def place_scenes(sheet: Sheet, scenes: Node, parts: Node | None) -> Placed:
    """Write out the parts.

    Parameters
    ----------
    sheet : Sheet
        Where problems are noted.
    scenes, parts : Node
        Values of these keys of the film.

    Returns
    -------
    Placed
        Without the scenes of parts that cannot be written out.
    """
    return _Writer(sheet, parts).whole(scenes)


class _Writer:
    def __init__(self, sheet: Sheet, parts: Node | None) -> None:
        self._sheet = sheet
        self._written: dict[str, Entry] = {}
        self._parts: dict[str, _Part] = {}
        if parts is not None:
            self._written = _named(sheet, parts, "parts", "a part")
            for key, entry in self._written.items():
                part = _part(sheet, key, entry)
                if part is not None:
                    self._parts[key] = part
        self._used: set[str] = set()
        self._scopes: list[dict[str, str]] = []
        self._nodes_left = _MOST_NODES
        self._placed = Placed()

    def whole(self, scenes: Node) -> Placed:
        entries = _named(self._sheet, scenes, "scenes", "a scene")
        if isinstance(scenes, MapNode) and not scenes.items:
            self._sheet.note(scenes, "there are no scenes", "Add at least one.")
        film: ChainMap[str, str] = ChainMap(self._placed.names)
        self._place(entries, "", film, ())
        if not self._sheet.problems:  # a part that cannot be written out may use others
            self._note_unused()
        self._enter_parts()
        return self._placed

    def _note_unused(self) -> None:
        for key, entry in self._written.items():
            if key not in self._used:
                remedy = "Show it in a scene with part:, or remove it."
                self._sheet.note(entry.key, f'part "{key}" is never used', remedy)

    def _enter_parts(self) -> None:
        """Let the name of a scene that uses a part mean the part's first scene."""
        meant = dict(self._placed.names)
        for scope in (self._placed.names, *self._scopes):
            for key, scene in scope.items():
                scope[key] = _followed(scene, meant)

    def _place(
        self, entries: dict[str, Entry], use: str, outer: ChainMap[str, str], chain: tuple[str, ...]
    ) -> None:
        """Place a film's or a part's scenes."""
        whole = {key: f"{use}.{key}" if use else key for key in entries}
        self._placed.names |= {scene: scene for scene in whole.values()}
        names = outer
        if use:
            names = outer.new_child(whole)
            self._scopes.append(whole)
        for key, entry in entries.items():
            if _is_use(entry.value):
                self._use(whole[key], entry, names, chain)
                continue
            self._placed.spots.append(Spot(whole[key], entry, names, use))
            if len(self._placed.spots) > MOST_SCENES:
                what = f"the film has more than {MOST_SCENES} scenes, its parts written out"
                self._sheet.stop(entry.key, what, "Use fewer parts, or smaller ones.")

    def _use(
        self, scene: str, entry: Entry, names: ChainMap[str, str], chain: tuple[str, ...]
    ) -> None:
        """Write out one use of a part."""
        sheet = self._sheet
        keys = sheet.mapping(entry.value, USE, f'scene "{scene}", which uses a part,', scene)
        key = keys.read("part", Sheet.text, "")
        if not key:
            return
        self._used.add(key)
        self._placed.uses[scene] = sheet.where(entry.key)
        if key not in self._written:
            sheet.note(
                keys.node("part"), f'there is no part "{key}"', did_you_mean(key, self._written)
            )
        elif key in chain:
            shown = " -> ".join([*chain[chain.index(key) :], key])
            remedy = "Write out by hand what comes next."
            sheet.note(keys.node("part"), f"a part contains itself: {shown}", remedy)
        elif len(chain) == _DEEPEST:
            remedy = f"Nest {_DEEPEST} at most."
            sheet.note(keys.node("part"), "parts nested too deep", remedy)
        elif key in self._parts:
            part = self._parts[key]
            given = self._arguments(entry, keys, part, names)
            if given is not None:
                with sheet.used_in(scene):
                    self._write_out(scene, part, given, names, (*chain, key))

    def _write_out(
        self,
        scene: str,
        part: _Part,
        given: Mapping[str, _Argument],
        names: ChainMap[str, str],
        chain: tuple[str, ...],
    ) -> None:
        sheet = self._sheet
        entries = _named(sheet, self._filled(part.scenes, given), f'part "{part.name}"', "a scene")
        self._place(entries, scene, names, chain)
        start = self._filled(part.start, given)
        first = sheet.text(start, "start")
        if first in entries:
            self._placed.names[scene] = f"{scene}.{first}"
        elif first is not None:
            what = f'part "{part.name}" starts with "{first}", which is none of its scenes'
            sheet.note(start, what, did_you_mean(first, entries))

    def _arguments(
        self, entry: Entry, keys: Keys, part: _Part, names: Mapping[str, str]
    ) -> dict[str, _Argument] | None:
        """Read what a use gives to the parameters; None where one is missing."""
        sheet = self._sheet
        given = {}
        written = sheet.entries(keys.node("with"), "with") if "with" in keys else {}
        for key, argument in written.items():
            if key not in part.parameters:
                what = f'part "{part.name}" has no parameter "{key}"'
                sheet.note(argument.key, what, did_you_mean(key, part.parameters))
            text = sheet.text(argument.value, f"with.{key}")
            given[key] = _Argument(text or "", scope_of(argument.value, names))
        missing = [key for key in part.parameters if key not in given]
        if missing:
            what = f'part "{part.name}" is used without {", ".join(missing)}'
            remedy = f"Add with: {{{', '.join(f'{key}: ...' for key in missing)}}}."
            sheet.note(keys.node("with") if "with" in keys else entry.key, what, remedy)
        return None if missing or not all(given[key].text for key in given) else given

    # parameters -----------------------------------------------------------------

    def _filled(self, node: Node, given: Mapping[str, _Argument]) -> Node:
        """Copy a part's nodes, with the parameters filled in."""
        self._nodes_left -= 1
        if self._nodes_left < 0:
            what = "the film is too large with its parts written out"
            self._sheet.stop(node, what, "Use fewer parts, or smaller ones.")
        if not isinstance(node, ScalarNode):
            return replace(node, items=[self._filled(item, given) for item in node.items])
        return self._filled_text(node, given) if "$" in node.value else node

    def _filled_text(self, node: ScalarNode, given: Mapping[str, _Argument]) -> ScalarNode:
        text, at = "", 0
        pieces = []
        for found in _PARAMETER.finditer(node.value):
            argument = given.get(_parameter(found))
            if argument is None:
                continue
            pieces.append((len(text), at, False))
            text += node.value[at : found.start()]
            pieces.append((len(text), found.start(), True))
            text, at = text + argument.text, found.end()
            if len(text) > _MOST_CHARACTERS:
                what = "a text is too long with its parameters filled in"
                self._sheet.stop(node, what, f"Keep to {_MOST_CHARACTERS} characters.")
        pieces.append((len(text), at, False))
        alone = _PARAMETER.fullmatch(node.value.strip())
        argument = given.get(_parameter(alone)) if alone else None
        names = argument.names if argument else None
        filled = Filled(node.value, tuple(pieces), names)
        return replace(node, value=text + node.value[at:], filled=filled)


def scope_of(node: Node, names: Mapping[str, str]) -> Mapping[str, str]:
    """Return where a scene that a node names is looked for: with whoever filled the name in."""
    filled = node.filled if isinstance(node, ScalarNode) else None
    return names if filled is None or filled.names is None else filled.names


def _named(sheet: Sheet, node: Node, what: str, each: str) -> dict[str, Entry]:
    """Return a mapping's entries; notes names that cannot be."""
    entries = sheet.entries(node, what)
    for entry in entries.values():
        name(sheet, entry.key, each)
    return entries


def _followed(scene: str, meant: Mapping[str, str]) -> str:
    """Return the scene that a name means at last: a part may begin with another."""
    while meant.get(scene, scene) != scene:
        scene = meant[scene]
    return scene


def _is_use(node: Node) -> bool:
    keys = node.items[::2] if isinstance(node, MapNode) else ()
    return any(isinstance(key, ScalarNode) and key.value.strip() == "part" for key in keys)


def _part(sheet: Sheet, key: str, entry: Entry) -> _Part | None:
    """Read what a part says of itself; None where its scenes cannot be written out."""
    keys = sheet.mapping(entry.value, PART, f'part "{key}"', key, entry.key)
    named: dict[str, Node] = {}
    for node in (
        sheet.items(keys.node("parameters"), f"{key}.parameters") if "parameters" in keys else ()
    ):
        parameter = name(sheet, node, "a parameter")
        if parameter in named:
            sheet.note(node, f'parameter "{parameter}" is written twice', "Keep one of them.")
        elif parameter is not None:
            named[parameter] = node
    if "start" not in keys or "scenes" not in keys:
        return None
    read = set()
    whole = True
    for node in (*_scalars(keys.node("start")), *_scalars(keys.node("scenes"))):
        for found in _PARAMETER.finditer(node.value):
            parameter = _parameter(found)
            read.add(parameter)
            if parameter not in named:
                what = f'part "{key}" has no parameter "{parameter}"'
                sheet.note_inside(node, found.start(), what, did_you_mean(parameter, named))
                whole = False
    for parameter in named.keys() - read:
        what = f'part "{key}" does not use its parameter "{parameter}"'
        sheet.note(named[parameter], what, f"Write ${parameter} where it belongs, or remove it.")
    if not whole:
        return None
    return _Part(key, tuple(named), keys.node("start"), keys.node("scenes"))


def _scalars(node: Node) -> Iterator[ScalarNode]:
    if isinstance(node, ScalarNode):
        yield node
    else:
        for item in node.items:
            yield from _scalars(item)


def _parameter(found: re.Match[str]) -> str:
    return found["inside"] or found["plain"]
