"""The whole format, read into a film."""

from fractions import Fraction

import pytest

from benchmarks._large_film import large_film
from narrative import (
    Bed,
    Chance,
    Cue,
    Film,
    FilmError,
    Flag,
    Modulation,
    Set,
    SignalValue,
    Variable,
    Window,
    load_film,
    walk,
)

SHORT = """\
title: {{en: Short}}
fps: {fps}
start: a
max_runtime: 5 min
{film}
scenes:
  a: {{clip: {clip}, default: b, {scene}}}
  b: {{clip: b.mkv, ending: true}}
"""


def short(scene: str = "", clip: str = "a.mkv", fps: str = "24", film: str = "") -> Film:
    return load_film(SHORT.format(scene=scene, clip=clip, fps=fps, film=film), "film.yaml")


def test_what_a_film_says_of_itself(everything: Film) -> None:
    assert everything.title == {"en": "Everything", "zh-Hant": "一切"}
    assert everything.synopsis["en"] == "A film that uses every key."
    assert everything.by == "Mei Lin"
    assert everything.warnings == ({"en": "Flashing light", "zh-Hant": "閃光"},)
    assert everything.photosensitive
    assert everything.fps == 24
    assert everything.start == "lead_in"
    assert everything.max_runtime_s == 5400.0
    assert everything.confidence == 0.9
    assert everything.signals == {"engagement", "synchrony"}
    assert everything.zones == {"left"}


def test_what_may_be_left_out_is_empty(film: Film) -> None:
    assert (film.synopsis, film.by, film.warnings, film.photosensitive) == ({}, "", (), False)
    assert (film.variables, film.beds, film.confidence) == ({}, {}, 0.95)
    harbour = film.scenes["harbour"]
    assert (harbour.sets, harbour.cues, harbour.modulations, harbour.warnings) == ((), (), (), ())
    assert (harbour.bed, harbour.linear, harbour.confidence, harbour.ahead) == (None,) * 4
    assert (harbour.in_frame, harbour.out_frame, harbour.of) == (0, None, "harbour")
    assert film.entrances == {name: name for name in film.scenes}


def test_variables_and_beds(everything: Film) -> None:
    assert list(everything.variables.values()) == [
        Variable("met_anna", 0, 1, flag=True),
        Variable("courage", 0, 1000, flag=False),
        Variable("keys", 1, 5, flag=False),
    ]
    assert list(everything.beds.values()) == [
        Bed("drone", "music/drone.wav", -12.0, 2.0),
        Bed("sea", "music/sea.wav", 0.0, 1.0),
    ]


def test_a_scene(everything: Film) -> None:
    storm = everything.scenes["storm"]
    assert (storm.clip, storm.in_frame, storm.out_frame) == ("clips/reel1.mkv", 1440, 2016)
    assert storm.reading == Window(3.0, 21.0)
    assert (storm.length_s, storm.bed, storm.confidence) == (24.0, "drone", 0.8)
    assert storm.sets == (Set("courage", 0, adds=False), Set("keys", -1, adds=True))
    assert storm.warnings == ({"en": "Loud thunder", "zh-Hant": "雷聲"},)
    assert storm.photosensitive
    assert (storm.default, storm.linear) == ("waiting", "duel_ben.face")
    met, lucky = storm.branches
    assert met.sets == (Set("met_anna", 1, adds=False), Set("courage", 1, adds=True))
    assert Flag("met_anna") in walk(met.when.tree)
    assert Chance(0.3) in walk(lucky.when.tree)
    assert lucky.when.zones == {"left"}


def test_cues_come_in_order_of_time_with_their_places(everything: Film) -> None:
    storm = everything.scenes["storm"]
    assert storm.cues == (
        Cue(0.0, "lights", "house", (0.1,), 3.0),
        Cue(2.0, "osc", "/lamp/1", (0.5, 1.0)),
        Cue(2.0, "midi", "note", (1.0, 60.0, 90.0)),
    )
    lines = [int(storm.source[f"cues.{index}"].split(":")[1]) for index in range(3)]
    assert lines == [lines[1] + 1, lines[1], lines[1] + 2]


