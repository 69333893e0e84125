"""Which guards can come true: a search over all that their quantities may be.

The world is closed: a film's variables and visits have the values its own sets and cuts give
them, time passes, readings are any numbers. At the end of a reading window a guard looks at the
last tick, and through each `for` at moments before it. Flags, counts and visits are the same at
all these moments, the readings of each moment are its own, and a value and its t have the same
sign. Beyond that readings are free: "can come true" means that nothing in the film speaks
against it, "cannot" is certain.

What is asked becomes goals (`narrative._goals`). They narrow the interval of each quantity at each
moment; where alternatives stay open, one is tried after another (Davis, Logemann and Loveland
1962, doi:10.1145/368273.368557). The work is bounded: what is too hard is answered with None.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from math import inf
from typing import Final, NamedTuple, TypeAlias

from narrative._film import Film, Scene
from narrative._goals import (
    Bound,
    Either,
    Every,
    Goal,
    Held,
    Limit,
    Missing,
    Subject,
    Topic,
    goal_of,
    topic_of,
)
from narrative._guard import (
    Compare,
    Count,
    Elapsed,
    Expr,
    Flag,
    For,
    Quantity,
    SignalValue,
    Visits,
    format_guard,
    format_number,
    walk,
)

__all__ = [
    "Domain",
    "Witness",
    "always",
    "implied",
    "in_words",
    "overlap",
    "satisfiable",
    "shadowed",
    "witness",
]

Witness: TypeAlias = Mapping[Quantity | Flag | For, float | bool]
"""An example of what makes a guard true: numbers, flags, and which `for`s were kept up."""

_Span: TypeAlias = tuple[Limit, Limit]
_Task: TypeAlias = tuple[Goal, int]  # a goal, and the moment at which it shall hold

_BUDGET: Final = 50_000  # goals and alternatives looked at; some 50 ms
_LAST: Final = 0  # the window's last tick
_ANY: Final = -1  # no moment in particular: nothing is known of its readings
_WHOLE: Final = range(10**10)  # numbers in guards are below 1e9
_FLAG: Final = range(2)
_FREE: Final[_Span] = ((-inf, 0), (inf, 0))
_NOTHING: Final[_Span] = ((inf, 0), (-inf, 0))
_ZERO: Final[Limit] = (0.0, 0)


class Range(NamedTuple):
    """What a quantity may be: between two limits; of whole numbers with gaps, one of these."""

    span: _Span
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
        return Range(_NOTHING)
    span = (rising[0], 0), (rising[-1], 0)
    return Range(span, rising if rising[-1] - rising[0] >= len(rising) else ())


# what can be asked ----------------------------------------------------------------


def satisfiable(tree: Expr, domain: Domain) -> bool | None:
    """Tell whether a guard can come true.

    Parameters
    ----------
    tree : Expr
        The guard.
    domain : Domain
        What its quantities may be.

    Returns
    -------
    bool or None
        None where the question is too hard; so with all the questions here.
    """
    return _possible(domain, goal_of(tree, "true"))


def overlap(one: Expr, other: Expr, domain: Domain) -> bool | None:
    """Tell whether two guards can be true at once."""
    return _possible(domain, goal_of(one, "true"), goal_of(other, "true"))


def always(tree: Expr, domain: Domain) -> bool | None:
    """Tell whether a guard is true whatever its readings are, as long as they are known."""
    return _never(domain, goal_of(tree, "false"))


def implied(tree: Expr, by: Expr, domain: Domain) -> bool | None:
    """Tell whether a guard is true whenever another is, whatever else is unknown."""
    return _never(domain, goal_of(by, "true"), goal_of(tree, "not true"))


def shadowed(trees: Sequence[Expr], index: int, domain: Domain) -> bool | None:
    """Tell whether one of several guards is true only where one before it is.

    Parameters
    ----------
    trees : sequence of Expr
        Guards in the order in which they are tried.
    index : int
        Number of the guard that is asked about. One that can never be true is shadowed too.
    domain : Domain
        What their quantities may be.

    Returns
    -------
    bool or None
        Whether those before it cover it, together or one of them alone.
    """
    earlier = (goal_of(tree, "not true") for tree in trees[:index])
    return _never(domain, goal_of(trees[index], "true"), *earlier)


def witness(tree: Expr, domain: Domain) -> Witness | None:
    """Give an example of what makes a guard true.

    Parameters
    ----------
    tree : Expr
        The guard.
    domain : Domain
        What its quantities may be.

    Returns
    -------
    Witness or None
        Value of each quantity and flag that matters at the window's last tick, and of each `for`
        whether it was kept up, in the order of the text; None where the guard cannot come true, or
        the question is too hard.
    """
    search = _Search(domain)
    try:
        world = search.first([(goal_of(tree, "true"), _LAST)])
    except _TooHardError:
        return None
    return None if world is None else search.example(world, tree)


def in_words(example: Witness) -> str:
    """Write a witness as `met_anna, not rain, courage = 2`."""
    return ", ".join(_fact(subject, value) for subject, value in example.items())


def _fact(subject: Quantity | Flag | For, value: float | bool) -> str:
    match subject:
        case Flag(name):
            return name if value else f"not {name}"
        case For():
            return format_guard(subject) if value else f"not ({format_guard(subject)})"
        case _:
            unit = " s" if isinstance(subject, Elapsed) else ""
            return f"{subject} = {format_number(value)}{unit}"


def _possible(domain: Domain, *goals: Goal) -> bool | None:
    try:
        return _Search(domain).first([(goal, _LAST) for goal in goals]) is not None
    except _TooHardError:
        return None


def _never(domain: Domain, *goals: Goal) -> bool | None:
    found = _possible(domain, *goals)
    return None if found is None else not found


# the search -----------------------------------------------------------------------


class _TooHardError(Exception):
    """The budget is spent."""


@dataclass(slots=True)
class _World:
    """What is settled on one way through the alternatives.

    Parameters
    ----------
    spans : dict of (moment, key) to span
        What a topic may still be; what does not change within a scene stands at the last tick.
    known, missing : set of (moment, reading)
    held : list of (Held, moment)
    seen_from : list of int
        For each moment the one that looks back at it.
    open : list of (alternatives, moment)
    """

    spans: dict[tuple[int, str], _Span]
    known: set[tuple[int, str]]
    missing: set[tuple[int, str]]
    held: list[tuple[Held, int]]
    seen_from: list[int]
    open: list[tuple[Sequence[Goal], int]]

    def copy(self) -> _World:
        """Give another to go on with; what the lists hold never changes."""
        return _World(
            self.spans.copy(),
            self.known.copy(),
            self.missing.copy(),
            self.held.copy(),
            self.seen_from.copy(),
            self.open.copy(),
        )

    def ways(self) -> list[list[_Task]]:
        """Take out the shortest open alternatives: for each, the tasks of going on with it."""
        index = min(range(len(self.open)), key=lambda i: len(self.open[i][0]))
        parts, moment = self.open.pop(index)
        ways: list[list[_Task]] = []
        ruled_out: list[_Task] = []
        for part in parts:
            ways.append([*ruled_out, (part, moment)])
            if isinstance(part, Bound) and not part.topic.reading:
                ruled_out.append((part.contrary, moment))
        return ways

    def look_back(self, held: Held, moment: int) -> list[_Task]:
        """Add the moments that speak for a `for`, with what holds at them.

        Where one was kept up and another, no longer, was not, some moment within the first one's
        stretch speaks against the other.
        """
        if (held, moment) in self.held:
            return []
        others = [other for other, at in self.held if at == moment and other.kept != held.kept]
        self.held.append((held, moment))
        clashing = [other.inner for other in others if _clash(held, other)]
        tasks: list[_Task] = []
        for seen in [[held.inner, inner] for inner in clashing] or [[held.inner]]:
            tasks.extend((inner, len(self.seen_from)) for inner in seen)
            self.seen_from.append(moment)
        return tasks


def _clash(one: Held, other: Held) -> bool:
    kept, broken = (one, other) if one.kept else (other, one)
    return broken.node.duration_s <= kept.node.duration_s


class _Search:
    """One question, and how much work it may still take."""

    def __init__(self, domain: Domain) -> None:
        self._domain = domain
        self._left = _BUDGET

    def first(self, tasks: list[_Task]) -> _World | None:
        """Find a world in which all goals hold; None where there is none."""
        world = _World({}, set(), set(), [], [_LAST], [])
        stack: list[tuple[_World, list[_Task]]] = []
        while True:
            if self._settle(world, tasks):
                if not world.open:
                    return world
                stack.extend((world, way) for way in reversed(world.ways()))
            if not stack:
                return None
            before, tasks = stack.pop()
            world = before.copy()

    def example(self, world: _World, tree: Expr) -> Witness:
        """Pick a value for all that a guard names at the last tick, and that matters."""
        kept = {held.node: held.kept for held, moment in world.held if moment == _LAST}
        example: dict[Quantity | Flag | For, float | bool] = {}
        for node in walk(tree):
            if isinstance(node, For) and node in kept:
                example[node] = kept[node]
            elif isinstance(node, Flag | Compare):
                subject = node if isinstance(node, Flag) else node.quantity
                topic = topic_of(subject)
                settled = {(_LAST, topic.key), (_LAST, topic.twin)} & world.spans.keys()
                if settled and subject not in example:
                    value = self._pick(world, topic)
                    example[subject] = value == 1 if isinstance(subject, Flag) else value
        return example

    def _pick(self, world: _World, topic: Topic) -> float:
        """Settle on a plain value in a topic's span, so that what hangs on it follows."""
        value = _plain(*self._span(world, topic, _LAST))
        self._narrow(world, _LAST, Bound(topic, (value, 0), least=True))
        self._narrow(world, _LAST, Bound(topic, (value, 0), least=False))
        return value

    # goals --------------------------------------------------------------------

    def _settle(self, world: _World, tasks: list[_Task]) -> bool:
        """Make goals hold, and all that follows from them; False where they cannot."""
        while tasks:
            while tasks:
                if not self._take(world, *tasks.pop(), tasks):
                    return False
            if world.open:
                forced = self._forced(world)
                if forced is None:
                    return False
                tasks = forced
        return True

    def _take(self, world: _World, goal: Goal, moment: int, tasks: list[_Task]) -> bool:
        """Make one goal hold; what it consists of becomes tasks."""
        if isinstance(goal, Bound):
            return self._narrow(world, moment, goal)
        if isinstance(goal, Every):
            tasks.extend([(part, moment) for part in goal.parts])
        elif isinstance(goal, Either):
            world.open.append((goal.parts, moment))
        elif isinstance(goal, Missing):
            world.missing.add((moment, goal.reading))
            return (moment, goal.reading) not in world.known
        else:
            tasks.extend(world.look_back(goal, moment))
        return True

    def _forced(self, world: _World) -> list[_Task] | None:
        """Go through the open alternatives: what is left alone must hold; None if nothing is left.

        Those that came true are closed.
        """
        forced: list[_Task] = []
        still: list[tuple[Sequence[Goal], int]] = []
        for parts, moment in world.open:
            left = self._left_of(world, parts, moment)
            if left is None:
                continue
            if not left:
                return None
            if len(left) == 1:
                forced.append((left[0], moment))
            else:
                still.append((left, moment))
        world.open = still
        if self._left < 0:
            raise _TooHardError
        return forced

    def _left_of(self, world: _World, parts: Sequence[Goal], moment: int) -> list[Goal] | None:
        """Return the alternatives that may hold; None where one does already."""
        left: list[Goal] = []
        for part in parts:
            verdict = self._verdict(world, part, moment)
            if verdict:
                return None
            if verdict is None:
                left.append(part)
        return left

    def _verdict(self, world: _World, goal: Goal, moment: int) -> bool | None:
        """Judge a goal by what is settled; None where that does not decide it."""
        self._left -= 1
        if isinstance(goal, Bound):
            return self._bounded(world, goal, moment)
        if isinstance(goal, Missing):
            at = (moment, goal.reading)
            return True if at in world.missing else False if at in world.known else None
        if isinstance(goal, Held):
            return self._verdict(world, goal.inner, _ANY)
        decides = isinstance(goal, Either)
        verdict: bool | None = not decides
        for part in goal.parts:
            found = self._verdict(world, part, moment)
            if found is decides:
                return decides
            if found is None:
                verdict = None
        return verdict

    def _bounded(self, world: _World, bound: Bound, moment: int) -> bool | None:
        topic, limit = bound.topic, bound.limit
        low, high = self._span(world, topic, moment if topic.changes else _LAST)
        if (high < limit) if bound.least else (low > limit):
            return False
        surely = low >= limit if bound.least else high <= limit
        if not topic.reading:
            return surely or None
        at = (moment, topic.reading)
        return False if at in world.missing else (surely and at in world.known) or None

    # spans --------------------------------------------------------------------

    def _narrow(self, world: _World, moment: int, bound: Bound) -> bool:
        """Keep a topic to one side of a limit; False where nothing is left."""
        topic = bound.topic
        if topic.reading:
            if (moment, topic.reading) in world.missing:
                return False
            world.known.add((moment, topic.reading))
        if not topic.changes:
            moment = _LAST
        low, high = self._span(world, topic, moment)
        limit = self._stepped(bound)
        if bound.least:
            low = max(low, limit)
        else:
            high = min(high, limit)
        world.spans[moment, topic.key] = low, high
        if low > high:
            return False
        if topic.twin:
            _agree(world, topic, moment)
        return not isinstance(topic.subject, Elapsed) or self._in_order(world, topic)

    def _stepped(self, bound: Bound) -> Limit:
        """Return the limit at a whole number that the topic may be, where those have gaps."""
        steps = self._domain.range(bound.topic).steps
        if not steps:
            return bound.limit
        if bound.least:
            index = bisect_left(steps, bound.limit[0])
            return (steps[index], 0) if index < len(steps) else _NOTHING[0]
        index = bisect_right(steps, bound.limit[0])
        return (steps[index - 1], 0) if index else _NOTHING[1]

    def _span(self, world: _World, topic: Topic, moment: int) -> _Span:
        """Return what a topic may be at a moment."""
        span = world.spans.get((moment, topic.key))
        if span is not None:
            return span
        span = self._domain.range(topic).span
        if topic.twin and (moment, topic.twin) in world.spans:
            span = _met(span, _sign(world.spans[moment, topic.twin]))
        return span

    def _in_order(self, world: _World, elapsed: Topic) -> bool:
        """Keep film time in order: a moment that is looked back at is no later."""
        seen_from = world.seen_from
        times = [list(self._span(world, elapsed, moment)) for moment in range(len(seen_from))]
        for moment in range(len(times) - 1, 0, -1):
            later = times[seen_from[moment]]
            later[0] = max(later[0], times[moment][0])
        for moment in range(1, len(times)):
            times[moment][1] = min(times[moment][1], times[seen_from[moment]][1])
        for moment, (low, high) in enumerate(times):
            world.spans[moment, elapsed.key] = low, high
        return all(low <= high for low, high in times)


def _agree(world: _World, topic: Topic, moment: int) -> None:
    """Give the twin the same sign, which it can have: this one was kept to the twin's."""
    beside = world.spans.get((moment, topic.twin))
    if beside is not None:
        span = _met(beside, _sign(world.spans[moment, topic.key]))
        world.spans[moment, topic.twin] = span


def _sign(span: _Span) -> _Span:
    """Return the numbers that have a sign which the span has."""
    low, high = span
    return (
        (0.0, 1) if low > _ZERO else low if low == _ZERO else _FREE[0],
        (0.0, -1) if high < _ZERO else high if high == _ZERO else _FREE[1],
    )


def _met(one: _Span, other: _Span) -> _Span:
    return max(one[0], other[0]), min(one[1], other[1])


def _plain(low: Limit, high: Limit) -> float:
    """Return a number between two limits, a limit itself where it may be."""
    for number, beyond in (low, high):
        if beyond == 0 and abs(number) < inf:
            return number
    if low[0] == -inf:
        return 0.0 if high[0] == inf else high[0] - 1
    return low[0] + 1 if high[0] == inf else (low[0] + high[0]) / 2
