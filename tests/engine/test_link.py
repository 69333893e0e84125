"""The link: numbered, resumable, bounded, never silent about what is lost; on both nets alike."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.link import SOCKETS, Caller, Desk, Inlet, LinkError, Message, Net, Outlet
from engine.simulation import MS, SimNet, World

DEADLINE_S = 10.0


@dataclass
class Wire:
    """A net, an address on it, and its time."""

    net: Net
    endpoint: str
    world: World | None = None

    def now_ns(self) -> int:
        return self.world.now_ns if self.world else time.monotonic_ns()

    def wait(self, end) -> None:
        """Let messages arrive; on sockets until one has, or a hundredth of a second."""
        if self.world:
            self.world.after(10 * MS, lambda: None)
            self.world.run(self.world.now_ns + 10 * MS, lambda: False)
        else:
            end.wait(10)

    def until(self, done: Callable[[], bool], end, serve: Callable[[], object]) -> None:
        """Serve until it is done or the deadline has passed."""
        limit_ns = self.now_ns() + int(DEADLINE_S * 1e9)
        while not done() and self.now_ns() < limit_ns:
            serve()
            self.wait(end)


@pytest.fixture(params=["sockets", "simulated"])
def wire(request: pytest.FixtureRequest, tmp_path: Path) -> Wire:
    if request.param == "sockets":
        return Wire(SOCKETS, f"ipc://{tmp_path / 'socket'}")
    world = World(1)
    return Wire(SimNet(world).at("hall"), "somewhere", world)


def pump(
    wire: Wire, outlet: Outlet, inlet: Inlet, until: Callable[[list[Message]], bool]
) -> list[Message]:
    """Serve and receive until `until` holds or the deadline has passed."""
    got: list[Message] = []

    def serve() -> None:
        outlet.serve()
        got.extend(inlet.receive(wire.now_ns()))

    wire.until(lambda: until(got), inlet.end, serve)
    return got


@pytest.fixture
def open_outlet(wire: Wire) -> Iterator[Callable[..., Outlet]]:
    outlets = []

    def make(**limits: int) -> Outlet:
        outlets.append(Outlet(wire.endpoint, net=wire.net, **limits))
        return outlets[-1]

    yield make
    for outlet in outlets:
        outlet.close(0)


@pytest.fixture
def outlet(open_outlet: Callable[..., Outlet]) -> Outlet:
    return open_outlet()


@pytest.fixture
def open_inlet(wire: Wire) -> Iterator[Callable[..., Inlet]]:
    inlets = []

    def make(from_seq: int = 0, epoch: str = "") -> Inlet:
        inlets.append(Inlet(wire.endpoint, from_seq, epoch, net=wire.net))
        return inlets[-1]

    yield make
    for inlet in inlets:
        inlet.close()


def seqs(messages: list[Message]) -> list[int]:
    return [message.seq for message in messages]


def test_a_late_subscriber_gets_everything_in_order(wire, outlet, open_inlet):
    for i in range(50):
        outlet.publish(i, f"{i}".encode(), b"x" * i)
    got = pump(wire, outlet, open_inlet(), lambda got: len(got) >= 50)
    assert seqs(got) == list(range(50))
    assert got[7].parts == (b"7", b"x" * 7)


def test_a_returning_subscriber_resumes_by_number(wire, outlet, open_inlet):
    for i in range(20):
        outlet.publish(i, b"")
    got = pump(wire, outlet, open_inlet(from_seq=12), lambda got: len(got) >= 8)
    assert seqs(got) == list(range(12, 20))


def test_two_subscribers_do_not_disturb_each_other(wire, outlet, open_inlet):
    first, second = open_inlet(), open_inlet(from_seq=5)
    for i in range(10):
        outlet.publish(i, b"")
    assert seqs(pump(wire, outlet, first, lambda got: len(got) >= 10)) == list(range(10))
    assert seqs(pump(wire, outlet, second, lambda got: len(got) >= 5)) == list(range(5, 10))


def test_more_than_zeromq_queues_arrives_whole(wire, outlet, open_inlet):
    """The socket's own queue holds a thousand; the cursor goes on from there."""
    for i in range(5000):
        outlet.publish(i, b"y" * 100)
    got = pump(wire, outlet, open_inlet(), lambda got: len(got) >= 5000)
    assert seqs(got) == list(range(5000))


def test_the_oldest_are_dropped_by_age_and_counted(wire, open_outlet, open_inlet):
    outlet = open_outlet(keep_ns=100)
    for now_ns in range(0, 1000, 10):
        outlet.publish(now_ns, b"")
    inlet = open_inlet()
    got = pump(wire, outlet, inlet, lambda got: bool(got) and got[-1].seq == 99)
    assert seqs(got) == list(range(89, 100))
    assert inlet.lost == 89


