"""Payments as rows, each with what its amount was for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, exists, or_, select

from festival_api import entries
from festival_api.accounts import Actor
from festival_api.payments._refusals import UNKNOWN_PAYMENT
from festival_api.store import tables as t

State = Literal["started", "failed", "expired", "mismatch", "paid"]
RefundState = Literal["asked", "failed", "void", "done"]

PAYABLE: Final = ("finalised", "lapsed", *entries.IN_COMPETITION)
"""States of an entry that may wait for money; whether it does, its books tell."""

MISMATCH: Final = "payment_mismatch"
"""Outcome of an event whose amount or currency is not what was asked for."""


@dataclass(frozen=True, slots=True)
class Basis:
    """What an amount was for; the same amount has several meanings.

    Attributes
    ----------
    price : int
        Of the locked quote, in minor units: `base` times the factor.
    edition_sha256 : str
        Text of the edition whose fee table was used.
    """

    category: str
    fee_class: str
    student: bool
    period: str
    support: str
    base: int
    factor_numerator: int
    factor_denominator: int
    price: int
    edition_sha256: str


@dataclass(frozen=True, slots=True)
class Payment:
    """One payment as it stands; amounts in minor units of `currency`.

    Attributes
    ----------
    owner : str
        Account that the entry belongs to.
    provider_id : str or None
        The provider's name for the checkout, once it has answered.
    provider_payment : str or None
        What to name in a refund, once it is paid.
    url : str
        The provider's page; empty before it has answered.
    refunded : int
        Given back so far.
    state : str
        "mismatch": what was paid is not what was asked for; the office has to look into it.
    settled_at : datetime or None
        When the provider told how it ended.
    trouble : bool
        Whether the office should look: something told does not fit, or a refund failed.
    """

    id: str
    entry: str
    edition: str
    owner: str
    provider: str
    provider_id: str | None
    provider_payment: str | None
    url: str
    amount: int
    currency: str
    refunded: int
    state: State
    started_at: datetime
    settled_at: datetime | None
    trouble: bool
    basis: Basis


@dataclass(frozen=True, slots=True)
class Refund:
    """One refund.

    Attributes
    ----------
    state : str
        "asked" until the provider has answered; "failed" when it said no, or nothing; "void" when
        so much went back another way that it cannot be any more.
    provider_refund : str or None
        The provider's name for it.
    asked_by : str or None
        Account; None for the service, or for the provider itself.
    """

    id: str
    payment: str
    amount: int
    reason: str
    state: RefundState
    provider_refund: str | None
    asked_by: str | None
    asked_at: datetime
    done_at: datetime | None


def find(c: Connection, payment_id: str) -> Payment:
    """Return a payment, for whom the caller knows may see it.

    Raises
    ------
    Refusal
        `unknown_payment`.
    """
    row = c.execute(_payments().where(t.payments.c.id == payment_id)).first()
    if row is None:
        raise UNKNOWN_PAYMENT()
    return _payment_of(row)


def seen_by(c: Connection, payment_id: str, actor: Actor) -> Payment:
    """Return a payment that `actor` may see: the entry's owner, office and auditor.

    Raises
    ------
    Refusal
        `unknown_payment`, also for one that is not theirs to see; `not_confirmed`.
    """
    actor.require_confirmed()
    payment = find(c, payment_id)
    if payment.owner == actor.account or actor.has(payment.edition, "office", "auditor"):
        return payment
    raise UNKNOWN_PAYMENT()


def page(
    c: Connection,
    edition: str,
    after: str | None,
    limit: int,
    *,
    state: State | None = None,
    attention: bool | None = None,
) -> tuple[Payment, ...]:
    """Return an edition's payments, the first started first, from behind the payment `after`.

    `attention` takes those in trouble, and what is kept of entries that have left the competition.
    """
    p = t.payments.c
    asked = _payments().where(t.entries.c.edition == edition)
    if state is not None:
        asked = asked.where(p.state == state)
    if attention is not None:
        due = or_(_trouble(), _kept_of_who_left())
        asked = asked.where(due if attention else ~due)
    if after is not None:
        theirs = _payments().where(p.id == after, t.entries.c.edition == edition)
        last = c.execute(theirs).first()
        if last is None:
            return ()
        later = p.started_at > last.started_at
        asked = asked.where(or_(later, and_(p.started_at == last.started_at, p.id > last.id)))
    return _in_order(c, asked.limit(limit))


def of_edition(c: Connection, edition: str) -> tuple[Payment, ...]:
    """Return all payments of an edition, the first started first."""
    return _in_order(c, _payments().where(t.entries.c.edition == edition))


def of_entry(c: Connection, entry_id: str) -> tuple[Payment, ...]:
    """Return all payments of an entry, the first started first."""
    return _in_order(c, _payments().where(t.payments.c.entry == entry_id))


def refunds_of(c: Connection, payment_id: str) -> tuple[Refund, ...]:
    """Return the refunds of a payment, the first asked first."""
    r = t.refunds.c
    rows = c.execute(
        select(t.refunds).where(r.payment == payment_id).order_by(r.asked_at, r.id)
    ).all()
    return tuple(refund_of(row) for row in rows)


def refund_of(row: Row[*tuple[Any, ...]]) -> Refund:
    """Read a row of the table of refunds."""
    return Refund(**{name: getattr(row, name) for name in Refund.__slots__})


def _payments() -> Select[Any]:
    p, q, e = t.payments.c, t.quotes.c, t.entries.c
    basis = [q.amount.label("price")] + [q[name] for name in Basis.__slots__ if name != "price"]
    return (
        select(t.payments, e.edition, e.owner, *basis, _trouble().label("trouble"))
        .join(t.quotes, q.id == p.quote)
        .join(t.entries, e.id == p.entry)
    )


def _in_order(c: Connection, asked: Select[Any]) -> tuple[Payment, ...]:
    p = t.payments.c
    rows: Sequence[Row[*tuple[Any, ...]]] = c.execute(asked.order_by(p.started_at, p.id)).all()
    return tuple(_payment_of(row) for row in rows)


def _trouble() -> ColumnElement[bool]:
    v, r = t.payment_events.c, t.refunds.c
    told = exists().where(v.payment == t.payments.c.id, v.outcome == MISMATCH)
    failed = exists().where(r.payment == t.payments.c.id, r.state == "failed")
    return or_(told, failed)


def _kept_of_who_left() -> ColumnElement[bool]:
    p = t.payments.c
    left = t.entries.c.state.in_(("withdrawn", "disqualified"))
    return and_(left, p.state == "paid", p.refunded < p.amount)


def _payment_of(row: Row[*tuple[Any, ...]]) -> Payment:
    basis = Basis(**{name: getattr(row, name) for name in Basis.__slots__})
    values = {name: getattr(row, name) for name in Payment.__slots__ if name != "basis"}
    return Payment(**{**values, "trouble": bool(row.trouble)}, basis=basis)
