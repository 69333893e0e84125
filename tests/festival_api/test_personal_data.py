"""Personal data: all of it comes out on request, and after erasure it is nowhere."""

import json

import pytest
from sqlalchemy import insert, select, update

from festival_api import letters, uploads
from festival_api.accounts import HOLDINGS
from festival_api.store import new_id
from festival_api.store import tables as t
from festival_api.texts import canonical, sha256_hex

EDITION = "hkaiiff-2026"
PASSWORD = "correct horse battery"
NAME, EMAIL = "Zenobia Quackenbush", "zenobia.q@example.org"
CANARY = "Quackenbush"


def refused(answer, code: str, status: int) -> bool:
    assert (answer.json()["code"], answer.status_code) == (code, status), answer.text
    return True


def dump(database) -> str:
    """Everything that stands in the database, as text."""
    with database.read() as c:
        return "\n".join(
            str(tuple(row))
            for table in t.metadata.sorted_tables
            for row in c.execute(select(table))
        )


@pytest.fixture
def rows(festival):
    """Put rows into tables."""

    def put(table, **values):
        with festival.database.write() as c:
            c.execute(insert(table).values(**values))

    return put


@pytest.fixture
def person(festival, people):
    """A confirmed account of somebody who can be found everywhere by name."""
    client = people.entrant(email=EMAIL)
    assert client.patch("/api/me", json={"name": NAME}).status_code == 200
    return client


@pytest.fixture
def entry(festival, people, person):
    """An entry that was finalised, with the person's name all over it."""
    who = {"name": NAME, "email": EMAIL}
    id_ = people.finalised(
        person,
        makers=[{"name": NAME, "role": "director"}],
        contact=who,
        company="Quackenbush Pictures",
        synopsis={"en": f'"{NAME.upper()}" tells all.', "zh-Hant": f"{NAME}的一切。"},
        links=[{"kind": "film", "url": "https://films.example.org/zenobia-quackenbush"}],
    )
    people.file(id_, "still")
    return id_


@pytest.fixture
def judging(festival, people, person, rows, clock):
    """The person on a jury too, with one work of somebody else, seen, reviewed and voted for."""
    now, me = clock(), person.account
    other = people.entrant()
    (work,) = people.works(1, owner=other.account, state="finalist")
    seat = {"edition": EDITION, "account": me, "faction": "art", "core": True}
    rows(t.jurors, **seat, pseudonym="juror-7", company="Quackenbush Pictures", appointed_at=now)
    by_me = {"edition": EDITION, "juror": me, "entry": work}
    rows(t.assignments, **by_me, stage=2, turn=1, why="drawn", made_at=now)
    opinion = {
        "content": canonical({"scores": {"x": 73}}),
        "note": f"{NAME}: remember",
        "reason": "",
    }
    rows(t.opinions, **by_me, stage=2, revision=1, **opinion, saved_at=now, submitted_at=now)
    tie = {"kind": "family", "note": f"{NAME} is my cousin", "declared_at": now}
    rows(t.conflicts, **by_me, id=new_id(), **tie, declared_by=other.account)
    rows(t.conflicts, **by_me, id=new_id(), **tie | {"kind": "own"}, declared_by=me)
    hearing = {"id": new_id(), "edition": EDITION, "entry": work, "kind": "viewing", "note": "seen"}
    rows(t.hearings, **hearing, reason="", held_at=now, recorded_at=now, recorded_by=other.account)
    rows(t.attendances, hearing=hearing["id"], juror=me)
    rows(t.ballots, **by_me, award="best_ai_native_film", round=1, cast_at=now)
    bond = {"id": new_id(), "edition": EDITION, "juror": me, "declared_at": now}
    rows(t.relations, **bond, kind="family", name="Zenobia the Elder")
    return work


