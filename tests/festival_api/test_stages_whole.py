"""A whole festival: forty works, sixteen jurors, three stages, and everything recomputed."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, datetime

from sqlalchemy import select

from festival_api import jury
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
FACTIONS = ("art", "technology", "ethics", "community")
AWARDS = ("best_ai_native_film", "responsible_ai", "unicorn_gold")


def done(answer, *statuses):
    assert answer.status_code in (statuses or (200, 201, 204)), answer.text
    return answer.json() if "json" in answer.headers.get("content-type", "") else None


def refused(answer, code):
    assert answer.json()["code"] == code, answer.text
    return answer.json()


class Whole:
    """Forty works of known worth, and jurors who are more or less harsh."""

    def __init__(self, people, app) -> None:
        self.people, self.lots = people, random.Random(26)
        self.database = people.festival.database
        loaded = people.festival.loaded(EDITION)
        awards = tuple(one for one in loaded.edition.awards if one.announced)
        counted = {"awards_counted": sum(one.counted for one in awards)}
        rules = loaded.edition.settings.model_copy(update=counted)
        edition = loaded.edition.model_copy(update={"awards": awards, "settings": rules})
        people.festival = replace(
            people.festival, editions={EDITION: replace(loaded, edition=edition)}
        )
        attach(app, people.festival, lambda: None)
        self.owner, self.office = people.entrant(), people.office()
        self.works = people.works(40, owner=self.owner.account)
        self.worth = {work: number for number, work in enumerate(self.works)}
        self.jury = [
            people.juror(faction, core=place < 2) for faction in FACTIONS for place in range(4)
        ]
        self.harshness = {juror.account: self.lots.randrange(-8, 9) for juror in self.jury}

    def post(self, path, body=None, *statuses):
        return done(self.office.post(f"{API}/{path}", json=body), *statuses)

    def judge(self, stage) -> int:
        """Let every juror judge everything on their desk; not by request, to save time."""
        edition, now = self.people.festival.edition(EDITION), self.people.festival.clock()
        save = {1: jury.save_verdict, 2: jury.save_review}[stage]
        count = 0
        with self.database.write() as c:
            for juror in self.jury:
                for pair in self.to_do(c, juror.account, stage):
                    save(c, edition, pair, self.opinion(*pair, stage), now)
                    jury.submit(c, edition, stage, pair, now)
                    count += 1
        return count

    def to_do(self, c, juror, stage):
        desk = jury.desk(c, self.people.festival.edition(EDITION), juror)
        items = [item for one in desk.stages if one.stage == stage for item in one.items]
        return [(juror, item.entry) for item in items if item.opinion == "todo"]

    def opinion(self, juror, work, stage):
        if stage == 1:
            good = {"passed": self.worth[work] >= 12, "reason": "Not convincing."}
            return jury.Verdict.model_validate({"checks": dict.fromkeys(CHECKS, good)})
        score = 30 + self.worth[work] - self.harshness[juror]
        scores = {id_: score + self.lots.randrange(-4, 5) for id_ in DIMENSIONS}
        return jury.Review.model_validate({"scores": scores})

    def conflict(self, juror, work):
        body = {"juror": juror.account, "entry": work, "kind": "collaborator"}
        self.post("conflicts", body)

    def states(self):
        with self.database.read() as c:
            rows = c.execute(select(t.entries.c.id, t.entries.c.state))
            return {row.id: row.state for row in rows}

    def opinions(self, stage, work):
        with self.database.read() as c:
            found = jury.submitted_opinions(c, EDITION, stage)
        return [one.juror for one in found if one.entry == work]


def test_a_whole_festival(people, app, clock, visitor):
    clock.now = datetime(2026, 3, 31, tzinfo=UTC)
    whole = Whole(people, app)
    first_stage(whole, clock)
    finalists = second_stage(whole)
    third_stage(whole, finalists)
    # Everything that was decided follows from its own record.
    with whole.database.read() as c:
        rows = c.execute(select(t.decisions)).all()
    assert sorted(row.kind for row in rows) == [
        *("award", "award", "award", "recognition", "selection", "selection", "tie")
    ]
    for row in rows:
        record = {name: getattr(row, name) for name in jury.DecisionRecord.__slots__}
        assert jury.recompute(jury.DecisionRecord(**record)) == ()
    told = done(visitor.get(f"{API}/results"))["items"]
    assert [one["stage"] for one in told] == [1, 2, 3, 3, 3]
    for one in told:
        assert done(visitor.get(f"/api/decisions/{one['decision']}/recompute"))["same"] is True


def first_stage(whole, clock) -> None:
    assert len(whole.post("stages/1/open")["admitted"]) == 40
    drawn = whole.post("stages/1/assignments", {"seed": "dawn"})
    assert (drawn["made"], drawn["shortfalls"]) == (80, [])
    assert whole.judge(1) == 80
    clock.now = datetime(2026, 4, 2, tzinfo=UTC)
    # A conflict comes to light: the verdict is void, and another juror of that faction is needed.
    [juror] = [one for one in whole.jury[4:8] if one.account in whole.opinions(1, whole.works[20])]
    whole.conflict(juror, whole.works[20])
    told = refused(whole.office.post(f"{API}/stages/1/close", json={}), "insufficient_reviews")
    assert [work["lacks_of"] for work in told["works"]] == [{"technology": 1}]
    assert whole.post("stages/1/assignments", {"seed": "noon"})["made"] == 1
    assert whole.judge(1) == 1
    whole.post("stages/1/close", {})
    whole.post("stages/1/publish")
    states = whole.states()
    assert [states[work] for work in whole.works] == ["not_recognised"] * 12 + ["recognised"] * 28


def second_stage(whole) -> list[str]:
    assert len(whole.post("stages/2/open")["admitted"]) == 28
    drawn = whole.post("stages/2/assignments", {"seed": "dusk"})
    assert (drawn["made"], drawn["connected"]) == (84, True)
    whole.judge(2)
    # One work is withdrawn in the middle, and leaves the denominator.
    done(whole.owner.post(f"/api/entries/{whole.works[15]}/withdraw", json={}))
    refused(whole.office.post(f"{API}/stages/2/close", json={}), "line_needs_jurors")
    near = {work["entry"] for work in whole.post("stages/2/line")["works"]}
    assert whole.judge(2) == len(near) > 0
    body = {"line_reason": "One more juror for each was enough."}
    whole.post("stages/2/close", body)
    # Another leaves after that: decided anew.
    done(whole.owner.post(f"/api/entries/{whole.works[16]}/withdraw", json={}))
    refused(whole.office.post(f"{API}/stages/2/publish"), "decision_outdated")
    whole.post("stages/2/reopen", {"reason": "A work was withdrawn."})
    whole.post("stages/2/close", body)
    whole.post("stages/2/publish")
    states = whole.states()
    finalists = [work for work in whole.works if states[work] == "finalist"]
    assert len(finalists) == 11, "two fifths of 26, rounded up"
    assert set(whole.works[34:]) <= set(finalists), "the best by far are among them"
    assert not set(whole.works[:22]) & set(finalists)
    return finalists


def third_stage(whole, finalists) -> None:
    whole.post("stages/3/open")
    committee = [juror for place, juror in enumerate(whole.jury) if place % 4 < 2]
    seen = {"kind": "viewing", "held_at": "2026-04-02T00:00:00Z"}
    seen |= {"jurors": [juror.account for juror in committee]}
    for work in finalists:
        whole.post("hearings", {**seen, "entry": work})
    ethics, best = committee[4:6], finalists[::-1]
    # One member has a conflict and does not vote; the others are level at first.
    whole.conflict(committee[0], best[0])

    def vote(award, choices):
        for juror, choice in choices:
            body = {"entry": best[choice]}
            done(juror.post(f"{API}/awards/{award}/ballots", json=body), 201)

    body = {"entry": best[0]}
    refused(committee[0].post(f"{API}/awards/{AWARDS[0]}/ballots", json=body), "recused")
    voters = committee[1:]
    vote(AWARDS[0], zip(voters, (0, 0, 0, 1, 1, 1, 2), strict=True))
    assert whole.post(f"awards/{AWARDS[0]}/count")["round"] == 2
    vote(AWARDS[0], zip(voters, (0, 0, 0, 1, 1, 1, 1), strict=True))
    vote(AWARDS[1], zip(ethics, (2, 2), strict=True))
    vote(AWARDS[2], zip(voters, (0,) * 7, strict=True))
    for award in AWARDS:
        assert whole.post(f"awards/{award}/count")["state"] == "counted"
    whole.post("stages/3/close", {})
    whole.post("stages/3/publish")
    told = done(whole.office.get(f"{API}/results"))["items"]
    winners = {one["award"]: one["passed"][0]["entry"] for one in told if one["award"]}
    assert winners == dict(zip(AWARDS, (best[1], best[2], best[0]), strict=True))
    for stage in (1, 2, 3):
        done(whole.office.get(f"{API}/stages/{stage}/minutes.html"), 200)
