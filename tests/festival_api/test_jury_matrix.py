"""Blindness: role by phase by endpoint, and not one byte that tells what is hidden.

Everything hidden in the scene holds words that occur nowhere else. Each row of the table is asked
by each role in each phase; the answer has the status of the table, and no word that is hidden from
that role in that phase, in its body or its headers.
"""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, insert, select, update

from festival_api.jury._masking import MASK
from festival_api.store import new_id
from festival_api.store import tables as t
from festival_api.texts import canonical
from festival_api.uploads import path_of

EDITION = "hkaiiff-2026"
API = f"/api/editions/{EDITION}"
CHECKS = ("ai_native", "feasibility", "ethics")
DIMENSIONS = (
    "technological_innovation",
    "artistic_achievement",
    "commercial_value",
    "social_impact",
)
PHASES = ("before", "due", "submitted", "closed", "published")
ROLES = (
    "visitor",
    "entrant",
    "owner",
    "juror",
    "free",
    "conflicted",
    "office",
    "auditor",
    "admin",
)


def number(value: int) -> re.Pattern[str]:
    """A number that is no part of an identifier or a hash."""
    return re.compile(rf"(?<![0-9a-f]){value}(?![0-9a-f])")


# --- What is hidden, and who may see it when. ---

MAKER, COMPANY, MAIL = "Zebulon Quaxley", "Umbriel Works", "zq@umbriel.film"
URL, PASSWORD = "https://films.example.org/quaxley-reel", "hush-hush-7"
HIDDEN = {
    "people": [
        *("Zebulon", "Quaxley", "Umbriel", "umbriel", "昆克西", "Vandermolen", "quaxley", PASSWORD),
        *("2025-11-03", "quaxley_final.mov", "Secondreel", "historycanary", "Bouvetland"),
        number(2093),
    ],
    "opinions": ["zephyrine", "mellifluous", number(73)],
    "decisions": ["decisioncanary"],
    "notes of others": ["privatissima"],
    "own notes": ["ownsecret"],
}
_NEVER, _ALWAYS, _AFTER, _LAST = (), PHASES, ("closed", "published"), ("published",)
MAY_SEE = {
    "visitor": {},
    "entrant": {},
    "owner": {"people": _ALWAYS},
    "juror": {"people": _LAST, "opinions": _LAST, "own notes": _ALWAYS},
    "free": {},
    "conflicted": {},
    "office": {"people": _ALWAYS, "opinions": _AFTER, "decisions": _AFTER},
    "auditor": {"people": _ALWAYS, "opinions": _ALWAYS, "decisions": _ALWAYS},
    "admin": {},
}

# --- What is asked, and what is answered: one status, or one for each phase. ---

OUTSIDERS = {
    "visitor": 401,
    "entrant": 403,
    "owner": 403,
    "office": 403,
    "auditor": 403,
    "admin": 403,
}
OFFICE = dict.fromkeys(ROLES, 403) | {"visitor": 401}
DESK = OUTSIDERS | {"free": 404, "conflicted": 404}
IN_ORDER = [
    ("GET", "/jury", dict.fromkeys(ROLES, 200)),
    ("GET", "/jury/relations", OUTSIDERS | {"juror": 200, "free": 200, "conflicted": 200}),
    ("POST", "/jury/relations", OUTSIDERS | {"juror": 201, "free": 201, "conflicted": 201}),
    ("GET", "/jury/desk", OUTSIDERS | {"juror": 200, "free": 200, "conflicted": 200}),
    ("GET", "/jury/works/{entry}", DESK | {"juror": (404, 200, 200, 200, 200)}),
    ("GET", "/jury/works/{entry}/links/{number}", DESK | {"juror": (404, 200, 200, 200, 200)}),
    ("GET", "/jury/works/{entry}/files/{file}", DESK | {"juror": (404, 200, 200, 200, 200)}),
    (
        "GET",
        "/stages/{stage}/works/{entry}/opinions",
        dict.fromkeys(ROLES, 404)
        | {
            "visitor": 401,
            "juror": (409, 409, 409, 409, 200),
            "office": (409, 409, 409, 200, 200),
            "auditor": 200,
        },
    ),
    ("GET", "/stages/{stage}/progress", OFFICE | {"office": 200, "auditor": 200}),
    ("GET", "/jurors", OFFICE | {"office": 200, "auditor": 200}),
    ("GET", "/conflicts", OFFICE | {"office": 200, "auditor": 200}),
    ("PUT", "/jury/works/{entry}/{opinion}", DESK | {"juror": (409, 200, 200, 409, 409)}),
    ("POST", "/jury/works/{entry}/{opinion}/submit", DESK | {"juror": (409, 200, 200, 409, 409)}),
    ("POST", "/jury/works/{entry}/{opinion}/abstain", DESK | {"juror": 409}),
    ("POST", "/stages/{stage}/assignments", OFFICE | {"office": (409, 200, 200, 409, 409)}),
    (
        "PUT",
        "/stages/{stage}/assignments/{entry}/{juror}",
        OFFICE | {"office": (409, 204, 204, 409, 409)},
    ),
    ("DELETE", "/stages/{stage}/assignments/{entry}/{juror}", OFFICE | {"office": 409}),
    ("PUT", "/jurors/{account}", OFFICE | {"office": 200}),
    ("POST", "/jurors", OFFICE | {"office": 201}),
    ("DELETE", "/jurors/{account}", OFFICE | {"office": 204}),
    ("POST", "/conflicts/{conflict}/lift", OFFICE | {"office": 200}),
    ("POST", "/conflicts", OFFICE | {"office": 201}),
    (
        "POST",
        "/entries/{entry}/conflicts",
        dict.fromkeys(ROLES, 404) | {"visitor": 401, "owner": 201},
    ),
    ("POST", "/jury/works/{entry}/conflicts", DESK | {"juror": 201, "conflicted": 201}),
]
# Following a link is leaving the blind; it is said so where links are listed.
OUTSIDE_BLIND = {"/jury/works/{entry}/links/{number}": ["quaxley", PASSWORD]}


