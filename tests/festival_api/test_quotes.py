"""What an entry costs: quoted by the server's clock, locked on finalising, waited for, settled."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import insert, select, update

from festival_api import entries
from festival_api.editions import parse
from festival_api.refusals import Refusal
from festival_api.store import new_id
from festival_api.store import tables as t

EDITION = "hkaiiff-2026"
# First instants of the periods: midnights in Hong Kong.
OPENS = datetime(2025, 10, 31, 16, 0, tzinfo=UTC)
REGULAR = datetime(2026, 1, 31, 16, 0, tzinfo=UTC)
LATE = datetime(2026, 2, 28, 16, 0, tzinfo=UTC)
CLOSES = datetime(2026, 3, 31, 16, 0, tzinfo=UTC)
JUST_BEFORE = timedelta(microseconds=1)


@pytest.fixture
def owner(people):
    return people.entrant()


@pytest.fixture
def at(owner, people, clock):
    """Go to an instant, where the owner signs in again."""

    def go(instant: datetime):
        clock.now = instant
        return people.client(owner.account)

    return go


@pytest.fixture
def variant(festival):
    """Serve the edition with words of its file replaced."""

    def serve(*replaced: tuple[bytes, bytes]):
        text = festival.loaded(EDITION).text_bytes
        for old, new in replaced:
            assert old in text
            text = text.replace(old, new)
        festival.editions[EDITION] = parse(text, "variant.yaml")
        return festival.editions[EDITION]

    return serve


def code(answer) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def quote(owner, entry: str) -> dict:
    answer = owner.post(f"/api/entries/{entry}/quote")
    assert answer.status_code == 201, answer.text
    return answer.json()


def finalise(owner, entry: str, amount: int, version: int = 1, **more):
    body = {"version": version, "amount": amount, "currency": "USD", **more}
    return owner.post(f"/api/entries/{entry}/finalise", json=body)


def pay(festival, entry: str, amount: int, state: str = "paid") -> str:
    """Book a payment as the payments' side of the service does."""
    payment, now = new_id(), festival.clock()
    with festival.database.write() as c:
        owed = entries.due(c, entry)
        c.execute(
            insert(t.payments).values(
                id=payment,
                entry=entry,
                quote=owed.quote.id,
                provider="double",
                provider_id=payment,
                url="https://pay.example.org/",
                amount=amount,
                currency="USD",
                refunded=0,
                state=state,
                started_at=now,
            )
        )
        entries.settle(c, entry, now)
    return payment


def state_of(owner, entry: str) -> str:
    return owner.get(f"/api/entries/{entry}").json()["state"]


def lapse(festival) -> int:
    with festival.database.write() as c:
        return entries.lapse_due(c, festival.loaded(EDITION), festival.clock())


def letters(festival, account: str) -> list[tuple[str, str]]:
    k = t.letters.c
    with festival.database.read() as c:
        rows = c.execute(
            select(k.kind, k.text).where(k.account == account).order_by(k.queued_at, k.id)
        ).all()
    return [(row.kind, row.text) for row in rows]


def test_a_quote_says_everything_that_its_amount_follows_from(owner, people, shipped):
    entry = people.begun(owner)
    assert {k: v for k, v in quote(owner, entry).items() if k != "id"} == {
        "category": "generative_linear",
        "fee_class": "generative_feature",
        "student": False,
        "period": "early",
        "support": "priority",
        "base": 75_000,
        "factor_numerator": 75,
        "factor_denominator": 100,
        "amount": 56_250,
        "currency": "USD",
        "edition_sha256": shipped.sha256,
        "expires_at": "2026-01-31T16:00:00Z",
        "locked_at": None,
    }


@pytest.mark.parametrize(
    ("category", "runtime", "student", "amount"),
    [
        ("generative_linear", 2399, False, 30_000),
        ("generative_linear", 2400, False, 56_250),
        ("generative_linear", 1, False, 30_000),
        ("generative_linear", 5400, True, 16_875),
        ("synthetic_performance", 2399, True, 11_250),
        ("interactive", None, False, 45_000),
        ("generative_system", None, True, 16_875),
    ],
)
def test_category_runtime_and_student_make_the_price(
    owner, people, category, runtime, student, amount
):
    entry = people.begun(owner, category, runtime_seconds=runtime, student=student)
    assert quote(owner, entry)["amount"] == amount


