"""Finalising: what is frozen stays frozen, and can be hashed again by anybody who may see it."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from hashlib import sha256

import pytest
from sqlalchemy import select, update

from festival_api.ports import Reached, Unreached
from festival_api.store import tables as t


@pytest.fixture
def owner(people):
    return people.entrant()


def finalise(owner, entry: str, version: int = 1, amount: int = 56_250):
    body = {"version": version, "amount": amount, "currency": "USD"}
    return owner.post(f"/api/entries/{entry}/finalise", json=body)


def snapshot(client, entry: str, number: int = 1) -> dict:
    answer = client.get(f"/api/entries/{entry}/snapshots/{number}")
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_a_snapshot_can_be_hashed_again(owner, people):
    entry = people.finalised(owner)
    for reader in (owner, people.office(), people.auditor()):
        kept = snapshot(reader, entry)
        assert sha256(kept["content"].encode()).hexdigest() == kept["sha256"]
        content = json.loads(kept["content"])
        salted = (kept["people_salt"] + kept["people"]).encode()
        assert content["people_sha256"] == sha256(salted).hexdigest()
    missing = owner.get(f"/api/entries/{entry}/snapshots/2")
    assert (missing.status_code, missing.json()["code"]) == (404, "unknown_snapshot")


def test_a_snapshot_holds_the_work_its_price_and_its_rules(owner, people, shipped):
    entry = people.begun(owner, premiere="world", company="Lamp Works")
    film = people.file(entry, "film", sha256="f" * 64)
    finalise(owner, entry)
    kept = snapshot(owner, entry)
    content = json.loads(kept["content"])
    assert {name: content[name] for name in ("entry", "number", "edition", "edition_sha256")} == {
        "entry": entry,
        "number": 1,
        "edition": "hkaiiff-2026",
        "edition_sha256": shipped.sha256,
    }
    work, draft = content["work"], people.draft()
    for name in ("title", "synopsis", "category", "runtime_seconds", "languages", "year"):
        assert work[name] == draft[name]
    assert work["kind"] == "generative_linear"
    assert work["declaration"]["human_role"] == draft["declaration"]["human_role"]
    assert work["files"] == [
        {"id": film, "kind": "film", "name": "film.bin", "size": 3, "sha256": "f" * 64}
    ]
    assert work["links"] == [
        draft["links"][0] | {"answer": {"status": None, "reason": "not_probed"}}
    ]
    price = content["quote"]
    assert (price["amount"], price["period"], price["factor"]) == (56_250, "early", [75, 100])
    checks = [check.id for check in shipped.edition.stage_1.checks]
    assert content["recognition"] == {"checks": checks, "declaration_version": 1}


def test_nobody_is_named_in_what_is_hashed(owner, people):
    person = {"name": "Lee Siu Ming", "shown": "voice", "consent": True}
    declaration = people.draft()["declaration"]
    entry = people.begun(owner, company="Lamp Works Limited")
    paper, proof = people.file(entry, "consent"), people.file(entry, "student_proof")
    likeness = {"none_depicted": False, "persons": [person | {"document": paper}]}
    change = {"declaration": declaration | {"likeness": likeness}}
    owner.patch(f"/api/entries/{entry}", json={"version": 1, "draft": change})
    assert finalise(owner, entry, 2).status_code == 200
    kept = snapshot(owner, entry)
    hidden = [
        "Chan Tai Man",
        "chan@example.org",
        "Lamp Works Limited",
        "Lee Siu Ming",
        paper,
        proof,
    ]
    for secret in hidden:
        assert secret not in kept["content"]
        assert secret in kept["people"]
    shown = json.loads(kept["content"])["work"]["declaration"]["likeness"]["persons"]
    assert shown == [{"shown": "voice", "consent": True}]


def test_erasing_the_people_leaves_the_snapshot_whole(owner, people, festival):
    entry = people.finalised(owner)
    before = snapshot(owner, entry)
    with festival.database.write() as c:
        gone = {"people": None, "people_salt": None}
        c.execute(update(t.snapshots).where(t.snapshots.c.entry == entry).values(**gone))
    after = snapshot(owner, entry)
    assert after == before | {"people": None, "people_salt": None}
    assert sha256(after["content"].encode()).hexdigest() == after["sha256"]


def test_editing_later_changes_no_snapshot_of_this_or_another_entry(owner, people):
    first, second = people.finalised(owner), people.finalised(owner)
    frozen = [snapshot(owner, entry) for entry in (first, second)]
    owner.post(f"/api/entries/{first}/reopen")
    change = {"title": {"en": "Another Lamp", "zh-Hant": "另一盞燈"}, "runtime_seconds": 6000}
    owner.patch(f"/api/entries/{first}", json={"version": 1, "draft": change})
    people.file(first, "film")
    assert [snapshot(owner, entry) for entry in (first, second)] == frozen
    assert finalise(owner, first, 2).json()["snapshots"] == [1, 2]
    assert [snapshot(owner, entry) for entry in (first, second)] == frozen
    again = json.loads(snapshot(owner, first, 2)["content"])
    assert (again["number"], again["work"]["title"]["en"]) == (2, "Another Lamp")


def test_two_alike_entries_have_unlike_hashes_of_their_people(owner, people):
    kept = [snapshot(owner, people.finalised(owner)) for _ in range(2)]
    assert kept[0]["people"] == kept[1]["people"]
    commitments = [json.loads(one["content"])["people_sha256"] for one in kept]
    assert commitments[0] != commitments[1]


def test_only_the_version_that_was_read_is_finalised(owner, people):
    entry = people.begun(owner)
    owner.patch(f"/api/entries/{entry}", json={"version": 1, "draft": {"year": 2024}})
    answer = finalise(owner, entry, 1)
    assert (answer.status_code, answer.json()["code"]) == (409, "stale")
    assert finalise(owner, entry, 2).status_code == 200
    answer = finalise(owner, entry, 2)
    assert (answer.status_code, answer.json()["code"]) == (409, "wrong_state")


class Answers:
    """A probe that gives the answers it was told to, and counts what it was asked."""

    def __init__(self, answers: dict[str, Reached | Unreached], meanwhile=lambda: None) -> None:
        self.answers, self.meanwhile, self.asked = answers, meanwhile, Counter()

    def check(self, url: str) -> Reached | Unreached:
        self.asked[url] += 1
        self.meanwhile()
        return self.answers.get(url, Reached(200, "text/html", None))


FILM = "https://films.example.org/lamp"


@pytest.fixture
def probing(festival, app):
    """Serve the festival with a probe."""

    def serve(probe: Answers) -> None:
        app.state.festival = replace(festival, probe=probe)

    return serve


DEAD = {
    "404": (Reached(404, "", None), None),
    "410": (Reached(410, "", None), None),
    "503": (Reached(503, "", None), None),
    "password": (Reached(401, "", None), None),
    "does not exist": (Unreached("no_such_host"), None),
    "10 seconds": (Unreached("too_slow"), "open"),
    "private network": (Unreached("not_public"), None),
}


def test_dead_links_are_named_before_they_are_relied_on(owner, people, probing):
    for words, (found, password) in DEAD.items():
        probing(Answers({FILM: found}))
        links = [
            {"kind": "trailer", "url": "https://films.example.org/trailer"},
            {"kind": "film", "url": FILM, "password": password},
        ]
        entry = people.begun(owner, links=links)
        answer = finalise(owner, entry)
        assert (answer.status_code, answer.json()["code"]) == (422, "link_dead")
        [link] = answer.json()["links"]
        assert (link["where"], link["url"]) == ("/links/1", FILM)
        assert words in link["detail"]["en"]
        assert owner.get(f"/api/entries/{entry}").json()["state"] == "draft"


def test_what_answered_is_kept_in_the_snapshot(owner, people, probing):
    # Hosts of films let people in where they turn programs away.
    for status, password in ((200, None), (206, None), (401, "open sesame"), (403, None)):
        probing(Answers({FILM: Reached(status, "text/html", None)}))
        links = [{"kind": "film", "url": FILM, "password": password}]
        entry = people.finalised(owner, links=links)
        [link] = json.loads(snapshot(owner, entry)["content"])["work"]["links"]
        assert link["answer"] == {"status": status}
        assert link.get("password") == password


def test_every_link_is_looked_at_once(owner, people, probing):
    run = {"run": "1", "seed": "1", "recording_sha256": "a" * 64, "link": "https://e.org/run1"}
    other = {"run": "2", "seed": "2", "recording_sha256": "b" * 64, "link": "https://e.org/run2"}
    probe = Answers({"https://e.org/run2": Reached(404, "", None)})
    probing(probe)
    links = [{"kind": "film", "url": FILM}, {"kind": "other", "url": FILM}]
    entry = people.begun(owner, "generative_system", runs=[run, other], links=links)
    people.file(entry, "system_package")
    answer = finalise(owner, entry, amount=45_000)
    assert [link["where"] for link in answer.json()["links"]] == ["/runs/1/link"]
    assert probe.asked == Counter(
        [FILM, "https://example.org/", "https://e.org/run1", "https://e.org/run2"]
    )


def test_links_are_looked_at_outside_of_any_transaction_and_only_when_all_else_is_well(
    owner, people, probing, festival
):
    def write() -> None:
        with festival.database.write() as c:
            c.execute(select(t.entries.c.id))

    probe = Answers({}, meanwhile=write)
    probing(probe)
    people.finalised(owner)
    assert probe.asked[FILM] == 1
    assert finalise(owner, people.begun(owner, year=None)).status_code == 422
    assert finalise(owner, people.begun(owner), amount=1).status_code == 409
    assert probe.asked[FILM] == 1


def test_a_draft_that_changes_while_its_links_are_looked_at_is_not_finalised(
    owner, people, probing, festival
):
    def change() -> None:
        with festival.database.write() as c:
            c.execute(update(t.entries).values(version=t.entries.c.version + 1))

    probing(Answers({}, meanwhile=change))
    answer = finalise(owner, people.begun(owner))
    assert (answer.status_code, answer.json()["code"]) == (409, "stale")
    with festival.database.read() as c:
        assert c.execute(select(t.snapshots)).all() == []


def test_an_upload_that_spoils_while_links_are_looked_at_stops_it_too(
    owner, people, probing, festival
):
    def spoil() -> None:
        with festival.database.write() as c:
            c.execute(update(t.files).values(state="damaged"))

    probing(Answers({}, meanwhile=spoil))
    entry = people.begun(owner)
    people.file(entry, "film")
    assert finalise(owner, entry).json()["code"] == "file_unfinished"
