"""Templates and static files as they go out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, partial
from operator import methodcaller
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from festival_api.speech import Language, translated
from festival_api.texts import sha256_hex

POLICY = (
    "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; "
    "object-src 'none'"
)
"""The Content-Security-Policy of pages: nothing but what this service itself serves."""

_FOLDER = Path(__file__).parent
_MEDIA_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}


@dataclass(frozen=True, slots=True)
class StaticFile:
    """A file that pages need, with the tag that tells its versions apart."""

    content: bytes
    media_type: str
    tag: str


def render(name: str, language: Language, **values: object) -> str:
    """Write the page of the template `name` in `language`."""
    return _environment(language).get_template(name).render(values)


@cache
def static_files() -> Mapping[str, StaticFile]:
    """Return every script, style and picture, by name."""
    found = {}
    for path in sorted((_FOLDER / "static").iterdir()):
        content = path.read_bytes()
        tag = f'"{sha256_hex(content)[:32]}"'
        found[path.name] = StaticFile(content, _MEDIA_TYPES[path.suffix], tag)
    return found


@cache
def _environment(language: Language) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_FOLDER / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    # In the order in which things are named; scripts show them so.
    environment.policies["json.dumps_kwargs"] = {"ensure_ascii": False, "sort_keys": False}
    environment.globals["_"] = partial(translated, language=language)
    environment.globals["language"] = language
    environment.filters["said"] = methodcaller("in_", language)
    return environment
