"""Who may do what: every operation of the interface, asked by everybody who could ask.

One table has every operation and, for each kind of asker, the answer. All are asked on the same
festival, which has something real behind every address. Who is refused gets no word of it, changes
nothing, and cannot tell it from an address where there is nothing.
"""

from __future__ import annotations

import itertools
import json
import re
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import delete, insert, select, update

from festival_api.ports import Checkout
from festival_api.store import new_id
from festival_api.store import tables as t
from festival_api.texts import canonical, sha256_hex
from festival_api.uploads import path_of
from festival_api.web import description
from festival_api.web._app import attach

EDITION, OTHER = "hkaiiff-2026", "hkaiiff-2027"
PASSWORD = "correct horse battery"
NOWHERE = "e" * 32
IDS = {"entry", "file", "payment", "refund", "conflict", "decision", "account", "juror"}
DOCUMENT = description()
OPERATIONS = {
    f"{method.upper()} {path}": told
    for path, methods in DOCUMENT["paths"].items()
    for method, told in methods.items()
}

# --- Who asks. ---

ASKERS = (
    "visitor",
    "unconfirmed",
    "stranger",
    "owner",
    "juror",
    "assigned",
    "core",
    "office",
    "auditor",
    "admin",
    "other office",
    "other auditor",
    "other juror",
)
# They have nothing to do with what is behind the addresses, and must not learn that it exists.
OUTSIDERS = ("unconfirmed", "stranger", "juror", "admin", "other office")

# --- What is answered: PASS stands for the row's own answer to those who may. ---

PASS = "pass"
ANYBODY = dict.fromkeys(ASKERS, PASS)
SIGNED_IN = ANYBODY | {"visitor": "401 not_signed_in"}
CONFIRMED = SIGNED_IN | {"unconfirmed": "403 not_confirmed"}


def only(*may: str, others: str = "403 not_allowed") -> dict[str, str]:
    """Let these pass, and answer all others who are signed in and confirmed the same."""
    return CONFIRMED | {who: others for who in ASKERS[2:] if who not in may}


def but_office_alone(seen: dict[str, str], *also: str) -> dict[str, str]:
    """Let the office alone do what others may see."""
    return seen | dict.fromkeys(also, "403 not_allowed")


ADMIN, OFFICE, READERS = only("admin"), only("office"), only("office", "auditor")
JURORS = only("juror", "assigned", "core")
ON_DESK = only("assigned") | dict.fromkeys(("juror", "core"), "404 unknown_work")
OWN_ENTRY = only("owner", others="404 unknown_entry")
SEEN_ENTRY = only("owner", "office", "auditor", others="404 unknown_entry")
ENTRY_FOR_OFFICE = but_office_alone(SEEN_ENTRY, "owner", "auditor")
OWN_FILE = only("owner", others="404 unknown_file")
SEEN_FILE = only("owner", "office", "auditor", others="404 unknown_file")
SEEN_PAYMENT = only("owner", "office", "auditor", others="404 unknown_payment")
PAYMENT_FOR_OFFICE = but_office_alone(SEEN_PAYMENT, "owner", "auditor")
REFUND_FOR_OFFICE = but_office_alone(only("office", others="404 unknown_refund"), "auditor")
OPINIONS = only("auditor", others="404 unknown_work")
SEALED_AWARD = dict.fromkeys(ASKERS, "404 unknown_decision") | {"auditor": PASS}
SEALED_DECISION = dict.fromkeys(ASKERS, "404 unknown_decision") | {"office": PASS, "auditor": PASS}
COMMITTEE = only("core", "office", "auditor") | dict.fromkeys(
    ("juror", "assigned"), "403 not_in_committee"
)
VOTERS = only("core", others="403 not_in_committee")


@dataclass(frozen=True, slots=True)
class Row:
    """One operation on one thing.

    Attributes
    ----------
    at : dict
        What stands in its address, where not as usual (see `Scene.places`).
    sends : dict
        The request's body and so on; texts that begin with @ name a thing of the scene. Without
        one, a JSON body is put together from the examples of the interface's description.
    stages : dict
        The jury's stages when it is asked.
    """

    operation: str
    by_asker: dict[str, str]
    at: dict[str, Any] = field(default_factory=dict)
    sends: dict[str, Any] = field(default_factory=dict)
    stages: dict[int, str] = field(default_factory=dict)

    @property
    def method(self) -> str:
        return self.operation.partition(" ")[0]

    @property
    def reads(self) -> bool:
        return self.method in ("GET", "HEAD", "OPTIONS")


JUDGING = {1: "open", 2: "open"}
AWARDING = {1: "published", 2: "published", 3: "open"}


