"""Exports: tables and minutes."""

from __future__ import annotations

from fastapi import APIRouter

router = APIRouter()
