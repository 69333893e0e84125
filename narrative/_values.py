"""Single values of a film file: what their texts mean, and what to write instead of a wrong one."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from fractions import Fraction
from functools import partial
from math import ceil
from typing import Final

from narrative._duration import written
from narrative._guard import format_number
from narrative._problem import did_you_mean
from narrative._sheet import Sheet
from narrative._vocabulary import FPS, GAIN, LANGUAGE, NAME, PERCENT, Choice, Scalar
from narrative._words import listed
from narrative._yaml import Node

__all__ = [
    "LOUDEST_DB",
    "QUIETEST_DB",
    "choice",
    "confidence",
    "duration",
    "flag",
    "fps",
    "frames",
    "gain",
    "known",
    "length",
    "name",
    "number",
    "percent",
    "titles",
    "warnings",
    "whole",
    "within",
]

_NAME: Final = re.compile(NAME, re.ASCII)
_FPS: Final = re.compile(FPS, re.ASCII)
_NTSC: Final = {"23.976": "24000/1001", "29.97": "30000/1001", "59.94": "60000/1001"}
_PROBABILITY: Final = re.compile(r"0\.[0-9]{1,9}", re.ASCII)
_NUMBER: Final = re.compile(r"[+-]?[0-9]{1,9}(\.[0-9]{1,9})?", re.ASCII)
_WHOLE: Final = re.compile(r"[0-9]{1,9}", re.ASCII)
_GAIN: Final = re.compile(GAIN, re.ASCII)
_PERCENT: Final = re.compile(PERCENT, re.ASCII)
_TIMECODE: Final = re.compile(r"([0-9]{2}):([0-9]{2}):([0-9]{2})([:;.,])([0-9]{2,3})", re.ASCII)
_LANGUAGE: Final = re.compile(LANGUAGE, re.ASCII)
_DROPPED: Final = {Fraction(30000, 1001): 2, Fraction(60000, 1001): 4}
"""Frame numbers that drop-frame timecode leaves out in a minute (SMPTE ST 12-1)."""

QUIETEST_DB: Final = -60.0
LOUDEST_DB: Final = 6.0


def flag(sheet: Sheet, node: Node, what: str) -> bool:
    """Return a true or false."""
    text = sheet.text(node, what)
    if text not in (None, "true", "false"):
        sheet.note(node, f'{what} is "{text}"', "Write true or false.")
    return text == "true"


def name(sheet: Sheet, node: Node, what: str) -> str | None:
    """Return a name of the filmmaker's own."""
    text = sheet.text(node, what)
    if text is None or _NAME.fullmatch(text):
        return text
    remedy = "Use Latin letters, digits and _, a letter first; other scripts go into title."
    sheet.note(node, f'"{text}" cannot name {what}', remedy)
    return None


def choice(sheet: Sheet, node: Node, what: str, kind: Choice) -> str | None:
    """Return one of its words."""
    words = kind.words
    text = sheet.text(node, what)
    if text is None or text in words:
        return text
    sheet.note(node, f'{what} is "{text}"', f"Write {listed(words, 'or')}.")
    return None


def duration(sheet: Sheet, node: Node, what: str) -> float | None:
    """Return a duration in seconds, zero allowed."""
    text = sheet.text(node, what)
    length_s = written(text) if text is not None else None
    if text is not None and length_s is None:
        plain = _NUMBER.fullmatch(text) and text[0].isdigit()
        remedy = f"Write {text} s (or ms, min)." if plain else "Write it like 24 s, 500 ms, 2 min."
        sheet.note(node, f'{what} is "{text}", which is no duration', remedy)
    return length_s


def length(sheet: Sheet, node: Node, what: str) -> float | None:
    """Return a duration in seconds, above zero."""
    length_s = duration(sheet, node, what)
    if length_s == 0:
        sheet.note(node, f"{what} is zero", "Write a duration above zero.")
        return None
    return length_s


def number(
    sheet: Sheet,
    node: Node,
    what: str,
    least: float | None = None,
    most: float | None = None,
) -> float | None:
    """Return a number, kept to its limits."""
    text = sheet.text(node, what)
    if text is None:
        return None
    if not _NUMBER.fullmatch(text):
        sheet.note(node, f'{what} is "{text}", which is no number', "Write it like 0.5 or -6.")
        return None
    value = float(text)
    if (least is not None and value < least) or (most is not None and value > most):
        sheet.note(node, f"{what} is {text}", f"Write a number {_limits(least, most)}.")
        return None
    return value


def whole(sheet: Sheet, node: Node, what: str, least: int, most: int) -> int | None:
    """Return a whole number, kept to its limits."""
    text = sheet.text(node, what)
    if text is None:
        return None
    if not _WHOLE.fullmatch(text) or not least <= int(text) <= most:
        remedy = f"Write a whole number {_limits(least, most)}."
        sheet.note(node, f'{what} is "{text}"', remedy)
        return None
    return int(text)


def within(kind: Scalar) -> Callable[[Sheet, Node, str], int | None]:
    """Give what reads a whole number with the limits of the vocabulary."""
    assert kind.least is not None
    assert kind.most is not None
    return partial(whole, least=int(kind.least), most=int(kind.most))


