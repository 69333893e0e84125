"""Inter-subject correlation, in sums over seats: the kernels.

Everything that is summed over seats is summed in integers, so that neither the order of the seats
nor their distribution over machines leaves a trace, and a seat that leaves is taken out exactly.
"""

from math import sqrt

import numba
import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Singles = npt.NDArray[np.float32]
Shorts = npt.NDArray[np.int16]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

FULL = 32_000
"""What a component at the clipping limit is stored as."""

MISSING = -32_768
"""What a missing sample is stored as."""

LAG_S = 0.5
"""Beyond this the mean autocorrelation of a component is gone."""

_R_UNIT = 2.0**40  # a seat's autocorrelation of 1, as it is summed


@numba.njit(cache=True, nogil=True, error_model="numpy")
def combine(
    scaled: Singles,
    samples: int,
    weights: Singles,
    unit: float,
    first_seat: int,
    seats: int,
    zones: Ints,
    rows: Ints,
    ring: Shorts,
    sums: Ints,
) -> None:
    """Write a piece's weighted sum of channels into the ring, and add it to every sample's sums.

    A missing channel makes the sample missing.

    Parameters
    ----------
    scaled : ndarray, shape (at least samples, at least seats * channels)
        The piece's scaled and clipped channels.
    samples
        Length of the block.
    weights : ndarray, shape (channels,)
        0 leaves a channel out; magnitudes add up to 1.
    unit
        Integers per unit of `scaled`.
    first_seat, seats
        The piece's first column of the ring, and its number of seats.
    zones : ndarray, shape (columns,)
        Each seat's zone.
    rows : ndarray, shape (at least samples,)
        Where each sample lies in the ring.
    ring : ndarray of int16, shape (capacity, columns)
        Changed in place.
    sums : ndarray, shape (capacity, zones, 3)
        Seats there, sum and sum of squares of every sample; added to.
    """
    channels = weights.shape[0]
    for t in range(samples):
        kept, total = ring[rows[t]], sums[rows[t]]
        for seat in range(seats):
            value = np.float32(0.0)
            for channel in range(channels):
                if weights[channel] != 0.0:
                    value += weights[channel] * scaled[t, seat * channels + channel]
            column = first_seat + seat
            if value == value:
                whole = np.int64(np.rint(value * unit))
                zone = zones[column]
                kept[column] = whole
                total[zone, 0] += 1
                total[zone, 1] += whole
                total[zone, 2] += whole * whole
            else:
                kept[column] = MISSING


@numba.njit(cache=True, nogil=True, error_model="numpy")
def clear(rows: Ints, ring: Shorts, sums: Ints) -> None:
    """Make rows of the ring hold nothing; arrays as in `combine`."""
    for row in rows:
        ring[row, :] = MISSING
        sums[row, :, :] = 0


@numba.njit(cache=True, nogil=True, error_model="numpy")
def leave_out(rows: Ints, columns: Ints, zones: Ints, ring: Shorts, window: Ints) -> None:
    """Take some columns out of a window's sums, and leave the ring as it is.

    Parameters
    ----------
    rows, columns : ndarray
        The window's samples, and the seats.
    zones, ring
        As in `combine`.
    window : ndarray, shape (rows, zones, 3)
        Changed in place.
    """
    for t in range(rows.shape[0]):
        for column in columns:
            value = np.int64(ring[rows[t], column])
            if value != MISSING:
                zone = zones[column]
                window[t, zone, 0] -= 1
                window[t, zone, 1] -= value
                window[t, zone, 2] -= value * value


@numba.njit(cache=True, nogil=True, error_model="numpy")
def take_out(rows: Ints, columns: Ints, zones: Ints, ring: Shorts, sums: Ints) -> None:
    """Make samples of some columns missing, as if they had never been there.

    Parameters
    ----------
    rows, columns : ndarray
        Which samples of which seats.
    zones, ring, sums
        As in `combine`; the latter two are changed in place.
    """
    for row in rows:
        for column in columns:
            value = np.int64(ring[row, column])
            if value != MISSING:
                zone = zones[column]
                sums[row, zone, 0] -= 1
                sums[row, zone, 1] -= value
                sums[row, zone, 2] -= value * value
                ring[row, column] = MISSING