def row(
    operation: str,
    policy: dict[str, str],
    passes: str = "200",
    *,
    but: dict[str, str] | None = None,
    stages: dict[int, str] = JUDGING,
    json: Any = None,
    content: bytes | None = None,
    headers: dict[str, str] | None = None,
    params: dict[str, str] | None = None,
    **at: Any,
) -> Row:
    by_asker = {who: passes if told == PASS else told for who, told in policy.items()}
    sends = {"json": json, "content": content, "headers": headers, "params": params}
    given = {name: value for name, value in sends.items() if value is not None}
    return Row(operation, by_asker | (but or {}), at, given, stages)


E, S = "/api/editions/{edition}", "/api/editions/{edition}/stages/{stage}"
WORK = f"{E}/jury/works/{{entry}}"
ONE = "/api/entries/{entry}"
TUS = {"Tus-Resumable": "1.0.0"}
ANNOUNCED = TUS | {"Upload-Length": "3", "Upload-Metadata": "kind c3RpbGw=,name YS5wbmc="}
CHUNK = TUS | {"Upload-Offset": "0", "Content-Type": "application/offset+octet-stream"}
SCORES = {
    "technological_innovation": 70,
    "artistic_achievement": 85,
    "commercial_value": 40,
    "social_impact": 55,
}
CHECKS = {name: {"passed": True, "reason": ""} for name in ("ai_native", "feasibility", "ethics")}
SUBMISSIONS = (
    b"Tracking Number,Project Title,Email,Submission Status,Submission Categories\n"
    b"FF-1,Lamp,spare@example.org,In Consideration,Interactive\n"
)
SECRET = {"password": PASSWORD}
CLOSED_1 = {1: "closed"}

