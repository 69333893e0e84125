"""A film against its clips."""

from fractions import Fraction

import pytest

from narrative import Film, Media, check_film, load_film


def _media(film: Film) -> dict[str, Media | str]:
    lengths = {scene.clip: scene.length_s or 0 for scene in film.scenes.values()}
    return {
        clip: Media(round(film.fps * Fraction(length)), film.fps, 640, 360, 48000)
        for clip, length in lengths.items()
    }


def test_clips_as_planned_have_no_problems(film: Film) -> None:
    assert check_film(film, _media(film)) == ()


@pytest.mark.parametrize("frames", [575, 576, 577])
def test_a_frame_more_or_less_is_as_planned(film: Film, frames: int) -> None:
    media = _media(film) | {"clips/harbour.mkv": Media(frames, film.fps, 640, 360, None)}
    assert check_film(film, media) == ()


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
    assert [str(p) for p in check_film(film, _media(film) | {"clips/harbour.mkv": facts})] == [
        problem
    ]


def test_a_clip_nobody_looked_at_is_a_problem(film: Film) -> None:
    assert len(check_film(film, {})) == len(film.scenes)


def test_without_planned_length_the_clip_is_measured(film_text: str) -> None:
    text = film_text.replace("    length: 24 s\n", "").replace("    length: 60 s\n", "")
    film = load_film(text, "film.yaml")
    short = Media(240, Fraction(24), 640, 360, 48000)
    problems = check_film(film, _media(film) | dict.fromkeys(["clips/lead_in.mkv"], short))
    assert 'lead-in "lead_in" lasts 10 s' in problems[0].what
    problems = check_film(film, _media(film) | dict.fromkeys(["clips/harbour.mkv"], short))
    assert any("ends after its clip" in problem.what for problem in problems)
