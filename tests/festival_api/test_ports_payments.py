"""Payments: the double and Stripe keep one contract; Stripe's library speaks to a stand-in."""

from __future__ import annotations

import datetime as dt
import json
import logging
import socket
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import parse_qs, urlsplit

import pytest
import stripe

from festival_api.ports import (
    Checkout,
    EventKind,
    Order,
    PaymentDouble,
    PaymentError,
    PaymentEvent,
    Payments,
    Refunding,
    StripePayments,
)

NOW = dt.datetime(2026, 1, 31, 16, 0, tzinfo=dt.UTC)
ORDER = Order(
    "entry-17", 56_250, "HKD", "Generative Feature 生成式長片", "https://f.example/back", "quote-3"
)
KEY, SECRET = "sk_test_51secretkey", "whsec_secretofevents"


def a_refund(payment: str, amount: int = 10_000, key: str = "refund-1") -> Refunding:
    return Refunding(payment, amount, "HKD", key)


Posted = tuple[bytes, dict[str, str]]


class Provider(Protocol):
    """The outside of a payment provider: what happens there, and what it posts."""

    header: str

    def payments(self) -> Payments:
        """The adapter, as after a restart of the service."""
        ...

    def happens(self, checkout: Checkout, kind: EventKind, now: dt.datetime) -> Posted:
        """Let something happen to a checkout; what is posted."""
        ...

    def days_pass(self) -> None:
        """Keys are forgotten by then."""
        ...


@dataclass
class DoubleProvider:
    folder: Path
    header: str = "Double-Signature"

    def payments(self) -> PaymentDouble:
        return PaymentDouble(self.folder, SECRET)

    def happens(self, checkout: Checkout, kind: EventKind, now: dt.datetime) -> Posted:
        return self.payments().event_for(checkout, kind, now)

    def days_pass(self) -> None:
        """The double forgets nothing."""


# --- A stand-in for the few places of Stripe's interface that are used


class StripeServer(ThreadingHTTPServer):
    """Sessions, payment intents and refunds as Stripe documents them, in memory."""

    daemon_threads = True
    header = "Stripe-Signature"

    def __init__(self) -> None:
        self.sessions: dict[str, dict[str, Any]] = {}
        self.intents: dict[str, dict[str, Any]] = {}
        self.refunds: dict[str, dict[str, Any]] = {}
        self.answers: dict[str, tuple[object, int, dict[str, Any]]] = {}
        self.out_of_order = False
        super().__init__(("127.0.0.1", 0), StripeRequest)

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def payments(self) -> StripePayments:
        return StripePayments(KEY, SECRET, self.base)

    def days_pass(self) -> None:
        self.answers.clear()

    def happens(self, checkout: Checkout, kind: EventKind, now: dt.datetime) -> Posted:
        session = self.sessions[checkout.provider_id]
        if kind in ("paid", "refunded") and not session["payment_intent"]:
            intent = f"pi_{len(self.intents)}"
            session |= {"payment_intent": intent, "payment_status": "paid"}
            self.intents[intent] = {
                "id": intent,
                "object": "payment_intent",
                "amount": session["amount_total"],
                "currency": session["currency"],
                "status": "succeeded",
                "metadata": session["intent_metadata"],
            }
        return {
            "paid": lambda: self.post("checkout.session.completed", session, now),
            "failed": lambda: self.post("checkout.session.async_payment_failed", session, now),
            "expired": lambda: self.post("checkout.session.expired", session, now),
            "refunded": lambda: self.post("charge.refunded", self.charge(session), now),
            "other": lambda: self.post("payment_intent.created", {"metadata": {}}, now),
        }[kind]()

    def charge(self, session: dict[str, Any]) -> dict[str, Any]:
        intent = self.intents[session["payment_intent"]]
        given = [one["amount"] for one in self.refunds_of(intent["id"])]
        return {
            "id": "ch_1",
            "object": "charge",
            "amount": intent["amount"],
            "amount_refunded": sum(given),
            "currency": intent["currency"],
            "payment_intent": intent["id"],
            "metadata": intent["metadata"],
        }

    def refunds_of(self, intent: str) -> list[dict[str, Any]]:
        return [one for one in self.refunds.values() if one["payment_intent"] == intent]

    def post(self, happening: str, thing: dict[str, Any], now: dt.datetime) -> Posted:
        fields = {
            "id": f"evt_{happening}_{thing.get('id')}",
            "object": "event",
            "type": happening,
            "data": {"object": thing},
        }
        return signed(json.dumps(fields).encode(), now, self.header)

    def answer(self, method: str, path: str, form: dict[str, str]) -> tuple[int, dict[str, Any]]:
        if self.out_of_order:
            return 500, {"error": {"type": "api_error"}}
        match method, path.split("/")[2:]:
            case "POST", ["checkout", "sessions"]:
                return 200, self.open(form)
            case "GET", ["payment_intents", name] if name in self.intents:
                return 200, self.intents[name]
            case "GET", ["refunds"]:
                found = self.refunds_of(form["payment_intent"])
                return 200, {"object": "list", "data": found, "has_more": False, "url": path}
            case "POST", ["refunds"]:
                return self.give_back(form)
        return 404, {"error": {"type": "invalid_request_error", "code": "resource_missing"}}

    def open(self, form: dict[str, str]) -> dict[str, Any]:
        name = f"cs_{len(self.sessions)}"
        price = "line_items[0][price_data]"
        assert form["mode"] == "payment"
        assert form["success_url"] == form["cancel_url"]
        assert form["line_items[0][quantity]"] == "1"
        self.sessions[name] = {
            "id": name,
            "object": "checkout.session",
            "url": f"https://pay.example/{name}",
            "amount_total": int(form[f"{price}[unit_amount]"]),
            "currency": form[f"{price}[currency]"],
            "description": form[f"{price}[product_data][name]"],
            "client_reference_id": form["client_reference_id"],
            "metadata": {"festival_reference": form["metadata[festival_reference]"]},
            "intent_metadata": {
                "festival_reference": form["payment_intent_data[metadata][festival_reference]"]
            },
            "payment_intent": None,
            "payment_status": "unpaid",
        }
        return self.sessions[name]

    def give_back(self, form: dict[str, str]) -> tuple[int, dict[str, Any]]:
        intent, amount = self.intents[form["payment_intent"]], int(form["amount"])
        left = intent["amount"] - sum(one["amount"] for one in self.refunds_of(intent["id"]))
        if amount > left:
            return 400, {"error": {"type": "invalid_request_error", "code": "amount_too_large"}}
        name = f"re_{len(self.refunds)}"
        self.refunds[name] = {
            "id": name,
            "object": "refund",
            "amount": amount,
            "currency": intent["currency"],
            "payment_intent": intent["id"],
            "metadata": {"festival_refund_key": form["metadata[festival_refund_key]"]},
        }
        return 200, self.refunds[name]


