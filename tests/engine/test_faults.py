"""One real show in which one part after another is killed, seen on a screen."""

import os
import signal
import socket
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from engine.config import load_show
from engine.console import read_address
from engine.places import Places
from engine.replay import replay
from engine.session import decode, is_whole, read
from engine.status import Status
from engine.supervisor import News, RunningShow

pytestmark = pytest.mark.full

FILM = """
title: {en: Faults}
fps: 24
start: opening
max_runtime: 10 min
scenes:
  opening: {clip: opening.mkv, length: 2 s, default: question}
  question:
    clip: question.mkv
    length: 60 s
    reading: {from: 3 s, to: 58 s}
    branches:
      - {when: synchrony > 3 for 2 s, to: together}
    default: calm
  together: {clip: together.mkv, length: 3 s, ending: true}
  calm: {clip: calm.mkv, length: 3 s, ending: true}
"""
SHOW = """
film = "film.yaml"

[[sources]]
kind = "simulated"
seats = "A1..A16"
consent = "recorded"
"""
FRAME_NS = 10**9 // 24
DEADLINE_S = 60.0
SILENT_NS = 10**9
MOST_UNSEEN = 0.005
"""Share of the film's frames that may have been too short for a look at them."""


class Booth:
    """A running show, looked at until something has come about."""

    def __init__(self, running: RunningShow, places: Places) -> None:
        self._running = running
        self._places = places
        self.events = []
        self.faults = []

    def until(self, what: Callable[[News], bool]) -> None:
        """Look until it is so."""
        deadline = time.monotonic() + DEADLINE_S
        while True:
            news = self._running.look()
            self.events += news.events
            self.faults += news.faults
            if what(news):
                return
            assert not news.over, "the film ended meanwhile"
            assert time.monotonic() < deadline, "it did not come about"

    def signal(self, part: str, number: signal.Signals) -> None:
        os.kill(self._running.pid(part), number)

    def kill(self, part: str) -> None:
        """Kill a part; comes back when another has taken its place."""
        killed = self._running.pid(part)
        os.kill(killed, signal.SIGKILL)
        self.until(lambda news: self._running.pid(part) != killed)

    def kill_engine(self) -> None:
        before = self._places.newest_term()
        self.kill("engine")
        self.until(lambda news: self._places.newest_term() > before)
        self.until(directs)

    def stop_engine(self) -> None:
        self.signal("engine", signal.SIGSTOP)
        silent_since = time.monotonic_ns()

        def is_silent(news: News) -> bool:
            nonlocal silent_since
            silent_since = time.monotonic_ns() if news.status else silent_since
            return time.monotonic_ns() - silent_since > SILENT_NS

        self.until(is_silent)
        self.signal("engine", signal.SIGCONT)
        self.until(directs)

    def kill_worker(self) -> None:
        self.kill("worker-0")
        self.until(lambda news: news.status is not None and silence_s(news.status) > 0.5)
        self.until(lambda news: news.status is not None and silence_s(news.status) < 0.3)

    def kill_console(self) -> None:
        self.until(lambda news: is_served(self._places))
        self.kill("console")
        self.until(lambda news: is_served(self._places))

    def kill_player(self) -> None:
        self.kill("player")
        self.until(lambda news: any(event.kind == "resumed" for event in news.events))
        self.until(directs)


def directs(news: News) -> bool:
    """An engine says which scene it directs."""
    return news.status is not None and news.status.scene == "question"


def silence_s(status: Status) -> float:
    return max(seat.silent_s for seat in status.seats)


def is_served(places: Places) -> bool:
    """The console's page can be had."""
    address = urlsplit(read_address(places) or "")
    try:
        socket.create_connection((address.hostname, address.port or 0), 1.0).close()
    except OSError:
        return False
    return True


def test_every_part_is_killed_and_the_film_goes_on(
    tmp_path, sketch_clips, display, watched, monkeypatch
):
    monkeypatch.setenv("DISPLAY", display)
    monkeypatch.setenv("SDL_AUDIODRIVER", "dummy")
    (tmp_path / "film.yaml").write_text(FILM)
    sketch_clips(tmp_path / "film.yaml", (640, 360))
    (tmp_path / "show.toml").write_text(SHOW)
    show = load_show(tmp_path / "show.toml")
    places = Places.make(tmp_path / "run")
    session = tmp_path / "session.mcap"
    running = RunningShow(show, places, session, tmp_path / "cache", "embedded", with_console=True)
    booth = Booth(running, places)
    with places.claim(), running:
        booth.until(directs)
        # A console that starts takes a core for seconds.
        booth.until(lambda news: is_served(places))
        with watched() as looks:
            booth.kill_engine()
            booth.stop_engine()
            booth.kill_worker()
            booth.kill_console()
            booth.kill_player()
            booth.until(lambda news: any(event.kind == "ended" for event in news.events))
        booth.until(lambda news: news.over)
        running.seal()
    assert [fault.split()[0] for fault in booth.faults] == [
        "engine", "worker-0", "console", "player",
    ]  # fmt: skip
    held_up = any(event.kind == "underflow" for event in booth.events)
    check_screen(looks, [scene.clip.frames for scene in show.table.scenes], held_up)
    assert is_whole(session, places.folder)
    assert replay(session).identical
    check_record(session)


def check_screen(looks, lengths: list[int], held_up: bool) -> None:
    """Never dark; the film in order to its end, and none of it lost across the slate."""
    last = max(number for number, look in enumerate(looks) if look.code)
    looks = looks[: last + 1]
    assert [look.at_ns for look in looks if not look.code and not look.slate] == []
    slate = [number for number, look in enumerate(looks) if look.slate]
    assert slate == list(range(slate[0], slate[-1] + 1)), "the slate was up more than once"
    before = next(look.code for look in reversed(looks[: slate[0]]) if look.code)
    after = next(look.code for look in looks[slate[-1] :] if look.code)
    assert after.clip == before.clip
    assert after.frame - before.frame in (0, 1)
    seen = [look.code for look in looks if look.code]
    steps = [(a, b) for a, b in pairwise(seen) if a != b]
    back = [(a, b) for a, b in steps if (b.clip, b.frame) < (a.clip, a.frame)]
    assert back == []
    # A machine too busy to look at every frame, or to show it, says nothing of the film; one that
    # is busy for a moment shows two frames between two looks.
    if not held_up and max(b.at_ns - a.at_ns for a, b in pairwise(looks)) < FRAME_NS:
        lengths_seen = sum(lengths[clip - 1] for clip in {code.clip for code in seen})
        unseen = lengths_seen - seen[0].frame - len(set(seen))
        assert 0 <= unseen < MOST_UNSEEN * lengths_seen


def check_record(session: Path) -> None:
    """Two engines' parts; what was lost is the worker's, and said."""
    notes = [decode(topic, data) for topic, _, data in read(session) if topic == "/note"]
    lost = [note.text for note in notes if note.level == "loss"]
    assert len(lost) == 1
    assert "was started again" in lost[0]
    terms = [decode(t, data).term for t, _, data in read(session) if t == "/configuration"]
    assert terms == [1, 2]
