"""Connections: how long one may keep the service waiting, and how many there may be.

The server (uvicorn) ends a connection that has had an answer and asks nothing more. One that never
asks, or never finishes asking, would be held for as long as its other end likes, until none is left
for anybody else.
"""

from __future__ import annotations

import asyncio
import math
import resource
from typing import Any

import structlog
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

WAIT_S = 10.0
"""How long the other side may be silent while something is owed."""

_PACE = 4096
# Bytes of a body that must come in that time.

_KEPT_BACK = 256
# Descriptors kept for the database, files and threads.

_TELL_EVERY_S = 60.0

_log = structlog.get_logger("festival")


class _Patience(HttpToolsProtocol):
    """HTTP on one connection, which is ended when the other side lets the service wait.

    Owed is the head of the first request, the rest of what has begun, and a body at its pace; while
    the service is at work on an answer nothing is.
    """

    most: int
    wait_s: float
    told_at = -math.inf

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._timer: asyncio.TimerHandle | None = None
        self._brought = 0

    def connection_made(self, transport: Any) -> None:
        """Wait for the first request, unless there are too many connections."""
        super().connection_made(transport)
        self._wait()
        if len(self.connections) > self.most:
            transport.close()
            self._tell()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no more."""
        if self._timer is not None:
            self._timer.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take in what came; a new request, or enough of one, gives time for more."""
        if not self._brought:
            self._wait()
        before = self.cycle
        super().data_received(data)
        self._brought += len(data)
        if self.cycle is not before or self._brought >= _PACE:
            self._wait()

    def on_response_complete(self) -> None:
        """Wait for the next request; the server ends the wait where none begins."""
        super().on_response_complete()
        self._wait()

    def _wait(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._brought = 0
        self._timer = self.loop.call_later(self.wait_s, self._waited)

    def _waited(self) -> None:
        # None before the first request, whatever the server's types say.
        cycle: Any = self.cycle
        at_work = cycle is not None and not cycle.more_body and not cycle.response_complete
        between = cycle is not None and cycle.response_complete and not self._brought
        if at_work or between or self.flow.read_paused:
            self._wait()
        else:
            self.transport.close()

    def _tell(self) -> None:
        kind = type(self)
        if self.loop.time() >= kind.told_at + _TELL_EVERY_S:
            kind.told_at = self.loop.time()
            _log.warning("too_many_connections", most=self.most)


def patient(most_at_once: int, seconds: float = WAIT_S) -> type[HttpToolsProtocol]:
    """Return the server's HTTP for connections that must not be silent.

    Parameters
    ----------
    most_at_once : int
        Connections beyond are ended at once, which the log tells once a minute.
    seconds : float
        How long the other side may be silent while something is owed.
    """

    class Patient(_Patience):
        most = most_at_once
        wait_s = seconds

    return Patient


def most_connections() -> int:
    """Take all descriptors that the system allows, and tell how many connections they are for."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return max(hard - _KEPT_BACK, hard // 2)
