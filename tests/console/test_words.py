"""Every message in every language, and every sentence of those the console listens to."""

import ast
import io
import re
from pathlib import Path
from string import Formatter

import numpy as np
import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

import dsp
import engine.console
import narrative
from engine.console._booth import TOO_SOON
from engine.console._sentences import SENTENCES
from engine.console._words import Words, preferred
from narrative import Reading, begin, decide, enter, observe
from playback import Clip, Command, FilmTable, Plan, Player, SilentDriver, TableScene

PACKAGE = Path(engine.console.__file__).parent
MESSAGES = PACKAGE / "locale" / "zh_Hant" / "LC_MESSAGES"


@pytest.fixture(scope="module")
def catalogue() -> Catalog:
    with (MESSAGES / "console.po").open("rb") as file:
        return read_po(file, locale="zh_Hant")


def said() -> set[str]:
    """Every text that the package's code gives to the catalogue, read from its syntax trees."""
    found = set()
    for path in PACKAGE.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and node.args:
                name = node.func.id if isinstance(node.func, ast.Name) else ""
                name = node.func.attr if isinstance(node.func, ast.Attribute) else name
                text = node.args[0]
                if name in ("say", "_say", "later") and isinstance(text, ast.Constant):
                    found.add(text.value)
    return found


def test_the_catalogue_holds_every_message_and_no_other(catalogue):
    assert {message.id for message in catalogue if message.id} == said()


def test_babel_finds_every_message():
    """It does not look into f-strings: a message there would be lost at the next extraction."""
    keywords = {"say": None, "_say": None, "later": None}
    method = [("**.py", "python")]
    found = extract_from_dir(PACKAGE, method_map=method, keywords=keywords)
    assert {message for _, _, message, _, _ in found} == said()


def test_every_message_is_translated(catalogue):
    assert [m.id for m in catalogue if not m.string or (m.fuzzy and m.id)] == []


def test_translations_keep_the_values(catalogue):
    for message in catalogue:
        if message.id:
            assert fields(message.id) == fields(message.string), message.id


def fields(text: str) -> set[tuple[str, str]]:
    return {(name, form) for _, name, form, _ in Formatter().parse(text) if name is not None}


def test_the_compiled_catalogue_is_in_step(catalogue):
    compiled = io.BytesIO()
    write_mo(compiled, catalogue)
    assert compiled.getvalue() == (MESSAGES / "console.mo").read_bytes()


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("", "en"),
        ("*", "en"),
        ("zh-TW,zh;q=0.9,en;q=0.8", "zh-Hant"),
        ("zh-Hant-HK", "zh-Hant"),
        ("zh-CN", "zh-Hant"),
        ("en-GB,en;q=0.9,zh;q=0.8", "en"),
        ("de-DE,zh-TW;q=0.8,en;q=0.7", "zh-Hant"),
        ("zh-TW;q=0.1,en;q=0.9", "en"),
        ("zh-TW;q=0,fr", "en"),
        ("fr", "en"),
        ("en;q=nonsense", "en"),
    ],
)
def test_language_by_the_browsers_preference(accepted, language):
    assert preferred(accepted) == language


def known(text: str, say: Words) -> bool:
    """Whether the console can say it in Chinese."""
    return re.search("[㐀-鿿]", say.sentence(text)) is not None


def test_each_pattern_is_understood_in_its_own_words(chinese):
    for text in SENTENCES:
        example = text.format_map(Values())
        assert known(example, chinese), text


class Values(dict[str, str]):
    """A number where a number is meant, else a word."""

    def __missing__(self, name: str) -> str:
        numbers = ("number", "count", "frame", "term", "highest", "seats", "needed")
        consents = ("before", "after")
        return "7" if name in numbers else "joined" if name in consents else "gripped"


