"""Numbered messages that late and returning subscribers can still have."""

from __future__ import annotations

import uuid
from collections import deque

import msgspec

from engine.link._net import Net, Sent
from engine.link._sockets import SOCKETS

KEEP_NS = 600 * 1_000_000_000
"""How long an outlet keeps what it has published: ten minutes."""

MAX_BYTES = 512 * 1024 * 1024
"""The most an outlet keeps, in bytes: ten minutes of 44 Muse seats are 110 MB."""

_RESUME = b"resume"
_ALIVE = b"alive"
_NOTE = b"note"
_ALIVE_NS = 500_000_000


class _Header(msgspec.Struct, frozen=True, array_like=True):
    epoch: str
    seq: int
    oldest: int


class Message(msgspec.Struct, frozen=True):
    """One message as an inlet received it.

    Attributes
    ----------
    seq : int
        Its number at the outlet, counted from 0.
    parts : tuple of bytes
        What was published.
    epoch : str
        The outlet's life in which it was.
    """

    seq: int
    parts: tuple[bytes, ...]
    epoch: str


class _Subscriber(msgspec.Struct):
    """How far a subscriber has been served, and the number he last said he waits for."""

    cursor: int
    waits_for: int = -1


_header_encoder = msgspec.msgpack.Encoder()
_header_decoder = msgspec.msgpack.Decoder(_Header)


class Outlet:
    """Publish numbered messages that late and returning subscribers can still have.

    Parameters
    ----------
    endpoint : str
        Address to bind, for example ``ipc:///run/hall/player``.
    keep_ns : int
        Age in ns at which a message is dropped.
    max_bytes : int
        Bytes kept at most; the oldest go first.
    net : Net
        What carries the messages.
    """

    def __init__(
        self,
        endpoint: str,
        *,
        keep_ns: int = KEEP_NS,
        max_bytes: int = MAX_BYTES,
        net: Net = SOCKETS,
    ) -> None:
        self.end = net.bind(endpoint)
        self._epoch = uuid.uuid4().hex
        self._keep_ns = keep_ns
        self._max_bytes = max_bytes
        self._ring: deque[tuple[int, tuple[bytes, ...]]] = deque()
        self._bytes = 0
        self._oldest = 0
        self._subscribers: dict[bytes, _Subscriber] = {}

    @property
    def next_seq(self) -> int:
        """The number that the next message will have."""
        return self._oldest + len(self._ring)

    def publish(self, now_ns: int, *parts: bytes) -> int:
        """Number a message, keep it and send it on; the number is returned."""
        seq = self.next_seq
        self._ring.append((now_ns, parts))
        self._bytes += _size(parts)
        while self._ring and (
            self._bytes > self._max_bytes or now_ns - self._ring[0][0] > self._keep_ns
        ):
            self._bytes -= _size(self._ring.popleft()[1])
            self._oldest += 1
        self._send_on()
        return seq

    def serve(self) -> list[bytes]:
        """Answer subscribers; what they noted for the owner is returned."""
        notes = []
        while (message := self.end.receive()) is not None:
            identity, kind, *body = message
            if kind == _RESUME:
                self._subscribers[identity] = _Subscriber(self._known(int(body[0])))
            elif kind == _ALIVE:
                self._hear_alive(identity, self._known(int(body[0])))
            elif kind == _NOTE:
                notes.append(body[0])
        self._send_on()
        return notes

    def wait(self, timeout_ms: int) -> None:
        """Wait until a subscriber says something, at most `timeout_ms`."""
        self.end.wait(timeout_ms)

    def close(self, linger_ms: int = 500) -> None:
        """Let go of the address; what is on its way may still leave within `linger_ms`."""
        self.end.close(linger_ms)

    def _known(self, seq: int) -> int:
        """A number this outlet never gave comes from its predecessor: then all is new."""
        return seq if seq <= self.next_seq else 0

    def _hear_alive(self, identity: bytes, seq: int) -> None:
        """Send again to whoever has waited for the same number since he last spoke."""
        subscriber = self._subscribers.setdefault(identity, _Subscriber(seq))
        if seq == subscriber.waits_for:
            subscriber.cursor = min(subscriber.cursor, seq)
        subscriber.waits_for = seq

    def _send_on(self) -> None:
        for identity in list(self._subscribers):
            self._send_to(identity, self._subscribers[identity])

    def _send_to(self, identity: bytes, subscriber: _Subscriber) -> None:
        subscriber.cursor = max(subscriber.cursor, self._oldest)
        while subscriber.cursor < self.next_seq:
            parts = self._ring[subscriber.cursor - self._oldest][1]
            header = _header_encoder.encode(_Header(self._epoch, subscriber.cursor, self._oldest))
            sent = self.end.send(identity, [header, *parts])
            if sent is Sent.GONE:
                del self._subscribers[identity]
            if sent is not Sent.SENT:
                return  # a slow subscriber goes on from his cursor next time
            subscriber.cursor += 1


