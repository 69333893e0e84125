"""How far a stage is: what each work still lacks, and who has how much to do; never a score."""

from __future__ import annotations

from collections import Counter, defaultdict

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Connection, select

from festival_api.editions import Edition
from festival_api.jury._assigning import works_of
from festival_api.jury._blindness import StageState, stage_state
from festival_api.jury._counted import submitted_opinions
from festival_api.jury._jurors import jurors
from festival_api.jury._stage_rules import stage_rules
from festival_api.jury._works import OUT, works
from festival_api.store import tables as t
from festival_api.texts import Id32


class WorkProgress(BaseModel):
    """One work: how many jurors it has, and what it lacks."""

    model_config = ConfigDict(
        frozen=True,
        json_schema_extra={
            "examples": [
                {
                    "entry": "7b8b965ad4bca0e41ab51de7b31363a1",
                    "title": {"en": "The Lamp That Waits", "zh-Hant": "守候的燈"},
                    "assigned": 3,
                    "submitted": 2,
                    "lacks": 1,
                    "lacks_of": {},
                    "links_outside_blind": 1,
                }
            ]
        },
    )

    entry: Id32
    title: dict[str, str]
    assigned: int
    submitted: int
    lacks: int = Field(description="Opinions without which the work cannot be decided.")
    lacks_of: dict[str, int] = Field(description="Of these, by faction that must be heard.")
    links_outside_blind: int = Field(
        description="Links whose address may tell jurors who made the work."
    )


class JurorProgress(BaseModel):
    """One juror: how much is assigned, and how much of it done."""

    model_config = ConfigDict(
        frozen=True,
        json_schema_extra={
            "examples": [
                {
                    "juror": "5d41402abc4b2a76b9719d911017c592",
                    "name": "Lam Siu-ming",
                    "faction": "technology",
                    "capacity": 20,
                    "assigned": 12,
                    "submitted": 7,
                }
            ]
        },
    )

    juror: Id32
    name: str | None
    faction: str
    capacity: int | None
    assigned: int
    submitted: int


class Progress(BaseModel):
    """How far a stage is."""

    model_config = ConfigDict(
        frozen=True,
        json_schema_extra={"examples": [{"stage": 2, "state": "open", "works": [], "jurors": []}]},
    )

    stage: int
    state: StageState
    works: tuple[WorkProgress, ...]
    jurors: tuple[JurorProgress, ...]


def progress(c: Connection, edition: Edition, stage: int) -> Progress:
    """Return how far a stage is.

    Raises
    ------
    Refusal
        `unknown_stage`.
    """
    rules = stage_rules(edition, stage)
    a = t.assignments.c
    assigned = c.execute(
        select(a.entry, a.juror).where(
            a.edition == edition.id, a.stage == stage, a.ended_at.is_(None)
        )
    ).all()
    counted = submitted_opinions(c, edition.id, stage)
    entries = {*works_of(c, edition.id, rules), *(row.entry for row in assigned)}
    jurors_of_work = Counter(row.entry for row in assigned)
    heard: defaultdict[str, list[str]] = defaultdict(list)
    for opinion in counted:
        heard[opinion.entry].append(opinion.faction)
    per_work = []
    for entry, work in sorted(works(c, entries).items()):
        if work.state in OUT:
            continue
        lacks, lacks_of = rules.lacks(heard[entry])
        shown = work.shown(people=True)
        per_work.append(
            WorkProgress(
                entry=entry,
                title=shown.title,
                assigned=jurors_of_work[entry],
                submitted=len(heard[entry]),
                lacks=lacks,
                lacks_of=lacks_of,
                links_outside_blind=len(shown.links),
            )
        )
    loads = Counter(row.juror for row in assigned)
    done = Counter(opinion.juror for opinion in counted)
    per_juror = [
        JurorProgress(
            juror=juror.juror,
            name=juror.name,
            faction=juror.faction,
            capacity=juror.capacity,
            assigned=loads[juror.juror],
            submitted=done[juror.juror],
        )
        for juror in jurors(c, edition.id, pseudonyms=False)
        if juror.faction in rules.factions and (juror.retired_at is None or loads[juror.juror])
    ]
    return Progress(
        stage=stage,
        state=stage_state(c, edition.id, stage),
        works=tuple(per_work),
        jurors=tuple(per_juror),
    )
