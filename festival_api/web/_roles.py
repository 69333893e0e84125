"""Roles: who is office, who is auditor."""

from __future__ import annotations

from fastapi import APIRouter

router = APIRouter()
