"""Timelines of editing programs: a cut as a film, a way through a film as a cut."""

import json
from fractions import Fraction
from pathlib import Path

import opentimelineio as otio
import pytest
from hypothesis import given
from hypothesis import strategies as st

import narrative
from engine.authoring import (
    AuthoringError,
    Shot,
    import_timeline,
    session_timeline,
    timeline_text,
    way_through,
)
from engine.authoring._timeline import Mark, _screened
from engine.rehearsal import rehearse
from engine.session import read_path
from playback import Clip, PlayerEvent

HERE = Path("/films/tide")


def time(value, rate=24.0):
    return otio.opentime.RationalTime(value, rate)


def span(first, count, rate=24.0):
    return otio.opentime.TimeRange(time(first, rate), time(count, rate))


def clip(name, first, count, *, file="clips/a.mkv", rate=24.0, available=None):
    reference = otio.schema.ExternalReference(file, available)
    return otio.schema.Clip(name, reference, span(first, count, rate))


def cut(*items, **tracks):
    timeline = otio.schema.Timeline("The cut")
    video = otio.schema.Track("V1", kind="Video")
    video.extend(items)
    timeline.tracks.append(video)
    for name, kind in tracks.items():
        timeline.tracks.append(otio.schema.Track(name, kind=kind))
    return timeline


def taken(timeline, source=HERE, target=HERE):
    text = timeline if isinstance(timeline, str) else timeline.to_json_string()
    made = import_timeline(text, "cut.otio", "film.yaml", source=source, target=target)
    assert made.problems == ()
    return narrative.load_film(made.text, "film.yaml"), made


def test_clips_become_scenes_in_order_with_their_points():
    film, made = taken(cut(clip("Storm", 10, 48), clip("Fog", 0, 24, file="b c.mkv")))
    assert made.notes == ()
    storm, fog = film.scenes.values()
    assert (storm.name, storm.clip, storm.in_frame, storm.out_frame) == (
        "storm", "clips/a.mkv", 10, 58,
    )  # fmt: skip
    assert (storm.length_s, storm.default, storm.ending) == (2.0, "fog", False)
    assert (fog.clip, fog.in_frame, fog.out_frame, fog.ending) == ("b c.mkv", 0, 24, True)
    assert film.fps == 24


def test_frames_are_counted_from_a_file_s_first_whatever_its_time_code():
    hour = 24 * 3600
    film, _ = taken(cut(clip("A", hour + 5, 24, available=span(hour, 100))))
    (scene,) = film.scenes.values()
    assert (scene.in_frame, scene.out_frame) == (5, 29)


@pytest.mark.parametrize(
    ("rate", "fps"), [(23.976, "24000/1001"), (23.98, "24000/1001"), (25.0, "25"), (30.0, "30")]
)
def test_rates_that_editors_round_are_exact(rate, fps):
    film, made = taken(cut(clip("A", 3, 50, rate=rate)))
    assert film.fps == Fraction(fps)
    assert film.scenes["a"].out_frame == 53
    assert made.notes == ()


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("file:///films/tide/clips/a%20b.mkv", "clips/a b.mkv"),
        ("file:///elsewhere/a.mkv", "/elsewhere/a.mkv"),
        ("../media/a.mkv", "media/a.mkv"),
    ],
)
def test_files_are_named_as_the_film_sees_them(url, path):
    film, _ = taken(cut(clip("A", 0, 24, file=url)), source=HERE / "edit")
    assert film.scenes["a"].clip == path