class Scene:
    """A festival in one phase of a stage, with words of its own in each place that is hidden."""

    def __init__(self, people, stage: int, phase: str) -> None:
        self.people, self.stage, self.phase = people, stage, phase
        self.database = people.festival.database
        self.opinion = {1: "verdict", 2: "review"}[stage]
        owner = people.account(email="owner@vandermolen.film")
        jurors = ("juror", "other", "third", "free", "conflicted")
        self.clients = {
            **{name: people.juror("technology") for name in jurors},
            "visitor": TestClient(people.app),
            "entrant": people.entrant(),
            "owner": people.client(owner),
            "office": people.office(),
            "auditor": people.auditor(),
            "admin": people.admin(),
        }
        self.spare = people.account(email="spare@example.org")
        self.entry, self.file = self._entered(owner)
        self.conflict = self._judged()
        self._secrets(owner)
        self.set_phase(phase)

    def ask(self, role: str, method: str, path: str):
        """Ask one row of the table as one role; the request's number is always the same."""
        places = {
            "entry": self.entry,
            "stage": self.stage,
            "opinion": self.opinion,
            "number": 0,
            "file": self.file,
            "conflict": self.conflict,
            "juror": self.clients["juror"].account,
            "account": self.spare,
        }
        free = self.clients["free"].account
        bodies = {
            "/jury/works/{entry}/{opinion}": {**opinion(self.stage, 50, "mine"), "reason": "again"},
            "/jury/works/{entry}/{opinion}/abstain": {"reason": "x"},
            "/jurors/{account}": {"faction": "art"},
            "/jurors": {"faction": "art", "email": "spare@example.org"},
            "/conflicts": {"juror": free, "entry": self.entry, "kind": "other"},
            "/entries/{entry}/conflicts": {"juror": free, "kind": "family"},
            "/jury/works/{entry}/conflicts": {"kind": "family"},
            "/conflicts/{conflict}/lift": {"reason": "x"},
            "/stages/{stage}/assignments": {},
            "/jury/relations": {"kind": "family", "name": "Nobody Here"},
        }
        at = path.format(**places)
        sent = {"json": bodies[path]} if method != "GET" and path in bodies else {}
        if method == "DELETE":
            sent = {"params": {"reason": "x"}}
        return self.clients[role].request(
            method,
            f"/api{at}" if path.startswith("/entries") else f"{API}{at}",
            headers={"X-Request-Id": "the-same-number"},
            **sent,
        )

    def set_phase(self, phase: str) -> None:
        """Go to a phase; who has written what stays."""
        judged, after = {1: ("in_recognition", "not_recognised"), 2: ("in_evaluation", "finalist")}[
            self.stage
        ]
        self._set(
            t.entries,
            t.entries.c.id == self.entry,
            state=after if phase == "published" else judged,
        )
        if phase == "before":
            with self.database.write() as c:
                c.execute(delete(t.stages))
        else:
            self.people.stage(self.stage, phase if phase in ("closed", "published") else "open")

    def hidden_from(self, role: str) -> list[str | re.Pattern[str]]:
        """Return the words that `role` must not find anywhere."""
        may = [what for what, phases in MAY_SEE[role].items() if self.phase in phases]
        words = [word for what, words in HIDDEN.items() if what not in may for word in words]
        return words if "opinions" in may else [*words, *self.pseudonyms]

    def _entered(self, owner: str) -> tuple[str, str]:
        state = {1: "in_recognition", 2: "in_evaluation"}[self.stage]
        second = {"title": {"en": "Secondreel", "zh-Hant": "二"}}
        self.people.works(1, owner=owner, state=state, made=second)
        file, size = new_id(), 3
        listed = {"id": file, "kind": "film", "name": "quaxley_final.mov", "size": size}
        made = work(MAKER, COMPANY) | {"files": [{**listed, "sha256": "0" * 64}]}
        who = crew(MAKER, COMPANY)
        [entry] = self.people.works(1, owner=owner, state=state, made=made, who=who)
        stored = self.people.file(entry, "film")
        self._set(t.files, t.files.c.id == stored, id=file, name=listed["name"])
        path = path_of(self.people.festival.files, file)
        path.parent.mkdir(parents=True)
        path.write_bytes(b"xyz")
        return entry, file

    def _judged(self) -> str:
        """Let everybody write who has written by now; return the conflict of the conflicted one."""
        self.people.stage(self.stage, "open")
        writers = {"other": (73, "zephyrine", "privatissima"), "conflicted": (73, "zephyrine", "")}
        if self.phase in ("submitted", "closed", "published"):
            writers["juror"] = (50, "own words", "ownsecret")
        for name in ("juror", "other", "third", "conflicted"):
            self.people.assign(self.stage, self.entry, self.clients[name])
        at = f"{API}/jury/works/{self.entry}"
        for name, (score, word, note) in writers.items():
            body = {**opinion(self.stage, score, word), "note": note}
            client = self.clients[name]
            assert client.put(f"{at}/{self.opinion}", json=body).status_code == 200
            assert client.post(f"{at}/{self.opinion}/submit").status_code == 200
        body = {"kind": "financial"}
        return self.clients["conflicted"].post(f"{at}/conflicts", json=body).json()["id"]

    def _secrets(self, owner: str) -> None:
        early = datetime(2025, 11, 3, 3, 3, 3, tzinfo=UTC)
        self._set(t.accounts, t.accounts.c.id == owner, name="Vandermolen")
        self._set(t.entries, created_at=early, changed_at=early)
        self._set(t.snapshots, made_at=early)
        event = {"action": "pay", "before": "finalised", "after": "submitted", "at": early}
        decision = {
            "id": "d" * 32,
            "edition": EDITION,
            "stage": self.stage,
            "kind": "selection",
            "subject": "",
            "method": "decisioncanary",
            "inputs": "decisioncanary",
            "inputs_sha256": "",
            "result": "decisioncanary",
            "result_sha256": "",
            "reasons": "decisioncanary",
            "made_at": early,
        }
        j = t.jurors.c
        others = select(j.pseudonym).where(j.account != self.clients["juror"].account)
        with self.database.write() as c:
            values = {"entry": self.entry, "reason": "historycanary", **event}
            c.execute(insert(t.entry_events).values(values))
            c.execute(insert(t.decisions).values(decision))
            self.pseudonyms = list(c.execute(others).scalars())

    def _set(self, table, *where, **values) -> None:
        with self.database.write() as c:
            c.execute(update(table).where(*where).values(**values))


