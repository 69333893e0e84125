"""Jurors: their seats, their conflicts of interest, their assignments, and how far they are."""

from __future__ import annotations

import secrets
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from festival_api import accounts, entries, jury
from festival_api.accounts import NOT_ALLOWED
from festival_api.texts import Body, Id32, Line
from festival_api.web._accounts import Email
from festival_api.web._asking import Serving, SignedIn
from festival_api.web._festival import UNKNOWN_EDITION
from festival_api.web._openapi import refusing

router = APIRouter(tags=["jurors"])

_SEAT_REFUSALS = (
    UNKNOWN_EDITION,
    NOT_ALLOWED,
    accounts.UNKNOWN_ACCOUNT,
    accounts.ROLE_CONFLICT,
    jury.ONE_FACTION,
    jury.UNKNOWN_FACTION,
    jury.FACTION_FIXED,
)
_STAGE_REFUSALS = (
    UNKNOWN_EDITION,
    NOT_ALLOWED,
    jury.UNKNOWN_STAGE,
    jury.STAGE_NOT_OPEN,
    jury.STOPPED,
)


class NewJuror(jury.Seat):
    """A seat on the jury for the account with a proven address."""

    email: Email


class JurorList(BaseModel):
    """All jurors of an edition, by faction and name."""

    items: tuple[jury.JurorView, ...]
    next: None = Field(default=None, description="There is no further page.")


class ConflictOn(jury.NewConflict):
    """A conflict of interest between a juror and the entry in the address."""

    juror: Id32 = Field(examples=["4f0c2d6f9a8b4e1c8d7e6f5a4b3c2d1e"])


class ConflictBetween(ConflictOn):
    """A conflict of interest between a juror and an entry."""

    entry: Id32 = Field(examples=["9a8b4e1c8d7e6f5a4b3c2d1e4f0c2d6f"])


class Lifting(Body):
    """Why a conflict of interest is none."""

    reason: Line = Field(examples=["The same university, but other faculties in other cities."])


class ConflictPage(BaseModel):
    """Some conflicts of interest, by id."""

    items: tuple[jury.ConflictView, ...]
    next: Id32 | None = Field(description="For `after`, when there are more.", examples=[None])


class Draw(Body):
    """How jurors are to be drawn."""

    seed: Line = Field(
        "", description="Decides the lots; a fresh one without it.", examples=["dawn of day 3"]
    )


@router.get(
    "/editions/{edition}/jurors",
    summary="List the jurors",
    responses=refusing(UNKNOWN_EDITION, NOT_ALLOWED),
)
def list_jurors(edition: str, festival: Serving, actor: SignedIn) -> JurorList:
    """List all jurors, retired ones as well; only auditors are told their pseudonyms."""
    festival.loaded(edition)
    actor.require(edition, "office", "auditor")
    pseudonyms = actor.has(edition, "auditor")
    with festival.database.read() as c:
        return JurorList(items=tuple(jury.jurors(c, edition, pseudonyms=pseudonyms)))


@router.post(
    "/editions/{edition}/jurors",
    status_code=201,
    summary="Appoint a juror by e-mail address",
    responses=refusing(*_SEAT_REFUSALS),
)
def appoint_by_email(
    edition: str, body: NewJuror, festival: Serving, actor: SignedIn
) -> jury.JurorView:
    """Give the account with this address a seat on the jury; a letter says so.

    Of a seat that is held already, what is not given stays.
    """
    loaded = festival.loaded(edition)
    actor.require(edition, "office")
    seat = jury.Seat.model_validate(body.model_dump(exclude={"email"}, exclude_unset=True))
    with festival.database.write() as c:
        account = accounts.confirmed_account(c, body.email)
        return jury.appoint(c, loaded.edition, account, seat, festival.clock())


@router.put(
    "/editions/{edition}/jurors/{account}",
    summary="Appoint a juror, or change a seat",
    responses=refusing(*_SEAT_REFUSALS),
)
def appoint(
    edition: str, account: Id32, body: jury.Seat, festival: Serving, actor: SignedIn
) -> jury.JurorView:
    """Give an account a seat on the jury, or change the one it has; what is not given stays.

    The faction stays once an opinion is submitted; before that, a change of it ends what the juror
    was assigned.
    """
    loaded = festival.loaded(edition)
    actor.require(edition, "office")
    with festival.database.write() as c:
        return jury.appoint(c, loaded.edition, account, body, festival.clock())


@router.delete(
    "/editions/{edition}/jurors/{account}",
    status_code=204,
    summary="Retire a juror",
    responses=refusing(UNKNOWN_EDITION, NOT_ALLOWED, jury.UNKNOWN_JUROR),
)
def retire(edition: str, account: Id32, festival: Serving, actor: SignedIn) -> None:
    """End a juror's seat: unfinished assignments end with it, submitted opinions stay and count."""
    festival.loaded(edition)
    actor.require(edition, "office")
    with festival.database.write() as c:
        jury.require_seat(c, edition, account)
        jury.retire(c, edition, account, festival.clock())