def test_modulations(everything: Film) -> None:
    engagement, synchrony = SignalValue("engagement", "value"), SignalValue("synchrony", "value")
    assert everything.scenes["storm"].modulations == (
        Modulation(engagement, "gain", "", (-1.0, 1.0), (-6.0, 0.0), 2.0, -3.0),
        Modulation(synchrony, "grade", "luts/warm.cube", (0.0, 6.0), (0.0, 1.0), 0.1, 0.0),
    )


@pytest.mark.parametrize("signal", ["engagement.trend", "engagement.zone(left)", "synchrony.t"])
def test_a_modulation_reads_what_a_guard_can(signal: str) -> None:
    drives = f"{{signal: {signal}, from: [0, 1], drives: osc, target: /a/b, to: [5, -5], slew: 1"
    film = short(f"modulations: [{drives}, rest: 0}}]")
    (modulation,) = film.scenes["a"].modulations
    assert str(modulation.signal) == signal
    assert film.signals == {modulation.signal.signal}
    assert film.zones == ({"left"} if "zone" in signal else set())


@pytest.mark.parametrize(
    ("fps", "written", "frames"),
    [
        ("24", "1440", 1440),
        ("24", '"00:01:00:00"', 1440),
        ("24", "00:00:00:23", 23),
        ("25", '"01:00:00:24"', 90_024),
        ("24000/1001", '"01:00:00:00"', 86_400),  # counted at 24, as SMPTE does
        ("120", '"00:00:01:119"', 239),
    ],
)
def test_points_in_a_master_are_timecode_or_frames(fps: str, written: str, frames: int) -> None:
    film = short(clip=f"{{file: reel.mkv, in: {written}}}", fps=fps)
    assert film.scenes["a"].in_frame == frames
    assert film.scenes["a"].length_s is None


@pytest.mark.parametrize(
    ("fps", "written", "remedy"),
    [
        ("30000/1001", "00:01:00;02", "the frame it stands for: 1800"),
        ("30000/1001", "00:10:00;00", "the frame it stands for: 17982"),
        ("60000/1001", "00:01:00;04", "the frame it stands for: 3600"),
        ("25", "00:01:00;02", 'with colons, "00:01:00:02"'),
    ],
)
def test_drop_frame_timecode_is_refused_with_what_to_write(
    fps: str, written: str, remedy: str
) -> None:
    with pytest.raises(FilmError, match="a drop-frame timecode") as refused:
        short(clip=f'{{file: reel.mkv, in: "{written}"}}', fps=fps)
    assert remedy in refused.value.problems[0].remedy


def test_points_make_the_length() -> None:
    film = short(clip="{file: reel.mkv, in: 24, out: 60}")
    assert film.scenes["a"].length_s == 1.5
    film = short(clip="{file: reel.mkv, out: 60}", scene="length: 2.5 s")
    assert (film.scenes["a"].length_s, film.scenes["a"].in_frame) == (2.5, 0)


def test_places_of_all_that_others_complain_about(everything: Film, everything_text: str) -> None:
    lines = everything_text.splitlines()
    storm = everything.scenes["storm"]
    for key, text in {
        "": "storm:",
        "clip": "{file: clips/reel1.mkv",
        "clip.out": '"00:01:24:00"',
        "reading": "{from: 3 s",
        "branches.0.when": "(engagement",
        "branches.0.set": "{met_anna",
        "branches.1.to": "duel_anna}",
        "default": "waiting",
        "linear": "duel_ben",
        "bed": "drone",
        "modulations.1": "{signal: synchrony",
    }.items():
        _, line, column = storm.source[key].split(":")
        assert lines[int(line) - 1][int(column) - 1 :].startswith(text), key


def test_fractions_stay_exact() -> None:
    assert short(fps="30000/1001").fps == Fraction(30000, 1001)
    assert short(fps="12.5").fps == Fraction(25, 2)


def test_a_film_of_the_largest_known_size_loads() -> None:
    film = load_film(large_film(1), "film.yaml")
    assert len(film.scenes) == 289
    assert sum(len(scene.branches) for scene in film.scenes.values()) > 1000
    assert len(film.variables) == 62
