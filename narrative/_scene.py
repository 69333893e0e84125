"""One scene, as the filmmaker wrote it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import partial
from typing import Final

from narrative._duration import exactly
from narrative._film import Bed, Branch, Cue, Modulation, Scene, Set, Variable, Window
from narrative._guard import And, Compare, Expr, For, Guard, Not, Or, Visits, format_number
from narrative._outputs import cue, modulation
from narrative._parse import Names, parse_guard
from narrative._parts import Spot, scope_of
from narrative._problem import did_you_mean
from narrative._sheet import Entry, Keys, Sheet
from narrative._values import (
    confidence,
    duration,
    flag,
    frames,
    known,
    length,
    name,
    titles,
    warnings,
    within,
)
from narrative._vocabulary import BRANCH, CHANGE, CLIP, CUT, CUTS, READING, ROUNDS, SCENE
from narrative._written import OTHER, Clip, Cuts, Written
from narrative._yaml import MapNode, Node, ScalarNode

__all__ = ["Setting", "read_scene"]

_CHANGE: Final = re.compile(CHANGE, re.ASCII)
_UNREADABLE: Final = Guard("", Or(()))


@dataclass(frozen=True, slots=True)
class Setting:
    """What all scenes of a film share; no rate where it could not be read."""

    fps: Fraction | None
    variables: Mapping[str, Variable]
    beds: Mapping[str, Bed]


def read_scene(sheet: Sheet, spot: Spot, setting: Setting) -> Written:
    """Read a scene; what cannot be read is noted and stands at a harmless value."""
    return _Reader(sheet, spot, setting).whole()


class _Reader:
    """Reads one scene, and gathers the places of what it reads."""

    def __init__(self, sheet: Sheet, spot: Spot, setting: Setting) -> None:
        self._sheet = sheet
        self._spot = spot
        self._setting = setting
        self._names = Names(spot.names, setting.variables)
        self._places: dict[str, str] = {}

    def whole(self) -> Written:
        sheet, spot = self._sheet, self._spot
        keys = sheet.mapping(
            spot.entry.value, SCENE, f'scene "{spot.name}"', spot.name, spot.entry.key
        )
        self._places |= keys.places(spot.entry.key)
        clip = keys.read("clip", self._clip, Clip(""))
        no_threads: dict[str, Clip] = {}
        threads = keys.read("threads", self._threads, no_threads)
        scene = Scene(
            name=spot.name,
            title=keys.read("title", titles, {}),
            clip=clip.file,
            in_frame=clip.in_frame,
            out_frame=clip.out_frame,
            length_s=self._length(keys, clip),
            lead_in=keys.read("lead_in", flag, False),
            reading=keys.read("reading", self._window, None),
            branches=keys.read("branches", self._branches, ()),
            default=keys.read("default", self._target, None),
            linear=keys.read("linear", self._target, None),
            ending=keys.read("ending", flag, False),
            sets=keys.read("set", self._sets, ()),
            bed=keys.read("bed", partial(known, names=self._setting.beds), None),
            confidence=keys.read("confidence", confidence, None),
            warnings=keys.read("warnings", warnings, ()),
            photosensitive=keys.read("photosensitive", flag, False),
            cues=keys.read("cues", self._cues, ()),
            modulations=keys.read("modulations", self._modulations, ()),
            source=self._places,
        )
        cuts = self._cuts(keys, threads) if "cuts" in keys else None
        return Written(scene, threads, cuts, keys.read("bumper", within(ROUNDS), 1))

    def _mark(self, prefix: str, keys: Keys) -> None:
        """Enter the places of a mapping's values among the scene's."""
        where = self._sheet.where
        self._places |= {f"{prefix}.{key}": where(keys.node(key)) for key in keys.entries}

    # clips --------------------------------------------------------------------

    def _clip(self, sheet: Sheet, node: Node, what: str) -> Clip | None:
        """Read a file, or a stretch of one."""
        if not isinstance(node, MapNode):
            return Clip(sheet.text(node, what) or "", where=sheet.where(node))
        keys = sheet.mapping(node, CLIP, what, what)
        self._mark("clip", keys)
        start, end = keys.read("in", self._frames, 0), keys.read("out", self._frames, None)
        if end is not None and end <= start:
            remedy = f"It is the first frame not shown: {start + 1} or later."
            sheet.note(keys.node("out"), f"{what} is out before it is in", remedy)
            end = None
        return Clip(keys.read("file", Sheet.text, ""), start, end, sheet.where(node))

    def _frames(self, sheet: Sheet, node: Node, what: str) -> int | None:
        return frames(sheet, node, what, self._setting.fps) if self._setting.fps else None

    def _length(self, keys: Keys, clip: Clip) -> float | None:
        """Return the planned length; in and out points say it as well."""
        planned_s = keys.read("length", length, None)
        fps = self._setting.fps
        if clip.out_frame is None or fps is None:
            return planned_s
        cut = (clip.out_frame - clip.in_frame) / fps
        if planned_s is None:
            return float(cut)
        if abs(exactly(planned_s) - cut) * fps > 1:
            shown = format_number(round(float(cut), 3))
            what = f"{self._spot.name}.length is not what in and out make, {shown} s"
            self._sheet.note(keys.node("length"), what, "Leave length out, or correct one of them.")
        return planned_s

    def _threads(self, sheet: Sheet, node: Node, what: str) -> dict[str, Clip]:
        threads = {}
        for key, entry in sheet.entries(node, what).items():
            if name(sheet, entry.key, "a thread") is None:
                continue
            if key == OTHER:
                remedy = "Choose another name: it stands for the next thread."
                sheet.note(entry.key, f'a thread is called "{OTHER}"', remedy)
            clip = self._clip(sheet, entry.value, f"{what}.{key}")
            threads[key] = clip or Clip("", where=sheet.where(entry.value))
        return threads

    def _cuts(self, keys: Keys, threads: Mapping[str, Clip]) -> Cuts:
        what = f"{self._spot.name}.cuts"
        cuts = self._sheet.mapping(keys.node("cuts"), CUTS, what, what)

        return Cuts(
            every_s=cuts.read("every", length, None),
            first=cuts.read("first", partial(known, names=threads), None)
            or next(iter(threads), None),
            confidence=cuts.read("confidence", confidence, None),
            branches=cuts.read("branches", partial(self._cut_branches, threads=threads), ()),
        )

    def _cut_branches(
        self, sheet: Sheet, node: Node, what: str, threads: Mapping[str, Clip]
    ) -> tuple[Branch, ...]:
        to = partial(known, names={**threads, OTHER: None})
        branches = []
        for index, item in enumerate(sheet.items(node, what)):
            keys = sheet.mapping(item, CUT, f"a branch of {what.rpartition('.')[0]}", "")
            self._mark(f"cuts.{index}", keys)
            when = keys.read("when", self._guard, _UNREADABLE)
            branches.append(Branch(when, keys.read("to", to, OTHER)))
        return tuple(branches)

    # the graph ----------------------------------------------------------------

    def _target(self, sheet: Sheet, node: Node, what: str) -> str:
        """Read the name of a scene; empty where there is none of that name."""
        text = sheet.text(node, what)
        names = scope_of(node, self._spot.names)
        if text is None or text in names:
            return names[text] if text is not None else ""
        what = f'"{self._spot.name}" leads to "{text}", which is no scene'
        sheet.note(node, what, did_you_mean(text, names))
        return ""

    def _window(self, sheet: Sheet, node: Node, what: str) -> Window | None:
        keys = sheet.mapping(node, READING, what, what)
        from_s, to_s = keys.read("from", duration, None), keys.read("to", duration, None)
        return None if from_s is None or to_s is None else Window(from_s, to_s)

    def _branches(self, sheet: Sheet, node: Node, what: str) -> tuple[Branch, ...]:
        """Read the branches, and enter their parts' places among the scene's."""
        branches = []
        for index, item in enumerate(sheet.items(node, what)):
            keys = sheet.mapping(item, BRANCH, f"a branch of {self._spot.name}", "")
            self._mark(f"branches.{index}", keys)
            branches.append(
                Branch(
                    when=keys.read("when", self._guard, _UNREADABLE),
                    to=keys.read("to", self._target, ""),
                    sets=keys.read("set", self._sets, ()),
                )
            )
        return tuple(branches)

    def _guard(self, sheet: Sheet, node: Node, what: str) -> Guard | None:
        if not isinstance(node, ScalarNode):
            remedy = "Write one condition, as engagement > 0.7 for 5 s."
            sheet.note(node, f"{what} is not a text", remedy)
            return None
        guard, problems = parse_guard(node.value, self._names)
        for problem in problems:
            sheet.note_inside(node, problem.offset, problem.what, problem.remedy)
        if guard is None or "visits" not in guard.text:
            return guard
        return replace(guard, tree=_bound(guard.tree, self._spot.names))

    # what it remembers and does -------------------------------------------------

    def _sets(self, sheet: Sheet, node: Node, what: str) -> tuple[Set, ...]:
        entries = sheet.entries(node, what)
        found = (self._set(key, entry, what) for key, entry in entries.items())
        return tuple(change for change in found if change is not None)

    def _set(self, key: str, entry: Entry, what: str) -> Set | None:
        sheet, variable = self._sheet, self._setting.variables.get(key)
        if variable is None:
            remedy = did_you_mean(key, self._setting.variables)
            sheet.note(entry.key, f'there is no variable "{key}"', remedy)
            return None
        text = sheet.text(entry.value, f"{what}.{key}")
        if text is None:
            return None
        if variable.flag:
            if text not in ("true", "false"):
                sheet.note(entry.value, f'flag "{key}" is set to "{text}"', "Write true or false.")
            return Set(key, int(text == "true"), adds=False)
        if not _CHANGE.fullmatch(text):
            remedy = "Write a whole number (2 sets it), +1 or -1 (adds)."
            sheet.note(entry.value, f'count "{key}" is set to "{text}"', remedy)
            return None
        if abs(int(text)) > variable.most:
            remedy = f"It goes to {variable.most}: see variables."
            sheet.note(entry.value, f'count "{key}" is set to {text}', remedy)
        return Set(key, int(text), adds=text[0] in "+-")

    def _cues(self, sheet: Sheet, node: Node, what: str) -> tuple[Cue, ...]:
        """Read the cues, in order of time."""
        items = sheet.items(node, what)
        read = ((cue(sheet, item, f"a cue of {self._spot.name}"), item) for item in items)
        found = [(one, sheet.where(item)) for one, item in read if one is not None]
        found.sort(key=lambda one: one[0].at_s)
        self._places |= {f"cues.{index}": where for index, (_, where) in enumerate(found)}
        return tuple(one for one, _ in found)

    def _modulations(self, sheet: Sheet, node: Node, what: str) -> tuple[Modulation, ...]:
        found: list[Modulation] = []
        for item in sheet.items(node, what):
            one = modulation(sheet, item, f"a modulation of {self._spot.name}")
            if one is not None:
                self._places[f"modulations.{len(found)}"] = sheet.where(item)
                found.append(one)
        return tuple(found)


def _bound(tree: Expr, names: Mapping[str, str]) -> Expr:
    """Let `visits(...)` count the scene that is meant by the name where it stands."""
    match tree:
        case Compare(Visits(scene)):
            return replace(tree, quantity=Visits(names[scene]))
        case Not(body) | For(body):
            return replace(tree, body=_bound(body, names))
        case And(parts) | Or(parts):
            return replace(tree, parts=tuple(_bound(part, names) for part in parts))
        case _:
            return tree
