"""Payments through Stripe's hosted page (Checkout Sessions).

See https://docs.stripe.com/api/checkout/sessions, /api/refunds and /webhooks. The endpoint to be
set up at Stripe is told of checkout.session.completed, .async_payment_succeeded,
.async_payment_failed, .expired and charge.refunded.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from festival_api.ports._payments import (
    Checkout,
    EventKind,
    EventRefusedError,
    Order,
    PaymentError,
    PaymentEvent,
    Refunding,
)
from festival_api.ports._signature import verify

if TYPE_CHECKING:
    from stripe import StripeClient

__all__ = ["StripePayments"]

_TIMEOUT_S = 20.0
_HEADER = "Stripe-Signature"

# What we write on sessions and payments, and Stripe copies to charges: tells our events from those
# of other shops that use the same account.
_REFERENCE = "festival_reference"
_REFUND_KEY = "festival_refund_key"

# Stripe's units for one minor unit of ISO 4217, where they are not the same
# (https://docs.stripe.com/currencies): krónur and Ugandan shillings have no minor unit but are told
# in hundredths, ariary have one but are told whole.
_UNITS = {"ISK": Fraction(100), "UGX": Fraction(100), "MGA": Fraction(1, 100)}
# Of three decimals, Stripe wants the last to be 0.
_STEPS = {"BHD": 10, "JOD": 10, "KWD": 10, "OMR": 10, "TND": 10}

_SESSION_KINDS: dict[str, EventKind] = {
    "checkout.session.async_payment_succeeded": "paid",
    "checkout.session.async_payment_failed": "failed",
    "checkout.session.expired": "expired",
}


class StripePayments:
    """Takes payments by way of a Stripe account.

    Parameters
    ----------
    key : str
        Secret or restricted key of the account, ``sk_...`` or ``rk_...``. A restricted one needs to
        write Checkout Sessions and Refunds and to read Payment Intents.
    webhook_secret : str
        Signing secret of the endpoint that Stripe posts events to, ``whsec_...``.
    api_base : str, optional
        Address of another server that speaks Stripe's interface.

    Raises
    ------
    PaymentError
        A key is not of its kind, or the library is missing.
    """

    name = "stripe"

    def __init__(self, key: str, webhook_secret: str, api_base: str | None = None) -> None:
        if not key.startswith(("sk_", "rk_")):
            raise PaymentError(
                "the Stripe key must begin with sk_ or rk_: take it from the account's page of keys"
            )
        if not webhook_secret.startswith("whsec_"):
            raise PaymentError(
                "the webhook secret must begin with whsec_: take it from the endpoint's page"
            )
        try:
            import stripe
        except ImportError as error:
            raise PaymentError(
                "payments by Stripe need its library: install neural-hall[stripe]"
            ) from error
        self._secret = webhook_secret
        self._client: StripeClient = stripe.StripeClient(
            key,
            base_addresses={"api": api_base} if api_base else None,
            http_client=stripe.RequestsClient(timeout=_TIMEOUT_S),
            max_network_retries=2,
        )

    def start(self, order: Order) -> Checkout:
        """See `Payments`."""
        amount = _to_stripe(order.amount, order.currency)
        written = {_REFERENCE: order.reference}
        with _told_in_our_words():
            session = self._client.v1.checkout.sessions.create(
                {
                    "mode": "payment",
                    "line_items": [
                        {
                            "quantity": 1,
                            "price_data": {
                                "currency": order.currency.lower(),
                                "unit_amount": amount,
                                "product_data": {"name": order.description},
                            },
                        }
                    ],
                    "client_reference_id": order.reference,
                    "metadata": written,
                    "payment_intent_data": {"metadata": written},
                    "success_url": order.return_url,
                    "cancel_url": order.return_url,
                },
                {"idempotency_key": order.idempotency_key},
            )
        if not session.url:
            raise PaymentError(
                "Stripe opened a checkout without a page: start again with a new key"
            )
        return Checkout(session.id, session.url)

    def refund(self, refunding: Refunding) -> str:
        """See `Payments`.

        Stripe forgets idempotency keys after a day, so each refund carries its key and is looked
        for first.
        """
        payment, currency = refunding.provider_payment, refunding.currency
        amount = _to_stripe(refunding.amount, currency)
        with _told_in_our_words():
            paid_in = self._client.v1.payment_intents.retrieve(payment).currency.upper()
            if paid_in != currency:
                raise PaymentError(f"payment {payment} is in {paid_in}, not {currency}")
            earlier = self._client.v1.refunds.list({"payment_intent": payment, "limit": 100})
            for refund in earlier.auto_paging_iter():
                written = refund.metadata
                if written is None or _REFUND_KEY not in written:
                    continue
                if written[_REFUND_KEY] == refunding.idempotency_key:
                    if refund.amount != amount:
                        raise PaymentError(
                            "this idempotency key was used for something else: take a new one"
                        )
                    return refund.id
            return self._client.v1.refunds.create(
                {
                    "payment_intent": payment,
                    "amount": amount,
                    "metadata": {_REFUND_KEY: refunding.idempotency_key},
                },
                {"idempotency_key": refunding.idempotency_key},
            ).id

    def read_event(self, body: bytes, headers: Mapping[str, str], now: datetime) -> PaymentEvent:
        """See `Payments`."""
        verify(body, headers, _HEADER, self._secret, now)
        try:
            return _event(json.loads(body))
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise EventRefusedError(
                "the event is signed but not written as expected: see the endpoint's API version"
            ) from error


def _event(posted: dict[str, Any]) -> PaymentEvent:
    event_id, happening = str(posted["id"]), str(posted["type"])
    thing = posted["data"]["object"]
    kind: EventKind = _SESSION_KINDS.get(happening, "other")
    # Some ways to pay complete the page first and pay days later.
    if happening == "checkout.session.completed" and thing["payment_status"] == "paid":
        kind = "paid"
    if happening == "charge.refunded":
        kind = "refunded"
    reference = (thing.get("metadata") or {}).get(_REFERENCE)
    if kind == "other" or not reference:
        return PaymentEvent(event_id, "other", "", "", 0, "")
    amount = thing["amount_refunded" if kind == "refunded" else "amount_total"]
    currency = thing["currency"].upper()
    if type(amount) is not int or amount < 0:
        raise ValueError(amount)
    payment = thing["payment_intent"] or ""
    if not isinstance(reference, str) or not isinstance(payment, str):
        raise TypeError(thing)
    return PaymentEvent(
        event_id, kind, reference, payment, _from_stripe(amount, currency), currency
    )


def _to_stripe(amount: int, currency: str) -> int:
    units = amount * _UNITS.get(currency, Fraction(1))
    if units.denominator != 1 or units.numerator % _STEPS.get(currency, 1):
        raise PaymentError(
            f"Stripe does not take {amount} minor units of {currency}: the last digits must be 0"
        )
    return units.numerator


def _from_stripe(units: int, currency: str) -> int:
    amount = units / _UNITS.get(currency, Fraction(1))
    if amount.denominator != 1:
        raise ValueError(units)
    return amount.numerator


@contextmanager
def _told_in_our_words() -> Iterator[None]:
    """Turn Stripe's errors into ours, without their texts: these may show parts of the key."""
    import stripe

    try:
        yield
    except stripe.IdempotencyError as error:
        raise PaymentError(
            "this idempotency key was used for something else: take a new one"
        ) from error
    except (stripe.AuthenticationError, stripe.PermissionError) as error:
        raise PaymentError("Stripe does not accept the key: check it and what it may do") from error
    except stripe.APIConnectionError as error:
        raise PaymentError("Stripe cannot be reached: try again with the same key") from error
    except stripe.StripeError as error:
        raise PaymentError(
            f"Stripe refused ({error.code or type(error).__name__}, status {error.http_status},"
            f" request {error.request_id}): look the request up in its log"
        ) from error
