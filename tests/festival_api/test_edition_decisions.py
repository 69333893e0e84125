"""What the festival's text leaves open is decided and told; another setting tells another."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from festival_api.editions import decisions, load, parse

FILE = Path(__file__).parents[2] / "examples" / "festival" / "hkaiiff-2026.yaml"
TEXT = FILE.read_text(encoding="utf-8")
EDITION = load(FILE).edition

SETTINGS = {
    # Which question; what is set otherwise in the file.
    (1, "boundary"): [
        ("until: 2026-02-01", "until: 2026-01-31"),
        ("first: 2026-02-01", "first: 2026-01-31"),
    ],
    (2, "zone"): [("zone: Asia/Hong_Kong", "zone: Etc/GMT+12")],
    (3, "season"): [("first: 2025-11-01", "first: 2024-11-01")],
    (3, "festival"): [("last_day: 2026-05-07", "last_day: 2026-05-08")],
    (4, "currency"): [("currency: USD", "currency: HKD")],
    (5, "paid"): [("fixed_at: finalise", "fixed_at: paid")],
    (5, "draft"): [("fixed_at: finalise", "fixed_at: draft")],
    (5, "hours"): [("locked_hours: 24", "locked_hours: 48")],
    (6, "students"): [("students_discounted: true", "students_discounted: false")],
    (7, "boundary"): [("boundary_minutes: 40", "boundary_minutes: 60")],
    (7, "class"): [
        ("    fee: interactive_work\n  - id: synthetic", "    fee: short_film\n  - id: synthetic")
    ],
    (8, "alias"): [("    aliases: [{en: Cultural impact, zh-Hant: 文化影響力}]\n", "")],
    (8, "name"): [
        ("name: {en: Commercial value, zh-Hant: 商業價值}", "name: {en: Market, zh-Hant: 市場}")
    ],
    (9, "scale"): [("{lowest: 0, highest: 100}", "{lowest: 1, highest: 10}")],
    (9, "weight"): [
        ("    weight: 1\n    aliases: [{en: Artistic", "    weight: 2\n    aliases: [{en: Artistic")
    ],
    (10, "expected"): [("expected: {numerator: 60", "expected: {numerator: 50")],
    (10, "quota"): [
        ("quota: {numerator: 40, denominator: 100}", "quota: {numerator: 1, denominator: 3}")
    ],
    (11, "coverage"): [("minimum: 3\n  coverage: pool", "minimum: 4\n  coverage: per_work")],
    (11, "minimum"): [("minimum: 3\n  coverage: pool", "minimum: 5\n  coverage: pool")],
    (12, "minimum"): [("{technology: 1, ethics: 1}", "{technology: 2, ethics: 1}")],
    (13, "committee"): [("    decided_by: token_holders\n", "")],
    (14, "unicorn"): [("    counted: false\n", ""), ("awards_counted: 27", "awards_counted: 28")],
    (15, "minted"): [("minted: all_winners", "minted: best_film_only")],
    (15, "distinct"): [("    trophy: distinct\n", "")],
    (16, "jurors"): [
        ("token_holding_jurors: barred_from_token_award", "token_holding_jurors: allowed")
    ],
    (17, "votes"): [
        ("votes: false", "votes: yes_"),
        ("votes: true", "votes: false"),
        ("votes: yes_", "votes: true"),
    ],
    (18, "english"): [("chinese_says_more: union", "chinese_says_more: english")],
    (18, "deltas"): [
        ("economic hub the English adds FilmToken", "economic hub the English adds a token"),
        ("英文另提及FilmToken", "英文另提及一種代幣"),
    ],
}


def test_eighteen_questions_are_answered_in_both_languages():
    told = decisions(EDITION)
    assert [decided.number for decided in told] == list(range(1, 19))
    for decided in told:
        for text in (decided.question, decided.answer):
            assert not any("\u4e00" <= letter <= "\u9fff" for letter in text.en)
            assert any("\u4e00" <= letter <= "\u9fff" for letter in text.zh_hant)
        assert decided.question.en.endswith("?")
        assert decided.question.zh_hant.endswith("\uff1f")
        assert decided.answer.en.endswith(".")
        assert decided.answer.zh_hant.endswith("\u3002")
        assert not set(";,?!") & set(decided.answer.zh_hant), "half-width punctuation"
        assert json.loads(json.dumps(decided.value)) == decided.value


@pytest.mark.parametrize(("question", "changes"), SETTINGS.items(), ids=map(str, SETTINGS))
def test_every_setting_changes_what_is_said(question, changes):
    number, _ = question
    text = TEXT
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    before = decisions(EDITION)[number - 1]
    after = decisions(parse(text.encode(), "edition.yaml").edition)[number - 1]
    assert after.question == before.question
    assert after.answer.en != before.answer.en
    assert after.answer.zh_hant != before.answer.zh_hant
    assert after.value != before.value


def test_every_question_has_a_setting_that_is_in_the_edition():
    assert {number for number, _ in SETTINGS} == set(range(1, 19))
    document = EDITION.model_dump(mode="json", by_alias=True)
    for decided in decisions(EDITION):
        for path in decided.setting.split(", "):
            inside = document
            for step in path.split("."):
                inside = inside[step.removesuffix("[]")]
                if step.endswith("[]"):
                    inside = inside[0]


def test_the_answers_say_what_is_set():
    answers = {decided.number: decided.answer for decided in decisions(EDITION)}
    assert (
        "Early entry runs from 1 November 2025 00:00 to just before 1 February 2026"
        in answers[1].en
    )
    assert "2025-10-31 16:00 UTC" in answers[2].en
    assert "2026-03-31 16:00" in answers[2].zh_hant
    assert "USD" in answers[4].en
    assert "below 40 minutes" in answers[7].en
    assert '"Cultural impact" means Social impact' in answers[8].en
    assert "60%" in answers[10].en
    assert "40%" in answers[10].zh_hant
    assert "DAO Voted" in answers[13].en
    assert "獨角獸金獎" in answers[14].zh_hant
    assert answers[18].zh_hant.count("中文另") == 5
