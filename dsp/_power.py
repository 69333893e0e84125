"""The log indices made of every channel's band power."""

import numba
import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Singles = npt.NDArray[np.float32]
Bools = npt.NDArray[np.bool_]


@numba.njit(cache=True, nogil=True, error_model="numpy")
def log_indices(
    squares: Singles,
    counts: Singles,
    expected: float,
    coverage: float,
    sites: Bools,
    up: Bools,
    down: Bools,
    out: Floats,
    covered: Floats,
) -> None:
    """Log band-power indices of every seat: ln(sum of up) - ln(sum of down).

    Power is the mean of squares over the window, then the mean over the index's channels (which
    reproduces the reference figures best). A seat with one needed channel short of samples has
    no valid value: another set of channels would not compare with its baseline.

    Parameters
    ----------
    squares : ndarray, shape (seconds, bands, seats * channels)
        Sums of squares, one row per second of the window.
    counts : ndarray, shape (seconds, seats * channels)
        Valid samples behind them.
    expected
        Samples of a window that is whole.
    coverage
        Share of it that each channel needs.
    sites : ndarray of bool, shape (indices, channels)
        Channels of each index.
    up, down : ndarray of bool, shape (indices, bands)
        Bands of its numerator and denominator; an index without denominator is ln(up).
    out : ndarray, shape (indices, seats)
        Written: natural log, NaN where not valid.
    covered : ndarray, shape (indices, seats)
        Written: share of the window that was there, at the channel that had the least.
    """
    seconds, bands, _ = squares.shape
    n_channels = sites.shape[1]
    power = np.empty(bands)
    for index in range(sites.shape[0]):
        alone = not down[index].any()
        for seat in range(out.shape[1]):
            power[:] = 0.0
            least = np.inf
            for channel in range(n_channels):
                if not sites[index, channel]:
                    continue
                k = seat * n_channels + channel
                count = 0.0
                for second in range(seconds):
                    count += counts[second, k]
                least = min(least, count)
                if count < coverage * expected:
                    break
                for b in range(bands):
                    total = 0.0
                    for second in range(seconds):
                        total += squares[second, b, k]
                    power[b] += total / count
            above = 0.0
            under = 1.0 if alone else 0.0
            for b in range(bands):
                above += power[b] if up[index, b] else 0.0
                under += power[b] if down[index, b] else 0.0
            enough = coverage * expected <= least < np.inf
            valid = enough and above > 0.0 and under > 0.0
            out[index, seat] = np.log(above) - np.log(under) if valid else np.nan
            covered[index, seat] = min(least / expected, 1.0) if valid else 0.0
