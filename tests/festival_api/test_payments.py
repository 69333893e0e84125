"""Paying for an entry: checkout, what the provider tells, refunds, receipts and books."""

from __future__ import annotations

import csv
import dataclasses
import io
import json
import threading
from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import func, select

from festival_api import entries, payments
from festival_api.accounts import Actor
from festival_api.editions import parse
from festival_api.ports import Checkout, PaymentDouble, PaymentError
from festival_api.ports._signature import sign
from festival_api.store import tables as t

EDITION = "hkaiiff-2026"
SECRET = "secret of the double"


class Faltering(PaymentDouble):
    """A provider that can be down, or do what it was asked and not say so."""

    trouble = ""
    before_answering = None

    def start(self, order):
        if self.trouble == "gone":
            raise ConnectionResetError
        return self._falter(super().start, order)

    def refund(self, refunding):
        return self._falter(super().refund, refunding)

    def _falter(self, do, what):
        if self.trouble == "down":
            raise PaymentError("the provider is down")
        done = do(what)
        if self.before_answering:
            self.before_answering()
        if self.trouble == "silent":
            raise PaymentError("no answer within 10 s")
        return done


@pytest.fixture
def festival(festival, tmp_path):
    return dataclasses.replace(festival, payments=Faltering(tmp_path / "payments", SECRET))


@pytest.fixture
def entrant(people):
    return people.entrant()


@pytest.fixture
def office(people):
    return people.office()


@pytest.fixture
def entry(people, entrant):
    return people.finalised(entrant)


@pytest.fixture
def pay(entrant):
    """Begin to pay, and return the payment."""

    def begin(entry):
        answer = entrant.post(f"/api/entries/{entry}/payment")
        assert answer.status_code == 200, answer.text
        return answer.json()

    return begin


@pytest.fixture
def tell(festival, visitor):
    """Have the provider tell what happens to a payment, and return the outcome."""

    def post(payment, kind):
        with festival.database.read() as c:
            known = payments.find(c, payment["id"]).provider_id
        body, headers = festival.payments.event_for(Checkout(known, ""), kind, festival.clock())
        answer = visitor.post("/api/payments/events/double", content=body, headers=headers)
        assert answer.status_code == 200, answer.text
        return answer.json()["outcome"]

    return post


@pytest.fixture
def tell_that(festival, visitor):
    """Have the provider tell anything."""

    def post(event_id, kind, reference, amount, currency="USD", payment="payment_elsewhere"):
        event = {
            "event_id": event_id,
            "kind": kind,
            "reference": reference,
            "provider_payment": payment,
            "amount": amount,
            "currency": currency,
        }
        body = json.dumps(event).encode()
        headers = {"Double-Signature": sign(body, SECRET, festival.clock())}
        answer = visitor.post("/api/payments/events/double", content=body, headers=headers)
        assert answer.status_code == 200, answer.text
        return answer.json()["outcome"]

    return post


@pytest.fixture
def read(entrant):
    def get(payment):
        return entrant.get(f"/api/payments/{payment['id']}").json()

    return get


@pytest.fixture
def state(festival):
    def of(entry):
        with festival.database.read() as c:
            return entries.find(c, entry).state

    return of


@pytest.fixture
def lapse(festival):
    def now():
        with festival.database.write() as c:
            entries.lapse_due(c, festival.loaded(EDITION), festival.clock())

    return now


@pytest.fixture
def letters(festival):
    """Texts of the letters of a kind."""

    def of(kind):
        with festival.database.read() as c:
            asked = select(t.letters.c.text).where(t.letters.c.kind == kind)
            return list(c.execute(asked).scalars())

    return of


def refused(answer, status, code):
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
    return answer.json()


# --- Checkout. ---


def test_what_is_due_is_paid_and_the_entry_is_submitted(entry, pay, tell, read, state, letters):
    payment = pay(entry)
    assert payment["state"] == "started"
    assert (payment["amount"], payment["currency"]) == (56_250, "USD")
    assert payment["url"].startswith("https://festival.example.org/")
    assert state(entry) == "finalised"

    assert tell(payment, "paid") == "booked"
    assert state(entry) == "submitted"
    receipt = read(payment)
    assert (receipt["state"], receipt["refunded"], receipt["url"]) == ("paid", 0, None)
    assert receipt["amount_text"] == {"en": "US$562.50", "zh-Hant": "US$562.50"}
    [letter] = letters("paid")
    assert "US$562.50" in letter
    assert "Student: no" in letter


