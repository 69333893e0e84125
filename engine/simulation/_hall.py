"""A whole show in virtual time: the hall's own code in every process, and its supervisor."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from acquisition import Batch, make_source
from engine.console import Booth
from engine.link import Inlet, Outlet
from engine.live import LiveEngine
from engine.places import Places
from engine.player import LivePlayer, read_journal
from engine.records import Consent, SeatRequest
from engine.resume import Interrupted, copied, restore
from engine.session import SessionError, is_whole, parts_of, read, recover
from engine.simulation._audience import Clock, FailingSource, Misfortune
from engine.simulation._disk import SimDisk
from engine.simulation._draw import draw_show
from engine.simulation._net import SimNet, Station
from engine.simulation._parts import Part
from engine.simulation._screen import DARK, Screen, Trouble, WatchedDriver
from engine.simulation._world import MS, ORIGIN_NS, S, World
from engine.supervisor import ENGINE_PATIENCE_NS, PLAYER_PATIENCE_NS
from engine.worker import Worker

HALL = "hall"
_TURN_NS = 60 * MS
_LOOK_NS = 100 * MS
_SEAL_NS = 20 * S
_OUTAGES_S = 90.0
"""What panics, restarts and hangs may add to a film's length."""


@dataclass(frozen=True, slots=True)
class Measured:
    """What a worker read from its headsets: when, by which clock, in which of its lives."""

    source: int
    life: int
    t_ns: int
    stamp_ns: int
    runs: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Asked:
    """A change of a seat's consent that was asked for at the console."""

    seat: str
    consent: Consent
    t_ns: int


@dataclass(frozen=True, slots=True)
class Promised:
    """A change of a seat's consent that the engine has acknowledged, and when it was asked for."""

    seat: str
    consent: Consent
    asked_ns: int
    at_ns: int


