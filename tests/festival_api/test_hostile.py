"""Hostile text wherever text is taken: refused with a reason, or kept, and harmless ever after."""

from __future__ import annotations

import base64
import csv
import email
import email.policy
import io
import json
import re
import unicodedata
from collections.abc import Iterator
from copy import deepcopy
from html.parser import HTMLParser

import pytest
from sqlalchemy import select, update

from festival_api import letters
from festival_api.store import new_id
from festival_api.store import tables as t
from festival_api.web import description
from festival_api.web._limits import Limits

EDITION = "hkaiiff-2026"
PASSWORD = "correct horse battery"

NO_TEXT = [
    "nul\0inside",
    "escape \x1b[2J",
    "line \u2028 separator",
    "right \u202egpj.exe\u202c to left \u2067x",
    "half \ud800 of a character",
]
"""Taken nowhere."""

TWO_LINES = "Prize\r\nBcc: victim@example.org"

FORMULAS = ['=HYPERLINK("https://evil.example")', "+1+cmd|' /C calc'!A0", "@SUM(1)", " ＝1+1"]
CODE = [
    "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "\" onmouseover=alert(1) x='</title></textarea>",
    "{0.__class__} {title} {price!r:>99} {",
    "%s %n %(title)s %",
    "[x](javascript:alert(1)) | `z`",
    "{{ 7*7 }} {% raw %} ${7*7} #{7*7}",
    "'; DROP TABLE entries; -- \\",
    "../../../etc/passwd",
]
ODD = [
    "right-to-left mark \u200f and joiner \u200d",
    "e\u0301\u0301 \U0001f468\u200d\U0001f469 \ufeff \U0010fffd",
    "9" * 300,
    "x" * 30_000,
]
TEXTS = [*FORMULAS, *CODE, *ODD]
"""Text, however odd: it may be kept."""

ALL_TEXTS = [*NO_TEXT, TWO_LINES, *FORMULAS, " ".join(CODE), *ODD]
"""The same in fewer pieces, for where there are many places."""

NUMBERS = [-1, 0, 2**31, 2**53 - 1, 2**53, 2**63, 10**30, 1.0, 1.5, True, "1", [1], {}]
INSTANTS = [
    "0001-01-01T00:00:00+23:59",
    "0001-01-01T00:00:00Z",
    "9999-12-31T23:59:59-23:59",
    "2025-11-15T04:00:00",
    "2025-11-15T04:00:60Z",
    "2025-02-30T04:00:00Z",
    "٢٠٢٥-١١-١٥T٠٤:٠٠:٠٠Z",
]

FORMULA = tuple("=+-@＝＋－＠\t\r\n")
TURNING = set("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")

# --- The requests there are, from the interface's description. ---

DOCUMENT = description()


def bodies() -> dict[str, object]:
    """Put a body together for every endpoint that takes one, with every member it may have."""
    found = {}
    for path, methods in DOCUMENT["paths"].items():
        for method, told in methods.items():
            content = told.get("requestBody", {}).get("content", {}).get("application/json")
            if content and "$ref" in content["schema"]:
                found[f"{method.upper()} {path}"] = whole(content["schema"])
    return found


def whole(schema):
    if "$ref" in schema:
        return whole(DOCUMENT["components"]["schemas"][schema["$ref"].rpartition("/")[2]])
    if "anyOf" in schema:
        one = next(part for part in schema["anyOf"] if part.get("type") != "null")
        return whole({**one, **{key: schema[key] for key in ("examples",) if schema.get(key)}})
    example = (schema.get("examples") or schema.get("enum") or [None])[0]
    if "properties" in schema:
        made = {name: whole(part) for name, part in schema["properties"].items()}
        return made | (example or {}) if example is None else merged(made, example)
    if "const" in schema or example is not None:
        return schema.get("const", example)
    if schema["type"] == "array":
        return [whole(schema["items"])]
    return {"string": "Some words", "integer": 1, "boolean": True, "object": {}}[schema["type"]]


