"""The example films: clean, used to the full, and shown to their ends."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import av
import msgspec
import pytest
import yaml

from engine.authoring import check_film_file, known_lengths, read_film, sketch_bed
from engine.config import Show, load_show
from engine.rehearsal import Rehearsed, rehearse
from engine.replay import replay
from engine.session import Note, read, read_configuration
from narrative import Film, load_journey, run_journey, running_time
from narrative._guard import Chance, Compare, Elapsed, Flag, Not, Or, SignalValue, Visits, walk
from narrative._vocabulary import FILM, Choice, Either, Kind, ListOf, Named, Table

EXAMPLES = Path(__file__).parents[2] / "examples"
FILMS = ("first", "threads", "feature")
MEANT = {
    "feature": {
        "branches that ask about different things can be met at once",
        '"met_mei and met_jonas" and "took_the_helm or courage >= 4 and not met_jonas"',
    }
}
"""What the checker remarks, and the film says in a comment that it is meant."""


def film_path(name: str) -> Path:
    return EXAMPLES / "films" / name / "film.yaml"


@pytest.fixture(scope="module", params=FILMS)
def example(request: pytest.FixtureRequest) -> tuple[str, Film]:
    return request.param, read_film(film_path(request.param))


def test_every_film_in_the_folder_is_tested():
    assert {path.parent.name for path in EXAMPLES.glob("films/*/film.yaml")} == set(FILMS)


def test_the_checker_finds_only_what_is_meant(example, tmp_path):
    name, _ = example
    checked = check_film_file(film_path(name), depth="graph", cache=tmp_path)
    assert {problem.severity for problem in checked.problems} <= {"note"}
    unsaid = MEANT.get(name, set())
    assert len(checked.problems) == len(unsaid)
    assert all(any(p.what.startswith(said) for said in unsaid) for p in checked.problems)


def test_its_journeys_hold_and_come_to_every_ending(example):
    name, film = example
    lengths_s = known_lengths(film, film_path(name).parent)
    ends = set()
    for file in sorted(film_path(name).parent.glob("journeys/*.yaml")):
        journey = load_journey(file.read_text("utf-8"), file.name, film)
        assert run_journey(film, journey, lengths_s) == ()
        ends.add(journey.ends)
    assert ends == {scene.of for scene in film.scenes.values() if scene.ending}


def test_everything_is_said_in_both_languages(example):
    _, film = example
    texts = [film.title, film.synopsis, *film.warnings]
    for scene in film.scenes.values():
        texts += [scene.title, *scene.warnings]
    assert all(text.keys() == {"en", "zh-Hant"} for text in texts)


# the feature ------------------------------------------------------------------


def test_the_feature_lasts_eighty_minutes_whichever_way_it_goes():
    film = read_film(film_path("feature"))
    lengths_s = known_lengths(film, film_path("feature").parent)
    assert running_time(film, lengths_s).shortest_s >= 80 * 60
    linear = film.as_linear()
    assert running_time(linear, lengths_s).shortest_s >= 80 * 60


def test_the_feature_uses_every_key_and_word_of_the_format():
    written = yaml.safe_load(film_path("feature").read_text("utf-8"))
    # The feature has a lead-in, and cannot do without one too.
    assert set(_known(FILM)) - set(_used(FILM, written)) == {"baseline: calibration"}


def test_the_feature_uses_the_whole_guard_language():
    film = read_film(film_path("feature"))
    nodes = [n for s in film.scenes.values() for b in s.branches for n in walk(b.when.tree)]
    quantities = [node.quantity for node in nodes if isinstance(node, Compare)]
    kinds = {type(thing) for thing in (*nodes, *quantities)}
    assert {Chance, Flag, Not, Or, Visits, Elapsed, SignalValue} <= kinds
    read = {q for q in quantities if isinstance(q, SignalValue)}
    assert {q.attribute for q in read} >= {"value", "t", "trend"}
    assert film.zones == {"left", "right"}


def _known(kind: Kind) -> Iterator[str]:
    """Name a kind's keys and words: `scene.bed`, `drives: gain`."""
    match kind:
        case Table(name, keys):
            for key, entry in keys.items():
                yield f"{name}.{key}"
                if isinstance(entry.kind, Choice):
                    yield from (f"{key}: {word}" for word in entry.kind.words)
                yield from _known(entry.kind)
        case ListOf(item) | Named(item):
            yield from _known(item)
        case Either(kinds):
            for one in kinds:
                yield from _known(one)


