"""Refusals as problem documents (RFC 9457), in the language of who asked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.params import Form
from fastapi.responses import HTMLResponse, JSONResponse, Response
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException

from festival_api.refusals import Kind, Refusal
from festival_api.speech import LANGUAGES, Language, asked_language, say, translated
from festival_api.web import pages
from festival_api.web._field_errors import field_error

MEDIA_TYPE = "application/problem+json"

INVALID = Kind("invalid", 422, "The request does not fit: see `errors` for each place.")
WRONG_TYPE = Kind("wrong_type", 415, "Send this as application/json, and say so in Content-Type.")
NOT_FOUND = Kind("not_found", 404, "There is nothing at this address.")
WRONG_METHOD = Kind("wrong_method", 405, "This address does not take {method}.")
HTTP_REFUSED = Kind("refused", 400, "The request was refused ({status}).")
FAULT = Kind(
    "fault",
    500,
    "This is a fault of the service, not yours; nothing was kept. Report number {number}.",
)

BACK = say("To the front page")

ON_THE_WAY_OUT = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
"""Headers of every answer, where its endpoint says nothing else."""

NUMBER_HEADER = "X-Request-Id"

_ERRORS_TOLD = 100

_log = structlog.get_logger("festival")


class FieldError(BaseModel):
    """One place of a request that does not fit."""

    where: str = Field(description="JSON Pointer into the request.", examples=["/body/title/en"])
    what: str = Field(description="What is wrong there.", examples=["is required"])
    rule: str = Field(description="Which rule, for programs.", examples=["missing"])


class Problem(BaseModel):
    """Why the service did not do what it was asked (RFC 9457)."""

    model_config = ConfigDict(extra="allow")

    type: str = Field(description="Where this kind is explained.", examples=["/problems#invalid"])
    title: str = Field(description="The kind in words.", examples=["invalid"])
    status: int = Field(description="The HTTP status.", examples=[422])
    detail: str = Field(
        description="What is wrong, and what to do, in the language asked for.",
        examples=["The request does not fit: see `errors` for each place."],
    )
    code: str = Field(description="The kind, for programs; never changes.", examples=["invalid"])
    errors: list[FieldError] | None = Field(
        default=None, description="Each place that does not fit."
    )


def problem(refusal: Refusal, language: Language, **headers: str) -> JSONResponse:
    """Write a refusal as a problem document; words that the catalogue knows are translated too."""
    kind = refusal.kind
    document: dict[str, Any] = {
        "type": f"/problems#{kind.code}",
        "title": kind.code.replace("_", " "),
        "status": kind.status,
        "detail": _detail(refusal, language),
        "code": kind.code,
        **refusal.facts,
    }
    return JSONResponse(
        document,
        kind.status,
        {"Content-Language": language, "Vary": "Accept-Language", "Cache-Control": "no-store"}
        | headers,
        media_type=MEDIA_TYPE,
    )


def _detail(refusal: Refusal, language: Language) -> str:
    words = {
        name: translated(word, language) if isinstance(word, str) and word else word
        for name, word in refusal.words.items()
    }
    return translated(refusal.kind.detail, language).format(**words)


def _page(refusal: Refusal, headers: dict[str, str]) -> HTMLResponse:
    """Write a refusal as a page in both languages, for who has come to an address in a browser."""
    told = {
        language: (_detail(refusal, language), translated(BACK, language)) for language in LANGUAGES
    }
    text = pages.render("problem.html", LANGUAGES[0], told=told)
    policy = {"Content-Security-Policy": pages.POLICY, "Vary": "Accept"}
    return HTMLResponse(text, refusal.kind.status, headers | policy)


def tell_refusals(app: FastAPI) -> None:
    """Make `app` answer every refusal, and every fault, with a problem document."""
    app.add_exception_handler(Refusal, _refused)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(Exception, _fault)


def _language(request: Request) -> Language:
    return asked_language(request.headers.get("accept-language", ""))


def _browses(request: Request) -> bool:
    """Tell whether a person opens this as a page; the interface always answers programs."""
    accepted = request.headers.get("accept", "")
    return "text/html" in accepted and not request.url.path.startswith("/api/")


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, Refusal)
    return _tell(request, error)


def _tell(request: Request, refusal: Refusal, **headers: str) -> Response:
    request.state.refusal = refusal.kind.code
    if refusal.kind.status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    if "retry_after_s" in refusal.facts:
        headers["Retry-After"] = str(refusal.facts["retry_after_s"])
    if _browses(request):
        return _page(refusal, headers)
    return problem(refusal, _language(request), **headers)


async def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    if _browses(request):
        # The address of a page that cannot be.
        return _tell(request, NOT_FOUND())
    found = error.errors()
    if _sent_as_something_else(request, found):
        return _tell(request, WRONG_TYPE())
    language = _language(request)
    errors = [field_error(one, language) for one in found[:_ERRORS_TOLD]]
    return _tell(request, INVALID({"errors": errors}))


def _sent_as_something_else(request: Request, found: Sequence[Any]) -> bool:
    """Tell whether the body was not looked at because it did not come as JSON."""
    field = getattr(request.scope.get("route"), "body_field", None)
    if field is None or isinstance(field.field_info, Form):
        return False
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    sent = (
        "transfer-encoding" in request.headers or request.headers.get("content-length", "0") != "0"
    )
    return (
        sent
        and kind != "application/json"
        and not kind.endswith("+json")
        and any(one["loc"][0] == "body" for one in found)
    )


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if isinstance(error.__cause__, Refusal):
        # A body that was refused while it came in.
        return _tell(request, error.__cause__)
    if error.status_code == 404:
        return _tell(request, NOT_FOUND())
    if error.status_code == 405:
        allowed = request.app.state.routes.allowed(request.url.path)
        return _tell(request, WRONG_METHOD(method=request.method), Allow=", ".join(sorted(allowed)))
    return _tell(request, HTTP_REFUSED(status=error.status_code))


async def _fault(request: Request, error: Exception) -> Response:
    number = request.state.number
    # By now the request has left everything that would log it, count it or dress its answer.
    _log.error("fault", request=number, exc_info=error)
    headers = ON_THE_WAY_OUT | {NUMBER_HEADER: number}
    return _tell(request, FAULT(number=number), **headers)
