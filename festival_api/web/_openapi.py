"""The description of the service for programs (OpenAPI 3.1), with every refusal there is.

Endpoints name the refusals of their own rules with `refusing`; what every endpoint shares
(malformed requests, who asks, too much, too many, busy) is added here.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import iter_route_contexts

from festival_api.accounts import NOT_CONFIRMED, NOT_SIGNED_IN
from festival_api.refusals import Kind
from festival_api.store import BUSY, UNAVAILABLE
from festival_api.web._asking import COOKIE, CROSS_SITE, maybe_signed_in, serving, signed_in
from festival_api.web._gate import TOO_LARGE_BODY
from festival_api.web._limits import TOO_MANY, within_limits
from festival_api.web._problems import INVALID, MEDIA_TYPE, WRONG_TYPE, Problem
from festival_api.web._strict_json import MALFORMED

TAGS = (
    ("editions", "What the festival is: its rules, prices and decisions."),
    ("accounts", "Accounts, sessions and personal data."),
    ("roles", "Who is office and auditor."),
    ("entries", "Works on their way into the festival."),
    ("files", "Film packages and proofs, uploaded in pieces (tus 1.0.0)."),
    ("payments", "Entry fees."),
    ("office", "Running the festival."),
    ("jurors", "Who judges, what, and what they must not."),
    ("jury", "A juror's desk."),
    ("stages", "Opening, closing and publishing the stages of judging."),
    ("committee", "Viewings, defences and ballots of the core committee."),
    ("exports", "Minutes and tables."),
    ("service", "Health, numbers and the list of refusals."),
)

_SECURITY = {
    "bearer": {
        "type": "http",
        "scheme": "bearer",
        "description": "The token that `POST /api/sessions` gave.",
    },
    "cookie": {
        "type": "apiKey",
        "in": "cookie",
        "name": COOKIE,
        "description": "The same token as browsers keep it.",
    },
}


def refusing(*kinds: Kind) -> dict[int | str, dict[str, Any]]:
    """Describe the refusals of an endpoint, for its ``responses=``.

    Parameters
    ----------
    kinds : Kind
        The refusals that the endpoint's own rules can give; not those that every endpoint shares.
    """
    by_status: dict[int | str, list[Kind]] = {}
    for kind in kinds:
        by_status.setdefault(kind.status, []).append(kind)
    return {status: _answer(alike) for status, alike in by_status.items()}


class DescribedApp(FastAPI):
    """An application whose description is whole."""

    def openapi(self) -> dict[str, Any]:
        """Return the description; made once."""
        if self.openapi_schema is None:
            self.openapi_schema = _completed(super().openapi(), self)
        return self.openapi_schema


def _completed(document: dict[str, Any], app: FastAPI) -> dict[str, Any]:
    schemas = document["components"].setdefault("schemas", {})
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    problem = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas.update(problem.pop("$defs"), Problem=problem)
    document["components"]["securitySchemes"] = _SECURITY
    document["tags"] = [{"name": name, "description": text} for name, text in TAGS]
    for route in iter_route_contexts(app.routes):
        if route.path_format not in document["paths"] or route.dependant is None:
            continue
        asked = set(_calls(route.dependant))
        for method in route.methods or ():
            operation = document["paths"][route.path_format].get(method.lower())
            if operation is not None:
                _complete(operation, asked)
    return document


def _calls(dependant: Dependant) -> Iterator[Any]:
    yield dependant.call
    # The limits ask who asks only to count for them.
    if dependant.call is not within_limits:
        for below in dependant.dependencies:
            yield from _calls(below)


def _complete(operation: dict[str, Any], asked: set[Any]) -> None:
    kinds = [MALFORMED]
    if signed_in in asked:
        operation["security"] = [{"bearer": []}, {"cookie": []}]
        kinds += [NOT_SIGNED_IN, NOT_CONFIRMED, CROSS_SITE]
    elif maybe_signed_in in asked:
        operation["security"] = [{}, {"bearer": []}, {"cookie": []}]
    if "requestBody" in operation:
        kinds += [TOO_LARGE_BODY]
        if "application/json" in operation["requestBody"]["content"]:
            kinds += [WRONG_TYPE]
    if "requestBody" in operation or "parameters" in operation:
        kinds += [INVALID]
    if within_limits in asked:
        kinds += [TOO_MANY]
    if serving in asked:
        kinds += [BUSY, UNAVAILABLE]
    responses = operation["responses"]
    responses.get("422", {}).get("content", {}).pop("application/json", None)
    for status, answer in refusing(*kinds).items():
        known = responses.get(str(status), {})
        if MEDIA_TYPE in known.get("content", {}):
            known["content"][MEDIA_TYPE]["examples"] |= answer["content"][MEDIA_TYPE]["examples"]
            known["description"] += "\n" + answer["description"]
        else:
            responses[str(status)] = answer


def _answer(kinds: list[Kind]) -> dict[str, Any]:
    return {
        "description": "\n".join(f"* `{kind.code}`: {kind.detail}" for kind in kinds),
        "content": {
            MEDIA_TYPE: {
                "schema": {"$ref": "#/components/schemas/Problem"},
                "examples": {kind.code: {"value": _example(kind)} for kind in kinds},
            }
        },
    }


def _example(kind: Kind) -> dict[str, Any]:
    return {
        "type": f"/problems#{kind.code}",
        "title": kind.code.replace("_", " "),
        "status": kind.status,
        "detail": kind.detail,
        "code": kind.code,
    }