def work(maker: str, company: str, year: int = 2093) -> dict:
    """A snapshot's work that names its maker wherever a text can."""
    return {
        "kind": "generative_linear",
        "title": {"en": f"The {maker} Tape", "zh-Hant": "昆克西之夜"},
        "synopsis": {"en": f"{maker} of {company} dreams.", "zh-Hant": f"{maker}在昆克西夢見。"},
        "countries": ["Bouvetland"],
        "year": year,
        "premiere": "world",
        "runtime_seconds": 5400,
        "declaration": {
            "tools": [{"name": "Painter", "maker": "Brush", "share": 80}],
            "human_role": f"I, {maker.upper()}, chose; write to {MAIL} or see {URL}",
            "rights": {"held": True, "statement": f"Held by {company} Ltd."},
        },
        "links": [{"kind": "film", "url": URL, "password": PASSWORD, "answer": "quaxley"}],
    }


def crew(maker: str, company: str) -> dict:
    """Who made it."""
    return {
        "makers": [{"name": maker, "role": "director"}, {"name": "昆克西", "role": "editor"}],
        "contact": {"name": maker, "email": MAIL},
        "company": f"{company} Ltd",
    }


def opinion(stage: int, score: int, word: str) -> dict:
    if stage == 2:
        return {"scores": dict.fromkeys(DIMENSIONS, score), "comment": word}
    failed = {"passed": False, "reason": f"{word} {score}"}
    return {"checks": dict.fromkeys(CHECKS, failed), "comment": word}


