"""Whole screenings on a virtual clock: the promises of the design, one by one."""

import dataclasses
from pathlib import Path

import msgspec
import numpy as np
import pytest

import dsp
from acquisition import RecordingSpec
from engine.records import Consent, EventRecord, SeatRequest, StateRecord
from engine.rehearsal import rehearse
from engine.replay import replay
from engine.session import Configuration, EegSecond, decode, read, read_configuration
from playback import Command

OPEN_FILM = """
title: {en: Open}
fps: 24
start: lead_in
max_runtime: 10 min
scenes:
  lead_in: {clip: lead_in.mkv, length: 60 s, lead_in: true, default: question}
  question:
    clip: question.mkv
    length: 24 s
    reading: {from: 3 s, to: 22 s}
    branches:
      - {when: not (engagement < 0), to: wrong}
      - {when: forehead_theta_alpha > -9 for 1 s, to: wrong}
      - {when: synchrony.t > 3 for 5 s, to: wrong}
    default: calm
  wrong: {clip: wrong.mkv, length: 4 s, ending: true}
  calm: {clip: calm.mkv, length: 4 s, ending: true}
"""
"""Guards that only the lack of evidence can stop."""


def messages(session: Path, topic: str) -> list:
    return [decode(topic, data) for name, _, data in read(session) if name == topic]


def recorded_seats(session: Path) -> dict[str, int]:
    """Seat -> samples in the file."""
    configuration: Configuration = read_configuration(session)
    counts: dict[str, int] = {}
    for second in messages(session, "/eeg/local"):
        assert isinstance(second, EegSecond)
        for source in second.sources:
            headsets = configuration.sources[source.source]
            for samples in source.seats:
                headset = headsets[samples.ordinal]
                rows = len(samples.samples) // (4 * len(headset.channels))
                counts[headset.seat] = counts.get(headset.seat, 0) + rows
    return counts


def test_an_engaged_audience_takes_its_branch(make_show, audience, tmp_path):
    session = tmp_path / "s.mcap"
    result = rehearse(make_show(audience()), session, tmp_path)
    assert result.path == ("lead_in", "question", "gripped")
    (record,) = result.decisions
    assert record.decision.by == "audience"
    assert " > 0.4 and engagement.t " in record.decision.explanation
    started = [r.event for r in messages(session, "/player/event") if r.event.kind == "started"]
    assert [event.by for event in started] == ["operator", "default", "engine"]


def test_the_same_show_gives_the_same_decisions(make_show, audience, tmp_path):
    show = make_show(audience(seats=10))
    first = rehearse(show, tmp_path / "1.mcap", tmp_path)
    again = rehearse(show, tmp_path / "2.mcap", tmp_path)
    assert first == again


@pytest.mark.parametrize("seed", range(3))
def test_noise_takes_only_defaults(make_show, audience, tmp_path, seed):
    """Viewers who neither follow the film nor change: nothing is evidence."""
    spec = audience(seats=16, seed=seed, response=0.0, synchrony=0.0)
    result = rehearse(make_show(spec), tmp_path / "s.mcap", tmp_path)
    assert result.path[-1] == "calm"


def test_an_empty_hall_takes_only_defaults(make_show, tmp_path):
    result = rehearse(make_show(film=OPEN_FILM), tmp_path / "s.mcap", tmp_path)
    assert result.path == ("lead_in", "question", "calm")
    assert result.decisions[0].decision.by == "default"
    assert replay(tmp_path / "s.mcap").identical


def test_railed_electrodes_take_only_defaults(make_show, audience, tmp_path):
    spec = audience(seats=8, railed=1.0)
    result = rehearse(make_show(spec, film=OPEN_FILM), tmp_path / "s.mcap", tmp_path)
    assert result.path == ("lead_in", "question", "calm")
    states: list[StateRecord] = messages(tmp_path / "s.mcap", "/audience/state")
    assert all(signal.value is None for signal in states[-1].state.signals)


def test_replay_is_identical(make_show, audience, tmp_path):
    session = tmp_path / "s.mcap"
    rehearse(make_show(audience(loss=0.05)), session, tmp_path)
    result = replay(session)
    assert result.identical
    assert result.first is None
    # 88 s of film; the last tick ends with the last frame, and nothing waits for it.
    assert (result.states, result.decisions, result.states_unrecorded) == (879, 1, 0)


@pytest.mark.parametrize(
    ("name", "value"),
    [("smoothing_s", 6.0), ("mains_hz", 60.0), ("clip", 3.0), ("theta_hz", [4.0, 7.5])],
)
def test_a_changed_setting_is_named_by_the_first_state_that_differs(
    make_show, audience, tmp_path, name, value
):
    session = tmp_path / "s.mcap"
    rehearse(make_show(audience(seats=9)), session, tmp_path)
    result = replay(session, {name: value})
    assert not result.identical
    assert result.first is not None
    assert result.first.what == "audience state"


def test_one_altered_sample_is_named(make_show, audience, tmp_path, rewrite):
    session = tmp_path / "s.mcap"
    rehearse(make_show(audience(seats=9, blinks=0.0, clenches=0.0, noisy=0.0)), session, tmp_path)
    altered = rewrite(session, alter_sample)
    result = replay(altered)
    assert not result.identical
    assert result.first is not None
    assert result.first.what == "audience state"
    # The file's 31st message of samples holds the second from 30 to 31 s.
    assert 30.0 <= result.first.t_s <= 33.0


