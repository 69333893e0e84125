"""From seats to the audience: what every signal is in a zone and in the hall, and how sure."""

from collections import deque
from collections.abc import Sequence
from math import erf, sqrt

import numpy as np
import numpy.typing as npt
from scipy.special import stdtr

from dsp._partial import Partial, spread
from dsp._settings import Settings
from dsp._signals import BLINK_RATE, MEASURED, SIGNALS, SYNCHRONY, needed
from dsp._synchrony import correlation, independent_share, null_sd
from dsp._types import Pooled

Ints = npt.NDArray[np.int64]

_ALIKE = 1e-9  # standard error of z below which seats cannot be different people
_FEWEST_FOR_TREND = 5  # seconds


def student_confidence(t: float, freedom: float) -> float:
    """1 - p of a one-sample t, two-sided."""
    return float(1.0 - 2.0 * stdtr(freedom, -abs(t)))


def normal_confidence(z: float) -> float:
    """1 - p of a standard normal z, two-sided."""
    return erf(abs(z) / sqrt(2.0))


class Audience:
    """Turns summed partials into pooled signals, second by second.

    Parameters
    ----------
    zones
        Names of the zones, without the seats that are in none.
    settings
        The recipe.
    """

    def __init__(self, zones: Sequence[str], settings: Settings) -> None:
        self._settings = settings
        self._zones = tuple(zones)
        length = round(settings.trend_s)
        self._past: list[list[deque[float | None]]] = [
            [deque(maxlen=length) for _ in SIGNALS] for _ in ("hall", *zones)
        ]

    def pool(
        self, partial: Partial, *, again: bool = False
    ) -> tuple[tuple[Pooled, ...], tuple[tuple[Pooled, ...], ...]]:
        """Pool a second's partial.

        Parameters
        ----------
        partial
            The sum over all parts of the audience.
        again
            True where this second was pooled before, with a seat that has left since.

        Returns
        -------
        hall : tuple of Pooled
            In the order of `dsp.SIGNALS`.
        zones : tuple of tuple of Pooled
            The same for every zone.
        """
        everyone = slice(None)
        places = [everyone, *(slice(i + 1, i + 2) for i in range(len(self._zones)))]
        pooled = [
            self._place(partial, place, past, again)
            for place, past in zip(places, self._past, strict=True)
        ]
        return pooled[0], tuple(pooled[1:])

    def forget(self) -> None:
        """Wipe what the trends are made of: somebody was in it who has left."""
        for place in self._past:
            for values in place:
                values.clear()

    def _place(
        self, partial: Partial, place: slice, past: list[deque[float | None]], again: bool
    ) -> tuple[Pooled, ...]:
        found = [self._measure(partial, i, place) for i in range(len(MEASURED))]
        found.append(self._synchrony(partial, place))
        return tuple(
            self._with_trend(pooled, values, again)
            for pooled, values in zip(found, past, strict=True)
        )

    def _with_trend(self, pooled: Pooled, past: deque[float | None], again: bool) -> Pooled:
        if again and past:
            past.pop()
        past.append(pooled.value)
        if pooled.value is None:
            return pooled
        times = np.array([t for t, value in enumerate(past) if value is not None], dtype=float)
        if len(times) < _FEWEST_FOR_TREND:
            return pooled
        values = np.array([value for value in past if value is not None])
        times -= times.mean()
        return pooled.with_trend(float(np.sum(times * values) / np.sum(times**2)))

    def _measure(self, partial: Partial, i: int, place: slice) -> Pooled:
        name, settings = MEASURED[i], self._settings
        count = int(partial.seats[i, place].sum())
        if not partial.offered[i, place].sum():
            return _unknown(name, 0, f"no seat has {needed(name)}")
        if count < settings.min_seats:
            return _unknown(name, count, self._why_few(partial, i, place, count))
        weights = partial.weights[i, place].sum(axis=0)
        squares = int(partial.squares[i, place].sum())
        found = spread(weights, squares, settings.z_limit, settings.trim)
        if found is None or found.standard_error < _ALIKE:
            alike = "all seats are alike: check for doubled devices"
            return _unknown(name, count, "no blinks" if name == BLINK_RATE.name else alike)
        t = found.mean / found.standard_error
        confidence = student_confidence(t, found.effective - 1)
        return Pooled(name, found.mean, found.standard_error, t, confidence, count, found.effective)

    def _synchrony(self, partial: Partial, place: slice) -> Pooled:
        if not partial.correlations:
            return _unknown(SYNCHRONY, 0, f"no seat has {needed(SYNCHRONY)}")
        _, best = max(
            partial.correlations.items(), key=lambda item: (item[1].seats[place].sum(), item[0])
        )
        seats = int(best.seats[place].sum())
        value, pairs = correlation(best.sums[:, place])
        if seats < 2 or value != value or not best.alive:
            few = seats < self._settings.min_seats
            reason = self._too_few(seats) if few else "nothing to correlate in the window"
            return _unknown(SYNCHRONY, seats, reason)
        if seats < self._settings.min_seats:
            return _unknown(SYNCHRONY, seats, self._too_few(seats), value)
        error = null_sd(independent_share(best.lagged, best.alive, best.step), pairs)
        # Few seats in a short window pass the ceiling by chance.
        if value - 2 * error > self._settings.isc_ceiling:
            reason = "more alike than viewers are: check for a shared pick-up or doubled devices"
            return _unknown(SYNCHRONY, seats, reason, value)
        z = value / error
        confidence = normal_confidence(z)
        return Pooled(SYNCHRONY, z, error, z, confidence, seats, float(seats), raw=value)

    def _why_few(self, partial: Partial, i: int, place: slice, count: int) -> str:
        """Tell seats that have no baseline yet from seats that are not valid."""
        if partial.known[i, place].sum() >= self._settings.min_seats:
            return "too few seconds since the baseline"
        if partial.valid[i, place].sum() >= self._settings.min_seats:
            return "baseline not complete"
        return self._too_few(count)

    def _too_few(self, count: int) -> str:
        return f"{count} valid seat{'' if count == 1 else 's'}, {self._settings.min_seats} needed"


def _unknown(name: str, seats: int, reason: str, raw: float | None = None) -> Pooled:
    return Pooled(name, None, None, None, None, seats, None, raw=raw, reason=reason)
