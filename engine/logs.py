"""Logs of the hall's processes: one JSON line per event, with wall and monotonic time."""

from __future__ import annotations

import logging
import signal
import sys
import time
from types import FrameType

import structlog


def configure() -> None:
    """Send this process's log to standard error, and let SIGTERM end it in order."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso"),
            _monotonic,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    signal.signal(signal.SIGTERM, _leave)


def silence() -> None:
    """Send this process's log nowhere: thousands of simulated shows share it."""
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL),
        logger_factory=structlog.ReturnLoggerFactory(),
    )


def _monotonic(
    logger: object, method: str, event: structlog.typing.EventDict
) -> structlog.typing.EventDict:
    event["hall_ns"] = time.monotonic_ns()
    return event


def _leave(number: int, frame: FrameType | None) -> None:
    sys.exit(0)