def confidence(sheet: Sheet, node: Node, what: str) -> float | None:
    """Return a least confidence."""
    text = sheet.text(node, what)
    if text is None:
        return None
    if not _PROBABILITY.fullmatch(text) or not 0.5 <= float(text) < 1:
        sheet.note(node, f'{what} is "{text}"', "Write a number from 0.5 to below 1, as 0.95.")
        return None
    return float(text)


def fps(sheet: Sheet, node: Node, what: str) -> Fraction | None:
    """Return frames per second."""
    text = sheet.text(node, what)
    if text is None:
        return None
    if text in _NTSC:
        sheet.note(node, f"{what} {text} is rounded", f"Write {_NTSC[text]}.")
    elif not _FPS.fullmatch(text) or not 1 <= Fraction(text) <= 240:
        remedy = "Write 24, 25, 30 or a fraction such as 24000/1001."
        sheet.note(node, f'{what} is "{text}"', remedy)
    else:
        return Fraction(text)
    return None


def frames(sheet: Sheet, node: Node, what: str, rate: Fraction) -> int | None:
    """Return a number of frames, written as such or as a timecode at the film's rate."""
    text = sheet.text(node, what)
    if text is None:
        return None
    if _WHOLE.fullmatch(text):
        return int(text)
    found = _TIMECODE.fullmatch(text)
    if found is None:
        remedy = 'Write a timecode, "01:00:04:12", or a whole number of frames.'
        sheet.note(node, f'{what} is "{text}", which is no timecode', remedy)
        return None
    hours, minutes, seconds, count = (int(found[group]) for group in (1, 2, 3, 5))
    nominal = ceil(rate)
    if minutes > 59 or seconds > 59:
        remedy = "Minutes and seconds go to 59."
        sheet.note(node, f'{what} is "{text}", which is no timecode', remedy)
        return None
    if count >= nominal:
        remedy = f"Its last number goes to {nominal - 1} at {rate} frames per second."
        sheet.note(node, f'{what} is "{text}", which has a frame too many', remedy)
        return None
    total = ((hours * 60 + minutes) * 60 + seconds) * nominal + count
    if found[4] != ":":
        sheet.note(
            node, f'{what} is "{text}", a drop-frame timecode', _undropped(rate, total, found)
        )
        return None
    return total


def _undropped(rate: Fraction, total: int, found: re.Match[str]) -> str:
    """Say what to write for a drop-frame timecode."""
    if found[4] == ";" and rate in _DROPPED:
        passed = int(found[1]) * 60 + int(found[2])
        total -= _DROPPED[rate] * (passed - passed // 10)
        return f"Write the frame it stands for: {total}."
    return f'Write it with colons, "{found[1]}:{found[2]}:{found[3]}:{found[5]}", or in frames.'


def gain(sheet: Sheet, node: Node, what: str) -> float | None:
    """Return a gain in dB."""
    text = sheet.text(node, what)
    found = _GAIN.fullmatch(text) if text is not None else None
    if text is None or (found and QUIETEST_DB <= float(found["amount"]) <= LOUDEST_DB):
        return float(found["amount"]) if found else None
    remedy = f"Write it like -12 dB, from {QUIETEST_DB:g} dB to +{LOUDEST_DB:g} dB."
    sheet.note(node, f'{what} is "{text}"', remedy)
    return None


def percent(sheet: Sheet, node: Node, what: str) -> float | None:
    """Return a share, 0 to 1."""
    text = sheet.text(node, what)
    found = _PERCENT.fullmatch(text) if text is not None else None
    if text is None or (found and float(found["amount"]) <= 100):
        return float(found["amount"]) / 100 if found else None
    sheet.note(node, f'{what} is "{text}"', "Write it like 10 %, from 0 % to 100 %.")
    return None


def titles(sheet: Sheet, node: Node, what: str) -> Mapping[str, str]:
    """Return texts by language."""
    entries = sheet.entries(node, what)
    for tag, entry in entries.items():
        if not _LANGUAGE.fullmatch(tag):
            remedy = "Write en, zh-Hant or the like."
            sheet.note(entry.key, f'"{tag}" is no language tag', remedy)
    texts = {tag: sheet.text(entry.value, f"{what} ({tag})") for tag, entry in entries.items()}
    return {tag: text for tag, text in texts.items() if text is not None}


def warnings(sheet: Sheet, node: Node, what: str) -> tuple[Mapping[str, str], ...]:
    """Return a list of texts by language."""
    return tuple(titles(sheet, item, f"one of {what}") for item in sheet.items(node, what))


def known(
    sheet: Sheet, node: Node, what: str, names: Mapping[str, object], kind: str = ""
) -> str | None:
    """Return a name that is among these, of things of one kind."""
    text = sheet.text(node, what)
    if text is None or text in names:
        return text
    missing = f'{kind} "{text}"'.lstrip()
    sheet.note(node, f"{what}: there is no {missing}", did_you_mean(text, names))
    return None


def _limits(least: float | None, most: float | None) -> str:
    ends = [format_number(end) for end in (least, most) if end is not None]
    return f"from {ends[0]} to {ends[1]}" if len(ends) == 2 else f"of {ends[0]} or more"
