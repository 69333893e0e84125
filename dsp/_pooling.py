"""From seats to the audience: trimmed mean, standard error, t and confidence."""

from math import erf, sqrt

import numba
import numpy as np
import numpy.typing as npt
from scipy.special import stdtr

Floats = npt.NDArray[np.float64]


@numba.njit(cache=True, nogil=True, error_model="numpy")
def trimmed_mean(values: Floats, trim: float) -> tuple[int, float, float]:
    """Trimmed mean of the finite values, with the standard error of all of them.

    The values are sorted first, so that the order of seats leaves no trace, not even in the last
    bit.

    Parameters
    ----------
    values : ndarray, shape (seats,)
        NaN marks a seat that has none.
    trim
        Share left out at each end; ``trim * count`` is rounded down.

    Returns
    -------
    count : int
        Values there are.
    mean, standard_error : float
        NaN with fewer than two.
    """
    finite = np.sort(values[~np.isnan(values)])
    count = finite.shape[0]
    if count < 2:
        return count, np.nan, np.nan
    cut = int(trim * count)
    mean, whole, squares = 0.0, 0.0, 0.0
    for k in range(cut, count - cut):
        mean += finite[k] / (count - 2 * cut)
    for k in range(count):
        whole += finite[k] / count
    for k in range(count):
        squares += (finite[k] - whole) ** 2
    return count, mean, np.sqrt(squares / (count - 1) / count)


def student_confidence(t: float, seats: int) -> float:
    """1 - p of a one-sample t over seats, two-sided, with seats - 1 degrees of freedom."""
    return float(1.0 - 2.0 * stdtr(seats - 1, -abs(t)))


def normal_confidence(z: float) -> float:
    """1 - p of a standard normal z, two-sided."""
    return erf(abs(z) / sqrt(2.0))
