"""Who is who: accounts with a proven e-mail address, their sessions, and what each may do."""

from festival_api.accounts._accounts import (
    actor_of,
    close_session,
    email_key,
    open_session,
)
from festival_api.accounts._actors import NOT_ALLOWED, NOT_CONFIRMED, NOT_SIGNED_IN, Actor
from festival_api.accounts._passwords import Passwords

__all__ = [
    "NOT_ALLOWED",
    "NOT_CONFIRMED",
    "NOT_SIGNED_IN",
    "Actor",
    "Passwords",
    "actor_of",
    "close_session",
    "email_key",
    "open_session",
]
