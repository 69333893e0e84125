"""Payments: checkout, what providers tell, refunds."""

from __future__ import annotations

from fastapi import APIRouter

router = APIRouter()
