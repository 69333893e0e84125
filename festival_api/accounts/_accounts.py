"""Accounts: opened, confirmed, changed.

What is told about an address never depends on whether somebody has it: only its owner learns that,
by letter. Passwords come hashed, for hashing takes long and a transaction must not.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, Row, delete, insert, select, update

from festival_api import letters
from festival_api.accounts._emails import email_key
from festival_api.accounts._sessions import WRONG_PASSWORD, close_sessions
from festival_api.accounts._tokens import inspect, issue, redeem, revoke
from festival_api.refusals import Kind
from festival_api.speech import Language
from festival_api.store import new_id
from festival_api.store import tables as t

EMAIL_TAKEN = Kind("email_taken", 409, "Another account has this e-mail address already.")

_UNCONFIRMED_LASTS = timedelta(days=30)
_TOKENS_KEPT = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Profile:
    """What an account says about its holder."""

    id: str
    email: str
    name: str
    language: Language
    confirmed: bool
    admin: bool
    created_at: datetime
    password_hash: str | None


def sign_up(
    c: Connection,
    email: str,
    password_hash: str,
    name: str,
    language: Language,
    address: str,
    now: datetime,
) -> None:
    """Open an account, or tell by letter that there is one.

    The newest request for an address that nobody has confirmed replaces earlier ones with their
    passwords, sessions and codes: a stranger who came first must not be in the account when the
    owner of the address confirms it.

    Parameters
    ----------
    c : Connection
    email : str
        From `checked_email`.
    password_hash, name, language : str
        Of the new account.
    address : str
        Of the service, for the link in the letter.
    now : datetime
    """
    values = {
        "email": email,
        "password_hash": password_hash,
        "name": name,
        "language": language,
        "created_at": now,
    }
    known = _by_email(c, email)
    if known is not None and known.confirmed_at is not None:
        letters.queue(c, known.id, "already_registered", {}, now)
        return
    if known is None:
        account = new_id()
        c.execute(
            insert(t.accounts).values(id=account, email_key=email_key(email), admin=False, **values)
        )
    else:
        account = known.id
        c.execute(update(t.accounts).where(t.accounts.c.id == account).values(values))
        close_sessions(c, account)
    _ask_to_confirm(c, account, email, address, now)


def send_confirmation(c: Connection, email: str, address: str, now: datetime) -> None:
    """Send the code to confirm an account once more, if there is such an account."""
    known = _by_email(c, email)
    if known is None:
        return
    if known.confirmed_at is None:
        _ask_to_confirm(c, known.id, known.email, address, now)
    else:
        letters.queue(c, known.id, "already_registered", {}, now)


def confirm(c: Connection, token: str, now: datetime) -> None:
    """Note that an account's e-mail address is proven.

    Raises
    ------
    Refusal
        `token_unknown`, `token_used` or `token_expired`.
    """
    proven = redeem(c, token, "confirm", now)
    c.execute(update(t.accounts).where(t.accounts.c.id == proven.account).values(confirmed_at=now))


def start_reset(c: Connection, email: str, address: str, now: datetime) -> None:
    """Send a letter with which a new password can be chosen, if there is such an account."""
    known = _by_email(c, email)
    if known is not None:
        code = issue(c, known.id, "reset", known.email, now)
        letters.queue(c, known.id, "reset", {"link": f"{address}/reset#{code}", "code": code}, now)


def who_resets(c: Connection, token: str, now: datetime) -> Profile:
    """Tell whose password the code can change, without using it.

    Raises
    ------
    Refusal
        `token_unknown`, `token_used` or `token_expired`.
    """
    return profile(c, inspect(c, token, "reset", now).account)


def finish_reset(c: Connection, token: str, password_hash: str, now: datetime) -> None:
    """Change a password with the code of a letter; all sessions end, the address is proven.

    Raises
    ------
    Refusal
        `token_unknown`, `token_used` or `token_expired`.
    """
    proven = redeem(c, token, "reset", now)
    a = t.accounts.c
    c.execute(update(t.accounts).where(a.id == proven.account).values(password_hash=password_hash))
    c.execute(
        update(t.accounts)
        .where(a.id == proven.account, a.confirmed_at.is_(None))
        .values(confirmed_at=now)
    )
    revoke(c, proven.account, "confirm", "change_email")
    close_sessions(c, proven.account)
    letters.queue(c, proven.account, "password_changed", {}, now)


def profile(c: Connection, account: str) -> Profile:
    """Return what an account that was not erased says about its holder."""
    a = t.accounts.c
    row = c.execute(
        select(
            a.id,
            a.email,
            a.name,
            a.language,
            a.confirmed_at,
            a.admin,
            a.created_at,
            a.password_hash,
        ).where(a.id == account)
    ).one()
    return Profile(
        row.id,
        row.email,
        row.name,
        "zh-Hant" if row.language == "zh-Hant" else "en",
        row.confirmed_at is not None,
        row.admin,
        row.created_at,
        row.password_hash,
    )


def change_profile(
    c: Connection, account: str, *, name: str | None = None, language: Language | None = None
) -> None:
    """Change the name or the language of letters; None leaves them."""
    asked = {"name": name, "language": language}
    values = {key: value for key, value in asked.items() if value is not None}
    if values:
        c.execute(update(t.accounts).where(t.accounts.c.id == account).values(values))


def change_password(
    c: Connection, verified: Profile, password_hash: str, session: str | None, now: datetime
) -> None:
    """Change a password whose old one was verified, and end all sessions but the present one.

    Parameters
    ----------
    c : Connection
    verified : Profile
        As read before the old password was verified.
    password_hash : str
        Of the new one.
    session : str or None
        Token of the session that stays.
    now : datetime

    Raises
    ------
    Refusal
        `wrong_password`, when the password was changed meanwhile.
    """
    a = t.accounts.c
    changed = c.execute(
        update(t.accounts)
        .where(a.id == verified.id, a.password_hash == verified.password_hash)
        .values(password_hash=password_hash)
    )
    if changed.rowcount == 0:
        raise WRONG_PASSWORD()
    revoke(c, verified.id, "reset", "change_email")
    close_sessions(c, verified.id, but=session)
    letters.queue(c, verified.id, "password_changed", {}, now)


def start_email_change(
    c: Connection, account: str, email: str, address: str, now: datetime
) -> None:
    """Send a code to a new address; if another account has it, that one is told so instead."""
    known = _by_email(c, email)
    if known is not None and known.id != account and known.confirmed_at is not None:
        letters.queue(c, known.id, "already_registered", {}, now)
        return
    code = issue(c, account, "change_email", email, now)
    words = {"link": f"{address}/email#{code}", "code": code}
    letters.queue(c, account, "change_email", words, now, to=email)


def finish_email_change(c: Connection, token: str, now: datetime) -> None:
    """Use the new address, which the code proves, and tell the old one.

    An account with that address which nobody confirmed makes way, unless entries were imported for
    it.

    Raises
    ------
    Refusal
        `token_unknown`, `token_used`, `token_expired`, or `email_taken` when another account has
        confirmed it meanwhile.
    """
    proven = redeem(c, token, "change_email", now)
    other = _by_email(c, proven.email)
    in_the_way = other is not None and other.id != proven.account
    if in_the_way and not _delete_unconfirmed(c, t.accounts.c.email_key == email_key(proven.email)):
        raise EMAIL_TAKEN()
    letters.queue(c, proven.account, "email_changed", {}, now)
    revoke(c, proven.account, "confirm", "reset")
    c.execute(
        update(t.accounts)
        .where(t.accounts.c.id == proven.account)
        .values(email=proven.email, email_key=email_key(proven.email), confirmed_at=now)
    )


def tidy(c: Connection, now: datetime) -> None:
    """Delete ended sessions, old codes, and accounts that were never confirmed."""
    a = t.accounts.c
    c.execute(delete(t.sessions).where(t.sessions.c.expires_at <= now))
    c.execute(delete(t.tokens).where(t.tokens.c.expires_at <= now - _TOKENS_KEPT))
    _delete_unconfirmed(c, a.created_at <= now - _UNCONFIRMED_LASTS)


def _by_email(c: Connection, email: str) -> Row[str, str, datetime | None] | None:
    a = t.accounts.c
    return c.execute(
        select(a.id, a.email, a.confirmed_at).where(a.email_key == email_key(email))
    ).first()


def _ask_to_confirm(c: Connection, account: str, email: str, address: str, now: datetime) -> None:
    code = issue(c, account, "confirm", email, now)
    letters.queue(c, account, "confirm", {"link": f"{address}/confirm#{code}", "code": code}, now)


def _delete_unconfirmed(c: Connection, which: ColumnElement[bool]) -> int:
    # One with entries came with an import from elsewhere, and waits for its owner.
    a = t.accounts.c
    found = list(
        c.execute(
            select(a.id).where(
                which,
                a.confirmed_at.is_(None),
                a.erased_at.is_(None),
                a.id.not_in(select(t.entries.c.owner)),
            )
        ).scalars()
    )
    for table in (t.letters, t.tokens, t.sessions):
        c.execute(delete(table).where(table.c.account.in_(found)))
    c.execute(delete(t.accounts).where(a.id.in_(found)))
    return len(found)