def merged(made, example):
    """Give an example the members it leaves out."""
    both = {
        name: merged(made[name], value) if isinstance(value, dict) and name in made else value
        for name, value in example.items()
    }
    return made | both


def places(value, kind=str, at=()) -> Iterator[tuple]:
    """Find every text, or what else, of a document."""
    if type(value) is kind:
        yield at
    elif isinstance(value, dict):
        for name, part in value.items():
            yield from places(part, kind, (*at, name))
    elif isinstance(value, list):
        for number, part in enumerate(value):
            yield from places(part, kind, (*at, number))


def replaced(value, place, text):
    changed = deepcopy(value)
    *way, last = place
    inner = changed
    for step in way:
        inner = inner[step]
    inner[last] = text
    return changed


BODIES = bodies()
# The same draft as a change of it takes.
del BODIES["POST /api/editions/{edition}/entries"]

# --- Who may ask, and for what. ---

ASKED_BY = {
    "accounts": "entrant",
    "entries": "entrant",
    "payments": "office",
    "office": "office",
    "jurors": "office",
    "jury": "juror",
    "stages": "office",
    "committee": "office",
    "roles": "admin",
    "POST /api/entries/{entry}/conflicts": "entrant",
    "POST /api/editions/{edition}/awards/{award}/ballots": "juror",
}
IN_STATE = {
    "POST /api/entries/{entry}/withdraw": "submitted",
    "POST /api/entries/{entry}/student-proof": "submitted",
    "POST /api/entries/{entry}/disqualify": "submitted",
    "POST /api/entries/{entry}/accept-free": "finalised",
    "POST /api/editions/{edition}/conflicts": "submitted",
    "POST /api/entries/{entry}/conflicts": "submitted",
    "PUT /api/editions/{edition}/jury/works/{entry}/verdict": "in_recognition",
    "PUT /api/editions/{edition}/jury/works/{entry}/review": "in_evaluation",
    "POST /api/editions/{edition}/jury/works/{entry}/{opinion}/abstain": "in_evaluation",
    "POST /api/editions/{edition}/jury/works/{entry}/conflicts": "in_evaluation",
    "POST /api/editions/{edition}/hearings": "finalist",
    "POST /api/editions/{edition}/awards/{award}/ballots": "finalist",
}
REFUSED_ANYHOW = {
    "POST /api/accounts/confirm": "token_unknown",
    "POST /api/accounts/email": "token_unknown",
    "POST /api/password-resets/confirm": "token_unknown",
    "POST /api/entries/{entry}/finalise": "unknown_quote",
    "POST /api/payments/{payment}/refunds": "unknown_payment",
    "POST /api/editions/{edition}/stages/{stage}/close": "nothing_to_choose",
    "POST /api/editions/{edition}/stages/{stage}/reopen": "wrong_stage_state",
}
"""What is refused without any hostile text too: it comes after the text was read."""


ONCE = (
    "/withdraw",
    "/disqualify",
    "/accept-free",
    "/lift",
    "/abstain",
    "/works/{entry}/conflicts",
    "/me/erase",
    "/me/password",
    "/ballots",
)
"""What cannot be done again."""


