"""The console's ears and hands: what it hears from engine and player, what it asks of them.

Nothing here waits: `pump` takes what has come and returns.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import msgspec

from engine.config import Show
from engine.console._line import ANSWER_NS, Line
from engine.console._state import Press, State, answered
from engine.link import SOCKETS, Caller, Inlet, Net
from engine.places import Places
from engine.player import PlayerRequest, read_journal
from engine.records import Answer, Consent, EngineRequest, SeatRequest
from engine.status import Status
from playback import Ack, Command, PlayerEvent

DEBOUNCE_NS = 300_000_000
"""Least time between two presses that change what follows: keys bounce, and fingers too."""

_GIVE_UP_NS = 3_000_000_000
_PING_NS = 500_000_000
_PUMP_S = 0.025
_OPERATOR = "console"
_BOUNCING = frozenset({"hold", "take", "default"})

TOO_SOON = "too soon after the last press: nothing was sent"
"""Why a press was refused by the console itself."""


class Booth:
    """Everything between the page and the hall's sockets.

    Parameters
    ----------
    show : Show
        The show on the screen.
    places : Places
        Where its sockets are.
    clock : callable
        Gives hall time in ns.
    net : Net
        What carries its messages.

    Attributes
    ----------
    state : State
        What is known of the show.
    """

    def __init__(
        self, show: Show, places: Places, clock: Callable[[], int], *, net: Net = SOCKETS
    ) -> None:
        self._places = places
        self._clock = clock
        self.state = State(show, clock())
        # The journal holds what the player's outlet no longer does, after ten minutes.
        self._journal = set(read_journal(places.journal))
        self.state.hear_all(sorted(self._journal, key=lambda event: event.hall_ns))
        self._status = Inlet(places.engine_status, net=net)
        self._events = Inlet(places.player_events, net=net)
        self._ping = Caller(places.player_desk, net=net)
        self._pinged_ns = -1
        self._player = Line(places.player_desk, _read_player, _GIVE_UP_NS, net)
        self._engine = Line(places.engine_desk, _read_engine, ANSWER_NS, net)
        self._serial = 0
        self._bounced_ns = -DEBOUNCE_NS

    async def run(self) -> None:
        """Pump until cancelled."""
        while True:
            self.pump()
            await asyncio.sleep(_PUMP_S)

    def close(self) -> None:
        """Disconnect from everything."""
        for peer in (self._status, self._events, self._ping, self._player, self._engine):
            peer.close()

    def pump(self) -> None:
        """Take in whatever has come."""
        now_ns = self._clock()
        for message in self._status.receive(now_ns):
            self.state.hear_status(msgspec.msgpack.decode(message.parts[0], type=Status), now_ns)
        for message in self._events.receive(now_ns):
            event = msgspec.msgpack.decode(message.parts[0], type=PlayerEvent)
            if event not in self._journal:
                self.state.hear_event(event)
        self._listen(now_ns)
        for press in self._player.outcomes(now_ns):
            self.state.press(press)
        for press in self._engine.outcomes(now_ns):
            self._hear_engine(press)

    def press(self, kind: str, number: int | None = None) -> None:
        """Do what a key or button asks for; a bouncing press is refused and shown as such."""
        press = self._new_press(kind, number)
        if kind in _BOUNCING:
            if press.at_ns - self._bounced_ns < DEBOUNCE_NS:
                self.state.press(answered(press, "refused", TOO_SOON))
                return
            self._bounced_ns = press.at_ns
        if kind == "start":
            self._ask_engine(press, EngineRequest(start=True))
        else:
            self._command(press)

    def ask_consent(self, seat: str, consent: Consent) -> None:
        """Change a seat's consent."""
        request = SeatRequest(seat, consent, _OPERATOR)
        self._ask_engine(self._new_press("seat", None), EngineRequest(seat=request))

    def _new_press(self, kind: str, number: int | None) -> Press:
        self._serial += 1
        press = Press(self._serial, kind, number, self._clock())
        self.state.press(press)
        return press

    def _command(self, press: Press) -> None:
        command = Command(press.kind, press.number, _OPERATOR)
        request = msgspec.msgpack.encode(PlayerRequest(command=command))
        self._player.send(press, request, self._clock())

    def _ask_engine(self, press: Press, request: EngineRequest) -> None:
        self._engine.send(press, msgspec.msgpack.encode(request), self._clock())

    def _hear_engine(self, press: Press) -> None:
        """Note the engine's answer; a START that it does not answer goes to the player."""
        if press.kind == "start" and press.outcome == "silent":
            self._command(press)
        else:
            self.state.press(press)

    def _listen(self, now_ns: int) -> None:
        """Ask the player now and then whether it is there: before the film it says nothing."""
        if self._ping.answers():
            self.state.hear_player(now_ns)
        unanswered = self.state.player_ns < self._pinged_ns
        if now_ns - self._pinged_ns >= (2 * ANSWER_NS if unanswered else _PING_NS):
            self._ping.post(msgspec.msgpack.encode(PlayerRequest()))
            self._pinged_ns = now_ns


def _read_player(answer: bytes) -> Ack:
    return msgspec.msgpack.decode(answer, type=Ack)


def _read_engine(answer: bytes) -> Ack:
    said = msgspec.msgpack.decode(answer, type=Answer)
    return Ack(said.accepted, said.what)
