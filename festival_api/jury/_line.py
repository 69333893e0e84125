"""Whether every work has the opinions that it needs, and the first rung of the order for the line.

A work within one standard error of the line gets one more juror, drawn by lot, once. The lot
follows from the edition's text and the entry alone, so that nobody can choose it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Connection, select

from festival_api.editions import Edition, LoadedEdition
from festival_api.jury._assigning import ShortfallView, assign_extra, works_of
from festival_api.jury._counted import submitted_opinions
from festival_api.jury._finding import find_conflicts
from festival_api.jury._gathering import selection_inputs
from festival_api.jury._recognition import RecognitionInputs, recognise
from festival_api.jury._selection import SelectionInputs
from festival_api.jury._selection import select as decide
from festival_api.jury._stage_refusals import INSUFFICIENT_REVIEWS, LINE_NEEDS_JURORS
from festival_api.jury._stage_rows import act, require_action
from festival_api.jury._stage_rules import stage_rules
from festival_api.store import tables as t
from festival_api.texts import Id32

_ENTRY = Field(examples=["0f1e2d3c4b5a69788796a5b4c3d2e1f0"])


class LineWork(BaseModel):
    """A work near the line, and how far its further juror is: none, drawn, or heard."""

    model_config = ConfigDict(frozen=True)

    entry: Id32 = _ENTRY
    juror: Literal["due", "waiting", "heard"]


class Line(BaseModel):
    """The works within one standard error of the line, by id; no score and no rank."""

    model_config = ConfigDict(frozen=True)

    works: tuple[LineWork, ...]
    shortfalls: tuple[ShortfallView, ...] = Field(
        default=(), description="Works that no further juror could be drawn for.", examples=[[]]
    )


def require_sufficient(edition: Edition, inputs: RecognitionInputs | SelectionInputs) -> None:
    """Let pass when every work can be decided.

    Raises
    ------
    Refusal
        `insufficient_reviews`, with what each work lacks: opinions, of which factions, and in stage
        1 the checks on which its verdicts are level.
    """
    rules = stage_rules(edition, inputs.stage)
    heard: defaultdict[str, list[str]] = defaultdict(list)
    for opinion in inputs.opinions:
        heard[opinion.entry].append(opinion.faction)
    works: list[dict[str, Any]] = []
    for entry in inputs.works:
        lacks, lacks_of = rules.lacks(heard[entry])
        if lacks:
            works.append({"entry": entry, "lacks": lacks, "lacks_of": lacks_of})
    if isinstance(inputs, RecognitionInputs):
        lacking = {work["entry"] for work in works}
        works += [one for one in _level(inputs) if one["entry"] not in lacking]
    if works:
        raise INSUFFICIENT_REVIEWS({"works": works}, count=len(works))


def line(c: Connection, loaded: LoadedEdition) -> Line:
    """Return the works near the line of stage 2.

    Raises
    ------
    Refusal
        `wrong_stage_state`, `insufficient_reviews`.
    """
    require_action(c, loaded.edition.id, 2, "line")
    inputs = selection_inputs(c, loaded)
    require_sufficient(loaded.edition, inputs)
    return Line(works=_near(c, loaded.edition.id, decide(inputs).near))


def draw_line(c: Connection, loaded: LoadedEdition, by: str, now: datetime) -> Line:
    """Draw a further juror for each work near the line that had none.

    Raises
    ------
    Refusal
        `wrong_stage_state`, `insufficient_reviews`.
    """
    edition = loaded.edition
    require_action(c, edition.id, 2, "line")
    find_conflicts(c, edition.id, works_of(c, edition.id, stage_rules(edition, 2)), now)
    short = []
    for work in line(c, loaded).works:
        if work.juror == "due":
            seed = f"line {loaded.sha256} {work.entry}"
            short.append(assign_extra(c, edition, 2, work.entry, seed, by, now))
    act(c, edition.id, 2, "line", by, now)
    return Line(works=line(c, loaded).works, shortfalls=tuple(one for one in short if one))


def require_line_heard(
    c: Connection, edition: str, near: Iterable[str], reason: str
) -> tuple[str, ...]:
    """Let pass when each work near the line had its further juror, or there is a reason why not.

    Returns
    -------
    tuple of str
        The works that the reason is needed for.

    Raises
    ------
    Refusal
        `line_needs_jurors`.
    """
    works = [work for work in _near(c, edition, near) if work.juror != "heard"]
    if works and not reason:
        facts = {"works": [work.model_dump() for work in works]}
        raise LINE_NEEDS_JURORS(facts, count=len(works))
    return tuple(work.entry for work in works)


def _level(inputs: RecognitionInputs) -> list[dict[str, Any]]:
    works = []
    for work in recognise(inputs).by_work:
        if work.recognised is None:
            level = [id_ for id_, count in work.checks.items() if count.outcome == "level"]
            works.append({"entry": work.entry, "lacks": 1, "lacks_of": {}, "level": level})
    return works


def _near(c: Connection, edition: str, near: Iterable[str]) -> tuple[LineWork, ...]:
    a = t.assignments.c
    drawn = {
        (row.entry, row.juror)
        for row in c.execute(
            select(a.entry, a.juror).where(
                a.edition == edition, a.stage == 2, a.why == "extra", a.ended_at.is_(None)
            )
        )
    }
    counted = {(one.entry, one.juror) for one in submitted_opinions(c, edition, 2)}
    waiting, heard = {entry for entry, _ in drawn}, {entry for entry, _ in drawn & counted}
    return tuple(
        LineWork(
            entry=entry,
            juror="heard" if entry in heard else "waiting" if entry in waiting else "due",
        )
        for entry in near
    )
