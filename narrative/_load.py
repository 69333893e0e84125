"""A film file's text to a `Film`, or to everything that is wrong with it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from fractions import Fraction
from functools import partial
from typing import Final

from narrative._film import Bed, Film, Scene, Variable
from narrative._graph import graph_problems
from narrative._parse import RESERVED
from narrative._parts import MOST_SCENES, Placed, Spot, place_scenes
from narrative._problem import FilmError, Problem
from narrative._rules import scene_problems
from narrative._scene import Setting, read_scene
from narrative._sheet import Entry, Sheet, UnreadableError
from narrative._shots import entrance, write_out
from narrative._values import (
    choice,
    confidence,
    duration,
    flag,
    fps,
    gain,
    known,
    length,
    name,
    titles,
    warnings,
    within,
)
from narrative._vocabulary import BASELINES, BED, COUNT, COUNT_MOST, COUNT_START, FILM, MOST_COUNTED
from narrative._written import Written
from narrative._yaml import MapNode, Node

__all__ = ["load_film"]

_CONFIDENCE: Final = 0.95
_MOST_BRANCHES: Final = 200_000
_ANY_RATE: Final = Fraction(24)
"""Stands where the rate cannot be read, so that the rest can be."""


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
        its window. Parts, threads and bumpers are written out.

    Raises
    ------
    FilmError
        With all problems found, each with its line and column.
    """
    sheet = Sheet(text, name)
    try:
        film, broken = _film(sheet)
    except UnreadableError:
        raise FilmError(sheet.problems) from None
    problems = dict.fromkeys((*sheet.problems, *broken))
    if problems:
        raise FilmError(problems)
    return film


def _film(sheet: Sheet) -> tuple[Film, tuple[Problem, ...]]:
    """Read the whole file; what cannot be read is noted and stands at a harmless value.

    Returns
    -------
    film : Film
        To be shown only if nothing was noted and no problems are returned.
    problems : tuple of Problem
        What is wrong with its graph.
    """
    root = sheet.root()
    keys = sheet.mapping(root, FILM, "the film")
    rate = keys.read("fps", fps, None)
    setting = Setting(rate, keys.read("variables", _variables, {}), keys.read("beds", _beds, {}))
    placed = Placed()
    if "scenes" in keys:
        parts = keys.node("parts") if "parts" in keys else None
        placed = place_scenes(sheet, keys.node("scenes"), parts)
    written = [_written(sheet, spot, setting) for spot in placed.spots]
    entered = {scene.scene.name: entrance(scene) for scene in written}
    entrances = {name: entered.get(meant, meant) for name, meant in placed.names.items()}

    begins = keys.read("start", partial(known, names=entrances, kind="scene"), "")

    film = Film(
        title=keys.read("title", titles, {}),
        fps=rate or _ANY_RATE,
        start=entrances.get(begins, ""),
        scenes=_flat(sheet, written, entrances, rate or _ANY_RATE, root),
        max_runtime_s=keys.read("max_runtime", length, 1.0),
        confidence=keys.read("confidence", confidence, _CONFIDENCE),
        signals=_signals(written),
        calibrated=keys.read("baseline", _calibrated, False),
        variables=setting.variables,
        beds=setting.beds,
        synopsis=keys.read("synopsis", titles, {}),
        by=keys.read("by", Sheet.text, ""),
        warnings=keys.read("warnings", warnings, ()),
        photosensitive=keys.read("photosensitive", flag, False),
        entrances=entrances,
        source=keys.places(root),
    )
    return film, tuple(graph_problems(film, placed.uses))


# scenes ---------------------------------------------------------------------------


