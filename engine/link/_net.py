"""The port: what carries messages. One page, all of it.

A net may lose, double, delay and reorder messages, and never changes one.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from typing import Protocol


class Sent(Enum):
    """What became of a message."""

    SENT = "sent"
    FULL = "full"
    """The peer is slow: try again later."""
    GONE = "gone"
    """There is no such peer any more."""


class Hub(Protocol):
    """The bound end: many peers, each known by a name of its own."""

    def send(self, to: bytes, parts: Sequence[bytes]) -> Sent:
        """Send without waiting."""
        ...

    def receive(self) -> list[bytes] | None:
        """Give the next message, the sender's name first; None where nothing waits."""
        ...

    def wait(self, timeout_ms: int) -> bool:
        """Wait until something can be received, at most `timeout_ms`; tells whether it can."""
        ...

    def close(self, linger_ms: int) -> None:
        """Let go of the address; what is on its way may leave within `linger_ms`."""
        ...


class Spoke(Protocol):
    """The connecting end: one peer, which need not be there yet."""

    def send(self, parts: Sequence[bytes]) -> Sent:
        """Send without waiting."""
        ...

    def receive(self) -> list[bytes] | None:
        """Give the next message; None where nothing waits."""
        ...

    def wait(self, timeout_ms: int) -> bool:
        """Wait until something can be received, at most `timeout_ms`; tells whether it can."""
        ...

    def close(self, linger_ms: int) -> None:
        """Disconnect."""
        ...


class Net(Protocol):
    """Makes ends by address."""

    def bind(self, endpoint: str) -> Hub:
        """Take an address, also from a dead process that has left it behind."""
        ...

    def connect(self, endpoint: str) -> Spoke:
        """Make an end that reaches whoever has the address now or later."""
        ...
