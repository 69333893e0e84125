"""Files that appear only when they are whole."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def whole(target: Path) -> Iterator[Path]:
    """Give a path to write to; what is there afterwards takes the target's place.

    Where writing fails nothing is left, and an earlier target stays.

    Parameters
    ----------
    target : Path
        Its folder is there.
    """
    part = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        yield part
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)
