"""The office's table of entries, for spreadsheets; nothing in it comes from the jury."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any, Final

from babel.numbers import get_currency_precision
from sqlalchemy import Connection, Row, and_, func, select

from festival_api.entries._money import due
from festival_api.store import tables as t
from festival_api.tables import csv_bytes

_HEADER: Final = (
    "entry",
    "state",
    "category",
    "title en",
    "title zh-Hant",
    "title original",
    "runtime s",
    "languages",
    "countries",
    "year",
    "premiere",
    "flashing light",
    "makers",
    "company",
    "contact",
    "contact e-mail",
    "student proof",
    "period",
    "support",
    "price",
    "paid",
    "due",
    "currency",
    "begun",
    "finalised",
    "snapshot",
)


def entry_table(c: Connection, edition: str) -> bytes:
    """Return all entries of an edition that were finalised, as they were last, as a CSV file.

    Instants are UTC, amounts in the currency's major unit, exactly.
    """
    e, s = t.entries.c, t.snapshots.c
    last = select(s.entry, func.max(s.number).label("number")).group_by(s.entry).subquery()
    rows = c.execute(
        select(
            e.id,
            e.state,
            e.student_proof,
            e.created_at,
            s.content,
            s.people,
            s.made_at,
            s.sha256,
        )
        .join(last, last.c.entry == e.id)
        .join(t.snapshots, and_(s.entry == last.c.entry, s.number == last.c.number))
        .where(e.edition == edition)
        .order_by(e.created_at, e.id)
    )
    return csv_bytes(_HEADER, [_cells(c, row) for row in rows.all()])


def _cells(c: Connection, row: Row[*tuple[Any, ...]]) -> list[str | int | None]:
    content: dict[str, Any] = json.loads(row.content)
    people: dict[str, Any] = json.loads(row.people or "{}")
    work, price = content["work"], content.get("quote", {})
    title, contact = work.get("title", {}), people.get("contact", {})
    makers = [f"{one['name']} ({one['role']})" for one in people.get("makers", ())]
    owed = due(c, row.id)
    currency = owed.quote.currency if owed else ""
    flashing = work.get("warnings", {}).get("flashing_light")
    return [
        row.id,
        row.state,
        work.get("category"),
        title.get("en"),
        title.get("zh-Hant"),
        title.get("original"),
        work.get("runtime_seconds"),
        " ".join(work.get("languages", ())),
        " ".join(work.get("countries", ())),
        work.get("year"),
        work.get("premiere"),
        {True: "yes", False: "no"}.get(flashing),
        "; ".join(makers),
        people.get("company"),
        contact.get("name"),
        contact.get("email"),
        row.student_proof,
        price.get("period"),
        price.get("support"),
        _major(owed.quote.amount, currency) if owed else None,
        _major(owed.paid, currency) if owed else None,
        _major(owed.amount, currency) if owed else None,
        currency,
        f"{row.created_at:%Y-%m-%d %H:%M:%S}",
        f"{row.made_at:%Y-%m-%d %H:%M:%S}",
        row.sha256,
    ]


def _major(amount: int, currency: str) -> str:
    """Write minor units as a decimal number."""
    return str(Decimal(amount).scaleb(-get_currency_precision(currency)))
