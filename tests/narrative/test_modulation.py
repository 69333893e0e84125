"""What signals drive: on a line, within its ends, no faster than it may, and back to rest."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from narrative import Film, Reading, load_film
from narrative._modulation import Modulations, modulate

TEXT = """\
title: {en: Test}
fps: 24
start: storm
max_runtime: 5 min
scenes:
  storm:
    clip: a.mkv
    length: 24 s
    modulations:
      - {signal: synchrony, from: [-1, 1], drives: gain, to: [-6, 0], slew: 2, rest: -3}
      - {signal: synchrony.zone(left).trend, from: [1, -1], drives: filter, to: [200, 8000],
         slew: 1000, rest: 8000}
    default: calm
  calm: {clip: b.mkv, length: 12 s, ending: true}
"""


@pytest.fixture(scope="module")
def modulated() -> Film:
    return load_film(TEXT, "film.yaml")


def _reading(value: float | None, trend: float | None = None) -> Reading:
    return Reading(value, 0.5, 1.0, 20, "", trend)


def test_a_reading_is_followed_no_faster_than_the_slew(modulated: Film) -> None:
    state, gains = Modulations(), []
    for _ in range(30):
        state = modulate(modulated, state, "storm", {"synchrony": _reading(0.5)}, 0.1)
        gains.append(state.values[0])
    assert gains[:3] == pytest.approx([-2.8, -2.6, -2.4])
    assert gains[-1] == -1.5  # three quarters of the way from -6 to 0


def test_what_is_unknown_drives_to_rest(modulated: Film) -> None:
    state = Modulations("storm", (0.0, 200.0))
    for reading in (None, _reading(None), _reading(float("nan"))):
        heard = {"synchrony": reading} if reading else {}
        moved = modulate(modulated, state, "storm", heard, 1.0)
        assert moved.values == (-2.0, 1200.0)
    assert modulate(modulated, state, "storm", {}, 100.0).values == (-3.0, 8000.0)


def test_a_zone_and_a_trend_drive_too(modulated: Film) -> None:
    state = Modulations("storm", (-3.0, 8000.0))
    heard = {"synchrony.zone(left)": _reading(0.0, trend=1.0), "synchrony": _reading(None)}
    assert modulate(modulated, state, "storm", heard, 100.0).values == (-3.0, 200.0)


def test_a_scene_begins_at_rest(modulated: Film) -> None:
    state = Modulations("storm", (0.0, 200.0))
    left = modulate(modulated, state, "calm", {}, 0.1)
    assert left == Modulations("calm", ())
    assert modulate(modulated, left, "storm", {}, 0.1).values == (-3.0, 8000.0)


@given(st.lists(st.tuples(st.none() | st.floats(), st.floats(0.0, 10.0)), max_size=20))
def test_values_stay_between_the_ends_and_move_no_faster(
    modulated: Film, heard: list[tuple[float | None, float]]
) -> None:
    state = modulate(modulated, Modulations(), "storm", {}, 0.0)
    shown = [(state.values[0], 0.0)]
    for value, dt_s in heard:
        state = modulate(modulated, state, "storm", {"synchrony": _reading(value)}, dt_s)
        shown.append((state.values[0], dt_s))
    assert all(-6.0 <= gain <= 0.0 for gain, _ in shown)
    assert all(abs(b - a) <= 2 * dt_s + 1e-9 for (a, _), (b, dt_s) in pairwise(shown))
