"""The opinions that count."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select

from festival_api.jury._blindness import stage_state
from festival_api.jury._conflicts import active
from festival_api.store import tables as t


@dataclass(frozen=True, slots=True)
class Opinion:
    """A submitted verdict or review that counts.

    Attributes
    ----------
    entry, juror : str
        The work, and the account that judged it.
    pseudonym : str
        The juror's name in records.
    revision : int
        The newest that is submitted.
    content : dict
        A verdict's "checks" and "comment"; a review's "scores", "comments", "comment",
        "confidence", "runs".
    """

    entry: str
    juror: str
    pseudonym: str
    faction: str
    revision: int
    content: dict[str, Any]


def submitted_opinions(c: Connection, edition: str, stage: int) -> tuple[Opinion, ...]:
    """Return the opinions of a stage that count, by work and pseudonym.

    One counts when it is the newest submitted revision, is not void, and its juror is assigned to
    the work and, until the stage is published, without a conflict of interest with it. A retired
    juror's counts.
    """
    o, a, j = t.opinions.c, t.assignments.c, t.jurors.c
    rows = c.execute(
        select(o.entry, o.juror, o.revision, o.content, j.pseudonym, j.faction)
        .join_from(t.opinions, t.jurors, (j.edition == o.edition) & (j.account == o.juror))
        .join(
            t.assignments,
            (a.edition == o.edition)
            & (a.stage == o.stage)
            & (a.entry == o.entry)
            & (a.juror == o.juror)
            & a.ended_at.is_(None),
        )
        .where(
            o.edition == edition,
            o.stage == stage,
            o.submitted_at.is_not(None),
            o.void_at.is_(None),
        )
        .order_by(o.revision)
    )
    # Recording a conflict voids at once; asked again here, because nothing else may ever count one.
    published = stage_state(c, edition, stage) == "published"
    conflicted = set() if published else active(c, edition)
    newest = {
        (row.entry, row.pseudonym): row for row in rows if (row.juror, row.entry) not in conflicted
    }
    return tuple(
        Opinion(
            entry=row.entry,
            juror=row.juror,
            pseudonym=row.pseudonym,
            faction=row.faction,
            revision=row.revision,
            content=json.loads(row.content),
        )
        for _, row in sorted(newest.items())
    )
