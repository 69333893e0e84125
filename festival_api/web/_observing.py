"""Each request gets a number, one line in the log and its place in the metrics."""

from __future__ import annotations

import re
import time
from uuid import uuid4

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from festival_api.web._problems import NUMBER_HEADER
from festival_api.web._routes import Routes

_NUMBER = re.compile(r"[0-9A-Za-z_-]{8,64}", re.ASCII)
_READING = frozenset({"GET", "HEAD", "OPTIONS"})

_log = structlog.get_logger("festival")


class Observed:
    """ASGI middleware that numbers, logs and counts requests, and keeps nobody's name or words.

    The application's state has the `metrics`, and `after_write` to call after each request that may
    have changed something.

    Parameters
    ----------
    app : ASGI application
    routes : Routes
        Of the application inside.
    """

    def __init__(self, app: ASGIApp, routes: Routes) -> None:
        self._app, self._routes = app, routes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on and note how it went."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        number = _number(scope)
        state = scope.setdefault("state", {})
        state["number"] = number
        structlog.contextvars.bind_contextvars(request=number)
        status = 500
        began = time.perf_counter()

        async def send_numbered(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)[NUMBER_HEADER] = number
            await send(message)

        try:
            await self._app(scope, receive, send_numbered)
        finally:
            seconds = time.perf_counter() - began
            route = self._routes.template(scope)
            refusal = state.get("refusal")
            scope["app"].state.metrics.answered(scope["method"], route, status, seconds, refusal)
            _log.info(
                "request",
                method=scope["method"],
                route=route,
                status=status,
                ms=round(1000 * seconds, 1),
                refusal=refusal,
            )
            structlog.contextvars.unbind_contextvars("request")
            if scope["method"] not in _READING and status < 400:
                scope["app"].state.after_write()


def _number(scope: Scope) -> str:
    given = Headers(scope=scope).get(NUMBER_HEADER, "")
    return given if _NUMBER.fullmatch(given) else uuid4().hex
