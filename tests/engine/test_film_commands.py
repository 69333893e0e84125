"""The film's commands as a filmmaker meets them: files in, words and statuses out."""

import json
import re
import threading
import urllib.error
import urllib.request
from fractions import Fraction

import av
import numpy as np
import opentimelineio as otio
import pytest

import engine.cli
from engine.authoring import (
    Preview,
    check_film_file,
    check_page,
    film_changes,
    known_lengths,
    new_film,
    read_film,
    watch_film,
)
from engine.rehearsal import rehearse

FILM = """\
title: {en: Short, zh-Hant: 短片}
fps: 24
start: first
max_runtime: 1 min
scenes:
  first: {clip: only.mkv, length: 1 s, default: only}
  only: {clip: only.mkv, length: 1 s, ending: true}
"""


@pytest.fixture
def hall(tmp_path, monkeypatch, capsys):
    """Run `hall` in an empty folder; gives status, output and complaints."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HALL_RUN", str(tmp_path / "run"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr("engine.logs.configure", lambda: None)

    def run(*arguments):
        monkeypatch.setattr("sys.argv", ["hall", *map(str, arguments)])
        capsys.readouterr()
        try:
            engine.cli.main()
        except SystemExit as left:
            status = left.code or 0
        else:
            status = 0
        said = capsys.readouterr()
        assert "Traceback" not in said.out + said.err
        assert "this is a fault of Neural Hall" not in said.err
        return status, said.out, said.err

    return run


@pytest.fixture
def film(tmp_path, only_clip):
    """Write a film beside its clip."""
    (tmp_path / "only.mkv").write_bytes(only_clip.read_bytes())

    def write(text=FILM):
        (tmp_path / "film.yaml").write_text(text, "utf-8")
        return tmp_path / "film.yaml"

    return write


# check ------------------------------------------------------------------------


def test_a_check_tells_figures_and_the_verdict(hall, film):
    film()
    status, out, _ = hall("film", "check", "film.yaml", "--quick")
    assert status == 0
    assert "2 scenes, 1 ending" in out
    assert "running time 0:02 to 0:02" in out
    assert "no decision points" in out
    assert "film.yaml is fit to be shown." in out


def test_errors_come_first_with_place_and_remedy(hall, film):
    film(FILM.replace("first: {clip: only", "first: {clip: gone"))
    status, out, err = hall("film", "check", "film.yaml", "--quick")
    assert status == 1
    assert re.search(r"^1 error$", err, re.MULTILINE)
    assert re.search(r"film\.yaml:6:\d+: .*gone\.mkv.*no such file", err)
    assert "fit to be shown" not in out


def test_json_is_one_object(hall, film):
    film(FILM.replace(", zh-Hant: 短片", ""))
    status, out, _ = hall("film", "check", "film.yaml", "--quick", "--format", "json")
    told = json.loads(out)
    assert (status, told["fit"]) == (0, True)
    assert told["figures"]["scenes"] == 2
    (first, *_) = told["problems"]
    assert first["file"] == "film.yaml"
    assert first["severity"] in ("warning", "note")
    assert (first["line"], first["column"]) > (0, 0)


def test_annotations_are_workflow_commands_at_their_lines(hall, film, tmp_path):
    (tmp_path / "films").mkdir()
    text = FILM.replace("default: only", 'default: "o,n:l%y"')
    film(text).rename(tmp_path / "films" / "film.yaml")
    status, out, _ = hall("film", "check", "films/film.yaml", "--format", "annotations")
    assert status == 1
    pattern = r"::(error|warning|notice) file=films/film\.yaml,line=\d+,col=\d+::[^\r\n]+"
    lines = out.splitlines()
    assert lines
    assert all(re.fullmatch(pattern, line) for line in lines)
    assert any("o,n:l%25y" in line for line in lines)


def test_a_broken_film_is_told_in_every_format(hall, film):
    film("title: {en: [}")
    for form in ("text", "json", "annotations"):
        status, out, err = hall("film", "check", "film.yaml", "--format", form)
        assert status == 1
        assert "YAML" in out + err


def test_a_film_that_is_not_text_is_told(hall, tmp_path):
    (tmp_path / "film.yaml").write_bytes(b"\xff\xfe\x00")
    for command in ("check", "simulate", "test", "pack"):
        status, _, err = hall("film", command, "film.yaml")
        assert status == 1
        assert "film.yaml:1:1: not UTF-8 text" in err


def test_loudness_and_its_gains_are_told_once_and_looked_for_once(hall, film, tmp_path):
    film()
    status, out, _ = hall("film", "check", "film.yaml", "--page", "check.html")
    assert status == 0
    page = (tmp_path / "check.html").read_text("utf-8")
    assert "<svg" in page
    assert "<script" not in page
    kept = list((tmp_path / "cache" / "neural-hall" / "inspections").iterdir())
    assert len(kept) == 1
    before = kept[0].stat().st_mtime_ns
    assert hall("film", "check", "film.yaml")[1].splitlines() == out.splitlines()
    assert kept[0].stat().st_mtime_ns == before


def sounding_clip(path, lumas, amplitude):
    """Make a small clip whose pictures have these lumas, under a tone."""
    with av.open(str(path), "w") as container:
        video = container.add_stream("mpeg4", rate=24)
        video.width, video.height, video.pix_fmt = 160, 90, "yuv420p"
        audio = container.add_stream("pcm_s16le", rate=48000)
        audio.layout = "stereo"
        for frame, luma in enumerate(lumas):
            planes = np.vstack(
                [np.full((90, 160), luma, np.uint8), np.full((45, 160), 128, np.uint8)]
            )
            picture = av.VideoFrame.from_ndarray(planes, "yuv420p")
            picture.pts, picture.time_base = frame, Fraction(1, 24)
            container.mux(video.encode(picture))
            time_s = (np.arange(2000) + 2000 * frame) / 48000
            tone = np.sin(2 * np.pi * 997 * time_s) * amplitude * 32767
            samples = np.repeat(tone.astype(np.int16), 2)[None, :]
            sound = av.AudioFrame.from_ndarray(samples, format="s16", layout="stereo")
            sound.sample_rate, sound.pts = 48000, 2000 * frame
            sound.time_base = Fraction(1, 48000)
            container.mux(audio.encode(sound))
        container.mux(video.encode(None))
        container.mux(audio.encode(None))


LOOKED = """\
title: {en: Flash, zh-Hant: 閃光}
synopsis: {en: It flashes., zh-Hant: 閃。}
fps: 24
start: first
max_runtime: 1 min
scenes:
  first: {clip: flash.mkv, default: last}
  last: {clip: loud.mkv, ending: true}
