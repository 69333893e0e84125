"""Blinks: large, short, positive deflections at the forehead."""

import numba
import numpy as np
import numpy.typing as npt

Singles = npt.NDArray[np.float32]
Counts = npt.NDArray[np.int32]

REFRACTORY_S = 0.3
"""A blink lasts 0.1 to 0.4 s, and the lid needs as long again (Schiffman 2001)."""


@numba.njit(cache=True, nogil=True, error_model="numpy")
def count_blinks(
    broad: Singles,
    samples: int,
    sites: npt.NDArray[np.bool_],
    first_seat: int,
    seats: int,
    level: Singles,
    refractory: int,
    wait: Counts,
    blinks: Counts,
    watched: Counts,
) -> None:
    """Count the blinks of a piece of seats.

    A blink begins where the mean over the forehead's electrodes rises above the seat's level; the
    next one counts once it has fallen below half of it and `refractory` samples have passed. The
    eye is a dipole, its front positive, and the lid's slide brings that charge near the forehead:
    deflections downward are no blinks.

    Parameters
    ----------
    broad : ndarray, shape (at least samples, at least seats * channels)
        The piece's broad band in microvolts, NaN where not valid.
    samples
        Length of the block.
    sites : ndarray of bool, shape (channels,)
        Electrodes of the forehead.
    first_seat, seats
        The piece's seats.
    level : ndarray, shape (all seats,)
        Microvolts; NaN counts nothing.
    refractory
        In samples.
    wait : ndarray, shape (all seats,)
        Samples until the next blink may count; changed in place.
    blinks, watched : ndarray, shape (all seats,)
        Blinks, and samples in which one would have been seen; added to.
    """
    channels = sites.shape[0]
    there = np.int64(0)
    for channel in range(channels):
        there += np.int64(sites[channel])
    for t in range(samples):
        for seat in range(seats):
            value = np.float32(0.0)
            for channel in range(channels):
                if sites[channel]:
                    value += broad[t, seat * channels + channel]
            value /= there
            k = first_seat + seat
            high = level[k]
            if value == value and high == high:
                watched[k] += 1
            if wait[k] > 0:
                wait[k] = max(wait[k] - 1, 1 if value > high / 2 else 0)
            elif value > high:
                blinks[k] += 1
                wait[k] = refractory
