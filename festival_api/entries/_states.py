"""Where an entry stands, and what can be done with it there: one table that everybody asks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from sqlalchemy import Connection, insert, select, update

from festival_api.entries._money import held
from festival_api.entries._refusals import HELD, UNKNOWN_ENTRY, WRONG_STATE
from festival_api.store import tables as t

Asker = Literal["owner", "office", "service"]


@dataclass(frozen=True, slots=True)
class Move:
    """One row of the table.

    Attributes
    ----------
    before : tuple of str
        States that it is taken from.
    after : str
        State that it leads to.
    by : str
        Who asks for it; "service" moves entries on its own account, such as on publishing a stage.
    """

    before: tuple[str, ...]
    after: str
    by: Asker


IN_COMPETITION: Final = (
    "submitted",
    "in_recognition",
    "recognised",
    "in_evaluation",
    "finalist",
)
"""States of an entry that is paid for and neither out nor gone."""

LIVE: Final = ("draft", "finalised", "lapsed", *IN_COMPETITION)
"""States of an entry that may still get somewhere."""

MOVES: Final[dict[str, Move]] = {
    "finalise": Move(("draft",), "finalised", "owner"),
    "reopen": Move(("finalised", "lapsed"), "draft", "owner"),
    "withdraw": Move(LIVE, "withdrawn", "owner"),
    "accept_free": Move(("finalised",), "submitted", "office"),
    "disqualify": Move(IN_COMPETITION, "disqualified", "office"),
    # A provider may tell of a payment after the quote has lapsed: who paid on time has paid.
    "pay": Move(("finalised", "lapsed"), "submitted", "service"),
    "lapse": Move(("finalised",), "lapsed", "service"),
    "open_recognition": Move(("submitted",), "in_recognition", "service"),
    "recognise": Move(("in_recognition",), "recognised", "service"),
    "refuse_recognition": Move(("in_recognition",), "not_recognised", "service"),
    "open_evaluation": Move(("recognised",), "in_evaluation", "service"),
    "select": Move(("in_evaluation",), "finalist", "service"),
    "pass_over": Move(("in_evaluation",), "not_selected", "service"),
}

# What changes an entry without moving it: asked for by the same people, and refused in the same
# words.
_STAYING: Final[dict[str, Move]] = {
    "edit": Move(("draft",), "draft", "owner"),
    "discard": Move(("draft",), "draft", "owner"),
    "decide_student_proof": Move(("submitted",), "submitted", "office"),
}

STATES: Final = tuple(dict.fromkeys([*LIVE, *(move.after for move in MOVES.values())]))


def allowed(state: str, by: Asker) -> list[str]:
    """Return what `by` can do with an entry that stands at `state`."""
    return [name for name, m in (MOVES | _STAYING).items() if m.by == by and state in m.before]


def require(state: str, action: str) -> Move:
    """Return the table's row for `action`, if it can be taken from `state`.

    Raises
    ------
    Refusal
        `wrong_state`, with what the same asker can do instead.
    """
    move = (MOVES | _STAYING)[action]
    if state not in move.before:
        facts = {"state": state, "action": action, "allowed": allowed(state, move.by)}
        raise WRONG_STATE(facts, state=state, action=action)
    return move


def move(
    c: Connection,
    entry_id: str,
    action: str,
    actor: str | None,
    now: datetime,
    reason: str = "",
) -> str:
    """Move an entry, and write down that it was moved.

    Parameters
    ----------
    c : Connection
        Of a writing transaction.
    action : str
        Of `MOVES`; whether `actor` may ask for it is the caller's to know.
    actor : str or None
        Account; None for the service.

    Returns
    -------
    str
        Where the entry stands now.

    Raises
    ------
    Refusal
        `unknown_entry`, `wrong_state`; `entry_held` when it would go before the jury with its
        student proof or fee unsettled.
    """
    e = t.entries.c
    state = c.execute(select(e.state).where(e.id == entry_id)).scalar_one_or_none()
    if state is None:
        raise UNKNOWN_ENTRY()
    after = require(state, action).after
    if action == "open_recognition" and (why := held(c, entry_id)):
        raise HELD({"why": why})
    c.execute(update(t.entries).where(e.id == entry_id).values(state=after, changed_at=now))
    c.execute(
        insert(t.entry_events).values(
            entry=entry_id,
            action=action,
            before=state,
            after=after,
            reason=reason,
            actor=actor,
            at=now,
        )
    )
    return after


@dataclass(frozen=True, slots=True)
class Event:
    """One move that was made; `by` says whose it was without naming the account."""

    action: str
    before: str
    after: str
    by: Asker
    reason: str
    at: datetime


def history(c: Connection, entry_id: str) -> tuple[Event, ...]:
    """Return every move of an entry, in order."""
    v = t.entry_events.c
    rows = c.execute(
        select(v.action, v.before, v.after, v.reason, v.at)
        .where(v.entry == entry_id)
        .order_by(v.number)
    )
    return tuple(
        Event(row.action, row.before, row.after, MOVES[row.action].by, row.reason, row.at)
        for row in rows
    )


def states_as_mermaid() -> str:
    """Draw the table as a Mermaid state diagram."""
    lines = ["stateDiagram-v2", "  [*] --> draft"]
    for name, row in MOVES.items():
        lines += [f"  {before} --> {row.after}: {name} ({row.by})" for before in row.before]
    left = {before for row in MOVES.values() for before in row.before}
    lines += [f"  {state} --> [*]" for state in STATES if state not in left]
    return "\n".join(lines) + "\n"
