"""What a film may remember where: possible values of its variables and visits, scene by scene.

Values are followed from the start along every way that its guard leaves open, joined where ways
meet, until nothing new comes: the collecting semantics, each variable by itself (Cousot and Cousot
1977, doi:10.1145/512950.512973). What is said to be impossible is so; what is said to be possible
may need a coincidence that never comes, since variables are not followed together.

It is the audience's film that is followed. A default behind a guard that is always met is taken by
an operator, or after `max_runtime`, all the same: what is reached only so is called late.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from narrative._domain import Domain
from narrative._film import Film
from narrative._memory import Asked, Field, Fields
from narrative._satisfy import satisfiable

__all__ = ["Flow", "flow_of"]

_PATIENCE: Final = 64
"""Changes of one scene's values after which whatever still grows may have any value."""


@dataclass(frozen=True, slots=True)
class Flow:
    """What is possible in each scene of a film.

    Parameters
    ----------
    ways : frozenset of (str, int or None)
        Scene and number of the branch (None: the default) that an audience can take.
    domains : Mapping of str to Domain
        For each scene that an audience can come into, what quantities may be there.
    late : frozenset of str
        Scenes that no audience comes into, but an operator, or a default after `max_runtime`.
    """

    ways: frozenset[tuple[str, int | None]]
    domains: Mapping[str, Domain]
    late: frozenset[str]


def flow_of(film: Film, entered_s: Mapping[str, float] | None = None) -> Flow:
    """Follow a film's variables through all its scenes.

    Parameters
    ----------
    film : Film
        From `load_film`.
    entered_s : Mapping of str to float, optional
        Shortest film time, in seconds, at which each scene can be entered
        (`RunningTime.reached_s`); without it, at once.

    Returns
    -------
    Flow
        Possible values in each scene, and the ways that are open.
    """
    walk = _Walk(film, entered_s or {})
    walk.go()
    return Flow(frozenset(walk.ways), walk.domains(), _late(film, walk.states))


class _Walk:
    """The states found so far, and the scenes whose ways on have to be looked at again."""

    def __init__(self, film: Film, entered_s: Mapping[str, float]) -> None:
        self._film, self._entered_s = film, entered_s
        self._fields = Fields(film)
        self._asked = {
            name: tuple(self._fields.ask(branch.when.tree) for branch in scene.branches)
            for name, scene in film.scenes.items()
        }
        self.states: dict[str, int] = {}
        self.ways: set[tuple[str, int | None]] = set()
        self._changes = dict.fromkeys(film.scenes, 0)
        self._known: dict[tuple[str, int, int], bool] = {}
        self._waiting: deque[str] = deque()
        self._queued: set[str] = set()

    def go(self) -> None:
        """Follow everything from the start until nothing changes."""
        self._enter(self._film.start, self._fields.start)
        while self._waiting:
            name = self._waiting.popleft()
            self._queued.remove(name)
            self._leave(name)

    def domains(self) -> dict[str, Domain]:
        """What quantities may be, in each scene that was reached."""
        fields = tuple(self._fields.variables.values()), tuple(self._fields.visits.values())
        return {name: self._domain(name, *fields) for name in self.states}

    def _leave(self, name: str) -> None:
        """Take every way out of a scene that its present state leaves open."""
        scene, state = self._film.scenes[name], self.states[name]
        for index, (branch, asked) in enumerate(
            zip(scene.branches, self._asked[name], strict=True)
        ):
            taken = state & asked.holds
            if self._possible(name, index, asked, taken):
                self.ways.add((name, index))
                self._enter(branch.to, self._fields.applied(taken, branch.sets))
            state &= asked.fails
            if asked.empty(state):
                return  # It is always met: what stands behind it is never tried.
        if scene.default is not None:
            self.ways.add((name, None))
            self._enter(scene.default, state)

    def _possible(self, name: str, index: int, asked: Asked, state: int) -> bool:
        if asked.empty(state) or asked.exact:
            return not asked.empty(state)
        key = name, index, state & asked.reads
        if key not in self._known:
            domain = self._domain(name, asked.variables, asked.visits, state)
            tree = self._film.scenes[name].branches[index].when.tree
            self._known[key] = satisfiable(tree, domain) is not False
        return self._known[key]

    def _domain(
        self,
        name: str,
        variables: tuple[Field, ...],
        visits: tuple[Field, ...],
        state: int | None = None,
    ) -> Domain:
        """Narrow what quantities may be in a scene to what its state holds of some fields."""
        scene = self._film.scenes[name]
        state = self.states[name] if state is None else state
        opens_s = self._entered_s.get(name, 0.0) + (scene.reading.from_s if scene.reading else 0.0)
        latest_s = self._film.max_runtime_s
        return Domain.of(self._film, scene).narrowed(
            variables={field.name: field.values(state) for field in variables},
            visits={field.name: field.values(state) for field in visits},
            elapsed_s=(min(max(opens_s, 0.0), latest_s), latest_s),
        )

    def _enter(self, name: str, state: int) -> None:
        """Join what comes into a scene with what is known of it."""
        state = self._fields.entered(state, self._film.scenes[name])
        before = self.states.get(name)
        if before is not None:
            state |= before
            if state == before:
                return
            self._changes[name] += 1
            if self._changes[name] > _PATIENCE:
                state = self._fields.widened(before, state)
        self.states[name] = state
        if name not in self._queued:
            self._queued.add(name)
            self._waiting.append(name)


def _late(film: Film, reached: Mapping[str, int]) -> frozenset[str]:
    """Follow the defaults that no audience takes."""
    late: set[str] = set()
    for name in reached:
        default = film.scenes[name].default
        while default is not None and default not in reached and default not in late:
            late.add(default)
            default = film.scenes[default].default
    return frozenset(late)
