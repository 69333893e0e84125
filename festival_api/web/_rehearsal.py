"""The page of the payment provider that moves no money, so that paying can be tried out."""

from __future__ import annotations

from typing import Literal

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, RedirectResponse

from festival_api import payments
from festival_api.accounts import Actor
from festival_api.editions import format_money
from festival_api.payments import Payment
from festival_api.ports import Checkout, PaymentDouble
from festival_api.texts import Id32
from festival_api.web._asking import Serving, SignedIn
from festival_api.web._festival import Festival
from festival_api.web._pages import Paging
from festival_api.web._payments import take_posted
from festival_api.web._problems import NOT_FOUND

router = APIRouter(include_in_schema=False)


@router.get("/double/{payment}")
def show(payment: Id32, page: Paging, festival: Serving, actor: SignedIn) -> HTMLResponse:
    """What is to be paid, and what may come of it."""
    _double(festival)
    found = _own(festival, payment, actor)
    price = format_money(found.amount, found.currency, page.language)
    return page.write("rehearsal", payment=found, price=price)


@router.post("/double/{payment}/{outcome}")
def happen(
    payment: Id32, outcome: Literal["paid", "failed"], festival: Serving, actor: SignedIn
) -> RedirectResponse:
    """Tell the service, signed as by a provider, that it was paid or that the bank refused."""
    double = _double(festival)
    found = _own(festival, payment, actor)
    if found.state == "started" and found.provider_id:
        checkout = Checkout(found.provider_id, found.url)
        take_posted(festival, *double.event_for(checkout, outcome, festival.clock()))
    return RedirectResponse(f"/entries/{found.entry}", status_code=303)


def _double(festival: Festival) -> PaymentDouble:
    if not isinstance(festival.payments, PaymentDouble):
        raise NOT_FOUND()
    return festival.payments


def _own(festival: Festival, payment: str, actor: Actor) -> Payment:
    with festival.database.read() as c:
        found = payments.seen_by(c, payment, actor)
    if found.owner != actor.account:
        raise payments.UNKNOWN_PAYMENT()
    return found
