"""The three ports, on one page.

Amounts of money are whole numbers of the currency's minor unit as ISO 4217 counts them (cents of
USD and HKD, whole yen). Times are aware and passed in. Every call may block for some seconds, so
call from a worker thread.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

from festival_api.ports._message import Message
from festival_api.ports._payments import Checkout, Order, PaymentEvent, Refunding
from festival_api.ports._probe import Reached, Unreached

__all__ = ["Mailer", "Payments", "Probe"]


class Mailer(Protocol):
    """Sends mail."""

    def send(self, message: Message, now: datetime, message_id: str) -> None:
        """Hand one message over for delivery.

        A message may be sent again with the same `message_id` after a failure: readers' programs
        know it by that.

        Parameters
        ----------
        message : Message
            To one recipient.
        now : datetime
            Written into the message as its date.
        message_id : str
            1 to 64 letters, digits, ``-`` and ``_``, unique among all messages.

        Raises
        ------
        MailError
            It was not handed over; the text says why and what to do.
        """
        ...


class Payments(Protocol):
    """Takes payments on the provider's own page, and gives money back.

    What happened is told by events that the provider posts to the service. They may come twice,
    late (days), and in any order, such as "refunded" before "paid": the caller keeps what it knows
    by `event_id` and decides by what the event says, not by when it comes. Only events tell; that a
    payer came back to `return_url` means nothing.
    """

    @property
    def name(self) -> str:
        """Short name of the provider, kept with each payment: "double" or "stripe"."""
        ...

    def start(self, order: Order) -> Checkout:
        """Open a page on which the order can be paid.

        The same order with the same key gives the same checkout: keys are good for 24 hours.

        Raises
        ------
        PaymentError
            No page was opened, or the key was used for another order.
        """
        ...

    def refund(self, refunding: Refunding) -> str:
        """Give back a payment or a part of it, once for each key.

        Returns
        -------
        str
            The provider's name for the refund. That the money is on its way is told by a "refunded"
            event.

        Raises
        ------
        PaymentError
            Nothing was given back: the payment is unknown, in another currency, or less of it is
            left.
        """
        ...

    def read_event(self, body: bytes, headers: Mapping[str, str], now: datetime) -> PaymentEvent:
        """Read an event that was posted to the service, if it was signed not long before `now`.

        Five minutes either way are allowed for.

        Parameters
        ----------
        body : bytes
            The request's body as it came, byte for byte: that is what was signed.
        headers : mapping of str to str
            The request's headers; upper and lower case do not matter.
        now : datetime
            When it came.

        Raises
        ------
        EventRefusedError
            The signature is bad or old, or the body is malformed. Answer 400 and forget it.
        """
        ...


class Probe(Protocol):
    """Looks whether a link leads anywhere, before an entrant relies on it."""

    def check(self, url: str) -> Reached | Unreached:
        """Ask for the link, for at most 10 s, and say what answered. Never raises."""
        ...
