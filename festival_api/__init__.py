"""The festival service: entries, fees and the jury of an AI-native film festival.

It stands apart from the hall: its own process and database, no import in either direction. `hall
festival serve` runs it; what stands here is for programs that embed it (`docs/festival.md` shows
one), beside the adapters to mail and payments in `festival_api.ports`. It is loaded when it is
asked for, since the command line imports this package on every call.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from festival_api.accounts import Passwords
    from festival_api.editions import load
    from festival_api.store import Database, migrate
    from festival_api.web import DUTIES, Festival, Worker, create_app

__all__ = [
    "DUTIES",
    "Database",
    "Festival",
    "Passwords",
    "Worker",
    "create_app",
    "load",
    "migrate",
]

_HOMES = {
    "DUTIES": "web",
    "Database": "store",
    "Festival": "web",
    "Passwords": "accounts",
    "Worker": "web",
    "create_app": "web",
    "load": "editions",
    "migrate": "store",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"festival_api has no {name}")
    return getattr(import_module(f"festival_api.{_HOMES[name]}"), name)
