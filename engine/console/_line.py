"""A line to a desk: requests in order, each with what came of it."""

from __future__ import annotations

from collections.abc import Callable

from engine.console._state import Press, answered
from engine.link import SOCKETS, Caller, Net
from playback import Ack

ANSWER_NS = 1_000_000_000
"""Who has not answered after this long is reported as silent."""


class Line:
    """One connection to a desk: what is sent first arrives first, and is answered first.

    A request that stays unanswered for too long is given up with all that wait behind it, and the
    connection with them: what has not left by then cannot act late.

    Parameters
    ----------
    endpoint : str
        The desk's address.
    read : callable
        Makes the desk's answer an `Ack`.
    give_up_ns : int
        When to give up, in ns.
    net : Net
        What carries the requests.
    """

    def __init__(
        self, endpoint: str, read: Callable[[bytes], Ack], give_up_ns: int, net: Net = SOCKETS
    ) -> None:
        self._endpoint = endpoint
        self._net = net
        self._read = read
        self._give_up_ns = give_up_ns
        self._caller = Caller(endpoint, net=net)
        self._waiting: dict[int, tuple[Press, int]] = {}

    def send(self, press: Press, request: bytes, now_ns: int) -> None:
        """Send the request that a press makes."""
        ticket = self._caller.post(request)
        # A peer that takes nothing any more gives no ticket, and no answer.
        self._waiting[-len(self._waiting) - 1 if ticket is None else ticket] = press, now_ns

    def outcomes(self, now_ns: int) -> list[Press]:
        """Give presses that have been answered, or that nobody answers."""
        known = []
        for ticket, answer in self._caller.answers():
            if ticket in self._waiting:
                press, _ = self._waiting.pop(ticket)
                ack = self._read(answer)
                known.append(answered(press, "accepted" if ack.accepted else "refused", ack.what))
        oldest_ns = next(iter(self._waiting.values()))[1] if self._waiting else now_ns
        give_up = now_ns - oldest_ns >= self._give_up_ns
        known += [
            answered(press, "silent", "")
            for press, sent_ns in self._waiting.values()
            if give_up or now_ns - sent_ns >= ANSWER_NS
        ]
        if give_up:
            self._start_anew()
        return known

    def close(self) -> None:
        """Disconnect."""
        self._caller.close()

    def _start_anew(self) -> None:
        self._caller.close()
        self._caller = Caller(self._endpoint, net=self._net)
        self._waiting.clear()
