"""Show files: what is wrong is refused before the show, with file, line and remedy."""

from pathlib import Path

import pytest

from engine.config import ShowError, expand_seats, load_show

FILM = """
title: {en: Short}
fps: 24
start: only
max_runtime: 1 min
scenes:
  only: {clip: only.mkv, length: 1 s, ending: true}
"""

GOOD = """\
title = "Test"
film = "film.yaml"
driver = "silent"

[audience]
min_seats = 9
theta_hz = [4.0, 7.5]

[[sources]]
kind = "simulated"
seats = "A1..A3"
consent = "recorded"

[sources.responses]
only = 0.5

[[sources]]
kind = "brainflow"
board = "CYTON_BOARD"
seats = ["C1"]

[sources.params]
serial_port = "/dev/ttyUSB0"
"""


@pytest.fixture
def show_file(tmp_path, only_clip):
    """Write a show file beside a film that is fit to be shown."""
    (tmp_path / "film.yaml").write_text(FILM)
    (tmp_path / "only.mkv").write_bytes(only_clip.read_bytes())

    def write(text: str) -> Path:
        path = tmp_path / "show.toml"
        path.write_text(text)
        return path

    return write


def test_a_good_show_is_read(show_file):
    show = load_show(show_file(GOOD))
    assert show.title == "Test"
    assert show.settings.min_seats == 9
    assert show.settings.theta_hz == (4.0, 7.5)
    assert list(show.consents.items()) == [
        ("A1", "recorded"),
        ("A2", "recorded"),
        ("A3", "recorded"),
        ("C1", "joined"),
    ]
    assert [h.live for source in show.sources for h in source.headsets] == [False] * 3 + [True]
    assert show.table.scenes[0].clip.frames == 24


def test_zones_are_read_and_what_is_wrong_in_them_is_told(show_file):
    show = load_show(show_file(GOOD + '[zones]\nleft = "A1..A2"\nright = ["C1"]\n'))
    assert show.zones == {"left": ("A1", "A2"), "right": ("C1",)}
    with pytest.raises(ShowError) as caught:
        load_show(show_file(GOOD + '[zones]\nleft = "A1..A2"\nright = ["A2", "Q1"]\n'))
    told = [str(problem) for problem in caught.value.problems]
    assert [text.split(":")[1] for text in told] == ["26", "26"]
    assert "zone right: seat A2 is in use already" in told[0]
    assert "zone right: no seat Q1" in told[1]


REFUSALS = {
    "broken TOML": (GOOD.replace('title = "Test"', "title = "), "show.toml:1", "not TOML"),
    "unknown key": (
        GOOD.replace("driver", "drivers"),
        "show.toml:3",
        "Did you mean `driver`?",
    ),
    "unknown driver": (
        GOOD.replace('"silent"', '"vhs"'),
        "show.toml:3",
        "invalid enum value 'vhs'",
    ),
    "missing film": (GOOD.replace("film.yaml", "other.yaml"), "show.toml:2", "there is no film"),
    "unknown setting": (
        GOOD.replace("min_seats", "min_seat"),
        "show.toml:6",
        "Did you mean `min_seats`?",
    ),
    "setting out of range": (GOOD.replace("= 9", "= 1"), "show.toml:6", "min_seats is 1"),
    "unknown board": (
        GOOD.replace("CYTON_BOARD", "CITON_BOARD"),
        "show.toml:17",
        "CYTON_BOARD",
    ),
    "unknown kind": (
        GOOD.replace('"brainflow"', '"brainflows"'),
        "show.toml:18",
        "brainflows",
    ),
    "unknown key of a source": (
        GOOD.replace("board =", "bord ="),
        "show.toml:19",
        "Did you mean `board`?",
    ),
    "same seat twice": (GOOD.replace('"C1"', '"A2"'), "show.toml:17", "seat A2 is in use already"),
    "same device twice": (
        GOOD + GOOD[GOOD.rindex("[[sources]]") :].replace('"C1"', '"C2"'),
        "show.toml:24",
        "the device of seat C2 is in use already at show.toml:17",
    ),
    "range the wrong way": (GOOD.replace("A1..A3", "A3..A1"), "show.toml:9", "no range of seats"),
    "unknown consent": (
        GOOD.replace('"recorded"', '"maybe"'),
        "show.toml:12",
        "maybe",
    ),
    "unknown strength": (
        GOOD.replace("[sources.responses]\nonly = 0.5", "[sources.strengths]\nblink = 0.5"),
        "show.toml:9",
        "Did you mean `blinks`?",
    ),
    "too slow a headset": (
        GOOD.replace('kind = "simulated"', 'kind = "simulated"\nrate = 90.0'),
        "show.toml:9",
        "cannot be filtered at a rate of 90.0 Hz",
    ),
    "unknown recording": (
        GOOD + '\n[[sources]]\nkind = "recording"\nrecording = "emotions"\nseats = ["R1"]\n',
        "show.toml:25",
        "emotions",
    ),
    "missing recording": (
        GOOD + '\n[[sources]]\nkind = "recording"\nrecording = "muse-audience"\nseats = ["R1"]\n',
        "show.toml:25",
        "no-such-folder",
    ),
}


@pytest.mark.parametrize("name", REFUSALS)
def test_what_is_wrong_is_refused_with_line_and_remedy(show_file, monkeypatch, tmp_path, name):
    monkeypatch.setenv("HALL_DATA", str(tmp_path / "no-such-folder"))
    text, place, words = REFUSALS[name]
    with pytest.raises(ShowError) as caught:
        load_show(show_file(text))
    assert any(
        str(problem).startswith(place) and words in str(problem)
        for problem in caught.value.problems
    ), str(caught.value)


def test_everything_wrong_is_said_at_once(show_file):
    text = (
        GOOD.replace("min_seats", "min_seat").replace("CYTON", "CITON").replace("film.y", "flim.y")
    )
    with pytest.raises(ShowError) as caught:
        load_show(show_file(text))
    assert len(caught.value.problems) == 3


def test_a_missing_clip_is_refused_with_the_film_s_line(show_file, tmp_path):
    (tmp_path / "only.mkv").unlink()
    with pytest.raises(ShowError, match=r"film\.yaml:7:\d+: .*only\.mkv"):
        load_show(show_file(GOOD))


def test_a_missing_show_file_is_refused(tmp_path):
    with pytest.raises(ShowError, match="cannot be read"):
        load_show(tmp_path / "none.toml")


@pytest.mark.parametrize(
    ("written", "seats"),
    [
        ("A1..A3", ("A1", "A2", "A3")),
        ("7..9", ("7", "8", "9")),
        ("balcony", ("balcony",)),
        (["x", "y"], ("x", "y")),
    ],
)
def test_seat_names(written, seats):
    assert expand_seats(written) == seats
