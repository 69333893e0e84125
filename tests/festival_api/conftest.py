"""A running festival for tests: on SQLite in `make test`, on PostgreSQL in `make test-all`."""

from __future__ import annotations

import functools
import itertools
import json
import os
import shutil
import subprocess
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest
import structlog
from fastapi.testclient import TestClient
from pwdlib.hashers.argon2 import Argon2Hasher
from sqlalchemy import delete, event, insert

from festival_api.accounts import Passwords, open_session
from festival_api.editions import load
from festival_api.ports import FileOutbox, NoProbe, PaymentDouble
from festival_api.store import Database, migrate, new_id
from festival_api.store import tables as t
from festival_api.texts import canonical, sha256_hex
from festival_api.web import Festival
from festival_api.web._app import assemble, attach

CHECKOUT = Path(__file__).parent.parent.parent
EDITION = "hkaiiff-2026"


class ManualClock:
    """A clock that goes when it is told to; begins in the early period of the 2026 edition."""

    def __init__(self) -> None:
        self.now = datetime(2025, 11, 15, 4, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **step: float) -> None:
        self.now += timedelta(**step)


@pytest.fixture(autouse=True)
def quiet():
    """Nothing is printed; what is logged can be caught with structlog.testing.capture_logs.

    For each test anew: tests of the hall in the same process set their own logs.
    """
    before = structlog.get_config()
    structlog.reset_defaults()
    structlog.configure(processors=[], logger_factory=structlog.ReturnLoggerFactory())
    yield
    structlog.configure(**before)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture(scope="session")
def passwords() -> Passwords:
    """Real argon2, as cheap as it goes."""
    return Passwords(Argon2Hasher(time_cost=1, memory_cost=8, parallelism=1))


@pytest.fixture(scope="session")
def shipped():
    """The edition that ships with the project."""
    return load(CHECKOUT / "examples" / "festival" / "hkaiiff-2026.yaml")


@pytest.fixture
def festival(database, clock, passwords, shipped, tmp_path) -> Festival:
    return Festival(
        editions={EDITION: shipped},
        database=database,
        clock=clock,
        mailer=FileOutbox(tmp_path / "outbox", "festival@example.org"),
        payments=PaymentDouble(tmp_path / "payments", "secret of the double"),
        probe=NoProbe(),
        files=tmp_path / "files",
        passwords=passwords,
        address="https://festival.example.org",
    )


@pytest.fixture(scope="session")
def assembled():
    """All endpoints, put together once: that takes half a second."""
    return assemble()


@pytest.fixture
def app(assembled, festival):
    attach(assembled, festival, lambda: None)
    return assembled


@pytest.fixture
def visitor(app) -> TestClient:
    """Somebody who is not signed in."""
    return TestClient(app)


@pytest.fixture
def people(festival, app) -> People:
    return People(festival, app)


