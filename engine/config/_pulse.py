"""The pulse sensors of an audience, and the film that asks for them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import dsp
from engine.config._film import where_read
from engine.config._show import ShowSource
from hardware import PULSE
from narrative import Film, Problem

HEART_RATE: Final = "heart_rate"


def check_pulse(film: Film | None, sources: Sequence[ShowSource], problems: list[Problem]) -> None:
    """Add to the problems a heart rate that is read and that no headset was asked for.

    Other signals that no headset gives stay unknown: a film may be made for many halls. A pulse
    sensor is there only where the show file names it, so that its lack is an oversight.

    Parameters
    ----------
    film : Film or None
        The film; None if it cannot be shown anyway.
    sources : sequence of ShowSource
        The show's audience.
    problems : list of Problem
        What is wrong is added.
    """
    montages = {headset.channels for source in sources for headset in source.headsets}
    if film is None or HEART_RATE not in film.signals:
        return
    if any(HEART_RATE in dsp.signals_of(channels) for channels in montages):
        return
    problems.append(
        Problem(
            where_read(film, HEART_RATE),
            f"{HEART_RATE} is read, and no seat has a pulse sensor",
            f'Name "{PULSE}" last in the channels of a headset that has one (Muse 2, Muse S) or of '
            "simulated viewers, or leave the guard out.",
        )
    )