@numba.njit(cache=True, nogil=True, error_model="numpy")
def lag_products(
    ring: Shorts, rows: Ints, lead: int, step: int, present: Ints, products: Ints
) -> None:
    """Each seat's products with its own past, over one second of every `step`-th sample.

    Parameters
    ----------
    ring : ndarray of int16, shape (capacity, columns)
        Components; missing ones count as 0.
    rows : ndarray, shape (lead + the second's samples,)
        Where the samples lie in the ring, from `lead` before the second on.
    lead
        Samples of the past; a multiple of `step`.
    step
        Lags advance by it.
    present : ndarray, shape (columns,)
        Written: the second's samples that are there, all of them.
    products : ndarray, shape (lead // step + 1, columns)
        Written: sums of products; row 0 is the energy.
    """
    columns = ring.shape[1]
    thin = (rows.shape[0] - 1) // step + 1
    whole = np.empty((thin, columns), dtype=np.int32)
    for t in range(thin):
        for k in range(columns):
            value = np.int32(ring[rows[t * step], k])
            whole[t, k] = value if value != MISSING else np.int32(0)
    present[:] = 0
    for row in rows[lead:]:
        for k in range(columns):
            present[k] += np.int64(ring[row, k] != MISSING)
    products[:] = 0
    past = lead // step
    for t in range(past, thin):
        for lag in range(past + 1):
            now, then, out = whole[t], whole[t - lag], products[lag]
            for k in range(columns):
                out[k] += np.int64(now[k]) * np.int64(then[k])


@numba.njit(cache=True, nogil=True, error_model="numpy")
def autocorrelation(products: Ints, counted: Bools, out: Ints) -> int:
    """Sum the seats' autocorrelations.

    Parameters
    ----------
    products : ndarray, shape (seconds, 1 + lags, columns)
        From `lag_products`.
    counted : ndarray of bool, shape (columns,)
        Seats that belong to the window.
    out : ndarray, shape (lags,)
        Written: sums over seats, in units of 2**-40.

    Returns
    -------
    int
        Seats with any energy.
    """
    columns = products.shape[2]
    energy, total = np.empty(columns, dtype=np.int64), np.empty(columns, dtype=np.int64)
    alive = 0
    for lag in range(out.shape[0] + 1):
        total[:] = 0
        for second in range(products.shape[0]):
            for k in range(columns):
                total[k] += products[second, lag, k]
        if lag == 0:
            for k in range(columns):
                energy[k] = total[k] if counted[k] else 0
                alive += 1 if energy[k] > 0 else 0
            continue
        whole = np.int64(0)
        for k in range(columns):
            if energy[k] > 0:
                whole += np.int64(np.rint(np.float64(total[k]) / np.float64(energy[k]) * _R_UNIT))
        out[lag - 1] = whole
    return alive


@numba.njit(cache=True, nogil=True, error_model="numpy")
def seat_products(ring: Shorts, rows: Ints, sums: Ints, shared: Ints, own: Ints) -> None:
    """Each seat's part of the correlation, over some samples.

    Parameters
    ----------
    ring : ndarray of int16, shape (capacity, columns)
        Components.
    rows : ndarray
        Where the samples lie in the ring.
    sums : ndarray, shape (capacity, zones, 3)
        As in `combine`.
    shared, own : ndarray, shape (columns,)
        Written: sums of y (S - y) and of y * y.
    """
    shared[:] = 0
    own[:] = 0
    for row in rows:
        total = 0
        for zone in range(sums.shape[1]):
            total += sums[row, zone, 1]
        for k in range(ring.shape[1]):
            value = np.int64(ring[row, k])
            if value != MISSING:
                shared[k] += value * (total - value)
                own[k] += value * value


