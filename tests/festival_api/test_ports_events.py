"""Events of payments: only what the provider signed a moment ago is read."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from dataclasses import dataclass

import pytest
import stripe
from hypothesis import given
from hypothesis import strategies as st

from festival_api.ports import (
    EventRefusedError,
    Order,
    PaymentDouble,
    PaymentEvent,
    Payments,
    StripePayments,
)
from festival_api.ports._signature import sign

NOW = dt.datetime(2026, 1, 31, 16, 0, tzinfo=dt.UTC)
SECRET = "whsec_secretofevents"
PAID_AT_STRIPE = {
    "id": "evt_1",
    "object": "event",
    "type": "checkout.session.completed",
    "data": {
        "object": {
            "id": "cs_1",
            "object": "checkout.session",
            "amount_total": 56250,
            "currency": "hkd",
            "metadata": {"festival_reference": "entry-17"},
            "payment_intent": "pi_1",
            "payment_status": "paid",
        }
    },
}


@dataclass(frozen=True)
class Endpoint:
    """Where a provider posts to, and the body of a "paid" event."""

    payments: Payments
    header: str
    paid: bytes

    def read(self, body: bytes, value: str, now: dt.datetime = NOW) -> PaymentEvent:
        return self.payments.read_event(body, {self.header: value}, now)


@pytest.fixture(scope="module", params=["double", "stripe"])
def endpoint(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Endpoint:
    """Reading asks the provider nothing, so none is needed here."""
    if request.param == "stripe":
        payments = StripePayments("sk_test_1", SECRET, "http://127.0.0.1:9")
        return Endpoint(payments, "Stripe-Signature", json.dumps(PAID_AT_STRIPE).encode())
    double = PaymentDouble(tmp_path_factory.mktemp("payments"), SECRET)
    order = Order("entry-17", 56250, "HKD", "Feature", "https://f.example/back", "quote-1")
    body, _ = double.event_for(double.start(order), "paid", NOW)
    return Endpoint(double, "Double-Signature", body)


def stripes_own(body: bytes, at: dt.datetime = NOW) -> str:
    """Sign as Stripe's library does: the double keeps the same scheme."""
    generate = stripe.WebhookSignature.generate_signature_header
    return str(generate(body.decode(), SECRET, int(at.timestamp())))


@given(st.text(st.characters(exclude_categories=["Cs"])), st.datetimes(timezones=st.just(dt.UTC)))
def test_signatures_are_those_of_stripes_library(body: str, at: dt.datetime) -> None:
    value = sign(body.encode(), SECRET, at)
    assert value == stripes_own(body.encode(), at)


def test_what_was_signed_is_read(endpoint: Endpoint) -> None:
    event = endpoint.read(endpoint.paid, stripes_own(endpoint.paid))
    assert (event.kind, event.reference) == ("paid", "entry-17")
    assert (event.amount, event.currency) == (56250, "HKD")


@pytest.mark.parametrize("late_s", [-300, 0, 300])
def test_five_minutes_are_allowed_for(endpoint: Endpoint, late_s: int) -> None:
    now = NOW + dt.timedelta(seconds=late_s)
    assert endpoint.read(endpoint.paid, stripes_own(endpoint.paid), now).kind == "paid"


@pytest.mark.parametrize("late_s", [-301, 301, 10**6])
def test_an_old_event_is_refused(endpoint: Endpoint, late_s: int) -> None:
    now = NOW + dt.timedelta(seconds=late_s)
    with pytest.raises(EventRefusedError, match="clock"):
        endpoint.read(endpoint.paid, stripes_own(endpoint.paid), now)


def test_headers_are_found_whatever_their_letters(endpoint: Endpoint) -> None:
    headers = {"host": "f.example", endpoint.header.lower(): stripes_own(endpoint.paid)}
    assert endpoint.payments.read_event(endpoint.paid, headers, NOW).kind == "paid"


def test_an_event_without_a_signature_is_refused(endpoint: Endpoint) -> None:
    with pytest.raises(EventRefusedError, match=endpoint.header):
        endpoint.payments.read_event(endpoint.paid, {"host": "f.example"}, NOW)


def test_one_good_signature_of_several_is_enough(endpoint: Endpoint) -> None:
    time, good = stripes_own(endpoint.paid).split(",")
    value = f"{time},v1={'0' * 64},v0=x,{good}"
    assert endpoint.read(endpoint.paid, value).kind == "paid"


@pytest.mark.parametrize(
    "spoil",
    [
        lambda body, value: (body + b" ", value),
        lambda body, value: (body.replace(b"56250", b"56251"), value),
        lambda body, value: (body, value[:-1] + ("0" if value[-1] != "0" else "1")),
        lambda body, value: (body, value.replace("v1=", "v0=")),
        lambda body, value: (body, value.split(",")[0]),
        lambda body, value: (body, value.split(",")[1]),
        lambda body, value: (body, value.replace("t=", "t=1")),
        lambda body, value: (body, f"t=1,{value}"),
        lambda body, value: (body, value.replace("t=", "t= ")),
        lambda body, value: (body, f"{value.split(',')[0]},v1=é"),
        lambda body, value: (body, ""),
    ],
)
def test_what_was_changed_is_refused(
    endpoint: Endpoint, spoil: Callable[[bytes, str], tuple[bytes, str]]
) -> None:
    changed = spoil(endpoint.paid, stripes_own(endpoint.paid))
    assert changed != (endpoint.paid, stripes_own(endpoint.paid))
    with pytest.raises(EventRefusedError):
        endpoint.read(*changed)


def test_another_secret_signs_nothing(endpoint: Endpoint) -> None:
    with pytest.raises(EventRefusedError, match="secret"):
        endpoint.read(endpoint.paid, sign(endpoint.paid, "whsec_another", NOW))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.floats(),
    lambda inner: (
        st.lists(inner)
        | st.dictionaries(
            st.sampled_from(["id", "type", "data", "object", "kind", "amount"]), inner
        )
    ),
    max_leaves=4,
)
EVENTS = st.fixed_dictionaries(
    {
        "id": JSON,
        "type": st.sampled_from(["checkout.session.completed", "charge.refunded"]) | JSON,
        "data": st.fixed_dictionaries(
            {
                "object": st.fixed_dictionaries(
                    {"metadata": st.fixed_dictionaries({"festival_reference": JSON}) | JSON},
                    optional={
                        "amount_total": JSON,
                        "amount_refunded": JSON,
                        "currency": JSON,
                        "payment_intent": JSON,
                        "payment_status": st.just("paid"),
                    },
                )
            }
        )
        | JSON,
    }
)


@given(body=st.binary(), value=st.text() | st.from_regex(r"t=\d*,v1=[0-9a-fé]*"))
def test_no_request_makes_reading_fail(endpoint: Endpoint, body: bytes, value: str) -> None:
    with pytest.raises(EventRefusedError):
        endpoint.read(body, value)


@given(JSON | EVENTS)
def test_no_signed_body_makes_reading_fail(endpoint: Endpoint, fields: object) -> None:
    body = json.dumps(fields).encode()
    try:
        event = endpoint.read(body, sign(body, SECRET, NOW))
    except EventRefusedError:
        return
    assert type(event.amount) is int
    assert event.amount >= 0


@pytest.mark.parametrize("body", [b"", b"{", b"[" * 100_000, b'{"id": 1}', b"\xff", b'"text"'])
def test_a_signed_body_that_is_no_event_is_refused(endpoint: Endpoint, body: bytes) -> None:
    with pytest.raises(EventRefusedError, match="not written as expected"):
        endpoint.read(body, sign(body, SECRET, NOW))
