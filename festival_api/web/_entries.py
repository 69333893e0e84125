"""Entries: drafts, quotes, finalising, withdrawing."""

from __future__ import annotations

from fastapi import APIRouter

router = APIRouter()
