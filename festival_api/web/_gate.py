"""What every request passes on its way in and every answer on its way out.

In: addresses that are text, bodies within their bound, strict JSON; HEAD wherever there is GET.
Out: headers that keep browsers from guessing, framing, telling on and keeping.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from email.message import Message as Header
from urllib.parse import unquote_to_bytes

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from festival_api.refusals import Kind, Refusal
from festival_api.speech import asked_language, say
from festival_api.web._problems import ON_THE_WAY_OUT, problem
from festival_api.web._routes import Routes
from festival_api.web._strict_json import MALFORMED, check_json

TOO_LARGE_BODY = Kind(
    "too_large_body",
    413,
    "At most {limit} bytes may be sent here; files have an address of their own.",
)

BODY_LIMIT = 2**20
"""Bytes that a body may have where nothing else is agreed."""

_AT_ONCE = 2**16
# Bytes of JSON that are read sooner than a thread is found for them.

ENCODING = Kind(
    "encoding", 415, "Nothing is unpacked here: send it as it is, without Content-Encoding."
)


class Gate:
    """ASGI middleware: refuses what no endpoint should see.

    Parameters
    ----------
    app : ASGI application
    routes : Routes
        Of the application inside.
    large_bodies : mapping of (str, str) to int or None
        Bytes allowed by method and address template where it is not `BODY_LIMIT`; None for no
        bound.
    """

    def __init__(
        self, app: ASGIApp, routes: Routes, large_bodies: Mapping[tuple[str, str], int | None]
    ) -> None:
        self._app, self._routes, self._large_bodies = app, routes, large_bodies

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request pass, or refuse it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in ON_THE_WAY_OUT.items():
                    headers.setdefault(name, value)
            await send(message)

        try:
            _check_address(scope)
        except Refusal as refusal:
            scope["state"]["refusal"] = refusal.kind.code
            language = asked_language(Headers(scope=scope).get("accept-language", ""))
            await problem(refusal, language)(scope, receive, send_with_headers)
            return
        await self._app(scope, self._bounded(scope, receive), send_with_headers)

    def _bounded(self, scope: Scope, receive: Receive) -> Receive:
        """Refuse, while it comes in, a body that is too large or no strict JSON.

        The endpoint is found before its body is asked for, so that its own bound is known by then.
        """
        kept: list[bytes] = []
        size = 0
        headers = Headers(scope=scope)
        is_json = _is_json(headers.get("content-type", ""))
        encoding = headers.get("content-encoding", "identity").strip().lower()

        async def receive_bounded() -> Message:
            nonlocal size
            limit = self._large_bodies.get(
                (scope["method"], self._routes.template(scope)), BODY_LIMIT
            )
            if limit is not None and _announced(scope) > limit:
                raise TOO_LARGE_BODY(limit=limit)
            message = await receive()
            if message["type"] != "http.request":
                return message
            body = message.get("body", b"")
            size += len(body)
            if size and encoding != "identity":
                raise ENCODING()
            if limit is not None and size > limit:
                raise TOO_LARGE_BODY(limit=limit)
            if is_json and limit is not None:
                kept.append(body)
                if size and not message.get("more_body", False):
                    whole = b"".join(kept)
                    if size > _AT_ONCE:
                        await run_in_threadpool(check_json, whole)
                    else:
                        check_json(whole)
            return message

        return receive_bounded


def _announced(scope: Scope) -> int:
    length = Headers(scope=scope).get("content-length", "")
    return int(length[:20]) if length.isascii() and length.isdigit() else 0


def _is_json(content_type: str) -> bool:
    header = Header()
    header["content-type"] = content_type
    subtype = header.get_content_subtype()
    return header.get_content_maintype() == "application" and (
        subtype == "json" or subtype.endswith("+json")
    )


def _check_address(scope: Scope) -> None:
    # Servers read addresses leniently; what came is still here.
    for raw in (scope.get("raw_path") or b"", scope["query_string"]):
        try:
            text = unquote_to_bytes(raw).decode("utf-8")
        except UnicodeDecodeError:
            raise MALFORMED(why=say("the address is not UTF-8")) from None
        if any(unicodedata.category(letter) == "Cc" for letter in text):
            raise MALFORMED(why=say("the address holds a character that is not text"))


class HeadAsGet:
    """ASGI middleware: HEAD is answered like GET, without the body, where no endpoint does it."""

    def __init__(self, app: ASGIApp, routes: Routes) -> None:
        self._app, self._routes = app, routes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Turn a request for the head into one for the whole."""
        if (
            scope["type"] != "http"
            or scope["method"] != "HEAD"
            or self._routes.answers_head(scope["path"])
        ):
            await self._app(scope, receive, send)
            return

        async def send_head(message: Message) -> None:
            if message["type"] == "http.response.body":
                message = {**message, "body": b""}
            await send(message)

        # A copy: the server goes by the request as it came.
        await self._app({**scope, "method": "GET"}, receive, send_head)
