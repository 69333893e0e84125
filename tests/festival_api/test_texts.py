"""What people send as text: taken whole, refused, or nothing at all."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from festival_api.texts import Line, Prose

LINE, PROSE = TypeAdapter(Line), TypeAdapter(Prose)
TURNING = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
UNSEEN = st.sampled_from("\u200b\u200d\u2060\ufeff\u00ad\u3164\u2800\u0301\u3000 ")


@pytest.mark.parametrize("letter", [*TURNING, "\0", "\u2028", "\x1b"])
def test_what_turns_writing_or_is_no_text_is_refused_by_its_number(letter):
    for kind in (LINE, PROSE):
        with pytest.raises(ValidationError, match=rf"U\+{ord(letter):04X}"):
            kind.validate_python(f"gpj{letter}exe")


@given(st.text(UNSEEN, max_size=20))
def test_what_nobody_sees_is_empty(text):
    assert LINE.validate_python(text) == PROSE.validate_python(text) == ""


@given(
    st.text(UNSEEN, max_size=9), st.sampled_from("a守ו?🎞\U0001e900"), st.text(UNSEEN, max_size=9)
)
def test_what_somebody_sees_stays_with_all_its_signs(before, letter, after):
    meant = unicodedata.normalize("NFC", before + letter + after).strip()
    assert LINE.validate_python(before + letter + after) == meant


def test_marks_that_writing_needs_stay():
    for text in ("می\u200cخواهم", "\u200fשלום", "👨\u200d👩\u200d👧"):
        assert LINE.validate_python(text) == text
