"""Shortest times through a film's graph."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Mapping

__all__ = ["soonest_s"]


def soonest_s(
    starts: Iterable[str],
    lengths_s: Mapping[str, float],
    onwards: Callable[[str, float], Iterable[str]],
) -> dict[str, float]:
    """Tell how soon each scene can be entered (Dijkstra 1959, doi:10.1007/BF01386390).

    Parameters
    ----------
    starts : iterable of str
        Scenes that can be entered at once.
    lengths_s : Mapping of str to float
        Each scene's length in seconds, above zero.
    onwards : callable of (str, float)
        Gives the scenes that may follow one which is entered so soon, in seconds.

    Returns
    -------
    dict of str to float
        Seconds from the beginning, soonest first; without scenes that cannot be entered.
    """
    found: dict[str, float] = {}
    waiting = [(0.0, name) for name in starts]
    while waiting:
        entered_s, name = heapq.heappop(waiting)
        if name in found:
            continue
        found[name] = entered_s
        for target in onwards(name, entered_s):
            heapq.heappush(waiting, (entered_s + lengths_s[name], target))
    return found