def alter_sample(topic: str, data: bytes, count: int) -> bytes:
    """Add 1 uV to one sample of one channel of the third seat, half a minute in."""
    if topic != "/eeg/local" or count != 30:
        return data
    second: EegSecond = decode(topic, data)
    source = second.sources[0]
    seat = source.seats[2]
    samples = np.frombuffer(seat.samples, np.float32).copy()
    samples[4 * 8 + 4] += 1.0
    seats = list(source.seats)
    seats[2] = msgspec.structs.replace(seat, samples=samples.tobytes())
    source = msgspec.structs.replace(source, seats=tuple(seats))
    return msgspec.msgpack.encode(msgspec.structs.replace(second, sources=(source,)))


def test_an_altered_decision_is_named(make_show, audience, tmp_path, rewrite):
    session = tmp_path / "s.mcap"
    rehearse(make_show(audience(seats=9)), session, tmp_path)

    def alter(topic: str, data: bytes, count: int) -> bytes:
        return data.replace(b'"to":"gripped"', b'"to":"together"') if topic == "/decision" else data

    result = replay(rewrite(session, alter))
    assert result.differences == 1
    assert result.first is not None
    assert result.first.what == "decision"


def test_a_withdrawn_seat_leaves_average_and_record_at_once(make_show, audience, tmp_path):
    session = tmp_path / "s.mcap"
    request = SeatRequest("A3", Consent.WITHDRAWN)
    rehearse(make_show(audience(seats=9)), session, tmp_path, requests=[(30.0, request)])
    counts = recorded_seats(session)
    assert counts["A3"] == pytest.approx(30 * 250, abs=125)
    assert counts["A4"] == pytest.approx(88 * 250, rel=0.02)
    for record in messages(session, "/audience/state"):
        flags = dsp.Flag(record.state.flags[2])
        assert (dsp.Flag.NOT_ADMITTED in flags) == (record.t_ns >= 30.0e9)
    assert replay(session).identical


@pytest.mark.parametrize("unrecorded", [4, 5])
def test_unrecorded_seats_leave_no_sample_and_count_only_from_five_on(
    make_show, audience, tmp_path, unrecorded
):
    """Fewer could be told apart from the rest; more make states that replay cannot compute."""
    session = tmp_path / "s.mcap"
    recorded, joined = audience(seats=9), audience(seats=unrecorded, row="B", seed=4)
    show = make_show(recorded, joined, consents=(Consent.RECORDED, Consent.JOINED))
    rehearse(show, session, tmp_path)
    assert set(recorded_seats(session)) == set(recorded.seats)
    for record in messages(session, "/audience/state"):
        if record.state.seats is not None:
            assert all(set(row[9:]) == {None} for row in record.state.seats.values)
            assert set(record.state.seats.shares[9:]) == {None}
            assert record.t_ns < 20_000_000_000 or None not in record.state.seats.shares[:9]
    counts = unrecorded >= 5
    result = replay(session)
    assert result.identical
    assert (result.states_unrecorded > 0) == counts
    assert (result.states > 0) != counts
    assert result.decisions == 1


def test_operator_commands_override_the_audience(make_show, audience, tmp_path):
    commands = [(70.0, Command("take", 2, "test"))]
    result = rehearse(make_show(audience()), tmp_path / "s.mcap", tmp_path, commands=commands)
    assert result.path[-1] == "together"
    assert result.decisions[0].decision.to == "gripped"
    assert replay(tmp_path / "s.mcap").identical


def test_hold_takes_the_default(make_show, audience, tmp_path):
    commands = [(70.0, Command("hold"))]
    result = rehearse(make_show(audience()), tmp_path / "s.mcap", tmp_path, commands=commands)
    assert result.path[-1] == "calm"


def test_a_pause_stops_film_time(make_show, audience, tmp_path):
    commands = [(65.0, Command("panic")), (95.0, Command("resume"))]
    result = rehearse(make_show(audience()), tmp_path / "s.mcap", tmp_path, commands=commands)
    assert result.path[-1] == "gripped"
    assert result.seconds == pytest.approx(88 + 29, abs=1.5)
    events = [r.event for r in messages(tmp_path / "s.mcap", "/player/event")]
    assert {"paused", "resumed"} <= {event.kind for event in events}
    assert isinstance(messages(tmp_path / "s.mcap", "/player/event")[0], EventRecord)
    assert replay(tmp_path / "s.mcap").identical


def test_zones_are_pooled_and_recorded(make_show, audience, tmp_path):
    zones = {"left": ("A1", "A2", "A3", "A4", "A5", "A6", "A7", "A8"), "right": ("A9", "A10")}
    made = make_show(audience(), settings=dsp.Settings(min_seats=5))
    show = dataclasses.replace(made, zones=zones)
    session = tmp_path / "s.mcap"
    rehearse(show, session, tmp_path)
    left, right = messages(session, "/audience/state")[-1].state.zones
    assert left[0].value is not None
    assert 5 <= left[0].seats <= 8
    assert right[0].reason == "2 valid seats, 5 needed"
    assert replay(session).identical


def test_muse_excerpt(make_show, tmp_path, data_root):
    """Ten seconds of the real recording through the whole path: synchrony is there, and repeats."""
    seats = tuple(f"M{i + 1}" for i in range(44))
    spec = RecordingSpec(
        "muse-audience", str(data_root), seats, start_s=20.0, stop_s=32.0, boards=False
    )
    session = tmp_path / "s.mcap"
    rehearse(make_show(spec), session, tmp_path)
    states: list[StateRecord] = messages(session, "/audience/state")
    synchrony = states[118].state.signals[-1]
    assert synchrony.name == "synchrony"
    assert synchrony.value is not None
    assert synchrony.value > 3
    engagement = states[118].state.signals[0]
    assert engagement.value is None
    assert "electrodes" in engagement.reason
    assert replay(session).identical
