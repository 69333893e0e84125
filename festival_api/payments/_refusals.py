"""Why a payment or a refund is not done as it was asked."""

from __future__ import annotations

from festival_api.refusals import Kind

UNKNOWN_PAYMENT = Kind(
    "unknown_payment", 404, "There is no such payment here, or it is not yours to see."
)
UNKNOWN_REFUND = Kind(
    "unknown_refund", 404, "There is no such refund here, or it is not yours to see."
)
UNKNOWN_PROVIDER = Kind(
    "unknown_provider", 404, "No payments are taken here by a provider called {provider}."
)
EVENT_REFUSED = Kind(
    "event_refused",
    400,
    "This event is not signed by the payment provider, too old, or malformed; it was not kept."
    " Check the endpoint's secret and the clock.",
)
QUOTE_EXPIRED = Kind(
    "quote_expired",
    409,
    "The price was held until {expires}. Make the entry a draft again and finalise it anew.",
)
PAYMENT_UNAVAILABLE = Kind(
    "payment_unavailable",
    503,
    "The payment provider did not do this now. Nothing is lost: try again in some minutes.",
)
NOT_PAID = Kind(
    "not_paid", 409, "This payment is {state}: only one that was paid can be given back here."
)
OVER_REFUND = Kind(
    "over_refund",
    422,
    "Of this payment only {left} are left to give back. Ask for less, or try an earlier refund"
    " again.",
)
