"""How readings of an audience behave: the numbers that simulated audiences are drawn from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from math import inf, isinf, sqrt
from types import MappingProxyType
from typing import Final

__all__ = ["SIMULATED", "AudienceModel", "SignalModel"]


@dataclass(frozen=True, slots=True)
class SignalModel:
    """How one reading behaves.

    Parameters
    ----------
    means : (float, float, float)
        Mean where the audience is drawn to the level -1, 0 and 1; on straight lines between.
    sd : float
        Standard deviation about the mean, within a screening.
    autocorrelation : float
        Correlation of neighbouring seconds, from 0 to below 1.
    standard_error : float
        Of the value: `t` is the value in parts of it.
    seats : float
        Effective number of seats behind it, at least 2; infinite where the confidence follows the
        normal law.
    unknown : float
        Share of seconds in which it is unknown.
    unknown_s : float
        Mean length of such a stretch, in seconds.

    Raises
    ------
    ValueError
        Where a number is out of range.
    """

    means: tuple[float, float, float]
    sd: float
    autocorrelation: float
    standard_error: float
    seats: float
    unknown: float = 0.0
    unknown_s: float = 1.0

    def __post_init__(self) -> None:
        for name, holds, what in (
            ("sd", self.sd >= 0, "0 or above"),
            ("autocorrelation", 0 <= self.autocorrelation < 1, "from 0 to below 1"),
            ("standard_error", self.standard_error > 0, "above 0"),
            ("seats", self.seats >= 2, "2 at least"),
            ("unknown", 0 <= self.unknown <= 1, "from 0 to 1"),
            ("unknown_s", self.unknown_s >= 1, "1 s at least"),
        ):
            if not holds:
                raise ValueError(f"{name} is {getattr(self, name)}: it must be {what}")

    def in_part(self, parts: float) -> SignalModel:
        """Give the same, read of one of so many equal parts of the seats: fewer seats err more.

        A signal in units of its own error, as synchrony, becomes smaller instead.
        """
        if isinf(self.seats) and self.standard_error == 1:
            low, middle, high = self.means
            return replace(self, means=(low / parts, middle / parts, high / parts))
        root = sqrt(parts)
        return replace(
            self,
            sd=self.sd * root,
            standard_error=self.standard_error * root,
            seats=max(2.0, self.seats / parts),
        )


SIMULATED: Final[Mapping[str, SignalModel]] = MappingProxyType(
    {
        "engagement": SignalModel((-2.2, 0.0, 2.65), 0.10, 0.87, 0.125, 23, 0.01, 5.0),
        "forehead_theta_alpha": SignalModel((-1.9, 0.0, 1.8), 0.10, 0.835, 0.13, 20.5, 0.01, 5.0),
        "relaxation": SignalModel((1.85, 0.0, -2.1), 0.09, 0.86, 0.12, 24, 0.01, 5.0),
        "drowsiness": SignalModel((1.25, 0.0, -2.15), 0.10, 0.90, 0.12, 23, 0.01, 5.0),
        "blink_rate": SignalModel((-0.05, -0.05, -0.05), 0.15, 0.985, 0.21, 24, 0.01, 5.0),
        "synchrony": SignalModel((0.0, 2.7, 15.5), 1.2, 0.875, 1.0, inf, 0.01, 5.0),
        "engaged_share": SignalModel((0.11, 0.43, 1.0), 0.10, 0.875, 0.16, inf, 0.01, 5.0),
    }
)
"""Readings of 24 simulated viewers (`acquisition.SimulatedSpec`), measured through `dsp`.

`python -m benchmarks simulator` measures them anew, and a test holds these numbers against it. The
engaged share is that of an audience whose norm was taken at the level 1. The share of unknown
seconds is assumed: simulated headsets do not fall off.
"""


@dataclass(frozen=True, slots=True)
class AudienceModel:
    """What audiences are drawn from.

    Parameters
    ----------
    signals : Mapping of str to SignalModel
        By the reading's name; a zone's that is missing is made from the hall's, all else that is
        missing stays unknown.
    responses : Mapping of str to float
        Scene, as written, -> level that it draws the audience to, -1 to 1; 0 for all others.
    spread : float
        How differently audiences answer: standard deviation of a level, drawn for each audience
        and written scene. Assumed, not measured.
    """

    signals: Mapping[str, SignalModel] = field(default_factory=lambda: dict(SIMULATED))
    responses: Mapping[str, float] = field(default_factory=dict)
    spread: float = 0.5
