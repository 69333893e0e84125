"""Ears and hands: presses reach who must act, and every one is answered for."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import msgspec
import pytest

from engine.console._booth import DEBOUNCE_NS, TOO_SOON, Booth
from engine.console._line import ANSWER_NS
from engine.console._state import Press
from engine.link import Desk, Outlet
from engine.places import Places
from engine.player import PlayerRequest
from engine.records import Answer, Consent, EngineRequest
from playback import Ack, PlayerEvent

PUMPS = 400


@dataclass
class Hall:
    """Sockets in the places of engine and player, which answer when they are served."""

    places: Places
    now_ns: int = 10**12
    commands: list[tuple[str, int | None]] = field(default_factory=list)
    requests: list[EngineRequest] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.player = Desk(self.places.player_desk)
        self.engine = Desk(self.places.engine_desk)
        self.events = Outlet(self.places.player_events)

    def serve_player(self) -> None:
        self.player.wait(5)
        self.player.serve(self._obey)
        self.events.serve()

    def serve_engine(self) -> None:
        self.engine.wait(5)
        self.engine.serve(self._admit)

    def close(self) -> None:
        for peer in (self.player, self.engine, self.events):
            peer.close()

    def _obey(self, request: bytes) -> bytes:
        command = msgspec.msgpack.decode(request, type=PlayerRequest).command
        if command is None:
            return msgspec.msgpack.encode(Ack(True, "listening"))
        self.commands.append((command.kind, command.number))
        return msgspec.msgpack.encode(Ack(command.kind != "take", f"{command.kind} heard"))

    def _admit(self, request: bytes) -> bytes:
        self.requests.append(msgspec.msgpack.decode(request, type=EngineRequest))
        return msgspec.msgpack.encode(Answer(True, "admitted"))


@pytest.fixture
def hall(tmp_path: Path) -> Iterator[Hall]:
    found = Hall(Places.make(tmp_path / "run"))
    yield found
    found.close()


@pytest.fixture
def booth(hall, show) -> Iterator[Booth]:
    found = Booth(show, hall.places, lambda: hall.now_ns)
    yield found
    found.close()


def pump(booth: Booth, until: Callable[[], bool], *serve: Callable[[], None]) -> None:
    """Serve and pump until `until` holds; the clock stands."""
    for _ in range(PUMPS):
        if until():
            return
        for hand in serve:
            hand()
        booth.pump()
    raise AssertionError("it never came")


def last(booth: Booth) -> Press:
    return booth.state.presses[-1]


@pytest.mark.parametrize(
    ("kind", "number", "outcome"),
    [("panic", None, "accepted"), ("hold", None, "accepted"), ("take", 2, "refused")],
)
def test_a_press_reaches_the_player_and_its_answer_is_shown(hall, booth, kind, number, outcome):
    booth.press(kind, number)
    assert last(booth).outcome == "waiting"
    pump(booth, lambda: last(booth).outcome != "waiting", hall.serve_player)
    assert hall.commands == [(kind, number)]
    assert (last(booth).outcome, last(booth).answer) == (outcome, f"{kind} heard")


def test_nobody_answers(hall, booth):
    booth.press("panic")
    hall.now_ns += ANSWER_NS - 1
    booth.pump()
    assert last(booth).outcome == "waiting"
    hall.now_ns += 1
    booth.pump()
    assert last(booth).outcome == "silent"


def test_an_answer_that_comes_late_is_still_shown(hall, booth):
    booth.press("panic")
    hall.now_ns += ANSWER_NS
    booth.pump()
    pump(booth, lambda: last(booth).outcome == "accepted", hall.serve_player)


def test_presses_act_in_their_order(hall, booth):
    """Also those that a player finds together when it comes back."""
    kinds = ["panic", "resume"] * 10
    for kind in kinds:
        booth.press(kind)
    pump(booth, lambda: last(booth).outcome == "accepted", hall.serve_player)
    assert hall.commands == [(kind, None) for kind in kinds]
    assert {press.outcome for press in booth.state.presses} == {"accepted"}


def test_after_a_long_silence_the_next_press_is_answered(hall, booth):
    booth.press("panic")
    hall.now_ns += 5 * ANSWER_NS
    booth.pump()
    hall.serve_player()
    booth.press("panic")
    pump(booth, lambda: last(booth).outcome == "accepted", hall.serve_player)


def test_a_bouncing_key_is_refused_and_shown(hall, booth):
    booth.press("take", 1)
    hall.now_ns += DEBOUNCE_NS - 1
    booth.press("hold")
    assert (last(booth).outcome, last(booth).answer) == ("refused", TOO_SOON)
    hall.now_ns += 1
    booth.press("hold")
    pump(booth, lambda: len(hall.commands) == 2, hall.serve_player)
    assert hall.commands == [("take", 1), ("hold", None)]


def test_panic_is_never_too_soon(hall, booth):
    for kind in ("hold", "panic", "panic", "resume", "panic"):
        booth.press(kind)
    pump(booth, lambda: len(hall.commands) == 5, hall.serve_player)
    pump(booth, lambda: all(p.outcome == "accepted" for p in booth.state.presses))


def test_start_goes_to_the_engine(hall, booth):
    booth.press("start")
    pump(booth, lambda: last(booth).outcome == "accepted", hall.serve_player, hall.serve_engine)
    assert hall.requests == [EngineRequest(start=True)]
    assert hall.commands == []


def test_start_goes_to_the_player_if_the_engine_is_silent(hall, booth):
    booth.press("start")
    hall.now_ns += ANSWER_NS
    pump(booth, lambda: last(booth).outcome == "accepted", hall.serve_player)
    assert hall.commands == [("start", None)]


def test_a_seats_consent_goes_to_the_engine(hall, booth):
    booth.ask_consent("A7", Consent.WITHDRAWN)
    pump(booth, lambda: last(booth).outcome == "accepted", hall.serve_engine)
    (request,) = hall.requests
    assert request.seat is not None
    assert (request.seat.seat, request.seat.consent) == ("A7", Consent.WITHDRAWN)


def test_a_player_that_has_nothing_to_say_is_heard_nevertheless(hall, booth):
    """Before the film there are no events."""
    pump(booth, lambda: booth.state.player_ns == hall.now_ns, hall.serve_player)
    hall.now_ns += 3_000_000_000
    assert booth.state.player_silent_s(hall.now_ns) == pytest.approx(3.0)
    pump(booth, lambda: booth.state.player_ns == hall.now_ns, hall.serve_player)
    assert booth.state.player_silent_s(hall.now_ns) is None


def test_a_console_that_starts_late_knows_the_way_so_far(hall, show, event):
    """From the journal what the outlet has dropped, from the outlet the rest, nothing twice."""
    told = [
        event("started", 1, "lead_in", 0),
        event("held", 2, detail="HOLD: defaults until AUTO"),
        event("started", 61),
    ]
    lines = [msgspec.json.encode(one).decode() + "\n" for one in told]
    hall.places.journal.write_text("".join(lines), "utf-8")
    newest: PlayerEvent = event("position", 62, frame=24)
    for one in (told[2], newest):
        hall.events.publish(hall.now_ns, msgspec.msgpack.encode(one))
    booth = Booth(show, hall.places, lambda: hall.now_ns)
    pump(booth, lambda: booth.state.position == newest, hall.serve_player)
    booth.close()
    assert booth.state.path == {0: "lead_in", 1: "question"}
    assert booth.state.holding
    assert list(booth.state.log) == told
