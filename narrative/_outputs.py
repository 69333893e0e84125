"""What a scene does beside its picture: cues at moments, and signals that drive something."""

from __future__ import annotations

import re
from functools import partial
from typing import Final, cast

from narrative._film import Cue, Drive, Modulation
from narrative._guard import Compare, SignalValue
from narrative._parse import Names, parse_guard
from narrative._problem import did_you_mean
from narrative._sheet import Keys, Sheet
from narrative._signals import SIGNALS
from narrative._values import (
    LOUDEST_DB,
    QUIETEST_DB,
    choice,
    duration,
    number,
    percent,
    within,
)
from narrative._vocabulary import (
    ADDRESS,
    BYTE,
    CHANNEL,
    DRIVES,
    LIGHTS,
    MESSAGES,
    MIDI,
    MODULATION,
    MOST_ARGUMENTS,
    OSC,
)
from narrative._yaml import MapNode, Node, ScalarNode

__all__ = ["cue", "modulation"]

_ADDRESS: Final = re.compile(ADDRESS)
_DATA: Final = {"note": 2, "control": 2, "program": 1}
_EXAMPLES: Final = {
    "note": "[note, velocity]",
    "control": "[controller, value]",
    "program": "[program]",
}
_TARGETS: Final = {"osc": "the OSC address: target: /lamp/1", "grade": "the LUT: target: warm.cube"}
_LIMITS: Final = {
    "gain": (QUIETEST_DB, LOUDEST_DB),  # what the player takes
    "filter": (20.0, 20_000.0),
    "grade": (0.0, 1.0),
    "osc": (None, None),
}


def cue(sheet: Sheet, node: Node, what: str) -> Cue | None:
    """Return a cue, of whichever kind."""
    if not isinstance(node, MapNode):
        sheet.entries(node, what)
        return None
    tables = {"lights": LIGHTS, "osc": OSC, "midi": MIDI}
    written = [key.value for key in node.items[::2] if isinstance(key, ScalarNode)]
    outputs = [name for name in tables if name in written]
    if len(outputs) != 1:
        remedy = "Write one of them: lights: 10 %, osc: /lamp/1 or midi: note."
        sheet.note(node, f"{what} is not one of lights, osc and midi", remedy)
        return None
    keys = sheet.mapping(node, tables[outputs[0]], what, what)
    at_s = keys.read("at", duration, 0.0)
    match outputs[0]:
        case "lights":
            level = keys.read("lights", percent, 0.0)
            return Cue(at_s, "lights", "house", (level,), keys.read("in", duration, 0.0))
        case "osc":
            nothing: tuple[float, ...] = ()
            arguments = keys.read("values", _numbers, nothing)
            if len(arguments) > MOST_ARGUMENTS:
                remedy = f"Write {MOST_ARGUMENTS} at most."
                sheet.note(keys.node("values"), f"{what} has too many values", remedy)
            return Cue(at_s, "osc", keys.read("osc", _address, ""), arguments)
        case _:
            return Cue(at_s, "midi", *_midi(sheet, keys))


def _midi(sheet: Sheet, keys: Keys) -> tuple[str, tuple[float, ...]]:
    """Return the kind of a message, and its channel with its data bytes."""

    def data(sheet: Sheet, node: Node, what: str) -> tuple[float, ...] | None:
        values = [byte(sheet, item, f"one of {what}") for item in sheet.items(node, what)]
        if kind and len(values) != _DATA[kind]:
            remedy = f"A {kind} message has {_DATA[kind]}: write {_EXAMPLES[kind]}."
            sheet.note(node, f"{what} has {len(values)} values", remedy)
        return tuple(float(value) for value in values if value is not None)

    nothing: tuple[float, ...] = ()
    byte = within(BYTE)
    kind = keys.read("midi", partial(choice, kind=MESSAGES), "")
    channel = keys.read("channel", within(CHANNEL), 1)
    return kind, (float(channel), *keys.read("values", data, nothing))


