"""What an engine leaves for another to take its place.

Written once a second, and before anything is said to the outside that must not be forgotten: a
decision, a seat's consent.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import msgspec

from engine.records import Consent, Standing
from playback import Plan


class Mark(msgspec.Struct, frozen=True, array_like=True):
    """How far an outlet has been read: its life, the number of the next message, and its time.

    The time, in ns, is that of the last block of samples; 0 before there was any.
    """

    epoch: str
    seq: int
    read_ns: int = 0


class Begun(msgspec.Struct, frozen=True):
    """The part of a checkpoint that a show has once it has begun.

    Attributes
    ----------
    origin_ns : int or None
        Hall time of the show's origin, in ns; None if hall time has begun anew since.
    standing : Standing
        Where the engine stood.
    plan : playback.Plan or None
        What it told the player last.
    workers, player : Mark
        How far it had taken in what they sent.
    """

    origin_ns: int | None
    standing: Standing
    plan: Plan | None
    workers: tuple[Mark, ...]
    player: Mark


class Checkpoint(msgspec.Struct, frozen=True):
    """Where an engine stands, with all that the record does not tell quickly enough.

    Attributes
    ----------
    film_sha256 : str
        Of the film it directs.
    consents : mapping of str to Consent
        Each seat's consent now.
    begun : Begun or None
        None before the film's start.
    """

    film_sha256: str
    consents: Mapping[str, Consent]
    begun: Begun | None = None

    def without_times(self) -> Checkpoint:
        """Give what of it holds on another day: hall time and workers have begun anew."""
        if self.begun is None:
            return self
        before = self.begun.standing
        course = msgspec.structs.replace(before.course, zero_ns=None)
        begun = Begun(
            origin_ns=None,
            standing=Standing(0, before.memory, course, before.seed),
            plan=self.begun.plan,
            workers=(Mark("", 0),) * len(self.begun.workers),
            player=Mark("", 0),
        )
        return msgspec.structs.replace(self, begun=begun)


def save(path: Path, checkpoint: Checkpoint) -> None:
    """Replace the checkpoint at `path`; a reader finds the old one or the new one."""
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    part.write_bytes(msgspec.msgpack.encode(checkpoint))
    part.replace(path)


def load(path: Path, film_sha256: str) -> Checkpoint | None:
    """Read the checkpoint at `path`; None where there is none of this film."""
    try:
        found = msgspec.msgpack.decode(path.read_bytes(), type=Checkpoint)
    except (FileNotFoundError, msgspec.MsgspecError):
        return None
    return found if found.film_sha256 == film_sha256 else None
