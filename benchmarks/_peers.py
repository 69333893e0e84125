"""The audience's state in other hands: what `audience` sets beside the hall, block by block."""

from __future__ import annotations

import time
from typing import ClassVar, Protocol

import mne
import numpy as np
from brainflow.data_filter import DataFilter, DetrendOperations, FilterTypes
from numpy.typing import NDArray
from scipy import signal

import dsp
from acquisition import SIMULATED_CHANNELS
from benchmarks._measure import Floats
from benchmarks._shows import brain_noise
from dsp._filters import ORDER
from hardware import REGIONS

RATE = 250
BLOCK = RATE // dsp.TICKS_PER_SECOND
CHANNELS = SIMULATED_CHANNELS
SETTINGS = dsp.Settings()
LEAD_IN_S = 64
"""Every window of the hall is full by then, and every baseline can be made."""

POWER_BANDS = (SETTINGS.theta_hz, SETTINGS.alpha_hz, SETTINGS.beta_hz)
BROAD = (SETTINGS.high_pass_hz, SETTINGS.low_pass_hz)
WINDOW = round(SETTINGS.power_window_s * RATE)

Samples = NDArray[np.float32]
"""Microvolts, [samples, seats, channels]."""
Bools = NDArray[np.bool_]


def _at(*regions: str) -> Bools:
    names = frozenset[str]().union(*(REGIONS[region] for region in regions))
    return np.array([channel in names for channel in CHANNELS])


FOREHEAD, PARIETAL, OCCIPITAL = _at("forehead"), _at("parietal"), _at("occipital")
POSTERIOR = _at("parietal", "temporal", "occipital")


class Peer(Protocol):
    """Takes blocks of samples; what it made of the last window can be asked for."""

    lead_in_s: ClassVar[int]
    """Until a block costs what every later one does."""

    def __init__(self, seats: int) -> None:
        """Begin anew."""

    def push(self, block: Samples) -> object:
        """Take in the next 100 ms."""

    def indices(self) -> Floats:
        """Give the log indices of the last window, [indices, seats]: see `log_indices`."""

    def synchrony(self) -> float | None:
        """Give the correlation of the last 10 s; None where it computes none."""

    @staticmethod
    def offline(samples: Samples) -> Floats:
        """Give what scipy finds by the same method with the whole recording at hand."""


class Fed:
    """A peer of this process, fed from a loop of noise.

    Parameters
    ----------
    peer : Peer
        Begins anew with the first sample.
    samples : float32 [samples, seats, channels]
        The loop; whole blocks.
    """

    def __init__(self, peer: Peer, samples: Samples) -> None:
        self.peer = peer
        self._samples = samples
        self._next = 0

    def turn(self, blocks: int) -> list[float]:
        """Push some blocks, and tell how long each took, in s."""
        taken = []
        for _ in range(blocks):
            block = self._samples[self._next : self._next + BLOCK]
            self._next = (self._next + BLOCK) % len(self._samples)
            begun = time.perf_counter()
            self.peer.push(block)
            taken.append(time.perf_counter() - begun)
        return taken


def audience_noise(seconds: float, seats: int) -> Samples:
    """Make seeded noise of which all seats share a part."""
    count = round(seconds * RATE)
    own = brain_noise(count, seats * len(CHANNELS)).reshape(count, seats, len(CHANNELS))
    shared = 1.4 * np.random.default_rng(2).standard_normal((count, 1, 1))
    noise: Samples = (own + shared).astype(np.float32)
    return noise


def log_indices(powers: Floats) -> Floats:
    """Give the hall's indices of theta, alpha and beta powers, [bands, seats, channels].

    Parietal ln(beta) - ln(alpha + theta); ln(theta) - ln(alpha) on the forehead; occipital
    ln(alpha); parietal ln(theta + alpha) - ln(alpha + beta).

    Returns
    -------
    float64 [4, seats]
        In the order of `dsp.SIGNALS`.
    """
    theta, alpha, beta = powers[:3, :, PARIETAL].mean(axis=2)
    low, high = powers[:2, :, FOREHEAD].mean(axis=2)
    rest = powers[1, :, OCCIPITAL].mean(axis=0)
    ratios = (beta / (alpha + theta), low / high, rest, (theta + alpha) / (alpha + beta))
    indices: Floats = np.log(np.stack(ratios))
    return indices


def sections() -> tuple[Floats, list[Floats]]:
    """Design the notch, and the hall's five bands: broad, theta, alpha, beta, muscle."""
    notch = signal.tf2sos(*signal.iirnotch(SETTINGS.mains_hz, SETTINGS.notch_quality, fs=RATE))
    order = ORDER
    edges = (BROAD, *POWER_BANDS, SETTINGS.muscle_hz)
    return notch, [signal.butter(order, edge, "bandpass", fs=RATE, output="sos") for edge in edges]


def filtered_powers(samples: Samples) -> Floats:
    """Filter a whole recording with scipy; powers of its last window, [3, seats, channels]."""
    notch, (_, *bands, _) = sections()
    clean = _from_steady(notch, samples.astype(np.float64))
    return np.stack([(_from_steady(band, clean)[-WINDOW:] ** 2).mean(axis=0) for band in bands])


def _from_steady(sos: Floats, x: Floats) -> Floats:
    """Filter [samples, ...], starting at the steady state of the first sample."""
    start = signal.sosfilt_zi(sos)[:, :, None, None] * x[0]
    filtered: Floats = signal.sosfilt(sos, x, axis=0, zi=start)[0]
    return filtered