def paid(rows, entry, festival, **payment):
    with festival.database.read() as c:
        quote = c.execute(select(t.quotes).where(t.quotes.c.entry == entry)).first()
    id_, now = new_id(), festival.clock()
    money = {"amount": quote.amount, "currency": quote.currency, "refunded": 0}
    provider = {"provider": "double", "provider_id": new_id(), "url": f"https://pay/?to={EMAIL}"}
    values = {"id": id_, "entry": entry, "quote": quote.id, "state": "paid", "started_at": now}
    rows(t.payments, **values, **money, **provider)
    rows(
        t.payment_events,
        provider="double",
        event_id=new_id(),
        kind="paid",
        payment=id_,
        reference=id_,
        provider_payment="p",
        amount=quote.amount,
        currency=quote.currency,
        outcome="booked",
        received_at=now,
    )
    rows(
        t.refunds,
        id=new_id(),
        payment=id_,
        amount=1,
        reason=f"{NAME} asked",
        state="done",
        asked_at=now,
    )
    return id_


# --- Export. ---


def test_every_column_that_names_an_account_has_its_place_in_the_export():
    by_table = {holding.table.name: holding for holding in HOLDINGS}
    for table in t.metadata.sorted_tables:
        for key in table.foreign_key_constraints:
            for own, theirs in zip(key.columns, key.elements, strict=True):
                if theirs.target_fullname in ("accounts.id", "jurors.account"):
                    assert own.name in by_table[table.name].person, f"{table.name}.{own.name}"
                if theirs.target_fullname == "entries.id" and table.name in (
                    "snapshots",
                    "files",
                    "quotes",
                    "payments",
                    "entry_events",
                ):
                    assert by_table[table.name].through == "entry"


def test_no_secret_and_nobody_else_is_in_what_is_given_out():
    for holding in HOLDINGS:
        shown = set(holding.shown.split())
        assert not shown & {"password_hash", "token_sha256", "text", "seed", "result", "inputs"}
        assert shown <= set(holding.table.c.keys())
        assert not shown & set(holding.person) - {"id"}


def test_the_export_holds_everything_about_a_person(festival, person, entry, judging, rows, clock):
    paid(rows, entry, festival)
    with festival.database.write() as c:
        letters.queue(c, person.account, "withdrawn", {"title": "x"}, clock())
    answer = person.get("/api/me/export")
    assert answer.status_code == 200
    data = answer.json()

    assert data["accounts"] == [
        {
            "as": "id",
            "id": person.account,
            "email": EMAIL,
            "name": NAME,
            "language": "en",
            "admin": False,
            "created_at": "2025-11-15T04:00:00+00:00",
            "confirmed_at": "2025-11-15T04:00:00+00:00",
        }
    ]
    empty = [name for name, records in data.items() if records == []]
    assert empty == ["tokens", "roles", "hearings", "stage_events", "decisions"]
    (snapshot,) = data["snapshots"]
    assert sha256_hex(snapshot["content"]) == snapshot["sha256"]
    commitment = sha256_hex(snapshot["people_salt"] + snapshot["people"])
    assert json.loads(snapshot["content"])["people_sha256"] == commitment
    assert json.loads(data["entries"][0]["draft"])["contact"]["email"] == EMAIL
    assert [event["action"] for event in data["entry_events"]] == ["finalise"]
    assert data["payments"][0]["amount"] == data["quotes"][0]["amount"]
    assert json.loads(data["opinions"][0]["content"]) == {"scores": {"x": 73}}
    assert data["ballots"][0]["entry"] == judging
    assert data["jurors"][0]["pseudonym"] == "juror-7"
    assert data["relations"][0]["name"] == "Zenobia the Elder"


