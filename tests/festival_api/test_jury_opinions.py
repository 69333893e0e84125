"""What jurors write: verdicts, reviews, drafts, further revisions, and what of it counts."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from festival_api import jury
from festival_api.jury._contents import Review, review_content
from festival_api.refusals import Refusal
from festival_api.store import tables as t

EDITION = "hkaiiff-2026"
API = f"/api/editions/{EDITION}"
CHECKS = ("ai_native", "feasibility", "ethics")
DIMENSIONS = (
    "technological_innovation",
    "artistic_achievement",
    "commercial_value",
    "social_impact",
)
PASSED = {check: {"passed": True} for check in CHECKS}
SCORES = dict.fromkeys(DIMENSIONS, 50)


class Judging:
    """One juror with one work in one stage."""

    def __init__(self, people, stage, faction="technology", category="generative_linear"):
        self.kind = {1: "verdict", 2: "review"}[stage]
        state = {1: "in_recognition", 2: "in_evaluation"}[stage]
        self.juror = people.juror(faction)
        [self.work] = people.works(1, state=state, category=category)
        people.stage(stage, "open")
        people.assign(stage, self.work, self.juror)
        self.at = f"{API}/jury/works/{self.work}"

    def write(self, **body):
        return self.juror.put(f"{self.at}/{self.kind}", json=body)

    def submit(self):
        return self.juror.post(f"{self.at}/{self.kind}/submit")

    def own(self):
        return self.juror.get(self.at).json()["opinion"]


def counted(database, stage):
    with database.read() as c:
        return [(one.revision, one.content) for one in jury.submitted_opinions(c, EDITION, stage)]


def refused(answer, status, code):
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    return answer.json()


# --- Stage 1. ---


def test_a_verdict_counts_once_it_is_submitted(people, database):
    judging = Judging(people, 1)
    checks = {**PASSED, "ethics": {"passed": False, "reason": "No consent."}}
    told = judging.write(checks=checks, comment="Clear.", note="ask Ann").json()
    assert (told["state"], told["revision"], told["note"]) == ("draft", 1, "ask Ann")
    assert counted(database, 1) == []
    told = judging.submit().json()
    assert (told["state"], judging.own()) == ("submitted", told)
    [(revision, content)] = counted(database, 1)
    assert revision == 1
    assert content["checks"]["ethics"] == {"passed": False, "reason": "No consent."}
    assert "Ann" not in json.dumps(content), "a note is the juror's alone"
    assert judging.submit().json() == told, "submitted twice is submitted once"


@pytest.mark.parametrize("faction", ["art", "community"])
def test_only_technology_and_ethics_judge_in_stage_1(people, faction):
    judging = Judging(people, 1, faction=faction)
    told = refused(judging.write(checks=PASSED), 403, "faction_not_in_stage")
    assert told["allowed"] == ["technology", "ethics"]
    refused(judging.submit(), 403, "faction_not_in_stage")


def test_a_failed_check_needs_a_reason(people):
    judging = Judging(people, 1)
    told = refused(
        judging.write(checks={**PASSED, "ethics": {"passed": False, "reason": "  "}}),
        422,
        "reason_required",
    )
    assert told["where"] == ["checks/ethics/reason"]


def test_a_verdict_holds_every_check_and_no_other(people):
    judging = Judging(people, 1)
    checks = {"ai_native": {"passed": True}, "taste": {"passed": True}}
    told = refused(judging.write(checks=checks), 422, "checks_invalid")
    assert told["expected"] == list(CHECKS)
    assert told["wrong"] == [
        {"check": "ethics", "what": "missing"},
        {"check": "feasibility", "what": "missing"},
        {"check": "taste", "what": "unknown"},
    ]


@pytest.mark.parametrize("passed", [1, "yes", None])
def test_passed_is_true_or_false(people, passed):
    judging = Judging(people, 1)
    assert judging.write(checks={**PASSED, "ethics": {"passed": passed}}).status_code == 422


# --- Stage 2. ---


def test_a_review_counts_once_it_is_submitted(people, database):
    judging = Judging(people, 2, faction="art")
    body = {
        "scores": {**SCORES, "social_impact": 0, "commercial_value": 100},
        "comments": {"social_impact": "None.", "commercial_value": ""},
        "comment": "Fine.",
        "confidence": "low",
    }
    assert judging.write(**body).status_code == 200
    assert counted(database, 2) == []
    judging.submit()
    [(_, content)] = counted(database, 2)
    assert content["scores"] == body["scores"]
    assert content["comments"] == {"social_impact": "None."}
    assert (content["confidence"], content["runs"]) == ("low", [])


@pytest.mark.parametrize(
    ("score", "what"),
    [
        (101, "outside"),
        (-1, "outside"),
        (10**30, "outside"),
        (50.0, "not_whole"),
        (50.5, "not_whole"),
        (True, "not_whole"),
        ("50", "not_whole"),
        (None, "not_whole"),
        ([50], "not_whole"),
        ({"value": 50}, "not_whole"),
    ],
)
def test_a_score_is_a_whole_number_on_the_scale(people, score, what):
    judging = Judging(people, 2)
    told = refused(judging.write(scores={**SCORES, "social_impact": score}), 422, "score_invalid")
    assert told["wrong"] == [{"dimension": "social_impact", "what": what}]
    assert (told["lowest"], told["highest"], told["expected"]) == (0, 100, list(DIMENSIONS))


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999"])
def test_what_is_no_number_is_refused(people, number):
    judging = Judging(people, 2)
    text = json.dumps({"scores": SCORES}).replace("50", number, 1)
    answer = judging.juror.put(
        f"{judging.at}/review", content=text, headers={"Content-Type": "application/json"}
    )
    assert answer.status_code in (400, 422)


def test_every_dimension_has_a_score_and_no_other(people):
    judging = Judging(people, 2)
    scores = {**SCORES, "charm": 9}
    del scores["social_impact"]
    told = refused(judging.write(scores=scores), 422, "score_invalid")
    assert told["wrong"] == [
        {"dimension": "charm", "what": "unknown"},
        {"dimension": "social_impact", "what": "missing"},
    ]
    told = refused(
        judging.write(scores=SCORES, comments={"charm": "much"}), 422, "unknown_dimension"
    )
    assert told["allowed"] == list(DIMENSIONS)


@pytest.mark.parametrize(
    ("runs", "fine"),
    [
        ([], False),
        ([{"run": "7"}], False),
        ([{"seed": "abc"}], False),
        ([{"run": "7", "seed": "abc"}, {}], False),
        ([{"run": "7", "seed": "abc"}], True),
        ([{"recording_sha256": "ab" * 32}], True),
    ],
)
def test_a_review_of_a_system_says_which_run_it_is_about(people, runs, fine):
    judging = Judging(people, 2, category="generative_system")
    answer = judging.write(scores=SCORES, runs=runs)
    if fine:
        assert answer.status_code == 200
        assert judging.own()["review"]["runs"][0]["run"] == runs[0].get("run", "")
    else:
        refused(answer, 422, "run_evidence_required")


def test_other_works_are_the_same_on_every_run(people):
    assert Judging(people, 2, category="interactive").write(scores=SCORES).status_code == 200


# --- Drafts, revisions, the end of a stage. ---


def test_a_draft_is_replaced_and_a_submitted_review_is_not(people, database):
    judging = Judging(people, 2)
    judging.write(scores=SCORES)
    judging.write(scores={**SCORES, "social_impact": 60})
    assert judging.own()["revision"] == 1
    judging.submit()

    refused(judging.write(scores=SCORES), 422, "reason_required")
    told = judging.write(scores=SCORES, reason="I had the wrong cut.").json()
    assert (told["revision"], told["state"]) == (2, "draft")
    [(revision, content)] = counted(database, 2)
    assert (revision, content["scores"]["social_impact"]) == (1, 60), "until the next is submitted"
    judging.submit()
    [(revision, content)] = counted(database, 2)
    assert (revision, content["scores"]["social_impact"]) == (2, 50)
    with database.read() as c:
        o = t.opinions.c
        rows = c.execute(select(o.revision, o.reason).order_by(o.revision)).all()
    assert rows == [(1, ""), (2, "I had the wrong cut.")]


@pytest.mark.parametrize("stage", [1, 2])
@pytest.mark.parametrize("state", ["closed", "published"])
def test_after_the_close_nothing_changes(people, database, stage, state):
    judging = Judging(people, stage)
    body = {"checks": PASSED} if stage == 1 else {"scores": SCORES}
    judging.write(**body)
    people.stage(stage, state)
    refused(judging.write(**body, reason="late"), 409, "stopped")
    refused(judging.submit(), 409, "stopped")
    refused(
        judging.juror.post(f"{judging.at}/{judging.kind}/abstain", json={"reason": "x"}),
        409,
        "stopped",
    )
    assert counted(database, stage) == []


def test_nothing_to_submit_is_said(people):
    refused(Judging(people, 1).submit(), 409, "nothing_to_submit")


def test_a_work_of_somebody_elses_desk_is_none(people):
    judging = Judging(people, 1)
    stranger = people.juror("ethics")
    [unassigned] = people.works(1, state="in_recognition")
    for client, at in (
        (stranger, judging.at),
        (judging.juror, f"{API}/jury/works/{unassigned}"),
        (judging.juror, f"{API}/jury/works/{'0' * 32}"),
    ):
        refused(client.get(at), 404, "unknown_work")
        refused(client.put(f"{at}/verdict", json={"checks": PASSED}), 404, "unknown_work")
        refused(client.post(f"{at}/verdict/submit"), 404, "unknown_work")
        refused(client.put(f"{at}/review", json={"scores": SCORES}), 404, "unknown_work")


def test_a_withdrawn_work_leaves_the_desk(people, database):
    judging = Judging(people, 1)
    with database.write() as c:
        c.execute(t.entries.update().values(state="withdrawn"))
    refused(judging.write(checks=PASSED), 404, "unknown_work")
    refused(judging.juror.get(judging.at), 404, "unknown_work")
    assert judging.juror.get(f"{API}/jury/desk").json()["stages"][0]["items"] == []


def test_the_desk_says_how_far_one_is(people):
    judging = Judging(people, 1)

    def state():
        [item] = judging.juror.get(f"{API}/jury/desk").json()["stages"][0]["items"]
        return item["opinion"]

    assert state() == "todo"
    judging.write(checks=PASSED)
    assert state() == "draft"
    judging.submit()
    assert state() == "submitted"
    judging.write(checks=PASSED, reason="a typing mistake")
    assert state() == "submitted"


@pytest.mark.parametrize("who", ["entrant", "office", "auditor", "admin"])
def test_only_jurors_have_a_desk(people, who):
    judging, somebody = Judging(people, 1), getattr(people, who)()
    for answer in (
        somebody.get(f"{API}/jury/desk"),
        somebody.get(judging.at),
        somebody.put(f"{judging.at}/verdict", json={"checks": PASSED}),
        somebody.post(f"{judging.at}/verdict/submit"),
    ):
        refused(answer, 403, "not_allowed")


# --- Laws. ---

ANYTHING = st.one_of(
    st.integers(-5, 105), st.integers(), st.floats(), st.booleans(), st.none(), st.text(max_size=3)
)


@given(st.dictionaries(st.sampled_from([*DIMENSIONS, "charm"]), ANYTHING))
def test_scores_are_kept_exactly_or_refused_by_name(shipped, scores):
    """Accepted are exactly the reviews with a whole number of 0 to 100 for each dimension."""
    wrong = {d for d in DIMENSIONS if type(scores.get(d)) is not int or not 0 <= scores[d] <= 100}
    wrong |= set(scores) - set(DIMENSIONS)
    review = Review(scores=scores)
    if wrong:
        with pytest.raises(Refusal) as refused:
            review_content(shipped.edition, "interactive", review)
        assert {one["dimension"] for one in refused.value.facts["wrong"]} == wrong
    else:
        assert review_content(shipped.edition, "interactive", review).scores == scores
