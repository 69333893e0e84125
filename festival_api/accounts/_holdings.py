"""What is held about a person: one table, from which the export and its description are made.

A row is a person's when a column names the account, or when it belongs to an entry or a payment of
the person's. Of such a row they get what is about them: never the identifiers of other people, nor
their words, nor what is sealed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from sqlalchemy import Connection, Row, Table, or_, select

from festival_api.store import tables as t

Record = dict[str, str | int | bool | None]


@dataclass(frozen=True, slots=True)
class Holding:
    """One table's part of what is held.

    Attributes
    ----------
    table : Table
        Its name is the member of the export.
    what : str
        One sentence for people.
    person : tuple of str
        Columns that name an account.
    shown : str
        Names of the columns that are given out, with spaces between.
    through : {"entry", "payment"}, optional
        Rows of the person's entries or payments count too.
    words : mapping of str to str
        Columns with somebody's words, each with the column that names who wrote them: only the
        writer gets them.
    """

    table: Table
    what: str
    person: tuple[str, ...]
    shown: str
    through: Literal["entry", "payment"] | None = None
    words: Mapping[str, str] = field(default_factory=dict)


HOLDINGS: tuple[Holding, ...] = (
    Holding(
        t.accounts,
        "The account itself. Of the password only a hash is kept, and not given out.",
        ("id",),
        "id email name language admin created_at confirmed_at",
    ),
    Holding(
        t.sessions,
        "Where you are signed in. Of a session's token only a hash is kept.",
        ("account",),
        "created_at expires_at",
    ),
    Holding(
        t.tokens,
        "Codes that were sent to you by letter. Only their hashes are kept.",
        ("account",),
        "purpose email sent_at expires_at used_at",
    ),
    Holding(
        t.letters,
        "Letters to you. Address, subject and text of a letter are deleted once it is sent.",
        ("account",),
        "kind recipient language subject queued_at sent_at tries",
    ),
    Holding(
        t.roles,
        "Roles that you hold, or that you gave to others.",
        ("account", "granted_by"),
        "edition role granted_at",
    ),
    Holding(
        t.entries,
        "Your entries, with their drafts as JSON.",
        ("owner",),
        "id edition state version draft category student student_proof source source_number"
        " source_sha256 created_at changed_at",
    ),
    Holding(
        t.entry_events,
        "What happened to your entries, and what you did to entries.",
        ("actor",),
        "entry action before after reason at",
        through="entry",
    ),
    Holding(
        t.snapshots,
        "What your entries were when you completed them: `sha256` is that of `content` as it"
        " stands here, and the"
        " hash of the people in it is that of `people_salt` followed by `people`.",
        (),
        "entry number sha256 content people people_salt edition_sha256 made_at",
        through="entry",
    ),
    Holding(
        t.files,
        "Files of your entries. The bytes are at `/api/files/` and the id.",
        (),
        "id entry kind name media_type size sha256 state created_at completed_at",
        through="entry",
    ),
    Holding(
        t.quotes,
        "Prices that your entries were offered. Amounts are in the currency's smallest unit.",
        (),
        "id entry number edition_sha256 category fee_class student period support factor_numerator"
        " factor_denominator"
        " base amount currency made_at expires_at locked_at",
        through="entry",
    ),
    Holding(
        t.payments,
        "Payments for your entries. Cards and accounts are known to the provider only.",
        (),
        "id entry quote provider provider_id provider_payment amount currency refunded state"
        " started_at settled_at",
        through="entry",
    ),
    Holding(
        t.payment_events,
        "What the provider told about your payments.",
        (),
        "provider event_id kind payment outcome received_at",
        through="payment",
    ),
    Holding(
        t.refunds,
        "Refunds of your payments, and refunds that you asked for as the festival's office.",
        ("asked_by",),
        "id payment amount reason state asked_at done_at",
        through="payment",
    ),
    Holding(
        t.jurors,
        "Your seats on juries, with the name under which others read your opinions.",
        ("account",),
        "edition faction core capacity pseudonym company appointed_at retired_at",
    ),
    Holding(
        t.conflicts,
        "Conflicts of interest: yours as a juror, and those that you declared or lifted.",
        ("juror", "declared_by", "lifted_by"),
        "edition entry kind note declared_at lifted_at lifted_why",
        words={"note": "declared_by", "lifted_why": "lifted_by"},
    ),
    Holding(
        t.assignments,
        "Works that were assigned to you as a juror, or that you assigned to others.",
        ("juror", "made_by"),
        "edition stage entry turn why made_at ended_at",
    ),
    Holding(
        t.opinions,
        "Your verdicts and reviews as a juror, every revision.",
        ("juror",),
        "edition stage entry revision content note reason saved_at submitted_at void_at",
    ),
    Holding(
        t.hearings,
        "Viewings and defences that you recorded.",
        ("recorded_by",),
        "edition entry kind note held_at recorded_at replaces reason",
    ),
    Holding(
        t.attendances, "Viewings and defences that you attended as a juror.", ("juror",), "hearing"
    ),
    Holding(t.ballots, "Your ballots as a juror.", ("juror",), "edition award round entry cast_at"),
    Holding(
        t.relations,
        "Whom and what you named, as a juror, that you are bound to.",
        ("juror",),
        "edition kind name declared_at",
    ),
    Holding(
        t.stage_events,
        "What you did with the stages of judging: opened, closed, opened again, published.",
        ("actor",),
        "edition stage action reason at",
    ),
    Holding(
        t.decisions,
        "Decisions that you had worked out or recorded; what was decided stands in the festival's"
        " minutes.",
        ("made_by",),
        "edition stage kind subject made_at",
    ),
)


def export(c: Connection, account: str) -> dict[str, list[Record]]:
    """Return everything that is held about a person, by table.

    Each record says under `as` in which columns the account is named.
    """
    return {holding.table.name: _records(c, holding, account) for holding in HOLDINGS}


def _records(c: Connection, holding: Holding, account: str) -> list[Record]:
    columns = holding.table.c
    theirs = [columns[name] == account for name in holding.person]
    entries = select(t.entries.c.id).where(t.entries.c.owner == account)
    if holding.through == "entry":
        theirs.append(columns.entry.in_(entries))
    elif holding.through == "payment":
        payments = select(t.payments.c.id).where(t.payments.c.entry.in_(entries))
        theirs.append(columns.payment.in_(payments))
    rows = c.execute(select(holding.table).where(or_(*theirs)).order_by(*holding.table.primary_key))
    return [_record(holding, row, account) for row in rows]


def _record(holding: Holding, row: Row[tuple[object, ...]], account: str) -> Record:
    named = [name for name in holding.person if getattr(row, name) == account]
    record: Record = {"as": " ".join(named) or "owner"}
    for name in holding.shown.split():
        value = getattr(row, name)
        hidden = name in holding.words and holding.words[name] not in named
        record[name] = (
            None if hidden else value.isoformat() if isinstance(value, datetime) else value
        )
    return record
