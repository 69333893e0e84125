"""The service's log: one JSON line per event on standard error."""

from __future__ import annotations

import logging
import sys

import structlog


class _Forward(logging.Handler):
    """Writes what libraries log in the form of our own lines."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write one record down."""
        if record.name == "uvicorn.error" and record.msg.startswith("Exception in ASGI"):
            # A fault of an endpoint, logged already with its request's number.
            return
        structlog.get_logger(record.name).log(
            record.levelno, record.getMessage(), exc_info=record.exc_info
        )


def configure() -> None:
    """Send every event of this process to standard error."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    logging.basicConfig(level=logging.WARNING, handlers=[_Forward()], force=True)
