"""The signals a guard may read: a closed table.

They are computed from all valid seats and come in as `Reading`s, named as here, once a
tick. Values are in units of the audience's own quiet state: the mean baseline z over
the seats (z of the inter-subject correlation for `synchrony`), so the thresholds of
the decision rule apply to all of them: value > 0.7 and t > 3, or synchrony > 3, for
5 s. `engaged_share` alone has another unit: parts of the test audiences' attention, 0
to about 1. How often such guards are wrong is measured in docs/science.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

__all__ = ["ATTRIBUTES", "SIGNALS", "Signal"]

_FLOOR = 0.7
_SYNCHRONY_FLOOR = 3.0


@dataclass(frozen=True, slots=True)
class Signal:
    """What narrative knows of a signal.

    Parameters
    ----------
    meaning : str
        What a high value says, in one line.
    needs_baseline : bool
        Whether it is measured against the lead-in, and unknown without one.
    memory_s : float
        Seconds after a change in the viewers until the signal has mostly followed: the windows it
        is computed over, and the time constant that its seats are smoothed with (8 s).
    floor : float or None
        The decision rule's least mean, at which together with t > 3 for 5 s false branches stay
        under 1 % of minutes; None where the rule knows none. For exempt signals no rate is
        promised even there.
    exempt : bool
        Whether no branch should hang on it alone: it drifts, or has no measured rate.
    pooled : bool
        Whether it is pooled over seats, so that zones have it too, and a trend.
    """

    meaning: str
    needs_baseline: bool
    memory_s: float
    floor: float | None = _FLOOR
    exempt: bool = False
    pooled: bool = True


SIGNALS: Mapping[str, Signal] = MappingProxyType(
    {
        # Band powers over 4 s, then 8 s of smoothing.
        "engagement": Signal(
            "beta over alpha + theta at parietal or temporal sites rises", True, 12
        ),
        "forehead_theta_alpha": Signal("theta over alpha at the forehead rises", True, 12),
        "relaxation": Signal(
            "alpha rises: eyes at rest; it drifts through a sitting", True, 12, exempt=True
        ),
        "drowsiness": Signal("theta and alpha rise over alpha and beta", True, 12, exempt=True),
        # Blinks counted over 30 s, then smoothed.
        "blink_rate": Signal("the viewers blink more often", True, 38, exempt=True),
        # Pulse over 8 s, then smoothed.
        "heart_rate": Signal("the heart beats faster than in the lead-in", True, 16, exempt=True),
        # The correlation's window of 10 s, not smoothed; the share is made from it.
        "synchrony": Signal(
            "the viewers' signals follow the film together", False, 10, _SYNCHRONY_FLOOR
        ),
        "engaged_share": Signal(
            "the share that follows, of that in test screenings", False, 10, None, pooled=False
        ),
    }
)
"""Name of each signal, in the order in which messages list them."""

ATTRIBUTES: tuple[str, ...] = ("value", "t", "confidence", "trend")
"""What can be read of a signal; `engagement` alone means `engagement.value`."""
