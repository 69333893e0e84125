"""Contradictions within an edition: what is written right, but cannot all be true."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Final, Protocol
from zoneinfo import available_timezones

from babel.numbers import list_currencies

from festival_api.editions._basics import Text
from festival_api.editions._check_jury import check_awards, check_matrix, check_stages
from festival_api.editions._check_programme import (
    check_bookings,
    check_programme,
    check_spaces,
    check_tokens,
)
from festival_api.editions._check_season import check_categories, check_fees, check_periods
from festival_api.editions._model import Edition
from festival_api.editions._problem import Path, Problem, nearest

__all__ = ["check"]


class _Named(Protocol):
    @property
    def id(self) -> str: ...
    @property
    def name(self) -> Text: ...


def check(edition: Edition) -> tuple[Problem, ...]:
    """Return every contradiction and remark; with none but warnings the edition may be used.

    Each problem names its path in the edition. `parse` has called this already; it is for editions
    made otherwise.
    """
    return tuple(problem for rule in _RULES for problem in rule(edition))


def _check_world(edition: Edition) -> Iterator[Problem]:
    """What the edition takes from the world: its time zone and currency."""
    zones = available_timezones()
    if edition.time_zone not in zones:
        what = f'there is no time zone "{edition.time_zone}"'
        yield Problem(
            "unknown_time_zone", ("time_zone",), what, _nearest_zone(edition.time_zone, zones)
        )
    currencies = list_currencies("en")
    if edition.currency not in currencies:
        what = f'there is no currency "{edition.currency}"'
        remedy = "Write its ISO 4217 code, such as USD or HKD."
        yield Problem("unknown_currency", ("currency",), what, remedy)


def _nearest_zone(name: str, zones: set[str]) -> str:
    """Say which time zone may be meant; there are too many to list."""
    told = nearest(name, zones)
    return told if told.startswith("Did") else "Write its IANA name, such as Asia/Hong_Kong."


def _check_names(edition: Edition) -> Iterator[Problem]:
    """Ids are unique in their list, and so are names: readers tell things apart by them."""
    lists: dict[Path, Sequence[_Named]] = {
        ("periods",): edition.periods,
        ("fees",): edition.fees,
        ("categories",): edition.categories,
        ("factions",): edition.factions,
        ("dimensions",): edition.dimensions,
        ("stage_1", "checks"): edition.stage_1.checks,
        ("awards",): edition.awards,
        ("spaces",): edition.spaces,
    }
    for path, items in lists.items():
        yield from _repeated(path, "id", [item.id for item in items])
        yield from _repeated(path, "name", [item.name.en for item in items], "en")
        yield from _repeated(path, "name", [item.name.zh_hant for item in items], "zh-Hant")
    yield from _repeated(("programme",), "id", [item.id for item in edition.programme])
    yield from _repeated(("tokens",), "code", [token.code.casefold() for token in edition.tokens])


def _repeated(path: Path, key: str, values: list[str], *inside: str) -> Iterator[Problem]:
    counts: Counter[str] = Counter()
    for number, value in enumerate(values):
        counts[value] += 1
        if counts[value] == 2:
            what = f'"{value}" is the {key} of two of them'
            remedy = f"Give this one another {key}."
            yield Problem(f"duplicate_{key}", (*path, number, key, *inside), what, remedy)


def _check_references(edition: Edition) -> Iterator[Problem]:
    """Every id that is named exists, and is named once."""
    fees = {fee.id for fee in edition.fees}
    factions = {faction.id for faction in edition.factions}
    dimensions = {dimension.id for dimension in edition.dimensions}
    spaces = {space.id for space in edition.spaces}
    named: list[tuple[Path, str, set[str]]] = []
    for number, category in enumerate(edition.categories):
        path: Path = ("categories", number, "fee")
        if isinstance(category.fee, str):
            named.append((path, category.fee, fees))
        else:
            named.append(((*path, "below"), category.fee.below, fees))
            named.append(((*path, "from_boundary"), category.fee.from_boundary, fees))
    named += [(("stage_1", "minimum", id_), id_, factions) for id_ in edition.stage_1.minimum]
    for number, award in enumerate(edition.awards):
        if award.dimension is not None:
            named.append((("awards", number, "dimension"), award.dimension, dimensions))
    for number, item in enumerate(edition.programme):
        if item.space is not None:
            named.append((("programme", number, "space"), item.space, spaces))
    lists: list[tuple[Path, tuple[str, ...], set[str]]] = [
        (("stage_1", "factions"), edition.stage_1.factions, factions),
        (("stage_2", "factions"), edition.stage_2.factions, factions),
        (("settings", "award_dimensions"), edition.settings.award_dimensions, dimensions),
        *(
            (("awards", n, "panel"), award.panel, factions)
            for n, award in enumerate(edition.awards)
        ),
    ]
    for path, ids, known in lists:
        named += [((*path, number), id_, known) for number, id_ in enumerate(ids)]
        seen: set[str] = set()
        for number, id_ in enumerate(ids):
            if id_ in seen:
                what = f'"{id_}" is named twice'
                yield Problem("named_twice", (*path, number), what, "Keep one of them.")
            seen.add(id_)
    for path, id_, known in named:
        if id_ not in known:
            what = f'"{id_}" is not an id of this edition'
            yield Problem("unknown_id", path, what, nearest(id_, known))


_RULES: Final[tuple[Callable[[Edition], Iterator[Problem]], ...]] = (
    _check_world,
    _check_names,
    _check_references,
    check_periods,
    check_fees,
    check_categories,
    check_matrix,
    check_stages,
    check_awards,
    check_spaces,
    check_programme,
    check_bookings,
    check_tokens,
)
