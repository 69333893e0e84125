"""What is paid, given back and told about it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

__all__ = [
    "Checkout",
    "EventKind",
    "EventRefusedError",
    "Order",
    "PaymentError",
    "PaymentEvent",
    "Refunding",
]

EventKind = Literal["paid", "failed", "expired", "refunded", "other"]

_TOKEN = re.compile(r"[!-~]+")  # what is printable in ASCII, without spaces
_PAGE = re.compile(r"https?://[!-~]+")
_CURRENCY = re.compile(r"[A-Z]{3}")


class PaymentError(Exception):
    """A payment or refund was not begun; the text says what failed and what to do."""


class EventRefusedError(Exception):
    """What was posted is no event of the provider's: bad or old signature, or a malformed body."""


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be paid.

    Parameters
    ----------
    reference : str
        The caller's name for it, given back in every event: 1 to 200 printable ASCII characters, no
        spaces.
    amount : int
        Minor units of the currency, above 0.
    currency : str
        Three capitals (ISO 4217).
    description : str
        What the payer reads on the page, 1 to 250 characters.
    return_url : str
        Where the payer's browser goes afterwards, paid or not.
    idempotency_key : str
        Names this attempt: 1 to 255 printable ASCII characters, no spaces.

    Raises
    ------
    PaymentError
        One of these is wrong.
    """

    reference: str
    amount: int
    currency: str
    description: str
    return_url: str
    idempotency_key: str

    def __post_init__(self) -> None:
        _check_token("reference", self.reference, 200)
        _check_money(self.amount, self.currency)
        if not 1 <= len(self.description.strip()) <= len(self.description) <= 250:
            raise PaymentError("the order's description must have 1 to 250 characters")
        if not _PAGE.fullmatch(self.return_url):
            raise PaymentError("the order's return_url must be the full address of a page")
        _check_token("idempotency_key", self.idempotency_key, 255)


@dataclass(frozen=True, slots=True)
class Checkout:
    """An open page for one order.

    Attributes
    ----------
    provider_id : str
        The provider's name for it.
    url : str
        The page; open for about a day.
    """

    provider_id: str
    url: str


@dataclass(frozen=True, slots=True)
class Refunding:
    """What is to be given back.

    Parameters
    ----------
    provider_payment : str
        As the "paid" event named it.
    amount : int
        Minor units of the currency, above 0.
    currency : str
        The payment's own (ISO 4217).
    idempotency_key : str
        Names this refund: 1 to 255 printable ASCII characters, no spaces.

    Raises
    ------
    PaymentError
        One of these is wrong.
    """

    provider_payment: str
    amount: int
    currency: str
    idempotency_key: str

    def __post_init__(self) -> None:
        _check_token("provider_payment", self.provider_payment, 255)
        _check_money(self.amount, self.currency)
        _check_token("idempotency_key", self.idempotency_key, 255)


@dataclass(frozen=True, slots=True)
class PaymentEvent:
    """What the provider says has happened.

    Attributes
    ----------
    event_id : str
        The provider's name for it: the same when it comes again.
    kind : EventKind
        "paid", "failed" (the payer's bank said no in the end), "expired" (nobody paid in time),
        "refunded", or "other", which is acknowledged and needs nothing done.
    reference : str
        The order's; "" for "other".
    provider_payment : str
        What to name in a refund; "" where there is no payment.
    amount : int
        Minor units. "paid", "failed", "expired": the order's. "refunded": **all that was given back
        of this payment so far**, so that events out of order do no harm. "other": 0.
    currency : str
        ISO 4217; "" for "other".
    """

    event_id: str
    kind: EventKind
    reference: str
    provider_payment: str
    amount: int
    currency: str


def _check_token(field: str, text: str, longest: int) -> None:
    if len(text) > longest or not _TOKEN.fullmatch(text):
        raise PaymentError(
            f"{field} must have 1 to {longest} printable ASCII characters without spaces"
        )


def _check_money(amount: int, currency: str) -> None:
    if type(amount) is not int or amount <= 0:
        raise PaymentError(f"the amount {amount!r} must be a whole number of minor units above 0")
    if not _CURRENCY.fullmatch(currency):
        raise PaymentError(f"the currency {currency!r} must be three capitals such as HKD")
