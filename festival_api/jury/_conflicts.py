"""Conflicts of interest: declared by jurors, entrants and the office, or found by the service.

A conflict takes the work from the juror at once: the assignment ends, and what was submitted is
void, as long as the stage's results are not published. Void stays void, and nothing is deleted;
lifting a conflict lets the juror be assigned again.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict
from sqlalchemy import Connection, Row, Select, insert, select, update

from festival_api.jury._refusals import (
    LIFTED_ALREADY,
    OWN_WORK,
    REASON_REQUIRED,
    UNKNOWN_CONFLICT,
    UNKNOWN_JUROR,
    UNKNOWN_WORK,
)
from festival_api.jury._relations import (
    ConflictKind,
    Found,
)
from festival_api.store import new_id
from festival_api.store import tables as t
from festival_api.texts import Body, Id32, Prose

Pair = tuple[str, str]
"""A juror, and a work."""


class NewConflict(Body):
    """A conflict of interest as it is declared."""

    kind: ConflictKind
    note: Prose = ""


class ConflictView(BaseModel):
    """A conflict of interest as it is kept."""

    model_config = ConfigDict(
        frozen=True,
        json_schema_extra={
            "examples": [
                {
                    "id": "9e107d9d372bb6826bd81d3542a419d6",
                    "juror": "5d41402abc4b2a76b9719d911017c592",
                    "entry": "7b8b965ad4bca0e41ab51de7b31363a1",
                    "kind": "employer",
                    "note": "",
                    "declared_by": "service",
                    "declared_at": "2026-04-02T09:30:00Z",
                    "lifted_at": None,
                    "lifted_why": None,
                }
            ]
        },
    )

    id: Id32
    juror: Id32
    entry: Id32
    kind: ConflictKind
    note: str
    declared_by: Literal["juror", "entrant", "office", "service"]
    declared_at: datetime
    lifted_at: datetime | None
    lifted_why: str | None


def declare(
    c: Connection, edition: str, pair: Pair, new: NewConflict, by: str, now: datetime
) -> ConflictView:
    """Record a conflict, and take the work from the juror; the same one twice is one.

    Parameters
    ----------
    by : str
        The account that declares it.

    Raises
    ------
    Refusal
        `unknown_juror`.
    """
    juror, entry = pair
    j, k = t.jurors.c, t.conflicts.c
    if not c.execute(select(j.account).where(j.edition == edition, j.account == juror)).first():
        raise UNKNOWN_JUROR()
    id_ = c.execute(
        select(k.id).where(
            k.edition == edition,
            k.juror == juror,
            k.entry == entry,
            k.kind == new.kind,
            k.note == new.note,
            k.declared_by == by,
            k.lifted_at.is_(None),
        )
    ).scalar() or record(c, edition, pair, Found(new.kind, new.note), by, now)
    return _view(_row(c, edition, id_))


def declare_own(
    c: Connection, edition: str, pair: Pair, new: NewConflict, now: datetime
) -> ConflictView:
    """Record a conflict that a juror declares, with a work that was ever on the juror's desk.

    Raises
    ------
    Refusal
        `unknown_work`.
    """
    juror, entry = pair
    a = t.assignments.c
    ever = select(a.turn).where(a.edition == edition, a.juror == juror, a.entry == entry)
    if c.execute(ever).first() is None:
        raise UNKNOWN_WORK()
    return declare(c, edition, pair, new, juror, now)


def active(c: Connection, edition: str) -> set[Pair]:
    """Return all pairs between which a recorded conflict stands."""
    k = t.conflicts.c
    rows = c.execute(
        select(k.juror, k.entry).where(k.edition == edition, k.lifted_at.is_(None)).distinct()
    )
    return {(row.juror, row.entry) for row in rows}


def lift(
    c: Connection, edition: str, id_: str, reason: str, by: str, now: datetime
) -> ConflictView:
    """Lift a conflict; what it made void stays void.

    Raises
    ------
    Refusal
        `unknown_conflict`, `reason_required`, `lifted_already`; `own_work`, where the service
        itself found that the work is the juror's own.
    """
    row = _row(c, edition, id_)
    if not reason:
        raise REASON_REQUIRED({"where": ["reason"]}, what="reason")
    if row.lifted_at is not None:
        raise LIFTED_ALREADY()
    if row.kind == "own" and row.declared_by is None:
        raise OWN_WORK()
    c.execute(
        update(t.conflicts)
        .where(t.conflicts.c.id == id_)
        .values(lifted_at=now, lifted_why=reason, lifted_by=by)
    )
    return _view(_row(c, edition, id_))


def list_conflicts(
    c: Connection, edition: str, juror: str | None, entry: str | None, after: str, limit: int
) -> list[ConflictView]:
    """Return conflicts by id, from the one after `after`; of one juror, of one work, or all."""
    k = t.conflicts.c
    query = _selected().where(k.edition == edition, k.id > after).order_by(k.id).limit(limit)
    if juror is not None:
        query = query.where(k.juror == juror)
    if entry is not None:
        query = query.where(k.entry == entry)
    return [_view(row) for row in c.execute(query)]


def void_opinions(c: Connection, edition: str, pair: Pair, why: str, now: datetime) -> None:
    """Make void what a juror wrote about a work, in every stage whose results are not published."""
    juror, entry = pair
    o = t.opinions.c
    c.execute(
        update(t.opinions)
        .where(
            o.edition == edition,
            o.juror == juror,
            o.entry == entry,
            o.void_at.is_(None),
            o.stage.not_in(_published(edition)),
        )
        .values(void_at=now, void_why=why)
    )


def record(
    c: Connection, edition: str, pair: Pair, found: Found, by: str | None, now: datetime
) -> str:
    """Record a conflict, and take the work from the juror; return its id."""
    id_, (juror, entry) = new_id(), pair
    c.execute(
        insert(t.conflicts).values(
            id=id_,
            edition=edition,
            juror=juror,
            entry=entry,
            kind=found.kind,
            note=found.why,
            declared_by=by,
            declared_at=now,
        )
    )
    why = f"conflict of interest ({found.kind})"
    void_opinions(c, edition, pair, why, now)
    a = t.assignments.c
    c.execute(
        update(t.assignments)
        .where(
            a.edition == edition,
            a.juror == juror,
            a.entry == entry,
            a.ended_at.is_(None),
            a.stage.not_in(_published(edition)),
        )
        .values(ended_at=now, ended_why=why)
    )
    return id_


def _published(edition: str) -> Select[tuple[int]]:
    s = t.stages.c
    return select(s.stage).where(s.edition == edition, s.state == "published")


def _selected() -> Select[tuple[Any, ...]]:
    k, e = t.conflicts.c, t.entries.c
    return select(t.conflicts, e.owner).join_from(t.conflicts, t.entries, k.entry == e.id)


def _row(c: Connection, edition: str, id_: str) -> Row[Any]:
    k = t.conflicts.c
    row = c.execute(_selected().where(k.edition == edition, k.id == id_)).first()
    if row is None:
        raise UNKNOWN_CONFLICT()
    return row


def _view(row: Row[Any]) -> ConflictView:
    sides: dict[str | None, Literal["juror", "entrant", "service"]] = {
        None: "service",
        row.juror: "juror",
        row.owner: "entrant",
    }
    return ConflictView(
        id=row.id,
        juror=row.juror,
        entry=row.entry,
        kind=row.kind,
        note=row.note,
        declared_by=sides.get(row.declared_by, "office"),
        declared_at=row.declared_at,
        lifted_at=row.lifted_at,
        lifted_why=row.lifted_why,
    )