def modulation(sheet: Sheet, node: Node, what: str) -> Modulation | None:
    """Return a modulation."""
    keys = sheet.mapping(node, MODULATION, what, what)
    if not isinstance(node, MapNode):
        return None

    drives = keys.read("drives", partial(choice, kind=DRIVES), "")
    least, most = _LIMITS.get(drives, (None, None))

    return Modulation(
        signal=keys.read("signal", _signal, SignalValue("", "value")),
        drives=cast(Drive, drives),
        target=_target(sheet, node, what, keys, drives),
        reads=keys.read("from", _two_readings, (0.0, 1.0)),
        gives=keys.read("to", partial(_pair, least=least, most=most), (0.0, 1.0)),
        slew=keys.read("slew", _slew, 1.0),
        rest=keys.read("rest", partial(number, least=least, most=most), 0.0),
    )


def _target(sheet: Sheet, node: Node, what: str, keys: Keys, drives: str) -> str:
    """Return what is driven, by address or file."""
    if drives in _TARGETS and "target" not in keys:
        sheet.note(node, f'{what} has no "target"', f"Add {_TARGETS[drives]}.")
    if "target" not in keys:
        return ""
    if drives in ("gain", "filter"):
        what = f"{what} drives the {drives} and has a target"
        sheet.note(keys.node("target"), what, "Remove target: it is this scene's sound.")
    return keys.read("target", _address if drives == "osc" else Sheet.text, "")


def _address(sheet: Sheet, node: Node, what: str) -> str | None:
    text = sheet.text(node, what)
    if text is None or _ADDRESS.fullmatch(text):
        return text
    remedy = "Write names with / before each, as /lamp/1, without spaces and any of #*,?[]{}."
    sheet.note(node, f'{what} is "{text}", which is no OSC address', remedy)
    return None


def _signal(sheet: Sheet, node: Node, what: str) -> SignalValue | None:
    """Return a signal, written as guards write it."""
    text = sheet.text(node, what)
    if text is None or not isinstance(node, ScalarNode):
        return None
    word = text.partition(".")[0]
    if word not in SIGNALS:
        sheet.note(node, f'there is no signal "{word}"', did_you_mean(word, SIGNALS))
        return None
    guard, problems = parse_guard(f"{text} > 0", Names(()))
    for problem in problems:
        offset = min(problem.offset, len(text) - 1)
        sheet.note_inside(node, offset, problem.what, problem.remedy)
    tree = guard.tree if guard else None
    if isinstance(tree, Compare) and isinstance(tree.quantity, SignalValue):
        return tree.quantity
    if not problems:
        remedy = "Write one signal, as engagement, engagement.trend or engagement.zone(left)."
        sheet.note(node, f'{what} is "{text}", which is no signal', remedy)
    return None


def _slew(sheet: Sheet, node: Node, what: str) -> float | None:
    value = number(sheet, node, what)
    if value is None or value > 0:
        return value
    sheet.note(node, f"{what} is not above zero", "Write how much it may change in a second.")
    return None


def _numbers(sheet: Sheet, node: Node, what: str) -> tuple[float, ...]:
    values = [number(sheet, item, f"one of {what}") for item in sheet.items(node, what)]
    return tuple(value for value in values if value is not None)


def _two_readings(sheet: Sheet, node: Node, what: str) -> tuple[float, float] | None:
    ends = _pair(sheet, node, what)
    if ends is not None and ends[0] == ends[1]:
        remedy = "Write two different readings, as [-1, 1]."
        sheet.note(node, f"{what} has the same reading twice", remedy)
    return ends


def _pair(
    sheet: Sheet, node: Node, what: str, least: float | None = None, most: float | None = None
) -> tuple[float, float] | None:
    items = sheet.items(node, what)
    if len(items) != 2:
        sheet.note(node, f"{what} is not a pair", "Write two numbers, as [-1, 1].")
        return None
    first, second = (number(sheet, item, f"one of {what}", least, most) for item in items)
    return None if first is None or second is None else (first, second)
