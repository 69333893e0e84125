"""Erasing a person: what names them goes, what the festival must be able to show stays."""

from __future__ import annotations

import json
import re
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, or_, select, tuple_, update

from festival_api.refusals import Kind
from festival_api.store import tables as t
from festival_api.texts import canonical

ENTRIES_IN_COMPETITION = Kind(
    "entries_in_competition",
    409,
    "{count} of your entries are in the competition: see `entries`. Withdraw them first, then your"
    " data can be erased.",
)

_IN_COMPETITION = ("submitted", "in_recognition", "recognised", "in_evaluation", "finalist")
_EMPTY = canonical({})
_IMPORTED = ("source", "source_number", "source_sha256")
_CLEARED = "▇▇▇"
# Parts of a snapshot that programs read, not people: a name that is such a word must not break
# them.
_IDENTIFIERS = frozenset(
    ("entry", "edition", "category", "kind", "quote", "recognition", "languages", "countries")
)
_UNFINISHED = ("draft", "finalised", "lapsed")


def unfinished_entries(c: Connection, account: str) -> list[str]:
    """Return the entries that have to be withdrawn before `erase`.

    Raises
    ------
    Refusal
        `entries_in_competition`: nobody but their owner withdraws these, and knowingly.
    """
    e = t.entries.c
    rows = c.execute(select(e.id, e.state).where(e.owner == account).order_by(e.id)).all()
    competing = [row.id for row in rows if row.state in _IN_COMPETITION]
    if competing:
        raise ENTRIES_IN_COMPETITION({"entries": competing}, count=len(competing))
    return [row.id for row in rows if row.state in _UNFINISHED]


def erase(c: Connection, account: str, now: datetime) -> list[str]:
    """Erase a person.

    The account stays as a bare identifier, because payments, events and opinions refer to it.
    Drafts are emptied; of snapshots the people and their salt go, so that the hash of them in
    `content` can be checked by nobody any more, and the texts in it that hold the person's name or
    address. Payments are kept without a name, as the law on bookkeeping wants; opinions
    stay under the juror's pseudonym.

    Parameters
    ----------
    c : Connection
        Of a transaction in which no entry of the account is live any more.
    account : str
    now : datetime

    Returns
    -------
    list of str
        The entries whose files the caller deletes.
    """
    a, e = t.accounts.c, t.entries.c
    row = c.execute(select(a.email, a.name).where(a.id == account)).one()
    entries = list(c.execute(select(e.id).where(e.owner == account)).scalars())
    for table in (t.letters, t.tokens, t.sessions, t.roles):
        c.execute(delete(table).where(table.c.account == account))
    _empty_entries(c, entries)
    _forget_words(c, account, entries)
    _clear_what_names(c, entries, _naming([text for text in row if text]))
    c.execute(
        update(t.accounts)
        .where(a.id == account)
        .values(
            email=None,
            email_key=None,
            password_hash=None,
            name=None,
            admin=False,
            confirmed_at=None,
            erased_at=now,
        )
    )
    return entries


def _empty_entries(c: Connection, entries: list[str]) -> None:
    for table, belongs, values in (
        (t.entries, t.entries.c.id, {"draft": _EMPTY, **dict.fromkeys(_IMPORTED)}),
        (t.snapshots, t.snapshots.c.entry, {"people": None, "people_salt": None}),
        (t.payments, t.payments.c.entry, {"url": ""}),
    ):
        c.execute(update(table).where(belongs.in_(entries)).values(values))


def _forget_words(c: Connection, account: str, entries: list[str]) -> None:
    """Delete what the person wrote in passing, and what was noted about the person's ties."""
    events, conflicts = t.entry_events.c, t.conflicts.c
    c.execute(update(t.entry_events).where(events.actor == account).values(reason=""))
    tied = or_(
        conflicts.juror == account, conflicts.declared_by == account, conflicts.entry.in_(entries)
    )
    c.execute(update(t.conflicts).where(tied).values(note=""))
    c.execute(update(t.jurors).where(t.jurors.c.account == account).values(company=None))
    c.execute(update(t.opinions).where(t.opinions.c.juror == account).values(note=""))
    c.execute(delete(t.relations).where(t.relations.c.juror == account))


def _clear_what_names(c: Connection, entries: list[str], named: re.Pattern[str]) -> None:
    """Clear texts about the entries that name the person; rather one too many than too few."""
    paid = select(t.payments.c.id).where(t.payments.c.entry.in_(entries))
    for column, theirs in (
        (t.snapshots.c.content, t.snapshots.c.entry.in_(entries)),
        (t.entry_events.c.reason, t.entry_events.c.entry.in_(entries)),
        (t.hearings.c.note, t.hearings.c.entry.in_(entries)),
        (t.hearings.c.reason, t.hearings.c.entry.in_(entries)),
        (t.refunds.c.reason, t.refunds.c.payment.in_(paid)),
    ):
        key = tuple(column.table.primary_key)
        for text, *row in c.execute(select(column, *key).where(theirs)).all():
            is_document = column is t.snapshots.c.content
            document = _without(json.loads(text) if is_document else text, named)
            cleared = canonical(document) if is_document else document
            if cleared != text:
                c.execute(
                    update(column.table)
                    .where(tuple_(*key) == tuple_(*row))
                    .values({column: cleared})
                )


def _naming(names: list[str]) -> re.Pattern[str]:
    """Recognise the names in case-folded text; in Latin letters not as a part of another word."""
    alike = "|".join(
        r"[\W_]*".join(re.escape(part) for part in name.casefold().split()) for name in names
    )
    return re.compile(rf"(?<![a-z0-9])(?:{alike})(?![a-z0-9])")


def _without(document: Any, named: re.Pattern[str]) -> Any:
    match document:
        case str():
            return _CLEARED if named.search(document.casefold()) else document
        case list():
            return [_without(part, named) for part in document]
        case dict():
            return {
                name: part if name in _IDENTIFIERS else _without(part, named)
                for name, part in document.items()
            }
        case _:
            return document
