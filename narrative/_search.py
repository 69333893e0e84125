"""The search for a world in which goals hold.

Goals narrow the interval of each quantity at each moment; where alternatives stay open, one is
tried after another (Davis, Logemann and Loveland 1962, doi:10.1145/368273.368557). The work is
bounded.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from narrative._domain import Domain
from narrative._goals import Bound, Either, Every, Goal, Held, Missing
from narrative._world import LAST, Task, World

__all__ = ["TooHardError", "find"]

_BUDGET: Final = 50_000  # goals and alternatives looked at; some 50 ms
_ANY: Final = -1  # no moment in particular: nothing is known of its readings


class TooHardError(Exception):
    """The budget is spent."""


def find(goals: Iterable[Goal], domain: Domain) -> World | None:
    """Find a world in which all goals hold at the window's last tick.

    Parameters
    ----------
    goals : iterable of Goal
    domain : Domain
        What their quantities may be.

    Returns
    -------
    World or None
        None where there is none.

    Raises
    ------
    TooHardError
        Where that takes more work than is allowed.
    """
    return _Search().first(World(domain), [(goal, LAST) for goal in goals])


class _Search:
    """How much work one question may still take."""

    def __init__(self) -> None:
        self._left = _BUDGET

    def first(self, world: World, tasks: list[Task]) -> World | None:
        """Go on from a world to the first in which all goals hold."""
        stack: list[tuple[World, list[Task]]] = []
        while True:
            if self._settle(world, tasks):
                if not world.open:
                    return world
                stack.extend((world, way) for way in reversed(world.ways()))
            if not stack:
                return None
            before, tasks = stack.pop()
            world = before.copy()

    def _settle(self, world: World, tasks: list[Task]) -> bool:
        """Make goals hold, and all that follows from them; False where they cannot."""
        while tasks:
            while tasks:
                if not _take(world, *tasks.pop(), tasks):
                    return False
            if world.open:
                forced = self._forced(world)
                if forced is None:
                    return False
                tasks = forced
        return True

    def _forced(self, world: World) -> list[Task] | None:
        """Go through the open alternatives: what is left alone must hold; None if nothing is left.

        Those that came true are closed.
        """
        forced: list[Task] = []
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
            raise TooHardError
        return forced

    def _left_of(self, world: World, parts: Sequence[Goal], moment: int) -> list[Goal] | None:
        """Return the alternatives that may hold; None where one does already."""
        left: list[Goal] = []
        for part in parts:
            verdict = self._verdict(world, part, moment)
            if verdict:
                return None
            if verdict is None:
                left.append(part)
        return left

    def _verdict(self, world: World, goal: Goal, moment: int) -> bool | None:
        """Judge a goal by what is settled; None where that does not decide it."""
        self._left -= 1
        if isinstance(goal, Bound):
            return world.verdict(goal, moment)
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


def _take(world: World, goal: Goal, moment: int, tasks: list[Task]) -> bool:
    """Make one goal hold; what it consists of becomes tasks."""
    if isinstance(goal, Bound):
        return world.narrow(goal, moment)
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
