"""Stages: opened in order, closed when all can be decided, published with everything they cause."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from sqlalchemy import select, update

from festival_api.editions import Fraction
from festival_api.store import tables as t
from festival_api.web._app import attach

EDITION = "hkaiiff-2026"
API = f"/api/editions/{EDITION}"
CHECKS = ("ai_native", "feasibility", "ethics")
DIMENSIONS = (
    "technological_innovation",
    "artistic_achievement",
    "commercial_value",
    "social_impact",
)
BEFORE_ENTRIES_CLOSE = datetime(2026, 3, 31, tzinfo=UTC)
AFTER_ENTRIES = datetime(2026, 4, 2, tzinfo=UTC)


def refused(answer, status, code):
    assert (answer.status_code, answer.json().get("code")) == (status, code), answer.text
    return answer.json()


def done(answer, status=200):
    assert answer.status_code == status, answer.text
    return answer.json()


class Stages:
    """The office, the auditor, and a jury of one for each faction."""

    def __init__(self, people, app, clock) -> None:
        self.people, self.app, self.clock = people, app, clock
        self.office, self.auditor = people.office(), people.auditor()
        self.technology, self.ethics = people.juror("technology"), people.juror("ethics")
        self.jury = [self.technology, self.ethics, people.juror("art"), people.juror("community")]
        self.database = people.festival.database

    def edition(self, **changes) -> None:
        """Serve an edition with other rules."""
        loaded = self.people.festival.loaded(EDITION)
        changed = replace(loaded, edition=loaded.edition.model_copy(update=changes))
        self.people.festival = replace(self.people.festival, editions={EDITION: changed})
        attach(self.app, self.people.festival, lambda: None)

    def second(self, **changes) -> None:
        """Serve an edition with other rules for stage 2."""
        rules = self.people.festival.edition(EDITION).stage_2
        self.edition(stage_2=rules.model_copy(update=changes))

    def post(self, path, body=None, client=None):
        return (client or self.office).post(f"{API}/{path}", json=body)

    def close(self, stage, **body):
        return self.post(f"stages/{stage}/close", body)

    def verdict(self, entry, juror, *failed):
        checks = {id_: {"passed": id_ not in failed, "reason": "Why."} for id_ in CHECKS}
        self.people.opinion(1, entry, juror, {"checks": checks, "comment": ""})

    def review(self, entry, juror, *scores):
        given = dict(zip(DIMENSIONS, scores * 4 if len(scores) == 1 else scores, strict=True))
        rest = {"comments": {}, "comment": "", "confidence": None, "runs": []}
        self.people.opinion(2, entry, juror, {"scores": given, **rest})

    def state(self, entry) -> str:
        with self.database.read() as c:
            return c.execute(select(t.entries.c.state).where(t.entries.c.id == entry)).scalar_one()

    def letters(self) -> list[tuple[str, str]]:
        kinds = (
            "result_recognised",
            "result_not_recognised",
            "result_finalist",
            "result_not_selected",
        )
        with self.database.read() as c:
            rows = c.execute(select(t.letters).where(t.letters.c.kind.in_(kinds)))
            return sorted((row.kind, row.text) for row in rows)

    def in_stage_2(self, scores: list[int], **changes) -> list[str]:
        """Open stage 2 with works on which each juror's scores are these, in every dimension."""
        self.second(adjustment="raw", **changes)
        works = sorted(self.people.works(len(scores), state="recognised"))
        self.people.stage(1, "published")
        done(self.post("stages/2/open"))
        for work, score in zip(works, scores, strict=True):
            for juror in self.jury[:3]:
                self.review(work, juror, score)
        return works


@pytest.fixture
def stages(people, app, clock) -> Stages:
    clock.now = BEFORE_ENTRIES_CLOSE
    return Stages(people, app, clock)


# --- Opening. ---


