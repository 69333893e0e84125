"""The core committee: who votes on what, once, for what they have seen; counted under seal."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import select, update

from festival_api.editions import Award
from festival_api.store import tables as t
from festival_api.web._app import attach

EDITION = "hkaiiff-2026"
API = f"/api/editions/{EDITION}"
# Of the shipped list: one of all factions, one of a panel, one that is not the committee's.
BEST, RESPONSIBLE, HOLDERS = "best_ai_native_film", "responsible_ai", "dao_voted"


def refused(answer, status, code):
    assert (answer.status_code, answer.json().get("code")) == (status, code), answer.text
    return answer.json()


def done(answer, status=200):
    assert answer.status_code == status, answer.text
    return answer.json()


class Committee:
    """Stage 3 with three finalists and a committee of six, quorum five."""

    def __init__(self, people, app) -> None:
        self.people, self.app = people, app
        self.database = people.festival.database
        self.office, self.auditor = people.office(), people.auditor()
        factions = ("art", "art", "technology", "ethics", "ethics", "community")
        self.members = [people.juror(faction, core=True) for faction in factions]
        self.works = sorted(people.works(3, state="finalist"))
        for stage in (1, 2):
            people.stage(stage, "published")
        awards = people.festival.edition(EDITION).awards
        self.serve([one for one in awards if one.id in (BEST, RESPONSIBLE, HOLDERS)])

    def serve(self, awards: list[Award], *, counted=None) -> None:
        """Serve an edition with these awards."""
        loaded = self.people.festival.loaded(EDITION)
        edition = loaded.edition
        rules = edition.settings.model_copy(
            update={"awards_counted": counted or sum(award.counted for award in awards)}
        )
        edition = edition.model_copy(update={"awards": tuple(awards), "settings": rules})
        changed = replace(loaded, edition=edition)
        self.people.festival = replace(self.people.festival, editions={EDITION: changed})
        attach(self.app, self.people.festival, lambda: None)

    def post(self, path, body=None, client=None):
        return (client or self.office).post(f"{API}/{path}", json=body)

    def open(self):
        return self.post("stages/3/open")

    def viewing(self, entry, *members, **changes):
        body = {
            "entry": entry,
            "kind": "viewing",
            "held_at": self.people.festival.clock().isoformat(),
            "jurors": [member.account for member in members],
        }
        return self.post("hearings", body | changes)

    def seen(self) -> None:
        """Open the stage, and show every work to everybody."""
        done(self.open())
        for work in self.works:
            done(self.viewing(work, *self.members), 201)

    def vote(self, member, entry, award=BEST):
        return self.post(f"awards/{award}/ballots", {"entry": entry}, member)

    def votes(self, *choices, award=BEST, members=None) -> None:
        """Let members vote, in order, for works by number."""
        for member, choice in zip(members or self.members, choices, strict=False):
            done(self.vote(member, self.works[choice], award), 201)

    def count(self, award=BEST):
        return self.post(f"awards/{award}/count")

    def own(self, client, award=BEST):
        items = done(client.get(f"{API}/awards"))["items"]
        return next(one for one in items if one["award"] == award)

    def declare(self, member, entry) -> None:
        body = {"juror": member.account, "entry": entry, "kind": "family"}
        done(self.post("conflicts", body), 201)

    def winners(self, client) -> dict[str, list[str]]:
        items = done(client.get(f"{API}/results"))["items"]
        return {
            one["award"]: [work["entry"] for work in one["passed"]]
            for one in items
            if one["stage"] == 3
        }

    def decide_responsible(self) -> None:
        """Let the ethics faction decide its award, for the first work."""
        self.votes(0, 0, award=RESPONSIBLE, members=self.members[3:5])
        done(self.count(RESPONSIBLE))


@pytest.fixture
def committee(people, app) -> Committee:
    for stage in (1, 2):
        people.stage(stage, "published")
    return Committee(people, app)


# --- Opening. ---


def test_the_list_of_awards_must_be_whole(committee, shipped):
    committee.serve(list(shipped.edition.awards))
    told = refused(committee.open(), 409, "award_list_incomplete")
    assert (told["announced"], told["expected"], len(told["places"])) == (3, 27, 24)
    announced = [one.model_copy(update={"announced": True}) for one in shipped.edition.awards]
    committee.serve(announced[:-1], counted=27)
    assert refused(committee.open(), 409, "award_list_incomplete")["announced"] == 26
    committee.serve([*announced, announced[-1].model_copy(update={"id": "more"})], counted=27)
    assert refused(committee.open(), 409, "award_list_incomplete")["announced"] == 28
    # An award beside the counted ones must have its name too.
    changes = {"id": "beside", "counted": False, "announced": False}
    committee.serve([*announced, announced[-1].model_copy(update=changes)], counted=27)
    assert refused(committee.open(), 409, "award_list_incomplete")["places"] == ["beside"]
    committee.serve(announced)
    assert done(committee.open())["stage"]["state"] == "open"


def test_the_committee_must_have_its_quorum(committee):
    for member in committee.members[:2]:
        assert committee.office.delete(f"{API}/jurors/{member.account}").status_code == 204
    refused(committee.open(), 409, "committee_too_small")


# --- Viewings and defences. ---


def test_viewings_are_recorded_with_who_was_there(committee, people):
    work, [other] = committee.works[0], people.works(1, state="not_selected")
    refused(committee.viewing(work, *committee.members), 409, "stage_not_open")
    done(committee.open())
    told = done(committee.viewing(work, *committee.members[:2], note="Twice."), 201)
    assert told["jurors"] == sorted(member.account for member in committee.members[:2])
    defence = done(committee.viewing(work, committee.members[0], kind="defence"), 201)
    listed = done(committee.auditor.get(f"{API}/hearings"))["items"]
    assert sorted(listed, key=str) == sorted([told, defence], key=str)
    refused(committee.viewing(other, *committee.members), 422, "not_a_finalist")
    refused(committee.viewing(work, people.juror("art")), 404, "unknown_juror")
    tomorrow = "2099-05-01T00:00:00Z"
    refused(committee.viewing(work, *committee.members, held_at=tomorrow), 422, "not_held_yet")
    refused(committee.viewing(work, *committee.members, held_at="2026-05-01T00:00"), 422, "invalid")
    refused(committee.viewing(work), 422, "nobody_there")
    # Members are told what they attended, and not who else did.
    own = done(committee.members[1].get(f"{API}/hearings"))["items"]
    assert own == [told | {"jurors": [committee.members[1].account]}]
    assert done(committee.members[5].get(f"{API}/hearings"))["items"] == []
    refused(people.juror("art").get(f"{API}/hearings"), 403, "not_in_committee")
    refused(people.entrant().get(f"{API}/hearings"), 403, "not_allowed")


def test_a_record_is_corrected_by_another_and_stays(committee):
    done(committee.open())
    there, wrongly = committee.members[:2]
    first = done(committee.viewing(committee.works[0], there, wrongly), 201)
    correction = {"replaces": first["id"], "reason": "The second was ill."}
    unsaid = correction | {"reason": " "}
    refused(committee.viewing(committee.works[0], there, **unsaid), 422, "reason_required")
    unknown = correction | {"replaces": "0" * 32}
    refused(committee.viewing(committee.works[0], there, **unknown), 404, "unknown_hearing")
    second = done(committee.viewing(committee.works[0], there, **correction), 201)
    assert (second["replaces"], second["reason"]) == (first["id"], "The second was ill.")
    refused(committee.viewing(committee.works[0], there, **correction), 409, "hearing_replaced")
    listed = done(committee.office.get(f"{API}/hearings"))["items"]
    assert {one["id"]: one["replaced_by"] for one in listed} == {
        first["id"]: second["id"],
        second["id"]: None,
    }
    [own] = done(there.get(f"{API}/hearings"))["items"]
    assert (own["id"], own["reason"]) == (second["id"], "")
    assert done(wrongly.get(f"{API}/hearings"))["items"] == []
    refused(committee.vote(wrongly, committee.works[0]), 409, "not_viewed")
    done(committee.vote(there, committee.works[0]), 201)
    # It was another work that they saw; and then it turns out that nobody saw any.
    other = {"replaces": second["id"], "reason": "Another work was shown."}
    third = done(committee.viewing(committee.works[1], there, **other), 201)
    nothing = {"replaces": third["id"], "reason": "The power had failed."}
    done(committee.viewing(committee.works[1], **nothing), 201)
    assert done(there.get(f"{API}/hearings"))["items"] == []


def test_a_ballot_for_what_was_not_seen_after_all_is_void_and_cast_again(committee):
    committee.seen()
    committee.votes(0, 0, 0, 0, 1, 1)
    done(committee.count())
    assert committee.own(committee.members[0])["state"] == "counted"
    listed = done(committee.office.get(f"{API}/hearings"))["items"]
    shown = next(one for one in listed if one["entry"] == committee.works[0])
    correction = {"replaces": shown["id"], "reason": "They left before the end."}
    done(committee.viewing(committee.works[0], *committee.members[2:], **correction), 201)
    # It was counted from what is no longer so.
    left = committee.own(committee.members[0])
    assert (left["state"], left["cast"], left["may_vote"]) == ("open", 4, True)
    refused(committee.count(), 409, "quorum_missing")
    refused(committee.vote(committee.members[0], committee.works[0]), 409, "not_viewed")
    committee.votes(1, 1)
    refused(committee.vote(committee.members[0], committee.works[1]), 409, "double_vote")
    committee.decide_responsible()
    done(committee.count())
    done(committee.post("stages/3/close", {}))
    done(committee.post("stages/3/publish"))
    assert committee.winners(committee.auditor)[BEST] == [committee.works[1]]


def test_a_winner_that_leaves_later_is_marked_and_the_decision_stays(committee, visitor):
    committee.seen()
    committee.votes(0, 0, 0, 0, 0, 1)
    committee.decide_responsible()
    done(committee.count())
    done(committee.post("stages/3/close", {}))
    done(committee.post("stages/3/publish"))
    before = done(visitor.get(f"{API}/results"))["items"]
    assert {work["left"] for one in before for work in one["passed"]} == {None}
    stolen = committee.works[0]
    why = {"reason": "It is somebody else's."}
    done(committee.office.post(f"/api/entries/{stolen}/disqualify", json=why))
    after = done(visitor.get(f"{API}/results"))["items"]
    assert [one["result_sha256"] for one in after] == [one["result_sha256"] for one in before]
    told = {(work["entry"], work["left"]) for one in after for work in one["passed"]}
    assert told == {(stolen, "disqualified")}


# --- Ballots. ---


def test_a_member_votes_once_on_each_award(committee):
    committee.seen()
    member = committee.members[3]
    told = done(committee.vote(member, committee.works[0]), 201)
    assert (told["award"], told["round"], told["entry"]) == (BEST, 1, committee.works[0])
    refused(committee.vote(member, committee.works[0]), 409, "double_vote")
    refused(committee.vote(member, committee.works[1]), 409, "double_vote")
    done(committee.vote(member, committee.works[1], RESPONSIBLE), 201)
    assert committee.own(member)["own"] == committee.works[0]
    assert committee.own(member)["may_vote"] is False


def test_others_do_not_vote(committee, people, visitor):
    committee.seen()
    for client in (people.juror("art"), people.entrant(), committee.office, committee.auditor):
        refused(committee.vote(client, committee.works[0]), 403, "not_in_committee")
    refused(committee.vote(visitor, committee.works[0]), 401, "not_signed_in")
    refused(people.juror("art").get(f"{API}/awards"), 403, "not_in_committee")
    refused(people.entrant().get(f"{API}/awards"), 403, "not_allowed")


def test_an_award_of_a_panel_is_the_panels(committee):
    committee.seen()
    art, ethics = committee.members[0], committee.members[3]
    told = refused(committee.vote(art, committee.works[0], RESPONSIBLE), 403, "not_on_panel")
    assert told["allowed"] == ["ethics"]
    assert committee.own(art, RESPONSIBLE)["may_vote"] is False
    assert committee.own(ethics, RESPONSIBLE)["may_vote"] is True
    done(committee.vote(ethics, committee.works[0], RESPONSIBLE), 201)


def test_an_award_of_token_holders_is_theirs(committee):
    committee.seen()
    member = committee.members[0]
    refused(committee.vote(member, committee.works[0], HOLDERS), 409, "not_for_committee")
    refused(committee.vote(member, committee.works[0], "no_such"), 404, "unknown_award")
    refused(committee.count(HOLDERS), 409, "not_for_committee")


def test_only_finalists_that_were_seen_get_votes(committee, people):
    [other] = people.works(1, state="not_selected")
    done(committee.open())
    member, work = committee.members[0], committee.works[0]
    told = refused(committee.vote(member, other), 422, "not_a_finalist")
    assert told["candidates"] == committee.works
    refused(committee.vote(member, work), 409, "not_viewed")
    done(committee.viewing(work, member, kind="defence"), 201)
    refused(committee.vote(member, work), 409, "not_viewed")
    done(committee.viewing(work, committee.members[1]), 201)
    refused(committee.vote(member, work), 409, "not_viewed")
    done(committee.viewing(work, member), 201)
    done(committee.vote(member, work), 201)


def test_who_has_a_conflict_with_a_finalist_does_not_vote(committee):
    committee.seen()
    member = committee.members[0]
    committee.declare(member, committee.works[2])
    refused(committee.vote(member, committee.works[0]), 409, "recused")
    told = committee.own(member)
    assert (told["may_vote"], told["entitled"], told["needed"]) == (False, 5, 5)


def test_ballots_are_taken_while_the_stage_is_open(committee):
    refused(committee.vote(committee.members[0], committee.works[0]), 409, "stage_not_open")
    committee.seen()
    committee.votes(0, 0, 0, 0, 0)
    done(committee.count())
    refused(committee.vote(committee.members[5], committee.works[0]), 409, "award_counted")
    committee.decide_responsible()
    done(committee.post("stages/3/close", {}))
    refused(committee.vote(committee.members[5], committee.works[0]), 409, "stopped")
    refused(committee.count(), 409, "stopped")
    refused(committee.viewing(committee.works[0], *committee.members), 409, "stopped")


# --- Counting. ---


def test_a_count_needs_the_quorum(committee):
    committee.seen()
    committee.votes(0, 0, 0, 1)
    told = refused(committee.count(), 409, "quorum_missing")
    assert (told["cast"], told["needed"]) == (4, 5)
    done(committee.vote(committee.members[4], committee.works[1]), 201)
    told = done(committee.count())
    assert (told["state"], told["candidates"], told["own"]) == ("counted", None, None)
    refused(committee.count(), 409, "award_counted")
    # Of a panel smaller than the quorum, all are needed.
    committee.votes(0, award=RESPONSIBLE, members=committee.members[3:4])
    told = refused(committee.count(RESPONSIBLE), 409, "quorum_missing")
    assert (told["cast"], told["needed"]) == (1, 2)


def test_level_works_go_to_a_second_round(committee):
    committee.seen()
    committee.votes(0, 0, 1, 1, 2)
    told = done(committee.count())
    assert (told["state"], told["round"], told["cast"]) == ("open", 2, 0)
    assert told["candidates"] is None, "the office is not told who was level"
    member = committee.members[4]
    assert committee.own(member)["candidates"] == committee.works[:2]
    assert committee.own(committee.office)["candidates"] is None
    told = refused(committee.vote(member, committee.works[2]), 422, "not_a_finalist")
    refused(committee.count(), 409, "quorum_missing")
    committee.votes(0, 0, 1, 1, 1)
    assert done(committee.count())["state"] == "counted"
    committee.decide_responsible()
    done(committee.post("stages/3/close", {}))
    done(committee.post("stages/3/publish"))
    assert committee.winners(committee.office)[BEST] == [committee.works[1]]


def test_a_conflict_that_comes_to_light_voids_the_ballot(committee):
    committee.seen()
    committee.votes(0, 0, 0, 1, 1, 1)
    committee.declare(committee.members[5], committee.works[2])
    done(committee.count())
    committee.decide_responsible()
    done(committee.post("stages/3/close", {}))
    done(committee.post("stages/3/publish"))
    assert committee.winners(committee.auditor)[BEST] == [committee.works[0]]


def test_a_late_conflict_has_the_award_decided_anew(committee):
    committee.seen()
    committee.votes(0, 0, 1, 1, 1)
    done(committee.count())
    committee.decide_responsible()
    done(committee.post("stages/3/close", {}))
    committee.declare(committee.members[4], committee.works[2])
    refused(committee.post("stages/3/publish"), 409, "decision_outdated")
    done(committee.post("stages/3/reopen", {"reason": "A conflict."}))
    told = refused(committee.post("stages/3/close", {}), 409, "awards_undecided")
    assert told["awards"] == [BEST, RESPONSIBLE]
    refused(committee.count(), 409, "quorum_missing")
    done(committee.vote(committee.members[5], committee.works[0]), 201)
    done(committee.count())
    done(committee.count(RESPONSIBLE))
    done(committee.post("stages/3/close", {}))
    done(committee.post("stages/3/publish"))
    assert committee.winners(committee.auditor)[BEST] == [committee.works[0]]


def test_who_voted_for_a_work_that_left_votes_again(committee):
    committee.seen()
    committee.votes(0, 0, 1, 1, 2)
    with committee.database.write() as c:
        e = t.entries.c
        c.execute(update(t.entries).where(e.id == committee.works[0]).values(state="withdrawn"))
    refused(committee.count(), 409, "quorum_missing")
    refused(committee.vote(committee.members[4], committee.works[1]), 409, "double_vote")
    for member in committee.members[:2]:
        done(committee.vote(member, committee.works[2]), 201)
    done(committee.count())
    record = committee.database
    with record.read() as c:
        result = c.execute(select(t.decisions.c.result)).scalar_one()
    assert committee.works[0] not in result


def test_stage_3_closes_when_all_is_decided(committee):
    committee.seen()
    told = refused(committee.post("stages/3/close", {}), 409, "awards_undecided")
    assert told["awards"] == [BEST, RESPONSIBLE], "the holders' award is not the committee's"
    committee.votes(0, 0, 0, 1, 1)
    done(committee.count())
    committee.decide_responsible()
    done(committee.post("stages/3/close", {}))


# --- Sealed. ---


def test_winners_are_the_auditors_alone_until_they_are_published(committee, people, visitor):
    committee.seen()
    committee.votes(0, 0, 0, 1, 1)
    done(committee.count())
    committee.decide_responsible()
    done(committee.post("stages/3/close", {}))
    heads = done(committee.auditor.get(f"{API}/jury/decisions?stage=3"))["items"]
    assert [one["subject"] for one in heads] == [BEST, RESPONSIBLE]
    address = f"/api/decisions/{heads[0]['id']}"
    assert '"votes":3' in done(committee.auditor.get(address))["result"]
    sealed = [committee.office, committee.members[0], people.entrant(), people.admin(), visitor]
    for client in sealed:
        refused(client.get(address), 404, "unknown_decision")
        refused(client.get(f"{address}/recompute"), 404, "unknown_decision")
        assert committee.winners(client) == {}
    assert done(committee.office.get(f"{API}/jury/decisions"))["items"] == []
    done(committee.post("stages/3/publish"))
    assert committee.winners(visitor) == dict.fromkeys((BEST, RESPONSIBLE), committee.works[:1])
    assert '"votes":3' in done(committee.office.get(address))["result"]
    told = done(visitor.get(address))
    assert (told["inputs"], told["result"], told["reasons"]) == (None, None, None)
    assert done(visitor.get(f"{address}/recompute"))["same"] is True


def test_only_the_office_records_and_counts(committee, people, visitor):
    committee.seen()
    committee.votes(0, 0, 0, 1, 1)
    body = {
        "entry": committee.works[0],
        "kind": "viewing",
        "held_at": "2025-11-01T00:00:00Z",
        "jurors": [committee.members[0].account],
    }
    others = (committee.members[0], committee.auditor, people.entrant(), people.admin())
    for client in others:
        refused(committee.post("hearings", body, client), 403, "not_allowed")
        refused(committee.post(f"awards/{BEST}/count", None, client), 403, "not_allowed")
    refused(committee.post("hearings", body, visitor), 401, "not_signed_in")
    refused(committee.post(f"awards/{BEST}/count", None, visitor), 401, "not_signed_in")


def test_who_has_retired_votes_no_more(committee):
    committee.seen()
    committee.votes(0, 0, 0, 1, 1, 1)
    gone = committee.members[0]
    assert committee.office.delete(f"{API}/jurors/{gone.account}").status_code == 204
    refused(committee.vote(gone, committee.works[0]), 403, "not_in_committee")
    done(committee.count())
    committee.decide_responsible()
    done(committee.post("stages/3/close", {}))
    done(committee.post("stages/3/publish"))
    assert committee.winners(committee.auditor)[BEST] == [committee.works[1]]


def test_a_second_round_of_one_is_the_first_again(committee):
    committee.seen()
    committee.votes(0, 0, 1, 1, 2)
    done(committee.count())
    with committee.database.write() as c:
        e = t.entries.c
        c.execute(update(t.entries).where(e.id == committee.works[0]).values(state="withdrawn"))
    told = committee.own(committee.members[0])
    assert (told["round"], told["candidates"]) == (1, committee.works[1:])
    for member in committee.members[:2]:
        done(committee.vote(member, committee.works[2]), 201)
    assert done(committee.count())["state"] == "counted"
