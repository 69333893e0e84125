"""What an entry costs, and when: pure, and in whole minor units only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from babel.numbers import format_currency, get_currency_precision

from festival_api.editions._basics import Fraction
from festival_api.editions._model import Edition, FeeClass, Period
from festival_api.refusals import Kind
from festival_api.speech import Language

__all__ = [
    "CLOSED",
    "NOT_OPEN",
    "RUNTIME_REQUIRED",
    "UNKNOWN_CATEGORY",
    "Price",
    "exact_amount",
    "factor_for",
    "fee_class",
    "format_money",
    "period_at",
    "price",
    "table",
]

NOT_OPEN = Kind("not_open", 409, "Entries are not open yet: they open on {opens}. Come back then.")
CLOSED = Kind("closed", 409, "Entries have closed: they were taken until {closed}.")
UNKNOWN_CATEGORY = Kind(
    "unknown_category", 422, "There is no category {category}. Choose one of: {categories}."
)
RUNTIME_REQUIRED = Kind(
    "runtime_required",
    422,
    "{category} needs the running time of the work. Give it; it must be longer than nothing.",
)

_WHOLE = Fraction(numerator=1, denominator=1)


@dataclass(frozen=True, slots=True)
class Price:
    """What one entry costs, with all that it follows from: the amount alone never tells.

    Attributes
    ----------
    amount : int
        In minor units of `currency`.
    currency : str
        ISO 4217 code.
    period, fee_class : str
        Their ids.
    student : bool
        Whether it is the student's fee.
    factor : Fraction
        Of the fee, as applied.
    """

    amount: int
    currency: str
    period: str
    fee_class: str
    student: bool
    factor: Fraction


def period_at(edition: Edition, now: datetime) -> Period:
    """Return the period in which `now` lies.

    Parameters
    ----------
    now : datetime
        Aware.

    Raises
    ------
    Refusal
        `not_open` before the first period, `closed` from the end of the last.
    """
    if now.tzinfo is None:
        raise ValueError("an instant needs its time zone")
    upcoming = []
    for period in edition.periods:
        opens = edition.midnight(period.first)
        if opens <= now < edition.midnight(period.until):
            return period
        if now < opens:
            upcoming.append(opens)
    if upcoming:
        opens = min(upcoming)
        raise NOT_OPEN({"opens": _utc(opens)}, opens=_local(edition, opens))
    closed = max(edition.midnight(period.until) for period in edition.periods)
    raise CLOSED({"closed": _utc(closed)}, closed=_local(edition, closed))


def fee_class(edition: Edition, category: str, runtime_minutes: int | None) -> FeeClass:
    """Return the fee class of an entry.

    Parameters
    ----------
    category : str
        Id of its category.
    runtime_minutes : int or None
        Its running time; None where it has none.

    Raises
    ------
    Refusal
        `unknown_category`; `runtime_required` where the category's fee depends on it.
    """
    found = edition.category(category)
    if found is None:
        ids = [known.id for known in edition.categories]
        raise UNKNOWN_CATEGORY({"categories": ids}, category=category, categories=", ".join(ids))
    fee = found.fee
    if not isinstance(fee, str):
        if runtime_minutes is None or isinstance(runtime_minutes, bool) or runtime_minutes < 1:
            raise RUNTIME_REQUIRED(category=category)
        fee = fee.below if runtime_minutes < fee.boundary_minutes else fee.from_boundary
    known_fee = edition.fee_class(fee)
    if known_fee is None:
        raise ValueError(f"no fee class {fee}: the edition was not checked")
    return known_fee


def price(
    edition: Edition, category: str, runtime_minutes: int | None, student: bool, now: datetime
) -> Price:
    """Return what an entry costs at `now`.

    Raises
    ------
    Refusal
        As `period_at` and `fee_class`.
    """
    fee = fee_class(edition, category, runtime_minutes)
    return _price(edition, fee, period_at(edition, now), student=student)


def table(edition: Edition) -> tuple[Price, ...]:
    """Return every price there is: by fee class, then standard and student, then period."""
    return tuple(
        _price(edition, fee, period, student=student)
        for fee in edition.fees
        for student in (False, True)
        for period in edition.periods
    )


def factor_for(edition: Edition, period: Period, *, student: bool) -> Fraction:
    """Return the share of the fee that is paid in a period.

    Where students are not discounted, a factor below 1 leaves their fees as they are: the discount
    is not for them. A factor above 1 is no discount, and applies to everybody.
    """
    discount = period.factor.numerator < period.factor.denominator
    if student and discount and not edition.settings.students_discounted:
        return _WHOLE
    return period.factor


def exact_amount(amount: int, factor: Fraction) -> int | None:
    """Return that share of an amount, in minor units; None where it is not whole."""
    whole, rest = divmod(amount * factor.numerator, factor.denominator)
    return None if rest else whole


def format_money(amount: int, currency: str, language: Language) -> str:
    """Write an amount of minor units as it is written in Hong Kong: US$562.50.

    There a dollar sign always says whose dollar it is.
    """
    exact = Decimal(amount).scaleb(-get_currency_precision(currency))
    locale = "en_HK" if language == "en" else "zh_Hant_HK"
    return format_currency(exact, currency, locale=locale)


def _price(edition: Edition, fee: FeeClass, period: Period, *, student: bool) -> Price:
    factor = factor_for(edition, period, student=student)
    amount = exact_amount(fee.student if student else fee.standard, factor)
    if amount is None:
        raise ValueError(f"{fee.id} is no whole amount in {period.id}: the edition was not checked")
    return Price(amount, edition.currency, period.id, fee.id, student, factor)


def _utc(instant: datetime) -> str:
    return instant.strftime("%Y-%m-%dT%H:%M:%SZ")


def _local(edition: Edition, instant: datetime) -> str:
    return f"{instant.astimezone(edition.zone):%Y-%m-%d %H:%M} ({edition.time_zone})"
