"""The machine's state as it lies in the checkpoint: plain at any moment, and goes on from there."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from narrative import (
    Film,
    MachineState,
    Reading,
    begin,
    choose,
    commit,
    decide,
    enter,
    load_film,
    observe,
    preview,
)

FILM = """\
title: {en: Everything}
fps: 24
start: harbour
max_runtime: 2 min
variables: {met_anna: false, courage: {start: 1, most: 3}}
scenes:
  harbour:
    clip: a.mkv
    length: 24 s
    reading: {from: 3 s, to: 21 s}
    branches:
      - {when: synchrony > 3 and chance(0.5) for 2 s, to: chase, set: {courage: +1}}
      - when: (synchrony.zone(left) > 0.4 for 2 s) and not met_anna or visits(chase) > 1
        to: waiting
        set: {met_anna: true}
    default: waiting
  waiting:
    clip: w.mkv
    length: 12 s
    bumper: 2
    reading: {from: 3 s, to: 10 s}
    branches: [{when: courage >= 2 and elapsed > 40 s, to: harbour}]
    default: chase
  chase:
    threads: {anna: anna.mkv, ben: ben.mkv}
    length: 24 s
    cuts: {every: 6 s, branches: [{when: synchrony.trend < 0 for 3 s, to: other}]}
    reading: {from: 6 s, to: 20 s}
    branches: [{when: synchrony > 3 for 8 s, to: harbour}]
    default: calm
  calm: {clip: d.mkv, length: 12 s, ending: true}
"""

NUMBERS = st.sampled_from([None, -1.0, 0.5, 4.0, 4.0, float("nan")])
READINGS = st.dictionaries(
    st.sampled_from(["synchrony", "synchrony.zone(left)"]),
    st.builds(
        Reading, NUMBERS, st.sampled_from([None, 0.6, 0.99, 0.99]), NUMBERS, st.just(9),
        st.just("gone"), NUMBERS,
    ),
)  # fmt: skip
TICKS = st.lists(st.tuples(st.floats(0.0, 24.0), READINGS), max_size=12).map(
    lambda ticks: sorted(ticks, key=lambda tick: tick[0])
)


@pytest.fixture(scope="module")
def everything() -> Film:
    return load_film(FILM, "film.yaml")


def _again(state: MachineState) -> MachineState:
    """Write the state down and read it."""
    return msgspec.json.decode(msgspec.json.encode(state), type=MachineState)


@settings(deadline=None)
@given(
    st.integers(0, 9), st.lists(TICKS, min_size=1, max_size=8), st.randoms(use_true_random=False)
)
def test_what_was_written_down_goes_on_alike(
    everything: Film, seed: int, shown: list[list[tuple[float, Any]]], rng: Any
) -> None:
    state, copy = begin(everything, seed), _again(begin(everything, seed))
    scene, film_time_s = everything.start, 0.0
    for visit, ticks in enumerate(shown):
        state = enter(everything, state, visit, scene, film_time_s)
        copy = _again(enter(everything, copy, visit, scene, film_time_s))
        for tick in ticks:
            state, copy = observe(everything, state, [tick]), observe(everything, copy, [tick])
            copy = _again(copy) if rng.random() < 0.5 else copy
            assert msgspec.json.encode(copy) == msgspec.json.encode(state)
            assert preview(everything, copy) == preview(everything, state)
        if everything.scenes[scene].default is None:
            break
        _, branch = choose(everything, state, 5.0)
        decision = decide(everything, _again(copy), 5.0)
        assert decision == decide(everything, state, 5.0)
        state, copy = commit(everything, state, branch), _again(commit(everything, copy, branch))
        scene, film_time_s = decision.to, film_time_s + (everything.scenes[scene].length_s or 0)
    assert copy == state
