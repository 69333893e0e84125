"""The generated film has the size and shape it is said to have, whatever its seed."""

from collections.abc import Mapping

import pytest

from benchmarks._large_film import CHOICES, EDGES, ENDINGS, FLAGS, IN_LOOP, SEGMENTS, large_film
from narrative import Film, load_film


@pytest.fixture(scope="module", params=[1, 2, 7])
def film(request) -> Film:
    return load_film(large_film(request.param), "film.yaml")


def reached(start: str, following: Mapping[str, list[str]]) -> set[str]:
    found, frontier = set(), [start]
    while frontier:
        name = frontier.pop()
        if name not in found:
            found.add(name)
            frontier.extend(following[name])
    return found


def test_its_counts_are_those_of_the_largest_known_film(film: Film) -> None:
    scenes = film.scenes.values()
    assert len(scenes) == SEGMENTS + ENDINGS
    assert sum(scene.ending for scene in scenes) == ENDINGS
    assert sum(len(s.branches) + (s.default is not None) for s in scenes) == EDGES
    assert sum(any(b.when.signals for b in s.branches) for s in scenes) == CHOICES
    assert len(film.variables) == FLAGS
    assert {s.variable for scene in scenes for s in scene.sets} == set(film.variables)


def test_most_of_it_is_one_loop(film: Film) -> None:
    following = {name: list(scene.candidates) for name, scene in film.scenes.items()}
    before: dict[str, list[str]] = {name: [] for name in following}
    for name, targets in following.items():
        for target in targets:
            before[target].append(name)
    assert len(reached("s1", following) & reached("s1", before)) == IN_LOOP


def test_every_window_ends_with_its_segment_but_for_the_notice(film: Film) -> None:
    for scene in film.scenes.values():
        if scene.reading is not None:
            assert scene.length_s is not None
            assert scene.reading.to_s == pytest.approx(scene.length_s - 1)


def test_equal_seeds_give_equal_films() -> None:
    assert large_film(3) == large_film(3) != large_film(4)
