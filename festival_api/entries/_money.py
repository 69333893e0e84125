"""What an entry costs, what was paid, what is still due: read from the books, changing nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, select

from festival_api.store import tables as t


@dataclass(frozen=True, slots=True)
class Quote:
    """A price with all that it follows from; the amount alone never tells its basis.

    Attributes
    ----------
    number : int
        Counts the entry's quotes; the latest locked one holds.
    edition_sha256 : str
        Text of the edition whose fee table was used.
    support : str
        Tier of technical support that comes with it.
    factor_numerator, factor_denominator : int
        Of the fee `base`.
    base, amount : int
        In minor units of `currency`.
    expires_at : datetime
        Before it is locked: until when the same draft has the same price. After: until when it is
        to be paid.
    locked_at : datetime or None
        When the entry was finalised at this price.
    """

    id: str
    entry: str
    number: int
    edition_sha256: str
    category: str
    fee_class: str
    student: bool
    period: str
    support: str
    factor_numerator: int
    factor_denominator: int
    base: int
    amount: int
    currency: str
    made_at: datetime
    expires_at: datetime
    locked_at: datetime | None

    @property
    def basis(self) -> tuple[object, ...]:
        """Everything that the amount follows from."""
        return (
            self.edition_sha256,
            self.category,
            self.fee_class,
            self.student,
            self.period,
            self.base,
            self.amount,
            self.currency,
        )


@dataclass(frozen=True, slots=True)
class Due:
    """What is still to be paid against a locked quote.

    Attributes
    ----------
    paid : int
        Paid and not given back, in minor units.
    amount : int
        Still to be paid; 0 when the fee was waived.
    """

    quote: Quote
    paid: int
    amount: int


def due(c: Connection, entry_id: str) -> Due | None:
    """Return what is due for an entry; None for one that was never finalised at a price.

    What the office gives back out of goodwill is not asked for again; what the service gives back,
    because it was not to be paid at the time, counts as never paid.
    """
    quote = locked_quote(c, entry_id)
    if quote is None:
        return None
    p, v = t.payments.c, t.entry_events.c
    paid: int = c.execute(
        select(func.coalesce(func.sum(p.amount - p.refunded), 0)).where(
            p.entry == entry_id, p.state == "paid"
        )
    ).scalar_one()
    waived = c.execute(
        select(v.number).where(v.entry == entry_id, v.action == "accept_free").limit(1)
    ).first()
    owed = quote.amount - int(paid) - _forgiven(c, quote)
    return Due(quote, int(paid), 0 if waived else max(0, owed))


def _forgiven(c: Connection, quote: Quote) -> int:
    r = t.refunds.c
    given: int = c.execute(
        select(func.coalesce(func.sum(r.amount), 0))
        .join_from(t.refunds, t.payments)
        .where(
            t.payments.c.entry == quote.entry,
            r.asked_by.is_not(None),
            r.state.in_(("asked", "done")),
            r.asked_at >= quote.locked_at,
        )
    ).scalar_one()
    return int(given)


def locked_quote(c: Connection, entry_id: str) -> Quote | None:
    """Return the quote that the entry was last finalised at."""
    q = t.quotes.c
    row = c.execute(
        select(t.quotes)
        .where(q.entry == entry_id, q.locked_at.is_not(None))
        .order_by(q.number.desc())
        .limit(1)
    ).first()
    return None if row is None else quote_of(row)


def quote_of(row: Row[*tuple[Any, ...]]) -> Quote:
    """Read a row of the table of quotes."""
    return Quote(**{name: getattr(row, name) for name in Quote.__slots__})


def held(c: Connection, entry_id: str) -> list[str]:
    """Return what keeps a paid entry from the jury: "student_proof", "fee"."""
    proof = c.execute(
        select(t.entries.c.student_proof).where(t.entries.c.id == entry_id)
    ).scalar_one()
    owed = due(c, entry_id)
    why = ["student_proof"] if proof == "waiting" else []
    return [*why, "fee"] if owed is not None and owed.amount else why