class StripeRequest(BaseHTTPRequestHandler):
    server: StripeServer

    def reply(self) -> tuple[int, dict[str, Any]]:
        if self.headers["Authorization"] != f"Bearer {KEY}":
            text = f"Invalid API Key provided: sk_****{self.headers['Authorization'][-4:]}"
            return 401, {"error": {"type": "invalid_request_error", "message": text}}
        sent = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        address = urlsplit(self.path)
        form = {name: values[0] for name, values in parse_qs(sent or address.query).items()}
        asked = (self.command, address.path, form)
        key = self.headers.get("Idempotency-Key", "")
        if self.command == "POST" and key in self.server.answers:
            before, status, body = self.server.answers[key]
            if before != asked:
                return 400, {"error": {"type": "idempotency_error"}}
            return status, body
        status, body = self.server.answer(*asked)
        self.server.answers[key] = (asked, status, body)
        return status, body

    def handle_one_request(self) -> None:
        """Answer whatever the method."""
        self.raw_requestline = self.rfile.readline(65537)
        if not self.raw_requestline or not self.parse_request():
            self.close_connection = True
            return
        status, body = self.reply()
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(data)))
        self.send_header("Stripe-Should-Retry", "false")
        self.send_header("Request-Id", "req_1")
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: object) -> None:
        """Tests are quiet."""


def signed(body: bytes, at: dt.datetime, header: str) -> Posted:
    """Sign as Stripe's own library does: the double keeps the same scheme."""
    generate = stripe.WebhookSignature.generate_signature_header
    return body, {header: generate(body.decode(), SECRET, int(at.timestamp()))}


@pytest.fixture
def stripe_server() -> Iterator[StripeServer]:
    with StripeServer() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture(params=["double", "stripe"])
def provider(request: pytest.FixtureRequest, tmp_path: Path) -> Provider:
    if request.param == "double":
        return DoubleProvider(tmp_path / "payments")
    server: StripeServer = request.getfixturevalue("stripe_server")
    return server


