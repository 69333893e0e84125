"""The causal filter bank: mains notch, then one band-pass per band, all channels at once.

The kernels work on a piece of the channels at a time, narrow enough for its state to stay in the
processor's first cache, and along the channels within a piece, which the compiler vectorises.
"""

from typing import NamedTuple

import numba
import numpy as np
import numpy.typing as npt

from dsp._types import Settings

Floats = npt.NDArray[np.float64]
Singles = npt.NDArray[np.float32]
Counts = npt.NDArray[np.int32]

BANDS = ("broad", "theta", "alpha", "beta", "muscle")
"""The bank's outputs; ``broad`` is the band of the synchrony component."""

NEVER = 2**30
"""Gap of a channel that has given nothing yet, in samples."""


def design(rate: float, settings: Settings) -> Floats:
    """Second-order sections of the whole bank.

    Butterworth band-passes behind a second-order notch, as in Ki et al. 2016
    (doi:10.1523/JNEUROSCI.2942-15.2016), there with a 1 Hz high-pass.

    Parameters
    ----------
    rate
        Sampling rate in Hz.
    settings
        Band edges, filter order and notch.

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
    order = settings.filter_order
    return np.stack(
        [
            np.vstack([notch, signal.butter(order, edge, "bandpass", fs=rate, output="sos")])
            for edge in edges
        ]
    )


def coefficients(sos: Floats) -> Singles:
    """Give b0, b1, b2, a1, a2 of every section, as the kernels take them.

    Single precision halves the memory that a theatre's filters stream through. It was chosen by
    measurement (`benchmarks.precision`): samples enter relative to the electrode's own first one,
    so that only its drift costs digits.
    """
    return np.ascontiguousarray(sos[..., [0, 1, 2, 4, 5]], dtype=np.float32)


class FilterState(NamedTuple):
    """Memory of one group's bank; changed in place by `bridge` and `filter_piece`."""

    notch: Singles  # [2, channels]
    bands: Singles  # [bands, sections - 1, 2, channels]
    offset: Singles  # [channels]: first sample since the filters began, in uV
    last: Singles  # [channels]: last sample seen, relative to it
    gap: Counts  # [channels]: samples missing since
    unsettled: Counts  # [channels]: samples until the output counts

    @classmethod
    def fresh(cls, sections: Singles, channels: int) -> "FilterState":
        """State of a bank that has seen nothing."""
        bands, per_band, _ = sections.shape
        return cls(
            np.zeros((2, channels), dtype=np.float32),
            np.zeros((bands, per_band - 1, 2, channels), dtype=np.float32),
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


@numba.njit(cache=True, nogil=True, error_model="numpy")
def bridge(
    x: Singles,
    first: int,
    stop: int,
    present: npt.NDArray[np.bool_],
    max_gap: int,
    settling: int,
    offset: Singles,
    last: Singles,
    gap: Counts,
    unsettled: Counts,
    held: Singles,
    hole: Singles,
    begins: npt.NDArray[np.bool_],
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
    present : ndarray of bool, shape (channels,)
        False takes every sample of a channel for missing.
    max_gap, settling
        In samples.
    offset, last, gap, unsettled
        The fields of `FilterState`.
    held, hole : ndarray, shape (samples, at least stop - first)
        Written: microvolts relative to the offset; 0 where the filters' output counts, else NaN.
    begins : ndarray of bool, shape (samples, at least stop - first)
        Written: where the filters begin anew.
    """
    for t in range(x.shape[0]):
        row, holds, holes, begin = x[t, first:stop], held[t], hole[t], begins[t]
        before, since, wait = last[first:stop], gap[first:stop], unsettled[first:stop]
        zero, here = offset[first:stop], present[first:stop]
        for k in range(stop - first):
            seen = here[k] and abs(row[k]) < np.float32(np.inf)
            anew = seen and since[k] > max_gap
            zero[k] = row[k] if anew else zero[k]
            before[k] = row[k] - zero[k] if seen else before[k]
            waiting = settling if anew else max(wait[k] - np.int32(seen), 0)
            wait[k] = waiting
            since[k] = 0 if seen else min(since[k] + 1, NEVER)
            holds[k] = before[k]
            begin[k] = anew
            holes[k] = np.float32(0.0) if seen and waiting == 0 else np.float32(np.nan)


@numba.njit(cache=True, nogil=True, error_model="numpy")
def filter_piece(
    held: Singles,
    hole: Singles,
    begins: npt.NDArray[np.bool_],
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
    held, hole, begins
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
    n_bands, n_sections = bands.shape[:2]
    for t in range(samples):
        anew = False
        for k in range(width):
            anew |= begins[t, k]
        if anew:
            for k in range(width):
                if begins[t, k]:
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
            hum[k] += taken * taken if holes[k] == 0.0 else np.float32(0.0)
        for band in range(n_bands):
            for k in range(width):
                wave[k] = clean[k]
            for section in range(n_sections):
                b0, b1, b2, a1, a2 = sections[band, section + 1]
                low = bands[band, section, 0, first:stop]
                high = bands[band, section, 1, first:stop]
                for k in range(width):
                    u = wave[k]
                    y = b0 * u + low[k]
                    low[k] = b1 * u - a1 * y + high[k]
                    high[k] = b2 * u - a2 * y
                    wave[k] = y
            sums = squares[band, first:stop]
            for k in range(width):
                y = wave[k]
                sums[k] += y * y if holes[k] == 0.0 else np.float32(0.0)
            if band == 0:
                out = broad[t]
                for k in range(width):
                    out[k] = wave[k] + holes[k]
        there = counts[first:stop]
        for k in range(width):
            there[k] += np.float32(1.0) if holes[k] == 0.0 else np.float32(0.0)