def test_while_one_is_under_way_the_same_payment_is_given_again(entry, pay, festival):
    assert pay(entry) == pay(entry)
    with festival.database.read() as c:
        assert len(payments.of_entry(c, entry)) == 1


def test_a_payment_is_begun_by_the_owner_of_an_entry_that_waits_for_it(
    people, entrant, entry, pay, tell, clock, visitor, lapse
):
    path = f"/api/entries/{entry}/payment"
    refused(visitor.post(path), 401, "not_signed_in")
    refused(people.entrant().post(path), 404, "unknown_entry")
    refused(people.office().post(path), 404, "unknown_entry")
    draft = people.begun(entrant)
    refused(entrant.post(f"/api/entries/{draft}/payment"), 409, "wrong_state")
    withdrawn = people.finalised(entrant)
    pay(withdrawn)
    entrant.post(f"/api/entries/{withdrawn}/withdraw", json={})
    refused(entrant.post(f"/api/entries/{withdrawn}/payment"), 409, "wrong_state")

    paid = people.finalised(entrant)
    tell(pay(paid), "paid")
    refused(entrant.post(f"/api/entries/{paid}/payment"), 409, "nothing_due")

    clock.forward(hours=24)
    document = refused(entrant.post(path), 409, "quote_expired")
    assert document["expires"] == "2025-11-16T04:00:00Z"
    lapse()
    refused(entrant.post(path), 409, "quote_expired")


def test_a_provider_that_opens_no_page_costs_nothing_but_time(
    festival, entrant, entry, pay, tell, state
):
    festival.payments.trouble = "down"
    refused(entrant.post(f"/api/entries/{entry}/payment"), 503, "payment_unavailable")
    [failed] = entrant.get(f"/api/entries/{entry}/payments").json()["items"]
    assert failed["state"] == "failed"
    assert state(entry) == "finalised"
    festival.payments.trouble = ""
    tell(pay(entry), "paid")
    assert state(entry) == "submitted"


def test_a_call_that_broke_off_is_taken_up_again(festival, entrant, entry, pay):
    festival.payments.trouble = "gone"
    owner = Actor(entrant.account, True, False, {}, "zh-Hant")
    with pytest.raises(ConnectionResetError):
        payments.check_out(
            festival.database,
            festival.payments,
            festival.loaded(EDITION),
            entry,
            owner,
            festival.address,
            festival.clock(),
        )
    festival.payments.trouble = ""
    with festival.database.read() as c:
        [begun] = payments.of_entry(c, entry)
    assert (begun.state, begun.provider_id) == ("started", None)
    assert pay(entry)["id"] == begun.id


def test_a_page_that_nobody_heard_of_again_makes_way(festival, entry, entrant, pay, clock, read):
    old = pay(entry)
    clock.forward(hours=25)
    payments.tend(festival.database, festival.payments, clock())
    assert read(old)["state"] == "expired"
    answer = entrant.post(f"/api/entries/{entry}/reopen")
    assert answer.status_code == 200, answer.text


def test_after_a_refused_student_proof_only_the_difference_is_paid(
    people, entrant, office, pay, tell, state, give, clock
):
    entry = people.begun(entrant, student=True)
    people.file(entry, "student_proof")
    body = {"version": 1, "amount": 16_875, "currency": "USD"}
    assert entrant.post(f"/api/entries/{entry}/finalise", json=body).status_code == 200
    first = pay(entry)
    tell(first, "paid")
    decision = {"accepted": False, "reason": "It has expired."}
    assert office.post(f"/api/entries/{entry}/student-proof", json=decision).status_code == 200
    second = pay(entry)
    assert second["amount"] == 56_250 - 16_875
    assert second["basis"]["price"] == 56_250
    assert second["basis"]["student"] is False
    # A page that must have closed, or that asks for the wrong amount by now, is not given again.
    clock.forward(hours=25)
    third = pay(entry)
    assert (third["id"] != second["id"], third["amount"]) == (True, second["amount"])
    assert give(first, 1_000).status_code == 201
    second = pay(entry)
    assert second["amount"] == 56_250 - 16_875
    assert tell(second, "paid") == "booked"
    refused(entrant.post(f"/api/entries/{entry}/payment"), 409, "nothing_due")
    assert state(entry) == "submitted"


