"""The causal filter bank: mains notch, then one band-pass per band, all channels at once."""

from dataclasses import dataclass

import numba
import numpy as np
import numpy.typing as npt

from dsp._types import Settings

Floats = npt.NDArray[np.float64]

BANDS = ("broad", "theta", "alpha", "beta")
"""Rows of the bank's output; ``broad`` is the band of the synchrony component."""


def design(rate: float, settings: Settings) -> tuple[Floats, Floats]:
    """Second-order sections of the whole bank and their steady states.

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
    sos : ndarray, shape (bands, sections, 6)
        Section 0 of each band is the notch, the same in all.
    steady : ndarray, shape (bands, sections, 2)
        State of the sections under a constant input of 1.

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
    )
    # Loading scipy.signal takes seconds, and only who opens a hall designs filters.
    from scipy import signal

    notch = signal.tf2sos(*signal.iirnotch(settings.mains_hz, settings.notch_quality, fs=rate))
    sos = np.stack(
        [
            np.vstack(
                [
                    notch,
                    signal.butter(settings.filter_order, edge, "bandpass", fs=rate, output="sos"),
                ]
            )
            for edge in edges
        ]
    )
    return sos, np.stack([signal.sosfilt_zi(band) for band in sos])


@dataclass(slots=True, eq=False)
class FilterState:
    """Memory of one group's bank; changed in place by `filter_block`."""

    notch: Floats  # [2, channels]
    bands: Floats  # [bands, sections - 1, 2, channels]
    last: Floats  # [channels]: last sample seen, in uV
    gap: npt.NDArray[np.int64]  # [channels]: samples missing since
    unsettled: npt.NDArray[np.int64]  # [channels]: samples until the output counts

    @classmethod
    def fresh(cls, sos: Floats, channels: int) -> "FilterState":
        """State of a bank that has seen nothing."""
        bands, sections, _ = sos.shape
        return cls(
            np.zeros((2, channels)),
            np.zeros((bands, sections - 1, 2, channels)),
            np.zeros(channels),
            np.full(channels, np.iinfo(np.int64).max // 2),
            np.zeros(channels, dtype=np.int64),
        )

    def forget(self, channels: slice) -> None:
        """Make these channels start anew with their next sample."""
        self.notch[:, channels] = 0.0
        self.bands[..., channels] = 0.0
        self.last[channels] = 0.0
        self.gap[channels] = np.iinfo(np.int64).max // 2
        self.unsettled[channels] = 0

    def flush(self) -> None:
        """Drop vanishing memory: denormal numbers would slow the filters a hundredfold."""
        for memory in (self.notch, self.bands):
            memory[np.abs(memory) < 1e-30] = 0.0


@numba.njit(cache=True, nogil=True, error_model="numpy")
def filter_block(
    x: npt.NDArray[np.float32],
    sos: Floats,
    steady: Floats,
    max_gap: int,
    settling: int,
    notch: Floats,
    bands: Floats,
    last: Floats,
    gap: npt.NDArray[np.int64],
    unsettled: npt.NDArray[np.int64],
    out: Floats,
) -> None:
    """Filter a block of any length; direct form II transposed, as `scipy.signal.sosfilt`.

    A missing sample gives NaN and leaves the filters running on the last sample seen. After more
    than `max_gap` missing samples (and at the start) the filters begin at the steady state of the
    first sample: an electrode's offset would otherwise ring in all seats alike, which looks like
    synchrony (measured: 0.050 among strangers). Their output is NaN for `settling` samples.

    Parameters
    ----------
    x : ndarray, shape (samples, channels)
        Microvolts, NaN where missing (infinite counts as missing too).
    sos, steady
        From `design`.
    max_gap, settling
        In samples.
    notch, bands, last, gap, unsettled
        The fields of `FilterState`.
    out : ndarray, shape (bands, at least samples, channels)
        Filtered signals in microvolts, written in place.
    """
    samples, channels = x.shape
    n_bands, n_sections, _ = sos.shape
    held = np.empty(channels)
    cleaned = np.empty(channels)
    signal_ = np.empty(channels)
    for t in range(samples):
        for k in range(channels):
            value = x[t, k]
            if not np.isfinite(value):
                gap[k] += 1
                if gap[k] == max_gap + 1:
                    last[k] = 0.0
                    notch[:, k] = 0.0
                    bands[:, :, :, k] = 0.0
                    unsettled[k] = 0
            else:
                last[k] = value
                if gap[k] > max_gap:
                    for i in range(2):
                        notch[i, k] = steady[0, 0, i] * value
                        for b in range(n_bands):
                            for s in range(1, n_sections):
                                bands[b, s - 1, i, k] = steady[b, s, i] * value
                    unsettled[k] = settling + 1
                gap[k] = 0
                if unsettled[k] > 0:
                    unsettled[k] -= 1
            held[k] = last[k]
        b0, b1, b2 = sos[0, 0, 0], sos[0, 0, 1], sos[0, 0, 2]
        a1, a2 = sos[0, 0, 4], sos[0, 0, 5]
        for k in range(channels):
            u = held[k]
            y = b0 * u + notch[0, k]
            notch[0, k] = b1 * u - a1 * y + notch[1, k]
            notch[1, k] = b2 * u - a2 * y
            cleaned[k] = y
        for b in range(n_bands):
            signal_[:] = cleaned
            for s in range(1, n_sections):
                b0, b1, b2 = sos[b, s, 0], sos[b, s, 1], sos[b, s, 2]
                a1, a2 = sos[b, s, 4], sos[b, s, 5]
                low, high = bands[b, s - 1, 0], bands[b, s - 1, 1]
                for k in range(channels):
                    u = signal_[k]
                    y = b0 * u + low[k]
                    low[k] = b1 * u - a1 * y + high[k]
                    high[k] = b2 * u - a2 * y
                    signal_[k] = y
            for k in range(channels):
                counts = gap[k] == 0 and unsettled[k] == 0
                out[b, t, k] = signal_[k] if counts else np.nan
