"""Work that has one core and no more."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TypeVar

import msgspec

from benchmarks._measure import UnavailableError

ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS"), "1")
_LONGEST_S = 1800.0

T = TypeVar("T")


@contextmanager
def one_core() -> Iterator[None]:
    """Keep this process, and those it starts, on one core for a while."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {max(before)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def elsewhere(kind: type[T], module: str, *words: str) -> T:
    """Run a module of this package in a process of its own, and read what it prints.

    Raises
    ------
    UnavailableError
        It did not come to its end.
    """
    told = subprocess.run(
        [sys.executable, "-m", f"benchmarks.{module}", *words],
        stdout=subprocess.PIPE,
        check=False,
        timeout=_LONGEST_S,
        env=os.environ | ONE_THREAD,
    )
    if told.returncode:
        raise UnavailableError(
            f"{module} {' '.join(words)} ended with {told.returncode}: "
            "what it said is above; without a word, memory was short"
        )
    return msgspec.json.decode(told.stdout, type=kind)
