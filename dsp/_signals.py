"""The table of signals: what each is made of, and which electrodes it needs."""

from dataclasses import dataclass

from hardware import REGIONS, canonical


@dataclass(frozen=True, slots=True)
class Index:
    """A per-seat log ratio of band powers: ln(sum of `up`) - ln(sum of `down`).

    Parameters
    ----------
    name
        What a film calls it.
    regions
        Regions it may be read at, the first one the montage has is used.
    up, down
        Names of bands.
    """

    name: str
    regions: tuple[str, ...]
    up: tuple[str, ...]
    down: tuple[str, ...]


INDICES = (
    # Pope, Bogart, Bartolome 1995, doi:10.1016/0301-0511(95)05116-3. Worthless on the forehead
    # (measured: d 0.02 there, 0.98 parietal, 0.91 temporal), so it is not offered there.
    Index("engagement", ("parietal", "temporal"), up=("beta",), down=("alpha", "theta")),
    # Measured: d 0.82 between mental arithmetic and rest at Fp1 and Fp2.
    Index("forehead_theta_alpha", ("forehead",), up=("theta",), down=("alpha",)),
)

SYNCHRONY = "synchrony"

SIGNALS: tuple[str, ...] = (*(index.name for index in INDICES), SYNCHRONY)
"""Names a film may read, in the order of `AudienceState.signals`."""

_POSTERIOR = ("parietal", "temporal", "occipital")
_INDEX = {index.name: index for index in INDICES}


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
    if signal not in _INDEX:
        raise ValueError(f"no signal {signal!r}: there are {', '.join(SIGNALS)}")
    return _INDEX[signal].regions


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
    return any(index_sites(_INDEX[signal], channels))


def index_sites(index: Index, channels: tuple[str, ...]) -> tuple[bool, ...]:
    """Which channels an index is read at; none where the montage lacks its regions."""
    for region in index.regions:
        sites = _within((region,), channels)
        if any(sites):
            return sites
    return (False,) * len(channels)


def component(channels: tuple[str, ...]) -> tuple[str, tuple[float, ...]] | None:
    """Give the synchrony component's name and fixed weights; None where none fits.

    The mean of both mastoids where the montage has them (measured: what correlated components
    find in 44 Muse seats are the weights -0.08, 0, 0, -0.09), otherwise the mean over parietal,
    temporal and occipital sites. Never the forehead: eye movements correlate there.
    """
    mastoid = _within(("mastoid",), channels)
    if sum(mastoid) == 2:
        return "mastoid", _mean_weights(mastoid)
    posterior = _within(_POSTERIOR, channels)
    return ("posterior", _mean_weights(posterior)) if any(posterior) else None


def _within(regions: tuple[str, ...], channels: tuple[str, ...]) -> tuple[bool, ...]:
    names = frozenset[str]().union(*(REGIONS[region] for region in regions))
    return tuple(canonical(channel) in names for channel in channels)


def _mean_weights(sites: tuple[bool, ...]) -> tuple[float, ...]:
    return tuple(site / sum(sites) for site in sites)
