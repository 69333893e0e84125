"""Payments: checkout, what the provider tells, refunds, receipts and books."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

import structlog
from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import Field

from festival_api import entries, payments
from festival_api.accounts import NOT_ALLOWED
from festival_api.editions import CLOSED
from festival_api.entries import Filled
from festival_api.payments import Refund, State
from festival_api.ports import EventRefusedError
from festival_api.texts import Body, Id32, Whole
from festival_api.web._asking import Serving, SignedIn
from festival_api.web._entry_views import Limit
from festival_api.web._festival import UNKNOWN_EDITION, Festival
from festival_api.web._openapi import refusing
from festival_api.web._payment_views import (
    EventTaken,
    PaymentList,
    PaymentPage,
    PaymentView,
    RefundView,
)

router = APIRouter(tags=["payments"])

_log = structlog.get_logger("festival")

After = Annotated[Id32 | None, Query(description="Start behind this payment: `next` of a page.")]


class NewRefund(Body):
    """How much is to be given back, and why; the reason goes to the payer."""

    amount: Annotated[Whole, Field(gt=0)] = Field(
        description="In minor units of the payment's currency.", examples=[10_000]
    )
    reason: Filled = Field(examples=["The lifts were out of order."])


async def posted(request: Request) -> bytes:
    """Give the body byte for byte: that is what was signed."""
    return await request.body()


@router.post(
    "/entries/{entry}/payment",
    summary="Pay for an entry",
    responses=refusing(
        entries.UNKNOWN_ENTRY,
        entries.WRONG_STATE,
        entries.NOTHING_DUE,
        payments.QUOTE_EXPIRED,
        payments.PAYMENT_UNAVAILABLE,
        CLOSED,
    ),
)
def start(entry: Id32, festival: Serving, actor: SignedIn) -> PaymentView:
    """Open the provider's page for what is due; while one is open, get the same again.

    Send the payer to `url`. Only what the provider tells the service makes it paid; that the payer
    comes back means nothing.
    """
    with festival.database.read() as c:
        edition = entries.of_owner(c, entry, actor).edition
    loaded = festival.loaded(edition)
    payment = payments.check_out(
        festival.database,
        festival.payments,
        loaded,
        entry,
        actor,
        festival.address,
        festival.clock(),
    )
    with festival.database.read() as c:
        return PaymentView.of(c, payment, loaded, actor)


@router.post(
    "/payments/events/{provider}",
    summary="Tell what happened to a payment",
    responses=refusing(payments.UNKNOWN_PROVIDER, payments.EVENT_REFUSED),
    openapi_extra={
        "requestBody": {
            "description": "As the provider writes and signs it.",
            "required": True,
            "content": {"application/json": {"schema": {"type": "object"}}},
        }
    },
)
def take_event(
    provider: str, request: Request, body: Annotated[bytes, Depends(posted)], festival: Serving
) -> EventTaken:
    """Take an event of the payment provider, in its own form and signed; each is booked once."""
    if provider != festival.payments.name:
        raise payments.UNKNOWN_PROVIDER(provider=provider)
    return take_posted(festival, body, request.headers)


def take_posted(festival: Festival, body: bytes, headers: Mapping[str, str]) -> EventTaken:
    """Take what the provider posted.

    Raises
    ------
    Refusal
        `event_refused`.
    """
    provider, now = festival.payments.name, festival.clock()
    try:
        event = festival.payments.read_event(body, headers, now)
    except EventRefusedError as error:
        _log.warning("event_refused", provider=provider, why=str(error))
        raise payments.EVENT_REFUSED() from error
    with festival.database.write() as c:
        taken = payments.take(c, festival.editions, provider, event, now)
    if taken.refund is not None:
        payments.give_back(festival.database, festival.payments, taken.refund, now)
    return EventTaken.model_validate(taken)


@router.get(
    "/payments/{payment}",
    summary="Read a receipt",
    responses=refusing(payments.UNKNOWN_PAYMENT),
)
def read(payment: Id32, festival: Serving, actor: SignedIn) -> PaymentView:
    """Read how a payment stands and what its amount was for."""
    with festival.database.read() as c:
        found = payments.seen_by(c, payment, actor)
        return PaymentView.of(c, found, festival.editions.get(found.edition), actor)


@router.get(
    "/entries/{entry}/payments",
    summary="See the payments of an entry",
    responses=refusing(entries.UNKNOWN_ENTRY),
)
def of_entry(entry: Id32, festival: Serving, actor: SignedIn) -> PaymentList:
    """See every payment of an entry, the first started first."""
    with festival.database.read() as c:
        loaded = festival.editions.get(entries.seen_by(c, entry, actor).edition)
        found = payments.of_entry(c, entry)
        return PaymentList(items=[PaymentView.of(c, one, loaded, actor) for one in found])


@router.post(
    "/payments/{payment}/refunds",
    status_code=201,
    summary="Give money back",
    responses=refusing(
        payments.UNKNOWN_PAYMENT,
        NOT_ALLOWED,
        payments.NOT_PAID,
        payments.OVER_REFUND,
        payments.PAYMENT_UNAVAILABLE,
    ),
)
def refund(payment: Id32, body: NewRefund, festival: Serving, actor: SignedIn) -> RefundView:
    """Give back a payment or a part of it, by the way that it came.

    When the provider does not do it, the refund is kept as failed, and the refusal names it in
    `refund`: try that one again, not another. Of an entry that stays in the competition, what was
    given back is due again.
    """
    now = festival.clock()
    with festival.database.write() as c:
        found = payments.seen_by(c, payment, actor)
        actor.require(found.edition, "office")
        asked = payments.ask(c, found, body.amount, body.reason, actor.account, now)
    done = payments.give_back(festival.database, festival.payments, asked.id, now)
    return _done(done, found.currency)


@router.post(
    "/refunds/{refund}/retry",
    summary="Try a refund again",
    responses=refusing(payments.UNKNOWN_REFUND, NOT_ALLOWED, payments.PAYMENT_UNAVAILABLE),
)
def retry(refund: Id32, festival: Serving, actor: SignedIn) -> RefundView:
    """Try a refund again that was not done; it is the same refund, however often it is tried."""
    actor.require_confirmed()
    with festival.database.read() as c:
        asked = payments.find_refund(c, refund)
        found = payments.find(c, asked.payment)
        if not actor.has(found.edition, "office", "auditor"):
            raise payments.UNKNOWN_REFUND()
        actor.require(found.edition, "office")
    done = payments.give_back(festival.database, festival.payments, refund, festival.clock())
    return _done(done, found.currency)


@router.get(
    "/editions/{edition}/payments",
    summary="See the payments of an edition",
    responses=refusing(UNKNOWN_EDITION, NOT_ALLOWED),
)
def look_through(
    edition: str,
    festival: Serving,
    actor: SignedIn,
    state: State | None = None,
    attention: Annotated[
        bool | None,
        Query(
            description="Only those to look at, or not: in trouble, or kept although the entry was"
            " withdrawn or disqualified. Whether it is given back is the office's to say."
        ),
    ] = None,
    after: After = None,
    limit: Limit = 50,
) -> PaymentPage:
    """See all payments, for office and auditor."""
    loaded = festival.loaded(edition)
    actor.require(edition, "office", "auditor")
    with festival.database.read() as c:
        found = payments.page(c, edition, after, limit + 1, state=state, attention=attention)
        items = [PaymentView.of(c, one, loaded, actor) for one in found[:limit]]
    return PaymentPage(items=items, next=items[-1].id if len(found) > limit else None)


@router.get(
    "/editions/{edition}/payments.csv",
    summary="Take the table of payments",
    response_class=Response,
    responses=refusing(UNKNOWN_EDITION, NOT_ALLOWED)
    | {
        200: {
            "description": "CSV in UTF-8 with a byte order mark, for spreadsheets.",
            "content": {"text/csv": {"schema": {"type": "string"}}},
        },
    },
)
def take_table(edition: str, festival: Serving, actor: SignedIn) -> Response:
    """Take every payment with what it was for, for bookkeeping."""
    festival.loaded(edition)
    actor.require(edition, "office", "auditor")
    with festival.database.read() as c:
        table = payments.payment_table(c, edition)
    headers = {"Content-Disposition": f'attachment; filename="{edition}-payments.csv"'}
    return Response(table, media_type="text/csv; charset=utf-8", headers=headers)


def _done(refund: Refund, currency: str) -> RefundView:
    if refund.state == "failed":
        raise payments.PAYMENT_UNAVAILABLE({"refund": refund.id})
    return RefundView.of(refund, currency)
