"""Ports: what the festival asks of the world outside it: mail, payments and a look at links.

Each port has a default that needs no outside service and an adapter for a real one:

========== ==================== ====================
Port       Default              Real
========== ==================== ====================
`Mailer`   `FileOutbox`         `SmtpMailer`
`Payments` `PaymentDouble`      `StripePayments`
`Probe`    `NoProbe`            `HttpProbe`
========== ==================== ====================
"""

from __future__ import annotations

from festival_api.ports._double import PaymentDouble
from festival_api.ports._links import REASONS, LinkError, Reason, well_formed_link
from festival_api.ports._mailers import FileOutbox, SmtpMailer
from festival_api.ports._message import MailError, Message
from festival_api.ports._payments import (
    Checkout,
    EventKind,
    EventRefusedError,
    Order,
    PaymentError,
    PaymentEvent,
    Refunding,
)
from festival_api.ports._ports import Mailer, Payments, Probe
from festival_api.ports._probe import HttpProbe, NoProbe, Reached, Unreached
from festival_api.ports._stripe import StripePayments

__all__ = [
    "REASONS",
    "Checkout",
    "EventKind",
    "EventRefusedError",
    "FileOutbox",
    "HttpProbe",
    "LinkError",
    "MailError",
    "Mailer",
    "Message",
    "NoProbe",
    "Order",
    "PaymentDouble",
    "PaymentError",
    "PaymentEvent",
    "Payments",
    "Probe",
    "Reached",
    "Reason",
    "Refunding",
    "SmtpMailer",
    "StripePayments",
    "Unreached",
    "well_formed_link",
]
