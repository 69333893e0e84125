"""The service while it runs: its workers, its server, its end."""

from __future__ import annotations

import signal
import sys
from dataclasses import asdict
from datetime import UTC, datetime
from socket import socket
from types import FrameType

import structlog
import uvicorn
from sqlalchemy import insert, select

from festival_api import uploads
from festival_api.commands._logs import configure
from festival_api.commands._patience import most_connections, patient
from festival_api.editions import EditionError, differences, parse
from festival_api.store import tables as t
from festival_api.web import DUTIES, Festival, Worker, create_app

_GRACE_S = 30
"""How long what is under way may take once the end was asked for."""

_log = structlog.get_logger("festival")


def now() -> datetime:
    """Return the time, in UTC."""
    return datetime.now(UTC)


def run(festival: Festival, listening: socket, proxy: str) -> None:
    """Serve until a signal asks for the end, then finish what is under way.

    Parameters
    ----------
    festival : Festival
    listening : socket
        Where requests come in.
    proxy : str
        Whose word is taken for who asks; empty for nobody's.
    """
    configure()
    keep_editions(festival)
    with festival.database.write() as c:
        found = uploads.reconcile(c, festival.files)
    _log.info("files_reconciled", **asdict(found))
    workers = {name: Worker(name, duty, festival) for name, duty in DUTIES.items()}

    def after_write() -> None:
        workers["letters"].wake()
        workers["files"].wake()

    app = create_app(festival, after_write)
    # Made before anybody waits for it.
    app.openapi()
    server = uvicorn.Server(
        uvicorn.Config(
            app,
            http=patient(most_connections()),
            ws="none",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=bool(proxy),
            forwarded_allow_ips=proxy or None,
            timeout_graceful_shutdown=_GRACE_S,
        )
    )
    # The server ends in order at the first of these signals, and then passes it on to what was set
    # before.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _leave)
    for worker in workers.values():
        worker.start()
    try:
        _log.info("serving", address=festival.address, editions=sorted(festival.editions))
        server.run(sockets=[listening])
    finally:
        for worker in workers.values():
            worker.stop(_GRACE_S)
        _log.info("ended")


def _leave(number: int, frame: FrameType | None) -> None:
    sys.exit(0)


def keep_editions(festival: Festival) -> None:
    """Keep the text of every edition that is served: prices and decisions name it by its hash.

    What changed since it was last served is told in the log.
    """
    v = t.edition_versions.c
    for id_, loaded in festival.editions.items():
        with festival.database.write() as c:
            known = c.execute(
                select(v.sha256, v.text).where(v.edition == id_).order_by(v.first_served_at)
            ).all()
            if loaded.sha256 not in {row.sha256 for row in known}:
                c.execute(
                    insert(t.edition_versions).values(
                        edition=id_,
                        sha256=loaded.sha256,
                        text=loaded.text_bytes.decode("utf-8"),
                        first_served_at=festival.clock(),
                    )
                )
        if known and known[-1].sha256 != loaded.sha256:
            try:
                before = parse(known[-1].text.encode(), id_).edition
            except EditionError:
                # An older program took it.
                _log.warning("edition_changed", edition=id_)
                continue
            found = differences(before, loaded.edition)
            _log.warning("edition_changed", edition=id_, changed=found.changed, unsafe=found.unsafe)
