"""The audience's state from EEG: pure arithmetic on arrays, tick by tick.

Samples in microvolts on the hall's grid go into an `Analyzer`, which filters, judges and scales
every electrode, and gives an `AudienceState`: every signal pooled over the valid seats, with its
standard error and confidence, or the reason why it is unknown.
"""

from dsp._analyzer import Analyzer, warm_up
from dsp._baseline import baseline_of
from dsp._corrca import (
    SHRINKAGE,
    Components,
    Covariances,
    cleaned,
    components,
    correlation_of,
    covariances,
    null_deviation,
)
from dsp._partial import Partial
from dsp._pooling import Audience, normal_confidence
from dsp._quality import FAULTS, Flag
from dsp._settings import Settings
from dsp._signals import MEASURED, SIGNALS, SYNCHRONY, likeness, regions_needed, signals_of
from dsp._surrogates import Surrogates
from dsp._types import (
    TICKS_PER_SECOND,
    AudienceState,
    Group,
    Memory,
    Pooled,
    Seats,
    tick_slots,
)

__all__ = [
    "FAULTS",
    "MEASURED",
    "SHRINKAGE",
    "SIGNALS",
    "SYNCHRONY",
    "TICKS_PER_SECOND",
    "Analyzer",
    "Audience",
    "AudienceState",
    "Components",
    "Covariances",
    "Flag",
    "Group",
    "Memory",
    "Partial",
    "Pooled",
    "Seats",
    "Settings",
    "Surrogates",
    "baseline_of",
    "cleaned",
    "components",
    "correlation_of",
    "covariances",
    "likeness",
    "normal_confidence",
    "null_deviation",
    "regions_needed",
    "signals_of",
    "tick_slots",
    "warm_up",
]
