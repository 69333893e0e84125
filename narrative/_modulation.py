"""What signals drive smoothly while a scene runs: gain, filter, grade, OSC values.

Nothing of the story follows from it, and a signal near the audience's quiet state is as good a
signal as any other: unlike guards, modulations do not ask how sure a reading is. What is unknown
drives towards rest.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite

from narrative._decision import Reading
from narrative._film import Film, Modulation

__all__ = ["Modulations", "modulate"]


@dataclass(frozen=True, slots=True)
class Modulations:
    """Where the modulations of a scene stand.

    Parameters
    ----------
    scene : str
        The scene that runs; empty before the first.
    values : tuple of float
        One for each of its modulations, in its order.
    """

    scene: str = ""
    values: tuple[float, ...] = ()


def modulate(
    film: Film,
    state: Modulations,
    scene: str,
    readings: Mapping[str, Reading],
    dt_s: float,
) -> Modulations:
    """Let the modulations of a scene go on by one tick.

    A scene begins with its modulations at rest (for another visit of the same, give
    `Modulations()`); a shot that continues another, where that stood.

    Parameters
    ----------
    film : Film
        From `load_film`.
    state : Modulations
        Where they stood.
    scene : str
        The scene that runs.
    readings : Mapping of str to Reading
        By name.
    dt_s : float
        Seconds since the last tick.
    """
    running = film.scenes[scene]
    before = film.scenes.get(state.scene)
    goes_on = before is running or (
        before is not None and running.continues and before.modulations == running.modulations
    )
    rests = tuple(modulation.rest for modulation in running.modulations)
    values = state.values if goes_on else rests
    return Modulations(
        scene,
        tuple(
            _moved(modulation, value, readings, dt_s)
            for modulation, value in zip(running.modulations, values, strict=True)
        ),
    )


def _moved(
    modulation: Modulation, value: float, readings: Mapping[str, Reading], dt_s: float
) -> float:
    """Go towards what is asked, by no more than the slew allows."""
    most = modulation.slew * dt_s
    return value + min(max(_asked(modulation, readings) - value, -most), most)


def _asked(modulation: Modulation, readings: Mapping[str, Reading]) -> float:
    """Take the reading to what is given, on a straight line that ends on both sides."""
    reading = readings.get(modulation.signal.reading)
    read: float | None = None
    if reading is not None:
        read = getattr(reading, modulation.signal.attribute)
    if read is None or not isfinite(read):
        return modulation.rest
    (low, high), (at_low, at_high) = modulation.reads, modulation.gives
    share = min(max((read - low) / (high - low), 0.0), 1.0)
    return at_low + share * (at_high - at_low)
