"""What is wrong with an edition, where, and what to do."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, TypeAlias

__all__ = ["EditionError", "Path", "Problem", "dotted", "nearest"]

Path: TypeAlias = tuple[str | int, ...]
"""Keys and places in lists, from the top of the edition: ``("awards", 3, "name")``."""

_SHOWN: Final = 50


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong with an edition, or that its reader should know.

    Attributes
    ----------
    code : str
        Stable name.
    path : Path
        Where in the edition.
    what, remedy : str
        What is wrong, and what to do.
    where : str
        Where in the file, as ``edition.yaml:12:5``; empty for an edition that has no file.
    warning : bool
        Whether the edition can be used all the same.
    """

    code: str
    path: Path
    what: str
    remedy: str
    where: str = ""
    warning: bool = False

    def __str__(self) -> str:
        place = ": ".join(part for part in (self.where, dotted(self.path)) if part)
        return f"{place}: {self.what}. {self.remedy}" if place else f"{self.what}. {self.remedy}"


class EditionError(Exception):
    """An edition that is refused.

    Attributes
    ----------
    problems : tuple of Problem
        All that was found, in the order of the file.
    """

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        self.problems = problems
        lines = [str(problem) for problem in problems[:_SHOWN]]
        if len(problems) > _SHOWN:
            lines.append(f"and {len(problems) - _SHOWN} more")
        super().__init__("\n".join(lines))


def dotted(path: Path) -> str:
    """Write a path as ``awards[3].name``."""
    return "".join(f"[{s}]" if isinstance(s, int) else f".{s[:60]}" for s in path).removeprefix(".")


def nearest(name: str, known: Iterable[str]) -> str:
    """Say which known name may be meant, or which there are."""
    names = sorted(known)
    close = difflib.get_close_matches(name[:80], names, 1)
    if close:
        return f'Did you mean "{close[0]}"?'
    return f"Known here: {', '.join(names)}." if names else "There are none."
