"""Codes that are sent by letter and used once; only their hashes are kept."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import Connection, delete, insert, select, update

from festival_api.refusals import Kind
from festival_api.store import tables as t
from festival_api.texts import sha256_hex

TOKEN_UNKNOWN = Kind(
    "token_unknown",
    404,
    "This code is not known; perhaps a newer letter has replaced it. Take the newest letter, or"
    " ask for another.",
)
TOKEN_USED = Kind("token_used", 409, "This code was used before; each works once.")
TOKEN_EXPIRED = Kind("token_expired", 409, "This code is no longer valid; ask for another letter.")

Purpose = Literal["confirm", "reset", "change_email"]

LASTS: dict[Purpose, timedelta] = {
    "confirm": timedelta(hours=48),
    "reset": timedelta(hours=2),
    "change_email": timedelta(hours=48),
}


@dataclass(frozen=True, slots=True)
class Redeemed:
    """Whose code it was, and the address that it was sent to."""

    account: str
    email: str


def issue(c: Connection, account: str, purpose: Purpose, email: str, now: datetime) -> str:
    """Make a code; earlier ones of the account for the same purpose are void."""
    revoke(c, account, purpose)
    token = secrets.token_urlsafe(24)
    c.execute(
        insert(t.tokens).values(
            token_sha256=sha256_hex(token),
            account=account,
            purpose=purpose,
            email=email,
            sent_at=now,
            expires_at=now + LASTS[purpose],
        )
    )
    return token


def inspect(c: Connection, token: str, purpose: Purpose, now: datetime) -> Redeemed:
    """Look whose code it is, without using it.

    Raises
    ------
    Refusal
        `token_unknown`, `token_used` or `token_expired`.
    """
    k = t.tokens.c
    row = c.execute(
        select(k.account, k.email, k.used_at, k.expires_at).where(
            k.token_sha256 == sha256_hex(token), k.purpose == purpose
        )
    ).first()
    if row is None:
        raise TOKEN_UNKNOWN()
    if row.used_at is not None:
        raise TOKEN_USED()
    if row.expires_at <= now:
        raise TOKEN_EXPIRED()
    return Redeemed(row.account, row.email)


def redeem(c: Connection, token: str, purpose: Purpose, now: datetime) -> Redeemed:
    """Use a code.

    Raises
    ------
    Refusal
        `token_unknown`, `token_used` or `token_expired`.
    """
    redeemed = inspect(c, token, purpose, now)
    c.execute(
        update(t.tokens).where(t.tokens.c.token_sha256 == sha256_hex(token)).values(used_at=now)
    )
    return redeemed


def revoke(c: Connection, account: str, *purposes: Purpose) -> None:
    """Make all codes of the account for `purposes` void."""
    k = t.tokens.c
    c.execute(delete(t.tokens).where(k.account == account, k.purpose.in_(purposes)))
