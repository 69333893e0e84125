"""A file's values to an edition: what does not fit becomes problems in plain words."""

from __future__ import annotations

import json
from typing import Any, Final, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from festival_api.editions._basics import Text
from festival_api.editions._model import Edition
from festival_api.editions._problem import Path, Problem, nearest
from festival_api.editions._yaml import Node

__all__ = ["fit"]

_DAY: Final = ("is not a day", "Write it as 2026-05-01.")
_CLOCK: Final = ("is not a time of day", "Write hours and minutes in quotes, as '19:30'.")
_TEXT: Final = ("is not a text", "Write a text, in quotes if it looks like something else.")
_MAPPING: Final = ("is not a mapping", "Write a key: value line for each thing.")
_TOLD: Final = 100
_LANGUAGES: Final = {"en": "English", "zh-Hant": "Traditional Chinese"}

# pydantic's kinds of error: what is wrong, what to do.
_PLAIN: Final[dict[str, tuple[str, str]]] = {
    "day": _DAY,
    "date_type": _DAY,
    "date_parsing": _DAY,
    "date_from_datetime_parsing": _DAY,
    "clock": _CLOCK,
    "time_type": _CLOCK,
    "time_parsing": _CLOCK,
    "string_type": _TEXT,
    "string_too_short": ("is empty", "Write a text."),
    "string_too_long": ("is too long", "Shorten it to {max_length} characters."),
    "int_type": ("is not a whole number", "Write digits only, at most 18."),
    "bool_type": ("is neither true nor false", "Write true or false."),
    "greater_than_equal": ("is too small", "Write at least {ge}."),
    "less_than_equal": ("is too large", "Write at most {le}."),
    "literal_error": ("is not one of the choices", "Choose {expected}."),
    "tuple_type": ("is not a list", 'Start each of its items with "- ".'),
    "dict_type": _MAPPING,
    "mapping_type": _MAPPING,
    "model_type": _MAPPING,
    "model_attributes_type": _MAPPING,
}
# Steps of pydantic's paths that tell which of two forms was tried, or that a key is meant.
_NOT_OF_THE_FILE: Final = frozenset({"<id>", "<by runtime>", "[key]"})
# What the patterns of the model mean.
_PATTERNS: Final = {
    r"^[a-z][a-z0-9_]{0,39}$": "small letters, digits and _, at most 40, a letter first",
    r"^[a-z0-9][a-z0-9-]{1,39}$": "small letters, digits and -, 2 to 40",
    r"^[A-Z]{3}$": "three capital letters, such as USD",
    r"^[A-Za-z]{2,12}$": "2 to 12 letters",
}


def fit(root: Node) -> tuple[Edition | None, list[Problem]]:
    """Make an edition of a file's values.

    Returns
    -------
    edition : Edition or None
        None where anything does not fit.
    problems : list of Problem
        What does not, up to a hundred; their places are not filled in.
    """
    try:
        return Edition.model_validate_json(json.dumps(root.plain())), []
    except ValidationError as error:
        details = error.errors(include_url=False, include_input=False)
        return None, [_problem(root, detail) for detail in details[:_TOLD]]


def _problem(root: Node, detail: ErrorDetails) -> Problem:
    path: Path = tuple(step for step in detail["loc"] if step not in _NOT_OF_THE_FILE)
    kind, given = detail["type"], detail.get("ctx", {})
    owner = _model(path[:-1])
    last = str(path[-1])[:60] if path else "the edition"
    if kind == "missing" and owner is Text:
        return _untranslated(path, f"the {_LANGUAGES[last]} text is missing")
    if kind == "string_too_short" and owner is Text:
        return _untranslated(path, f"the {_LANGUAGES[last]} text is empty")
    if kind == "model_type" and given.get("class_name") == "Text":
        return _untranslated(path, "this is not a text in both languages")
    if kind == "missing":
        return Problem("missing_key", path, f'"{last}" is missing', f"Add {last}.")
    if kind == "extra_forbidden":
        present = root.at(path[:-1]).value
        known = _keys(owner) - (set(present) if isinstance(present, dict) else set())
        return Problem("unknown_key", path, f'"{last}" is not known here', nearest(last, known))
    if kind == "string_pattern_mismatch":
        rule = _PATTERNS.get(given["pattern"], given["pattern"])
        return Problem(
            "bad_value", path, f'"{last}" is not written as it must be', f"Write {rule}."
        )
    what, remedy = _PLAIN.get(
        kind, (f"does not fit: {detail['msg']}", "Compare it with the example.")
    )
    return Problem("bad_value", path, f'"{last}" {what}', remedy.format(**given))


def _untranslated(path: Path, what: str) -> Problem:
    remedy = "Write both languages: {en: ..., zh-Hant: ...}."
    return Problem("translation_missing", path, what, remedy)


def _model(path: Path) -> type[BaseModel] | None:
    """Return which part of the model a path leads to."""
    model: type[BaseModel] | None = Edition
    for step in path:
        if isinstance(step, str) and model is not None:
            fields = {field.alias or name: field for name, field in model.model_fields.items()}
            model = _in(fields[step].annotation) if step in fields else None
    return model


def _in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for part in get_args(annotation) if (found := _in(part))), None)


def _keys(model: type[BaseModel] | None) -> set[str]:
    return {f.alias or name for name, f in model.model_fields.items()} if model else set()
