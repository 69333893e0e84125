"""What is wrong with a film, where, and what to do about it."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, TypeAlias

__all__ = [
    "FilmError",
    "MachineError",
    "Problem",
    "Severity",
    "did_you_mean",
    "in_file_order",
    "place_of",
]

Severity: TypeAlias = Literal["error", "warning", "note"]


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong with a film.

    Parameters
    ----------
    where : str
        Place in the film file, `film.yaml:12:5` (line and column counted from 1).
    what : str
        What is wrong, without a full stop.
    remedy : str
        What the filmmaker can do, as whole sentences.
    severity : {"error", "warning", "note"}
        An error keeps the film from being shown, a warning should be looked at, and a note is
        worth knowing.
    """

    where: str
    what: str
    remedy: str
    severity: Severity = "error"

    def __str__(self) -> str:
        return f"{self.where}: {self.what}. {self.remedy}"


class FilmError(Exception):
    """A film that cannot be shown; `str()` lists its problems, one a line.

    Parameters
    ----------
    problems : iterable of Problem
        Everything that was found; kept in file order.
    """

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems: tuple[Problem, ...] = in_file_order(problems)
        super().__init__("\n".join(map(str, self.problems)))


class MachineError(Exception):
    """A call the narrative machine cannot follow; its state is as before the call."""


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return a remedy: the nearest known word, or all of them.

    Parameters
    ----------
    word : str
        What was written.
    known : iterable of str
        What could have been written.

    Returns
    -------
    str
        One sentence.
    """
    words = list(known)
    near = difflib.get_close_matches(word, words, n=1, cutoff=0.6)
    if near:
        return f'Did you mean "{near[0]}"?'
    return f"Known here: {', '.join(words)}." if words else "There is none to choose from."


def in_file_order(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Return the problems by line and column, those of one place as they came."""
    return tuple(sorted(problems, key=lambda problem: place_of(problem.where)))


def place_of(where: str) -> tuple[int, int]:
    """Return the line and the column of `film.yaml:12:5`."""
    _, line, column = where.rsplit(":", 2)
    return int(line), int(column)
