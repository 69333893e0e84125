"""A model of what an audience's EEG looks like to its electrodes.

Every viewer is a handful of sources (rhythms, background, blinks, muscle, mains, the response
to the film) mixed into the electrodes by gains of their region, plus noise of every electrode.
Sizes: scalp EEG of about 10 uV rms with a 1/f background; inter-subject correlation of
0.01-0.05 in a gripped audience (Ki et al. 2016, doi 10.1523/JNEUROSCI.2942-15.2016); engagement
lowers theta and alpha and raises beta at parietal and temporal sites, and raises theta over
alpha on the forehead (measured: arithmetic36, rest against task). Closed eyes raise alpha (Berger
1929, doi 10.1007/BF01797193); a flash evokes a wave of N75, P100 and N145, named by their
milliseconds (Odom et al. 2016, doi 10.1007/s10633-016-9553-y).
"""

import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray
from scipy.signal import butter, lfilter

from acquisition._specs import SimulatedSpec
from hardware import REGIONS

Float = NDArray[np.float32]
Coefficients = NDArray[np.float64]

BLOCK_S = 0.5
"""What is generated at a time; the audience reacts to a scene at the next block."""

_COURSE_S = 4.0
_PACKET = 5
_RAIL_UV = 187500.0
_BACKGROUND_UV = 6.0
_STIMULUS_UV = 1.5
_BLINK_UV = 120.0
_MUSCLE_UV = 40.0
_OFFSET_UV = 3000.0
_DRIFT_UV = 2.0
_NOISY = 15.0
_WAVES = np.array([(-2.0, 5.0, -3.0), (0.075, 0.1, 0.145), (0.012, 0.014, 0.02)])
"""Size (in parts of _STIMULUS_UV), peak and width (s) of the waves that a flash evokes."""
_EVOKED_S = 0.6


@dataclass(frozen=True, slots=True)
class _Site:
    """Gains of a region: rhythms in uV rms, their share of change at engagement 1, the rest."""

    theta: float = 3.0
    alpha: float = 4.0
    beta: float = 2.5
    d_theta: float = -0.1
    d_alpha: float = -0.2
    d_beta: float = 0.1
    blink: float = 0.05
    muscle: float = 0.2
    film: float = 1.0


_ENGAGED = {"d_theta": -0.25, "d_alpha": -0.30, "d_beta": 0.35}
_ELSEWHERE = _Site()
_SITES: Mapping[str, _Site] = MappingProxyType(
    {
        "forehead": _Site(
            alpha=3.0, d_theta=0.40, d_alpha=-0.35, d_beta=0.0, blink=1.0, muscle=0.4, film=0.7
        ),
        "frontal": _Site(alpha=3.0, blink=0.3, film=0.8),
        "parietal": _Site(alpha=5.0, blink=0.03, muscle=0.1, film=1.1, **_ENGAGED),
        "temporal": _Site(muscle=1.0, **_ENGAGED),
        "mastoid": _Site(muscle=0.8),
        "occipital": _Site(alpha=6.0, d_alpha=-0.3, blink=0.02, film=1.2),
    }
)


class Filter:
    """A causal filter along the last axis that carries its state on; unit rms out of white."""

    def __init__(self, b: Coefficients, a: Coefficients, rows: int) -> None:
        impulse = np.zeros(1 << 14)
        impulse[0] = 1.0
        response = lfilter(b, a, impulse)
        energy = np.sqrt(np.sum(response**2))
        self.peak = float(response.max() / energy)
        self._b = (b / energy).astype(np.float32)
        self._a = a.astype(np.float32)
        self._state = np.zeros((rows, max(len(a), len(b)) - 1), np.float32)

    def __call__(self, white: Float) -> Float:
        """Filter the next block, (rows, n)."""
        out: Float
        out, self._state = lfilter(self._b, self._a, white, zi=self._state)
        return out