def test_where_the_payment_fixes_the_price_its_start_does(festival, people, tell, state, clock):
    text = festival.loaded(EDITION).text_bytes
    for old, new in ((b"fixed_at: finalise", b"fixed_at: paid"), (b"hours: 24", b"hours: 99")):
        assert old in text
        text = text.replace(old, new)
    festival.editions[EDITION] = parse(text, "variant.yaml")
    clock.now = festival.editions[EDITION].edition.midnight(date(2026, 2, 1)) - timedelta(hours=2)
    owner = people.entrant()
    entry = people.finalised(owner)
    first = owner.post(f"/api/entries/{entry}/payment").json()
    clock.forward(hours=3)
    assert owner.post(f"/api/entries/{entry}/payment").json() == first
    assert (first["amount"], first["basis"]["period"]) == (56_250, "early")
    tell(first, "failed")
    second = owner.post(f"/api/entries/{entry}/payment").json()
    assert (second["amount"], second["basis"]["period"]) == (75_000, "regular")
    assert tell(second, "paid") == "booked"
    assert state(entry) == "submitted"


# --- What the provider tells. ---


def test_an_event_that_is_not_the_providers_is_refused_and_not_kept(
    festival, visitor, entry, pay, clock, state
):
    payment = pay(entry)
    with festival.database.read() as c:
        known = payments.find(c, payment["id"]).provider_id
    body, headers = festival.payments.event_for(Checkout(known, ""), "paid", clock())
    path = "/api/payments/events/double"
    refused(visitor.post(path, content=body), 400, "event_refused")
    forged = body.replace(b'"amount": 56250', b'"amount": 1')
    refused(visitor.post(path, content=forged, headers=headers), 400, "event_refused")
    refused(visitor.post(path, content=b"\xff\x00", headers=headers), 400, "event_refused")
    refused(
        visitor.post("/api/payments/events/stripe", content=body, headers=headers),
        404,
        "unknown_provider",
    )
    clock.forward(minutes=6)
    refused(visitor.post(path, content=body, headers=headers), 400, "event_refused")
    assert state(entry) == "finalised"
    with festival.database.read() as c:
        assert c.execute(select(func.count()).select_from(t.payment_events)).scalar_one() == 0


def test_an_event_that_comes_twice_is_booked_once(entry, pay, tell, letters, festival):
    payment = pay(entry)
    assert [tell(payment, "paid"), tell(payment, "paid")] == ["booked", "booked"]
    assert len(letters("paid")) == 1
    with festival.database.read() as c:
        [event] = c.execute(select(t.payment_events)).all()
    assert (event.kind, event.outcome, event.amount) == ("paid", "booked", 56_250)


