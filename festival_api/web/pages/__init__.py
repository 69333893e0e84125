"""Pages: templates in two languages, scripts and styles; the interface does the work."""

from __future__ import annotations

from festival_api.web.pages._front import Day, Front, PriceRow, Running, current, front
from festival_api.web.pages._published import Published, published
from festival_api.web.pages._rendering import POLICY, StaticFile, render, static_files
from festival_api.web.pages._words import GROUPS, STATES, WORDS, countries, spoken

__all__ = [
    "GROUPS",
    "POLICY",
    "STATES",
    "WORDS",
    "Day",
    "Front",
    "PriceRow",
    "Published",
    "Running",
    "StaticFile",
    "countries",
    "current",
    "front",
    "published",
    "render",
    "spoken",
    "static_files",
]