def test_stages_open_in_order_and_once(stages):
    told = refused(stages.post("stages/2/open"), 409, "previous_stage_due")
    assert "stage 1 is published" in told["detail"]
    refused(stages.post("stages/3/open"), 409, "previous_stage_due")
    assert done(stages.post("stages/1/open"))["stage"]["state"] == "open"
    told = refused(stages.post("stages/1/open"), 409, "wrong_stage_state")
    assert (told["state"], told["allowed"]) == ("open", ["admit", "close"])
    refused(stages.post("stages/2/open"), 409, "previous_stage_due")
    refused(stages.post("stages/1/publish"), 409, "wrong_stage_state")
    refused(stages.post("stages/1/reopen", {"reason": "Why."}), 409, "wrong_stage_state")


def test_opening_brings_what_is_ready_before_the_jury(stages, people, visitor):
    ready = sorted(people.works(2))
    [draft], [held] = people.works(1, state="draft"), people.works(1)
    with stages.database.write() as c:
        c.execute(
            update(t.entries)
            .where(t.entries.c.id == held)
            .values(student=True, student_proof="waiting")
        )
    told = done(stages.post("stages/1/open"))
    assert (told["admitted"], told["held"]) == (ready, {held: ["student_proof"]})
    assert [stages.state(one) for one in (*ready, draft, held)] == [
        *("in_recognition", "in_recognition", "draft", "submitted")
    ]
    [late] = people.works(1)
    assert done(stages.post("stages/1/admit"))["admitted"] == [late]
    public = done(visitor.get(f"{API}/stages"))["items"]
    assert [one["state"] for one in public] == ["open", "before", "before"]


@pytest.mark.parametrize("who", ["visitor", "entrant", "juror", "auditor", "admin"])
def test_only_the_office_moves_stages(stages, people, visitor, who):
    client = {"visitor": visitor, "juror": stages.technology, "auditor": stages.auditor}.get(who)
    client = client or getattr(people, who)()
    bodies = {"close": {}, "reopen": {"reason": "Why."}}
    for path in ("1/open", "1/admit", "2/line", "1/close", "1/reopen", "1/publish"):
        body = bodies.get(path.partition("/")[2])
        answer = stages.post(f"stages/{path}", body, client)
        assert answer.status_code == (401 if who == "visitor" else 403), path


# --- Stage 1. ---


def test_stage_1_closes_when_no_entry_can_come_any_more(stages, people, clock):
    stages.post("stages/1/open")
    told = refused(stages.close(1), 409, "entries_still_taken")
    assert told["until"] == "2026-03-31T16:00:00Z"
    clock.now = AFTER_ENTRIES
    [unpaid], [later] = people.works(1, state="finalised"), people.works(1)
    told = refused(stages.close(1), 409, "entries_waiting")
    assert told["waiting"] == sorted([unpaid, later])


def test_stage_1_needs_a_verdict_of_each_faction(stages, people, clock):
    one, other = sorted(people.works(2))
    stages.post("stages/1/open")
    clock.now = AFTER_ENTRIES
    stages.verdict(one, stages.technology)
    told = refused(stages.close(1), 409, "insufficient_reviews")
    assert told["works"] == [
        {"entry": one, "lacks": 1, "lacks_of": {"ethics": 1}},
        {"entry": other, "lacks": 2, "lacks_of": {"technology": 1, "ethics": 1}},
    ]
    for work, juror in ((one, "ethics"), (other, "technology"), (other, "ethics")):
        stages.verdict(work, getattr(stages, juror))
    assert done(stages.close(1))["state"] == "closed"


def test_level_verdicts_need_one_more(stages, people, clock):
    [work] = people.works(1)
    stages.post("stages/1/open")
    clock.now = AFTER_ENTRIES
    stages.verdict(work, stages.technology)
    stages.verdict(work, stages.ethics, "ethics")
    [told] = refused(stages.close(1), 409, "insufficient_reviews")["works"]
    assert told == {"entry": work, "lacks": 1, "lacks_of": {}, "level": ["ethics"]}
    stages.verdict(work, people.juror("ethics"))
    done(stages.close(1))
    done(stages.post("stages/1/publish"))
    assert stages.state(work) == "recognised", "two of three pass it"


