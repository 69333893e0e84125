"""Connections that let the service wait are ended; those that are at work are not."""

from __future__ import annotations

import asyncio
import contextlib
import resource
import socket
import threading

import pytest
import uvicorn
from structlog.testing import capture_logs

from festival_api.commands._patience import most_connections, patient

ASKING = b"POST / HTTP/1.1\r\nHost: hall\r\nContent-Length: 5\r\n\r\n"


async def answer(scope, receive, send):
    """Take in the body, work longer than anybody may be silent, answer with the body."""
    body, more = b"", True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return
        body, more = body + message["body"], message["more_body"]
    await asyncio.sleep(0.5)
    length = str(len(body)).encode()
    headers = [(b"content-length", length)]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


@contextlib.contextmanager
def serving(most=100):
    listening = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(
        answer,
        http=patient(most, 0.2),
        ws="none",
        lifespan="off",
        log_config=None,
        timeout_keep_alive=1,
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    try:
        yield lambda: socket.create_connection(listening.getsockname(), timeout=20)
    finally:
        server.should_exit = True
        thread.join()
        listening.close()


def told(line) -> bytes:
    """Read until the answer's body is there, or nothing comes any more."""
    got = b""
    while not got.endswith(b"\r\n\r\n12345"):
        piece = line.recv(1000)
        if not piece:
            break
        got += piece
    return got


@pytest.mark.parametrize(
    "sent",
    [b"", b"\r\n", b"POST / HTTP/1.1\r\nHo", ASKING, ASKING + b"1234"],
    ids=["nothing", "an empty line", "half a head", "no body", "half a body"],
)
def test_who_lets_the_service_wait_is_sent_away_at_first_and_later(sent):
    with serving() as connect, connect() as first, connect() as second:
        first.sendall(sent)
        second.sendall(ASKING + b"12345")
        assert told(second).endswith(b"12345")
        second.sendall(sent)
        assert told(first) == b""
        assert told(second) == b""


def test_who_asks_again_and_again_and_in_pieces_is_answered():
    with serving() as connect, connect() as line:
        for _ in range(3):
            line.sendall(ASKING[:20])
            line.sendall(ASKING[20:] + b"12")
            line.sendall(b"345")
            assert told(line).startswith(b"HTTP/1.1 200")


def test_a_connection_too_many_is_ended_and_told_once():
    with capture_logs() as logs, serving(most=2) as connect, connect() as one, connect():
        one.sendall(ASKING)
        for _ in range(3):
            with connect() as line:
                assert told(line) == b""
        one.sendall(b"12345")
        assert told(one).endswith(b"12345")
    assert [log["event"] for log in logs] == ["too_many_connections"]


def test_all_descriptors_are_taken_and_some_kept_back():
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(soft, hard - 1), hard))
    try:
        most = most_connections()
        assert resource.getrlimit(resource.RLIMIT_NOFILE) == (hard, hard)
        assert 0 < most < hard
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
