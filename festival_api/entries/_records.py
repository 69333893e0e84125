"""Entries as rows: begun, read by those who may, changed while they are drafts, thrown away."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Select,
    and_,
    delete,
    exists,
    insert,
    or_,
    select,
    update,
)

from festival_api.accounts import Actor
from festival_api.editions import CLOSED, UNKNOWN_CATEGORY, Edition, LoadedEdition, period_at
from festival_api.entries._draft import Draft, Title
from festival_api.entries._refusals import FINALISED_BEFORE, STALE, UNKNOWN_ENTRY
from festival_api.entries._states import require
from festival_api.refusals import Refusal
from festival_api.speech import Language
from festival_api.store import new_id
from festival_api.store import tables as t
from festival_api.texts import canonical

StudentProof = Literal["none", "waiting", "accepted", "refused"]


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry as it stands.

    Attributes
    ----------
    version : int
        Counts the draft's changes; who changes an older one is refused.
    draft : Draft
        As it is now; what was finalised lies in snapshots, which never change with it.
    student_proof : str
        Whether a student's proof was asked for, and what became of it.
    """

    id: str
    edition: str
    owner: str
    state: str
    version: int
    draft: Draft
    category: str | None
    student: bool
    student_proof: StudentProof
    created_at: datetime
    changed_at: datetime

    @property
    def title(self) -> dict[Language, str]:
        """What letters and lists call it: in each language, else in whichever there is."""
        given = self.draft.title or Title()
        names = [name for name in (given.en, given.original, given.zh_hant) if name]
        either = names[0] if names else "—"
        return {"en": given.en or either, "zh-Hant": given.zh_hant or either}


def begin(
    c: Connection,
    loaded: LoadedEdition,
    owner: str,
    draft: Draft,
    now: datetime,
    source: tuple[str, str] | None = None,
) -> Entry:
    """Begin an entry. Drafts can be prepared before entries open.

    Parameters
    ----------
    source : tuple of str, optional
        Where the entry was brought from, and its number there.

    Raises
    ------
    Refusal
        `closed` when entries have closed, `unknown_category`.
    """
    _not_closed(loaded.edition, now)
    _known_category(loaded.edition, draft)
    entry = Entry(
        id=new_id(),
        edition=loaded.edition.id,
        owner=owner,
        state="draft",
        version=1,
        draft=draft,
        category=draft.category,
        student=bool(draft.student),
        student_proof="none",
        created_at=now,
        changed_at=now,
    )
    origin, number = source or (None, None)
    values = {name: getattr(entry, name) for name in Entry.__slots__ if name != "draft"}
    c.execute(
        insert(t.entries).values(
            **values, draft=canonical(draft.plain()), source=origin, source_number=number
        )
    )
    return entry


def find(c: Connection, entry_id: str) -> Entry:
    """Return an entry, for whom the caller knows may see it.

    Raises
    ------
    Refusal
        `unknown_entry`.
    """
    row = c.execute(select(t.entries).where(t.entries.c.id == entry_id)).first()
    if row is None:
        raise UNKNOWN_ENTRY()
    return _entry_of(row)


def of_owner(c: Connection, entry_id: str, actor: Actor) -> Entry:
    """Return an entry of `actor`'s own.

    Raises
    ------
    Refusal
        `unknown_entry`, also for an entry of somebody else; `not_confirmed`.
    """
    actor.require_confirmed()
    entry = find(c, entry_id)
    if entry.owner != actor.account:
        raise UNKNOWN_ENTRY()
    return entry


def seen_by(c: Connection, entry_id: str, actor: Actor) -> Entry:
    """Return an entry that `actor` may see: its owner; once it was finalised, office and auditor.

    Raises
    ------
    Refusal
        `unknown_entry`, also for an entry that is not theirs to see; `not_confirmed`.
    """
    actor.require_confirmed()
    entry = find(c, entry_id)
    if entry.owner == actor.account:
        return entry
    if actor.has(entry.edition, "office", "auditor") and _finalised_once(c, entry_id):
        return entry
    raise UNKNOWN_ENTRY()


