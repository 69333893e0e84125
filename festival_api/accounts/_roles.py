"""Who holds which role in an edition: running it, auditing it and judging exclude each other."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import ColumnElement, Connection, delete, insert, select, update

from festival_api.accounts._emails import email_key
from festival_api.refusals import Kind
from festival_api.store import tables as t

UNKNOWN_ACCOUNT = Kind(
    "unknown_account",
    404,
    "There is no account with a confirmed e-mail address by that name. Ask them to sign up and to"
    " confirm their address first.",
)
ROLE_CONFLICT = Kind(
    "role_conflict",
    409,
    "This account is already {role} of edition {edition}. Office, auditor and juror are never the"
    " same person: who runs"
    " a festival or audits it does not judge in it.",
)
LAST_ADMINISTRATOR = Kind(
    "last_administrator",
    409,
    "This is the last administrator. Make somebody else one first, with `hall festival admin`.",
)

Role = Literal["office", "auditor"]


@dataclass(frozen=True, slots=True)
class Holder:
    """Who holds a role."""

    account: str
    email: str
    name: str
    role: Role
    granted_at: datetime


@dataclass(frozen=True, slots=True)
class Administrator:
    """Who appoints office and auditors."""

    account: str
    email: str
    name: str


def grant_role(
    c: Connection, edition: str, role: Role, account: str, granted_by: str, now: datetime
) -> Holder:
    """Give a role in an edition to an account with a proven address; again changes nothing.

    Raises
    ------
    Refusal
        `unknown_account`, or `role_conflict` when the account judges there or holds the other role.
    """
    a, r, j = t.accounts.c, t.roles.c, t.jurors.c
    if c.execute(select(a.id).where(a.id == account, a.confirmed_at.is_not(None))).first() is None:
        raise UNKNOWN_ACCOUNT()
    if c.execute(select(j.account).where(j.edition == edition, j.account == account)).first():
        raise ROLE_CONFLICT(role="juror", edition=edition)
    held = c.execute(select(r.role).where(r.edition == edition, r.account == account)).scalar()
    if held is None:
        c.execute(
            insert(t.roles).values(
                edition=edition, account=account, role=role, granted_at=now, granted_by=granted_by
            )
        )
    elif held != role:
        raise ROLE_CONFLICT(role=held, edition=edition)
    (holder,) = _holders(c, edition, r.account == account, 1)
    return holder


def revoke_role(c: Connection, edition: str, role: Role, account: str) -> None:
    """Take a role away; who does not hold it has lost it already."""
    r = t.roles.c
    c.execute(delete(t.roles).where(r.edition == edition, r.role == role, r.account == account))


def role_holders(
    c: Connection, edition: str, after: str | None, limit: int
) -> tuple[list[Holder], str | None]:
    """List who holds a role in an edition, by account, with the place to go on from."""
    holders = _holders(c, edition, t.roles.c.account > (after or ""), limit + 1)
    more = len(holders) > limit
    return holders[:limit], holders[limit - 1].account if more else None


def refuse_conflicting_roles(c: Connection, edition: str, account: str) -> None:
    """Refuse to make a juror of somebody who runs or audits the edition.

    Raises
    ------
    Refusal
        `role_conflict`.
    """
    r = t.roles.c
    held = c.execute(select(r.role).where(r.edition == edition, r.account == account)).scalar()
    if held is not None:
        raise ROLE_CONFLICT(role=held, edition=edition)


def confirmed_account(c: Connection, email: str) -> str:
    """Find an account by its proven address.

    Raises
    ------
    Refusal
        `unknown_account`.
    """
    a = t.accounts.c
    found: str | None = c.execute(
        select(a.id).where(a.email_key == email_key(email), a.confirmed_at.is_not(None))
    ).scalar()
    if found is None:
        raise UNKNOWN_ACCOUNT()
    return found


def make_admin(c: Connection, email: str) -> str:
    """Let an account appoint office and auditors; for the operator, who vouches for its holder.

    Returns
    -------
    str
        The account.

    Raises
    ------
    Refusal
        `unknown_account`: it has to sign up and confirm its address first, or a stranger might have
        done so.
    """
    account = confirmed_account(c, email)
    c.execute(update(t.accounts).where(t.accounts.c.id == account).values(admin=True))
    return account


def administrators(c: Connection) -> tuple[Administrator, ...]:
    """List who is administrator, by account."""
    a = t.accounts.c
    rows = c.execute(select(a.id, a.email, a.name).where(a.admin).order_by(a.id))
    return tuple(Administrator(*row) for row in rows)


def dismiss_admin(c: Connection, account: str) -> None:
    """Let an account be administrator no longer; who is none has stopped already.

    Raises
    ------
    Refusal
        `last_administrator`.
    """
    if [one.account for one in administrators(c)] == [account]:
        raise LAST_ADMINISTRATOR()
    c.execute(update(t.accounts).where(t.accounts.c.id == account).values(admin=False))


def _holders(c: Connection, edition: str, where: ColumnElement[bool], limit: int) -> list[Holder]:
    a, r = t.accounts.c, t.roles.c
    rows = c.execute(
        select(a.id, a.email, a.name, r.role, r.granted_at)
        .join_from(t.roles, t.accounts, a.id == r.account)
        .where(r.edition == edition, where)
        .order_by(a.id)
        .limit(limit)
    )
    return [Holder(*row) for row in rows]
