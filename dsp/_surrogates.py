"""How alike the same seats are by chance: their own past, cut apart.

The closed form of `null_sd` rests on an autocorrelation that all seats share. Surrogates rest on
nothing but the recording: each seat's component is cut from its own past of the same show, at a lag
of its own, so that everything about it is kept but what ties it to the others (surrogate data by
shift; Theiler et al. 1992, doi:10.1016/0167-2789(92)90102-S).
"""

from dataclasses import dataclass
from math import ceil

import numba
import numpy as np
import numpy.typing as npt

from dsp._pool import Pool
from dsp._settings import Settings
from dsp._synchrony import MISSING, correlation, independent_share, null_sd

Floats = npt.NDArray[np.float64]
Shorts = npt.NDArray[np.int16]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

SHORTEST_LAG_S = 5.0
"""A seat's past begins here: nothing of what it shares with the window's film is left."""


@dataclass(frozen=True, slots=True)
class Surrogates:
    """The window's correlation beside those of its seats' own pasts.

    Parameters
    ----------
    raw
        The window's inter-subject correlation, over the seats that have a past.
    seats
        How many these are.
    mean, sd
        Of the surrogates' correlations, each scaled to the window's number of pairs.
    closed_form_sd
        `null_sd` of the same window and seats.
    p
        ``(1 + surrogates at least as high as raw) / (1 + draws)``, one-sided; at least
        ``1 / (1 + draws)``. Phipson and Smyth 2010, doi:10.2202/1544-6115.1585.
    draws
        Number of surrogates.
    """

    raw: float
    seats: int
    mean: float
    sd: float
    closed_form_sd: float
    p: float
    draws: int

    @property
    def z(self) -> float:
        """The correlation against the surrogates."""
        return (self.raw - self.mean) / self.sd

    @property
    def closed_form_z(self) -> float:
        """The correlation against the closed form."""
        return self.raw / self.closed_form_sd


@numba.njit(cache=True, nogil=True, error_model="numpy")
def cut_correlations(
    past: Shorts, lags: Ints, samples: int, shared: Floats, own: Floats, pairs: Floats
) -> None:
    """Correlate cuts of the seats' pasts, each seat at its own lag; O(seats) per draw and sample.

    Parameters
    ----------
    past : ndarray of int16, shape (seats, history)
        Components up to the window's end, `MISSING` where missing.
    lags : ndarray, shape (draws, seats)
        How many samples before the window's end each cut ends.
    samples
        Length of the cuts.
    shared, own, pairs : ndarray, shape (draws,)
        Written: sum of S^2 - B, of (N - 1) B, and of N (N - 1) / 2 over the samples at which two
        seats or more are there, as in `correlation`.
    """
    present = np.empty(samples, dtype=np.int64)
    total = np.empty(samples, dtype=np.int64)
    squares = np.empty(samples, dtype=np.int64)
    for draw in range(lags.shape[0]):
        present[:] = 0
        total[:] = 0
        squares[:] = 0
        for seat in range(past.shape[0]):
            stop = past.shape[1] - lags[draw, seat]
            cut = past[seat, stop - samples : stop]
            for t in range(samples):
                value = np.int64(cut[t])
                there = value != MISSING
                value = value if there else np.int64(0)
                present[t] += there
                total[t] += value
                squares[t] += value * value
        shared[draw] = own[draw] = pairs[draw] = 0.0
        for t in range(samples):
            if present[t] > 1:
                sum_t, squares_t = np.float64(total[t]), np.float64(squares[t])
                shared[draw] += sum_t * sum_t - squares_t
                own[draw] += np.float64(present[t] - 1) * squares_t
                pairs[draw] += np.float64(present[t] * (present[t] - 1) // 2)


def surrogates(
    pool: Pool, settings: Settings, draws: int, rng: np.random.Generator
) -> Surrogates | None:
    """Hold the pool's last window against its seats' own pasts.

    Lags are drawn evenly, seat by seat in the order of their names, among all at which the seat's
    cut has enough samples; from `SHORTEST_LAG_S` to as far back as the pool remembers. A seat that
    has fewer such lags than the window has samples stays out: were all lags alike, the seats would
    still be together. Missing samples cost a cut pairs; its correlation is scaled by the root of
    the pairs, as its spread is under the null.

    Parameters
    ----------
    pool
        At the end of a second.
    settings
        Window and coverage.
    draws
        How many surrogates; 200 to 1,000 serve.
    rng
        Where the lags come from.

    Returns
    -------
    Surrogates or None
        None where fewer than `Settings.min_seats` seats have a window and a past, or there is
        nothing to correlate.

    Raises
    ------
    ValueError
        Where `draws` is below 2: one draw has no spread.
    """
    if draws < 2:
        raise ValueError(f"{draws} surrogates have no spread: draw 200 to 1,000")
    past = np.ascontiguousarray(pool.components().T)
    samples = pool.window_samples
    usable = _usable_lags(past, samples, ceil(SHORTEST_LAG_S * pool.rate), settings.coverage)
    with_past = usable.sum(axis=1) >= samples
    excluded = pool.spare | ~with_past
    window = pool.partial(excluded)
    raw, pairs = correlation(window.sums)
    seats = int(window.seats.sum())
    if seats < settings.min_seats or not window.alive or raw != raw:
        return None
    counted = pool.counted(excluded)
    by_name = [column for column in pool.by_name.tolist() if counted[column]]
    lags = np.empty((draws, seats), dtype=np.int64)
    for i, column in enumerate(by_name):
        lags[:, i] = rng.choice(np.flatnonzero(usable[column]), draws)
    shared, own, cut_pairs = np.empty((3, draws))
    cut_correlations(past[by_name], lags, samples, shared, own, cut_pairs)
    null = shared / own * np.sqrt(cut_pairs / pairs)
    return Surrogates(
        raw,
        seats,
        float(null.mean()),
        float(null.std(ddof=1)),
        null_sd(independent_share(window.lagged, window.alive, window.step), pairs),
        (1 + int(np.count_nonzero(null >= raw))) / (1 + draws),
        draws,
    )


def _usable_lags(past: Shorts, samples: int, shortest: int, coverage: float) -> Bools:
    """Tell at which lags a seat's cut has enough samples; shape (seats, history - samples + 1)."""
    there = np.zeros((past.shape[0], past.shape[1] + 1), dtype=np.int64)
    np.cumsum(past != MISSING, axis=1, out=there[:, 1:])
    held = (there[:, samples:] - there[:, :-samples])[:, ::-1]
    usable: Bools = held >= coverage * samples
    usable[:, :shortest] = False
    return usable
