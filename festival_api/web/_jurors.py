"""Jurors: appointing them, their factions, their conflicts of interest."""

from __future__ import annotations

from fastapi import APIRouter

router = APIRouter()
