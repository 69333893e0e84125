"""What a package says of itself, and which names it may hold."""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

import msgspec

__all__ = [
    "CHUNK",
    "FILM",
    "MANIFEST",
    "SUFFIX",
    "Entry",
    "Manifest",
    "PackageError",
    "refuse",
    "wrong_name",
    "wrong_names",
]

SUFFIX: Final = ".hallfilm"
FILM: Final = "film.yaml"
"""Name of the film file in a package."""

MANIFEST: Final = "manifest.json"
CHUNK: Final = 1 << 20
"""Bytes that are read at a time."""


class PackageError(Exception):
    """A package cannot be made or trusted; the message names it, the entry and the remedy."""


class Entry(msgspec.Struct, frozen=True):
    """One file of a package.

    Attributes
    ----------
    path : str
        Its name in the package, with `/` between folders.
    size : int
        In bytes.
    sha256 : str
        Of its content, in hexadecimal digits.
    """

    path: str
    size: int
    sha256: str


class Manifest(msgspec.Struct, frozen=True):
    """What is in a package, in the order in which it lies there."""

    files: tuple[Entry, ...]
    format: int = 1

    @property
    def sha256(self) -> str:
        """Hash over all of it: packages with the same one hold the same."""
        return hashlib.sha256(msgspec.json.encode(self)).hexdigest()


def wrong_name(name: str) -> str | None:
    """Tell what is wrong with a name in a package; None if it stays in its folder everywhere."""
    parts = name.split("/")
    if not name:
        return "it has no name"
    if name.startswith("/") or "\\" in name or ":" in name:
        return "its name is not relative, with / between folders"
    if any(part in ("", ".", "..") for part in parts):
        return 'its name has ".", ".." or an empty part'
    if any(unicodedata.category(char) in ("Cc", "Cs") for char in name):
        return "its name has control characters"
    if any(len(part.encode()) > 255 for part in parts) or len(name.encode()) > 1000:
        return "its name is too long"
    return None


def wrong_names(names: Iterable[str]) -> Iterator[str]:
    """Tell what is wrong with names by themselves, and with each beside the others."""
    met: dict[str, str] = {}
    folders: dict[str, str] = {}
    for name in names:
        why = wrong_name(name)
        same = unicodedata.normalize("NFC", name).casefold()
        if why is not None:
            yield f"{name!r}: {why}"
            continue
        if same in met:
            twice = met[same] == name
            yield f"{name!r}: " + ("is there twice" if twice else f"falls onto {met[same]!r}")
        met.setdefault(same, name)
        parts = same.split("/")
        folders |= {"/".join(parts[:end]): name for end in range(1, len(parts))}
    yield from (
        f"{name!r}: is a file, and a folder of {folders[same]!r}"
        for same, name in met.items()
        if same in folders
    )


def refuse(path: Path, wrong: Iterable[str]) -> None:
    for what in wrong:
        raise PackageError(f"{path}: {what}")
