"""A film against its clips, and what it gets wrong about its audience."""

from fractions import Fraction

import pytest

from benchmarks._large_film import large_film
from narrative import Film, Media, Problem, check_film, load_film


def _media(film: Film) -> dict[str, Media | str]:
    lengths = {scene.clip: scene.length_s or 0 for scene in film.scenes.values()}
    return {
        clip: Media(round(film.fps * Fraction(length)), film.fps, 640, 360, 48000, 2)
        for clip, length in lengths.items()
    }


def errors(problems: tuple[Problem, ...]) -> list[str]:
    return [str(problem) for problem in problems if problem.severity == "error"]


# clips ------------------------------------------------------------------------------


def test_clips_as_planned_have_no_errors(film: Film) -> None:
    assert errors(check_film(film, _media(film))) == []


def test_without_media_no_clip_is_looked_at(film: Film) -> None:
    assert errors(check_film(film)) == []


@pytest.mark.parametrize("frames", [575, 576, 577])
def test_a_frame_more_or_less_is_as_planned(film: Film, frames: int) -> None:
    media = _media(film) | {"clips/harbour.mkv": Media(frames, film.fps, 640, 360, None)}
    assert errors(check_film(film, media)) == []


@pytest.mark.parametrize(
    ("facts", "problem"),
    [
        (
            "no such file",
            'film.yaml:12:11: clip "clips/harbour.mkv" of scene "harbour" cannot be shown: no such'
            " file. The path is relative to the film file.",
        ),
        (
            Media(600, Fraction(25), 640, 360, 48000),
            'film.yaml:12:11: clip "clips/harbour.mkv" has 25 pictures a second, the film 24.'
            " Render the clip at 24, or change fps.",
        ),
        (
            Media(600, Fraction(24), 640, 360, 48000),
            'film.yaml:13:13: clip "clips/harbour.mkv" lasts 25 s, not 24 s.'
            " Write length: 25 s, or render the clip anew.",
        ),
    ],
)
def test_clips_that_do_not_fit(film: Film, facts: Media | str, problem: str) -> None:
    found = check_film(film, _media(film) | {"clips/harbour.mkv": facts})
    assert errors(found) == [problem]


def test_a_clip_nobody_looked_at_is_a_problem(film: Film) -> None:
    assert len(errors(check_film(film, {}))) == len(film.scenes)


def test_without_planned_length_the_clip_is_measured(film_text: str) -> None:
    text = film_text.replace("    length: 24 s\n", "").replace("    length: 60 s\n", "")
    film = load_film(text, "film.yaml")
    short = Media(240, Fraction(24), 640, 360, 48000)
    problems = errors(check_film(film, _media(film) | dict.fromkeys(["clips/lead_in.mkv"], short)))
    assert 'lead-in "lead_in" lasts 10 s' in problems[0]
    problems = errors(check_film(film, _media(film) | dict.fromkeys(["clips/harbour.mkv"], short)))
    assert any("ends after its clip" in problem for problem in problems)


@pytest.mark.parametrize(
    ("facts", "what"),
    [
        (Media(288, Fraction(24), 1920, 1080, 48000, 2), "has pictures of 1920 x 1080, most"),
        (Media(288, Fraction(24), 640, 360, 44100, 2), "has sound at 44100 Hz, most have sound at"),
        (Media(288, Fraction(24), 640, 360, 48000, 6), "has 6 channels of sound, most have 2"),
    ],
)
def test_a_clip_unlike_the_others_is_shown_with_a_warning(
    film: Film, facts: Media, what: str
) -> None:
    found = check_film(film, _media(film) | {"clips/calm.mkv": facts})
    assert errors(found) == []
    (problem,) = (p for p in found if what in p.what)
    assert (problem.severity, problem.where) == ("warning", "film.yaml:22:16")
    assert problem.what.startswith('clip "clips/calm.mkv"')


