"""Laws of money: whatever is told, in whatever order, the books end as the provider's do."""

from __future__ import annotations

import tempfile
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import func, insert, select

from festival_api import entries, payments
from festival_api.accounts import Actor
from festival_api.ports import Checkout, PaymentError, PaymentEvent
from festival_api.refusals import Refusal
from festival_api.store import Database, new_id
from festival_api.store import tables as t

EDITION = "hkaiiff-2026"
NOW = datetime(2025, 11, 15, 4, 0, tzinfo=UTC)
PRICE = 56_250


class Provider:
    """A provider whose own books can be looked into; it may fail, and may do so after the deed."""

    name = "books"

    def __init__(self):
        self.orders, self.paid, self.back = {}, set(), {}
        self.told, self.trouble = [], ""

    def start(self, order):
        self._may_be("down")
        self.orders[order.reference] = order
        self._may_be("silent")
        return Checkout(f"checkout_{order.reference}", "https://pay.example.org/")

    def pay(self, reference):
        """The payer pays, if the page is still open."""
        if reference not in self.paid:
            self.paid.add(reference)
            self.tell("paid", reference, self.orders[reference].amount)

    def refund(self, refunding):
        self._may_be("down")
        reference = refunding.provider_payment.removeprefix("payment_")
        if refunding.idempotency_key not in self.back:
            self.give(reference, refunding.amount, refunding.idempotency_key)
        self._may_be("silent")
        return f"refund_{refunding.idempotency_key}"

    def give(self, reference, amount, key):
        """Give back, by the service's order or by hand at the provider's own site."""
        if reference not in self.paid or amount > self.left(reference):
            raise PaymentError("there is not so much left")
        self.back[key] = (reference, amount)
        self.tell("refunded", reference, self.given_back(reference))

    def given_back(self, reference):
        return sum(amount for of, amount in self.back.values() if of == reference)

    def left(self, reference):
        return self.orders[reference].amount - self.given_back(reference)

    def tell(self, kind, reference, amount):
        payment = f"payment_{reference}" if kind in ("paid", "refunded") else ""
        number = f"event_{len(self.told)}"
        self.told.append(PaymentEvent(number, kind, reference, payment, amount, "USD"))

    def read_event(self, body, headers, now):
        raise NotImplementedError

    def _may_be(self, trouble):
        if self.trouble == trouble:
            raise PaymentError(f"the provider is {trouble}")


def finalised(c, loaded, owner, expires=NOW + timedelta(hours=24)):
    """Make an entry that waits for its payment."""
    entry = new_id()
    c.execute(
        insert(t.entries).values(
            id=entry,
            edition=EDITION,
            owner=owner,
            state="finalised",
            version=1,
            draft='{"title":{"en":"Work"}}',
            category="generative_linear",
            student=False,
            student_proof="none",
            created_at=NOW,
            changed_at=NOW,
        )
    )
    c.execute(
        insert(t.quotes).values(
            id=new_id(),
            entry=entry,
            number=1,
            edition_sha256=loaded.sha256,
            category="generative_linear",
            fee_class="generative_feature",
            student=False,
            period="early",
            support="priority",
            factor_numerator=75,
            factor_denominator=100,
            base=75_000,
            amount=PRICE,
            currency="USD",
            made_at=NOW,
            expires_at=expires,
            locked_at=NOW,
        )
    )
    return entry


def person(c):
    account = new_id()
    c.execute(
        insert(t.accounts).values(
            id=account,
            email="p@example.org",
            email_key=account,
            name="P",
            language="en",
            admin=False,
            confirmed_at=NOW,
            created_at=NOW,
        )
    )
    return account


@pytest.fixture
def season(database, shipped):
    """A database with one person, and the edition."""
    with database.write() as c:
        return database, shipped, Actor(person(c), True, False, {}, "en")


# --- Any order of the same events ends the same. ---

NOTHING_ELSE = [HealthCheck.function_scoped_fixture]


