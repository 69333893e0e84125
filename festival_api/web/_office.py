"""The office: entries as the office sees them."""

from __future__ import annotations

from fastapi import APIRouter

router = APIRouter()