@router.get(
    "/editions/{edition}/conflicts",
    summary="List conflicts of interest",
    responses=refusing(UNKNOWN_EDITION, NOT_ALLOWED),
)
def list_conflicts(
    edition: str,
    festival: Serving,
    actor: SignedIn,
    juror: Id32 | None = None,
    entry: Id32 | None = None,
    after: Id32 | None = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> ConflictPage:
    """List the conflicts of one juror, of one entry, or all; lifted ones as well."""
    festival.loaded(edition)
    actor.require(edition, "office", "auditor")
    with festival.database.read() as c:
        found = jury.list_conflicts(c, edition, juror, entry, after or "", limit + 1)
    more = len(found) > limit
    return ConflictPage(items=tuple(found[:limit]), next=found[limit - 1].id if more else None)


@router.post(
    "/editions/{edition}/conflicts",
    status_code=201,
    summary="Record a conflict of interest",
    responses=refusing(UNKNOWN_EDITION, NOT_ALLOWED, jury.UNKNOWN_JUROR, entries.UNKNOWN_ENTRY),
)
def record_conflict(
    edition: str, body: ConflictBetween, festival: Serving, actor: SignedIn
) -> jury.ConflictView:
    """Record a conflict that the office has learnt of.

    The assignment ends and what the juror submitted is void, unless the stage is published.
    """
    festival.loaded(edition)
    actor.require(edition, "office")
    with festival.database.write() as c:
        if entries.find(c, body.entry).edition != edition:
            raise entries.UNKNOWN_ENTRY()
        pair = (body.juror, body.entry)
        return jury.declare(c, edition, pair, body, actor.account, festival.clock())


@router.post(
    "/editions/{edition}/conflicts/{conflict}/lift",
    summary="Lift a conflict of interest",
    responses=refusing(
        UNKNOWN_EDITION,
        NOT_ALLOWED,
        jury.UNKNOWN_CONFLICT,
        jury.REASON_REQUIRED,
        jury.LIFTED_ALREADY,
        jury.OWN_WORK,
    ),
)
def lift_conflict(
    edition: str, conflict: Id32, body: Lifting, festival: Serving, actor: SignedIn
) -> jury.ConflictView:
    """Say that a conflict is none; the juror can be assigned again, what is void stays void."""
    festival.loaded(edition)
    actor.require(edition, "office")
    with festival.database.write() as c:
        return jury.lift(c, edition, conflict, body.reason, actor.account, festival.clock())


@router.post(
    "/entries/{entry}/conflicts",
    status_code=201,
    summary="Name a juror who must not judge one's entry",
    responses=refusing(entries.UNKNOWN_ENTRY, jury.UNKNOWN_JUROR),
)
def declare_as_entrant(
    entry: Id32, body: ConflictOn, festival: Serving, actor: SignedIn
) -> jury.ConflictView:
    """Declare a conflict between one's own entry and a juror of the public list.

    The answer says nothing about whether that juror was assigned to it.
    """
    with festival.database.write() as c:
        edition = entries.of_owner(c, entry, actor).edition
        pair = (body.juror, entry)
        return jury.declare(c, edition, pair, body, actor.account, festival.clock())


@router.post(
    "/editions/{edition}/stages/{stage}/assignments",
    summary="Draw the jurors of a stage",
    responses=refusing(*_STAGE_REFUSALS),
)
def draw(edition: str, stage: int, body: Draw, festival: Serving, actor: SignedIn) -> jury.Drawn:
    """Give every work of an open stage the jurors that it lacks, by lot and with equal loads.

    What is assigned stays, so that asking again adds only what is missing. What could not be met is
    named.
    """
    loaded = festival.loaded(edition)
    actor.require(edition, "office")
    seed = body.seed or secrets.token_hex(16)
    with festival.database.write() as c:
        return jury.assign_stage(c, loaded.edition, stage, seed, actor.account, festival.clock())


@router.put(
    "/editions/{edition}/stages/{stage}/assignments/{entry}/{juror}",
    status_code=204,
    summary="Assign a juror by hand",
    responses=refusing(
        *_STAGE_REFUSALS,
        jury.UNKNOWN_JUROR,
        jury.FACTION_NOT_IN_STAGE,
        jury.NOT_IN_STAGE,
        jury.CONFLICT_OF_INTEREST,
    ),
)
def assign(
    edition: str, stage: int, entry: Id32, juror: Id32, festival: Serving, actor: SignedIn
) -> None:
    """Assign one juror to one work."""
    loaded = festival.loaded(edition)
    actor.require(edition, "office")
    with festival.database.write() as c:
        jury.assign_one(c, loaded.edition, stage, (juror, entry), actor.account, festival.clock())


@router.delete(
    "/editions/{edition}/stages/{stage}/assignments/{entry}/{juror}",
    status_code=204,
    summary="End an assignment",
    responses=refusing(
        *_STAGE_REFUSALS,
        jury.UNKNOWN_ASSIGNMENT,
        jury.REASON_REQUIRED,
        jury.OPINION_SUBMITTED,
    ),
)
def unassign(
    edition: str,
    stage: int,
    entry: Id32,
    juror: Id32,
    festival: Serving,
    actor: SignedIn,
    reason: Annotated[Line, Query(description="Why; it is kept.")] = "",
) -> None:
    """Take a work from a juror who has submitted nothing on it."""
    loaded = festival.loaded(edition)
    actor.require(edition, "office")
    with festival.database.write() as c:
        jury.end_assignment(c, loaded.edition, stage, (juror, entry), reason, festival.clock())


@router.get(
    "/editions/{edition}/stages/{stage}/progress",
    summary="How far a stage is",
    responses=refusing(UNKNOWN_EDITION, NOT_ALLOWED, jury.UNKNOWN_STAGE),
)
def progress(edition: str, stage: int, festival: Serving, actor: SignedIn) -> jury.Progress:
    """Tell what each work lacks and how much each juror has done; no score and no opinion."""
    loaded = festival.loaded(edition)
    actor.require(edition, "office", "auditor")
    with festival.database.read() as c:
        return jury.progress(c, loaded.edition, stage)
