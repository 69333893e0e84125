"""A session's audience states, second by second, as plain arrays."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt

import dsp
import narrative
from engine.grid import Grid
from engine.records import Consent, DecisionRecord, EventRecord, RequestRecord, StateRecord
from engine.session import Configuration, SessionError, decode, film_of, read
from engine.signals._film import Choice, Timed, Visit, choices_of, pauses_of, visits_of
from playback import PlayerEvent

Floats = npt.NDArray[np.float64]
Singles = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int32]
Bools = npt.NDArray[np.bool_]

UNRECORDED = "not recorded"
"""Why a signal is unknown in a second of which the session holds no state."""

MEASURES = len(dsp.MEASURED)
"""How many signals are measured seat by seat."""

_NOT_ADMITTED = int(dsp.Flag.NOT_ADMITTED)


@dataclass(frozen=True, slots=True)
class Seen:
    """What is known seat by seat, of the seats that may be named.

    Parameters
    ----------
    names : tuple of str
        Seats whose consent at the end of the session allows recording.
    offered : ndarray of bool, shape (measures, seats)
        The signals that each seat's montage gives, in the order of `dsp.SIGNALS`.
    flags : ndarray of int32, shape (seconds, seats)
        Bit masks of `dsp.Flag`; -1 where there is no record. While a seat did not allow recording,
        it counts as not admitted.
    z, weight : ndarray of float32, shape (measures, seconds, seats)
        Smoothed z against the seat's own baseline, and its weight in the audience; NaN where there
        is none.
    share : ndarray of float32, shape (seconds, seats)
        The seat's own correlation with the others; NaN where there is none.
    """

    names: tuple[str, ...]
    offered: Bools
    flags: Ints
    z: Singles
    weight: Singles
    share: Singles


@dataclass(frozen=True, slots=True)
class Signals:
    """What an audience's state was made of, at the end of every second of hall time.

    Electrodes are judged and signals computed once a second: the last state of a second holds all.
    Hall time runs from the show's origin, through every engine that took over. Where the machine
    itself stopped, hall time began anew: what follows is joined on at one of `breaks_s`.

    Parameters
    ----------
    configuration : Configuration
        The session's first.
    film : narrative.Film
        The film.
    offered : tuple of str
        Names of the signals that some seat's montage gives.
    t_s : ndarray of float64, shape (seconds,)
        Ends of the seconds, in s of hall time.
    value, standard_error, raw : ndarray of float64, shape (signals, seconds)
        As in `dsp.Pooled`, in the order of `dsp.SIGNALS`; NaN where there is none.
    count : ndarray of int32, shape (signals, seconds)
        Valid seats behind each value.
    why : ndarray of int32, shape (signals, seconds)
        Index into `reasons`: why the signal is unknown; the first reason is empty.
    reasons : tuple of str
        All reasons that occur.
    seats : Seen
        Seat by seat.
    everyone : int
        Seats of the show, those without a name in `seats` included.
    visits : tuple of Visit
        What was on the screen.
    choices : tuple of Choice
        Which way the film went where it could have gone another, and why.
    pauses : tuple of (float, float)
        From when to when the slate was up, in s.
    breaks_s : tuple of float
        When another clock begins, in s.
    """

    configuration: Configuration
    film: narrative.Film
    offered: tuple[str, ...]
    t_s: Floats
    value: Floats
    standard_error: Floats
    raw: Floats
    count: Ints
    why: Ints
    reasons: tuple[str, ...]
    seats: Seen
    everyone: int
    visits: tuple[Visit, ...]
    choices: tuple[Choice, ...]
    pauses: tuple[tuple[float, float], ...]
    breaks_s: tuple[float, ...]

    @property
    def length_s(self) -> float:
        """Hall time to the end of the last second, in s."""
        return float(self.t_s[-1])


def read_signals(path: Path, progress: Callable[[float], None] = lambda seconds: None) -> Signals:
    """Read what an audience's state was made of.

    Parameters
    ----------
    path : Path
        The session.
    progress : callable
        Called with the seconds of hall time read so far.

    Raises
    ------
    SessionError
        The file is no session, holds no audience state, or was recorded by a version that
        computes other signals.
    """
    reader: _Reader | None = None
    for topic, t_ns, data in read(path):
        if topic == "/configuration":
            configuration: Configuration = decode(topic, data)
            if reader is None:
                reader = _Reader(configuration)
            reader.go_on(configuration)
        elif reader is not None and topic in _TOPICS:
            reader.take(t_ns, decode(topic, data))
        elif reader is not None and topic == "/engine/steps":
            progress(reader.read_s)
    if reader is None:
        raise SessionError(f"{path}: holds no configuration; nothing was flushed before the cut")
    if not reader.rows:
        raise SessionError(f"{path}: holds no audience state; no second of it was computed")
    return reader.finish()


_TOPICS = frozenset(
    {"/audience/state", "/decision", "/player/event", "/player/journal", "/seat/consent"}
)


@dataclass(slots=True)
class _Row:
    """One second, of one engine's part."""

    part: int
    pooled: Floats  # (value, standard error, raw), signals
    count: Ints
    why: Ints
    flags: Ints
    z: Singles
    weight: Singles
    share: Singles


