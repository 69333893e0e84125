"""Parts that take each other's place: what they leave behind, and what is made of it."""

import errno
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

import msgspec
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.checkpoint import Begun, Checkpoint, Mark, load, save
from engine.keeper import YOUNG_NS, Deed, Keeper
from engine.keepsake import PLACE_BYTES, Keepsake, recall
from engine.places import Places
from engine.records import Consent, Course, DecisionRecord, Frame, SeatRequest
from engine.rehearsal import rehearse
from engine.replay import replay
from engine.resume import Backup, Interrupted, find, restore
from engine.runtime import Inputs
from engine.screening import configuration_of, runtime_of
from engine.session import (
    SessionError,
    SessionWriter,
    create,
    decode,
    is_sealed,
    is_whole,
    part_path,
    parts_of,
    read,
    recover,
)
from narrative import begin, enter
from playback import PlayerEvent, PlayerState

S = 1_000_000_000


# --- the keepsake ---


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
@given(values=st.lists(st.binary(max_size=300), min_size=1, max_size=6), torn=st.integers(0, 200))
def test_a_torn_value_leaves_the_one_before(tmp_path, values, torn):
    path = tmp_path / "kept"
    path.unlink(missing_ok=True)
    keepsake = Keepsake(path)
    for value in values:
        keepsake.keep(value)
    keepsake.close()
    assert recall(path) == values[-1]
    data = bytearray(path.read_bytes())
    place = len(values) % 2 * PLACE_BYTES
    data[place + 16 + torn] ^= 1
    path.write_bytes(data)
    left = recall(path)
    if torn < len(values[-1]):
        assert left == (values[-2] if len(values) > 1 else None)
    else:
        assert left == values[-1]


def test_a_keepsake_goes_on_where_another_process_stopped(tmp_path):
    path = tmp_path / "kept"
    for value in (b"one", b"two", b"three"):
        keepsake = Keepsake(path)
        keepsake.keep(value)
        keepsake.close()
        assert recall(path) == value
    assert recall(tmp_path / "nothing") is None
    with pytest.raises(ValueError, match="do not fit"):
        Keepsake(path).keep(bytes(PLACE_BYTES))


# --- the keeper ---


def test_a_part_that_dies_is_started_at_once_and_then_ever_more_slowly():
    keeper = Keeper()
    now_ns, pauses = 0, []
    keeper.start(now_ns)
    for _ in range(8):
        now_ns += S  # it lives for a second
        died_ns = now_ns
        while keeper.judge(now_ns, alive=False, left=False) is not Deed.START:
            now_ns += S // 10
        pauses.append((now_ns - died_ns) / S)
        keeper.start(now_ns)
    assert pauses[0] == 0
    assert pauses[1:] == pytest.approx([0.5, 1, 2, 4, 8, 10, 10])
    now_ns += 2 * YOUNG_NS
    assert keeper.judge(now_ns, alive=False, left=False) is Deed.START


def test_only_a_part_that_has_spoken_can_hang():
    keeper = Keeper(3 * S)
    keeper.start(0)
    assert keeper.judge(100 * S, alive=True, left=False) is Deed.NOTHING
    keeper.hear(100 * S)
    assert keeper.judge(103 * S, alive=True, left=False) is Deed.NOTHING
    assert keeper.judge(103 * S + 1, alive=True, left=False) is Deed.END
    keeper.start(104 * S)
    assert keeper.judge(200 * S, alive=True, left=False) is Deed.NOTHING


def test_a_part_that_left_its_task_to_another_is_back_when_that_one_is_silent():
    keeper = Keeper(3 * S)
    keeper.start(0)
    keeper.hear(S)
    assert keeper.judge(2 * S, alive=False, left=True) is Deed.NOTHING
    assert keeper.judge(5 * S, alive=False, left=True) is Deed.START


def test_a_part_that_left_before_it_had_spoken_is_back_too():
    keeper = Keeper(3 * S)
    keeper.start(S)
    assert keeper.judge(3 * S, alive=False, left=True) is Deed.NOTHING
    assert keeper.judge(5 * S, alive=False, left=True) is Deed.START


