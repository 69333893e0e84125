"""What is known of headsets: names of channels, the regions they cover, montages of boards.

Data and plain look-ups only, importable by every stage.
"""

from hardware._electrodes import (
    ELECTRODES,
    PULSE,
    REGIONS,
    canonical,
    electrodes_of,
    unknown_channels,
)
from hardware._montages import MONTAGES

__all__ = [
    "ELECTRODES",
    "MONTAGES",
    "PULSE",
    "REGIONS",
    "canonical",
    "electrodes_of",
    "unknown_channels",
]
