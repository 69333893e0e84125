"""What the service does by itself: letters, lapsed prices, stale uploads, hashes of films."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping

import structlog

from festival_api import accounts, entries, letters, payments, uploads
from festival_api.web._festival import Festival

_PERIOD_S = 60

_log = structlog.get_logger("festival")


class Worker:
    """A thread that does one duty again and again, whatever happens.

    Parameters
    ----------
    name : str
        For the log.
    duty : callable
        What is done with the service, once a minute and whenever `wake` is called.
    festival : Festival
    """

    def __init__(self, name: str, duty: Callable[[Festival], None], festival: Festival) -> None:
        self._name, self._duty, self._festival = name, duty, festival
        self._due = threading.Event()
        self._stopping = False
        # A round that is cut off is done again at the next start: nothing waits for it forever.
        self._thread = threading.Thread(target=self._work, name=name, daemon=True)

    def start(self) -> None:
        """Begin, with one round at once."""
        self._due.set()
        self._thread.start()

    def wake(self) -> None:
        """Ask for a round now."""
        self._due.set()

    def stop(self, grace_s: float) -> None:
        """End after the round under way, which may take `grace_s` yet."""
        self._stopping = True
        self._due.set()
        self._thread.join(grace_s)

    def _work(self) -> None:
        while True:
            self._due.wait(_PERIOD_S)
            self._due.clear()
            if self._stopping:
                return
            try:
                self._duty(self._festival)
            except Exception:
                # A duty that fails is tried again in a minute; the others, and the service, go on.
                _log.exception("duty_failed", duty=self._name)


def deliver_letters(festival: Festival) -> None:
    """Send the letters that are due."""
    with festival.database.read() as c:
        waiting = letters.waiting(c)
    if waiting:
        letters.deliver(festival.database, festival.mailer, festival.clock())


def keep_time(festival: Festival) -> None:
    """Let go of what has had its time: prices that were not paid, uploads, sessions, codes."""
    for loaded in festival.editions.values():
        with festival.database.write() as c:
            entries.lapse_due(c, loaded, festival.clock())
    with festival.database.write() as c:
        gone = uploads.expire(c, festival.clock())
        accounts.tidy(c, festival.clock())
    uploads.remove_bytes(festival.files, gone)


def tend_payments(festival: Festival) -> None:
    """Let go of checkouts that nobody finished, and send the refunds that were asked for."""
    payments.tend(festival.database, festival.payments, festival.clock())


def verify_files(festival: Festival) -> None:
    """Hash the files that have come in whole; a film takes minutes."""
    uploads.verify_waiting(festival.database, festival.files, festival.clock())


DUTIES: Mapping[str, Callable[[Festival], None]] = {
    "letters": deliver_letters,
    "time": keep_time,
    "payments": tend_payments,
    "files": verify_files,
}
"""Each in a thread of its own, so that none waits for another."""