@st.composite
def two_orders(draw):
    """The same events of one payment twice, in two orders, with repetitions."""
    kinds = draw(
        st.lists(
            st.sampled_from(
                [
                    ("paid", PRICE, "USD"),
                    ("paid", PRICE - 1, "USD"),
                    ("paid", PRICE, "HKD"),
                    ("failed", PRICE, "USD"),
                    ("expired", PRICE, "USD"),
                    ("refunded", 1, "USD"),
                    ("refunded", 20_000, "USD"),
                    ("refunded", PRICE, "USD"),
                    ("refunded", PRICE + 1, "USD"),
                    ("other", 0, ""),
                ]
            ),
            min_size=1,
            max_size=6,
        )
    )
    numbered = list(enumerate(kinds))
    return (
        draw(st.permutations(numbered + draw(st.lists(st.sampled_from(numbered), max_size=3)))),
        draw(st.permutations(numbered)),
    )


@settings(max_examples=40, deadline=None, suppress_health_check=NOTHING_ELSE)
@given(orders=two_orders())
def test_any_order_of_the_same_events_ends_the_same(season, orders):
    database, loaded, owner = season
    ends = []
    for order in orders:
        with database.write() as c:
            entry = finalised(c, loaded, owner.account)
        payment = payments.check_out(
            database, Provider(), loaded, entry, owner, "https://f.example.org", NOW
        )
        with database.write() as c:
            for number, (kind, amount, currency) in order:
                event = PaymentEvent(
                    f"{payment.id}_{number}", kind, payment.id, "payment_1", amount, currency
                )
                payments.take(c, {EDITION: loaded}, "books", event, NOW)
            end = payments.find(c, payment.id)
            ends.append((end.state, end.refunded, entries.find(c, entry).state))
            assert len(entries.history(c, entry)) == (end.state == "paid")
            assert (end.state == "paid") == (("paid", PRICE, "USD") in dict(order).values())
    assert ends[0] == ends[1]


# --- A season of payments, refunds, failures and repetitions. ---


