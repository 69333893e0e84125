"""Decisions as they are kept, and who may read them.

The record of a decision is sealed: the auditor reads it at once; the office reads stages 1 and 2,
which it must plan with, and the awards once they are published. Everybody else is told of published
decisions that there is one, with its hashes, and whether it still follows from its record.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Connection, Row, func, insert, select

from festival_api.accounts import Actor
from festival_api.jury._blindness import stage_state
from festival_api.jury._recompute import AnyInputs, AnyResult, DecisionRecord, record_of
from festival_api.jury._stage_refusals import NOT_DECIDED, UNKNOWN_DECISION
from festival_api.store import new_id
from festival_api.store import tables as t
from festival_api.texts import Id32, Sha256

_ID = Field(examples=["0f1e2d3c4b5a69788796a5b4c3d2e1f0"])
_SHA256 = Field(examples=["9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"])


class DecisionHead(BaseModel):
    """What a decision is about, and the hashes that hold it to its record."""

    model_config = ConfigDict(frozen=True)

    id: Id32 = _ID
    edition: str = Field(examples=["hkaiiff-2026"])
    stage: int = Field(examples=[2])
    kind: str = Field(
        description="recognition, selection, award, or tie: a second round was due.",
        examples=["selection"],
    )
    subject: str = Field(description="The award; empty for a stage.", examples=[""])
    method: str = Field(
        description="Rules of counting, with their version.", examples=["selection-1"]
    )
    turn: int = Field(
        description="Counts up when the same is decided anew; the highest holds.", examples=[1]
    )
    inputs_sha256: Sha256 = _SHA256
    result_sha256: Sha256 = _SHA256
    made_at: datetime = Field(examples=["2026-04-10T04:00:00Z"])


class DecisionView(DecisionHead):
    """A decision; its record stands in it for those who may read that."""

    inputs: str | None = Field(
        description="All that it was decided from: canonical JSON (RFC 8785), as it was hashed.",
        examples=['{"method":"selection-1"}'],
    )
    result: str | None = Field(
        description="What was decided: canonical JSON, as it was hashed.",
        examples=['{"eligible":40,"quota":16}'],
    )
    reasons: str | None = Field(description="What people gave as reasons.", examples=[""])


def keep(c: Connection, inputs: AnyInputs, by: str, now: datetime) -> AnyResult:
    """Decide, and keep the decision."""
    record, result = record_of(inputs)
    d = t.decisions.c
    same = (d.edition == record.edition, d.stage == record.stage, d.subject == record.subject)
    turn = (c.execute(select(func.max(d.turn)).where(*same)).scalar() or 0) + 1
    c.execute(
        insert(t.decisions).values(
            id=new_id(),
            turn=turn,
            made_at=now,
            made_by=by,
            **{name: getattr(record, name) for name in DecisionRecord.__slots__},
        )
    )
    return result


def latest(c: Connection, edition: str, stage: int, subject: str = "") -> Row[Any] | None:
    """Return the row of the decision that holds for a stage or an award, if there is one."""
    d = t.decisions.c
    return c.execute(
        select(t.decisions)
        .where(d.edition == edition, d.stage == stage, d.subject == subject)
        .order_by(d.turn.desc())
        .limit(1)
    ).first()


def held(c: Connection, edition: str, stage: int, subject: str = "") -> DecisionRecord:
    """Return the record of the decision that holds for a stage or an award.

    Raises
    ------
    Refusal
        `not_decided`.
    """
    row = latest(c, edition, stage, subject)
    if row is None:
        raise NOT_DECIDED(stage=stage)
    return record_in(row)


def record_in(row: Row[Any]) -> DecisionRecord:
    """Return the record of a row."""
    return DecisionRecord(**{name: getattr(row, name) for name in DecisionRecord.__slots__})


def list_decisions(
    c: Connection, edition: str, actor: Actor, stage: int | None
) -> list[DecisionHead]:
    """Return the decisions whose records an account may read, by stage, subject and turn."""
    d = t.decisions.c
    query = select(t.decisions).where(d.edition == edition).order_by(d.stage, d.subject, d.turn)
    if stage is not None:
        query = query.where(d.stage == stage)
    return [
        DecisionHead.model_validate(row, from_attributes=True)
        for row in c.execute(query).all()
        if _may_read(c, row, actor)
    ]


def decision(c: Connection, id_: str, actor: Actor | None) -> DecisionView:
    """Return a decision, with its record for who may read that.

    Raises
    ------
    Refusal
        `unknown_decision`, also for one that is not published, to who may not read its record.
    """
    row = _known(c, id_, actor)
    view = DecisionView.model_validate(row, from_attributes=True)
    if not _may_read(c, row, actor):
        view = view.model_copy(update={"inputs": None, "result": None, "reasons": None})
    return view


def find_decision(c: Connection, id_: str, actor: Actor | None) -> DecisionRecord:
    """Return the record of a decision that an account may know of, to compute it again.

    Raises
    ------
    Refusal
        `unknown_decision`.
    """
    return record_in(_known(c, id_, actor))


def require_told(c: Connection, edition: str, stage: int, actor: Actor) -> None:
    """Let pass who may read what a stage came to, once it is closed.

    Raises
    ------
    Refusal
        `not_decided`, also to the office while the awards are sealed.
    """
    state = stage_state(c, edition, stage)
    sealed = stage == 3 and state != "published" and not actor.has(edition, "auditor")
    if state not in ("closed", "published") or sealed:
        raise NOT_DECIDED(stage=stage)


def _known(c: Connection, id_: str, actor: Actor | None) -> Row[Any]:
    row = c.execute(select(t.decisions).where(t.decisions.c.id == id_)).first()
    if row is None or not (_may_read(c, row, actor) or _is_public(c, row)):
        raise UNKNOWN_DECISION()
    return row


def _may_read(c: Connection, row: Row[Any], actor: Actor | None) -> bool:
    if actor is None:
        return False
    if actor.has(row.edition, "auditor"):
        return True
    open_to_office = row.stage < 3 or stage_state(c, row.edition, 3) == "published"
    return actor.has(row.edition, "office") and open_to_office


def _is_public(c: Connection, row: Row[Any]) -> bool:
    """Tell whether a decision holds and is published."""
    if stage_state(c, row.edition, row.stage) != "published":
        return False
    holds = latest(c, row.edition, row.stage, row.subject)
    return holds is not None and holds.id == row.id
