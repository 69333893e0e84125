"""Where a stage stands, what can be done with it there, and who did what."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Connection, Row, insert, select, update

from festival_api.jury._blindness import StageState, stage_state
from festival_api.jury._stage_refusals import WRONG_STAGE_STATE
from festival_api.store import tables as t

Action = Literal["open", "admit", "line", "close", "reopen", "publish"]

STAGES: Final = (1, 2, 3)

_MOVES: Final[Mapping[Action, tuple[StageState, StageState]]] = {
    "open": ("before", "open"),
    "admit": ("open", "open"),
    "line": ("open", "open"),
    "close": ("open", "closed"),
    "reopen": ("closed", "open"),
    "publish": ("closed", "published"),
}
# Actions that only one stage knows.
_ONLY: Final[Mapping[Action, int]] = {"admit": 1, "line": 2}


class StageView(BaseModel):
    """How far a stage is."""

    model_config = ConfigDict(frozen=True)

    stage: int = Field(examples=[1])
    state: StageState
    opened_at: datetime | None = Field(examples=["2026-02-01T02:00:00Z"])
    closed_at: datetime | None = Field(examples=["2026-04-01T02:00:00Z"])
    published_at: datetime | None = Field(examples=[None])


def stages(c: Connection, edition: str) -> tuple[StageView, ...]:
    """Return the three stages."""
    return tuple(stage_view(c, edition, stage) for stage in STAGES)


def stage_view(c: Connection, edition: str, stage: int) -> StageView:
    """Return how far a stage is."""
    row = stage_row(c, edition, stage)
    return StageView(
        stage=stage,
        state="before" if row is None else row.state,
        opened_at=row and row.opened_at,
        closed_at=row and row.closed_at,
        published_at=row and row.published_at,
    )


def stage_row(c: Connection, edition: str, stage: int) -> Row[Any] | None:
    """Return the row of a stage that was opened."""
    s = t.stages.c
    return c.execute(select(t.stages).where(s.edition == edition, s.stage == stage)).first()


def require_action(c: Connection, edition: str, stage: int, action: Action) -> None:
    """Let pass what can be done with a stage as it stands.

    Raises
    ------
    Refusal
        `wrong_stage_state`, with what can be done instead.
    """
    state = stage_state(c, edition, stage)
    if _MOVES[action][0] != state:
        allowed = [
            name
            for name, (before, _) in _MOVES.items()
            if before == state and _ONLY.get(name, stage) == stage
        ]
        facts = {"state": state, "action": action, "allowed": allowed}
        raise WRONG_STAGE_STATE(facts, stage=stage, state=state, action=action)


def act(
    c: Connection,
    edition: str,
    stage: int,
    action: Action,
    by: str,
    now: datetime,
    reason: str = "",
) -> None:
    """Move a stage that was opened before, and write down who did."""
    s = t.stages.c
    after = _MOVES[action][1]
    times: dict[str, datetime | None] = {}
    if action in ("close", "reopen"):
        times["closed_at"] = now if action == "close" else None
    if action == "publish":
        times["published_at"] = now
    c.execute(
        update(t.stages).where(s.edition == edition, s.stage == stage).values(state=after, **times)
    )
    c.execute(
        insert(t.stage_events).values(
            edition=edition, stage=stage, action=action, reason=reason, actor=by, at=now
        )
    )


def events(c: Connection, edition: str, stage: int) -> list[Row[Any]]:
    """Return what was done with a stage, in order."""
    v = t.stage_events.c
    query = select(t.stage_events).where(v.edition == edition, v.stage == stage)
    return list(c.execute(query.order_by(v.number)).all())
