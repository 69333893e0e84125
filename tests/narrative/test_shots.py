"""Threads and loops that wait, written out as plain scenes."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from narrative import Ahead, Film, Scene, Set, Window, load_film

HEAD = """\
title: {{en: Shots}}
fps: {fps}
start: chase
max_runtime: 60 min
variables: {{seen: 0}}
scenes:
"""
END = "  end: {clip: end.mkv, length: 10 s, ending: true}\n"

CHASE = """\
  chase:
    threads:
      anna: anna.mkv
      ben: {file: reel.mkv, in: 1000}
      cleo: cleo.mkv
    length: 20 s
    cuts:
      every: 6 s
      confidence: 0.5
      branches:
        - {when: synchrony > 3, to: cleo}
        - {when: synchrony < 0, to: other}
    reading: {from: 5 s, to: 19 s}
    branches: [{when: synchrony > 3 for 10 s, to: chase, set: {seen: +1}}]
    default: end
    linear: end
    set: {seen: +1}
    confidence: 0.8
    cues:
      - {at: 0 s, lights: 10 %}
      - {at: 6 s, osc: /cut}
      - {at: 19.5 s, osc: /late}
"""


def film_of(text: str, fps: str = "24", end: str = END) -> Film:
    return load_film(HEAD.format(fps=fps) + text + end, "film.yaml")


@pytest.fixture(scope="module")
def chase() -> Film:
    return film_of(CHASE)


def test_one_shot_for_each_thread_and_stretch_that_can_be_seen(chase: Film) -> None:
    """20 s at a 6 s rhythm: cuts at 6 s and 12 s; the 2 s after 18 s are joined to them."""
    assert list(chase.scenes) == [
        "chase.anna.1",
        *("chase.anna.2", "chase.ben.2", "chase.cleo.2"),
        *("chase.anna.3", "chase.ben.3", "chase.cleo.3"),
        "end",
    ]
    assert chase.start == "chase.anna.1"
    assert chase.entrances == {"chase": "chase.anna.1", "end": "end"}


def test_a_shot_is_a_stretch_of_its_threads_clip(chase: Film) -> None:
    stretches = {
        name: (shot.clip, shot.in_frame, shot.out_frame, shot.offset_s, shot.length_s)
        for name, shot in chase.scenes.items()
    }
    assert stretches["chase.anna.1"] == ("anna.mkv", 0, 144, 0.0, 6.0)
    assert stretches["chase.ben.2"] == ("reel.mkv", 1144, 1288, 6.0, 6.0)
    assert stretches["chase.cleo.3"] == ("cleo.mkv", 288, 480, 12.0, 8.0)
    for shot in list(chase.scenes.values())[:-1]:
        assert shot.of == "chase"
        assert shot.turn == int(shot.name[-1]) - 1
        assert shot.continues == (shot.turn > 0)
        assert shot.sets == ((Set("seen", 1, adds=True),) if shot.turn == 0 else ())


def test_the_cuts_are_cosmetic_branches_to_other_threads(chase: Film) -> None:
    ben = chase.scenes["chase.ben.2"]
    assert ben.cosmetic
    assert ben.reading == Window(0.0, 5.0)
    assert ben.confidence == 0.5
    assert ben.linear is None
    assert ben.default == "chase.ben.3"
    # From ben, cleo and the next in order are the same.
    assert [branch.to for branch in ben.branches] == ["chase.cleo.3", "chase.cleo.3"]
    cleo = chase.scenes["chase.cleo.2"]
    assert [(branch.when.text, branch.to) for branch in cleo.branches] == [
        ("synchrony < 0", "chase.anna.3")
    ]
    assert cleo.source["branches.0.when"] == "film.yaml:18:18"
    assert cleo.source["clip"] == "film.yaml:11:13"


def test_the_last_shots_carry_the_scenes_own_branches(chase: Film) -> None:
    for thread in ("anna", "ben", "cleo"):
        last = chase.scenes[f"chase.{thread}.3"]
        assert not last.cosmetic
        assert last.reading == Window(-7.0, 7.0)
        (again,) = last.branches
        assert (again.to, again.sets) == ("chase.anna.1", (Set("seen", 1, adds=True),))
        assert (last.default, last.linear, last.confidence) == ("end", "end", 0.8)
        assert last.ahead is None


def test_earlier_shots_listen_ahead_as_soon_as_the_window_opens(chase: Film) -> None:
    branches = chase.scenes["chase.anna.3"].branches
    assert chase.scenes["chase.anna.1"].ahead == Ahead(Window(5.0, 19.0), branches)
    assert chase.scenes["chase.ben.2"].ahead == Ahead(Window(-1.0, 13.0), branches)
    later = film_of(CHASE.replace("from: 5 s", "from: 6 s"))
    assert later.scenes["chase.anna.1"].ahead is None


def test_cues_go_to_the_shot_they_fall_into(chase: Film) -> None:
    cues = {
        name: [(cue.at_s, cue.target) for cue in shot.cues] for name, shot in chase.scenes.items()
    }
    assert cues["chase.anna.1"] == [(0.0, "house")]
    assert cues["chase.ben.2"] == cues["chase.cleo.2"] == [(0.0, "/cut")]
    assert cues["chase.anna.3"] == [(7.5, "/late")]


def test_an_ending_of_threads_ends_with_its_last_shots() -> None:
    film = film_of(
        "  chase:\n    threads: {a: a.mkv, b: b.mkv}\n    length: 12 s\n    ending: true\n"
        "    cuts: {every: 6 s, first: b, branches: [{when: synchrony > 3, to: a}]}\n",
        end="",
    ).scenes
    assert list(film) == ["chase.b.1", "chase.a.2", "chase.b.2"]
    assert [shot.ending for shot in film.values()] == [False, True, True]
    assert film["chase.a.2"].default is None


def test_as_a_linear_film_it_stays_with_the_first_thread(chase: Film) -> None:
    assert list(_path(chase.as_linear())) == ["chase.anna.1", "chase.anna.2", "chase.anna.3", "end"]


def test_a_loop_waits_in_rounds() -> None:
    film = film_of(
        "  chase:\n    clip: w.mkv\n    length: 12 s\n    reading: {from: 2 s, to: 11 s}\n"
        "    branches: [{when: visits(chase) >= 2, to: chase}]\n    default: end\n    bumper: 3\n"
        "    linear: end\n    set: {seen: +1}\n    cues: [{at: 1 s, osc: /flash}]\n"
    )
    rounds = [film.scenes[name] for name in ("chase", "chase.2", "chase.3")]
    assert list(film.scenes) == ["chase", "chase.2", "chase.3", "end"]
    assert [turn.default for turn in rounds] == ["chase.2", "chase.3", "end"]
    assert [turn.turn for turn in rounds] == [0, 1, 2]
    assert [turn.sets for turn in rounds] == [(Set("seen", 1, adds=True),), (), ()]
    for turn in rounds:
        assert (turn.of, turn.clip, turn.continues, turn.cosmetic) == (
            "chase",
            "w.mkv",
            False,
            False,
        )
        assert turn.branches == rounds[0].branches
        assert turn.cues == rounds[0].cues
        assert (turn.reading, turn.linear) == (Window(2.0, 11.0), "end")


def _path(film: Film) -> list[str]:
    """Follow the defaults from the start."""
    path: list[str] = []
    name: str | None = film.start
    while name is not None:
        assert name not in path, "the defaults go in a circle"
        path.append(name)
        name = film.scenes[name].default
    return path


RATES = st.sampled_from(["24", "25", "24000/1001", "30000/1001", "120", "12.5"])


@given(
    threads=st.integers(2, 5),
    length_ms=st.integers(6_000, 120_000),
    every_ms=st.integers(3_000, 20_000),
    begins=st.integers(0, 100_000),
    fps=RATES,
    to=st.sampled_from(["other", "t0", "t1"]),
)
def test_the_shots_tile_the_scene(
    threads: int, length_ms: int, every_ms: int, begins: int, fps: str, to: str
) -> None:
    every_ms = min(every_ms, length_ms - 3_000)
    names = [f"t{number}" for number in range(threads)]
    clips = ", ".join(f"{name}: {{file: {name}.mkv, in: {begins}}}" for name in names)
    targets = [to, *names]
    branches = ", ".join(f"{{when: synchrony > {n}, to: {to}}}" for n, to in enumerate(targets))
    film = film_of(
        f"  chase:\n    threads: {{{clips}}}\n    length: {length_ms} ms\n    default: end\n"
        f"    cuts: {{every: {every_ms} ms, branches: [{branches}]}}\n",
        fps,
    )
    shots = [scene for scene in film.scenes.values() if scene.of == "chase"]
    rate = Fraction(fps)
    for shot in shots:
        assert shot.out_frame is not None
        assert shot.length_s == pytest.approx(float((shot.out_frame - shot.in_frame) / rate))
        assert shot.offset_s == pytest.approx(float((shot.in_frame - begins) / rate))
        # No later than half a frame beside the written rhythm.
        assert abs(shot.offset_s - shot.turn * every_ms / 1000) <= 0.5 / rate + 1e-9
        for name in shot.candidates:
            if name == "end":
                assert not shot.cosmetic
                assert abs(shot.out_frame - begins - length_ms * rate / 1000) <= Fraction(1, 2)
                continue
            following = film.scenes[name]
            assert (following.in_frame, following.turn) == (shot.out_frame, shot.turn + 1)
    lasts = [shot for shot in shots if not shot.cosmetic]
    assert len(lasts) == threads
    assert all(length_ms / 1000 - shot.offset_s >= 3.0 - 0.5 / rate - 1e-9 for shot in lasts)
    cuts = max(shot.turn for shot in shots)
    assert length_ms - (cuts + 1) * every_ms < 3_000, "one more cut would have had its place"


@given(
    rounds=st.integers(2, 30),
    threads=st.integers(2, 4),
    every=st.integers(3, 9),
    to=st.sampled_from(["chase", "wait", "end"]),
)
def test_defaults_lead_to_an_ending_from_every_plain_scene(
    rounds: int, threads: int, every: int, to: str
) -> None:
    clips = ", ".join(f"t{number}: t{number}.mkv" for number in range(threads))
    film = film_of(
        f"  chase:\n    threads: {{{clips}}}\n    length: 60 s\n    default: wait\n"
        f"    cuts: {{every: {every} s, branches: [{{when: synchrony > 3, to: other}}]}}\n"
        f"  wait: {{clip: w.mkv, length: 9 s, bumper: {rounds}, reading: {{from: 2 s, to: 8 s}},\n"
        f"    branches: [{{when: synchrony > 3, to: {to}}}], default: end}}\n"
    )
    for scene in film.scenes.values():
        at: Scene = scene
        for _ in film.scenes:
            at = at if at.default is None else film.scenes[at.default]
        assert at.ending
