"""Files of entries: uploads that go on after a break, and the links instead of them."""

from __future__ import annotations

from fastapi import APIRouter

router = APIRouter()
