"""Norms of scenes: how alike test audiences were in each, and how much of that a hall is now.

The correlation between viewers follows sound and picture as much as attention, so that it means
something only beside the same scene's own. Where a share f of an audience attends, the correlation
is f^2 of what it would be (measured: 0.0011, 0.0046, 0.0105, 0.0184 at a quarter, half, three
quarters and all of 44 seats); so the root of correlation over norm is a share of attention.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import sqrt
from typing import Final

import msgspec

import dsp
from acquisition import Headset
from engine.records import Calibrated
from hardware import electrodes_of
from narrative import Reading

ENGAGED_SHARE: Final = "engaged_share"
"""What films call the share."""

LEAST_Z: Final = 3.0
"""A norm is above chance beyond this many of its standard errors, as synchrony is in a film."""

_RECIPE: Final = (
    "mains_hz",
    "notch_quality",
    "high_pass_hz",
    "low_pass_hz",
    "scale_window_s",
    "clip",
    "isc_window_s",
)


class SceneNorm(msgspec.Struct, frozen=True):
    """How alike test audiences were in a scene.

    Attributes
    ----------
    screenings : int
        That showed it with synchrony known in windows that count.
    seats : float
        Mean number of valid seats, over these screenings.
    mean, sd : float or None
        Of the screenings' inter-subject correlations, each a mean over the scene's reading window;
        None where there are too few.
    standard_error : float or None
        Of `mean`: the larger one of ``sd / sqrt(screenings)`` and what strangers would give, with
        each screening's window taken for a single one.
    refused : str
        Why it is no norm; empty if it is one.
    """

    screenings: int
    seats: float
    mean: float | None = None
    sd: float | None = None
    standard_error: float | None = None
    refused: str = ""


class Montage(msgspec.Struct, frozen=True, order=True):
    """What a seat's synchrony component is made of.

    Attributes
    ----------
    channels : tuple of str
        The headset's electrodes.
    weights : tuple of float
        From a calibration; empty for the montage's own.
    """

    channels: tuple[str, ...]
    weights: tuple[float, ...] = ()


class Norms(msgspec.Struct, frozen=True):
    """The norms of one film.

    Attributes
    ----------
    film_name, film_sha256 : str
        The film, as in the sessions' configurations.
    versions : mapping of str to str
        Packages that the screenings were measured with, and their versions.
    recipe : mapping of str to float
        Settings that a correlation depends on.
    montages : tuple of Montage
        All that were in the hall.
    sessions : tuple of str
        File names of the test screenings.
    scenes : mapping of str to SceneNorm
        Every scene with a reading window.
    """

    film_name: str
    film_sha256: str
    versions: Mapping[str, str]
    recipe: Mapping[str, float]
    montages: tuple[Montage, ...]
    sessions: tuple[str, ...]
    scenes: Mapping[str, SceneNorm]


def recipe_of(settings: dsp.Settings) -> dict[str, float]:
    """Give the settings that an inter-subject correlation depends on."""
    return {name: float(getattr(settings, name)) for name in _RECIPE}


def montages_of(
    sources: Sequence[tuple[Headset, ...]], calibrated: Calibrated | None
) -> tuple[Montage, ...]:
    """Give the montages of a hall, each once, in order.

    Parameters
    ----------
    sources : sequence of tuple of Headset
        The headsets of each source.
    calibrated : Calibrated or None
        What the show takes from a calibration.
    """
    weights = calibrated.weights if calibrated else [()] * len(sources)
    electrodes = [electrodes_of(headsets[0].channels) for headsets in sources]
    found = {
        Montage(names, own[: len(names)]) for names, own in zip(electrodes, weights, strict=True)
    }
    return tuple(sorted(found))


def above_chance(norm: SceneNorm) -> bool:
    """Tell whether a norm is sure enough to be divided by."""
    if norm.mean is None or norm.standard_error is None:
        return False
    return norm.mean > LEAST_Z * norm.standard_error


def engaged_share(synchrony: dsp.Pooled, scene: str, norms: Norms | None) -> Reading:
    """Read what share of the test audiences' attention this audience has.

    The share is ``sqrt(max(r, 0) / m)``, r the correlation now and m the scene's norm. Its `t` is
    that of the ratio ``r / m`` by the delta method, z / sqrt(1 + (z / z_m)^2) with z and z_m the
    two over their standard errors, and its confidence the normal law's for that t: never above
    synchrony's own, and the less the surer the norm is not. (The root's own t would be twice as
    large, but the root of something near 0 is not normal.) It is the confidence that anybody
    attends at all, as with every signal; a share of 0 has none.

    Parameters
    ----------
    synchrony : dsp.Pooled
        The audience's.
    scene : str
        The scene on the screen.
    norms : Norms or None
        The film's; None in a test screening.

    Returns
    -------
    Reading
        Unknown where the synchrony is, or the scene has no norm that is above chance.
    """
    norm = norms.scenes.get(scene) if norms else None
    why = synchrony.reason or _why_not(norm, scene, norms)
    if why or norm is None or norm.mean is None or norm.standard_error is None:
        return Reading(None, None, None, synchrony.seats, why)
    assert synchrony.raw is not None
    assert synchrony.standard_error is not None
    raw = max(synchrony.raw, 0.0)
    z, norm_z = raw / synchrony.standard_error, norm.mean / norm.standard_error
    t = z / sqrt(1.0 + (z / norm_z) ** 2)
    return Reading(sqrt(raw / norm.mean), dsp.normal_confidence(t), t, synchrony.seats, "")


def _why_not(norm: SceneNorm | None, scene: str, norms: Norms | None) -> str:
    if norms is None:
        return "no norms: this is a test screening"
    if norm is None or norm.mean is None or norm.standard_error is None:
        return f"no norm of {scene}"
    if not above_chance(norm):
        return f"the norm of {scene} is not above chance"
    return ""
