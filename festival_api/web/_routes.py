"""Which addresses there are, as the application was built."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from starlette.types import Scope


@dataclass(frozen=True, slots=True)
class Routes:
    """Every address with its methods.

    Attributes
    ----------
    templates : mapping of endpoint to str
        Each endpoint's address with its ``{placeholders}``.
    methods : tuple of (pattern, frozenset of str)
        Which methods an address takes.
    """

    templates: Mapping[Callable[..., Any], str]
    methods: tuple[tuple[re.Pattern[str], frozenset[str]], ...]

    @classmethod
    def of(cls, app: FastAPI) -> Routes:
        """Look through an application that has all its routers."""
        templates, methods = {}, []
        for route in iter_route_contexts(app.routes):
            if route.endpoint is None or route.path_format is None:
                continue
            templates[route.endpoint] = route.path_format
            methods.append((route.path_regex, frozenset(route.methods or ())))
        return cls(templates, tuple(methods))

    def template(self, scope: Scope) -> str:
        """Return the template of the address that a request was led to, or an empty text."""
        endpoint = scope.get("endpoint")
        return "" if endpoint is None else self.templates.get(endpoint, "")

    def allowed(self, path: str) -> frozenset[str]:
        """Return every method that `path` takes; one that can be read can be asked for its head."""
        found = frozenset[str]().union(
            *(methods for pattern, methods in self.methods if pattern.match(path))
        )
        return found | {"HEAD"} if "GET" in found else found

    def answers_head(self, path: str) -> bool:
        """Tell whether `path` has an endpoint of its own for HEAD."""
        return any("HEAD" in methods and p.match(path) for p, methods in self.methods)