@dataclass(slots=True)
class _Reader:
    """Collects a session's seconds; the newest engine counts where two computed the same one."""

    configuration: Configuration
    rows: dict[int, _Row] = field(default_factory=dict)
    _parts: list[tuple[str, ...]] = field(default_factory=list)
    _offered: dict[str, frozenset[str]] = field(default_factory=dict)
    _consents: list[tuple[float, str, Consent]] = field(default_factory=list)
    _reasons: dict[str, int] = field(default_factory=lambda: {"": 0})
    _events: list[Timed[PlayerEvent]] = field(default_factory=list)
    _decisions: list[Timed[DecisionRecord]] = field(default_factory=list)
    _breaks_s: list[float] = field(default_factory=list)
    _origin_ns: int | None = None
    _base: int = 0

    @property
    def read_s(self) -> float:
        """Hall time read so far, in s."""
        return float(max(self.rows, default=-1) + 1)

    def go_on(self, configuration: Configuration) -> None:
        """Begin an engine's part."""
        if self._origin_ns not in (None, configuration.origin_ns):
            self._base = max(self.rows, default=-1) + 1
            self._breaks_s.append(float(self._base))
        self._origin_ns = configuration.origin_ns
        calibrated = configuration.calibrated
        weights = calibrated.weights if calibrated else ()
        groups = Grid(configuration.sources, configuration.origin_ns, weights=weights).groups
        self._parts.append(tuple(seat for group in groups for seat in group.seats))
        for group in groups:
            self._offered |= dict.fromkeys(group.seats, frozenset(dsp.signals_of(group.channels)))
        tick = configuration.standing.tick if configuration.standing else 0
        start_s = self._base + tick / dsp.TICKS_PER_SECOND
        self._consents += [(start_s, *item) for item in configuration.consents.items()]

    def take(self, t_ns: int, record: object) -> None:
        """Take in one record, of this hall time in ns."""
        match record:
            case StateRecord(state=state):
                self._take_state(state)
            case DecisionRecord():
                self._decisions.append(Timed(self._base + record.t_ns * 1e-9, record))
            case EventRecord(event=event) | (PlayerEvent() as event):
                self._events.append(Timed(self._hall_s(event.hall_ns), event))
            case RequestRecord(request=request):
                self._consents.append((self._hall_s(t_ns), request.seat, request.consent))

    def finish(self) -> Signals:
        """Bring everything together."""
        seconds = max(self.rows) + 1
        pooled, count, why = self._pooled(seconds)
        film = film_of(self.configuration)
        events = sorted(self._events, key=lambda timed: timed.at_s)
        visits = visits_of(events, film, float(seconds))
        return Signals(
            configuration=self.configuration,
            film=film,
            offered=tuple(
                name for name in dsp.SIGNALS if any(name in own for own in self._offered.values())
            ),
            t_s=np.arange(1, seconds + 1, dtype=np.float64),
            value=pooled[0],
            standard_error=pooled[1],
            raw=pooled[2],
            count=count,
            why=why,
            reasons=tuple(self._reasons),
            seats=self._seen(seconds),
            everyone=len(self._offered),
            visits=visits,
            choices=choices_of(visits, self._decisions, film),
            pauses=pauses_of(events, float(seconds)),
            breaks_s=tuple(self._breaks_s),
        )

    def _hall_s(self, t_ns: int) -> float:
        assert self._origin_ns is not None
        return self._base + (t_ns - self._origin_ns) * 1e-9

    def _take_state(self, state: dsp.AudienceState) -> None:
        second = self._base + state.tick // dsp.TICKS_PER_SECOND
        part = len(self._parts) - 1
        row = self.rows.get(second)
        if row is None or row.part != part:
            row = self.rows[second] = _new_row(part, len(self._parts[part]))
        signals = state.signals
        if tuple(signal.name for signal in signals) != dsp.SIGNALS:
            raise SessionError(
                f"the session holds {', '.join(signal.name for signal in signals)}, this version "
                f"computes {', '.join(dsp.SIGNALS)}: draw it with the version that recorded it"
            )
        row.pooled[:] = [
            _floats([signal.value for signal in signals]),
            _floats([signal.standard_error for signal in signals]),
            _floats([signal.raw for signal in signals]),
        ]
        row.count[:] = [signal.seats for signal in signals]
        row.why[:] = [
            self._reasons.setdefault(signal.reason, len(self._reasons)) for signal in signals
        ]
        row.flags[:] = state.flags
        if state.seats is not None:
            row.z = np.array(state.seats.zs, np.float32)
            row.weight = np.array(state.seats.weights, np.float32)
            row.share = np.array(state.seats.shares, np.float32)

    def _pooled(self, seconds: int) -> tuple[Floats, Ints, Ints]:
        shape = (len(dsp.SIGNALS), seconds)
        pooled = np.full((3, *shape), np.nan)
        count = np.zeros(shape, np.int32)
        gap = self._reasons.setdefault(UNRECORDED, len(self._reasons))
        why = np.full(shape, gap, np.int32)
        for second, row in self.rows.items():
            pooled[:, :, second] = row.pooled
            count[:, second] = row.count
            why[:, second] = row.why
        return pooled, count, why

    def _seen(self, seconds: int) -> Seen:
        """Leave out every seat, and every second of a seat, that allows no record."""
        allowed = _allowed(self._consents, seconds)
        names = tuple(seat for seat in self._offered if seat in allowed)
        shape = (seconds, len(names))
        flags = np.full(shape, -1, np.int32)
        z = np.full((MEASURES, *shape), np.nan, np.float32)
        weight = z.copy()
        share = np.full(shape, np.nan, np.float32)
        places = [_places(part, names) for part in self._parts]
        for second, row in self.rows.items():
            columns, own = places[row.part]
            flags[second, columns] = row.flags[own]
            z[:, second, columns] = row.z[:, own]
            weight[:, second, columns] = row.weight[:, own]
            share[second, columns] = row.share[own]
        hidden = np.zeros(shape, np.bool_)
        for column, name in enumerate(names):
            hidden[:, column] = ~allowed[name]
        flags[hidden & (flags >= 0)] = _NOT_ADMITTED
        z[:, hidden] = weight[:, hidden] = np.nan
        share[hidden] = np.nan
        offered = [[name in self._offered[seat] for seat in names] for name in dsp.MEASURED]
        shaped = np.array(offered, np.bool_).reshape(MEASURES, len(names))
        return Seen(names, shaped, flags, z, weight, share)