"""


@pytest.fixture
def looked(tmp_path):
    """Write a film with a clip that flashes at -23 LUFS, and one that is too loud."""
    sounding_clip(tmp_path / "flash.mkv", [16, 16, 16, 235, 235, 235] * 20, 0.0707)
    sounding_clip(tmp_path / "loud.mkv", [90] * 96, 0.3)
    (tmp_path / "film.yaml").write_text(LOOKED, "utf-8")
    return tmp_path / "film.yaml"


def test_what_is_in_the_clips_is_told_with_gains_and_pictures(hall, looked, tmp_path):
    status, out, err = hall("film", "check", "film.yaml", "--page", "check.html")
    assert status == 1
    assert re.search(r"film\.yaml:7:\d+: clip \"flash\.mkv\": 4 flashes", err)
    assert re.search(r'film\.yaml:8:\d+: clip "loud\.mkv" is not at -23 LUFS.*-12\.\d dB', out)
    page = (tmp_path / "check.html").read_text("utf-8")
    assert page.count("data:image/png;base64,") == 2
    assert "<svg" in page


@pytest.mark.parametrize("mark", ["film", "scene"])
def test_marked_flashes_are_a_note(hall, looked, mark):
    if mark == "film":
        text = LOOKED.replace("fps: 24", "fps: 24\nphotosensitive: true")
    else:
        text = LOOKED.replace("flash.mkv,", "flash.mkv, photosensitive: true,")
    looked.write_text(text, "utf-8")
    status, out, _ = hall("film", "check", "film.yaml")
    assert status == 0
    assert "4 flashes" in out


def test_flashes_outside_of_what_is_shown_do_not_count(hall, looked):
    text = LOOKED.replace("clip: flash.mkv,", "clip: {file: flash.mkv, in: 0, out: 6},")
    looked.write_text(text, "utf-8")
    told = json.loads(hall("film", "check", "film.yaml", "--format", "json")[1])
    assert not any("flashes" in problem["what"] for problem in told["problems"])


def test_missing_music_is_told(hall, film):
    text = FILM.replace("scenes:", "beds:\n  drone: {file: gone.wav}\nscenes:")
    film(text.replace("length: 1 s, default", "length: 1 s, bed: drone, default"))
    status, _, err = hall("film", "check", "film.yaml", "--quick")
    assert status == 1
    assert "gone.wav" in err
    assert hall("film", "sketch", "film.yaml")[0] == 0
    assert hall("film", "check", "film.yaml", "--quick")[0] == 0


def test_a_page_escapes_what_a_film_says(film, tmp_path):
    path = film(FILM.replace("en: Short", "en: <script>alert(1)</script>"))
    checked = check_film_file(path, depth="graph", cache=tmp_path)
    assert "<script>alert" not in check_page(checked, "<script>alert")


def test_a_show_s_headsets_count(hall, film, tmp_path):
    film()
    (tmp_path / "show.toml").write_text('film = "film.yaml"\ntitel = "x"\n')
    status, _, err = hall("film", "check", "film.yaml", "--quick", "--show", "show.toml")
    assert status == 1
    assert "show.toml" in err
    assert "titel" in err


# new, and everything on it ----------------------------------------------------


def plain_clip(path, frames):
    """Make a small grey clip without sound, in no time."""
    path.parent.mkdir(exist_ok=True)
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mpeg4", rate=24)
        stream.width, stream.height, stream.pix_fmt = 32, 32, "yuv420p"
        picture = av.VideoFrame.from_ndarray(np.full((48, 32), 128, np.uint8), "yuv420p")
        for frame in range(frames):
            picture.pts, picture.time_base = frame, Fraction(1, 24)
            container.mux(stream.encode(picture))
        container.mux(stream.encode(None))


@pytest.fixture(scope="module")
def started(tmp_path_factory):
    """Lay out the film to start from, with small clips."""
    folder = tmp_path_factory.mktemp("new") / "film"
    path = new_film(folder)
    film = read_film(path)
    for name, seconds in known_lengths(film, folder).items():
        plain_clip(folder / film.scenes[name].clip, round(seconds * 24))
    return folder


def test_the_film_to_start_from_is_clean_at_once(hall, started):
    status, out, err = hall("film", "check", started / "film.yaml", "--quick")
    assert (status, err) == (0, "")
    assert "warning" not in out
    assert "note" not in out
    status, out, err = hall("film", "test", started / "film.yaml")
    assert (status, err) == (0, "")
    assert "3 of 3 journeys hold" in out
    status, out, _ = hall("film", "simulate", started / "film.yaml", "--passes", "900")
    assert status == 0
    assert "again:" not in out


def test_a_new_film_is_not_laid_over_another(hall, started):
    status, _, err = hall("film", "new", started)
    assert status == 1
    assert "not empty" in err


def test_a_film_is_simulated_again_as_before(hall, started, tmp_path):
    arguments = ("film", "simulate", started / "film.yaml", "--passes", "50", "--seed", "3")
    first = hall(*arguments, "--page", "out.html")
    assert first[0] == 0
    assert hall(*arguments)[1] == first[1]
    assert (tmp_path / "out.html").read_text("utf-8").startswith("<!DOCTYPE html>")
    told = hall("film", "simulate", started / "film.yaml", "--seed", "3", "--pass", "7")
    assert told[0] == 0
    assert "pass 7 of seed 3" in told[1]


def test_a_broken_journey_fails_with_its_step(hall, started, tmp_path):
    for name in ("film.yaml", "journeys/stars.yaml"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes((started / name).read_bytes())
    journey = tmp_path / "journeys" / "stars.yaml"
    journey.write_text(journey.read_text().replace("synchrony: 6", "synchrony: 1"))
    status, out, err = hall("film", "test", "film.yaml")
    assert status == 1
    assert "stars.yaml" in out
    assert re.search(r"stars\.yaml:\d+:\d+", err)


def test_a_film_without_journeys_says_so(hall, film):
    film()
    status, _, err = hall("film", "test", "film.yaml")
    assert status == 1
    assert "no journeys" in err


# packages ---------------------------------------------------------------------


def test_a_package_goes_where_a_film_goes(hall, started, tmp_path):
    status, out, _ = hall("film", "pack", started / "film.yaml", "lantern.hallfilm")
    assert status == 0
    assert "wrote lantern.hallfilm: 13 files" in out
    assert hall("film", "check", "lantern.hallfilm", "--quick")[0] == 0
    assert hall("film", "test", "lantern.hallfilm")[0] == 0
    assert hall("film", "unpack", "lantern.hallfilm", "again")[0] == 0
    assert (tmp_path / "again" / "film.yaml").read_bytes() == (started / "film.yaml").read_bytes()
    assert hall("film", "unpack", "lantern.hallfilm", "again")[0] == 1
    show = (started / "show.toml").read_text("utf-8").replace("film.yaml", "lantern.hallfilm")
    (tmp_path / "show.toml").write_text(show, "utf-8")
    status, out, _ = hall("show", "show.toml", "--virtual")
    assert status == 0
    assert "the end" in out


def test_what_is_no_package_is_refused(hall, tmp_path):
    (tmp_path / "x.hallfilm").write_bytes(b"nothing")
    for arguments in (("film", "check"), ("film", "unpack"), ("film", "export", "--to", "dot")):
        status, _, err = hall(*arguments, "x.hallfilm")
        assert status == 1
        assert "x.hallfilm" in err
    assert hall("film", "unpack", "none.hallfilm")[0] == 1


# in and out -------------------------------------------------------------------


def test_a_story_comes_in_and_can_be_checked(hall, tmp_path):
    (tmp_path / "s.twee").write_text(":: Start [length:2s]\n[[A]]\n$x\n:: A [length:2s]\n")
    status, out, _ = hall("film", "import", "s.twee")
    assert status == 0
    assert "s.twee:3:1: variable $x" in out
    for name in ("start", "a"):
        plain_clip(tmp_path / "clips" / f"{name}.mkv", 48)
    assert hall("film", "check", "film.yaml", "--quick")[0] == 0
    status, _, err = hall("film", "import", "s.twee")
    assert status == 1
    assert "is there already" in err


def test_a_film_that_needs_work_is_written_and_told(hall, tmp_path):
    text = ":: Start [lead-in length:3s]\n[[A]]\n:: A\n"
    (tmp_path / "s.twee").write_text(text)
    status, _, err = hall("film", "import", "s.twee", "--out", "made.yaml")
    assert status == 1
    assert (tmp_path / "made.yaml").exists()
    assert re.search(r"made\.yaml:\d+:\d+: lead-in", err)


@pytest.mark.parametrize("name", ["s.docx", "none.twee", "none.otio"])
def test_what_cannot_come_in_is_refused(hall, tmp_path, name):
    (tmp_path / "s.docx").write_text("")
    status, _, err = hall("film", "import", name)
    assert status == 1
    assert name in err


@pytest.mark.parametrize(
    ("form", "words"), [("mermaid", "flowchart"), ("dot", "digraph"), ("svg", "<svg")]
)
def test_a_graph_goes_out(hall, film, tmp_path, form, words):
    film()
    status, out, _ = hall("film", "export", "film.yaml", "--to", form)
    assert status == 0
    assert words in out
    assert hall("film", "export", "film.yaml", "--to", form, "--out", "g.txt")[0] == 0
    assert (tmp_path / "g.txt").read_text("utf-8").strip() == out.strip()


def test_a_way_goes_out_and_comes_in_again(hall, film, tmp_path):
    film()
    status, _, _ = hall(
        "film", "export", "film.yaml", "--to", "otio", "--path", "first,only", "--out", "c.otio"
    )
    assert status == 0
    assert hall("film", "import", "c.otio", "--out", "again.yaml")[0] == 0
    assert hall("film", "check", "again.yaml", "--quick")[0] == 0
    assert "clip: {file: only.mkv, in: 0, out: 24}" in (tmp_path / "again.yaml").read_text("utf-8")
    status, _, err = hall("film", "export", "film.yaml", "--to", "otio", "--path", "first,frist")
    assert status == 1
    assert "there is no scene frist" in err
    assert hall("film", "export", "film.yaml", "--to", "dot", "--path", "first")[0] == 2


def test_a_screening_goes_out_as_a_timeline(hall, make_show, audience, tmp_path):
    rehearse(make_show(audience()), tmp_path / "s.mcap", tmp_path)
    status, _, _ = hall("session", "timeline", "s.mcap", "s.otio")
    assert status == 0
    timeline = otio.adapters.read_from_file(str(tmp_path / "s.otio"))
    assert len(list(timeline.find_clips())) == 3
    status, _, err = hall("session", "timeline", "none.mcap", "s.otio")
    assert status == 1
    assert "none.mcap" in err


def test_the_schema_is_json(hall):
    status, out, _ = hall("film", "schema")
    assert status == 0
    assert json.loads(out)["$schema"].endswith("2020-12/schema")


def test_a_missing_film_is_a_short_answer(hall):
    for command in ("check", "test", "simulate", "sketch", "watch", "pack"):
        status, _, err = hall("film", command, "none.yaml")
        assert status == 1
        assert "there is no film" in err
        assert len(err.strip().splitlines()) == 1


def test_unknown_formats_are_a_matter_of_usage(hall, film):
    film()
    assert hall("film", "check", "film.yaml", "--format", "xml")[0] == 2
    assert hall("film", "export", "film.yaml")[0] == 2


# watch ------------------------------------------------------------------------


def test_a_watched_film_is_tried_without_its_clips(film, tmp_path):
    watched = watch_film(film(FILM.replace("only.mkv", "gone.mkv")), tmp_path / "cache")
    assert watched.checked.fit
    assert any("passes" in line for line in watched.summary)
    broken = watch_film(film("scenes: 3\n"), tmp_path / "cache")
    assert not broken.checked.fit
    assert broken.summary == ()
    assert "cannot be shown yet" in broken.page


def test_a_preview_serves_the_newest_page_to_this_machine_alone():
    def get(path, **headers):
        request = urllib.request.Request(preview.address + path, headers=headers)
        with urllib.request.urlopen(request) as answer:
            return answer.read().decode()

    with Preview(0) as preview:
        assert preview.address.startswith("http://127.0.0.1:")
        first = get("version")
        preview.show("<body>new</body>")
        assert "new" in get("")
        assert "location.reload" in get("")
        assert get("version") != first
        for path, headers in (("etc", {}), ("", {"Host": "evil.example:80"})):
            with pytest.raises(urllib.error.HTTPError):
                get(path, **headers)


def test_every_save_is_noticed(tmp_path):
    path = tmp_path / "film.yaml"
    path.write_text("a")
    changes = film_changes(path)
    assert next(changes, "ended") is None
    noticed = threading.Event()

    def wait():
        next(changes, None)
        noticed.set()

    thread = threading.Thread(target=wait, daemon=True)
    thread.start()
    number = 0
    while not noticed.wait(0.05):
        (tmp_path / "other.yaml").write_text("x")
        (tmp_path / "film.tmp").write_text(str(number))
        (tmp_path / "film.tmp").rename(path)
        number += 1
    thread.join()
