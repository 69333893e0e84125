"""How readings stray from their means: autoregressive processes with holes in them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt

from narrative._audience_model import SignalModel

__all__ = ["Floats", "Wandering"]

Floats: TypeAlias = npt.NDArray[np.float64]
Bools: TypeAlias = npt.NDArray[np.bool_]

_PIECE_S: Final = 64
_PIECES: Final = 16
"""Pieces that are drawn at a time, and the seconds of one."""


class Wandering:
    """Draws how readings stray, for one audience after another.

    Parameters
    ----------
    models : sequence of SignalModel
        One for each reading.
    """

    def __init__(self, models: Sequence[SignalModel]) -> None:
        self.sd = np.array([one.sd for one in models])
        self.memory = np.array([one.autocorrelation for one in models])
        self.share = np.array([one.unknown for one in models])
        known = 1.0 - self.share
        least_s = np.divide(1.0, known, out=np.full(len(models), np.inf), where=known > 0)
        # Shorter than by independent seconds no stretch can be.
        self._back = 1.0 / np.maximum([one.unknown_s for one in models], least_s)
        self._away = np.divide(
            self._back * self.share, known, out=np.ones(len(models)), where=known > 0
        )
        self._fresh = self.sd * np.sqrt(1.0 - self.memory**2)
        lags = np.subtract.outer(np.arange(_PIECE_S), np.arange(_PIECE_S))
        weights = self.memory[:, np.newaxis, np.newaxis] ** np.maximum(lags, 0)
        self._within: Floats = np.where(lags >= 0, weights, 0.0).swapaxes(1, 2)
        self._after: Floats = self.memory[:, np.newaxis] ** np.arange(1, _PIECE_S + 1)

    def begin(self, rng: np.random.Generator) -> tuple[Floats, Bools]:
        """Draw where readings are before the first second: how far astray, and whether lost."""
        astray = self.sd * rng.standard_normal(len(self.sd))
        return astray, rng.random(len(self.sd)) < self.share

    def go_on(
        self, rng: np.random.Generator, astray: Floats, lost: Bools
    ) -> tuple[Floats, Floats, Bools]:
        """Draw the next seconds.

        Parameters
        ----------
        rng : numpy.random.Generator
            The audience's.
        astray, lost : ndarray, shape (readings,)
            Where they are.

        Returns
        -------
        strays : ndarray of float64, shape (readings, seconds)
            NaN where a reading is unknown.
        astray, lost : ndarray, shape (readings,)
            Where they have come to.
        """
        fresh = rng.standard_normal((len(self.sd), _PIECES * _PIECE_S))
        strays = self._filtered(fresh * self._fresh[:, np.newaxis], astray)
        astray = strays[:, -1].copy()
        if not self.share.any():
            return strays, astray, lost
        holes = self._holes(rng.random(strays.shape), lost)
        strays[holes] = np.nan
        return strays, astray, holes[:, -1]

    def _filtered(self, fresh: Floats, astray: Floats) -> Floats:
        """Add up what is new in each second and what is left of all before, piece by piece."""
        pieces = np.matmul(fresh.reshape(len(fresh), _PIECES, _PIECE_S), self._within)
        for piece in range(_PIECES):
            pieces[:, piece] += self._after * astray[:, np.newaxis]
            astray = pieces[:, piece, -1]
        strays: Floats = pieces.reshape(fresh.shape)
        return strays

    def _holes(self, draws: Floats, lost: Bools) -> Bools:
        """Find the unknown seconds, from uniform draws."""
        # A low draw makes it unknown whatever it was, a high one known; between, all stays so.
        low, high = draws < self._away[:, np.newaxis], draws >= 1.0 - self._back[:, np.newaxis]
        turns = np.column_stack((np.where(lost, 1, -1), np.where(low, 1, np.where(high, -1, 0))))
        last = np.maximum.accumulate(np.where(turns != 0, np.arange(turns.shape[1]), 0), axis=1)
        return np.asarray(np.take_along_axis(turns, last, axis=1)[:, 1:] > 0)
