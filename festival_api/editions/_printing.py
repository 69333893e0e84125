"""An edition as the service prints it: in both languages, with prices, instants, decisions."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, date, datetime, time
from typing import Any

from festival_api.editions._decided import Decided
from festival_api.editions._decisions import decisions
from festival_api.editions._model import Edition, Item, Period
from festival_api.editions._prices import Price, format_money, table
from festival_api.speech import LANGUAGES

__all__ = ["instant", "public"]


def public(edition: Edition) -> dict[str, Any]:
    """Return a checked edition as a document of plain JSON values.

    It is the edition as its file has it, texts as ``{"en": ..., "zh-Hant": ...}``, with three
    things that follow from it: ``prices``, ``decisions``, and the instants at which periods and
    items of the programme begin and end.
    """
    document = edition.model_dump(mode="json", by_alias=True)
    for written, period in zip(document["periods"], edition.periods, strict=True):
        written.update(_period_instants(edition, period))
    for written, item in zip(document["programme"], edition.programme, strict=True):
        written.update(_item_instants(edition, item))
    document["prices"] = [_price(price) for price in table(edition)]
    document["decisions"] = [_decision(decided) for decided in decisions(edition)]
    return document


def instant(edition: Edition, at: datetime) -> dict[str, str]:
    """Write an instant in UTC and in the edition's time zone."""
    return {
        "utc": at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "local": at.astimezone(edition.zone).isoformat(timespec="seconds"),
    }


def _period_instants(edition: Edition, period: Period) -> dict[str, Any]:
    return {
        "opens": instant(edition, edition.midnight(period.first)),
        "closes": instant(edition, edition.midnight(period.until)),
    }


def _item_instants(edition: Edition, item: Item) -> dict[str, Any]:
    def at(day: date, clock: time) -> dict[str, str]:
        return instant(edition, datetime.combine(day, clock, edition.zone))

    return {"starts_at": at(item.day, item.starts), "ends_at": at(item.day, item.ends)}


def _price(price: Price) -> dict[str, Any]:
    return {
        "amount": price.amount,
        "currency": price.currency,
        "period": price.period,
        "fee_class": price.fee_class,
        "student": price.student,
        "factor": price.factor.model_dump(),
        "text": {
            language: format_money(price.amount, price.currency, language) for language in LANGUAGES
        },
    }


def _decision(decided: Decided) -> dict[str, Any]:
    return asdict(decided) | {
        "question": decided.question.model_dump(by_alias=True),
        "answer": decided.answer.model_dump(by_alias=True),
    }
