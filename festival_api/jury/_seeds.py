"""Seeds for drawing lots: committed by their hash before anybody can know what they decide.

The service makes the seed, so that nobody chooses it; its SHA-256 is public at once, the seed
itself when what it was for is published.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Connection, Row, insert, select, update

from festival_api.jury._blindness import stage_state
from festival_api.jury._stage_refusals import SEED_COMMITTED, TOO_LATE_FOR_SEED
from festival_api.store import tables as t
from festival_api.texts import Sha256, sha256_hex

Purpose = Literal["selection_tie"]
"""What lots are drawn for: works that are level on the line of stage 2."""

SELECTION_TIE: Purpose = "selection_tie"


class SeedView(BaseModel):
    """A seed: its hash, and once it has served the seed itself."""

    model_config = ConfigDict(frozen=True)

    purpose: Purpose
    commitment: Sha256 = Field(
        description="SHA-256 of the seed's UTF-8.",
        examples=["9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"],
    )
    committed_at: datetime = Field(examples=["2026-03-31T16:00:00Z"])
    seed: str | None = Field(examples=[None])
    revealed_at: datetime | None = Field(examples=[None])


def commit_seed(
    c: Connection, edition: str, purpose: Purpose, seed: str, now: datetime
) -> SeedView:
    """Keep a seed, and publish its hash.

    Raises
    ------
    Refusal
        `too_late_for_seed` once stage 2 was opened, `seed_committed`.
    """
    if stage_state(c, edition, 2) != "before":
        raise TOO_LATE_FOR_SEED(stage=2)
    if _row(c, edition, purpose) is not None:
        raise SEED_COMMITTED()
    c.execute(
        insert(t.seeds).values(
            edition=edition,
            purpose=purpose,
            commitment=sha256_hex(seed),
            seed=seed,
            committed_at=now,
        )
    )
    return seeds(c, edition)[0]


def seeds(c: Connection, edition: str) -> tuple[SeedView, ...]:
    """Return what was committed."""
    row = _row(c, edition, SELECTION_TIE)
    if row is None:
        return ()
    return (
        SeedView(
            purpose=SELECTION_TIE,
            commitment=row.commitment,
            committed_at=row.committed_at,
            seed=row.seed if row.revealed_at else None,
            revealed_at=row.revealed_at,
        ),
    )


def is_committed(c: Connection, edition: str) -> bool:
    """Tell whether lots can be drawn for the line of stage 2."""
    return _row(c, edition, SELECTION_TIE) is not None


def reveal_seed(c: Connection, edition: str, now: datetime) -> None:
    """Publish the seed of stage 2, if there is one."""
    s = t.seeds.c
    c.execute(
        update(t.seeds)
        .where(s.edition == edition, s.purpose == SELECTION_TIE)
        .values(revealed_at=now)
    )


def _row(c: Connection, edition: str, purpose: Purpose) -> Row[Any] | None:
    s = t.seeds.c
    return c.execute(select(t.seeds).where(s.edition == edition, s.purpose == purpose)).first()
