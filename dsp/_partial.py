"""What a part of the audience adds to the whole: integers, so that sums are exact.

Any partition of the seats gives the same audience, bit for bit: a node, a second hall or a worker
on another machine sends its `Partial`, and the hall adds them up.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numba
import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

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
    mean, variance = _moments(weights, total, limit, trim)
    effective = total * total / squares
    return Spread(mean, float(np.sqrt(variance / (effective - 1))), effective)


@numba.njit(cache=True, nogil=True, error_model="numpy")
def _moments(weights: Ints, total: int, limit: float, trim: float) -> tuple[float, float]:
    """Trimmed mean, and variance of all, of z spread over bins."""
    below = whole = kept = mean = 0.0
    for b in range(weights.shape[0]):
        if weights[b] == 0:
            continue
        z = b / Z_STEPS - limit
        share = weights[b] / total
        above = below + share
        inner = max(min(above, 1.0 - trim) - max(below, trim), 0.0)
        mean += inner * z
        kept += inner
        whole += share * z
        below = above
    variance = 0.0
    for b in range(weights.shape[0]):
        variance += weights[b] / total * (b / Z_STEPS - limit - whole) ** 2
    return mean / kept, variance


@numba.njit(cache=True, nogil=True, error_model="numpy")
def distribute(
    z: Floats, part: Ints, zones: Ints, limit: float, weights: Ints, squares: Ints, seats: Ints
) -> None:
    """Put every seat's weight where its z is.

    Parameters
    ----------
    z : ndarray, shape (signals, seats)
        Within plus and minus `limit` wherever there is weight.
    part : ndarray of int64, shape (signals, seats)
        Weights in parts of `WEIGHT`; 0 leaves a seat out.
    zones : ndarray, shape (seats,)
        Each seat's zone.
    limit
        z of the last bin.
    weights, squares, seats
        As in `Partial`; added to.
    """
    for signal in range(z.shape[0]):
        for seat in range(z.shape[1]):
            weight, zone = part[signal, seat], zones[seat]
            if weight > 0:
                where = np.int64(np.rint((z[signal, seat] + limit) * Z_STEPS))
                weights[signal, zone, where] += weight
                squares[signal, zone] += weight * weight
                seats[signal, zone] += 1


@numba.njit(cache=True, nogil=True, error_model="numpy")
def count_by_zone(mask: Bools, zones: Ints, out: Ints) -> None:
    """Count seats.

    Parameters
    ----------
    mask : ndarray of bool, shape (signals, seats)
        Whom to count.
    zones : ndarray, shape (seats,)
        Each seat's zone.
    out : ndarray, shape (signals, zones)
        Added to.
    """
    for signal in range(mask.shape[0]):
        for seat in range(mask.shape[1]):
            if mask[signal, seat]:
                out[signal, zones[seat]] += 1