def test_what_the_player_says_is_understood(chinese):
    """Driven through start, plans, every command, panic, the end."""
    names = ("first", "gripped", "calm")
    scenes = (
        TableScene("first", Clip("a", 0, 48), "calm", ("gripped",)),
        *(TableScene(name, Clip("b", 0, 24), None, ()) for name in names[1:]),
    )
    player = Player(FilmTable(24, 1, "first", scenes, "Film"), SilentDriver())
    texts, now_ns = [], 0
    texts += [player.command(Command(kind)).what for kind in ("panic", "take", "resume", "start")]
    plan = Plan(1, 0, "first", ("gripped", "calm"), "calm", 30)
    for frame in range(120):
        now_ns = player.next_tick_ns or now_ns
        if frame == 10:
            texts += [player.plan(plan).what, player.plan(late(plan, "gripped")).what]
            for kind, number in [("take", 1), ("take", 5), ("hold", None), ("default", None)]:
                texts.append(player.command(Command(kind, number, "console")).what)
            texts.append(player.plan(late(plan, "gripped")).what)
        if frame in (20, 60):
            texts += [player.command(Command(kind)).what for kind in ("panic", "panic")]
        if frame in (50, 61):
            texts += [player.command(Command(kind)).what for kind in ("resume", "auto")]
        if frame == 80:
            texts += [player.command(Command("take", 1)).what]
        texts += [e.detail for e in player.tick(now_ns) if e.detail and e.kind != "refused"]
    texts.append(player.command(Command("stop")).what)
    assert len(set(texts)) > 20
    assert [text for text in texts if not known(text, chinese)] == []


def late(plan: Plan, choice: str) -> Plan:
    return Plan(2, plan.visit, plan.scene, plan.candidates, plan.default, 30, choice)


def test_why_a_condition_is_unknown_is_understood(show, chinese):
    state = enter(show.film, begin(show.film), 0, "question", 60.0)
    causes = set()
    for second, reading in [
        (1.0, None),
        (4.0, Reading(None, None, None, 3, "3 valid seats, 8 needed")),
        (4.5, Reading(1.0, 0.5, 4.0, 12, "")),
        (5.0, None),
        (12.0, Reading(1.0, 0.999, 4.0, 12, "")),
    ]:
        heard = {"engagement": reading} if reading else {}
        state = observe(show.film, state, [(second, heard)])
        for when in (second, second + 5.0):
            for report in decide(show.film, state, when).reasons:
                causes |= {term.why for term in report.terms if term.why}
    assert len(causes) >= 5
    assert [cause for cause in causes if not known(cause, chinese)] == []


def test_why_a_signal_is_unknown_is_understood(chinese):
    seats = tuple(f"A{n}" for n in range(3))
    states = [
        dsp.Analyzer([], dsp.Settings()),
        dsp.Analyzer([dsp.Group(seats, ("TP9", "AF7", "AF8", "TP10"), 250.0)], dsp.Settings()),
    ]
    block = np.zeros((25, 3, 4), np.float32)
    pushed = [
        states[0].push(0, [], admitted=np.ones(0, np.bool_)),
        states[1].push(0, [block], admitted=np.ones(3, np.bool_)),
    ]
    reasons = {signal.reason for state in pushed for signal in state.signals}
    assert [reason for reason in reasons if not known(reason, chinese)] == []


def test_unknown_sentences_are_shown_as_they_are(say):
    assert say.sentence("the cat sat on the keyboard") == "the cat sat on the keyboard"
    assert say.sentence(TOO_SOON) == say(TOO_SOON)


def test_scenes_are_named_by_their_titles(chinese, english):
    assert chinese.sentence("TAKE 1: gripped follows (console)") == (
        "選取 1：接下來是「入迷」 (console)"
    )
    assert chinese.sentence("pre-rolling gripped, calm") == "預備 入迷、平靜"
    assert english.sentence("gripped follows") == "Gripped follows"
    shots = Words("en", {"chase.ben.2": "The chase · ben"})
    assert shots.sentence("chase.ben.2 follows") == "The chase · ben follows"
    assert shots.guard("visits(chase.ben.2) > 1") == "visits(The chase · ben) > 1"


def test_guards_in_the_readers_language(chinese, english):
    guard = "engagement > 0.4 and not engagement.t < -3 for 5 s"
    assert chinese.guard("engagement.trend < 0 and chance(0.5)") == "投入度 趨勢 < 0 且 機率(0.5)"
    assert english.guard(guard) == "engagement > 0.4 and not engagement t < -3 for 5 s"
    assert chinese.guard(guard) == "投入度 > 0.4 且 非 投入度 t < -3 持續 5 s"
    assert english.guard("forehead_theta_alpha.confidence > 0.9") == (
        "forehead θ/α confidence > 0.9"
    )


def test_every_signal_has_a_name(chinese):
    assert all(chinese.signal(name) != name for name in narrative.SIGNALS)