TABLE = [
    # The service and what it is for, for everybody.
    row("GET /health/live", ANYBODY),
    row("GET /health/ready", ANYBODY),
    row("GET /metrics", dict.fromkeys(ASKERS, "403 not_for_you")),
    row("GET /problems", ANYBODY),
    row("GET /api/editions", ANYBODY),
    row(f"GET {E}", ANYBODY),
    row(f"GET {E}/decisions", ANYBODY),
    row(f"GET {E}/prices", ANYBODY, params={"category": "interactive"}),
    row(f"GET {E}/jury", ANYBODY),
    row(f"GET {E}/stages", ANYBODY),
    row(f"GET {E}/results", ANYBODY, stages={1: "published", 2: "open"}),
    row(f"GET {E}/seeds", ANYBODY),
    # Accounts: codes are for whoever holds the letter.
    row("POST /api/accounts", ANYBODY, "202"),
    row("POST /api/accounts/resend", ANYBODY, "202"),
    row("POST /api/accounts/confirm", ANYBODY, "204", json={"token": "code-confirm"}),
    row("POST /api/accounts/email", ANYBODY, "204", json={"token": "code-change_email"}),
    row("POST /api/password-resets", ANYBODY, "202"),
    row(
        "POST /api/password-resets/confirm",
        ANYBODY,
        "204",
        json={"token": "code-reset", "password": "kettle orbit violet seventeen"},
    ),
    row("POST /api/sessions", ANYBODY, "201", json={"email": "spare@example.org"} | SECRET),
    row("DELETE /api/sessions", SIGNED_IN, "204"),
    row("DELETE /api/sessions/current", SIGNED_IN, "204"),
    row("GET /api/me", SIGNED_IN),
    row("PATCH /api/me", SIGNED_IN),
    row(
        "PUT /api/me/password",
        SIGNED_IN,
        "204",
        json={"old": PASSWORD, "new": "kettle orbit violet seventeen"},
    ),
    row("POST /api/me/email", CONFIRMED, "202", json={"email": "new@example.org"} | SECRET),
    row("GET /api/me/export", CONFIRMED),
    row(
        "POST /api/me/erase",
        CONFIRMED,
        "204",
        json=SECRET,
        but={"owner": "409 entries_in_competition"},
    ),
    # Roles.
    row("GET /api/administrators", ADMIN),
    row("DELETE /api/administrators/{account}", ADMIN, "204", account="second admin"),
    row(f"GET {E}/roles", ADMIN),
    row(f"POST {E}/roles", ADMIN, "201", json={"email": "spare@example.org", "role": "auditor"}),
    row(f"PUT {E}/roles/{{role}}/{{account}}", ADMIN),
    row(f"DELETE {E}/roles/{{role}}/{{account}}", ADMIN, "204", account="office"),
    # Entries.
    row(f"POST {E}/entries", CONFIRMED, "201", json={"draft": {}}),
    row("GET /api/entries", CONFIRMED),
    row(f"GET {ONE}", OWN_ENTRY, entry="draft"),
    row(f"GET {ONE}", SEEN_ENTRY),
    row(f"PATCH {ONE}", OWN_ENTRY, entry="reopened", json={"version": "@version", "draft": {}}),
    row(f"DELETE {ONE}", OWN_ENTRY, "204", entry="draft"),
    row(f"DELETE {ONE}", OWN_ENTRY, "409 finalised_before", entry="reopened"),
    row(f"GET {ONE}/readiness", OWN_ENTRY, entry="reopened"),
    row(f"POST {ONE}/quote", OWN_ENTRY, "201", entry="reopened"),
    row(f"POST {ONE}/finalise", OWN_ENTRY, entry="ready", json="@finalising"),
    row(f"POST {ONE}/reopen", OWN_ENTRY, entry="finalised"),
    row(f"POST {ONE}/withdraw", OWN_ENTRY),
    row(f"GET {ONE}/history", OWN_ENTRY, entry="draft"),
    row(f"GET {ONE}/history", SEEN_ENTRY),
    row(f"GET {ONE}/snapshots/{{number}}", SEEN_ENTRY),
    # Files.
    row(f"OPTIONS {ONE}/files", ANYBODY, "204"),
    row(f"POST {ONE}/files", OWN_ENTRY, "201", entry="reopened", headers=ANNOUNCED),
    row(f"GET {ONE}/files", OWN_ENTRY, entry="draft"),
    row(f"GET {ONE}/files", SEEN_ENTRY),
    row("HEAD /api/files/{file}", OWN_FILE, file="drafted"),
    row("HEAD /api/files/{file}", SEEN_FILE),
    row("PATCH /api/files/{file}", OWN_FILE, "204", file="coming", headers=CHUNK, content=b"xyz"),
    row("DELETE /api/files/{file}", OWN_FILE, "204", file="coming"),
    row("GET /api/files/{file}", OWN_FILE, file="drafted"),
    row("GET /api/files/{file}", SEEN_FILE),
    # Money.
    row(f"POST {ONE}/payment", OWN_ENTRY, entry="finalised"),
    row(
        "POST /api/payments/events/{provider}",
        dict.fromkeys(ASKERS, "400 event_refused"),
        json={"kind": "paid"},
    ),
    row("GET /api/payments/{payment}", SEEN_PAYMENT),
    row(f"GET {ONE}/payments", SEEN_ENTRY, entry="paid"),
    row(
        "POST /api/payments/{payment}/refunds",
        PAYMENT_FOR_OFFICE,
        "201",
        json={"amount": 100, "reason": "Twice."},
    ),
    row("POST /api/refunds/{refund}/retry", REFUND_FOR_OFFICE),
    row(f"GET {E}/payments", READERS),
    row(f"GET {E}/payments.csv", READERS),
    # The office.
    row(f"GET {E}/entries", READERS),
    row(f"GET {E}/entries.csv", READERS),
    row(f"POST {ONE}/student-proof", ENTRY_FOR_OFFICE, json={"accepted": True}),
    row(f"POST {ONE}/disqualify", ENTRY_FOR_OFFICE),
    row(f"POST {ONE}/accept-free", ENTRY_FOR_OFFICE, entry="finalised"),
    row(
        f"POST {E}/imports/filmfreeway",
        OFFICE,
        content=SUBMISSIONS,
        headers={"Content-Type": "text/csv"},
    ),
    row(f"GET {E}/jurors", READERS),
    row(f"POST {E}/jurors", OFFICE, "201", json={"email": "spare@example.org", "faction": "art"}),
    row(f"PUT {E}/jurors/{{account}}", OFFICE, json={"faction": "art"}),
    row(f"DELETE {E}/jurors/{{account}}", OFFICE, "204", account="assigned"),
    row(f"GET {E}/conflicts", READERS),
    row(
        f"POST {E}/conflicts",
        OFFICE,
        "201",
        json={"juror": "@juror", "entry": "@judged", "kind": "family"},
    ),
    row(f"POST {E}/conflicts/{{conflict}}/lift", OFFICE),
    row(f"POST {ONE}/conflicts", OWN_ENTRY, "201", json={"juror": "@juror", "kind": "family"}),
    row(f"POST {S}/assignments", OFFICE, json={"seed": "dawn"}),
    row(f"PUT {S}/assignments/{{entry}}/{{juror}}", OFFICE, "204", entry="judged"),
    row(
        f"DELETE {S}/assignments/{{entry}}/{{juror}}",
        OFFICE,
        "204",
        entry="judged",
        juror="assigned",
        params={"reason": "Ill."},
    ),
    row(f"GET {S}/progress", READERS),
    # Jurors.
    row(f"GET {E}/jury/relations", JURORS),
    row(f"POST {E}/jury/relations", JURORS, "201", json={"kind": "family", "name": "Somebody"}),
    row(f"GET {E}/jury/desk", JURORS),
    row(f"GET {WORK}", ON_DESK, entry="judged"),
    row(f"GET {WORK}/links/{{number}}", ON_DESK, entry="judged", number=0),
    row(f"GET {WORK}/files/{{file}}", ON_DESK, entry="judged", file="shown"),
    row(f"PUT {WORK}/verdict", ON_DESK, entry="recognising", json={"checks": CHECKS}),
    row(f"PUT {WORK}/review", ON_DESK, entry="judged", json={"scores": SCORES}),
    row(f"POST {WORK}/{{opinion}}/submit", ON_DESK, entry="judged"),
    row(f"POST {WORK}/{{opinion}}/abstain", ON_DESK, "204", entry="judged"),
    row(f"POST {WORK}/conflicts", ON_DESK, "201", entry="judged", json={"kind": "family"}),
    row(
        f"GET {S}/works/{{entry}}/opinions",
        OPINIONS,
        entry="judged",
        but={"assigned": "409 sealed", "office": "409 sealed"},
    ),
    # Stages. A state that refuses is told only to those who may.
    row(f"POST {S}/open", OFFICE, stage=1, stages={}),
    row(f"POST {E}/stages/1/admit", OFFICE),
    row(f"GET {E}/stages/2/line", READERS, "409 insufficient_reviews"),
    row(f"POST {E}/stages/2/line", OFFICE, "409 insufficient_reviews"),
    row(f"POST {S}/close", OFFICE, "409 insufficient_reviews", json={}),
    row(f"POST {S}/reopen", OFFICE, stage=1, stages=CLOSED_1),
    row(f"POST {S}/publish", OFFICE, "409 decision_outdated", stage=1, stages=CLOSED_1),
    row(f"GET {E}/jury/decisions", READERS),
    row("GET /api/decisions/{decision}", SEALED_DECISION, stages=CLOSED_1),
    row("GET /api/decisions/{decision}", ANYBODY, stages={1: "published"}),
    row("GET /api/decisions/{decision}", SEALED_AWARD, decision="award", stages={3: "closed"}),
    row("GET /api/decisions/{decision}/recompute", SEALED_DECISION, stages=CLOSED_1),
    row("GET /api/decisions/{decision}/recompute", ANYBODY, stages={1: "published"}),
    row(f"POST {E}/seeds/{{purpose}}", OFFICE, "409 seed_committed", stages={}),
    row(f"GET {S}/works.csv", READERS, stage=1, stages=CLOSED_1),
    row(f"GET {S}/works.csv", READERS, "409 not_decided", stage=1),
    row(f"GET {E}/stages/2/jurors.csv", READERS, "409 not_decided"),
    row(f"GET {S}/minutes.html", READERS, stage=1, stages=CLOSED_1),
    row(f"GET {S}/minutes.html", READERS, "409 not_decided", stage=1),
    row(f"GET {S}/minutes.md", READERS, stage=1, stages=CLOSED_1),
    row(f"GET {S}/minutes.md", READERS, "409 not_decided", stage=1),
    # The committee.
    row(f"GET {E}/hearings", COMMITTEE, stages=AWARDING),
    row(
        f"POST {E}/hearings",
        OFFICE,
        "201",
        stages=AWARDING,
        json={
            "entry": "@finalist",
            "kind": "defence",
            "held_at": "2025-11-01T06:00:00Z",
            "jurors": ["@core"],
        },
    ),
    row(f"GET {E}/awards", COMMITTEE, stages=AWARDING),
    row(
        f"POST {E}/awards/{{award}}/ballots",
        VOTERS,
        "201",
        stages=AWARDING,
        json={"entry": "@finalist"},
    ),
    row(f"POST {E}/awards/{{award}}/count", OFFICE, "409 quorum_missing", stages=AWARDING),
]

