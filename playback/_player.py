"""The player core: follows plans, obeys the operator, and finishes the film by itself."""

from collections.abc import Iterator
from dataclasses import replace

from playback._clock import FrameClock
from playback._desk import Desk
from playback._fader import Fader
from playback._keys import key_command
from playback._port import Driver
from playback._reel import Reel
from playback._table import GAINS_DB, SPAN, checked_scenes
from playback._types import (
    Ack,
    Clip,
    Command,
    FilmTable,
    Levels,
    Plan,
    PlayerEvent,
    PlayerState,
    Readiness,
    TableError,
    TableScene,
)

FADE_S = 1.0
HEARTBEAT_S = 0.5
# How long the last frame is repeated for a clip that is not ready, before another is taken,
# and before the clip is given up for broken.
PATIENCE_S = 0.5
GIVE_UP_S = 5.0
# What an operator's decision is called in the journal.
DECIDED = {"hold": "held", "auto": "released", "take": "taken", "default": "taken"}


class Player:
    """Plays a film's table on a driver, one call of `tick` per output frame.

    It has no clock and no thread of its own, and nothing but its driver can make two runs with
    the same calls differ. Film time is counted in our own ticks, never by the container. A frame
    that is not there in time is replaced by the last one, in silence, and film time goes on, so
    that picture and sound stay together and the film keeps its length.

    PANIC fades picture and sound over one second, through which the film still runs; then film
    time stands still on the slate until RESUME.

    A player that goes on in another's place does so with the slate up, at the first frame that
    nobody has seen, as soon as it is decoded.

    Parameters
    ----------
    table : FilmTable
        The film.
    driver : Driver
        Where it is played; its owner closes it.
    resume : PlayerState, optional
        Where another player of this film stood when it ended.

    Raises
    ------
    TableError
        If the table leads to a scene it does not hold, or a scene has no frames, or the other
        player was in a scene that the table does not hold.
    """

    def __init__(self, table: FilmTable, driver: Driver, resume: PlayerState | None = None) -> None:
        self._scenes = checked_scenes(table)
        self._driver = driver
        self._clock = FrameClock(table.fps_num, table.fps_den)
        self._fader = Fader(max(1, round(FADE_S * table.fps)))
        self._heartbeat = max(1, round(HEARTBEAT_S * table.fps))
        self._patience = round(PATIENCE_S * table.fps)
        self._give_up = round(GIVE_UP_S * table.fps)
        self._reel = Reel(driver, {name: scene.clip for name, scene in self._scenes.items()})
        # Before the film the slate is up, as if after a scene whose default is the first one.
        self._scene = TableScene("", Clip("", 0, 1), table.start, ())
        self._visit, self._frame = -1, 0
        self._desk = Desk(self._scene, self._visit)
        self._dark = True
        self._skipped: set[str] = set()
        self._shown: set[str] = set()
        self._started = self._finished = False
        self._ticks = self._waited = self._repeated = 0
        self._events: list[PlayerEvent] = []
        # Gain of the running clip's own sound, and of the next visit's where it was told.
        self._gain_db = self._next_gain_db = 0.0
        # Where another player stood, until the film goes on there, and who lets it.
        self._awaited: PlayerState | None = None
        self._return_by, self._return_why = "player", "the film goes on"
        if resume:
            self._take_over(resume)
        self._preroll()

    def _take_over(self, state: PlayerState) -> None:
        """Stand where another player stood, with the slate up."""
        self._started, self._finished = state.started, state.finished
        if state.paused:
            # Asked twice, it is down at once.
            self._fader.lower()
            self._fader.lower()
        if state.visit >= 0:
            if state.scene not in self._scenes:
                raise TableError(f"the film stood in {state.scene!r}, which does not exist")
            self._scene = self._scenes[state.scene]
            self._visit, self._frame, self._gain_db = state.visit, state.frame, state.gain_db
            self._driver.mix(self._gain_db, self._scene.bed)
            self._desk.enter(self._scene, self._visit)
        self._desk.take_over(state)
        if state.visit >= 0 and not state.finished:
            self._recall(state)

    def _recall(self, state: PlayerState) -> None:
        """Open the running clip at the first frame that nobody has seen."""
        unseen = state.frame + 1 - self._driver.capabilities.output_delay_frames
        self._frame = min(max(0, unseen), self._scene.clip.frames - 1)
        self._awaited = state
        self._reel.recall(state.scene, self._frame)
        self._note("paused", "player", "the player was started again")

    def _preroll(self) -> None:
        """Open what may follow; a clip that the film waits for has the machine to itself."""
        if self._awaited and self._reel.recalled is Readiness.OPENING:
            return
        self._reel.want(() if self._finished else self._desk.candidates())

    @property
    def finished(self) -> bool:
        """Whether the film has ended; the slate stays up."""
        return self._finished

    @property
    def frame(self) -> int:
        """Film position: frame of the running scene, counted from 0."""
        return self._frame

    @property
    def visit(self) -> int:
        """The running visit, counted from 0; -1 before the film."""
        return self._visit

    @property
    def scene(self) -> str:
        """The running scene; empty before the film."""
        return self._scene.scene

    @property
    def paused(self) -> bool:
        """Whether PANIC is in force."""
        return self._fader.down

    @property
    def holding(self) -> bool:
        """Whether HOLD is in force."""
        return self._desk.holding

    @property
    def state(self) -> PlayerState:
        """Where it stands: all that another player needs to go on in its place."""
        return PlayerState(
            started=self._started,
            visit=self._visit,
            scene=self._scene.scene,
            frame=self._awaited.frame if self._awaited else self._frame,
            paused=self._fader.down,
            holding=self._desk.holding,
            taken=self._desk.taken,
            plan=self._desk.current,
            term=self._desk.term,
            finished=self._finished,
            gain_db=self._gain_db,
        )

    @property
    def next_tick_ns(self) -> int | None:
        """Hall time at which the next frame is due; None before the first tick."""
        return self._clock.next_ns

    def plan(self, plan: Plan) -> Ack:
        """Take a plan from an engine, or refuse it with the reason."""
        before = self._desk.current
        if self._finished or not self._started:
            ack = Ack(False, "the film is over" if self._finished else "the film has not started")
        else:
            ack = self._desk.plan(plan, self._frame)
        if ack.accepted:
            self._preroll()
        # Engines say again what may not have been heard: that is no news.
        if ack.accepted and self._desk.current == before:
            return ack
        self._note("planned" if ack.accepted else "refused", "engine", ack.what, term=plan.term)
        return ack

    def claim(self, term: int) -> Ack:
        """Let an engine direct from now on, and none with a lower term any more."""
        highest = self._desk.term
        ack = self._desk.claim(term)
        if not ack.accepted or term > highest:
            self._note("claimed" if ack.accepted else "refused", "engine", ack.what, term=term)
        return ack

    def levels(self, levels: Levels) -> Ack:
        """Play the running clip, or the next visit's, as loud as an engine asks; or say why not.

        Told ten times a second, levels are no news: only a term that is refused is noted.
        """
        claimed = self.claim(levels.term)
        if not claimed.accepted:
            return claimed
        if self._finished or levels.visit not in (max(0, self._visit), self._visit + 1):
            return Ack(False, f"wrong visit: this is visit {self._visit}, not {levels.visit}")
        if not GAINS_DB[0] <= levels.gain_db <= GAINS_DB[1]:
            return Ack(False, f"{levels.gain_db} dB is not within {SPAN}")
        if levels.visit == self._visit:
            self._gain_db = levels.gain_db
            self._driver.mix(self._gain_db, self._scene.bed)
        else:
            self._next_gain_db = levels.gain_db
        return Ack(True, f"visit {levels.visit} sounds at {levels.gain_db:+.1f} dB")

    def command(self, command: Command) -> Ack:
        """Do what the operator asks, or refuse it with the reason."""
        ack = self._obey(command)
        if not ack.accepted:
            who = f" ({command.operator})" if command.operator else ""
            self._note("refused", "operator", f"{command.kind}{who}: {ack.what}")
        return ack

    def _obey(self, command: Command) -> Ack:
        """Dispatch one command."""
        if self._finished:
            return Ack(False, "the film is over")
        match command.kind:
            case "start":
                return self._start()
            case "panic" | "resume":
                return self._panic(command) if command.kind == "panic" else self._resume(command)
            case "stop":
                self._end("operator", _by_whom("stopped", command))
                return Ack(True, "stopped: the slate is up")
            case kind if kind in DECIDED:
                return self._decide(command)
        return Ack(False, f"there is no command {command.kind!r}")

    def _start(self) -> Ack:
        """Begin the film; asked again, nothing changes."""
        what = "the film runs" if self._started else f"{self._desk.following()[0]} follows"
        self._started = True
        return Ack(True, what)

    def _panic(self, command: Command) -> Ack:
        """Fade to the slate."""
        if not self._started:
            return Ack(False, "the slate is up: the film has not started")
        if not self._fader.down:
            self._note("paused", "operator", _by_whom("PANIC", command))
        at_once = self._fader.down or self._dark
        self._fader.lower()
        return Ack(True, "the slate is up" if at_once else "fading to the slate")

    def _resume(self, command: Command) -> Ack:
        """Fade back to the film, at the frame where it stopped."""
        if not self._fader.down:
            return Ack(True, "the film is not paused")
        self._fader.lift()
        if self._awaited:
            self._return_by, self._return_why = "operator", _by_whom("RESUME", command)
        else:
            self._note("resumed", "operator", _by_whom("RESUME", command))
        return Ack(True, f"fading back at frame {self._frame}")

    def _decide(self, command: Command) -> Ack:
        """Give the operator's decision to the desk."""
        if not self._started and command.kind in ("take", "default"):
            return Ack(False, "the film has not started")
        ack = self._desk.command(command)
        if ack.accepted:
            self._preroll()
            self._note(DECIDED[command.kind], "operator", _by_whom(ack.what, command))
        return ack

    def tick(self, hall_ns: int) -> tuple[PlayerEvent, ...]:
        """Present what is due at `hall_ns`; call it once per output frame.

        Parameters
        ----------
        hall_ns : int
            Hall time in nanoseconds; the first call sets the frame grid.

        Returns
        -------
        tuple of PlayerEvent
            What has happened since the last call. If no frame is due, nothing is presented.
            If several are due, all but the last are skipped and counted.
        """
        for key in self._driver.pressed():
            if command := key_command(key):
                self.command(command)
        due = self._clock.advance(hall_ns)
        if due:
            self._run(due)
        events = tuple(_at(event, hall_ns) for event in self._events)
        self._events.clear()
        return events

    def _run(self, due: int) -> None:
        """Advance by `due` frames and present the last of them."""
        if due > 1 and self._visit >= 0 and not (self._finished or self._awaited):
            self._note("underflow", "", f"{due - 1} frames skipped: the player was held up")
        for _ in range(due):
            if self._finished or not self._step():
                break
        self._present()
        if not self._finished and self._visit >= 0:
            self._ticks += 1
            if self._ticks % self._heartbeat == 0:
                self._note("position", "", "")

    def _step(self) -> bool:
        """Go one frame on; False when nothing more can move in this tick."""
        if self._awaited:
            return self._return()
        self._fader.move()
        if not self._started or self._fader.frozen:
            return False
        at_end = self._dark or self._frame + 1 >= self._scene.clip.frames
        if not at_end and not self._reel.broken:
            self._frame += 1
            return True
        if self._fader.down:
            return False
        return self._turn()

    def _return(self) -> bool:
        """Go on where another player stood, once the clip is there; False where film time waits."""
        self._preroll()
        if self._fader.down:
            return False
        readiness = self._reel.recalled
        if readiness is Readiness.READY:
            self._fader.move()
            self._reel.bring_back()
            self._awaited, self._dark, self._waited = None, False, 0
            self._note("resumed", self._return_by, self._return_why)
            return False
        self._waited += 1
        if readiness is not Readiness.FAILED and self._waited < self._give_up:
            return False
        self._note("fault", "player", f"{self._scene.scene} cannot be opened any more")
        self._awaited, self._waited = None, 0
        self._reel.drop()
        self._preroll()
        return self._turn()

    def _turn(self) -> bool:
        """At the out point: cut, or wait on the last frame; False while waiting."""
        if self._reel.broken and not self._dark and self._waited == 0:
            self._note("fault", "player", f"{self._scene.scene} cannot be decoded any more")
        if self._scene.default is None:
            self._end("default", f"the ending {self._scene.scene} has been shown")
            return False
        for scene, by, why in self._options():
            if self._reel.readiness(scene) is Readiness.READY:
                self._cut(scene, by, why)
                return True
        self._waited += 1
        if self._hopeless():
            self._go_dark()
        return False

    def _options(self) -> Iterator[tuple[str, str, str]]:
        """Yield what may be cut to now, best first: scene, by whom, and why."""
        wanted, by = self._desk.following()
        yield wanted, by, ""
        failed = self._reel.readiness(wanted) is Readiness.FAILED
        if failed or self._waited >= self._patience:
            why = f"{wanted} {'cannot be played' if failed else 'was not ready'}"
            for scene in self._stand_ins():
                yield scene, "default" if scene == self._scene.default else "player", why

    def _stand_ins(self) -> list[str]:
        """Return what may be shown in the place of a clip that is not there, best first.

        The default, and branches that have not been shown yet: others might lead back here again
        and again, and the film would not end.
        """
        default = self._scene.default
        return [s for s in self._desk.candidates() if s == default or s not in self._shown]

    def _hopeless(self) -> bool:
        """Whether nothing that could follow will ever be ready."""
        options = (self._desk.following()[0], *self._stand_ins())
        states = {self._reel.readiness(scene) for scene in options}
        return states == {Readiness.FAILED} or self._waited >= self._give_up

    def _go_dark(self) -> None:
        """Nothing can be played: raise the slate and go on with the next default's scene."""
        default = self._scene.default
        if default is None or default in self._skipped:
            self._end("player", "nothing that follows can be played")
            return
        self._skipped.add(default)
        self._note("fault", "player", f"{default} cannot be played", scene=default)
        self._dark, self._waited = True, 0
        self._reel.drop()
        self._scene, self._frame = self._scenes[default], 0
        self._desk.enter(self._scene, self._visit)
        if self._scene.default is None:
            self._end("player", f"the ending {default} cannot be played")
        else:
            self._preroll()

    def _cut(self, scene: str, by: str, why: str) -> None:
        """Put the first frame of `scene` on the screen."""
        self._report_repeats()
        self._reel.cut(scene)
        self._scene, self._frame = self._scenes[scene], 0
        self._visit += 1
        self._gain_db, self._next_gain_db = self._next_gain_db, 0.0
        self._driver.mix(self._gain_db, self._scene.bed)
        self._shown.add(scene)
        self._dark, self._waited = False, 0
        self._skipped.clear()
        self._desk.enter(self._scene, self._visit)
        self._preroll()
        self._note("started", by if self._visit else "operator", why)

    def _end(self, by: str, why: str) -> None:
        """Raise the slate for good."""
        self._report_repeats()
        self._note("ended", by, why)
        self._finished = self._dark = True
        self._reel.want(())
        self._reel.drop()

    def _present(self) -> None:
        """Show this tick's frame or the slate."""
        if self._dark or self._fader.frozen:
            self._driver.slate()
            return
        shown = self._driver.show(self._frame - self._reel.moved, self._fader.level)
        if shown and not self._waited:
            self._report_repeats()
        else:
            self._repeated += 1

    def _report_repeats(self) -> None:
        """Close a run of repeated frames with one event."""
        if self._repeated:
            self._note("underflow", "", f"{self._repeated} frames repeated")
        self._repeated = 0

    def _note(
        self, kind: str, by: str, detail: str, *, scene: str | None = None, term: int | None = None
    ) -> None:
        """Keep an event until the end of the tick."""
        name = self._scene.scene if scene is None else scene
        at = self._desk.term if term is None else term
        self._events.append(PlayerEvent(kind, 0, self._visit, name, self._frame, by, at, detail))


def _by_whom(what: str, command: Command) -> str:
    """Return what happened, and who asked for it where that is known."""
    return f"{what} ({command.operator})" if command.operator else what


def _at(event: PlayerEvent, hall_ns: int) -> PlayerEvent:
    """Date an event with its tick."""
    return replace(event, hall_ns=hall_ns)