def test_a_check_that_is_failed_leaves_nothing_to_settle(stages, people, clock):
    [work] = people.works(1)
    stages.post("stages/1/open")
    clock.now = AFTER_ENTRIES
    stages.verdict(work, stages.technology, "ethics", "feasibility")
    stages.verdict(work, stages.ethics, "ethics")
    done(stages.close(1))


def test_publishing_stage_1_moves_entries_and_writes_letters(stages, people, clock, visitor):
    owner = people.account(language="zh-Hant")
    good, bad = people.works(1)[0], people.works(1, owner=owner)[0]
    stages.post("stages/1/open")
    clock.now = AFTER_ENTRIES
    for juror in (stages.technology, stages.ethics):
        stages.verdict(good, juror)
        stages.verdict(bad, juror, "ai_native", "ethics")
    done(stages.close(1))
    assert (stages.state(good), stages.state(bad)) == ("in_recognition", "in_recognition")
    assert stages.letters() == []
    assert done(visitor.get(f"{API}/results"))["items"] == []
    done(stages.post("stages/1/publish"))
    assert (stages.state(good), stages.state(bad)) == ("recognised", "not_recognised")
    (kind, text), (other, _) = stages.letters()
    assert (kind, other) == ("result_not_recognised", "result_recognised")
    assert "AI原生度驗證、倫理合規性" in text
    assert "技術可行性" not in text
    [told] = done(visitor.get(f"{API}/results"))["items"]
    assert (told["works"], [one["entry"] for one in told["passed"]]) == (2, [good])
    refused(stages.post("stages/1/publish"), 409, "wrong_stage_state")
    refused(stages.post("stages/1/reopen", {"reason": "Why."}), 409, "wrong_stage_state")


def test_who_entered_reads_why_and_not_who_wrote_it(stages, people, clock):
    [work] = people.works(1)
    stages.post("stages/1/open")
    clock.now = AFTER_ENTRIES
    with stages.database.read() as c:
        account = select(t.accounts.c.name).where(t.accounts.c.id == stages.ethics.account)
        name = c.execute(account).scalar_one()
    texts = {
        "ai_native": (True, "A credit I liked."),
        "feasibility": (True, ""),
        "ethics": (False, f"Nobody consented,\nsays {name}. " + "x" * 1000),
    }
    checks = {id_: {"passed": passed, "reason": why} for id_, (passed, why) in texts.items()}
    hidden = {"checks": checks, "comment": "For the jury."}
    people.opinion(1, work, stages.ethics, hidden)
    stages.verdict(work, stages.technology, "ethics")
    done(stages.close(1))
    done(stages.post("stages/1/publish"))
    [(kind, text)] = stages.letters()
    assert kind == "result_not_recognised"
    assert "Not passed: Ethical compliance. The jurors wrote: “Nobody consented, says ▇▇▇" in text
    assert "“Why.”" in text
    for told in (name, "juror-", "A credit I liked", "For the jury", "x" * 401):
        assert told not in text


# --- Stage 2. ---


def test_stage_2_takes_what_was_recognised(stages, people):
    [work] = people.works(1, state="recognised")
    [refused_work] = people.works(1, state="not_recognised")
    people.stage(1, "published")
    assert done(stages.post("stages/2/open"))["admitted"] == [work]
    assert (stages.state(work), stages.state(refused_work)) == ("in_evaluation", "not_recognised")


def test_stage_2_needs_three_reviews_of_each_work(stages):
    works = stages.in_stage_2([50, 60])
    with stages.database.write() as c:
        o = t.opinions.c
        c.execute(
            update(t.opinions)
            .where(o.entry == works[1], o.juror == stages.technology.account)
            .values(void_at=stages.clock(), void_why="conflict of interest (family)")
        )
    told = refused(stages.close(2), 409, "insufficient_reviews")
    assert told["works"] == [{"entry": works[1], "lacks": 1, "lacks_of": {}}]
    refused(stages.office.get(f"{API}/stages/2/line"), 409, "insufficient_reviews")
    stages.review(works[1], stages.jury[3], 60)
    done(stages.close(2, line_reason="Nobody is free."))


