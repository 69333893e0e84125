"""The office's work with entries: lists, student proofs, waivers, disqualification."""

from __future__ import annotations

from typing import Annotated, Self

from fastapi import APIRouter, Query, Response
from pydantic import Field, model_validator
from sqlalchemy import Connection

from festival_api import entries
from festival_api.accounts import NOT_ALLOWED, Actor
from festival_api.entries import Entry
from festival_api.speech import say
from festival_api.texts import Body, Flag, Id32, Line
from festival_api.web._asking import Serving, SignedIn
from festival_api.web._entry_views import After, EntryPage, EntryView, Limit, Reason
from festival_api.web._festival import UNKNOWN_EDITION
from festival_api.web._openapi import refusing

router = APIRouter(tags=["office"])


class ProofDecision(Body):
    """Whether the proof is accepted; a refusal says why."""

    accepted: Flag = Field(examples=[False])
    reason: Line = Field("", examples=["The card expired last year."])

    @model_validator(mode="after")
    def _refused_with_reason(self) -> Self:
        if not self.accepted and not self.reason:
            raise ValueError(say("refuses without a reason"))
        return self


@router.get(
    "/editions/{edition}/entries",
    summary="List an edition's entries",
    responses=refusing(UNKNOWN_EDITION, NOT_ALLOWED),
)
def list_entries(
    edition: str,
    festival: Serving,
    actor: SignedIn,
    state: Annotated[str | None, Query(max_length=40)] = None,
    category: Annotated[str | None, Query(max_length=40)] = None,
    after: After = None,
    limit: Limit = 50,
) -> EntryPage:
    """List every entry that was finalised; nothing of the jury's is in it."""
    festival.loaded(edition)
    actor.require(edition, "office", "auditor")
    with festival.database.read() as c:
        found = entries.finalised_in(c, edition, after, limit + 1, state=state, category=category)
        return EntryPage.of(found, limit)


@router.get(
    "/editions/{edition}/entries.csv",
    summary="Take an edition's entries as a table",
    response_class=Response,
    responses={
        **refusing(UNKNOWN_EDITION, NOT_ALLOWED),
        200: {
            "description": "CSV in UTF-8 with a byte order mark, for spreadsheets.",
            "content": {"text/csv": {"schema": {"type": "string"}}},
        },
    },
)
def take_table(edition: str, festival: Serving, actor: SignedIn) -> Response:
    """Take every entry as it was last finalised, with its people and its fee."""
    festival.loaded(edition)
    actor.require(edition, "office", "auditor")
    with festival.database.read() as c:
        table = entries.entry_table(c, edition)
    headers = {"Content-Disposition": f'attachment; filename="{edition}-entries.csv"'}
    return Response(table, media_type="text/csv; charset=utf-8", headers=headers)


@router.post(
    "/entries/{entry}/student-proof",
    summary="Decide on a student proof",
    responses=refusing(
        entries.UNKNOWN_ENTRY, NOT_ALLOWED, entries.WRONG_STATE, entries.NO_STUDENT_PROOF
    ),
)
def decide_student_proof(
    entry: Id32, body: ProofDecision, festival: Serving, actor: SignedIn
) -> EntryView:
    """Accept or refuse the proof of a submitted entry.

    Refused, the entry costs the standard fee of its period; it goes before the jury once the
    difference is paid.
    """
    with festival.database.write() as c:
        found = _for_office(c, entry, actor)
        loaded = festival.loaded(found.edition)
        found = entries.decide_student_proof(
            c, loaded, found, body.accepted, body.reason, festival.clock()
        )
        return EntryView.of(c, found, actor)


@router.post(
    "/entries/{entry}/disqualify",
    summary="Disqualify an entry",
    responses=refusing(entries.UNKNOWN_ENTRY, NOT_ALLOWED, entries.WRONG_STATE),
)
def disqualify(entry: Id32, body: Reason, festival: Serving, actor: SignedIn) -> EntryView:
    """Take a submitted entry out of the competition; the reason goes to its owner."""
    with festival.database.write() as c:
        found = _for_office(c, entry, actor)
        found = entries.disqualify(c, found, actor.account, body.reason, festival.clock())
        return EntryView.of(c, found, actor)


@router.post(
    "/entries/{entry}/accept-free",
    summary="Waive an entry's fee",
    responses=refusing(entries.UNKNOWN_ENTRY, NOT_ALLOWED, entries.WRONG_STATE),
)
def accept_free(entry: Id32, body: Reason, festival: Serving, actor: SignedIn) -> EntryView:
    """Take a finalised entry in without its fee; the reason goes to its owner."""
    with festival.database.write() as c:
        found = _for_office(c, entry, actor)
        found = entries.accept_free(c, found, actor.account, body.reason, festival.clock())
        return EntryView.of(c, found, actor)


def _for_office(c: Connection, entry_id: str, actor: Actor) -> Entry:
    found = entries.seen_by(c, entry_id, actor)
    actor.require(found.edition, "office")
    return found
