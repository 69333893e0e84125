"""One's own account: its profile, password and address, and all that is held about the person."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field, create_model

from festival_api import accounts, entries, jury, uploads
from festival_api.accounts import HOLDINGS, Actor, Profile, Record
from festival_api.texts import Body
from festival_api.web._accounts import (
    Email,
    InLanguage,
    Name,
    NewSecret,
    Noted,
    Secret,
    address_for_letter,
    count_guess,
    drop_cookie,
    noted,
)
from festival_api.web._asking import Asked, Serving, SignedIn, session_token
from festival_api.web._festival import Festival
from festival_api.web._limits import Limiting, Limits
from festival_api.web._openapi import refusing

router = APIRouter(tags=["accounts"])


class PasswordChange(Body):
    """The password as it is, and as it shall be."""

    old: Secret
    new: NewSecret


class EmailChange(Body):
    """The address that is wanted from now on; the password shows that it is you."""

    email: Email
    password: Secret


class OwnPassword(Body):
    """The password shows that it is you."""

    password: Secret


class ProfileChange(Body):
    """What is to change; what is left out stays."""

    name: Name | None = None
    language: InLanguage | None = None


class Me(BaseModel):
    """One's own account."""

    account: str = Field(examples=["5d41402abc4b2a76b9719d911017c592"])
    email: str = Field(examples=["lam@example.org"])
    name: str = Field(examples=["Lam Siu-ming"])
    language: InLanguage
    confirmed: bool = Field(description="Whether the address is proven.", examples=[True])
    admin: bool = Field(description="Whether this account appoints office and auditors.")
    roles: dict[str, list[str]] = Field(
        description="By edition: office, auditor, juror.", examples=[{"hkaiiff-2026": ["juror"]}]
    )
    created_at: datetime = Field(examples=["2025-11-15T04:00:00Z"])


_HELD: dict[str, Any] = {
    holding.table.name: (list[Record], Field(description=holding.what, examples=[[]]))
    for holding in HOLDINGS
}
PersonalData: type[BaseModel] = create_model(
    "PersonalData",
    __doc__="All that is held about you, by table; instants are UTC.",
    made_at=(datetime, Field(examples=["2025-11-15T04:00:00Z"])),
    **_HELD,
)


@router.get("/me", summary="Your account")
def me(festival: Serving, actor: SignedIn) -> Me:
    """Return your own account."""
    with festival.database.read() as c:
        return _me(accounts.profile(c, actor.account), actor)


@router.patch("/me", summary="Change your name or language")
def change_me(body: ProfileChange, festival: Serving, actor: SignedIn) -> Me:
    """Change what is given; the rest stays."""
    with festival.database.write() as c:
        accounts.change_profile(c, actor.account, name=body.name, language=body.language)
        return _me(accounts.profile(c, actor.account), actor)


@router.put(
    "/me/password",
    status_code=204,
    summary="Change your password",
    responses=refusing(accounts.WRONG_PASSWORD, accounts.PASSWORD_TOO_EASY),
)
def change_password(
    body: PasswordChange, festival: Serving, actor: SignedIn, limits: Limiting, request: Request
) -> None:
    """Change your password; all your other sessions end."""
    whose = _verified_holder(festival, limits, actor, body.old)
    accounts.refuse_easy(body.new, whose.email, whose.name)
    hashed = festival.passwords.hash(body.new)
    with festival.database.write() as c:
        accounts.change_password(c, whose, hashed, session_token(request), festival.clock())


@router.post(
    "/me/email",
    status_code=202,
    summary="Change your address",
    responses=refusing(accounts.WRONG_PASSWORD, accounts.EMAIL_INVALID),
)
def change_email(
    body: EmailChange, festival: Serving, actor: SignedIn, limits: Limiting, asked: Asked
) -> Noted:
    """Send a code to the address that you want; until it is given back, the old one stays."""
    actor.require_confirmed()
    email = address_for_letter(body.email, limits)
    _verified_holder(festival, limits, actor, body.password)
    with festival.database.write() as c:
        accounts.start_email_change(c, actor.account, email, festival.address, festival.clock())
    return noted(asked)


@router.get("/me/export", response_model=PersonalData, summary="All that is held about you")
def export(festival: Serving, actor: SignedIn) -> BaseModel:
    """Return every record about you, in one document.

    Each says under `as` what you are in it. Hashes of passwords, tokens and codes are left out, and
    so are other people's identifiers and words. What your entries' jurors think is published when
    the festival publishes it.
    """
    actor.require_confirmed()
    with festival.database.read() as c:
        return PersonalData(made_at=festival.clock(), **accounts.export(c, actor.account))


@router.post(
    "/me/erase",
    status_code=204,
    summary="Erase your account",
    responses=refusing(
        accounts.WRONG_PASSWORD, accounts.ENTRIES_IN_COMPETITION, entries.WRONG_STATE
    ),
)
def erase(
    body: OwnPassword, festival: Serving, actor: SignedIn, limits: Limiting, response: Response
) -> None:
    """Erase your name, address, letters, roles, and your entries' texts, people and files.

    Entries in the competition have to be withdrawn first. What the festival must be able to show
    stays without your name: payments, what happened to entries, and a juror's opinions under the
    pseudonym.
    """
    actor.require_confirmed()
    _verified_holder(festival, limits, actor, body.password)
    now = festival.clock()
    with festival.database.write() as c:
        for entry in accounts.unfinished_entries(c, actor.account):
            entries.move(c, entry, "withdraw", actor.account, now)
        for edition in actor.roles:
            jury.retire(c, edition, actor.account, now)
        emptied = accounts.erase(c, actor.account, now)
        gone = [file for entry in emptied for file in uploads.delete_files_of(c, entry)]
    uploads.remove_bytes(festival.files, gone)
    drop_cookie(festival, response)


def _verified_holder(festival: Festival, limits: Limits, actor: Actor, password: str) -> Profile:
    """Return the profile of who asks, if the password is right.

    Raises
    ------
    Refusal
        `wrong_password`, `too_many`.
    """
    count_guess(limits, actor.account, actor.account)
    with festival.database.read() as c:
        whose = accounts.profile(c, actor.account)
    fits, _ = festival.passwords.verify(password, whose.password_hash)
    if not fits:
        raise accounts.WRONG_PASSWORD()
    return whose


def _me(whose: Profile, actor: Actor) -> Me:
    return Me(
        account=whose.id,
        email=whose.email,
        name=whose.name,
        language=whose.language,
        confirmed=whose.confirmed,
        admin=whose.admin,
        roles={edition: sorted(names) for edition, names in actor.roles.items()},
        created_at=whose.created_at,
    )
