"""An edition's file: it is read whole, or refused with every place."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from festival_api.editions import Edition, EditionError, canonical, load, parse

FILE = Path(__file__).parents[2] / "examples" / "festival" / "hkaiiff-2026.yaml"
DATA = FILE.read_bytes()
TEXT = DATA.decode()
EDITION = load(FILE).edition


def refused(data: bytes | str) -> dict[str, tuple[str, int]]:
    """The problems of a refused file: path or message, code, line."""
    with pytest.raises(EditionError) as error:
        parse(data.encode() if isinstance(data, str) else data, "edition.yaml")
    for problem in error.value.problems:
        assert re.fullmatch(r"edition\.yaml:[1-9]\d*:[1-9]\d*", problem.where)
        assert problem.what
        assert problem.remedy
    assert str(error.value.problems[0]) in str(error.value)
    return {
        ".".join(map(str, problem.path)): (problem.code, int(problem.where.split(":")[1]))
        for problem in error.value.problems
    }


def changed(old: str, new: str) -> tuple[str, int]:
    """The shipped file with the only `old` replaced, and the line where that stands."""
    assert TEXT.count(old) == 1, old
    return TEXT.replace(old, new), line_of(old)


def line_of(piece: str) -> int:
    return TEXT[: TEXT.index(piece)].count("\n") + 1


def test_the_shipped_edition_is_the_festivals():
    loaded = load(FILE)
    edition = loaded.edition
    assert loaded.text_bytes == DATA
    assert loaded.sha256 == hashlib.sha256(DATA).hexdigest()
    assert [problem.code for problem in loaded.warnings] == ["awards_to_be_announced"]
    assert sum(award.counted for award in edition.awards) == 27
    assert {award.id for award in edition.awards if award.announced} == {
        "best_ai_native_film",
        "dao_voted",
        "responsible_ai",
        "unicorn_gold",
    }
    assert [award.id for award in edition.awards if award.decided_by != "committee"] == [
        "dao_voted"
    ]
    assert len(edition.spaces) == 9
    assert sum(space.description is None for space in edition.spaces) == 3
    assert (len(edition.days), len(edition.platforms)) == (7, 6)
    assert {item.day for item in edition.programme} == set(edition.days)
    assert [faction.id for faction in edition.factions] == [
        "art",
        "technology",
        "ethics",
        "community",
    ]
    assert [token.code for token in edition.tokens] == ["AIF", "FilmToken"]
    assert edition.venue.directions.in_("zh-Hant").startswith("港鐵灣仔站A5出口")
    assert edition.venue.name.in_("en") == "Hong Kong Convention and Exhibition Centre"


def test_what_is_stored_is_read_back():
    stored = canonical(EDITION)
    again = parse(stored, "stored.json").edition
    assert again == EDITION
    assert canonical(again) == stored
    # Comments and the order of keys are the file's, not the edition's.
    name, motto = TEXT.index("name: {en: HKAIIFF"), TEXT.index("motto:")
    about = TEXT.index("about:")
    other = "# a comment\n" + TEXT[:name] + TEXT[motto:about] + TEXT[name:motto] + TEXT[about:]
    reordered = parse(other.encode(), "edition.yaml")
    assert reordered.sha256 != load(FILE).sha256
    assert canonical(reordered.edition) == stored


SHAPE = {
    # what is replaced, by what: where that is refused, and how
    "unknown key": ("currency: USD", "currency: USD\ncurency: USD", "curency", "unknown_key", 1),
    "missing key": ("currency: USD\n", "", "currency", "missing_key", "id: hkaiiff-2026"),
    "missing inside": (
        "    until: 2026-02-01\n",
        "",
        "periods.0.until",
        "missing_key",
        "- id: early\n",
    ),
    "no Chinese": (", zh-Hant: 短片}", "}", "fees.2.name.zh-Hant", "translation_missing", 0),
    "empty Chinese": (
        "zh-Hant: 短片}",
        "zh-Hant: ' '}",
        "fees.2.name.zh-Hant",
        "translation_missing",
        0,
    ),
    "one language": (
        "{en: Short Film, zh-Hant: 短片}",
        "Short",
        "fees.2.name",
        "translation_missing",
        0,
    ),
    "float": ("standard: 75000", "standard: 750.00", "fees.0.standard", "bad_value", 0),
    "text for number": ("standard: 75000", "standard: '75000'", "fees.0.standard", "bad_value", 0),
    "truth for number": ("quorum: 5", "quorum: true", "stage_3.quorum", "bad_value", 0),
    "number for truth": ("blind: true", "blind: 1", "stage_2.blind", "bad_value", 0),
    "yes for true": ("blind: true", "blind: yes", "stage_2.blind", "bad_value", 0),
    "negative": ("standard: 75000", "standard: -1", "fees.0.standard", "bad_value", 0),
    "free": ("standard: 75000", "standard: 0", "fees.0.standard", "bad_value", 0),
    "huge": ("standard: 75000", "standard: 75000000000", "fees.0.standard", "bad_value", 0),
    "endless": ("quorum: 5", "quorum: " + "9" * 5000, "stage_3.quorum", "bad_value", 0),
    "zero denominator": (
        "quota: {numerator: 40, denominator: 100}",
        "quota: {numerator: 40, denominator: 0}",
        "stage_2.quota.denominator",
        "bad_value",
        0,
    ),
    "no such day": ("until: 2026-03-01", "until: 2026-02-29", "periods.1.until", "bad_value", 0),
    "day of week": ("first_day: 2026-05-01", "first_day: 2026-W18-5", "first_day", "bad_value", 0),
    "seconds as day": (
        "first_day: 2026-05-01",
        "first_day: '1777593600'",
        "first_day",
        "bad_value",
        0,
    ),
    "far day": ("last_day: 2026-05-07", "last_day: 9999-12-31", "last_day", "bad_value", 0),
    "zoned time": ("starts: '19:00'", "starts: '19:00Z'", "programme.0.starts", "bad_value", 0),
    "24 o'clock": ("ends: '23:00'", "ends: '24:00'", "programme.8.ends", "bad_value", 0),
    "choice": ("ties: committee", "ties: toss", "stage_2.ties", "bad_value", 0),
    "id": ("- id: early\n", "- id: Early Bird\n", "periods.0.id", "bad_value", 0),
    "list": ("[technology, ethics]", "technology", "stage_1.factions", "bad_value", 0),
    "mapping": ("{technology: 1, ethics: 1}", "[1, 1]", "stage_1.minimum", "bad_value", 0),
    "locked": ("locked_hours: 24", "locked_hours: 9000", "quotes.locked_hours", "bad_value", 0),
    "currency": ("currency: USD", "currency: $", "currency", "bad_value", 0),
}


@pytest.mark.parametrize(("old", "new", "path", "code", "line"), SHAPE.values(), ids=SHAPE)
def test_what_does_not_fit_is_refused_with_its_place(old, new, path, code, line):
    text, at = changed(old, new)
    assert refused(text) == {path: (code, line_of(line) if isinstance(line, str) else at + line)}


def test_an_unknown_key_tells_the_known_one():
    text, _ = changed("locked_hours: 24", "locked_hours: 24, locked_hour: 3")
    with pytest.raises(EditionError, match="is not known here"):
        parse(text.encode(), "edition.yaml")
    text, _ = changed("locked_hours: 24", "locked_hour: 24")
    with pytest.raises(EditionError, match='Did you mean "locked_hours"'):
        parse(text.encode(), "edition.yaml")


def test_all_problems_are_told_at_once_in_the_order_of_the_file():
    text, _ = changed("currency: USD", "currency: usd")
    text = text.replace("blind: true", "blind: maybe").replace("en: Short Film, ", "")
    text = text.replace("quorum: 5", "quorum: &q 5").replace(
        "minted: all", "ties: x\n  minted: all"
    )
    with pytest.raises(EditionError) as error:
        parse(text.encode(), "edition.yaml")
    assert [problem.code for problem in error.value.problems] == [
        "bad_value",
        "translation_missing",
        "bad_value",
        "anchor",
        "unknown_key",
    ]


BYTES = {
    "empty": (b"", "empty", 1),
    "only comments": (b"# nothing\n", "empty", 1),
    "NUL": (
        TEXT.replace("quorum: 5", "quorum: \0 5").encode(),
        "control_character",
        line_of("quorum: 5"),
    ),
    "not UTF-8": (DATA[:-2] + b"\xff\xfe", "not_utf8", TEXT.count("\n")),
    "UTF-16": (TEXT.encode("utf-16"), "not_utf8", 1),
    "too large": (DATA + b"#" * 1_000_000, "too_large", 1),
    "broken": (b"a: [1, 2\nb: 3\n", "not_yaml", 2),
    "second document": (DATA + b"---\na: 1\n", "not_yaml", TEXT.count("\n") + 1),
    "deep": (b"[" * 100_000, "too_deep", 1),
    "key": (b"a: 1\n? [a, b]\n: 1\n", "not_yaml", 2),
    "endless escape": (b'a: "\\UFFFFFFFF"', "not_yaml", 1),
    "directive": (b"%YAML 99999999999999999999999.1\n---\na: 1\n", "not_yaml", 1),
}


@pytest.mark.parametrize(("data", "code", "line"), BYTES.values(), ids=BYTES)
def test_what_is_no_file_for_an_edition_is_refused_at_its_line(data, code, line):
    assert list(refused(data).values()) == [(code, line)]


WRITTEN = {
    "twice": ("currency: USD", "currency: USD\ncurrency: HKD", "", "duplicate_key", 1),
    "anchor": ("currency: USD", "currency: &a USD", "currency", "anchor", 0),
    "alias": ("quorum: 5", "quorum: *five", "stage_3.quorum", "anchor", 0),
    "aliased text": ("{en: Short Film, zh-Hant: 短片}", "*f", "fees.2.name", "anchor", 0),
    "tag": ("currency: USD", "currency: !!python/name:os.system USD", "currency", "tag", 0),
    "str tag": ("currency: USD", "currency: !!str USD", "currency", "tag", 0),
    "merge": ("currency: USD", "currency: USD\n<<: {a: 1}", "<<", "unknown_key", 1),
    "half a letter": ("en: Short Film", r'en: "\ud800"', "", "not_yaml", 0),
    "escape": ("en: Short Film", r'en: "Short\e[2J"', "fees.2.name.en", "control_character", 0),
    "line feed": ("en: Short Film", r'en: "Short\nFilm"', "fees.2.name.en", "control_character", 0),
    "turned": ("en: Short Film", "en: Short\u202eFilm", "fees.2.name.en", "control_character", 0),
    "not seen": ("en: Short Film", "en: Short\u200bFilm", "fees.2.name.en", "control_character", 0),
}


@pytest.mark.parametrize(("old", "new", "path", "code", "line"), WRITTEN.values(), ids=WRITTEN)
def test_what_has_no_business_in_an_edition_is_refused(old, new, path, code, line):
    text, at = changed(old, new)
    assert refused(text) == {path: (code, at + line)}


def test_aliases_are_not_followed():
    bomb = "a: &a [x, x]\n" + "".join(
        f"{new}: &{new} [{', '.join([f'*{old}'] * 9)}]\n"
        for old, new in zip("abcdefgh", "bcdefghi", strict=True)
    )
    assert refused(bomb)["i"] == ("anchor", 9)


def test_a_file_that_cannot_be_read_is_named(tmp_path):
    for path in (tmp_path / "none.yaml", tmp_path):
        with pytest.raises(EditionError) as error:
            load(path)
        (problem,) = error.value.problems
        assert (problem.code, problem.where) == ("unreadable", str(path))


def whole_or_refused(data: bytes) -> None:
    try:
        loaded = parse(data, "edition.yaml")
    except EditionError:
        refused(data)
    else:
        assert isinstance(loaded.edition, Edition)
        assert parse(canonical(loaded.edition), "again.json").edition == loaded.edition


LINES = TEXT.splitlines(keepends=True)
SCALARS = [
    "0",
    "-1",
    "''",
    "null",
    "[]",
    "{}",
    "{a: 1}",
    "[1]",
    "2026-02-29",
    "true",
    "art",
    "9" * 30,
]


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_a_file_changed_anyhow_is_whole_or_refused(data):
    """Values exchanged, lines gone, doubled, moved, pieces cut out or put in."""
    lines = list(LINES)
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(lines) - 2))
        match data.draw(st.integers(0, 4)):
            case 0:
                lines[at] = re.sub(r": .+", ": " + data.draw(st.sampled_from(SCALARS)), lines[at])
            case 1:
                del lines[at]
            case 2:
                lines.insert(at, lines[data.draw(st.integers(0, len(lines) - 1))])
            case 3:
                lines[at] = data.draw(st.text(max_size=20)) + "\n"
            case _:
                cut = data.draw(st.integers(0, len(lines[at])))
                lines[at] = lines[at][:cut] + data.draw(st.text("{}[]:,'\"&*!-# \n", max_size=3))
    whole_or_refused("".join(lines).encode())


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=60), st.integers(0, len(DATA)), st.integers(0, 40))
def test_bytes_put_anywhere_are_whole_or_refused(piece, at, gone):
    whole_or_refused(DATA[:at] + piece + DATA[at + gone :])


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_are_refused(data):
    refused(data)
