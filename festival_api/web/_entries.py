"""Entries: drafts, quotes, finalising, withdrawing."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query
from pydantic import Field

from festival_api import entries, uploads
from festival_api.editions import CLOSED, NOT_OPEN, RUNTIME_REQUIRED, UNKNOWN_CATEGORY
from festival_api.entries import Draft, Finalising
from festival_api.texts import Body, Id32, Line, Whole
from festival_api.web._asking import Serving, SignedIn
from festival_api.web._entry_views import (
    After,
    EntryPage,
    EntryView,
    History,
    Limit,
    QuoteView,
    Readiness,
    SnapshotView,
)
from festival_api.web._festival import UNKNOWN_EDITION
from festival_api.web._openapi import refusing

router = APIRouter(tags=["entries"])

Number = Annotated[int, Path(ge=1, le=1_000_000)]


class NewEntry(Body):
    """An entry to begin with, as far as it is known."""

    draft: Draft


class DraftChange(Body):
    """Sections to change in the version that was read: each as a whole; null removes one."""

    version: Whole = Field(examples=[7])
    draft: Draft


class Withdrawal(Body):
    """Why, if the entrant wants to say."""

    reason: Line = Field("", examples=["It goes to another festival."])


@router.post(
    "/editions/{edition}/entries",
    status_code=201,
    summary="Begin an entry",
    responses=refusing(UNKNOWN_EDITION, CLOSED, UNKNOWN_CATEGORY),
)
def begin(edition: str, body: NewEntry, festival: Serving, actor: SignedIn) -> EntryView:
    """Begin a draft, as incomplete as it may be; it can be prepared before entries open."""
    loaded = festival.loaded(edition)
    actor.require_confirmed()
    with festival.database.write() as c:
        entry = entries.begin(c, loaded, actor.account, body.draft, festival.clock())
        return EntryView.of(c, entry, actor)


@router.get("/entries", summary="List one's own entries")
def list_own(
    festival: Serving,
    actor: SignedIn,
    edition: Annotated[str | None, Query(max_length=40)] = None,
    after: After = None,
    limit: Limit = 50,
) -> EntryPage:
    """List the entries of who asks, the first begun first."""
    actor.require_confirmed()
    with festival.database.read() as c:
        return EntryPage.of(entries.own(c, actor.account, edition, after, limit + 1), limit)


@router.get("/entries/{entry}", summary="Read an entry", responses=refusing(entries.UNKNOWN_ENTRY))
def read(entry: Id32, festival: Serving, actor: SignedIn) -> EntryView:
    """Read an entry: one's own, and for office and auditor each that was finalised."""
    with festival.database.read() as c:
        return EntryView.of(c, entries.seen_by(c, entry, actor), actor)


@router.patch(
    "/entries/{entry}",
    summary="Change a draft",
    responses=refusing(entries.UNKNOWN_ENTRY, entries.WRONG_STATE, entries.STALE, UNKNOWN_CATEGORY),
)
def change(entry: Id32, body: DraftChange, festival: Serving, actor: SignedIn) -> EntryView:
    """Change sections of a draft.

    What is not sent stays. Who read an older version than there is now is refused, so that nobody
    writes over what he has not seen.
    """
    with festival.database.write() as c:
        found = entries.of_owner(c, entry, actor)
        loaded = festival.loaded(found.edition)
        found = entries.change(c, loaded, found, body.version, body.draft, festival.clock())
        return EntryView.of(c, found, actor)


@router.delete(
    "/entries/{entry}",
    status_code=204,
    summary="Throw a draft away",
    responses=refusing(entries.UNKNOWN_ENTRY, entries.WRONG_STATE, entries.FINALISED_BEFORE),
)
def discard(entry: Id32, festival: Serving, actor: SignedIn) -> None:
    """Throw away a draft that was never finalised, with its uploads; nothing is left of it."""
    with festival.database.write() as c:
        found = entries.of_owner(c, entry, actor)
        gone = uploads.delete_files_of(c, entry)
        entries.discard(c, found)
    uploads.remove_bytes(festival.files, gone)


@router.get(
    "/entries/{entry}/readiness",
    summary="See what an entry lacks",
    responses=refusing(entries.UNKNOWN_ENTRY),
)
def readiness(entry: Id32, festival: Serving, actor: SignedIn) -> Readiness:
    """Tell all that is missing before the entry can be finalised: where, and what to do.

    Links are looked at only on finalising.
    """
    with festival.database.read() as c:
        found = entries.of_owner(c, entry, actor)
        return Readiness.of(entries.readiness(c, festival.loaded(found.edition), found))


