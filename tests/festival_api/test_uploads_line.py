"""Uploads over a real line that breaks, is silent, or is shared by two."""

from __future__ import annotations

import base64
import fcntl
import hashlib
import json
import os
import random
import socket
import threading
from http.client import HTTPConnection

import pytest
import uvicorn

from festival_api import entries, uploads
from festival_api.entries import Draft

MIB = 2**20
DATA = random.Random(3).randbytes(3 * MIB)


class Line:
    """An announced file of a served festival, and plain sockets to it."""

    def __init__(self, festival, people, port: int) -> None:
        client = people.entrant()
        with festival.database.write() as c:
            loaded = festival.loaded("hkaiiff-2026")
            entry = entries.begin(c, loaded, client.account, Draft(), festival.clock())
        self.port = port
        self._headers = {
            "Authorization": client.headers["authorization"],
            "Tus-Resumable": "1.0.0",
        }
        self._folder, self._entry = festival.files, entry.id
        self.announce(len(DATA))

    def announce(self, size: int) -> None:
        kind = base64.b64encode(b"film").decode()
        announced = {"Upload-Length": str(size), "Upload-Metadata": f"kind {kind}"}
        _, headers, _ = self.ask("POST", f"/api/entries/{self._entry}/files", announced)
        self.place = headers["location"]
        self.path = uploads.path_of(self._folder, self.place.rpartition("/")[2])

    def ask(self, method, place, headers=None, body=None):
        connection = HTTPConnection("127.0.0.1", self.port)
        connection.request(method, place, body, {**self._headers, **(headers or {})})
        answer = connection.getresponse()
        found = answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read()
        connection.close()
        return found

    def offset(self) -> int:
        return int(self.ask("HEAD", self.place)[1]["upload-offset"])

    def patch(self, offset: int, body):
        headers = {
            "Content-Type": "application/offset+octet-stream",
            "Upload-Offset": str(offset),
        }
        return self.ask("PATCH", self.place, headers, body)

    def open(self, **more: str) -> socket.socket:
        """Begin a request for the whole file."""
        line = socket.create_connection(("127.0.0.1", self.port))
        headers = {
            "Host": "festival",
            **self._headers,
            "Content-Type": "application/offset+octet-stream",
            "Content-Length": str(len(DATA)),
            "Upload-Offset": "0",
            **more,
        }
        head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        line.sendall(f"PATCH {self.place} HTTP/1.1\r\n{head}\r\n".encode())
        return line

    def begin(self, sent: int, **more: str) -> socket.socket:
        """Begin to send the whole file in one request, and wait until some bytes are written."""
        line = self.open(**more)
        line.sendall(DATA[:sent])
        while not (self.path.exists() and self.path.stat().st_size >= MIB):
            os.sched_yield()
        return line

    def wait_until_let_go(self) -> None:
        with self.path.open("rb") as opened:
            fcntl.flock(opened, fcntl.LOCK_EX)


@pytest.fixture
def line(festival, people, app):
    config = uvicorn.Config(app, port=0, log_level="critical", ws="none", lifespan="off")
    server = uvicorn.Server(config)
    listening = socket.create_server(("127.0.0.1", 0))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    yield Line(festival, people, listening.getsockname()[1])
    server.should_exit = True
    thread.join()
    listening.close()


def test_what_came_before_the_line_broke_is_kept(line):
    line.begin(MIB + 100_000).close()
    line.wait_until_let_go()
    kept = line.offset()
    assert MIB <= kept <= MIB + 100_000
    assert line.path.read_bytes() == DATA[:kept]
    status, headers, _ = line.patch(kept, DATA[kept:])
    assert (status, headers["upload-offset"]) == (204, str(len(DATA)))
    assert line.ask("GET", line.place)[2] == DATA


def test_what_was_confirmed_on_the_way_stays_whatever_comes_then(line):
    line.announce(70 * MIB)
    status, _, body = line.patch(0, iter([bytes(MIB)] * 70 + [b"more"]))
    assert (status, json.loads(body)["code"]) == (413, "past_the_end")
    assert line.offset() == line.path.stat().st_size
    assert 64 * MIB <= line.offset() <= 70 * MIB


def test_too_much_is_refused_before_it_comes(line):
    too_much = {"Content-Length": str(len(DATA) + 1)}
    waiting = line.open(**too_much)
    assert waiting.recv(100).startswith(b"HTTP/1.1 413")
    waiting.close()


def test_unproven_bytes_go_with_the_line(line):
    digest = base64.b64encode(hashlib.sha1(DATA).digest()).decode()
    line.begin(MIB + 100_000, **{"Upload-Checksum": f"sha1 {digest}"}).close()
    line.wait_until_let_go()
    assert line.offset() == 0
    assert line.path.read_bytes() == b""


def test_a_second_sender_is_told_to_wait(line):
    first = line.begin(MIB + 100_000)
    status, headers, _ = line.patch(0, DATA)
    assert (status, headers["retry-after"]) == (423, "5")
    first.sendall(DATA[MIB + 100_000 :])
    assert first.recv(100).startswith(b"HTTP/1.1 204")
    first.close()
    assert line.ask("GET", line.place)[2] == DATA


def test_a_silent_line_lets_go_and_loses_nothing(line, monkeypatch):
    monkeypatch.setattr("festival_api.web._files.SILENCE_S", 0.05)
    silent = line.begin(MIB + 100_000)
    assert silent.recv(100).startswith(b"HTTP/1.1 408")
    silent.close()
    assert line.offset() == MIB + 100_000
    assert line.path.read_bytes() == DATA[: MIB + 100_000]


def test_a_file_deleted_while_it_comes_stays_deleted(line):
    first = line.begin(MIB + 100_000)
    assert line.ask("DELETE", line.place)[0] == 204
    first.sendall(DATA[MIB + 100_000 :])
    assert first.recv(100).startswith(b"HTTP/1.1 404")
    first.close()
    assert not line.path.exists()
    assert line.ask("GET", line.place)[0] == 404