class Season(RuleBasedStateMachine):
    """One entry after another, paid and given back while the provider comes and goes."""

    begun = Bundle("begun")
    refunds = Bundle("refunds")
    template: bytes
    loaded: object

    def __init__(self):
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        path = Path(self.folder.name) / "festival.db"
        path.write_bytes(self.template)
        self.database = Database(f"sqlite:///{path}")
        self.provider, self.count = Provider(), count()
        self.withdrawn, self.delivered = set(), set()

    @initialize()
    def begin(self):
        with self.database.write() as c:
            self.owner = Actor(person(c), True, False, {}, "en")
            self.entry = finalised(c, self.loaded, self.owner.account)

    def teardown(self):
        self.database.close()
        self.folder.cleanup()

    @rule(trouble=st.sampled_from(["", "", "down", "silent"]))
    def weather(self, trouble):
        self.provider.trouble = trouble

    @rule(target=begun)
    def check_out(self):
        try:
            payment = payments.check_out(
                self.database, self.provider, self.loaded, self.entry, self.owner,
                "https://f.example.org", NOW,
            )  # fmt: skip
        except Refusal as refusal:
            return refusal.kind.code
        return payment.id

    @rule(payment=begun)
    def pay(self, payment):
        if payment in self.provider.orders:
            self.provider.pay(payment)

    @rule(payment=begun, kind=st.sampled_from(["failed", "expired"]))
    def come_to_nothing(self, payment, kind):
        if payment in self.provider.orders:
            self.provider.tell(kind, payment, self.provider.orders[payment].amount)

    @rule(payment=begun, amount=st.integers(1, PRICE))
    def give_back_at_the_providers(self, payment, amount):
        if payment in self.provider.paid and amount <= self.provider.left(payment):
            self.provider.give(payment, amount, f"by hand {next(self.count)}")

    @rule(target=refunds, payment=begun, amount=st.integers(1, PRICE))
    def ask_for_a_refund(self, payment, amount):
        try:
            with self.database.write() as c:
                found = payments.find(c, payment)
                return payments.ask(c, found, amount, "Because.", None, NOW).id
        except Refusal as refusal:
            return refusal.kind.code

    @rule(refund=refunds)
    def send_a_refund(self, refund):
        if len(refund) == 32:
            payments.give_back(self.database, self.provider, refund, NOW)

    @rule(data=st.data())
    def deliver(self, data):
        """Any event that was told of, also one that was delivered before."""
        if self.provider.told:
            self._deliver(data.draw(st.sampled_from(self.provider.told)))

    @rule()
    def withdraw(self):
        with self.database.write() as c:
            if entries.find(c, self.entry).state != "withdrawn":
                entries.move(c, self.entry, "withdraw", self.owner.account, NOW)
            self.entry = finalised(c, self.loaded, self.owner.account)

    def _deliver(self, event):
        self.delivered.add(event.event_id)
        with self.database.write() as c:
            entry = c.execute(
                select(t.payments.c.entry).where(t.payments.c.id == event.reference)
            ).scalar_one()
            before = entries.find(c, entry).state
            taken = payments.take(c, {EDITION: self.loaded}, "books", event, NOW)
            after = entries.find(c, entry).state
            if after != before:
                assert (before, after) == ("finalised", "submitted")
                assert event.kind == "paid"
        if taken.refund is not None:
            payments.give_back(self.database, self.provider, taken.refund, NOW)

    @invariant()
    def books_are_sound(self):
        with self.database.read() as c:
            p, r = t.payments.c, t.refunds.c
            net = 0
            for row in c.execute(select(t.payments)).all():
                done = c.execute(
                    select(func.coalesce(func.sum(r.amount), 0)).where(
                        r.payment == row.id, r.state == "done"
                    )
                ).scalar_one()
                assert type(row.amount) is int
                assert 0 <= row.refunded == done <= row.amount
                assert row.state == "paid" or row.refunded == 0
                net += row.amount - row.refunded if row.state == "paid" else 0
            assert net >= 0
            booked = c.execute(select(func.count()).select_from(t.payment_events)).scalar_one()
            assert booked == len(self.delivered)
            submitted = select(t.entries.c.id).where(t.entries.c.state == "submitted")
            for entry in c.execute(submitted).scalars():
                paid = select(p.id).where(p.entry == entry, p.state == "paid")
                assert c.execute(paid).first() is not None
                assert len(entries.history(c, entry)) == 1


class WholeSeason(Season):
    """The same, and in the end everything is delivered and every refund sent."""

    def teardown(self):
        self.provider.trouble = ""
        for _ in range(3):
            for event in list(self.provider.told):
                self._deliver(event)
            with self.database.read() as c:
                waiting = list(
                    c.execute(
                        select(t.refunds.c.id).where(t.refunds.c.state.in_(["asked", "failed"]))
                    ).scalars()
                )
            for refund in waiting:
                payments.give_back(self.database, self.provider, refund, NOW)
        with self.database.read() as c:
            for reference in self.provider.orders:
                booked = payments.find(c, reference)
                assert (booked.state == "paid") == (reference in self.provider.paid)
                assert booked.refunded == self.provider.given_back(reference)
            for entry in c.execute(select(t.entries.c.id)).scalars().all():
                self._kept_no_more_than_due(c, entry)
        super().teardown()

    def _kept_no_more_than_due(self, c, entry):
        kept = sum(
            payment.amount - payment.refunded
            for payment in payments.of_entry(c, entry)
            if payment.state == "paid"
        )
        moves = [event.action for event in entries.history(c, entry)]
        # One that was withdrawn before it was paid for gets back whatever comes in.
        assert kept <= (0 if moves == ["withdraw"] else PRICE)


def test_the_books_end_as_the_providers(empty_sqlite, shipped):
    WholeSeason.template, WholeSeason.loaded = empty_sqlite, shipped
    run_state_machine_as_test(
        WholeSeason,
        settings=settings(max_examples=25, stateful_step_count=25, deadline=None),
    )
