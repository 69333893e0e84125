"""What a payment provider tells: each event once, in any order, with the same end.

How a payment stands follows from the set of its events, not from their order: what was paid has
been paid, also when "expired" or "refunded" was told first. An event that does not fit is kept and
moves nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, func, insert, select, update

from festival_api import entries, letters
from festival_api.editions import LoadedEdition
from festival_api.payments._records import MISMATCH, PAYABLE, Payment, State, find
from festival_api.payments._refunds import NOT_DUE, TOO_MUCH, ask, match_told
from festival_api.ports import PaymentEvent
from festival_api.store import tables as t

# A later one outweighs an earlier one, whichever is told first.
_WEIGHT: Final[dict[State, int]] = {
    "started": 0,
    "failed": 1,
    "expired": 2,
    "mismatch": 3,
    "paid": 4,
}


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of an event.

    Attributes
    ----------
    outcome : str
        "booked"; "known" when it told nothing new; "waiting" for a refund whose payment was not
        told of yet; "payment_mismatch"; "unknown_payment"; "ignored".
    refund : str or None
        Refund that was asked for, of money that came in when none was due; to be given back now.
    """

    outcome: str
    refund: str | None = None


def take(
    c: Connection,
    editions: Mapping[str, LoadedEdition],
    provider: str,
    event: PaymentEvent,
    now: datetime,
) -> Taken:
    """Keep an event and book what it tells; one that was kept before changes nothing."""
    event = _storable(event)
    v = t.payment_events.c
    before = c.execute(
        select(v.outcome).where(v.provider == provider, v.event_id == event.event_id)
    ).scalar_one_or_none()
    if before is not None:
        return Taken(before)
    payment = _payment(c, provider, event.reference)
    taken = _taken(c, editions, payment, event, now)
    c.execute(
        insert(t.payment_events).values(
            provider=provider,
            event_id=event.event_id,
            kind=event.kind,
            reference=event.reference,
            provider_payment=event.provider_payment,
            amount=event.amount,
            currency=event.currency,
            payment=None if payment is None else payment.id,
            outcome=taken.outcome,
            received_at=now,
        )
    )
    return taken


def _storable(event: PaymentEvent) -> PaymentEvent:
    """Return an event whose texts every database takes: others may use the provider's account."""
    return replace(
        event,
        event_id=_plain(event.event_id),
        reference=_plain(event.reference),
        provider_payment=_plain(event.provider_payment),
        currency=_plain(event.currency),
    )


def _plain(text: str) -> str:
    return "".join(letter if letter.isprintable() else "\ufffd" for letter in text)


def _payment(c: Connection, provider: str, reference: str) -> Payment | None:
    p = t.payments.c
    found = c.execute(
        select(p.id).where(p.provider == provider, p.id == reference)
    ).scalar_one_or_none()
    return None if found is None else find(c, found)


def _taken(
    c: Connection,
    editions: Mapping[str, LoadedEdition],
    payment: Payment | None,
    event: PaymentEvent,
    now: datetime,
) -> Taken:
    if event.kind == "other":
        return Taken("ignored")
    if payment is None:
        return Taken("unknown_payment")
    loaded = editions.get(payment.edition)
    if event.kind == "paid":
        return _paid(c, loaded, payment, event, now)
    if event.kind == "refunded":
        return _refunded(c, payment, event, now)
    return Taken(_ended(c, loaded, payment, event.kind, now))


def _paid(
    c: Connection,
    loaded: LoadedEdition | None,
    payment: Payment,
    event: PaymentEvent,
    now: datetime,
) -> Taken:
    if (event.amount, event.currency) != (payment.amount, payment.currency):
        _outweigh(c, payment, "mismatch", now)
        return Taken(MISMATCH)
    if payment.state == "paid":
        return Taken("known" if event.provider_payment == payment.provider_payment else MISMATCH)
    surplus = payment.amount - min(payment.amount, _wanted(c, payment.entry))
    c.execute(
        update(t.payments)
        .where(t.payments.c.id == payment.id)
        .values(state="paid", provider_payment=event.provider_payment, settled_at=now)
    )
    entries.settle(c, payment.entry, now)
    if surplus < payment.amount:
        _tell_paid(c, loaded, payment, now)
    paid = find(c, payment.id)
    reason = NOT_DUE if surplus == payment.amount else TOO_MUCH
    back = ask(c, paid, surplus, reason, None, now) if surplus else None
    # Told of before the payment was.
    matched = match_told(c, paid, _told(c, paid), now)
    return Taken("booked", matched.refund or (None if back is None else back.id))


def _wanted(c: Connection, entry_id: str) -> int:
    """Return what an entry waits for, in minor units; nothing for one that is out, or a draft."""
    state, owed = entries.find(c, entry_id).state, entries.due(c, entry_id)
    if owed is None or state not in PAYABLE:
        return 0
    return owed.amount


def _told(c: Connection, payment: Payment) -> int:
    """Return the most that was told of as given back."""
    v = t.payment_events.c
    told = c.execute(
        select(func.max(v.amount)).where(
            v.payment == payment.id, v.kind == "refunded", v.outcome != MISMATCH
        )
    ).scalar_one()
    return int(told or 0)


def _refunded(c: Connection, payment: Payment, event: PaymentEvent, now: datetime) -> Taken:
    if event.currency != payment.currency or event.amount > payment.amount:
        return Taken(MISMATCH)
    if payment.state != "paid":
        return Taken("waiting")
    matched = match_told(c, payment, event.amount, now)
    return Taken("booked" if matched.news else "known", matched.refund)


def _ended(
    c: Connection, loaded: LoadedEdition | None, payment: Payment, state: State, now: datetime
) -> str:
    """Book that a checkout came to nothing."""
    if not _outweigh(c, payment, state, now):
        return "known"
    owed = entries.due(c, payment.entry)
    waits = entries.find(c, payment.entry).state == "finalised"
    if state == "failed" and loaded and waits and owed and now < owed.quote.expires_at:
        words = {
            "title": entries.find(c, payment.entry).title,
            "price": letters.money(payment.amount, payment.currency),
            "expires": letters.moment(owed.quote.expires_at, loaded.edition.zone),
        }
        letters.queue(c, payment.owner, "payment_failed", words, now)
    return "booked"


def _outweigh(c: Connection, payment: Payment, state: State, now: datetime) -> bool:
    """Put a payment into a state, unless it is in one that outweighs it."""
    if _WEIGHT[state] <= _WEIGHT[payment.state]:
        return False
    c.execute(
        update(t.payments).where(t.payments.c.id == payment.id).values(state=state, settled_at=now)
    )
    return True


def _tell_paid(
    c: Connection, loaded: LoadedEdition | None, payment: Payment, now: datetime
) -> None:
    """Send the receipt of an entry that is submitted, with what the amount was for."""
    entry = entries.find(c, payment.entry)
    if loaded is None or entry.state not in entries.IN_COMPETITION:
        return
    edition, basis = loaded.edition, payment.basis
    category, period = edition.category(basis.category), edition.period(basis.period)
    words = {
        "title": entry.title,
        "price": letters.money(payment.amount, payment.currency),
        "category": category.name if category else basis.category,
        "period": period.name if period else basis.period,
        "student": letters.yes_no(basis.student),
        "version": basis.edition_sha256[:12],
        "at": letters.moment(now, edition.zone),
    }
    letters.queue(c, payment.owner, "paid", words, now)
