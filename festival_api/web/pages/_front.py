"""What the front page tells of an edition at a given time, in words of one language."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from babel.dates import (
    format_date,
    format_interval,
    format_time,
    format_timedelta,
    get_timezone_name,
)

from festival_api.editions import (
    Decided,
    Edition,
    FeeClass,
    Item,
    Period,
    decisions,
    format_money,
    period_at,
    table,
)
from festival_api.refusals import Refusal
from festival_api.speech import Language

LOCALES = {"en": "en_HK", "zh-Hant": "zh_Hant_HK"}


@dataclass(frozen=True, slots=True)
class Running:
    """The period that runs now: its last moment, and how long that is from now."""

    period: Period
    last_day: str
    last_moment: str
    left: str


@dataclass(frozen=True, slots=True)
class PriceRow:
    """A fee with its amounts, one for each period in the edition's order."""

    fee: FeeClass
    student: bool
    amounts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Day:
    """A day of the programme; each item with its hours and the name of its space."""

    name: str
    items: tuple[tuple[str, Item, str], ...]


@dataclass(frozen=True, slots=True)
class Front:
    """What the front page is made of.

    Attributes
    ----------
    dates : str
        Of the festival.
    opens, closed : str
        When entries open, or closed; empty while they are neither to come nor over.
    running : Running or None
        None before the first period and after the last.
    spans : tuple of str
        First and last day of each period.
    zone : str
        Name of the edition's time zone.
    """

    dates: str
    opens: str
    closed: str
    running: Running | None
    spans: tuple[str, ...]
    prices: tuple[PriceRow, ...]
    days: tuple[Day, ...]
    decisions: tuple[Decided, ...]
    zone: str


def current(editions: Iterable[Edition], now: datetime) -> Edition:
    """Return the edition that is on or comes next; the last one when all are over."""
    known = sorted(editions, key=lambda edition: edition.last_day)
    to_come = (one for one in known if one.last_day >= now.astimezone(one.zone).date())
    return next(to_come, known[-1])


def front(edition: Edition, language: Language, now: datetime) -> Front:
    """Tell an edition as it stands at `now`."""
    opens = edition.midnight(min(period.first for period in edition.periods))
    last = max(period.until for period in edition.periods) - timedelta(days=1)
    running = _running(edition, language, now)
    over = running is None and now >= edition.midnight(last)
    locale = LOCALES[language]
    return Front(
        dates=_span(edition.first_day, edition.last_day, locale),
        opens=_day(opens.astimezone(edition.zone).date(), locale) if now < opens else "",
        closed=_day(last, locale) if over else "",
        running=running,
        spans=tuple(
            _span(period.first, period.until - timedelta(days=1), locale)
            for period in edition.periods
        ),
        prices=_prices(edition, language),
        days=_days(edition, language),
        decisions=tuple(decisions(edition)),
        zone=get_timezone_name(edition.zone, width="long", zone_variant="standard", locale=locale),
    )


def _running(edition: Edition, language: Language, now: datetime) -> Running | None:
    try:
        period = period_at(edition, now)
    except Refusal:
        return None
    locale = LOCALES[language]
    ends = edition.midnight(period.until)
    last = (ends - timedelta(seconds=1)).astimezone(edition.zone)
    return Running(
        period,
        _day(last.date(), locale),
        last.strftime("%H:%M:%S"),
        format_timedelta(ends - now, granularity="hour", threshold=2, locale=locale),
    )


def _prices(edition: Edition, language: Language) -> tuple[PriceRow, ...]:
    amounts = {
        (price.fee_class, price.student, price.period): format_money(
            price.amount, price.currency, language
        )
        for price in table(edition)
    }
    return tuple(
        PriceRow(
            fee,
            student,
            tuple(amounts[fee.id, student, period.id] for period in edition.periods),
        )
        for fee in edition.fees
        for student in (False, True)
    )


def _days(edition: Edition, language: Language) -> tuple[Day, ...]:
    locale = LOCALES[language]
    spaces = {space.id: space.name.in_(language) for space in edition.spaces}
    return tuple(
        Day(
            format_date(day, _DAY_OF_WEEK[language], locale=locale),
            tuple(
                (
                    f"{format_time(item.starts, 'HH:mm', locale=locale)}–"
                    f"{format_time(item.ends, 'HH:mm', locale=locale)}",
                    item,
                    spaces.get(item.space or "", ""),
                )
                for item in sorted(edition.programme, key=lambda one: (one.starts, one.id))
                if item.day == day
            ),
        )
        for day in edition.days
    )


_DAY_OF_WEEK = {"en": "EEEE, d MMMM", "zh-Hant": "M月d日EEEE"}


def _day(day: date, locale: str) -> str:
    return format_date(day, "long", locale=locale)


def _span(first: date, last: date, locale: str) -> str:
    return format_interval(first, last, "yMMMMd", locale=locale)