def spectral_powers(samples: Samples, length: int, overlap: int) -> Floats:
    """Give the powers of the last window by Welch's spectrum, [3, seats, channels]."""
    window = samples[-WINDOW:].astype(np.float64)
    freqs, psd = signal.welch(window, RATE, nperseg=length, noverlap=overlap, axis=0)
    return _in_bands(freqs, psd)


def _in_bands(freqs: Floats, psd: Floats) -> Floats:
    """Sum a spectrum, [frequencies, ...], over each power band."""
    return np.stack([psd[(freqs >= low) & (freqs < high)].sum(axis=0) for low, high in POWER_BANDS])


class Hall:
    """`dsp.Analyzer`, its baseline frozen after the lead-in: every path of it is walked."""

    lead_in_s: ClassVar[int] = LEAD_IN_S

    def __init__(self, seats: int) -> None:
        names = tuple(f"S{i + 1}" for i in range(seats))
        self._analyzer = dsp.Analyzer([dsp.Group(names, CHANNELS, float(RATE))], SETTINGS)
        self._admitted = np.ones(seats, np.bool_)
        self._tick = 0
        self._state: dsp.AudienceState | None = None
        self._seats: dsp.Seats | None = None

    def push(self, block: Samples) -> dsp.AudienceState:
        self._state = self._analyzer.push(self._tick, [block], admitted=self._admitted)
        self._seats = self._state.seats or self._seats
        self._tick += 1
        if self._tick == self.lead_in_s * dsp.TICKS_PER_SECOND:
            self._analyzer.freeze_baseline()
        return self._state

    def indices(self) -> Floats:
        assert self._seats
        return _indices(self._seats)

    def synchrony(self) -> float | None:
        return self._state.signals[-1].raw if self._state else None

    @staticmethod
    def offline(samples: Samples) -> Floats:
        return log_indices(filtered_powers(samples))


def _indices(seats: dsp.Seats) -> Floats:
    """Read what the hall tells of each seat: log indices, [4, seats]; the blinks are left out."""
    return np.array(seats.values[:4], dtype=np.float64)


class _Windowed:
    """The last 4 s of every channel, float64 [seats * channels, samples]."""

    lead_in_s: ClassVar[int] = round(SETTINGS.power_window_s)

    def __init__(self, seats: int) -> None:
        self._window: Floats = np.zeros((seats * len(CHANNELS), WINDOW))
        self._seats = seats

    def _shift(self, block: Samples) -> Floats:
        self._window[:, : -len(block)] = self._window[:, len(block) :]
        self._window[:, -len(block) :] = block.reshape(len(block), -1).T
        return self._window

    def synchrony(self) -> float | None:
        return None


class Mne(_Windowed):
    """MNE-Python on the window: its default filter, then its Welch spectrum.

    The filter's low-pass takes the mains out: a notch of MNE's own is longer than the window.
    """

    _LENGTH, _OVERLAP = 2 * RATE, RATE

    def __init__(self, seats: int) -> None:
        super().__init__(seats)
        self._powers: Floats = np.zeros((len(POWER_BANDS), seats, len(CHANNELS)))

    def push(self, block: Samples) -> None:
        clean = mne.filter.filter_data(
            self._shift(block), RATE, BROAD[0], 40.0, copy=True, verbose="ERROR"
        )
        psd, freqs = mne.time_frequency.psd_array_welch(
            clean, RATE, fmin=POWER_BANDS[0][0], fmax=POWER_BANDS[-1][1],
            n_fft=self._LENGTH, n_overlap=self._OVERLAP, window="hann", verbose="ERROR",
        )  # fmt: skip
        self._powers = _in_bands(freqs, psd.T).reshape(self._powers.shape)

    def indices(self) -> Floats:
        return log_indices(self._powers)

    @staticmethod
    def offline(samples: Samples) -> Floats:
        return log_indices(spectral_powers(samples, Mne._LENGTH, Mne._OVERLAP))


class BrainFlow(_Windowed):
    """BrainFlow's `DataFilter`, seat by seat: offset and mains out, then `get_avg_band_powers`.

    It tells the mean of a seat's channels, as shares of five bands.
    """

    _LENGTH = 512  # what BrainFlow takes at 250 Hz, and four fifths of it overlap
    _HALF_NOTCH = SETTINGS.mains_hz / SETTINGS.notch_quality / 2

    def push(self, block: Samples) -> None:
        window = self._shift(block)
        for seat in np.split(window, self._seats):
            self._shares(seat.copy())

    def indices(self) -> Floats:
        found = []
        for seat in self._window.reshape(self._seats, len(CHANNELS), WINDOW):
            theta, alpha, beta = self._shares(seat[PARIETAL])
            low, high, _ = self._shares(seat[FOREHEAD])
            ratios = (beta / (alpha + theta), low / high, (theta + alpha) / (alpha + beta))
            found.append(ratios)
        logs: Floats = np.log(np.array(found).T)
        return logs

    def _shares(self, seat: Floats) -> Floats:
        """Give theta, alpha and beta of a seat's channels; they are filtered in place."""
        mains, half = SETTINGS.mains_hz, self._HALF_NOTCH
        for channel in seat:
            DataFilter.detrend(channel, DetrendOperations.CONSTANT.value)
            DataFilter.perform_bandstop(
                channel, RATE, mains - half, mains + half, 1, FilterTypes.BUTTERWORTH.value, 0.0
            )
        shares, _ = DataFilter.get_avg_band_powers(seat, list(range(len(seat))), RATE, False)
        return np.asarray(shares[1:4], dtype=np.float64)

    @staticmethod
    def offline(samples: Samples) -> Floats:
        length = BrainFlow._LENGTH
        # Shares tell no power by itself.
        return log_indices(spectral_powers(samples, length, 4 * length // 5))[[0, 1, 3]]
