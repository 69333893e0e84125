"""Viewings and defences of finalists: recorded, and corrected by a further record.

Nothing is deleted. A record that another one replaces no longer says who has seen a work: ballots
that rest on it do not count, and whoever cast one votes again.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from sqlalchemy import Connection, insert, select

from festival_api.jury._committee import require_stage_3
from festival_api.jury._refusals import REASON_REQUIRED, UNKNOWN_JUROR
from festival_api.jury._sitting import sitting
from festival_api.jury._stage_refusals import (
    HEARING_REPLACED,
    NOBODY_THERE,
    NOT_A_FINALIST,
    NOT_HELD_YET,
    UNKNOWN_HEARING,
)
from festival_api.store import new_id
from festival_api.store import tables as t
from festival_api.texts import Body, Id32, Prose

_ID = "0f1e2d3c4b5a69788796a5b4c3d2e1f0"
_ENTRY = Field(examples=[_ID])
# In another zone, an instant of the year 1 may lie before all that can be read back.
_EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)

HearingKind = Literal["viewing", "defence"]


class NewHearing(Body):
    """A viewing of a finalist, or its makers' defence, with the members who were there."""

    entry: Id32 = _ENTRY
    kind: HearingKind
    held_at: AwareDatetime = Field(ge=_EARLIEST, examples=["2026-05-02T06:00:00Z"])
    jurors: Annotated[
        tuple[Id32, ...],
        Field(
            max_length=200,
            description="A correction may name nobody: then it did not take place.",
            examples=[[_ID]],
        ),
    ]
    note: Prose = Field("", examples=["Shown in the large hall."])
    replaces: Id32 | None = Field(
        None, description="The record that this one corrects.", examples=[None]
    )
    reason: Prose = Field("", description="Why it is corrected.", examples=[""])


class HearingView(BaseModel):
    """A viewing or defence that was recorded."""

    model_config = ConfigDict(frozen=True)

    id: Id32 = _ENTRY
    entry: Id32 = _ENTRY
    kind: HearingKind
    held_at: datetime = Field(examples=["2026-05-02T06:00:00Z"])
    jurors: tuple[Id32, ...] = Field(examples=[[_ID]])
    note: str = Field(examples=["Shown in the large hall."])
    replaces: Id32 | None = Field(description="What this record corrects.", examples=[None])
    reason: str = Field(description="Why it corrects that.", examples=[""])
    replaced_by: Id32 | None = Field(
        description="The record that holds instead of this one.", examples=[None]
    )


def record_hearing(
    c: Connection, edition: str, new: NewHearing, by: str, now: datetime
) -> HearingView:
    """Record a viewing or a defence, or correct a record.

    Raises
    ------
    Refusal
        `stage_not_open`, `stopped`, `not_held_yet`, `not_a_finalist`, `nobody_there`,
        `unknown_juror` where somebody is no member of the committee; of a correction
        `unknown_hearing`, `hearing_replaced`, `reason_required`.
    """
    require_stage_3(c, edition)
    if new.held_at > now:
        raise NOT_HELD_YET()
    who = sitting(c, edition)
    if new.entry not in who.finalists:
        raise NOT_A_FINALIST({"candidates": list(who.finalists)})
    jurors = tuple(sorted(set(new.jurors)))
    if not set(jurors) <= {member.account for member in who.members}:
        raise UNKNOWN_JUROR()
    if new.replaces is not None:
        _require_correctable(c, edition, new.replaces, new.reason)
    elif not jurors:
        raise NOBODY_THERE()
    id_ = new_id()
    c.execute(
        insert(t.hearings).values(
            id=id_,
            edition=edition,
            entry=new.entry,
            kind=new.kind,
            note=new.note,
            held_at=new.held_at,
            recorded_at=now,
            recorded_by=by,
            replaces=new.replaces,
            reason=new.reason if new.replaces is not None else "",
        )
    )
    if jurors:
        c.execute(insert(t.attendances), [{"hearing": id_, "juror": juror} for juror in jurors])
    return next(one for one in hearings(c, edition) if one.id == id_)


def hearings(c: Connection, edition: str) -> tuple[HearingView, ...]:
    """Return all viewings and defences by time, those that were corrected among them."""
    h, a = t.hearings.c, t.attendances.c
    there: dict[str, list[str]] = {}
    for row in c.execute(
        select(a.hearing, a.juror)
        .join_from(t.attendances, t.hearings, a.hearing == h.id)
        .where(h.edition == edition)
        .order_by(a.juror)
    ):
        there.setdefault(row.hearing, []).append(row.juror)
    query = select(t.hearings).where(h.edition == edition).order_by(h.held_at, h.recorded_at, h.id)
    rows = c.execute(query).all()
    replaced_by = {row.replaces: row.id for row in rows}
    return tuple(
        HearingView(
            id=row.id,
            entry=row.entry,
            kind=row.kind,
            held_at=row.held_at,
            jurors=tuple(there.get(row.id, ())),
            note=row.note,
            replaces=row.replaces,
            reason=row.reason,
            replaced_by=replaced_by.get(row.id),
        )
        for row in rows
    )


def attended(c: Connection, edition: str, juror: str) -> tuple[HearingView, ...]:
    """Return what holds of one's own attendance: not who else was there, nor why it changed."""
    return tuple(
        one.model_copy(update={"jurors": (juror,), "reason": ""})
        for one in hearings(c, edition)
        if juror in one.jurors and one.replaced_by is None
    )


def _require_correctable(c: Connection, edition: str, id_: str, reason: str) -> None:
    h = t.hearings.c
    if c.execute(select(h.id).where(h.edition == edition, h.id == id_)).first() is None:
        raise UNKNOWN_HEARING()
    if c.execute(select(h.id).where(h.replaces == id_)).first() is not None:
        raise HEARING_REPLACED()
    if not reason:
        raise REASON_REQUIRED({"where": ["reason"]}, what="reason")