def test_others_words_identifiers_and_what_is_sealed_are_not_in_it(
    festival, people, person, entry, rows, clock
):
    now = clock()
    juror, office = people.juror("art"), people.office()
    theirs = {"edition": EDITION, "juror": juror.account, "entry": entry}
    content = {"content": canonical({"scores": {"x": 73}}), "reason": "SEALED"}
    rows(t.opinions, **theirs, stage=2, revision=1, **content, saved_at=now, submitted_at=now)
    rows(t.assignments, **theirs, stage=2, turn=1, why="drawn", made_at=now)
    tie = {**theirs, "kind": "family", "declared_at": now}
    rows(t.conflicts, id=new_id(), **tie, note="SEALED", declared_by=juror.account)
    lifted = {"lifted_at": now, "lifted_why": "SEALED", "lifted_by": office.account}
    rows(t.conflicts, id=new_id(), **tie, note="mine", declared_by=person.account, **lifted)
    sealed = ("method", "inputs", "inputs_sha256", "result", "result_sha256", "reasons")
    decision = {"id": new_id(), "edition": EDITION, "stage": 2, "kind": "selection", "subject": ""}
    made = {"made_at": now, "made_by": person.account}
    rows(t.decisions, **decision, **dict.fromkeys(sealed, "SEALED"), **made)
    rows(
        t.entry_events,
        entry=entry,
        action="disqualify",
        before="a",
        after="b",
        reason="told",
        actor=office.account,
        at=now,
    )
    text = person.get("/api/me/export").text
    data = json.loads(text)
    assert "SEALED" not in text
    assert juror.account not in text
    assert office.account not in text
    assert [(c["as"], c["note"]) for c in data["conflicts"]] == [("declared_by", "mine")]
    assert "told" in text
    assert len(data["decisions"]) == 1
    assert data["opinions"] == []


def test_a_juror_gets_no_word_that_others_wrote_about_him(person, judging):
    conflicts = person.get("/api/me/export").json()["conflicts"]
    assert sorted((c["as"], c["kind"], c["note"]) for c in conflicts) == [
        ("juror", "family", None),
        ("juror declared_by", "own", f"{NAME} is my cousin"),
    ]


def test_nobody_gets_anything_of_somebody_else(people, person, entry, judging):
    stranger = people.entrant().get("/api/me/export")
    assert CANARY not in stranger.text
    assert EMAIL not in stranger.text
    assert entry not in stranger.text
    assert person.account not in stranger.text


# --- Erasure. ---


def test_after_erasure_neither_name_nor_address_is_anywhere(
    festival, people, person, entry, judging, visitor, rows, clock
):
    draft = people.begun(person, contact={"name": NAME, "email": EMAIL})
    payment = paid(rows, entry, festival)
    file = people.file(draft, "other")
    with festival.database.write() as c:
        c.execute(update(t.files).values(name=f"{NAME}.png"))
        # A receipt could not be handed over.
        letters.queue(c, person.account, "withdrawn", {"title": NAME}, clock())
        c.execute(update(t.letters).values(trouble=f"no mail to {EMAIL}"))
        c.execute(update(t.payments).values(state="failed"))
    visitor.post("/api/password-resets", json={"email": EMAIL})
    path = uploads.path_of(festival.files, file)
    path.parent.mkdir(parents=True)
    path.write_bytes(b"bytes")
    withdrawn = person.post(f"/api/entries/{entry}/withdraw", json={"reason": f"{NAME} is ill"})
    assert withdrawn.status_code == 200, withdrawn.text
    with festival.database.write() as c:
        c.execute(update(t.payments).values(state="paid"))
    before = dump(festival.database)
    assert before.count(CANARY) > 10
    assert before.count(EMAIL) > 5

    assert person.post("/api/me/erase", json={"password": PASSWORD}).status_code == 204

    after = dump(festival.database)
    assert CANARY not in after
    assert EMAIL not in after
    assert "zenobia" not in after.casefold()
    assert refused(person.get("/api/me"), "not_signed_in", 401)
    body = {"email": EMAIL, "password": PASSWORD}
    assert refused(visitor.post("/api/sessions", json=body), "wrong_credentials", 401)
    assert not path.exists()
    with festival.database.read() as c:
        kept = c.execute(select(t.payments).where(t.payments.c.id == payment)).one()
        assert (kept.state, kept.entry) == ("paid", entry)
        opinion = c.execute(select(t.opinions)).one()
        assert (opinion.content, opinion.note) == (canonical({"scores": {"x": 73}}), "")
        juror = c.execute(select(t.jurors).where(t.jurors.c.account == person.account)).one()
        assert juror.pseudonym == "juror-7"
        assert juror.retired_at is not None
        states = c.execute(select(t.entries.c.state).where(t.entries.c.owner == person.account))
        assert set(states.scalars()) == {"withdrawn"}
        assert c.execute(select(t.ballots)).one().entry == judging


