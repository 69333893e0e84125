"""The JSON Schema says what the loader says, as far as a schema can."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from narrative import FilmError, film_schema, load_film
from narrative import _vocabulary as vocabulary

Json = dict[str, Any]
ROOT = Path(__file__).parents[2]
FILMS = [
    ROOT / "engine/demo/film.yaml",
    *(p for p in sorted((ROOT / "examples/films").rglob("*.yaml")) if p.parent.name != "journeys"),
]
SCHEMA = film_schema()
TABLES = {
    table.name: table for table in vars(vocabulary).values() if isinstance(table, vocabulary.Table)
}
TYPES = {
    "object": dict,
    "array": list,
    "string": str,
    "boolean": bool,
    "integer": int,
    "number": int | float,
}


def faults(schema: Json, value: Any, at: str = "") -> Iterator[str]:
    """Hold a value against a schema: the obvious way, for the keywords that are used."""
    used = {*schema} - {"description", "title", "$schema", "$defs"}
    known = {"type", "properties", "additionalProperties", "propertyNames", "required", "items"}
    known |= {"minItems", "maxItems", "minProperties", "minimum", "maximum", "pattern", "enum"}
    assert used <= known | {"anyOf", "$ref"}, "a keyword that is not checked here"
    if "$ref" in schema:
        yield from faults(SCHEMA["$defs"][schema["$ref"].removeprefix("#/$defs/")], value, at)
    if "anyOf" in schema and all(list(faults(one, value, at)) for one in schema["anyOf"]):
        yield f"{at}: none of several"
    types = schema.get("type", list(TYPES))
    types = [types] if isinstance(types, str) else types
    is_flag = isinstance(value, bool)
    if not any(
        isinstance(value, TYPES[name]) and (name == "boolean" or not is_flag) for name in types
    ):
        yield f"{at}: {type(value).__name__}"
        return
    if "enum" in schema and value not in schema["enum"]:
        yield f"{at}: {value}"
    if isinstance(value, str) and not re.search(schema.get("pattern", ""), value):
        yield f"{at}: {value}"
    is_number = isinstance(value, int | float) and not is_flag
    if is_number and not schema.get("minimum", value) <= value <= schema.get("maximum", value):
        yield f"{at}: {value}"
    if isinstance(value, list):
        if not schema.get("minItems", 0) <= len(value) <= schema.get("maxItems", len(value)):
            yield f"{at}: {len(value)} items"
        for index, item in enumerate(value):
            yield from faults(schema.get("items", {}), item, f"{at}.{index}")
    if isinstance(value, dict):
        if len(value) < schema.get("minProperties", 0):
            yield f"{at}: {len(value)} keys"
        yield from (f"{at}: no {key}" for key in schema.get("required", ()) if key not in value)
        for key, item in value.items():
            yield from faults(schema.get("propertyNames", {}), key, f"{at}.{key}")
            other = schema.get("additionalProperties", {})
            inner = schema.get("properties", {}).get(key, other)
            if inner is False:
                yield f"{at}.{key}: foreign"
            else:
                yield from faults(inner, item, f"{at}.{key}")


def mapping(name: str) -> Json:
    """The schema of one of the format's mappings."""
    found: Json = SCHEMA if name == "film" else SCHEMA["$defs"][name]
    return found


def test_it_is_plain_json_of_the_draft_editors_know() -> None:
    assert SCHEMA["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert json.loads(json.dumps(SCHEMA)) == SCHEMA


@pytest.mark.parametrize("name", TABLES)
def test_its_keys_are_the_loaders(name: str) -> None:
    schema, table = mapping(name), TABLES[name]
    assert list(schema["properties"]) == list(table.keys)
    assert schema["additionalProperties"] is False
    assert schema.get("required", []) == [key for key, one in table.keys.items() if one.needed]
    for one in schema["properties"].values():
        assert one["description"].endswith(".")


@pytest.mark.parametrize("path", FILMS, ids=lambda path: path.stem)
def test_it_accepts_the_films_that_come_with_the_hall(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert list(faults(SCHEMA, yaml.safe_load(text))) == []
    load_film(text, path.name)


def test_it_accepts_the_film_that_uses_every_key(everything_text: str) -> None:
    assert list(faults(SCHEMA, yaml.safe_load(everything_text))) == []


def test_that_film_uses_every_key(everything_text: str) -> None:
    """So that every key is read by the loader somewhere in these tests."""
    words = set(re.findall(r"[A-Za-z_]+(?=:)", everything_text))
    missing = {key for table in TABLES.values() for key in table.keys} - words
    assert missing == set()


# Replacements in the film that uses every key, refused by the schema and by the loader.
BOTH = {
    "foreign key": ("fps: 24", "fps: 24\nfoo: 1"),
    "foreign key of a scene": ("bumper: 3", "bumpers: 3"),
    "foreign key of a cue": ("lights: 10 %, in", "lights: 10 %, on"),
    "foreign key of a modulation": ("slew: 2", "slow: 2"),
    "foreign key of a cut": ("when: engagement.trend < 0, to", "if: engagement.trend < 0, to"),
    "set in a cut": ("to: other}", "to: other, set: {courage: 1}}"),
    "foreign key of a part": ("start: face", "begin: face"),
    "foreign key of a use": ("with: {who: ben", "bumper: 2, with: {who: ben"),
    "missing key": ("fps: 24\n", ""),
    "no scenes": ("max_runtime: 90 min", "max_run: 90 min"),
    "duration without unit": ("length: 24 s", "length: 24"),
    "gain": ("-12 dB", "-12"),
    "percent": ("10 %", "10"),
    "flag": ("lead_in: true", "lead_in: 1"),
    "confidence": ("confidence: 0.8", "confidence: 1.5"),
    "bumper": ("bumper: 3", "bumper: 1"),
    "channel": ("channel: 1", "channel: 17"),
    "byte": ("[60, 90]", "[60, 128]"),
    "address": ("osc: /lamp/1", "osc: lamp"),
    "drives": ("drives: gain", "drives: volume"),
    "pair": ("from: [-1, 1]", "from: [1]"),
    "frames": ("in: 2400", "in: soon"),
    "timecode": ('"00:01:00:00"', '"1:00:00"'),
    "fps": ("fps: 24", "fps: fast"),
    "name": ("met_anna: false", "met-anna: false"),
    "language": ("{en: Storm", "{English: Storm"),
    "one thread": ("      anna: clips/chase_anna.mkv\n", ""),
    "baseline": ("baseline: lead_in", "baseline: none"),
    "change": ("keys: -1", "keys: less"),
}


@pytest.mark.parametrize("case", BOTH)
def test_what_it_refuses_the_loader_refuses(case: str, everything_text: str) -> None:
    old, new = BOTH[case]
    assert old in everything_text
    text = everything_text.replace(old, new)
    assert list(faults(SCHEMA, yaml.safe_load(text))) != []
    with pytest.raises(FilmError):
        load_film(text, "film.yaml")