@router.post(
    "/entries/{entry}/quote",
    status_code=201,
    summary="Ask what an entry costs",
    responses=refusing(
        entries.UNKNOWN_ENTRY,
        entries.WRONG_STATE,
        entries.INCOMPLETE,
        NOT_OPEN,
        CLOSED,
        UNKNOWN_CATEGORY,
        RUNTIME_REQUIRED,
    ),
)
def quote(entry: Id32, festival: Serving, actor: SignedIn) -> QuoteView:
    """Quote the draft as it stands, by the server's clock; finalising locks the price."""
    with festival.database.write() as c:
        found = entries.of_owner(c, entry, actor)
        loaded = festival.loaded(found.edition)
        return QuoteView.of(entries.offer(c, loaded, found, festival.clock()))


@router.post(
    "/entries/{entry}/finalise",
    summary="Finalise an entry",
    responses=refusing(
        entries.UNKNOWN_ENTRY,
        entries.WRONG_STATE,
        entries.STALE,
        NOT_OPEN,
        CLOSED,
        entries.QUOTE_MISMATCH,
        entries.UNKNOWN_QUOTE,
        entries.INCOMPLETE,
        entries.TRANSLATION_MISSING,
        UNKNOWN_CATEGORY,
        RUNTIME_REQUIRED,
        entries.AI_DECLARATION_REQUIRED,
        entries.CONSENT_REQUIRED,
        entries.FILM_REQUIRED,
        entries.ENTRY_POINT_REQUIRED,
        entries.PACKAGE_REQUIRED,
        entries.RUN_EVIDENCE_REQUIRED,
        entries.FILE_UNFINISHED,
        entries.FILE_MISSING,
        entries.PROOF_REQUIRED,
        entries.LINK_DEAD,
    ),
)
def finalise(entry: Id32, body: Finalising, festival: Serving, actor: SignedIn) -> EntryView:
    """Freeze the entry as it stands and lock its price.

    The price is that of the instant at which the request came. The snapshot never changes again,
    whatever becomes of the draft. When something is missing, the refusal is named after the first
    thing and lists all in `missing`.
    """
    now = festival.clock()
    with festival.database.read() as c:
        found = entries.of_owner(c, entry, actor)
        loaded = festival.loaded(found.edition)
        links = entries.check(c, loaded, found, body, now)
    looked = entries.look(festival.probe, links)
    with festival.database.write() as c:
        found = entries.of_owner(c, entry, actor)
        return EntryView.of(c, entries.finalise(c, loaded, found, body, looked, now), actor)


@router.post(
    "/entries/{entry}/reopen",
    summary="Make an entry a draft again",
    responses=refusing(
        entries.UNKNOWN_ENTRY, entries.WRONG_STATE, entries.PAYMENT_UNDER_WAY, CLOSED
    ),
)
def reopen(entry: Id32, festival: Serving, actor: SignedIn) -> EntryView:
    """Take a finalised or lapsed entry up again while nothing is paid; its price goes."""
    with festival.database.write() as c:
        found = entries.of_owner(c, entry, actor)
        loaded = festival.loaded(found.edition)
        return EntryView.of(c, entries.reopen(c, loaded, found, festival.clock()), actor)


@router.post(
    "/entries/{entry}/withdraw",
    summary="Withdraw an entry",
    responses=refusing(entries.UNKNOWN_ENTRY, entries.WRONG_STATE),
)
def withdraw(entry: Id32, body: Withdrawal, festival: Serving, actor: SignedIn) -> EntryView:
    """Take an entry out of the festival, for good."""
    with festival.database.write() as c:
        found = entries.of_owner(c, entry, actor)
        return EntryView.of(c, entries.withdraw(c, found, body.reason, festival.clock()), actor)


@router.get(
    "/entries/{entry}/history",
    summary="See where an entry has been",
    responses=refusing(entries.UNKNOWN_ENTRY),
)
def history(entry: Id32, festival: Serving, actor: SignedIn) -> History:
    """Tell every move of an entry, with its reason."""
    with festival.database.read() as c:
        entries.seen_by(c, entry, actor)
        return History.model_validate({"items": entries.history(c, entry)})


@router.get(
    "/entries/{entry}/snapshots/{number}",
    summary="Read what was finalised",
    responses=refusing(entries.UNKNOWN_ENTRY, entries.UNKNOWN_SNAPSHOT),
)
def snapshot(entry: Id32, number: Number, festival: Serving, actor: SignedIn) -> SnapshotView:
    """Read a snapshot as the exact text that was hashed, so that it can be hashed again."""
    with festival.database.read() as c:
        entries.seen_by(c, entry, actor)
        return SnapshotView.model_validate(entries.snapshot(c, entry, number))
