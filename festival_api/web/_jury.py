"""The jury at work: own assignments, conflicts, verdicts, reviews."""

from __future__ import annotations

from fastapi import APIRouter

router = APIRouter()
