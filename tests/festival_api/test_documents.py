"""The festival's documents: what the guide does happens as it says, what its tables tell is so."""

import importlib.util
import json
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from datetime import datetime
from email import message_from_bytes, policy
from pathlib import Path

import pytest
import typer.main
from fastapi.testclient import TestClient
from sqlalchemy import select
from typer.testing import CliRunner

import festival_api
from festival_api import letters
from festival_api.commands import app as commands
from festival_api.ports import Checkout
from festival_api.refusals import Kind
from festival_api.store import Database
from festival_api.store import tables as t

CHECKOUT = Path(__file__).parents[2]
DOCS = CHECKOUT / "docs"
GUIDE = (DOCS / "festival.md").read_text("utf-8")
COMMANDS = typer.main.get_command(commands)
STEP = re.compile(r"^```(\w*)\n(.*?)^```$|^<!-- (\w+): ([^\n]*) -->$", re.MULTILINE | re.DOTALL)
NAME = re.compile(r"\b[A-Z]{2,}\b")


def load(path):
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


# --- What the guide does. ---


class Reader:
    """Does what the guide says, step by step; remembers what words in capitals stand for."""

    def __init__(self, festival, people, client, folder):
        self.festival, self.people, self.client, self.folder = festival, people, client, folder
        self.names, self.accounts = {}, {}
        self.answer = None

    def read(self, text):
        before = None
        for kind, block, directive, what in STEP.findall(text):
            if before == "http" and (kind or directive):
                assert self.answer.is_success, self.answer.text
            if directive in ("account", "paid", "clock"):
                getattr(self, directive)(self.named(what))
            elif kind == "sh":
                self.answer = "".join(self.command(line) for line in block.splitlines())
            elif kind == "http":
                self.ask(block)
            elif kind == "eml":
                self.letter(block)
            elif kind == "" and before == "sh":
                self.printed(block, self.answer)
            elif kind == "" and before == "http":
                self.answered(self.named(block))
            before = kind

    def named(self, text):
        return NAME.sub(lambda word: self.names.get(word[0], word[0]), text)

    # What others do meanwhile.

    def account(self, what):
        email, name = what.split()
        self.accounts[name] = self.people.account(email=email)
        self.sign_in()

    def paid(self, entry):
        p = t.payments.c
        with self.festival.database.read() as c:
            number = c.execute(select(p.provider_id).where(p.entry == entry)).scalar_one()
        checkout = Checkout(number, "")
        event = self.festival.payments.event_for(checkout, "paid", self.festival.clock())
        body, headers = event
        told = self.client.post("/api/payments/events/double", content=body, headers=headers)
        assert told.status_code == 200, told.text

    def clock(self, what):
        self.festival.clock.now = datetime.fromisoformat(what)
        self.sign_in()

    def sign_in(self):
        for name, account in self.accounts.items():
            client = self.people.client(account)
            self.names[name] = client.headers["Authorization"].partition(" ")[2]

    # What the reader does.

    def command(self, line):
        words = shlex.split(line)
        assert words[:2] == ["hall", "festival"]
        if words[2] == "serve":
            return ""
        folder = {"HALL_FESTIVAL_FOLDER": str(self.folder), "COLUMNS": "200"}
        told = CliRunner().invoke(commands, words[2:], env=folder, catch_exceptions=False)
        assert told.exit_code == 0, told.output
        return told.output

    def ask(self, block):
        first, _, rest = block.partition("\n")
        method, path = self.named(first).split()
        headers = {}
        while found := re.match(r"([A-Za-z-]+): (.*)\n", rest):
            headers[found[1]] = self.named(found[2])
            rest = rest[found.end() :]
        body = rest.removeprefix("\n")
        if body.startswith("{"):
            headers["Content-Type"] = "application/json"
            body = self.named(body)
        self.answer = self.client.request(method, path, headers=headers, content=body.encode())

    # What the guide shows of it.

    def answered(self, block):
        status, _, rest = block.partition("\n")
        assert self.answer.status_code == int(status), self.answer.text
        if rest.startswith("{"):
            self.fits(json.loads(rest), self.answer.json())
        elif self.answer.text:
            self.printed(rest, self.answer.text)
        else:
            for line in rest.splitlines():
                name, _, value = line.partition(": ")
                assert self.answer.headers[name] == value

    def fits(self, shown, told):
        """Every member that is shown was told; a word in capitals takes what was told."""
        if isinstance(shown, dict):
            for name, value in shown.items():
                self.fits(value, told[name])
        elif isinstance(shown, list):
            for one, other in zip(shown, told, strict=True):
                self.fits(one, other)
        elif isinstance(shown, str) and shown != told and NAME.fullmatch(shown):
            assert shown not in self.names
            self.names[shown] = told
        else:
            assert shown == told

    def printed(self, block, answer):
        told, at = " ".join(answer.split()), 0
        for line in block.splitlines():
            pattern = ".*?".join(re.escape(" ".join(part.split())) for part in line.split("..."))
            found = re.compile(pattern).search(told, at)
            assert found, f"{line!r} is not in {told}"
            at = found.end()

    def letter(self, block):
        letters.deliver(self.festival.database, self.festival.mailer, self.festival.clock())
        newest = max((self.folder / "outbox").glob("*.eml"))
        letter = message_from_bytes(newest.read_bytes(), policy=policy.default)
        heads = "".join(f"{name}: {value}\n" for name, value in letter.items())
        told = " ".join((heads + letter.get_content()).split())
        for line in block.splitlines():
            [found] = re.findall(NAME.sub(r"(\\S+)", re.escape(line)), told)
            for name in NAME.findall(line):
                self.names[name] = found


