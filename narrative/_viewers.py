"""Viewers as a film sees them: readings drawn at random, without any EEG behind them.

Every reading is a first-order autoregressive process, a value a second: it wanders about a mean,
and the mean follows the scene, as fast as the reading forgets. Left out on purpose: readings of
one moment do not depend on each other except through the scene, a zone's not on the hall's, and
an error stays as large as it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from math import ceil, erf, floor, isinf, sqrt
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt
from scipy.special import stdtr

from narrative._audience_model import AudienceModel, SignalModel
from narrative._decision import Reading
from narrative._film import Branch, Film, Scene
from narrative._guard import For, SignalValue, signal_values, walk
from narrative._multiplicity import decision_points, over_film
from narrative._wandering import Floats, Wandering

__all__ = ["Sitting", "Viewers"]

Tick: TypeAlias = tuple[float, Mapping[str, Reading]]

_STEPS: Final = 100
"""Values are rounded to so many steps a unit, as the console shows them: a reading is then made
once, not anew in every pass."""

_TREND_STEPS: Final = 10_000
_TREND_S: Final = 10
_FEWEST_FOR_TREND: Final = 5
"""As the trend is measured: a slope over ten seconds, of which five are known."""

_UNKNOWN: Final = 1 << 30
_LOST: Final = "too few valid seats"


class Viewers:
    """Audiences for one film.

    Parameters
    ----------
    model : AudienceModel
        What they are drawn from.
    film : Film
        From `load_film`.
    lengths_s : Mapping of str to float
        Each scene's length in seconds, above zero.

    Attributes
    ----------
    missing : tuple of str
        Readings of the film that the model does not have; they stay unknown.
    """

    def __init__(self, model: AudienceModel, film: Film, lengths_s: Mapping[str, float]) -> None:
        self._film = film
        self._lengths_s = lengths_s
        self._points = decision_points(film, lengths_s)
        reads = {name: _reads(scene) for name, scene in film.scenes.items()}
        wanted = {value.reading: value for values in reads.values() for value in values}
        found = {name: _model_of(model, wanted[name], len(film.zones)) for name in sorted(wanted)}
        self.missing = tuple(name for name, one in found.items() if one is None)
        models = {name: one for name, one in found.items() if one is not None}
        rows = {name: row for row, name in enumerate(models)}
        self._models = tuple(models.values())
        self._rows = {
            scene: {value.reading: rows[value.reading] for value in values if value.reading in rows}
            for scene, values in reads.items()
        }
        trends = {v.reading for vs in reads.values() for v in vs if v.attribute == "trend"}
        self._trends = {rows[name] for name in trends & rows.keys()}
        self._spans = {name: _span(scene) for name, scene in film.scenes.items()}
        self._wandering = Wandering(self._models)
        self._means = np.array([one.means for one in self._models]).reshape(-1, 3)
        longest = ceil(max(lengths_s.values(), default=1.0)) + 2
        self._fading: Floats = self._wandering.memory[:, np.newaxis] ** np.arange(longest)
        self._places = {of: i for i, of in enumerate(sorted({s.of for s in film.scenes.values()}))}
        self._levels = np.array([model.responses.get(of, 0.0) for of in self._places])
        self._spread = model.spread
        self._reading = lru_cache(maxsize=1 << 16)(self._make)

    def sit(self, seed: int, number: int) -> Sitting:
        """Seat the audience of one pass.

        Parameters
        ----------
        seed, number : int
            Modulo 2^64; each pair is an audience of its own, whoever sat before.

        Returns
        -------
        Sitting
            Before the film.
        """
        return Sitting(self, np.random.Generator(np.random.Philox(key=_key(seed, number))))

    def _targets(self, level: float) -> Floats:
        """Give every reading's mean at a level."""
        low, middle, high = self._means.T
        means: Floats = middle + level * ((high - middle) if level > 0 else (middle - low))
        return means

    def _make(self, row: int, code: int, trend: float | None, points: int) -> Reading:
        one = self._models[row]
        seats = 0 if isinf(one.seats) else round(one.seats)
        if code == _UNKNOWN:
            return Reading(value=None, confidence=None, t=None, seats=seats, reason=_LOST)
        value = code / _STEPS
        t = value / one.standard_error
        sure = over_film(_confidence(t, one.seats - 1), points)
        return Reading(value=value, confidence=sure, t=t, seats=seats, reason="", trend=trend)


