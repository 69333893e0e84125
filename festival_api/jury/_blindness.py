"""Who sees what of the jury's work, and when: one table.

A work that goes on to the next stage is judged again, so that until then its jurors learn nothing
from the stage before: for them it stays "closed" although its results are published.
"""

from __future__ import annotations

from enum import Enum
from typing import Final, Literal

from sqlalchemy import Connection, select

from festival_api.store import tables as t

StageState = Literal["before", "open", "closed", "published"]
Phase = Literal[
    "before", "open, own opinion due", "open, own opinion submitted", "closed", "published"
]
Role = Literal["visitor", "owner", "assigned juror", "other juror", "office", "auditor"]
"""Who asks about one work. A juror with a conflict of interest is an other juror."""


class What(Enum):
    """What there is to see."""

    WORK = "the work, without its makers where the edition is blind"
    PEOPLE = "who made it"
    OWN_OPINION = "one's own verdict or review"
    PROGRESS = "who is assigned and has submitted"
    OPINIONS = "each opinion, under its juror's pseudonym"
    MEANS = "means and adjusted scores"
    DECISION = "what was decided"


_NOTHING: Final[frozenset[What]] = frozenset()
_JUDGING: Final = frozenset({What.WORK, What.OWN_OPINION})
_RUNNING: Final = frozenset({What.WORK, What.PEOPLE, What.PROGRESS})
_RESULTS: Final = frozenset({What.OPINIONS, What.MEANS, What.DECISION})

_PHASES: Final[tuple[Phase, ...]] = (
    "before",
    "open, own opinion due",
    "open, own opinion submitted",
    "closed",
    "published",
)
_TOLD: Final = frozenset({What.DECISION})
_OWN: Final = frozenset({What.WORK, What.PEOPLE})
_VISIBLE: Final[dict[Role, tuple[frozenset[What], ...]]] = {
    "visitor": (_NOTHING, _NOTHING, _NOTHING, _NOTHING, _TOLD),
    "owner": (_OWN, _OWN, _OWN, _OWN, _OWN | _TOLD),
    "assigned juror": (
        _NOTHING,
        _JUDGING,
        _JUDGING,
        _JUDGING,
        _JUDGING | _RESULTS | {What.PEOPLE},
    ),
    "other juror": (_NOTHING, _NOTHING, _NOTHING, _NOTHING, _TOLD),
    # The office does not judge: it sees who works, and no score before the stage is closed.
    "office": (_RUNNING, _RUNNING, _RUNNING, _RUNNING | _RESULTS, _RUNNING | _RESULTS),
    "auditor": (_RUNNING | _RESULTS,) * 5,
}
_JURORS: Final = frozenset({"assigned juror", "other juror"})
# States of an entry that has passed stage 1 and is not through stage 2.
_JUDGED_AGAIN: Final = frozenset({"recognised", "in_evaluation"})


def visibility(role: Role, phase: Phase) -> frozenset[What]:
    """Return what `role` sees of a work in `phase`."""
    return _VISIBLE[role][_PHASES.index(phase)]


def stage_state(c: Connection, edition: str, stage: int) -> StageState:
    """Return how far a stage is."""
    s = t.stages.c
    state: StageState | None = c.execute(
        select(s.state).where(s.edition == edition, s.stage == stage)
    ).scalar()
    return state or "before"


def phase_of(role: Role, state: StageState, entry_state: str, *, submitted: bool) -> Phase:
    """Return the phase in which somebody looks at a work.

    Parameters
    ----------
    role : str
        As whom.
    state : str
        Of the stage.
    entry_state : str
        Of the entry.
    submitted : bool
        Whether the juror's own opinion is submitted.
    """
    if state == "open":
        return "open, own opinion submitted" if submitted else "open, own opinion due"
    if state == "published" and role in _JURORS and entry_state in _JUDGED_AGAIN:
        return "closed"
    return state
