"""Bugs to plant: a simulation that finds none of them proves nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, TypeAlias
from unittest.mock import patch

from engine.records import Frame
from engine.runtime import Inputs, Outputs
from engine.session import SessionWriter
from playback import Ack, Plan, Player

Method: TypeAlias = Callable[..., Any]


@contextmanager
def planted(bug: str) -> Iterator[None]:
    """Run with one of `PLANTS` in the hall's code; an empty name plants nothing."""
    if not bug:
        yield
        return
    owner, name, spoil = PLANTS[bug]
    with patch.object(owner, name, spoil(getattr(owner, name))):
        yield


def _no_defaults(options: Method) -> Method:
    """The player does not know what follows where nobody decides."""

    def spoiled(self: Player) -> Iterator[tuple[str, str, str]]:
        _, by = self._desk.following()
        return iter(()) if by == "default" else options(self)

    return spoiled


def _no_flush(write: Method) -> Method:
    """A decision is told before it is on its way to the disk."""

    def spoiled(self: SessionWriter, inputs: Inputs, outputs: Outputs) -> None:
        if self.due(inputs.now_ns):
            write(self, inputs, outputs)
            return
        with patch.object(self, "flush", lambda now_ns: None):
            write(self, inputs, outputs)

    return spoiled


def _no_terms(plan: Method) -> Method:
    """The player listens to whichever engine spoke last."""

    def spoiled(self: Player, plan_: Plan) -> Ack:
        self._desk.term = min(self._desk.term, plan_.term)
        ack: Ack = plan(self, plan_)
        return ack

    return spoiled


def _no_consent(allowed: Method) -> Method:
    """Whoever is there is recorded."""

    def spoiled(self: SessionWriter, frame: Frame) -> Frame:
        return frame

    return spoiled


PLANTS: Mapping[str, tuple[type, str, Callable[[Method], Method]]] = {
    "no-default-table": (Player, "_options", _no_defaults),
    "no-flush-before-decision": (SessionWriter, "write", _no_flush),
    "no-term-check": (Player, "plan", _no_terms),
    "no-consent-filter": (SessionWriter, "_allowed", _no_consent),
}
"""Name -> the class, its method, and how that is spoiled."""
