"""Stories of Twine as films: what is taken, where it came from, and what is listed."""

import html
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

import narrative
from engine.authoring import AuthoringError, import_story
from engine.authoring._twee import read_story

STORY = """\
:: StoryTitle
The Tide

:: StoryData
{"ifid": "D674C58C-DEFA-4F70-B7A2-27742230C0FC", "start": "The quay"}

:: The quay [lead-in length:70s] {"position":"600,400"}
Water, and nothing else.
[[On->At sea]]

:: At sea [clip:sea.mkv photosensitive]
[[Into the fog->Fog]] when engagement > 0.7 and engagement.t > 3 for 5 s
[[Storm<-Wait]] (default)
-> Home when synchrony > 3 for 5 s

:: Fog
[[Storm|Storm]]

:: Storm [ending]
:: Home
The end.
"""


def film_of(text, file="story.twee"):
    made = import_story(text, file, "film.yaml")
    assert made.problems == ()
    return narrative.load_film(made.text, "film.yaml"), made


def test_passages_links_and_tags_become_scenes_branches_and_marks():
    film, made = film_of(STORY)
    assert made.notes == ()
    assert film.title == {"en": "The Tide"}
    assert film.start == "the_quay"
    assert list(film.scenes) == ["the_quay", "at_sea", "fog", "storm", "home"]
    quay, sea = film.scenes["the_quay"], film.scenes["at_sea"]
    assert (quay.lead_in, quay.length_s, quay.default) == (True, 70.0, "at_sea")
    assert (sea.clip, sea.photosensitive, sea.default) == ("sea.mkv", True, "storm")
    assert [(branch.when.text, branch.to) for branch in sea.branches] == [
        ("engagement > 0.7 and engagement.t > 3 for 5 s", "fog"),
        ("synchrony > 3 for 5 s", "home"),
    ]
    assert film.scenes["storm"].ending
    assert film.scenes["home"].ending
    assert "# Water, and nothing else." in made.text


def as_html(text, *, start="The quay", archive=False):
    """Publish a story as Twine 2 does, from Twee as this reads it."""
    story = read_story(text, "story.twee")
    passages = "".join(
        f'<tw-passagedata pid="{pid}" name="{html.escape(p.name)}"'
        f' tags="{html.escape(" ".join(p.tags))}" position="1,2">'
        f"{html.escape(p.text)}</tw-passagedata>"
        for pid, p in enumerate(story.passages.values(), start=1)
    )
    pid = list(story.passages).index(start) + 1
    data = f'<tw-storydata name="{html.escape(story.title)}" startnode="{pid}" hidden>'
    page = f'{data}<style role="stylesheet"></style>{passages}</tw-storydata>'
    return page + ('<tw-storydata name="Another"></tw-storydata>' if archive else "")


@pytest.mark.parametrize("archive", [False, True])
def test_html_gives_the_same_film_as_twee(archive):
    film, _ = film_of(STORY)
    again, made = film_of(as_html(STORY, archive=archive), "story.html")
    assert again == film
    told = " ".join(note.what for note in made.notes)
    assert ("Another" in told) == archive


def test_a_link_without_a_guard_is_a_chance_and_is_listed():
    film, made = film_of(":: Start\n[[A]]\n[[B]]\n[[C]]\n:: A\n:: B\n:: C\n")
    start = film.scenes["start"]
    assert start.default == "a"
    assert [branch.when.text for branch in start.branches] == ["chance(0.333333333)", "chance(0.5)"]
    assert [(note.where, "no guard" in note.what) for note in made.notes] == [
        ("story.twee:3:1", True),
        ("story.twee:4:1", True),
    ]


def test_prose_that_looks_like_a_guard_is_listed_with_its_line():
    _, made = film_of(":: Start\n[[A]]\n\n[[B]] when you are ready.\n:: A\n:: B\n")
    assert [note.where for note in made.notes] == ["story.twee:4:1"]
    assert "you are ready" in made.notes[0].what


def test_first_links_in_a_circle_are_led_out_of_it():
    film, made = film_of(":: Start\n[[A]]\n:: A\n[[Start]]\n[[End]]\n:: End\n")
    assert film.scenes["a"].default == "end"
    assert any("default of" in note.what and ":5:" in note.where for note in made.notes)


LISTED = {
    "macro <<set $x to 1>>": (":: Start\nhello\n<<set $x to 1>>\n", 3),
    "macro (set: $x to 1)": (":: Start\n(set: $x to 1)\n", 2),
    "variable $name": (":: Start\nDear $name,\n", 2),
    "HTML <b>": (":: Start\n\n<b>bold</b>\n", 3),
    'tag "moody"': (":: Start [moody]\n", 1),
    'passage "Code" (script)': (":: Start\n:: Code [script]\nalert()\n", 2),
    'passage "StoryInit"': (":: Start\n:: StoryInit\n", 2),
    'a link to "Nowhere"': (":: Start\n[[Nowhere]]\n", 2),
    'passage "Lost" is not taken': (":: Start\n:: Lost\n", 2),
    'a second passage "Start"': (":: Start\n:: Start\n", 2),
    "setter [$x to 3]": (":: Start\n[[A][$x to 3]]\n:: A\n", 2),
    'length "long"': (":: Start [length:long]\n", 1),
    "cannot be read: {broken": (":: Start {broken\n", 1),
    "StoryData is no JSON": (":: Start\n:: StoryData\n{\n", 2),
    "text before the first passage": ("hello\n:: Start\n", 1),
    "does not say where it starts": (":: One\n", 1),
    "tagged ending and has links": (":: Start [ending]\n[[A]]\n:: A\n", 1),
}