@pytest.fixture
def database(tmp_path, empty_sqlite):
    """The database where the guide's commands look for it."""
    path = tmp_path / "festival.db"
    path.write_bytes(empty_sqlite)
    database = Database(f"sqlite:///{path}")
    yield database
    database.close()


def test_the_guide_goes_as_it_is_written(festival, people, visitor, tmp_path, monkeypatch):
    shutil.copytree(CHECKOUT / "examples" / "festival", tmp_path / "examples" / "festival")
    festival.files.mkdir()
    monkeypatch.chdir(tmp_path)
    reader = Reader(festival, people, visitor, tmp_path)
    reader.read(GUIDE)
    reader.read((DOCS / "festival-refusals.md").read_text("utf-8"))
    restored = Database(f"sqlite:///{tmp_path / 'restored' / 'festival.db'}")
    with restored.read() as c:
        assert c.execute(select(t.entries.c.id, t.entries.c.state)).one() == (
            reader.names["ENTRY"],
            "finalist",
        )
    restored.close()
    [film] = (tmp_path / "restored" / "files").glob("??/*")
    assert film.read_bytes() == b"a film, of\neighteen letters.\n"


# --- What the documents tell. ---


def test_tables_are_what_the_service_goes_by():
    made = load(DOCS / "festival_tables.py")
    pages = {name: (DOCS / name).read_text("utf-8") for name in made.PAGES}
    old = [name for name, text in pages.items() if made.written(text) != text]
    assert old == [], "run docs/festival_tables.py"
    shown = re.findall(r"<!-- table: (\w+) -->", "".join(pages.values()))
    assert sorted(shown) == sorted(made.TABLES)


def test_the_guide_names_only_commands_and_options_that_are_there():
    for line in re.findall(r"^hall festival (.*)$|`hall festival ([^`]*)`", GUIDE, re.MULTILINE):
        name, *words = "".join(line).split()
        options = {option for one in COMMANDS.commands[name].params for option in one.opts}
        assert {word for word in words if word.startswith("--")} <= options | {"--help"}