def found(words, answer) -> list[str]:
    """Return which words an answer holds, however JSON may write them."""
    headers = "\n".join(f"{k}: {v}" for k, v in answer.headers.items() if k != "content-length")
    told = answer.content.decode()
    text = "\n".join([headers, told, json.dumps(answer.text), unescaped(told)])
    return [str(w) for w in words if (w in text if isinstance(w, str) else w.search(text))]


def unescaped(text: str) -> str:
    return re.sub(r"\\u([0-9a-f]{4})", lambda m: chr(int(m[1], 16)), text)


SCENES = [*((2, phase) for phase in PHASES), (1, "submitted")]


@pytest.mark.parametrize(("stage", "phase"), SCENES)
def test_each_role_in_each_phase_gets_its_answer_and_no_hidden_word(people, stage, phase):
    scene = Scene(people, stage, phase)
    wrong = []
    for method, path, by_role in IN_ORDER:
        expected = {
            role: status if isinstance(status, int) else status[PHASES.index(phase)]
            for role, status in by_role.items()
        }
        # Who is refused changes nothing for those who are not: they come last.
        for role in sorted(expected, key=lambda role: -expected[role]):
            answer = scene.ask(role, method, path)
            if answer.status_code != expected[role]:
                wrong.append((role, method, path, answer.status_code, answer.text))
            words = [w for w in scene.hidden_from(role) if w not in OUTSIDE_BLIND.get(path, [])]
            if leaks := found(words, answer):
                wrong.append((role, method, path, "tells", leaks, answer.text))
    assert wrong == []


def test_the_table_has_every_endpoint_of_the_jury(app):
    """A new endpoint is first of all a new place where something can leak."""
    told = app.openapi()["paths"]
    asked = {(method, path.split("{edition}")[-1]) for method, path in operations(told)}
    table = set()
    for method, path, _ in IN_ORDER:
        written = [path.replace("{opinion}", kind) for kind in ("verdict", "review")]
        for each in written if method == "PUT" else [path]:
            table.add((method, f"/api{each}" if each.startswith("/entries") else each))
    assert asked == table


def operations(paths):
    for path, methods in paths.items():
        for method, operation in methods.items():
            if operation["tags"][0] in ("jurors", "jury"):
                yield method.upper(), path


def test_the_words_would_be_found_if_they_were_told(people):
    """The matrix can fail: the auditor is told every kind of word that is hidden from others."""
    scene = Scene(people, 2, "submitted")
    answer = scene.ask("auditor", "GET", "/stages/{stage}/works/{entry}/opinions")
    assert found([*HIDDEN["opinions"], *scene.pseudonyms[:1]], answer)
    told = scene.ask("juror", "GET", "/jury/works/{entry}")
    assert MASK in told.text
    assert found(["ownsecret"], told)


# --- Two festivals that differ only in what is hidden. ---

NAMES = st.text(st.characters(categories=["Lu"]), min_size=3, max_size=8).map(
    lambda word: f"{word} {word[::-1]}"
)
WORDS = st.text("aeiou xyz", max_size=20)
WRITTEN = st.lists(
    st.tuples(st.integers(0, 100), WORDS, st.sampled_from(["draft", "submitted", "void"])),
    max_size=3,
)
HIDDEN_DATA = st.fixed_dictionaries(
    {
        "maker": NAMES,
        "company": NAMES,
        "year": st.integers(2000, 2100),
        "written": WRITTEN,
        "assigned": st.integers(0, 3),
        "conflicts": st.integers(0, 3),
        "minutes": st.integers(0, 10**6),
    }
)