def _used(kind: Kind, written: object) -> Iterator[str]:
    match kind:
        case Table(name, keys) if isinstance(written, dict) and written.keys() <= keys.keys():
            for key, value in written.items():
                yield f"{name}.{key}"
                if isinstance(keys[key].kind, Choice):
                    yield f"{key}: {value}"
                yield from _used(keys[key].kind, value)
        case ListOf(item) if isinstance(written, list):
            for value in written:
                yield from _used(item, value)
        case Named(item) if isinstance(written, dict):
            for value in written.values():
                yield from _used(item, value)
        case Either(kinds):
            for one in kinds:
                yield from _used(one, written)


# screenings -------------------------------------------------------------------


@pytest.fixture
def show(tmp_path):
    """Load an example's show, as `hall show` does, with clips of the right length and no more."""

    def make(name: str) -> Show:
        folder = tmp_path / "films" / name
        shutil.copytree(
            film_path(name).parent, folder, ignore=shutil.ignore_patterns("clips", "music")
        )
        (tmp_path / "shows").mkdir()
        shutil.copy(EXAMPLES / "shows" / f"{name}.toml", tmp_path / "shows")
        film = read_film(folder / "film.yaml")
        lasts: dict[str, int] = {}
        for scene in film.scenes.values():
            end = scene.in_frame + round(scene.length_s * film.fps)
            lasts[scene.clip] = max(lasts.get(scene.clip, 0), end)
        for clip, frames in lasts.items():
            blank(folder / clip, frames, film.fps)
        for bed in film.beds.values():
            sketch_bed(folder / bed.file)
        return load_show(tmp_path / "shows" / f"{name}.toml", boards=False)

    return make


def blank(path, frames, fps):
    """Write a clip with nothing to see."""
    path.parent.mkdir(exist_ok=True)
    with av.open(str(path), "w") as file:
        stream = file.add_stream("mpeg4", rate=fps)
        stream.width, stream.height, stream.pix_fmt = 32, 32, "yuv420p"
        picture = av.VideoFrame(32, 32, "yuv420p")
        for number in range(frames):
            picture.pts = number
            file.mux(stream.encode(picture))
        file.mux(stream.encode(None))


def screen(show: Show, tmp_path: Path) -> tuple[Rehearsed, Path]:
    """Show a film on the virtual clock."""
    session = tmp_path / "s.mcap"
    shown = rehearse(show, session, tmp_path)
    assert show.film.scenes[shown.path[-1]].ending
    return shown, session


def test_the_kite_is_let_go(show, tmp_path):
    shown, session = screen(show("first"), tmp_path)
    assert replay(session).identical
    assert shown.path == ("lead_in", "hill", "bird", "waiting", "flight", "away")


def test_three_windows_are_cut_every_six_seconds(show, tmp_path):
    loaded = show("threads")
    shown, session = screen(loaded, tmp_path)
    assert replay(session).identical
    shots = [loaded.film.scenes[name] for name in shown.path[1:-1]]
    assert [shot.turn for shot in shots] == list(range(16))
    assert {shot.length_s for shot in shots} == {6.0}
    assert len({shot.clip for shot in shots}) == 3
    assert shown.path[-1] == "door"
    assert read_configuration(session).film_text == loaded.film_text


@pytest.mark.full
def test_the_feature_is_screened_to_its_end(show, tmp_path):
    loaded = show("feature")
    shown, session = screen(loaded, tmp_path)
    assert shown.seconds >= 80 * 60
    seen = {loaded.film.scenes[name].of.partition(".")[0] for name in shown.path}
    assert {"corridor", "fog", "search", "radio", "landfall"} <= seen
    notes = [msgspec.json.decode(d, type=Note) for topic, _, d in read(session) if topic == "/note"]
    cues = [note.text for note in notes if note.level == "cue"]
    for cue in ("lights 10 % in 5 s", "midi note 36 100 on channel 1", "osc /lamp/search 1 0.5"):
        assert any(cue in text for text in cues)
    assert all(text.endswith("no output is built yet") for text in cues)
