"""The link: numbered, resumable, bounded, and never silent about what is lost."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from engine.link import Caller, Desk, Inlet, LinkError, Message, Outlet, wait_any

DEADLINE_S = 10.0


@pytest.fixture
def endpoint(tmp_path: Path) -> str:
    return f"ipc://{tmp_path / 'socket'}"


def pump(outlet: Outlet, inlet: Inlet, until: Callable[[list[Message]], bool]) -> list[Message]:
    """Serve and receive until `until` holds or the deadline has passed."""
    got: list[Message] = []
    limit = time.monotonic() + DEADLINE_S
    while not until(got) and time.monotonic() < limit:
        outlet.serve()
        wait_any([inlet], 10)
        got += inlet.receive(time.monotonic_ns())
    return got


@pytest.fixture
def outlet(endpoint: str) -> Iterator[Outlet]:
    outlet = Outlet(endpoint)
    yield outlet
    outlet.close(0)


@pytest.fixture
def open_inlet(endpoint: str) -> Iterator[Callable[..., Inlet]]:
    inlets = []

    def make(from_seq: int = 0) -> Inlet:
        inlets.append(Inlet(endpoint, from_seq))
        return inlets[-1]

    yield make
    for inlet in inlets:
        inlet.close()


def seqs(messages: list[Message]) -> list[int]:
    return [message.seq for message in messages]


def test_a_late_subscriber_gets_everything_in_order(outlet, open_inlet):
    for i in range(50):
        outlet.publish(i, f"{i}".encode(), b"x" * i)
    got = pump(outlet, open_inlet(), lambda got: len(got) >= 50)
    assert seqs(got) == list(range(50))
    assert got[7].parts == (b"7", b"x" * 7)


def test_a_returning_subscriber_resumes_by_number(outlet, open_inlet):
    for i in range(20):
        outlet.publish(i, b"")
    got = pump(outlet, open_inlet(from_seq=12), lambda got: len(got) >= 8)
    assert seqs(got) == list(range(12, 20))


def test_two_subscribers_do_not_disturb_each_other(outlet, open_inlet):
    first, second = open_inlet(), open_inlet(from_seq=5)
    for i in range(10):
        outlet.publish(i, b"")
    assert seqs(pump(outlet, first, lambda got: len(got) >= 10)) == list(range(10))
    assert seqs(pump(outlet, second, lambda got: len(got) >= 5)) == list(range(5, 10))


def test_more_than_zeromq_queues_arrives_whole(outlet, open_inlet):
    """The socket's own queue holds a thousand; the cursor goes on from there."""
    for i in range(5000):
        outlet.publish(i, b"y" * 100)
    got = pump(outlet, open_inlet(), lambda got: len(got) >= 5000)
    assert seqs(got) == list(range(5000))


def test_the_oldest_are_dropped_by_age_and_counted(endpoint, open_inlet):
    outlet = Outlet(endpoint, keep_ns=100)
    try:
        for now_ns in range(0, 1000, 10):
            outlet.publish(now_ns, b"")
        inlet = open_inlet()
        got = pump(outlet, inlet, lambda got: bool(got) and got[-1].seq == 99)
        assert seqs(got) == list(range(89, 100))
        assert inlet.lost == 89
    finally:
        outlet.close(0)


def test_the_oldest_are_dropped_by_size_and_counted(endpoint, open_inlet):
    outlet = Outlet(endpoint, max_bytes=1000)
    try:
        for i in range(30):
            outlet.publish(i, b"z" * 100)
        inlet = open_inlet()
        got = pump(outlet, inlet, lambda got: bool(got) and got[-1].seq == 29)
        assert seqs(got) == list(range(20, 30))
        assert inlet.lost == 20
    finally:
        outlet.close(0)


def test_a_restarted_outlet_is_heard_from_its_beginning(endpoint, open_inlet):
    before = Outlet(endpoint)
    for i in range(30):
        before.publish(i, b"before")
    inlet = open_inlet()
    assert len(pump(before, inlet, lambda got: len(got) >= 30)) == 30
    before.close(0)
    after = Outlet(endpoint)
    try:
        for i in range(3):
            after.publish(i, b"after")
        got = pump(after, inlet, lambda got: len(got) >= 3)
        assert [(message.seq, message.parts) for message in got] == [
            (0, (b"after",)),
            (1, (b"after",)),
            (2, (b"after",)),
        ]
    finally:
        after.close(0)


def test_the_owner_hears_notes(outlet, open_inlet):
    inlet = open_inlet()
    inlet.note(b"start")
    heard: list[bytes] = []
    limit = time.monotonic() + DEADLINE_S
    while not heard and time.monotonic() < limit:
        outlet.wait(10)
        heard += outlet.serve()
    assert heard == [b"start"]


def test_a_desk_answers_each_request(endpoint):
    desk, caller = Desk(endpoint), Caller(endpoint)
    try:
        for number in (b"1", b"2", b"3"):
            caller.post(number)
        answers: list[tuple[int, bytes]] = []
        limit = time.monotonic() + DEADLINE_S
        while len(answers) < 3 and time.monotonic() < limit:
            desk.wait(10)
            desk.serve(lambda request: b"re:" + request)
            answers += caller.answers()
        assert answers == [(1, b"re:1"), (2, b"re:2"), (3, b"re:3")]
    finally:
        caller.close()
        desk.close()


def test_nobody_at_the_desk_is_said(endpoint):
    caller = Caller(endpoint)
    try:
        with pytest.raises(LinkError, match="the player did not answer within"):
            caller.call(b"", 50, "the player")
    finally:
        caller.close()