# --- Contract of every provider


def test_an_order_gets_one_checkout_whatever_happens(provider: Provider) -> None:
    first = provider.payments().start(ORDER)
    assert first.provider_id
    assert first.url.startswith("https://")
    assert provider.payments().start(ORDER) == first
    other = provider.payments().start(replace(ORDER, idempotency_key="quote-4"))
    assert other.provider_id != first.provider_id


@pytest.mark.parametrize(
    "change", [{"amount": 1}, {"currency": "USD"}, {"reference": "entry-18"}, {"description": "x"}]
)
def test_a_key_is_for_one_order(provider: Provider, change: dict[str, Any]) -> None:
    payments = provider.payments()
    payments.start(ORDER)
    with pytest.raises(PaymentError, match="idempotency key"):
        payments.start(replace(ORDER, **change))


def test_what_happened_is_read_from_events(provider: Provider) -> None:
    payments = provider.payments()
    checkout = payments.start(ORDER)

    def read(kind: EventKind) -> PaymentEvent:
        return payments.read_event(*provider.happens(checkout, kind, NOW), NOW)

    paid = read("paid")
    assert paid.provider_payment
    assert paid == PaymentEvent(
        paid.event_id, "paid", "entry-17", paid.provider_payment, 56_250, "HKD"
    )
    for kind in ("failed", "expired"):
        event = read(kind)
        assert (event.kind, event.reference) == (kind, "entry-17")
        assert (event.amount, event.currency) == (56_250, "HKD")
    other = read("other")
    assert other == PaymentEvent(other.event_id, "other", "", "", 0, "")


def test_an_event_that_comes_again_has_the_same_id(provider: Provider) -> None:
    payments = provider.payments()
    checkout = payments.start(ORDER)
    later = NOW + dt.timedelta(hours=5)
    first = payments.read_event(*provider.happens(checkout, "paid", NOW), NOW)
    again = payments.read_event(*provider.happens(checkout, "paid", later), later)
    expired = payments.read_event(*provider.happens(checkout, "expired", NOW), NOW)
    assert first == again
    assert first.event_id != expired.event_id


def paid_at(provider: Provider) -> tuple[Checkout, str]:
    payments = provider.payments()
    checkout = payments.start(ORDER)
    event = payments.read_event(*provider.happens(checkout, "paid", NOW), NOW)
    return checkout, event.provider_payment


def given_back(provider: Provider, checkout: Checkout) -> PaymentEvent:
    return provider.payments().read_event(*provider.happens(checkout, "refunded", NOW), NOW)


def test_a_refund_event_tells_all_that_was_given_back(provider: Provider) -> None:
    checkout, payment = paid_at(provider)
    payments = provider.payments()
    first = payments.refund(a_refund(payment))
    event = given_back(provider, checkout)
    assert (event.kind, event.reference, event.provider_payment) == (
        "refunded",
        "entry-17",
        payment,
    )
    assert (event.amount, event.currency) == (10_000, "HKD")
    second = payments.refund(a_refund(payment, 46_250, "refund-2"))
    assert first != second
    assert given_back(provider, checkout).amount == 56_250


def test_a_refund_is_made_once(provider: Provider) -> None:
    checkout, payment = paid_at(provider)
    first = provider.payments().refund(a_refund(payment))
    assert provider.payments().refund(a_refund(payment)) == first
    provider.days_pass()
    assert provider.payments().refund(a_refund(payment)) == first
    assert given_back(provider, checkout).amount == 10_000


def test_a_full_refund_is_made_once(provider: Provider) -> None:
    checkout, payment = paid_at(provider)
    first = provider.payments().refund(a_refund(payment, 56_250))
    provider.days_pass()
    assert provider.payments().refund(a_refund(payment, 56_250)) == first
    assert given_back(provider, checkout).amount == 56_250


@pytest.mark.parametrize("after_days", [False, True])
def test_a_key_is_for_one_refund(provider: Provider, after_days: bool) -> None:
    checkout, payment = paid_at(provider)
    provider.payments().refund(a_refund(payment))
    if after_days:
        provider.days_pass()
    with pytest.raises(PaymentError, match="idempotency key"):
        provider.payments().refund(a_refund(payment, 10_001))
    assert given_back(provider, checkout).amount == 10_000