def test_the_servers_clock_makes_the_price_to_the_microsecond(people, at):
    entry = people.begun(at(OPENS))
    for instant, period, amount, support in (
        (OPENS, "early", 56_250, "priority"),
        (REGULAR - JUST_BEFORE, "early", 56_250, "priority"),
        (REGULAR, "regular", 75_000, "standard"),
        (LATE - JUST_BEFORE, "regular", 75_000, "standard"),
        (LATE, "late", 112_500, "limited"),
        (CLOSES - JUST_BEFORE, "late", 112_500, "limited"),
    ):
        asked = quote(at(instant), entry)
        assert (asked["period"], asked["amount"], asked["support"]) == (period, amount, support)


def test_nothing_is_quoted_or_finalised_before_entries_open_or_after_they_close(people, at):
    client = at(OPENS - JUST_BEFORE)
    # That something is missing is not told to who cannot finalise anyway.
    entry = people.begun(client, year=None)
    for answer in (client.post(f"/api/entries/{entry}/quote"), finalise(client, entry, 56_250)):
        assert code(answer) == (409, "not_open")
        assert answer.json()["opens"] == "2025-10-31T16:00:00Z"
    client = at(OPENS)
    assert quote(client, entry)["amount"] == 56_250
    client = at(CLOSES)
    for answer in (client.post(f"/api/entries/{entry}/quote"), finalise(client, entry, 112_500)):
        assert code(answer) == (409, "closed")
    assert state_of(client, entry) == "draft"


@pytest.mark.parametrize(
    ("sections", "refusal"),
    [({"category": None}, "incomplete"), ({"runtime_seconds": None}, "runtime_required")],
)
def test_a_draft_that_does_not_say_enough_has_no_price(owner, people, sections, refusal):
    draft = {name: s for name, s in (people.draft() | sections).items() if s is not None}
    begun = owner.post(f"/api/editions/{EDITION}/entries", json={"draft": draft}).json()
    assert code(owner.post(f"/api/entries/{begun['id']}/quote")) == (422, refusal)


def test_another_price_than_the_servers_is_refused_with_the_right_one(owner, people, festival):
    entry = people.begun(owner)
    quote(owner, entry)
    for amount, currency in ((50_000, "USD"), (56_251, "USD"), (56_250, "HKD"), (0, "USD")):
        answer = finalise(owner, entry, amount, currency=currency)
        assert code(answer) == (409, "quote_mismatch")
        assert answer.json()["amount"] == 56_250
        assert answer.json()["currency"] == "USD"
        assert "US$562.50" in answer.json()["detail"]
    for amount in (562.5, 56250.0, "56250", True, -1, 2**53, None):
        assert code(finalise(owner, entry, amount)) == (422, "invalid")
    assert state_of(owner, entry) == "draft"
    with festival.database.read() as c:
        assert c.execute(select(t.snapshots)).all() == []
    assert finalise(owner, entry, 56_250).status_code == 200


def test_the_price_of_yesterdays_period_is_refused(owner, people, at):
    client = at(REGULAR - JUST_BEFORE)
    entry = people.begun(client)
    seen = quote(client, entry)
    assert seen["expires_at"] == "2026-01-31T16:00:00Z"
    client = at(REGULAR)
    assert code(finalise(client, entry, seen["amount"])) == (409, "quote_mismatch")


def test_with_the_quote_the_basis_has_to_be_the_same_not_only_the_amount(owner, people):
    # 168.75 USD is a student's early feature and a student's early interactive work.
    entry = people.begun(owner, student=True)
    people.file(entry, "student_proof")
    seen = quote(owner, entry)
    change = {"category": "interactive", "evidence": people.draft("interactive")["evidence"]}
    owner.patch(f"/api/entries/{entry}", json={"version": 1, "draft": change})
    answer = finalise(owner, entry, 16_875, 2, quote=seen["id"])
    assert code(answer) == (409, "quote_mismatch")
    assert (answer.json()["amount"], answer.json()["fee_class"]) == (16_875, "interactive_work")
    new = quote(owner, entry)
    assert code(finalise(owner, entry, 16_875, 2, quote=seen["id"])) == (409, "unknown_quote")
    assert finalise(owner, entry, 16_875, 2, quote=new["id"]).status_code == 200


def test_a_quote_of_another_entry_is_no_quote(owner, people):
    entry, other = people.begun(owner), people.begun(owner)
    seen = quote(owner, other)
    answer = finalise(owner, entry, seen["amount"], quote=seen["id"])
    assert code(answer) == (409, "unknown_quote")