@numba.njit(cache=True, nogil=True, error_model="numpy")
def likest(ring: Shorts, rows: Ints, seat: int) -> tuple[float, int]:
    """Find the seat that is most like one.

    Parameters
    ----------
    ring : ndarray of int16, shape (capacity, columns)
        Components.
    rows : ndarray
        Where the samples lie in the ring.
    seat
        Its column.

    Returns
    -------
    r : float
        Correlation over the samples that both have; -1 where there is no other.
    other : int
        Column; -1 where there is none.
    """
    columns = ring.shape[1]
    both, mine, theirs = np.zeros((3, columns))
    for row in rows:
        a = np.float64(ring[row, seat])
        if a == MISSING:
            continue
        for k in range(columns):
            b = np.float64(ring[row, k])
            there = b != MISSING
            both[k] += a * b if there else 0.0
            mine[k] += a * a if there else 0.0
            theirs[k] += b * b if there else 0.0
    best, other = -1.0, -1
    for k in range(columns):
        if k != seat and mine[k] > 0.0 and theirs[k] > 0.0:
            r = both[k] / np.sqrt(mine[k] * theirs[k])
            if r > best:
                best, other = r, k
    return best, other


def independent_share(lagged: Ints, alive: int, step: int) -> float:
    """Independent samples per sample: 1 / (1 + 2 * sum of squared mean autocorrelation).

    The mean over seats is squared, not each seat's own autocorrelation, which would be too strict
    (measured: 1.3-3 % of strangers above the 5 % limit instead of 4-6 %). Lags advance in steps,
    which gives the same sum as long as ``rate / step`` is above twice the component's bandwidth.

    Parameters
    ----------
    lagged : ndarray, shape (lags,)
        Sums over seats, from `autocorrelation`.
    alive
        Seats behind them.
    step
        Lag step in samples.

    Returns
    -------
    float
        Between 0 and 1; 1 / `step` at most.
    """
    mean = lagged / _R_UNIT / alive
    return float(1.0 / (step * (1.0 + 2.0 * np.sum(mean**2))))


@numba.njit(cache=True, nogil=True, error_model="numpy")
def correlation(sums: Ints) -> tuple[float, float]:
    """Inter-subject correlation with fixed weights, in O(seats) per sample.

    With S the sum over seats, ISC = (sum of S^2 - B) / ((N - 1) B), B the sum of all squares;
    Dmochowski et al. 2012 (doi:10.3389/fnhum.2012.00112), Ki et al. 2016
    (doi:10.1523/JNEUROSCI.2942-15.2016). Missing samples leave the pairs they belong to, so that
    N is each sample's own number of seats.

    Parameters
    ----------
    sums : ndarray, shape (samples, zones, 3)
        Seats there, sum and sum of squares of every sample, in every zone.

    Returns
    -------
    correlation : float
        NaN where there is nothing to correlate.
    pairs : float
        Pairs of seats, summed over samples.
    """
    shared = own = pairs = 0.0
    for t in range(sums.shape[0]):
        present = total = squares = 0.0
        for zone in range(sums.shape[1]):
            present += np.float64(sums[t, zone, 0])
            total += np.float64(sums[t, zone, 1])
            squares += np.float64(sums[t, zone, 2])
        if present > 1.0:
            shared += total * total - squares
            own += (present - 1.0) * squares
            pairs += present * (present - 1.0) / 2.0
    return (shared / own if own > 0.0 else np.nan), pairs


def null_sd(share: float, pairs: float) -> float:
    """Closed-form standard deviation of the correlation of strangers.

    ``1 / sqrt(neff * L * N (N - 1) / 2)`` with neff the independent samples per second
    (`independent_share` times the rate) and L the window in seconds; checked on unrelated people
    (z sd 0.96-1.06).
    """
    return 1.0 / sqrt(share * pairs)
