"""Both languages: every sentence that the service says to people has its Traditional Chinese."""

import re
import string
from pathlib import Path

import pytest
from babel.messages import extract, mofile, pofile

from festival_api.speech import asked_language, say, translated

PACKAGE = Path(__file__).parent.parent.parent / "festival_api"
CATALOGUE = PACKAGE / "locale" / "zh_Hant" / "LC_MESSAGES" / "festival.po"
CHINESE = re.compile(r"[\u3400-\u9fff]")


@pytest.fixture(scope="module")
def said():
    """Every sentence in code and templates."""
    keywords = {**extract.DEFAULT_KEYWORDS, "say": None, "Kind": (3,)}
    methods = [("**.py", "python"), ("**/templates/**.html", "jinja2")]
    found = extract.extract_from_dir(PACKAGE, method_map=methods, keywords=keywords)
    return {message for _, _, message, _, _ in found if message}


@pytest.fixture(scope="module")
def catalogue():
    with CATALOGUE.open("rb") as file:
        return {message.id: message for message in pofile.read_po(file) if message.id}


def placeholders(text):
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def test_every_sentence_has_its_chinese_and_no_other_is_kept(said, catalogue):
    assert len(said) > 500
    assert set(catalogue) == said
    assert [m.id for m in catalogue.values() if m.fuzzy or not CHINESE.search(m.string)] == []


def test_a_translation_has_the_same_placeholders(catalogue):
    for message in catalogue.values():
        assert placeholders(message.string) == placeholders(message.id), message.id


def test_chinese_is_written_with_its_own_punctuation(catalogue):
    beside = re.compile(r"[\u3400-\u9fff][,;:!?]|[,;:!?][\u3400-\u9fff]")
    assert [m.string for m in catalogue.values() if beside.search(m.string)] == []


def test_the_compiled_catalogue_is_that_of_the_sentences(catalogue):
    with CATALOGUE.with_suffix(".mo").open("rb") as file:
        compiled = {message.id: message.string for message in mofile.read_mo(file) if message.id}
    assert compiled == {message.id: message.string for message in catalogue.values()}


@pytest.mark.parametrize(
    ("accept", "language"),
    [
        ("", "en"),
        ("de,fr", "en"),
        ("zh-TW", "zh-Hant"),
        ("zh-HK,zh;q=0.9,en;q=0.8", "zh-Hant"),
        ("en-GB,zh;q=0.9", "en"),
        ("zh;q=0.2,en;q=0.7", "en"),
        ("zh;q=0,en", "en"),
        ("zh;q=x,*", "en"),
    ],
)
def test_the_language_is_the_one_that_is_asked_for_most(accept, language):
    assert asked_language(accept) == language


def test_what_has_no_translation_stays_english():
    assert translated(say("Sign in first."), "zh-Hant") != "Sign in first."
    assert translated("nobody ever said this", "zh-Hant") == "nobody ever said this"
    assert translated("Sign in first.", "en") == "Sign in first."
