"""Who judges which work: drawn by lot, added by hand, ended with a reason."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict
from sqlalchemy import Connection, func, insert, select, update

from festival_api import letters, scoring
from festival_api.editions import Edition
from festival_api.jury._conflicts import Pair, active
from festival_api.jury._finding import find_conflicts, kinds_between
from festival_api.jury._jurors import require_seat
from festival_api.jury._refusals import (
    CONFLICT_OF_INTEREST,
    FACTION_NOT_IN_STAGE,
    NOT_IN_STAGE,
    OPINION_SUBMITTED,
    REASON_REQUIRED,
    UNKNOWN_ASSIGNMENT,
)
from festival_api.jury._stage_rules import StageRules, require_open, stage_rules
from festival_api.store import tables as t
from festival_api.texts import Id32


class ShortfallView(BaseModel):
    """Jurors that a work could not be given, who of them has a conflict, and who is full."""

    model_config = ConfigDict(
        frozen=True,
        json_schema_extra={
            "examples": [
                {
                    "entry": "7b8b965ad4bca0e41ab51de7b31363a1",
                    "faction": "ethics",
                    "missing": 1,
                    "conflicted": ["5d41402abc4b2a76b9719d911017c592"],
                    "full": [],
                }
            ]
        },
    )

    entry: Id32
    faction: str | None
    missing: int
    conflicted: tuple[Id32, ...]
    full: tuple[Id32, ...]


class Drawn(BaseModel):
    """What a draw gave.

    Attributes
    ----------
    made : int
        New assignments.
    connected : bool
        Whether works and jurors hang together, so that scores can be adjusted.
    """

    model_config = ConfigDict(
        frozen=True,
        json_schema_extra={
            "examples": [
                {"seed": "dawn of day 3", "made": 720, "connected": True, "shortfalls": []}
            ]
        },
    )

    seed: str
    made: int
    connected: bool
    shortfalls: tuple[ShortfallView, ...]


def assign_stage(
    c: Connection, edition: Edition, stage: int, seed: str, by: str | None, now: datetime
) -> Drawn:
    """Give every work of an open stage the jurors that it lacks; conflicts are looked for first.

    What is assigned stays. A pair that was ended, for whatever reason, is not drawn again.

    Parameters
    ----------
    seed : str
        Decides the lots; recorded.
    by : str or None
        The account that asks for it.

    Raises
    ------
    Refusal
        `unknown_stage`, `stage_not_open`, `stopped`.
    """
    rules = stage_rules(edition, stage)
    require_open(c, edition.id, stage)
    works = works_of(c, edition.id, rules)
    find_conflicts(c, edition.id, works, now)
    pool = _pool(c, edition, stage, rules, works)
    drawn = scoring.assign(
        works,
        pool.jurors,
        pool.barred,
        pool.existing,
        rules.per_work,
        rules.per_faction,
        seed.encode(),
    )
    _insert(c, edition, stage, drawn.added, _Made("drawn", seed, by, now))
    return Drawn(
        seed=seed,
        made=len(drawn.added),
        connected=drawn.connected,
        shortfalls=tuple(_shortfall(one) for one in drawn.shortfalls),
    )


def assign_extra(
    c: Connection,
    edition: Edition,
    stage: int,
    entry: str,
    seed: str,
    by: str | None,
    now: datetime,
) -> ShortfallView | None:
    """Give one work one juror more than it needs, such as for a tie; say why where there is none.

    Raises
    ------
    Refusal
        `unknown_stage`, `stage_not_open`, `stopped`, `not_in_stage`.
    """
    rules = stage_rules(edition, stage)
    require_open(c, edition.id, stage)
    works = works_of(c, edition.id, rules)
    if entry not in works:
        raise NOT_IN_STAGE(entry=entry, stage=stage)
    find_conflicts(c, edition.id, works, now)
    pool = _pool(c, edition, stage, rules, works)
    chosen = scoring.pick_extra(entry, pool.jurors, pool.barred, pool.existing, seed.encode())
    if not isinstance(chosen, str):
        return _shortfall(chosen)
    _insert(c, edition, stage, [(chosen, entry)], _Made("extra", seed, by, now))
    return None


def assign_one(
    c: Connection, edition: Edition, stage: int, pair: Pair, by: str, now: datetime
) -> None:
    """Assign one juror to one work by hand; nothing happens where it is so already.

    Raises
    ------
    Refusal
        `unknown_stage`, `stage_not_open`, `stopped`, `unknown_juror`, `faction_not_in_stage`,
        `not_in_stage`, `conflict_of_interest`.
    """
    rules = stage_rules(edition, stage)
    require_open(c, edition.id, stage)
    juror, entry = pair
    seat = require_seat(c, edition.id, juror)
    require_faction(rules, stage, seat.faction)
    if entry not in works_of(c, edition.id, rules):
        raise NOT_IN_STAGE(entry=entry, stage=stage)
    if kinds := kinds_between(c, edition.id, pair):
        raise CONFLICT_OF_INTEREST({"kinds": kinds}, kinds=", ".join(kinds))
    if not is_assigned(c, edition.id, stage, pair):
        query = select(func.max(t.assignments.c.turn)).where(*_at(edition.id, stage, pair))
        turn = (c.execute(query).scalar() or 0) + 1
        _insert(c, edition, stage, [pair], _Made("by_hand", None, by, now), turn)


def end_assignment(
    c: Connection, edition: Edition, stage: int, pair: Pair, reason: str, now: datetime
) -> None:
    """End an assignment: the office's word, or the juror's own abstention.

    Raises
    ------
    Refusal
        `unknown_stage`, `stage_not_open`, `stopped`, `unknown_assignment`, `reason_required`;
        `opinion_submitted`, since nobody but a conflict of interest takes an opinion out of the
        count.
    """
    stage_rules(edition, stage)
    require_open(c, edition.id, stage)
    if not is_assigned(c, edition.id, stage, pair):
        raise UNKNOWN_ASSIGNMENT()
    if not reason:
        raise REASON_REQUIRED({"where": ["reason"]}, what="reason")
    if has_submitted(c, edition.id, stage, pair):
        raise OPINION_SUBMITTED()
    c.execute(
        update(t.assignments)
        .where(*_at(edition.id, stage, pair), t.assignments.c.ended_at.is_(None))
        .values(ended_at=now, ended_why=reason)
    )


def is_assigned(c: Connection, edition: str, stage: int, pair: Pair) -> bool:
    """Tell whether a juror is assigned to a work in a stage."""
    a = t.assignments.c
    query = select(a.turn).where(*_at(edition, stage, pair), a.ended_at.is_(None))
    return c.execute(query).first() is not None


def has_submitted(c: Connection, edition: str, stage: int, pair: Pair) -> bool:
    """Tell whether a juror has submitted an opinion on a work in a stage, and it is not void."""
    o, (juror, entry) = t.opinions.c, pair
    counts = select(o.revision).where(
        o.edition == edition,
        o.stage == stage,
        o.juror == juror,
        o.entry == entry,
        o.submitted_at.is_not(None),
        o.void_at.is_(None),
    )
    return c.execute(counts.limit(1)).first() is not None


def works_of(c: Connection, edition: str, rules: StageRules) -> list[str]:
    """Return the entries that take part in a stage now."""
    e = t.entries.c
    query = select(e.id).where(e.edition == edition, e.state == rules.entry_state)
    return list(c.execute(query.order_by(e.id)).scalars())


def require_faction(rules: StageRules, stage: int, faction: str) -> None:
    """Let pass a faction that takes part in a stage.

    Raises
    ------
    Refusal
        `faction_not_in_stage`.
    """
    if faction not in rules.factions:
        raise FACTION_NOT_IN_STAGE(
            {"allowed": list(rules.factions)},
            faction=faction,
            stage=stage,
            allowed=", ".join(rules.factions),
        )


@dataclass(frozen=True, slots=True)
class _Pool:
    """Who can be drawn, and which pairs may not be or are already."""

    jurors: Mapping[str, scoring.Juror]
    barred: Set[Pair]
    existing: Set[Pair]


@dataclass(frozen=True, slots=True)
class _Made:
    """How an assignment came about."""

    why: Literal["drawn", "extra", "by_hand"]
    seed: str | None
    by: str | None
    at: datetime


def _pool(
    c: Connection, edition: Edition, stage: int, rules: StageRules, works: list[str]
) -> _Pool:
    a, j = t.assignments.c, t.jurors.c
    rows = c.execute(
        select(a.juror, a.entry, a.ended_at).where(a.edition == edition.id, a.stage == stage)
    ).all()
    running = {(row.juror, row.entry) for row in rows if row.ended_at is None}
    ended = {(row.juror, row.entry) for row in rows if row.ended_at is not None} - running
    taking_part = set(works)
    conflicted = active(c, edition.id)
    existing = {pair for pair in running if pair[1] in taking_part} - conflicted
    own = Counter(juror for juror, _ in existing)
    # Work done on entries that have left the stage was work all the same.
    gone = Counter(juror for juror, _ in running - existing)
    jurors = {}
    for row in c.execute(
        select(j.account, j.faction, j.capacity, j.retired_at).where(j.edition == edition.id)
    ):
        id_ = row.account
        if row.retired_at is None and row.faction in rules.factions:
            left = None if row.capacity is None else max(row.capacity - gone[id_], 0)
            jurors[id_] = scoring.Juror(row.faction, left)
        elif own[id_]:
            # Retired, or of another faction since: what is theirs stays, nothing is added.
            jurors[id_] = scoring.Juror(row.faction, 0)
    return _Pool(jurors=jurors, barred=ended | conflicted, existing=existing)


def _insert(
    c: Connection, edition: Edition, stage: int, pairs: Sequence[Pair], made: _Made, turn: int = 1
) -> None:
    """Assign pairs; drawn ones are on their first turn, since nothing that ended is drawn."""
    if not pairs:
        return
    alike = {
        "edition": edition.id,
        "stage": stage,
        "turn": turn,
        "why": made.why,
        "seed": made.seed,
        "made_at": made.at,
        "made_by": made.by,
    }
    rows = [{"juror": juror, "entry": entry, **alike} for juror, entry in pairs]
    c.execute(insert(t.assignments), rows)
    for juror, count in sorted(Counter(juror for juror, _ in pairs).items()):
        words: dict[str, letters.Word] = {
            "edition": edition.name,
            "stage": stage,
            "count": count,
        }
        letters.queue(c, juror, "assigned", words, made.at)


def _at(edition: str, stage: int, pair: Pair) -> tuple[Any, ...]:
    a, (juror, entry) = t.assignments.c, pair
    return a.edition == edition, a.stage == stage, a.juror == juror, a.entry == entry


def _shortfall(short: scoring.Shortfall) -> ShortfallView:
    return ShortfallView(
        entry=short.work,
        faction=short.faction,
        missing=short.missing,
        conflicted=short.conflicted,
        full=short.full,
    )
