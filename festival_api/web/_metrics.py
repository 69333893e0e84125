"""Numbers for a monitor (Prometheus): what is asked, answered, waiting; nobody is named."""

from __future__ import annotations

from collections.abc import Mapping

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

_METHODS = frozenset({"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"})
# Seconds; an upload takes long, a password a tenth, all else hundredths.
_STEPS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60)


class Metrics:
    """The numbers of one running application."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._requests = Counter(
            "festival_requests",
            "Requests answered.",
            ("method", "route", "status"),
            registry=self._registry,
        )
        self._seconds = Histogram(
            "festival_request_seconds",
            "From a request's arrival to the last byte of its answer.",
            ("method", "route"),
            buckets=_STEPS,
            registry=self._registry,
        )
        self._refusals = Counter(
            "festival_refusals", "Refusals by code.", ("code",), registry=self._registry
        )
        self._letters = Gauge(
            "festival_letters_waiting", "Letters not yet delivered.", registry=self._registry
        )
        self._entries = Gauge(
            "festival_entries", "Entries by state.", ("edition", "state"), registry=self._registry
        )

    def answered(
        self, method: str, route: str, status: int, seconds: float, refusal: str | None
    ) -> None:
        """Count one request.

        Parameters
        ----------
        method, route : str
            The route is the address's template, empty where nothing is.
        status : int
        seconds : float
        refusal : str or None
            Its code.
        """
        method = method if method in _METHODS else "other"
        self._requests.labels(method, route, str(status)).inc()
        self._seconds.labels(method, route).observe(seconds)
        if refusal is not None:
            self._refusals.labels(refusal).inc()

    def expose(self, letters_waiting: int, entries: Mapping[tuple[str, str], int]) -> bytes:
        """Write every number in Prometheus' text format.

        Parameters
        ----------
        letters_waiting : int
        entries : mapping of (str, str) to int
            How many by edition and state.
        """
        self._letters.set(letters_waiting)
        self._entries.clear()
        for (edition, state), count in entries.items():
            self._entries.labels(edition, state).set(count)
        return generate_latest(self._registry)
