"""The console's process: one event loop that listens, draws and serves, on the loopback only."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import time
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

import structlog
import uvicorn
from fastapi import FastAPI, Request
from fastapi.responses import RedirectResponse, Response
from nicegui import ui

from engine.config import Show, load_show
from engine.console._booth import Booth
from engine.console._drawing import slate
from engine.console._guard import LoopbackOnly
from engine.console._job import Job, forget_address, read_address, write_address
from engine.console._layout import Layout, lay_out
from engine.console._page import Page
from engine.console._state import State
from engine.console._view import film_title, titles, ways
from engine.console._words import LANGUAGES, preferred
from engine.places import Places

_FRESH_S = 3.0
_ALONE_NS = 30_000_000_000
_NICE = 5  # picture and sound go first
_QUASAR: dict[str, Literal["en-US", "zh-TW"]] = {"en": "en-US", "zh-Hant": "zh-TW"}


def serve(job: Job) -> None:
    """Serve the console until the show is over."""
    os.nice(_NICE)
    places = Places(Path(job.folder))
    show = load_show(Path(job.show))
    booth = Booth(show, places, time.monotonic_ns)
    listening = _listen(_ports(job, places))
    address = f"http://127.0.0.1:{listening.getsockname()[1]}/"
    server = uvicorn.Server(
        uvicorn.Config(
            LoopbackOnly(_application(show, places, booth)),
            log_config=None,
            access_log=False,
            timeout_graceful_shutdown=1,
        )
    )
    write_address(places, address)
    structlog.get_logger().bind(part="console").info("console ready", address=address)
    try:
        asyncio.run(_serve(server, listening, booth))
    finally:
        booth.close()
        forget_address(places)


async def _serve(server: uvicorn.Server, listening: socket.socket, booth: Booth) -> None:
    async with asyncio.TaskGroup() as tasks:
        helpers = [
            tasks.create_task(booth.run()),
            tasks.create_task(_leave_when_alone(server, booth.state)),
        ]
        await server.serve([listening])
        for helper in helpers:
            helper.cancel()


async def _leave_when_alone(server: uvicorn.Server, state: State) -> None:
    """Outlive the supervisor as long as the film runs: somebody may need PANIC."""
    parent = os.getppid()
    while True:
        await asyncio.sleep(1)
        silent_ns = time.monotonic_ns() - max(state.player_ns, state.born_ns)
        if os.getppid() != parent and (state.ended or silent_ns > _ALONE_NS):
            server.should_exit = True


def _ports(job: Job, places: Places) -> list[int]:
    """Ports to try: that of the console before this one, so that open pages find it again."""
    before = urlsplit(read_address(places) or "").port
    return [port for port in (before, job.port) if port] + [0]


def _listen(ports: list[int]) -> socket.socket:
    """Take the first port that is free; any port is (0) at the end of the list."""
    for port in ports:
        listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        with contextlib.suppress(OSError):
            listening.bind(("127.0.0.1", port))
            listening.listen()
            return listening
        listening.close()
    raise OSError("no port is free on 127.0.0.1")


def _application(show: Show, places: Places, booth: Booth) -> FastAPI:
    layout = lay_out(show.film.scenes[show.film.start].of, ways(show.film))
    app = FastAPI(openapi_url=None)

    @app.get("/")
    def home(request: Request) -> Response:
        """Lead to the page in the browser's language."""
        return RedirectResponse("/" + preferred(request.headers.get("accept-language", "")))

    @app.get("/picture")
    def picture(language: str = "en") -> Response:
        """Give what the audience sees: the player's newest picture, or a drawing in its place."""
        return _picture(places, booth.state, language if language in LANGUAGES else "en")

    for tag in LANGUAGES:
        _add_page(booth, layout, tag)
    ui.run_with(app, tailwind=False, show_welcome_message=False, reconnect_timeout=5.0)
    return app


def _add_page(booth: Booth, layout: Layout, tag: str) -> None:
    title = f"{film_title(booth.state.show, tag)} · Neural Hall"

    @ui.page(f"/{tag}", title=title, dark=True, language=_QUASAR[tag])
    def page() -> None:
        Page(booth, layout, tag, time.monotonic_ns)


def _picture(places: Places, state: State, language: str) -> Response:
    path = places.picture
    headers = {"Cache-Control": "no-store"}
    with contextlib.suppress(FileNotFoundError):
        if time.time() - path.stat().st_mtime < _FRESH_S:
            return Response(path.read_bytes(), media_type="image/jpeg", headers=headers)
    dark = state.visit < 0 or state.paused or state.ended
    title = film_title(state.show, language) if dark else titles(state.show, language)[state.scene]
    return Response(slate(title, not dark), media_type="image/svg+xml", headers=headers)
