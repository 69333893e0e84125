"""The one door to ZeroMQ: ends that are sockets."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, TypeAlias, cast

import zmq

from engine.link._net import Hub, Net, Sent, Spoke

if TYPE_CHECKING:
    from engine.link._desk import Caller, Desk
    from engine.link._outlet import Inlet, Outlet

    Peer: TypeAlias = Inlet | Outlet | Desk | Caller
    """Whoever has an end."""
else:
    Peer = object


class _End:
    """A socket that never waits but where it is told to."""

    def __init__(self, socket: zmq.Socket[bytes]) -> None:
        self.socket = socket

    def receive(self) -> list[bytes] | None:
        try:
            return self.socket.recv_multipart(zmq.NOBLOCK)
        except zmq.Again:
            return None

    def wait(self, timeout_ms: int) -> bool:
        return bool(self.socket.poll(timeout_ms))

    def close(self, linger_ms: int) -> None:
        self.socket.close(linger_ms)

    def _send(self, parts: Sequence[bytes]) -> Sent:
        try:
            self.socket.send_multipart(parts, zmq.NOBLOCK)
        except zmq.Again:
            return Sent.FULL
        except zmq.ZMQError as error:
            if error.errno != zmq.EHOSTUNREACH:
                raise
            return Sent.GONE
        return Sent.SENT


class _Router(_End):
    def send(self, to: bytes, parts: Sequence[bytes]) -> Sent:
        return self._send([to, *parts])


class _Dealer(_End):
    def send(self, parts: Sequence[bytes]) -> Sent:
        return self._send(parts)


class _Sockets:
    """ZeroMQ."""

    def bind(self, endpoint: str) -> Hub:
        socket: zmq.Socket[bytes] = zmq.Context.instance().socket(zmq.ROUTER)
        socket.setsockopt(zmq.ROUTER_MANDATORY, 1)
        socket.setsockopt(zmq.ROUTER_HANDOVER, 1)
        if endpoint.startswith("ipc://"):
            # A killed process leaves its socket file, and binding over it would fail.
            path = endpoint.removeprefix("ipc://")
            if os.path.exists(path):
                os.unlink(path)
        socket.bind(endpoint)
        return _Router(socket)

    def connect(self, endpoint: str) -> Spoke:
        socket: zmq.Socket[bytes] = zmq.Context.instance().socket(zmq.DEALER)
        socket.setsockopt(zmq.IDENTITY, uuid.uuid4().bytes)
        socket.setsockopt(zmq.RECONNECT_IVL, 50)
        socket.setsockopt(zmq.RECONNECT_IVL_MAX, 500)
        socket.connect(endpoint)
        return _Dealer(socket)


SOCKETS: Net = _Sockets()
"""The net of real processes."""


def wait_any(peers: Iterable[Peer], timeout_ms: int) -> None:
    """Wait until any of `peers`, all of them on sockets, has something to receive.

    Parameters
    ----------
    peers : iterable of Inlet, Outlet, Desk or Caller
        Who is listened to.
    timeout_ms : int
        The longest wait.
    """
    poller = zmq.Poller()
    for peer in peers:
        poller.register(cast(_End, peer.end).socket, zmq.POLLIN)
    poller.poll(timeout_ms)
