"""Who sits on the jury: appointed to exactly one faction, known in all records by a pseudonym."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Connection, Row, insert, select, update

from festival_api import accounts, letters
from festival_api.editions import Edition
from festival_api.jury._refusals import (
    FACTION_FIXED,
    ONE_FACTION,
    UNKNOWN_FACTION,
    UNKNOWN_JUROR,
)
from festival_api.store import new_id
from festival_api.store import tables as t
from festival_api.texts import Body, Id32, Line, Whole


class Seat(Body):
    """A place on the jury."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"faction": "technology", "core": False, "capacity": 20, "company": "Neon Lab Ltd"}
            ]
        }
    )

    faction: Annotated[
        Line | tuple[Line, ...],
        Field(description="The one faction the juror belongs to.", examples=["technology"]),
    ] = ()
    core: Annotated[
        bool,
        Field(strict=True, description="Whether the juror is of the core committee of stage 3."),
    ] = False
    capacity: Annotated[
        Whole | None, Field(le=100_000, description="Most works in one stage; no limit without it.")
    ] = None
    company: Annotated[
        Line, Field(description="Where the juror works; for finding conflicts of interest.")
    ] = ""


class JurorView(BaseModel):
    """A juror, as the office and auditors see one.

    The pseudonym is told to auditors alone: whoever hands out the work need not know whose opinion
    is whose.
    """

    model_config = ConfigDict(
        frozen=True,
        json_schema_extra={
            "examples": [
                {
                    "juror": "5d41402abc4b2a76b9719d911017c592",
                    "name": "Lam Siu-ming",
                    "faction": "technology",
                    "core": False,
                    "capacity": 20,
                    "company": "Neon Lab Ltd",
                    "pseudonym": None,
                    "appointed_at": "2026-04-02T09:30:00Z",
                    "retired_at": None,
                }
            ]
        },
    )

    juror: Id32
    name: str | None
    faction: str
    core: bool
    capacity: int | None
    company: str | None
    pseudonym: str | None
    appointed_at: datetime
    retired_at: datetime | None


class JuryMember(BaseModel):
    """A juror, as everybody sees one."""

    model_config = ConfigDict(
        frozen=True,
        json_schema_extra={
            "examples": [
                {
                    "juror": "5d41402abc4b2a76b9719d911017c592",
                    "name": "Lam Siu-ming",
                    "faction": "technology",
                    "core": False,
                }
            ]
        },
    )

    juror: Id32
    name: str | None
    faction: str
    core: bool


def appoint(c: Connection, edition: Edition, account: str, seat: Seat, now: datetime) -> JurorView:
    """Give an account a seat on the jury, or change the seat it has.

    Of a seat that is held, what `seat` does not say stays: core, capacity, company. A change of
    faction ends what the juror was assigned, since it was drawn for the other one.

    Raises
    ------
    Refusal
        `one_faction`, `unknown_faction`, `unknown_account`, `role_conflict`
        (office and auditors do not judge), `faction_fixed` (once an opinion is submitted).
    """
    faction = _one_faction(edition, seat.faction)
    _require_confirmed(c, account)
    accounts.refuse_conflicting_roles(c, edition.id, account)
    j = t.jurors.c
    here = (j.edition == edition.id, j.account == account)
    before = c.execute(select(t.jurors).where(*here)).first()
    chosen = {
        "faction": faction,
        "core": seat.core,
        "capacity": seat.capacity,
        "company": seat.company or None,
    }
    if before is None:
        c.execute(
            insert(t.jurors).values(
                edition=edition.id,
                account=account,
                # Random: whoever knows the account learns nothing from it.
                pseudonym=f"juror-{new_id()[:12]}",
                appointed_at=now,
                **chosen,
            )
        )
    else:
        if before.faction != faction:
            _require_no_opinion(c, before)
            end_unfinished(c, edition.id, account, "the juror changed to another faction", now)
        if before.retired_at is None:
            said = seat.model_fields_set | {"faction"}
            chosen = {name: value for name, value in chosen.items() if name in said}
        c.execute(update(t.jurors).where(*here).values(retired_at=None, **chosen))
    if before is None or before.retired_at is not None:
        title = next(f.name for f in edition.factions if f.id == faction)
        words = {"edition": edition.name, "faction": title}
        letters.queue(c, account, "juror_appointed", words, now)
    return next(view for view in jurors(c, edition.id, pseudonyms=False) if view.juror == account)


