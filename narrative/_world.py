"""One way through a search for what makes a guard true, and what is settled on it."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from narrative._domain import NOTHING, Domain, Span, common, signed, simplest
from narrative._goals import Bound, Goal, Held, Limit, Topic, topic_of
from narrative._guard import Compare, Elapsed, Expr, Flag, For, Quantity, walk

__all__ = ["LAST", "Task", "Witness", "World"]

Task: TypeAlias = tuple[Goal, int]
"""A goal, and the moment at which it shall hold."""

Witness: TypeAlias = Mapping[Quantity | Flag | For, float | bool]
"""An example of what makes a guard true: numbers, flags, and which `for`s were kept up."""

LAST: Final = 0
"""The moment of the window's last tick."""


@dataclass(slots=True)
class World:
    """What is settled on one way through the alternatives.

    Parameters
    ----------
    domain : Domain
        What quantities may be before anything is settled.
    spans : dict of (moment, key) to span
        What a topic may still be; what does not change within a scene stands at the last tick.
    known, missing : set of (moment, reading)
    held : list of (Held, moment)
    seen_from : list of int
        For each moment the one that looks back at it.
    open : list of (alternatives, moment)
    """

    domain: Domain
    spans: dict[tuple[int, str], Span] = field(default_factory=dict)
    known: set[tuple[int, str]] = field(default_factory=set)
    missing: set[tuple[int, str]] = field(default_factory=set)
    held: list[tuple[Held, int]] = field(default_factory=list)
    seen_from: list[int] = field(default_factory=lambda: [LAST])
    open: list[tuple[Sequence[Goal], int]] = field(default_factory=list)

    def copy(self) -> World:
        """Give another to go on with; what the lists hold never changes."""
        return World(
            self.domain,
            self.spans.copy(),
            self.known.copy(),
            self.missing.copy(),
            self.held.copy(),
            self.seen_from.copy(),
            self.open.copy(),
        )

    def ways(self) -> list[list[Task]]:
        """Take out the shortest open alternatives: for each, the tasks of going on with it."""
        index = min(range(len(self.open)), key=lambda i: len(self.open[i][0]))
        parts, moment = self.open.pop(index)
        ways: list[list[Task]] = []
        ruled_out: list[Task] = []
        for part in parts:
            ways.append([*ruled_out, (part, moment)])
            if isinstance(part, Bound) and not part.topic.reading:
                ruled_out.append((part.contrary, moment))
        return ways

    def look_back(self, held: Held, moment: int) -> list[Task]:
        """Add the moments that speak for a `for`, with what holds at them.

        Where one was kept up and another, no longer, was not, some moment within the first one's
        stretch speaks against the other.
        """
        if (held, moment) in self.held:
            return []
        others = [other for other, at in self.held if at == moment and other.kept != held.kept]
        self.held.append((held, moment))
        clashing = [other.inner for other in others if _clash(held, other)]
        tasks: list[Task] = []
        for seen in [[held.inner, inner] for inner in clashing] or [[held.inner]]:
            tasks.extend((inner, len(self.seen_from)) for inner in seen)
            self.seen_from.append(moment)
        return tasks

    def example(self, tree: Expr) -> Witness:
        """Pick a value for all that a guard names at the last tick, and that matters."""
        kept = {held.node: held.kept for held, moment in self.held if moment == LAST}
        example: dict[Quantity | Flag | For, float | bool] = {}
        for node in walk(tree):
            if isinstance(node, For) and node in kept:
                example[node] = kept[node]
            elif isinstance(node, Flag | Compare):
                subject = node if isinstance(node, Flag) else node.quantity
                topic = topic_of(subject)
                settled = {(LAST, topic.key), (LAST, topic.twin)} & self.spans.keys()
                if settled and subject not in example:
                    value = self._pick(topic)
                    example[subject] = value == 1 if isinstance(subject, Flag) else value
        return example

    def _pick(self, topic: Topic) -> float:
        """Settle on a plain value in a topic's span, so that what hangs on it follows."""
        value = simplest(*self._span(topic, LAST))
        self.narrow(Bound(topic, (value, 0), least=True), LAST)
        self.narrow(Bound(topic, (value, 0), least=False), LAST)
        return value

    # spans --------------------------------------------------------------------

    def verdict(self, bound: Bound, moment: int) -> bool | None:
        """Judge a bound by what is settled; None where that does not decide it."""
        topic, limit = bound.topic, bound.limit
        low, high = self._span(topic, moment if topic.changes else LAST)
        if (high < limit) if bound.least else (low > limit):
            return False
        surely = low >= limit if bound.least else high <= limit
        if not topic.reading:
            return surely or None
        at = (moment, topic.reading)
        return False if at in self.missing else (surely and at in self.known) or None

    def narrow(self, bound: Bound, moment: int) -> bool:
        """Keep a topic to one side of a limit; False where nothing is left."""
        topic = bound.topic
        if topic.reading:
            if (moment, topic.reading) in self.missing:
                return False
            self.known.add((moment, topic.reading))
        if not topic.changes:
            moment = LAST
        low, high = self._span(topic, moment)
        limit = self._stepped(bound)
        if bound.least:
            low = max(low, limit)
        else:
            high = min(high, limit)
        self.spans[moment, topic.key] = low, high
        if low > high:
            return False
        if topic.twin:
            self._agree(topic, moment)
        return not isinstance(topic.subject, Elapsed) or self._in_order(topic)

    def _stepped(self, bound: Bound) -> Limit:
        """Return the limit at a whole number that the topic may be, where those have gaps."""
        steps = self.domain.range(bound.topic).steps
        if not steps:
            return bound.limit
        if bound.least:
            index = bisect_left(steps, bound.limit[0])
            return (steps[index], 0) if index < len(steps) else NOTHING[0]
        index = bisect_right(steps, bound.limit[0])
        return (steps[index - 1], 0) if index else NOTHING[1]

    def _span(self, topic: Topic, moment: int) -> Span:
        """Return what a topic may be at a moment."""
        span = self.spans.get((moment, topic.key))
        if span is not None:
            return span
        span = self.domain.range(topic).span
        if topic.twin and (moment, topic.twin) in self.spans:
            span = common(span, signed(self.spans[moment, topic.twin]))
        return span

    def _agree(self, topic: Topic, moment: int) -> None:
        """Give the twin the same sign, which it can have: this one was kept to the twin's."""
        beside = self.spans.get((moment, topic.twin))
        if beside is not None:
            self.spans[moment, topic.twin] = common(beside, signed(self.spans[moment, topic.key]))

    def _in_order(self, elapsed: Topic) -> bool:
        """Keep film time in order: a moment that is looked back at is no later."""
        seen_from = self.seen_from
        times = [list(self._span(elapsed, moment)) for moment in range(len(seen_from))]
        for moment in range(len(times) - 1, 0, -1):
            later = times[seen_from[moment]]
            later[0] = max(later[0], times[moment][0])
        for moment in range(1, len(times)):
            times[moment][1] = min(times[moment][1], times[seen_from[moment]][1])
        for moment, (low, high) in enumerate(times):
            self.spans[moment, elapsed.key] = low, high
        return all(low <= high for low, high in times)


def _clash(one: Held, other: Held) -> bool:
    kept, broken = (one, other) if one.kept else (other, one)
    return broken.node.duration_s <= kept.node.duration_s