def test_what_is_not_taken_is_listed_with_its_clip():
    slow = clip("Slow", 0, 24)
    slow.effects.append(otio.schema.LinearTimeWarp("half", time_scalar=0.5))
    slow.markers.append(otio.schema.Marker("look", span(3, 1)))
    off = clip("Off", 0, 24)
    off.enabled = False
    timeline = cut(
        otio.schema.Gap(source_range=span(0, 10)),
        slow,
        otio.schema.Transition(transition_type="SMPTE_Dissolve", in_offset=time(2)),
        off,
        otio.schema.Stack("Nested"),
        otio.schema.Clip("None"),
        clip("Web", 0, 24, file="http://example.org/a.mkv"),
        A1="Audio",
    )
    film, made = taken(timeline)
    assert list(film.scenes) == ["slow", "none", "web"]
    said = "\n".join(f"{note.where} {note.what}" for note in made.notes)
    for words in (
        'track 2 "A1" a track (audio)', "item 1", "a gap", "effect half", 'marker "look',
        "a transition", 'item 4 "Off"', "a stack", 'clip 2 "None" it has no file',
        'clip 3 "Web" its file http',
    ):  # fmt: skip
        assert words in said


@pytest.mark.parametrize(
    "text",
    [
        "", "{}", "[]", "3", '"x"', "{", '{"OTIO_SCHEMA": "Timeline.1"}',
        '{"OTIO_SCHEMA": "Timeline.99"}', '{"OTIO_SCHEMA": "Nothing.1"}', "[" * 1_000_000,
        '{"a":' * 1_000_000, otio.schema.Timeline("empty").to_json_string(),
        cut(otio.schema.Gap(source_range=span(0, 3))).to_json_string(),
        otio.schema.Clip("alone").to_json_string(),
    ],
)  # fmt: skip
def test_what_is_no_timeline_is_refused_with_its_place(text):
    with pytest.raises(AuthoringError, match=r"^cut\.otio:1:1: "):
        import_timeline(text, "cut.otio", "film.yaml", source=HERE, target=HERE)


WHOLE = json.loads(
    cut(
        clip("A", 3, 50, available=span(0, 100)),
        otio.schema.Gap(source_range=span(0, 10)),
        clip("B", 0, 24),
        A1="Audio",
    ).to_json_string()
)
ODD = st.one_of(
    st.none(), st.booleans(), st.integers(-(2**70), 2**70), st.floats(), st.text(max_size=8),
    st.just([]), st.just({}), st.sampled_from(["Clip.2", "Gap.1", "Track.1", "Stack.1", "x.1"]),
    st.just({"OTIO_SCHEMA": "SerializableObjectRef.1", "id": "x"}),
    st.just({"OTIO_SCHEMA": "RationalTime.1", "rate": 0.0, "value": 1e300}),
)  # fmt: skip


def places_in(value, path=()):
    yield path
    if isinstance(value, dict | list):
        items = value.items() if isinstance(value, dict) else enumerate(value)
        for key, inner in items:
            yield from places_in(inner, (*path, key))


PLACES = [path for path in places_in(WHOLE) if path]


@given(st.lists(st.tuples(st.sampled_from(PLACES), ODD, st.booleans()), min_size=1, max_size=4))
def test_no_timeline_raises_anything_but_the_package_s_own_error(changes):
    data = json.loads(json.dumps(WHOLE))
    for path, value, drop in changes:
        inside = data
        for key in path[:-1]:
            try:
                inside = inside[key]
            except (KeyError, IndexError, TypeError):
                break
        else:
            if isinstance(inside, dict) and drop:
                inside.pop(path[-1], None)
            elif isinstance(inside, dict) or (
                isinstance(inside, list) and path[-1] in range(len(inside))
            ):
                inside[path[-1]] = value
    try:
        made = import_timeline(json.dumps(data), "cut.otio", "film.yaml", source=HERE, target=HERE)
    except AuthoringError as error:
        assert str(error).startswith("cut.otio:1:1: ")  # noqa: PT017
    else:
        assert all(note.where.startswith("cut.otio: ") for note in made.notes)
        if not made.problems:
            assert narrative.load_film(made.text, "film.yaml").scenes


@given(st.text(max_size=60))
def test_no_text_raises_anything_but_the_package_s_own_error(text):
    with pytest.raises(AuthoringError, match=r"^cut\.otio:1:1: "):
        import_timeline(text, "cut.otio", "film.yaml", source=HERE, target=HERE)


# out --------------------------------------------------------------------------