def retire(c: Connection, edition: str, account: str, now: datetime) -> None:
    """End a juror's seat: what is unfinished ends with it, submitted opinions stay and count.

    Does nothing where there is no such juror, or no longer.
    """
    j = t.jurors.c
    retired = c.execute(
        update(t.jurors)
        .where(j.edition == edition, j.account == account, j.retired_at.is_(None))
        .values(retired_at=now)
    )
    if retired.rowcount:
        end_unfinished(c, edition, account, "the juror retired", now)


def end_unfinished(c: Connection, edition: str, juror: str, why: str, now: datetime) -> None:
    """End a juror's assignments to all works on which they have no opinion that counts."""
    a, o = t.assignments.c, t.opinions.c
    counts = (
        select(o.entry)
        .where(
            o.edition == a.edition,
            o.stage == a.stage,
            o.entry == a.entry,
            o.juror == a.juror,
            o.submitted_at.is_not(None),
            o.void_at.is_(None),
        )
        .exists()
    )
    c.execute(
        update(t.assignments)
        .where(a.edition == edition, a.juror == juror, a.ended_at.is_(None), ~counts)
        .values(ended_at=now, ended_why=why)
    )


def jurors(c: Connection, edition: str, *, pseudonyms: bool) -> list[JurorView]:
    """Return all jurors of an edition, retired ones as well, by faction and name."""
    return [
        JurorView(
            juror=row.account,
            name=row.name,
            faction=row.faction,
            core=row.core,
            capacity=row.capacity,
            company=row.company,
            pseudonym=row.pseudonym if pseudonyms else None,
            appointed_at=row.appointed_at,
            retired_at=row.retired_at,
        )
        for row in _rows(c, edition)
    ]


def members(c: Connection, edition: str) -> list[JuryMember]:
    """Return who sits on the jury, by faction and name, for everybody to read."""
    return [
        JuryMember(juror=row.account, name=row.name, faction=row.faction, core=row.core)
        for row in _rows(c, edition)
        if row.retired_at is None
    ]


def require_seat(c: Connection, edition: str, account: str) -> Row[Any]:
    """Return the row of a juror who has not retired.

    Raises
    ------
    Refusal
        `unknown_juror`.
    """
    j = t.jurors.c
    row = c.execute(
        select(t.jurors).where(j.edition == edition, j.account == account, j.retired_at.is_(None))
    ).first()
    if row is None:
        raise UNKNOWN_JUROR()
    return row


def _rows(c: Connection, edition: str) -> list[Row[Any]]:
    j, a = t.jurors.c, t.accounts.c
    rows = c.execute(
        select(t.jurors, a.name)
        .join_from(t.jurors, t.accounts, j.account == a.id)
        .where(j.edition == edition)
    )
    # Not by the database: each has its own alphabet.
    return sorted(rows, key=lambda row: (row.faction, row.name or "", row.account))


def _one_faction(edition: Edition, named: str | tuple[str, ...]) -> str:
    allowed = [faction.id for faction in edition.factions]
    names = (named,) if isinstance(named, str) else named
    if len(names) != 1:
        raise ONE_FACTION({"allowed": allowed}, count=len(names), allowed=", ".join(allowed))
    if names[0] not in allowed:
        raise UNKNOWN_FACTION({"allowed": allowed}, faction=names[0], allowed=", ".join(allowed))
    return names[0]


def _require_confirmed(c: Connection, account: str) -> None:
    a = t.accounts.c
    confirmed = select(a.id).where(
        a.id == account, a.confirmed_at.is_not(None), a.erased_at.is_(None)
    )
    if c.execute(confirmed).first() is None:
        raise accounts.UNKNOWN_ACCOUNT()


def _require_no_opinion(c: Connection, juror: Row[Any]) -> None:
    o = t.opinions.c
    submitted = c.execute(
        select(o.entry)
        .where(o.edition == juror.edition, o.juror == juror.account, o.submitted_at.is_not(None))
        .limit(1)
    ).first()
    if submitted is not None:
        raise FACTION_FIXED(faction=juror.faction)
