"""A scene as it is written, before its threads and rounds are written out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from narrative._film import Branch, Scene

__all__ = ["OTHER", "Clip", "Cuts", "Written"]

OTHER: Final = "other"
"""The next thread in order, in a cut's `to`."""


@dataclass(frozen=True, slots=True)
class Clip:
    """A file, or a stretch of one in frames, and where it is written."""

    file: str
    in_frame: int = 0
    out_frame: int | None = None
    where: str = ""


@dataclass(frozen=True, slots=True)
class Cuts:
    """When a scene cuts between its threads; the branches lead to threads."""

    every_s: float | None
    first: str | None
    confidence: float | None
    branches: tuple[Branch, ...]


@dataclass(frozen=True, slots=True)
class Written:
    """A scene before threads and bumpers are written out.

    Parameters
    ----------
    scene : Scene
        Its branches, default and linear name scenes as they are written; without a clip where it
        has threads.
    threads : Mapping of str to Clip
        In order; empty for most.
    cuts : Cuts or None
        When it cuts between them.
    bumper : int
        How often it is shown in all.
    """

    scene: Scene
    threads: Mapping[str, Clip]
    cuts: Cuts | None
    bumper: int
