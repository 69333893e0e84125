"""Giving money back: asked for first, then sent to the provider, and matched with what it tells.

Every amount that goes back is one row of the table of refunds, also one that somebody gave back at
the provider's own site: what was refunded of a payment is the sum of those that are done. A refund
that failed may have gone through all the same, so it keeps its share of the payment, and trying
again is always the same refund; it is void once so much went back another way that both cannot be.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, insert, select, update

from festival_api import entries, letters
from festival_api.editions import format_money
from festival_api.payments._records import Payment, Refund, find, refund_of, refunds_of
from festival_api.payments._refusals import NOT_PAID, OVER_REFUND, UNKNOWN_REFUND
from festival_api.ports import PaymentError, Payments, Refunding
from festival_api.speech import LANGUAGES, say, translated
from festival_api.store import Database, new_id
from festival_api.store import tables as t

NOT_DUE = say("It came in when nothing was to be paid for the entry.")
"""Reason of a refund of the service's own: all of the payment goes back."""

TOO_MUCH = say("It was more than was to be paid for the entry.")
"""Reason of a refund of the service's own: a part of the payment goes back."""

_ELSEWHERE = say("It was given back at the payment provider's.")


@dataclass(frozen=True, slots=True)
class Matched:
    """Whether what was told was news, and the refund that has to follow, to be given back now."""

    news: bool
    refund: str | None


def ask(
    c: Connection, payment: Payment, amount: int, reason: str, actor: str | None, now: datetime
) -> Refund:
    """Note that a part of a payment, or all, is to be given back; `give_back` does it.

    Parameters
    ----------
    amount : int
        In minor units of the payment's currency, above 0.
    actor : str or None
        Account; None for the service.

    Raises
    ------
    Refusal
        `not_paid`; `over_refund`.
    """
    if payment.state != "paid":
        raise NOT_PAID({"state": payment.state}, state=payment.state)
    left = _left(c, payment)
    if amount > left:
        money = format_money(left, payment.currency, "en")
        raise OVER_REFUND({"left": left, "currency": payment.currency}, left=money)
    refund = Refund(new_id(), payment.id, amount, reason, "asked", None, actor, now, None)
    _insert(c, refund)
    return refund


def find_refund(c: Connection, refund_id: str) -> Refund:
    """Return a refund, for whom the caller knows may see it.

    Raises
    ------
    Refusal
        `unknown_refund`.
    """
    row = c.execute(select(t.refunds).where(t.refunds.c.id == refund_id)).first()
    if row is None:
        raise UNKNOWN_REFUND()
    return refund_of(row)


def give_back(database: Database, provider: Payments, refund_id: str, now: datetime) -> Refund:
    """Have the provider do a refund that was asked for, or try one again; done once, however often.

    Returns
    -------
    Refund
        As it stands afterwards: "done", "failed", or "void".
    """
    with database.read() as c:
        refund = find_refund(c, refund_id)
        payment = find(c, refund.payment)
    if refund.state in ("done", "void"):
        return refund
    name = _at_provider(provider, payment, refund)
    with database.write() as c:
        refund = find_refund(c, refund_id)
        if name is not None:
            c.execute(
                update(t.refunds).where(t.refunds.c.id == refund_id).values(provider_refund=name)
            )
        if name is not None and refund.state != "done":
            _close(c, payment, [refund], now)
        elif name is None and refund.state == "asked":
            _set_state(c, refund, "failed", None)
        return find_refund(c, refund_id)


def match_told(c: Connection, payment: Payment, told: int, now: datetime) -> Matched:
    """Bring the refunds of a payment up to what the provider says was given back of it in all.

    What was asked for here and fits is what was told of; the rest was given back elsewhere.
    """
    known = refunds_of(c, payment.id)
    open_ = [refund for refund in known if refund.state in ("asked", "failed")]
    done = sum(refund.amount for refund in known if refund.state == "done")
    news = []
    for refund in open_:
        if done + refund.amount <= told:
            news.append(refund)
            done += refund.amount
    if done < told:
        rest, id_ = told - done, new_id()
        elsewhere = Refund(id_, payment.id, rest, _ELSEWHERE, "asked", None, None, now, None)
        _insert(c, elsewhere)
        news.append(elsewhere)
        done = told
    _close(c, payment, news, now)
    void = [one for one in open_ if one not in news and done + one.amount > payment.amount]
    for refund in void:
        _set_state(c, refund, "void", None)
    left = _left(c, payment)
    if left and any(refund.reason == NOT_DUE for refund in void):
        return Matched(bool(news), ask(c, payment, left, NOT_DUE, None, now).id)
    return Matched(bool(news), None)


def _left(c: Connection, payment: Payment) -> int:
    """Return how much of a payment is neither given back nor asked for."""
    known = refunds_of(c, payment.id)
    taken = sum(refund.amount for refund in known if refund.state != "void")
    return max(0, payment.amount - taken)


def _at_provider(provider: Payments, payment: Payment, refund: Refund) -> str | None:
    """Ask the provider; None when it did not say that the money is on its way."""
    if payment.provider != provider.name or not payment.provider_payment:
        return None
    try:
        return provider.refund(
            Refunding(payment.provider_payment, refund.amount, payment.currency, refund.id)
        )
    except PaymentError:
        return None


def _close(c: Connection, payment: Payment, refunds: Iterable[Refund], now: datetime) -> None:
    """Book refunds as done, and tell the entry's owner."""
    for refund in refunds:
        _set_state(c, refund, "done", now)
        words: dict[str, letters.Word] = {
            "title": entries.find(c, payment.entry).title,
            "price": letters.money(refund.amount, payment.currency),
            "reason": {language: translated(refund.reason, language) for language in LANGUAGES},
        }
        letters.queue(c, payment.owner, "refunded", words, now)
    r = t.refunds.c
    done = c.execute(
        select(func.coalesce(func.sum(r.amount), 0)).where(
            r.payment == payment.id, r.state == "done"
        )
    ).scalar_one()
    c.execute(
        update(t.payments)
        .where(t.payments.c.id == payment.id)
        .values(refunded=min(int(done), payment.amount))
    )


def _set_state(c: Connection, refund: Refund, state: str, done_at: datetime | None) -> None:
    c.execute(
        update(t.refunds).where(t.refunds.c.id == refund.id).values(state=state, done_at=done_at)
    )


def _insert(c: Connection, refund: Refund) -> None:
    c.execute(insert(t.refunds).values({name: getattr(refund, name) for name in Refund.__slots__}))
