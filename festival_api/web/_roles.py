"""Roles: who runs an edition and who audits it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from festival_api import accounts
from festival_api.accounts import Holder, Role
from festival_api.texts import Body, Id32
from festival_api.web._accounts import Email
from festival_api.web._asking import Serving, SignedIn
from festival_api.web._festival import UNKNOWN_EDITION
from festival_api.web._openapi import refusing

router = APIRouter(tags=["roles"])

_ROLE = Field(
    description="office runs the festival; auditor reads what is sealed and writes nothing.",
    examples=["office"],
)


class NewRole(Body):
    """Who is to hold a role, by the proven address of an account."""

    email: Email
    role: Role = _ROLE


class RoleView(BaseModel):
    """Who holds a role."""

    account: str = Field(examples=["5d41402abc4b2a76b9719d911017c592"])
    email: str = Field(examples=["lam@example.org"])
    name: str = Field(examples=["Lam Siu-ming"])
    role: Role = _ROLE
    granted_at: datetime = Field(examples=["2025-11-15T04:00:00Z"])


class RoleList(BaseModel):
    """Who holds a role, by account."""

    items: list[RoleView]
    next: str | None = Field(description="For `after`, when there are more.", examples=[None])


class AdministratorView(BaseModel):
    """Who appoints office and auditors."""

    account: str = Field(examples=["5d41402abc4b2a76b9719d911017c592"])
    email: str = Field(examples=["lam@example.org"])
    name: str = Field(examples=["Lam Siu-ming"])


class AdministratorList(BaseModel):
    """Who is administrator, by account."""

    items: list[AdministratorView]
    next: None = Field(default=None, description="There is no further page.")


@router.get(
    "/administrators",
    summary="Who is administrator",
    responses=refusing(accounts.NOT_ALLOWED),
)
def list_administrators(festival: Serving, actor: SignedIn) -> AdministratorList:
    """List the administrators; for themselves."""
    actor.require_admin()
    with festival.database.read() as c:
        found = accounts.administrators(c)
    items = [
        AdministratorView(account=one.account, email=one.email, name=one.name) for one in found
    ]
    return AdministratorList(items=items)


@router.delete(
    "/administrators/{account}",
    status_code=204,
    summary="Dismiss an administrator",
    responses=refusing(accounts.NOT_ALLOWED, accounts.LAST_ADMINISTRATOR),
)
def dismiss(account: Id32, festival: Serving, actor: SignedIn) -> None:
    """Let somebody be administrator no longer; for administrators. The last one stays.

    Somebody becomes one by the command `hall festival admin`, where the service runs.
    """
    actor.require_admin()
    with festival.database.write() as c:
        accounts.dismiss_admin(c, account)


@router.get(
    "/editions/{edition}/roles",
    summary="Who holds a role",
    responses=refusing(accounts.NOT_ALLOWED, UNKNOWN_EDITION),
)
def list_roles(
    edition: str,
    festival: Serving,
    actor: SignedIn,
    after: Id32 | None = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> RoleList:
    """List office and auditors of an edition; for administrators."""
    actor.require_admin()
    id_ = festival.edition(edition).id
    with festival.database.read() as c:
        holders, more = accounts.role_holders(c, id_, after, limit)
    return RoleList(items=[_view(holder) for holder in holders], next=more)


@router.post(
    "/editions/{edition}/roles",
    status_code=201,
    summary="Give a role by e-mail address",
    responses=refusing(
        accounts.NOT_ALLOWED, UNKNOWN_EDITION, accounts.UNKNOWN_ACCOUNT, accounts.ROLE_CONFLICT
    ),
)
def grant_by_email(edition: str, body: NewRole, festival: Serving, actor: SignedIn) -> RoleView:
    """Give a role to the account with this address; for administrators. Again changes nothing."""
    actor.require_admin()
    id_ = festival.edition(edition).id
    with festival.database.write() as c:
        account = accounts.confirmed_account(c, body.email)
        now = festival.clock()
        return _view(accounts.grant_role(c, id_, body.role, account, actor.account, now))


@router.put(
    "/editions/{edition}/roles/{role}/{account}",
    summary="Give a role",
    responses=refusing(
        accounts.NOT_ALLOWED, UNKNOWN_EDITION, accounts.UNKNOWN_ACCOUNT, accounts.ROLE_CONFLICT
    ),
)
def grant(edition: str, role: Role, account: Id32, festival: Serving, actor: SignedIn) -> RoleView:
    """Give a role to an account; for administrators. Again changes nothing."""
    actor.require_admin()
    id_ = festival.edition(edition).id
    with festival.database.write() as c:
        now = festival.clock()
        return _view(accounts.grant_role(c, id_, role, account, actor.account, now))


@router.delete(
    "/editions/{edition}/roles/{role}/{account}",
    status_code=204,
    summary="Take a role away",
    responses=refusing(accounts.NOT_ALLOWED, UNKNOWN_EDITION),
)
def revoke(edition: str, role: Role, account: Id32, festival: Serving, actor: SignedIn) -> None:
    """Take a role away; for administrators. Who does not hold it has lost it already."""
    actor.require_admin()
    id_ = festival.edition(edition).id
    with festival.database.write() as c:
        accounts.revoke_role(c, id_, role, account)


def _view(holder: Holder) -> RoleView:
    return RoleView(
        account=holder.account,
        email=holder.email,
        name=holder.name,
        role=holder.role,
        granted_at=holder.granted_at,
    )
