"""Entries as they are told: to their owners, to the office, to the auditor."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal, Self

from fastapi import Query
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Connection

from festival_api import entries
from festival_api.accounts import Actor
from festival_api.editions import Text
from festival_api.entries import Draft, Due, Entry, Filled, Missing, Quote, StudentProof
from festival_api.texts import Body, Id32

_ID = "0f1e2d3c4b5a69788796a5b4c3d2e1f0"
_SHA256 = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
_AT = "2025-11-15T04:00:00Z"

After = Annotated[Id32 | None, Query(description="Start behind this entry: `next` of a page.")]
Limit = Annotated[int, Query(ge=1, le=200, description="At most so many.")]


class Reason(Body):
    """Why; it is kept, and told to the entry's owner."""

    reason: Filled = Field(examples=["No AI was used in it."])


class _View(BaseModel):
    model_config = ConfigDict(frozen=True, from_attributes=True)


class QuoteView(_View):
    """A price and all that it follows from; amounts in minor units of the currency."""

    id: str = Field(examples=[_ID])
    category: str = Field(examples=["generative_linear"])
    fee_class: str = Field(examples=["generative_feature"])
    student: bool
    period: str = Field(examples=["early"])
    support: str = Field(description="Tier of technical support.", examples=["priority"])
    base: int = Field(description="The fee.", examples=[75_000])
    factor_numerator: int = Field(description="Of the share of the fee.", examples=[75])
    factor_denominator: int = Field(examples=[100])
    amount: int = Field(examples=[56_250])
    currency: str = Field(examples=["USD"])
    edition_sha256: str = Field(description="Text of the fee table.", examples=[_SHA256])
    expires_at: datetime = Field(
        description=(
            "Of an offer: until when the same draft has the same price. "
            "Of a locked price: until when it is to be paid."
        ),
        examples=["2026-01-31T16:00:00Z"],
    )
    locked_at: datetime | None = Field(description="When it was finalised.", examples=[None])

    @classmethod
    def of(cls, quote: Quote) -> Self:
        """Tell a quote."""
        return cls.model_validate(quote)


class DueView(_View):
    """What is to be paid, against the price that was locked."""

    quote: QuoteView
    paid: int = Field(description="In minor units.", examples=[0])
    amount: int = Field(description="Still to be paid, in minor units.", examples=[56_250])

    @classmethod
    def of(cls, due: Due) -> Self:
        """Tell what is due."""
        return cls(quote=QuoteView.of(due.quote), paid=due.paid, amount=due.amount)


class EntryView(_View):
    """An entry as it stands."""

    id: str = Field(examples=[_ID])
    edition: str = Field(examples=["hkaiiff-2026"])
    state: str = Field(examples=["draft"])
    allowed: list[str] = Field(
        description="What who asks can do with it now.", examples=[["finalise", "withdraw", "edit"]]
    )
    version: int = Field(description="Counts the draft's changes.", examples=[7])
    draft: Draft
    student_proof: StudentProof
    due: DueView | None = Field(description="Once it was finalised.", examples=[None])
    snapshots: list[int] = Field(description="Numbers of its snapshots.", examples=[[1]])
    created_at: datetime = Field(examples=[_AT])
    changed_at: datetime = Field(examples=[_AT])

    @classmethod
    def of(cls, c: Connection, entry: Entry, actor: Actor) -> Self:
        """Tell an entry to who asks."""
        owed = entries.due(c, entry.id)
        allowed: list[str] = []
        if entry.owner == actor.account:
            allowed = entries.allowed(entry.state, "owner")
        elif actor.has(entry.edition, "office"):
            allowed = entries.allowed(entry.state, "office")
            if entry.student_proof not in ("waiting", "refused"):
                # There is none, or it is accepted for good.
                allowed = [action for action in allowed if action != "decide_student_proof"]
        return cls(
            id=entry.id,
            edition=entry.edition,
            state=entry.state,
            allowed=allowed,
            version=entry.version,
            draft=entry.draft,
            student_proof=entry.student_proof,
            due=None if owed is None else DueView.of(owed),
            snapshots=entries.snapshots(c, entry.id),
            created_at=entry.created_at,
            changed_at=entry.changed_at,
        )


class EntryLine(_View):
    """An entry in a list."""

    id: str = Field(examples=[_ID])
    edition: str = Field(examples=["hkaiiff-2026"])
    state: str = Field(examples=["submitted"])
    category: str | None = Field(examples=["generative_linear"])
    title: Text = Field(examples=[{"en": "The Lamp That Waits", "zh-Hant": "守候的燈"}])
    student_proof: StudentProof
    created_at: datetime = Field(examples=[_AT])
    changed_at: datetime = Field(examples=[_AT])


class EntryPage(_View):
    """Some entries, the first begun first."""

    items: list[EntryLine]
    next: str | None = Field(
        description="What to send as `after` for the entries that follow.", examples=[None]
    )

    @classmethod
    def of(cls, found: tuple[Entry, ...], limit: int) -> Self:
        """Tell the first `limit`; one more was asked for, to know whether it goes on."""
        shown = found[:limit]
        items = [
            EntryLine(
                id=entry.id,
                edition=entry.edition,
                state=entry.state,
                category=entry.category,
                title=Text.model_validate(entry.title),
                student_proof=entry.student_proof,
                created_at=entry.created_at,
                changed_at=entry.changed_at,
            )
            for entry in shown
        ]
        return cls(items=items, next=shown[-1].id if len(found) > limit else None)


class MissingView(_View):
    """One thing that is missing, and what to do."""

    code: str = Field(description="The refusal it leads to.", examples=["translation_missing"])
    where: str = Field(description="JSON pointer into the draft.", examples=["/title/zh-Hant"])
    detail: Text = Field(examples=[{"en": "It is missing.", "zh-Hant": "尚未填寫。"}])


class Readiness(_View):
    """What an entry lacks before it can be finalised."""

    ready: bool
    missing: list[MissingView]

    @classmethod
    def of(cls, found: list[Missing]) -> Self:
        """Tell what is missing."""
        return cls(
            ready=not found,
            missing=[MissingView.model_validate(one) for one in entries.told(found)],
        )


class SnapshotView(_View):
    """What was finalised, as the exact text that was hashed.

    The SHA-256 of `content` in UTF-8 is `sha256`. The SHA-256 of `people_salt` followed by `people`
    is the content's `people_sha256`; both are null once the personal data was erased.
    """

    number: int = Field(examples=[1])
    sha256: str = Field(examples=[_SHA256])
    content: str = Field(description="Canonical JSON (RFC 8785).", examples=['{"edition":"…"}'])
    people: str | None = Field(description="Canonical JSON.", examples=['{"makers":[]}'])
    people_salt: str | None = Field(examples=[_ID])
    edition_sha256: str = Field(examples=[_SHA256])
    made_at: datetime = Field(examples=[_AT])


class EventView(_View):
    """One move of an entry; `by` says whose it was."""

    action: str = Field(examples=["finalise"])
    before: str = Field(examples=["draft"])
    after: str = Field(examples=["finalised"])
    by: Literal["owner", "office", "service"]
    reason: str = Field(examples=[""])
    at: datetime = Field(examples=[_AT])


class History(_View):
    """Every move of an entry, the first first."""

    items: list[EventView]