def test_the_oldest_are_dropped_by_size_and_counted(wire, open_outlet, open_inlet):
    outlet = open_outlet(max_bytes=1000)
    for i in range(30):
        outlet.publish(i, b"z" * 100)
    inlet = open_inlet()
    got = pump(wire, outlet, inlet, lambda got: bool(got) and got[-1].seq == 29)
    assert seqs(got) == list(range(20, 30))
    assert inlet.lost == 20


def test_a_restarted_outlet_is_heard_from_its_beginning(wire, open_outlet, open_inlet):
    before = open_outlet()
    for i in range(30):
        before.publish(i, b"before")
    inlet = open_inlet()
    first = pump(wire, before, inlet, lambda got: len(got) >= 30)
    assert len(first) == 30
    before.close(0)
    after = open_outlet()
    for i in range(3):
        after.publish(i, b"after")
    got = pump(wire, after, inlet, lambda got: len(got) >= 3)
    assert [(message.seq, message.parts) for message in got] == [
        (0, (b"after",)),
        (1, (b"after",)),
        (2, (b"after",)),
    ]
    assert {message.epoch for message in got}.isdisjoint(message.epoch for message in first)


def test_a_number_from_another_life_of_the_outlet_means_nothing(wire, outlet, open_inlet):
    """A successor asks from where his predecessor stood, in the life in which he stood there."""
    for i in range(20):
        outlet.publish(i, b"")
    got = pump(wire, outlet, open_inlet(12, "a life before"), lambda got: len(got) >= 20)
    assert seqs(got) == list(range(20))
    epoch = got[0].epoch
    got = pump(wire, outlet, open_inlet(12, epoch), lambda got: len(got) >= 8)
    assert seqs(got) == list(range(12, 20))


def test_the_owner_hears_notes(wire, outlet, open_inlet):
    open_inlet().note(b"start")
    heard: list[bytes] = []
    wire.until(lambda: bool(heard), outlet.end, lambda: heard.extend(outlet.serve()))
    assert heard == [b"start"]


def test_a_desk_answers_each_request(wire):
    desk, caller = Desk(wire.endpoint, net=wire.net), Caller(wire.endpoint, net=wire.net)
    tickets = [caller.post(number) for number in (b"1", b"2", b"3")]
    answers: list[tuple[int, bytes]] = []

    def serve() -> None:
        desk.serve(lambda request: b"re:" + request)
        answers.extend(caller.answers())

    try:
        wire.until(lambda: len(answers) >= 3, desk.end, serve)
        assert answers == list(zip(tickets, (b"re:1", b"re:2", b"re:3"), strict=True))
    finally:
        caller.close()
        desk.close()


def test_nobody_at_the_desk_is_said(wire):
    caller = Caller(wire.endpoint, net=wire.net)
    try:
        with pytest.raises(LinkError, match="the player did not answer within"):
            caller.call(b"", 50, "the player")
    finally:
        caller.close()


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 1 << 30),
    lost=st.floats(0, 0.4),
    doubled=st.floats(0, 0.4),
    late_ms=st.integers(0, 300),
    count=st.integers(1, 60),
)
def test_on_a_bad_net_everything_arrives_once_and_in_order(seed, lost, doubled, late_ms, count):
    world = World(seed)
    net = SimNet(world)
    net.weather.lost, net.weather.doubled = lost, doubled
    net.weather.late_ns = late_ms * MS
    wire = Wire(net.at("hall"), "somewhere", world)
    outlet, inlet = Outlet("somewhere", net=wire.net), Inlet("somewhere", net=wire.net)
    for number in range(count):
        outlet.publish(world.now_ns, str(number).encode())
    got: list[Message] = []
    limit_ns = world.now_ns + 200 * 10**9
    while len(got) < count and world.now_ns < limit_ns:
        outlet.serve()
        got += inlet.receive(world.now_ns)
        wire.wait(inlet.end)
    assert seqs(got) == list(range(count))
    assert [int(message.parts[0]) for message in got] == list(range(count))


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 1 << 30), count=st.integers(1, 20))
def test_a_request_that_arrives_twice_is_obeyed_once(seed, count):
    world = World(seed)
    net = SimNet(world)
    net.weather.doubled, net.weather.late_ns = 0.5, 50 * MS
    wire = Wire(net.at("hall"), "somewhere", world)
    desk, caller = Desk("somewhere", net=wire.net), Caller("somewhere", net=wire.net)
    sent = {caller.post(str(number).encode()): str(number).encode() for number in range(count)}
    obeyed: list[bytes] = []

    def answer(request: bytes) -> bytes:
        obeyed.append(request)
        return request

    answers: list[tuple[int, bytes]] = []
    for _ in range(100):
        desk.serve(answer)
        answers += caller.answers()
        wire.wait(desk.end)
    assert sorted(obeyed) == sorted(sent.values())
    assert dict(answers) == sent
