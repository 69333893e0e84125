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
    "scene name with a dot": (
        {"  storm: {": "  §fog.bank: {clip: fog.mkv, ending: true}\n  storm: {"},
        '"fog.bank" cannot name a scene',
        "Latin letters",
    ),
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
    "half a window": ({"{from: 3 s, to: 21 s}": "§{from: 3 s}"}, 'reading has no "to"', "to: 21 s"),
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
        'a branch of harbour has no "when"',
        "Add when: engagement",
    ),
    "branch without to": (
        {"- when: synchrony > 3\n        to: harbour": "- §when: synchrony > 3"},
        'a branch of harbour has no "to"',
        "Add to: and the scene",
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


# The same for the film that uses every key of the format.
REFUSED_OF_EVERYTHING: dict[str, tuple[dict[str, str], str, str]] = {
    # variables, beds, what is remembered
    "variable": ({"courage: 0\n": "courage: §many\n"}, 'variable "courage" is "many"', "false"),
    "variable too high": ({"courage: 0\n": "courage: §1001\n"}, 'is "1001"', "to 1000 at most"),
    "variable below zero": ({"courage: 0\n": "courage: §-1\n"}, 'is "-1"', "0 for a count"),
    "variable key": ({"most: 5": "§max: 5"}, 'variable "keys" has no "max"', "most"),
    "variable most": ({"most: 5": "most: §0"}, 'keys.most is "0"', "from 1 to 1000"),
    "variable start": (
        {"start: 1, most": "start: §6, most"},
        "starts at 6, above its",
        "5 or less",
    ),
    "variable called as a signal": (
        {"met_anna: false": "met_anna: false\n  §synchrony: 0"},
        '"synchrony" is a word of the guard language',
        "another name",
    ),
    "variable name": ({"courage: 0\n": "§the-keys: 0\n  courage: 0\n"}, "cannot name", "Latin"),
    "flag compared": ({"and not met_anna": "and met_anna §> 1"}, "compared", "not met_anna"),
    "set unknown": ({"courage: +1": "§corage: +1"}, 'no variable "corage"', '"courage"?'),
    "set no mapping": ({"set: {courage: 0, keys: -1}": "set: §3"}, "storm.set is not a", "{key"),
    "flag set to a number": ({"met_anna: true,": "met_anna: §1,"}, 'set to "1"', "true or false"),
    "count set to a flag": ({"courage: +1": "courage: §true"}, 'set to "true"', "+1 or -1"),
    "count set too high": ({"keys: -1": "keys: §6"}, '"keys" is set to 6', "It goes to 5"),
    "count raised too high": ({"keys: -1": "keys: §+6"}, "is set to +6", "It goes to 5"),
    "bed unknown": ({"bed: drone": "bed: §drones"}, 'there is no "drones"', '"drone"?'),
    "bed without file": ({"sea: {file: music/sea.wav}": "sea: §{fade: 1 s}"}, "file", "music/"),
    "gain": ({"gain: -12 dB": "gain: §-12"}, 'drone.gain is "-12"', "like -12 dB"),
    "gain too loud": ({"gain: -12 dB": "gain: §12 dB"}, '"12 dB"', "to +6 dB"),
    # clips
    "clip in no file": (
        {'{file: clips/reel1.mkv, in: "00:01:00:00"': '§{in: "00:01:00:00"'},
        'storm.clip has no "file"',
        "file: clips/",
    ),
    "timecode": ({'"00:01:00:00"': "§soon"}, "which is no timecode", "01:00:04:12"),
    "timecode of a duration": ({'"00:01:00:00"': "§60 s"}, "which is no timecode", "frames"),
    "timecode seconds": ({'"00:01:00:00"': '§"00:00:60:00"'}, "no timecode", "go to 59"),
    "timecode frames": ({'"00:01:00:00"': '§"00:01:00:24"'}, "a frame too many", "goes to 23"),
    "drop-frame": ({'"00:01:00:00"': '§"00:01:00;00"'}, "drop-frame", '"00:01:00:00"'),
    "out before in": ({'"00:01:24:00"': "§1440"}, "out before it is in", "1441 or later"),
    "out and length": (
        {"length: 24 s": "length: §25 s"},
        "not what in and out make, 24 s",
        "Leave",
    ),
    "clip and threads": (
        {"  chase:\n": "  chase:\n    clip: §c.mkv\n"},
        '"chase" has a clip and threads',
        "Keep one",
    ),
    "clip and part": (
        {"duel_anna: {part": "duel_anna: {§clip: c.mkv, part"},
        'which uses a part, has no "clip"',
        "the part's scenes",
    ),
    # threads
    "cuts without threads": (
        {"bumper: 3": "cuts: §{every: 3 s, branches: [{when: synchrony > 3, to: other}]}"},
        '"waiting" has cuts but no threads',
        "Add threads",
    ),
    "threads without cuts": (
        {
            "    cuts:\n      every: 6 s\n      first: ben\n      confidence: 0.5\n"
            "      branches: [{when: engagement.trend < 0, to: other}]\n": "",
            "  chase:\n": "  §chase:\n",
        },
        "threads but no cuts",
        "Add cuts",
    ),
    "threads without length": (
        {"    length: 20 s\n    cuts": "    cuts", "  chase:\n": "  §chase:\n"},
        "threads but no length",
        "length: 60 s",
    ),
    "one thread": (
        {
            "      ben: {file: clips/reel1.mkv, in: 2400, out: 3120}\n": "",
            "first: ben": "",
            "      anna: clips": "      §anna: clips",
        },
        "only one thread",
        "write clip:",
    ),
    "thread called other": ({"      anna: c": "      §other: c"}, 'called "other"', "another name"),
    "thread short": (
        {"{file: clips/reel1.mkv, in: 2400, out: 3120}": "§{file: r.mkv, in: 2400, out: 2800}"},
        'thread "ben" of "chase" lasts 16.667 s, the scene 20 s',
        "out point",
    ),
    "first thread": ({"first: ben": "first: §bem"}, 'there is no "bem"', '"ben"?'),
    "cut to nowhere": ({"to: other}": "to: §others}"}, 'no "others"', '"other"?'),
    "cut to a scene": ({"to: other}": "to: §calm}"}, 'there is no "calm"', "anna, ben, other"),
    "cut that sets": (
        {"to: other}": "to: other, §set: {courage: 1}}"},
        'has no "set"',
        "picture only",
    ),
    "cuts too fast": ({"every: 6 s": "§every: 2 s"}, "2 s", "3 s or"),
    "no time for a cut": (
        {"every: 6 s": "§every: 18 s"},
        "ends before it can cut",
        "longer",
    ),
    "thread never shown": (
        {"to: other}": "to: ben}", "anna: clips": "anna: §clips"},
        'thread "anna" of "chase" is never shown',
        "Let a branch",
    ),
    "cut waits too long": (
        {"when: engagement.trend < 0": "when: §engagement.trend < 0 for 12 s"},
        "for 12 s cannot come true in the 11 s before the last cut",
        "shorter",
    ),
    "lead-in with threads": (
        {
            "{clip: clips/lead_in.mkv, length: 60 s": "{threads: §{a: a.mkv, b: b.mkv},"
            " length: 60 s, cuts: {every: 9 s, branches: [{when: synchrony > 3, to: other}]}"
        },
        'lead-in "lead_in" has threads',
        "one clip",
    ),
    "name of a scene with threads": (
        {
            "  chase:\n": '  §"cha{se":\n',
            "to: chase\n": 'to: "cha{se"\n',
            "to: chase}": "to: calm}",
        },
        '"cha{se" cannot name a scene',
        "Latin letters",
    ),
    # bumpers, endings, the linear path
    "bumper once": ({"bumper: 3": "bumper: §1"}, 'waiting.bumper is "1"', "from 2 to 1000"),
    "bumper on an ending": (
        {"length: 12 s, ending": "length: 12 s, bumper: §2, ending"},
        'ending "calm" has "bumper"',
        "Remove bumper",
    ),
    "bumper that waits for nothing": (
        {"{clip: clips/flee.mkv": "{bumper: §2, clip: clips/flee.mkv"},
        '"flee" has a bumper but no branches (in duel_anna and 1 more)',
        "waits for",
    ),
    "bumper of threads": (
        {"    length: 20 s\n    cuts": "    length: 20 s\n    bumper: §2\n    cuts"},
        '"chase" has a bumper and threads',
        "one clip",
    ),
    "linear on an ending": (
        {"length: 12 s, ending": "length: 12 s, linear: §storm, ending"},
        'ending "calm" has "linear"',
        "Remove linear",
    ),
    "linear to nowhere": ({"linear: duel_ben": "linear: §duel_bem"}, "no scene", '"duel_ben"?'),
    "linear in a circle": (
        {
            "linear: duel_ben": "linear: waiting",
            "bumper: 3": "bumper: 3\n    linear: §storm",
        },
        "the linear path never reaches an ending: storm -> waiting -> storm",
        "towards an ending",
    ),
    "defaults in a circle of threads": (
        {
            "keys <= 4, to: duel_ben}]\n    default: calm": "keys <= 4, to: duel_ben}]\n"
            "    default: §chase"
        },
        "never reach an ending: chase -> chase",
        "towards",
    ),
    # cues and modulations
    "cue of nothing": (
        {"- {at: 0 s, lights: 10 %, in: 3 s}": "- §{at: 0 s}"},
        "is not one of lights, osc and midi",
        "Write one of them",
    ),
    "cue of two": (
        {"- {at: 0 s, lights: 10 %": "- §{osc: /a, at: 0 s, lights: 10 %"},
        "is not one of",
        "Write one of them",
    ),
    "cue without time": ({"{at: 0 s, lights": "§{lights"}, 'has no "at"', "at: 0 s"),
    "cue after the end": (
        {"- {at: 0 s, lights": "- §{at: 24 s, lights"},
        'a cue at 24 s in "storm", which lasts 24 s',
        "next scene",
    ),
    "lights": ({"lights: 10 %": "lights: §10"}, '.lights is "10"', "like 10 %"),
    "lights above all": ({"lights: 10 %": "lights: §101 %"}, '"101 %"', "to 100 %"),
    "fade of OSC": ({"values: [0.5, 1]}": "§in: 1 s}"}, 'has no "in"', "at, osc, values"),
    "address": ({"osc: /lamp/1": "osc: §lamp/1"}, "no OSC address", "/lamp/1"),
    "address with a pattern": ({"osc: /lamp/1": "osc: §/lamp/*"}, "no OSC address", "*"),
    "arguments": ({"[0.5, 1]": "[0.5, §half]"}, '"half", which is no number', "0.5"),
    "MIDI kind": ({"midi: note": "midi: §bang"}, '.midi is "bang"', "note, control or program"),
    "MIDI channel": ({"channel: 1": "channel: §17"}, '.channel is "17"', "from 1 to 16"),
    "MIDI without channel": (
        {"{at: 2 s, midi: note, channel: 1": "§{at: 2 s, midi: note"},
        'has no "channel"',
        "channel: 1",
    ),
    "MIDI byte": ({"[60, 90]": "[60, §128]"}, 'is "128"', "from 0 to 127"),
    "MIDI bytes": ({"[60, 90]": "§[60]"}, "has 1 values", "[note, velocity]"),
    "modulated by nothing": ({"signal: synchrony": "signal: §sinchrony"}, '"sinchrony"', '"synchr'),
    "modulated by time": (
        {"signal: synchrony": "signal: §elapsed"},
        'no signal "elapsed"',
        "Known here",
    ),
    "modulated by a guard": (
        {"signal: synchrony": "signal: §synchrony.t > 2 and synchrony"},
        "which is no signal",
        "engagement.trend",
    ),
    "reads one thing": ({"from: [-1, 1]": "from: §[1, 1]"}, "the same reading twice", "different"),
    "reads no pair": ({"from: [-1, 1]": "from: §[1]"}, "is not a pair", "[-1, 1]"),
    "drives": (
        {"drives: gain": "drives: §volume"},
        '.drives is "volume"',
        "gain, filter, grade or",
    ),
    "gain out of limits": ({"to: [-6, 0]": "to: [§-61, 0]"}, "is -61", "from -60 to 6"),
    "grade out of limits": ({"to: [0, 1]": "to: [0, §1.1]"}, "is 1.1", "from 0 to 1"),
    "rest out of limits": ({"rest: -3": "rest: §7"}, ".rest is 7", "from -60 to 6"),
    "slew": ({"slew: 2": "slew: §0"}, ".slew is not above zero", "in a second"),
    "grade without file": (
        {"{signal: synchrony": "§{signal: synchrony", ",\n         target: luts/warm.cube": ""},
        'has no "target"',
        "warm.cube",
    ),
    "gain with a target": ({"rest: -3}": "rest: -3, target: §x}"}, "drives the gain and", "Remove"),
    "own confidence": (
        {"confidence: 0.8": "confidence: §0.4"},
        'storm.confidence is "0.4"',
        "0.95",
    ),
    "warnings": ({"warnings: [{en: Loud thunder": "warnings: [{§English: Loud"}, "language", "en"),
    # parts
    "part unknown": ({"duel_ben: {part: duel": "duel_ben: {part: §duels"}, '"duels"', '"duel"?'),
    "argument missing": ({"with: {who: ben, ": "with: §{"}, "used without who", "{who: ...}"),
    "argument too much": ({"{who: ben": "{§whom: x, who: ben"}, 'no parameter "whom"', '"who"?'),
    "argument empty": ({"{who: ben": '{who: §""'}, "with.who is empty", "Write a value"),
    "parameter unknown": ({"duel_$who": "duel_§$whom"}, 'no parameter "whom"', '"who"?'),
    "parameter unused": (
        {"parameters: [who,": "parameters: [who, §why,"},
        'does not use its parameter "why"',
        "Write $why",
    ),
    "parameter twice": ({"[who, won": "[who, §who, won"}, '"who" is written twice', "Keep one"),
    "part without start": (
        {"    start: face\n": "", "  duel:\n": "  §duel:\n"},
        'part "duel" has no "start"',
        "Add start",
    ),
    "part starts nowhere": (
        {"start: face": "start: §calm"},
        'starts with "calm", which is none of its scenes (in duel_anna and 1 more)',
        "face, fight, flee",
    ),
    "part leads nowhere": ({"to: fight}]": "to: §figth}]"}, '"figth", which is no', '"fight"?'),
    "part unused": (
        {
            "scenes:\n  lead_in": "  §spare: {start: x, scenes: {x: {clip: x.mkv,"
            " ending: true}}}\nscenes:\n  lead_in"
        },
        'part "spare" is never used',
        "remove it",
    ),
    "part in itself": (
        {
            '{clip: "clips/${who}_fights.mkv", default: $won}': "{part: §duel, with: {who: $who,"
            " won: $won, lost: $lost, floor: $floor}}"
        },
        "a part contains itself: duel -> duel",
        "by hand",
    ),
}


def _place(marked: str) -> str:
    before = marked.partition("§")[0]
    return f"film.yaml:{before.count(chr(10)) + 1}:{len(before) - before.rfind(chr(10))}"


@pytest.mark.parametrize("case", REFUSED)
def test_refused_with_place_and_remedy(case: str, film_text: str) -> None:
    _refused(film_text, *REFUSED[case])


@pytest.mark.parametrize("case", REFUSED_OF_EVERYTHING)
def test_all_of_the_format_is_refused_with_place_and_remedy(
    case: str, everything_text: str
) -> None:
    _refused(everything_text, *REFUSED_OF_EVERYTHING[case])


def _refused(text: str, changes: dict[str, str], what: str, remedy: str) -> None:
    """Change a film, load it, and look for the problem at the marked place."""
    marked = text
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
