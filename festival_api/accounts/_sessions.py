"""Sessions: signing in, and who a session's token belongs to."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, insert, select, update

from festival_api.accounts._actors import Actor
from festival_api.accounts._emails import email_key
from festival_api.refusals import Kind
from festival_api.store import tables as t
from festival_api.texts import sha256_hex

WRONG_CREDENTIALS = Kind(
    "wrong_credentials", 401, "E-mail address and password do not belong together."
)
WRONG_PASSWORD = Kind("wrong_password", 403, "This is not your password; nothing was changed.")

SESSION_LASTS = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Credentials:
    """An account and its password's hash, as they were when somebody began to sign in."""

    account: str
    password_hash: str | None


def credentials(c: Connection, email: str) -> Credentials | None:
    """Look up what a password is to be compared with; None when nobody has the address."""
    a = t.accounts.c
    row = c.execute(select(a.id, a.password_hash).where(a.email_key == email_key(email))).first()
    return None if row is None else Credentials(row.id, row.password_hash)


def sign_in(c: Connection, verified: Credentials, better_hash: str | None, now: datetime) -> str:
    """Begin a session for who gave the right password; keep a better hash of it if there is one.

    Raises
    ------
    Refusal
        `wrong_credentials`, when the password was changed since it was verified.
    """
    a = t.accounts.c
    kept = c.execute(
        update(t.accounts)
        .where(a.id == verified.account, a.password_hash == verified.password_hash)
        .values(password_hash=better_hash or verified.password_hash)
    )
    if kept.rowcount == 0:
        raise WRONG_CREDENTIALS()
    return open_session(c, verified.account, now)


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


def close_sessions(c: Connection, account: str, *, but: str | None = None) -> None:
    """End all sessions of an account, except the one with the token `but`."""
    s = t.sessions.c
    ended = delete(t.sessions).where(s.account == account)
    c.execute(ended if but is None else ended.where(s.token_sha256 != sha256_hex(but)))


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