# --- terms and checkpoints ---


def test_terms_only_rise(tmp_path):
    places = Places.make(tmp_path)
    assert places.newest_term() == 0
    assert [places.next_term() for _ in range(3)] == [1, 2, 3]
    places.raise_term(40)
    places.raise_term(2)
    assert places.newest_term() == 40
    assert places.next_term() == 41


@pytest.fixture
def checkpoint(make_show, audience) -> Checkpoint:
    show = make_show(audience(seats=3))
    standing = runtime_of(configuration_of(show, 1, 0), show.film).standing
    machine = enter(show.film, begin(show.film), 0, "lead_in", 0.0)
    standing = msgspec.structs.replace(standing, course=Course(machine, 5, False))
    begun = Begun(7, standing, None, (Mark("a", 3),), Mark("b", 4))
    return Checkpoint("film", show.consents, begun)


def test_a_checkpoint_is_of_its_film_or_of_none(tmp_path, checkpoint):
    path = tmp_path / "checkpoint"
    assert load(path, "film") is None
    save(path, checkpoint)
    assert load(path, "film") == checkpoint
    assert load(path, "another film") is None
    path.write_bytes(path.read_bytes()[:-3])
    assert load(path, "film") is None
    assert list(tmp_path.iterdir()) == [path]


# --- the session's parts ---


