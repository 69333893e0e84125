"""What each fault costs in simulated shows: the same shows, undisturbed and with one fault."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from benchmarks._measure import Effort, figure
from benchmarks._report import RATIO, Table
from engine.simulation import FAULTS, Seen, simulate_many

SHOWS_A_ROUND = 8


def run(effort: Effort) -> list[Table]:
    """Run the same shows with each fault in turn.

    Parameters
    ----------
    effort : Effort
        How many rounds, of eight shows each.
    """
    shows = SHOWS_A_ROUND * effort.rounds
    calm = _shows("", shows)
    rows = tuple(_row(name, _shows(name, shows), calm) for name in ("", *FAULTS))
    return [
        Table(
            f"{shows} simulated shows for each fault, which befalls them once",
            (
                *("", "dark ms", "slate ms", "stood still ms", "frames unseen"),
                *("samples not recorded", "broke what must hold", RATIO),
            ),
            rows,
            (
                "Worst of all shows; samples: mean. Slate: between the film's first and last "
                "picture, also where the operator asked for it. Stood still: the longest that one "
                "picture stood beyond a frame. ratio: mean length of the show beside the "
                "undisturbed one.",
            ),
        )
    ]


class _Shows:
    """What came of some shows."""

    def __init__(self, seen: Sequence[Seen], hall_s: Sequence[float], broken: int) -> None:
        self.seen = seen
        self.hall_s = float(np.mean(hall_s))
        self.broken = broken

    def worst(self, name: str) -> float:
        """The largest of a figure."""
        return float(max(getattr(one, name) for one in self.seen))


def _shows(fault: str, shows: int) -> _Shows:
    done = list(simulate_many(range(shows), only=fault))
    seen = [one.seen for one in done if one.seen is not None]
    return _Shows(seen, [one.hall_s for one in done], sum(bool(one.broken) for one in done))


def _row(name: str, found: _Shows, calm: _Shows) -> tuple[str, ...]:
    unrecorded = 100 * float(np.mean([one.unrecorded for one in found.seen]))
    return (
        name or "nothing",
        *(figure(found.worst(what)) for what in ("dark_ms", "slate_ms", "still_ms", "unseen")),
        f"{unrecorded:.2f} %",
        str(found.broken),
        figure(found.hall_s / calm.hall_s),
    )
