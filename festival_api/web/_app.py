"""The application: every endpoint under one roof."""

from __future__ import annotations

from fastapi import FastAPI

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
    _office,
    _payments,
    _roles,
    _stages,
)
from festival_api.web._festival import Festival
from festival_api.web._problems import tell_refusals

_API = (
    _editions,
    _accounts,
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


def create_app(festival: Festival) -> FastAPI:
    """Make the application of a running service.

    Parameters
    ----------
    festival : Festival
        The service's parts; the caller closes them.
    """
    app = FastAPI(
        title="Festival service",
        summary="Entries, jury and awards of an AI-native film festival.",
        version="1",
        openapi_url="/api/openapi.json",
        docs_url=None,
        redoc_url=None,
    )
    app.state.festival = festival
    tell_refusals(app)
    app.include_router(_health.router)
    for module in _API:
        app.include_router(module.router, prefix="/api")
    return app