def _new_row(part: int, seats: int) -> _Row:
    blank = np.full((MEASURES, seats), np.nan, np.float32)
    signals = len(dsp.SIGNALS)
    return _Row(
        part,
        np.empty((3, signals)),
        np.zeros(signals, np.int32),
        np.zeros(signals, np.int32),
        np.zeros(seats, np.int32),
        blank,
        blank,
        np.full(seats, np.nan, np.float32),
    )


def _floats(values: Sequence[float | None]) -> Floats:
    """Give values as an array, None as NaN."""
    return np.array(values, np.float64)


def _places(part: Sequence[str], names: Sequence[str]) -> tuple[list[int], list[int]]:
    """Columns of the named seats, and where a part's states hold them."""
    own = {seat: number for number, seat in enumerate(part)}
    columns = [column for column, name in enumerate(names) if name in own]
    return columns, [own[names[column]] for column in columns]


def _allowed(changes: Sequence[tuple[float, str, Consent]], seconds: int) -> Mapping[str, Bools]:
    """Tell per seat in which seconds all of it may be shown; no seat that ends without consent."""
    allowed: dict[str, Bools] = {}
    last: dict[str, bool] = {}
    for at_s, seat, consent in changes:
        own = allowed.setdefault(seat, np.zeros(seconds, np.bool_))
        # A second that is allowed in part is not shown.
        own[int(np.ceil(at_s) if consent.records else np.floor(at_s)) :] = consent.records
        last[seat] = consent.records
    return {seat: own for seat, own in allowed.items() if last[seat]}
