"""What every endpoint may ask for: the running service, who asks, in which language."""

from __future__ import annotations

from typing import Annotated, cast
from urllib.parse import urlsplit

from fastapi import Depends, Request

from festival_api.accounts import NOT_SIGNED_IN, Actor, actor_of
from festival_api.refusals import Kind
from festival_api.speech import Language, asked_language
from festival_api.web._festival import Festival

COOKIE = "hall_session"
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})

CROSS_SITE = Kind(
    "cross_site", 403, "This request comes from a page of another site; it was not carried out."
)


# What needs no wait is asked on the event loop: a thread costs more than the answer.


async def serving(request: Request) -> Festival:
    """Give the running service."""
    return cast(Festival, request.app.state.festival)


def maybe_signed_in(request: Request, festival: Serving) -> Actor | None:
    """Give who asks, or None; an unknown or ended session is nobody.

    Raises
    ------
    Refusal
        `cross_site`, when another site's page uses the browser's cookie to change something.
    """
    token = session_token(request)
    if token is None:
        return None
    if token == request.cookies.get(COOKIE):
        from_own_page(request, festival)
    with festival.database.read() as c:
        return actor_of(c, token, festival.clock())


async def signed_in(actor: MaybeSignedIn) -> Actor:
    """Give who asks.

    Raises
    ------
    Refusal
        `not_signed_in`.
    """
    if actor is None:
        raise NOT_SIGNED_IN()
    return actor


def from_own_page(request: Request, festival: Serving) -> None:
    """Let pass what changes nothing, comes from a page of the service, or comes from no page.

    Browsers say where a request comes from; other programs say nothing.

    Raises
    ------
    Refusal
        `cross_site`.
    """
    if request.method in SAFE_METHODS:
        return
    site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
    own = urlsplit(festival.address)
    if site is not None:
        passes = site in ("same-origin", "none")
    else:
        passes = origin is None or origin == f"{own.scheme}://{own.netloc}"
    if not passes:
        raise CROSS_SITE()


async def language(request: Request) -> Language:
    """Give the language of the answer."""
    return asked_language(request.headers.get("accept-language", ""))


def session_token(request: Request) -> str | None:
    """Return the session's token: from the `Authorization` header, else from the page's cookie."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and token:
        return token
    return request.cookies.get(COOKIE)


Serving = Annotated[Festival, Depends(serving)]
MaybeSignedIn = Annotated[Actor | None, Depends(maybe_signed_in)]
SignedIn = Annotated[Actor, Depends(signed_in)]
Asked = Annotated[Language, Depends(language)]