class Scene:
    """One of everybody, and an entry in every state that is asked about."""

    def __init__(self, people, name: str) -> None:
        self.people, self.name = people, name
        self.festival = people.festival
        method, _, self.path = name.partition(" ")
        self.method = method
        [tag] = DOCUMENT["paths"][self.path][method.lower()]["tags"]
        self.entrant, self.office = people.entrant(), people.office()
        self.juror = people.juror("technology", core=True)
        role = ASKED_BY.get(name) or ASKED_BY[tag]
        self.client = people.admin() if role == "admin" else getattr(self, role)
        self.address = f"{new_id()}@example.org"
        other = people.account(email=self.address)
        self.entry = self._entry(IN_STATE.get(name, "draft"))
        last = "/hearings" in name or "/awards/" in name
        for stage in (1, 2):
            people.stage(stage, "published" if last else "open")
        if last:
            people.stage(3, "open")
        self.ways = {
            "edition": EDITION,
            "entry": self.entry,
            "account": other,
            "stage": "1",
            "opinion": "review",
            "award": "best_ai_native_film",
            "payment": "0" * 32,
            "conflict": "",
        }
        if "{conflict}" in self.path:
            self.ways["conflict"] = self._conflict()
        self.body = self._body(BODIES[name])
        if name.endswith("/ballots"):
            self._viewed()

    def send(self, body):
        """Send a body, with halves of characters where it has some."""
        self.client.app.state.limits = Limits(self.festival.clock)
        if "version" in body and body["version"] == BODIES[self.name]["version"]:
            body = {**body, "version": self._version()}
        return self.client.request(
            self.method,
            self.path.format(**self.ways),
            content=json.dumps(body).encode(),
            headers={"Content-Type": "application/json"},
        )

    def _entry(self, state: str) -> str:
        if state == "draft":
            return self.people.begun(self.entrant)
        if state == "finalised":
            return self.people.finalised(self.entrant)
        [entry] = self.people.works(1, state=state, owner=self.entrant.account)
        stage = {"in_recognition": 1, "in_evaluation": 2}.get(state)
        if stage:
            self.people.assign(stage, entry, self.juror)
        if self.name.endswith("student-proof"):
            self._set(entry, student=True, student_proof="waiting")
        return entry

    def _conflict(self) -> str:
        path = f"/api/editions/{EDITION}/conflicts"
        body = {"entry": self.entry, "juror": self.juror.account, "kind": "family"}
        return self.office.post(path, json=body).json()["id"]

    def _viewed(self) -> None:
        hearing = self._body(BODIES["POST /api/editions/{edition}/hearings"])
        answer = self.office.post(f"/api/editions/{EDITION}/hearings", json=hearing)
        assert answer.is_success, answer.text

    def _body(self, body):
        """Put names into a body for what there is."""
        known = {
            "entry": self.entry,
            "juror": self.juror.account,
            "jurors": [self.juror.account],
            "replaces": None,
            "works": [self.entry],
            "password": PASSWORD,
            "old": PASSWORD,
            "document": "0" * 32,
            "file": "0" * 32,
            "recording_sha256": "0" * 64,
            "entry_point": "https://example.org/",
            "link": "https://example.org/run",
            "none_depicted": False,
            "subtitles": ["zxx"],
            "email": self.address,
            "held_at": self.festival.clock().isoformat(),
        }
        if isinstance(body, dict):
            return {
                key: known[key] if key in known else self._body(part) for key, part in body.items()
            }
        return [self._body(part) for part in body] if isinstance(body, list) else body

    def _version(self) -> int:
        with self.festival.database.read() as c:
            return c.scalar(select(t.entries.c.version).where(t.entries.c.id == self.entry))

    def _set(self, entry: str, **values) -> None:
        with self.festival.database.write() as c:
            c.execute(update(t.entries).where(t.entries.c.id == entry).values(**values))


# --- Every text of every request. ---


@pytest.mark.parametrize("name", sorted(BODIES))
def test_every_text_of_every_request_is_refused_or_does_no_harm(name, people, tmp_path):
    scene = Scene(people, name)
    answer = scene.send(scene.body)
    assert answer.is_success or answer.json()["code"] == REFUSED_ANYHOW.get(name), answer.text
    found = list(places(scene.body))
    for number, place in enumerate(found):
        # Of long forms each field gets a third, so that all get all between them.
        for text in ALL_TEXTS[number % 3 :: 3] if len(found) > 10 else ALL_TEXTS:
            if answer.is_success and name.endswith(ONCE):
                scene = Scene(people, name)
            answer = scene.send(replaced(scene.body, place, text))
            what = f"{place} {text[:40]!r}"
            if answer.is_success:
                assert text not in NO_TEXT or place[-1] in ("password", "old", "new"), what
            else:
                assert refused(answer, what)
    nothing_got_out(people, tmp_path / "outbox")