@given(
    st.lists(st.tuples(st.integers(0, 10**6), st.integers(1, 10**5)), min_size=1, max_size=6),
    st.sampled_from([Fraction(24), Fraction(25), Fraction(24000, 1001)]),
)
def test_what_goes_out_comes_in_again(stretches, fps):
    shots = [
        Shot(f"Scene {number}", Clip(f"/films/tide/{number}.mkv", first, frames))
        for number, (first, frames) in enumerate(stretches)
    ]
    film, made = taken(timeline_text("Cut", fps, shots))
    assert made.notes == ()
    assert film.fps == fps
    assert [(scene.clip, scene.in_frame, scene.out_frame) for scene in film.scenes.values()] == [
        (f"{n}.mkv", first, first + frames) for n, (first, frames) in enumerate(stretches)
    ]


def test_marks_lie_within_their_shots():
    shot = Shot("A", Clip("/a.mkv", 100, 24), (Mark(5, "to b", "why"), Mark(99, "late", "")))
    timeline = otio.core.deserialize_json_from_string(timeline_text("Cut", Fraction(24), [shot]))
    (found,) = timeline.find_clips()
    assert [marker.marked_range.start_time.value for marker in found.markers] == [105, 123]
    assert found.markers[0].comment == "why"
    assert timeline.duration().value == 24


FILM = """\
title: {en: Way}
fps: 24
start: first
max_runtime: 10 min
scenes:
  first:
    clip: a.mkv
    length: 20 s
    reading: {from: 3 s, to: 18 s}
    branches: [{when: synchrony > 3 for 5 s, to: chase}]
    default: last
    linear: chase
  chase:
    threads: {anna: anna.mkv, ben: ben.mkv}
    length: 18 s
    cuts: {every: 6 s, branches: [{when: synchrony > 3, to: other}]}
    default: last
  last: {clip: b.mkv, length: 5 s, ending: true}
"""


def test_a_way_is_filled_in_shot_by_shot():
    film = narrative.load_film(FILM, "film.yaml")
    anna = tuple(f"chase.anna.{shot}" for shot in (1, 2, 3))
    assert way_through(film, []) == ("first", *anna, "last")
    assert way_through(film, ["first", "last"]) == ("first", "last")
    assert way_through(film, ["chase", "last"]) == (*anna, "last")
    assert way_through(film, ["first", "chase"]) == ("first", *anna)
    other = ("chase.anna.1", "chase.ben.2", "chase.ben.3", "last")
    assert way_through(film, ["chase", "chase.ben.2", "last"]) == other


@pytest.mark.parametrize(
    ("wanted", "words"),
    [(["nowhere"], "there is no scene nowhere"), (["last", "first"], "last does not lead to")],
)
def test_a_way_that_is_none_is_refused(wanted, words):
    with pytest.raises(AuthoringError, match=words):
        way_through(narrative.load_film(FILM, "film.yaml"), wanted)


def test_a_screening_comes_out_as_it_was_shown(make_show, audience, tmp_path):
    session = tmp_path / "s.mcap"
    rehearse(make_show(audience()), session, tmp_path)
    timeline = otio.core.deserialize_json_from_string(session_timeline(session))
    clips = list(timeline.find_clips())
    assert [clip.name for clip in clips] == [scene for _, scene in read_path(session)]
    assert [clip.source_range.duration.value for clip in clips] == [60 * 24, 24 * 24, 4 * 24]
    (marker,) = clips[1].markers
    assert marker.name.startswith(f"to {clips[2].name} (")
    assert "question" not in marker.comment or marker.comment
    assert 3 * 24 <= marker.marked_range.start_time.value <= 24 * 24


def test_an_operator_s_stop_shortens_the_last_clip():
    events = [
        PlayerEvent("started", 0, 0, "a", 0, "operator", 1, ""),
        PlayerEvent("started", 10, 1, "b", 0, "default", 1, ""),
        PlayerEvent("ended", 20, 1, "b", 30, "operator", 1, "stopped"),
    ]
    clips = {"a": Clip("/a.mkv", 7, 24), "b": Clip("/b.mkv", 0, 100)}
    shots = _screened(events, clips, {}, Fraction(24))
    assert [shot.clip.frames for shot in shots] == [24, 31]
