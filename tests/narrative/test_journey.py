"""Journeys: read with every fault in its place, and walked through the real machine."""

from __future__ import annotations

import pytest

from narrative import Film, FilmError, load_film
from narrative._journey import load_journey, run_journey

TEXT = """\
title: {en: Test}
fps: 24
start: lead_in
max_runtime: 20 min
variables: {met_anna: false}
scenes:
  lead_in: {clip: l.mkv, length: 60 s, lead_in: true, default: harbour}
  harbour:
    clip: a.mkv
    length: 24 s
    reading: {from: 3 s, to: 21 s}
    branches:
      - {when: engagement > 0.7 and engagement.t > 3 for 5 s, to: storm, set: {met_anna: true}}
      - {when: synchrony > 3, to: waiting}
    default: calm
  storm:
    clip: b.mkv
    length: 24 s
    reading: {from: 3 s, to: 21 s}
    branches:
      - {when: engagement.trend > 0.1, to: chase}
      - {when: engagement.zone(left) < -0.5 for 5 s, to: harbour}
    default: waiting
  waiting:
    clip: w.mkv
    length: 12 s
    bumper: 3
    reading: {from: 3 s, to: 10 s}
    branches:
      - {when: synchrony > 3 for 5 s, to: chase}
    default: calm
  chase:
    threads: {anna: anna.mkv, ben: ben.mkv}
    length: 24 s
    cuts: {every: 6 s, branches: [{when: engagement.trend < 0, to: other}]}
    reading: {from: 6 s, to: 20 s}
    branches:
      - {when: engagement > 0.7 for 12 s, to: dawn}
    default: calm
  calm: {clip: c.mkv, length: 12 s, ending: true}
  dawn: {clip: d.mkv, length: 12 s, ending: true}
"""


@pytest.fixture(scope="module")
def travelled() -> Film:
    return load_film(TEXT, "film.yaml")


def _run(film: Film, text: str) -> list[str]:
    lengths = {name: scene.length_s or 0.0 for name, scene in film.scenes.items()}
    journey = load_journey(text, "brave.yaml", film)
    return [str(problem) for problem in run_journey(film, journey, lengths)]


@pytest.mark.parametrize(
    "steps",
    [
        "[{in: lead_in, to: harbour}, {in: harbour, to: calm}]",
        "[{in: harbour, shows: {engagement: 0.9, synchrony: unknown}, to: storm}]",
        "[{in: harbour, shows: {synchrony: 4}, to: waiting}]",
        "[{in: harbour, shows: {engagement: 0.9, synchrony: 4}, hold: true, to: calm}]",
        "[{in: harbour, take: waiting}, {in: waiting, shows: {synchrony: 4}, to: chase}]",
        "[{in: harbour, take: storm}, {in: waiting, to: calm}]",  # three rounds, then the default
        "[{in: harbour, take: waiting}, {in: waiting.3, shows: {synchrony: 4}, to: chase}]",
        "[{in: harbour, take: storm},"
        " {in: storm, shows: {engagement.zone(left): -1}, to: harbour}]",
        "[{in: harbour, take: storm}, {in: storm, shows: {engagement.trend: 0.2}, to: chase},"
        " {in: chase, shows: {engagement: 0.9}, to: dawn}]",
        "[{in: harbour, take: storm}, {in: storm, take: chase},"
        " {in: chase.anna.1, shows: {engagement.trend: -1}, to: chase.ben.2},"
        " {in: chase.ben.2, to: chase.ben.3}, {in: chase.ben.4, take: dawn}]",
        "[{in: harbour, take: storm}, {in: storm, take: chase}, {in: chase, take: dawn}]",
        "[{in: calm}]",
    ],
)
def test_a_journey_that_holds(travelled: Film, steps: str) -> None:
    assert _run(travelled, f"steps: {steps}") == []


def test_the_ending_is_held_to(travelled: Film) -> None:
    steps = "title: Calm\nsteps: [{in: harbour, take: waiting}]\n"
    assert _run(travelled, f"{steps}ends: calm") == []
    [problem] = _run(travelled, f"{steps}ends: dawn")
    assert problem.startswith("brave.yaml:3:7: the film does not end with dawn: ")
    assert "waiting.3 -> calm" in problem
    assert "synchrony > 3 unknown: no reading" in problem


@pytest.mark.parametrize(
    ("steps", "problem"),
    [
        (
            "- {in: harbour, shows: {engagement: 0.5}, to: storm}",
            "brave.yaml:2:3: step 1: harbour should lead to storm, and led to calm (calm by"
            " default: not storm (engagement 0.5 is not > 0.7, held 0 s of 5 s); not waiting"
            " (synchrony > 3 unknown: no reading)).",
        ),
        (
            "- {in: lead_in}\n- {in: chase, to: dawn}",
            "brave.yaml:3:3: step 2: the film does not come to chase: lead_in -> harbour -> calm",
        ),
        ("- {in: harbour, take: dawn}", "brave.yaml:2:3: step 1: no branch of harbour leads to"),
        ("- {in: calm, to: dawn}", "brave.yaml:2:3: step 1: calm is an ending"),
    ],
)
def test_a_journey_that_no_longer_holds(travelled: Film, steps: str, problem: str) -> None:
    [found] = _run(travelled, f"steps:\n{steps}")
    assert found.startswith(problem)


@pytest.mark.parametrize(
    ("text", "place", "what"),
    [
        ("title: A", "1:1", 'has no "steps"'),
        ("steps: []", "1:8", "no steps"),
        ("steps: [{to: calm}]", "1:9", 'has no "in"'),
        ("steps: [{in: harbor}]", "1:14", "no scene"),
        ("steps: [{in: harbour, shows: {engagemnt: 1}}]", "1:31", "no signal"),
        ("steps: [{in: harbour, shows: {engagement: high}}]", "1:43", "no number"),
        ("steps: [{in: harbour, shows: 3}]", "1:30", "no mapping"),
        ("steps: [{in: harbour, hold: maybe}]", "1:29", "maybe"),
        ("seed: -1\nsteps: [{in: harbour}]", "1:7", "seed"),
        ("steps: [{in: harbour, went: calm}]", "1:23", "went"),
        ("ends: nowhere\nsteps: [{in: harbour}]", "1:7", "no scene"),
        ("steps: [", "2:1", "YAML"),
    ],
)
def test_faults_are_located(travelled: Film, text: str, place: str, what: str) -> None:
    with pytest.raises(FilmError) as caught:
        load_journey(text, "brave.yaml", travelled)
    [problem] = caught.value.problems
    assert problem.where == f"brave.yaml:{place}"
    assert what in f"{problem.what} {problem.remedy}"