@pytest.mark.parametrize("phase", ["due", "closed"])
def test_hidden_data_changes_no_byte_of_what_a_juror_is_told(people, phase):
    """Makers, dates, other jurors, what they wrote and how far they are: all the same to a byte."""
    scene = Scene(people, 2, phase)
    others = [people.juror("art").account for _ in range(3)]
    reading = [(m, p) for m, p, by_role in IN_ORDER if m == "GET" and by_role["juror"] != 403]

    def told():
        answers = [scene.ask("juror", *one) for one in reading]
        return [(a.status_code, a.headers.raw, a.content) for a in answers]

    @settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
    @given(HIDDEN_DATA)
    def check(hidden):
        rewrite(scene, others, hidden)
        assert told() == plain

    plain_data = {"maker": MAKER, "company": COMPANY, "year": 2093, "minutes": 0}
    rewrite(scene, others, plain_data | {"written": [], "assigned": 0, "conflicts": 0})
    plain = told()
    assert plain[1][0] == plain[2][0] == 200
    check()


def rewrite(scene: Scene, others: list[str], hidden: dict) -> None:
    """Put other hidden data into the scene."""
    mine = scene.clients["juror"].account
    then = datetime(2025, 11, 1, tzinfo=UTC) + timedelta(minutes=hidden["minutes"])
    key = {"edition": EDITION, "stage": 2, "entry": scene.entry}
    o, a, k, s = t.opinions.c, t.assignments.c, t.conflicts.c, t.snapshots.c
    with scene.database.write() as c:
        c.execute(delete(t.opinions).where(o.juror != mine))
        c.execute(delete(t.assignments).where(a.juror != mine))
        c.execute(delete(t.conflicts).where(k.juror != mine))
        for n, (score, word, state) in enumerate(hidden["written"]):
            content = opinion(2, score, word) | {"comments": {}, "confidence": None, "runs": []}
            values = {"juror": others[n], "revision": 1, "reason": word, "saved_at": then}
            submitted = {} if state == "draft" else {"submitted_at": then}
            void = {"void_at": then, "void_why": word} if state == "void" else {}
            row = {**key, **values, **submitted, **void, "content": canonical(content)}
            c.execute(insert(t.opinions).values(row))
        for juror in others[: hidden["assigned"]]:
            row = {**key, "juror": juror, "turn": 1, "why": "extra", "made_at": then}
            c.execute(insert(t.assignments).values(row))
        for juror in others[: hidden["conflicts"]]:
            row = {"id": new_id(), "edition": EDITION, "entry": scene.entry, "juror": juror}
            row |= {"kind": "family", "note": "", "declared_at": then}
            c.execute(insert(t.conflicts).values(row))
        c.execute(update(t.entries).values(created_at=then, changed_at=then))
        here = s.entry == scene.entry
        content = json.loads(c.execute(select(s.content).where(here)).scalar_one())
        names = hidden["maker"], hidden["company"]
        content["work"] |= work(*names, year=hidden["year"])
        values = {"content": canonical(content), "people": canonical(crew(*names)), "made_at": then}
        c.execute(update(t.snapshots).where(here).values(values))


# --- The rest of the table of blindness. ---


def test_a_work_that_is_judged_again_stays_blind_until_that_is_published(people):
    """Stage 1 is published and the work goes on: its jurors of stage 1 may judge it in stage 2."""
    scene = Scene(people, 1, "published")
    opinions = "/stages/{stage}/works/{entry}/opinions"
    assert scene.ask("juror", "GET", opinions).status_code == 200
    for state in ("recognised", "in_evaluation"):
        scene._set(t.entries, t.entries.c.id == scene.entry, state=state)
        answer = scene.ask("juror", "GET", opinions)
        assert (answer.status_code, answer.json()["code"]) == (409, "sealed")
        told = scene.ask("juror", "GET", "/jury/works/{entry}")
        assert told.json()["work"]["makers"] is None
        assert found(HIDDEN["people"], told) == []
        assert scene.ask("office", "GET", opinions).status_code == 200
    scene._set(t.entries, t.entries.c.id == scene.entry, state="finalist")
    assert scene.ask("juror", "GET", opinions).status_code == 200
    told = scene.ask("juror", "GET", "/jury/works/{entry}")
    assert told.json()["work"]["makers"][0]["name"] == MAKER


