"""The film format as a JSON Schema, for editors that complete and check while one types."""

from __future__ import annotations

import re
from typing import Any, Final, TypeAlias

from narrative._vocabulary import (
    FILM,
    Choice,
    Either,
    Key,
    Kind,
    ListOf,
    Named,
    Scalar,
    Table,
)

__all__ = ["film_schema"]

Json: TypeAlias = dict[str, Any]

_PARAMETER: Final = r"\$[{A-Za-z]"
"""Inside parts a parameter may stand for any value."""


def film_schema() -> Json:
    """Return the JSON Schema of a film file, draft 2020-12.

    It says which keys there are and what their values look like. What it cannot say, such as
    that a scene's default exists, `load_film` checks.

    Returns
    -------
    dict
        Ready for `json.dumps`.
    """
    tables: dict[str, Json] = {}
    root = _mapping(FILM, tables)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A branching film of the Neural Hall",
        **root,
        "$defs": tables,
    }


def _schema(kind: Kind, tables: dict[str, Json]) -> Json:
    match kind:
        case Scalar():
            return _scalar(kind)
        case Choice(words):
            return _or_parameter({"enum": list(words)})
        case ListOf(item, least, most):
            lengths = {"minItems": least} if least else {}
            lengths |= {} if most is None else {"maxItems": most}
            return {"type": "array", "items": _schema(item, tables)} | lengths
        case Named(item, pattern, least):
            return {
                "type": "object",
                "propertyNames": {"pattern": f"^({pattern})$|{_PARAMETER}"},
                "additionalProperties": _schema(item, tables),
            } | ({"minProperties": least} if least else {})
        case Either(kinds):
            return {"anyOf": [_schema(one, tables) for one in kinds]}
        case Table(name):
            if name not in tables:
                tables[name] = {}  # a table that holds itself finds its name taken
                tables[name] |= _mapping(kind, tables)
            return {"$ref": f"#/$defs/{name}"}


def _described(key: Key) -> str:
    return f"{key.says} {key.kind.says}" if isinstance(key.kind, Scalar) else key.says


def _mapping(table: Table, tables: dict[str, Json]) -> Json:
    """Return the schema of a mapping with keys of the format's own."""
    keys = {
        name: {"description": _described(key)} | _schema(key.kind, tables)
        for name, key in table.keys.items()
    }
    needed = [name for name, key in table.keys.items() if key.needed]
    return {
        "type": "object",
        "properties": keys,
        "additionalProperties": False,
    } | ({"required": needed} if needed else {})


def _scalar(kind: Scalar) -> Json:
    limits: Json = {} if kind.least is None else {"minimum": kind.least}
    limits |= {} if kind.most is None else {"maximum": kind.most}
    limits |= {"pattern": f"^({_plain(kind.pattern)})$"} if kind.pattern else {}
    types: Json = {"type": list(kind.types) if len(kind.types) > 1 else kind.types[0]}
    plain = types | limits
    return plain if "string" in kind.types and not kind.pattern else _or_parameter(plain)


def _or_parameter(plain: Json) -> Json:
    return {"anyOf": [plain, {"type": "string", "pattern": _PARAMETER}]}


def _plain(pattern: str) -> str:
    """Return a pattern without Python's names of groups."""
    return re.sub(r"\?P<[a-z]+>", "", pattern)
