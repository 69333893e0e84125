"""Where the electrodes of each board sit when nobody says otherwise."""

from collections.abc import Mapping
from types import MappingProxyType

_CYTON = ("Fp1", "Fp2", "C3", "C4", "P7", "P8", "O1", "O2")
_DAISY = (*_CYTON, "F7", "F8", "F3", "F4", "T7", "T8", "P3", "P4")
_MUSE = ("TP9", "AF7", "AF8", "TP10")
_SYNTHETIC = (
    *("Fz", "C3", "Cz", "C4", "Pz", "PO7", "Oz", "PO8"),
    *("F5", "F7", "F3", "F1", "F2", "F4", "F6", "F8"),
)

MONTAGES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "SYNTHETIC_BOARD": _SYNTHETIC,
        "CYTON_BOARD": _CYTON,
        "CYTON_WIFI_BOARD": _CYTON,
        "CYTON_DAISY_BOARD": _DAISY,
        "CYTON_DAISY_WIFI_BOARD": _DAISY,
        "MUSE_2016_BOARD": _MUSE,
        "MUSE_2016_BLED_BOARD": _MUSE,
        "MUSE_2_BOARD": _MUSE,
        "MUSE_2_BLED_BOARD": _MUSE,
        "MUSE_S_BOARD": _MUSE,
        "MUSE_S_BLED_BOARD": _MUSE,
        "MUSE_S_ATHENA_BOARD": _MUSE,
    }
)
"""BrainFlow board name -> default electrodes in the order of its EEG rows.

As BrainFlow 5.23 names them; the Wi-Fi shields, which it leaves unnamed, carry the same
headset as their dongle versions.
"""
