"""What one core can do at best: ``python -m benchmarks._ceilings`` prints it as JSON."""

from __future__ import annotations

import sys
from typing import Any

import msgspec
import numba
import numpy as np

from benchmarks._measure import stopwatch
from benchmarks._one_core import elsewhere, one_core

_CHAIN = 16
_ROW = 2048
_TURNS = 20_000
_TRIAD = 8_000_000
_REPEATS = 7


class Ceilings(msgspec.Struct, frozen=True):
    """The most one core does: operations (two for a multiply-add) and bytes, in 1e9 a second."""

    gflops_single: float
    gflops_double: float
    gb: float


def ceilings() -> Ceilings:
    """Measure what one core can do at best, in a process that has no other."""
    return elsewhere(Ceilings, "_ceilings")


def _ceilings() -> Ceilings:
    return Ceilings(_gflops(np.float32), _gflops(np.float64), _gb())


def _gflops(kind: type[np.floating[Any]]) -> float:
    """Time chains of multiply-adds on a row that stays in the nearest cache; the best turn counts.

    Rows are long enough for many chains at once, chains long enough for loads not to matter.
    """
    row = np.linspace(0.0, 1.0, _ROW, dtype=kind)

    def work() -> None:
        _chains(row, kind(0.999), kind(0.001), _TURNS)

    work()
    return 2 * _CHAIN * _ROW * _TURNS / min(stopwatch(work, _REPEATS)) / 1e9


def _gb() -> float:
    """Time a triad over three arrays far greater than any cache; the best turn counts."""
    a, b, c = (np.ones(_TRIAD) for _ in range(3))

    def work() -> None:
        _triad(a, b, c, 3.0)

    work()
    # Two arrays read, one written; what is fetched only to be overwritten is not counted.
    return 3 * a.nbytes / min(stopwatch(work, _REPEATS)) / 1e9


def _chains_loop(row: Any, factor: Any, term: Any, turns: int) -> None:
    for _ in range(turns):
        for i in range(row.shape[0]):
            value = row[i]
            for _ in range(_CHAIN):
                value = value * factor + term
            row[i] = value


def _triad_loop(a: Any, b: Any, c: Any, factor: float) -> None:
    for i in range(a.shape[0]):
        a[i] = b[i] + factor * c[i]


_chains = numba.njit(fastmath={"contract"})(_chains_loop)
_triad = numba.njit(fastmath={"contract"})(_triad_loop)


def main() -> None:
    """Measure on one core."""
    with one_core():
        found = _ceilings()
    sys.stdout.buffer.write(msgspec.json.encode(found))


if __name__ == "__main__":
    main()
