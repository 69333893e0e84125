"""Virtual time: what happens when, drawn from one seed, told in words."""

from __future__ import annotations

import heapq
import random
from collections.abc import Callable
from itertools import count

ORIGIN_NS = 1_000_000_000_000
"""Hall time at which every simulated show begins: a machine that has been up for a while."""

MS = 1_000_000
S = 1_000_000_000


class World:
    """A clock that jumps from one event to the next.

    Parameters
    ----------
    seed : int
        Decides everything.

    Attributes
    ----------
    now_ns : int
        Hall time.
    rng : random.Random
        The only chance there is.
    story : list of str
        What happened, a line each.
    faults : list of str
        What befell the show, by name.
    """

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)
        self.now_ns = ORIGIN_NS
        self.story: list[str] = []
        self.faults: list[str] = []
        self._agenda: list[tuple[int, int, Callable[[], None]]] = []
        self._serial = count()

    @property
    def passed_s(self) -> float:
        """Seconds since the beginning."""
        return (self.now_ns - ORIGIN_NS) / S

    def clock(self) -> int:
        """Give hall time in ns."""
        return self.now_ns

    def at(self, t_ns: int, do: Callable[[], None]) -> None:
        """Have something done at a hall time; what is due already is done next."""
        heapq.heappush(self._agenda, (max(t_ns, self.now_ns), next(self._serial), do))

    def after(self, wait_ns: float, do: Callable[[], None]) -> None:
        """Have something done after a while."""
        self.at(self.now_ns + round(wait_ns), do)

    def seconds(self, low: float, high: float) -> int:
        """Draw a length between two, in ns."""
        return round(self.rng.uniform(low, high) * S)

    def tell(self, what: str) -> None:
        """Add a line to the story."""
        self.story.append(f"{self.passed_s:7.2f} s  {what}")

    def run(self, until_ns: int, over: Callable[[], bool]) -> None:
        """Let things happen until a time, or until it is over."""
        while self._agenda and self._agenda[0][0] <= until_ns and not over():
            self.now_ns, _, do = heapq.heappop(self._agenda)
            do()
