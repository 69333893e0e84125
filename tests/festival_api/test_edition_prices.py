"""What an entry costs at every instant: the 18 prices, their boundaries, their refusals."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, timezone
from fractions import Fraction as Exact
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from festival_api.editions import (
    Edition,
    Fraction,
    Price,
    check,
    fee_class,
    format_money,
    load,
    period_at,
    price,
    table,
)
from festival_api.refusals import Refusal

FILE = Path(__file__).parents[2] / "examples" / "festival" / "hkaiiff-2026.yaml"
EDITION = load(FILE).edition
MICROSECOND = timedelta(microseconds=1)

# In cents, by fee class and whether a student: early, regular, late.
PRICES = {
    ("generative_feature", False): (56250, 75000, 112500),
    ("generative_feature", True): (16875, 22500, 33750),
    ("interactive_work", False): (45000, 60000, 90000),
    ("interactive_work", True): (16875, 22500, 33750),
    ("short_film", False): (30000, 40000, 60000),
    ("short_film", True): (11250, 15000, 22500),
}
# Which entries pay which fee.
ENTRIES = {
    "generative_feature": [("generative_linear", 40), ("synthetic_performance", 41)],
    "interactive_work": [("interactive", None), ("generative_system", 3)],
    "short_film": [("generative_linear", 39), ("synthetic_performance", 1)],
}
# Midnights in Hong Kong, eight hours ahead of UTC, between which each period lies.
BOUNDARIES = [
    datetime(2025, 10, 31, 16, tzinfo=UTC),
    datetime(2026, 1, 31, 16, tzinfo=UTC),
    datetime(2026, 2, 28, 16, tzinfo=UTC),
    datetime(2026, 3, 31, 16, tzinfo=UTC),
]
ZONES = [
    UTC,
    ZoneInfo("Asia/Hong_Kong"),
    ZoneInfo("America/Los_Angeles"),
    timezone(timedelta(hours=-12)),
]


def with_settings(edition: Edition, **settings: object) -> Edition:
    changed = edition.settings.model_copy(update=settings)
    return edition.model_copy(update={"settings": changed})


def amounts(edition: Edition, number: int, now: datetime) -> dict[tuple[str, bool], set[int]]:
    """Every price of one period, by fee class and student, as entries are quoted at `now`."""
    found: dict[tuple[str, bool], set[int]] = {}
    for fee, entries in ENTRIES.items():
        for category, runtime in entries:
            for student in (False, True):
                quoted = price(edition, category, runtime, student, now)
                assert (quoted.fee_class, quoted.student) == (fee, student)
                assert quoted.period == edition.periods[number].id
                assert type(quoted.amount) is int
                found.setdefault((fee, student), set()).add(quoted.amount)
    return found


def test_the_table_has_the_eighteen_prices():
    found = {(p.fee_class, p.student, p.period): p.amount for p in table(EDITION)}
    assert found == {
        (fee, student, period): amount
        for (fee, student), row in PRICES.items()
        for period, amount in zip(("early", "regular", "late"), row, strict=True)
    }
    assert len(table(EDITION)) == 18


@pytest.mark.parametrize("zone", ZONES, ids=str)
@pytest.mark.parametrize("number", [0, 1, 2])
def test_each_price_holds_from_its_first_microsecond_to_its_last(number, zone):
    first, until = BOUNDARIES[number], BOUNDARIES[number + 1]
    for now in (first, first + MICROSECOND, until - MICROSECOND):
        expected = {key: {row[number]} for key, row in PRICES.items()}
        assert amounts(EDITION, number, now.astimezone(zone)) == expected


@pytest.mark.parametrize("zone", ZONES, ids=str)
def test_before_and_after_the_season_there_is_no_price(zone):
    for now, code, fact in (
        (BOUNDARIES[0] - MICROSECOND, "not_open", {"opens": "2025-10-31T16:00:00Z"}),
        (BOUNDARIES[0] - timedelta(days=9000), "not_open", {"opens": "2025-10-31T16:00:00Z"}),
        (BOUNDARIES[3], "closed", {"closed": "2026-03-31T16:00:00Z"}),
        (BOUNDARIES[3] + timedelta(days=9000), "closed", {"closed": "2026-03-31T16:00:00Z"}),
    ):
        with pytest.raises(Refusal) as refused:
            price(EDITION, "interactive", None, False, now.astimezone(zone))
        assert (refused.value.kind.code, refused.value.kind.status) == (code, 409)
        assert refused.value.facts == fact
        assert "(Asia/Hong_Kong)" in str(refused.value)
        assert "00:00" in str(refused.value)


def test_a_time_without_zone_is_a_mistake_of_the_caller():
    with pytest.raises(ValueError, match="time zone"):
        period_at(EDITION, datetime(2025, 12, 1))


@pytest.mark.parametrize(
    ("category", "runtime", "code"),
    [
        ("generative_linear", None, "runtime_required"),
        ("generative_linear", 0, "runtime_required"),
        ("synthetic_performance", -5, "runtime_required"),
        ("synthetic_performance", True, "runtime_required"),
        ("feature", 90, "unknown_category"),
        ("", None, "unknown_category"),
    ],
)
def test_an_entry_without_fee_class_is_refused(category, runtime, code):
    with pytest.raises(Refusal) as refused:
        fee_class(EDITION, category, runtime)
    assert (refused.value.kind.code, refused.value.kind.status) == (code, 422)
    assert category in str(refused.value)


def test_the_unknown_category_tells_the_known_ones():
    with pytest.raises(Refusal) as refused:
        fee_class(EDITION, "feature", 90)
    assert refused.value.facts == {"categories": [c.id for c in EDITION.categories]}


def test_students_left_out_of_the_discount_still_pay_the_surcharge():
    edition = with_settings(EDITION, students_discounted=False)
    found = {(p.fee_class, p.student, p.period): p.amount for p in table(edition)}
    for (fee, student), (early, regular, late) in PRICES.items():
        assert found[fee, student, "early"] == (regular if student else early)
        assert found[fee, student, "regular"] == regular
        assert found[fee, student, "late"] == late
    assert not check_codes(edition)


def test_the_time_zone_moves_every_boundary():
    west = EDITION.model_copy(update={"time_zone": "America/Los_Angeles"})
    # Los Angeles is 8 hours behind UTC in winter, 7 from 8 March 2026 on.
    for number, utc in enumerate(
        (
            datetime(2025, 11, 1, 7, tzinfo=UTC),  # summer time ends on 2 November
            datetime(2026, 2, 1, 8, tzinfo=UTC),
            datetime(2026, 3, 1, 8, tzinfo=UTC),
        )
    ):
        assert period_at(west, utc) == west.periods[number]
        if number:
            assert period_at(west, utc - MICROSECOND) == west.periods[number - 1]
    with pytest.raises(Refusal, match="closed"):
        period_at(west, datetime(2026, 4, 1, 7, tzinfo=UTC))


def test_a_leap_day_belongs_to_february():
    moved = EDITION.model_copy(
        update={
            "periods": tuple(
                p.model_copy(update={"first": leap(p.first), "until": leap(p.until)})
                for p in EDITION.periods
            )
        }
    )
    zone = ZoneInfo("Asia/Hong_Kong")
    assert period_at(moved, datetime(2028, 2, 29, 23, 59, 59, 999999, zone)).id == "regular"
    assert period_at(moved, datetime(2028, 3, 1, tzinfo=zone)).id == "late"


def leap(day: date) -> date:
    return day.replace(year=day.year + 2)


@given(
    st.datetimes(datetime(2025, 10, 1), datetime(2026, 5, 1), timezones=st.sampled_from(ZONES)),
    st.sampled_from(
        # Some of these skip or repeat hours at midnight.
        ["Asia/Hong_Kong", "UTC", "Africa/Cairo", "Asia/Beirut", "America/Havana", "Pacific/Apia"]
    ),
)
def test_every_instant_has_at_most_one_period(now, name):
    edition = EDITION.model_copy(update={"time_zone": name})
    edges = [edition.midnight(p.first) for p in edition.periods]
    edges.append(edition.midnight(edition.periods[-1].until))
    assert all(earlier < later for earlier, later in pairwise(edges))
    expected = [
        p for p, (a, b) in zip(edition.periods, pairwise(edges), strict=True) if a <= now < b
    ]
    if expected:
        assert [period_at(edition, now)] == expected
    else:
        with pytest.raises(Refusal, match="not_open" if now < edges[0] else "closed"):
            period_at(edition, now)


@given(
    st.integers(1, 200_000),
    st.integers(1, 200_000),
    st.integers(1, 400),
    st.sampled_from([1, 2, 3, 4, 10, 100]),
    st.booleans(),
)
def test_prices_are_exact_or_the_edition_is_refused(
    standard, student, numerator, denominator, discounted
):
    fee = EDITION.fees[0].model_copy(update={"standard": standard, "student": student})
    factor = Fraction(numerator=numerator, denominator=denominator)
    early = EDITION.periods[0].model_copy(update={"factor": factor})
    edition = with_settings(
        EDITION.model_copy(
            update={"fees": (fee, *EDITION.fees[1:]), "periods": (early, *EDITION.periods[1:])}
        ),
        students_discounted=discounted,
    )
    share = Exact(numerator, denominator)
    exact = {
        (f.id, is_student, period.id): (f.student if is_student else f.standard)
        * (max(share, 1) if is_student and not discounted else share)
        if period is early
        else (f.student if is_student else f.standard)
        * Exact(period.factor.numerator, period.factor.denominator)
        for f in edition.fees
        for is_student in (False, True)
        for period in edition.periods
    }
    if "fraction_of_a_cent" in check_codes(edition):
        assert any(amount.denominator > 1 for amount in map(Exact, exact.values()))
        with pytest.raises(ValueError, match="not checked"):
            table(edition)
    else:
        assert {(p.fee_class, p.student, p.period): p.amount for p in table(edition)} == exact


def check_codes(edition: Edition) -> set[str]:
    return {problem.code for problem in check(edition) if not problem.warning}


def test_a_price_says_what_it_follows_from():
    early = EDITION.midnight(date(2025, 12, 1))
    factor = Fraction(numerator=75, denominator=100)
    assert price(EDITION, "generative_linear", 40, True, early) == Price(
        16875, "USD", "early", "generative_feature", True, factor
    )
    # The same amount, another basis.
    other = price(EDITION, "interactive", None, True, early)
    assert (other.amount, other.fee_class) == (16875, "interactive_work")


def test_money_is_written_with_its_currency():
    assert format_money(112500, "USD", "en") == "US$1,125.00"
    assert format_money(56250, "HKD", "zh-Hant") == "HK$562.50"
    assert format_money(560, "JPY", "en") == "JP¥560"
    assert format_money(0, "USD", "zh-Hant") == "US$0.00"


@given(
    st.integers(0, 10**15),
    st.sampled_from([("USD", 2), ("JPY", 0), ("JOD", 3), ("HKD", 2)]),
    st.sampled_from(["en", "zh-Hant"]),
)
def test_written_money_has_every_digit(amount, currency, language):
    code, decimals = currency
    digits = re.sub(r"\D", "", format_money(amount, code, language))
    assert digits == str(amount).zfill(decimals + 1)