@pytest.mark.parametrize("name", [name for name in sorted(BODIES) if [*places(BODIES[name], int)]])
def test_every_number_of_every_request_is_taken_or_refused(name, people):
    scene = Scene(people, name)
    for place in places(scene.body, int):
        for number in NUMBERS:
            answer = scene.send(replaced(scene.body, place, number))
            assert answer.is_success or refused(answer, f"{place} {number}")


def test_every_instant_of_a_request_is_taken_or_refused(people):
    scene = Scene(people, "POST /api/editions/{edition}/hearings")
    assert scene.send(scene.body).is_success
    for instant in INSTANTS:
        answer = scene.send(replaced(scene.body, ("held_at",), instant))
        assert answer.is_success or refused(answer, instant)


def refused(answer, what) -> bool:
    assert answer.status_code in (400, 401, 403, 404, 409, 422), (what, answer.text)
    assert answer.headers["Content-Type"] == "application/problem+json", what
    return bool(answer.json()["detail"])


def nothing_got_out(people, outbox) -> None:
    """Check letters and tables after whatever was written."""
    festival, office = people.festival, people.office()
    sent = letters.deliver(festival.database, festival.mailer, festival.clock())
    assert sent.failed == 0
    for path in outbox.glob("*.eml"):
        is_one_letter(email.message_from_bytes(path.read_bytes(), policy=email.policy.default))
    for table in ("entries", "payments"):
        answer = office.get(f"/api/editions/{EDITION}/{table}.csv")
        assert answer.is_success, answer.text
        runs_nothing(answer)


def is_one_letter(letter) -> None:
    assert letter.keys().count("Subject") == 1
    assert letter["Bcc"] is None
    assert letter["Cc"] is None
    assert len(letter["To"].addresses) == 1
    assert letter.get_content_type() == "text/plain"
    lines = re.split(r"\r?\n", letter.get_content())
    for line in (str(letter["Subject"]), *lines):
        assert not TURNING & set(line)
        assert all(unicodedata.category(one) not in ("Cc", "Cs") for one in line)


def runs_nothing(table) -> None:
    assert table.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert table.headers["X-Content-Type-Options"] == "nosniff"
    assert table.headers["Content-Disposition"].startswith("attachment; ")
    header, *rows = csv.reader(io.StringIO(table.content.decode("utf-8-sig"), newline=""))
    for row in rows:
        assert len(row) == len(header)
        for cell in row:
            assert not cell.lstrip(" ").startswith(FORMULA), cell


def test_texts_of_a_finalised_entry_come_back_as_they_were_and_do_no_harm(people, tmp_path):
    entrant = people.entrant()
    fitting = [text for text in TEXTS if len(text) <= 300]
    for text in fitting:
        entry = people.finalised(
            entrant,
            title={"en": text, "zh-Hant": text, "original": text},
            makers=[{"name": text, "role": text}],
            contact={"name": text, "email": "chan@example.org", "phone": text},
            company=text,
        )
        meant = unicodedata.normalize("NFC", text).strip()
        told = entrant.get(f"/api/entries/{entry}").json()["draft"]
        assert set(told["title"].values()) == {told["company"]} == {meant}
        entrant.post(f"/api/entries/{entry}/withdraw", json={"reason": text})
        assert entrant.get(f"/api/entries/{entry}/history").json()["items"][-1]["reason"] == meant
    nothing_got_out(people, tmp_path / "outbox")
    assert len(list((tmp_path / "outbox").glob("*.eml"))) == 2 * len(fitting)


