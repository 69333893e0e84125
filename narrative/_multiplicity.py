"""How often a film asks its audience, and how sure an answer must be so that none is chance.

Who asks often enough gets every answer once by chance. A film that asks at D points and takes
readings with p < 0.05 / D branches by chance in one screening of twenty at most, however its
points depend on each other (Dunn 1961, doi:10.1080/01621459.1961.10482090).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from narrative._film import Film

__all__ = ["decision_points", "over_film"]

_MOST: Final = 10_000
"""A window, its notice and the settling before it make a decision every 3 s at most: this many
are more than eight hours of nothing else."""


def decision_points(film: Film, lengths_s: Mapping[str, float]) -> int:
    """Count the decision points on the path that has most of them.

    Loops count as often as `Film.max_runtime_s` leaves time for: a point counts if its reading
    window opens before. What its guards ask is not looked at, so that a path may count which no
    audience can take, and a point that reads the time alone.

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
    earliest = {film.start: 0.0}
    for count in range(_MOST):
        asked = _asked_next(film, lengths_s, earliest)
        if not asked:
            return count
        earliest = {}
        for name, entered_s in asked.items():
            for target in film.scenes[name].candidates:
                left_s = entered_s + lengths_s[name]
                earliest[target] = min(left_s, earliest.get(target, left_s))
    return _MOST


def _asked_next(
    film: Film, lengths_s: Mapping[str, float], earliest: Mapping[str, float]
) -> dict[str, float]:
    """Follow defaults from these scenes to the next that ask, and tell when they are entered."""
    asked: dict[str, float] = {}
    for start, start_s in earliest.items():
        name: str | None = start
        entered_s = start_s
        while name is not None and not film.scenes[name].branches:
            entered_s += lengths_s[name]
            name = film.scenes[name].default
        if name is None:
            continue
        window = film.scenes[name].reading
        if window is not None and entered_s + window.from_s < film.max_runtime_s:
            asked[name] = min(entered_s, asked.get(name, entered_s))
    return asked


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
