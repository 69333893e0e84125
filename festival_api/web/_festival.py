"""What one running service is made of."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from festival_api.accounts import Passwords
from festival_api.editions import Edition, LoadedEdition
from festival_api.ports import Mailer, Payments, Probe
from festival_api.refusals import Kind
from festival_api.store import Database

UNKNOWN_EDITION = Kind("unknown_edition", 404, "There is no edition {edition} here.")


@dataclass(frozen=True, slots=True)
class Festival:
    """The parts of one running service; whoever makes it owns and closes them.

    Attributes
    ----------
    editions : mapping of str to LoadedEdition
        By the edition's id.
    database : Database
    clock : callable
        Gives now, aware, in UTC.
    mailer, payments, probe : Mailer, Payments, Probe
        The ports to the outside.
    files : Path
        Folder of the uploaded files.
    passwords : Passwords
        How passwords are hashed.
    address : str
        Under which the service is reached from outside, for links in letters; no slash at the end.
    metrics_token : str
        Opens the service's numbers to a monitor on another machine; empty for nobody.
    """

    editions: Mapping[str, LoadedEdition]
    database: Database
    clock: Callable[[], datetime]
    mailer: Mailer
    payments: Payments
    probe: Probe
    files: Path
    passwords: Passwords
    address: str
    metrics_token: str = ""

    def edition(self, id_: str) -> Edition:
        """Return an edition.

        Raises
        ------
        Refusal
            `unknown_edition`.
        """
        return self.loaded(id_).edition

    def loaded(self, id_: str) -> LoadedEdition:
        """Return an edition with the bytes it came from.

        Raises
        ------
        Refusal
            `unknown_edition`.
        """
        loaded = self.editions.get(id_)
        if loaded is None:
            raise UNKNOWN_EDITION(edition=id_)
        return loaded