def test_no_more_is_given_back_than_was_paid(provider: Provider) -> None:
    checkout, payment = paid_at(provider)
    payments = provider.payments()
    with pytest.raises(PaymentError):
        payments.refund(a_refund(payment, 56_251))
    payments.refund(a_refund(payment, 56_249, "refund-2"))
    with pytest.raises(PaymentError):
        payments.refund(a_refund(payment, 2, "refund-3"))
    assert given_back(provider, checkout).amount == 56_249


def test_a_refund_is_in_the_currency_of_the_payment(provider: Provider) -> None:
    _, payment = paid_at(provider)
    with pytest.raises(PaymentError, match="in HKD, not USD"):
        provider.payments().refund(Refunding(payment, 10_000, "USD", "refund-1"))


@pytest.mark.parametrize(
    "payment", ["pi_unknown", "payment_../../etc", "payment_" + "0" * 24, "payment_" + "x" * 247]
)
def test_an_unknown_payment_is_not_given_back(provider: Provider, payment: str) -> None:
    paid_at(provider)
    with pytest.raises(PaymentError):
        provider.payments().refund(a_refund(payment))


def test_what_was_not_paid_is_not_given_back(provider: Provider) -> None:
    checkout = provider.payments().start(ORDER)
    payment = checkout.provider_id.replace("checkout_", "payment_").replace("cs_", "pi_")
    with pytest.raises(PaymentError):
        provider.payments().refund(a_refund(payment))


# --- What can be ordered and given back


@pytest.mark.parametrize(
    "change",
    [
        {"reference": ""},
        {"reference": "a b"},
        {"reference": "x" * 201},
        {"amount": 0},
        {"amount": -1},
        {"amount": True},
        {"amount": 562.5},
        {"currency": "hkd"},
        {"currency": "HK$"},
        {"description": " "},
        {"description": "x" * 251},
        {"return_url": "javascript:alert(1)"},
        {"return_url": "/back"},
        {"return_url": "https://"},
        {"return_url": "https://f.example/a\r\nb"},
        {"idempotency_key": ""},
        {"idempotency_key": "a\r\nb"},
        {"idempotency_key": "x" * 256},
    ],
)
def test_an_order_that_cannot_be_paid_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(PaymentError, match=next(iter(change))):
        replace(ORDER, **change)


@pytest.mark.parametrize(
    "change",
    [
        {"provider_payment": ""},
        {"amount": 0},
        {"amount": 1.0},
        {"currency": ""},
        {"idempotency_key": "é"},
    ],
)
def test_a_refund_that_cannot_be_made_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(PaymentError, match=next(iter(change))):
        replace(a_refund("pi_1"), **change)


# --- The double


def test_the_double_knows_its_own_checkouts_only(tmp_path: Path) -> None:
    double = PaymentDouble(tmp_path, SECRET)
    for name in ("checkout_" + "0" * 24, "../../etc/passwd", ""):
        with pytest.raises(PaymentError, match="no checkout"):
            double.event_for(Checkout(name, ""), "paid", NOW)
    with pytest.raises(PaymentError, match="was given back"):
        double.event_for(double.start(ORDER), "refunded", NOW)
    with pytest.raises(PaymentError, match="secret"):
        PaymentDouble(tmp_path, "")


