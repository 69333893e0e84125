"""How often a film asks its audience, and how sure an answer must be so that none is chance.

Who asks often enough gets every answer once by chance. A film that asks at D points and takes
readings with p < 0.05 / D branches by chance in one screening of twenty at most, however its
points depend on each other (Dunn 1961, doi:10.1080/01621459.1961.10482090).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

import numpy as np

from narrative._film import Film
from narrative._soonest import soonest_s

__all__ = ["decision_points", "over_film"]

_MOST: Final = 10_000
"""A window, its notice and the settling before it make a decision every 3 s at most: this many
are more than eight hours of nothing else."""


def decision_points(film: Film, lengths_s: Mapping[str, float]) -> int:
    """Count the decision points on the path that has most of them.

    Loops count as often as `Film.max_runtime_s` leaves time for: a point counts if its reading
    window opens before. What its guards ask is not looked at, so that a path may count which no
    audience can take, and a point that reads the time alone. Cosmetic scenes are no decision
    points: what they choose is the picture only.

    Parameters
    ----------
    film : Film
        From `load_film`.
    lengths_s : Mapping of str to float
        Each scene's length in seconds, above zero.

    Returns
    -------
    int
        0 for a film without branches; 10,000 at most.
    """
    asking = [scene for scene in film.scenes.values() if scene.is_decision_point]
    place = {scene.name: number for number, scene in enumerate(asking)}
    ways = [
        (place[scene.name], place[name], lengths_s[scene.name] + later_s)
        for scene in asking
        for name, later_s in _asked_next(film, lengths_s, scene.candidates).items()
    ]
    sources = np.array([way[0] for way in ways], dtype=np.intp)
    targets = np.array([way[1] for way in ways], dtype=np.intp)
    takes_s = np.array([way[2] for way in ways], dtype=np.float64)
    opens_s = np.array([scene.reading.from_s if scene.reading else np.inf for scene in asking])

    entered_s = np.full(len(asking), np.inf)
    for name, later_s in _asked_next(film, lengths_s, (film.start,)).items():
        entered_s[place[name]] = later_s
    for count in range(_MOST):
        entered_s[entered_s + opens_s >= film.max_runtime_s] = np.inf
        if not np.isfinite(entered_s).any():
            return count
        following_s = np.full(len(asking), np.inf)
        np.minimum.at(following_s, targets, entered_s[sources] + takes_s)
        entered_s = following_s
    return _MOST


def _asked_next(
    film: Film, lengths_s: Mapping[str, float], scenes: Iterable[str]
) -> dict[str, float]:
    """Go on from these scenes to the next that ask, and tell how soon those can be entered."""

    def onwards(name: str, _: float) -> Iterable[str]:
        scene = film.scenes[name]
        return () if scene.is_decision_point else scene.candidates

    found = soonest_s(scenes, lengths_s, onwards)
    return {name: at_s for name, at_s in found.items() if film.scenes[name].is_decision_point}


def over_film(confidence: float, points: int) -> float:
    """Correct a reading's confidence for all decision points: 1 - min(1, D p), p = 1 - confidence.

    Parameters
    ----------
    confidence : float
        1 - p of one reading.
    points : int
        D, from `decision_points`; less than 1 counts as 1.

    Returns
    -------
    float
        1 - p of such a reading at any of D points (Bonferroni's inequality; Dunn 1961,
        doi:10.1080/01621459.1961.10482090).
    """
    return 1.0 - min(1.0, max(points, 1) * (1.0 - confidence))
