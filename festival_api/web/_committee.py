"""Stage three: viewings, defences, ballots."""

from __future__ import annotations

from fastapi import APIRouter

router = APIRouter()
