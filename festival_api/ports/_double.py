"""A payment provider that moves no money, for tests and for trying the service out."""

from __future__ import annotations

import hashlib
import json
import re
import threading
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any, get_args

from festival_api.ports._files import write_whole
from festival_api.ports._payments import (
    Checkout,
    EventKind,
    EventRefusedError,
    Order,
    PaymentError,
    PaymentEvent,
    Refunding,
)
from festival_api.ports._signature import sign, verify

__all__ = ["PaymentDouble"]

_HEADER = "Double-Signature"
_NUMBER = re.compile(r"[0-9a-f]{24}")


class PaymentDouble:
    """Stands in for a payment provider: same rules, no money, no network.

    `event_for` makes what the provider would post to the service, and with "paid" marks the order
    as paid, so that it can be refunded.

    Parameters
    ----------
    folder : Path
        What must be remembered over a restart lies here as JSON, a file for each checkout, payment
        and refund. For one process at a time.
    secret : str
        Key of the events' signatures.
    page : str
        Address under which whoever runs it has a page for each order, by its reference; without
        one, `Checkout.url` is the order's own return address.

    Raises
    ------
    PaymentError
        The secret is empty.
    """

    name = "double"

    def __init__(self, folder: Path, secret: str, page: str = "") -> None:
        if not secret:
            raise PaymentError("the payment double needs a secret to sign its events with")
        self._folder, self._secret, self._page = folder, secret, page
        self._lock = threading.Lock()

    def start(self, order: Order) -> Checkout:
        """See `Payments`."""
        number = _number(order.idempotency_key)
        with self._lock:
            self._keep("checkout", number, asdict(order))
        url = f"{self._page}/{order.reference}" if self._page else order.return_url
        return Checkout(f"checkout_{number}", url)

    def refund(self, refunding: Refunding) -> str:
        """See `Payments`."""
        number = _number(refunding.idempotency_key)
        payment = refunding.provider_payment
        paid = self._kept("payment", payment.removeprefix("payment_"))
        if not paid:
            raise PaymentError(f"there is no payment {payment} to refund")
        if refunding.currency != paid["currency"]:
            raise PaymentError(
                f"payment {payment} is in {paid['currency']}, not {refunding.currency}"
            )
        with self._lock:
            left = paid["amount"] - self._given_back(payment)
            if refunding.amount > left and not self._kept("refund", number):
                raise PaymentError(f"of payment {payment} only {left} are left to refund")
            self._keep("refund", number, asdict(refunding))
        return f"refund_{number}"

    def read_event(self, body: bytes, headers: Mapping[str, str], now: datetime) -> PaymentEvent:
        """See `Payments`."""
        verify(body, headers, _HEADER, self._secret, now)
        try:
            event = PaymentEvent(**json.loads(body))
        except (ValueError, TypeError, RecursionError) as error:
            raise EventRefusedError("the event is signed but not written as expected") from error
        if event.kind not in get_args(EventKind) or type(event.amount) is not int:
            raise EventRefusedError("the event is signed but not written as expected")
        return event

    def event_for(
        self, checkout: Checkout, kind: EventKind, now: datetime
    ) -> tuple[bytes, dict[str, str]]:
        """Make what the provider would post when this happens to a checkout.

        Parameters
        ----------
        checkout : Checkout
            One that `start` gave; only its `provider_id` is looked at.
        kind : EventKind
            What happens. "refunded" tells what `refund` has given back so far.
        now : datetime
            When it is signed. The same happening has the same event id whenever it is signed.

        Returns
        -------
        body : bytes
            Body of the request.
        headers : dict of str to str
            The header with the signature.

        Raises
        ------
        PaymentError
            The checkout is unknown, or nothing of it was given back yet.
        """
        number = checkout.provider_id.removeprefix("checkout_")
        order = self._kept("checkout", number)
        if not order:
            raise PaymentError(f"there is no checkout {checkout.provider_id}")
        payment = f"payment_{number}" if kind in ("paid", "refunded") else ""
        amount = self._given_back(payment) if kind == "refunded" else order["amount"]
        if not amount:
            raise PaymentError(f"nothing of payment {payment} was given back")
        if kind == "paid":
            with self._lock:
                self._keep("payment", number, order)
        event_id = f"event_{_number(f'{number} {kind} {amount}')}"
        event = PaymentEvent(event_id, kind, order["reference"], payment, amount, order["currency"])
        if kind == "other":
            event = PaymentEvent(event_id, kind, "", "", 0, "")
        body = json.dumps(asdict(event)).encode()
        return body, {_HEADER: sign(body, self._secret, now)}

    def _keep(self, what: str, number: str, fields: dict[str, Any]) -> None:
        kept = self._kept(what, number)
        if not kept:
            path = self._folder / f"{what}-{number}.json"
            write_whole(path, json.dumps(fields, indent=1).encode())
        elif kept != fields:
            raise PaymentError("this idempotency key was used for something else: take a new one")

    def _kept(self, what: str, number: str) -> dict[str, Any]:
        """What was kept under a number; nothing if it is none of ours."""
        path = self._folder / f"{what}-{number}.json"
        if not _NUMBER.fullmatch(number) or not path.exists():
            return {}
        fields: dict[str, Any] = json.loads(path.read_bytes())
        return fields

    def _given_back(self, payment: str) -> int:
        refunds = [json.loads(path.read_bytes()) for path in self._folder.glob("refund-*.json")]
        return sum(one["amount"] for one in refunds if one["provider_payment"] == payment)


def _number(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()[:24]
