"""Every way a film is refused: the place, what is wrong, and the remedy."""

import pytest

from narrative import FilmError, load_film

HARBOUR = "- when: engagement > 0.4 for 5 s"

# Name of the case: replacements (§ marks the place that must be named), what, remedy.
REFUSED: dict[str, tuple[dict[str, str], str, str]] = {
    "broken yaml": ({"fps: 24": "fps: [24", "start": "start§"}, "broken YAML", "brackets"),
    "tab": ({"  harbour:\n    clip": "  harbour:\n§\tclip"}, "broken YAML", "indentation"),
    "two documents": ({"fps: 24": "§---\nfps: 24"}, "broken YAML", "here and in the line above"),
    "anchor": ({"fps: 24": "fps: §&rate 24"}, "anchors", "Write it out"),
    "not a mapping": ({"{from: 3 s, to: 21 s}": "§3 s"}, "harbour.reading is not a mapping", "{"),
    "unknown key": ({"    clip: clips/h": "    §clipp: clips/h"}, '"clipp"', 'mean "clip"?'),
    "unknown film key": ({"fps: 24": "fps: 24\n§max_run: 2 min"}, '"max_run"', '"max_runtime"?'),
    "duplicate key": ({"fps: 24": "fps: 24\n§fps: 25"}, '"fps" is written twice', "Keep one"),
    "duplicate scene": (
        {
            "  storm: {": "  calm: {ending: true, clip: a}\n  storm: {",
            "  calm: {clip: clips/calm": "  §calm: {clip: clips/calm",
        },
        '"calm" is written twice',
        "Keep one",
    ),
    "no title": ({"title:": "#", "fps": "§fps"}, 'the film has no "title"', "Add title"),
    "title in no language": (
        {"{en: Test, zh-Hant: 測試}": "§Test"},
        "not a mapping",
        "{key: value}",
    ),
    "language": ({"en: Test": "§English: Test"}, '"English" is no language', "zh-Hant"),
    "fps": ({"fps: 24": "fps: §fast"}, 'fps is "fast"', "24000/1001"),
    "fps rounded": ({"fps: 24": "fps: §23.976"}, "rounded", "24000/1001"),
    "fps zero": ({"fps: 24": "fps: §24/0"}, "fps", "24"),
    "fps by zero": ({"fps: 24": "fps: §24/00"}, 'fps is "24/00"', "24000/1001"),
    "forbidden character": ({"harbour.mkv": "har§\0bour.mkv"}, "character 0x0000", "UTF-8"),
    "confidence": ({"fps: 24": "fps: 24\nconfidence: §99"}, 'confidence is "99"', "0.95"),
    "baseline": ({"fps: 24": "fps: 24\nbaseline: §none"}, 'baseline is "none"', "calibration"),
    "baseline twice": (
        {"fps: 24": "fps: 24\nbaseline: calibration", "lead_in: true": "lead_in: §true"},
        '"lead_in" is a lead-in',
        "Remove lead_in: true",
    ),
    "no start": ({"start: lead_in\n": "", "title:": "§title:"}, 'no "start"', "Add start"),
    "start nowhere": ({"start: lead_in": "start: §leadin"}, '"leadin"', 'mean "lead_in"?'),
    "no max_runtime": (
        {"max_runtime: 5 min\n": "", "title:": "§title:"},
        '"max_runtime"',
        "20 min",
    ),
    "no scenes": ({"scenes:": "scenes: §{}\nx:"}, "there are no scenes", "at least one"),
    "scene name": ({"  storm: {": "  §bad-name: {"}, '"bad-name" cannot name', "Latin letters"),
    "plain number": ({"length: 24 s": "length: §24"}, '"24", which is no duration', "Write 24 s"),
    "duration": ({"length: 24 s": "length: §soon"}, '"soon"', "24 s, 500 ms, 2 min"),
    "negative length": ({"length: 24 s": "length: §-24 s"}, '"-24 s"', "24 s, 500 ms"),
    "zero length": ({"length: 24 s": "length: §0 s"}, "zero", "above zero"),
    "lead_in flag": ({"lead_in: true": "lead_in: §yes"}, '"yes"', "true or false"),
    "no clip key": (
        {"  harbour:\n    clip: clips/harbour.mkv": "  §harbour:"},
        "no clip",
        "Add clip",
    ),
    "empty clip": ({"clip: clips/harbour.mkv": "clip:§"}, "harbour.clip is empty", "Write a value"),
    "control character": ({"clips/harbour.mkv": '§"clips\\0"'}, "control characters", "plain line"),
    "branch to nowhere": ({"to: storm": "to: §strom"}, '"strom", which is no scene', '"storm"?'),
    "default to nowhere": ({"default: calm": "default: §clam"}, '"clam"', '"calm"?'),
    "no default": (
        {"    default: calm\n": "", "  harbour:": "  §harbour:"},
        "has no default and is no ending",
        "Add default",
    ),
    "loop of defaults": (
        {"default: calm": "default: §lead_in"},
        "never reach an ending: lead_in -> harbour -> lead_in",
        "towards an ending",
    ),
    "default to itself": ({"default: calm": "default: §harbour"}, "harbour -> harbour", "towards"),
    "unreachable": (
        {"  storm: {": "  §fog: {clip: fog.mkv, ending: true}\n  storm: {"},
        '"fog" cannot be reached',
        "remove it",
    ),
    "no ending": (
        {
            "mkv, length: 12 s, ending: true}": "mkv, length: 12 s, default: calm}",
            "scenes:\n  lead_in": "scenes:\n  §lead_in",
        },
        "no ending",
        "ending: true",
    ),
    "ending with default": (
        {"clips/calm.mkv, length": "clips/calm.mkv, default: §storm, length"},
        'ending "calm" has "default"',
        "Remove default",
    ),
    "ending with branches": (
        {"clips/calm.mkv, length": "clips/calm.mkv, branches: §[], length"},
        'ending "calm" has "branches"',
        "Remove branches",
    ),
    "lead-in short": ({"length: 60 s": "length: §59 s"}, "lasts 59 s", "60 s at least"),
    "lead-in with branches": (
        {
            "lead_in: true": "lead_in: true\n    reading: {from: 3 s, to: 9 s}\n"
            "    branches: \n      §- {when: synchrony > 3, to: calm}"
        },
        'lead-in "lead_in" has branches',
        "next scene",
    ),
    "no lead-in": (
        {"    lead_in: true\n": "", "when: engagement": "when: §engagement"},
        'engagement unknown in "harbour": no lead-in',
        "lead_in: true",
    ),
    "way round the lead-in": (
        {
            "start: lead_in": "start: hall",
            "scenes:\n": "scenes:\n  hall:\n    clip: hall.mkv\n"
            "    reading: {from: 2 s, to: 9 s}\n    default: lead_in\n"
            "    branches: [{when: synchrony > 3, to: harbour}]\n",
            "when: engagement": "when: §engagement",
        },
        "no lead-in comes before",
        "60 s",
    ),
    "window after clip": (
        {"{from: 3 s, to: 21 s}": "§{from: 3 s, to: 25 s}"},
        "ends after its clip",
        "23 s or before",
    ),
    "window near cut": (
        {"{from: 3 s, to: 21 s}": "§{from: 3 s, to: 23.5 s}"},
        "less than 1 s before the cut",
        "End it at 23 s",
    ),
    "window at cut": (
        {"{from: 3 s, to: 21 s}": "§{from: 1.9 s, to: 21 s}"},
        "less than 2 s after the cut",
        "Start it at 2 s",
    ),
    "window backwards": (
        {"{from: 3 s, to: 21 s}": "§{from: 21 s, to: 3 s}"},
        "ends before it opens",
        "earlier time in from",
    ),
    "half a window": ({"{from: 3 s, to: 21 s}": "§{from: 3 s}"}, "needs from and to", "{from: 3 s"),
    "no window": (
        {"    reading: {from: 3 s, to: 21 s}\n": "", HARBOUR: "§" + HARBOUR},
        "branches but no reading",
        "Add reading",
    ),
    "window for nothing": (
        {"lead_in: true": "lead_in: true\n    reading: §{from: 3 s, to: 9 s}"},
        "window but no branches",
        "add branches",
    ),
    "for too long": (
        {"when: engagement > 0.4 for 5 s": "when: §engagement > 0.4 for 19 s"},
        "for 19 s cannot come true in a reading window of 18 s",
        "longer",
    ),
    "for within for": (
        {"when: engagement > 0.4 for 5 s": "when: §(engagement > 0.4 for 10 s) for 10 s"},
        "cannot come true",
        "shorter",
    ),
    "branches no list": (
        {
            HARBOUR + "\n        to: storm\n      - when: synchrony > 3\n"
            "        to: harbour": "§to: storm"
        },
        "is not a list",
        '"- "',
    ),
    "branch without when": (
        {"- when: synchrony > 3\n        to: harbour": "- §to: harbour"},
        'without "when"',
        "when: and to:",
    ),
    "branch without to": (
        {"- when: synchrony > 3\n        to: harbour": "- §when: synchrony > 3"},
        'without "to"',
        "when: and to:",
    ),
    "unknown signal": (
        {"when: synchrony > 3": "when: §syncrony > 3"},
        '"syncrony"',
        '"synchrony"?',
    ),
    "signal in the middle": (
        {"when: engagement > 0.4": "when: synchrony > 3 or §engaged > 0.4"},
        '"engaged"',
        'Did you mean "engagement"?',
    ),
    "guard in quotes": ({"when: synchrony > 3": 'when: "synchrony §=> 3"'}, '"=" where', ">="),
    "guard over lines": (
        {"when: synchrony > 3": "when: >-\n          synchrony > 3\n          and §x > 1"},
        'no signal "x"',
        "Known here",
    ),
    "guard unfinished": (
        {"when: synchrony > 3": "when: synchrony >§"},
        "the end where",
        "Readings",
    ),
    "guard no text": ({"when: synchrony > 3": "when: §[1]"}, "when is not a text", "one condition"),
}


