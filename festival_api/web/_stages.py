"""Stages: opening, the line, closing, publishing; decisions, results, seeds."""

from __future__ import annotations

import secrets
from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import BaseModel, Field

from festival_api import jury
from festival_api.accounts import NOT_ALLOWED
from festival_api.texts import Body, Id32, Prose
from festival_api.web._asking import MaybeSignedIn, Serving, SignedIn
from festival_api.web._festival import UNKNOWN_EDITION
from festival_api.web._openapi import refusing

router = APIRouter(tags=["stages"])

Stage = Annotated[int, Path(ge=1, le=3, description="1, 2 or 3.", examples=[2])]

_OFFICE = (UNKNOWN_EDITION, NOT_ALLOWED, jury.WRONG_STAGE_STATE)


class StageList(BaseModel):
    """The three stages."""

    items: tuple[jury.StageView, ...]
    next: None = Field(default=None, description="There is no further page.")


class SeedList(BaseModel):
    """The seeds that were committed."""

    items: tuple[jury.SeedView, ...]
    next: None = Field(default=None, description="There is no further page.")


class DecisionList(BaseModel):
    """Decisions, earlier ones of the same as well."""

    items: tuple[jury.DecisionHead, ...]
    next: None = Field(default=None, description="There is no further page.")


class Reopening(Body):
    """Why a stage is opened again."""

    reason: Prose = Field(examples=["A juror's conflict of interest came to light."])


class Recomputed(BaseModel):
    """Whether a decision follows from its own record."""

    same: bool
    differences: tuple[jury.Difference, ...] = Field(
        description="Members of the record that are not what they must be.", examples=[[]]
    )


@router.get(
    "/editions/{edition}/stages",
    summary="How far the stages are",
    responses=refusing(UNKNOWN_EDITION),
)
def list_stages(edition: str, festival: Serving) -> StageList:
    """Tell which stages are open, closed and published."""
    festival.loaded(edition)
    with festival.database.read() as c:
        return StageList(items=jury.stages(c, edition))


@router.post(
    "/editions/{edition}/stages/{stage}/open",
    summary="Open a stage",
    responses=refusing(
        *_OFFICE,
        jury.PREVIOUS_STAGE_DUE,
        jury.SEED_REQUIRED,
        jury.AWARD_LIST_INCOMPLETE,
        jury.COMMITTEE_TOO_SMALL,
    ),
)
def open_stage(edition: str, stage: Stage, festival: Serving, actor: SignedIn) -> jury.Admitted:
    """Open a stage, in order, and bring its works before the jury.

    Entries that are submitted later come to stage 1 by `admit`. Stage 3 opens once every award of
    the list is announced and the core committee has its quorum.
    """
    loaded = festival.loaded(edition)
    actor.require(edition, "office")
    with festival.database.write() as c:
        return jury.open_stage(c, loaded, stage, actor.account, festival.clock())


@router.post(
    "/editions/{edition}/stages/1/admit",
    summary="Bring later entries before the jury",
    responses=refusing(*_OFFICE),
)
def admit(edition: str, festival: Serving, actor: SignedIn) -> jury.Admitted:
    """Bring entries that were submitted since stage 1 was opened before its jury."""
    loaded = festival.loaded(edition)
    actor.require(edition, "office")
    with festival.database.write() as c:
        return jury.admit(c, loaded, actor.account, festival.clock())


@router.get(
    "/editions/{edition}/stages/2/line",
    summary="Which works are near the line",
    responses=refusing(*_OFFICE, jury.INSUFFICIENT_REVIEWS),
)
def read_line(edition: str, festival: Serving, actor: SignedIn) -> jury.Line:
    """Name the works within one standard error of the line, in no order that tells of scores.

    Each is to have one more juror, before stage 2 is closed.
    """
    loaded = festival.loaded(edition)
    actor.require(edition, "office", "auditor")
    with festival.database.read() as c:
        return jury.line(c, loaded)


@router.post(
    "/editions/{edition}/stages/2/line",
    summary="Draw jurors for the works near the line",
    responses=refusing(*_OFFICE, jury.INSUFFICIENT_REVIEWS),
)
def draw_line(edition: str, festival: Serving, actor: SignedIn) -> jury.Line:
    """Draw one more juror for each work near the line that had none; by a lot nobody chooses."""
    loaded = festival.loaded(edition)
    actor.require(edition, "office")
    with festival.database.write() as c:
        return jury.draw_line(c, loaded, actor.account, festival.clock())


