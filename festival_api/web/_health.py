"""How the service is, for those who run it and programs that watch it; its refusals."""

from __future__ import annotations

import html
import ipaddress
import os
import secrets
import shutil
from pathlib import Path
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Header, Request, Response
from pydantic import BaseModel, Field
from sqlalchemy import func, select

from festival_api import letters
from festival_api.refusals import Kind, Refusal
from festival_api.speech import translated
from festival_api.store import Database, state
from festival_api.store import tables as t
from festival_api.web._asking import Asked, Serving
from festival_api.web._openapi import refusing

router = APIRouter(tags=["service"])

NOT_FOR_YOU = Kind("not_for_you", 403, "The service's numbers are for its own machine only.")

_NUMBERS: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "Prometheus' text format.",
        "content": {"text/plain": {"schema": {"type": "string"}}},
    }
}

_ROOM = 2**30
"""Bytes that must be free for uploads to go on."""


class Alive(BaseModel):
    """The process answers."""

    status: Literal["alive"] = Field(examples=["alive"])


class Ready(BaseModel):
    """Whether requests can be served, and if not, why."""

    status: Literal["ready", "not_ready"] = Field(examples=["ready"])
    database: bool = Field(description="It can be read.", examples=[True])
    migrated: bool = Field(description="It is of this program's version.", examples=[True])
    folder: bool = Field(description="Files can be written.", examples=[True])
    room: bool = Field(description="There is room for files.", examples=[True])


class KindView(BaseModel):
    """A kind of refusal."""

    code: str = Field(examples=["unavailable"])
    status: int = Field(description="The HTTP status that it comes with.", examples=[503])
    en: str = Field(
        description="Its detail; words in {braces} are filled in.", examples=["Try again later."]
    )
    zh: str = Field(serialization_alias="zh-Hant", examples=["請稍後再試。"])


class KindList(BaseModel):
    """Every kind of refusal."""

    items: list[KindView]


@router.get("/health/live", summary="Is the process alive?")
def live() -> Alive:
    """It is if it answers; restart it when it does not."""
    return Alive(status="alive")


@router.get(
    "/health/ready",
    summary="Can requests be served?",
    responses={503: {"model": Ready, "description": "Not now; the members say why."}},
)
def ready(festival: Serving, response: Response) -> Ready:
    """Whether the database can be read and is of this version, and whether files can be written."""
    database, migrated = _database(festival.database)
    folder, room = _folder(festival.files)
    good = database and migrated and folder and room
    response.status_code = 200 if good else 503
    return Ready(
        status="ready" if good else "not_ready",
        database=database,
        migrated=migrated,
        folder=folder,
        room=room,
    )


@router.get(
    "/metrics",
    summary="The service's numbers",
    response_class=Response,
    responses=_NUMBERS | refusing(NOT_FOR_YOU),
)
def metrics(
    request: Request,
    festival: Serving,
    authorization: Annotated[str, Header(description="Bearer and the metrics token.")] = "",
) -> Response:
    """For a monitor on the same machine, or one that has the token; nobody is named in it."""
    by_token = bool(festival.metrics_token) and secrets.compare_digest(
        authorization.encode(), f"Bearer {festival.metrics_token}".encode()
    )
    if not by_token and not _from_here(request):
        raise NOT_FOR_YOU()
    e = t.entries.c
    with festival.database.read() as c:
        waiting = letters.waiting(c)
        counted = select(e.edition, e.state, func.count()).group_by(e.edition, e.state)
        entries = {(edition, state): count for edition, state, count in c.execute(counted)}
    body = request.app.state.metrics.expose(waiting, entries)
    return Response(body, media_type="text/plain; version=0.0.4")


@router.get(
    "/problems",
    summary="List every kind of refusal",
    response_model=KindList,
    responses={200: {"content": {"text/html": {"schema": {"type": "string"}}}}},
)
def problems(request: Request, language: Asked) -> Response:
    """What `type` and `code` of a refusal mean, in both languages: a page for browsers, or JSON."""
    kinds = sorted(Kind.ALL.values(), key=lambda kind: kind.code)
    if "text/html" in request.headers.get("accept", ""):
        return Response(_page(kinds), media_type="text/html")
    items = [
        KindView(
            code=kind.code,
            status=kind.status,
            en=kind.detail,
            zh=translated(kind.detail, "zh-Hant"),
        )
        for kind in kinds
    ]
    body = KindList(items=items).model_dump_json(by_alias=True)
    return Response(body, media_type="application/json")


def _database(database: Database) -> tuple[bool, bool]:
    try:
        return True, state(database) == "current"
    except Refusal:
        return False, False


def _folder(folder: Path) -> tuple[bool, bool]:
    if not os.access(folder, os.W_OK | os.X_OK):
        return False, False
    return True, shutil.disk_usage(folder).free >= _ROOM


def _from_here(request: Request) -> bool:
    # A proxy on this machine stands for everybody.
    if "x-forwarded-for" in request.headers or "forwarded" in request.headers:
        return False
    try:
        return request.client is not None and ipaddress.ip_address(request.client.host).is_loopback
    except ValueError:
        return False


def _page(kinds: list[Kind]) -> str:
    rows = "\n".join(
        f'<tr id="{kind.code}"><td><code>{kind.code}</code></td><td>{kind.status}</td>'
        f'<td>{html.escape(kind.detail)}</td><td lang="zh-Hant">'
        f"{html.escape(translated(kind.detail, 'zh-Hant'))}</td></tr>"
        for kind in kinds
    )
    return (
        '<!doctype html>\n<html lang="en">\n<meta charset="utf-8">\n<title>Refusals</title>\n'
        f"<h1>Refusals</h1>\n<table>\n{rows}\n</table>\n</html>\n"
    )