class Audience:
    """Viewers whose EEG is generated block by block.

    Parameters
    ----------
    spec : SimulatedSpec
        Who they are; equal specs give equal samples.
    """

    def __init__(self, spec: SimulatedSpec) -> None:
        seats, channels = len(spec.seats), len(spec.channels)
        names = zlib.crc32("\n".join((*spec.seats, *spec.channels)).encode())
        self._spec = spec
        self._rng = np.random.Generator(np.random.SFC64([spec.seed, names]))
        self._film_rng = np.random.Generator(np.random.SFC64([spec.seed]))
        self.block = round(BLOCK_S * spec.rate)
        self._done = 0
        self._engagement = 0.0
        self._closed = False
        self._flashed: Coefficients = np.empty(0)
        self._late: Float = np.zeros((1, round(spec.late_ms / 1000 * spec.rate)), np.float32)
        self._make_filters(seats, channels)
        self._make_viewers(seats)
        self._make_electrodes(seats, channels)

    def _make_filters(self, seats: int, channels: int) -> None:
        rate = self._spec.rate
        # Poles and zeros in turn, a factor 4 apart, fall by 1/f from 0.5 to 32 Hz.
        zeros, poles = (np.exp(-2 * np.pi * np.array(f) / rate) for f in ((2, 32), (0.5, 8)))
        b, a = (np.asarray(np.poly(roots), np.float64) for roots in (zeros, poles))
        self._electrode_noise = Filter(b, a, rows=seats * channels)
        self._background = Filter(b, a, rows=seats)
        self._rhythms = [
            Filter(*_band(band, rate), rows=seats) for band in ((4.5, 7.5), (8.5, 12.5), (14, 28))
        ]
        self._film = Filter(*_band((1, 20), rate), rows=1)
        self._lids = bump(0.1, rate, seats)
        self._jaws = bump(0.3, rate, seats)

    def _make_viewers(self, seats: int) -> None:
        rng = self._rng
        self._response = np.clip(rng.normal(1.0, 0.3, (seats, 1)), 0.2, 1.8).astype(np.float32)
        self._attention = rng.lognormal(0.0, 0.15, (seats, 1)).astype(np.float32)
        self._phase = rng.uniform(0, 2 * np.pi, (seats, 1))

    def _make_electrodes(self, seats: int, channels: int) -> None:
        rng, spec = self._rng, self._spec
        sites = [_site(name) for name in spec.channels]
        strength = rng.lognormal(0.0, 0.2, (seats, 1, 5))
        theta, alpha, beta, background, hum = np.moveaxis(strength, 2, 0)
        self._noisy = rng.random((seats, channels)) < spec.noisy
        self._railed = rng.random((seats, channels)) < spec.railed
        hum = hum * rng.lognormal(0.0, 0.4, (seats, channels)) * spec.mains
        gains = [  # in the order of `_sources`
            theta * [s.theta for s in sites],
            theta * [s.theta * s.d_theta for s in sites],
            alpha * [s.alpha for s in sites],
            alpha * [s.alpha * s.d_alpha for s in sites],
            beta * [s.beta for s in sites],
            beta * [s.beta * s.d_beta for s in sites],
            background * np.full(channels, _BACKGROUND_UV),
            np.broadcast_to([s.blink * _BLINK_UV for s in sites], (seats, channels)),
            np.broadcast_to([s.muscle * _MUSCLE_UV for s in sites], (seats, channels)),
            np.broadcast_to([s.film * _STIMULUS_UV for s in sites], (seats, channels)),
            hum * np.where(self._noisy, _NOISY, 1.0),
        ]
        self._gains: Float = np.stack(gains, axis=1).astype(np.float32)
        scale = _BACKGROUND_UV * np.where(self._noisy, _NOISY, 1.0)
        self._noise_uv: Float = scale.astype(np.float32)[:, :, np.newaxis]
        self._offset: Float = rng.normal(0, _OFFSET_UV, (seats, channels, 1)).astype(np.float32)

    def look(self, ago: int, flashes: tuple[float, ...]) -> None:
        """See the flashes of a scene that began this many samples before the next block (s)."""
        start_s = (self._done - ago) / self._spec.rate
        seen = self._flashed[self._flashed < start_s]
        self._flashed = np.append(seen, start_s + np.array(flashes))

    def next_block(self, target: float, *, closed: bool = False) -> tuple[Float, NDArray[np.bool_]]:
        """Generate the next block.

        Parameters
        ----------
        target : float
            Engagement that the scene draws the viewers to.
        closed : bool
            Whether they keep their eyes closed.

        Returns
        -------
        samples : ndarray of float32, shape (seats, block, channels)
            In uV.
        kept : ndarray of bool, shape (seats, block)
            False where the packet was lost.
        """
        n, (seats, _, channels) = self.block, self._gains.shape
        self._closed = closed
        white = self._rng.standard_normal((seats * channels, n), dtype=np.float32)
        eeg = self._electrode_noise(white).reshape(seats, channels, n)
        eeg *= self._noise_uv
        eeg += np.matmul(self._gains.transpose(0, 2, 1), self._sources(target))
        eeg += self._drift()
        eeg[self._railed] = _RAIL_UV
        kept = np.repeat(self._rng.random((seats, -(-n // _PACKET))) >= self._spec.loss, _PACKET, 1)
        self._done += n
        return np.ascontiguousarray(eeg.transpose(0, 2, 1)), kept[:, :n]

    def _sources(self, target: float) -> Float:
        """Generate what the gains mix: (seats, sources, block)."""
        n, seats, spec = self.block, len(self._spec.seats), self._spec
        white = self._rng.standard_normal((5, seats, n), dtype=np.float32)
        engaged = self._response * self._course(target)
        theta, alpha, beta = (
            rhythm(noise) for rhythm, noise in zip(self._rhythms, white, strict=False)
        )
        if self._closed:
            alpha *= np.float32(1 + spec.alpha_rise)
        jaws = self._jaws(self._events(spec.clenches)) / self._jaws.peak
        film = self._film(self._film_rng.standard_normal((1, n), dtype=np.float32))
        film, self._late = np.split(np.concatenate((self._late, film), axis=1), [n], axis=1)
        gripped = np.maximum(0.5 + 0.5 * engaged, 0) * self._attention * np.float32(spec.synchrony)
        time = (self._done + np.arange(n)) / spec.rate
        sources = [
            theta,
            theta * engaged,
            alpha,
            alpha * engaged,
            beta,
            beta * engaged,
            self._background(white[3]),
            self._lids(self._events(0.0 if self._closed else spec.blinks)) / self._lids.peak,
            white[4] * jaws,
            film * gripped + self._evoked(time - spec.late_ms / 1000) * self._attention,
            np.sin(2 * np.pi * ((spec.mains_hz * time) % 1) + self._phase).astype(np.float32),
        ]
        return np.stack(sources, axis=1)

    def _evoked(self, time: Coefficients) -> Float:
        """Answer to flashes: N75, P100 and N145, as it shows at these times (s)."""
        self._flashed = self._flashed[self._flashed > time[0] - _EVOKED_S]
        since = (time - self._flashed[:, np.newaxis])[..., np.newaxis]
        sizes, peaks_s, widths_s = _WAVES
        waves = sizes * np.exp(-(((since - peaks_s) / widths_s) ** 2) / 2)
        return np.asarray(waves.sum(axis=(0, 2)), np.float32)

    def _course(self, target: float) -> Float:
        """Follow the scene's engagement."""
        time = (1 + np.arange(self.block)) / self._spec.rate
        course = approach(self._engagement, target, time / _COURSE_S)
        self._engagement = float(course[-1])
        return course.astype(np.float32)

    def _events(self, per_minute: float) -> Float:
        """Throw at most one event into every viewer's block."""
        seats = len(self._spec.seats)
        events = np.zeros((seats, self.block), np.float32)
        happens = self._rng.random(seats) < per_minute / 60 * BLOCK_S
        at = self._rng.integers(self.block, size=seats)
        events[happens, at[happens]] = self._rng.uniform(0.7, 1.3, seats)[happens]
        return events

    def _drift(self) -> Float:
        """Walk every electrode's offset on by a straight step."""
        start = self._offset
        step = self._rng.normal(0, _DRIFT_UV, start.shape).astype(np.float32)
        self._offset = start + step
        return start + step * (np.arange(self.block, dtype=np.float32) / np.float32(self.block))


def approach(start: float, target: float, time: Coefficients) -> Coefficients:
    """Approach a target by the first order; times in parts of the time constant."""
    return target + (start - target) * np.exp(-time)


def bump(peak_s: float, rate: float, rows: int) -> Filter:
    """Make a filter whose impulse response is a single bump, t exp(-t)."""
    decay = np.exp(-1 / (peak_s * rate))
    return Filter(np.array([1.0]), np.array([1.0, -2 * decay, decay**2]), rows)


def _band(edges: tuple[float, float], rate: float) -> tuple[Coefficients, Coefficients]:
    """Design a band-pass of order 2."""
    b, a = butter(2, edges, "bandpass", fs=rate)
    return b, a


def _site(electrode: str) -> _Site:
    """Give an electrode the gains of its region."""
    for region, site in _SITES.items():
        if electrode in REGIONS[region]:
            return site
    return _ELSEWHERE