@router.post(
    "/editions/{edition}/stages/{stage}/close",
    summary="Close a stage and decide it",
    responses=refusing(
        *_OFFICE,
        jury.INSUFFICIENT_REVIEWS,
        jury.ENTRIES_STILL_TAKEN,
        jury.ENTRIES_WAITING,
        jury.LINE_NEEDS_JURORS,
        jury.TIE_OPEN,
        jury.CHOICE_INVALID,
        jury.NOTHING_TO_CHOOSE,
        jury.AWARDS_UNDECIDED,
        jury.NOT_REPRODUCED,
    ),
)
def close(
    edition: str, stage: Stage, body: jury.Closing, festival: Serving, actor: SignedIn
) -> jury.StageView:
    """Close a stage: nothing in it changes any more, and it is decided.

    Stage 1: a work passes a check when more verdicts pass it than fail it, and is recognised when
    it passes all. Stage 2: see `GET /editions/{edition}/stages/2/line` for the first rung of the
    order, and `choice` for the last. Results are sealed until the stage is published.
    """
    loaded = festival.loaded(edition)
    actor.require(edition, "office")
    with festival.database.write() as c:
        return jury.close(c, loaded, stage, body, actor.account, festival.clock())


@router.post(
    "/editions/{edition}/stages/{stage}/reopen",
    summary="Open a closed stage again",
    responses=refusing(*_OFFICE, jury.REASON_REQUIRED),
)
def reopen(
    edition: str, stage: Stage, body: Reopening, festival: Serving, actor: SignedIn
) -> jury.StageView:
    """Open a stage that is closed and not published; it is decided anew when it is closed again."""
    loaded = festival.loaded(edition)
    actor.require(edition, "office")
    with festival.database.write() as c:
        return jury.reopen(c, loaded, stage, body.reason, actor.account, festival.clock())


@router.post(
    "/editions/{edition}/stages/{stage}/publish",
    summary="Publish a stage's results",
    responses=refusing(*_OFFICE, jury.DECISION_OUTDATED, jury.NOT_REPRODUCED),
)
def publish(edition: str, stage: Stage, festival: Serving, actor: SignedIn) -> jury.StageView:
    """Publish what was decided: entries move and their owners are written to, all at once.

    Every decision is computed again from its record before, and held against what is so now.
    """
    loaded = festival.loaded(edition)
    actor.require(edition, "office")
    with festival.database.write() as c:
        return jury.publish(c, loaded, stage, actor.account, festival.clock())


@router.get(
    "/editions/{edition}/results",
    summary="What is published",
    responses=refusing(UNKNOWN_EDITION, jury.NOT_REPRODUCED),
)
def read_results(edition: str, festival: Serving) -> jury.Results:
    """Tell which works were recognised, became finalists and won, as far as it is published."""
    loaded = festival.loaded(edition)
    with festival.database.read() as c:
        return jury.results(c, loaded.edition)


@router.get(
    "/editions/{edition}/jury/decisions",
    summary="List decisions",
    responses=refusing(UNKNOWN_EDITION, NOT_ALLOWED),
)
def list_decisions(
    edition: str,
    festival: Serving,
    actor: SignedIn,
    stage: Annotated[int | None, Field(ge=1, le=3)] = None,
) -> DecisionList:
    """List the decisions whose records one may read: auditors all, the office no sealed awards."""
    festival.loaded(edition)
    actor.require(edition, "office", "auditor")
    with festival.database.read() as c:
        return DecisionList(items=tuple(jury.list_decisions(c, edition, actor, stage)))


@router.get(
    "/decisions/{decision}",
    summary="Read a decision",
    responses=refusing(jury.UNKNOWN_DECISION),
)
def read_decision(decision: Id32, festival: Serving, actor: MaybeSignedIn) -> jury.DecisionView:
    """Read a decision with its record, from which it can be computed again; jurors by pseudonym.

    Without the right to its record, published decisions are told by their hashes.
    """
    with festival.database.read() as c:
        return jury.decision(c, decision, actor)


@router.get(
    "/decisions/{decision}/recompute",
    summary="Compute a decision again",
    responses=refusing(jury.UNKNOWN_DECISION),
)
def recompute(decision: Id32, festival: Serving, actor: MaybeSignedIn) -> Recomputed:
    """Compute a decision again from its own record, and tell what differs."""
    with festival.database.read() as c:
        record = jury.find_decision(c, decision, actor)
    differences = jury.recompute(record)
    return Recomputed(same=not differences, differences=differences)


@router.get(
    "/editions/{edition}/seeds",
    summary="Seeds for drawing lots",
    responses=refusing(UNKNOWN_EDITION),
)
def list_seeds(edition: str, festival: Serving) -> SeedList:
    """List the hashes of seeds that were committed, and the seeds that have served."""
    festival.loaded(edition)
    with festival.database.read() as c:
        return SeedList(items=jury.seeds(c, edition))


@router.post(
    "/editions/{edition}/seeds/{purpose}",
    status_code=201,
    summary="Commit a seed",
    responses=refusing(UNKNOWN_EDITION, NOT_ALLOWED, jury.SEED_COMMITTED, jury.TOO_LATE_FOR_SEED),
)
def commit_seed(
    edition: str, purpose: jury.Purpose, festival: Serving, actor: SignedIn
) -> jury.SeedView:
    """Let the service make a seed: its hash is public at once, the seed once it has served."""
    festival.loaded(edition)
    actor.require(edition, "office")
    seed = secrets.token_hex(32)
    with festival.database.write() as c:
        return jury.commit_seed(c, edition, purpose, seed, festival.clock())
