"""What an audience's state was made of: read whole, drawn whole, and nobody in it against will."""

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from itertools import combinations
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import msgspec
import numpy as np
import pytest
from matplotlib.text import Text

import dsp
from engine.records import (
    Calibrated,
    Consent,
    Control,
    DecisionRecord,
    EventRecord,
    SeatRequest,
    StateRecord,
)
from engine.rehearsal import rehearse
from engine.session import SessionError, SessionFile, decode, encode, read, read_configuration
from engine.signals import (
    KIND_COLOURS,
    KINDS,
    Signals,
    draw,
    page,
    png_of,
    read_signals,
    seat_rows,
    signal_rows,
    worst,
)
from playback import Command

CHECKOUT = Path(__file__).parents[2]
S = 1_000_000_000
EEG_SIGNALS = tuple(name for name in dsp.SIGNALS if name != "heart_rate")


@pytest.fixture
def session(make_show, audience, tmp_path) -> Path:
    """A sealed session of nine seats: 88 s of film, one decision."""
    path = tmp_path / "s.mcap"
    rehearse(make_show(audience(seats=9)), path, tmp_path)
    return path


@pytest.fixture
def guarded(make_show, audience, tmp_path) -> Path:
    """Nine seats that are recorded, of which one leaves, and five that are not."""
    path = tmp_path / "guarded.mcap"
    show = make_show(
        audience(seats=9),
        audience(seats=5, row="Hidden", seed=4),
        consents=(Consent.RECORDED, Consent.JOINED),
    )
    rehearse(show, path, tmp_path, requests=[(50.0, SeatRequest("A3", Consent.WITHDRAWN))])
    return path


