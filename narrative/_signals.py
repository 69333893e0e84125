"""The signals a guard may read: a closed table.

They are computed from all valid seats and come in as `Reading`s, named as here, once a
tick. Values are in units of the audience's own quiet state: the mean baseline z over
the seats (z of the inter-subject correlation for `synchrony`), so the thresholds of
the decision rule apply to all of them: value > 0.7 and t > 3, or synchrony > 3, for
5 s. `engaged_share` alone has another unit: parts of the test audiences' attention, 0
to about 1. Measured on 35 people at rest and in mental arithmetic: no
false branch in the rest minute, all in the task minute with 32 seats.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

__all__ = ["ATTRIBUTES", "SIGNALS", "Signal"]


@dataclass(frozen=True, slots=True)
class Signal:
    """What narrative knows of a signal.

    Parameters
    ----------
    meaning : str
        What a high value says, in one line.
    needs_baseline : bool
        Whether it is measured against the lead-in, and unknown without one.
    """

    meaning: str
    needs_baseline: bool


SIGNALS: Mapping[str, Signal] = MappingProxyType(
    {
        "engagement": Signal("beta over alpha + theta at parietal or temporal sites rises", True),
        "forehead_theta_alpha": Signal("theta over alpha at the forehead rises", True),
        "relaxation": Signal("alpha rises: eyes at rest; it drifts through a sitting", True),
        "drowsiness": Signal("theta and alpha rise over alpha and beta", True),
        "blink_rate": Signal("the viewers blink more often", True),
        "heart_rate": Signal("the viewers' hearts beat faster", True),
        "synchrony": Signal("the viewers' signals follow the film together", False),
        "engaged_share": Signal("the share that follows, of that in test screenings", False),
    }
)
"""Name of each signal, in the order in which messages list them."""

ATTRIBUTES: tuple[str, ...] = ("value", "t", "confidence")
"""What can be read of a signal; `engagement` alone means `engagement.value`."""