def test_a_locked_price_waits_for_a_day_then_the_entry_lapses(owner, people, festival, clock):
    entry = people.finalised(owner)
    owed = owner.get(f"/api/entries/{entry}").json()["due"]
    assert (owed["amount"], owed["paid"]) == (56_250, 0)
    assert owed["quote"]["locked_at"] == "2025-11-15T04:00:00Z"
    assert owed["quote"]["expires_at"] == "2025-11-16T04:00:00Z"
    clock.forward(hours=23, minutes=59, seconds=59)
    assert lapse(festival) == 0
    clock.forward(seconds=1)
    assert lapse(festival) == 1
    assert lapse(festival) == 0
    assert state_of(owner, entry) == "lapsed"
    [finalised, reminded, lapsed] = letters(festival, owner.account)
    assert (finalised[0], reminded[0], lapsed[0]) == ("finalised", "lapsing_soon", "lapsed")
    assert "US$562.50" in finalised[1]
    assert "The Lamp That Waits" in finalised[1]


@pytest.mark.parametrize(("hours", "before"), [(24, 12), (72, 24)])
def test_one_reminder_goes_while_there_is_time(
    owner, people, festival, clock, variant, hours, before
):
    variant((b"locked_hours: 24", f"locked_hours: {hours}".encode()))
    people.finalised(owner)
    clock.forward(hours=hours - before, microseconds=-1)
    lapse(festival)
    assert "lapsing_soon" not in dict(letters(festival, owner.account))
    clock.forward(microseconds=1)
    lapse(festival)
    clock.forward(minutes=1)
    lapse(festival)
    assert [kind for kind, _ in letters(festival, owner.account)] == ["finalised", "lapsing_soon"]


def test_the_locked_price_holds_over_the_change_of_period_and_the_close(
    owner, people, festival, at, clock
):
    client = at(CLOSES - timedelta(minutes=1))
    entry = people.finalised(client)
    clock.forward(hours=2)
    with festival.database.write() as c:
        owed = entries.to_pay(c, festival.loaded(EDITION), entry, clock.now)
    assert (owed.amount, owed.quote.period) == (112_500, "late")
    pay(festival, entry, 112_500)
    assert state_of(client, entry) == "submitted"


def test_who_paid_in_time_has_paid_however_late_it_is_told(owner, people, festival, clock):
    entry = people.finalised(owner)
    clock.forward(days=3)
    assert lapse(festival) == 1
    pay(festival, entry, 56_250)
    assert state_of(owner, entry) == "submitted"
    with festival.database.read() as c:
        assert entries.due(c, entry).amount == 0


def test_a_part_of_the_fee_submits_nothing(owner, people, festival):
    entry = people.finalised(owner)
    pay(festival, entry, 56_249)
    assert state_of(owner, entry) == "finalised"
    assert owner.get(f"/api/entries/{entry}").json()["due"]["amount"] == 1
    pay(festival, entry, 1)
    assert state_of(owner, entry) == "submitted"


def test_what_was_given_back_is_not_paid(owner, people, festival):
    entry = people.finalised(owner)
    pay(festival, entry, 56_250)
    twice = pay(festival, entry, 56_250)
    with festival.database.write() as c:
        given_back = update(t.payments).where(t.payments.c.id == twice)
        c.execute(given_back.values(refunded=56_250))
        owed = entries.due(c, entry)
    assert (owed.paid, owed.amount) == (56_250, 0)


def test_only_who_waits_for_a_payment_starts_one(owner, people, festival, clock):
    def refused(entry: str) -> str:
        with festival.database.write() as c, pytest.raises(Refusal) as refusal:
            entries.to_pay(c, festival.loaded(EDITION), entry, clock.now)
        return refusal.value.kind.code

    draft, entry = people.begun(owner), people.finalised(owner)
    assert refused(draft) == "wrong_state"
    with festival.database.write() as c:
        assert entries.to_pay(c, festival.loaded(EDITION), entry, clock.now).amount == 56_250
    pay(festival, entry, 56_250)
    assert refused(entry) == "nothing_due"
    owner.post(f"/api/entries/{entry}/withdraw", json={})
    assert refused(entry) == "wrong_state"


@pytest.mark.parametrize("state", ["started", "paid"])
def test_an_entry_is_reopened_only_while_no_payment_is_made_or_under_way(
    owner, people, festival, state
):
    entry = people.finalised(owner)
    pay(festival, entry, 100, "failed")
    assert owner.post(f"/api/entries/{entry}/reopen").status_code == 200
    finalise(owner, entry, 56_250)
    pay(festival, entry, 100, state)
    assert code(owner.post(f"/api/entries/{entry}/reopen")) == (409, "payment_under_way")
    assert state_of(owner, entry) == "finalised"