REEL = """\
title: {en: Reel, zh-Hant: 膠卷}
fps: 24
start: a
max_runtime: 5 min
scenes:
  a: {clip: {file: reel.mkv, in: 0, out: 480}, default: b}
  b: {clip: {file: reel.mkv, in: 480, out: 720}, default: c}
  c: {clip: {file: reel.mkv, in: 700}, ending: true}
"""


@pytest.mark.parametrize(
    ("frames", "wanted"),
    [
        (720, []),
        (719, ['film.yaml:7:44: clip "reel.mkv" has 719 frames, "b" needs it to frame 720']),
        (
            700,
            [
                'film.yaml:7:44: clip "reel.mkv" has 700 frames, "b" needs it to frame 720',
                'film.yaml:8:34: clip "reel.mkv" has 700 frames, "c" begins at frame 700',
            ],
        ),
    ],
)
def test_a_clip_must_reach_its_out_point(frames: int, wanted: list[str]) -> None:
    film = load_film(REEL, "film.yaml")
    media: dict[str, Media | str] = {"reel.mkv": Media(frames, Fraction(24), 640, 360, 48000, 2)}
    assert [e.partition(". ")[0] for e in errors(check_film(film, media))] == wanted


def test_a_missing_clip_of_many_scenes_is_said_once() -> None:
    film = load_film(REEL, "film.yaml")
    (problem,) = errors(check_film(film, {"reel.mkv": "no such file"}))
    assert 'clip "reel.mkv" of scene "a" and 2 more cannot be shown' in problem


# guards and variables ---------------------------------------------------------------


def film_of(scenes: str, head: str = "") -> Film:
    return load_film(
        "title: {en: Check, zh-Hant: 檢查}\nsynopsis: {en: Film., zh-Hant: 電影。}\n"
        f"fps: 24\nstart: lead_in\nmax_runtime: 10 min\n{head}scenes:\n"
        "  lead_in: {clip: l.mkv, length: 60 s, lead_in: true, default: storm}\n"
        f"{scenes}"
        "  fog: {clip: f.mkv, length: 24 s, default: calm}\n"
        "  calm: {clip: c.mkv, length: 24 s, ending: true}\n",
        "film.yaml",
    )


def storm(*branches: str, reading: str = "from: 12 s, to: 28 s", more: str = "") -> str:
    listed = "".join(f"      - {{{branch}}}\n" for branch in branches)
    return (
        f"  storm:\n    clip: s.mkv\n    length: 30 s\n    reading: {{{reading}}}\n{more}"
        f"    branches:\n{listed}    default: calm\n"
    )


SURE = "engagement > 0.7 and engagement.t > 3 for 5 s"
TO_FOG = f"when: {SURE}, to: fog"
FLAGS = "variables: {met_anna: false, courage: {start: 1, most: 9}}\n"


def said(film: Film, **facts) -> list[tuple[str, str]]:
    return [(p.severity, p.what) for p in check_film(film, **facts)]


def test_a_film_that_keeps_the_rules_has_no_problems() -> None:
    assert check_film(film_of(storm(TO_FOG)), preroll=2) == ()


