"""A film of the size of the largest known one: read, checked, measured and drawn."""

from __future__ import annotations

from collections.abc import Callable

import yaml

from benchmarks._large_film import large_film
from benchmarks._measure import Contender, Effort, Floats, interleave, ratio, spread, stopwatch
from benchmarks._report import RATIO, Table
from narrative import (
    Film,
    as_svg,
    check_film,
    decision_points,
    flow_of,
    load_film,
    planned_lengths,
    running_time,
)

NAME = "film.yaml"


def run(effort: Effort) -> list[Table]:
    """Measure what `hall film check` does to a large film, without its clips.

    Parameters
    ----------
    effort : Effort
        How many rounds.
    """
    text = large_film()
    film = load_film(text, NAME)
    lengths_s = planned_lengths(film)
    works: dict[str, Callable[[], object]] = {
        "read and checked": lambda: check_film(load_film(text, NAME)),
        "read": lambda: load_film(text, NAME),
        "checked": lambda: check_film(film),
        "flags followed": lambda: flow_of(film),
        "running time": lambda: running_time(film, lengths_s),
        "decision points": lambda: decision_points(film, lengths_s),
        "drawn as SVG": lambda: as_svg(film),
        "floor: YAML alone": lambda: yaml.compose(text, yaml.CSafeLoader),
    }
    contenders: dict[str, Contender] = {name: _timed(work) for name, work in works.items()}
    costs = interleave(contenders, effort.rounds)
    ours = costs["read and checked"]
    rows = tuple((name, _ms(cost), ratio(cost, ours)) for name, cost in costs.items())
    return [Table(_title(film), ("", "ms", RATIO), rows, (_note(film),))]


def _timed(work: Callable[[], object]) -> Contender:
    return lambda: stopwatch(work)


def _ms(cost: Floats) -> str:
    return spread((1e3 * cost).mean(axis=1))


def _title(film: Film) -> str:
    ways = sum(len(s.branches) + (s.default is not None) for s in film.scenes.values())
    return (
        f"A film of {len(film.scenes)} scenes, {ways:,} ways on and {len(film.variables)} flags,"
        " most of it one loop"
    )


def _note(film: Film) -> str:
    found = check_film(film)
    counts = {kind: sum(p.severity == kind for p in found) for kind in ("warning", "note")}
    return (
        f"Checked: values of all flags followed through all scenes, every guard against its scene "
        f"and those before it; {counts['warning']} warnings and {counts['note']} notes. No clips."
    )
