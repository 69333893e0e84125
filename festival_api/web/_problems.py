"""Refusals as problem documents (RFC 9457), in the language of who asked."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from festival_api.refusals import Kind, Refusal
from festival_api.speech import Language, asked_language, translated

MEDIA_TYPE = "application/problem+json"

MALFORMED = Kind("malformed", 400, "The request is not well-formed JSON: {why}.")
INVALID = Kind("invalid", 422, "The request does not fit: see `errors` for each place.")
NOT_FOUND = Kind("not_found", 404, "There is nothing at this address.")
WRONG_METHOD = Kind("wrong_method", 405, "This address does not take {method}.")
HTTP_REFUSED = Kind("refused", 400, "The request was refused ({status}).")
FAULT = Kind(
    "fault", 500, "This is a fault of the service, not yours; nothing was kept. Report number {number}."
)

_log = structlog.get_logger("festival")


def problem(refusal: Refusal, language: Language, **headers: str) -> JSONResponse:
    """Write a refusal as a problem document."""
    kind = refusal.kind
    document: dict[str, Any] = {
        "type": f"/problems#{kind.code}",
        "title": kind.code.replace("_", " "),
        "status": kind.status,
        "detail": translated(kind.detail, language).format(**refusal.words),
        "code": kind.code,
        **refusal.facts,
    }
    return JSONResponse(
        document,
        kind.status,
        {"Content-Language": language, "Cache-Control": "no-store", **headers},
        media_type=MEDIA_TYPE,
    )


def tell_refusals(app: FastAPI) -> None:
    """Make `app` answer every refusal, and every fault, with a problem document."""
    app.add_exception_handler(Refusal, _refused)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(Exception, _fault)


def _language(request: Request) -> Language:
    return asked_language(request.headers.get("accept-language", ""))


def _refused(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, Refusal)
    return problem(error, _language(request), **_headers(error))


def _headers(refusal: Refusal) -> dict[str, str]:
    headers = {}
    if refusal.kind.status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    if "retry_after_s" in refusal.facts:
        headers["Retry-After"] = str(refusal.facts["retry_after_s"])
    return headers


def _invalid(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    found = error.errors()
    for one in found:
        if one["type"] == "json_invalid":
            return problem(MALFORMED(why=one["ctx"]["error"]), _language(request))
    errors = [{"where": _pointer(one["loc"]), "what": one["msg"], "rule": one["type"]} for one in found]
    return problem(INVALID({"errors": errors}), _language(request))


def _pointer(location: tuple[int | str, ...]) -> str:
    return "/" + "/".join(str(part) for part in location)


def _http(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    language = _language(request)
    if error.status_code == 404:
        return problem(NOT_FOUND(), language)
    if error.status_code == 405:
        allowed = (error.headers or {}).get("Allow", "")
        return problem(WRONG_METHOD(method=request.method), language, Allow=allowed)
    return problem(HTTP_REFUSED(status=error.status_code), language)


def _fault(request: Request, error: Exception) -> JSONResponse:
    number = uuid4().hex[:12]
    _log.error("fault", number=number, method=request.method, path=request.url.path, exc_info=error)
    return problem(FAULT(number=number), _language(request))
