"""Every seat's own baseline, and its smoothed z against it."""

from collections.abc import Sequence

import numba
import numpy as np
import numpy.typing as npt

from dsp._robust import TO_SD
from dsp._settings import Settings
from dsp._signals import BLINK_RATE, HEART_RATE, MEASURED
from dsp._types import Memory, Rows

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

CAPACITY = 300
"""Latest one-second samples a baseline is made of: five minutes of lead-in."""


@numba.njit(cache=True, nogil=True, error_model="numpy")
def smooth_z(
    index: Floats,
    covered: Floats,
    centre: Floats,
    spread: Floats,
    limit: float,
    decay: float,
    least: float,
    total: Floats,
    weight: Floats,
    z: Floats,
) -> None:
    """Exponential mean of each seat's clipped baseline z, over its valid seconds.

    Smoothing comes before pooling, so that a seat that leaves takes its past along. A second counts
    by how much of its window was good, and a mean by how much good data is behind it: a seat's
    weight falls while it is bad, and comes back as slowly.

    Parameters
    ----------
    index, covered : ndarray, shape (measures, seats)
        This second's value (NaN: not valid), and the good share of the window behind it.
    centre, spread : ndarray, shape (measures, seats)
        The baseline (NaN: none yet).
    limit
        z is clipped at plus and minus this.
    decay
        Weight that is left of the past after a second.
    least
        Sum of weights that a mean needs; it approaches 1 with every valid second.
    total, weight : ndarray, shape (measures, seats)
        Weighted sum and sum of weights; changed in place.
    z : ndarray, shape (measures, seats)
        Written; NaN where the index or the baseline is missing, or the mean too young.
    """
    for i in range(index.shape[0]):
        for k in range(index.shape[1]):
            total[i, k] *= decay
            weight[i, k] *= decay
            value = (index[i, k] - centre[i, k]) / spread[i, k]
            z[i, k] = np.nan
            if value == value:
                part = (1.0 - decay) * covered[i, k]
                total[i, k] += part * min(max(value, -limit), limit)
                weight[i, k] += part
                if weight[i, k] >= least:
                    z[i, k] = total[i, k] / weight[i, k]


def baseline_of(name: str, values: Floats, settings: Settings) -> tuple[float, float]:
    """Make a seat's baseline of a signal.

    Parameters
    ----------
    name
        A name of `MEASURED`.
    values : ndarray, shape (seconds,)
        What the seat showed in its lead-in; none is missing.
    settings
        The floors.

    Returns
    -------
    centre, spread : float
        Median, and 1.4826 times the median absolute deviation, or the floor.
    """
    own = {BLINK_RATE.name: settings.blink_floor, HEART_RATE.name: settings.heart_floor}
    floor = own.get(name, settings.baseline_floor)
    centre = float(np.median(values))
    return centre, max(TO_SD * float(np.median(np.abs(values - centre))), floor)


class Baseline:
    """Baselines of all seats, for every measure.

    Parameters
    ----------
    seats
        How many.
    settings
        Seconds needed, floors, clipping and smoothing.
    """

    def __init__(self, seats: int, settings: Settings) -> None:
        shape = (len(MEASURED), seats)
        self._settings = settings
        self._decay = float(np.exp(-1.0 / settings.smoothing_s))
        self._frozen = False
        self._samples = np.full((*shape, CAPACITY), np.nan, dtype=np.float32)
        self._held: Ints = np.zeros(shape, dtype=np.int64)
        self._centre: Floats = np.full(shape, np.nan)
        self._spread: Floats = np.full(shape, np.nan)
        self._total: Floats = np.zeros(shape)
        self.weight: Floats = np.zeros(shape)
        self.z: Floats = np.full(shape, np.nan)

    @property
    def known(self) -> npt.NDArray[np.bool_]:
        """Which seats have a baseline; shape (measures, seats)."""
        return ~np.isnan(self._centre)

    def update(self, index: Floats, covered: Floats) -> None:
        """Take in one second's values and the good share of the windows behind them.

        Parameters
        ----------
        index, covered : ndarray, shape (measures, seats)
            NaN where not valid; 0 to 1.
        """
        collecting = ~np.isnan(index) & ~self.known
        if collecting.any():
            self._collect(index, collecting)
        smooth_z(
            index,
            covered,
            self._centre,
            self._spread,
            self._settings.z_limit,
            self._decay,
            self._settings.coverage,
            self._total,
            self.weight,
            self.z,
        )

    def _collect(self, index: Floats, collecting: npt.NDArray[np.bool_]) -> None:
        """Keep this second's values of those who have no baseline yet."""
        where = np.nonzero(collecting)
        self._samples[(*where, self._held[where] % CAPACITY)] = index[where]
        self._held[where] += 1
        if self._frozen:
            self._fix(collecting & (self._held >= self._settings.baseline_own_s))

    def freeze(self) -> None:
        """End the lead-in: whoever has seen enough of it keeps it. A second call does nothing."""
        if self._frozen:
            return
        self._frozen = True
        self._fix(self._held >= self._settings.baseline_lead_in_s)

    def forget(self, seats: Sequence[int]) -> None:
        """Wipe everything about some seats."""
        self._samples[:, seats] = np.nan
        self._held[:, seats] = 0
        self._centre[:, seats] = np.nan
        self._spread[:, seats] = np.nan
        self._total[:, seats] = 0.0
        self.weight[:, seats] = 0.0
        self.z[:, seats] = np.nan

    def memory(self) -> Memory:
        """Give what another analyzer must know to go on with these seats."""
        lead_in = tuple(
            tuple(
                () if fixed else tuple(samples[: min(held, CAPACITY)].tolist())
                for samples, held, fixed in zip(*row, strict=True)
            )
            for row in zip(self._samples, self._held.tolist(), self.known.tolist(), strict=True)
        )
        return Memory(
            self._frozen,
            to_rows(self._centre),
            to_rows(self._spread),
            to_rows(self._total),
            to_rows(self.weight),
            lead_in,
        )

    def recall(self, memory: Memory) -> None:
        """Go on with what another analyzer knew of these seats.

        Raises
        ------
        ValueError
            Where it is of other seats.
        """
        if len(memory.centre) != len(self._centre) or len(memory.centre[0]) != len(self.z[0]):
            raise ValueError(f"a memory of {len(memory.centre[0])} seats, not {len(self.z[0])}")
        self._frozen = memory.frozen
        self._centre[:] = _array(memory.centre)
        self._spread[:] = _array(memory.spread)
        self._total[:] = np.nan_to_num(_array(memory.total))
        self.weight[:] = np.nan_to_num(_array(memory.weight))
        for i, row in enumerate(memory.lead_in):
            for k, samples in enumerate(row):
                self._samples[i, k, : len(samples)] = samples
                self._held[i, k] = len(samples)

    def _fix(self, due: npt.NDArray[np.bool_]) -> None:
        """Make seats' baselines: median, and 1.4826 MAD or the floor."""
        for i, k in np.argwhere(due).tolist():
            samples = self._samples[i, k, : self._held[i, k]].astype(np.float64)
            own = baseline_of(MEASURED[i], samples, self._settings)
            self._centre[i, k], self._spread[i, k] = own


def to_rows(values: Floats) -> Rows:
    """Plain tuples, None for NaN."""
    return tuple(tuple(None if v != v else v for v in row) for row in values.tolist())


def _array(rows: Rows) -> Floats:
    return np.array(rows, dtype=np.float64)