class People:
    """Makes people and works straight in the database, as if they had come by the front door."""

    def __init__(self, festival: Festival, app) -> None:
        self.festival, self.app = festival, app
        self._count = itertools.count(1)

    def account(self, *, confirmed=True, admin=False, language="en", email=None) -> str:
        """Make an account; its password is "password of NAME"."""
        n = next(self._count)
        email = email or f"person{n}@example.org"
        id_, now = new_id(), self.festival.clock()
        with self.festival.database.write() as c:
            c.execute(
                insert(t.accounts).values(
                    id=id_,
                    email=email,
                    email_key=email.casefold(),
                    password_hash=self.festival.passwords.hash("correct horse battery"),
                    name=f"Person {n}",
                    language=language,
                    admin=admin,
                    confirmed_at=now if confirmed else None,
                    created_at=now,
                )
            )
        return id_

    def client(self, account: str) -> TestClient:
        """Sign an account in."""
        with self.festival.database.write() as c:
            token = open_session(c, account, self.festival.clock())
        client = TestClient(self.app, headers={"Authorization": f"Bearer {token}"})
        client.account = account
        return client

    def entrant(self, **options) -> TestClient:
        return self.client(self.account(**options))

    def admin(self) -> TestClient:
        return self.client(self.account(admin=True))

    def office(self) -> TestClient:
        return self._with_role("office")

    def auditor(self) -> TestClient:
        return self._with_role("auditor")

    def juror(self, faction: str, *, core=False, capacity=None) -> TestClient:
        account = self.account()
        with self.festival.database.write() as c:
            c.execute(
                insert(t.jurors).values(
                    edition=EDITION,
                    account=account,
                    faction=faction,
                    core=core,
                    capacity=capacity,
                    pseudonym=f"juror-{account[:8]}",
                    appointed_at=self.festival.clock(),
                )
            )
        return self.client(account)

    def works(
        self,
        count: int,
        *,
        category="generative_linear",
        state="submitted",
        owner=None,
        made=None,
        who=None,
    ) -> list[str]:
        """Make entries that were finalised and paid; `state` is where they stand now.

        `made` and `who` add to what the snapshot holds of the work and of its people.
        """
        owner = owner or self.account()
        now = self.festival.clock()
        ids = []
        with self.festival.database.write() as c:
            for _ in range(count):
                id_, n = new_id(), next(self._count)
                title = {"en": f"Work {n}", "zh-Hant": f"作品{n}"}
                work = {"category": category, "title": title, **(made or {})}
                makers = [{"name": f"Maker {n}", "role": "director"}]
                crew = {"makers": makers, **(who or {})}
                salt = new_id()
                commitment = sha256_hex(salt + canonical(crew))
                content = canonical({"entry": id_, "work": work, "people_sha256": commitment})
                c.execute(
                    insert(t.entries).values(
                        id=id_,
                        edition=EDITION,
                        owner=owner,
                        state=state,
                        version=1,
                        draft=json.dumps({}),
                        category=category,
                        student=False,
                        student_proof="none",
                        created_at=now,
                        changed_at=now,
                    )
                )
                c.execute(
                    insert(t.snapshots).values(
                        entry=id_,
                        number=1,
                        sha256=sha256_hex(content),
                        content=content,
                        people=canonical(crew),
                        people_salt=salt,
                        edition_sha256=self.festival.loaded(EDITION).sha256,
                        made_at=now,
                    )
                )
                ids.append(id_)
        return ids

    def stage(self, number: int, state: str) -> None:
        """Put a stage of the jury's work into a state."""
        key = {"edition": EDITION, "stage": number}
        row = {"state": state, "edition_sha256": self.festival.loaded(EDITION).sha256}
        with self.festival.database.write() as c:
            c.execute(delete(t.stages).filter_by(**key))
            c.execute(insert(t.stages).values(**key, **row, opened_at=self.festival.clock()))

    def assign(self, stage: int, entry: str, *jurors: TestClient) -> None:
        """Assign jurors to a work, as if they had been drawn."""
        with self.festival.database.write() as c:
            for juror in jurors:
                c.execute(
                    insert(t.assignments).values(
                        edition=EDITION,
                        stage=stage,
                        entry=entry,
                        juror=juror.account,
                        turn=1,
                        why="drawn",
                        made_at=self.festival.clock(),
                    )
                )

    def opinion(self, stage: int, entry: str, juror: TestClient, content: dict) -> None:
        """Submit an opinion of a juror, who is assigned to the work for it."""
        now = self.festival.clock()
        self.assign(stage, entry, juror)
        with self.festival.database.write() as c:
            c.execute(
                insert(t.opinions).values(
                    edition=EDITION,
                    stage=stage,
                    entry=entry,
                    juror=juror.account,
                    revision=1,
                    content=canonical(content),
                    reason="",
                    saved_at=now,
                    submitted_at=now,
                )
            )

    def draft(self, category="generative_linear", **sections) -> dict:
        """Make a draft that lacks nothing but uploads; `sections` replace or (None) remove some."""
        draft = {
            "title": {"en": "The Lamp That Waits", "zh-Hant": "守候的燈"},
            "synopsis": {"en": "A lamp waits for a ship.", "zh-Hant": "一盞燈守候一艘船。"},
            "category": category,
            "languages": ["yue", "en"],
            "countries": ["HK"],
            "year": 2025,
            "makers": [{"name": "Chan Tai Man", "role": "director"}],
            "contact": {"name": "Chan Tai Man", "email": "chan@example.org"},
            "declaration": {
                "tools": [
                    {
                        "name": "Painter",
                        "version": "3",
                        "maker": "Brush Works",
                        "used_for": ["picture"],
                        "share": 80,
                    }
                ],
                "human_role": "I chose every image and cut them.",
                "process": {"statement": "A storyboard, then prompts scene by scene."},
                "rights": {"held": True, "statement": "All rights are mine."},
                "likeness": {"none_depicted": True},
            },
            "warnings": {"flashing_light": False},
        }
        if category in ("generative_linear", "synthetic_performance"):
            draft["runtime_seconds"] = 5400
            draft["links"] = [{"kind": "film", "url": "https://films.example.org/lamp"}]
        else:
            evidence = {"instructions": "Open the address.", "entry_point": "https://example.org/"}
            draft["evidence"] = evidence
        draft.update(sections)
        return {name: section for name, section in draft.items() if section is not None}

    def begun(self, client: TestClient, category="generative_linear", **sections) -> str:
        """Begin an entry through the front door."""
        body = {"draft": self.draft(category, **sections)}
        answer = client.post(f"/api/editions/{EDITION}/entries", json=body)
        assert answer.status_code == 201, answer.text
        return answer.json()["id"]

    def finalised(self, client: TestClient, category="generative_linear", **sections) -> str:
        """Begin an entry and finalise it at the price of the day, through the front door."""
        entry = self.begun(client, category, **sections)
        price = client.post(f"/api/entries/{entry}/quote").json()
        body = {"version": 1, "amount": price["amount"], "currency": price["currency"]}
        answer = client.post(f"/api/entries/{entry}/finalise", json=body)
        assert answer.status_code == 200, answer.text
        return entry

    def file(self, entry: str, kind: str, *, state="complete", sha256="0" * 64) -> str:
        """Put a row among an entry's uploads, without bytes."""
        id_, now = new_id(), self.festival.clock()
        with self.festival.database.write() as c:
            c.execute(
                insert(t.files).values(
                    id=id_,
                    entry=entry,
                    kind=kind,
                    name=f"{kind}.bin",
                    media_type="application/octet-stream",
                    size=3,
                    received=3,
                    sha256=sha256,
                    state=state,
                    created_at=now,
                    completed_at=now,
                )
            )
        return id_

    def _with_role(self, role: str) -> TestClient:
        account = self.account()
        with self.festival.database.write() as c:
            c.execute(
                insert(t.roles).values(
                    edition=EDITION, account=account, role=role, granted_at=self.festival.clock()
                )
            )
        return self.client(account)


