"""JSON as the service takes it: what its standard (RFC 8259) leaves open is refused.

Python's reader takes NaN, keeps the last of two equal names, and lets through halves of characters
and numbers of any length; each of these once hurt a database, a log or another reader.
"""

from __future__ import annotations

import json
import math
from typing import Any, NoReturn

from festival_api.refusals import Kind
from festival_api.speech import say

MALFORMED = Kind("malformed", 400, "This cannot be read: {why}.")

_DEPTH = 32
_DIGITS = 40
_PARTS = 20_000
# The largest honest body has some hundreds; each part that does not fit costs time to be told of.

# What Python's reader says, for the catalogue.
_READER = (
    say("Expecting value"),
    say("Expecting property name enclosed in double quotes"),
    say("Expecting ':' delimiter"),
    say("Expecting ',' delimiter"),
    say("Unterminated string starting at"),
    say("Invalid control character at"),
    say("Invalid \\escape"),
    say("Invalid \\uXXXX escape"),
    say("Extra data"),
    say("Illegal trailing comma before end of object"),
    say("Illegal trailing comma before end of array"),
    say("Unexpected UTF-8 BOM (decode using utf-8-sig)"),
)


def check_json(body: bytes) -> None:
    """Refuse a body that is not strict JSON.

    Raises
    ------
    Refusal
        `malformed`.
    """
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        raise MALFORMED(why=say("it is not UTF-8")) from None
    try:
        value = json.loads(
            text,
            parse_constant=_no_constant,
            parse_float=_bounded_float,
            parse_int=_bounded_int,
            object_pairs_hook=_object,
        )
    except json.JSONDecodeError as error:
        place = {"line": error.lineno, "column": error.colno}
        raise MALFORMED(place, why=error.msg) from None
    except RecursionError:
        raise MALFORMED(why=say("its lists and objects lie too deep in each other")) from None
    _walk(value, whole="\\u" in text)


def _no_constant(name: str) -> NoReturn:
    raise MALFORMED(why=say("NaN and Infinity are no numbers of JSON"))


def _bounded_float(text: str) -> float:
    number = float(text)
    if math.isinf(number) or len(text) > _DIGITS:
        raise MALFORMED(why=say("a number is too long"))
    return number


def _bounded_int(text: str) -> int:
    if len(text) > _DIGITS:
        raise MALFORMED(why=say("a number is too long"))
    return int(text)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise MALFORMED(why=say("an object has the same name twice"))
    return found


def _walk(value: Any, *, whole: bool) -> None:
    """Refuse too much and too deep and, where escapes may have made some, half characters."""
    level = [value]
    parts = 0
    for _ in range(_DEPTH):
        parts += len(level)
        if parts > _PARTS:
            raise MALFORMED(why=say("it has too many parts"))
        below: list[Any] = []
        for one in level:
            if isinstance(one, dict):
                below.extend(one)
                below.extend(one.values())
            elif isinstance(one, list):
                below.extend(one)
            elif whole and isinstance(one, str):
                _refuse_half_characters(one)
        if not below:
            return
        level = below
    raise MALFORMED(why=say("its lists and objects lie too deep in each other"))


def _refuse_half_characters(text: str) -> None:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        raise MALFORMED(why=say("a text holds half of a character")) from None
