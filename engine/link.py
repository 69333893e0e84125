"""Messages between the processes of a hall, over ZeroMQ.

Two shapes are enough. An `Outlet` numbers what it publishes, keeps the last ten minutes and sends
it to every `Inlet` from the number that the inlet asks for: so a worker outlives its engine, and a
returning engine misses nothing. A `Desk` takes requests one by one and answers each: commands to
the player and to the engine.

When more than ten minutes (or `max_bytes`) wait, the oldest are dropped; the inlet counts them in
`lost`. Nothing is dropped silently.
"""

from __future__ import annotations

import contextlib
import os
import uuid
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeAlias

import msgspec
import zmq

KEEP_NS = 600 * 1_000_000_000
"""How long an outlet keeps what it has published: ten minutes."""

MAX_BYTES = 512 * 1024 * 1024
"""The most an outlet keeps, in bytes: ten minutes of 44 Muse seats are 110 MB."""

_RESUME = b"resume"
_ALIVE = b"alive"
_NOTE = b"note"


class LinkError(Exception):
    """A peer did not answer; the message names it and what to do."""


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
    """

    seq: int
    parts: tuple[bytes, ...]


_header_encoder = msgspec.msgpack.Encoder()
_header_decoder = msgspec.msgpack.Decoder(_Header)


class Outlet:
    """Publish numbered messages that late and returning subscribers can still have.

    Parameters
    ----------
    endpoint : str
        ZeroMQ address to bind, for example ``ipc:///run/hall/player``.
    keep_ns : int
        Age in ns at which a message is dropped.
    max_bytes : int
        Bytes kept at most; the oldest go first.
    """

    def __init__(
        self, endpoint: str, *, keep_ns: int = KEEP_NS, max_bytes: int = MAX_BYTES
    ) -> None:
        self._socket = _bind(endpoint)
        self._epoch = uuid.uuid4().hex
        self._keep_ns = keep_ns
        self._max_bytes = max_bytes
        self._ring: deque[tuple[int, tuple[bytes, ...]]] = deque()
        self._bytes = 0
        self._oldest = 0
        self._cursors: dict[bytes, int] = {}

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
        for identity, kind, *body in _received(self._socket):
            if kind == _RESUME:
                self._cursors[identity] = self._known(int(body[0]))
            elif kind == _ALIVE:
                self._cursors.setdefault(identity, self._known(int(body[0])))
            elif kind == _NOTE:
                notes.append(body[0])
        self._send_on()
        return notes

    def wait(self, timeout_ms: int) -> None:
        """Wait until a subscriber says something, at most `timeout_ms`."""
        self._socket.poll(timeout_ms)

    def close(self, linger_ms: int = 500) -> None:
        """Let go of the address; what is on its way may still leave within `linger_ms`."""
        self._socket.close(linger_ms)

    def _known(self, seq: int) -> int:
        """A number this outlet never gave comes from its predecessor: then all is new."""
        return seq if seq <= self.next_seq else 0

    def _send_on(self) -> None:
        for identity in list(self._cursors):
            self._send_to(identity)

    def _send_to(self, identity: bytes) -> None:
        cursor = max(self._cursors[identity], self._oldest)
        try:
            while cursor < self.next_seq:
                parts = self._ring[cursor - self._oldest][1]
                header = _header_encoder.encode(_Header(self._epoch, cursor, self._oldest))
                self._socket.send_multipart([identity, header, *parts], zmq.NOBLOCK)
                cursor += 1
        except zmq.Again:
            pass  # the subscriber is slow: it goes on from its cursor next time
        except zmq.ZMQError as error:
            if error.errno != zmq.EHOSTUNREACH:
                raise
            del self._cursors[identity]
            return
        self._cursors[identity] = cursor


class Inlet:
    """Receive an outlet's messages in order, each once.

    Parameters
    ----------
    endpoint : str
        The outlet's address.
    from_seq : int
        Number of the first message wanted.

    Attributes
    ----------
    lost : int
        Messages that the outlet had dropped before they could be sent.
    """

    def __init__(self, endpoint: str, from_seq: int = 0) -> None:
        self.endpoint = endpoint
        self.lost = 0
        self._socket = _connect(endpoint)
        self._expected = from_seq
        self._epoch = ""
        self._said_ns = -1
        self._missing = -1

    def receive(self, now_ns: int) -> list[Message]:
        """Everything that has arrived, in order; asks again for what is missing."""
        self._keep_alive(now_ns)
        messages = []
        for raw, *parts in _received(self._socket):
            header = _header_decoder.decode(raw)
            if header.epoch != self._epoch:
                self._expected = self._expected if not self._epoch else 0
                self._epoch = header.epoch
            if header.oldest > self._expected:
                self.lost += header.oldest - self._expected
                self._expected = header.oldest
            if header.seq == self._expected:
                self._expected += 1
                messages.append(Message(header.seq, tuple(parts)))
            elif header.seq > self._expected != self._missing:
                self._missing = self._expected
                self._ask(_RESUME)
        return messages

    def note(self, body: bytes) -> None:
        """Say something to the outlet's owner."""
        self._socket.send_multipart([_NOTE, body], zmq.NOBLOCK)

    def close(self) -> None:
        """Disconnect."""
        self._socket.close(0)

    def _keep_alive(self, now_ns: int) -> None:
        if self._said_ns < 0 or now_ns - self._said_ns > 500_000_000:
            self._ask(_RESUME if self._said_ns < 0 else _ALIVE)
            self._said_ns = now_ns
            self._missing = -1  # a second gap at the same number is asked for again

    def _ask(self, kind: bytes) -> None:
        # Where the outlet is not there yet, it is asked again half a second later.
        with contextlib.suppress(zmq.Again):
            self._socket.send_multipart([kind, str(self._expected).encode()], zmq.NOBLOCK)


