"""The commands `hall festival …`, as they are typed."""

from __future__ import annotations

import dataclasses
import functools
import json
import os
import re
import signal
import socket
import subprocess
import sys
import tarfile
import threading
import tomllib
from importlib import import_module
from io import BytesIO
from pathlib import Path

import httpx
import pytest
from sqlalchemy import insert, select, text
from structlog.testing import capture_logs
from typer.testing import CliRunner

from festival_api.commands import app as festival_app
from festival_api.commands._running import keep_editions
from festival_api.editions import parse
from festival_api.store import Database
from festival_api.store import tables as t
from festival_api.web import DUTIES, Worker

CHECKOUT = Path(__file__).parent.parent.parent
SHIPPED = CHECKOUT / "examples" / "festival" / "hkaiiff-2026.yaml"


def hall(*arguments, **environment):
    """Run a command; give what it printed and how it left."""
    result = CliRunner().invoke(
        festival_app, [str(one) for one in arguments], env={"COLUMNS": "200"} | environment
    )
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def refused(*arguments, **environment):
    """Run a command that is refused: one line, status 1, no traceback; give the line."""
    result = hall(*arguments, **environment)
    assert result.exit_code == 1
    assert result.stdout == ""
    [line] = result.stderr.splitlines()
    return line


def test_the_hall_finds_commands_without_knowing_them(tmp_path):
    (tmp_path / "beside.py").write_text(
        "import typer\napp = typer.Typer()\n\n@app.command()\ndef hello(): print('hello')\n"
        "@app.command()\ndef other(): pass\n"
    )
    info = tmp_path / "beside-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: beside\nVersion: 1\n")
    (info / "entry_points.txt").write_text("[neural_hall.commands]\nbeside = beside:app\n")
    told = subprocess.run(
        [sys.executable, "-m", "engine.cli", "beside", "hello"],
        env=os.environ | {"PYTHONPATH": f"{CHECKOUT}{os.pathsep}{tmp_path}"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert told.stdout == "hello\n"


def test_the_package_names_its_commands():
    project = tomllib.loads((CHECKOUT / "pyproject.toml").read_text())["project"]
    module, _, name = project["entry-points"]["neural_hall.commands"]["festival"].partition(":")
    assert getattr(import_module(module), name) is festival_app


def test_without_the_extra_one_line_says_what_to_install(tmp_path):
    (tmp_path / "sqlalchemy.py").write_text(
        "raise ModuleNotFoundError('no sqlalchemy', name='sqlalchemy')"
    )
    run = "from festival_api.commands import app; app()"
    for arguments, status in ((["--help"], 0), (["migrate"], 1)):
        told = subprocess.run(
            [sys.executable, "-c", run, *arguments],
            env=os.environ | {"PYTHONPATH": f"{tmp_path}{os.pathsep}{CHECKOUT}"},
            cwd=tmp_path,
            capture_output=True,
            text=True,
        )
        assert told.returncode == status
    assert told.stderr == "sqlalchemy is missing: pip install 'neural-hall[festival]'\n"


# --- Editions and interface. ---


def test_check_prints_the_prices_or_every_contradiction(tmp_path):
    told = hall("check", SHIPPED)
    assert told.exit_code == 0
    for price in ("562.50", "168.75", "1,125.00", "337.50", "112.50"):
        assert price in told.stdout
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text(SHIPPED.read_text().replace("currency: USD", "currency: USDT"))
    told = hall("check", wrong)
    assert told.exit_code == 1
    assert re.search(r"wrong\.yaml:\d+:\d+.*currency", told.stderr)


def test_openapi_is_printed():
    assert json.loads(hall("openapi").stdout)["openapi"] == "3.1.0"


# --- Keeping. ---


@pytest.fixture
def place(database_url, tmp_path):
    """A folder with uploaded files, and the address of its database, with somebody in it."""
    folder = tmp_path / "service"
    for number in range(3):
        name = f"{number:032x}"
        (folder / "files" / name[:2]).mkdir(parents=True, exist_ok=True)
        (folder / "files" / name[:2] / name).write_bytes(os.urandom(100_000))
    return folder, database_url


@pytest.fixture
def elsewhere(database, request, tmp_path):
    """An empty folder, and the address of an empty database of the same kind."""
    if database.dialect == "postgresql":
        return tmp_path / "elsewhere", request.getfixturevalue("postgresql").new_database()
    return tmp_path / "elsewhere", f"sqlite:///{tmp_path / 'elsewhere.db'}"


def options(folder, url):
    return ["--folder", folder, "--database", url]


def files_of(folder):
    return {
        path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()
    }


def rows_of(database):
    with database.read() as c:
        return {
            table.name: sorted(map(str, c.execute(select(table))))
            for table in t.metadata.sorted_tables
        }


def test_what_was_backed_up_comes_back(place, database, people, elsewhere, tmp_path):
    people.works(3)
    people.juror("art")
    kept, files = rows_of(database), files_of(place[0] / "files")
    assert hall("backup", tmp_path / "b.tar", *options(*place)).exit_code == 0
    assert (tmp_path / "b.tar").stat().st_mode & 0o077 == 0

    people.works(2)
    assert hall("restore", tmp_path / "b.tar", *options(*elsewhere)).exit_code == 0
    assert files_of(elsewhere[0] / "files") == files
    restored = Database(elsewhere[1])
    assert rows_of(restored) == kept
    with restored.write() as c:  # numbers go on where they were
        entry = c.execute(select(t.entries.c.id)).scalars().first()
        event = {"entry": entry, "action": "", "before": "", "after": "", "reason": ""}
        c.execute(insert(t.entry_events).values(**event, at=people.festival.clock()))
    restored.close()
    assert "not empty" in refused("restore", tmp_path / "b.tar", *options(*elsewhere))


@pytest.mark.full
def test_a_backup_of_the_other_kind_of_database_is_refused(postgresql, tmp_path):
    folder = tmp_path / "service"
    assert hall("migrate", "--folder", folder).exit_code == 0
    assert hall("backup", tmp_path / "b.tar", "--folder", folder).exit_code == 0
    target = options(tmp_path / "other", postgresql.new_database())
    assert "begins with sqlite" in refused("restore", tmp_path / "b.tar", *target)


def test_a_backup_never_overwrites_and_an_empty_service_has_none(place, database, tmp_path):
    (tmp_path / "b.tar").write_text("mine")
    assert "exists already" in refused("backup", tmp_path / "b.tar", *options(*place))
    assert (tmp_path / "b.tar").read_text() == "mine"
    assert "empty" in refused("backup", tmp_path / "c.tar", "--folder", tmp_path / "new")


def rewritten(source, target, change):
    """Copy a tar, its members changed: `change(name, data)` gives new members."""
    with tarfile.open(source) as old, tarfile.open(target, "w") as new:
        for member in old:
            for name, data in change(member.name, old.extractfile(member).read()):
                member.name, member.size = name, len(data)
                new.addfile(member, BytesIO(data))


def flipped(data):
    return data[:50] + bytes([data[50] ^ 1]) + data[51:]


@pytest.mark.parametrize(
    "change",
    [
        lambda name, data: [(name, flipped(data) if name.startswith("files/") else data)],
        lambda name, data: [(name, flipped(data) if name.startswith("database") else data)],
        lambda name, data: [] if name == "manifest.json" else [(name, data)],
        lambda name, data: [] if name.endswith("1") else [(name, data)],
        lambda name, data: [(name.replace("files/", "../files/"), data)],
        lambda name, data: [(name, data), (name, data)],
        lambda name, data: [(name, b"{}" if name == "manifest.json" else data)],
        lambda name, data: [(name, b"{" if name == "manifest.json" else data)],
    ],
)
def test_a_damaged_backup_changes_nothing(tmp_path, place, database, elsewhere, change):
    hall("backup", tmp_path / "b.tar", *options(*place))
    rewritten(tmp_path / "b.tar", tmp_path / "damaged.tar", change)
    assert "damaged.tar" in refused("restore", tmp_path / "damaged.tar", *options(*elsewhere))
    assert files_of(elsewhere[0]) == {}
    assert hall("restore", tmp_path / "b.tar", *options(*elsewhere)).exit_code == 0


def test_half_a_backup_is_refused(tmp_path, place, database, elsewhere):
    hall("backup", tmp_path / "b.tar", *options(*place))
    data = (tmp_path / "b.tar").read_bytes()
    for end in (0, 100, 5000, len(data) // 2, len(data) - 30_000):
        (tmp_path / "half.tar").write_bytes(data[:end])
        assert "half.tar" in refused("restore", tmp_path / "half.tar", *options(*elsewhere))


def test_other_versions_are_refused_in_words(elsewhere):
    arguments = options(*elsewhere)
    assert "of this version now" in hall("migrate", *arguments).stdout
    assert "nothing to do" in hall("migrate", *arguments).stdout
    database = Database(elsewhere[1])
    with database.write() as c:
        c.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    for command in (["migrate"], ["admin", "a@example.org"], ["serve", SHIPPED, "--port", 0]):
        assert "newer version" in refused(*command, *arguments)
    with database.write() as c:
        c.execute(text("DELETE FROM alembic_version"))
    for command in (["migrate"], ["backup", elsewhere[0] / "b.tar"]):
        assert "something else" in refused(*command, *arguments)
    database.close()


def test_the_first_administrator(place, database, people):
    account = people.account(email="first@example.org")
    assert hall("admin", "First@example.org", *options(*place)).exit_code == 0
    with database.read() as c:
        admin = select(t.accounts.c.admin).where(t.accounts.c.id == account)
        assert c.execute(admin).scalar_one()
    assert "no account" in refused("admin", "nobody@example.org", *options(*place))


def test_settings_come_from_the_environment_too(place, database, people):
    folder, url = place
    people.account(email="first@example.org")
    told = hall(
        "admin", "first@example.org", HALL_FESTIVAL_FOLDER=str(folder), HALL_FESTIVAL_DATABASE=url
    )
    assert told.exit_code == 0
    assert "address" in refused("migrate", HALL_FESTIVAL_DATABASE="oracle://x")


# --- Serving. ---


def test_the_service_does_not_start_on_what_it_cannot_serve(tmp_path):
    folder = ["--folder", tmp_path / "service"]
    assert "cannot be read" in refused("serve", tmp_path / "missing.yaml", *folder)
    assert "given twice" in refused("serve", SHIPPED, SHIPPED, *folder)
    no_key = refused("serve", SHIPPED, *folder, "--payments", "stripe", HALL_FESTIVAL_STRIPE_KEY="")
    assert "HALL_FESTIVAL_STRIPE_KEY and HALL_FESTIVAL_STRIPE_WEBHOOK_SECRET" in no_key
    assert "address" in refused(
        "serve", SHIPPED, *folder, "--mail", "smtp://mail.example.org", "--sender", "x"
    )


def test_every_edition_that_is_served_is_kept_and_changes_are_told(festival, shipped):
    keep_editions(festival)
    changed = parse(shipped.text_bytes.replace(b"standard: 75000", b"standard: 80000"), "changed")
    with capture_logs() as logged:
        keep_editions(festival)
        later = dataclasses.replace(festival, editions={shipped.edition.id: changed})
        keep_editions(later)
    [told] = logged
    assert (told["event"], told["unsafe"]) == (
        "edition_changed",
        ("fees[generative_feature].standard",),
    )
    with festival.database.read() as c:
        kept = dict(c.execute(select(t.edition_versions.c.sha256, t.edition_versions.c.text)).all())
    assert kept == {one.sha256: one.text_bytes.decode() for one in (shipped, changed)}


def test_duties_go_on_after_a_failure(festival):
    rounds, done = [], threading.Event()

    def duty(given):
        assert given is festival
        rounds.append(len(rounds))
        if len(rounds) == 1:
            raise RuntimeError("once")
        done.set()

    with capture_logs() as logged:
        worker = Worker("test", duty, festival)
        worker.start()
        while not done.wait(0.01):
            worker.wake()
        worker.stop(grace_s=60)
    assert [line["event"] for line in logged] == ["duty_failed"]


def test_the_services_own_duties(festival, people, clock):
    festival.files.mkdir()
    entrant = people.entrant()
    people.begun(entrant)
    for duty in DUTIES.values():
        duty(festival)


def can_connect(port):
    with socket.socket() as line:
        return line.connect_ex(("127.0.0.1", port)) == 0


@pytest.mark.full
def test_a_service_from_start_to_end(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert "cannot be listened on" in refused(
            "serve", SHIPPED, "--port", port, "--folder", tmp_path / "no"
        )
    environment = os.environ | {"PYTHONPATH": str(CHECKOUT), "HALL_FESTIVAL_PORT": str(port)}
    command = [sys.executable, "-c", "from festival_api.commands import app; app()"]
    folder = ["--folder", str(tmp_path / "service")]
    run = functools.partial(subprocess.run, env=environment, capture_output=True, text=True)
    service = subprocess.Popen(
        [*command, "serve", str(SHIPPED), *folder],
        env=environment,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        begun = [json.loads(service.stderr.readline())["event"] for _ in range(2)]
        assert begun == ["files_reconciled", "serving"]
        with httpx.Client(base_url=f"http://127.0.0.1:{port}") as client:
            assert client.get("/health/ready").status_code == 200
            account = {"email": "a@example.org", "name": "A", "language": "en"}
            signing_up = client.post(
                "/api/accounts", json=account | {"password": "correct horse battery"}
            )
            assert signing_up.status_code == 202
        second = run([*command, "serve", str(SHIPPED), *folder])
        assert (second.returncode, "served already" in second.stderr) == (1, True)
        assert run([*command, "backup", str(tmp_path / "b.tar"), *folder]).returncode == 0
        with socket.create_connection(("127.0.0.1", port)) as line:
            # Half of a request has come when the end is asked for.
            line.sendall(
                b"POST /api/sessions HTTP/1.1\r\nHost: hall\r\nContent-Type: application/json\r\n"
                b"Content-Length: 2\r\nExpect: 100-continue\r\n\r\n"
            )
            assert b"100" in line.recv(100)
            service.send_signal(signal.SIGTERM)
            while can_connect(port):
                pass
            line.sendall(b"{}")
            assert b" 422 " in line.recv(100)
        _, log = service.communicate(timeout=60)
    finally:
        service.kill()
    assert service.returncode == 0
    lines = [json.loads(line) for line in log.splitlines()]
    routes = [line["route"] for line in lines[:-1]]
    assert routes == ["/health/ready", "/api/accounts", "/api/sessions"]
    assert lines[-1]["event"] == "ended"
    assert "a@example.org" not in log
    [letter] = (tmp_path / "service" / "outbox").glob("*.eml")
    assert "a@example.org" in letter.read_text()
    assert (tmp_path / "service").stat().st_mode & 0o077 == 0
