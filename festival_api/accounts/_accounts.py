"""Accounts and their sessions."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, insert, select

from festival_api.accounts._actors import Actor
from festival_api.store import tables as t
from festival_api.texts import sha256_hex

SESSION_LASTS = timedelta(days=14)


def email_key(email: str) -> str:
    """Fold an address for comparing: nobody tells two mailboxes apart by capitals."""
    return email.casefold()


def open_session(c: Connection, account: str, now: datetime) -> str:
    """Begin a session; its token is given once and only its hash is kept."""
    token = secrets.token_urlsafe(32)
    c.execute(
        insert(t.sessions).values(
            token_sha256=sha256_hex(token),
            account=account,
            created_at=now,
            expires_at=now + SESSION_LASTS,
        )
    )
    return token


def close_session(c: Connection, token: str) -> None:
    """End a session; an unknown one is ended already."""
    c.execute(delete(t.sessions).where(t.sessions.c.token_sha256 == sha256_hex(token)))


def actor_of(c: Connection, token: str, now: datetime) -> Actor | None:
    """Return who a session's token belongs to, with all roles; None when it is unknown or ended."""
    a, s = t.accounts.c, t.sessions.c
    row = c.execute(
        select(a.id, a.confirmed_at, a.admin, a.language)
        .join_from(t.sessions, t.accounts)
        .where(s.token_sha256 == sha256_hex(token), s.expires_at > now, a.erased_at.is_(None))
    ).first()
    if row is None:
        return None
    return Actor(row.id, row.confirmed_at is not None, row.admin, _roles(c, row.id), row.language)


def _roles(c: Connection, account: str) -> dict[str, frozenset[str]]:
    held: dict[str, set[str]] = {}
    for edition, role in c.execute(
        select(t.roles.c.edition, t.roles.c.role).where(t.roles.c.account == account)
    ):
        held.setdefault(edition, set()).add(role)
    seated = select(t.jurors.c.edition).where(
        t.jurors.c.account == account, t.jurors.c.retired_at.is_(None)
    )
    for edition in c.execute(seated).scalars():
        held.setdefault(edition, set()).add("juror")
    return {edition: frozenset(names) for edition, names in held.items()}
