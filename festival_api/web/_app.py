"""The application: every endpoint under one roof."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fastapi import Depends, FastAPI

from festival_api.web import (
    _accounts,
    _committee,
    _editions,
    _entries,
    _exports,
    _files,
    _health,
    _imports,
    _jurors,
    _jury,
    _me,
    _office,
    _pages,
    _payments,
    _rehearsal,
    _roles,
    _stages,
)
from festival_api.web._festival import Festival
from festival_api.web._gate import Gate, HeadAsGet
from festival_api.web._limits import Limits, within_limits
from festival_api.web._metrics import Metrics
from festival_api.web._observing import Observed
from festival_api.web._openapi import DescribedApp
from festival_api.web._problems import tell_refusals
from festival_api.web._routes import Routes

_API = (
    _editions,
    _accounts,
    _me,
    _roles,
    _entries,
    _files,
    _payments,
    _office,
    _imports,
    _jurors,
    _jury,
    _stages,
    _committee,
    _exports,
)

LARGE_BODIES = {
    ("PATCH", "/api/files/{file}"): None,
    ("POST", "/api/editions/{edition}/imports/filmfreeway"): 5 * 2**20,
}
"""Bytes that a body may have, where not as usual, by method and address; None for no bound."""


def create_app(festival: Festival, after_write: Callable[[], None] = lambda: None) -> FastAPI:
    """Make the application of a running service.

    Parameters
    ----------
    festival : Festival
        The service's parts; the caller closes them.
    after_write : callable
        Called after each request that may have changed something, such as queued a letter.
    """
    app = assemble()
    attach(app, festival, after_write)
    return app


def description() -> dict[str, Any]:
    """Return the interface's description for programs (OpenAPI 3.1)."""
    return assemble().openapi()


def assemble() -> DescribedApp:
    """Put all endpoints together, as yet of no service."""
    app = DescribedApp(
        title="Festival service",
        summary="Entries, jury and awards of an AI-native film festival.",
        version="1",
        openapi_url="/api/openapi.json",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    app.include_router(_health.router)
    app.include_router(_pages.router)
    app.include_router(_rehearsal.router)
    for module in _API:
        app.include_router(module.router, prefix="/api", dependencies=[Depends(within_limits)])
    tell_refusals(app)
    app.state.routes = routes = Routes.of(app)
    # The last is the outermost.
    app.add_middleware(Gate, routes=routes, large_bodies=LARGE_BODIES)
    app.add_middleware(Observed, routes=routes)
    app.add_middleware(HeadAsGet, routes=routes)
    return app


def attach(app: FastAPI, festival: Festival, after_write: Callable[[], None]) -> None:
    """Give the endpoints the service that they speak for."""
    app.state.festival = festival
    app.state.after_write = after_write
    app.state.limits = Limits(festival.clock)
    app.state.metrics = Metrics()
