"""Decisions: computed again from their records alone, sealed, and the same whatever came first."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import insert

from festival_api import jury
from festival_api.jury._gathering import recognition_inputs, selection_inputs
from festival_api.jury._recognition import CountedVerdict, RecognitionInputs, RecognitionRules
from festival_api.jury._recompute import record_of, written
from festival_api.jury._record import Points, Share, Void
from festival_api.jury._selection import (
    Choice,
    CommittedSeed,
    CountedReview,
    SelectionInputs,
    SelectionRules,
)
from festival_api.jury._tally import AwardInputs, Ballot, Finalist, Round
from festival_api.store import tables as t
from festival_api.texts import canonical, sha256_hex

EDITION = "hkaiiff-2026"
API = f"/api/editions/{EDITION}"
CHECKS = ("ai_native", "feasibility", "ethics")
DIMENSIONS = (
    "technological_innovation",
    "artistic_achievement",
    "commercial_value",
    "social_impact",
)
HEAD = {"edition": EDITION, "edition_sha256": "e" * 64, "subject": ""}


def done(answer, status=200):
    assert answer.status_code == status, answer.text
    return answer.json()


# --- Records that were never in a database. ---


def verdict(entry, juror, *outcomes):
    return CountedVerdict(
        entry=entry,
        juror=juror,
        faction="ethics",
        revision=1,
        sha256="0" * 64,
        checks=dict(zip(CHECKS, outcomes, strict=True)),
    )


RECOGNITION = RecognitionInputs(
    **HEAD,
    stage=1,
    rules=RecognitionRules(
        checks=CHECKS, minimum={"ethics": 1}, expected=Share(numerator=60, denominator=100)
    ),
    works=("w1", "w2"),
    left=(),
    opinions=(
        verdict("w1", "j1", True, True, True),
        verdict("w1", "j2", True, False, True),
        verdict("w1", "j3", True, True, True),
        verdict("w2", "j1", True, False, True),
    ),
    void=(Void(entry="w2", juror="j2", revision=1, why="conflict of interest (own)"),),
)


def review(entry, juror, faction, score):
    return CountedReview(
        entry=entry,
        juror=juror,
        faction=faction,
        revision=1,
        sha256="0" * 64,
        scores={"a": score, "b": 2 * score},
    )


def reviews(scores):
    return tuple(
        review(work, f"j{number}", faction, score)
        for work, given in scores.items()
        for number, (faction, score) in enumerate(zip(("art", "ethics", "art"), given, strict=True))
    )


EVEN = {"w1": (5, 5, 5), "w2": (5, 5, 5), "w3": (5, 5, 5), "w4": (1, 1, 1)}
SELECTION = SelectionInputs(
    **HEAD,
    stage=2,
    rules=SelectionRules(
        weights={"a": 1, "b": 3},
        per_work=3,
        per_faction={},
        quota=Share(numerator=2, denominator=5),
        ties="committee",
        adjustment="two_way",
    ),
    works=tuple(EVEN),
    left=(),
    opinions=reviews(EVEN),
    void=(),
    choice=Choice(works=("w1", "w3"), reason="Bolder."),
)
BALLOTS = [("j1", "w1"), ("j2", "w1"), ("j3", "w2"), ("j4", "w2"), ("j5", "w3")]


def round_of(candidates, ballots):
    return Round(
        candidates=candidates,
        ballots=tuple(Ballot(juror=juror, entry=entry) for juror, entry in ballots),
        void=(),
    )


AWARD = AwardInputs(
    **{**HEAD, "subject": "unicorn_gold"},
    stage=3,
    quorum=5,
    panel=(),
    entitled=("j1", "j2", "j3", "j4", "j5"),
    recused=("j6",),
    finalists=tuple(
        Finalist(entry=entry, micro=micro, lowest_faction=Points(total=total, count=2))
        for entry, micro, total in (("w1", 70, 9), ("w2", 70, 9), ("w3", 80, 4))
    ),
    rounds=(round_of(("w1", "w2", "w3"), BALLOTS),),
)
SECOND_ROUND = AWARD.model_copy(
    update={"rounds": (*AWARD.rounds, round_of(("w1", "w2"), [*BALLOTS[:4], ("j5", "w2")]))}
)
ALL = [RECOGNITION, SELECTION, AWARD, SECOND_ROUND]


def test_stage_1_goes_by_the_majority_in_each_check():
    _, result = record_of(RECOGNITION)
    assert (result.works, result.recognised) == (2, 1)
    assert [work.recognised for work in result.by_work] == [True, False]
    assert result.by_work[0].checks["feasibility"].model_dump() == {
        **{"passed": 2, "failed": 1, "outcome": "passed"}
    }


def outcomes(inputs):
    _, result = record_of(inputs)
    return {work.entry: (work.rank, work.passed, work.rung) for work in result.by_work}


def test_a_juror_has_one_verdict_on_a_work():
    twice = (*RECOGNITION.opinions, verdict("w1", "j1", True, True, True))
    with pytest.raises(ValueError, match="twice"):
        record_of(RECOGNITION.model_copy(update={"opinions": twice}))


def test_stage_2_ranks_and_names_the_rung():
    assert outcomes(SELECTION) == {
        "w1": (1, True, "committee"),
        "w2": (1, False, "committee"),
        "w3": (1, True, "committee"),
        "w4": (4, False, "score"),
    }
    apart = EVEN | {"w1": (9, 1, 5)}
    changed = SELECTION.model_copy(update={"opinions": reviews(apart), "choice": None})
    # The same total, but one faction gave w1 a single point.
    assert outcomes(changed)["w1"] == (1, False, "faction")
    above = EVEN | {"w2": (6, 5, 5), "w1": (5, 5, 6)}
    changed = SELECTION.model_copy(update={"opinions": reviews(above), "choice": None})
    assert {entry: told[1:] for entry, told in outcomes(changed).items()} == {
        **{"w1": (True, "score"), "w2": (True, "score")},
        **{"w3": (False, "score"), "w4": (False, "score")},
    }


def test_scores_are_adjusted_or_it_is_said_why_not():
    _, result = record_of(SELECTION)
    told = (result.adjustment, result.adjustment_reason, result.adjustment_about)
    assert told == ("two_way", None, ())
    assert {one.juror for one in result.jurors} == {"j0", "j1", "j2"}
    rules = SELECTION.rules.model_copy(update={"adjustment": "raw"})
    _, result = record_of(SELECTION.model_copy(update={"rules": rules}))
    assert (result.adjustment, result.adjustment_reason) == ("raw", "edition")
    fewer = {name: EVEN[name] for name in ("w1", "w2", "w3")}
    changed = {"opinions": reviews(fewer), "works": tuple(fewer)}
    _, result = record_of(SELECTION.model_copy(update=changed))
    told = (result.adjustment, result.adjustment_reason, result.adjustment_about)
    assert told == ("raw", "few_reviews", ("j0", "j1", "j2"))


def test_a_harsh_jurors_works_lose_nothing_by_it():
    """j0 gives everybody 20 less; w5 meets j0 where w6 does not, and is as good."""
    given = {f"w{n}": (10 * n, 10 * n + 20, 10 * n + 20) for n in range(1, 5)}
    opinions = [*reviews(given)]
    opinions += [review("w5", "j0", "art", 30), review("w5", "j1", "ethics", 50)]
    opinions += [review("w6", "j1", "ethics", 50), review("w6", "j2", "art", 50)]
    changed = {"opinions": tuple(opinions), "works": (*given, "w5", "w6"), "choice": None}
    _, result = record_of(SELECTION.model_copy(update=changed))
    by = {work.entry: work for work in result.by_work}
    assert by["w5"].raw.total < by["w6"].raw.total
    assert by["w5"].adjusted.micro == by["w6"].adjusted.micro
    assert by["w5"].dimensions_adjusted["a"] == by["w6"].dimensions_adjusted["a"]


def test_the_seed_must_be_the_one_that_was_committed():
    rules = SELECTION.rules.model_copy(update={"ties": "draw"})
    seed = CommittedSeed(seed="dawn", commitment=sha256_hex("dawn"))
    drawn = SELECTION.model_copy(update={"rules": rules, "choice": None, "seed": seed})
    told = outcomes(drawn)
    assert sorted(told["w1"][1:] + told["w2"][1:] + told["w3"][1:], key=str) == [
        *(False, True, True),
        *("draw",) * 3,
    ]
    other = CommittedSeed(seed="dusk", commitment=sha256_hex("dawn"))
    for wrong in (other, None):
        with pytest.raises(ValueError, match="committed"):
            record_of(drawn.model_copy(update={"seed": wrong}))


def award(inputs):
    record, result = record_of(inputs)
    return record.kind, result.winners, result.rung


def last_round(*ballots, candidates=("w1", "w2")):
    return AWARD.model_copy(
        update={
            "rounds": (*AWARD.rounds, round_of(candidates, list(zip(JURORS, ballots, strict=True))))
        }
    )


JURORS = ("j1", "j2", "j3", "j4", "j5")


def test_an_award_goes_to_the_work_with_most_ballots():
    one = round_of(
        ("w1", "w2", "w3"), list(zip(JURORS, ["w1", "w1", "w2", "w3", "w1"], strict=True))
    )
    assert award(AWARD.model_copy(update={"rounds": (one,)})) == ("award", ("w1",), "ballots")
    assert award(AWARD) == ("tie", (), "second_round_due")
    _, result = record_of(AWARD)
    assert result.tied == ("w1", "w2")
    assert award(SECOND_ROUND) == ("award", ("w2",), "second_round")


def test_level_again_the_higher_place_in_stage_2_wins():
    finalists = [one.model_copy() for one in AWARD.finalists]
    ballots = ["w1", "w1", "w2", "w2", "w3"]
    even = last_round(*ballots, candidates=("w1", "w2", "w3"))
    assert award(even) == ("award", ("w1", "w2"), "shared")
    finalists[1] = finalists[1].model_copy(update={"lowest_faction": Points(total=5, count=1)})
    told = award(even.model_copy(update={"finalists": tuple(finalists)}))
    assert told == ("award", ("w2",), "evaluation")
    finalists[0] = finalists[0].model_copy(update={"micro": 71})
    told = award(even.model_copy(update={"finalists": tuple(finalists)}))
    assert told == ("award", ("w1",), "evaluation")


def test_what_is_no_vote_is_not_counted():
    rounds = AWARD.rounds[0].ballots
    stray = [
        (*rounds, Ballot(juror="j1", entry="w2")),
        (*rounds[1:], Ballot(juror="j6", entry="w1")),
        (*rounds[1:], Ballot(juror="j1", entry="w9")),
        rounds[:4],
        (),
    ]
    for ballots in stray:
        changed = AWARD.rounds[0].model_copy(update={"ballots": ballots})
        with pytest.raises(ValueError, match=r"voted|ballots"):
            record_of(AWARD.model_copy(update={"rounds": (changed,)}))


# --- Computing again. ---


@pytest.mark.parametrize("inputs", ALL, ids=lambda one: one.method)
def test_a_sound_record_recomputes(inputs):
    record, _ = record_of(inputs)
    assert jury.recompute(record) == ()
    assert jury.recompute(replace(record, kind="other")) == ("kind",)
    assert jury.recompute(replace(record, edition="other")) == ("edition",)
    assert jury.recompute(replace(record, stage=9)) == ("stage",)
    assert jury.recompute(replace(record, subject="other")) == ("subject",)
    assert jury.recompute(replace(record, reasons="other")) == ("reasons",)
    assert jury.recompute(replace(record, method="other-1")) == ("method",)


def leaves(document, path=()):
    if isinstance(document, dict | list):
        items = document.items() if isinstance(document, dict) else enumerate(document)
        for name, value in items:
            yield from leaves(value, (*path, name))
    else:
        yield path


def flipped(text, path):
    """The document with one leaf changed, canonical again."""
    document = json.loads(text)
    at = document
    for name in path[:-1]:
        at = at[name]
    value = at[path[-1]]
    if isinstance(value, bool):
        at[path[-1]] = not value
    elif isinstance(value, int):
        at[path[-1]] = value + 1
    else:
        at[path[-1]] = "other" if value is None else value + "x"
    return canonical(document)


# What is counted; the rest of the record is held by its hash alone.
COUNTED = {"checks", "scores", "weights", "works", "entry", "candidates", "choice", "ties"}
TOLD = {"void", "left", "finalists"}


@pytest.mark.parametrize("inputs", ALL, ids=lambda one: one.method)
def test_any_change_of_an_input_is_noticed(inputs):
    record, _ = record_of(inputs)
    for path in leaves(json.loads(record.inputs)):
        changed = flipped(record.inputs, path)
        assert "inputs_sha256" in jury.recompute(replace(record, inputs=changed)), path
        forged = replace(record, inputs=changed, inputs_sha256=sha256_hex(changed))
        if COUNTED & set(path) and not TOLD & set(path) and path[-1] != "reason":
            # Even with a hash that fits, another result follows, or none.
            assert jury.recompute(forged), path


@pytest.mark.parametrize("inputs", ALL, ids=lambda one: one.method)
def test_any_change_of_a_result_is_noticed(inputs):
    record, _ = record_of(inputs)
    for path in leaves(json.loads(record.result)):
        changed = flipped(record.result, path)
        assert set(jury.recompute(replace(record, result=changed))) == {"result_sha256", "result"}
        forged = replace(record, result=changed, result_sha256=sha256_hex(changed))
        assert jury.recompute(forged) == ("result",), path


@given(
    text=st.text(max_size=40)
    | st.sampled_from(["", "{}", "null", "[1]", '{"method":"selection-1"}'])
)
def test_what_cannot_be_read_is_said(text):
    for inputs in ALL:
        record, _ = record_of(inputs)
        forged = replace(record, inputs=text, inputs_sha256=sha256_hex(text))
        assert jury.recompute(forged) == ("inputs",)


def test_inputs_that_are_not_written_canonically_are_noticed():
    record, _ = record_of(RECOGNITION)
    spaced = json.dumps(json.loads(record.inputs))
    forged = replace(record, inputs=spaced, inputs_sha256=sha256_hex(spaced))
    assert jury.recompute(forged) == ("inputs",)


# --- From the database: the same bytes in any order, and nothing that names anybody. ---


class Scene:
    """Five works and four jurors whose opinions can be written in any order."""

    def __init__(self, people, database, loaded) -> None:
        self.database, self.loaded = database, loaded
        self.jurors = [
            people.juror(faction) for faction in ("art", "ethics", "technology", "ethics")
        ]
        self.works = {
            1: people.works(5, state="in_recognition"),
            2: people.works(5, state="in_evaluation"),
        }
        self.now = people.festival.clock()
        for stage, works in self.works.items():
            people.stage(stage, "open")
            for work in works:
                people.assign(stage, work, *self.jurors)
        self.rows = [
            self.row(stage, work, juror, 7 * number + 3 * place)
            for stage, works in self.works.items()
            for number, work in enumerate(works)
            for place, juror in enumerate(self.jurors)
        ]

    def row(self, stage, work, juror, n):
        checks = {id_: {"passed": n % 3 > 0, "reason": f"canary {n}"} for id_ in CHECKS}
        scores = {id_: (n + 10 * place) % 101 for place, id_ in enumerate(DIMENSIONS)}
        rest = {"comments": {}, "comment": f"canary {n}", "confidence": None, "runs": []}
        content = {"checks": checks, "comment": ""} if stage == 1 else {"scores": scores, **rest}
        return {
            "edition": EDITION,
            "stage": stage,
            "entry": work,
            "juror": juror.account,
            "revision": 1,
            "content": canonical(content),
            "reason": "",
            "saved_at": self.now,
            "submitted_at": self.now,
            "void_at": self.now if n % 11 == 5 else None,
            "void_why": "conflict of interest (family)" if n % 11 == 5 else None,
        }

    def inputs(self, rows):
        with self.database.write() as c:
            c.execute(t.opinions.delete())
            c.execute(insert(t.opinions), rows)
        with self.database.read() as c:
            return written(recognition_inputs(c, self.loaded)), written(
                selection_inputs(c, self.loaded)
            )


def test_the_order_of_submissions_decides_nothing(people, database, shipped):
    scene = Scene(people, database, shipped)
    expected = scene.inputs(scene.rows)

    @settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.permutations(scene.rows))
    def same(rows):
        assert scene.inputs(rows) == expected

    same()
    first, second = expected
    assert json.loads(first)["void"]
    assert json.loads(second)["void"]
    for text in expected:
        assert "canary" not in text, "what jurors wrote is held by its hash alone"
        assert not any(juror.account in text for juror in scene.jurors)
        assert not any(f"Work {n}" in text for n in range(100))


# --- Who reads a decision, and when. ---


class Closing:
    """Stage 2 with five works and four jurors, about to be closed."""

    def __init__(self, people) -> None:
        self.people = people
        self.office, self.auditor = people.office(), people.auditor()
        jurors = [people.juror(faction) for faction in ("art", "ethics", "technology", "community")]
        self.owner = people.entrant()
        works = people.works(5, state="recognised", owner=self.owner.account)
        people.stage(1, "published")
        done(self.office.post(f"{API}/stages/2/open"))
        for number, work in enumerate(works):
            for juror in jurors:
                scores = dict.fromkeys(DIMENSIONS, 10 * number)
                rest = {"comments": {}, "comment": "", "confidence": None, "runs": []}
                people.opinion(2, work, juror, {"scores": scores, **rest})
        self.others = [jurors[0], self.owner, people.entrant(), people.admin()]

    def act(self, action, **body):
        return done(self.office.post(f"{API}/stages/2/{action}", json=body or None))


def test_a_decision_is_sealed_until_it_is_published(people, visitor):
    closing = Closing(people)
    closing.act("close", line_reason="Clear enough.")
    [head] = done(closing.auditor.get(f"{API}/jury/decisions"))["items"]
    assert done(closing.office.get(f"{API}/jury/decisions"))["items"] == [head]
    address = f"/api/decisions/{head['id']}"
    for client in (closing.office, closing.auditor):
        told = done(client.get(address))
        assert sha256_hex(told["inputs"]) == told["inputs_sha256"] == head["inputs_sha256"]
        assert told["reasons"] == "Clear enough."
        record = {name: told[name] for name in jury.DecisionRecord.__slots__}
        assert jury.recompute(jury.DecisionRecord(**record)) == (), "from the answer alone"
        assert done(client.get(f"{address}/recompute")) == {"same": True, "differences": []}
        answer = client.get(f"{API}/jury/decisions", params={"stage": 1})
        assert done(answer)["items"] == []
    for client in (*closing.others, visitor):
        for path in (address, f"{address}/recompute"):
            answer = client.get(path)
            assert (answer.status_code, answer.json()["code"]) == (404, "unknown_decision")
        assert done(client.get(f"{API}/results"))["items"] == []
        listed = client.get(f"{API}/jury/decisions")
        assert listed.status_code == (401 if client is visitor else 403)
    closing.act("publish")
    for client in (*closing.others, visitor):
        told = done(client.get(address))
        assert {**told, "inputs": "", "result": "", "reasons": ""} == {
            **head,
            **dict.fromkeys(("inputs", "result", "reasons"), ""),
        }
        assert (told["inputs"], told["result"], told["reasons"]) == (None, None, None)
        assert done(client.get(f"{address}/recompute"))["same"] is True
        [result] = done(client.get(f"{API}/results"))["items"]
        assert (result["decision"], result["works"], len(result["passed"])) == (head["id"], 5, 2)


def test_before_a_stage_is_published_an_owner_sees_nothing_of_it(people):
    closing = Closing(people)
    before = closing.owner.get("/api/me/entries").content
    closing.act("close", line_reason="Clear enough.")
    assert closing.owner.get("/api/me/entries").content == before


def test_an_earlier_decision_is_no_longer_public(people, visitor):
    closing = Closing(people)
    closing.act("close", line_reason="Clear enough.")
    closing.act("reopen", reason="Too soon.")
    closing.act("close", line_reason="Clear enough.")
    closing.act("publish")
    first, second = done(closing.office.get(f"{API}/jury/decisions"))["items"]
    assert (first["turn"], second["turn"]) == (1, 2)
    assert first["inputs_sha256"] == second["inputs_sha256"]
    assert visitor.get(f"/api/decisions/{first['id']}").status_code == 404
    assert done(visitor.get(f"/api/decisions/{second['id']}"))["turn"] == 2
