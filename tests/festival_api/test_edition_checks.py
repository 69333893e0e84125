"""What an edition may not say, though it is written right: each is refused at its place."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from festival_api.editions import EditionError, check, load, parse

FILE = Path(__file__).parents[2] / "examples" / "festival" / "hkaiiff-2026.yaml"
TEXT = FILE.read_text(encoding="utf-8")
INTERACTIVE = "    fee: interactive_work\n  - id: generative_system"
SYSTEM = "    fee: interactive_work\n  - id: synthetic_performance"
SYNTHETIC = "below: short_film, from_boundary: generative_feature}\n\nfactions"
SEASON = TEXT[TEXT.index("periods:\n") : TEXT.index("# L42 to L46")]
MATRIX = TEXT[TEXT.index("dimensions:\n") : TEXT.index("# The text gives no scale.")]
JURY = TEXT[TEXT.index("factions: # L10") : TEXT.index("# L7 names four")]
FEES = TEXT[TEXT.index("fees:\n") : TEXT.index("# The text does not say which moment")]

# Code, where in the edition, and what is replaced by what.
CONTRADICTIONS = {
    "zone": ("unknown_time_zone", "time_zone", "zone: Asia/Hong_Kong", "zone: Asia/Hongkong"),
    "zone folder": ("unknown_time_zone", "time_zone", "zone: Asia/Hong_Kong", "zone: Asia"),
    "zone path": ("unknown_time_zone", "time_zone", "zone: Asia/Hong_Kong", "zone: ../UTC"),
    "currency": ("unknown_currency", "currency", "currency: USD", "currency: USX"),
    # --- names
    "period id": ("duplicate_id", "periods.1.id", "- id: regular\n", "- id: early\n"),
    "period name": ("duplicate_name", "periods.1.name.en", "en: Regular entry", "en: Early entry"),
    "award name": (
        "duplicate_name",
        "awards.11.name.zh-Hant",
        "zh-Hant: 藝術成就獎2",
        "zh-Hant: 藝術成就獎1",
    ),
    "item id": ("duplicate_id", "programme.2.id", "screenings_3_may", "screenings_2_may"),
    "check id": ("duplicate_id", "stage_1.checks.1.id", "{id: feasibility,", "{id: ai_native,"),
    "token code": ("duplicate_code", "tokens.1.code", "code: FilmToken", "code: aif"),
    # --- references
    "fee": ("unknown_id", "categories.1.fee", INTERACTIVE, INTERACTIVE.replace("_work", "")),
    "fee below": (
        "unknown_id",
        "categories.3.fee.below",
        SYNTHETIC,
        "below: s, from_boundary: generative_feature}\n\nfactions",
    ),
    "stage 1": ("unknown_id", "stage_1.factions.1", "[technology, ethics]", "[technology, press]"),
    "stage 2": ("unknown_id", "stage_2.factions.3", "ethics, community]", "ethics, comunity]"),
    "stage 2 twice": ("named_twice", "stage_2.factions.3", "ethics, community]", "ethics, art]"),
    "verdicts": (
        "unknown_id",
        "stage_1.minimum.press",
        "{technology: 1, ethics: 1}",
        "{technology: 1, press: 1}",
    ),
    "covered": (
        "unknown_id",
        "settings.award_dimensions.3",
        ", social_impact] # L7",
        ", social] # L7",
    ),
    "panel": ("unknown_id", "awards.2.panel.0", "panel: [ethics]", "panel: [ethic]"),
    "space": ("unknown_id", "programme.6.space", "ends: '17:00'", "ends: '17:00'\n    space: hall"),
    # --- season
    "no period": ("no_periods", "periods", SEASON, "periods: []\n"),
    "overlap": ("periods_overlap", "periods.1.first", "first: 2026-02-01", "first: 2026-01-31"),
    "gap": ("periods_gap", "periods.1.first", "first: 2026-02-01", "first: 2026-02-02"),
    "order": ("period_order", "periods.1.first", "first: 2026-02-01", "first: 2025-10-01"),
    "no day": ("period_order", "periods.2.until", "until: 2026-04-01", "until: 2026-03-01"),
    "free": ("zero_factor", "periods.0.factor", "numerator: 75,", "numerator: 0,"),
    "too early": ("festival_before_close", "first_day", "y: 2026-05-01\nl", "y: 2026-03-31\nl"),
    # --- fees
    "no fee": ("no_fees", "fees", FEES, "fees: []\n"),
    "cents": ("fraction_of_a_cent", "fees.2.student", "student: 15000", "student: 15001"),
    "dear": ("student_dearer", "fees.2.student", "standard: 40000", "standard: 14000"),
    "fee unused": (
        "unmapped_fee",
        "fees.3",
        FEES,
        FEES.rstrip()
        + "\n  - {id: long, name: {en: L, zh-Hant: 長}, standard: 400, student: 400}\n",
    ),
    "one fee": (
        "same_fee",
        "categories.3.fee",
        SYNTHETIC,
        "below: short_film, from_boundary: short_film}\n\nfactions",
    ),
    "no runtime": (
        "no_runtime",
        "categories.3.fee",
        "kind: synthetic_performance\n",
        "kind: generative_system\n",
    ),
    # --- jury
    "no faction": ("no_factions", "factions", JURY, "factions: []\n"),
    "no dimension": ("no_dimensions", "dimensions", MATRIX, "dimensions: []\n"),
    "scale": ("empty_scale", "scale.highest", "{lowest: 0,", "{lowest: 101,"),
    "one point": ("empty_scale", "scale.highest", "{lowest: 0,", "{lowest: 100,"),
    "alias": (
        "ambiguous_alias",
        "dimensions.3.aliases.0",
        "{en: Cultural impact",
        "{en: Artistic value",
    ),
    "alias name": (
        "ambiguous_alias",
        "dimensions.3.aliases.0",
        "{en: Cultural impact",
        "{en: Commercial value",
    ),
    "no verdict": ("empty_stage", "stage_1.minimum", "{technology: 1, ethics: 1}", "{}"),
    "nobody": ("empty_stage", "stage_2.factions", "[art, technology, ethics, community]", "[]"),
    "may not": (
        "faction_not_in_stage",
        "stage_1.minimum.art",
        "{technology: 1, ethics: 1}",
        "{art: 1}",
    ),
    "quota": (
        "share_impossible",
        "stage_2.quota",
        "quota: {numerator: 40",
        "quota: {numerator: 101",
    ),
    "no quota": (
        "share_impossible",
        "stage_2.quota",
        "quota: {numerator: 40",
        "quota: {numerator: 0",
    ),
    "expected": (
        "share_impossible",
        "stage_1.expected",
        "expected: {numerator: 60",
        "expected: {numerator: 101",
    ),
    "three of four": (
        "coverage_impossible",
        "stage_2.minimum",
        "coverage: pool",
        "coverage: per_work",
    ),
    # --- awards
    "not covered": (
        "dimension_not_covered",
        "awards.27.dimension",
        ", social_impact] # L7",
        "] # L7",
    ),
    "no award": (
        "dimension_without_award",
        "settings.award_dimensions.0",
        "    dimension: technological_innovation\n",
        "",
    ),
    "unknown": (
        "unknown_id",
        "awards.4.dimension",
        "    dimension: technological_innovation\n",
        "    dimension: novelty\n",
    ),
    "too few": ("award_list_incomplete", "awards", "awards_counted: 27", "awards_counted: 28"),
    "too many": ("award_list_incomplete", "awards", "    counted: false\n", ""),
    "holders' panel": (
        "panel_of_token_award",
        "awards.1.panel",
        "by: token_holders",
        "by: token_holders\n    panel: [art]",
    ),
    "no votes": ("no_voting_token", "awards.1.decided_by", "votes: true", "votes: false"),
    "two votes": ("two_voting_tokens", "tokens.1.votes", "votes: false", "votes: true"),
    "no trophy": ("minted_unclear", "awards.2.trophy", "panel: [ethics]", "trophy: none"),
    # --- programme
    "spaces": ("space_list_incomplete", "spaces", "spaces_counted: 9", "spaces_counted: 10"),
    "backwards": ("festival_order", "last_day", "last_day: 2026-05-07", "last_day: 2026-04-30"),
    "day before": (
        "outside_festival",
        "programme.0.day",
        "day: 2026-05-01\n    starts",
        "day: 2026-04-30\n    starts",
    ),
    "day after": (
        "outside_festival",
        "programme.8.day",
        "day: 2026-05-07\n    starts",
        "day: 2026-05-08\n    starts",
    ),
    "ends at start": ("item_order", "programme.0.ends", "starts: '19:00'", "starts: '22:00'"),
    "midnight": ("item_order", "programme.8.ends", "ends: '23:00'", "ends: '00:00'"),
    "busy": (
        "space_busy",
        "programme.6.space",
        "ends: '17:00'",
        "ends: '17:00'\n    space: neural_hall",
    ),
}


def place(node: yaml.Node, path: tuple[str | int, ...]) -> tuple[int, int]:
    """Where a path stands in PyYAML's own tree: a mapping's value where its key is."""
    mark = node.start_mark
    for step in path:
        if isinstance(step, int):
            node = node.value[step]
            mark = node.start_mark
        else:
            mark, node = next((k.start_mark, v) for k, v in node.value if k.value == step)
    return mark.line + 1, mark.column + 1


@pytest.mark.parametrize(
    ("code", "path", "old", "new"), CONTRADICTIONS.values(), ids=CONTRADICTIONS
)
def test_a_contradiction_is_refused_at_its_place(code, path, old, new):
    assert old in TEXT
    text = TEXT.replace(old, new)
    with pytest.raises(EditionError) as error:
        parse(text.encode(), "edition.yaml")
    found = {
        (problem.code, ".".join(map(str, problem.path))): problem
        for problem in error.value.problems
    }
    assert (code, path) in found
    tree = yaml.compose(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    for problem in found.values():
        line, column = place(tree, problem.path)
        assert problem.where == f"edition.yaml:{line}:{column}"
        assert not problem.warning
        assert re.search(r"\w{3}", problem.what)
        assert re.fullmatch(r".*[.?]", problem.remedy)


def test_every_contradiction_is_told_at_once():
    text = TEXT.replace("zone: Asia/Hong_Kong", "zone: Mars").replace("votes: true", "votes: false")
    text = text.replace("ends: '23:00'", "ends: '00:00'").replace("numerator: 75,", "numerator: 0,")
    with pytest.raises(EditionError) as error:
        parse(text.encode(), "edition.yaml")
    assert [problem.code for problem in error.value.problems] == [
        "unknown_time_zone",
        "zero_factor",
        "no_voting_token",
        "item_order",
    ]


def test_which_trophy_alone_is_minted_must_be_clear():
    text = TEXT.replace("minted: all_winners", "minted: best_film_only")
    for unclear in (
        "trophy: standard",
        "trophy: distinct\n    panel: [art]\n  - id: second\n    "
        "name: {en: Second, zh-Hant: 第二}\n    counted: false\n    trophy: distinct",
    ):
        with pytest.raises(EditionError) as error:
            parse(text.replace("trophy: distinct", unclear).encode(), "edition.yaml")
        assert [(p.code, p.path) for p in error.value.problems] == [
            ("minted_unclear", ("settings", "minted"))
        ]


def test_a_boundary_on_a_leap_day_is_refused():
    text = re.sub(r"202([56])-", lambda year: f"202{int(year[1]) + 2}-", TEXT)
    assert parse(text.encode(), "edition.yaml").edition.periods[1].until.isoformat() == "2028-03-01"
    with pytest.raises(EditionError) as error:
        parse(text.replace("2028-03-01", "2028-02-29").encode(), "edition.yaml")
    assert [(p.code, p.path) for p in error.value.problems] == [
        ("leap_day", ("periods", 1, "until")),
        ("leap_day", ("periods", 2, "first")),
    ]


def test_every_item_inside_a_longer_one_is_told():
    short = "    starts: '{}'\n    ends: '{}'\n    space: neural_hall\n"
    text = TEXT.replace("    ends: '17:00'\n", "    ends: '10:30'\n    space: neural_hall\n")
    text = text.replace(
        "day: 2026-05-04\n    starts: '10:00'\n    ends: '10:30'",
        "day: 2026-05-04\n    starts: '09:00'\n    ends: '10:30'",
    )
    assert "day: 2026-05-05\n    starts: '14:00'\n    ends: '18:00'\n" in text
    text = text.replace(
        "day: 2026-05-05\n    starts: '14:00'\n    ends: '18:00'\n",
        "day: 2026-05-04\n" + short.format("12:00", "13:00"),
    )
    with pytest.raises(EditionError) as error:
        parse(text.encode(), "edition.yaml")
    assert [(p.code, p.path) for p in error.value.problems] == [
        ("space_busy", ("programme", 3, "space")),
        ("space_busy", ("programme", 7, "space")),
    ]


TOUCHING = {
    "spaces apart": ("ends: '17:00'", "ends: '17:00'\n    space: surround"),
    "one after the other": (
        "starts: '10:00'\n    ends: '17:00'",
        "starts: '18:00'\n    ends: '19:00'\n    space: neural_hall",
    ),
    "two without a space": ("starts: '14:00'", "starts: '10:00'"),
    "one minute": ("starts: '19:00'", "starts: '21:59'"),
    "entries close as it begins": ("until: 2026-04-01", "until: 2026-05-01"),
    "four of four": ("minimum: 3\n  coverage: pool", "minimum: 4\n  coverage: per_work"),
    "all pass": ("quota: {numerator: 40", "quota: {numerator: 100"),
    "a fee for free students is not asked": ("student: 15000", "student: 4"),
    "unicorn inside": ("    counted: false\n", "    counted: true\n"),
    "best film only": ("minted: all_winners", "minted: best_film_only"),
}


@pytest.mark.parametrize(("old", "new"), TOUCHING.values(), ids=TOUCHING)
def test_what_only_touches_is_taken(old, new):
    assert old in TEXT
    text = TEXT.replace(old, new)
    if "counted: true" in new:
        text = text.replace("awards_counted: 27", "awards_counted: 28")
    assert parse(text.encode(), "edition.yaml")


def test_an_edition_without_file_is_checked_as_well():
    edition = load(FILE).edition
    assert [(p.code, p.where, p.warning) for p in check(edition)] == [
        ("awards_to_be_announced", "", True)
    ]
    moved = edition.model_copy(update={"currency": "ZZZ"})
    assert str(check(moved)[0]).startswith('currency: there is no currency "ZZZ". ')
