"""What everybody is told of published stages: which works passed, which won; no score, no loser."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Connection

from festival_api.editions import Edition
from festival_api.jury._blindness import stage_state
from festival_api.jury._decisions import latest, record_in
from festival_api.jury._recompute import read_result
from festival_api.jury._sitting import committee_awards
from festival_api.jury._stage_rows import STAGES
from festival_api.jury._works import works
from festival_api.texts import Id32, Sha256

_ID = Field(examples=["0f1e2d3c4b5a69788796a5b4c3d2e1f0"])
_SHA256 = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"

Left = Literal["withdrawn", "disqualified"]
_LEFT: Mapping[str, Left] = {"withdrawn": "withdrawn", "disqualified": "disqualified"}


class Told(BaseModel):
    """A work that passed or won."""

    model_config = ConfigDict(frozen=True)

    entry: Id32 = _ID
    title: dict[str, str] = Field(examples=[{"en": "The Lamp", "zh-Hant": "燈"}])
    left: Left | None = Field(
        description="Whether it has left the competition since; what was decided stays on record.",
        examples=[None],
    )


class DecisionTold(BaseModel):
    """A published decision: what it was among how many, and the hashes of its record."""

    model_config = ConfigDict(frozen=True)

    decision: Id32 = _ID
    stage: int = Field(examples=[2])
    award: str | None = Field(examples=[None])
    works: int = Field(description="Among how many works.", examples=[40])
    passed: tuple[Told, ...] = Field(
        description="Works that were recognised, became finalists, or won.", examples=[[]]
    )
    inputs_sha256: Sha256 = Field(examples=[_SHA256])
    result_sha256: Sha256 = Field(examples=[_SHA256])


class Results(BaseModel):
    """All that is published of an edition."""

    model_config = ConfigDict(frozen=True)

    items: tuple[DecisionTold, ...]
    next: None = Field(default=None, description="There is no further page.")


def results(c: Connection, edition: Edition) -> Results:
    """Return what is published."""
    items = []
    for stage in STAGES:
        if stage_state(c, edition.id, stage) == "published":
            subjects = [award.id for award in committee_awards(edition)] if stage == 3 else [""]
            items += [_told(c, edition.id, stage, subject) for subject in subjects]
    return Results(items=tuple(one for one in items if one is not None))


def _told(c: Connection, edition: str, stage: int, subject: str) -> DecisionTold | None:
    row = latest(c, edition, stage, subject)
    if row is None:
        return None
    result = read_result(record_in(row))
    if stage == 3:
        among, passed = len(result.rounds[0]), result.winners
    else:
        among = len(result.by_work)
        outcome = "recognised" if stage == 1 else "passed"
        passed = tuple(work.entry for work in result.by_work if getattr(work, outcome))
    shown = works(c, passed)
    return DecisionTold(
        decision=row.id,
        stage=stage,
        award=subject or None,
        works=among,
        passed=tuple(
            Told(
                entry=entry,
                title=shown[entry].shown(people=True).title,
                left=_LEFT.get(shown[entry].state),
            )
            for entry in passed
        ),
        inputs_sha256=row.inputs_sha256,
        result_sha256=row.result_sha256,
    )
