"""What a stage is decided from, gathered from the database."""

from __future__ import annotations

from sqlalchemy import Connection, select

from festival_api.editions import Fraction, LoadedEdition
from festival_api.jury._assigning import works_of
from festival_api.jury._counted import Opinion, submitted_opinions
from festival_api.jury._recognition import CountedVerdict, RecognitionInputs, RecognitionRules
from festival_api.jury._record import Share, Void, WorkLeft
from festival_api.jury._selection import (
    CommittedSeed,
    CountedReview,
    SelectionInputs,
    SelectionRules,
)
from festival_api.jury._stage_rules import stage_rules
from festival_api.jury._works import OUT
from festival_api.store import tables as t
from festival_api.texts import canonical, sha256_hex


def recognition_inputs(c: Connection, loaded: LoadedEdition) -> RecognitionInputs:
    """Gather what stage 1 is decided from, as it is now."""
    edition = loaded.edition
    works = tuple(works_of(c, edition.id, stage_rules(edition, 1)))
    first = edition.stage_1
    return RecognitionInputs(
        edition=edition.id,
        edition_sha256=loaded.sha256,
        stage=1,
        subject="",
        rules=RecognitionRules(
            checks=tuple(check.id for check in first.checks),
            minimum=dict(first.minimum),
            expected=share(first.expected),
        ),
        works=works,
        left=_left(c, edition.id, 1),
        opinions=tuple(_verdict(one) for one in _opinions(c, edition.id, 1, works)),
        void=_void(c, edition.id, 1),
    )


def selection_inputs(c: Connection, loaded: LoadedEdition) -> SelectionInputs:
    """Gather what stage 2 is decided from, as it is now."""
    edition = loaded.edition
    asked = stage_rules(edition, 2)
    works = tuple(works_of(c, edition.id, asked))
    second = edition.stage_2
    return SelectionInputs(
        edition=edition.id,
        edition_sha256=loaded.sha256,
        stage=2,
        subject="",
        rules=SelectionRules(
            weights={dimension.id: dimension.weight for dimension in edition.dimensions},
            per_work=asked.per_work,
            per_faction=dict(asked.per_faction),
            quota=share(second.quota),
            ties=second.ties,
            adjustment=second.adjustment,
        ),
        works=works,
        left=_left(c, edition.id, 2),
        opinions=tuple(_review(one) for one in _opinions(c, edition.id, 2, works)),
        void=_void(c, edition.id, 2),
        seed=_seed(c, edition.id) if second.ties == "draw" else None,
    )


def share(fraction: Fraction) -> Share:
    """Write an edition's share into a record."""
    return Share(numerator=fraction.numerator, denominator=fraction.denominator)


def _opinions(
    c: Connection, edition: str, stage: int, works: tuple[str, ...]
) -> tuple[Opinion, ...]:
    """Return what counts of works that take part: who has left the competition is not compared."""
    here = set(works)
    return tuple(one for one in submitted_opinions(c, edition, stage) if one.entry in here)


def _verdict(one: Opinion) -> CountedVerdict:
    return CountedVerdict(
        entry=one.entry,
        juror=one.pseudonym,
        faction=one.faction,
        revision=one.revision,
        sha256=sha256_hex(canonical(one.content)),
        checks={check: told["passed"] for check, told in one.content["checks"].items()},
    )


def _review(one: Opinion) -> CountedReview:
    return CountedReview(
        entry=one.entry,
        juror=one.pseudonym,
        faction=one.faction,
        revision=one.revision,
        sha256=sha256_hex(canonical(one.content)),
        scores=one.content["scores"],
    )


def _left(c: Connection, edition: str, stage: int) -> tuple[WorkLeft, ...]:
    e, a = t.entries.c, t.assignments.c
    assigned = select(a.entry).where(a.edition == edition, a.stage == stage)
    rows = c.execute(
        select(e.id, e.state).where(e.state.in_(OUT), e.id.in_(assigned)).order_by(e.id)
    )
    return tuple(WorkLeft(entry=row.id, state=row.state) for row in rows)


def _void(c: Connection, edition: str, stage: int) -> tuple[Void, ...]:
    o, j = t.opinions.c, t.jurors.c
    rows = c.execute(
        select(o.entry, o.revision, o.void_why, j.pseudonym)
        .join_from(t.opinions, t.jurors, (j.edition == o.edition) & (j.account == o.juror))
        .where(
            o.edition == edition,
            o.stage == stage,
            o.submitted_at.is_not(None),
            o.void_at.is_not(None),
        )
    )
    void = [
        Void(entry=row.entry, juror=row.pseudonym, revision=row.revision, why=row.void_why)
        for row in rows
    ]
    return tuple(sorted(void, key=lambda one: (one.entry, one.juror, one.revision)))


def _seed(c: Connection, edition: str) -> CommittedSeed | None:
    s = t.seeds.c
    row = c.execute(
        select(s.seed, s.commitment).where(s.edition == edition, s.purpose == "selection_tie")
    ).first()
    return CommittedSeed(seed=row.seed, commitment=row.commitment) if row else None
