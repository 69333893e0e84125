"""What every source gives, whatever stands behind it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Indices = NDArray[np.int64]
Samples = NDArray[np.float32]


class SourceError(Exception):
    """A source cannot be described, opened or read; the message says which and what to do."""


@dataclass(frozen=True, slots=True)
class Headset:
    """One viewer's headset as a source gives it.

    Attributes
    ----------
    seat : str
        The seat it sits on.
    channels : tuple of str
        10-20 names of today, in the order of the sample columns; "PPG" for a pulse sensor, last.
    rate : float
        Nominal samples per second.
    live : bool
        True: its samples are to be placed in time by their arrival. False: sample i lies
        exactly at i / rate after the start (recordings, simulated audiences).
    """

    seat: str
    channels: tuple[str, ...]
    rate: float
    live: bool


@dataclass(frozen=True, slots=True)
class Batch:
    """Everything that came since the last read, of all seats of one source.

    Attributes
    ----------
    runs : ndarray of int64, shape (r, 3)
        Per run of unbroken samples: ordinal of the seat in the source, absolute index of its
        first sample, number of samples. Ordered by seat, then index; a gap starts a new run.
    samples : ndarray of float32, shape (n, channels)
        The runs' samples in uV, one run after the other; of a pulse sensor in its own units, NaN
        where it has given none.
    """

    runs: Indices
    samples: Samples


class Source(Protocol):
    """One headset, or a group read together that shares channels and rate.

    All calls come from one thread, in the order open, start, read..., close.

    Attributes
    ----------
    headsets : tuple of Headset
        The seats, in the order of their ordinals in `Batch.runs`.
    """

    headsets: tuple[Headset, ...]

    def open(self) -> None:
        """Connect and prepare; may be slow. Raises SourceError."""

    def start(self, zero_ns: int | None = None) -> None:
        """Let samples flow from now; a second call does nothing. Raises SourceError.

        Parameters
        ----------
        zero_ns : int, optional
            Hall time of sample 0, in ns, for sources that have no clock of their own:
            recordings given directly and simulated audiences. Without it, that of the first
            `read` that follows. All others begin when they are told to.
        """

    def read(self, now_ns: int) -> Batch:
        """Take what has come since the last read. Raises SourceError.

        Parameters
        ----------
        now_ns : int
            Hall time in ns, never falling from call to call.
        """

    def hear(self, scene: str) -> None:
        """Learn which scene is on the screen; only the simulated audience listens."""

    @property
    def finished(self) -> bool:
        """Whether a recording has given its last sample; never true of live headsets."""

    def close(self) -> None:
        """Stop and let go of every device; a second call does nothing."""


def gather(parts: Sequence[tuple[Indices, Samples]], channels: int) -> Batch:
    """Make a batch of each seat's samples.

    Parameters
    ----------
    parts : sequence of (int64 (n,), float32 (n, channels))
        Per seat, in the order of the ordinals: absolute indices (rising), samples in uV.
    channels : int
        Number of columns, needed where nothing came.

    Returns
    -------
    Batch
        With a run per unbroken stretch.
    """
    runs = [_runs(seat, index) for seat, (index, _) in enumerate(parts) if index.size]
    if not runs:
        return Batch(np.empty((0, 3), np.int64), np.empty((0, channels), np.float32))
    return Batch(np.concatenate(runs), np.concatenate([samples for _, samples in parts]))


def gather_alike(index: Indices, samples: Samples) -> Batch:
    """Make a batch of seats that all have the same indices.

    Parameters
    ----------
    index : ndarray of int64, shape (n,)
        Absolute indices, rising.
    samples : ndarray of float32, shape (seats, n, channels)
        Samples in uV.

    Returns
    -------
    Batch
        With a run per seat and unbroken stretch.
    """
    seats, _, channels = samples.shape
    if not index.size:
        return gather([], channels)
    one = _runs(0, index)
    runs = np.tile(one, (seats, 1))
    runs[:, 0] = np.repeat(np.arange(seats), len(one))
    return Batch(runs, samples.reshape(-1, channels))


def _runs(seat: int, index: Indices) -> Indices:
    """Split rising indices where they jump."""
    first = np.concatenate(([0], np.flatnonzero(np.diff(index) != 1) + 1))
    count = np.diff(np.append(first, index.size))
    return np.column_stack((np.full(first.size, seat, np.int64), index[first], count))
