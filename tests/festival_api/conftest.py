"""A running festival for tests: on SQLite in `make test`, on a real PostgreSQL in `make test-all`."""

from __future__ import annotations

import itertools
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from pwdlib.hashers.argon2 import Argon2Hasher
from sqlalchemy import insert

from festival_api.accounts import Passwords, open_session
from festival_api.editions import load
from festival_api.ports import FileOutbox, NoProbe, PaymentDouble
from festival_api.store import Database, new_id
from festival_api.store import tables as t
from festival_api.texts import canonical, sha256_hex
from festival_api.web import Festival, create_app

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
        payments=PaymentDouble(tmp_path / "payments", b"secret of the double"),
        probe=NoProbe(),
        files=tmp_path / "files",
        passwords=passwords,
        address="https://festival.example.org",
    )


@pytest.fixture
def app(festival):
    return create_app(festival)


@pytest.fixture
def visitor(app) -> TestClient:
    """Somebody who is not signed in."""
    return TestClient(app)


@pytest.fixture
def people(festival, app) -> People:
    return People(festival, app)


class People:
    """Makes people and their works straight in the database, as if they had come through the front door."""

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

    def works(self, count: int, *, category="generative_linear", state="submitted", owner=None) -> list[str]:
        """Make entries that were finalised and paid; `state` is where they stand now."""
        owner = owner or self.account()
        now = self.festival.clock()
        ids = []
        with self.festival.database.write() as c:
            for _ in range(count):
                id_, n = new_id(), next(self._count)
                work = {"category": category, "title": {"en": f"Work {n}", "zh-Hant": f"作品{n}"}}
                who = {"makers": [{"name": f"Maker {n}", "role": "director"}]}
                salt = new_id()
                commitment = sha256_hex(salt + canonical(who))
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
                        people=canonical(who),
                        people_salt=salt,
                        edition_sha256=self.festival.loaded(EDITION).sha256,
                        made_at=now,
                    )
                )
                ids.append(id_)
        return ids

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
    t.metadata.create_all(database.engine)
    database.close()
    return path.read_bytes()


@pytest.fixture
def database(empty_sqlite, tmp_path) -> Database:
    path = tmp_path / "festival.db"
    path.write_bytes(empty_sqlite)
    database = Database(f"sqlite:///{path}")
    yield database
    database.close()
