"""What is known of headsets: electrode names, the regions they cover, montages of boards.

Data and plain look-ups only, importable by every stage.
"""

from hardware._electrodes import ELECTRODES, REGIONS, canonical, unknown_channels
from hardware._montages import MONTAGES

__all__ = ["ELECTRODES", "MONTAGES", "REGIONS", "canonical", "unknown_channels"]
