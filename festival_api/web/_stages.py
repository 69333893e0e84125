"""Stages: opening, assigning, closing, decisions, publishing."""

from __future__ import annotations

from fastapi import APIRouter

router = APIRouter()
