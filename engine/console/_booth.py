"""The console's ears and hands: what it hears from engine and player, what it asks of them.

Nothing here waits: `pump` takes what has come and returns.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import msgspec

from engine.config import Show
from engine.console._state import Press, State, answered
from engine.link import Caller, Inlet
from engine.places import Places
from engine.player import PlayerRequest, read_journal
from engine.records import Answer, Consent, EngineRequest, SeatRequest
from engine.status import Status
from playback import Ack, Command, PlayerEvent

ANSWER_NS = 1_000_000_000
"""Who has not answered after this long is reported as silent."""

DEBOUNCE_NS = 300_000_000
"""Least time between two presses that change what follows: keys bounce, and fingers too."""

_GIVE_UP_NS = 3_000_000_000
_PING_NS = 500_000_000
_PUMP_S = 0.025
_OPERATOR = "console"
_BOUNCING = frozenset({"hold", "take", "default", "auto"})

TOO_SOON = "too soon after the last press: nothing was sent"
"""Why a press was refused by the console itself."""


@dataclass(frozen=True, slots=True)
class _Errand:
    """A request on its way, with a caller of its own: no answer can be taken for another's."""

    press: Press
    caller: Caller
    to: Literal["player", "engine"]
    sent_ns: int


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

    Attributes
    ----------
    state : State
        What is known of the show.
    """

    def __init__(self, show: Show, places: Places, clock: Callable[[], int]) -> None:
        self._places = places
        self._clock = clock
        self.state = State(show, clock())
        # The journal holds what the player's outlet no longer does, after ten minutes.
        self._journal = set(read_journal(places.journal))
        self.state.hear_all(sorted(self._journal, key=lambda event: event.hall_ns))
        self._status = Inlet(places.engine_status)
        self._events = Inlet(places.player_events)
        self._ping = Caller(places.player_desk)
        self._pinged_ns = -1
        self._errands: list[_Errand] = []
        self._serial = 0
        self._bounced_ns = -DEBOUNCE_NS

    async def run(self) -> None:
        """Pump until cancelled."""
        while True:
            self.pump()
            await asyncio.sleep(_PUMP_S)

    def close(self) -> None:
        """Disconnect from everything."""
        for errand in self._errands:
            errand.caller.close()
        for peer in (self._status, self._events, self._ping):
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
        self._errands = [errand for errand in self._errands if not self._done(errand, now_ns)]

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
        self._send(press, "player", self._places.player_desk, request)

    def _ask_engine(self, press: Press, request: EngineRequest) -> None:
        body = msgspec.msgpack.encode(request)
        self._send(press, "engine", self._places.engine_desk, body)

    def _send(
        self, press: Press, to: Literal["player", "engine"], endpoint: str, request: bytes
    ) -> None:
        caller = Caller(endpoint)
        caller.post(request)
        self._errands.append(_Errand(press, caller, to, self._clock()))

    def _done(self, errand: _Errand, now_ns: int) -> bool:
        """Look for the answer; what nobody takes is withdrawn, so that it cannot act late."""
        for answer in errand.caller.answers():
            self._note_answer(errand, answer)
            errand.caller.close()
            return True
        waited_ns = now_ns - errand.sent_ns
        if waited_ns < ANSWER_NS:
            return False
        if errand.press.kind == "start" and errand.to == "engine":
            errand.caller.close()
            self._command(errand.press)
            return True
        self.state.press(answered(errand.press, "silent", ""))
        if waited_ns < _GIVE_UP_NS:
            return False
        errand.caller.close()
        return True

    def _note_answer(self, errand: _Errand, answer: bytes) -> None:
        if errand.to == "player":
            ack = msgspec.msgpack.decode(answer, type=Ack)
        else:
            said = msgspec.msgpack.decode(answer, type=Answer)
            ack = Ack(said.accepted, said.what)
        outcome: Literal["accepted", "refused"] = "accepted" if ack.accepted else "refused"
        self.state.press(answered(errand.press, outcome, ack.what))

    def _listen(self, now_ns: int) -> None:
        """Ask the player now and then whether it is there: before the film it says nothing."""
        if self._ping.answers():
            self.state.hear_player(now_ns)
        unanswered = self.state.player_ns < self._pinged_ns
        if now_ns - self._pinged_ns >= (2 * ANSWER_NS if unanswered else _PING_NS):
            self._ping.post(msgspec.msgpack.encode(PlayerRequest()))
            self._pinged_ns = now_ns
