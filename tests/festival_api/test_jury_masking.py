"""Names of makers in the texts that a blind jury reads."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from festival_api.jury._masking import MASK, Mask, company_core

MAKERS = ["Ada Lovelace", "陳大文", "José García-Márquez", "이순신"]
COMPANIES = ["Neon Lab Ltd.", "霓虹映畫有限公司"]


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("A film by ADA  LOVELACE's hand", f"A film by {MASK}'s hand"),
        ("adalovelace, ada_lovelace, Ada-Lovelace", f"{MASK}, {MASK}, {MASK}"),
        ("Lovelace, Ada. Then Lovelace alone.", f"{MASK}. Then {MASK} alone."),
        ("García Márquez, José made it", f"{MASK} made it"),
        ("jose garcia marquez; JOSÉ; Garcia", f"{MASK}; {MASK}; {MASK}"),
        ("由Ada Lovelace導演,陳大文編劇", f"由{MASK}導演,{MASK}編劇"),
        ("陳 大文。陳·大文", f"{MASK}。{MASK}"),
        ("Ａｄａ　Ｌｏｖｅｌａｃｅ", MASK),
        ("A\u200bda Love\u200blace", MASK),
        ("이순신이 만든", f"{MASK}이 만든"),
        ("NEON-LAB made it with neon lab ltd", f"{MASK} made it with {MASK}"),
        ("霓虹映畫 and 霓虹映畫有限公司", f"{MASK} and {MASK}"),
        ("see https://example.org/ada?x=1。或電郵 a.b@c.example", f"see {MASK}。或電郵 {MASK}"),
        ("www.ada.example, @ada.l", f"{MASK}, {MASK}"),
    ],
)
def test_a_name_is_found_however_it_is_written(text, masked):
    assert Mask(MAKERS, COMPANIES).text(text) == masked


@pytest.mark.parametrize(
    "text",
    [
        "Adamant lovelaces in a marquee",
        "the ada of a lovelace in lower case is a word",
        "大文豪",
        "A neon sign above a laboratory",
        "",
    ],
)
def test_words_that_only_look_alike_stay(text):
    assert Mask(MAKERS, COMPANIES).text(text) == text


def test_documents_are_masked_whole_and_keep_their_keys():
    document = {"Ada Lovelace": ["by Ada Lovelace", 7, None, {"x": ("Lovelace", True)}]}
    masked = {"Ada Lovelace": [f"by {MASK}", 7, None, {"x": [MASK, True]}]}
    assert Mask(MAKERS).document(document) == masked


def test_companies_are_known_by_what_is_not_their_legal_form():
    assert company_core("Neon Lab Ltd.") == company_core("NEON LAB co., limited") == "neon lab"
    assert company_core("霓虹映畫有限公司") == company_core("霓虹映畫")
    assert company_core("Ltd") == ""


def folds_to_letters(letter):
    """Whether a name can be searched for by this letter: some fold to nothing, or to signs."""
    kinds = {unicodedata.category(part) for part in unicodedata.normalize("NFKD", letter)}
    return {kind[0] for kind in kinds - {"Mn"}} == {"L"}


LETTERS = st.characters(categories=["Lu", "Ll", "Lo"], max_codepoint=0xFFFF).filter(
    folds_to_letters
)
NAMES = st.lists(st.text(LETTERS, min_size=2, max_size=9), min_size=1, max_size=3).map(" ".join)


@settings(max_examples=50)
@given(NAMES, st.text(max_size=30), st.text(max_size=30))
def test_no_whole_name_is_left_between_spaces(name, before, after):
    assume(name not in before + after)
    masked = Mask([name]).text(f"{before} {name} {after}")
    assert name not in masked
    assert MASK in masked


@settings(max_examples=50)
@given(NAMES, NAMES)
def test_what_is_left_does_not_tell_names_apart(name, other):
    text = "1 {} 2: {}, (3) «{}»."
    assume(not any(digit in name + other for digit in "123"))
    assert Mask([name]).text(text.format(*[name] * 3)) == Mask([other]).text(
        text.format(*[other] * 3)
    )


@given(st.text())
def test_without_names_nothing_but_addresses_changes(text):
    assume("@" not in text and "www." not in text.lower() and "://" not in text)
    assert Mask([]).text(text) == text