def test_a_snapshot_without_names_can_still_be_checked_after_erasure(festival, people, person):
    (_work,) = people.works(1, owner=person.account, state="withdrawn")
    with festival.database.read() as c:
        before = c.execute(select(t.snapshots)).one()
    person.post("/api/me/erase", json={"password": PASSWORD})
    with festival.database.read() as c:
        after = c.execute(select(t.snapshots)).one()
    assert (after.content, after.sha256) == (before.content, before.sha256)
    assert sha256_hex(after.content) == after.sha256
    # The hash of the people stays, but without its salt nobody can try names against it.
    assert json.loads(after.content)["people_sha256"]
    assert (after.people, after.people_salt) == (None, None)
    assert before.people_salt not in dump(festival.database)


@pytest.mark.parametrize(
    "state", ["submitted", "in_recognition", "recognised", "in_evaluation", "finalist"]
)
def test_entries_in_competition_are_named_and_nothing_is_erased(festival, people, person, state):
    works = people.works(2, owner=person.account, state=state)
    people.works(1, owner=person.account, state="withdrawn")
    before = dump(festival.database)
    answer = person.post("/api/me/erase", json={"password": PASSWORD})
    assert refused(answer, "entries_in_competition", 409)
    assert answer.json()["entries"] == sorted(works)
    assert dump(festival.database) == before
    for work in works:
        withdrawn = person.post(f"/api/entries/{work}/withdraw", json={"reason": "erasure"})
        assert withdrawn.status_code == 200
    assert person.post("/api/me/erase", json={"password": PASSWORD}).status_code == 204


def test_erasure_needs_the_password(festival, person, visitor):
    before = dump(festival.database)
    wrong = person.post("/api/me/erase", json={"password": "wrong"})
    assert refused(wrong, "wrong_password", 403)
    assert refused(person.post("/api/me/erase", json={}), "invalid", 422)
    nobody = visitor.post("/api/me/erase", json={"password": PASSWORD})
    assert refused(nobody, "not_signed_in", 401)
    assert dump(festival.database) == before


def test_letters_to_the_erased_are_dropped_and_the_address_is_free_again(
    festival, person, visitor, clock
):
    person.post("/api/me/erase", json={"password": PASSWORD})
    with festival.database.write() as c:
        letters.queue(c, person.account, "withdrawn", {"title": "x"}, clock())
        assert letters.waiting(c) == 0
    body = {"email": EMAIL, "password": PASSWORD, "name": NAME, "language": "en"}
    assert visitor.post("/api/accounts", json=body).status_code == 202
    with festival.database.read() as c:
        accounts = c.execute(select(t.accounts).where(t.accounts.c.email == EMAIL)).all()
    assert [account.id == person.account for account in accounts] == [False]


@pytest.mark.parametrize("name", [NAME, "Film", "generative_linear", "a", ".*", "林小明"])
def test_the_work_of_an_erased_entrant_stays_readable_to_the_office(people, person, entry, name):
    office = people.office()
    person.patch("/api/me", json={"name": name})
    person.post("/api/me/erase", json={"password": PASSWORD})
    for path in (f"/api/entries/{entry}", f"/api/entries/{entry}/snapshots/1"):
        answer = office.get(path)
        assert answer.status_code == 200, answer.text
        assert name != NAME or CANARY not in answer.text
        assert EMAIL not in answer.text
    assert office.get(f"/api/editions/{EDITION}/entries").status_code == 200
    assert office.get(f"/api/editions/{EDITION}/entries.csv").status_code == 200