def _written(sheet: Sheet, spot: Spot, setting: Setting) -> Written:
    """Read a scene and look for what is wrong with it by itself."""
    with sheet.used_in(spot.use):
        written = read_scene(sheet, spot, setting)
        problems = tuple(scene_problems(written, setting.fps or _ANY_RATE))
        for problem in problems:
            sheet.take(problem)
    cuts = written.cuts
    threads = bool(cuts and cuts.every_s and written.scene.length_s)
    if problems or (written.threads and not threads):
        # Without threads and rounds, so that the graph can be looked at all the same.
        return replace(written, threads={}, cuts=None, bumper=1)
    return written


def _flat(
    sheet: Sheet,
    written: Iterable[Written],
    entrances: Mapping[str, str],
    rate: Fraction,
    root: Node,
) -> dict[str, Scene]:
    """Write out all scenes, as far as a hall can hold them."""
    scenes: dict[str, Scene] = {}
    branches = 0
    for one in written:
        for scene in write_out(one, entrances, rate):
            scenes[scene.name] = scene
            branches += len(scene.branches)
            if len(scenes) > MOST_SCENES or branches > _MOST_BRANCHES:
                what = (
                    f"the film has more than {MOST_SCENES} scenes or {_MOST_BRANCHES} branches"
                    " with its threads, bumpers and parts written out"
                )
                remedy = f'Cut less often, for one: "{scene.of}" is where it gets too much.'
                sheet.stop(root, what, remedy)
    return scenes


def _signals(written: Iterable[Written]) -> frozenset[str]:
    """Return the names of all signals that are read."""
    read: set[str] = set()
    for one in written:
        cuts = one.cuts.branches if one.cuts else ()
        for branch in (*one.scene.branches, *cuts):
            read |= branch.when.signals
        read |= {modulation.signal.signal for modulation in one.scene.modulations}
    return frozenset(read)


# what the film says of itself -------------------------------------------------------


def _calibrated(sheet: Sheet, node: Node, what: str) -> bool:
    return choice(sheet, node, what, BASELINES) == "calibration"


def _variables(sheet: Sheet, node: Node, what: str) -> dict[str, Variable]:
    variables = {}
    for key, entry in sheet.entries(node, what).items():
        if key in RESERVED:
            remedy = "Choose another name."
            sheet.note(entry.key, f'"{key}" is a word of the guard language', remedy)
        elif name(sheet, entry.key, "a variable") is not None:
            variables[key] = _variable(sheet, key, entry)
    return variables


def _variable(sheet: Sheet, key: str, entry: Entry) -> Variable:
    """Read a flag's or a count's beginning."""
    if isinstance(entry.value, MapNode):
        keys = sheet.mapping(entry.value, COUNT, f'variable "{key}"', key)
        most = keys.read("most", within(COUNT_MOST), MOST_COUNTED)
        start = keys.read("start", within(COUNT_START), 0)
        if start > most:
            what = f'variable "{key}" starts at {start}, above its most of {most}'
            sheet.note(keys.node("start"), what, f"Write start: {most} or less.")
        return Variable(key, start, most, flag=False)
    text = sheet.text(entry.value, key)
    if text in ("true", "false"):
        return Variable(key, int(text == "true"), 1, flag=True)
    if text is not None and text.isdecimal() and text.isascii() and int(text) <= MOST_COUNTED:
        return Variable(key, int(text), MOST_COUNTED, flag=False)
    if text is not None:
        remedy = f"Write false for a flag, 0 for a count (to {MOST_COUNTED} at most)."
        sheet.note(entry.value, f'variable "{key}" is "{text}"', remedy)
    return Variable(key, 0, 1, flag=True)


def _beds(sheet: Sheet, node: Node, what: str) -> dict[str, Bed]:
    beds = {}
    for key, entry in sheet.entries(node, what).items():
        if name(sheet, entry.key, "a bed") is None:
            continue
        keys = sheet.mapping(entry.value, BED, f'bed "{key}"', key)
        beds[key] = Bed(
            name=key,
            file=keys.read("file", Sheet.text, ""),
            gain_db=keys.read("gain", gain, 0.0),
            fade_s=keys.read("fade", duration, 1.0),
        )
    return beds
