"""Headsets that fail, return, are doubled, and have clocks of their own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from acquisition import Batch, Headset, Source
from engine.simulation._world import ORIGIN_NS


@dataclass(slots=True)
class Clock:
    """A node's clock as it is set against the hall's, in ns."""

    offset_ns: int = 0
    drift: float = 0.0

    def shown(self, hall_ns: int) -> int:
        """What it shows at a hall time."""
        return hall_ns + self.offset_ns + round((hall_ns - ORIGIN_NS) * self.drift)


@dataclass(slots=True)
class Misfortune:
    """What has befallen the seats of a source."""

    silent: set[int] = field(default_factory=set)
    doubled: dict[int, int] = field(default_factory=dict)
    """Seat -> the seat whose samples it gives."""


class FailingSource:
    """A source whose seats may fall silent or give another seat's samples.

    Parameters
    ----------
    source : Source
        What they give otherwise.
    headsets : tuple of Headset
        As the show has them.
    misfortune : Misfortune
        Changed by whoever makes the faults.
    given : callable
        Told of every batch: what has been measured.
    """

    def __init__(
        self,
        source: Source,
        headsets: tuple[Headset, ...],
        misfortune: Misfortune,
        given: Callable[[int, Batch], None],
    ) -> None:
        self._source = source
        self._misfortune = misfortune
        self._given = given
        self.headsets = headsets

    def open(self) -> None:
        """Connect."""
        self._source.open()

    def start(self, zero_ns: int | None = None) -> None:
        """Let samples flow."""
        self._source.start(zero_ns)

    def read(self, now_ns: int) -> Batch:
        """Give what has come, of the seats that still speak."""
        batch = self._source.read(now_ns)
        fate = self._misfortune
        if fate.doubled:
            batch = self._double(batch)
        if fate.silent:
            keep = ~np.isin(batch.runs[:, 0], list(fate.silent))
            rows = np.repeat(keep, batch.runs[:, 2])
            batch = Batch(batch.runs[keep], batch.samples[rows])
        self._given(now_ns, batch)
        return batch

    def hear(self, scene: str) -> None:
        """Pass on which scene is on the screen."""
        self._source.hear(scene)

    @property
    def finished(self) -> bool:
        """Never."""
        return False

    def close(self) -> None:
        """Stop."""
        self._source.close()

    def _double(self, batch: Batch) -> Batch:
        """Give some seats the runs and samples of others."""
        stops = np.cumsum(batch.runs[:, 2])
        runs, samples = [], []
        for seat in range(len(self.headsets)):
            shown = self._misfortune.doubled.get(seat, seat)
            for at in np.flatnonzero(batch.runs[:, 0] == shown):
                runs.append([seat, *batch.runs[at, 1:]])
                samples.append(batch.samples[stops[at] - batch.runs[at, 2] : stops[at]])
        if not runs:
            return batch
        return Batch(np.array(runs, np.int64), np.concatenate(samples))
