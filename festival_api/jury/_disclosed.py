"""What jurors wrote, as others may read it: under pseudonyms, and when they may."""

from __future__ import annotations

import json
from typing import Any

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Connection, Row, select

from festival_api.accounts import Actor
from festival_api.editions import Edition
from festival_api.jury._assigning import has_submitted, is_assigned
from festival_api.jury._blindness import Phase, Role, What, phase_of, stage_state, visibility
from festival_api.jury._contents import ReviewContent, VerdictContent
from festival_api.jury._counted import submitted_opinions
from festival_api.jury._finding import kinds_between
from festival_api.jury._refusals import SEALED, UNKNOWN_WORK
from festival_api.jury._stage_rules import stage_rules
from festival_api.store import tables as t


class DisclosedOpinion(BaseModel):
    """A submitted verdict or review, without who wrote it."""

    model_config = ConfigDict(
        frozen=True,
        json_schema_extra={
            "examples": [
                {
                    "pseudonym": "juror-4a7d1ed41447",
                    "faction": "art",
                    "revision": 1,
                    "reason": "",
                    "counts": True,
                    "void_why": None,
                    "verdict": None,
                    "review": {
                        "scores": {
                            "technological_innovation": 70,
                            "artistic_achievement": 85,
                            "commercial_value": 40,
                            "social_impact": 55,
                        },
                        "comments": {},
                        "comment": "Patient and strange.",
                        "confidence": None,
                        "runs": [],
                    },
                }
            ]
        },
    )

    pseudonym: str
    faction: str
    revision: int
    reason: str = Field(description="Why this revision came after an earlier one.")
    counts: bool
    void_why: str | None
    verdict: VerdictContent | None
    review: ReviewContent | None


def sees(
    c: Connection, edition: Edition, actor: Actor, stage: int, entry: str
) -> tuple[Role, Phase]:
    """Return as whom an account looks at a work, and in which phase of a stage.

    Raises
    ------
    Refusal
        `unknown_work`, where there is no such entry in the edition.
    """
    e = t.entries.c
    row = c.execute(select(e.owner, e.state).where(e.id == entry, e.edition == edition.id)).first()
    if row is None:
        raise UNKNOWN_WORK()
    role = _role(c, edition, actor, stage, entry, row.owner)
    submitted = role == "assigned juror" and has_submitted(
        c, edition.id, stage, (actor.account, entry)
    )
    state = stage_state(c, edition.id, stage)
    return role, phase_of(role, state, row.state, submitted=submitted)


def opinions_on(
    c: Connection, edition: Edition, actor: Actor, stage: int, entry: str
) -> tuple[DisclosedOpinion, ...]:
    """Return what was submitted on a work, by pseudonym.

    Jurors of the work see what counts; office and auditors every revision, and what is void.

    Raises
    ------
    Refusal
        `unknown_stage`; `unknown_work`, also for who has nothing to do with it; `sealed`.
    """
    stage_rules(edition, stage)
    role, phase = sees(c, edition, actor, stage, entry)
    if role not in ("assigned juror", "office", "auditor"):
        raise UNKNOWN_WORK()
    if What.OPINIONS not in visibility(role, phase):
        raise SEALED(stage=stage)
    counted = {
        (one.juror, one.revision)
        for one in submitted_opinions(c, edition.id, stage)
        if one.entry == entry
    }
    o, j = t.opinions.c, t.jurors.c
    rows = c.execute(
        select(t.opinions, j.pseudonym, j.faction)
        .join_from(t.opinions, t.jurors, (j.edition == o.edition) & (j.account == o.juror))
        .where(
            o.edition == edition.id,
            o.stage == stage,
            o.entry == entry,
            o.submitted_at.is_not(None),
        )
        .order_by(j.pseudonym, o.revision)
    ).all()
    shown = [_shown(row, counts=(row.juror, row.revision) in counted) for row in rows]
    return tuple(one for one in shown if one.counts or role != "assigned juror")


def _role(
    c: Connection, edition: Edition, actor: Actor, stage: int, entry: str, owner: str
) -> Role:
    # Office and auditors are no jurors, and first of all what they are for the festival.
    if actor.has(edition.id, "auditor"):
        return "auditor"
    if actor.has(edition.id, "office"):
        return "office"
    if owner == actor.account:
        return "owner"
    if actor.has(edition.id, "juror"):
        pair = (actor.account, entry)
        assigned = is_assigned(c, edition.id, stage, pair)
        return (
            "assigned juror"
            if assigned and not kinds_between(c, edition.id, pair)
            else "other juror"
        )
    return "visitor"


def _shown(row: Row[Any], *, counts: bool) -> DisclosedOpinion:
    content = json.loads(row.content)
    return DisclosedOpinion(
        pseudonym=row.pseudonym,
        faction=row.faction,
        revision=row.revision,
        reason=row.reason,
        counts=counts,
        void_why=row.void_why,
        verdict=VerdictContent.model_validate(content) if row.stage == 1 else None,
        review=ReviewContent.model_validate(content) if row.stage == 2 else None,
    )
