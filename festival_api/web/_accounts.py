"""Accounts: signing up, confirming, signing in, one's own data."""

from __future__ import annotations

from fastapi import APIRouter

router = APIRouter()
