"""A payment provider that moves no money, for tests and for trying the service out."""

from __future__ import annotations

import hashlib
import json
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


class PaymentDouble:
    """Stands in for a payment provider: same rules, no money, no network.

    It has no page: `Checkout.url` is the order's own return address. `event_for` makes what the
    provider would post to the service, and with "paid" marks the order as paid, so that it can be
    refunded.

    Parameters
    ----------
    folder : Path
        What it must remember over a restart lies here as JSON, a file for each checkout and refund.
        One process at a time.
    secret : str
        Key of the events' signatures.
    """

    name = "double"

    def __init__(self, folder: Path, secret: str) -> None:
        if not secret:
            raise PaymentError("the payment double needs a secret to sign its events with")
        self._folder, self._secret = folder, secret
        self._lock = threading.Lock()

    def start(self, order: Order) -> Checkout:
        """See `Payments`."""
        number = _number(order.idempotency_key)
        self._once(f"checkout-{number}", asdict(order))
        return Checkout(f"checkout_{number}", order.return_url)

    def refund(self, refunding: Refunding) -> str:
        """See `Payments`."""
        number = _number(refunding.idempotency_key)
        payment = refunding.provider_payment
        paid = self._read(f"paid-{payment.removeprefix('payment_')}")
        if not paid or payment != paid["payment"]:
            raise PaymentError(f"there is no payment {payment} to refund")
        if refunding.currency != paid["currency"]:
            raise PaymentError(
                f"payment {payment} is in {paid['currency']}, not {refunding.currency}"
            )
        with self._lock:
            if not self._read(f"refund-{number}"):
                left = paid["amount"] - self._given_back(payment)
                if refunding.amount > left:
                    raise PaymentError(f"only {left} of payment {payment} are left to refund")
            self._once_locked(f"refund-{number}", asdict(refunding))
        return f"refund_{number}"

    def read_event(self, body: bytes, headers: Mapping[str, str], now: datetime) -> PaymentEvent:
        """See `Payments`."""
        verify(body, headers, _HEADER, self._secret, now)
        try:
            fields = json.loads(body)
            event = PaymentEvent(**fields)
        except (ValueError, TypeError, RecursionError) as error:
            raise EventRefusedError("the event's body is not one that this provider writes") from error
        if event.kind not in get_args(EventKind) or type(event.amount) is not int:
            raise EventRefusedError("the event's body is not one that this provider writes")
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
        order = self._read(f"checkout-{number}")
        if not order:
            raise PaymentError(f"there is no checkout {checkout.provider_id}")
        payment, amount = f"payment_{number}", order["amount"]
        if kind == "paid":
            self._once(
                f"paid-{number}",
                {"payment": payment, "amount": amount, "currency": order["currency"]},
            )
        if kind == "refunded":
            amount = self._given_back(payment)
            if not amount:
                raise PaymentError(f"nothing of payment {payment} was given back")
        event_id = f"event_{_number(f'{number} {kind} {amount}')}"
        event = PaymentEvent(event_id, kind, order["reference"], payment, amount, order["currency"])
        if kind in ("failed", "expired"):
            event = PaymentEvent(event_id, kind, order["reference"], "", amount, order["currency"])
        if kind == "other":
            event = PaymentEvent(event_id, kind, "", "", 0, "")
        body = json.dumps(asdict(event)).encode()
        return body, {_HEADER: sign(body, self._secret, now)}

    def _once(self, name: str, fields: dict[str, Any]) -> None:
        with self._lock:
            self._once_locked(name, fields)

    def _once_locked(self, name: str, fields: dict[str, Any]) -> None:
        kept = self._read(name)
        if not kept:
            write_whole(self._folder / f"{name}.json", json.dumps(fields, indent=1).encode())
        elif kept != fields:
            raise PaymentError("this idempotency key was used for something else: take a new one")

    def _read(self, name: str) -> dict[str, Any]:
        """Fields of a file; none if there is no such file, or no file can be called so."""
        if not name.replace("-", "").replace("_", "").isalnum():
            return {}
        try:
            fields: dict[str, Any] = json.loads((self._folder / f"{name}.json").read_bytes())
        except FileNotFoundError:
            return {}
        return fields

    def _given_back(self, payment: str) -> int:
        refunds = [json.loads(path.read_bytes()) for path in self._folder.glob("refund-*.json")]
        return sum(one["amount"] for one in refunds if one["provider_payment"] == payment)


def _number(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()[:24]
