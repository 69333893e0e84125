"""Reads packages, and trusts nothing in them."""

from __future__ import annotations

import hashlib
import os
import shutil
import stat
import tempfile
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final

import msgspec

from engine.packages._manifest import (
    CHUNK,
    FILM,
    MANIFEST,
    SUFFIX,
    Entry,
    Manifest,
    PackageError,
    refuse,
    wrong_names,
)

__all__ = ["film_at", "open_package", "unpack"]

_MOST_ENTRIES: Final = 100_000
_LARGEST_MANIFEST: Final = 64 << 20


def film_at(path: Path, cache: Path) -> Path:
    """Give the film file that a path means: itself, or the one in the package there."""
    return open_package(path, cache) if path.suffix == SUFFIX else path


def open_package(path: Path, cache: Path) -> Path:
    """Unpack a package into the cache, once, and give its film file.

    Parameters
    ----------
    path : Path
        The package.
    cache : Path
        Folder for what can be made again.

    Raises
    ------
    FileNotFoundError
        There is no such file.
    PackageError
        It is damaged, or holds what a package must not hold.
    """
    with _opened(path) as archive:
        manifest = _manifest(path, archive)
        folder = cache / "films" / manifest.sha256
        if not _is_whole(folder, manifest):
            shutil.rmtree(folder, ignore_errors=True)
            _unpack(path, archive, manifest, folder, lambda done: None)
    return folder / FILM


def unpack(path: Path, folder: Path, progress: Callable[[int], object]) -> Manifest:
    """Unpack a package into a new folder, and check every file's hash.

    Parameters
    ----------
    path : Path
        The package.
    folder : Path
        Must not be there yet, or be empty.
    progress : callable
        Called with the bytes done of each piece.

    Raises
    ------
    FileNotFoundError
        There is no such file.
    PackageError
        It is damaged, holds what a package must not hold, or the folder is not empty.
    """
    with _opened(path) as archive:
        manifest = _manifest(path, archive)
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise PackageError(f"{folder}: is not empty; name a new folder")
        _unpack(path, archive, manifest, folder, progress)
    return manifest


def _opened(path: Path) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(path)
    except (IsADirectoryError, FileNotFoundError):
        raise FileNotFoundError(path) from None
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise PackageError(f"{path}: is no film package ({error})") from error


def _manifest(path: Path, archive: zipfile.ZipFile) -> Manifest:
    """Read the manifest, and hold everything in the archive against it."""
    infos = archive.infolist()
    if len(infos) > _MOST_ENTRIES:
        raise PackageError(f"{path}: holds more than {_MOST_ENTRIES} files")
    refuse(path, _wrong_entries(infos))
    refuse(path, wrong_names(info.orig_filename for info in infos))
    by_name = {info.filename: info for info in infos}
    if MANIFEST not in by_name or by_name[MANIFEST].file_size > _LARGEST_MANIFEST:
        raise PackageError(f"{path}: has no manifest.json; hall film pack makes a package")
    if sum(info.file_size for info in infos) > path.stat().st_size:
        raise PackageError(f"{path}: its entries lie over one another")
    try:
        manifest = msgspec.json.decode(archive.read(MANIFEST), type=Manifest)
    except (msgspec.MsgspecError, UnicodeDecodeError, *_DAMAGES) as error:
        raise PackageError(f"{path}: 'manifest.json' cannot be read ({error})") from error
    if manifest.format != 1:
        raise PackageError(
            f"{path}: is of format {manifest.format}; a newer Neural Hall reads that"
        )
    refuse(path, _differences(manifest, by_name))
    return manifest


_DAMAGES: Final = (zipfile.BadZipFile, OSError, EOFError, ValueError, NotImplementedError)
"""What zipfile raises when an archive is not what it says."""


def _wrong_entries(infos: Iterable[zipfile.ZipInfo]) -> Iterator[str]:
    for info in infos:
        mode = info.external_attr >> 16
        if info.flag_bits & 0x1:
            yield f"{info.orig_filename!r}: is encrypted"
        elif stat.S_ISLNK(mode):
            yield f"{info.orig_filename!r}: is a link to another file"
        elif info.is_dir() or stat.S_IFMT(mode) not in (0, stat.S_IFREG):
            yield f"{info.orig_filename!r}: is no file"
        elif info.compress_type != zipfile.ZIP_STORED or info.compress_size != info.file_size:
            yield f"{info.orig_filename!r}: is compressed; nothing in a package is"


def _differences(manifest: Manifest, infos: Mapping[str, zipfile.ZipInfo]) -> Iterator[str]:
    named = [entry.path for entry in manifest.files]
    if len(set(named)) < len(named):
        yield "'manifest.json': names a file twice"
    if FILM not in named:
        yield f"{FILM!r}: is not in it"
    for name in sorted(infos.keys() - {*named, MANIFEST}):
        yield f"{name!r}: is not in the manifest"
    for entry in manifest.files:
        if entry.path not in infos or entry.path == MANIFEST:
            yield f"{entry.path!r}: is in the manifest only; copy the package again"
        elif infos[entry.path].file_size != entry.size:
            yield f"{entry.path!r}: has another size than in the manifest; copy the package again"


def _is_whole(folder: Path, manifest: Manifest) -> bool:
    """Tell whether all of a package lies unpacked here; hashes were compared when it came."""
    try:
        return all((folder / e.path).stat().st_size == e.size for e in manifest.files)
    except OSError:
        return False


def _unpack(
    path: Path,
    archive: zipfile.ZipFile,
    manifest: Manifest,
    folder: Path,
    progress: Callable[[int], object],
) -> None:
    """Unpack beside the folder, and give it its name when everything is there."""
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".unpacking-") as made:
            target = Path(made) / "film"
            for entry in manifest.files:
                _extract(path, archive, entry, target / entry.path, progress)
            if not _is_whole(folder, manifest):  # another may have been quicker
                os.replace(target, folder)
    except OSError as error:
        raise PackageError(f"{folder}: cannot be written ({error.strerror})") from error


def _extract(
    path: Path,
    archive: zipfile.ZipFile,
    entry: Entry,
    target: Path,
    progress: Callable[[int], object],
) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    digest = hashlib.sha256()
    try:
        with archive.open(entry.path) as stream, target.open("xb") as copy:
            while piece := stream.read(CHUNK):
                digest.update(piece)
                copy.write(piece)
                progress(len(piece))
    except _DAMAGES as error:
        raise PackageError(f"{path}: {entry.path!r}: cannot be unpacked ({error})") from error
    if digest.hexdigest() != entry.sha256:
        raise PackageError(f"{path}: {entry.path!r}: is damaged; copy the package again")
