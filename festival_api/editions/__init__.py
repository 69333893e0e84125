"""Editions of the festival: fees, periods, jury, awards, programme and every decision, as checked configuration."""

from __future__ import annotations

from festival_api.editions._basics import Fraction, Text
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

__all__ = [
    "Award",
    "ByRuntime",
    "Category",
    "Edition",
    "Faction",
    "FeeClass",
    "Fraction",
    "Item",
    "Period",
    "Space",
    "Text",
    "Token",
]