@pytest.mark.parametrize(
    ("branches", "problems"),
    [
        (
            ("when: met_anna, to: fog", TO_FOG),
            [("warning", '"met_anna" is never met in "storm": met_anna is never true')],
        ),
        (
            ('when: "not met_anna and courage >= 2", to: fog', TO_FOG),
            [
                (
                    "warning",
                    '"not met_anna and courage >= 2" is never met in "storm":'
                    " courage is never >= 2, only 1",
                )
            ],
        ),
        (
            ("when: elapsed < 30 s, to: fog", TO_FOG),
            [
                (
                    "warning",
                    '"elapsed < 30 s" is never met in "storm": elapsed is never < 30 s',
                )
            ],
        ),
        (
            (f'when: "({SURE}) and met_anna and not met_anna", to: fog', TO_FOG),
            [
                (
                    "warning",
                    f'"({SURE}) and met_anna and not met_anna" is never met in "storm":'
                    " met_anna is never true",
                )
            ],
        ),
        (
            ("when: not met_anna, to: fog", TO_FOG),
            [
                (
                    "warning",
                    '"not met_anna" is always met in "storm": the one behind it and the default'
                    " are never taken",
                )
            ],
        ),
        (
            (TO_FOG, "when: courage < 5, to: fog"),
            [("warning", '"courage < 5" is always met in "storm": the default is never taken')],
        ),
        (
            (TO_FOG, "when: engagement > 0.9 and engagement.t > 4 for 5 s, to: calm"),
            [
                (
                    "warning",
                    '"engagement > 0.9 and engagement.t > 4 for 5 s" is never tried in "storm":'
                    f' where it is met, so is "{SURE}"',
                )
            ],
        ),
        (
            (TO_FOG, "when: engagement > 0.8 and engagement.t > 4 for 6 s, to: fog"),
            [
                (
                    "warning",
                    '"engagement > 0.8 and engagement.t > 4 for 6 s" is never tried in "storm":'
                    f' where it is met, so is "{SURE}"',
                )
            ],
        ),
        (
            (TO_FOG, "when: synchrony > 3 for 5 s, to: calm"),
            [
                (
                    "note",
                    "branches that ask about different things can be met at once: the first is"
                    " taken",
                )
            ],
        ),
    ],
)
def test_guards_that_do_not_do_what_they_look_like(
    branches: tuple[str, ...], problems: list[tuple[str, str]]
) -> None:
    assert said(film_of(storm(*branches), FLAGS)) == problems


def test_two_branches_that_can_be_met_at_once_are_worth_a_note() -> None:
    down = "engagement < -0.7 and engagement.t < -3 for 5 s"
    (problem,) = check_film(film_of(storm(TO_FOG, f"when: {down}, to: calm")))
    assert problem.severity == "note"
    assert (
        problem.what == f'"{SURE}" and "{down}" of "storm" can be met at once: the first is taken'
    )
    assert problem.where == "film.yaml:14:16"


def test_a_scene_nobody_comes_to_is_named_with_its_reason_and_what_is_lost_with_it() -> None:
    scenes = storm(TO_FOG, "when: met_anna, to: bridge", 'when: "met_anna", to: bridge')
    scenes += "  bridge: {clip: b.mkv, length: 24 s, default: tower}\n"
    scenes += "  tower: {clip: t.mkv, length: 24 s, default: calm}\n"
    found = [p for p in check_film(film_of(scenes, FLAGS)) if "never tried" not in p.what]
    (problem,) = found
    assert problem.severity == "warning"
    assert problem.where == "film.yaml:18:3"
    assert problem.what == 'scene "bridge" cannot be reached: met_anna is never true in "storm"'
    assert problem.remedy.endswith("With it tower cannot be reached.")


def test_a_film_that_only_goes_round_is_found() -> None:
    film = film_of(storm("when: not met_anna, to: storm", TO_FOG), FLAGS)
    assert ("warning", "no audience comes to an ending before max_runtime") in said(film)


def test_what_is_set_on_the_way_opens_the_branch() -> None:
    scenes = storm(f"when: {SURE}, to: fog, set: {{met_anna: true}}").replace(
        "default: calm", "default: bridge"
    )
    scenes += (
        "  bridge: {clip: b.mkv, length: 30 s, reading: {from: 12 s, to: 28 s}, default: calm,"
        " branches: [{when: met_anna, to: fog}]}\n"
    )
    film = film_of(scenes.replace("to: fog, set", "to: bridge, set"), FLAGS)
    assert said(film) == []