def test_jurors_read_what_counted_and_the_auditor_reads_everything(people):
    scene = Scene(people, 2, "published")
    opinions = "/stages/{stage}/works/{entry}/opinions"
    by_juror = scene.ask("juror", "GET", opinions).json()["items"]
    assert [one["counts"] for one in by_juror] == [True, True]
    by_auditor = scene.ask("auditor", "GET", opinions).json()["items"]
    assert sorted(one["void_why"] or "" for one in by_auditor) == [
        "",
        "",
        "conflict of interest (financial)",
    ]
    pseudonyms = [one["pseudonym"] for one in by_auditor]
    assert pseudonyms == sorted(pseudonyms)


def test_where_the_edition_is_not_blind_jurors_see_who_made_it(people, shipped):
    scene = Scene(people, 2, "due")
    stage_2 = shipped.edition.stage_2.model_copy(update={"blind": False})
    open_edition = shipped.edition.model_copy(update={"stage_2": stage_2})
    scene.people.app.state.festival = replace(
        people.festival, editions={EDITION: replace(shipped, edition=open_edition)}
    )
    told = scene.ask("juror", "GET", "/jury/works/{entry}").json()["work"]
    assert told["title"]["en"] == f"The {MAKER} Tape"
    assert (told["makers"][0]["name"], told["company"]) == (MAKER, f"{COMPANY} Ltd")
    assert MAIL not in json.dumps(told["makers"])


def test_a_blind_juror_still_sees_what_is_to_be_judged(people):
    scene = Scene(people, 2, "due")
    told = scene.ask("juror", "GET", "/jury/works/{entry}").json()
    shown = told["work"]
    assert shown["title"]["en"] == f"The {MASK} Tape"
    assert shown["synopsis"]["zh-Hant"] == f"{MASK}在{MASK}夢見。"
    assert shown["declaration"]["human_role"] == f"I, {MASK}, chose; write to {MASK} or see {MASK}"
    assert shown["declaration"]["rights"]["statement"] == f"Held by {MASK}."
    assert shown["files"] == [{"id": scene.file, "kind": "film", "size": 3, "sha256": "0" * 64}]
    assert shown["links"] == [{"number": 0, "kind": "film", "outside_blind": True}]
    link = scene.ask("juror", "GET", "/jury/works/{entry}/links/{number}").json()
    assert link == {"url": URL, "password": PASSWORD}
    file = scene.ask("juror", "GET", "/jury/works/{entry}/files/{file}")
    assert file.content == b"xyz"
    assert 'filename="film' in file.headers["content-disposition"]


def test_parts_that_are_not_of_the_work_are_none(people):
    scene = Scene(people, 2, "due")
    proof = people.file(scene.entry, "student_proof")
    juror, at = scene.clients["juror"], f"{API}/jury/works/{scene.entry}"
    for path in (f"{at}/links/1", f"{at}/links/-1", f"{at}/files/{proof}"):
        answer = juror.get(path)
        assert (answer.status_code, answer.json()["code"]) == (404, "unknown_part")


@pytest.mark.parametrize("stage", [0, 3, -1, 10**30])
def test_a_work_is_read_in_a_stage_that_there_is(people, stage):
    scene = Scene(people, 2, "due")
    at = f"{API}/jury/works/{scene.entry}"
    juror = scene.clients["juror"]
    assert juror.get(at, params={"stage": stage}).json()["code"] == "unknown_stage"
    assert juror.get(at, params={"stage": 1}).json()["code"] == "unknown_work"
    assert juror.get(at, params={"stage": 2}).json()["stage"] == 2


def test_the_desk_lies_in_an_order_of_its_own_for_each_juror(people):
    """No order of age, of title or of identifiers; each juror's differs, and stays."""
    people.stage(2, "open")
    jurors = [people.juror("art") for _ in range(3)]
    works = people.works(12, state="in_evaluation")
    for entry in works:
        people.assign(2, entry, *jurors)

    def order(juror):
        stages = juror.get(f"{API}/jury/desk").json()["stages"]
        return [item["entry"] for item in stages[1]["items"]]

    orders = [order(juror) for juror in jurors]
    assert [order(juror) for juror in jurors] == orders
    assert len({tuple(one) for one in [*orders, works, sorted(works)]}) == 5
    assert all(sorted(one) == sorted(works) for one in orders)
