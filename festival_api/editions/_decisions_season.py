"""Decisions about the entry season: periods, money, and which category pays which fee."""

from __future__ import annotations

from babel.numbers import get_currency_name

from festival_api.editions._basics import Text, both
from festival_api.editions._decided import Decided, day, decided, joined
from festival_api.editions._model import Category, Edition

__all__ = ["SEASON"]


def _boundaries(edition: Edition) -> Decided:
    clauses = []
    for period in edition.periods:
        first, until = day(period.first), day(period.until)
        clauses.append(
            both(
                f"{period.name.en} runs from {first.en} 00:00 to just before {until.en} 00:00",
                f"{period.name.zh_hant}由{first.zh_hant}零時起，至{until.zh_hant}零時前止",
            )
        )
    told = joined(clauses)
    return decided(
        1,
        "periods",
        [
            {"id": p.id, "first": p.first.isoformat(), "until": p.until.isoformat()}
            for p in edition.periods
        ],
        (
            "31 January and 28 February are each named in two periods: to which do they belong?",
            "1月31日與2月28日各出現於兩個時段：應屬哪一個？",
        ),
        both(f"{told.en}.", f"{told.zh_hant}。"),
    )


def _time_zone(edition: Edition) -> Decided:
    opens = edition.midnight(min(period.first for period in edition.periods))
    closes = edition.midnight(max(period.until for period in edition.periods))
    return decided(
        2,
        "time_zone",
        edition.time_zone,
        ("In which time zone are the dates?", "日期以哪個時區為準？"),
        both(
            f"All dates and times are those of {edition.time_zone}: entries open at "
            f"{opens:%Y-%m-%d %H:%M} UTC and close at {closes:%Y-%m-%d %H:%M} UTC.",
            f"所有日期和時間均以{edition.time_zone}時區為準："
            f"報名於協調世界時{opens:%Y-%m-%d %H:%M}開始，{closes:%Y-%m-%d %H:%M}截止。",
        ),
    )


def _years(edition: Edition) -> Decided:
    first = min(period.first for period in edition.periods)
    until = max(period.until for period in edition.periods)
    opens, closes, begins, ends = map(day, (first, until, edition.first_day, edition.last_day))
    return decided(
        3,
        "periods[].first, periods[].until, first_day, last_day",
        [d.isoformat() for d in (first, until, edition.first_day, edition.last_day)],
        ("Which years do the entry dates mean?", "報名日期指的是哪一年？"),
        both(
            f"Entries are taken from {opens.en} until {closes.en} 00:00, for the festival of "
            f"{begins.en} to {ends.en}; every date carries its year, and a leap day belongs to the "
            "period that its date falls into.",
            f"報名由{opens.zh_hant}起至{closes.zh_hant}零時止，電影節於{begins.zh_hant}至{ends.zh_hant}舉行；"
            "每個日期均註明年份，閏日歸入其日期所屬的時段。",
        ),
    )


def _currency(edition: Edition) -> Decided:
    code = edition.currency
    return decided(
        4,
        "currency",
        code,
        ('Whose dollar is "$"?', "「$」是哪一種貨幣？"),
        both(
            f"All fees are in {code} ({get_currency_name(code, locale='en')}).",
            f"所有費用以{code}（{get_currency_name(code, locale='zh_Hant_HK')}）計算。",
        ),
    )


_FIXED = {
    "draft": ("when the draft is begun", "開始填寫草稿時"),
    "finalise": ("when the entry is finalised", "作品定稿提交時"),
    "paid": ("when the payment is started", "開始付款時"),
}


def _quotes(edition: Edition) -> Decided:
    quotes = edition.quotes
    en, zh = _FIXED[quotes.fixed_at]
    return decided(
        5,
        "quotes",
        quotes.model_dump(),
        ("Which moment fixes the price?", "價格以哪一刻為準？"),
        both(
            f"The price is that of the server's time {en}; it then holds for "
            f"{quotes.locked_hours} hours, even if the payment is confirmed in a later period.",
            f"價格以{zh}的伺服器時間為準，其後{quotes.locked_hours}小時內維持不變，"
            "即使付款在其後的時段才獲確認。",
        ),
    )


def _students(edition: Edition) -> Decided:
    value = edition.settings.students_discounted
    answer = (
        both(
            "The period's discount applies to student fees too, and so does its surcharge.",
            "各時段的折扣及附加費同樣適用於學生費用。",
        )
        if value
        else both(
            "The period's discount does not apply to student fees; its surcharge does.",
            "各時段的折扣不適用於學生費用，但附加費適用。",
        )
    )
    return decided(
        6,
        "settings.students_discounted",
        value,
        (
            'Is the discount "on all fees" or on the entry fee: does it apply to students?',
            "折扣適用於「所有費用」還是「報名費」：學生費用也有折扣嗎？",
        ),
        answer,
    )


def _fee_classes(edition: Edition) -> Decided:
    told = joined([_pays(edition, category) for category in edition.categories])
    return decided(
        7,
        "categories[].fee",
        {category.id: category.model_dump(mode="json")["fee"] for category in edition.categories},
        (
            "There are four competition categories but three fees: which category pays which?",
            "競賽類別有四個，費用只有三種：各類別適用哪一種？",
        ),
        both(f"{told.en}.", f"{told.zh_hant}。"),
    )


def _pays(edition: Edition, category: Category) -> Text:
    names = {fee.id: fee.name for fee in edition.fees}
    fee = category.fee
    if isinstance(fee, str):
        name = names[fee]
        return both(
            f"{category.name.en} pays the fee {name.en}",
            f"「{category.name.zh_hant}」適用「{name.zh_hant}」費用",
        )
    below, above, minutes = names[fee.below], names[fee.from_boundary], fee.boundary_minutes
    return both(
        f"{category.name.en} pays {below.en} below {minutes} minutes and {above.en} from "
        f"{minutes} minutes on",
        f"「{category.name.zh_hant}」片長不足{minutes}分鐘適用「{below.zh_hant}」費用，"
        f"{minutes}分鐘或以上適用「{above.zh_hant}」費用",
    )


SEASON = (_boundaries, _time_zone, _years, _currency, _quotes, _students, _fee_classes)
