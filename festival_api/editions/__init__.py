"""Editions of the festival: every rule that a year may change, as checked configuration."""

from __future__ import annotations

from festival_api.editions._basics import Fraction, Text
from festival_api.editions._check import check
from festival_api.editions._decided import Decided
from festival_api.editions._decisions import decisions
from festival_api.editions._differences import Differences, differences
from festival_api.editions._load import LoadedEdition, canonical, load, parse
from festival_api.editions._model import (
    Award,
    ByRuntime,
    Category,
    Edition,
    Faction,
    FeeClass,
    Item,
    Period,
    Space,
    Token,
)
from festival_api.editions._prices import (
    CLOSED,
    NOT_OPEN,
    RUNTIME_REQUIRED,
    UNKNOWN_CATEGORY,
    Price,
    fee_class,
    format_money,
    period_at,
    price,
    table,
)
from festival_api.editions._printing import instant, public
from festival_api.editions._problem import EditionError, Problem
from festival_api.editions._report import check_report

__all__ = [
    "CLOSED",
    "NOT_OPEN",
    "RUNTIME_REQUIRED",
    "UNKNOWN_CATEGORY",
    "Award",
    "ByRuntime",
    "Category",
    "Decided",
    "Differences",
    "Edition",
    "EditionError",
    "Faction",
    "FeeClass",
    "Fraction",
    "Item",
    "LoadedEdition",
    "Period",
    "Price",
    "Problem",
    "Space",
    "Text",
    "Token",
    "canonical",
    "check",
    "check_report",
    "decisions",
    "differences",
    "fee_class",
    "format_money",
    "instant",
    "load",
    "parse",
    "period_at",
    "price",
    "public",
    "table",
]
