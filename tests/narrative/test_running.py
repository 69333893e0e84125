"""How long films last, against every path."""

from collections.abc import Iterator
from fractions import Fraction

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from benchmarks._large_film import large_film
from narrative import Film, Media, load_film, planned_lengths, running_time

HEAD = "title: {{en: Running}}\nfps: 24\nstart: a\nmax_runtime: {longest}\nscenes:\n"


def scene(name: str, default: str, *branches: str, length_s: float = 10) -> str:
    text = f"  {name}: {{clip: {name}.mkv, length: {length_s:g} s, default: {default}"
    if branches:
        listed = ", ".join(f"{{when: synchrony > 3, to: {to}}}" for to in branches)
        text += f", reading: {{from: 2 s, to: {length_s - 1:g} s}}, branches: [{listed}]"
    return text + "}\n"


def film_of(*scenes: str, longest: str = "10 min") -> Film:
    end = "  end: {clip: end.mkv, length: 1 s, ending: true}\n"
    return load_film(HEAD.format(longest=longest) + "".join(scenes) + end, "film.yaml")


def paths(film: Film, name: str, at_s: float = 0.0) -> Iterator[tuple[float, Fraction]]:
    """Length and probability of every path, one after the other."""
    here = film.scenes[name]
    left_s = at_s + (here.length_s or 0.0)
    if here.default is None:
        yield left_s, Fraction(1)
        return
    asks = here.reading is not None and at_s + here.reading.to_s < film.max_runtime_s
    targets = [*(branch.to for branch in here.branches), here.default] if asks else [here.default]
    for target in targets:
        for length_s, share in paths(film, target, left_s):
            yield length_s, share / len(targets)


def check(film: Film) -> None:
    found = running_time(film, planned_lengths(film))
    every = list(paths(film, "a"))
    assert found.shortest_s == min(length for length, _ in every)
    assert found.longest_s == pytest.approx(max(length for length, _ in every))
    mean = sum(Fraction(length) * share for length, share in every)
    assert found.expected_s == pytest.approx(float(mean))


def test_a_film_that_never_asks_lasts_as_long_as_its_scenes() -> None:
    found = running_time(film := film_of(scene("a", "end")), planned_lengths(film))
    assert (found.shortest_s, found.expected_s, found.longest_s) == (11, 11, 11)
    assert found.reached_s == {"a": 0, "end": 10}


def test_a_loop_runs_as_long_as_there_is_time() -> None:
    """The loop's branch is chosen 9 s into it, the last time before 40 s: four rounds go on."""
    film = film_of(scene("a", "end", "a"), longest="40 s")
    found = running_time(film, planned_lengths(film))
    assert (found.shortest_s, found.longest_s, found.defaults_s) == (11, 51, 11)
    # 11 s with one half, 21 s with a quarter, and so on; all that is left after four rounds.
    assert found.expected_s == pytest.approx(11 / 2 + 21 / 4 + 31 / 8 + 41 / 16 + 51 / 16)


def test_no_branch_is_open_after_max_runtime() -> None:
    film = film_of(
        scene("a", "b", length_s=50),
        scene("b", "c", "end", length_s=20),
        scene("c", "end", length_s=30),
        longest="69 s",
    )
    found = running_time(film, planned_lengths(film))
    assert found.shortest_s == found.longest_s == found.expected_s == 101
    assert found.reached_s == {"a": 0, "b": 50, "c": 70, "end": 100}


NAMES = "abcdef"


@settings(deadline=None)
@given(
    st.lists(
        st.tuples(
            st.lists(st.sampled_from([*NAMES, "end"]), max_size=2), st.sampled_from([5, 8, 20])
        ),
        min_size=len(NAMES),
        max_size=len(NAMES),
    )
)
@example([(["a"], 8), (["a", "e"], 5), (["a"], 5), ([], 5), (["a", "b"], 8), ([], 5)])
def test_any_film_against_every_path(wanted: list[tuple[list[str], int]]) -> None:
    """Defaults go on to the next scene; branches go anywhere, back too."""
    following = dict(zip(NAMES, [*NAMES[1:], "end"], strict=True))
    check(
        film_of(
            *(
                scene(name, following[name], *branches, length_s=length_s)
                for name, (branches, length_s) in zip(NAMES, wanted, strict=True)
            ),
            longest="30 s",
        )
    )


def test_a_loop_of_years_ends() -> None:
    """Beyond some steps the rest counts as if it ran until max_runtime: a bound, not for ever."""
    film = film_of(scene("a", "end", "a", length_s=5), longest="999999999 min")
    found = running_time(film, planned_lengths(film))
    assert found.shortest_s == 6
    assert found.expected_s == pytest.approx(11, rel=0.01)
    assert found.longest_s >= film.max_runtime_s


def test_the_large_film_is_measured() -> None:
    film = load_film(large_film(), "film.yaml")
    found = running_time(film, planned_lengths(film))
    assert set(found.reached_s) == set(film.scenes)
    assert found.shortest_s < found.expected_s < found.longest_s
    assert found.longest_s > film.max_runtime_s


def test_lengths_come_from_clips_where_they_are_known() -> None:
    text = (
        "title: {en: Lengths}\nfps: 24\nstart: a\nmax_runtime: 10 min\nscenes:\n"
        "  a: {clip: {file: reel.mkv, in: 24}, default: b}\n"
        "  b: {clip: {file: reel.mkv, in: 48, out: 96}, default: c}\n"
        "  c: {clip: c.mkv, length: 7 s, default: d}\n"
        "  d: {clip: d.mkv, default: e}\n"
        "  e: {clip: e.mkv, length: 5 s, ending: true}\n"
    )
    film = load_film(text, "film.yaml")
    facts = Media(240, Fraction(24), 640, 360, 48000, 2)
    assert planned_lengths(film) == {"b": 2, "c": 7, "e": 5}
    media: dict[str, Media | str] = {"reel.mkv": facts, "d.mkv": facts, "c.mkv": "no such file"}
    assert planned_lengths(film, media) == {"a": 9, "b": 2, "c": 7, "d": 10, "e": 5}
