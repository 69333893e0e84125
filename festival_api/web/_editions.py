"""Editions: what the festival is, its prices and its decisions, for everyone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date, time
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field, WithJsonSchema

from festival_api.editions import (
    CLOSED,
    NOT_OPEN,
    RUNTIME_REQUIRED,
    UNKNOWN_CATEGORY,
    Edition,
    Fraction,
    Item,
    Period,
    Text,
    decisions,
    format_money,
    price,
    public,
)
from festival_api.speech import LANGUAGES
from festival_api.texts import canonical, sha256_hex
from festival_api.web._asking import Serving
from festival_api.web._festival import UNKNOWN_EDITION
from festival_api.web._openapi import refusing

router = APIRouter(prefix="/editions", tags=["editions"])

_NAME = {"en": "HKAIIFF 2026", "zh-Hant": "HKAIIFF 2026"}
_OPENS = {"utc": "2025-10-31T16:00:00Z", "local": "2025-11-01T00:00:00+08:00"}
_CACHED = "public, max-age=60"

# JSON Schema's own format wants an offset; this is what the clock on the wall shows.
LocalTime = Annotated[
    time,
    WithJsonSchema({"type": "string", "pattern": r"^\d\d:\d\d:00$", "examples": ["19:00:00"]}),
]

_Answers = dict[int | str, dict[str, Any]]
_UNCHANGED: _Answers = {304: {"description": "Nothing has changed since."}}
_EXAMPLE = {"served": {"externalValue": "https://festival.example.org/api/editions/hkaiiff-2026"}}
_SERVED: _Answers = {200: {"content": {"application/json": {"examples": _EXAMPLE}}}}


class View(BaseModel):
    """What is answered; frozen."""

    model_config = ConfigDict(frozen=True)


class EditionLine(View):
    """An edition in the list."""

    id: str = Field(examples=["hkaiiff-2026"])
    name: Text = Field(examples=[_NAME])
    first_day: date = Field(examples=["2026-05-01"])
    last_day: date = Field(examples=["2026-05-07"])
    sha256: str = Field(
        description="Of the file that the edition is served from.", examples=["5f" * 32]
    )


class EditionList(View):
    """Every edition."""

    items: tuple[EditionLine, ...]
    next: str | None = Field(
        default=None, description="Always null: there are few.", examples=[None]
    )


class Moment(View):
    """An instant, in UTC and in the edition's time zone."""

    utc: str = Field(examples=[_OPENS["utc"]])
    local: str = Field(examples=[_OPENS["local"]])


class PeriodView(Period):
    """A period of entry with its instants; it ends just before `closes`."""

    opens: Moment = Field(examples=[_OPENS])
    closes: Moment = Field(examples=[_OPENS])


class ItemView(Item):
    """An item of the programme with its instants."""

    starts: LocalTime
    ends: LocalTime
    starts_at: Moment = Field(examples=[_OPENS])
    ends_at: Moment = Field(examples=[_OPENS])


class PriceView(View):
    """What an entry costs, with all that it follows from."""

    amount: int = Field(description="In minor units of the currency.", examples=[56250])
    currency: str = Field(description="ISO 4217.", examples=["USD"])
    period: str = Field(examples=["early"])
    fee_class: str = Field(examples=["generative_feature"])
    student: bool = Field(examples=[False])
    factor: Fraction = Field(
        description="Of the fee, as applied.", examples=[{"numerator": 75, "denominator": 100}]
    )
    text: Text = Field(
        description="The amount as it is written.",
        examples=[{"en": "US$562.50", "zh-Hant": "US$562.50"}],
    )


class DecisionView(View):
    """One question that the festival's text leaves open, and how this edition decides it."""

    number: int = Field(examples=[4])
    question: Text = Field(
        examples=[{"en": "Which dollars are meant?", "zh-Hant": "所指為何種貨幣？"}]
    )
    answer: Text = Field(examples=[{"en": "US dollars.", "zh-Hant": "美元。"}])
    setting: str = Field(description="Its place in the edition.", examples=["currency"])
    value: Any = Field(description="What is set there.", examples=["USD"])


class DecisionList(View):
    """Every decision of an edition."""

    items: tuple[DecisionView, ...]
    next: str | None = Field(
        default=None, description="Always null: there are few.", examples=[None]
    )


class EditionView(Edition):
    """An edition as its file has it, and what follows from it: instants, prices, decisions."""

    periods: tuple[PeriodView, ...]
    programme: tuple[ItemView, ...]
    prices: tuple[PriceView, ...]
    decisions: tuple[DecisionView, ...]


@router.get("", summary="List the editions")
def list_editions(request: Request, festival: Serving) -> EditionList:
    """Which years of the festival are served here."""
    return EditionList(
        items=tuple(
            EditionLine(
                id=id_,
                name=loaded.edition.name,
                first_day=loaded.edition.first_day,
                last_day=loaded.edition.last_day,
                sha256=loaded.sha256,
            )
            for id_, loaded in sorted(festival.editions.items())
        )
    )


@router.get(
    "/{edition}",
    summary="Show an edition",
    response_model=EditionView,
    responses=_SERVED | _UNCHANGED | refusing(UNKNOWN_EDITION),
)
def show_edition(edition: str, request: Request, festival: Serving) -> Response:
    """Every rule of an edition, and what follows from it: prices, instants and decisions."""
    loaded = festival.loaded(edition)
    return _cached(request, loaded.sha256, public(loaded.edition))


@router.get(
    "/{edition}/decisions",
    summary="List what the edition decides",
    response_model=DecisionList,
    responses=_UNCHANGED | refusing(UNKNOWN_EDITION),
)
def list_decisions(edition: str, request: Request, festival: Serving) -> Response:
    """Where the festival's text says two things or nothing, what holds, in both languages."""
    loaded = festival.loaded(edition)
    items = [
        asdict(decided)
        | {
            "question": decided.question.model_dump(by_alias=True),
            "answer": decided.answer.model_dump(by_alias=True),
        }
        for decided in decisions(loaded.edition)
    ]
    return _cached(request, loaded.sha256, {"items": items, "next": None})


@router.get(
    "/{edition}/prices",
    summary="Ask what an entry costs now",
    responses=refusing(UNKNOWN_EDITION, UNKNOWN_CATEGORY, RUNTIME_REQUIRED, NOT_OPEN, CLOSED),
)
def ask_price(
    edition: str,
    festival: Serving,
    category: Annotated[str, Query(max_length=100, examples=["generative_linear"])],
    student: Annotated[bool, Query(description="Whether the maker is a student.")] = False,
    runtime_seconds: Annotated[
        int | None, Query(ge=1, le=10**6, description="Of a linear film.", examples=[5400])
    ] = None,
) -> PriceView:
    """By the service's clock; the price holds for an entry once it is finalised, not before."""
    found = festival.edition(edition)
    minutes = None if runtime_seconds is None else max(1, runtime_seconds // 60)
    cost = price(found, category, minutes, student, festival.clock())
    written = {
        language: format_money(cost.amount, cost.currency, language) for language in LANGUAGES
    }
    return PriceView(**asdict(cost) | {"factor": cost.factor, "text": written})


def _cached(request: Request, version: str, document: Mapping[str, Any]) -> Response:
    """Answer with a document to be kept for a minute, or say that theirs is still right."""
    body = canonical(document)
    tag = f'"{sha256_hex(version + body)[:32]}"'
    headers = {"ETag": tag, "Cache-Control": _CACHED}
    if tag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    return Response(body, headers=headers, media_type=JSONResponse.media_type)
