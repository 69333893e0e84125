"""What quantities may be: spans between two limits, and a scene's domain of all of them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from math import inf
from typing import Final, NamedTuple, TypeAlias

from narrative._film import Film, Scene
from narrative._goals import Limit, Subject, Topic
from narrative._guard import Count, Elapsed, Flag, SignalValue, Visits

__all__ = ["NOTHING", "Domain", "Range", "Span", "common", "signed", "simplest"]

Span: TypeAlias = tuple[Limit, Limit]
"""From a lowest to a highest limit, both included."""

NOTHING: Final[Span] = ((inf, 0), (-inf, 0))
_FREE: Final[Span] = ((-inf, 0), (inf, 0))
_ZERO: Final[Limit] = (0.0, 0)
_WHOLE: Final = range(10**10)  # numbers in guards are below 1e9
_FLAG: Final = range(2)


class Range(NamedTuple):
    """What a quantity may be: between two limits; of whole numbers with gaps, one of these."""

    span: Span
    steps: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Domain:
    """What guards may find at the end of a scene's reading window.

    Parameters
    ----------
    variables : Mapping of str to collection of int
        Values that a variable may have, a flag's 0 and 1; one that is not named may have any.
    visits : Mapping of str to collection of int
        How often a scene may have been entered; one that is not named any number of times. The
        greatest number stands for all beyond it too, if guards compare with none above it.
    elapsed_s : (float, float)
        Earliest and latest film time.
    confidence : float
        Readings less sure are unknown.
    """

    variables: Mapping[str, Collection[int]] = field(default_factory=dict)
    visits: Mapping[str, Collection[int]] = field(default_factory=dict)
    elapsed_s: tuple[float, float] = (0.0, inf)
    confidence: float = 0.0
    _ranges: dict[str, Range] = field(default_factory=dict, init=False, repr=False, compare=False)

    @classmethod
    def of(cls, film: Film, scene: Scene | None = None) -> Domain:
        """Give the widest one of a film, or of a scene that runs, whose visit counts itself."""
        return cls(
            variables={v.name: range(v.most + 1) for v in film.variables.values()},
            visits={scene.of: _WHOLE[1:]} if scene else {},
            elapsed_s=(0.0, film.max_runtime_s),
            confidence=scene.confidence or film.confidence if scene else film.confidence,
        )

    def narrowed(
        self,
        variables: Mapping[str, Collection[int]] | None = None,
        visits: Mapping[str, Collection[int]] | None = None,
        elapsed_s: tuple[float, float] | None = None,
    ) -> Domain:
        """Replace what is known of the named variables and scenes, and of the time."""
        return replace(
            self,
            variables={**self.variables, **(variables or {})},
            visits={**self.visits, **(visits or {})},
            elapsed_s=elapsed_s or self.elapsed_s,
        )

    def range(self, topic: Topic) -> Range:
        """Return what a topic may be."""
        found = self._ranges.get(topic.key)
        if found is None:
            found = self._ranges[topic.key] = self._range(topic.subject)
        return found

    def _range(self, subject: Subject) -> Range:
        match subject:
            case Elapsed():
                return Range(((self.elapsed_s[0], 0), (self.elapsed_s[1], 0)))
            case SignalValue(attribute="confidence"):
                return Range(((self.confidence, 0), (1.0, 0)))
            case SignalValue():
                return Range(_FREE)
            case Flag(name):
                return _whole(self.variables.get(name, _FLAG))
            case Count(name):
                return _whole(self.variables.get(name, _WHOLE))
            case Visits(scene):
                return _whole(self.visits.get(scene, _WHOLE))


def _whole(values: Collection[int]) -> Range:
    if isinstance(values, range):
        return Range(((values[0], 0), (values[-1], 0)))
    return _listed(frozenset(values))


@lru_cache(maxsize=4096)
def _listed(values: frozenset[int]) -> Range:
    rising = tuple(sorted(values))
    if not rising:
        return Range(NOTHING)
    span = (rising[0], 0), (rising[-1], 0)
    return Range(span, rising if rising[-1] - rising[0] >= len(rising) else ())


# spans ----------------------------------------------------------------------------


def signed(span: Span) -> Span:
    """Return the numbers that have a sign which the span has."""
    low, high = span
    return (
        (0.0, 1) if low > _ZERO else low if low == _ZERO else _FREE[0],
        (0.0, -1) if high < _ZERO else high if high == _ZERO else _FREE[1],
    )


def common(one: Span, other: Span) -> Span:
    """Return what lies in both spans."""
    return max(one[0], other[0]), min(one[1], other[1])


def simplest(low: Limit, high: Limit) -> float:
    """Return a number between two limits, a limit itself where it may be."""
    for number, beyond in (low, high):
        if beyond == 0 and abs(number) < inf:
            return number
    if low[0] == -inf:
        return 0.0 if high[0] == inf else high[0] - 1
    return low[0] + 1 if high[0] == inf else (low[0] + high[0]) / 2