# signals ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("when", "missing"),
    [
        ("engagement > 0.4 and engagement.t > 3 for 5 s", "a value beyond 0.7"),
        ("engagement > 0.7 for 5 s", "t beyond 3"),
        ("engagement > 0.7 and engagement.t > 3", "5 s without a break"),
        ("engagement.t > 3 for 5 s", "a value beyond 0.7"),
        ("engagement.zone(left) > 0.7 for 5 s", "t beyond 3"),
        (
            "not (engagement > 0.7 and engagement.t > 3) for 5 s",
            "a value beyond 0.7 and t beyond 3",
        ),
        ("engagement < 0.2", "a value beyond 0.7, t beyond 3 and 5 s without a break"),
        ("synchrony > 2 for 5 s", "a value beyond 3"),
        ("synchrony > 3", "5 s without a break"),
    ],
)
def test_a_guard_that_asks_less_than_the_rule_is_met_by_chance(when: str, missing: str) -> None:
    (problem,) = check_film(film_of(storm(f"when: {when}, to: fog")))
    assert problem.severity == "warning"
    reading = "engagement.zone(left)" if "zone" in when else when.split()[0].partition(".")[0]
    reading = reading if reading != "not" else "engagement"
    assert problem.what == f"{reading} is asked less than the decision rule: it wants {missing}"
    assert f"Write {reading} > " in problem.remedy


@pytest.mark.parametrize(
    "when",
    [
        SURE,
        "engagement < -0.7 and engagement.t < -3 for 5 s",
        "synchrony > 3 for 6 s",
        f"({SURE}) or (synchrony > 3 for 5 s)",
        f"({SURE}) and relaxation > 0.1",
        "engaged_share > 0.5 for 5 s",
    ],
)
def test_the_rule_itself_is_not_too_weak(when: str) -> None:
    assert said(film_of(storm(f'when: "{when}", to: fog'))) == []


@pytest.mark.parametrize(
    ("when", "names"),
    [
        ("relaxation > 1 and relaxation.t > 3 for 5 s", "relaxation"),
        ("relaxation > 1 and drowsiness < -1 for 5 s", "drowsiness and relaxation"),
        (f"({SURE}) or relaxation > 1", "relaxation"),
    ],
)
def test_no_branch_hangs_on_an_exempt_signal_alone(when: str, names: str) -> None:
    found = said(film_of(storm(f'when: "{when}", to: fog')))
    what = f"a branch hangs on {names} alone, which drifts or is noisy by itself"
    assert found == [("warning", what)]


@pytest.mark.parametrize(
    ("reading", "wanted"),
    [
        ("from: 12 s, to: 28 s", []),
        (
            "from: 3 s, to: 28 s",
            [
                (
                    "note",
                    "the reading window opens at 3 s, and engagement takes 12 s to follow a scene:"
                    " its beginning hears the scene before",
                )
            ],
        ),
        (
            "from: 3 s, to: 16 s",
            [
                (
                    "warning",
                    'the reading window of "storm" ends at 16 s, and engagement takes 12 s to'
                    " follow a scene: it is asked about the scene before",
                )
            ],
        ),
    ],
)
def test_a_window_must_hear_its_own_scene(reading: str, wanted: list[tuple[str, str]]) -> None:
    assert said(film_of(storm(TO_FOG, reading=reading))) == wanted


THREADS = """\
  storm:
    threads: {anna: a.mkv, ben: b.mkv}
    length: 60 s
    cuts: {every: 6 s, branches: [{when: engagement.trend < 0, to: other}]}
    reading: {from: 20 s, to: 58 s}
    branches: [{when: engagement > 0.7 and engagement.t > 3 for 5 s, to: fog}]
    default: calm
"""


def test_cosmetic_cuts_may_hang_on_little() -> None:
    assert said(film_of(THREADS)) == []


# the evening ------------------------------------------------------------------------


def test_more_candidates_than_the_player_opens() -> None:
    film = film_of(storm(TO_FOG))
    assert said(film, preroll=2) == []
    (problem,) = check_film(film, preroll=1)
    assert problem.what == '2 scenes may follow "storm", and the player opens 1 at once'
    assert (problem.severity, problem.where) == ("warning", "film.yaml:13:7")


