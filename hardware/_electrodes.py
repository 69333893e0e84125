"""Names of channels: the electrodes of the 10-10 system, the pulse sensor, and their regions."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType


def _rows() -> frozenset[str]:
    """Every position of the 10-10 system."""
    numbers = [str(n) for n in range(1, 11)]
    rows = {"AF": 10, "F": 10, "FC": 6, "C": 6, "CP": 6, "P": 10, "PO": 10}
    names = {row + n for row, last in rows.items() for n in [*numbers[:last], "z"]}
    names |= {"Fp1", "Fpz", "Fp2", "O1", "Oz", "O2", "Nz", "Iz"}
    names |= {row + n for row in ("FT", "T", "TP") for n in ("7", "8", "9", "10")}
    return frozenset(names | {"A1", "A2", "M1", "M2"})


ELECTRODES: frozenset[str] = _rows()
"""The 10-10 names known here (Oostenveld & Praamstra 2001, doi 10.1016/S1388-2457(00)00527-7),
with ear lobes (A1, A2) and mastoids (M1, M2)."""

PULSE = "PPG"
"""Channel of a photoplethysmograph, in the sensor's own units. It is no electrode, and stands last
among a headset's channels."""

_KNOWN = ELECTRODES | {PULSE}
_OLD_NAMES = {"T3": "T7", "T4": "T8", "T5": "P7", "T6": "P8"}
_SPELLING = {name.upper(): name for name in _KNOWN} | _OLD_NAMES

REGIONS: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "forehead": frozenset({"Fp1", "Fpz", "Fp2", "AF7", "AF8", "AF3", "AF4"}),
        "frontal": frozenset({"F1", "F2", "F3", "F4", "F5", "F6", "F7", "F8", "Fz"}),
        "central": frozenset({"C1", "C2", "C3", "C4", "C5", "C6", "Cz"}),
        "parietal": frozenset({"P1", "P2", "P3", "P4", "P5", "P6", "Pz"}),
        "temporal": frozenset({"T7", "T8", "P7", "P8"}),
        "mastoid": frozenset({"TP9", "TP10"}),
        "occipital": frozenset({"O1", "Oz", "O2"}),
        "pulse": frozenset({PULSE}),
    }
)
"""Region -> its channels, by 10-20 names of today. None lies in two regions."""


def canonical(name: str) -> str:
    """Give a channel its name of today.

    Parameters
    ----------
    name : str
        Any spelling: old names (T3, T4, T5, T6) and any case are understood.

    Returns
    -------
    str
        The name as in `ELECTRODES` ("FP1" -> "Fp1", "T5" -> "P7"), or `PULSE`; any other name
        comes back stripped of surrounding blanks, otherwise unchanged.
    """
    stripped = name.strip()
    return _SPELLING.get(stripped.upper(), stripped)


def unknown_channels(names: Iterable[str]) -> tuple[str, ...]:
    """List the names that are neither an electrode of the 10-10 system nor the pulse sensor.

    Parameters
    ----------
    names : iterable of str
        Channel names in any spelling.

    Returns
    -------
    tuple of str
        The unknown ones as they were given, in order.
    """
    return tuple(name for name in names if canonical(name) not in _KNOWN)


def electrodes_of(channels: Iterable[str]) -> tuple[str, ...]:
    """Leave out the pulse sensor.

    Parameters
    ----------
    channels : iterable of str
        Channel names in any spelling.

    Returns
    -------
    tuple of str
        All others, as they were given, in order.
    """
    return tuple(name for name in channels if canonical(name) != PULSE)
