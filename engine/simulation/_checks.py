"""What must hold in every show, whatever befalls it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

import numpy as np

from engine.player import read_journal
from engine.records import DecisionRecord
from engine.replay import replay
from engine.session import (
    Configuration,
    EegSecond,
    Note,
    SessionError,
    StepsRecord,
    decode,
    is_sealed,
    read,
)
from engine.simulation._hall import Hall
from engine.simulation._screen import DARK, SLATE
from engine.simulation._world import ORIGIN_NS, S
from engine.supervisor import PLAYER_PATIENCE_NS
from playback import PlayerEvent

_DARKEST_NS = 3 * S
"""A player's start, and the wait before it."""

_STILLEST_NS = 6 * S
"""A clip that is waited for, and given up."""

_BLOCK_NS = 250_000_000
_UNHEARD = re.compile(r"nothing of (\S+) after (-?[\d.]+) s has arrived")
_LATE_NS = 7 * S
"""How long a message may be under way on a bad net: cut off, and late."""


class Record:
    """The session and the journal as they lie there after a show."""

    def __init__(self, hall: Hall) -> None:
        self.events: list[PlayerEvent] = read_journal(hall.places.journal)
        self.decisions: list[DecisionRecord] = []
        self.notes: list[Note] = []
        self.origin_ns = self.last_ns = 0
        self.written_ns: list[int] = []
        # Source, since when nothing of it has arrived, and when that was said.
        self.unheard: list[tuple[str, int, int]] = []
        self._part_ns = 0
        self.newest: dict[int, int] = {}  # source -> stamp of its last read
        # Source, seat, stamp of the read, first index and count of every run of samples.
        self.samples: set[tuple[int, int, int, int, int]] = set()
        if hall.session.exists():
            for topic, _, data in read(hall.session):
                self._take(topic, data)

    def _take(self, topic: str, data: bytes) -> None:
        if topic == "/decision":
            self.decisions.append(decode(topic, data))
        elif topic == "/note":
            self._take_note(decode(topic, data))
        elif topic == "/configuration":
            configuration: Configuration = decode(topic, data)
            self.origin_ns = self.origin_ns or configuration.origin_ns
            self._part_ns = configuration.origin_ns
        elif topic == "/engine/steps":
            steps: StepsRecord = decode(topic, data)
            self.written_ns.append(steps.now_ns[-1])
            self.last_ns = max(self.written_ns)
        elif topic == "/eeg/local":
            self._take_samples(decode(topic, data))

    def _take_note(self, note: Note) -> None:
        self.notes.append(note)
        if found := _UNHEARD.fullmatch(note.text):
            # Told to a hundredth of a second.
            since_ns = self._part_ns + round(float(found[2]) * S) - S // 100
            self.unheard.append((found[1], since_ns, self._part_ns + note.t_ns))

    def _take_samples(self, second: EegSecond) -> None:
        for source in second.sources:
            for frame in source.frames:
                newest = self.newest.get(source.source, frame.read_ns)
                self.newest[source.source] = max(newest, frame.read_ns)
                for run in np.frombuffer(frame.runs, np.int64).reshape(-1, 3).tolist():
                    seat, first, count = run
                    self.samples.add((source.source, seat, frame.read_ns, first, count))


def violations(hall: Hall) -> Iterator[str]:
    """Say what did not hold; nothing if all did."""
    if not hall.player.finished:
        yield f"the film did not end within {hall.longest_s():.0f} s"
    yield from _screen(hall)
    record = Record(hall)
    yield from _cuts(hall, record)
    yield from _terms(record)
    yield from _session(hall, record)


def _screen(hall: Hall) -> Iterator[str]:
    """Something is always on the screen, and it moves."""
    end_ns = hall.world.now_ns
    pictures = [*hall.screen.pictures, (end_ns, SLATE)]
    over = hall.player.finished
    for (since_ns, picture), (until_ns, _) in pairwise(pictures):
        lasted_ns = until_ns - since_ns
        alone = any(start <= since_ns <= stop for start, stop in hall.interruptions)
        if picture == DARK and lasted_ns > _DARKEST_NS and not over and not alone:
            yield f"the screen was dark for {lasted_ns / S:.1f} s"
        moving = picture not in (DARK, SLATE)
        if moving and lasted_ns > _STILLEST_NS + PLAYER_PATIENCE_NS and not alone:
            yield f"{picture[0]} stood still at frame {picture[1]} for {lasted_ns / S:.1f} s"


def _cuts(hall: Hall, record: Record) -> Iterator[str]:
    """Every cut has its recorded decision, or its default, or an operator, or a broken clip."""
    scenes = {scene.scene: scene for scene in hall.show.table.scenes}
    started = [event for event in record.events if event.kind == "started"]
    decided = {(d.decision.visit, d.plan.choice) for d in record.decisions}
    operated = {event.visit for event in record.events if event.kind in ("held", "taken")}
    broken = {event.visit for event in record.events if event.kind == "fault"}
    for before, event in pairwise(started):
        where = f"visit {event.visit} ({event.scene}, by {event.by})"
        if event.visit != before.visit + 1:
            yield f"{where} follows visit {before.visit}"
        if before.visit in broken:
            continue
        lost = hall.disk.memory_full  # what was kept in an engine's memory may die with it
        if event.by == "engine" and (before.visit, event.scene) not in decided and not lost:
            yield f"{where} has no recorded decision"
        if event.by == "default" and event.scene != scenes[before.scene].default:
            yield f"{where} is not the default of {before.scene}"
        if event.by == "player" and not hall.trouble.vanished and not event.detail:
            yield f"{where} has no reason"
        if event.by not in ("engine", "default", "operator", "player"):
            yield f"{where} was cut by nobody"
        if event.by == "operator" and not any(visit <= before.visit for visit in operated):
            yield f"{where} has no operator's word"
    ends = [event for event in record.events if event.kind == "ended"]
    for end in ends:
        last = scenes.get(end.scene)
        if (last is None or last.default is not None) and not hall.trouble.vanished:
            yield f"the film ended in {end.scene!r}, which is no ending: {end.detail}"
    if not hall.trouble.vanished and broken:
        yield f"a clip counted as broken in visits {sorted(broken)}, and none was"