def test_coverage_asks_for_every_faction(stages):
    stages.in_stage_2([50], coverage="per_work", minimum=4)
    [told] = refused(stages.close(2), 409, "insufficient_reviews")["works"]
    assert told["lacks_of"] == {"community": 1}


def test_forty_percent_pass_rounded_up(stages):
    works = stages.in_stage_2([10, 20, 30, 40, 50, 60])
    done(stages.close(2, line_reason="Clear enough."))
    done(stages.post("stages/2/publish"))
    assert [stages.state(work) for work in works] == ["not_selected"] * 3 + ["finalist"] * 3
    kinds = [kind for kind, _ in stages.letters()]
    assert kinds == ["result_finalist"] * 3 + ["result_not_selected"] * 3


def test_who_left_leaves_the_denominator(stages):
    works = stages.in_stage_2([10, 20, 30, 40, 50, 60])
    with stages.database.write() as c:
        e = t.entries.c
        c.execute(update(t.entries).where(e.id == works[5]).values(state="withdrawn"))
    done(stages.close(2, line_reason="Clear enough."))
    done(stages.post("stages/2/publish"))
    states = [stages.state(work) for work in works]
    assert states == ["not_selected"] * 3 + ["finalist"] * 2 + ["withdrawn"]


def test_weights_count(stages, people):
    dimensions = people.festival.edition(EDITION).dimensions
    heavy = dimensions[0].model_copy(update={"weight": 3})
    stages.edition(dimensions=(heavy, *dimensions[1:]))
    one, other = stages.in_stage_2([0, 0], minimum=1, quota=Fraction(numerator=1, denominator=2))
    with stages.database.write() as c:
        c.execute(t.opinions.delete())
        c.execute(t.assignments.delete())
    stages.review(one, stages.jury[0], 50, 0, 0, 0)
    stages.review(other, stages.jury[1], 40, 20, 9, 0)
    done(stages.close(2, line_reason="Clear enough."))
    done(stages.post("stages/2/publish"))
    assert (stages.state(one), stages.state(other)) == ("finalist", "not_selected")


def test_works_near_the_line_get_one_more_juror(stages, people):
    works = stages.in_stage_2([10, 20, 30, 40, 90])
    told = refused(stages.close(2), 409, "line_needs_jurors")
    assert told["works"] == [{"entry": works[3], "juror": "due"}], "no score, no rank"
    line = done(stages.office.get(f"{API}/stages/2/line"))
    assert line["works"] == told["works"]
    drawn = done(stages.post("stages/2/line"))
    assert drawn == {"works": [{"entry": works[3], "juror": "waiting"}], "shortfalls": []}
    assert done(stages.post("stages/2/line"))["works"] == drawn["works"], "drawn once"
    assert works[3] in desk(stages.jury[3]), "of the faction that had not seen it"
    refused(stages.close(2), 409, "line_needs_jurors")
    at = f"{API}/jury/works/{works[3]}"
    done(stages.jury[3].put(f"{at}/review", json={"scores": dict.fromkeys(DIMENSIONS, 40)}))
    done(stages.jury[3].post(f"{at}/review/submit"))
    done(stages.close(2))


def desk(juror):
    told = done(juror.get(f"{API}/jury/desk"))
    return [item["entry"] for stage in told["stages"] for item in stage["items"]]


def test_where_nobody_is_free_it_is_said(stages):
    works = stages.in_stage_2([10, 20])
    for work in works:
        stages.review(work, stages.jury[3], 10 if work == works[0] else 20)
    [short] = done(stages.post("stages/2/line"))["shortfalls"]
    assert (short["entry"], short["missing"]) == (works[1], 1)
    done(stages.close(2, line_reason="All four have seen it."))


