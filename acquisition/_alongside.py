"""A sensor with a stream of its own, put on the grid of its headset's EEG."""

import numpy as np
from numpy.typing import NDArray

from acquisition._types import Indices

Floats = NDArray[np.floating]

DELAY_S = 0.5
"""How much later than it was measured such a sensor's sample stands beside the EEG.

EEG must not wait for the other stream: the hall places live headsets by when their samples arrive,
and a wait would differ from seat to seat by more than synchrony stands (20 ms). A pulse may be
late: its rate is a mean over seconds. Half a second is a gap that is bridged, a packet, and what
the streams may be apart.
"""

_GAP_S = 0.25
_APART_S = 0.15


class Alongside:
    """Interpolates one slower stream at the indices of another of the same device.

    Both count packets by the same clock, so that their places follow from their counters once two
    samples are known to belong together: the newest of either, when the slower one comes first.
    Where the newest are more than 0.15 s apart later on, these are taken to belong together.

    Parameters
    ----------
    rate : float
        Samples per second of the EEG.
    own_rate : float
        Of the slower stream.
    """

    def __init__(self, rate: float, own_rate: float) -> None:
        self._ratio = rate / own_rate
        self._delay = DELAY_S * rate
        self._gap = _GAP_S * rate
        self._apart = _APART_S * rate
        self._newest = -1
        self._shift: float | None = None
        self._places: Floats = np.empty(0)
        self._values: Floats = np.empty(0)

    def place(self, index: Indices, own_index: Indices, own_values: Floats) -> Floats:
        """Give the slower stream's value at every index of the EEG.

        Parameters
        ----------
        index : ndarray of int64, shape (n,)
            Of the EEG samples that have come; rising from call to call.
        own_index : ndarray of int64, shape (m,)
            Of the slower stream's samples that have come; rising from call to call.
        own_values : ndarray of float64, shape (m,)
            These samples.

        Returns
        -------
        ndarray of float64, shape (n,)
            On the straight line between two samples; NaN where none has come yet, or between two
            that lie more than 0.25 s apart.
        """
        if index.size:
            self._newest = int(index[-1])
        if own_index.size and self._newest >= 0:
            self._keep(own_index * self._ratio, own_values)
        wanted = index - self._delay
        found = self._between(wanted)
        if wanted.size:
            used = max(int(np.searchsorted(self._places, wanted[-1], side="right")) - 1, 0)
            self._places, self._values = self._places[used:], self._values[used:]
        return found

    def _keep(self, places: Floats, values: Floats) -> None:
        """Put new samples behind those that are still needed."""
        apart = self._newest - places[-1]
        if self._shift is None or abs(apart - self._shift) > self._apart:
            self._shift = apart
        places = places + self._shift
        before = int(np.searchsorted(self._places, places[0]))
        self._places = np.concatenate((self._places[:before], places))
        self._values = np.concatenate((self._values[:before], values))

    def _between(self, wanted: Floats) -> Floats:
        """Interpolate, but not over a gap."""
        places = self._places
        if places.size < 2:
            return np.full(wanted.size, np.nan)
        after = np.clip(np.searchsorted(places, wanted), 1, places.size - 1)
        found = np.interp(wanted, places, self._values, left=np.nan, right=np.nan)
        found[np.diff(places)[after - 1] > self._gap] = np.nan
        return found