def test_defaults_that_last_longer_than_the_film_may() -> None:
    film = film_of(storm(TO_FOG))
    lengths = dict.fromkeys(film.scenes, 300.0)
    assert ("warning", "the defaults alone last 900 s, longer than max_runtime (600 s)") in said(
        film, lengths_s=lengths
    )


def test_decisions_too_dense_for_their_confidence() -> None:
    text = "title: {en: D, zh-Hant: D}\nsynopsis: {en: D, zh-Hant: D}\nfps: 24\nstart: lead_in\n"
    text += "max_runtime: 40 min\nscenes:\n"
    text += "  lead_in: {clip: l.mkv, length: 60 s, lead_in: true, default: storm}\n"
    text += storm(f"when: {SURE}, to: storm")
    text += "  calm: {clip: c.mkv, length: 24 s, ending: true}\n"
    (problem,) = check_film(load_film(text, "film.yaml"))
    assert problem.severity == "warning"
    assert problem.what == "78 decision points on one path: each reading needs p < 0.0006 to count"
    assert "Ask 50 times at most" in problem.remedy


def test_a_linear_path_where_no_branch_leads() -> None:
    scenes = storm(TO_FOG).replace("default: calm", "default: bay\n    linear: calm")
    film = film_of(scenes + "  bay: {clip: b.mkv, length: 9 s, default: calm}\n")
    what = 'the linear path goes from "storm" to "calm", where no branch leads'
    assert said(film) == [("note", what)]


# content ----------------------------------------------------------------------------


def test_missing_translations_are_said_once() -> None:
    text = """\
title: {en: Tides}
fps: 24
start: a
max_runtime: 5 min
warnings: [{zh-Hant: 閃光}]
scenes:
  a: {title: {en: A}, clip: a.mkv, length: 9 s, default: b}
  b: {title: {en: B}, clip: b.mkv, length: 9 s, default: c, warnings: [{en: Snakes}]}
  c: {title: {zh-Hant: 丙}, clip: c.mkv, length: 9 s, ending: true}
"""
    found = [(p.severity, p.where, p.what) for p in check_film(load_film(text, "film.yaml"))]
    assert found == [
        ("note", "film.yaml:1:1", "the film has no synopsis"),
        ("note", "film.yaml:1:8", "the title is not given in zh-Hant"),
        (
            "warning",
            "film.yaml:5:11",
            "a warning tells of flashes, but the film is not marked photosensitive",
        ),
        ("note", "film.yaml:5:11", "a warning is not given in en"),
        ("note", "film.yaml:7:14", "the title of a scene is not given in zh-Hant (also line 8)"),
        ("note", "film.yaml:8:71", "the warning of a scene is not given in zh-Hant"),
        ("note", "film.yaml:9:14", "the title of a scene is not given in en"),
    ]


def test_a_scene_that_flashes_marks_its_film() -> None:
    text = REEL.replace("ending: true", "ending: true, photosensitive: true")
    what = "a scene is marked photosensitive, the film is not"
    assert ("warning", what) in said(load_film(text, "film.yaml"))
    marked = text.replace("fps: 24", "fps: 24\nphotosensitive: true")
    assert what not in dict(map(reversed, said(load_film(marked, "film.yaml"))))


# everything -------------------------------------------------------------------------


def test_the_large_film_is_checked() -> None:
    film = load_film(large_film(), "film.yaml")
    problems = check_film(film, preroll=4)
    assert {problem.severity for problem in problems} == {"warning", "note"}
    lines = [int(problem.where.split(":")[1]) for problem in problems]
    assert lines == sorted(lines)
    assert len({(p.where, p.what) for p in problems}) == len(problems)
    assert all(problem.remedy.endswith(".") for problem in problems)