def test_the_committee_chooses_among_equals(stages):
    works = stages.in_stage_2([10, 50, 50, 50, 90])
    reason = {"line_reason": "Clear enough."}
    told = refused(stages.close(2, **reason), 409, "tie_open")
    assert (told["works"], told["places"]) == (works[1:4], 1)
    for chosen in (works[1:3], [], works[:1]):
        choice = {"works": chosen, "reason": "Bolder."}
        told = refused(stages.close(2, **reason, choice=choice), 422, "choice_invalid")
        assert (told["works"], told["places"]) == (works[1:4], 1)
    choice = {"works": works[2:3], "reason": ""}
    refused(stages.close(2, **reason, choice=choice), 422, "choice_invalid")
    choice["reason"] = "Bolder."
    done(stages.close(2, **reason, choice=choice))
    done(stages.post("stages/2/publish"))
    finalists = [work for work in works if stages.state(work) == "finalist"]
    assert finalists == [works[2], works[4]]


def test_a_choice_needs_something_to_choose(stages, people):
    works = stages.in_stage_2([10, 20, 30, 40, 50])
    choice = {"works": works[:1], "reason": "Bolder."}
    answer = stages.close(2, line_reason="Clear enough.", choice=choice)
    refused(answer, 422, "nothing_to_choose")


def test_the_faction_that_thinks_least_parts_equals(stages):
    works = stages.in_stage_2([10, 0, 0, 0, 90])
    with stages.database.write() as c:
        for table in (t.opinions, t.assignments):
            c.execute(table.delete().where(table.c.entry.in_(works[1:4])))
    for work, scores in zip(works[1:4], ((40, 50, 60), (45, 50, 55), (30, 50, 70)), strict=True):
        for juror, score in zip(stages.jury, scores, strict=False):
            stages.review(work, juror, score)
    done(stages.close(2, line_reason="Clear enough."))
    done(stages.post("stages/2/publish"))
    assert [stages.state(work) for work in works[1:4]] == [
        *("not_selected", "finalist", "not_selected")
    ]


def test_all_who_are_level_pass_where_the_edition_says_so(stages):
    works = stages.in_stage_2([10, 50, 50, 50, 90], ties="all_pass")
    done(stages.close(2, line_reason="Clear enough."))
    done(stages.post("stages/2/publish"))
    assert [stages.state(work) for work in works] == ["not_selected"] + ["finalist"] * 4


# --- Drawing lots. ---


def test_a_draw_needs_a_seed_that_was_committed_before(stages, people, visitor):
    stages.second(ties="draw")
    people.stage(1, "published")
    refused(stages.post("stages/2/open"), 409, "seed_required")
    told = done(stages.post("seeds/selection_tie"), 201)
    assert (told["seed"], len(told["commitment"])) == (None, 64)
    assert done(visitor.get(f"{API}/seeds"))["items"] == [told]
    refused(stages.post("seeds/selection_tie"), 409, "seed_committed")
    done(stages.post("stages/2/open"))
    refused(stages.post("seeds/selection_tie"), 409, "too_late_for_seed")


def test_lots_are_drawn_and_the_seed_is_shown_when_it_is_published(stages, visitor):
    done(stages.post("seeds/selection_tie"), 201)
    works = stages.in_stage_2([10, 50, 50, 50, 90], ties="draw")
    done(stages.close(2, line_reason="Clear enough."))
    [sealed] = done(visitor.get(f"{API}/seeds"))["items"]
    assert sealed["seed"] is None
    done(stages.post("stages/2/publish"))
    [shown] = done(visitor.get(f"{API}/seeds"))["items"]
    assert shown["commitment"] == sealed["commitment"] == sha256(shown["seed"].encode())
    lots = {work: sha256((shown["seed"] + work).encode()) for work in works[1:4]}
    finalists = [work for work in works if stages.state(work) == "finalist"]
    assert finalists == sorted([min(lots, key=lots.get), works[4]])


def sha256(data):
    return hashlib.sha256(data).hexdigest()


# --- Between closing and publishing. ---


