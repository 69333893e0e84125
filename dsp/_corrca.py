"""Correlated components: the weighting of electrodes that viewers of one film share most.

Dmochowski et al. 2012 (doi:10.3389/fnhum.2012.00112), Ki et al. 2016
(doi:10.1523/JNEUROSCI.2942-15.2016); Parra, Haufe, Dmochowski 2019
(arXiv:1801.08881, doi:10.48550/arXiv.1801.08881). Fitted weights find correlation in noise too
(measured: 0.006 in 50 s of 36 strangers' 19 electrodes): fit on a calibration clip, judge on what
was not fitted, then keep the weights for the whole show.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from dsp._filters import BANDS, FilterState, Work, bridge, filter_piece, sections
from dsp._robust import TO_SD
from dsp._settings import Settings
from dsp._synchrony import LAG_S, null_sd

Floats = npt.NDArray[np.float64]
Singles = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]

SHRINKAGE = 0.1
"""Usual share of the mean eigenvalue in the covariance within seats (Ki et al. 2016: 0.5)."""


@dataclass(frozen=True, slots=True, eq=False)
class Covariances:
    """What some seats add to the covariances within and between seats, sample by sample.

    Parts of the same stretch, of other seats with the same channels, add up: nodes add theirs.

    Parameters
    ----------
    seats : ndarray of int64, shape (samples,)
        Seats that are there; a seat that lacks a channel is not.
    total : ndarray, shape (samples, channels)
        Their sum.
    own : ndarray, shape (samples, channels, channels)
        Sum of their own products.
    """

    seats: Ints
    total: Floats
    own: Floats

    def __add__(self, other: "Covariances") -> "Covariances":
        """Put two parts of the audience together."""
        return Covariances(self.seats + other.seats, self.total + other.total, self.own + other.own)

    def during(self, part: slice) -> "Covariances":
        """Keep some of the samples."""
        return Covariances(self.seats[part], self.total[part], self.own[part])

    @property
    def pairs(self) -> float:
        """Pairs of seats, summed over samples."""
        return float(np.sum(self.seats * (self.seats - 1)) / 2)

    @property
    def within(self) -> Floats:
        """Covariance within seats, times the others each is held against: N - 1 of its sample."""
        others = np.maximum(self.seats - 1, 0).astype(np.float64)
        return np.asarray(np.tensordot(others, self.own, 1))

    @property
    def between(self) -> Floats:
        """Covariance between seats: that of the sum of all, less what is within."""
        more = self.seats > 1
        total = self.total[more]
        return np.asarray(total.T @ total - self.own[more].sum(axis=0))


@dataclass(frozen=True, slots=True, eq=False)
class Components:
    """Correlated components, the most correlated first.

    Parameters
    ----------
    weights : ndarray, shape (components, channels)
        Magnitudes add up to 1; the largest is positive.
    isc : ndarray, shape (components,)
        Inter-subject correlation of each, on the samples it was fitted to.
    forward : ndarray, shape (components, channels)
        How each component shows at the electrodes, per unit of it: A = Rw W (W' Rw W)^-1.
    """

    weights: Floats
    isc: Floats
    forward: Floats


def cleaned(x: Singles, rate: float, settings: Settings) -> Singles:
    """Filter, scale and clip a whole recording, as the synchrony component is made of it.

    Like the analyzer's, causal and with its gaps, but every channel has one robust scale,
    ``1.4826 * median |x|``, for all the time: nothing is lost while a running one fills.

    Parameters
    ----------
    x : ndarray of float32, shape (samples, seats, channels)
        Microvolts, NaN where missing.
    rate
        Sampling rate in Hz.
    settings
        Band, notch, gaps and clipping.

    Returns
    -------
    ndarray of float32, shape (samples, seats, channels)
        In robust standard deviations; NaN where missing, while filters settle, and throughout
        where a channel does not move.
    """
    bank = sections(rate, settings)
    out = np.empty(x.shape, dtype=np.float32)
    for seat in range(x.shape[1]):
        out[:, seat] = _broad_band(np.ascontiguousarray(x[:, seat]), rate, bank, settings)
    there = ~np.isnan(out)
    for seat, channel in np.ndindex(*x.shape[1:]):
        own = out[there[:, seat, channel], seat, channel]
        scale = TO_SD * float(np.median(np.abs(own))) if own.size else 0.0
        out[:, seat, channel] /= np.float32(scale if scale > 0 else np.nan)
    out[np.abs(out) > settings.clip] = 0.0
    return out


def covariances(y: npt.NDArray[np.floating]) -> Covariances:
    """Sum up what seats add to the covariances.

    Parameters
    ----------
    y : ndarray, shape (samples, seats, channels)
        As `cleaned` gives it. A seat is left out wherever one of its channels is missing, from
        both kinds of covariance, so that every sample counts the same pairs in both.

    Returns
    -------
    Covariances
        Of these seats.
    """
    there = ~np.isnan(y).any(axis=2)
    whole = np.where(there[..., None], y, 0.0).astype(np.float64)
    return Covariances(
        there.sum(axis=1), whole.sum(axis=1), np.matmul(whole.transpose(0, 2, 1), whole)
    )


def components(sums: Covariances, shrinkage: float = SHRINKAGE) -> Components:
    """Find the weights that correlate most between seats.

    Solves Rb w = lambda Rw w, with Rw shrunk towards its mean eigenvalue.

    Parameters
    ----------
    sums
        Of the whole audience.
    shrinkage
        0 trusts the covariances, 1 takes all channels for independent and alike.

    Returns
    -------
    Components
        As many as there are channels.

    Raises
    ------
    ValueError
        Where no two seats are there together, or a channel is another's copy and nothing is
        shrunk.
    """
    # Loading scipy.linalg takes a while, and only a calibration fits weights.
    from scipy import linalg

    within, between = sums.within, sums.between
    channels = len(within)
    mean = np.trace(within) / channels
    if not mean > 0:
        raise ValueError("no two seats are there together: nothing can be fitted")
    shrunk = (1 - shrinkage) * within + shrinkage * mean * np.eye(channels)
    try:
        _, columns = linalg.eigh(between, shrunk)
    except linalg.LinAlgError as error:
        raise ValueError(f"channels are each other's copies: shrink more ({error})") from None
    weights = columns.T[::-1] / np.abs(columns.T[::-1]).sum(axis=1, keepdims=True)
    largest = np.argmax(np.abs(weights), axis=1)
    weights *= np.sign(weights[np.arange(channels), largest])[:, None]
    found = np.array([correlation_of(sums, w) for w in weights])
    forward = within @ weights.T @ np.linalg.inv(weights @ within @ weights.T)
    return Components(weights, found, forward.T)


def correlation_of(sums: Covariances, weights: npt.ArrayLike) -> float:
    """Inter-subject correlation of one component: w' Rb w / ((N - 1) w' Rw w).

    Parameters
    ----------
    sums
        Of the whole audience, also of other samples than the weights were fitted to.
    weights
        One per channel.

    Returns
    -------
    float
        NaN where there is nothing to correlate.
    """
    w = np.asarray(weights, dtype=np.float64)
    own = float(w @ sums.within @ w)
    return float(w @ sums.between @ w) / own if own > 0 else float("nan")


def null_deviation(component: npt.NDArray[np.floating], rate: float) -> float:
    """Closed-form standard deviation of the correlation of strangers, as in the analyzer.

    Parameters
    ----------
    component : ndarray, shape (samples, seats)
        One component, NaN where missing.
    rate
        Sampling rate in Hz.

    Returns
    -------
    float
        Infinite where no two seats are there together.
    """
    there = ~np.isnan(component)
    present = there.sum(axis=1)
    pairs = float(np.sum(present * (present - 1)) / 2)
    y = np.where(there, component, 0.0).astype(np.float64)
    y = y[:, np.any(y != 0, axis=0)]
    if not pairs or not y.size:
        return float("inf")
    energy = np.sum(y**2, axis=0)
    lags = range(1, min(round(LAG_S * rate), len(y) - 1) + 1)
    mean = np.array([np.mean(np.sum(y[lag:] * y[:-lag], axis=0) / energy) for lag in lags])
    return null_sd(float(1 / (1 + 2 * np.sum(mean**2))), pairs)


def _broad_band(x: Singles, rate: float, bank: Singles, settings: Settings) -> Singles:
    """Filter one seat, (samples, channels), with the kernels that the show runs on."""
    samples, channels = x.shape
    state = FilterState.fresh(bank, channels)
    work = Work.room(samples, channels)
    mains, counts = (np.zeros(channels, dtype=np.float32) for _ in range(2))
    squares = np.zeros((len(BANDS), channels), dtype=np.float32)
    bridge(
        x, 0, channels, np.zeros(channels, dtype=np.float32), round(settings.max_gap_s * rate),
        round(settings.settling_s * rate), state.offset, state.last, state.gap, state.unsettled,
        work.held, work.hole, work.starts, work.started,
    )  # fmt: skip
    filter_piece(
        work.held, work.hole, work.starts, work.started, samples, 0, channels, bank,
        state.notch, state.bands, work.clean, work.wave, work.broad, mains, squares, counts,
    )  # fmt: skip
    return work.broad
