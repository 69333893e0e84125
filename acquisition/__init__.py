"""Where EEG comes from: BrainFlow boards, recordings and simulated audiences, one interface.

The only package that talks to BrainFlow. A source is described by plain values (a spec),
checked without opening it (`describe`), then made, opened, started, read and closed.
"""

from acquisition._factory import describe, device_key, make_source
from acquisition._specs import (
    SIMULATED_CHANNELS,
    BrainFlowSpec,
    RecordingSpec,
    SimulatedSpec,
    SourceSpec,
)
from acquisition._types import Batch, Headset, Source, SourceError

__all__ = [
    "SIMULATED_CHANNELS",
    "Batch",
    "BrainFlowSpec",
    "Headset",
    "RecordingSpec",
    "SimulatedSpec",
    "Source",
    "SourceError",
    "SourceSpec",
    "describe",
    "device_key",
    "make_source",
]