def test_what_changes_after_closing_has_to_be_decided_anew(stages, people):
    works = stages.in_stage_2([10, 20, 30, 40, 50])
    done(stages.close(2, line_reason="Clear enough."))
    body = {"juror": stages.technology.account, "entry": works[4], "kind": "family"}
    done(stages.post("conflicts", body), 201)
    refused(stages.post("stages/2/publish"), 409, "decision_outdated")
    assert stages.letters() == []
    refused(stages.post("stages/2/reopen", {"reason": ""}), 422, "reason_required")
    assert done(stages.post("stages/2/reopen", {"reason": "A conflict."}))["state"] == "open"
    refused(stages.close(2, line_reason="Clear enough."), 409, "insufficient_reviews")
    stages.review(works[4], stages.jury[3], 0)
    done(stages.close(2, line_reason="Clear enough."))
    done(stages.post("stages/2/publish"))
    decisions = done(stages.auditor.get(f"{API}/jury/decisions"))["items"]
    assert [one["turn"] for one in decisions] == [1, 2], "the earlier one stays on record"


def test_who_withdraws_after_closing_leaves_the_denominator_too(stages):
    works = stages.in_stage_2([10, 20, 30, 40, 50, 60])
    done(stages.close(2, line_reason="Clear enough."))
    with stages.database.write() as c:
        c.execute(update(t.entries).where(t.entries.c.id == works[0]).values(state="withdrawn"))
    refused(stages.post("stages/2/publish"), 409, "decision_outdated")
    done(stages.post("stages/2/reopen", {"reason": "A work was withdrawn."}))
    done(stages.close(2, line_reason="Clear enough."))
    done(stages.post("stages/2/publish"))
    assert [stages.state(work) for work in works[3:]] == ["not_selected", "finalist", "finalist"]


def test_what_does_not_follow_from_its_record_is_not_published(stages):
    works = stages.in_stage_2([10, 20, 30, 40, 50])
    done(stages.close(2, line_reason="Clear enough."))
    with stages.database.write() as c:
        row = c.execute(select(t.decisions)).one()
        forged = row.result.replace('"passed":false', '"passed":true')
        c.execute(update(t.decisions).values(result=forged))
    told = refused(stages.post("stages/2/publish"), 409, "not_reproduced")
    assert told["differences"] == ["result_sha256", "result"]
    assert {stages.state(work) for work in works} == {"in_evaluation"}


def test_what_was_published_stays_whatever_comes_to_light(stages):
    works = stages.in_stage_2([10, 20, 30, 40, 50])
    done(stages.close(2, line_reason="Clear enough."))
    done(stages.post("stages/2/publish"))
    body = {"juror": stages.technology.account, "entry": works[4], "kind": "family"}
    done(stages.post("conflicts", body), 201)
    assert stages.state(works[4]) == "finalist"
    [decision] = done(stages.auditor.get(f"{API}/jury/decisions"))["items"]
    told = done(stages.auditor.get(f"/api/decisions/{decision['id']}/recompute"))
    assert told == {"same": True, "differences": []}


def test_a_festival_without_works_comes_to_its_end_all_the_same(stages, clock, visitor):
    done(stages.post("stages/1/open"))
    clock.now = AFTER_ENTRIES
    done(stages.close(1))
    done(stages.post("stages/1/publish"))
    assert done(stages.post("stages/2/open"))["admitted"] == []
    assert done(stages.post("stages/2/line"))["works"] == []
    done(stages.close(2))
    done(stages.post("stages/2/publish"))
    told = done(visitor.get(f"{API}/results"))["items"]
    assert [(one["stage"], one["works"], one["passed"]) for one in told] == [(1, 0, []), (2, 0, [])]


def test_what_was_done_is_written_down(stages, clock):
    done(stages.post("stages/1/open"))
    done(stages.post("stages/1/admit"))
    clock.now = AFTER_ENTRIES
    done(stages.close(1))
    done(stages.post("stages/1/reopen", {"reason": "Too soon."}))
    with stages.database.read() as c:
        rows = c.execute(select(t.stage_events).order_by(t.stage_events.c.number)).all()
    assert [(row.action, row.reason) for row in rows] == [
        *(("open", ""), ("admit", ""), ("close", ""), ("reopen", "Too soon.")),
    ]
    assert {row.actor for row in rows} == {stages.office.account}
