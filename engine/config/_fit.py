"""Whether a hall can give what a film asks of it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

import dsp
from engine.config._film import where_read
from engine.config._lines import did_you_mean
from engine.config._show import ShowSource
from engine.norms import ENGAGED_SHARE
from hardware import PULSE
from narrative import Film, Problem

_PULSE_REGION = "pulse"
_MONTAGE = "Choose another montage or headset, or another signal in the film."
_PULSE = (
    f'Name "{PULSE}" last in the channels of a headset that has a pulse sensor (Muse 2, Muse S) or '
    "of simulated viewers, or read another signal in the film."
)


def fit_problems(
    film: Film, sources: Sequence[ShowSource], zones: Collection[str]
) -> Iterator[Problem]:
    """Yield what a film reads and the show has not: zones of the hall, signals of its headsets.

    Parameters
    ----------
    film : Film
        As it is shown.
    sources : sequence of ShowSource
        The show's.
    zones : collection of str
        Names of the show's zones.
    """
    for zone in sorted(film.zones - set(zones)):
        remedy = did_you_mean(zone, zones) if zones else f"Name its seats in [zones]: {zone} = ..."
        yield Problem(where_read(film, zone), f"the show has no zone `{zone}`", remedy)
    if not sources:
        return  # nobody is measured
    given = {
        name
        for source in sources
        for headset in source.headsets
        for name in dsp.signals_of(headset.channels)
    }
    if dsp.SYNCHRONY in given:
        given.add(ENGAGED_SHARE)
    for name in sorted(film.signals - given):
        what = f"the film reads {name}, which no headset of the show gives"
        remedy = _PULSE if _PULSE_REGION in _regions(name) else _MONTAGE
        yield Problem(where_read(film, name), what, remedy)


def _regions(signal: str) -> tuple[str, ...]:
    return () if signal == ENGAGED_SHARE else dsp.regions_needed(signal)
