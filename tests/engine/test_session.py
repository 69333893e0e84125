"""The session file: complete, readable after a crash, and nothing in it that was not allowed."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from mcap.reader import make_reader

import engine.session
from engine.records import Frame
from engine.rehearsal import rehearse
from engine.replay import replay
from engine.session import (
    TOPICS,
    SessionError,
    decode,
    is_sealed,
    read,
    read_configuration,
    recover,
)
from playback import PlayerEvent


@pytest.fixture
def session(make_show, audience, tmp_path) -> Path:
    """A sealed session of nine seats."""
    path = tmp_path / "s.mcap"
    rehearse(make_show(audience(seats=9)), path, tmp_path)
    return path


def test_every_topic_has_a_schema_with_an_object_on_top(session):
    with session.open("rb") as stream:
        summary = make_reader(stream).get_summary()
    assert summary is not None
    assert {channel.topic for channel in summary.channels.values()} <= set(TOPICS)
    for schema in summary.schemas.values():
        assert schema.encoding == "jsonschema"
        assert json.loads(schema.data)["type"] in ("object", "array")


def test_the_first_message_is_the_configuration(session):
    topic, _, data = next(iter(read(session)))
    assert topic == "/configuration"
    configuration = decode(topic, data)
    assert configuration == read_configuration(session)
    assert configuration.versions["neural-hall"]
    assert [h.seat for h in configuration.sources[0]] == [f"A{i + 1}" for i in range(9)]


def test_samples_come_back_as_they_were(session, audience, tmp_path):
    """What the file holds is what the source gave, run by run."""
    from acquisition import make_source

    configuration = read_configuration(session)
    channels = len(configuration.sources[0][0].channels)
    source = make_source(audience(seats=9), tmp_path)
    source.open()
    source.start()
    source.read(0)
    source.hear("lead_in")
    for topic, _, data in read(session):
        if topic != "/eeg/local":
            continue
        for second in decode(topic, data).sources:
            for _, frame in engine.session.frames_of(second, channels):
                if frame.read_ns > 50_000_000_000:
                    return
                batch = source.read(frame.read_ns)
                np.testing.assert_array_equal(frame.runs_array(), batch.runs)
                np.testing.assert_array_equal(frame.samples_array(channels), batch.samples)


@st.composite
def frames(draw) -> list[tuple[int, Frame]]:
    """Frames of a source of four seats and two channels, seats missing at will."""
    made = []
    for step in range(draw(st.integers(1, 5))):
        runs = []
        for ordinal in range(4):
            runs += [
                (ordinal, draw(st.integers(0, 10**6)), draw(st.integers(1, 9)))
                for _ in range(draw(st.integers(0, 2)))
            ]
        table = np.array(runs, np.int64).reshape(-1, 3)
        rows = int(table[:, 2].sum())
        samples = np.arange(rows * 2, dtype=np.float32) + 1000 * step
        made.append((step, Frame(0, step, step, table.tobytes(), samples.tobytes())))
    return made


@given(frames())
def test_taking_a_second_apart_by_seat_loses_nothing(made):
    second = engine.session.source_second(0, made, 2)
    assert list(engine.session.frames_of(second, 2)) == made


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(share=st.floats(0.02, 1.0))
def test_what_a_killed_engine_leaves_is_read_up_to_the_cut(session, tmp_path, share):
    whole = [message[0] for message in read(session)]
    cut = tmp_path / "cut.mcap"
    data = session.read_bytes()
    cut.write_bytes(data[: int(len(data) * share) - 1])
    assert not is_sealed(cut)
    left = [message[0] for message in read(cut)]
    assert left == whole[: len(left)]
    recover(cut)
    assert is_sealed(cut)
    assert [message[0] for message in read(cut)] == [*left, "/note"]
    result = replay(cut)
    assert result.first is None
    assert result.states == left.count("/audience/state") or left[-1] != "/engine/steps"


def test_recover_adds_the_cuts_that_the_player_made_alone(session):
    data = session.read_bytes()
    session.write_bytes(data[: len(data) // 2])
    known = next(decode(t, d).event for t, _, d in read(session) if t == "/player/event")
    alone = PlayerEvent("started", 61_000_000_000, 1, "question", 0, "default", 1, "")
    counts = recover(session, [known, alone])
    assert counts["/player/journal"] == 1
    (event,) = [decode(t, d) for t, _, d in read(session) if t == "/player/journal"]
    assert event == alone


def test_damage_in_a_sealed_file_is_said(session):
    data = bytearray(session.read_bytes())
    middle = len(data) // 2
    data[middle : middle + 4000] = bytes(4000)
    session.write_bytes(data)
    with pytest.raises(SessionError, match="damaged"):
        replay(session)


@pytest.mark.parametrize(
    ("content", "why"),
    [(None, "cannot be opened"), (b"", "no configuration"), (b"MZ" * 40, "not a session file")],
)
def test_what_is_no_session_is_refused(tmp_path, content, why):
    path = tmp_path / "s.mcap"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(SessionError, match=why):
        read_configuration(path)


def test_a_session_never_overwrites_another(make_show, audience, session, tmp_path):
    with pytest.raises(SessionError, match="cannot be written"):
        rehearse(make_show(audience()), session, tmp_path)
