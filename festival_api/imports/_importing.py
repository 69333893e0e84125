"""Bringing submissions in: once each, as drafts of whoever holds the submitter's address.

Accounts are opened for addresses that nobody has here yet; nobody can sign in to one before the
owner of the address has proven it by letter. A draft that came from a file follows later files
until its owner changes what they brought.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal

from sqlalchemy import Connection, insert, select, update

from festival_api import entries, letters
from festival_api.accounts import email_key
from festival_api.editions import CLOSED, LoadedEdition, period_at
from festival_api.entries import Draft, Entry
from festival_api.imports._filmfreeway import SOURCE, Note, Rejected, Submission
from festival_api.refusals import Refusal
from festival_api.speech import say
from festival_api.store import Database, new_id
from festival_api.store import tables as t
from festival_api.texts import canonical, sha256_hex

Outcome = Literal["begun", "updated", "unchanged", "kept", "skipped", "refused"]

_SECTIONS: Final = (
    "title",
    "synopsis",
    "category",
    "runtime_seconds",
    "languages",
    "countries",
    "year",
    "makers",
    "contact",
    "links",
)
# So many rows in one transaction: others wait meanwhile.
_AT_ONCE: Final = 50


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of a row, or would become of it.

    Attributes
    ----------
    outcome : Outcome
        "kept": there is such an entry, and it is its owner's by now.
    entry : str or None
        Its id, where there is one.
    fee : str
        What was paid at the source, as written there.
    """

    line: int
    number: str
    title: str
    outcome: Outcome
    entry: str | None
    fee: str
    notes: tuple[Note, ...]


def bring_in(
    database: Database,
    loaded: LoadedEdition,
    rows: Sequence[Submission | Rejected],
    address: str,
    now: datetime,
    *,
    dry_run: bool,
) -> tuple[Imported, ...]:
    """Import what can be imported, and tell of every row what became of it.

    Parameters
    ----------
    address : str
        Of the service, for the letters.
    dry_run : bool
        Only tell what would become of each row.

    Raises
    ------
    Refusal
        `closed` when entries have closed.
    """
    _not_closed(loaded, now)
    done: list[Imported] = []
    for first in range(0, len(rows), _AT_ONCE):
        some = rows[first : first + _AT_ONCE]
        if dry_run:
            with database.read() as c:
                done += [_decided(c, row)[0] for row in some]
        else:
            with database.write() as c:
                done += [_brought_in(c, loaded, row, address, now) for row in some]
    return tuple(done)


def _not_closed(loaded: LoadedEdition, now: datetime) -> None:
    try:
        period_at(loaded.edition, now)
    except Refusal as refusal:
        if refusal.kind is CLOSED:
            raise


def _decided(c: Connection, row: Submission | Rejected) -> tuple[Imported, Entry | None]:
    """Decide what becomes of a row; changes nothing."""
    if isinstance(row, Rejected):
        told = (row.reason,)
        return Imported(row.line, row.number, row.title, row.outcome, None, "", told), None
    e = t.entries.c
    found = c.execute(
        select(e.id, e.source_sha256).where(e.source == SOURCE, e.source_number == row.number)
    ).first()
    if found is None:
        return _told(row, "begun", None), None
    entry = entries.find(c, found.id)
    if _hash(row.draft) == found.source_sha256:
        return _told(row, "unchanged", entry.id), entry
    if entry.state != "draft":
        note = Note(say("The entry is {state} by now; it stays as it is."), {"state": entry.state})
        return _told(row, "kept", entry.id, note), entry
    if _hash(entry.draft) != found.source_sha256:
        note = Note(say("The entrant has changed it since; it stays as it is."))
        return _told(row, "kept", entry.id, note), entry
    return _told(row, "updated", entry.id), entry


def _brought_in(
    c: Connection,
    loaded: LoadedEdition,
    row: Submission | Rejected,
    address: str,
    now: datetime,
) -> Imported:
    decided, entry = _decided(c, row)
    if isinstance(row, Rejected) or decided.outcome not in ("begun", "updated"):
        return decided
    if entry is None:
        owner = _account(c, row, now)
        entry = entries.begin(c, loaded, owner, row.draft, now, (SOURCE, row.number))
        words: dict[str, letters.Word] = {
            "edition": loaded.edition.name,
            "title": entry.title,
            "number": row.number,
            "link": address,
        }
        letters.queue(c, owner, "imported", words, now)
    else:
        entries.change(c, loaded, entry, entry.version, _whole(row.draft), now)
    c.execute(
        update(t.entries).where(t.entries.c.id == entry.id).values(source_sha256=_hash(row.draft))
    )
    return _told(row, decided.outcome, entry.id)


def _account(c: Connection, row: Submission, now: datetime) -> str:
    """Return who holds the submitter's address, or open an account that waits for its owner."""
    a = t.accounts.c
    key = email_key(row.email)
    known = c.execute(select(a.id).where(a.email_key == key)).scalar_one_or_none()
    if known is not None:
        return str(known)
    account = new_id()
    c.execute(
        insert(t.accounts).values(
            id=account,
            email=row.email,
            email_key=key,
            password_hash=None,
            name=row.name,
            language="en",
            admin=False,
            confirmed_at=None,
            created_at=now,
        )
    )
    return account


def _told(row: Submission, outcome: Outcome, entry: str | None, *notes: Note) -> Imported:
    return Imported(row.line, row.number, row.title, outcome, entry, row.fee, (*notes, *row.notes))


def _brought(draft: Draft) -> dict[str, Any]:
    """Return those sections of a draft that a file brings."""
    return {name: part for name, part in draft.plain().items() if name in _SECTIONS}


def _hash(draft: Draft) -> str:
    return sha256_hex(canonical(_brought(draft)))


def _whole(draft: Draft) -> Draft:
    """Return a change that sets every section of these, and takes away what is no more."""
    return Draft.model_validate(dict.fromkeys(_SECTIONS) | _brought(draft))
