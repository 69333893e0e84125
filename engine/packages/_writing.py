"""Writes packages."""

from __future__ import annotations

import hashlib
import stat
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import IO, Final

import msgspec

from engine.packages._manifest import (
    CHUNK,
    FILM,
    MANIFEST,
    Entry,
    Manifest,
    PackageError,
    refuse,
    wrong_names,
)

__all__ = ["write_package"]

_EPOCH: Final = (1980, 1, 1, 0, 0, 0)
"""The earliest time a zip archive can tell: ours tell none."""


def write_package(
    out: Path, files: Mapping[str, Path], progress: Callable[[int], object]
) -> Manifest:
    """Write a package; equal files give equal bytes.

    Parameters
    ----------
    out : Path
        The package; one that is there is replaced when the new one is whole.
    files : Mapping of str to Path
        Name in the package -> file; `FILM` among them.
    progress : callable
        Called with the bytes done of each piece; every file is gone through twice.

    Raises
    ------
    PackageError
        A name is not allowed, a file cannot be read, or changed meanwhile.
    """
    refuse(out, wrong_names(files))
    names = sorted(files, key=lambda name: (name != FILM, name))
    manifest = Manifest(tuple(_entry(name, files[name], progress) for name in names))
    part = out.with_name(f"{out.name}.part")
    try:
        with zipfile.ZipFile(part, "w", zipfile.ZIP_STORED) as archive:
            archive.writestr(_info(MANIFEST, 0), _readable(manifest))
            for entry in manifest.files:
                with archive.open(_info(entry.path, entry.size), "w") as target:
                    _add(entry, files[entry.path], target, progress)
        part.replace(out)
    except OSError as error:
        raise PackageError(f"{out}: cannot be written ({error.strerror})") from error
    finally:
        part.unlink(missing_ok=True)
    return manifest


def _info(name: str, size: int) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, _EPOCH)
    info.create_system = 3
    info.external_attr = (stat.S_IFREG | 0o644) << 16
    info.file_size = size
    return info


def _readable(manifest: Manifest) -> bytes:
    return msgspec.json.format(msgspec.json.encode(manifest), indent=1) + b"\n"


def _entry(name: str, path: Path, progress: Callable[[int], object]) -> Entry:
    digest, size = hashlib.sha256(), 0
    try:
        with path.open("rb") as stream:
            while piece := stream.read(CHUNK):
                digest.update(piece)
                size += len(piece)
                progress(len(piece))
    except OSError as error:
        raise PackageError(f"{path}: cannot be read ({error.strerror})") from error
    return Entry(name, size, digest.hexdigest())


def _add(entry: Entry, path: Path, target: IO[bytes], progress: Callable[[int], object]) -> None:
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while piece := stream.read(CHUNK):
            digest.update(piece)
            target.write(piece)
            progress(len(piece))
    if digest.hexdigest() != entry.sha256:
        raise PackageError(f"{path}: changed while it was packed; pack again")
