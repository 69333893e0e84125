"""Imports from other submission platforms."""

from __future__ import annotations

from collections import Counter
from typing import Annotated, Self

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from festival_api import imports
from festival_api.accounts import NOT_ALLOWED
from festival_api.editions import CLOSED, UNKNOWN_CATEGORY, Edition, Text
from festival_api.imports import Imported, Note, Outcome
from festival_api.speech import LANGUAGES, say, translated
from festival_api.web._asking import Serving, SignedIn
from festival_api.web._festival import UNKNOWN_EDITION
from festival_api.web._openapi import refusing

router = APIRouter(tags=["office"])

Pair = Annotated[str, StringConstraints(pattern=r"^[^\x00-\x1f]+=[a-z0-9_-]+$", max_length=400)]
Categories = Annotated[
    tuple[Pair, ...],
    Query(
        max_length=50,
        description=(
            "FilmFreeway's name for a category, `=`, and the id of ours; names that are alike need"
            " none."
        ),
        examples=[["Best AI Feature=generative_linear"]],
    ),
]
_EXAMPLE = """\
Tracking Number,Project Title,Email,Duration,Submission Categories
FF-1001,The Lamp That Waits,lin@example.org,01:25:03,Best AI Feature
"""

DryRun = Annotated[bool, Query(description="Only tell what would become of each row.")]


class RowView(BaseModel):
    """What became of a row."""

    model_config = ConfigDict(frozen=True)

    line: int = Field(description="Of the file, on which the row begins.", examples=[2])
    number: str = Field(description="FilmFreeway's.", examples=["FF-1001"])
    title: str = Field(examples=["The Lamp That Waits"])
    outcome: Outcome = Field(
        description=(
            "`kept`: there is such an entry, and it is its owner's by now. `skipped`: withdrawn or"
            " disqualified there."
        )
    )
    entry: str | None = Field(examples=["0f1e2d3c4b5a69788796a5b4c3d2e1f0"])
    notes: list[Text] = Field(description="Why it was not imported, or what was left out.")
    waiver_reason: Text | None = Field(
        description=(
            "What was paid at FilmFreeway, as a reason for waiving the fee here once the entry is"
            " finalised; whether it is waived, the office decides (`accept-free`)."
        )
    )

    @classmethod
    def of(cls, row: Imported) -> Self:
        """Tell what became of a row."""
        paid = Note(
            say("Paid at FilmFreeway: {fee} (number {number})."),
            {"fee": row.fee, "number": row.number},
        )
        return cls(
            line=row.line,
            number=row.number,
            title=row.title,
            outcome=row.outcome,
            entry=row.entry,
            notes=[_text(note) for note in row.notes],
            waiver_reason=_text(paid) if row.fee else None,
        )


class ImportReport(BaseModel):
    """What became of a file, row by row."""

    model_config = ConfigDict(frozen=True)

    dry_run: bool
    counts: dict[Outcome, int] = Field(
        description="How many rows by outcome.", examples=[{"begun": 12, "refused": 1}]
    )
    rows: list[RowView]


async def posted(request: Request) -> bytes:
    """Give the file."""
    return await request.body()


@router.post(
    "/editions/{edition}/imports/filmfreeway",
    summary="Import submissions from FilmFreeway",
    responses=refusing(
        UNKNOWN_EDITION,
        NOT_ALLOWED,
        CLOSED,
        UNKNOWN_CATEGORY,
        imports.TABLE_UNREADABLE,
        imports.COLUMNS_MISSING,
        imports.COLUMNS_TWICE,
    ),
    openapi_extra={
        "requestBody": {
            "description": "FilmFreeway's export of submissions.",
            "required": True,
            "content": {"text/csv": {"schema": {"type": "string", "examples": [_EXAMPLE]}}},
        }
    },
)
def filmfreeway(
    edition: str,
    data: Annotated[bytes, Depends(posted)],
    festival: Serving,
    actor: SignedIn,
    dry_run: DryRun = False,
    category: Categories = (),
) -> ImportReport:
    """Make a draft of each row, for whoever has the submitter's e-mail address.

    Rows that cannot be imported are told with their line and the reason; the others are imported.
    The same file again changes nothing; a later one changes drafts that their owners have not.
    Submitters are told by letter; the AI declaration is theirs to add.
    """
    loaded = festival.loaded(edition)
    actor.require(edition, "office")
    known = _known(loaded.edition, category)
    rows = imports.read_submissions(data, loaded.edition, known)
    done = imports.bring_in(
        festival.database, loaded, rows, festival.address, festival.clock(), dry_run=dry_run
    )
    return ImportReport(
        dry_run=dry_run,
        counts=dict(Counter(row.outcome for row in done)),
        rows=[RowView.of(row) for row in done],
    )


def _known(edition: Edition, pairs: tuple[str, ...]) -> dict[str, str]:
    known = {}
    for pair in pairs:
        name, _, id_ = pair.rpartition("=")
        if edition.category(id_) is None:
            ids = [one.id for one in edition.categories]
            raise UNKNOWN_CATEGORY({"categories": ids}, category=id_, categories=", ".join(ids))
        known[name.strip()] = id_
    return known


def _text(note: Note) -> Text:
    return Text.model_validate(
        {language: translated(note.text, language).format(**note.words) for language in LANGUAGES}
    )