@pytest.mark.parametrize("what", LISTED)
def test_what_is_not_taken_is_listed_with_its_place(what):
    text, line = LISTED[what]
    film, made = film_of(text)
    assert film.scenes
    assert [note.where for note in made.notes if what in note.what] == [f"story.twee:{line}:1"]
    assert {note.severity for note in made.notes} == {"note"}


def test_backslashes_take_the_meaning_from_what_follows():
    story = read_story(':: A \\[b\\] \\\\ c [x\\]y \\z] {"clip": "a b.mkv"}\n', "s.twee")
    assert list(story.passages) == ["A [b] \\ c"]
    passage = story.passages["A [b] \\ c"]
    assert passage.tags == ("x]y", "z")
    assert passage.metadata == {"clip": "a b.mkv"}


def test_metadata_may_say_clip_length_and_guards():
    head = {"clip": "my clip.mkv", "length": "1 min", "when": {"B": "synchrony > 3 for 5 s"}}
    film, made = film_of(f":: Start {json.dumps(head)}\n[[A]] [[B]]\n:: A\n:: B\n")
    start = film.scenes["start"]
    assert (start.clip, start.length_s) == ("my clip.mkv", 60.0)
    assert [branch.when.text for branch in start.branches] == ["synchrony > 3 for 5 s"]
    assert made.notes == ()


def test_baselines_come_from_a_calibration_where_there_is_no_lead_in():
    film, _ = film_of(":: Start\n[[A]]\n[[B]] when engagement > 0.7 for 5 s\n:: A\n:: B\n")
    assert film.calibrated


def test_names_become_legal_and_stay_apart():
    text = ":: Start\n[[潮汐]] [[start]] [[3 o'clock]] [[engagement]]\n"
    text += ":: 潮汐\n:: start\n:: 3 o'clock\n:: engagement\n"
    film, _ = film_of(text)
    assert len(film.scenes) == 5
    assert film.scenes["scene_2"].title == {"zh-Hant": "潮汐"}


@pytest.mark.parametrize("file", ["story.twee", "story.html"])
@pytest.mark.parametrize("text", ["", "hello", "<html>", ":: \n", ":: StoryTitle\nx"])
def test_what_is_no_story_is_refused_with_its_place(file, text):
    with pytest.raises(AuthoringError, match=rf"{file}:1:1: there are no passages"):
        import_story(text, file, "film.yaml")


PIECES = st.sampled_from(
    [
        ":: ", "::", "Start", "A", "B b", "潮", "\n", "\n", "\n:: Start\n", "\n:: A\n", "[[", "]]",
        "[[A]]", "[[B b->A]]", "[[A<-x]]", "[[x|Start]]", "][", "[", "]", "{", "}", "{\"clip\":",
        "\"", "\\", " [ending]", " [lead-in]", " [clip:a.mkv]", " [length:3s]", " [default]",
        " when ", "engagement > 0.7 for 5 s", "visits(a) > 1", "->", "(default)", "<<set $x>>",
        "(if: $x)", "<script>", "<tw-storydata name='x' startnode=1>",
        "<tw-passagedata pid=1 name=Start>", "<tw-passagedata pid=2 name='A' tags='ending'>",
        "</tw-passagedata>", "</tw-storydata>", "<!--", "&lt;", "&#x110000;", "\x00", "\u2028",
        "\ud800", "\ufeff", "\x85", "# ", "'", ": ", "- ",
    ]
)  # fmt: skip


@given(st.lists(PIECES | st.text(max_size=5), max_size=60).map("".join), st.booleans())
def test_no_text_raises_anything_but_the_package_s_own_error(text, as_page):
    file = "story.html" if as_page else "story.twee"
    try:
        made = import_story(text, file, "film.yaml")
    except AuthoringError as error:
        assert str(error).startswith(f"{file}:1:1: ")  # noqa: PT017
        return
    for note in made.notes:
        name, line, column = note.where.rsplit(":", 2)
        assert (name, column) == (file, "1")
        assert 1 <= int(line) <= text.count("\n") + text.count("\r") + 1
    for problem in made.problems:
        assert problem.where.startswith("film.yaml:")
    if not made.problems:
        assert narrative.load_film(made.text, "film.yaml").scenes


def test_a_story_without_end_is_quickly_read():
    chain = "".join(f":: P{n}\n[[P{n + 1}]] [[P{n // 2}]]\n" for n in range(5000))
    made = import_story(f"{chain}:: P5000\n", "story.twee", "film.yaml")
    assert made.problems == ()


@pytest.mark.parametrize(
    "text", ["[[" * 100_000, "<<" * 100_000, "(a:" * 50_000, "<a" * 100_000, "[" * 100_000]
)
def test_brackets_without_end_are_quickly_read(text):
    import_story(f":: Start {text}\n{text}\n", "story.twee", "film.yaml")
