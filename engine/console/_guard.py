"""Only this machine's own browser, and only this page, may talk to the console."""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
"""Names of this machine that no foreign DNS can point elsewhere."""


def admits(host: str | None, origin: str | None) -> bool:
    """Tell whether a request with these headers comes from the console's own page.

    Parameters
    ----------
    host : str or None
        The Host header. A page that was fetched under a name of somebody else's DNS carries that
        name (DNS rebinding).
    origin : str or None
        The Origin header, which browsers send with websockets and posts: it must be the console.
    """
    if host is None or _hostname(f"//{host}") not in LOOPBACK:
        return False
    return origin is None or origin == f"http://{host}"


def _hostname(address: str) -> str | None:
    try:
        return urlsplit(address).hostname
    except ValueError:
        return None


class LoopbackOnly:
    """An application that answers only its own page, over HTTP and websockets alike.

    Parameters
    ----------
    app : ASGIApp
        Who answers those that are admitted.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or refuse it with status 403."""
        if scope["type"] in ("http", "websocket"):
            headers = Headers(scope=scope)
            if not admits(headers.get("host"), headers.get("origin")):
                await _refuse(scope, receive, send)
                return
        await self.app(scope, receive, send)


async def _refuse(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1008})
        return
    answer = PlainTextResponse("The console answers only its own page on this machine.", 403)
    await answer(scope, receive, send)