@pytest.mark.parametrize("name", [*NO_TEXT[:-1], TWO_LINES, *TEXTS])
def test_a_file_of_any_name_is_handed_out_under_a_harmless_one(name, people):
    entrant = people.entrant()
    entry = people.begun(entrant)
    said = {"kind": "subtitles", "name": name[:900], "media_type": "text/html"}
    told = ",".join(f"{key} {base64.b64encode(v.encode()).decode()}" for key, v in said.items())
    begin = {"Tus-Resumable": "1.0.0", "Upload-Length": "5", "Upload-Metadata": told}
    answer = entrant.post(f"/api/entries/{entry}/files", headers=begin)
    assert answer.status_code == 201, answer.text
    piece = {
        "Tus-Resumable": "1.0.0",
        "Upload-Offset": "0",
        "Content-Type": "application/offset+octet-stream",
    }
    address = answer.headers["Location"]
    assert entrant.patch(address, headers=piece, content=b"<b>x\n").status_code == 204
    given = entrant.get(address).headers
    assert given["Content-Disposition"].startswith("attachment; filename")
    assert given["Content-Disposition"].isascii()
    assert given["X-Content-Type-Options"] == "nosniff"
    [file] = entrant.get(f"/api/entries/{entry}/files").json()["items"]
    assert not TURNING & set(file["name"])
    assert not set("/\\\r\n\0\x1b\u2028") & set(file["name"])
    assert 0 < len(file["name"]) <= 200


def test_an_import_of_any_text_does_no_harm(people, tmp_path):
    office = people.office()
    sound = {
        "Tracking Number": "HK1",
        "Project Title": "Lamp",
        "Email": "maker@example.org",
        "Submission Status": "In Consideration",
        "Submission Categories": "Short Film",
    }
    others = ("First Name", "Synopsis", "Duration", "Country of Origin", "Directors", "Language")
    columns = [*sound, *others, "Submission Link"]
    for text in [*NO_TEXT[:-1], TWO_LINES, *TEXTS]:
        table = io.StringIO()
        rows = csv.DictWriter(table, columns, restval=text)
        rows.writeheader()
        rows.writerows(sound | {column: text} for column in columns)
        answer = office.post(
            f"/api/editions/{EDITION}/imports/filmfreeway",
            params={"category": "Short Film=generative_linear"},
            content=table.getvalue().encode(),
            headers={"Content-Type": "text/csv"},
        )
        assert answer.status_code == 200, answer.text
        assert len(answer.json()["rows"]) == len(columns)
    nothing_got_out(people, tmp_path / "outbox")


class Read(HTMLParser):
    """What a browser would make of a document."""

    def __init__(self, document: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.text = ""
        self.feed(document)

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_data(self, data):
        self.text += data


def test_minutes_and_tables_of_a_stage_hold_any_title_and_run_nothing(people, clock):
    clock.forward(days=150)
    office = people.office()
    jurors = [people.juror(faction) for faction in ("technology", "ethics")]
    fitting = [text for text in TEXTS if len(text) <= 300]
    people.stage(1, "open")
    for text in fitting:
        title = {"en": text, "zh-Hant": text}
        [entry] = people.works(1, state="in_recognition", made={"title": title})
        for juror in jurors:
            names = ("ai_native", "feasibility", "ethics")
            checks = {name: {"passed": False, "reason": text} for name in names}
            people.opinion(1, entry, juror, {"checks": checks, "comment": text})
    stage = f"/api/editions/{EDITION}/stages/1"
    for text in fitting:
        assert office.post(f"{stage}/close", json={}).is_success
        assert office.post(f"{stage}/reopen", json={"reason": text}).is_success
    assert office.post(f"{stage}/close", json={}).is_success
    runs_nothing(office.get(f"{stage}/works.csv"))
    page = office.get(f"{stage}/minutes.html")
    read = Read(page.text)
    assert not read.tags & {"script", "img", "iframe", "a", "input", "textarea"}
    assert read.attributes <= {"lang", "charset", "class", "colspan"}
    assert "<script>alert(1)</script>" in read.text
    assert page.headers["Content-Security-Policy"].startswith("default-src 'none'")
    written = office.get(f"{stage}/minutes.md").text
    assert "script" in written
    assert not re.search(r"(?<!\\)(<|\]\(|`|\{\{)", written)
