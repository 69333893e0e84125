"""A show on paper, and what engine and player might say about it."""

from collections.abc import Callable
from pathlib import Path

import pytest

import dsp
import narrative
from engine.config import Show, planned_table
from engine.console._state import State
from engine.console._view import titles
from engine.console._words import Words
from engine.status import SeatStatus, Status
from narrative import Decision, GuardReport, Term
from playback import PlayerEvent

FILM = """
title: {en: Short, zh-Hant: 短片}
fps: 24
start: lead_in
max_runtime: 10 min
scenes:
  lead_in: {clip: a.mkv, length: 60 s, lead_in: true, default: question, title: {zh-Hant: 前奏}}
  question:
    title: {en: The question, zh-Hant: 提問}
    clip: b.mkv
    length: 24 s
    reading: {from: 3 s, to: 22 s}
    branches:
      - {when: engagement > 0.4 and engagement.t > 3 for 5 s, to: gripped}
      - {when: synchrony > 3 for 5 s, to: together}
    default: calm
  gripped: {title: {en: Gripped, zh-Hant: 入迷}, clip: c.mkv, length: 4 s, ending: true}
  together: {clip: d.mkv, length: 4 s, ending: true}
  calm: {title: {en: Calm, zh-Hant: 平靜}, clip: e.mkv, length: 4 s, ending: true}
"""

NS = 1_000_000_000


@pytest.fixture(scope="session")
def show() -> Show:
    """A short film's show; its clips need not exist."""
    film = narrative.load_film(FILM, "film.yaml")
    return Show(
        path=Path("show.toml"),
        title="Short",
        driver="silent",
        film_path=Path("film.yaml"),
        film_text=FILM,
        film=film,
        film_sha256="",
        table=planned_table(film),
        sources=(),
        settings=dsp.Settings(),
    )


@pytest.fixture
def state(show: Show) -> State:
    """Nothing heard yet."""
    return State(show, born_ns=0)


@pytest.fixture(params=["en", "zh-Hant"])
def say(request: pytest.FixtureRequest, show: Show) -> Words:
    """Each language in turn."""
    return Words(request.param, titles(show, request.param))


@pytest.fixture
def english(show: Show) -> Words:
    return Words("en", titles(show, "en"))


@pytest.fixture
def chinese(show: Show) -> Words:
    return Words("zh-Hant", titles(show, "zh-Hant"))


@pytest.fixture
def event() -> Callable[..., PlayerEvent]:
    """What the player says; of the scene `question` in visit 1 unless told otherwise."""

    def make(
        kind: str,
        at_s: float = 0.0,
        scene: str = "question",
        visit: int = 1,
        frame: int = 0,
        by: str = "",
        detail: str = "",
    ) -> PlayerEvent:
        return PlayerEvent(kind, round(at_s * NS), visit, scene, frame, by, 1, detail)

    return make


@pytest.fixture
def decision() -> Callable[..., Decision]:
    """A decision of the engine about the question."""

    def make(to: str = "gripped", branch: int | None = 0, by: str = "audience") -> Decision:
        verdict = "true" if branch == 0 else "false"
        terms = (
            Term("engagement > 0.4", 0.75, 0.999, verdict, ""),
            Term("engagement.t > 3", None, None, "unknown", "4 valid seats, 8 needed"),
        )
        first = GuardReport(
            "engagement > 0.4 and engagement.t > 3 for 5 s", "gripped", verdict, 5.1, 5.0, terms
        )
        second = GuardReport(
            "synchrony > 3 for 5 s",
            "together",
            "false",
            0.0,
            5.0,
            (Term("synchrony > 3", 1.5, 0.9, "false", ""),),
        )
        return Decision(1, "question", to, branch, by, 22.0, (first, second), (), "")

    return make


@pytest.fixture
def status() -> Callable[..., Status]:
    """What the engine says; four good seats and known signals unless told otherwise."""

    def make(hall_s: float = 0.0, value: float | None = 1.0, reason: str = "", **more: object):
        signals = tuple(
            dsp.Pooled(name, value, None if value is None else 0.25, 4.0, 0.99, 12, reason=reason)
            for name in dsp.SIGNALS
        )
        seats = tuple(SeatStatus(f"A{n}", "research", 0, 0.0) for n in range(1, 5))
        shown = {"signals": signals, "seats": seats, **more}
        return Status("Short", "running", hall_s=hall_s, **shown)

    return make
