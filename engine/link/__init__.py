"""Messages between the processes of a hall.

Two shapes are enough. An `Outlet` numbers what it publishes, keeps the last ten minutes and sends
it to every `Inlet` from the number that the inlet asks for: so a worker outlives its engine, and a
returning engine misses nothing. A `Desk` takes requests one by one and answers each: commands to
the player and to the engine.

When more than ten minutes (or `max_bytes`) wait, the oldest are dropped; the inlet counts them in
`lost`. Nothing is dropped silently.

What carries the messages is a `Net`: ZeroMQ between real processes (`SOCKETS`, the one door to
it), a net of its own in simulated shows. The rules here are the same on both.
"""

from engine.link._desk import Caller, Desk, LinkError
from engine.link._net import Hub, Net, Sent, Spoke
from engine.link._outlet import KEEP_NS, Inlet, Message, Outlet
from engine.link._sockets import SOCKETS, Peer, wait_any

__all__ = [
    "KEEP_NS",
    "SOCKETS",
    "Caller",
    "Desk",
    "Hub",
    "Inlet",
    "LinkError",
    "Message",
    "Net",
    "Outlet",
    "Peer",
    "Sent",
    "Spoke",
    "wait_any",
]