def test_a_lapsed_entry_is_taken_up_again_at_the_price_of_that_day(
    owner, people, festival, at, clock
):
    client = at(REGULAR - timedelta(hours=1))
    entry = people.finalised(client)
    clock.forward(days=2)
    lapse(festival)
    assert client.post(f"/api/entries/{entry}/reopen").json()["state"] == "draft"
    assert code(finalise(client, entry, 56_250)) == (409, "quote_mismatch")
    assert finalise(client, entry, 75_000).status_code == 200
    told = client.get(f"/api/entries/{entry}").json()
    assert told["due"]["quote"]["period"] == "regular"
    assert told["snapshots"] == [1, 2]


def test_nothing_is_reopened_that_could_not_be_finalised_again(owner, people, festival, at, clock):
    client = at(CLOSES - timedelta(minutes=1))
    entry = people.finalised(client)
    clock.now = CLOSES
    assert code(client.post(f"/api/entries/{entry}/reopen")) == (409, "closed")
    clock.forward(days=2)
    lapse(festival)
    assert code(client.post(f"/api/entries/{entry}/reopen")) == (409, "closed")


def test_prices_fixed_by_the_draft_are_those_of_the_day_it_was_begun(owner, people, at, variant):
    variant((b"fixed_at: finalise", b"fixed_at: draft"))
    before = people.begun(at(OPENS - timedelta(days=30)))
    early = people.begun(at(REGULAR - JUST_BEFORE))
    regular = people.begun(at(REGULAR))
    client = at(LATE)
    for entry, period, amount in (
        (before, "early", 56_250),
        (early, "early", 56_250),
        (regular, "regular", 75_000),
    ):
        asked = quote(client, entry)
        assert (asked["period"], asked["amount"]) == (period, amount)
        assert asked["expires_at"] == "2026-03-31T16:00:00Z"
        assert finalise(client, entry, amount).status_code == 200
    left = people.begun(client)
    assert code(at(CLOSES).post(f"/api/entries/{left}/quote")) == (409, "closed")


def test_prices_fixed_by_the_payment_are_those_of_the_day_it_is_started(
    owner, people, festival, at, clock, variant
):
    variant((b"fixed_at: finalise", b"fixed_at: paid"), (b"locked_hours: 24", b"locked_hours: 99"))
    client = at(REGULAR - timedelta(hours=1))
    entry = people.finalised(client)
    loaded = festival.loaded(EDITION)
    with festival.database.write() as c:
        first = entries.to_pay(c, loaded, entry, clock.now)
        assert (first.amount, first.quote.number) == (56_250, 1)
    clock.now = REGULAR
    with festival.database.write() as c:
        second = entries.to_pay(c, loaded, entry, clock.now)
        again = entries.to_pay(c, loaded, entry, clock.now)
    assert (second.amount, second.quote.period) == (75_000, "regular")
    assert again.quote == second.quote
    # What was begun at the old price does not suffice any more, what is due is the rest.
    pay(festival, entry, 56_250)
    assert client.get(f"/api/entries/{entry}").json()["due"]["amount"] == 18_750
    pay(festival, entry, 18_750)
    assert state_of(client, entry) == "submitted"


def test_prices_fixed_by_finalising_do_not_move_with_the_payment(
    owner, people, festival, at, clock
):
    entry = people.finalised(at(REGULAR - timedelta(hours=1)))
    clock.now = REGULAR
    with festival.database.write() as c:
        owed = entries.to_pay(c, festival.loaded(EDITION), entry, clock.now)
    assert (owed.amount, owed.quote.period) == (56_250, "early")


def test_a_later_text_of_the_edition_changes_nothing_that_was_finalised(
    owner, people, festival, shipped, variant
):
    entry, draft = people.finalised(owner), people.begun(owner)
    later = variant((b"standard: 75000", b"standard: 80000"))
    assert later.sha256 != shipped.sha256
    owed = owner.get(f"/api/entries/{entry}").json()["due"]
    assert (owed["amount"], owed["quote"]["edition_sha256"]) == (56_250, shipped.sha256)
    kept = owner.get(f"/api/entries/{entry}/snapshots/1").json()
    assert kept["edition_sha256"] == shipped.sha256
    asked = quote(owner, draft)
    assert (asked["amount"], asked["edition_sha256"]) == (60_000, later.sha256)
    assert finalise(owner, draft, 60_000).status_code == 200
    kept = owner.get(f"/api/entries/{draft}/snapshots/1").json()
    assert kept["edition_sha256"] == later.sha256


def test_an_edition_that_changed_between_quote_and_finalising_is_noticed(owner, people, variant):
    entry = people.begun(owner)
    seen = quote(owner, entry)
    variant((b"locked_hours: 24", b"locked_hours: 48"))
    answer = finalise(owner, entry, seen["amount"], quote=seen["id"])
    assert code(answer) == (409, "quote_mismatch")


