"""Band power of every channel and the log indices made of it."""

import numba
import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]


@numba.njit(cache=True, nogil=True, error_model="numpy")
def add_squares(bands: Floats, samples: int, squares: Floats, counts: Floats) -> None:
    """Add a block to the running second's sums of squares.

    Parameters
    ----------
    bands : ndarray, shape (1 + bands, at least samples, channels)
        The filter bank's output in microvolts; row 0, the broad band, is left out. NaN is skipped.
    samples
        Length of the block.
    squares : ndarray, shape (bands, channels)
        Changed in place, microvolts squared.
    counts : ndarray, shape (channels,)
        Valid samples; changed in place.
    """
    channels = counts.shape[0]
    for t in range(samples):
        for k in range(channels):
            counts[k] += 1.0 if bands[1, t, k] == bands[1, t, k] else 0.0
        for b in range(squares.shape[0]):
            for k in range(channels):
                value = bands[1 + b, t, k]
                squares[b, k] += value * value if value == value else 0.0


@numba.njit(cache=True, nogil=True, error_model="numpy")
def log_indices(
    squares: Floats, counts: Floats, least: float, sites: Bools, up: Bools, down: Bools, out: Floats
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
    least
        Samples a channel needs in the window.
    sites : ndarray of bool, shape (indices, channels)
        Channels of each index.
    up, down : ndarray of bool, shape (indices, bands)
        Bands of its numerator and denominator.
    out : ndarray, shape (indices, seats)
        Written: natural log, NaN where not valid.
    """
    seconds, bands, _ = squares.shape
    n_channels = sites.shape[1]
    power = np.empty(bands)
    for index in range(out.shape[0]):
        for seat in range(out.shape[1]):
            power[:] = 0.0
            valid = False
            for channel in range(n_channels):
                if not sites[index, channel]:
                    continue
                k = seat * n_channels + channel
                count = 0.0
                for second in range(seconds):
                    count += counts[second, k]
                valid = count >= least and count > 0.0
                if not valid:
                    break
                for b in range(bands):
                    total = 0.0
                    for second in range(seconds):
                        total += squares[second, b, k]
                    power[b] += total / count
            above = 0.0
            under = 0.0
            for b in range(bands):
                above += power[b] if up[index, b] else 0.0
                under += power[b] if down[index, b] else 0.0
            valid = valid and above > 0.0 and under > 0.0
            out[index, seat] = np.log(above) - np.log(under) if valid else np.nan