class Hall:
    """One simulated show.

    Parameters
    ----------
    world : World
        Its time and chance.
    folder : Path
        An empty folder for its files.
    """

    def __init__(self, world: World, folder: Path) -> None:
        self.world = world
        self.net = SimNet(world)
        self.places = Places.make(folder / "run")
        sessions = folder / "sessions"
        sessions.mkdir()
        self.session = sessions / "session.mcap"
        self.disk = SimDisk(world, sessions)
        self.show = draw_show(world.rng, folder)
        self.screen = Screen(world)
        self.trouble = Trouble(set(), world.seconds(0.02, 0.4))
        self.clocks = [Clock() for _ in self.show.sources]
        self.fates = [Misfortune() for _ in self.show.sources]
        self.measured: list[Measured] = []
        self.asked: list[Asked] = []
        self.promised: list[Promised] = []
        self.supervised = True
        self.interruptions: list[tuple[int, int]] = []
        self.places.clear(self.session)
        self._begun = Interrupted("show.toml", str(self.session), False)
        self._copy = self._begun
        self._copied_ns = 0
        make = partial(Part, world=world, net=self.net, disk=self.disk)
        self.workers = [
            make(f"worker {n}", f"row {n}", partial(self._make_worker, n), (0.2, 1.0), None)
            for n in range(len(self.show.sources))
        ]
        self.player = make("player", HALL, self._make_player, (0.4, 1.6), PLAYER_PATIENCE_NS)
        self.player.on_death = partial(self.screen.show, DARK)
        self.engine = make("engine", HALL, self._make_engine, (0.6, 2.4), ENGINE_PATIENCE_NS)
        self.second = make("second engine", HALL, self._make_engine, (0.6, 2.4), None)
        self.console = make("console", HALL, self._make_console, (0.5, 2.0), None)
        station = self.net.at(HALL)
        self._status = Inlet(self.places.engine_status, net=station)
        self._events = Inlet(self.places.player_events, net=station)

    @property
    def parts(self) -> list[Part]:
        """Every process."""
        return [*self.workers, self.player, self.engine, self.second, self.console]

    @property
    def booth(self) -> Booth | None:
        """The console as it runs now."""
        running = self.console.running
        return running.booth if isinstance(running, _Console) else None

    def run(self) -> None:
        """Show the film, and seal the session."""
        for part in self.parts:
            if part is not self.second:
                part.start()
        self._look()
        limit_ns = ORIGIN_NS + round(self.longest_s() * S)
        self.world.run(limit_ns, lambda: self.player.finished)
        self.world.tell("the film is over" if self.player.finished else "the film does not end")
        engines = (self.engine, self.second)
        self.world.run(
            self.world.now_ns + _SEAL_NS,
            lambda: all(engine.finished or not engine.alive for engine in engines),
        )
        self._seal()

    def longest_s(self) -> float:
        """How long the show may take: the film's maximum, its longest way out, and outages."""
        film = self.show.film
        lengths = {name: scene.length_s or 0.0 for name, scene in film.scenes.items()}
        return film.max_runtime_s + sum(lengths.values()) + _OUTAGES_S

    def interrupt(self, *, machine: bool) -> None:
        """Let the supervisor die, or the whole machine; somebody starts the show again."""
        self.supervised = False
        self.interruptions.append((self.world.now_ns - S, self.world.now_ns))
        begun = isinstance(self.player.running, _Player) and self.player.running.begun
        if not begun:
            self.player.kill()  # it leaves: nobody is there who could start the film
        if machine:
            for part in self.parts:
                part.kill()
            for path in (self.places.checkpoint, self.places.player_state, self.places.journal):
                path.unlink(missing_ok=True)
            self.places.folder.joinpath("session").unlink()
        self.world.after(self.world.seconds(2, 12), self._resume)

    def _resume(self) -> None:
        """Do what hall show --resume does, once the film does not run by itself any more."""
        if self.player.finished:
            return
        if self.player.alive:
            self.world.after(S, self._resume)
            return
        self.world.tell("hall show --resume")
        restore(self._copy, self.places)
        self.interruptions[-1] = self.interruptions[-1][0], self.world.now_ns + 4 * S
        self.supervised = True
        for part in self.parts:
            part.finished = False
            if part is not self.second and not part.alive:
                part.start()
        self._look()

    def ask_consent(self, seat: str, consent: Consent) -> None:
        """Ask the engine to change a seat's consent, from the console."""
        running = self.console.running
        if isinstance(running, _Console):
            running.ask(seat, consent, self.world.now_ns)
            self.asked.append(Asked(seat, consent, self.world.now_ns))
            self.world.tell(f"seat {seat} asks for: {consent}")

    def promise(self, request: SeatRequest, asked_ns: int) -> None:
        """Note that an engine has acknowledged a change of consent."""
        found = Promised(request.seat, request.consent, asked_ns, self.world.now_ns)
        self.promised.append(found)
        self.world.tell(f"seat {request.seat} is promised: {request.consent}")

    def _look(self) -> None:
        """Do what the supervisor does ten times a second."""
        if not self.supervised or self.player.finished:
            return
        now_ns = self.world.now_ns
        if now_ns - self._copied_ns >= S:
            self._copy, self._copied_ns = copied(self._begun, self.places), now_ns
        if self._status.receive(now_ns):
            self.engine.keeper.hear(now_ns)
        if self._events.receive(now_ns):
            self.player.keeper.hear(now_ns)
        for part in self.parts:
            if part is not self.second:
                part.tend()
        self.world.after(_LOOK_NS, self._look)

    def _seal(self) -> None:
        """Make one sealed file, as the supervisor does; later, where the disk refuses."""
        for part in (self.engine, self.second, *self.workers):
            part.kill()
        refuge = self.places.folder
        if is_whole(self.session, refuge) or not parts_of(self.session, refuge):
            return
        journal = read_journal(self.places.journal)
        try:
            recover(self.session, journal, refuge=refuge, disk=self.disk.create)
        except SessionError as error:
            self.world.tell(f"{error}")
            if not self.is_anything_left():
                return
            self.disk.full = self.disk.read_only = False
            recover(self.session, journal, refuge=refuge, disk=self.disk.create)
        self.world.tell("the session was put together")

    def is_anything_left(self) -> bool:
        """Tell whether any file of the session holds a message."""
        parts = parts_of(self.session, self.places.folder)
        return any(next(read(path), None) for path in parts)

    def _make_worker(self, number: int, station: Station) -> _Worker:
        source = self.show.sources[number]
        part = self.workers[number]
        failing = FailingSource(
            make_source(source.spec, self.places.folder),
            source.headsets,
            self.fates[number],
            partial(self._measure, number, part.lives),
        )
        outlet = Outlet(self.places.worker(number), net=station)
        return _Worker(Worker(failing, outlet), self.clocks[number], self)

    def _measure(self, source: int, life: int, stamp_ns: int, batch: Batch) -> None:
        if len(batch.runs):
            found = Measured(source, life, self.world.now_ns, stamp_ns, batch.runs)
            self.measured.append(found)

    def _make_player(self, station: Station) -> _Player:
        driver = WatchedDriver(self.world, self.screen, self.trouble)
        return _Player(LivePlayer(self.show.table, driver, self.places, net=station))

    def _make_engine(self, station: Station) -> _Engine:
        engine = LiveEngine(
            self.show,
            self.places,
            self.session,
            self.world.clock,
            on_request=False,
            net=station,
            disk=self.disk.create,
        )
        self.world.tell(f"its term is {engine.term}")
        return _Engine(engine, self)

    def _make_console(self, station: Station) -> _Console:
        booth = Booth(self.show, self.places, self.world.clock, net=station)
        return _Console(booth, self.promise)


