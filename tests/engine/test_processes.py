"""Real processes in real time: the recordings through BrainFlow's boards, and a killed engine.

These run in `make test-all`; the same paths run on a virtual clock in `test_screening.py`.
"""

import os
import shutil
import signal
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

import dsp
from engine.config import Show, load_show
from engine.places import Places
from engine.records import Consent, EventRecord, SeatRequest, StateRecord
from engine.replay import replay
from engine.session import decode, is_sealed, read
from engine.supervisor import News, RunningShow, set_consent, watch
from playback import FrameCode

pytestmark = pytest.mark.full

CHECKOUT = Path(__file__).parents[2]


@pytest.fixture
def example(
    tmp_path: Path, data_root: Path, monkeypatch: pytest.MonkeyPatch, sketch_clips
) -> Callable:
    """Lay out one of the example shows with small clips and the silent player."""
    monkeypatch.setenv("HALL_DATA", str(data_root))

    def lay_out(name: str) -> Path:
        for folder in ("films", "shows"):
            (tmp_path / folder).mkdir()
        show = (CHECKOUT / "examples" / "shows" / f"{name}.toml").read_text()
        path = tmp_path / "shows" / f"{name}.toml"
        path.write_text(show.replace("\nfilm =", '\ndriver = "silent"\nfilm ='))
        film = next((CHECKOUT / "examples" / "films").glob(f"{name}*.yaml"))
        shutil.copy(film, tmp_path / "films")
        sketch_clips(tmp_path / "films" / film.name, (160, 96))
        return path

    return lay_out


def run_show(path: Path, folder: Path, see: Callable[[RunningShow, News], None]) -> Path:
    """Run a show to its ending; gives the session."""
    show = load_show(path)
    session = folder / "session.mcap"
    places = Places.make(folder / "run")
    running = RunningShow(show, places, session, folder / "cache", "silent")
    with places.claim(), running:
        watch(running, lambda news: see(running, news))
        running.seal()
    return session


def nothing(show: RunningShow, news: News) -> None:
    """Watch idly."""


def messages(session: Path, topic: str) -> list:
    return [decode(topic, data) for name, _, data in read(session) if name == topic]


def path_of(session: Path) -> list[str]:
    events: list[EventRecord] = messages(session, "/player/event")
    return [record.event.scene for record in events if record.event.kind == "started"]


def synchrony(session: Path) -> list[dsp.Pooled]:
    """Synchrony at the end of every second."""
    states: list[StateRecord] = messages(session, "/audience/state")
    assert [record.state.tick for record in states] == list(range(len(states)))
    return [record.state.signals[-1] for record in states[9::10]]


def test_the_muse_audience_through_44_boards(example, tmp_path, twin, data_root):
    session = run_show(example("muse"), tmp_path, nothing)
    assert path_of(session) == ["lead_in", "pictures", "together", "chorus"]
    with np.load(data_root / "muse-audience" / "muse_audience_p300.npz") as file:
        samples = (file["eeg_uv_x10"] * np.float32(0.1)).astype(np.float32).transpose(2, 0, 1)
    component = twin.scaled(samples, 256.0)[..., [0, 3]].mean(axis=2)
    events: list[EventRecord] = messages(session, "/player/event")
    origin_ns = messages(session, "/configuration")[0].origin_ns
    for cut_ns in [r.event.hall_ns for r in events if r.event.kind == "started"]:
        # As in the hall, the two seconds after a cut count in no window.
        first = int((cut_ns - origin_ns) * 1e-8) * 256 // 10
        component[max(0, first) : first + 540] = np.nan
    want = offline_windows(component)
    got = np.array([pooled.raw for pooled in synchrony(session)[12 : 12 + len(want)]], float)
    assert len(got) == len(want) == 95
    np.testing.assert_allclose(got, want, rtol=0.1)
    assert got.mean() == pytest.approx(want.mean(), rel=0.1)
    result = replay(session)
    assert result.identical
    assert result.states_unrecorded == 0