def test_two_events_at_once_are_one_payment(festival, entry, pay, letters, tell_that, state):
    payment = pay(entry)
    outcomes = []
    line = threading.Barrier(4)

    def post(number):
        line.wait()
        outcomes.append(tell_that(f"event_{number}", "paid", payment["id"], 56_250))

    threads = [threading.Thread(target=post, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["booked", "known", "known", "known"]
    assert state(entry) == "submitted"
    assert len(letters("paid")) == 1
    with festival.database.read() as c:
        assert entries.due(c, entry).paid == 56_250
        assert len(entries.history(c, entry)) == 2


def test_events_of_nothing_here_are_kept_and_move_nothing(tell_that, entry, pay, tell, state):
    payment = pay(entry)
    assert tell_that("event_1", "paid", "0" * 32, 56_250) == "unknown_payment"
    assert tell_that("event_2", "paid", "\ud800\x00' OR 1", 56_250) == "unknown_payment"
    assert tell(payment, "other") == "ignored"
    assert state(entry) == "finalised"


@pytest.mark.parametrize(
    ("amount", "currency"), [(56_249, "USD"), (56_251, "USD"), (56_250, "HKD")]
)
def test_what_does_not_fit_is_kept_for_the_office_and_moves_nothing(
    entry, pay, tell, tell_that, read, state, office, amount, currency
):
    payment = pay(entry)
    outcome = tell_that("event_1", "paid", payment["id"], amount, currency)
    assert outcome == "payment_mismatch"
    assert state(entry) == "finalised"
    assert read(payment)["state"] == "mismatch"
    path = f"/api/editions/{EDITION}/payments"
    shown = office.get(path, params={"attention": True}).json()["items"]
    assert [one["id"] for one in shown] == [payment["id"]]
    assert office.get(path, params={"attention": False}).json()["items"] == []
    again = pay(entry)
    assert again["id"] != payment["id"]
    assert tell(again, "paid") == "booked"
    assert state(entry) == "submitted"


def test_who_paid_before_the_entry_lapsed_has_paid(entry, pay, tell, clock, lapse, state, entrant):
    payment = pay(entry)
    clock.forward(days=3)
    lapse()
    assert state(entry) == "lapsed"
    assert tell(payment, "paid") == "booked"
    assert state(entry) == "submitted"
    shown = entrant.get(f"/api/entries/{entry}").json()["due"]
    assert (shown["paid"], shown["amount"]) == (56_250, 0)


@pytest.mark.parametrize("how", ["withdrawn", "draft", "waived"])
def test_money_that_nobody_waits_for_any_more_goes_back_by_itself(
    entry, entrant, office, pay, tell, read, state, letters, how
):
    payment = pay(entry)
    if how == "withdrawn":
        entrant.post(f"/api/entries/{entry}/withdraw", json={})
    elif how == "draft":
        tell(payment, "expired")
        entrant.post(f"/api/entries/{entry}/reopen")
    else:
        office.post(f"/api/entries/{entry}/accept-free", json={"reason": "A guest."})
    before = state(entry)
    assert tell(payment, "paid") == "booked"
    shown = read(payment)
    assert (shown["state"], shown["refunded"]) == ("paid", 56_250)
    assert [one["state"] for one in shown["refunds"]] == ["done"]
    assert state(entry) == before
    assert letters("paid") == []
    [letter] = letters("refunded")
    assert "US$562.50" in letter
    assert tell(payment, "refunded") == "known"


def test_what_is_paid_twice_goes_back_once(entry, pay, tell, read, state, letters):
    first = pay(entry)
    assert tell(first, "expired") == "booked"
    assert letters("payment_failed") == [], "nobody tried to pay"
    second = pay(entry)
    assert tell(second, "paid") == "booked"
    assert tell(first, "paid") == "booked"
    assert (read(first)["refunded"], read(second)["refunded"]) == (56_250, 0)
    assert state(entry) == "submitted"


@pytest.mark.parametrize(
    "order",
    [
        ("paid", "expired", "refunded"),
        ("expired", "paid", "refunded"),
        ("refunded", "expired", "paid"),
        ("refunded", "paid", "expired"),
    ],
)
def test_the_order_of_events_changes_nothing(entry, pay, tell_that, read, state, letters, order):
    payment = pay(entry)
    amounts = {"paid": 56_250, "expired": 56_250, "refunded": 10_000}
    for kind in order:
        tell_that(f"event_{kind}", kind, payment["id"], amounts[kind])
    shown = read(payment)
    assert (shown["state"], shown["refunded"]) == ("paid", 10_000)
    assert state(entry) == "submitted"
    assert (len(letters("paid")), len(letters("refunded"))) == (1, 1)


def test_a_failed_payment_is_told_and_can_be_tried_again(
    entry, pay, tell, read, letters, state, clock
):
    payment = pay(entry)
    assert tell(payment, "failed") == "booked"
    assert read(payment)["state"] == "failed"
    [letter] = letters("payment_failed")
    assert "US$562.50" in letter
    again = pay(entry)
    assert again["id"] != payment["id"]
    tell(again, "paid")
    assert state(entry) == "submitted"
    assert tell(again, "failed") == "known"
    assert read(again)["state"] == "paid"


# --- Receipts and books. ---


def test_the_amount_never_tells_what_it_was_for(people, entrant, pay, tell, read):
    """A student's feature and a student's interactive work both cost 225 before the discount."""
    receipts = []
    for category in ("generative_linear", "interactive"):
        entry = people.begun(entrant, category, student=True)
        people.file(entry, "student_proof")
        body = {"version": 1, "amount": 16_875, "currency": "USD"}
        answer = entrant.post(f"/api/entries/{entry}/finalise", json=body)
        assert answer.status_code == 200, answer.text
        payment = pay(entry)
        tell(payment, "paid")
        receipts.append(read(payment))
    film, play = receipts
    assert film["amount"] == play["amount"] == 16_875
    assert film["basis"] != play["basis"]
    basis = film["basis"]
    assert (basis["category"], basis["student"], basis["period"]) == (
        "generative_linear",
        True,
        "early",
    )
    assert basis["base"] * basis["factor_numerator"] == 16_875 * basis["factor_denominator"]
    assert set(basis["category_name"]) == {"en", "zh-Hant"}
    assert len(basis["edition_sha256"]) == 64


def test_a_receipt_is_for_the_owner_the_office_and_the_auditor(people, office, entry, pay, visitor):
    payment = pay(entry)
    path = f"/api/payments/{payment['id']}"
    assert office.get(path).json()["url"] is None
    assert people.auditor().get(path).status_code == 200
    for stranger in (people.entrant(), people.juror("art"), people.admin()):
        refused(stranger.get(path), 404, "unknown_payment")
        listed = stranger.get(f"/api/editions/{EDITION}/payments")
        refused(listed, 403, "not_allowed")
        table = stranger.get(f"/api/editions/{EDITION}/payments.csv")
        refused(table, 403, "not_allowed")
        refused(stranger.get(f"/api/entries/{entry}/payments"), 404, "unknown_entry")
    refused(visitor.get(path), 401, "not_signed_in")
    unconfirmed = people.entrant(confirmed=False)
    refused(unconfirmed.get(path), 403, "not_confirmed")
    refused(office.get(f"/api/payments/{'0' * 32}"), 404, "unknown_payment")


def test_the_office_goes_through_all_payments_page_by_page(people, entrant, office, pay, tell):
    begun = []
    for number in range(3):
        begun.append(pay(people.finalised(entrant)))
        if number:
            tell(begun[-1], "paid")
    path = f"/api/editions/{EDITION}/payments"
    seen, after = [], None
    while True:
        page = office.get(path, params={"limit": 2} | ({"after": after} if after else {})).json()
        seen += [one["id"] for one in page["items"]]
        after = page["next"]
        if after is None:
            break
    assert sorted(seen) == sorted(one["id"] for one in begun)
    paid = office.get(path, params={"state": "paid"}).json()["items"]
    assert {one["id"] for one in paid} == {one["id"] for one in begun[1:]}
    assert office.get(path, params={"after": "0" * 32}).json()["items"] == []


def test_the_books_add_up(festival, people, entrant, office, pay, tell, tell_that, give):
    for category in ("generative_linear", "interactive", "generative_linear"):
        tell(pay(people.finalised(entrant, category)), "paid")
    odd = pay(people.finalised(entrant))
    tell_that("event_1", "paid", odd["id"], 1)
    pay(people.finalised(entrant))
    shown = office.get(f"/api/editions/{EDITION}/payments", params={"state": "paid"}).json()
    assert give(shown["items"][0], 12_345).status_code == 201

    answer = people.auditor().get(f"/api/editions/{EDITION}/payments.csv")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert len(rows) == 5
    kept = defaultdict(Decimal)
    for row in rows:
        assert Decimal(row["paid"]) - Decimal(row["refunded"]) == Decimal(row["kept"])
        kept[row["currency"]] += Decimal(row["kept"])
    with festival.database.read() as c:
        p, r = t.payments.c, t.refunds.c
        paid = c.execute(select(func.sum(p.amount)).where(p.state == "paid")).scalar_one()
        back = c.execute(select(func.sum(r.amount)).where(r.state == "done")).scalar_one()
    assert kept == {"USD": Decimal(paid - back) / 100}
    assert Decimal(paid - back) == 2 * 56_250 + 45_000 - 12_345


# --- Refunds. ---


@pytest.fixture
def give(office):
    """Have the office give back a part of a payment."""

    def post(payment, amount, reason="The lifts were out of order."):
        body = {"amount": amount, "reason": reason}
        return office.post(f"/api/payments/{payment['id']}/refunds", json=body)

    return post


@pytest.fixture
def paid(entry, pay, tell):
    payment = pay(entry)
    tell(payment, "paid")
    return payment


def test_a_payment_is_given_back_in_parts_and_never_more_than_it_was(
    paid, give, read, letters, tell
):
    done = give(paid, 50_000)
    assert done.status_code == 201
    assert done.json()["state"] == "done"
    assert done.json()["amount_text"]["en"] == "US$500.00"
    document = refused(give(paid, 6_251), 422, "over_refund")
    assert (document["left"], document["currency"]) == (6_250, "USD")
    assert "US$62.50" in document["detail"]
    assert give(paid, 6_250).status_code == 201
    refused(give(paid, 1), 422, "over_refund")
    assert read(paid)["refunded"] == 56_250
    assert tell(paid, "refunded") == "known"
    assert len(letters("refunded")) == 2
    assert all("The lifts were out of order." in letter for letter in letters("refunded"))


def test_what_the_office_gives_back_is_not_asked_for_again(festival, paid, give, entry, state):
    give(paid, 10_000)
    with festival.database.write() as c:
        assert entries.due(c, entry).amount == 0
        entries.move(c, entry, "open_recognition", None, festival.clock())
    assert state(entry) == "in_recognition"


@pytest.mark.parametrize("amount", [0, -1, 1.0, 1.5, True, "1", None, 2**53])
def test_an_amount_is_a_whole_number_above_nothing(paid, give, amount, read):
    refused(give(paid, amount), 422, "invalid")
    assert read(paid)["refunds"] == []


def test_only_the_office_gives_money_back(people, entrant, paid, read, office):
    body = {"amount": 1, "reason": "Please."}
    path = f"/api/payments/{paid['id']}/refunds"
    for somebody in (entrant, people.auditor()):
        refused(somebody.post(path, json=body), 403, "not_allowed")
    for stranger in (people.entrant(), people.admin(), people.juror("art")):
        refused(stranger.post(path, json=body), 404, "unknown_payment")
    refused(office.post(path, json={"amount": 1, "reason": " "}), 422, "invalid")
    refused(office.post(f"/api/refunds/{'0' * 32}/retry"), 404, "unknown_refund")
    assert read(paid)["refunds"] == []


def test_what_was_not_paid_is_not_given_back(entry, pay, give):
    refused(give(pay(entry), 1), 409, "not_paid")


@pytest.mark.parametrize("trouble", ["down", "silent"])
def test_a_refund_that_failed_is_tried_again_as_the_same_one(
    festival, people, office, entrant, paid, give, read, trouble
):
    festival.payments.trouble = trouble
    failed = refused(give(paid, 50_000), 503, "payment_unavailable")["refund"]
    festival.payments.trouble = ""
    shown = read(paid)
    assert (shown["refunded"], shown["trouble"]) == (0, True)
    # It may have gone through all the same: its share is not given away again.
    refused(give(paid, 6_251), 422, "over_refund")

    path = f"/api/refunds/{failed}/retry"
    refused(people.auditor().post(path), 403, "not_allowed")
    refused(entrant.post(path), 404, "unknown_refund")
    for _ in range(2):
        answer = office.post(path)
        assert (answer.status_code, answer.json()["state"]) == (200, "done")
    assert read(paid)["refunded"] == 50_000
    assert read(paid)["trouble"] is False
    assert give(paid, 6_250).status_code == 201
    refused(give(paid, 1), 422, "over_refund")


def test_a_refund_that_went_through_unheard_is_matched_with_its_event(
    festival, office, paid, give, read, tell, letters
):
    festival.payments.trouble = "silent"
    failed = refused(give(paid, 50_000), 503, "payment_unavailable")["refund"]
    assert tell(paid, "refunded") == "booked"
    [refund] = read(paid)["refunds"]
    assert (refund["id"], refund["state"], read(paid)["refunded"]) == (failed, "done", 50_000)
    assert office.post(f"/api/refunds/{failed}/retry").json()["state"] == "done"
    assert len(letters("refunded")) == 1


@pytest.mark.parametrize("trouble", ["", "silent"])
def test_an_event_may_come_before_the_answer(festival, paid, give, read, tell, letters, trouble):
    festival.payments.trouble = trouble
    festival.payments.before_answering = lambda: tell(paid, "refunded")
    answer = give(paid, 50_000)
    assert (answer.status_code, answer.json()["state"]) == (201, "done")
    assert (read(paid)["refunded"], read(paid)["trouble"]) == (50_000, False)
    assert len(letters("refunded")) == 1


def test_what_is_given_back_at_the_providers_is_booked_and_not_doubled(
    paid, give, read, tell_that, letters
):
    assert give(paid, 10_000).status_code == 201
    assert tell_that("event_1", "refunded", paid["id"], 30_000) == "booked"
    assert tell_that("event_2", "refunded", paid["id"], 10_000) == "known"
    assert read(paid)["refunded"] == 30_000
    assert sorted(one["amount"] for one in read(paid)["refunds"]) == [10_000, 20_000]
    assert len(letters("refunded")) == 2
    refused(give(paid, 26_251), 422, "over_refund")
    assert tell_that("event_3", "refunded", paid["id"], 56_251) == "payment_mismatch"
    assert tell_that("event_4", "refunded", paid["id"], 56_250, "HKD") == "payment_mismatch"
    assert read(paid)["refunded"] == 30_000


def test_a_refund_that_was_left_lying_is_sent_later(festival, office, paid, clock, read):
    with festival.database.write() as c:
        found = payments.find(c, paid["id"])
        payments.ask(c, found, 700, "Too much was asked for.", office.account, clock())
    tend = (festival.database, festival.payments)
    payments.tend(*tend, clock())
    assert read(paid)["refunded"] == 0, "it may still be in hand"
    clock.forward(minutes=3)
    payments.tend(*tend, clock())
    payments.tend(*tend, clock() + timedelta(minutes=1))
    assert read(paid)["refunded"] == 700


def test_money_that_goes_back_by_itself_and_does_not_get_there_is_seen(
    festival, entrant, office, entry, pay, tell, read
):
    payment = pay(entry)
    entrant.post(f"/api/entries/{entry}/withdraw", json={})
    festival.payments.trouble = "down"
    assert tell(payment, "paid") == "booked"
    [refund] = read(payment)["refunds"]
    assert (refund["state"], read(payment)["trouble"]) == ("failed", True)
    festival.payments.trouble = ""
    assert office.post(f"/api/refunds/{refund['id']}/retry").json()["state"] == "done"
    assert read(payment)["refunded"] == 56_250


def test_a_refund_that_cannot_be_any_more_gives_its_share_free(
    festival, office, paid, give, read, tell_that
):
    festival.payments.trouble = "down"
    failed = refused(give(paid, 56_250), 503, "payment_unavailable")["refund"]
    festival.payments.trouble = ""
    assert tell_that("event_1", "refunded", paid["id"], 1_000) == "booked"
    assert office.post(f"/api/refunds/{failed}/retry").json()["state"] == "void"
    assert read(paid)["trouble"] is False
    refused(give(paid, 55_251), 422, "over_refund")
    assert give(paid, 55_250).status_code == 201
    assert read(paid)["refunded"] == 56_250


def test_what_is_kept_of_entries_that_left_is_to_be_looked_at(people, entrant, office, pay, tell):
    path = f"/api/editions/{EDITION}/payments"

    def ids(**asked):
        return {one["id"] for one in office.get(path, params=asked).json()["items"]}

    stays, leaves, thrown = (people.finalised(entrant) for _ in range(3))
    kept, left, lost = (pay(entry) for entry in (stays, leaves, thrown))
    for payment in (kept, left, lost):
        assert tell(payment, "paid") == "booked"
    assert ids(attention=True) == set()
    assert entrant.post(f"/api/entries/{leaves}/withdraw", json={}).is_success
    why = {"reason": "It is somebody else's."}
    assert office.post(f"/api/entries/{thrown}/disqualify", json=why).is_success
    assert ids(attention=True) == {left["id"], lost["id"]}
    assert ids(attention=False) == {kept["id"]}
    back = {"amount": left["amount"], "reason": "As agreed."}
    assert office.post(f"/api/payments/{left['id']}/refunds", json=back).status_code == 201
    assert ids(attention=True) == {lost["id"]}
    refused(entrant.get(path, params={"attention": True}), 403, "not_allowed")