class Inlet:
    """Receive an outlet's messages in order, each once.

    Parameters
    ----------
    endpoint : str
        The outlet's address.
    from_seq : int
        Number of the first message wanted.
    epoch : str
        The outlet's life that `from_seq` was counted in; empty for whichever it is. From an
        outlet that has been started again since, everything is wanted.
    net : Net
        What carries the messages.

    Attributes
    ----------
    lost : int
        Messages that the outlet had dropped before they could be sent.
    epoch : str
        The outlet's life; another one begins with each start of its process.
    next_seq : int
        Number of the next message wanted.
    """

    def __init__(
        self, endpoint: str, from_seq: int = 0, epoch: str = "", *, net: Net = SOCKETS
    ) -> None:
        self.endpoint = endpoint
        self.lost = 0
        self.end = net.connect(endpoint)
        self.next_seq = from_seq
        self.epoch = epoch
        self._past: set[str] = set()
        self._said_ns = -1
        self._missing = -1

    def receive(self, now_ns: int) -> list[Message]:
        """Everything that has arrived, in order; asks again for what is missing."""
        self._keep_alive(now_ns)
        messages = []
        while (message := self.end.receive()) is not None:
            raw, *parts = message
            header = _header_decoder.decode(raw)
            if header.epoch in self._past:
                continue  # a dead outlet's last words, overtaken by its successor's first
            if header.epoch != self.epoch:
                self._begin_epoch(header.epoch)
            if header.oldest > self.next_seq:
                self.lost += header.oldest - self.next_seq
                self.next_seq = header.oldest
            if header.seq == self.next_seq:
                self.next_seq += 1
                messages.append(Message(header.seq, tuple(parts), header.epoch))
            elif header.seq > self.next_seq != self._missing:
                self._missing = self.next_seq
                self._ask(_RESUME)
        return messages

    def note(self, body: bytes) -> None:
        """Say something to the outlet's owner."""
        self.end.send([_NOTE, body])

    def close(self) -> None:
        """Disconnect."""
        self.end.close(0)

    def _begin_epoch(self, epoch: str) -> None:
        if self.epoch:
            self._past.add(self.epoch)
            self.next_seq = 0
        self.epoch = epoch

    def _keep_alive(self, now_ns: int) -> None:
        if self._said_ns < 0 or now_ns - self._said_ns > _ALIVE_NS:
            # Where the outlet is not there yet, it is asked again half a second later.
            self._ask(_RESUME if self._said_ns < 0 else _ALIVE)
            self._said_ns = now_ns
            self._missing = -1  # a second gap at the same number is asked for again

    def _ask(self, kind: bytes) -> None:
        self.end.send([kind, str(self.next_seq).encode()])


def _size(parts: tuple[bytes, ...]) -> int:
    return sum(map(len, parts))
