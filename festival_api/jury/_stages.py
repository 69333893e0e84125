"""Stages: opened by the office, closed with a decision, published with everything that it causes.

What was decided is sealed between closing and publishing. A closed stage can be opened again, with
a reason, when works or opinions have changed since; it is then decided anew.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Connection, Row, insert, select

from festival_api import entries, letters
from festival_api.editions import Edition, LoadedEdition, instant
from festival_api.jury._assigning import works_of
from festival_api.jury._blindness import stage_state
from festival_api.jury._committee import require_all_decided
from festival_api.jury._decisions import keep, latest, record_in
from festival_api.jury._finding import find_conflicts
from festival_api.jury._gathering import recognition_inputs, selection_inputs
from festival_api.jury._line import require_line_heard, require_sufficient
from festival_api.jury._reasons import reasons_told
from festival_api.jury._recognition import RecognitionInputs, RecognitionResult
from festival_api.jury._recompute import read_inputs, read_result, recompute, written
from festival_api.jury._refusals import REASON_REQUIRED
from festival_api.jury._seeds import is_committed, reveal_seed
from festival_api.jury._selection import (
    Choice,
    SelectionInputs,
    SelectionResult,
    WithoutExtra,
)
from festival_api.jury._selection import select as decide
from festival_api.jury._sitting import committee_awards, is_decided, require_committee, sitting
from festival_api.jury._stage_refusals import (
    CHOICE_INVALID,
    DECISION_OUTDATED,
    ENTRIES_STILL_TAKEN,
    ENTRIES_WAITING,
    NOT_REPRODUCED,
    NOTHING_TO_CHOOSE,
    PREVIOUS_STAGE_DUE,
    SEED_REQUIRED,
    TIE_OPEN,
)
from festival_api.jury._stage_rows import StageView, act, require_action, stage_view
from festival_api.jury._stage_rules import stage_rules
from festival_api.speech import LANGUAGES, Language, say, translated
from festival_api.store import tables as t
from festival_api.texts import Body, Id32, Prose

_IDS = Field(examples=[["0f1e2d3c4b5a69788796a5b4c3d2e1f0"]])


class ChoiceMade(Body):
    """What the committee chose among works that nothing else tells apart."""

    works: tuple[Id32, ...] = Field(
        max_length=1000, examples=[["0f1e2d3c4b5a69788796a5b4c3d2e1f0"]]
    )
    reason: Prose = Field(examples=["Five members of six found it the bolder work."])


class Closing(Body):
    """What closing stage 2 may need; nothing for the other stages."""

    line_reason: Prose = Field(
        "",
        description="Why works near the line get no further juror.",
        examples=["Every juror of these works' language has a conflict of interest."],
    )
    choice: ChoiceMade | None = Field(
        None, description="Which works on the line pass, where the committee is to say."
    )


class Admitted(BaseModel):
    """What came before the jury, and what is held back by what."""

    model_config = ConfigDict(frozen=True)

    stage: StageView
    admitted: tuple[Id32, ...] = _IDS
    held: dict[Id32, tuple[str, ...]] = Field(
        description="Entries that wait, each with what holds it: student_proof, fee.", examples=[{}]
    )


def open_stage(
    c: Connection, loaded: LoadedEdition, stage: int, by: str, now: datetime
) -> Admitted:
    """Open a stage, and bring its works before the jury.

    Raises
    ------
    Refusal
        `wrong_stage_state`, `previous_stage_due`; `seed_required` for stage 2 of an edition that
        draws lots; `award_list_incomplete`, `committee_too_small` for stage 3.
    """
    edition = loaded.edition
    require_action(c, edition.id, stage, "open")
    if stage > 1 and stage_state(c, edition.id, stage - 1) != "published":
        raise PREVIOUS_STAGE_DUE(stage=stage, previous=stage - 1)
    if stage == 2 and edition.stage_2.ties == "draw" and not is_committed(c, edition.id):
        raise SEED_REQUIRED()
    if stage == 3:
        require_committee(c, edition)
    c.execute(
        insert(t.stages).values(
            edition=edition.id,
            stage=stage,
            state="open",
            edition_sha256=loaded.sha256,
            opened_at=now,
        )
    )
    act(c, edition.id, stage, "open", by, now)
    return _bring(c, edition, stage, now)


def admit(c: Connection, loaded: LoadedEdition, by: str, now: datetime) -> Admitted:
    """Bring entries that came since before the jury of stage 1.

    Raises
    ------
    Refusal
        `wrong_stage_state`.
    """
    edition = loaded.edition
    require_action(c, edition.id, 1, "admit")
    act(c, edition.id, 1, "admit", by, now)
    return _bring(c, edition, 1, now)


def close(
    c: Connection, loaded: LoadedEdition, stage: int, closing: Closing, by: str, now: datetime
) -> StageView:
    """Close a stage, and decide it.

    Raises
    ------
    Refusal
        `wrong_stage_state`, `nothing_to_choose`; stages 1 and 2: `insufficient_reviews`; stage 1:
        `entries_still_taken`, `entries_waiting`; stage 2: `line_needs_jurors`, `tie_open`,
        `choice_invalid`; stage 3: `awards_undecided`.
    """
    edition = loaded.edition
    require_action(c, edition.id, stage, "close")
    if stage != 2 and closing.choice is not None:
        raise NOTHING_TO_CHOOSE()
    if stage < 3:
        find_conflicts(c, edition.id, works_of(c, edition.id, stage_rules(edition, stage)), now)
    if stage == 1:
        _require_all_in(c, edition, now)
        inputs = recognition_inputs(c, loaded)
        require_sufficient(edition, inputs)
        keep(c, inputs, by, now)
    elif stage == 2:
        keep(c, _settled(c, edition, selection_inputs(c, loaded), closing), by, now)
    else:
        require_all_decided(c, loaded)
    act(c, edition.id, stage, "close", by, now)
    return stage_view(c, edition.id, stage)


def reopen(
    c: Connection, loaded: LoadedEdition, stage: int, reason: str, by: str, now: datetime
) -> StageView:
    """Open a closed stage again; what was decided stays on record and no longer holds.

    Raises
    ------
    Refusal
        `wrong_stage_state`, `reason_required`.
    """
    require_action(c, loaded.edition.id, stage, "reopen")
    if not reason:
        raise REASON_REQUIRED({"where": ["reason"]}, what="reason")
    act(c, loaded.edition.id, stage, "reopen", by, now, reason)
    return stage_view(c, loaded.edition.id, stage)


def publish(c: Connection, loaded: LoadedEdition, stage: int, by: str, now: datetime) -> StageView:
    """Publish what was decided: entries move, letters go out, the seal is broken.

    Raises
    ------
    Refusal
        `wrong_stage_state`; `decision_outdated` when it was decided from what is no longer so;
        `not_reproduced` when a decision does not follow from its own record.
    """
    edition = loaded.edition
    require_action(c, edition.id, stage, "publish")
    rows = _deciding(c, edition, stage)
    for row in rows:
        record = record_in(row)
        if differences := recompute(record):
            raise NOT_REPRODUCED({"differences": list(differences)}, decision=record.name)
    if not _still_so(c, loaded, stage, rows, now):
        raise DECISION_OUTDATED(stage=stage)
    if stage == 1:
        _publish_recognition(c, edition, read_result(record_in(rows[0])), now)
    elif stage == 2:
        _publish_selection(c, read_result(record_in(rows[0])), now)
        reveal_seed(c, edition.id, now)
    act(c, edition.id, stage, "publish", by, now)
    return stage_view(c, edition.id, stage)


def _bring(c: Connection, edition: Edition, stage: int, now: datetime) -> Admitted:
    ready: list[str] = []
    held: dict[str, list[str]] = {}
    if stage == 1:
        ready, held = entries.ready_for_recognition(c, edition.id)
    elif stage == 2:
        e = t.entries.c
        query = select(e.id).where(e.edition == edition.id, e.state == "recognised")
        ready = list(c.execute(query.order_by(e.id)).scalars())
    action = "open_recognition" if stage == 1 else "open_evaluation"
    for entry in ready:
        entries.move(c, entry, action, None, now)
    return Admitted(
        stage=stage_view(c, edition.id, stage),
        admitted=tuple(ready),
        held={entry: tuple(why) for entry, why in held.items()},
    )


def _require_all_in(c: Connection, edition: Edition, now: datetime) -> None:
    """Let pass when no entry can come to stage 1 any more."""
    until = max(edition.midnight(period.until) for period in edition.periods)
    if now < until:
        told = instant(edition, until)
        raise ENTRIES_STILL_TAKEN({"until": told["utc"]}, until=told["local"])
    e = t.entries.c
    on_the_way = e.state.in_(("finalised", "submitted"))
    query = select(e.id).where(e.edition == edition.id, on_the_way).order_by(e.id)
    if waiting := list(c.execute(query).scalars()):
        raise ENTRIES_WAITING({"waiting": waiting}, count=len(waiting))


def _settled(
    c: Connection, edition: Edition, inputs: SelectionInputs, closing: Closing
) -> SelectionInputs:
    """Return what stage 2 is decided from, with what people had to add."""
    require_sufficient(edition, inputs)
    result = decide(inputs)
    without = require_line_heard(c, edition.id, result.near, closing.line_reason)
    if without:
        extra = WithoutExtra(works=without, reason=closing.line_reason)
        inputs = inputs.model_copy(update={"without_extra": extra})
    if not result.open:
        if closing.choice is not None:
            raise NOTHING_TO_CHOOSE()
        return inputs
    facts = {"works": list(result.open), "places": result.left}
    if closing.choice is None:
        raise TIE_OPEN(facts, count=len(result.open), places=result.left)
    works, reason = set(closing.choice.works), closing.choice.reason
    if not works <= set(result.open) or len(works) != result.left or not reason:
        raise CHOICE_INVALID(facts, places=result.left)
    choice = Choice(works=tuple(sorted(works)), reason=reason)
    return inputs.model_copy(update={"choice": choice})


def _deciding(c: Connection, edition: Edition, stage: int) -> list[Row[Any]]:
    """Return the rows of the decisions that a stage publishes."""
    subjects = [award.id for award in committee_awards(edition)] if stage == 3 else [""]
    rows = [latest(c, edition.id, stage, subject) for subject in subjects]
    if None in rows:
        raise DECISION_OUTDATED(stage=stage)
    return [row for row in rows if row is not None]


def _still_so(
    c: Connection, loaded: LoadedEdition, stage: int, rows: list[Row[Any]], now: datetime
) -> bool:
    """Tell whether all would be decided from the same works and opinions today."""
    edition = loaded.edition
    if stage == 3:
        find_conflicts(c, edition.id, sitting(c, edition.id).finalists, now)
        who = sitting(c, edition.id)
        return all(is_decided(c, loaded, award, who) for award in committee_awards(edition))
    find_conflicts(c, edition.id, works_of(c, edition.id, stage_rules(edition, stage)), now)
    record = record_in(rows[0])
    then = read_inputs(record)
    kept = {"edition_sha256": then.edition_sha256}
    fresh: RecognitionInputs | SelectionInputs
    if stage == 1:
        fresh = recognition_inputs(c, loaded)
    else:
        fresh = selection_inputs(c, loaded)
        kept |= {"without_extra": then.without_extra, "choice": then.choice}
    return written(fresh.model_copy(update=kept)) == record.inputs


def _publish_recognition(
    c: Connection, edition: Edition, result: RecognitionResult, now: datetime
) -> None:
    reasons = reasons_told(c, edition.id, result)
    for work in result.by_work:
        action = "recognise" if work.recognised else "refuse_recognition"
        entries.move(c, work.entry, action, None, now)
        entry = entries.find(c, work.entry)
        if work.recognised:
            letters.queue(c, entry.owner, "result_recognised", {"title": entry.title}, now)
            continue
        failed = {id_ for id_, count in work.checks.items() if count.outcome == "failed"}
        why = reasons.get(work.entry, [])
        words: dict[str, letters.Word] = {
            "title": entry.title,
            "reasons": {language: _told(edition, failed, why, language) for language in LANGUAGES},
        }
        letters.queue(c, entry.owner, "result_not_recognised", words, now)


def _told(edition: Edition, failed: set[str], why: list[str], language: Language) -> str:
    """Name the checks that a work did not pass, and what jurors wrote of them."""
    names = [check.name.in_(language) for check in edition.stage_1.checks if check.id in failed]
    checks = (", " if language == "en" else "\u3001").join(names)
    told = translated(say("Not passed: {checks}."), language).format(checks=checks)
    if not why:
        return told
    before, after = ("“", "”") if language == "en" else ("「", "」")
    quoted = " ".join(f"{before}{text}{after}" for text in why)
    return told + translated(say(" The jurors wrote: {reasons}"), language).format(reasons=quoted)


def _publish_selection(c: Connection, result: SelectionResult, now: datetime) -> None:
    for work in result.by_work:
        entries.move(c, work.entry, "select" if work.passed else "pass_over", None, now)
        entry = entries.find(c, work.entry)
        kind = "result_finalist" if work.passed else "result_not_selected"
        letters.queue(c, entry.owner, kind, {"title": entry.title}, now)