class _Loop:
    """What a process runs."""

    def die(self) -> None:
        """Leave nothing open that is not left to chance."""


class _Worker(_Loop):
    """A worker's loop."""

    def __init__(self, worker: Worker, clock: Clock, hall: Hall) -> None:
        self._hall = hall
        self._worker = worker
        self._clock = clock
        self._opened = False

    def turn(self, now_ns: int) -> int | None:
        if not self._hall.supervised:
            return None
        shown_ns = self._clock.shown(now_ns)
        if not self._opened:
            self._worker.open(shown_ns)
            self._opened = True
        self._worker.turn(shown_ns)
        return now_ns + _TURN_NS


class _Player(_Loop):
    """The player's loop."""

    def __init__(self, live: LivePlayer) -> None:
        self._live = live
        self._ended_ns: int | None = None

    @property
    def begun(self) -> bool:
        return self._live.begun

    def turn(self, now_ns: int) -> int | None:
        self._live.serve()
        self._live.tick(now_ns)
        if self._live.finished:
            self._ended_ns = self._ended_ns or now_ns
            if now_ns - self._ended_ns > S:
                return None
        return self._live.next_tick_ns

    def die(self) -> None:
        self._live.close()  # its journal is flushed line by line


class _Engine(_Loop):
    """The engine's loop."""

    def __init__(self, engine: LiveEngine, hall: Hall) -> None:
        self._hall = hall
        self._engine = engine

    def turn(self, now_ns: int) -> int | None:
        if not self._hall.supervised:
            self._engine.leave()
            return None
        self._engine.turn()
        return None if self._engine.over else now_ns + _TURN_NS


class _Console(_Loop):
    """The console's loop; it notes what the engine has promised."""

    def __init__(self, booth: Booth, promise: Callable[[SeatRequest, int], None]) -> None:
        self.booth = booth
        self._promise = promise
        self._asked: dict[int, tuple[SeatRequest, int]] = {}

    def ask(self, seat: str, consent: Consent, now_ns: int) -> None:
        self.booth.ask_consent(seat, consent)
        serial = self.booth.state.presses[-1].serial
        self._asked[serial] = (SeatRequest(seat, consent), now_ns)

    def turn(self, now_ns: int) -> int:
        self.booth.pump()
        for press in self.booth.state.presses:
            if press.serial in self._asked and press.outcome == "accepted":
                self._promise(*self._asked.pop(press.serial))
        return now_ns + 2 * _TURN_NS