class TestStudents:
    """A student's fee stands when the office has accepted the proof."""

    @pytest.fixture
    def entry(self, owner, people, festival) -> str:
        entry = people.begun(owner, student=True)
        people.file(entry, "student_proof")
        assert finalise(owner, entry, 16_875).json()["student_proof"] == "waiting"
        pay(festival, entry, 16_875)
        return entry

    def test_accepted_nothing_more_is_due(self, owner, people, festival, entry):
        answer = people.office().post(
            f"/api/entries/{entry}/student-proof", json={"accepted": True}
        )
        assert (answer.status_code, answer.json()["student_proof"]) == (200, "accepted")
        assert answer.json()["due"]["amount"] == 0
        assert "student_proof_accepted" in dict(letters(festival, owner.account))
        with festival.database.read() as c:
            assert entries.ready_for_recognition(c, EDITION) == ([entry], {})

    def test_refused_the_difference_is_due_before_the_jury_sees_it(
        self, owner, people, festival, at, clock, entry
    ):
        at(LATE)
        office = people.office()
        body = {"accepted": False, "reason": "The card expired."}
        answer = office.post(f"/api/entries/{entry}/student-proof", json=body)
        assert (answer.status_code, answer.json()["state"]) == (200, "submitted")
        # The full fee of the period in which it was finalised, not of today's.
        owed = answer.json()["due"]
        assert (owed["quote"]["amount"], owed["quote"]["period"]) == (56_250, "early")
        assert (owed["paid"], owed["amount"]) == (16_875, 39_375)
        text = dict(letters(festival, owner.account))["student_proof_refused"]
        assert "US$393.75" in text
        assert "The card expired." in text
        with festival.database.write() as c:
            assert entries.ready_for_recognition(c, EDITION) == ([], {entry: ["fee"]})
            with pytest.raises(Refusal) as refused:
                entries.move(c, entry, "open_recognition", None, clock.now)
            assert refused.value.kind is entries.HELD
            assert entries.to_pay(c, festival.loaded(EDITION), entry, clock.now).amount == 39_375
        pay(festival, entry, 39_375)
        with festival.database.read() as c:
            assert entries.ready_for_recognition(c, EDITION) == ([entry], {})

    def test_a_refusal_is_taken_back(self, people, festival, entry):
        office, address = people.office(), f"/api/entries/{entry}/student-proof"
        office.post(address, json={"accepted": False, "reason": "Unreadable."})
        answer = office.post(address, json={"accepted": True})
        assert (answer.json()["student_proof"], answer.json()["due"]["amount"]) == ("accepted", 0)
        assert code(office.post(address, json={"accepted": False, "reason": "No."})) == (
            409,
            "no_student_proof",
        )

    def test_the_full_fee_is_that_of_the_text_it_was_finalised_under(
        self, people, festival, shipped, variant, clock, entry
    ):
        with festival.database.write() as c:
            c.execute(
                insert(t.edition_versions).values(
                    edition=EDITION,
                    sha256=shipped.sha256,
                    text=shipped.text_bytes.decode(),
                    first_served_at=clock.now,
                )
            )
        variant((b"standard: 75000", b"standard: 80000"))
        body = {"accepted": False, "reason": "Unreadable."}
        answer = people.office().post(f"/api/entries/{entry}/student-proof", json=body)
        assert answer.json()["due"]["quote"]["amount"] == 56_250
        assert answer.json()["due"]["quote"]["edition_sha256"] == shipped.sha256

    def test_only_the_office_decides_with_a_reason_and_only_once_it_is_paid(
        self, owner, people, entry
    ):
        address = f"/api/entries/{entry}/student-proof"
        yes, no = {"accepted": True}, {"accepted": False, "reason": "  "}
        assert code(owner.post(address, json=yes)) == (403, "not_allowed")
        assert code(people.auditor().post(address, json=yes)) == (403, "not_allowed")
        assert code(people.entrant().post(address, json=yes)) == (404, "unknown_entry")
        assert code(people.office().post(address, json=no)) == (422, "invalid")
        unpaid = people.begun(owner, student=True)
        people.file(unpaid, "student_proof")
        finalise(owner, unpaid, 16_875)
        answer = people.office().post(f"/api/entries/{unpaid}/student-proof", json=yes)
        assert code(answer) == (409, "wrong_state")

    def test_who_is_no_student_has_nothing_to_prove(self, owner, people, festival):
        entry = people.finalised(owner)
        pay(festival, entry, 56_250)
        answer = people.office().post(
            f"/api/entries/{entry}/student-proof", json={"accepted": True}
        )
        assert code(answer) == (409, "no_student_proof")
