"""A small film to start from, laid out in a folder."""

from __future__ import annotations

import importlib.resources
from importlib.resources.abc import Traversable
from pathlib import Path

from engine.authoring._writing import AuthoringError

__all__ = ["new_film"]


def new_film(folder: Path) -> Path:
    """Lay a small film out in a folder, and give its film file.

    Parameters
    ----------
    folder : Path
        Made if it is not there.

    Raises
    ------
    AuthoringError
        The folder is not empty, or cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise AuthoringError(f"{folder}: is not empty; name a new folder")
        _copy(importlib.resources.files("engine.authoring").joinpath("sample"), folder)
    except OSError as error:
        raise AuthoringError(f"{folder}: cannot be written ({error.strerror})") from error
    return folder / "film.yaml"


def _copy(source: Traversable, folder: Path) -> None:
    for item in source.iterdir():
        if item.is_dir():
            (folder / item.name).mkdir()
            _copy(item, folder / item.name)
        else:
            (folder / item.name).write_bytes(item.read_bytes())
