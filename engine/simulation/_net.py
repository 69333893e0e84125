"""A net of messages in virtual time: late, lost, doubled, reordered, cut off."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

from engine.link import Hub, Sent, Spoke
from engine.simulation._world import MS, World

_QUEUE = 1000
"""Messages that wait for a peer that is not there, as ZeroMQ has it."""


@dataclass(slots=True)
class Weather:
    """How messages fare.

    Attributes
    ----------
    lost, doubled : float
        Shares of messages.
    late_ns : int
        The longest that one may be late; those that are overtake each other.
    """

    lost: float = 0.0
    doubled: float = 0.0
    late_ns: int = 0


class SimNet:
    """Ends by address, and everything that is on its way between them.

    Parameters
    ----------
    world : World
        When things arrive, and chance.

    Attributes
    ----------
    weather : Weather
        How messages fare now.
    was_bad : bool
        Whether anything has gone wrong on it.
    """

    def __init__(self, world: World) -> None:
        self.world = world
        self.weather = Weather()
        self.was_bad = False
        self._hubs: dict[str, _Hub] = {}
        self._names = 0
        self._cut_until: dict[str, int] = {}

    def at(self, node: str) -> Station:
        """Give the net as a process on a node has it; its ends die with it."""
        return Station(self, node)

    def cut_off(self, node: str, until_ns: int) -> None:
        """Cut a node off from all others: what is under way arrives when it is back."""
        self.was_bad = True
        self._cut_until[node] = until_ns

    def bind(self, endpoint: str, node: str) -> _Hub:
        """Take an address."""
        hub = _Hub(self, node)
        self._hubs[endpoint] = hub
        return hub

    def connect(self, endpoint: str, node: str) -> _Spoke:
        """Make an end for an address."""
        self._names += 1
        return _Spoke(self, node, endpoint, self._names.to_bytes(4, "big"))

    def hub(self, endpoint: str) -> _Hub | None:
        """Find who has an address now."""
        hub = self._hubs.get(endpoint)
        return hub if hub is not None and hub.open else None

    def carry(self, sender: str, receiver: _End, message: list[bytes]) -> None:
        """Put a message on its way."""
        world, weather = self.world, self.weather
        start_ns = world.now_ns
        if sender != receiver.node:
            cuts = (self._cut_until.get(node, 0) for node in (sender, receiver.node))
            start_ns = max(start_ns, *cuts)
        if weather.lost and world.rng.random() < weather.lost:
            return
        copies = 2 if weather.doubled and world.rng.random() < weather.doubled else 1
        for _ in range(copies):
            late_ns = world.rng.randrange(weather.late_ns) if weather.late_ns else 0
            arrive_ns = start_ns + MS // 5 + late_ns
            if not late_ns:
                # Where nothing is late nothing is overtaken either.
                arrive_ns = receiver.last_ns = max(arrive_ns, receiver.last_ns)
            world.at(arrive_ns, lambda: receiver.arrive(message))


@dataclass(slots=True)
class Station:
    """A process's place in the net."""

    net: SimNet
    node: str
    ends: list[_End] = field(default_factory=list)

    def bind(self, endpoint: str) -> Hub:
        """Take an address, also from a dead process that has left it behind."""
        hub = self.net.bind(endpoint, self.node)
        self.ends.append(hub)
        return hub

    def connect(self, endpoint: str) -> Spoke:
        """Make an end that reaches whoever has the address now or later."""
        spoke = self.net.connect(endpoint, self.node)
        self.ends.append(spoke)
        return spoke

    def die(self) -> None:
        """End all ends: their process is dead."""
        for end in self.ends:
            end.close(0)


class _End:
    """What has arrived at one end."""

    def __init__(self, net: SimNet, node: str) -> None:
        self.net = net
        self.node = node
        self.open = True
        self.last_ns = 0
        self._queue: deque[list[bytes]] = deque()

    def arrive(self, message: list[bytes]) -> None:
        if self.open:
            self._queue.append(message)

    def receive(self) -> list[bytes] | None:
        return self._queue.popleft() if self._queue else None

    def wait(self, timeout_ms: int) -> bool:
        return bool(self._queue)

    def close(self, linger_ms: int) -> None:
        self.open = False
        self._queue.clear()


class _Hub(_End):
    def __init__(self, net: SimNet, node: str) -> None:
        super().__init__(net, node)
        self.spokes: dict[bytes, _Spoke] = {}

    def send(self, to: bytes, parts: Sequence[bytes]) -> Sent:
        spoke = self.spokes.get(to)
        if spoke is None or not spoke.open:
            return Sent.GONE
        self.net.carry(self.node, spoke, list(parts))
        return Sent.SENT


class _Spoke(_End):
    def __init__(self, net: SimNet, node: str, endpoint: str, name: bytes) -> None:
        super().__init__(net, node)
        self._endpoint = endpoint
        self._name = name
        self._hub: _Hub | None = None
        self._waiting: deque[list[bytes]] = deque()

    def send(self, parts: Sequence[bytes]) -> Sent:
        if len(self._waiting) >= _QUEUE:
            return Sent.FULL
        self._waiting.append(list(parts))
        self._connect()
        return Sent.SENT

    def receive(self) -> list[bytes] | None:
        if self._waiting:
            self._connect()
        return super().receive()

    def _connect(self) -> None:
        """Reach whoever has the address, and send what has waited for him."""
        if self._hub is None or not self._hub.open:
            self._hub = self.net.hub(self._endpoint)
        if self._hub is None:
            return
        self._hub.spokes[self._name] = self
        while self._waiting:
            self.net.carry(self.node, self._hub, [self._name, *self._waiting.popleft()])
