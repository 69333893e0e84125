"""What changed between two versions of an edition, and what of it entries stand on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from festival_api.editions._model import Edition

__all__ = ["Differences", "differences"]

# What entries, payments, reviews and ballots stand on. Texts may be corrected at any time, and so
# may what is not here: venue, spaces, programme, platforms.
_UNSAFE: Final = frozenset(
    {
        "id",
        "time_zone",
        "currency",
        "periods",
        "fees",
        "quotes",
        "categories",
        "factions",
        "dimensions",
        "scale",
        "stage_1",
        "stage_2",
        "stage_3",
        "awards",
        "tokens",
        "settings",
    }
)
_MISSING: Final = object()


@dataclass(frozen=True, slots=True)
class Differences:
    """The names of what changed.

    Attributes
    ----------
    changed : tuple of str
        All of it, as ``periods[late].until`` or ``venue.name.en``.
    unsafe : tuple of str
        What of it entries, payments, reviews or ballots stand on.
    """

    changed: tuple[str, ...]
    unsafe: tuple[str, ...]


def differences(old: Edition, new: Edition) -> Differences:
    """Compare two versions of an edition."""
    found = list(_compare("", old.model_dump(by_alias=True), new.model_dump(by_alias=True)))
    changed = tuple(name for name, _ in found)
    unsafe = tuple(name for name, is_text in found if not is_text and _top(name) in _UNSAFE)
    return Differences(changed, unsafe)


def _compare(name: str, old: Any, new: Any) -> Iterator[tuple[str, bool]]:
    """Give the name of each leaf that differs, and whether it is a public text."""
    if isinstance(old, dict) and isinstance(new, dict):
        for key in sorted(old.keys() | new.keys()):
            inner = f"{name}.{key}" if name else key
            is_text = {"en", "zh-Hant"} == old.keys() == new.keys()
            for found, text in _compare(inner, old.get(key, _MISSING), new.get(key, _MISSING)):
                yield found, is_text or text
    elif isinstance(old, tuple) and isinstance(new, tuple):
        before, after = _by_name(old), _by_name(new)
        for key in sorted(before.keys() | after.keys()):
            found_in = before.get(key, _MISSING), after.get(key, _MISSING)
            yield from _compare(f"{name}[{key}]", *found_in)
    elif old != new:
        yield name, False


def _by_name(items: tuple[Any, ...]) -> dict[str, Any]:
    """Return a list's items by id, code or place: one more at the top is one difference."""
    named = {}
    for number, item in enumerate(items):
        name = item.get("id", item.get("code", number)) if isinstance(item, dict) else number
        named[str(name)] = item
    return named


def _top(name: str) -> str:
    return name.partition(".")[0].partition("[")[0]
