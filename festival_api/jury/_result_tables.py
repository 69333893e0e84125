"""A decision as tables for spreadsheets: by work, and by juror; all numbers whole, as decided."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection

from festival_api.editions import Edition
from festival_api.jury._decisions import held
from festival_api.jury._recognition import RecognitionResult
from festival_api.jury._recompute import read_result
from festival_api.jury._record import Points
from festival_api.jury._selection import SelectionResult
from festival_api.jury._works import works
from festival_api.tables import csv_bytes

Cell = str | int | None


def work_table(c: Connection, edition: Edition, stage: int) -> bytes:
    """Return what each work of stage 1 or 2 came to, as CSV.

    Plain means stand as a sum and a count; adjusted scores and their standard errors in
    micro-points, millionths of a point.
    """
    result = _result(c, edition.id, stage)
    titles = {
        entry: work.shown(people=True).title
        for entry, work in works(c, [work.entry for work in result.by_work]).items()
    }
    if isinstance(result, RecognitionResult):
        return csv_bytes(*_recognition(edition, result, titles))
    return csv_bytes(*_selection(edition, result, titles))


def juror_table(c: Connection, edition: Edition) -> bytes:
    """Return how harsh each juror of stage 2 is, under the juror's pseudonym, as CSV."""
    result = _result(c, edition.id, 2)
    header = ("juror", "faction", "reviews", "severity_micro", "se_micro")
    rows = [(one.juror, one.faction, one.reviews, one.micro, one.se_micro) for one in result.jurors]
    return csv_bytes(header, rows)


def _result(c: Connection, edition: str, stage: int) -> Any:
    return read_result(held(c, edition, stage))


def _recognition(
    edition: Edition, result: RecognitionResult, titles: dict[str, dict[str, str]]
) -> tuple[Sequence[str], list[list[Cell]]]:
    checks = [check.id for check in edition.stage_1.checks]
    header = ["entry", "title_en", "title_zh", "recognised"]
    header += [f"{check}_{what}" for check in checks for what in ("passed", "failed")]
    rows: list[list[Cell]] = []
    for work in result.by_work:
        row = _work(work.entry, titles)
        row.append("yes" if work.recognised else "no")
        for check in checks:
            row += [work.checks[check].passed, work.checks[check].failed]
        rows.append(row)
    return header, rows


def _selection(
    edition: Edition, result: SelectionResult, titles: dict[str, dict[str, str]]
) -> tuple[Sequence[str], list[list[Cell]]]:
    dimensions = [dimension.id for dimension in edition.dimensions]
    factions = [faction.id for faction in edition.factions]
    header = ["entry", "title_en", "title_zh", "rank", "passed", "decided_by"]
    header += ["sum", "reviews", "adjusted_micro", "se_micro"]
    for name in dimensions:
        header += [f"{name}_sum", f"{name}_reviews", f"{name}_adjusted_micro", f"{name}_se_micro"]
    for name in factions:
        header += [f"{name}_sum", f"{name}_reviews"]
    rows: list[list[Cell]] = []
    for work in sorted(result.by_work, key=lambda work: (work.rank, work.entry)):
        row = _work(work.entry, titles)
        row += [work.rank, "yes" if work.passed else "no", work.rung]
        row += [*_points(work.raw), work.adjusted.micro, work.adjusted.se_micro]
        for name in dimensions:
            adjusted = work.dimensions_adjusted[name]
            row += [*_points(work.dimensions[name]), adjusted.micro, adjusted.se_micro]
        for name in factions:
            row += _points(work.factions.get(name))
        rows.append(row)
    return header, rows


def _work(entry: str, titles: dict[str, dict[str, str]]) -> list[Cell]:
    title = titles.get(entry, {})
    return [entry, title.get("en"), title.get("zh-Hant")]


def _points(points: Points | None) -> list[Cell]:
    return [None, None] if points is None else [points.total, points.count]
