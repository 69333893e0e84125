"""Jurors write: a draft until it is submitted, then further revisions, each with its reason."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict
from sqlalchemy import Connection, Row, delete, insert, select, update

from festival_api.editions import Edition
from festival_api.jury._assigning import end_assignment, has_submitted, is_assigned, require_faction
from festival_api.jury._conflicts import Pair
from festival_api.jury._contents import (
    Review,
    ReviewContent,
    Verdict,
    VerdictContent,
    review_content,
    verdict_content,
)
from festival_api.jury._finding import kinds_between
from festival_api.jury._jurors import require_seat
from festival_api.jury._refusals import NOTHING_TO_SUBMIT, REASON_REQUIRED, UNKNOWN_WORK
from festival_api.jury._stage_rules import require_open, stage_rules
from festival_api.store import tables as t
from festival_api.texts import canonical


class OpinionView(BaseModel):
    """One's own verdict or review: the newest revision."""

    model_config = ConfigDict(
        frozen=True,
        json_schema_extra={
            "examples": [
                {
                    "stage": 2,
                    "revision": 1,
                    "state": "draft",
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
                    "note": "",
                    "reason": "",
                    "saved_at": "2026-04-02T09:30:00Z",
                    "submitted_at": None,
                }
            ]
        },
    )

    stage: int
    revision: int
    state: Literal["draft", "submitted"]
    verdict: VerdictContent | None
    review: ReviewContent | None
    note: str
    reason: str
    saved_at: datetime
    submitted_at: datetime | None


def save_verdict(
    c: Connection, edition: Edition, pair: Pair, verdict: Verdict, now: datetime
) -> OpinionView:
    """Keep a verdict as the juror's draft on a work of stage 1.

    Raises
    ------
    Refusal
        `unknown_juror`, `faction_not_in_stage`, `unknown_work`, `stage_not_open`, `stopped`,
        `checks_invalid`, `reason_required`.
    """
    _require_may_write(c, edition, 1, pair)
    content = verdict_content(edition, verdict)
    return _save(c, edition.id, 1, pair, content, verdict, now)


def save_review(
    c: Connection, edition: Edition, pair: Pair, review: Review, now: datetime
) -> OpinionView:
    """Keep a review as the juror's draft on a work of stage 2.

    Raises
    ------
    Refusal
        `unknown_juror`, `faction_not_in_stage`, `unknown_work`, `stage_not_open`, `stopped`,
        `score_invalid`, `unknown_dimension`, `run_evidence_required`, `reason_required`.
    """
    _require_may_write(c, edition, 2, pair)
    content = review_content(edition, _category_kind(c, edition, pair), review)
    return _save(c, edition.id, 2, pair, content, review, now)


def submit(c: Connection, edition: Edition, stage: int, pair: Pair, now: datetime) -> OpinionView:
    """Submit the juror's draft; what is submitted already stays as it is.

    Raises
    ------
    Refusal
        `unknown_juror`, `unknown_stage`, `faction_not_in_stage`, `unknown_work`, `stage_not_open`,
        `stopped`, `nothing_to_submit`.
    """
    _require_may_write(c, edition, stage, pair)
    newest = _newest(c, edition.id, stage, pair)
    if newest is None:
        raise NOTHING_TO_SUBMIT()
    if newest.submitted_at is not None:
        return _view(newest)
    o = t.opinions.c
    submitted = c.execute(
        update(t.opinions)
        .where(*_at(edition.id, stage, pair), o.revision == newest.revision)
        .values(submitted_at=now)
        .returning(t.opinions)
    )
    return _view(submitted.one())


def abstain(
    c: Connection, edition: Edition, stage: int, pair: Pair, reason: str, now: datetime
) -> None:
    """End the juror's own assignment to a work, with a reason.

    Raises
    ------
    Refusal
        `unknown_juror`, `unknown_stage`, `faction_not_in_stage`, `unknown_work`, `stage_not_open`,
        `stopped`, `reason_required`, `opinion_submitted`.
    """
    _require_may_write(c, edition, stage, pair)
    end_assignment(c, edition, stage, pair, reason, now)


def own_opinion(c: Connection, edition: str, stage: int, pair: Pair) -> OpinionView | None:
    """Return the newest revision of what a juror wrote on a work, unless it is void."""
    newest = _newest(c, edition, stage, pair)
    return None if newest is None else _view(newest)


def _require_may_write(c: Connection, edition: Edition, stage: int, pair: Pair) -> None:
    juror, entry = pair
    rules = stage_rules(edition, stage)
    require_faction(rules, stage, require_seat(c, edition.id, juror).faction)
    # A conflict is no answer: it would tell the juror who made the work.
    if not is_assigned(c, edition.id, stage, pair) or kinds_between(c, edition.id, pair):
        raise UNKNOWN_WORK()
    require_open(c, edition.id, stage)
    state = c.execute(select(t.entries.c.state).where(t.entries.c.id == entry)).scalar()
    if state != rules.entry_state:
        raise UNKNOWN_WORK()


def _save(
    c: Connection,
    edition: str,
    stage: int,
    pair: Pair,
    content: VerdictContent | ReviewContent,
    sent: Verdict | Review,
    now: datetime,
) -> OpinionView:
    juror, entry = pair
    rows = c.execute(
        select(t.opinions).where(*_at(edition, stage, pair)).order_by(t.opinions.c.revision)
    ).all()
    counts = has_submitted(c, edition, stage, pair)
    if counts and not sent.reason:
        raise REASON_REQUIRED({"where": ["reason"]}, what="reason")
    revision = rows[-1].revision + 1 if rows else 1
    if rows and rows[-1].submitted_at is None and rows[-1].void_at is None:
        revision = rows[-1].revision
        c.execute(
            delete(t.opinions).where(*_at(edition, stage, pair), t.opinions.c.revision == revision)
        )
    saved = c.execute(
        insert(t.opinions)
        .values(
            edition=edition,
            stage=stage,
            entry=entry,
            juror=juror,
            revision=revision,
            content=canonical(content.model_dump(mode="json")),
            note=sent.note,
            reason=sent.reason if counts else "",
            saved_at=now,
        )
        .returning(t.opinions)
    )
    return _view(saved.one())


def _category_kind(c: Connection, edition: Edition, pair: Pair) -> str:
    id_ = c.execute(select(t.entries.c.category).where(t.entries.c.id == pair[1])).scalar()
    category = edition.category(id_) if id_ else None
    return category.kind if category else ""


def _newest(c: Connection, edition: str, stage: int, pair: Pair) -> Row[Any] | None:
    o = t.opinions.c
    return c.execute(
        select(t.opinions)
        .where(*_at(edition, stage, pair), o.void_at.is_(None))
        .order_by(o.revision.desc())
        .limit(1)
    ).first()


def _at(edition: str, stage: int, pair: Pair) -> tuple[Any, ...]:
    o, (juror, entry) = t.opinions.c, pair
    return o.edition == edition, o.stage == stage, o.juror == juror, o.entry == entry


def _view(row: Row[Any]) -> OpinionView:
    content = json.loads(row.content)
    return OpinionView(
        stage=row.stage,
        revision=row.revision,
        state="draft" if row.submitted_at is None else "submitted",
        verdict=VerdictContent.model_validate(content) if row.stage == 1 else None,
        review=ReviewContent.model_validate(content) if row.stage == 2 else None,
        note=row.note,
        reason=row.reason,
        saved_at=row.saved_at,
        submitted_at=row.submitted_at,
    )