def own(
    c: Connection, account: str, edition: str | None, after: str | None, limit: int
) -> tuple[Entry, ...]:
    """Return an account's entries, the first begun first, from behind the entry `after`."""
    e = t.entries.c
    asked = select(t.entries).where(e.owner == account)
    if edition is not None:
        asked = asked.where(e.edition == edition)
    return _page(c, asked, e.owner == account, after, limit)


def finalised_in(
    c: Connection,
    edition: str,
    after: str | None,
    limit: int,
    *,
    state: str | None = None,
    category: str | None = None,
) -> tuple[Entry, ...]:
    """Return an edition's entries that were finalised at least once, the first begun first."""
    e = t.entries.c
    asked = select(t.entries).where(e.edition == edition, _has_snapshot())
    if state is not None:
        asked = asked.where(e.state == state)
    if category is not None:
        asked = asked.where(e.category == category)
    return _page(c, asked, e.edition == edition, after, limit)


def _page(
    c: Connection,
    asked: Select[Any],
    theirs: ColumnElement[bool],
    after: str | None,
    limit: int,
) -> tuple[Entry, ...]:
    """Return at most `limit` entries from behind the entry `after`.

    None where that is not among `theirs`: otherwise the page would tell when it was begun.
    """
    e = t.entries.c
    if after is not None:
        last = c.execute(select(e.created_at, e.id).where(e.id == after, theirs)).first()
        if last is None:
            return ()
        later = e.created_at > last.created_at
        asked = asked.where(or_(later, and_(e.created_at == last.created_at, e.id > last.id)))
    rows: Sequence[Row[*tuple[Any, ...]]] = c.execute(
        asked.order_by(e.created_at, e.id).limit(limit)
    ).all()
    return tuple(_entry_of(row) for row in rows)


def change(
    c: Connection, loaded: LoadedEdition, entry: Entry, version: int, sections: Draft, now: datetime
) -> Entry:
    """Change the sections of a draft that `sections` was given.

    Raises
    ------
    Refusal
        `wrong_state`, `stale`, `unknown_category`.
    """
    require(entry.state, "edit")
    if version != entry.version:
        raise STALE({"version": entry.version}, version=entry.version)
    draft = entry.draft.with_(sections)
    _known_category(loaded.edition, draft)
    c.execute(
        update(t.entries)
        .where(t.entries.c.id == entry.id)
        .values(
            draft=canonical(draft.plain()),
            version=version + 1,
            category=draft.category,
            student=bool(draft.student),
            changed_at=now,
        )
    )
    return find(c, entry.id)


def discard(c: Connection, entry: Entry) -> None:
    """Throw away a draft that was never finalised, with its offers; its uploads are deleted before.

    Raises
    ------
    Refusal
        `wrong_state`, `finalised_before`.
    """
    require(entry.state, "discard")
    if _finalised_once(c, entry.id):
        raise FINALISED_BEFORE()
    c.execute(delete(t.files).where(t.files.c.entry == entry.id, t.files.c.state == "deleted"))
    c.execute(delete(t.quotes).where(t.quotes.c.entry == entry.id))
    c.execute(delete(t.entries).where(t.entries.c.id == entry.id))


def _entry_of(row: Row[*tuple[Any, ...]]) -> Entry:
    """Read a row of the table of entries."""
    values = {name: getattr(row, name) for name in Entry.__slots__}
    return Entry(**{**values, "draft": Draft.model_validate_json(row.draft)})


def _has_snapshot() -> Any:
    return exists().where(t.snapshots.c.entry == t.entries.c.id)


def _finalised_once(c: Connection, entry_id: str) -> bool:
    s = t.snapshots.c
    return c.execute(select(s.number).where(s.entry == entry_id).limit(1)).first() is not None


def _not_closed(edition: Edition, now: datetime) -> None:
    try:
        period_at(edition, now)
    except Refusal as refusal:
        if refusal.kind is CLOSED:
            raise


def _known_category(edition: Edition, draft: Draft) -> None:
    if draft.category and edition.category(draft.category) is None:
        known = [one.id for one in edition.categories]
        raise UNKNOWN_CATEGORY(
            {"categories": known}, category=draft.category, categories=", ".join(known)
        )
