"""Accounts: signing up, confirming, signing in and out, new passwords."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, BeforeValidator, Field

from festival_api import accounts
from festival_api.speech import Language, say, translated
from festival_api.texts import Body, Line
from festival_api.web._asking import (
    COOKIE,
    CROSS_SITE,
    Asked,
    Serving,
    SignedIn,
    from_own_page,
    session_token,
)
from festival_api.web._festival import Festival
from festival_api.web._limits import Asker, Limiting, Limits, Rate, limited
from festival_api.web._openapi import refusing

router = APIRouter(tags=["accounts"])

LETTER_UNDER_WAY = say("If a letter can be sent to this address, it is on its way.")

# By address of the network: a hall full of people has one. By e-mail address: one person.
_signing_up = Depends(limited("sign_up", Rate(120, 60)))
_signing_in = Depends(limited("sign_in", Rate(120, 60)))
_asking_for_letters = Depends(limited("letters", Rate(120, 60)))
_giving_codes = Depends(limited("codes", Rate(120, 60)))
_LETTERS_TO_ONE = Rate(5, 3600)
# One who guesses must not lock out everybody else: only many networks together reach the last.
_GUESSES, _GUESSES_AN_HOUR = Rate(10, 60), Rate(60, 3600)
_GUESSES_OF_ALL = Rate(600, 3600)

_CODE_REFUSALS = (accounts.TOKEN_UNKNOWN, accounts.TOKEN_USED, accounts.TOKEN_EXPIRED)

Email = Annotated[Line, Field(examples=["lam@example.org"], json_schema_extra={"format": "email"})]


def _joined(value: object) -> object:
    """Take out the white space that a code gets when it is copied from a letter."""
    return "".join(value.split()) if isinstance(value, str) else value


Code = Annotated[
    Line,
    BeforeValidator(_joined),
    Field(examples=["pX7v…"], description="From the letter; white space does not count."),
]
Name = Annotated[Line, Field(min_length=1, examples=["Lam Siu-ming"])]
Secret = Annotated[
    str, Field(max_length=accounts.LONGEST, examples=["kettle orbit violet seventeen"])
]
NewSecret = Annotated[
    str,
    Field(
        min_length=accounts.SHORTEST,
        max_length=accounts.LONGEST,
        examples=["kettle orbit violet seventeen"],
    ),
]
InLanguage = Annotated[Language, Field(description="Of letters.", examples=["zh-Hant"])]


class NewAccount(Body):
    """Who wants an account."""

    email: Email
    password: NewSecret
    name: Name
    language: InLanguage


class Address(Body):
    """An e-mail address to send a letter to."""

    email: Email


class GivenCode(Body):
    """A code from a letter."""

    token: Code


class NewPassword(Body):
    """A code from a letter, and the password that is wanted from now on."""

    token: Code
    password: NewSecret


class Credentials(Body):
    """Who signs in."""

    email: Email
    password: Secret


class Noted(BaseModel):
    """The same answer whether there is such an account or not."""

    detail: str = Field(examples=["If a letter can be sent to this address, it is on its way."])


class SessionView(BaseModel):
    """A session; the token is shown this once."""

    token: str = Field(
        description="For `Authorization: Bearer …`; browsers get it as a cookie too.",
        examples=["q0Zl…"],
    )
    expires_at: datetime = Field(examples=["2025-11-29T04:00:00Z"])


@router.post(
    "/accounts",
    status_code=202,
    summary="Sign up",
    dependencies=[_signing_up],
    responses=refusing(accounts.EMAIL_INVALID, accounts.PASSWORD_TOO_EASY),
)
def sign_up(body: NewAccount, festival: Serving, limits: Limiting, asked: Asked) -> Noted:
    """Open an account; a letter brings the code that confirms its address.

    The answer is the same when there is an account already: its holder is told by letter.
    """
    email = address_for_letter(body.email, limits)
    accounts.refuse_easy(body.password, email, body.name)
    hashed = festival.passwords.hash(body.password)
    now = festival.clock()
    with festival.database.write() as c:
        accounts.sign_up(c, email, hashed, body.name, body.language, festival.address, now)
    return noted(asked)


@router.post(
    "/accounts/resend",
    status_code=202,
    summary="Ask for the letter with the code once more",
    dependencies=[_asking_for_letters],
    responses=refusing(accounts.EMAIL_INVALID),
)
def resend(body: Address, festival: Serving, limits: Limiting, asked: Asked) -> Noted:
    """Send the code that confirms an account's address again; earlier codes are void."""
    email = address_for_letter(body.email, limits)
    with festival.database.write() as c:
        accounts.send_confirmation(c, email, festival.address, festival.clock())
    return noted(asked)