@pytest.fixture
def hall(tmp_path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run `hall`."""

    def run(*arguments: object) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-W", "ignore", "-m", "engine.cli", *map(str, arguments)],
            capture_output=True,
            text=True,
            env={**os.environ, "PYTHONPATH": str(CHECKOUT), "HALL_RUN": str(tmp_path / "run")},
            timeout=120,
        )

    return run


def seconds_of(session: Path) -> dict[int, StateRecord]:
    """The last state of every second, as the session holds it."""
    states = [decode(topic, data) for topic, _, data in read(session) if topic == "/audience/state"]
    return {record.state.tick // dsp.TICKS_PER_SECOND: record for record in states}


def words_of(signals: Signals) -> str:
    """All that the picture says."""
    return "\n".join(text.get_text() for text in draw(signals).findobj(Text))


# --- reading ---


def test_the_arrays_are_the_recorded_states(session):
    signals = read_signals(session)
    recorded = seconds_of(session)
    assert signals.t_s.tolist() == [second + 1 for second in recorded]
    for second, record in recorded.items():
        state = record.state
        for number, pooled in enumerate(state.signals):
            for array, value in (
                (signals.value, pooled.value),
                (signals.standard_error, pooled.standard_error),
                (signals.raw, pooled.raw),
            ):
                np.testing.assert_equal(array[number, second], np.nan if value is None else value)
            assert signals.count[number, second] == pooled.seats
            assert signals.reasons[signals.why[number, second]] == pooled.reason
        assert signals.seats.flags[second].tolist() == list(state.flags)
        if state.seats is not None:
            for array, rows in (
                (signals.seats.z[:, second], state.seats.zs),
                (signals.seats.weight[:, second], state.seats.weights),
                (signals.seats.share[second], state.seats.shares),
            ):
                np.testing.assert_array_equal(array, np.array(rows, np.float32))
    assert signals.seats.names == tuple(f"A{i + 1}" for i in range(9))
    assert np.isfinite(signals.value[0]).any()


def test_seats_of_two_montages_stand_in_the_order_of_the_states(make_show, audience, tmp_path):
    path = tmp_path / "two.mcap"
    muse = replace(
        audience(seats=2, row="B", seed=4), channels=("TP9", "AF7", "AF8", "TP10"), rate=256.0
    )
    rehearse(make_show(audience(seats=2), muse, audience(seats=2, row="C", seed=5)), path, tmp_path)
    signals = read_signals(path)
    assert signals.seats.names == ("A1", "A2", "C1", "C2", "B1", "B2")
    assert signals.seats.flags[-1].tolist() == list(seconds_of(path)[87].state.flags)
    blinks, engagement = dsp.SIGNALS.index("blink_rate"), dsp.SIGNALS.index("engagement")
    assert signals.seats.offered[blinks].all()
    assert signals.seats.offered[engagement].tolist() == [True] * 4 + [False] * 2
    assert signals.offered == EEG_SIGNALS


def test_seats_of_other_weights_stand_in_the_order_of_the_states(make_show, audience, tmp_path):
    """Consent goes by name, and names go by place: a wrong order would show another's seat."""
    path = tmp_path / "weighed.mcap"
    muse = replace(
        audience(seats=1, row="B", seed=4), channels=("TP9", "AF7", "AF8", "TP10"), rate=256.0
    )
    show = make_show(audience(seats=1), muse, audience(seats=1, row="C", seed=5))
    channels = len(show.sources[0].headsets[0].channels)
    weights = ((), (), (1.0,) + (0.0,) * (channels - 1))
    show = replace(show, calibrated=Calibrated("c.toml", "", weights, {}))
    rehearse(show, path, tmp_path, requests=[(20.0, SeatRequest("C1", Consent.WITHDRAWN))])
    signals = read_signals(path)
    assert signals.seats.names == ("A1", "B1")
    assert not (signals.seats.flags & int(dsp.Flag.NOT_ADMITTED)).any()


def test_the_film_is_told_as_it_was_on_the_screen(make_show, audience, tmp_path):
    path = tmp_path / "taken.mcap"
    commands = [
        (65.0, Command("panic")),
        (75.0, Command("resume")),
        (80.0, Command("take", 2, "test")),
    ]
    rehearse(make_show(audience()), path, tmp_path, commands=commands)
    signals = read_signals(path)
    assert [visit.scene for visit in signals.visits] == ["lead_in", "question", "together"]
    assert signals.visits[1].start_s == pytest.approx(60.0, abs=0.1)
    assert signals.visits[1].stop_s == signals.visits[2].start_s
    ((start_s, stop_s),) = signals.pauses
    assert (start_s, stop_s) == pytest.approx((65.0, 75.0), abs=1.0)
    (choice,) = signals.choices
    assert (choice.scene, choice.to, choice.by) == ("question", "together", "operator")
    assert choice.record is not None
    assert choice.record.decision.to == "gripped"


def test_a_default_that_the_player_took_alone_is_a_decision_too(session, tmp_path):
    alone = tmp_path / "alone.mcap"
    file = SessionFile(alone.open("wb"))
    for topic, t_ns, data in read(session):
        if topic != "/decision":
            file.write_raw(topic, t_ns, data.replace(b'"by":"engine"', b'"by":"default"'))
    file.finish()
    (choice,) = read_signals(alone).choices
    assert (choice.scene, choice.by, choice.record) == ("question", "default", None)
    assert "no engine decided" in page(read_signals(alone), png_of(draw(read_signals(alone))))


def split(session: Path, target: Path, shift_ns: int, lost: range = range(0)) -> None:
    """Have a second engine take over at 40 s; with a shift, on a clock that has begun anew."""
    start = read_configuration(session)
    file = SessionFile(target.open("wb"))
    after = False
    for topic, t_ns, data in read(session):
        record = decode(topic, data)
        if isinstance(record, StateRecord):
            if record.state.tick in lost:
                continue
            if record.state.tick >= 400 and not after:
                after = True
                follows = msgspec.structs.replace(start, origin_ns=shift_ns, term=2)
                file.write("/configuration", t_ns, follows)
        file.write(topic, t_ns, anew(record, shift_ns) if after and shift_ns else record)
    file.finish()


def anew(record: Any, shift_ns: int) -> Any:
    """Date a record by a clock that began 40 s into the show."""
    match record:
        case StateRecord(state=state):
            state = replace(state, tick=state.tick - 400)
            return msgspec.structs.replace(record, state=state, t_ns=record.t_ns - 40 * S)
        case DecisionRecord():
            return msgspec.structs.replace(record, t_ns=record.t_ns - 40 * S)
        case EventRecord(event=event):
            event = replace(event, hall_ns=event.hall_ns - 40 * S + shift_ns)
            return msgspec.structs.replace(record, event=event)
    return record


def test_states_go_on_where_another_engine_took_over(session, tmp_path):
    whole = read_signals(session)
    split(session, tmp_path / "two.mcap", 0, lost=range(400, 430))
    signals = read_signals(tmp_path / "two.mcap")
    assert signals.breaks_s == ()
    gone = slice(40, 43)
    assert (signals.seats.flags[gone] == -1).all()
    assert {signals.reasons[code] for code in signals.why[0, gone]} == {"not recorded"}
    there = np.ones(len(whole.t_s), np.bool_)
    there[gone] = False
    np.testing.assert_array_equal(signals.t_s, whole.t_s)
    np.testing.assert_array_equal(signals.value[:, there], whole.value[:, there])
    np.testing.assert_array_equal(signals.seats.z[:, there], whole.seats.z[:, there])
    assert signals.visits == whole.visits
    assert signals.choices == whole.choices


def test_after_the_machine_has_stopped_hall_time_is_joined_on(session, tmp_path):
    whole = read_signals(session)
    split(session, tmp_path / "again.mcap", 7000 * S)
    signals = read_signals(tmp_path / "again.mcap")
    assert signals.breaks_s == (40.0,)
    np.testing.assert_array_equal(signals.value, whole.value)
    np.testing.assert_array_equal(signals.seats.flags, whole.seats.flags)
    for visit, as_it_was in zip(signals.visits, whole.visits, strict=True):
        assert visit.scene == as_it_was.scene
        assert visit.start_s == pytest.approx(as_it_was.start_s)
    assert signals.choices[0].at_s == pytest.approx(whole.choices[0].at_s)
    assert "interrupted" in words_of(signals)


def test_what_is_no_session_and_what_holds_no_state_is_refused(session, tmp_path):
    empty = tmp_path / "empty.mcap"
    file = SessionFile(empty.open("wb"))
    file.write("/configuration", 0, read_configuration(session))
    file.finish()
    with pytest.raises(SessionError, match="no audience state"):
        read_signals(empty)
    empty.write_bytes(b"MZ" * 40)
    with pytest.raises(SessionError, match="not a session file"):
        read_signals(empty)
    empty.write_bytes(b"")
    with pytest.raises(SessionError, match="no configuration"):
        read_signals(empty)


# --- consent ---


def test_seats_without_consent_are_in_the_pooled_curves_alone(guarded):
    signals = read_signals(guarded)
    assert signals.seats.names == ("A1", "A2", "A4", "A5", "A6", "A7", "A8", "A9")
    assert signals.everyone == 14
    assert signals.count[dsp.SIGNALS.index("synchrony"), 30] > 9  # all of them counted
    sheet = draw(signals)
    (seats,) = [axis for axis in sheet.axes if axis.get_label() == "seats"]
    assert seats.images[0].get_array().shape[0] == 8
    told = page(signals, png_of(sheet)) + words_of(signals)
    assert "A4" in told
    assert "6 seats do not allow recording" in told
    for hidden in ("Hidden", "A3"):
        assert hidden not in told.replace(told[told.index("base64,") : told.index('"/></fig')], "")


def test_what_a_seat_showed_before_it_allowed_a_record_is_not_shown(make_show, audience, tmp_path):
    path = tmp_path / "late.mcap"
    show = make_show(
        audience(seats=9), audience(seats=5, row="B", seed=4), consents=(Consent.RECORDED,) * 2
    )
    show = replace(
        show, sources=(show.sources[0], replace(show.sources[1], consent=Consent.JOINED))
    )
    allow = SeatRequest("B2", Consent.RESEARCH)
    rehearse(show, path, tmp_path, requests=[(70.5, allow)])
    signals = read_signals(path)
    assert signals.seats.names[-1] == "B2"
    before = slice(0, 71)
    assert (signals.seats.flags[before, -1] == int(dsp.Flag.NOT_ADMITTED)).all()
    assert np.isnan(signals.seats.z[:, before, -1]).all()
    assert np.isnan(signals.seats.weight[:, before, -1]).all()
    assert np.isnan(signals.seats.share[before, -1]).all()
    assert not (signals.seats.flags[75:, -1] & int(dsp.Flag.NOT_ADMITTED)).any()


# --- summaries ---


def test_every_flag_has_one_kind():
    flags = [int(flag) for flag in dsp.Flag]
    kinds = worst(np.array([0, -1, *flags], np.int32)).tolist()
    assert kinds[:2] == [0, -1]
    for flag, kind in zip(flags, kinds[2:], strict=True):
        assert KINDS[kind].flags & flag
    assert worst(np.array(sum(flags[:9]), np.int32)) == [k.name for k in KINDS].index("absent")


def test_shares_of_time_are_those_of_the_arrays(session):
    signals = read_signals(session)
    for number, row in enumerate(seat_rows(signals)):
        flags = signals.seats.flags[:, number]
        assert row.good == np.mean(flags == 0)
        assert dict(row.flags)["no baseline"] == np.mean(flags & int(dsp.Flag.NO_BASELINE) != 0)
    for number, signal in enumerate(signal_rows(signals)):
        assert signal.known == np.mean(np.isfinite(signals.value[number]))
        assert signal.known + sum(share for _, share in signal.reasons) == pytest.approx(1)


def test_a_session_of_other_signals_is_refused(session, rewrite):
    def without_hearts(topic: str, data: bytes, count: int) -> bytes:
        if topic != "/audience/state":
            return data
        record: StateRecord = decode(topic, data)
        known = tuple(pooled for pooled in record.state.signals if pooled.name != "heart_rate")
        return encode(
            topic, msgspec.structs.replace(record, state=replace(record.state, signals=known))
        )

    with pytest.raises(SessionError, match="draw it with the version that recorded it"):
        read_signals(rewrite(session, without_hearts))


# --- picture and page ---


def test_the_picture_has_a_panel_for_the_film_the_seats_and_every_signal(session):
    signals = read_signals(session)
    sheet = draw(signals)
    assert [axis.get_label() for axis in sheet.axes] == ["film", "seats", *EEG_SIGNALS]
    assert len({axis.get_xlim() for axis in sheet.axes}) == 1
    assert sheet.axes[0].get_xlim() == (0, signals.length_s)
    words = words_of(signals)
    for visit in signals.visits:
        assert visit.scene in words
    assert "1 gripped · audience" in words
    png = png_of(sheet)
    assert png.startswith(b"\x89PNG")
    assert len(png) > 20_000


def test_signals_that_no_montage_gives_have_no_panel(make_show, audience, tmp_path):
    path = tmp_path / "forehead.mcap"
    rehearse(make_show(replace(audience(seats=9), channels=("Fp1", "Fp2"))), path, tmp_path)
    labels = [axis.get_label() for axis in draw(read_signals(path)).axes]
    assert labels == ["film", "seats", "forehead_theta_alpha", "blink_rate"]


def test_words_in_the_picture_never_cover_each_other(make_show, audience, tmp_path, short_film):
    """Forty questions of three seconds' difference: no room for their words."""
    scenes = "".join(
        f"  question{i}: {{clip: question.mkv, length: 7 s, reading: {{from: 2 s, to: 6 s}}, "
        f"branches: [{{when: engagement > 0.4 for 1 s, to: a_longer_name_{i}}}], "
        f"default: question{i + 1}}}\n"
        f"  a_longer_name_{i}: {{clip: calm.mkv, length: 2 s, default: question{i + 1}}}\n"
        for i in range(40)
    )
    film = short_film[: short_film.index("  question:")] + scenes
    film = film.replace("default: question}", "default: question0}")
    film += "  question40: {clip: calm.mkv, length: 4 s, ending: true}\n"
    path = tmp_path / "long.mcap"
    rehearse(make_show(audience(seats=9), film=film), path, tmp_path)
    signals = read_signals(path)
    assert len(signals.choices) == 40
    sheet = draw(signals)
    boxes = {
        text: text.get_window_extent()
        for axis in sheet.axes
        for text in [*axis.texts, axis.title]
        if text.get_text() and text.get_visible()
    }
    assert len(boxes) > 40
    for (one, a), (two, b) in combinations(boxes.items(), 2):
        assert not a.overlaps(b), f"{one.get_text()} covers {two.get_text()}"


def test_the_page_stands_alone_and_names_every_scene_and_decision(session):
    signals = read_signals(session)
    told = page(signals, png_of(draw(signals)))
    root = ElementTree.fromstring(told)
    assert "://" not in told
    (image,) = root.iter("img")
    assert image.get("src", "").startswith("data:image/png;base64,")
    assert image.get("alt")
    tables = list(root.iter("table"))
    for table in tables:
        assert table.find("caption") is not None
        assert all(cell.get("scope") for cell in table.iter("th"))
    cells = {"".join(cell.itertext()) for table in tables for cell in table.iter() if cell.text}
    for visit in signals.visits:
        assert visit.scene in cells
    for choice in signals.choices:
        assert choice.record is not None
        assert choice.record.decision.explanation in cells
    for seat in signals.seats.names:
        assert seat in cells


def test_settings_that_differ_are_listed(make_show, audience, tmp_path):
    path = tmp_path / "s.mcap"
    rehearse(make_show(audience(seats=9), settings=dsp.Settings(smoothing_s=6.5)), path, tmp_path)
    signals = read_signals(path)
    root = ElementTree.fromstring(page(signals, png_of(draw(signals))))
    rows = [["".join(cell.itertext()) for cell in row] for row in root.iter("tr")]
    assert ["smoothing_s", "6.5", "8.0"] in rows
    assert not [row for row in rows if row[0] == "min_seats"]


# Machado, Oliveira, Fernandes 2009, doi:10.1109/TVCG.2009.113, severity 1, on linear RGB.
VISION = {
    "usual": np.eye(3),
    "protan": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deutan": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "tritan": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ],
}


@pytest.mark.parametrize("vision", VISION)
def test_the_colours_of_the_seats_differ_for_every_kind_of_vision(vision):
    """By 15 in CIELAB at least; what can just be told apart side by side differs by about 2."""
    seen = [lab(np.array(VISION[vision]) @ linear(colour)) for colour in KIND_COLOURS]
    assert len(seen) == len(KINDS)
    assert min(np.linalg.norm(a - b) for a, b in combinations(seen, 2)) > 15


def linear(colour: str) -> np.ndarray:
    """Linear light of an sRGB colour (IEC 61966-2-1)."""
    srgb = np.array([int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    return np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)


def lab(light: np.ndarray) -> np.ndarray:
    """CIELAB of linear light, D65."""
    to_xyz = [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
    share = np.array(to_xyz) @ np.clip(light, 0, 1) / [0.9505, 1.0, 1.089]
    x, y, z = np.where(share > 0.008856, np.cbrt(share), 7.787 * share + 16 / 116)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


# --- the command ---


def test_the_command_writes_picture_and_page_beside_the_session(hall, session, tmp_path):
    result = hall("signals", session)
    assert result.returncode == 0, result.stderr
    assert (tmp_path / "s.signals.png").read_bytes().startswith(b"\x89PNG")
    assert "gripped" in (tmp_path / "s.signals.html").read_text("utf-8")
    result = hall("signals", session, "--png", "--out", tmp_path / "new" / "folder")
    assert result.returncode == 0, result.stderr
    assert [path.name for path in (tmp_path / "new" / "folder").iterdir()] == ["s.signals.png"]


def test_the_command_refuses_what_it_cannot_read_or_write(hall, session, tmp_path):
    for arguments, why in (
        ((tmp_path / "none.mcap",), "cannot be opened"),
        ((session, "--out", session), "cannot be written"),
    ):
        result = hall("signals", *arguments)
        assert result.returncode == 1
        assert why in result.stderr
        assert "Traceback" not in result.stderr


def test_a_blind_study_is_drawn_only_when_asked(hall, session, rewrite):
    def blind(topic: str, data: bytes, count: int) -> bytes:
        if topic != "/configuration":
            return data
        control = Control("blind", arm="sham", seed=4)
        return encode(topic, msgspec.structs.replace(decode(topic, data), control=control))

    altered = rewrite(session, blind)
    result = hall("signals", altered)
    assert result.returncode == 1
    assert "--unblind" in result.stderr
    assert not altered.with_name("altered.signals.png").exists()
    result = hall("signals", altered, "--html", "--unblind")
    assert result.returncode == 0, result.stderr
    assert "arm sham" in altered.with_name("altered.signals.html").read_text("utf-8")
