"""The table of payments for bookkeeping, as a CSV file."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from babel.numbers import get_currency_precision
from sqlalchemy import Connection

from festival_api.payments._records import Payment, of_edition
from festival_api.tables import csv_bytes

_HEADER: Final = (
    "payment",
    "entry",
    "state",
    "category",
    "fee class",
    "student",
    "period",
    "support",
    "fee table",
    "currency",
    "price",
    "asked",
    "paid",
    "refunded",
    "kept",
    "started",
    "settled",
    "provider",
    "checkout",
    "provider's payment",
    "look into",
)


def payment_table(c: Connection, edition: str) -> bytes:
    """Return all payments of an edition as a CSV file.

    Instants are UTC, amounts in the currency's major unit, exactly. "paid" holds only what was
    asked for and came in; "kept" is paid less refunded.
    """
    return csv_bytes(_HEADER, [_cells(payment) for payment in of_edition(c, edition)])


def _cells(payment: Payment) -> list[str | int | None]:
    basis, currency = payment.basis, payment.currency
    paid = payment.amount if payment.state == "paid" else 0
    settled = payment.settled_at
    return [
        payment.id,
        payment.entry,
        payment.state,
        basis.category,
        basis.fee_class,
        "yes" if basis.student else "no",
        basis.period,
        basis.support,
        basis.edition_sha256,
        currency,
        _major(basis.price, currency),
        _major(payment.amount, currency),
        _major(paid, currency),
        _major(payment.refunded, currency),
        _major(paid - payment.refunded, currency),
        f"{payment.started_at:%Y-%m-%d %H:%M:%S}",
        f"{settled:%Y-%m-%d %H:%M:%S}" if settled else None,
        payment.provider,
        payment.provider_id,
        payment.provider_payment,
        "yes" if payment.trouble else "no",
    ]


def _major(amount: int, currency: str) -> str:
    return str(Decimal(amount).scaleb(-get_currency_precision(currency)))
