"""Who may talk to the console: its own page on this machine, nobody else."""

import asyncio

import pytest
from starlette.types import Message, Receive, Scope, Send

from engine.console._guard import LoopbackOnly, admits

HOME = "127.0.0.1:8460"


@pytest.mark.parametrize(
    ("host", "origin"),
    [
        (HOME, None),
        (HOME, f"http://{HOME}"),
        ("localhost:8460", "http://localhost:8460"),
        ("[::1]:8460", None),
    ],
)
def test_its_own_page_is_admitted(host, origin):
    assert admits(host, origin)


@pytest.mark.parametrize(
    ("host", "origin"),
    [
        (None, None),
        ("", None),
        ("[", None),
        ("evil.example:8460", None),
        ("evil.example:8460", "http://evil.example:8460"),
        ("127.0.0.1.evil.example", None),
        (HOME, "http://evil.example"),
        (HOME, "http://127.0.0.1:9999"),
        (HOME, f"https://{HOME}"),
        (HOME, "null"),
    ],
)
def test_everybody_else_is_refused(host, origin):
    assert not admits(host, origin)


def answers(kind: str, **headers: str) -> list[Message]:
    """What an application behind the guard sends to one request."""
    sent: list[Message] = []

    async def page(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "welcome"})

    async def receive() -> Message:
        return {"type": "http.request"}

    async def send(message: Message) -> None:
        sent.append(message)

    pairs = [(name.encode(), value.encode()) for name, value in headers.items()]
    scope = {"type": kind, "headers": pairs}
    asyncio.run(LoopbackOnly(page)(scope, receive, send))
    return sent


@pytest.mark.parametrize("kind", ["http", "websocket"])
def test_the_page_answers_itself(kind):
    assert answers(kind, host=HOME, origin=f"http://{HOME}") == [{"type": "welcome"}]


@pytest.mark.parametrize("headers", [{"host": "evil.example"}, {"host": HOME, "origin": "null"}])
def test_others_get_no_answer_from_the_page(headers):
    start, _ = answers("http", **headers)
    assert start["status"] == 403
    assert answers("websocket", **headers) == [{"type": "websocket.close", "code": 1008}]


def test_what_is_no_request_goes_through():
    assert answers("lifespan") == [{"type": "welcome"}]