class Desk:
    """Take requests one at a time and answer each.

    Parameters
    ----------
    endpoint : str
        ZeroMQ address to bind.
    """

    def __init__(self, endpoint: str) -> None:
        self._socket = _bind(endpoint)

    def serve(self, answer: Callable[[bytes], bytes]) -> int:
        """Answer each waiting request with ``answer(request)``; the number of them is returned."""
        count = 0
        for identity, request in _received(self._socket):
            count += 1
            try:
                self._socket.send_multipart([identity, answer(request)], zmq.NOBLOCK)
            except zmq.ZMQError as error:
                if error.errno not in (zmq.EHOSTUNREACH, zmq.EAGAIN):
                    raise
        return count

    def wait(self, timeout_ms: int) -> None:
        """Wait until a request comes, at most `timeout_ms`."""
        self._socket.poll(timeout_ms)

    def close(self) -> None:
        """Let go of the address."""
        self._socket.close(200)


class Caller:
    """Put requests to a desk and take the answers as they come.

    Parameters
    ----------
    endpoint : str
        The desk's address.
    """

    def __init__(self, endpoint: str) -> None:
        self.endpoint = endpoint
        self._socket = _connect(endpoint)

    def post(self, request: bytes) -> bool:
        """Send without waiting; False if the peer has not taken the last thousand either."""
        try:
            self._socket.send(request, zmq.NOBLOCK)
        except zmq.Again:
            return False
        return True

    def answers(self) -> list[bytes]:
        """Whatever has been answered since the last call."""
        return [parts[0] for parts in _received(self._socket)]

    def call(self, request: bytes, timeout_ms: int, peer: str) -> bytes:
        """Send and wait for the answer.

        Raises
        ------
        LinkError
            No answer came within `timeout_ms`.
        """
        self.post(request)
        if not self._socket.poll(timeout_ms):
            raise LinkError(f"{peer} did not answer within {timeout_ms / 1000:g} s; is a show on?")
        return bytes(self._socket.recv())

    def close(self) -> None:
        """Disconnect."""
        self._socket.close(0)


Peer: TypeAlias = Inlet | Outlet | Desk | Caller
"""Whoever has a socket."""


def wait_any(peers: Iterable[Peer], timeout_ms: int) -> None:
    """Wait until any of `peers` has something to receive, at most `timeout_ms`."""
    poller = zmq.Poller()
    for peer in peers:
        poller.register(peer._socket, zmq.POLLIN)
    poller.poll(timeout_ms)


def _bind(endpoint: str) -> zmq.Socket[bytes]:
    socket: zmq.Socket[bytes] = zmq.Context.instance().socket(zmq.ROUTER)
    socket.setsockopt(zmq.ROUTER_MANDATORY, 1)
    socket.setsockopt(zmq.ROUTER_HANDOVER, 1)
    if endpoint.startswith("ipc://"):
        # A killed process leaves its socket file, and binding over it would fail.
        path = endpoint.removeprefix("ipc://")
        if os.path.exists(path):
            os.unlink(path)
    socket.bind(endpoint)
    return socket


def _connect(endpoint: str) -> zmq.Socket[bytes]:
    socket: zmq.Socket[bytes] = zmq.Context.instance().socket(zmq.DEALER)
    socket.setsockopt(zmq.IDENTITY, uuid.uuid4().bytes)
    socket.setsockopt(zmq.RECONNECT_IVL, 50)
    socket.setsockopt(zmq.RECONNECT_IVL_MAX, 500)
    socket.connect(endpoint)
    return socket


def _received(socket: zmq.Socket[bytes]) -> Iterator[list[Any]]:
    while True:
        try:
            yield socket.recv_multipart(zmq.NOBLOCK)
        except zmq.Again:
            return


def _size(parts: tuple[bytes, ...]) -> int:
    return sum(map(len, parts))
