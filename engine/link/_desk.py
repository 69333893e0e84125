"""Requests, and an answer to each.

Every request carries a ticket, a number of its caller's, and its answer carries it back: answers
that are lost or overtake each other are never taken for another's, and a request that arrives
twice is obeyed once.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from engine.link._net import Net, Sent
from engine.link._sockets import SOCKETS


class LinkError(Exception):
    """A peer did not answer; the message names it and what to do."""


_REMEMBERED = 64
"""Tickets of each caller that a desk remembers."""


class Desk:
    """Take requests one at a time and answer each.

    Parameters
    ----------
    endpoint : str
        Address to bind.
    net : Net
        What carries the messages.
    """

    def __init__(self, endpoint: str, *, net: Net = SOCKETS) -> None:
        self.end = net.bind(endpoint)
        self._seen: dict[bytes, deque[bytes]] = {}

    def serve(self, answer: Callable[[bytes], bytes]) -> int:
        """Answer each waiting request with ``answer(request)``; the number of them is returned."""
        count = 0
        while (message := self.end.receive()) is not None:
            identity, ticket, request = message
            seen = self._seen.setdefault(identity, deque(maxlen=_REMEMBERED))
            if ticket in seen:
                continue
            seen.append(ticket)
            count += 1
            if self.end.send(identity, [ticket, answer(request)]) is Sent.GONE:
                del self._seen[identity]
        return count

    def wait(self, timeout_ms: int) -> None:
        """Wait until a request comes, at most `timeout_ms`."""
        self.end.wait(timeout_ms)

    def close(self) -> None:
        """Let go of the address."""
        self.end.close(200)


class Caller:
    """Put requests to a desk and take the answers as they come.

    Parameters
    ----------
    endpoint : str
        The desk's address.
    net : Net
        What carries the messages.
    """

    def __init__(self, endpoint: str, *, net: Net = SOCKETS) -> None:
        self.endpoint = endpoint
        self.end = net.connect(endpoint)
        self._ticket = 0

    def post(self, request: bytes) -> int | None:
        """Send without waiting.

        Returns
        -------
        int or None
            The ticket that the answer will carry; None if the peer has not taken the last
            thousand either.
        """
        self._ticket += 1
        sent = self.end.send([self._ticket.to_bytes(8, "little"), request])
        return self._ticket if sent is Sent.SENT else None

    def answers(self) -> list[tuple[int, bytes]]:
        """Whatever has been answered since the last call, each with its ticket."""
        answers = []
        while (message := self.end.receive()) is not None:
            ticket, answer = message
            answers.append((int.from_bytes(ticket, "little"), answer))
        return answers

    def call(self, request: bytes, timeout_ms: int, peer: str) -> bytes:
        """Send and wait for the answer.

        Raises
        ------
        LinkError
            No answer came within `timeout_ms`.
        """
        wanted = self.post(request)
        while self.end.wait(timeout_ms):
            for ticket, answer in self.answers():
                if ticket == wanted:
                    return answer
        raise LinkError(f"{peer} did not answer within {timeout_ms / 1000:g} s; is a show on?")

    def close(self) -> None:
        """Disconnect."""
        self.end.close(0)
