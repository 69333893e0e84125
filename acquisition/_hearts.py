"""A model of what an audience's pulse looks like to photoplethysmographs.

Every heart beats at a rate of its own, which sways with the breath (Hirsch & Bishop 1981,
doi 10.1152/ajpheart.1981.241.4.H620), wanders, and follows engagement slowly. A beat is two
Gaussian waves, the systolic and the dicrotic (Tang et al. 2020, doi 10.1038/s41598-020-69076-x):
blood takes a hundredth of the light that the skin gives back. Sizes are those of a Muse's counts.
"""

import zlib

import numpy as np

from acquisition._specs import SimulatedSpec
from acquisition._viewers import BLOCK_S, Coefficients, Filter, Float, approach, bump

_STREAM = 0x505047
"""Sets the hearts' draws apart from the brains'."""

_COURSE_S = 10.0
_LIGHT = 150_000.0
_PULSATION = 0.01
_SYSTOLIC, _DICROTIC = (0.25, 0.08), (0.55, 0.1)
"""Place and width of the waves, in parts of a beat."""

_BREATH, _NOISE = 0.4, 0.1
"""In parts of the pulsation."""

_WANDER_BPM, _WANDER_KEPT = 0.3, 0.98
_DRIFT = 0.0003
_STIRS = 0.5
"""Movements per viewer and minute that shift the sensor on the skin, for about a second."""

_STIR_S, _STIR = 0.3, 8.0


class Hearts:
    """Viewers whose pulse is generated block by block, beside their EEG.

    Parameters
    ----------
    spec : SimulatedSpec
        Who they are; equal specs give equal samples.
    """

    def __init__(self, spec: SimulatedSpec) -> None:
        seats = len(spec.seats)
        names = zlib.crc32("\n".join(spec.seats).encode())
        rng = np.random.Generator(np.random.SFC64([spec.seed, names, _STREAM]))
        self._rng = rng
        self._rate = spec.rate
        self._block = round(BLOCK_S * spec.rate)
        self._done = 0
        self._engagement = 0.0
        self._rest_bpm = rng.uniform(55, 85, (seats, 1))
        self._sway_bpm = rng.uniform(1.0, 4.0, (seats, 1))
        self._gain_bpm = rng.uniform(3.0, 7.0, (seats, 1))
        self._breath_hz = rng.uniform(0.2, 0.3, (seats, 1))
        self._breath = rng.uniform(0, 2 * np.pi, (seats, 1))
        self._beat = rng.uniform(0, 1, (seats, 1))
        self._wander = np.zeros((seats, 1))
        self._second_wave = rng.uniform(0.2, 0.5, (seats, 1))
        self._light = _LIGHT * rng.lognormal(0, 0.3, (seats, 1))
        self._depth = _PULSATION * rng.lognormal(0, 0.3, (seats, 1))
        self._stirs: Filter = bump(_STIR_S, spec.rate, seats)

    def next_block(self, target: float) -> Float:
        """Generate the next block.

        Parameters
        ----------
        target : float
            Engagement that the scene draws the viewers to.

        Returns
        -------
        ndarray of float32, shape (seats, block)
            Raw counts of the light.
        """
        time = (self._done + np.arange(self._block)) / self._rate
        self._done += self._block
        breath = np.sin(2 * np.pi * ((self._breath_hz * time) % 1) + self._breath)
        beat = self._beats(breath, target)
        noise = self._rng.standard_normal(beat.shape)
        blood = self._waves(beat) + _BREATH * breath + _NOISE * noise + self._stirring()
        return (self._drifting() * (1 - self._depth * blood)).astype(np.float32)

    def _beats(self, breath: Coefficients, target: float) -> Coefficients:
        """Let the hearts beat on: parts of a beat since it began."""
        since = (1 + np.arange(self._block)) / self._rate
        engaged = approach(self._engagement, target, since / _COURSE_S)
        self._engagement = float(engaged[-1])
        step = self._rng.normal(0, _WANDER_BPM, self._wander.shape)
        self._wander = _WANDER_KEPT * self._wander + step
        own = self._rest_bpm + self._wander
        bpm = own + self._sway_bpm * breath + self._gain_bpm * engaged
        beats = self._beat + np.cumsum(bpm / 60 / self._rate, axis=1)
        self._beat = beats[:, -1:] % 1
        return np.asarray(beats % 1)

    def _waves(self, beat: Coefficients) -> Coefficients:
        """Give the systolic and the dicrotic wave."""
        first, second = (
            np.exp(-(((beat - place) / width) ** 2) / 2) for place, width in (_SYSTOLIC, _DICROTIC)
        )
        return np.asarray(first + self._second_wave * second)

    def _stirring(self) -> Float:
        """Throw at most one movement into every viewer's block."""
        seats = len(self._beat)
        stirs = np.zeros((seats, self._block), np.float32)
        happens = self._rng.random(seats) < _STIRS / 60 * BLOCK_S
        at = self._rng.integers(self._block, size=seats)
        stirs[happens, at[happens]] = self._rng.uniform(-_STIR, _STIR, seats)[happens]
        return self._stirs(stirs) / np.float32(self._stirs.peak)

    def _drifting(self) -> Coefficients:
        """Walk every sensor's light on by a straight step."""
        start = self._light
        self._light = start * (1 + self._rng.normal(0, _DRIFT, start.shape))
        return start + (self._light - start) * (np.arange(self._block) / self._block)
