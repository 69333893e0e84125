"""How often a film asks, and what that asks of its readings."""

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from narrative import Film, decision_points, load_film, over_film

HEAD = """
title: {{en: Points}}
fps: 24
start: a
max_runtime: {longest}
scenes:
"""


def scene(name: str, default: str, *branches: str, length_s: float = 10, from_s: float = 2) -> str:
    text = f"  {name}: {{clip: {name}.mkv, length: {length_s:g} s, default: {default}"
    if branches:
        listed = ", ".join(f"{{when: synchrony > 3, to: {to}}}" for to in branches)
        window = f"{{from: {from_s:g} s, to: {length_s - 1:g} s}}"
        text += f", reading: {window}, branches: [{listed}]"
    return text + "}\n"


def film_of(*scenes: str, longest: str = "10 min") -> Film:
    end = "  end: {clip: end.mkv, length: 1 s, ending: true}\n"
    return load_film(HEAD.format(longest=longest) + "".join(scenes) + end, "film.yaml")


def points(film: Film) -> int:
    return decision_points(film, {s.name: s.length_s or 0.0 for s in film.scenes.values()})


def counts(film: Film, name: str, at_s: float = 0.0) -> Iterator[int]:
    """Every path's number of decision points, one path after the other."""
    here = film.scenes[name]
    asks = here.reading is not None and at_s + here.reading.from_s < film.max_runtime_s
    left_s = at_s + (here.length_s or 0.0)
    targets = here.candidates if asks or not here.default else (here.default,)
    if not targets:
        yield 0
    for target in targets:
        for count in counts(film, target, left_s):
            yield count + asks


def test_a_film_that_never_asks_has_none() -> None:
    assert points(film_of(scene("a", "end"))) == 0


def test_the_longest_path_counts_not_the_film() -> None:
    """Five scenes ask; no path passes more than three of them."""
    film = film_of(
        scene("a", "b", "c"),
        scene("b", "quiet", "d"),
        scene("c", "end", "end"),
        scene("quiet", "e"),
        scene("d", "end", "end"),
        scene("e", "end", "end"),
    )
    assert points(film) == 3 == max(counts(film, "a"))


def test_a_loop_counts_as_often_as_the_film_has_time_for() -> None:
    """The loop asks every 10 s, with a window that opens 2 s into it."""
    loop = scene("a", "end", "a")
    assert points(film_of(loop, longest="12 s")) == 1
    assert points(film_of(loop, longest="12.1 s")) == 2
    assert points(film_of(loop, longest="10 min")) == 60
    assert points(film_of(loop, longest="999999999 min")) == 10_000


def test_the_quicker_way_round_counts() -> None:
    long_way = scene("a", "slow", "quick", length_s=10), scene("slow", "a2", length_s=100)
    film = film_of(
        *long_way, scene("quick", "a2"), scene("a2", "end", "a", length_s=10), longest="60 s"
    )
    # a, quick, a2 take 30 s, and the windows open at 2, 22, 32 and 52 s.
    assert points(film) == 4 == max(counts(film, "a"))


def test_cuts_between_threads_are_no_decision_points() -> None:
    """The scene asks once, at its end; ten cuts before choose the picture only."""
    chase = (
        "  a: {threads: {anna: a.mkv, ben: b.mkv}, length: 60 s, default: b,"
        " cuts: {every: 6 s, branches: [{when: synchrony < 1, to: other}]},"
        " reading: {from: 20 s, to: 58 s}, branches: [{when: synchrony > 3, to: end}]}\n"
    )
    film = film_of(chase, scene("b", "end", "end"))
    assert sum(bool(s.branches) for s in film.scenes.values()) > 10
    assert points(film) == 2


def test_a_scene_that_only_cuts_is_none() -> None:
    chase = (
        "  a: {threads: {anna: a.mkv, ben: b.mkv}, length: 60 s, default: b,"
        " cuts: {every: 6 s, branches: [{when: synchrony < 1, to: other}]}}\n"
    )
    assert points(film_of(chase, scene("b", "end", "end"))) == 1


def test_a_loop_that_waits_asks_in_every_round() -> None:
    film = film_of(scene("a", "end", "end").replace("{clip", "{bumper: 4, clip"))
    assert points(film) == 4


NAMES = "abcdef"


@given(
    st.lists(
        st.tuples(
            st.lists(st.sampled_from([*NAMES, "end"]), max_size=2), st.sampled_from([5, 8, 20])
        ),
        min_size=len(NAMES),
        max_size=len(NAMES),
    )
)
def test_any_film_against_every_path(wanted: list[tuple[list[str], int]]) -> None:
    """Defaults go on to the next scene; branches go anywhere, back too."""
    following = dict(zip(NAMES, [*NAMES[1:], "end"], strict=True))
    film = film_of(
        *(
            scene(name, following[name], *branches, length_s=length_s)
            for name, (branches, length_s) in zip(NAMES, wanted, strict=True)
        ),
        longest="40 s",
    )
    assert points(film) == max(counts(film, "a"))


@pytest.mark.parametrize(
    ("confidence", "over", "corrected"),
    [(0.99, 1, 0.99), (0.99, 4, 0.96), (0.9, 20, 0.0), (1.0, 60, 1.0), (0.995, 0, 0.995)],
)
def test_confidence_over_a_film(confidence: float, over: int, corrected: float) -> None:
    assert over_film(confidence, over) == pytest.approx(corrected)
