"""Quotes: what an entry costs by the server's clock; offered, then locked, then paid.

Which instant fixes the price is the edition's setting:

* ``draft``: the instant at which the entry was begun; one begun before entries opened counts from
  their opening.
* ``finalise``: the instant at which it is finalised.
* ``paid``: the instant at which its payment is started; the price at finalising is then only a look
  ahead.

Whichever it is, nothing is quoted before entries open or after they close, and a locked quote waits
for its payment for as long as the edition says, also beyond the closing of entries.
"""

from __future__ import annotations

from dataclasses import asdict, replace
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, func, insert, select

from festival_api.editions import (
    Edition,
    LoadedEdition,
    fee_class,
    format_money,
    parse,
    period_at,
    price,
)
from festival_api.entries._money import Due, Quote, due, locked_quote, quote_of
from festival_api.entries._records import Entry, find
from festival_api.entries._refusals import (
    INCOMPLETE,
    NOTHING_DUE,
    QUOTE_MISMATCH,
    UNKNOWN_QUOTE,
)
from festival_api.entries._states import move, require
from festival_api.store import new_id
from festival_api.store import tables as t


def offer(c: Connection, loaded: LoadedEdition, entry: Entry, now: datetime) -> Quote:
    """Quote a draft as it stands; the offer before it goes.

    Raises
    ------
    Refusal
        `not_open`, `closed`; `incomplete`, `unknown_category`, `runtime_required` when the draft
        does not say enough; `wrong_state`.
    """
    require(entry.state, "finalise")
    return _keep(c, _quoted(loaded, entry, now))


def lock(
    c: Connection,
    loaded: LoadedEdition,
    entry: Entry,
    amount: int,
    currency: str,
    offered: str | None,
    now: datetime,
) -> Quote:
    """Lock the price that an entry is finalised at; it is to be paid before it expires.

    Parameters
    ----------
    amount : int
        What the entrant has seen, in minor units of `currency`.
    offered : str or None
        Id of the offer the entrant has seen. Prices of different bases may have one amount: with
        the offer, the basis has to be the same too.

    Raises
    ------
    Refusal
        `quote_mismatch` when it is not what the entrant has seen, `unknown_quote`; as `offer`.
    """
    quote = checked_price(c, loaded, entry, amount, currency, offered, now)
    return _keep_locked(c, loaded.edition, quote, now)


def checked_price(
    c: Connection,
    loaded: LoadedEdition,
    entry: Entry,
    amount: int,
    currency: str,
    offered: str | None,
    now: datetime,
) -> Quote:
    """Return what `lock` would lock, or refuse as it does; nothing is kept."""
    quote = _quoted(loaded, entry, now)
    agreed = (amount, currency) == (quote.amount, quote.currency)
    if offered is not None:
        q = t.quotes.c
        row = c.execute(
            select(t.quotes).where(q.id == offered, q.entry == entry.id, q.locked_at.is_(None))
        ).first()
        if row is None:
            raise UNKNOWN_QUOTE(quote=offered)
        agreed = agreed and quote_of(row).basis == quote.basis
    if not agreed:
        facts = {
            "amount": quote.amount,
            "currency": quote.currency,
            "period": quote.period,
            "fee_class": quote.fee_class,
            "student": quote.student,
        }
        raise QUOTE_MISMATCH(facts, price=format_money(quote.amount, quote.currency, "en"))
    return quote


def to_pay(c: Connection, loaded: LoadedEdition, entry_id: str, now: datetime) -> Due:
    """Return what a payment is started with.

    Where the edition fixes prices by the payment, the entry is quoted again at `now`, once for each
    price.

    Raises
    ------
    Refusal
        `wrong_state` for an entry that waits for no payment, `nothing_due`; `closed` where the
        price is fixed now.
    """
    entry = find(c, entry_id)
    owed = due(c, entry_id)
    if owed is None or entry.state != "submitted":
        require(entry.state, "pay")
    if owed is None or owed.amount == 0:
        raise NOTHING_DUE()
    if loaded.edition.quotes.fixed_at == "paid" and entry.state != "submitted":
        quote = _quoted(loaded, entry, now)
        if quote.basis != owed.quote.basis:
            _keep_locked(c, loaded.edition, quote, now)
            owed = due(c, entry_id) or owed
    return owed


