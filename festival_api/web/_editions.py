"""Editions: what the festival is, its prices and its decisions, for everyone."""

from __future__ import annotations

from fastapi import APIRouter

router = APIRouter()