def offline_windows(component: np.ndarray) -> np.ndarray:
    """ISC of every full 10 s window, hop 1 s; samples that are NaN count in none."""
    values = []
    for end in range(13, component.shape[0] // 256 + 1):
        y = component[(end - 10) * 256 : end * 256]
        y = y[~np.isnan(y).any(axis=1)]
        a, b = np.sum(y.sum(axis=1) ** 2), np.sum(y**2)
        values.append((a - b) / ((y.shape[1] - 1) * b))
    return np.array(values)


def test_rest_takes_the_default_and_reckoning_the_branch(example, tmp_path):
    session = run_show(example("arithmetic"), tmp_path, nothing)
    assert path_of(session) == ["rest", "still", "task", "solved"]
    decisions = [record.decision for record in messages(session, "/decision")]
    assert [(d.scene, d.by) for d in decisions] == [("still", "default"), ("task", "audience")]
    assert replay(session).identical


def test_one_cyton_is_no_audience(example, tmp_path):
    session = run_show(example("cyton"), tmp_path, nothing)
    assert path_of(session) == ["lead_in", "room", "door"]
    last: StateRecord = messages(session, "/audience/state")[-20]
    assert "1 valid seat" in last.state.signals[0].reason
    assert replay(session).identical


def test_a_seat_withdraws_and_a_source_fails_while_the_show_runs(
    tmp_path, short_film, sketch_clips
):
    """One headset's port does not exist: the others never notice, and the record says so."""
    (tmp_path / "film.yaml").write_text(short_film)
    sketch_clips(tmp_path / "film.yaml", (160, 96))
    path = tmp_path / "show.toml"
    path.write_text(SHORT_SHOW)
    done = []

    def withdraw(show: RunningShow, news: News) -> None:
        if not done and news.status is not None and news.status.hall_s > 5:
            places = Places(tmp_path / "run")
            done.append(set_consent(places, SeatRequest("A2", Consent.WITHDRAWN)))

    session = run_show(path, tmp_path, withdraw)
    assert [answer.accepted for answer in done] == [True]
    assert "seat C1" in messages(session, "/note")[0].text
    states: list[StateRecord] = messages(session, "/audience/state")
    flags = [dsp.Flag.NOT_ADMITTED in dsp.Flag(record.state.flags[1]) for record in states]
    assert not flags[0]
    assert flags[-1]
    assert flags == sorted(flags)
    assert path_of(session)[-1] == "gripped"
    assert replay(session).identical


SHORT_SHOW = """
film = "film.yaml"

[[sources]]
kind = "simulated"
seats = "A1..A16"
consent = "recorded"

[sources.responses]
question = 1.0

[[sources]]
kind = "brainflow"
board = "CYTON_BOARD"
seats = ["C1"]

[sources.params]
serial_port = "/dev/ttyNONE"
"""


def test_the_film_goes_on_when_the_engine_is_killed(
    tmp_path, short_film, sketch_clips, display, watched, monkeypatch
):
    """`kill -9` in the middle: codes continuous to an ending, another engine, one session."""
    monkeypatch.setenv("DISPLAY", display)
    monkeypatch.setenv("SDL_AUDIODRIVER", "dummy")
    (tmp_path / "film.yaml").write_text(short_film)
    sketch_clips(tmp_path / "film.yaml", (640, 360))
    path = tmp_path / "show.toml"
    path.write_text(SHORT_SHOW.split('[[sources]]\nkind = "brainflow"')[0])
    session = tmp_path / "session.mcap"
    places = Places.make(tmp_path / "run")
    show = load_show(path)
    running = RunningShow(show, places, session, tmp_path / "cache", "embedded")
    events, statuses = [], []
    with places.claim(), running:
        while not any(event.kind == "started" and event.visit == 1 for event in events):
            events += running.look().events
        with watched() as looks:
            middle_ns = time.monotonic_ns() + 8 * 10**9
            while time.monotonic_ns() < middle_ns:
                events += running.look().events
            os.kill(running.pid("engine"), signal.SIGKILL)
            killed = running.pid("engine")
            faults = []
            while time.monotonic_ns() < middle_ns + 18 * 10**9:
                news = running.look()
                events += news.events
                faults += news.faults
                statuses += [news.status] if news.status and faults else []
            assert running.pid("engine") != killed
        watch(running, lambda news: events.extend(news.events))
        outcome = running.seal()
    assert "put together" in outcome
    assert any("engine ended (killed by SIGKILL)" in fault for fault in faults)
    assert any(status.scene == "question" and status.preview for status in statuses)
    started = [(event.scene, event.by) for event in events if event.kind == "started"]
    assert started[:2] == [("lead_in", "operator"), ("question", "default")]
    assert started[2:] in ([("gripped", "engine")], [("calm", "engine")], [("calm", "default")])
    assert events[-1].kind == "ended"
    check_continuous([look.code for look in looks], show)
    assert [event for event in events if event.kind == "underflow"] == []
    assert is_sealed(session)
    assert replay(session).identical
    assert [c.term for c in messages(session, "/configuration")] == [1, 2]
    assert path_of(session) == [scene for scene, _ in started]


def check_continuous(codes: list[FrameCode | None], show: Show) -> None:
    """Every picture is the film's, no frame is left out, and a cut joins last and first frame."""
    assert None not in codes
    shown = [code for i, code in enumerate(codes) if i == 0 or code != codes[i - 1]]
    lengths = [entry.clip.frames for entry in show.table.scenes]
    assert list(dict.fromkeys(code.clip for code in shown))[-2:] in ([2, 5], [2, 3])
    breaks = [
        (a, b)
        for a, b in pairwise(shown)
        if (b.clip, b.frame) != (a.clip, a.frame + 1)
        and (a.frame, b.frame) != (lengths[a.clip - 1] - 1, 0)
    ]
    assert breaks == []
