"""A film checked and tried on every save, and a page of it that reloads itself."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Final

import watchfiles

from engine.authoring._audience import read_audience
from engine.authoring._check_page import check_page
from engine.authoring._checking import Checked, check_film_file
from engine.authoring._findings import findings
from engine.authoring._simulate import simulate_film
from engine.authoring._telling import summary_lines
from engine.authoring._writing import AuthoringError
from narrative import Problem

__all__ = ["Preview", "Watched", "film_changes", "watch_film"]

_PASSES: Final = 300
_SEED: Final = 1

_RELOAD: Final = """\
<script>
setInterval(async () => {
  try {
    const newest = await (await fetch("/version")).json();
    if (newest !== VERSION) location.reload();
  } catch { /* not watching any more */ }
}, 700);
</script>
"""


@dataclass(frozen=True, slots=True)
class Watched:
    """How a film stood after a save.

    Parameters
    ----------
    at : str
        Time of day.
    checked : Checked
        What the check found.
    summary : tuple of str
        What a few hundred passes came to; empty where there could be none.
    page : str
        All of it as HTML.
    """

    at: str
    checked: Checked
    summary: tuple[str, ...]
    page: str


def watch_film(path: Path, cache: Path) -> Watched:
    """Check a film and try it on a few hundred audiences.

    Clips are looked at only when all of them are there.
    """
    checked = check_film_file(path, depth="graph", cache=cache)
    film = checked.film
    if film is not None:
        missing = {s.clip for s in film.scenes.values() if not (path.parent / s.clip).exists()}
        if not missing:
            checked = check_film_file(path, depth="clips", cache=cache)
    if film is None or checked.figures is None:
        return _watched(path, checked)
    done = simulate_film(film, checked.lengths_s, read_audience(None), passes=_PASSES, seed=_SEED)
    found = tuple(
        Problem(one.where, one.what, one.remedy, "warning") for one in findings(film, done)
    )
    page = check_page(checked, path.name, done, found)
    return Watched(_now(), checked, summary_lines(film, done), page)


def _watched(path: Path, checked: Checked) -> Watched:
    return Watched(_now(), checked, (), check_page(checked, path.name))


def _now() -> str:
    return time.strftime("%H:%M:%S")


def film_changes(path: Path) -> Iterator[None]:
    """Yield now, and again whenever the film file was saved; ends when it is interrupted."""
    yield
    name = path.name

    def ours(change: watchfiles.Change, changed: str) -> bool:
        return Path(changed).name == name

    # Editors save by renaming: the folder is watched, not the file.
    for _ in watchfiles.watch(path.parent.resolve(), watch_filter=ours, recursive=False):
        if path.exists():
            yield


class Preview:
    """Serves one page to browsers of this machine, and has them reload when it changes.

    Parameters
    ----------
    port : int
        On the loopback address; 0 for any free one.

    Raises
    ------
    AuthoringError
        The port is taken.
    """

    def __init__(self, port: int) -> None:
        try:
            self._server = _Server(("127.0.0.1", port), _Answers)
        except OSError as error:
            raise AuthoringError(
                f"port {port} cannot be had ({error.strerror}); name another (--port)"
            ) from error
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self.show("<!DOCTYPE html><title>Neural Hall</title><body><p>One moment.</p></body>")

    @property
    def address(self) -> str:
        """Where the page is."""
        return f"http://127.0.0.1:{self._server.server_port}/"

    def show(self, page: str) -> None:
        """Have this page shown from now on."""
        self._server.version += 1
        version = _RELOAD.replace("VERSION", json.dumps(self._server.version))
        self._server.page = page.replace("</body>", f"{version}</body>")

    def __enter__(self) -> Preview:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    page = ""
    version = 0


class _Answers(BaseHTTPRequestHandler):
    server: _Server

    def do_GET(self) -> None:
        # A foreign name that leads here is a foreign page asking.
        if self.headers.get("Host", "").rpartition(":")[0] not in ("127.0.0.1", "localhost"):
            self.send_error(403)
        elif self.path == "/version":
            self._answer("application/json", json.dumps(self.server.version))
        elif self.path == "/":
            self._answer("text/html; charset=utf-8", self.server.page)
        else:
            self.send_error(404)

    def _answer(self, kind: str, text: str) -> None:
        body = text.encode()
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Keep the terminal for the film."""
