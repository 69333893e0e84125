"""What a part of the audience adds to the whole: integers, so that sums are exact.

Any partition of the seats gives the same audience, bit for bit: a node, a second hall or a worker
on another machine sends its `Partial`, and the hall adds them up.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]

Z_STEPS = 256
"""Values of z are told apart by one part in this many."""

WEIGHT = 256
"""A whole seat's weight."""


@dataclass(frozen=True, slots=True, eq=False)
class CorrelationPartial:
    """A window's sums over the seats of one component.

    Parameters
    ----------
    seats : ndarray of int64, shape (zones,)
        Seats that count.
    sums : ndarray of int64, shape (samples, zones, 3)
        Seats there, sum and sum of squares of every sample.
    lagged : ndarray of int64, shape (lags,)
        Autocorrelations, summed over seats, in units of 2**-40.
    alive
        Seats behind them.
    step
        Lag step in samples.
    """

    seats: Ints
    sums: Ints
    lagged: Ints
    alive: int
    step: int

    def __add__(self, other: "CorrelationPartial") -> "CorrelationPartial":
        """Put two parts of the same window together."""
        return CorrelationPartial(
            self.seats + other.seats,
            self.sums + other.sums,
            self.lagged + other.lagged,
            self.alive + other.alive,
            self.step,
        )


@dataclass(frozen=True, slots=True, eq=False)
class Partial:
    """A part of the audience at the end of a second.

    Parameters
    ----------
    weights : ndarray of int64, shape (signals, zones, bins)
        Weight of the seats at every value of z, in parts of `WEIGHT`; bin b is
        ``b / Z_STEPS - limit``.
    squares : ndarray of int64, shape (signals, zones)
        Sums of squared weights.
    seats : ndarray of int64, shape (signals, zones)
        Seats with any weight.
    offered, valid, known : ndarray of int64, shape (signals, zones)
        Seats whose montage gives the signal, that have a value now, and that have a value and a
        baseline.
    correlations : mapping of (float, str) to CorrelationPartial
        By rate in Hz and component.
    """

    weights: Ints
    squares: Ints
    seats: Ints
    offered: Ints
    valid: Ints
    known: Ints
    correlations: Mapping[tuple[float, str], CorrelationPartial]

    def __add__(self, other: "Partial") -> "Partial":
        """Put two parts of the same audience together."""
        mine, theirs = self.correlations, other.correlations
        both = {key: mine[key] + theirs[key] for key in mine.keys() & theirs.keys()}
        return Partial(
            self.weights + other.weights,
            self.squares + other.squares,
            self.seats + other.seats,
            self.offered + other.offered,
            self.valid + other.valid,
            self.known + other.known,
            {**mine, **theirs, **both},
        )


@dataclass(frozen=True, slots=True)
class Spread:
    """A weighted distribution of z over seats, in four numbers.

    Parameters
    ----------
    mean
        Trimmed mean.
    standard_error
        Standard deviation of all, over the root of the effective number.
    effective
        Effective number of seats, (sum of weights)^2 / sum of squared weights; Kish 1965.
    """

    mean: float
    standard_error: float
    effective: float


def spread(weights: Ints, squares: int, limit: float, trim: float) -> Spread | None:
    """Summarise a distribution of z over seats.

    Parameters
    ----------
    weights : ndarray of int64, shape (bins,)
        As `Partial.weights`.
    squares
        Sum of squared weights.
    limit
        z of the last bin.
    trim
        Share of the weight left out at each end.

    Returns
    -------
    Spread or None
        None with fewer than two seats' worth of weight.
    """
    total = int(weights.sum())
    if total * total <= squares:
        return None
    z = np.arange(len(weights)) / Z_STEPS - limit
    share = weights / total
    below = np.cumsum(share) - share
    inner = np.clip(below + share, trim, 1 - trim) - np.clip(below, trim, 1 - trim)
    mean = float(np.sum(inner * z) / np.sum(inner))
    whole = float(np.sum(share * z))
    effective = total * total / squares
    variance = float(np.sum(share * (z - whole) ** 2)) * effective / (effective - 1)
    return Spread(mean, float(np.sqrt(variance / effective)), effective)