def _place(marked: str) -> str:
    before = marked.partition("§")[0]
    return f"film.yaml:{before.count(chr(10)) + 1}:{len(before) - before.rfind(chr(10))}"


@pytest.mark.parametrize("case", REFUSED)
def test_refused_with_place_and_remedy(case: str, film_text: str) -> None:
    changes, what, remedy = REFUSED[case]
    marked = film_text
    for old, new in changes.items():
        assert old in marked
        marked = marked.replace(old, new)
    with pytest.raises(FilmError) as refused:
        load_film(marked.replace("§", ""), "film.yaml")
    found = [p for p in refused.value.problems if p.where == _place(marked) and what in p.what]
    assert found, f"{_place(marked)} expected, but:\n{refused.value}"
    assert remedy in found[0].remedy


@pytest.mark.parametrize("text", ["", "# nothing\n", "   \n"])
def test_an_empty_file_is_refused(text: str) -> None:
    with pytest.raises(FilmError, match=r"film.yaml:1:1: the file is empty. Start with title"):
        load_film(text, "film.yaml")


def test_all_problems_come_at_once_in_file_order(film_text: str) -> None:
    text = film_text.replace("fps: 24", "fps: fast").replace("to: storm", "to: strom")
    text = text.replace("length: 60 s", "length: 24").replace("synchrony >", "syncrony >")
    with pytest.raises(FilmError) as refused:
        load_film(text, "film.yaml")
    assert str(refused.value).splitlines() == [
        'film.yaml:2:6: fps is "fast". Write 24, 25, 30 or a fraction such as 24000/1001.',
        'film.yaml:8:13: lead_in.length is "24", which is no duration. Write 24 s (or ms, min).',
        'film.yaml:17:13: "harbour" leads to "strom", which is no scene. Did you mean "storm"?',
        'film.yaml:18:15: there is no signal "syncrony". Did you mean "synchrony"?',
    ]


def test_a_film_may_take_its_baselines_from_a_calibration(film_text: str) -> None:
    without = film_text.replace("    lead_in: true\n", "")
    with pytest.raises(FilmError, match="no lead-in comes before it"):
        load_film(without.replace("fps: 24", "fps: 24\nbaseline: lead_in"), "film.yaml")
    film = load_film(without.replace("fps: 24", "fps: 24\nbaseline: calibration"), "film.yaml")
    assert film.calibrated
    assert not load_film(film_text, "film.yaml").calibrated
