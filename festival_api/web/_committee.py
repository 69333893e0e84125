"""Stage 3: viewings and defences, ballots, counting."""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import BaseModel, Field

from festival_api import jury
from festival_api.accounts import NOT_ALLOWED
from festival_api.texts import Body, Id32
from festival_api.web._asking import Serving, SignedIn
from festival_api.web._festival import UNKNOWN_EDITION
from festival_api.web._openapi import refusing

router = APIRouter(tags=["committee"])

_STAGE = (UNKNOWN_EDITION, jury.STAGE_NOT_OPEN, jury.STOPPED)
_AWARD = (
    *_STAGE,
    jury.UNKNOWN_AWARD,
    jury.NOT_FOR_COMMITTEE,
    jury.AWARD_COUNTED,
    jury.NOT_REPRODUCED,
)


class HearingList(BaseModel):
    """Viewings and defences, by time."""

    items: tuple[jury.HearingView, ...]
    next: None = Field(default=None, description="There is no further page.")


class AwardList(BaseModel):
    """The awards of the committee, in the edition's order."""

    items: tuple[jury.AwardView, ...]
    next: None = Field(default=None, description="There is no further page.")


class NewBallot(Body):
    """For which finalist."""

    entry: Id32 = Field(examples=["0f1e2d3c4b5a69788796a5b4c3d2e1f0"])


@router.get(
    "/editions/{edition}/hearings",
    summary="List viewings and defences",
    responses=refusing(UNKNOWN_EDITION, NOT_ALLOWED, jury.NOT_IN_COMMITTEE),
)
def list_hearings(edition: str, festival: Serving, actor: SignedIn) -> HearingList:
    """List every viewing and defence, and who was there, corrected records among them.

    Members of the committee are told what they attended themselves, as it holds now, and not who
    else was there.
    """
    festival.loaded(edition)
    actor.require(edition, "juror", "office", "auditor")
    with festival.database.read() as c:
        if actor.has(edition, "office") or actor.has(edition, "auditor"):
            return HearingList(items=jury.hearings(c, edition))
        if not jury.is_member(c, edition, actor.account):
            raise jury.NOT_IN_COMMITTEE()
        return HearingList(items=jury.attended(c, edition, actor.account))


@router.post(
    "/editions/{edition}/hearings",
    status_code=201,
    summary="Record a viewing or a defence",
    responses=refusing(
        *_STAGE,
        NOT_ALLOWED,
        jury.NOT_HELD_YET,
        jury.NOT_A_FINALIST,
        jury.UNKNOWN_JUROR,
        jury.NOBODY_THERE,
        jury.UNKNOWN_HEARING,
        jury.HEARING_REPLACED,
        jury.REASON_REQUIRED,
    ),
)
def record_hearing(
    edition: str, body: jury.NewHearing, festival: Serving, actor: SignedIn
) -> jury.HearingView:
    """Record who was there: members vote only for works whose viewing they attended.

    A record is corrected by another one that `replaces` it, with a `reason`; both stay. Ballots
    that rest on the corrected one alone no longer count, and whoever cast one votes again.
    """
    festival.loaded(edition)
    actor.require(edition, "office")
    with festival.database.write() as c:
        return jury.record_hearing(c, edition, body, actor.account, festival.clock())


@router.get(
    "/editions/{edition}/awards",
    summary="How far the awards are",
    responses=refusing(UNKNOWN_EDITION, NOT_ALLOWED, jury.NOT_IN_COMMITTEE, jury.NOT_REPRODUCED),
)
def list_awards(edition: str, festival: Serving, actor: SignedIn) -> AwardList:
    """Tell members, office and auditors how many ballots each award has, and not for what.

    Members see what they voted themselves, and the works that stand: in a second round these were
    level in the first, which the office is not told.
    """
    loaded = festival.loaded(edition)
    actor.require(edition, "juror", "office", "auditor")
    with festival.database.read() as c:
        member = jury.is_member(c, edition, actor.account)
        auditor = actor.has(edition, "auditor")
        if not (member or auditor or actor.has(edition, "office")):
            raise jury.NOT_IN_COMMITTEE()
        juror = actor.account if member else None
        items = jury.awards(c, loaded, juror, candidates=member or auditor)
    return AwardList(items=items)


@router.post(
    "/editions/{edition}/awards/{award}/ballots",
    status_code=201,
    summary="Vote on an award",
    responses=refusing(
        *_AWARD,
        NOT_ALLOWED,
        jury.NOT_IN_COMMITTEE,
        jury.NOT_ON_PANEL,
        jury.RECUSED,
        jury.DOUBLE_VOTE,
        jury.NOT_A_FINALIST,
        jury.NOT_VIEWED,
    ),
)
def vote(
    edition: str, award: str, body: NewBallot, festival: Serving, actor: SignedIn
) -> jury.BallotView:
    """Cast one's ballot; it stays."""
    loaded = festival.loaded(edition)
    actor.require_confirmed()
    with festival.database.write() as c:
        return jury.cast(c, loaded, award, actor.account, body.entry, festival.clock())


@router.post(
    "/editions/{edition}/awards/{award}/count",
    summary="Count the ballots on an award",
    responses=refusing(*_AWARD, NOT_ALLOWED, jury.QUORUM_MISSING),
)
def count(edition: str, award: str, festival: Serving, actor: SignedIn) -> jury.AwardView:
    """Count. Where several works have most ballots, a second round among these begins.

    What was counted is sealed until stage 3 is published; the auditor reads it at once.
    """
    loaded = festival.loaded(edition)
    actor.require(edition, "office")
    with festival.database.write() as c:
        return jury.count(c, loaded, award, actor.account, festival.clock())
