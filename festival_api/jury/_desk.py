"""A juror's desk: the works that the juror judges, and nothing that tells of other jurors."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict
from sqlalchemy import Connection, select

from festival_api.editions import Edition
from festival_api.jury._assigning import has_submitted, is_assigned
from festival_api.jury._blindness import (
    Phase,
    StageState,
    What,
    phase_of,
    stage_state,
    visibility,
)
from festival_api.jury._conflicts import Pair
from festival_api.jury._finding import kinds_between, kinds_with
from festival_api.jury._refusals import UNKNOWN_PART, UNKNOWN_WORK
from festival_api.jury._stage_rules import stage_rules
from festival_api.jury._works import OUT, LinkAddress, ShownWork, Work, works
from festival_api.jury._writing import OpinionView, own_opinion
from festival_api.store import tables as t
from festival_api.texts import Id32, sha256_hex

STAGES = (1, 2)


class DeskItem(BaseModel):
    """A work on the desk, and how far the juror's own opinion is."""

    model_config = ConfigDict(
        frozen=True,
        json_schema_extra={
            "examples": [
                {
                    "entry": "7b8b965ad4bca0e41ab51de7b31363a1",
                    "title": {"en": "The Lamp That Waits", "zh-Hant": "守候的燈"},
                    "category": "generative_linear",
                    "runtime_seconds": 5400,
                    "opinion": "draft",
                }
            ]
        },
    )

    entry: Id32
    title: dict[str, str]
    category: str | None
    runtime_seconds: int | None
    opinion: Literal["todo", "draft", "submitted"]


class DeskStage(BaseModel):
    """What lies on the desk in one stage."""

    model_config = ConfigDict(
        frozen=True, json_schema_extra={"examples": [{"stage": 2, "state": "open", "items": []}]}
    )

    stage: int
    state: StageState
    items: tuple[DeskItem, ...]


class Desk(BaseModel):
    """A juror's desk."""

    model_config = ConfigDict(frozen=True)

    stages: tuple[DeskStage, ...]


class WorkView(BaseModel):
    """A work as a juror sees it, with the juror's own opinion."""

    model_config = ConfigDict(
        frozen=True,
        json_schema_extra={
            "examples": [
                {
                    "entry": "7b8b965ad4bca0e41ab51de7b31363a1",
                    "stage": 2,
                    "state": "open",
                    "work": {},
                    "opinion": None,
                }
            ]
        },
    )

    entry: Id32
    stage: int
    state: StageState
    work: ShownWork
    opinion: OpinionView | None


def desk(c: Connection, edition: Edition, juror: str) -> Desk:
    """Return a juror's desk.

    Works lie in an order that is drawn for each juror and has to do with nothing else: not with
    when they came, who else judges them, or how they fare.
    """
    return Desk(stages=tuple(_desk_stage(c, edition, juror, stage) for stage in STAGES))


def work_on_desk(c: Connection, edition: Edition, pair: Pair, stage: int | None = None) -> WorkView:
    """Return a work as its juror sees it.

    Parameters
    ----------
    stage : int, optional
        As it is in this stage; in the last one that the juror judges it in, without it.

    Raises
    ------
    Refusal
        `unknown_stage`; `unknown_work`, also for a work that is not the juror's to see, such as one
        with which there is a conflict of interest.
    """
    if stage is not None:
        stage_rules(edition, stage)
    stage, work, phase = _found(c, edition, pair, stage)
    visible = visibility("assigned juror", phase)
    people = What.PEOPLE in visible or not edition.stage_2.blind
    return WorkView(
        entry=work.entry,
        stage=stage,
        state=stage_state(c, edition.id, stage),
        work=work.shown(people=people),
        opinion=own_opinion(c, edition.id, stage, pair),
    )


def link_on_desk(c: Connection, edition: Edition, pair: Pair, number: int) -> LinkAddress:
    """Return where a link of a work on the desk leads.

    Raises
    ------
    Refusal
        `unknown_work`, `unknown_part`.
    """
    _, work, _ = _found(c, edition, pair, None)
    return work.link(number)


def require_file_on_desk(c: Connection, edition: Edition, pair: Pair, file: str) -> None:
    """Let pass a file that belongs to a work on the desk.

    Raises
    ------
    Refusal
        `unknown_work`, `unknown_part`.
    """
    _, work, _ = _found(c, edition, pair, None)
    if file not in [one["id"] for one in work.made.get("files", [])]:
        raise UNKNOWN_PART()


def _desk_stage(c: Connection, edition: Edition, juror: str, stage: int) -> DeskStage:
    state = stage_state(c, edition.id, stage)
    a, o = t.assignments.c, t.opinions.c
    here = select(a.entry).where(
        a.edition == edition.id, a.stage == stage, a.juror == juror, a.ended_at.is_(None)
    )
    assigned = c.execute(here).scalars().all() if state != "before" else []
    written: dict[str, Literal["draft", "submitted"]] = {}
    for row in c.execute(
        select(o.entry, o.submitted_at).where(
            o.edition == edition.id, o.stage == stage, o.juror == juror, o.void_at.is_(None)
        )
    ):
        if row.submitted_at is not None or row.entry not in written:
            written[row.entry] = "draft" if row.submitted_at is None else "submitted"
    barred = kinds_with(c, edition.id, juror, assigned)
    blind = edition.stage_2.blind
    items = [
        _item(work, written.get(work.entry, "todo"), people=not blind)
        for work in works(c, assigned).values()
        if work.entry not in barred and work.state not in OUT
    ]
    items.sort(key=lambda item: sha256_hex(f"{juror} {item.entry}"))
    return DeskStage(stage=stage, state=state, items=tuple(items))


def _item(work: Work, opinion: Literal["todo", "draft", "submitted"], *, people: bool) -> DeskItem:
    shown = work.shown(people=people)
    return DeskItem(
        entry=work.entry,
        title=shown.title,
        category=shown.category,
        runtime_seconds=shown.runtime_seconds,
        opinion=opinion,
    )


def _found(
    c: Connection, edition: Edition, pair: Pair, asked: int | None
) -> tuple[int, Work, Phase]:
    """Return the stage in which a juror sees a work, the work, and the phase it is in."""
    _, entry = pair
    work = works(c, [entry]).get(entry)
    if work is None or work.state in OUT or kinds_between(c, edition.id, pair):
        raise UNKNOWN_WORK()
    for stage in reversed(STAGES) if asked is None else [asked]:
        if is_assigned(c, edition.id, stage, pair):
            state = stage_state(c, edition.id, stage)
            submitted = has_submitted(c, edition.id, stage, pair)
            phase = phase_of("assigned juror", state, work.state, submitted=submitted)
            if What.WORK in visibility("assigned juror", phase):
                return stage, work, phase
    raise UNKNOWN_WORK()
