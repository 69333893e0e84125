"""Finalised entries that are not paid in time."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection, select, update

from festival_api import letters
from festival_api.editions import LoadedEdition
from festival_api.entries._money import Quote, due
from festival_api.entries._records import Entry, find
from festival_api.entries._states import move
from festival_api.store import tables as t

_REMINDED_BEFORE = timedelta(days=1)


def lapse_due(c: Connection, loaded: LoadedEdition, now: datetime) -> int:
    """Let every finalised entry lapse whose price has expired unpaid, and remind of the others.

    The reminder goes a day before, or at half time where a price holds for less than two days. To
    be called every minute or so.

    Returns
    -------
    int
        How many lapsed.
    """
    e = t.entries.c
    waiting = c.execute(
        select(e.id).where(e.edition == loaded.edition.id, e.state == "finalised").order_by(e.id)
    ).scalars()
    lapsed = 0
    for entry_id in waiting.all():
        owed = due(c, entry_id)
        if owed is None:
            continue
        if owed.quote.expires_at <= now:
            move(c, entry_id, "lapse", None, now)
            entry = find(c, entry_id)
            letters.queue(c, entry.owner, "lapsed", {"title": entry.title}, now)
            lapsed += 1
        elif _little_time_left(c, owed.quote, now):
            _remind(c, loaded, find(c, entry_id), owed.quote, now)
    return lapsed


def _little_time_left(c: Connection, quote: Quote, now: datetime) -> bool:
    q = t.quotes.c
    reminded = c.execute(select(q.reminded_at).where(q.id == quote.id)).scalar_one()
    held_for = quote.expires_at - (quote.locked_at or quote.made_at)
    return reminded is None and quote.expires_at - now <= min(_REMINDED_BEFORE, held_for / 2)


def _remind(
    c: Connection, loaded: LoadedEdition, entry: Entry, quote: Quote, now: datetime
) -> None:
    words = {
        "title": entry.title,
        "price": letters.money(quote.amount, quote.currency),
        "expires": letters.moment(quote.expires_at, loaded.edition.zone),
    }
    letters.queue(c, entry.owner, "lapsing_soon", words, now)
    c.execute(update(t.quotes).where(t.quotes.c.id == quote.id).values(reminded_at=now))
