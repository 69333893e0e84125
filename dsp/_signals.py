"""The table of signals: what each is made of, and which channels it needs."""

from collections.abc import Sequence
from dataclasses import dataclass

from hardware import REGIONS, canonical, electrodes_of


@dataclass(frozen=True, slots=True)
class Measure:
    """A quantity of each seat, read against the seat's own baseline.

    Parameters
    ----------
    name
        What a film calls it.
    regions
        Regions it may be read at; the first one the montage has is used.
    eyes_open
        Whether it says something of seats with open eyes only.
    """

    name: str
    regions: tuple[str, ...]
    eyes_open: bool


@dataclass(frozen=True, slots=True)
class Index(Measure):
    """A log ratio of band powers: ln(sum of `up`) - ln(sum of `down`); without `down`, ln(up).

    Parameters
    ----------
    up, down
        Names of bands.
    """

    up: tuple[str, ...]
    down: tuple[str, ...]


INDICES = (
    # Pope, Bogart, Bartolome 1995, doi:10.1016/0301-0511(95)05116-3. Worthless on the forehead
    # (measured: d 0.02 there, 0.98 parietal, 0.91 temporal), so it is not offered there.
    Index("engagement", ("parietal", "temporal"), True, up=("beta",), down=("alpha", "theta")),
    # Measured: d 0.82 between mental arithmetic and rest at Fp1 and Fp2.
    Index("forehead_theta_alpha", ("forehead",), True, up=("theta",), down=("alpha",)),
    # Berger 1929, doi:10.1007/BF01797193: alpha rises behind closed eyes and with idleness. It
    # drifts through a sitting (measured: 4-13 % false branches at rest).
    Index(
        "relaxation",
        ("occipital", "parietal", "temporal", "mastoid"),
        False,
        up=("alpha",),
        down=(),
    ),
    # Jap et al. 2009, doi:10.1016/j.eswa.2007.12.043, their second algorithm.
    Index(
        "drowsiness",
        ("parietal", "temporal", "central", "frontal"),
        False,
        up=("theta", "alpha"),
        down=("alpha", "beta"),
    ),
)

BLINK_RATE = Measure("blink_rate", ("forehead",), False)
"""Root of the blinks per minute, which makes its spread the same at every rate."""

HEART_RATE = Measure("heart_rate", ("pulse",), False)
"""Beats per minute."""

MEASURES: tuple[Measure, ...] = (*INDICES, BLINK_RATE, HEART_RATE)
"""Everything that is measured seat by seat and pooled, in the order of the states."""

SYNCHRONY = "synchrony"

ALL = "all"
"""Name of the mean of all electrodes, where there is no synchrony component."""

MEASURED: tuple[str, ...] = tuple(measure.name for measure in MEASURES)
"""Names of all signals that are read against each seat's own baseline: all but synchrony."""

SIGNALS: tuple[str, ...] = (*MEASURED, SYNCHRONY)
"""Names a film may read, in the order of `AudienceState.signals`."""

_POSTERIOR = ("parietal", "temporal", "occipital")
_MEASURE = {measure.name: measure for measure in MEASURES}


def regions_needed(signal: str) -> tuple[str, ...]:
    """Regions of which a montage must have one, for a seat to give this signal.

    Parameters
    ----------
    signal
        A name of `SIGNALS`.

    Returns
    -------
    tuple of str
        Keys of `hardware.REGIONS`; the mastoid one counts with both its electrodes only.

    Raises
    ------
    ValueError
        Where there is no such signal.
    """
    if signal == SYNCHRONY:
        return ("mastoid", *_POSTERIOR)
    if signal not in _MEASURE:
        raise ValueError(f"no signal {signal!r}: there are {', '.join(SIGNALS)}")
    return _MEASURE[signal].regions


def signals_of(channels: tuple[str, ...]) -> tuple[str, ...]:
    """Names of the signals that a montage can give.

    Parameters
    ----------
    channels
        10-20 names, older ones too.

    Returns
    -------
    tuple of str
        In the order of `SIGNALS`.
    """
    return tuple(name for name in SIGNALS if _has(name, channels))


def _has(signal: str, channels: tuple[str, ...]) -> bool:
    if signal == SYNCHRONY:
        return component(channels) is not None
    return any(sites_of(_MEASURE[signal], channels))


def needed(signal: str) -> str:
    """Say what a montage must have for a signal."""
    if signal == HEART_RATE.name:
        return "a pulse sensor"
    if signal == SYNCHRONY:
        return f"TP9 and TP10, or {_either(_POSTERIOR)} electrodes"
    return f"{_either(regions_needed(signal))} electrodes"


def _either(regions: Sequence[str]) -> str:
    """Name regions of which one is needed."""
    *others, last = regions
    return f"{', '.join(others)} or {last}" if others else last


def sites_of(measure: Measure, channels: tuple[str, ...]) -> tuple[bool, ...]:
    """Which channels a measure is read at; none where the montage lacks its regions."""
    for region in measure.regions:
        sites = _within((region,), channels)
        if any(sites):
            return sites
    return (False,) * len(channels)


def component(
    channels: tuple[str, ...], fitted: tuple[float, ...] = ()
) -> tuple[str, tuple[float, ...]] | None:
    """Give the synchrony component's name and weights; None where none fits.

    Weights that were fitted in a calibration go before the montage's own. Their name says which
    electrode has which, so that only seats of the same component are correlated.

    The mean of both mastoids where the montage has them (measured: what correlated components
    find in 44 Muse seats are the weights -0.08, 0, 0, -0.09), otherwise the mean over parietal,
    temporal and occipital sites. Never the forehead: eye movements correlate there.
    """
    mastoid = _within(("mastoid",), channels)
    posterior = _within(_POSTERIOR, channels)
    own = None
    if sum(mastoid) == 2:
        own = "mastoid", _mean_weights(mastoid)
    elif any(posterior):
        own = "posterior", _mean_weights(posterior)
    if not fitted or (own is not None and fitted == own[1]):
        return own
    parts = sorted(f"{canonical(c)} {w!r}" for c, w in zip(channels, fitted, strict=True) if w)
    return ", ".join(parts), fitted


def likeness(
    channels: tuple[str, ...], fitted: tuple[float, ...] = ()
) -> tuple[str, tuple[float, ...]]:
    """Give the name and weights by which seats are held against each other.

    The synchrony component, or else the mean of all electrodes, which is no measure of synchrony
    but finds a device that was opened twice.
    """
    electrodes = electrodes_of(channels)
    mean = tuple(1 / len(electrodes) if name in electrodes else 0.0 for name in channels)
    return component(channels, fitted) or (ALL, mean)


def _within(regions: tuple[str, ...], channels: tuple[str, ...]) -> tuple[bool, ...]:
    names = frozenset[str]().union(*(REGIONS[region] for region in regions))
    return tuple(canonical(channel) in names for channel in channels)


def _mean_weights(sites: tuple[bool, ...]) -> tuple[float, ...]:
    return tuple(site / sum(sites) for site in sites)
