"""Entry fees: started, told of by the provider, given back, and written into the books."""

from __future__ import annotations

from festival_api.payments._checkout import check_out, tend
from festival_api.payments._events import Taken, take
from festival_api.payments._records import (
    Basis,
    Payment,
    Refund,
    RefundState,
    State,
    find,
    of_entry,
    page,
    refunds_of,
    seen_by,
)
from festival_api.payments._refunds import ask, find_refund, give_back
from festival_api.payments._refusals import (
    EVENT_REFUSED,
    NOT_PAID,
    OVER_REFUND,
    PAYMENT_UNAVAILABLE,
    QUOTE_EXPIRED,
    UNKNOWN_PAYMENT,
    UNKNOWN_PROVIDER,
    UNKNOWN_REFUND,
)
from festival_api.payments._table import payment_table

__all__ = [
    "EVENT_REFUSED",
    "NOT_PAID",
    "OVER_REFUND",
    "PAYMENT_UNAVAILABLE",
    "QUOTE_EXPIRED",
    "UNKNOWN_PAYMENT",
    "UNKNOWN_PROVIDER",
    "UNKNOWN_REFUND",
    "Basis",
    "Payment",
    "Refund",
    "RefundState",
    "State",
    "Taken",
    "ask",
    "check_out",
    "find",
    "find_refund",
    "give_back",
    "of_entry",
    "page",
    "payment_table",
    "refunds_of",
    "seen_by",
    "take",
    "tend",
]
