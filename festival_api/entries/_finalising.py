"""From draft to finalised entry: every check, the frozen snapshot, the locked price; and back."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field
from sqlalchemy import Connection, and_, or_, select, update

from festival_api import letters
from festival_api.editions import LoadedEdition, period_at
from festival_api.entries._evidence import Missing, files_of
from festival_api.entries._links import LinkAt, Looked, dead, links
from festival_api.entries._quotes import checked_price, lock
from festival_api.entries._readiness import missing, unready
from festival_api.entries._records import Entry, find
from festival_api.entries._refusals import PAYMENT_UNDER_WAY, STALE
from festival_api.entries._snapshots import take
from festival_api.entries._states import move, require
from festival_api.store import tables as t
from festival_api.texts import Body, Id32, Whole


class Finalising(Body):
    """What an entrant agrees to: this version of the draft, at this price."""

    version: Whole = Field(examples=[7])
    amount: Whole = Field(description="In minor units of the currency.", examples=[56_250])
    currency: str = Field(pattern=r"^[A-Z]{3}$", examples=["USD"])
    quote: Id32 | None = Field(
        default=None,
        description=(
            "The quote that was seen; with it the basis of the price has to be the same, not only "
            "the amount."
        ),
        examples=["0f1e2d3c4b5a69788796a5b4c3d2e1f0"],
    )


def readiness(c: Connection, loaded: LoadedEdition, entry: Entry) -> list[Missing]:
    """Return all that an entry lacks; links are looked at only on finalising."""
    return missing(loaded.edition, entry.draft, files_of(c, entry.id))


def check(
    c: Connection, loaded: LoadedEdition, entry: Entry, asked: Finalising, now: datetime
) -> tuple[LinkAt, ...]:
    """Check everything that needs no network.

    Returns
    -------
    tuple of LinkAt
        Links to be looked at before `finalise`.

    Raises
    ------
    Refusal
        `wrong_state`, `stale`, `not_open`, `closed`, `quote_mismatch`, `unknown_quote`, and what
        `missing` names.
    """
    require(entry.state, "finalise")
    if asked.version != entry.version:
        raise STALE({"version": entry.version}, version=entry.version)
    period_at(loaded.edition, now)
    if found := readiness(c, loaded, entry):
        raise unready(found)
    checked_price(c, loaded, entry, asked.amount, asked.currency, asked.quote, now)
    return links(entry.draft)


def finalise(
    c: Connection,
    loaded: LoadedEdition,
    entry: Entry,
    asked: Finalising,
    looked: Looked,
    now: datetime,
) -> Entry:
    """Freeze an entry, lock its price, and wait for the payment.

    Parameters
    ----------
    looked : Looked
        What answered at each of the links that `check` returned; looked at outside of the
        transaction.

    Raises
    ------
    Refusal
        As `check`, which is done again; `link_dead`.
    """
    if refusal := dead(check(c, loaded, entry, asked, now), looked):
        raise refusal
    quote = lock(c, loaded, entry, asked.amount, asked.currency, asked.quote, now)
    take(c, loaded, entry, files_of(c, entry.id), looked, quote, now)
    proof = "waiting" if entry.draft.student else "none"
    c.execute(update(t.entries).where(t.entries.c.id == entry.id).values(student_proof=proof))
    move(c, entry.id, "finalise", entry.owner, now)
    words = {
        "title": entry.title,
        "price": letters.money(quote.amount, quote.currency),
        "expires": letters.moment(quote.expires_at, loaded.edition.zone),
    }
    letters.queue(c, entry.owner, "finalised", words, now)
    return find(c, entry.id)


def reopen(c: Connection, loaded: LoadedEdition, entry: Entry, now: datetime) -> Entry:
    """Make an entry a draft again, while nothing was paid; its snapshot stays.

    Raises
    ------
    Refusal
        `wrong_state`, `payment_under_way`; `closed` when entries have closed, for then it could not
        be finalised again.
    """
    require(entry.state, "reopen")
    period_at(loaded.edition, now)
    p = t.payments.c
    kept = or_(p.state == "started", and_(p.state == "paid", p.refunded < p.amount))
    if c.execute(select(p.id).where(p.entry == entry.id, kept).limit(1)).first():
        raise PAYMENT_UNDER_WAY()
    move(c, entry.id, "reopen", entry.owner, now)
    c.execute(update(t.entries).where(t.entries.c.id == entry.id).values(student_proof="none"))
    return find(c, entry.id)


def withdraw(c: Connection, entry: Entry, reason: str, now: datetime) -> Entry:
    """Take an entry out, for good.

    Raises
    ------
    Refusal
        `wrong_state`.
    """
    move(c, entry.id, "withdraw", entry.owner, now, reason)
    letters.queue(c, entry.owner, "withdrawn", {"title": entry.title}, now)
    return find(c, entry.id)
