"""Exports: what stages came to as tables, and their minutes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Response
from sqlalchemy import Connection

from festival_api import jury
from festival_api.accounts import NOT_ALLOWED, Actor
from festival_api.editions import LoadedEdition
from festival_api.speech import Language
from festival_api.web._asking import Asked, Serving, SignedIn
from festival_api.web._festival import UNKNOWN_EDITION, Festival
from festival_api.web._openapi import refusing

router = APIRouter(tags=["exports"])

_REFUSALS = (UNKNOWN_EDITION, NOT_ALLOWED, jury.NOT_DECIDED, jury.NOT_REPRODUCED)
_TABLE = "CSV in UTF-8 with a byte order mark, for spreadsheets."

InLanguage = Annotated[
    Language | None, Query(description="In which language; without it, as the client asks for.")
]


def _text(media_type: str, description: str) -> dict[int | str, dict[str, Any]]:
    content = {media_type: {"schema": {"type": "string"}}}
    return {**refusing(*_REFUSALS), 200: {"description": description, "content": content}}


@router.get(
    "/editions/{edition}/stages/{stage}/works.csv",
    summary="What works came to, as a table",
    response_class=Response,
    responses=_text("text/csv", _TABLE),
)
def take_works(
    edition: str,
    stage: Annotated[int, Path(ge=1, le=2, description="1 or 2.", examples=[2])],
    festival: Serving,
    actor: SignedIn,
) -> Response:
    """Take each work of a closed stage: verdicts by check, or means and adjusted scores.

    Means are a sum and a number of reviews; adjusted scores and their standard errors are in
    millionths of a point.
    """
    loaded = festival.loaded(edition)
    actor.require(edition, "office", "auditor")
    with festival.database.read() as c:
        jury.require_told(c, edition, stage, actor)
        table = jury.work_table(c, loaded.edition, stage)
    return _csv(table, f"{edition}-stage-{stage}-works.csv")


@router.get(
    "/editions/{edition}/stages/2/jurors.csv",
    summary="How harsh jurors are, as a table",
    response_class=Response,
    responses=_text("text/csv", _TABLE),
)
def take_jurors(edition: str, festival: Serving, actor: SignedIn) -> Response:
    """Take the severity of each juror of stage 2, under the juror's pseudonym.

    There is none where scores were not adjusted.
    """
    loaded = festival.loaded(edition)
    actor.require(edition, "office", "auditor")
    with festival.database.read() as c:
        jury.require_told(c, edition, 2, actor)
        table = jury.juror_table(c, loaded.edition)
    return _csv(table, f"{edition}-stage-2-jurors.csv")


@router.get(
    "/editions/{edition}/stages/{stage}/minutes.html",
    summary="Minutes of a stage, as a page",
    response_class=Response,
    responses=_text("text/html", "A page that needs nothing from outside."),
)
def read_minutes(
    edition: str,
    stage: Annotated[int, Path(ge=1, le=3, description="1, 2 or 3.", examples=[2])],
    festival: Serving,
    actor: SignedIn,
    asked: Asked,
    language: InLanguage = None,
) -> Response:
    """Read what was done and decided in a closed stage; the awards' once they are published."""
    page = _minutes(jury.minutes_html, edition, stage, festival, actor, language or asked)
    return Response(page, media_type="text/html; charset=utf-8")


@router.get(
    "/editions/{edition}/stages/{stage}/minutes.md",
    summary="Minutes of a stage, as Markdown",
    response_class=Response,
    responses=_text("text/markdown", "Markdown in UTF-8."),
)
def take_minutes(
    edition: str,
    stage: Annotated[int, Path(ge=1, le=3, description="1, 2 or 3.", examples=[2])],
    festival: Serving,
    actor: SignedIn,
    asked: Asked,
    language: InLanguage = None,
) -> Response:
    """Take the same minutes for a text editor."""
    text = _minutes(jury.minutes_markdown, edition, stage, festival, actor, language or asked)
    return Response(text, media_type="text/markdown; charset=utf-8")


def _minutes(
    write: Callable[[Connection, LoadedEdition, int, Language], str],
    edition: str,
    stage: int,
    festival: Festival,
    actor: Actor,
    language: Language,
) -> str:
    loaded = festival.loaded(edition)
    actor.require(edition, "office", "auditor")
    with festival.database.read() as c:
        jury.require_told(c, edition, stage, actor)
        return write(c, loaded, stage, language)


def _csv(table: bytes, name: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(table, media_type="text/csv; charset=utf-8", headers=headers)