@router.post(
    "/accounts/confirm",
    status_code=204,
    summary="Confirm an account's address",
    dependencies=[_giving_codes],
    responses=refusing(*_CODE_REFUSALS),
)
def confirm(body: GivenCode, festival: Serving) -> None:
    """Confirm, with the code of the letter, that the address is yours."""
    with festival.database.write() as c:
        accounts.confirm(c, body.token, festival.clock())


@router.post(
    "/accounts/email",
    status_code=204,
    summary="Confirm a new address",
    dependencies=[_giving_codes],
    responses=refusing(*_CODE_REFUSALS, accounts.EMAIL_TAKEN),
)
def confirm_email(body: GivenCode, festival: Serving) -> None:
    """Use the address that the letter with this code was sent to from now on."""
    with festival.database.write() as c:
        accounts.finish_email_change(c, body.token, festival.clock())


@router.post(
    "/password-resets",
    status_code=202,
    summary="Ask for a new password",
    dependencies=[_asking_for_letters],
    responses=refusing(accounts.EMAIL_INVALID),
)
def start_reset(body: Address, festival: Serving, limits: Limiting, asked: Asked) -> Noted:
    """Send a letter with the code to choose a new password, if there is such an account."""
    email = address_for_letter(body.email, limits)
    with festival.database.write() as c:
        accounts.start_reset(c, email, festival.address, festival.clock())
    return noted(asked)


@router.post(
    "/password-resets/confirm",
    status_code=204,
    summary="Choose a new password",
    dependencies=[_giving_codes],
    responses=refusing(*_CODE_REFUSALS, accounts.PASSWORD_TOO_EASY),
)
def finish_reset(body: NewPassword, festival: Serving) -> None:
    """Choose a new password with the code of the letter; all sessions end."""
    now = festival.clock()
    with festival.database.read() as c:
        whose = accounts.who_resets(c, body.token, now)
    accounts.refuse_easy(body.password, whose.email, whose.name)
    hashed = festival.passwords.hash(body.password)
    with festival.database.write() as c:
        accounts.finish_reset(c, body.token, hashed, now)


@router.post(
    "/sessions",
    status_code=201,
    summary="Sign in",
    dependencies=[_signing_in, Depends(from_own_page)],
    responses=refusing(accounts.WRONG_CREDENTIALS, CROSS_SITE),
)
def sign_in(
    body: Credentials, festival: Serving, limits: Limiting, who: Asker, response: Response
) -> SessionView:
    """Begin a session; its token comes in the answer and as a cookie that pages cannot read."""
    count_guess(limits, accounts.email_key(body.email), who)
    with festival.database.read() as c:
        known = accounts.credentials(c, body.email)
    fits, better = festival.passwords.verify(body.password, known.password_hash if known else None)
    if known is None or not fits:
        raise accounts.WRONG_CREDENTIALS()
    now = festival.clock()
    with festival.database.write() as c:
        token = accounts.sign_in(c, known, better, now)
    response.set_cookie(
        COOKIE,
        token,
        max_age=int(accounts.SESSION_LASTS.total_seconds()),
        secure=_is_secure(festival),
        httponly=True,
        samesite="strict",
    )
    return SessionView(token=token, expires_at=now + accounts.SESSION_LASTS)


@router.delete("/sessions/current", status_code=204, summary="Sign out")
def sign_out(festival: Serving, actor: SignedIn, request: Request, response: Response) -> None:
    """End this session."""
    with festival.database.write() as c:
        accounts.close_session(c, session_token(request) or "")
    drop_cookie(festival, response)


@router.delete("/sessions", status_code=204, summary="Sign out everywhere")
def sign_out_everywhere(festival: Serving, actor: SignedIn, response: Response) -> None:
    """End all your sessions."""
    with festival.database.write() as c:
        accounts.close_sessions(c, actor.account)
    drop_cookie(festival, response)


def address_for_letter(email: str, limits: Limits) -> str:
    """Check an address, and that it gets no flood of letters.

    Raises
    ------
    Refusal
        `email_invalid`, `too_many`.
    """
    checked = accounts.checked_email(email)
    limits.take("letters_to", accounts.email_key(checked), _LETTERS_TO_ONE)
    return checked


def count_guess(limits: Limits, whose: str, who: str) -> None:
    """Count a password that `who` tries for the account or address `whose`.

    Raises
    ------
    Refusal
        `too_many`.
    """
    limits.take("guesses", f"{whose} {who}", _GUESSES)
    limits.take("guesses_an_hour", f"{whose} {who}", _GUESSES_AN_HOUR)
    limits.take("guesses_of_all", whose, _GUESSES_OF_ALL)


def noted(language: Language) -> Noted:
    """Answer the same whether there is such an account or not."""
    return Noted(detail=translated(LETTER_UNDER_WAY, language))


def _is_secure(festival: Festival) -> bool:
    return festival.address.startswith("https:")


def drop_cookie(festival: Festival, response: Response) -> None:
    """Have the browser forget the session."""
    response.delete_cookie(COOKIE, secure=_is_secure(festival), httponly=True, samesite="strict")