class Sitting:
    """One audience through one pass; made by `Viewers.sit`.

    Attributes
    ----------
    seed : int
        The screening's, for what the film leaves to chance.
    """

    def __init__(self, viewers: Viewers, rng: np.random.Generator) -> None:
        self.seed = int(rng.integers(1 << 53))
        drawn = viewers._spread * rng.standard_normal(len(viewers._levels))
        self._levels = np.clip(viewers._levels + drawn, -1.0, 1.0)
        self._viewers = viewers
        self._rng = rng
        self._astray, self._lost = viewers._wandering.begin(rng)
        self._values: Floats = np.empty((len(viewers._models), 0))
        self._entered = 0
        self._from = self._to = viewers._targets(0.0)

    def enter(self, scene: str, film_time_s: float) -> tuple[list[Tick], list[Tick] | None]:
        """See a scene, and give what is read in it.

        Parameters
        ----------
        scene : str
            A scene of the film.
        film_time_s : float
            Film time of its first frame, later than that of the one before.

        Returns
        -------
        ticks : list of (float, Mapping of str to Reading)
            Scene time in whole seconds, and what its guards read then; as far as its window, and
            that of branches ahead of it, are open.
        ahead : list of (float, Mapping of str to Reading) or None
            The same as branches ahead of it read it: they decide, and must be sure over the whole
            film, where a cosmetic cut need not. None where that is the same.
        """
        viewers, fading = self._viewers, self._viewers._fading
        at = int(film_time_s)
        passed = min(at - self._entered, fading.shape[1] - 1)
        self._from = self._to + (self._from - self._to) * fading[:, passed]
        place = viewers._places[viewers._film.scenes[scene].of]
        self._to = viewers._targets(float(self._levels[place]))
        self._entered = at
        rows = viewers._rows[scene]
        if rows or viewers._trends:
            self._draw(at, int(film_time_s + viewers._lengths_s[scene]))
        first, last = viewers._spans[scene]
        last = min(last, int(film_time_s + viewers._lengths_s[scene]) - at - 1)
        seconds = range(first, last + 1)
        if not viewers._film.scenes[scene].cosmetic:
            return self._ticks(rows, at, seconds, viewers._points), None
        ticks = self._ticks(rows, at, seconds, 1)
        return ticks, self._ticks(rows, at, seconds, viewers._points)

    def _ticks(self, rows: Mapping[str, int], at: int, seconds: range, points: int) -> list[Tick]:
        """Give what is read in some seconds of a scene that began in second `at`."""
        if not rows:
            return [(float(second), {}) for second in seconds]
        columns = [
            self._readings(row, at + seconds.start, at + seconds.stop, points)
            for row in rows.values()
        ]
        return [
            (float(second), dict(zip(rows, readings, strict=True)))
            for second, *readings in zip(seconds, *columns, strict=True)
        ]

    def _draw(self, start: int, stop: int) -> None:
        """Draw the values of a scene."""
        viewers = self._viewers
        while self._values.shape[1] < stop:
            block, self._astray, self._lost = viewers._wandering.go_on(
                self._rng, self._astray, self._lost
            )
            self._values = np.concatenate((self._values, block), axis=1)
        course = (self._from - self._to)[:, np.newaxis] * viewers._fading[:, : stop - start]
        self._values[:, start:stop] += course + self._to[:, np.newaxis]

    def _readings(self, row: int, start: int, stop: int, points: int) -> list[Reading]:
        """Give a row's readings of some seconds."""
        codes = _codes(self._values[row, start:stop], _STEPS)
        trends: list[float | None] = [None] * len(codes)
        if row in self._viewers._trends:
            trends = _slopes(self._values[row], start, stop)
        make = self._viewers._reading
        return [make(row, code, trend, points) for code, trend in zip(codes, trends, strict=True)]


def _branches(scene: Scene) -> tuple[Branch, ...]:
    """Give its branches, and those of a later shot that are ahead of it."""
    return (*scene.branches, *(scene.ahead.branches if scene.ahead else ()))


def _reads(scene: Scene) -> tuple[SignalValue, ...]:
    """Find what a scene's guards read."""
    trees = (branch.when.tree for branch in _branches(scene))
    return tuple(dict.fromkeys(value for tree in trees for value in signal_values(tree)))


def _span(scene: Scene) -> tuple[int, int]:
    """Find the first and last whole second that its guards look at; none where it has none."""
    windows = [scene.reading, scene.ahead.window if scene.ahead else None]
    spans = [(window.from_s, window.to_s) for window in windows if window]
    if not spans:
        return 0, -1
    first, last = max(0, ceil(min(a for a, _ in spans))), floor(max(b for _, b in spans))
    nodes = (node for branch in _branches(scene) for node in walk(branch.when.tree))
    # Without a duration to wait for, guards look at the last second alone.
    return (first if any(isinstance(node, For) for node in nodes) else max(first, last)), last


def _model_of(model: AudienceModel, value: SignalValue, zones: int) -> SignalModel | None:
    own = model.signals.get(value.reading)
    if own is not None or not value.zone:
        return own
    hall = model.signals.get(value.signal)
    return None if hall is None else hall.in_part(zones)


def _key(seed: int, number: int) -> npt.NDArray[np.uint64]:
    return np.array([seed % 2**64, number % 2**64], np.uint64)


def _codes(values: Floats, steps: int) -> list[int]:
    """Round values to whole steps."""
    rounded = np.rint(values * steps)
    rounded[np.isnan(rounded)] = _UNKNOWN
    codes: list[int] = rounded.astype(np.int64).tolist()
    return codes


def _slopes(values: Floats, start: int, stop: int) -> list[float | None]:
    """Fit a line to the known values of the ten seconds up to each second."""
    padded = np.concatenate((np.full(_TREND_S - 1, np.nan), values[:stop]))
    windows = np.lib.stride_tricks.sliding_window_view(padded, _TREND_S)[start:]
    known = ~np.isnan(windows)
    count = np.maximum(known.sum(axis=1), 1)
    times = (
        np.arange(_TREND_S)
        - (known * np.arange(_TREND_S)).sum(axis=1, keepdims=True) / count[:, np.newaxis]
    )
    times[~known] = 0.0
    squares = np.maximum((times**2).sum(axis=1), 1.0)
    slopes = (times * np.nan_to_num(windows)).sum(axis=1) / squares
    slopes[count < _FEWEST_FOR_TREND] = np.nan
    codes = _codes(slopes, _TREND_STEPS)
    return [None if code == _UNKNOWN else code / _TREND_STEPS for code in codes]


def _confidence(t: float, freedom: float) -> float:
    """1 - p, two-sided: Student's t, or the normal law where the freedom is infinite."""
    if isinf(freedom):
        return erf(abs(t) / sqrt(2.0))
    return float(1.0 - 2.0 * stdtr(freedom, -abs(t)))
