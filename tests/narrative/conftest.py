"""A small film, and readings to steer it."""

from collections.abc import Callable

import pytest

from narrative import Film, Machine, Reading, load_film

FILM = """\
title: {en: Test, zh-Hant: 測試}
fps: 24
start: lead_in
max_runtime: 5 min
scenes:
  lead_in:
    clip: clips/lead_in.mkv
    length: 60 s
    lead_in: true
    default: harbour
  harbour:
    clip: clips/harbour.mkv
    length: 24 s
    reading: {from: 3 s, to: 21 s}
    branches:
      - when: engagement > 0.4 for 5 s
        to: storm
      - when: synchrony > 3
        to: harbour
    default: calm
  storm: {clip: clips/storm.mkv, length: 12 s, ending: true}
  calm: {clip: clips/calm.mkv, length: 12 s, ending: true}
"""


@pytest.fixture(scope="session")
def film_text() -> str:
    return FILM


@pytest.fixture(scope="session")
def film() -> Film:
    return load_film(FILM, "film.yaml")


@pytest.fixture
def harbour(film: Film) -> Machine:
    """A machine that has just entered the harbour."""
    machine = Machine(film)
    machine.enter(0, "lead_in", 0.0)
    machine.enter(1, "harbour", 60.0)
    return machine


@pytest.fixture(scope="session")
def reading() -> Callable[..., Reading]:
    def make(
        value: float | None, confidence: float | None = 0.999, t: float | None = 4.0
    ) -> Reading:
        return Reading(value, confidence, t, seats=20, reason="" if value is not None else "gone")

    return make