@pytest.fixture(scope="session")
def empty_sqlite(tmp_path_factory) -> bytes:
    """The bytes of a database with all tables and no row."""
    path = tmp_path_factory.mktemp("empty") / "festival.db"
    database = Database(f"sqlite:///{path}")
    migrate(database)
    database.close()
    return path.read_bytes()


def _postgresql_programs() -> Path:
    """Find initdb and pg_ctl, which distributions keep off the path."""
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    if shutil.which("pg_config"):
        told = subprocess.run(["pg_config", "--bindir"], capture_output=True, text=True, check=True)
        folders.insert(0, Path(told.stdout.strip()))
    for folder in folders:
        if (folder / "initdb").exists() and (folder / "pg_ctl").exists():
            return folder
    missing = "these tests need PostgreSQL's server: apt-get install postgresql"
    return pytest.fail(missing) if os.environ.get("CI") == "true" else pytest.skip(missing)


@pytest.fixture(scope="session")
def postgresql() -> PostgreSQL:
    """A PostgreSQL server of these tests alone: no network, nothing kept."""
    programs = _postgresql_programs()
    # A short path: a socket's may have 107 bytes. The server refuses to run as root.
    folder = Path(tempfile.mkdtemp(prefix="hall-pg-"))
    user = "postgres" if os.geteuid() == 0 else None
    if user:
        shutil.chown(folder, user)
    run = functools.partial(subprocess.run, cwd=folder, user=user, check=True, capture_output=True)
    control = [programs / "pg_ctl", "-D", folder / "data", "-w"]
    made = ["--username=festival", "--auth=trust", "--no-sync", "--encoding=UTF8", "--locale=C"]
    run([programs / "initdb", "-D", folder / "data", *made])
    settings = f"-k {folder} -c listen_addresses= -c fsync=off -c full_page_writes=off"
    run([*control, "-l", folder / "log", "-o", settings, "start"])
    yield PostgreSQL(folder)
    run([*control, "-m", "immediate", "stop"])
    shutil.rmtree(folder)


class PostgreSQL:
    """A running server, and one database of it with all tables."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._count = itertools.count(1)
        self.url = self.new_database()
        database = Database(self.url)
        migrate(database)
        database.close()

    def new_database(self) -> str:
        """Make an empty database and return its address."""
        name = f"festival{next(self._count)}"
        with psycopg.connect(host=str(self.folder), user="festival", dbname="postgres") as c:
            c.autocommit = True
            c.execute(f"CREATE DATABASE {name}")
        return f"postgresql+psycopg://festival@/{name}?host={self.folder}"


_EVERY_DATABASE = ["sqlite", pytest.param("postgresql", marks=pytest.mark.full)]


@pytest.fixture(params=_EVERY_DATABASE)
def database_url(request, tmp_path) -> str:
    """The address of a database with all tables and no row."""
    if request.param == "sqlite":
        path = tmp_path / "festival.db"
        path.write_bytes(request.getfixturevalue("empty_sqlite"))
        return f"sqlite:///{path}"
    url = request.getfixturevalue("postgresql").url
    database = Database(url)
    # A hundred times quicker than TRUNCATE or a new database for each test.
    with database.write() as c:
        for table in reversed(t.metadata.sorted_tables):
            c.execute(delete(table))
    database.close()
    return url


@pytest.fixture(params=_EVERY_DATABASE)
def empty_url(request, tmp_path) -> str:
    """The address of a database with nothing in it, not even tables."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'empty.db'}"
    return request.getfixturevalue("postgresql").new_database()


@pytest.fixture
def database(database_url) -> Database:
    database = Database(database_url)
    if database.dialect == "sqlite":
        # Nothing here has to outlive the machine; waiting for the disk is half of what tests take.
        event.listen(database.engine, "connect", lambda c, _: c.execute("PRAGMA synchronous=OFF"))
    yield database
    database.close()
