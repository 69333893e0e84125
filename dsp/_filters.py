"""The causal filter bank: mains notch, then one band-pass per band, all channels at once.

The kernels work on a piece of the channels at a time, narrow enough for its state to stay in the
processor's first cache, and along the channels within a piece, which the compiler vectorises.
"""

from functools import lru_cache
from typing import NamedTuple

import numba
import numpy as np
import numpy.typing as npt

from dsp._settings import Settings

Floats = npt.NDArray[np.float64]
Singles = npt.NDArray[np.float32]
Counts = npt.NDArray[np.int32]

BANDS = ("broad", "theta", "alpha", "beta", "muscle")
"""The bank's outputs; ``broad`` is the band of the synchrony component."""

ORDER = 2
"""Of every band-pass's low-pass prototype: two sections each."""

NEVER = 2**30
"""Gap of a channel that has given nothing yet, in samples."""

# Of the arrays' own types: a wider number would widen the whole loop.
_ZERO, _ONE, _NAN, _INF = (np.float32(value) for value in (0, 1, np.nan, np.inf))
_I0, _I1, _NEVER = (np.int32(value) for value in (0, 1, NEVER))


def design(rate: float, settings: Settings) -> Floats:
    """Second-order sections of the whole bank.

    Butterworth band-passes behind a second-order notch, as in Ki et al. 2016
    (doi:10.1523/JNEUROSCI.2942-15.2016), there with a 1 Hz high-pass.

    Parameters
    ----------
    rate
        Sampling rate in Hz.
    settings
        Band edges and notch.

    Returns
    -------
    ndarray, shape (bands, sections, 6)
        Section 0 of each band is the notch, the same in all.

    Raises
    ------
    ValueError
        Where a band or the mains lies beyond half the sampling rate.
    """
    settings.check_rate(rate)
    edges = (
        (settings.high_pass_hz, settings.low_pass_hz),
        settings.theta_hz,
        settings.alpha_hz,
        settings.beta_hz,
        settings.muscle_hz,
    )
    # Loading scipy.signal takes seconds, and only who opens a hall designs filters.
    from scipy import signal

    notch = signal.tf2sos(*signal.iirnotch(settings.mains_hz, settings.notch_quality, fs=rate))
    return np.stack(
        [
            np.vstack([notch, signal.butter(ORDER, edge, "bandpass", fs=rate, output="sos")])
            for edge in edges
        ]
    )


def coefficients(sos: Floats) -> Singles:
    """Give b0, b1, b2, a1, a2 of every section, as the kernels take them.

    Single precision halves the memory that a theatre's filters stream through. Samples enter
    relative to the electrode's own first one, so that only its drift costs digits (the benchmark
    `filters` prints the error beside double precision).
    """
    return np.ascontiguousarray(sos[..., [0, 1, 2, 4, 5]], dtype=np.float32)


@lru_cache(maxsize=16)
def sections(rate: float, settings: Settings) -> Singles:
    """Give the bank of `design` as `coefficients`; kept, so that nobody may write into it."""
    return coefficients(design(rate, settings))


class FilterState(NamedTuple):
    """Memory of one group's bank; changed in place by `bridge` and `filter_piece`."""

    notch: Singles  # [2, channels]
    bands: Singles  # [bands, ORDER, 2, channels]
    offset: Singles  # [channels]: first sample since the filters began, in uV
    last: Singles  # [channels]: last sample seen, relative to it
    gap: Counts  # [channels]: samples missing since
    unsettled: Counts  # [channels]: samples until the output counts

    @classmethod
    def fresh(cls, sections: Singles, channels: int) -> "FilterState":
        """State of a bank that has seen nothing."""
        return cls(
            np.zeros((2, channels), dtype=np.float32),
            np.zeros((len(sections), ORDER, 2, channels), dtype=np.float32),
            np.zeros(channels, dtype=np.float32),
            np.zeros(channels, dtype=np.float32),
            np.full(channels, NEVER, dtype=np.int32),
            np.zeros(channels, dtype=np.int32),
        )

    def forget(self, channels: slice) -> None:
        """Make these channels start anew with their next sample."""
        self.notch[:, channels] = 0.0
        self.bands[..., channels] = 0.0
        self.offset[channels] = 0.0
        self.last[channels] = 0.0
        self.gap[channels] = NEVER
        self.unsettled[channels] = 0

    def flush(self) -> None:
        """Drop vanishing memory: denormal numbers would slow the filters a hundredfold."""
        for memory in (self.notch, self.bands):
            memory[np.abs(memory) < 1e-18] = 0.0


class Work(NamedTuple):
    """Room for a piece of one tick."""

    held: Singles  # [samples, piece]
    hole: Singles
    starts: Singles
    started: Counts  # [samples]
    broad: Singles
    scaled: Singles
    clean: Singles  # [piece]
    wave: Singles

    @classmethod
    def room(cls, samples: int, channels: int) -> "Work":
        """Make it."""
        shape = (samples, channels)
        held, hole, starts, broad, scaled = (np.empty(shape, dtype=np.float32) for _ in range(5))
        clean, wave = (np.empty(channels, dtype=np.float32) for _ in range(2))
        started = np.empty(samples, dtype=np.int32)
        return cls(held, hole, starts, started, broad, scaled, clean, wave)