def steps(make_show, audience, count: int = 60, consent: Consent = Consent.RECORDED):
    """A show's configuration, and some steps of it without a player; 24 samples in each."""
    show = make_show(audience(seats=2), consents=(consent,))
    configuration = configuration_of(show, 1, 0)
    runtime = runtime_of(configuration, show.film)
    channels = len(show.sources[0].headsets[0].channels)
    inputs = []
    for number in range(count):
        runs = np.array([[seat, number * 12, 12] for seat in range(2)], np.int64)
        samples = np.full((24, channels), number, np.float32)
        frame = Frame(0, number, number * S // 20, runs.tobytes(), samples.tobytes())
        inputs.append(Inputs(frame.read_ns, (frame,)))
    return configuration, [(one, runtime.step(one)) for one in inputs]


def write_all(writer: SessionWriter, made) -> None:
    for inputs, outputs in made:
        writer.write(inputs, outputs)


class Refusing:
    """A disk that takes a number of writes, and then none."""

    def __init__(self, folder: Path, writes: int) -> None:
        self._folder = folder
        self._left = writes

    def create(self, path: Path) -> BinaryIO:
        file = create(path)
        if path.parent == self._folder:
            flush = file.flush

            def refusing() -> None:
                self._left -= 1
                if self._left < 0:
                    raise OSError(errno.ENOSPC, "No space left on device")
                flush()

            file.flush = refusing  # type: ignore[method-assign]
        return file


@pytest.mark.parametrize("writes", [0, 1, 2])
def test_a_disk_that_refuses_has_the_rest_kept_in_the_refuge(make_show, audience, tmp_path, writes):
    folder, refuge = tmp_path / "sessions", tmp_path / "run"
    folder.mkdir()
    refuge.mkdir()
    session = folder / "s.mcap"
    configuration, made = steps(make_show, audience)
    disk = Refusing(folder, writes)
    writer = SessionWriter(session, configuration, refuge=refuge, disk=disk.create)
    write_all(writer, made)
    writer.finish(made[-1][0].now_ns)
    assert "No space left" in writer.trouble
    assert len(parts_of(session, refuge)) == 2
    assert not is_whole(session, refuge)
    recover(session, refuge=refuge)
    assert is_whole(session, refuge)
    stepped = [decode(t, d) for t, _, d in read(session) if t == "/engine/steps"]
    assert sum(len(record.now_ns) for record in stepped) == len(made)
    assert replay(session).identical


def test_without_a_refuge_a_disk_that_refuses_is_an_error(make_show, audience, tmp_path):
    configuration, made = steps(make_show, audience)
    disk = Refusing(tmp_path, 1)
    writer = SessionWriter(tmp_path / "s.mcap", configuration, disk=disk.create)
    with pytest.raises(SessionError, match="free space"):
        write_all(writer, made)


def test_an_engine_that_follows_writes_a_part_of_its_own(make_show, audience, tmp_path):
    session = tmp_path / "s.mcap"
    configuration, made = steps(make_show, audience)
    for term in (1, 2, 10):
        path = part_path(session, term)
        writer = SessionWriter(path, msgspec.structs.replace(configuration, term=term))
        write_all(writer, made)
        writer.finish(made[-1][0].now_ns)
    names = ["s.mcap", "s.term-2.mcap", "s.term-10.mcap"]
    assert [path.name for path in parts_of(session)] == names
    recover(session)
    assert [path.name for path in tmp_path.iterdir()] == ["s.mcap"]
    terms = [decode(t, d).term for t, _, d in read(session) if t == "/configuration"]
    assert terms == [1, 2, 10]
    result = replay(session)
    assert result.identical
    assert result.hall_s == pytest.approx(3 * made[-1][0].now_ns * 1e-9)


@pytest.mark.parametrize("heard", [True, False])
def test_a_record_that_misses_the_films_end_says_so(make_show, audience, tmp_path, heard):
    """An engine left because another wanted to direct, and that one never did."""
    session = tmp_path / "s.mcap"
    configuration, made = steps(make_show, audience)
    writer = SessionWriter(session, configuration, refuge=tmp_path)
    write_all(writer, made)
    writer.finish(made[-1][0].now_ns)
    ended = PlayerEvent("ended", made[-1][0].now_ns, 2, "calm", 95, "default", 1, "")
    recover(session, (ended,) if not heard else (), refuge=tmp_path)
    notes = [decode(t, d).text for t, _, d in read(session) if t == "/note"]
    assert any("before the film" in text for text in notes) != heard


def test_a_part_that_lies_in_the_refuge_alone_keeps_its_name(make_show, audience, tmp_path):
    """The disk took nothing of the first engine, and everything of the second."""
    folder, refuge = tmp_path / "sessions", tmp_path / "run"
    folder.mkdir()
    refuge.mkdir()
    session = folder / "s.mcap"
    configuration, made = steps(make_show, audience)

    def read_only(path: Path) -> BinaryIO:
        if path.parent == folder:
            raise OSError(errno.EROFS, "Read-only file system")
        return create(path)

    for term, disk in ((1, read_only), (2, create)):
        path = part_path(session, term, refuge)
        again = msgspec.structs.replace(configuration, term=term)
        writer = SessionWriter(path, again, refuge=refuge, disk=disk)
        write_all(writer, made)
        writer.finish(made[-1][0].now_ns)
    names = ["s.spill-1.mcap", "s.term-2.mcap"]
    assert [path.name for path in parts_of(session, refuge)] == names
    recover(session, refuge=refuge)
    terms = [decode(t, d).term for t, _, d in read(session) if t == "/configuration"]
    assert terms == [1, 2]


def test_parts_stay_where_the_sealed_file_cannot_be_written(make_show, audience, tmp_path):
    session = tmp_path / "s.mcap"
    rehearse(make_show(audience(seats=2)), session, tmp_path)
    other = session.with_name("s.term-2.mcap")
    other.write_bytes(session.read_bytes())

    def full(path: Path) -> BinaryIO:
        raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(SessionError, match=r"s\.term-2\.mcap"):
        recover(session, disk=full)
    assert parts_of(session) == [session, other]
    assert is_sealed(session)


# --- a seat that comes into the record ---


def test_what_a_seat_showed_before_it_allowed_a_record_leaves_no_trace(
    make_show, audience, tmp_path
):
    """Six seats count unrecorded; one of them allows the record: states replay without it."""
    show = make_show(
        audience(seats=6, row="A"), audience(seats=10, row="B", seed=4),
        consents=(Consent.JOINED, Consent.RECORDED),
    )  # fmt: skip
    session = tmp_path / "s.mcap"
    requests = [(62.0 + n, SeatRequest(f"A{n}", Consent.RECORDED)) for n in range(1, 7)]
    rehearse(show, session, tmp_path, requests=requests)
    result = replay(session)
    assert result.identical
    assert result.states_unrecorded > 0


# --- the copy on the disk ---


STOOD = PlayerState(
    started=True, visit=2, scene="question", frame=100, paused=False, holding=True,
    taken=None, plan=None, term=5, finished=False,
)  # fmt: skip


@pytest.fixture
def running(tmp_path, checkpoint) -> Callable[[], tuple[Places, Interrupted]]:
    """A show in its places, as it is while it runs."""

    def lay_out() -> tuple[Places, Interrupted]:
        (tmp_path / "sessions").mkdir()
        session = tmp_path / "sessions" / "s.mcap"
        places = Places.make(tmp_path / "run")
        places.clear(session)
        keepsake = Keepsake(places.player_state)
        keepsake.keep(msgspec.json.encode(STOOD))
        keepsake.close()
        save(places.checkpoint, checkpoint)
        event = PlayerEvent("started", 1, 2, "question", 0, "default", 5, "")
        places.journal.write_bytes(msgspec.json.encode(event) + b"\n")
        return places, Interrupted("show.toml", str(session), False)

    return lay_out


def test_a_show_goes_on_after_the_machine_has_stopped(tmp_path, running, checkpoint):
    places, begun = running()
    backup = Backup(begun, places)
    backup.close(over=False)
    found = find(tmp_path / "sessions")
    assert found is not None
    assert found.stood == STOOD
    fresh = Places.make(tmp_path / "another run")
    restore(found, fresh)
    kept = recall(fresh.player_state)
    assert kept is not None
    assert msgspec.json.decode(kept, type=PlayerState) == STOOD
    assert fresh.journal.read_bytes() == places.journal.read_bytes()
    assert fresh.next_term() > STOOD.term
    restored = load(fresh.checkpoint, "film")
    assert restored is not None
    assert restored.begun is not None
    assert checkpoint.begun is not None
    assert restored.consents == checkpoint.consents
    assert restored.begun.standing.memory == checkpoint.begun.standing.memory
    assert restored.begun.standing.course.machine == checkpoint.begun.standing.course.machine
    assert restored.begun.origin_ns is None  # hall time has begun anew


def test_where_the_machine_has_not_stopped_the_newest_counts(tmp_path, running):
    places, begun = running()
    old = msgspec.structs.replace(begun, player=msgspec.json.encode(replace(STOOD, frame=1)))
    restore(old, places)
    kept = recall(places.player_state)
    assert kept is not None
    assert msgspec.json.decode(kept, type=PlayerState) == STOOD


def test_a_show_that_has_ended_is_not_offered(tmp_path, running):
    places, begun = running()
    backup = Backup(begun, places)
    backup.keep()
    backup.close(over=True)
    assert find(tmp_path / "sessions") is None
    assert find(tmp_path / "nowhere") is None


def test_decisions_are_kept_where_nothing_else_can_be(make_show, audience, tmp_path):
    """Neither disk nor refuge takes anything: the count of what is lost is true."""
    folder, refuge = tmp_path / "sessions", tmp_path / "run"
    folder.mkdir()
    refuge.mkdir()
    session = folder / "s.mcap"
    result = rehearse(make_show(audience()), tmp_path / "whole.mcap", tmp_path)
    (decision,) = result.decisions
    assert isinstance(decision, DecisionRecord)
    configuration, made = steps(make_show, audience)
    room = []

    def full(path: Path) -> BinaryIO:
        if not room:
            raise OSError(errno.ENOSPC, "No space left on device")
        return create(path)

    writer = SessionWriter(session, configuration, refuge=refuge, disk=full)
    for inputs, outputs in made:
        writer.write(inputs, replace(outputs, decision=decision if outputs.step == 30 else None))
    assert "without samples" in writer.trouble
    room.append(True)
    writer.finish(made[-1][0].now_ns)
    (left,) = parts_of(session, refuge)
    topics = [topic for topic, _, _ in read(left)]
    assert topics == ["/decision", "/note"]
    assert writer.lost == 24 * len(made)
    (said,) = [decode(t, d).text for t, _, d in read(left) if t == "/note"]
    assert said == f"{writer.lost} samples found no room anywhere"
