"""Pages: templates in two languages, scripts and styles; the interface does the work."""

from __future__ import annotations

from festival_api.web.pages._front import Day, Front, PriceRow, Running, current, front
from festival_api.web.pages._rendering import StaticFile, render, static_files
from festival_api.web.pages._words import GROUPS, STATES, WORDS, countries, spoken

__all__ = [
    "GROUPS",
    "STATES",
    "WORDS",
    "Day",
    "Front",
    "PriceRow",
    "Running",
    "StaticFile",
    "countries",
    "current",
    "front",
    "render",
    "spoken",
    "static_files",
]