@numba.njit(cache=True, nogil=True, error_model="numpy")
def bridge(
    x: Singles,
    first: int,
    stop: int,
    absent: Singles,
    max_gap: int,
    settling: int,
    offset: Singles,
    last: Singles,
    gap: Counts,
    unsettled: Counts,
    held: Singles,
    hole: Singles,
    starts: Singles,
    started: Counts,
) -> None:
    """Make a piece of channels whole: what the filters run on, and where it counts.

    A missing sample leaves the filters running on the last sample seen, and counts nowhere. After
    more than `max_gap` missing samples (and at the start) a channel begins anew: its samples are
    taken relative to its first one, which is the steady state of an electrode's offset. Without,
    the offset would ring in all seats alike, which looks like synchrony (measured: 0.050 among
    strangers).

    Parameters
    ----------
    x : ndarray, shape (samples, channels)
        Microvolts, NaN where missing (infinite counts as missing too).
    first, stop
        The piece: its channels.
    absent : ndarray, shape (channels,)
        NaN takes every sample of a channel for missing; otherwise 0.
    max_gap, settling
        In samples.
    offset, last, gap, unsettled
        The fields of `FilterState`.
    held, hole : ndarray, shape (samples, at least stop - first)
        Written: microvolts relative to the offset; 0 where the filters' output counts, else NaN.
    starts : ndarray, shape (samples, at least stop - first)
        Written: 1 where the filters begin anew, else 0.
    started : ndarray, shape (samples,)
        Written: how many do.
    """
    width = stop - first
    most, settle = np.int32(max_gap), np.int32(settling)
    for t in range(x.shape[0]):
        row, holds, holes, begins = x[t, first:stop], held[t], hole[t], starts[t]
        # Short loops over few arrays: the compiler vectorises these, but not one long loop.
        gone = absent[first:stop]
        for k in range(width):
            holds[k] = row[k] + gone[k]
        since, zero = gap[first:stop], offset[first:stop]
        count = _I0
        for k in range(width):
            anew = (since[k] > most) & (abs(holds[k]) < _INF)
            zero[k] = holds[k] if anew else zero[k]
            begins[k] = _ONE if anew else _ZERO
            count += _I1 if anew else _I0
        started[t] = count
        wait = unsettled[first:stop]
        for k in range(width):
            seen = abs(holds[k]) < _INF
            left = wait[k] - (_I1 if seen else _I0)
            left = left if left > _I0 else _I0
            left = settle if begins[k] == _ONE else left
            wait[k] = left
            holes[k] = _ZERO if seen & (left == _I0) else _NAN
        for k in range(width):
            longer = since[k] + _I1
            longer = longer if longer < _NEVER else _NEVER
            since[k] = _I0 if abs(holds[k]) < _INF else longer
        before = last[first:stop]
        for k in range(width):
            value = holds[k] - zero[k] if abs(holds[k]) < _INF else before[k]
            before[k] = value
            holds[k] = value


@numba.njit(cache=True, nogil=True, error_model="numpy")
def filter_piece(
    held: Singles,
    hole: Singles,
    starts: Singles,
    started: Counts,
    samples: int,
    first: int,
    stop: int,
    sections: Singles,
    notch: Singles,
    bands: Singles,
    clean: Singles,
    wave: Singles,
    broad: Singles,
    mains: Singles,
    squares: Singles,
    counts: Singles,
) -> None:
    """Filter a piece of channels; direct form II transposed, as `scipy.signal.sosfilt`.

    Parameters
    ----------
    held, hole, starts, started
        From `bridge`.
    samples, first, stop
        Length of the block, and the piece's channels.
    sections
        From `coefficients`.
    notch, bands
        The fields of `FilterState`.
    clean, wave : ndarray, shape (at least stop - first,)
        Room to work in.
    broad : ndarray, shape (samples, at least stop - first)
        Written: the broad band in microvolts, NaN where it does not count.
    mains : ndarray, shape (channels,)
        Sum of squares of what the notch took out, microvolts squared; added to.
    squares : ndarray, shape (bands, channels)
        Sums of squares of every band, microvolts squared; added to.
    counts : ndarray, shape (channels,)
        Samples behind them; added to.
    """
    width = stop - first
    for t in range(samples):
        if started[t]:
            for k in range(width):
                if starts[t, k]:
                    notch[:, first + k] = 0.0
                    bands[:, :, :, first + k] = 0.0
        u_row, holes = held[t], hole[t]
        low, high, hum = notch[0, first:stop], notch[1, first:stop], mains[first:stop]
        b0, b1, b2, a1, a2 = sections[0, 0]
        for k in range(width):
            u = u_row[k]
            y = b0 * u + low[k]
            low[k] = b1 * u - a1 * y + high[k]
            high[k] = b2 * u - a2 * y
            clean[k] = y
            taken = u - y
            hum[k] += taken * taken if holes[k] == _ZERO else _ZERO
        for band in range(bands.shape[0]):
            b0, b1, b2, a1, a2 = sections[band, 1]
            c0, c1, c2, d1, d2 = sections[band, 2]
            low, high = bands[band, 0, 0, first:stop], bands[band, 0, 1, first:stop]
            low_2, high_2 = bands[band, 1, 0, first:stop], bands[band, 1, 1, first:stop]
            for k in range(width):
                u = clean[k]
                y = b0 * u + low[k]
                low[k] = b1 * u - a1 * y + high[k]
                high[k] = b2 * u - a2 * y
                z = c0 * y + low_2[k]
                low_2[k] = c1 * y - d1 * z + high_2[k]
                high_2[k] = c2 * y - d2 * z
                wave[k] = z
            sums = squares[band, first:stop]
            for k in range(width):
                y = wave[k]
                sums[k] += y * y if holes[k] == _ZERO else _ZERO
            if band == 0:
                out = broad[t]
                for k in range(width):
                    out[k] = wave[k] + holes[k]
        there = counts[first:stop]
        for k in range(width):
            there[k] += _ONE if holes[k] == _ZERO else _ZERO
