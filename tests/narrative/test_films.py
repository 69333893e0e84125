"""The films that come with the hall."""

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import pytest

from narrative import (
    Film,
    Media,
    Reading,
    begin,
    check_film,
    choose,
    commit,
    enter,
    load_film,
    observe,
)

ROOT = Path(__file__).parents[2]
DEMO = "engine/demo/film.yaml"
FILMS = [DEMO, *(f"examples/films/{name}.yaml" for name in ("muse", "arithmetic", "cyton"))]


def _film(path: str) -> Film:
    return load_film((ROOT / path).read_text(encoding="utf-8"), Path(path).name)


def _lengths(film: Film, scene: str, past_s: float = 0.0) -> Iterator[float]:
    """Yield the running time of every way through a film, in seconds."""
    past_s += film.scenes[scene].length_s or 0.0
    if film.scenes[scene].ending:
        yield past_s
    for candidate in film.scenes[scene].candidates:
        yield from _lengths(film, candidate, past_s)


def _path(
    film: Film, readings: dict[str, Reading], deaf: frozenset[str] = frozenset()
) -> list[str]:
    """Run the film with the same readings at every tick, none in the `deaf` scenes."""
    scene, film_time_s, path = film.start, 0.0, [film.start]
    state = enter(film, begin(film), 0, scene, 0.0)
    while not film.scenes[scene].ending:
        length_s = film.scenes[scene].length_s or 0.0
        heard = {} if scene in deaf else readings
        state = observe(film, state, [(tick / 10, heard) for tick in range(round(length_s * 10))])
        _, branch = choose(film, state, length_s)
        running = film.scenes[scene]
        scene = running.default if branch is None else running.branches[branch].to
        film_time_s += length_s
        state = enter(film, commit(film, state, branch), len(path), scene, film_time_s)
        path.append(scene)
    return path


def _sure(value: float) -> Reading:
    return Reading(value, 0.999, 8.0 if value > 0 else -8.0, 32, "")


@pytest.mark.parametrize("path", FILMS)
def test_loads_checks_and_is_titled_in_two_languages(path: str) -> None:
    film = _film(path)
    media: dict[str, Media | str] = {
        scene.clip: Media(
            round(film.fps * Fraction(scene.length_s or 0)), film.fps, 640, 360, 48000
        )
        for scene in film.scenes.values()
    }
    assert [problem for problem in check_film(film, media) if problem.severity == "error"] == []
    assert len(media) == len(film.scenes)
    for title in (film.title, *(scene.title for scene in film.scenes.values())):
        assert set(title) == {"en", "zh-Hant"}


def test_the_demo_has_a_dozen_scenes_and_three_endings() -> None:
    film = _film(DEMO)
    assert len(film.scenes) == 12
    assert sum(scene.ending for scene in film.scenes.values()) == 3
    lengths = list(_lengths(film, film.start))
    assert (min(lengths), max(lengths)) == (138.0, 162.0)
    assert film.max_runtime_s > max(lengths)
    for scene in film.scenes.values():
        assert scene.clip == f"clips/{scene.name}.mkv"
        assert scene.reading is None or scene.reading.length_s >= 12.0


def test_the_demo_answers_to_its_audience() -> None:
    film = _film(DEMO)
    assert _path(film, {}) == ["lead_in", "harbour", "calm", "forest", "night", "dawn"]
    engaged = _path(film, {"engagement": _sure(0.8)})
    assert engaged == ["lead_in", "harbour", "storm", "cave", "summit", "dawn"]
    bored = _path(film, {"engagement": _sure(-0.8)})
    assert bored == ["lead_in", "harbour", "calm", "forest", "embers"]
    in_step = _path(film, {"synchrony": _sure(6.0)})
    assert in_step == ["lead_in", "harbour", "lighthouse", "summit", "stars"]


def test_muse_follows_synchrony_over_its_whole_recording() -> None:
    film = _film("examples/films/muse.yaml")
    assert film.signals == {"synchrony"}
    in_step = _path(film, {"synchrony": _sure(9.0)})
    assert in_step == ["lead_in", "pictures", "together", "chorus"]
    assert _path(film, {}) == ["lead_in", "pictures", "apart"]
    assert max(_lengths(film, film.start)) == 108.0


def test_arithmetic_waits_for_the_task() -> None:
    film = _film("examples/films/arithmetic.yaml")
    working = {"engagement": _sure(0.9)}
    resting = frozenset({"rest", "still"})
    assert _path(film, working, resting) == ["rest", "still", "task", "solved"]
    assert _path(film, {}) == ["rest", "still", "task", "unsolved"]
    assert _path(film, working) == ["rest", "still", "restless", "unsolved"]
    starts = [film.scenes[name].length_s for name in ("rest", "still", "task")]
    assert starts == [61.0, 61.0, 58.0]


def test_cyton_fits_its_recording() -> None:
    film = _film("examples/films/cyton.yaml")
    assert set(_lengths(film, film.start)) == {85.0}
    alone = {"engagement": Reading(None, None, None, 1, "1 valid seat of 8")}
    assert _path(film, alone) == ["lead_in", "room", "door"]