def test_two_refunds_at_once_give_back_no_more_than_was_paid(tmp_path: Path) -> None:
    provider = DoubleProvider(tmp_path)
    checkout, payment = paid_at(provider)
    double, refused = provider.payments(), []

    def give_back(n: int) -> None:
        try:
            double.refund(a_refund(payment, 20_000, f"refund-{n}"))
        except PaymentError as error:
            refused.append(error)

    threads = [threading.Thread(target=give_back, args=(n,)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert given_back(provider, checkout).amount == 40_000
    assert len(refused) == 4


# --- Stripe


def test_stripe_is_told_what_the_payer_reads(stripe_server: StripeServer) -> None:
    checkout = stripe_server.payments().start(ORDER)
    session = stripe_server.sessions[checkout.provider_id]
    assert session["description"] == "Generative Feature 生成式長片"
    assert session["client_reference_id"] == "entry-17"
    assert checkout.url == "https://pay.example/cs_0"


@pytest.mark.parametrize(
    ("currency", "amount", "units"),
    [
        ("HKD", 56_250, 56_250),
        ("USD", 1, 1),
        ("JPY", 500, 500),
        ("KRW", 90_000, 90_000),
        ("ISK", 5, 500),
        ("UGX", 5, 500),
        ("KWD", 5_120, 5_120),
        ("MGA", 500, 5),
    ],
)
def test_stripe_counts_some_currencies_in_its_own_way(
    stripe_server: StripeServer, currency: str, amount: int, units: int
) -> None:
    payments = stripe_server.payments()
    checkout = payments.start(replace(ORDER, currency=currency, amount=amount))
    session = stripe_server.sessions[checkout.provider_id]
    assert (session["amount_total"], session["currency"]) == (units, currency.lower())
    event = payments.read_event(*stripe_server.happens(checkout, "paid", NOW), NOW)
    assert (event.amount, event.currency) == (amount, currency)
    payments.refund(Refunding(event.provider_payment, amount, currency, "refund-1"))
    assert given_back(stripe_server, checkout).amount == amount


@pytest.mark.parametrize(("currency", "amount"), [("KWD", 5_124), ("MGA", 550)])
def test_amounts_that_stripe_does_not_take_are_refused(
    stripe_server: StripeServer, currency: str, amount: int
) -> None:
    with pytest.raises(PaymentError, match=f"{amount} minor units of {currency}"):
        stripe_server.payments().start(replace(ORDER, currency=currency, amount=amount))
    assert stripe_server.sessions == {}


def test_a_page_that_was_filled_in_is_not_yet_paid(stripe_server: StripeServer) -> None:
    payments = stripe_server.payments()
    session = stripe_server.sessions[payments.start(ORDER).provider_id]
    completed = stripe_server.post("checkout.session.completed", session, NOW)
    assert payments.read_event(*completed, NOW).kind == "other"
    session["payment_intent"] = "pi_9"
    paid = stripe_server.post("checkout.session.async_payment_succeeded", session, NOW)
    event = payments.read_event(*paid, NOW)
    assert (event.kind, event.reference, event.provider_payment) == ("paid", "entry-17", "pi_9")


@pytest.mark.parametrize("metadata", [None, {}, {"order": "7"}])
def test_events_of_other_shops_in_the_account_are_left_alone(
    stripe_server: StripeServer, metadata: dict[str, str] | None
) -> None:
    payments = stripe_server.payments()
    checkout = payments.start(ORDER)
    stripe_server.happens(checkout, "paid", NOW)
    session = stripe_server.sessions[checkout.provider_id] | {"metadata": metadata}
    charge = stripe_server.charge(session) | {"metadata": metadata}
    for happening, thing in (("checkout.session.completed", session), ("charge.refunded", charge)):
        posted = stripe_server.post(happening, thing, NOW)
        assert payments.read_event(*posted, NOW).kind == "other"


def test_stripes_errors_name_what_to_do_and_no_key(
    stripe_server: StripeServer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    wrong = StripePayments("sk_live_wrongkey", SECRET, stripe_server.base)
    with pytest.raises(PaymentError, match="does not accept the key") as caught:
        wrong.start(ORDER)
    stripe_server.payments().start(ORDER)
    assert caplog.records
    told = caplog.text + str(caught.value) + repr(wrong)
    assert "wrongkey" not in told
    assert KEY not in told
    assert SECRET not in told

    stripe_server.out_of_order = True
    with pytest.raises(PaymentError, match=r"APIError, status 500, request req_1"):
        stripe_server.payments().start(replace(ORDER, idempotency_key="new"))


def test_stripe_out_of_reach_is_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(stripe.HTTPClient, "INITIAL_DELAY", 0.0)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # and nobody listens
        payments = StripePayments(KEY, SECRET, f"http://127.0.0.1:{taken.getsockname()[1]}")
        with pytest.raises(PaymentError, match="cannot be reached: try again with the same key"):
            payments.start(ORDER)


@pytest.mark.parametrize(
    ("key", "secret", "complaint"),
    [
        (SECRET, KEY, "must begin with sk_"),
        ("pk_test_1", SECRET, "must begin with sk_"),
        (KEY, "", "must begin with whsec_"),
    ],
)
def test_keys_in_each_others_place_are_found(key: str, secret: str, complaint: str) -> None:
    with pytest.raises(PaymentError, match=complaint) as caught:
        StripePayments(key, secret)
    assert "secret" not in str(caught.value).replace("webhook secret", "")


def test_a_missing_library_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "stripe", None)
    with pytest.raises(PaymentError, match=r"install neural-hall\[stripe\]"):
        StripePayments(KEY, SECRET)


def test_names_are_kept_with_payments(provider: Provider) -> None:
    expected = "stripe" if isinstance(provider, StripeServer) else "double"
    assert provider.payments().name == expected