def _terms(record: Record) -> Iterator[str]:
    """Once an engine has spoken, none of a lower term is listened to."""
    highest = 0
    for event in record.events:
        if event.kind == "claimed":
            highest = max(highest, event.term)
        if event.kind == "planned" and event.term < highest:
            yield f"a plan of term {event.term} was taken after term {highest} had spoken"


def _session(hall: Hall, record: Record) -> Iterator[str]:
    """The session is whole, replays, and holds what it may and should."""
    if not hall.session.exists() or not hall.is_anything_left():
        if hall.engine.finished and not hall.disk.memory_full:
            yield "an engine came to its end and left no session"
        return
    if not is_sealed(hall.session):
        yield "the session is not sealed"
    try:
        result = replay(hall.session)
    except (SessionError, KeyError, ValueError) as error:
        yield f"the session does not replay: {error!r}"
        return
    if result.first is not None:
        yield f"replay differs from the record: {result.first}"
    yield from _consents(hall, record)
    yield from _samples(hall, record)


def _consents(hall: Hall, record: Record) -> Iterator[str]:
    """Nothing of a seat is in the record but what it allowed at the time."""
    for number, source in enumerate(hall.show.sources):
        for ordinal, headset in enumerate(source.headsets):
            stamps = [
                stamp_ns
                for at, seat, stamp_ns, _, _ in record.samples
                if (at, seat) == (number, ordinal)
            ]
            asked = any(ask.seat == headset.seat for ask in hall.asked)
            if stamps and not source.consent.records and not asked:
                yield f"samples of seat {headset.seat} are recorded, who never allowed it"
            steady = hall.clocks[number].offset_ns == 0 and hall.clocks[number].drift == 0
            if steady:
                yield from _broken_promises(hall, headset.seat, stamps)


def _broken_promises(hall: Hall, seat: str, stamps: list[int]) -> Iterator[str]:
    """After a promise that nothing is recorded any more, nothing is."""
    for promise in hall.promised:
        if promise.seat != seat or promise.consent.records:
            continue
        later = [ask.t_ns for ask in hall.asked if ask.seat == seat]
        until_ns = min((t for t in later if t > promise.asked_ns), default=hall.world.now_ns)
        until_ns -= _LATE_NS if hall.net.was_bad else 0
        after = [t for t in stamps if promise.at_ns + _BLOCK_NS < t < until_ns]
        if after:
            late_s = (min(after) - promise.at_ns) / S
            yield f"seat {seat} was promised not to be recorded, and is, {late_s:.2f} s later"


def _samples(hall: Hall, record: Record) -> Iterator[str]:
    """Every sample of a seat that is recorded is in the record, or missing with a reason."""
    if hall.disk.memory_full:
        return  # there was no room, and the engine said so
    asked = {ask.seat for ask in hall.asked}
    excused = {note.text.partition(" was started again")[0] for note in record.notes}
    end_ns, cut_short = _end_of_record(hall, record)
    under_way_ns = _under_way_ns(hall)
    gaps = [
        (max((t for t in record.written_ns if t < start), default=start) - under_way_ns, stop)
        for start, stop in hall.interruptions
    ]
    missing: dict[str, list[int]] = {}
    for found in hall.measured:
        source = hall.show.sources[found.source]
        lost_with_worker = found.life < hall.workers[found.source].lives and source.name in excused
        interrupted = any(start < found.t_ns < stop for start, stop in gaps)
        unheard = any(
            name == source.name and since < found.stamp_ns and found.t_ns <= said
            for name, since, said in record.unheard
        )
        # An engine that dies while it catches up has written no more than the first of it.
        behind = cut_short and found.stamp_ns > record.newest.get(found.source, 0)
        excused_now = lost_with_worker or interrupted or unheard or behind
        if not record.origin_ns < found.t_ns < end_ns or excused_now:
            continue
        for seat, first, count in found.runs.tolist():
            name = source.headsets[seat].seat
            recorded = source.consent.records and name not in asked
            run = (found.source, seat, found.stamp_ns, first, count)
            if recorded and run not in record.samples:
                missing.setdefault(name, []).append(found.t_ns)
    for name, times in missing.items():
        first, last = ((t - ORIGIN_NS) / S for t in (min(times), max(times)))
        yield (
            f"{len(times)} reads of seat {name} from {first:.2f} to {last:.2f} s are not in the "
            "record, and nothing says why"
        )


def _end_of_record(hall: Hall, record: Record) -> tuple[int, bool]:
    """When the record may end: with the film, or with the last engine; and whether it says so."""
    ended_ns = max(
        (event.hall_ns for event in record.events if event.kind == "ended"),
        default=hall.world.now_ns,
    )
    cut_short = any("last engine ended before the film" in note.text for note in record.notes)
    end_ns = min(ended_ns, record.last_ns - _under_way_ns(hall)) if cut_short else ended_ns
    return end_ns, cut_short


def _under_way_ns(hall: Hall) -> int:
    """How old what an engine had not yet written may be when it is killed."""
    return S + (_LATE_NS if hall.net.was_bad else 0)