def test_the_guide_names_every_setting_of_serve():
    told = re.findall(r"`(HALL_FESTIVAL_\w+)`", GUIDE)
    taken = {one.envvar for one in COMMANDS.commands["serve"].params if one.envvar}
    # Secrets are no options: a list of processes shows those.
    code = (CHECKOUT / "festival_api" / "commands" / "_serving.py").read_text("utf-8")
    assert set(told) == taken | set(re.findall(r'"(HALL_FESTIVAL_\w+)"', code))


def test_the_guide_names_only_addresses_that_are_there(app, visitor):
    there = {
        (method.upper(), re.sub(r"\{\w+\}", "[^/]+", path))
        for path, methods in app.openapi()["paths"].items()
        for method in methods
    }
    named = re.findall(r"`(GET|POST|PUT|PATCH|DELETE) ([^\s`?]+)", GUIDE)
    assert len(named) > 20
    for method, path in named:
        whole = path.replace("…/", "/api/editions/EDITION/")
        fitting = [1 for one, form in there if method == one and re.fullmatch(form, whole)]
        assert fitting, f"{method} {path}"
    pages = re.findall(r"`(/(?!api|metrics|health|problems)[^`]*)`", GUIDE)
    assert "/office" in pages
    for page in pages:
        assert visitor.get(page.replace("ENTRY", "0" * 32)).status_code == 200, page


def test_the_guide_names_only_refusals_that_are_there():
    codes = re.findall(r"^\| `(\w+)`", GUIDE.partition("### When")[2], re.MULTILINE)
    assert codes
    assert set(codes) <= set(Kind.ALL)


def test_the_list_of_decisions_is_whole():
    records = sorted((DOCS / "decisions").glob("[0-9]*.md"))
    told = re.findall(
        r"^(\d+)\. \[(.*)\]\((.*)\)$", (DOCS / "decisions" / "README.md").read_text("utf-8"), re.M
    )
    titles = [record.read_text("utf-8").partition("\n")[0] for record in records]
    assert [f"# {number}. {title}" for number, title, _ in told] == titles
    assert [name for *_, name in told] == [record.name for record in records]


def test_the_architecture_page_tells_every_package_and_its_floor():
    page = (DOCS / "architecture.md").read_text("utf-8").partition("## The festival\n")[2]
    rows = re.findall(r"^\| (`.*?`) \|", page.partition("\n## ")[0], re.MULTILINE)
    [contract] = [
        one
        for one in tomllib.loads((CHECKOUT / "pyproject.toml").read_text("utf-8"))["tool"][
            "importlinter"
        ]["contracts"]
        if one.get("containers") == ["festival_api"]
    ]
    floors = [set(re.findall(r"\w+", floor)) for floor in contract["layers"]]
    assert [set(re.findall(r"`(\w+)`", row)) for row in rows] == floors


# --- What an embedding program takes. ---


def test_the_package_gives_its_window_without_loading_what_is_behind_it():
    told = subprocess.run(
        [sys.executable, "-c", "import sys, festival_api; print(*sys.modules)"],
        capture_output=True,
        check=True,
        text=True,
        cwd=CHECKOUT,
    ).stdout.split()
    assert not {"fastapi", "sqlalchemy", "pydantic", "babel"} & set(told)


def test_a_program_embeds_the_service_as_the_guide_shows(tmp_path, monkeypatch):
    shutil.copytree(CHECKOUT / "examples" / "festival", tmp_path / "examples" / "festival")
    monkeypatch.chdir(tmp_path)
    [program] = re.findall(r"^```python\n(.*?)^```$", GUIDE, re.MULTILINE | re.DOTALL)
    made = {}
    exec(program, made)
    client = TestClient(made["app"])
    assert client.get("/health/ready").json()["status"] == "ready"
    assert client.get("/api/editions").json()["items"][0]["id"] == "hkaiiff-2026"
    made["database"].close()


def test_everything_in_the_window_is_there():
    assert all(getattr(festival_api, name) is not None for name in festival_api.__all__)
    with pytest.raises(AttributeError, match="nothing_like_it"):
        _ = festival_api.nothing_like_it