# --- What only some may ever read: each word stands in one kind of thing and nowhere else. ---

AMOUNT = 73137
SECRETS: dict[str, tuple[str, ...]] = {
    "title": ("workcanary",),
    "people": ("zebulon", "quaxley"),
    "account": ("vandermolen",),
    "file": ("reelcanary",),
    "money": (str(AMOUNT), "731.37", "checkoutcanary", "refundcanary"),
    "conflict": ("conflictcanary",),
    "hearing": ("hearingcanary",),
    "opinion": ("opinioncanary",),
    "verdict": ("verdictcanary", "pseudocanary"),
    "award": ("awardcanary",),
    "note": ("notecanary",),
    "seed": ("seedcanary",),
    "juror": ("jurorcanary",),
}
_OFFICE = {"title", "people", "account", "file", "money", "conflict", "hearing", "verdict", "juror"}
MAY_READ = dict.fromkeys(ASKERS, frozenset[str]()) | {
    "owner": {"title", "people", "account", "file", "money"},
    "assigned": {"title"},
    # Of the viewing that she attended.
    "core": {"hearing"},
    "office": _OFFICE,
    "auditor": _OFFICE | {"opinion", "award"},
}


class Scene:
    """A festival of two editions, with something behind each address of the first."""

    def __init__(self, people, clock, shipped, line: TestClient) -> None:
        other = replace(shipped, edition=shipped.edition.model_copy(update={"id": OTHER}))
        editions = {EDITION: shipped, OTHER: other}
        self.festival = people.festival = replace(people.festival, editions=editions)
        self.people, self.database, self.line = people, people.festival.database, line
        attach(people.app, self.festival, lambda: None)
        self._gather()
        self.places = {
            "edition": EDITION,
            "stage": 2,
            "number": 1,
            "role": "office",
            "award": "best_ai_native_film",
            "opinion": "review",
            "provider": "double",
            "purpose": "selection_tie",
            "account": self.spare,
            "decision": self._decided(clock),
        }
        self._enter()
        self._pay()
        self._judge()
        self._upload()

    def ask(self, who: str, one: Row, **places: Any):
        """Ask one row of the table as somebody."""
        method, path = one.operation.split()
        sends = {name: self._named(value) for name, value in one.sends.items()}
        if not sends and "requestBody" in OPERATIONS[one.operation]:
            [body] = OPERATIONS[one.operation]["requestBody"]["content"].values()
            sends = {"json": example_of(body["schema"])}
        at = {name: self.things.get(value, value) for name, value in one.at.items()}
        token = self.clients[who].headers.get("Authorization")
        headers = sends.pop("headers", {}) | ({"Authorization": token} if token else {})
        path = path.format(**(self.places | at | places))
        return self.line.request(method, path, headers=headers, **sends)

    def begin(self, one: Row) -> None:
        """Put the stages where the row wants them, and forget how often anybody has asked."""
        attach(self.people.app, self.festival, lambda: None)
        sha256, now = self.festival.loaded(EDITION).sha256, self.festival.clock()
        with self.database.write() as c:
            c.execute(delete(t.stages))
            for edition, stage in itertools.product((EDITION, OTHER), one.stages):
                key = {"edition": edition, "stage": stage, "state": one.stages[stage]}
                c.execute(insert(t.stages).values(**key, edition_sha256=sha256, opened_at=now))
        self.begun = self.rows()

    def rows(self) -> dict[str, set[tuple[Any, ...]]]:
        """Return all that the database holds."""
        with self.database.read() as c:
            return {
                table.name: set(map(tuple, c.execute(select(table))))
                for table in t.metadata.sorted_tables
            }

    def restore(self) -> None:
        """Make everything as it was when the row began."""
        attach(self.people.app, self.festival, lambda: None)
        with self.database.write() as c:
            for table in reversed(t.metadata.sorted_tables):
                c.execute(delete(table))
            for table in t.metadata.sorted_tables:
                names = table.columns.keys()
                values = [dict(zip(names, one, strict=True)) for one in self.begun[table.name]]
                if values:
                    c.execute(insert(table), values)
        self._write_files()

    def _named(self, value: Any) -> Any:
        """Put the things of the scene where their names stand."""
        if isinstance(value, dict):
            return {name: self._named(one) for name, one in value.items()}
        if isinstance(value, list):
            return [self._named(one) for one in value]
        named = isinstance(value, str) and value.startswith("@")
        return self.things[value[1:]] if named else value

    def _gather(self) -> None:
        people = self.people
        self.spare = people.account(email="spare@example.org")
        self.owner = people.account(email="owner@vandermolen.example")
        self.clients = {
            "visitor": TestClient(people.app),
            "unconfirmed": people.entrant(confirmed=False),
            "stranger": people.entrant(),
            "owner": people.client(self.owner),
            "juror": people.juror("technology"),
            "assigned": people.juror("technology"),
            "core": people.juror("ethics", core=True),
            "office": people.office(),
            "auditor": people.auditor(),
            "admin": people.admin(),
            "other office": people.office(),
            "other auditor": people.auditor(),
            "other juror": people.juror("technology"),
        }
        self.third = people.juror("ethics")
        accounts = {who: client.account for who, client in list(self.clients.items())[1:]}
        second = people.account(admin=True)
        self.things: dict[str, Any] = {**accounts, "second admin": second}
        j = t.jurors.c
        with self.database.write() as c:
            for table in (t.roles, t.jurors):
                others = [accounts[who] for who in ASKERS[-3:]]
                c.execute(update(table).where(table.c.account.in_(others)).values(edition=OTHER))
            third = update(t.jurors).where(j.account == self.third.account)
            c.execute(third.values(company="jurorcanary"))
            # In her own edition she sits on the committee.
            c.execute(update(t.jurors).where(j.edition == OTHER).values(core=True))
            for purpose in ("confirm", "reset", "change_email"):
                now = self.festival.clock()
                c.execute(
                    insert(t.tokens).values(
                        token_sha256=sha256_hex(f"code-{purpose}"),
                        account=self.spare,
                        purpose=purpose,
                        email="spare@example.org",
                        sent_at=now,
                        expires_at=now + timedelta(days=400),
                    )
                )

    def _decided(self, clock) -> str:
        """Let stage 1 be decided by the front door, and go back to when entries are taken."""
        people, before = self.people, clock.now
        clock.now = datetime(2026, 4, 2, tzinfo=UTC)
        [work] = people.works(1, state="in_recognition")
        people.stage(1, "open")
        failed = {name: {"passed": False, "reason": "verdictcanary"} for name in CHECKS}
        for n, juror in enumerate((people.juror("technology"), people.juror("ethics"))):
            with self.database.write() as c:
                named = update(t.jurors).where(t.jurors.c.account == juror.account)
                c.execute(named.values(pseudonym=f"pseudocanary-{n}"))
            people.opinion(1, work, juror, {"checks": failed, "comment": "verdictcanary"})
        office = people.client(self.things["office"])
        answer = office.post(f"/api/editions/{EDITION}/stages/1/close", json={})
        assert answer.status_code == 200, answer.text
        clock.now = before
        attach(people.app, self.festival, lambda: None)
        self.things["award"] = award = new_id()
        with self.database.write() as c:
            recognition = c.execute(select(t.decisions)).mappings().one()
            changes = {"id": award, "stage": 3, "subject": "an_award", "result": "awardcanary"}
            c.execute(insert(t.decisions).values({**recognition, **changes}))
            return recognition["id"]

    def _enter(self) -> None:
        people, client = self.people, self.clients["owner"]
        sections = {
            "title": {"en": "workcanary", "zh-Hant": "守候"},
            "makers": [{"name": "Zebulon Quaxley", "role": "director"}],
            "contact": {"name": "Zebulon Quaxley", "email": "quaxley@umbriel.example"},
        }
        draft = people.begun(client, **sections)
        # Office and auditor have seen these, and may see them still.
        reopened, ready = (people.finalised(client, **sections) for _ in range(2))
        client.post(f"/api/entries/{reopened}/reopen")
        version = client.post(f"/api/entries/{ready}/reopen").json()["version"]
        finalised = people.finalised(client, **sections)
        price = client.post(f"/api/entries/{ready}/quote").json()
        agreed = {"amount": price["amount"], "currency": price["currency"]}
        link = {"kind": "film", "url": "https://films.example.org/lamp", "answer": "yes"}
        made = {"title": sections["title"], "links": [link]}
        who = {name: sections[name] for name in ("makers", "contact")}
        self.things |= {
            "draft": draft,
            "finalised": finalised,
            "reopened": reopened,
            "ready": ready,
            "version": version,
            "finalising": agreed | {"version": version},
        }
        for name, state in (
            ("submitted", "submitted"),
            ("recognising", "in_recognition"),
            ("judged", "in_evaluation"),
            ("finalist", "finalist"),
        ):
            [entry] = people.works(1, owner=self.owner, state=state, made=made, who=who)
            self.things[name] = entry
        self.places["entry"] = submitted = self.things["submitted"]
        proof = {"student": True, "student_proof": "waiting"}
        with self.database.write() as c:
            c.execute(update(t.entries).where(t.entries.c.id == submitted).values(**proof))
            e = t.entries.c
            drafted = canonical({"title": sections["title"]})
            c.execute(update(t.entries).where(e.draft == "{}").values(draft=drafted))

    def _pay(self) -> None:
        """Let an entry be paid, and a refund of it fail."""
        client, now = self.clients["owner"], self.festival.clock()
        self.things["paid"] = entry = self.people.finalised(client)
        q, p = t.quotes.c, t.payments.c
        with self.database.write() as c:
            c.execute(update(t.quotes).where(q.entry == entry).values(amount=AMOUNT, base=AMOUNT))
        begun = client.post(f"/api/entries/{entry}/payment").json()
        self.places["payment"] = payment = begun["id"]
        self.places["refund"] = refund = new_id()
        with self.database.read() as c:
            found = c.execute(select(t.payments).where(p.id == payment)).one()
        double = self.festival.payments
        body, headers = double.event_for(Checkout(found.provider_id, ""), "paid", now)
        at = "/api/payments/events/double"
        answer = self.clients["visitor"].post(at, content=body, headers=headers)
        assert answer.json()["outcome"] == "booked", answer.text
        with self.database.write() as c:
            c.execute(update(t.payments).values(url="https://checkoutcanary.example"))
            values = {"id": refund, "payment": payment, "amount": 5, "reason": "refundcanary"}
            c.execute(insert(t.refunds).values(**values, state="failed", asked_at=now))

    def _judge(self) -> None:
        """Assign jurors, let them write, and let a conflict and a viewing be on record."""
        people, now = self.people, self.festival.clock()
        judged, assigned = self.things["judged"], self.clients["assigned"]
        people.assign(1, self.things["recognising"], assigned)
        people.assign(2, judged, assigned)
        review: dict[str, Any] = {"scores": SCORES, "comments": {}, "confidence": None, "runs": []}
        people.opinion(2, judged, self.third, review | {"comment": "opinioncanary"})
        self.places |= {"conflict": new_id(), "juror": self.things["juror"]}
        key = {"edition": EDITION, "entry": judged}
        written = {
            "stage": 2,
            "juror": assigned.account,
            "revision": 1,
            "content": canonical(review | {"comment": "My own."}),
            "reason": "",
            "saved_at": now,
        }
        conflict = {
            "id": self.places["conflict"],
            "juror": self.third.account,
            "kind": "other",
            "note": "conflictcanary",
            "declared_by": self.things["office"],
            "declared_at": now,
        }
        seed = {"purpose": "selection_tie", "commitment": "c" * 64, "seed": "seedcanary"}
        o = t.opinions.c
        with self.database.write() as c:
            c.execute(update(t.opinions).where(o.entry == judged).values(note="notecanary"))
            c.execute(insert(t.opinions).values(key | written))
            c.execute(insert(t.conflicts).values(key | conflict))
            c.execute(insert(t.seeds).values({"edition": EDITION, **seed, "committed_at": now}))
        people.stage(3, "open")
        viewing = {
            "entry": self.things["finalist"],
            "kind": "viewing",
            "held_at": now.isoformat(),
            "jurors": [self.things["core"]],
            "note": "hearingcanary",
        }
        at = f"/api/editions/{EDITION}/hearings"
        assert self.clients["office"].post(at, json=viewing).status_code == 201

    def _upload(self) -> None:
        files = {
            "drafted": self.people.file(self.things["draft"], "film"),
            "coming": self.people.file(self.things["reopened"], "trailer"),
            "sent": self.people.file(self.things["submitted"], "film"),
            "shown": self.people.file(self.things["judged"], "film"),
        }
        self.things |= files
        self.places["file"] = files["sent"]
        coming = {"state": "incoming", "received": 0, "sha256": None, "completed_at": None}
        s = t.snapshots.c
        here = s.entry == self.things["judged"]
        with self.database.write() as c:
            f = t.files.c
            c.execute(update(t.files).values(name="reelcanary.mov"))
            c.execute(update(t.files).where(f.id == files["coming"]).values(**coming))
            content = json.loads(c.execute(select(s.content).where(here)).scalar_one())
            listed = {"id": files["shown"], "kind": "film", "name": "reelcanary.mov", "size": 3}
            content["work"]["files"] = [{**listed, "sha256": "0" * 64}]
            c.execute(update(t.snapshots).where(here).values(content=canonical(content)))
        self._write_files()

    def _write_files(self) -> None:
        for name in ("drafted", "coming", "sent", "shown"):
            path = path_of(self.festival.files, self.things[name])
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(b"" if name == "coming" else b"xyz")