def settle(c: Connection, entry_id: str, now: datetime) -> bool:
    """Hand an entry in whose fee has come, however late; tell whether it went.

    To be called whenever a payment was booked.
    """
    entry, owed = find(c, entry_id), due(c, entry_id)
    if entry.state not in ("finalised", "lapsed") or owed is None or owed.amount:
        return False
    move(c, entry_id, "pay", None, now)
    return True


def requote(
    c: Connection, loaded: LoadedEdition, entry: Entry, student: bool, now: datetime
) -> Due:
    """Lock the fee anew for another answer to whether the entrant is a student.

    All else stays as it was finalised, the period and the text of the edition among it.
    """
    before = locked_quote(c, entry.id)
    if before is None:
        raise ValueError(f"entry {entry.id} was never finalised at a price")
    then = _loaded_then(c, loaded, before.edition_sha256)
    period = then.edition.period(before.period)
    if period is None:
        raise ValueError(f"no period {before.period} in the edition that quoted it")
    instant = then.edition.midnight(period.first)
    _keep_locked(c, then.edition, _priced(then, entry, student, instant, now, now), now)
    owed = due(c, entry.id)
    if owed is None:
        raise ValueError(f"the quote of entry {entry.id} was not kept")
    return owed


def _quoted(loaded: LoadedEdition, entry: Entry, now: datetime) -> Quote:
    """Quote an entry at `now`, which has to lie in a period whatever fixes the price."""
    edition = loaded.edition
    until = edition.midnight(period_at(edition, now).until)
    instant = now
    if edition.quotes.fixed_at == "draft":
        opens = min(edition.midnight(period.first) for period in edition.periods)
        instant = max(entry.created_at, opens)
        until = max(edition.midnight(period.until) for period in edition.periods)
    return _priced(loaded, entry, bool(entry.draft.student), instant, now, until)


def _priced(
    loaded: LoadedEdition,
    entry: Entry,
    student: bool,
    instant: datetime,
    now: datetime,
    until: datetime,
) -> Quote:
    edition, draft = loaded.edition, entry.draft
    if not draft.category:
        raise INCOMPLETE({"where": "/category"}, place="/category")
    # Whole minutes, but never none of a work that has a running time.
    minutes = max(1, draft.runtime_seconds // 60) if draft.runtime_seconds else None
    asked = price(edition, draft.category, minutes, student, instant)
    fee = fee_class(edition, draft.category, minutes)
    return Quote(
        id=new_id(),
        entry=entry.id,
        number=0,
        edition_sha256=loaded.sha256,
        category=draft.category,
        fee_class=asked.fee_class,
        student=asked.student,
        period=asked.period,
        support=period_at(edition, instant).support,
        factor_numerator=asked.factor.numerator,
        factor_denominator=asked.factor.denominator,
        base=fee.student if student else fee.standard,
        amount=asked.amount,
        currency=asked.currency,
        made_at=now,
        expires_at=until,
        locked_at=None,
    )


def _keep(c: Connection, quote: Quote) -> Quote:
    """Keep a quote as the entry's latest; an offer that was not taken goes."""
    q = t.quotes.c
    c.execute(delete(t.quotes).where(q.entry == quote.entry, q.locked_at.is_(None)))
    last = c.execute(select(func.max(q.number)).where(q.entry == quote.entry)).scalar_one()
    quote = replace(quote, number=(last or 0) + 1)
    c.execute(insert(t.quotes).values(**asdict(quote)))
    return quote


def _keep_locked(c: Connection, edition: Edition, quote: Quote, now: datetime) -> Quote:
    expires = now + timedelta(hours=edition.quotes.locked_hours)
    return _keep(c, replace(quote, locked_at=now, expires_at=expires))


def _loaded_then(c: Connection, loaded: LoadedEdition, sha256: str) -> LoadedEdition:
    """Return the edition as it was when it had that hash."""
    if loaded.sha256 == sha256:
        return loaded
    v = t.edition_versions.c
    text = c.execute(
        select(v.text).where(v.edition == loaded.edition.id, v.sha256 == sha256)
    ).scalar_one()
    return parse(text.encode("utf-8"), f"{loaded.edition.id} {sha256[:12]}")
