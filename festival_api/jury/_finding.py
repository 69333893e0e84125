"""Conflicts of interest that nobody has to notice: looked for in what is known of jurors and works.

They are looked for before each draw and before a stage closes, which records them, and whenever a
juror reads or writes. A juror who is blind cannot know beforehand which works to keep away from,
and names persons, companies and domains instead. What is named stays named: could it be taken back,
trying names until a work leaves the desk would tell who made it.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection
from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Connection, case, insert, select

from festival_api.jury._conflicts import Pair, record
from festival_api.jury._relations import (
    ConflictKind,
    JurorParty,
    Relation,
    WorkParty,
    found_between,
    juror_party,
    work_party,
)
from festival_api.jury._works import newest_number
from festival_api.store import new_id
from festival_api.store import tables as t
from festival_api.texts import Body, Line


class NewRelation(Body):
    """Somebody or something that the juror is bound to."""

    kind: ConflictKind
    name: Annotated[Line, Field(min_length=2)] = Field(
        description="A person's or company's full name, an e-mail address or its domain.",
        examples=["Chan Tai Man", "hku.hk"],
    )


class RelationView(BaseModel):
    """A relation as it is kept."""

    model_config = ConfigDict(
        frozen=True,
        json_schema_extra={
            "examples": [
                {"kind": "family", "name": "Chan Tai Man", "declared_at": "2026-04-02T09:30:00Z"}
            ]
        },
    )

    kind: ConflictKind
    name: str
    declared_at: datetime


def declare_relation(
    c: Connection, edition: str, juror: str, new: NewRelation, now: datetime
) -> RelationView:
    """Keep whom or what a juror is bound to; works of theirs are the juror's no more."""
    known = [one for one in relations_of(c, edition, juror) if _same(one, new)]
    if known:
        return known[0]
    values = {"kind": new.kind, "name": new.name, "declared_at": now}
    c.execute(insert(t.relations).values(id=new_id(), edition=edition, juror=juror, **values))
    return RelationView.model_validate(values)


def relations_of(c: Connection, edition: str, juror: str) -> list[RelationView]:
    """Return what a juror declared, in that order."""
    r = t.relations.c
    query = select(r.kind, r.name, r.declared_at).where(r.edition == edition, r.juror == juror)
    return [
        RelationView.model_validate(row, from_attributes=True)
        for row in c.execute(query.order_by(r.declared_at, r.id))
    ]


def find_conflicts(
    c: Connection, edition: str, entries: Collection[str], now: datetime
) -> tuple[Pair, ...]:
    """Record every conflict that shows between the edition's jurors and these works.

    Returns
    -------
    tuple of pairs
        Those that are new.
    """
    k = t.conflicts.c
    known = {
        (row.juror, row.entry, row.kind, row.note)
        for row in c.execute(
            select(k.juror, k.entry, k.kind, k.note).where(
                k.edition == edition, k.declared_by.is_(None)
            )
        )
    }
    works, pairs = _work_parties(c, entries), []
    for juror, ours in _juror_parties(c, edition).items():
        for entry, theirs in works.items():
            for one in found_between(ours, theirs):
                if (juror, entry, one.kind, one.why) not in known:
                    record(c, edition, (juror, entry), one, None, now)
                    pairs.append((juror, entry))
    return tuple(pairs)


def kinds_between(c: Connection, edition: str, pair: Pair) -> tuple[str, ...]:
    """Return the kinds of conflict between a juror and a work: recorded ones and found ones."""
    juror, entry = pair
    return tuple(sorted(kinds_with(c, edition, juror, [entry]).get(entry, ())))


def kinds_with(
    c: Connection, edition: str, juror: str, entries: Collection[str]
) -> dict[str, set[str]]:
    """Return the works among `entries` with which a juror has a conflict, with its kinds."""
    k = t.conflicts.c
    kinds: defaultdict[str, set[str]] = defaultdict(set)
    lifted = set()
    for row in c.execute(select(t.conflicts).where(k.edition == edition, k.juror == juror)):
        if row.lifted_at is None:
            kinds[row.entry].add(row.kind)
        elif row.declared_by is None:
            lifted.add((row.entry, row.kind, row.note))
    works = _work_parties(c, entries)
    for ours in _juror_parties(c, edition, juror).values():
        for entry, theirs in works.items():
            for one in found_between(ours, theirs):
                if (entry, one.kind, one.why) not in lifted:
                    kinds[entry].add(one.kind)
    return {entry: kinds[entry] for entry in entries if kinds[entry]}


def _same(one: RelationView, new: NewRelation) -> bool:
    return (one.kind, one.name) == (new.kind, new.name)


def _juror_parties(c: Connection, edition: str, juror: str | None = None) -> dict[str, JurorParty]:
    j, a, r = t.jurors.c, t.accounts.c, t.relations.c
    query = (
        select(j.account, j.company, a.email)
        .join_from(t.jurors, t.accounts, j.account == a.id)
        .where(j.edition == edition)
    )
    told = select(r.juror, r.kind, r.name).where(r.edition == edition)
    if juror is not None:
        query, told = query.where(j.account == juror), told.where(r.juror == juror)
    relations: defaultdict[str, list[Relation]] = defaultdict(list)
    for row in c.execute(told):
        relations[row.juror].append(Relation(row.kind, row.name))
    return {
        row.account: juror_party(row.account, row.email, row.company, tuple(relations[row.account]))
        for row in c.execute(query)
    }


def _work_parties(c: Connection, entries: Collection[str]) -> dict[str, WorkParty]:
    e, a, s = t.entries.c, t.accounts.c, t.snapshots.c
    # An address that is not proven says nothing about who owns it.
    email = case((a.confirmed_at.is_not(None), a.email))
    query = (
        select(e.id, e.owner, email.label("email"), a.name, s.people)
        .join_from(t.entries, t.accounts, e.owner == a.id)
        .outerjoin(t.snapshots, (s.entry == e.id) & (s.number == newest_number()))
        .where(e.id.in_(list(entries)))
    )
    return {
        row.id: work_party(row.owner, row.email, row.name, json.loads(row.people or "{}"))
        for row in c.execute(query)
    }