def example_of(schema: dict[str, Any]) -> Any:
    """Put together the example of what is required."""
    if "$ref" in schema:
        schema = DOCUMENT["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    if "examples" in schema or "enum" in schema:
        return schema.get("examples", schema.get("enum"))[0]
    properties = schema["properties"]
    return {name: example_of(properties[name]) for name in schema.get("required", ())}


@pytest.fixture
def scene(people, clock, shipped):
    # One line for all: to open one for each request takes longer than the answer.
    with TestClient(people.app) as line:
        yield Scene(people, clock, shipped, line)


def told(answer) -> str:
    """Say how somebody was answered: the status, and the code of a refusal that has a body."""
    refused = answer.headers.get("content-type", "").startswith("application/problem+json")
    code = answer.json()["code"] if refused and answer.content else ""
    return f"{answer.status_code} {code}".strip()


def leaks(who: str, answer) -> list[str]:
    """Return the words in an answer that are not for who asked."""
    may = MAY_READ[who] if answer.is_success else ()
    headers = "\n".join(answer.headers.values())
    text = f"{headers}\n{answer.text}".casefold()
    words = [word for kind, words in SECRETS.items() if kind not in may for word in words]
    # A number may stand within an identifier by chance.
    by_chance = re.search(rf"(?<![0-9a-f]){AMOUNT}(?![0-9a-f])", text) is None
    return [word for word in words if word in text and not (word == str(AMOUNT) and by_chance)]


def test_the_table_has_every_operation_and_every_asker():
    assert {one.operation for one in TABLE} == OPERATIONS.keys()
    assert {frozenset(one.by_asker) for one in TABLE} == {frozenset(ASKERS)}


def test_everybody_gets_the_answer_of_the_table_and_no_word_more(scene):
    wrong: list[Any] = []
    for one in TABLE:
        scene.begin(one)
        refused = [who for who in ASKERS if one.by_asker[who] >= "4"]
        may = [who for who in ASKERS if who not in refused]
        # Who is refused changes nothing for those who are not: they come last.
        for who in [*refused, *may]:
            answer = scene.ask(who, one)
            wanted = one.by_asker[who][:3] if one.method == "HEAD" else one.by_asker[who]
            if told(answer) != wanted:
                wrong.append((one.operation, who, told(answer), "not", wanted, answer.text))
            if found := leaks(who, answer):
                wrong.append((one.operation, who, "is told", found, answer.text))
            if who in may and not one.reads:
                scene.restore()
            elif who in (refused[-1:] + may[-1:]) and scene.rows() != scene.begun:
                wrong.append((one.operation, "was refused, or only read, and changed something"))
                scene.restore()
    assert not wrong, "\n".join(map(str, wrong))


def test_outsiders_cannot_tell_a_thing_from_nothing(scene):
    wrong: list[Any] = []
    for one in TABLE:
        nowhere = dict.fromkeys(IDS & set(re.findall(r"\{(\w+)\}", one.operation)), NOWHERE)
        refused = [who for who in OUTSIDERS if one.by_asker[who] >= "4"]
        if not nowhere or not refused:
            continue
        scene.begin(one)
        for who in refused:
            there, nothing = scene.ask(who, one), scene.ask(who, one, **nowhere)
            if (there.status_code, there.content) != (nothing.status_code, nothing.content):
                wrong.append((one.operation, who, there.text, "but of nothing", nothing.text))
    assert not wrong, "\n".join(map(str, wrong))


def test_who_runs_audits_or_judges_one_edition_does_not_reach_another_through_it(scene):
    """The address and the jurors are of one's own edition; what else is named is of another."""
    own = scene.things["other juror"]
    scene.things |= {"juror": own, "core": own}
    scene.places["juror"] = own
    wrong: list[Any] = []
    for one in TABLE:
        if "{edition}" not in one.operation:
            continue
        named = IDS & set(re.findall(r"\{(\w+)\}", one.operation))
        # Any account may be given a seat or a role, but the spare one has none.
        of_another = bool(named - {"account"}) or "account" in one.at or "'@" in repr(one.sends)
        scene.begin(one)
        for who in ASKERS[-3:]:
            answer = scene.ask(who, one, edition=OTHER)
            if answer.is_success and of_another:
                wrong.append((one.operation, who, "may", answer.text))
            if found := leaks(who, answer):
                wrong.append((one.operation, who, "is told", found, answer.text))
            now = scene.rows()
            lost = set().union(*(scene.begun[name] - now[name] for name in now))
            if changed := [values for values in lost if OTHER not in values]:
                wrong.append((one.operation, who, "changed", changed))
            if now != scene.begun:
                scene.restore()
    assert not wrong, "\n".join(map(str, wrong))


def test_a_place_in_a_list_tells_nothing_of_what_is_not_in_that_list(scene, clock):
    """Behind an entry or a payment of others there is nothing, whenever that was begun."""
    clock.forward(hours=1)
    client = scene.clients["juror"]
    moved, own = scene.people.finalised(client), scene.people.begun(client)
    payment = client.post(f"/api/entries/{moved}/payment").json()["id"]
    with scene.database.write() as c:
        c.execute(update(t.entries).where(t.entries.c.id == moved).values(edition=OTHER))
    for who, path, others, theirs in (
        ("juror", "/api/entries", scene.things["judged"], own),
        ("other office", f"/api/editions/{OTHER}/entries", scene.things["judged"], moved),
        ("other office", f"/api/editions/{OTHER}/payments", scene.places["payment"], payment),
    ):
        items = scene.clients[who].get(path).json()["items"]
        assert theirs in [item["id"] for item in items]
        answer = scene.clients[who].get(path, params={"after": others})
        assert answer.json() == {"items": [], "next": None}
