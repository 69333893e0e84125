"""Starting a payment: the row first, then the provider, then what it answered.

The row's id is the order's reference and its idempotency key, so a call that breaks off in the
middle is taken up again by the next one.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection, insert, select, update

from festival_api import entries
from festival_api.accounts import Actor
from festival_api.editions import LoadedEdition
from festival_api.entries import Entry
from festival_api.payments._records import PAYABLE, Payment, find
from festival_api.payments._refunds import give_back
from festival_api.payments._refusals import PAYMENT_UNAVAILABLE, QUOTE_EXPIRED
from festival_api.ports import Checkout, Order, PaymentError, Payments
from festival_api.speech import Language
from festival_api.store import Database, new_id
from festival_api.store import tables as t

_OPEN_FOR = timedelta(hours=25)
_IN_HAND = timedelta(minutes=2)
_LONGEST_DESCRIPTION = 250


def check_out(
    database: Database,
    provider: Payments,
    loaded: LoadedEdition,
    entry_id: str,
    actor: Actor,
    address: str,
    now: datetime,
) -> Payment:
    """Open the provider's page for what is due for an entry, or return the one that is open.

    Parameters
    ----------
    address : str
        Of the service: the payer comes back to it, and to the entry.

    Raises
    ------
    Refusal
        `unknown_entry`, `wrong_state`, `nothing_due`, `quote_expired`, `closed`;
        `payment_unavailable` when the provider opened no page.
    """
    with database.write() as c:
        entry = entries.of_owner(c, entry_id, actor)
        payment = _under_way(c, provider.name, loaded, entry, now) or _begin(
            c, provider.name, loaded, entry, now
        )
    if payment.url:
        return payment
    try:
        checkout = provider.start(_order(loaded, entry, payment, actor, address))
    except PaymentError as error:
        with database.write() as c:
            _note_failed(c, payment.id, now)
        raise PAYMENT_UNAVAILABLE() from error
    with database.write() as c:
        _note_open(c, payment.id, checkout)
        return find(c, payment.id)


def tend(database: Database, provider: Payments, now: datetime) -> None:
    """Let checkouts expire that must have ended unheard, and send refunds that were left lying.

    To be called every minute or so.
    """
    p, r = t.payments.c, t.refunds.c
    with database.write() as c:
        c.execute(
            update(t.payments)
            .where(p.state == "started", p.started_at <= now - _OPEN_FOR)
            .values(state="expired", settled_at=now)
        )
        left = c.execute(
            select(r.id)
            .join(t.payments, p.id == r.payment)
            .where(p.provider == provider.name, r.state == "asked", r.asked_at <= now - _IN_HAND)
            .order_by(r.asked_at, r.id)
        ).scalars()
        lying = list(left)
    for refund in lying:
        give_back(database, provider, refund, now)


def _under_way(
    c: Connection, provider: str, loaded: LoadedEdition, entry: Entry, now: datetime
) -> Payment | None:
    """Return the payment of what is due that was started and can still be paid."""
    owed = entries.due(c, entry.id)
    if owed is None or not owed.amount or entry.state not in PAYABLE:
        return None
    expires = owed.quote.expires_at
    if entry.state not in entries.IN_COMPETITION and expires <= now:
        local = expires.astimezone(loaded.edition.zone)
        raise QUOTE_EXPIRED(
            {"expires": f"{expires:%Y-%m-%dT%H:%M:%SZ}"},
            expires=f"{local:%Y-%m-%d %H:%M} ({loaded.edition.time_zone})",
        )
    p = t.payments.c
    found = c.execute(
        select(p.id)
        .where(
            p.entry == entry.id,
            p.provider == provider,
            p.state == "started",
            p.started_at > now - _OPEN_FOR,
            # What is due may have changed since; then the old page asks for the wrong amount.
            p.amount == owed.amount,
            p.currency == owed.quote.currency,
        )
        .order_by(p.started_at.desc(), p.id)
        .limit(1)
    ).scalar_one_or_none()
    return None if found is None else find(c, found)


def _begin(
    c: Connection, provider: str, loaded: LoadedEdition, entry: Entry, now: datetime
) -> Payment:
    owed = entries.to_pay(c, loaded, entry.id, now)
    id_ = new_id()
    c.execute(
        insert(t.payments).values(
            id=id_,
            entry=entry.id,
            quote=owed.quote.id,
            provider=provider,
            provider_id=None,
            url="",
            amount=owed.amount,
            currency=owed.quote.currency,
            refunded=0,
            state="started",
            started_at=now,
        )
    )
    return find(c, id_)


def _order(
    loaded: LoadedEdition, entry: Entry, payment: Payment, actor: Actor, address: str
) -> Order:
    language: Language = "zh-Hant" if actor.language == "zh-Hant" else "en"
    what = f"{loaded.edition.name.in_(language)}: {entry.title[language]}"
    return Order(
        reference=payment.id,
        amount=payment.amount,
        currency=payment.currency,
        description=what[:_LONGEST_DESCRIPTION].strip(),
        return_url=f"{address}/entries/{entry.id}",
        idempotency_key=payment.id,
    )


def _note_failed(c: Connection, payment_id: str, now: datetime) -> None:
    """Note that no page was opened; another call for the same payment may have opened one."""
    p = t.payments.c
    c.execute(
        update(t.payments)
        .where(p.id == payment_id, p.state == "started", p.provider_id.is_(None))
        .values(state="failed", settled_at=now)
    )


def _note_open(c: Connection, payment_id: str, checkout: Checkout) -> None:
    p = t.payments.c
    c.execute(
        update(t.payments)
        .where(p.id == payment_id)
        .values(provider_id=checkout.provider_id, url=checkout.url)
    )
    # Another call for the same payment may have met a provider that did not answer.
    c.execute(
        update(t.payments)
        .where(p.id == payment_id, p.state == "failed")
        .values(state="started", settled_at=None)
    )
