"""Editions from files, and as the bytes that are stored."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from pathlib import Path

from festival_api.editions._check import check
from festival_api.editions._model import Edition
from festival_api.editions._problem import EditionError, Problem
from festival_api.editions._reading import fit
from festival_api.editions._yaml import LARGEST, Node, read
from festival_api.texts import canonical as canonical_json

__all__ = ["LoadedEdition", "canonical", "load", "parse"]


@dataclass(frozen=True, slots=True)
class LoadedEdition:
    """An edition and the file it came from.

    Attributes
    ----------
    text_bytes : bytes
        The file.
    sha256 : str
        Of exactly these bytes.
    warnings : tuple of Problem
        What its reader should know.
    """

    edition: Edition
    text_bytes: bytes
    sha256: str
    warnings: tuple[Problem, ...]


def load(path: Path) -> LoadedEdition:
    """Read an edition's file.

    Raises
    ------
    EditionError
        With everything that is wrong with it; see `parse`.
    """
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST + 1)
    except OSError as error:
        what = f"the file cannot be read ({error.strerror or error})"
        problem = Problem("unreadable", (), what, "Check the path.", str(path))
        raise EditionError((problem,)) from None
    return parse(data, path.name)


def parse(data: bytes, name: str) -> LoadedEdition:
    """Read an edition from a file's bytes.

    Parameters
    ----------
    data : bytes
        YAML in UTF-8.
    name : str
        The file's name, for the places of problems.

    Raises
    ------
    EditionError
        With every problem of its kind at once: first what is not written as an edition must be, and
        when all is, what contradicts itself.
    """
    root, problems = read(data, name)
    if root is None:
        raise EditionError(tuple(problems))
    edition, misfits = fit(root)
    # Where the file itself is at fault, what follows from it is not told again.
    faulty = {problem.path for problem in problems}
    problems += [p for p in _placed(misfits, root, name) if p.path not in faulty]
    if problems or edition is None:
        raise EditionError(_in_order(problems))
    found = _placed(check(edition), root, name)
    errors = [problem for problem in found if not problem.warning]
    if errors:
        raise EditionError(_in_order(errors))
    return LoadedEdition(edition, data, hashlib.sha256(data).hexdigest(), _in_order(found))


def canonical(edition: Edition) -> bytes:
    """Return the edition as canonical JSON (RFC 8785), which `parse` reads as well."""
    return canonical_json(edition.model_dump(mode="json", by_alias=True)).encode()


def _placed(problems: list[Problem] | tuple[Problem, ...], root: Node, name: str) -> list[Problem]:
    placed = []
    for problem in problems:
        node = root.at(problem.path)
        placed.append(replace(problem, where=f"{name}:{node.line}:{node.column}"))
    return placed


def _in_order(problems: list[Problem]) -> tuple[Problem, ...]:
    return tuple(sorted(problems, key=lambda p: tuple(map(int, p.where.split(":")[-2:]))))
